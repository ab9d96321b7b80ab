"""What a lesson's cells show: a figure with words for those who can't see it, and a line that keeps a secret."""

from __future__ import annotations

from io import BytesIO


def show(figure, words: str):
    """Show a matplotlib figure in a notebook, with a description as alternative text and below it.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        It is closed afterwards, so that it isn't shown a second time.
    words : str
        What the picture says.

    Returns
    -------
    IPython.display.Markdown
        The description, to be the value of the cell.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> show(Figure(), "An empty picture.").data  # doctest: +ELLIPSIS
    <IPython.core.display.Image object>
    '*An empty picture.*'
    """
    import matplotlib.pyplot as plt
    from IPython.display import Image, Markdown, display

    drawn = BytesIO()
    figure.savefig(drawn, dpi=96)
    plt.close(figure)
    display(Image(drawn.getvalue(), alt=words))
    return Markdown(f"*{words}*")


FOLDED = "What came out:"
"""First line of an output that must not be read before a guess is made."""


def folded() -> None:
    """Begin a cell whose output is stored folded: JupyterLab shows the first line of what it folds, so it is this one.

    Examples
    --------
    >>> folded()
    What came out:
    """
    print(FOLDED)
