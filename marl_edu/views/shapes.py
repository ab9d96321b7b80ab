"""Shapes that move cheaply: outlines kept as paths, for a text costs ten times as much to paint.

Legend of axes: T steps, N agents.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_rgb
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from matplotlib.transforms import IdentityTransform

from marl_edu.games.colours import agent_colour

LINE = 10.5
"""Font size of a heading, in points."""

FAINTEST = 0.15
"""Opacity to which a trail fades."""


def in_data(ax, paths, **looks) -> PathCollection:
    """Shapes in data units."""
    return ax.add_collection(PathCollection(paths, **looks), autolim=False)


def afloat(ax, paths, size: float, colours, edge: float = 0.0) -> PathCollection:
    """Shapes ``size`` points large at places in data units; they may stick out of the axes."""
    marks = PathCollection(paths, sizes=[size**2], facecolors=colours, edgecolors="white", linewidths=edge)
    marks.set_transform(IdentityTransform())
    marks.set_offset_transform(ax.transData)
    marks.set_clip_on(False)
    return ax.add_collection(marks, autolim=False)


def heading(ax) -> PathCollection:
    """A title above axes that may change from step to step; ``write`` says what it says. The axes' own gets blank."""
    ax.set_title(" ", fontsize=LINE)
    words = afloat(ax, [], 1.0, ["black"])
    words.set_offset_transform(ax.transAxes)
    words.set_offsets([(0.5, 1.0)])
    words.set_linewidth(0)
    return words


def write(words: PathCollection, text: str, colour="black") -> None:
    """Have a ``heading`` say something in a colour."""
    outline = lettering(text, 0.729 * LINE, "normal")
    words.set_paths([Path(outline.vertices + np.array([0, 10]), outline.codes)])
    words.set_facecolor(colour)


def square(row: float, column: float, half: float = 0.5) -> Path:
    """The cell of a table or grid around a place."""
    return Path(np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]) * half + (column, row), closed=True)


def arrow(start: np.ndarray, end: np.ndarray, half: float, head: float, wing: float) -> Path:
    """A filled arrow between two places: half as wide as its shaft, length of its head, half as wide as that."""
    length = np.hypot(*(end - start))
    along = (end - start) / length
    aside, neck = np.array([-along[1], along[0]]), end - min(head, length) * along
    corners = [start + half * aside, neck + half * aside, neck + wing * aside, end,
               neck - wing * aside, neck - half * aside, start - half * aside, start + half * aside]  # fmt: skip
    return Path(np.array(corners), closed=True)


def fade(lines: LineCollection, places: np.ndarray, strength: float) -> None:
    """Show the way of each agent, (T + 1, N, 2), in its colour, the older the paler; ``strength`` is the newest's."""
    pieces = np.stack([places[:-1], places[1:]], axis=2)  # (T, N, 2 ends, 2)
    fresh = np.linspace(1, 0, len(pieces), endpoint=False)[::-1]
    rgba = np.ones((*pieces.shape[:2], 4))
    rgba[..., :3] = [to_rgb(agent_colour(i)) for i in range(places.shape[1])]
    rgba[..., 3] = FAINTEST + (strength - FAINTEST) * fresh[:, np.newaxis]
    lines.set_segments(pieces.reshape(-1, 2, 2))
    lines.set_color(rgba.reshape(-1, 4))


def number_in(row: float, column: float, height: float, number: int) -> Path:
    """A number at a place in a table or grid; rows count downwards there, so it is turned over."""
    outline = glyphs(str(number), height)
    return Path(outline.vertices * (1, -1) + (column, row), outline.codes)


@lru_cache(maxsize=4096)
def glyphs(text: str, height: float = 1.0, weight: str = "bold") -> Path:
    """The outline of a short text, centred on the origin, as a path. It is shared: not to be changed.

    Parameters
    ----------
    text : str
        One line.
    height : float
        Height of a digit, in the units of whatever transform it is drawn with.
    weight : {'bold', 'normal'}
        Of the letters.
    """
    bottom, top = _digit(weight)
    vertices, codes, pen = [np.zeros((0, 2))], [np.zeros(0, dtype=Path.code_type)], 0.0
    for sign in text:
        outline, advance = _letter(sign, weight)
        vertices.append(outline.vertices + np.array([pen, 0]))
        codes.append(outline.codes)
        pen += advance
    middle = (pen / 2, (bottom + top) / 2)
    return Path((np.concatenate(vertices) - middle) * (height / (top - bottom)), np.concatenate(codes))


@lru_cache(maxsize=1024)
def lettering(text: str, height: float = 1.0, weight: str = "bold") -> Path:
    """As ``glyphs``, of straight lines: matplotlib takes a millisecond to find out how large a shape with curves is.

    It is shared: not to be changed. ``height`` should be that of the letters in points, for curves are cut up for that.
    """
    return glyphs(text, height, weight).cleaned(curves=False)


def width_of(text: str, size: float) -> float:
    """Width of a line of ordinary text of this font size, in points.

    >>> round(width_of("a", 10))
    6
    """
    return float(sum(_letter(sign, "normal")[1] for sign in text)) * size / 100


def shortened(text: str, size: float, room: float) -> str:
    """A line of text, cut so that it is at most ``room`` points wide (or one letter).

    >>> shortened("agent 1", 9.5, 100), shortened("a long name", 9.5, 40)
    ('agent 1', 'a long…')
    """
    if width_of(text, size) <= room:
        return text
    while len(text) > 1 and width_of(text + "\N{HORIZONTAL ELLIPSIS}", size) > room:
        text = text[:-1]
    return text + "\N{HORIZONTAL ELLIPSIS}"


@lru_cache(maxsize=2)
def _digit(weight: str) -> tuple[float, float]:
    """Bottom and top of a digit."""
    box = _letter("0", weight)[0].get_extents()
    return box.y0, box.y1


@lru_cache(maxsize=256)
def _letter(sign: str, weight: str) -> tuple[Path, float]:
    """The outline of one letter and how far it moves the pen."""
    font = FontProperties(family="DejaVu Sans", weight=weight)
    blank = sign.isspace() or not sign.isprintable()
    sign = " " if blank else sign
    right = [TextPath((0, 0), around, size=100, prop=font).get_extents().x1 for around in (f"0{sign}0", "00")]
    if blank:
        return Path(np.zeros((0, 2)), np.zeros(0, dtype=Path.code_type)), right[0] - right[1]
    outline = TextPath((0, 0), sign, size=100, prop=font)
    codes = np.zeros(0, dtype=Path.code_type) if outline.codes is None else outline.codes
    return Path(outline.vertices.reshape(-1, 2), codes), right[0] - right[1]
