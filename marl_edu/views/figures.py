"""Still pictures of one to three views side by side, in the sizes that lessons use. No window, no pyplot."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from marl_edu.games import checks
from marl_edu.recording import Recording
from marl_edu.views.base import View

DPI = 96
WIDTHS, HEIGHT = {1: 640, 2: 480, 3: 320}, 300
"""Width of each view where there are one, two or three, and the height, in pixels."""

LEFT, RIGHT, BOTTOM, TOP = 70, 16, 46, 28
"""Margins around the axes of each view, in pixels."""


def blank(n_views: int) -> Figure:
    """A figure with empty axes for one, two or three views.

    Raises
    ------
    ValueError
        If ``n_views`` is another number.

    Examples
    --------
    >>> [int(length) for length in blank(3).canvas.get_width_height()]
    [960, 300]
    """
    if n_views not in WIDTHS:
        raise ValueError(f"{n_views} views; expected one, two or three side by side")
    each = WIDTHS[n_views]
    width = each * n_views
    figure = Figure(figsize=(width / DPI, HEIGHT / DPI), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    for k in range(n_views):
        box = (k * each + LEFT, BOTTOM, each - LEFT - RIGHT, HEIGHT - BOTTOM - TOP)
        figure.add_axes([part / whole for part, whole in zip(box, (width, HEIGHT) * 2, strict=True)])
    return figure


def figure(views: View | Sequence[View], recording: Recording, t: int = -1) -> Figure:
    """Moment ``t`` of a recording, seen by one to three views.

    Parameters
    ----------
    views : View or sequence of View
        From left to right.
    recording : Recording
        What they all look at.
    t : int
        Position in the recording; negative positions count from the end.

    Returns
    -------
    matplotlib.figure.Figure
        Shown as a picture where it is the value of a notebook's cell; ``savefig`` writes it to a file.

    Raises
    ------
    ValueError
        If there are no views or more than three, or one can't show this recording.
    """
    views = [views] if isinstance(views, View) else views
    if checks.length(views) is None:
        raise ValueError(f"views is {checks.shown(views)}; expected a view, or a list of one to three")
    for k, view in enumerate(views):
        if not isinstance(view, View):
            raise ValueError(f"views[{k}] is {checks.shown(view)}; expected a view, such as LearningCurve()")
    drawn = blank(len(views))
    for ax, view in zip(drawn.axes, views, strict=True):
        view(ax, recording, t)
    return drawn
