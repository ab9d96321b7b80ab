"""One drawing in axes of any shape, with its legend beside it where there is room, else above it."""

from __future__ import annotations

import numpy as np
from matplotlib.legend import Legend
from matplotlib.legend_handler import HandlerTuple

from marl_edu.views.base import SMALL
from marl_edu.views.curve_frame import KEY, ROW, plain
from marl_edu.views.shapes import width_of

HANDLE = 1.9
"""Length of what stands before a label, in font sizes."""

GAP = 14
"""Points between a drawing and the legend beside it."""

OUTDENT = 16
"""Points by which the legend above begins before axes that have a label at their left."""

WIDEST = 1.7
"""Width over height up to which a drawing is stretched."""

AROUND = np.array([(0, 1), (0, -1), (1, 0), (-1, 0), *((x, y) for x in (0.7, -0.7) for y in (0.7, -0.7))])
"""Directions in which a label may stand from what it names."""


def in_points(ax) -> tuple[float, float]:
    """Width and height of axes, in points."""
    return tuple(getattr(ax.bbox, side) / ax.figure.dpi * 72 for side in ("width", "height"))


def beside(place, half, middle, taken, halves, room) -> np.ndarray:
    """Where the middle of a label is best put beside a mark: on nothing else, and away from the middle of the drawing.

    Parameters
    ----------
    place, half, middle : arrays (2,)
        Middle of the mark, half the size of the label, and the middle of the drawing, all in points.
    taken, halves : arrays (P, 2)
        Middles and half sizes of all boxes that should stay visible; the mark is one of them.
    room : (float, float, float, float)
        Low x, low y, high x and high y of where the label may be.

    Examples
    --------
    >>> mark, room = np.array([9, 0]), (0, -20, 90, 20)
    >>> beside(mark, np.array([5, 3]), np.zeros(2), mark[np.newaxis], np.full((1, 2), 4), room)
    array([22.,  0.])
    """
    away = (place - middle) / max(np.hypot(*(place - middle)), 1e-9)
    ways = np.vstack([away if away.any() else AROUND[:1], AROUND])
    gap = halves[(np.abs(taken - place) < 3).all(axis=1)].max() + 4
    centres = place + ways * (gap + (half / np.maximum(np.abs(ways), 1e-9)).min(axis=1))[:, np.newaxis]
    low, high = np.reshape(room, (2, 2))
    centres = np.minimum(np.maximum(centres, low + half), high - half)
    over = (np.abs(centres[:, np.newaxis] - taken) < half + halves).all(axis=-1).sum(axis=1)
    return centres[np.argmin(over - ways @ ways[0] / 10)]


class Placed:
    """Limits and legend of axes that hold one drawing; ``fit`` sets them anew whenever the axes have another size.

    Parameters
    ----------
    ax : Axes
    margins : (float, float, float, float)
        Points to keep free at the left, right, bottom and top of the drawing.
    entries : list of (artist or tuple of artists, str, str)
        The legend: what, its words where there is room, and its short words.
    stretched : bool
        Whether a unit across may be longer than one upwards.
    """

    def __init__(self, ax, margins, entries, stretched: bool = False):
        self.ax, self.margins, self.entries, self.stretched = ax, margins, entries, stretched
        self._known: tuple = ()
        self._size = (0.0, 0.0)
        self._key: Legend | None = None
        self.scale = (1.0, 1.0)
        """Points per unit, across and upwards."""

    def fit(self, box) -> bool:
        """Let a box (low x, low y, high x, high y) fill the room, if it or the axes have changed; return whether."""
        wide, high = in_points(self.ax)
        near = all(abs(now - was) <= 0.02 * was for now, was in zip((wide, high), self._size, strict=True))
        if near and tuple(box) == self._known:
            return False
        self._size, self._known = (wide, high), tuple(box)
        left, right, bottom, top = self.margins
        across, up = box[2] - box[0], box[3] - box[1]
        inner = (wide - left - right, high - bottom - top)
        shape = 1.0 if self.stretched else across / up
        beside, words, room = max(
            self._ways(*inner), key=lambda way: min(way[2][0] / shape, way[2][1])
        )  # first of best
        if self.stretched:
            drawn = (min(room[0], WIDEST * room[1]), room[1])
        else:
            size = min(room[0] / shape, room[1])
            drawn = (size * shape, size)
        self.scale = sx, sy = max(drawn[0] / across, 1e-9), max(drawn[1] / up, 1e-9)
        if not beside:  # in the middle
            left += (room[0] - drawn[0]) / 2
        self.ax.set_xlim(box[0] - left / sx, box[0] + (wide - left) / sx)
        self.ax.set_ylim(box[1] - bottom / sy, box[1] + (high - bottom) / sy)
        self.ax.xaxis.label.set_x((left + drawn[0] / 2) / wide)
        self.ax.yaxis.label.set_y((bottom + drawn[1] / 2) / high)
        self.ax.title.set_x((left + drawn[0] / 2) / wide if beside else 0.5)
        self._write(beside, (left + drawn[0] + right + GAP) / wide, wide, words)
        return True

    def _ways(self, wide: float, high: float) -> list[tuple[bool, list[str], tuple[float, float]]]:
        """Where the legend may stand: beside the drawing or not, its words, and the room that it leaves, in points."""
        long, short = ([entry[k] for entry in self.entries] for k in (1, 2))
        ways = []
        for words in (long, short):
            needed = max((width_of(word, SMALL) for word in words), default=0) + (HANDLE + 0.8) * SMALL
            ways.append((True, words, (max(wide - GAP - needed, 1.0), high)))
        half = -(-len(long) // 2)
        columns = sum(max((width_of(word, SMALL) for word in part), default=0) for part in (long[:half], long[half:]))
        fits = (
            columns + (2 * (HANDLE + 0.6) + KEY["columnspacing"]) * SMALL
            <= wide + sum(self.margins[:2]) + self._outdent()
        )
        return [*ways, (False, long if fits else short, (wide, max(high - half * ROW - 4, 1.0)))]

    def _outdent(self) -> float:
        return OUTDENT if self.ax.get_ylabel() else 0.0

    def _write(self, beside: bool, x: float, wide: float, words: list[str]) -> None:
        if self._key is not None:
            self._key.remove()
            self._key = None
        if not self.entries:
            return
        where = {"loc": "upper left", "bbox_to_anchor": (-self._outdent() / wide, 1)}
        if beside:
            where = {"loc": "center left", "bbox_to_anchor": (x, 0.55)}
        looks = KEY | ({"labelspacing": 0.7} if beside else {})
        self._key = Legend(self.ax, [handle for handle, _, _ in self.entries], words, ncols=1 if beside else 2,
                           handlelength=HANDLE, handler_map={tuple: HandlerTuple(ndivide=None, pad=0.2)},
                           **where, **looks)  # fmt: skip
        self.ax.add_artist(plain(self._key)).set_zorder(2.4)
