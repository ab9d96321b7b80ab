"""The widget on which a curve is drawn or a marker placed: a picture of empty axes and the page's half of the work.

What is drawn lives in the page until it is committed; the same values are kept here, so that a page that was reloaded,
or a second view, shows them again.
"""

from __future__ import annotations

import base64
import io
from pathlib import Path

import anywidget
import traitlets
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from marl_edu.panels.engine import replace_in_cell

DPI = 96
WIDTH, CURVE_HEIGHT, MARKER_HEIGHT = 680, 310, 150
"""Size of the pictures, in pixels of a page at ordinary size."""

LEFT, RIGHT, TOP, BOTTOM = 76, 26, 42, 44
"""Room around the axes of a curve, in pixels."""

SIDE = 34
"""Room on both sides of the axis of a marker."""

SHARP = 2
"""How many times finer than the page a picture is made, for fine screens."""

KNOTS = 21
"""Points of a curve that the arrow keys choose from."""


def blank(marker: bool = False) -> Figure:
    """A figure with empty axes that stand at the same place in the guess and in what is revealed."""
    height = MARKER_HEIGHT if marker else CURVE_HEIGHT
    figure = Figure(figsize=(WIDTH / DPI, height / DPI), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    left, top, width, tall = box_of(marker)
    figure.add_axes((left / WIDTH, 1 - (top + tall) / height, width / WIDTH, tall / height))
    return figure


def box_of(marker: bool) -> tuple[int, int, int, int]:
    """Left, top, width and height of the axes, in pixels."""
    if marker:
        return SIDE, TOP, WIDTH - 2 * SIDE, MARKER_HEIGHT - TOP - BOTTOM
    return LEFT, TOP, WIDTH - LEFT - RIGHT, CURVE_HEIGHT - TOP - BOTTOM


def png(figure: Figure, sharp: int = 1) -> bytes:
    """The figure as a picture."""
    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=DPI * sharp, format="png", metadata={"Software": None})
    return drawn.getvalue()


def as_address(picture: bytes) -> str:
    """A picture as an address that holds all of it."""
    return f"data:image/png;base64,{base64.b64encode(picture).decode()}"


class Sketch(anywidget.AnyWidget):
    """Axes to draw on with mouse, pen, finger or keys, and the buttons commit, clear and guess again.

    Pressed buttons arrive as messages ``{"do": word, "values": list}``, so that what is committed is what was seen.
    """

    _esm = Path(__file__).parent / "sketch.js"
    _css = Path(__file__).parent / "sketch.css"

    mode = traitlets.Enum(("curve", "marker"), "curve").tag(sync=True)
    question = traitlets.Unicode("").tag(sync=True)
    picture = traitlets.Unicode("").tag(sync=True)
    alt = traitlets.Unicode("").tag(sync=True)
    geometry = traitlets.Dict().tag(sync=True)
    """width, height; box = [left, top, width, height] of the axes; x, y = {low, high, label, step, decimals}."""

    values = traitlets.List().tag(sync=True)
    """Heights at the grid's points, None where nothing is drawn; for a marker its place, or nothing."""

    committed = traitlets.Bool(False).tag(sync=True)
    says = traitlets.Unicode("").tag(sync=True)
    """A sentence below the buttons."""


def base64_of(picture: bytes) -> str:
    """A picture as text, for a notebook."""
    return base64.b64encode(picture).decode()


def widget_view(owner, box) -> dict:
    """The live part of what a cell shows; whatever the same cell showed before is closed."""
    replace_in_cell(owner)
    bundle = box._repr_mimebundle_() or {}
    return {key: value for key, value in bundle.items() if "widget" in key}
