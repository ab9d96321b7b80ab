"""A heading with words or code below it, as the output of a cell: Markdown where there is a front end, else text."""

from __future__ import annotations


class Words:
    """What ``hint()`` and ``solution()`` give.

    Parameters
    ----------
    head : str
        A few words.
    text : str
        Words, in Markdown.
    code : str
        Source text.

    Examples
    --------
    >>> Words("Hint 1 of 2", "Look at the end.")
    Hint 1 of 2. Look at the end.
    """

    def __init__(self, head: str, text: str = "", code: str = ""):
        self.head, self.text, self.code = head, text, code

    def __repr__(self) -> str:
        return f"{self.head}. {self.text}" if self.text else f"{self.head}:\n{self.code}"

    def _repr_markdown_(self) -> str:
        return f"**{self.head}.** {self.text}" if self.text else f"**{self.head}:**\n\n```python\n{self.code}\n```"
