"""What stands still around a learning curve: reference levels, earlier runs, the legend, and limits that grow in steps.

All of it lies below ``zorder`` 3, and changes as rarely as it can, for then everything has to be painted again.
"""

from __future__ import annotations

import numpy as np
from matplotlib.legend import Legend
from matplotlib.lines import Line2D

from marl_edu.games.colours import INK
from marl_edu.views.bands import Bands
from marl_edu.views.base import REFERENCE_STYLES, SMALL, in_figures, step_up
from marl_edu.views.shapes import shortened

ROW = SMALL * 1.45
"""Height of a line of text, in points."""

GHOST_GREYS, GHOST_MARKERS = ("#8a8a8a", "#5f5f5f", "#a8a8a8"), "s^Dvxo"
GUESS, GUESS_DASHES, YOUR_GUESS = "#8e5bc4", (0, (2.6, 1.4)), "your guess"
"""Colour and dashes of what a student guessed, and the label by which it is known among the earlier runs."""

KEY = {"fontsize": SMALL, "frameon": False, "borderpad": 0, "borderaxespad": 0.15, "labelspacing": 0.2,
       "handletextpad": 0.4, "columnspacing": 1.2}  # fmt: skip
"""Looks of legends."""

HANDLE = 0.8
"""Length of the line before a label, in font sizes."""


def plain(key: Legend) -> Legend:
    """A legend whose labels are shown as they are written."""
    for text in key.get_texts():
        text.set_parse_math(False)
    return key


class CurveFrame:
    """The still part of one learning curve in some axes.

    Parameters
    ----------
    ax : Axes
    levels : dict of str to float
        Reference levels: each gets a line across; their names stand below all curves.
    key : list of (artist, str)
        First entries of the legend.
    note : str
        What stands where the names of the levels would be, if there are none.
    """

    def __init__(self, ax, levels: dict[str, float], key: list, note: str = ""):
        self.ax, self.levels, self.key = ax, levels, key
        self._low, self._high = np.inf, -np.inf
        self._top = self._right = self._height = 0.0
        self._shown: list = []
        self._lines: list[Line2D] = []
        self._ghosts: list[Bands] = []
        self._wide = self._points("width") > 330
        self._bottom = self._write_levels() if levels else self._write_note(note) if note else 4.0
        self._write_legend()

    def _points(self, side: str) -> float:
        """Width or height of the axes, in points."""
        return getattr(self.ax.bbox, side) / self.ax.figure.dpi * 72

    def _write_levels(self) -> float:
        """Draw the levels, and name them below all curves; return the height of that, in points."""
        ranked = sorted(self.levels.items(), key=lambda item: -item[1])
        lines = []
        for name, level in ranked:
            style = REFERENCE_STYLES.get(name, (0, (3, 2, 1, 2)))
            lines.append(self.ax.axhline(level, color=INK, linewidth=1.2, linestyle=style, zorder=2.1))
        names = [f"{name} {in_figures(level)}" for name, level in ranked]
        columns = 2 if self._wide else 1
        key = plain(Legend(self.ax, lines, names, loc="lower right", ncols=columns, handlelength=2.4, **KEY))
        self.ax.add_artist(key).set_zorder(2.4)
        return -(-len(ranked) // columns) * ROW + 4

    def _write_note(self, note: str) -> float:
        """Say something below all curves; return the height of that, in points."""
        self.ax.annotate(
            note, (1, 0), xycoords="axes fraction", xytext=(-3, 3), textcoords="offset points",
            ha="right", va="bottom", fontsize=SMALL, color=INK, parse_math=False,
        ).set_zorder(2.4)  # fmt: skip
        return ROW + 4

    @property
    def floor(self) -> float:
        """Where the names of the levels end, as a share of the height of the axes."""
        return min(self._bottom / self._points("height"), 0.25)

    @property
    def ceiling(self) -> float:
        """Where the legend begins, as a share of the height of the axes."""
        return 1 - self._top / self._points("height")

    def ghosts(self, runs: list[tuple[object, str, Bands]]) -> None:
        """Draw these earlier runs, unless they are there already."""
        if [known for known, _, _ in runs] == self._shown:
            return
        for line in self._lines:
            line.remove()
        self._shown = [known for known, _, _ in runs]
        self._ghosts = [bands for _, _, bands in runs]
        self._lines, named = [], []
        for rank, (_, label, bands) in enumerate(runs):
            for middle in bands.middle.T:
                looks = {"color": GHOST_GREYS[rank % 3], "linewidth": 1.1, "markersize": 3.5,
                         "marker": GHOST_MARKERS[rank % 6], "markevery": (0.04 + 0.03 * (rank % 6), 0.2)}  # fmt: skip
                if label == YOUR_GUESS:
                    looks = {"color": GUESS, "linewidth": 1.8, "linestyle": GUESS_DASHES, "alpha": 0.75}
                line = Line2D(bands.units, middle, zorder=2.2, **looks)
                self._lines.append(self.ax.add_line(line))
            named.append((line, label))
        self._low, self._high, self._right = np.inf, -np.inf, 0.0
        self._write_legend(named)

    def _write_legend(self, more=()) -> None:
        """The legend in the upper left corner; ``fit`` keeps that free of curves."""
        handles, labels = zip(*self.key, *more, strict=True)
        columns = 2 if self._wide and len(labels) > 2 else 1
        rows = -(-len(labels) // columns)
        aside = (
            HANDLE + KEY["handletextpad"] + 2 * KEY["borderaxespad"] + KEY["columnspacing"] * (columns - 1)
        ) * SMALL
        labels = [shortened(label, SMALL, self._points("width") / columns - aside) for label in labels]
        key = self.ax.legend(handles, labels, loc="upper left", ncols=columns, handlelength=HANDLE, **KEY)
        plain(key).set_zorder(2.4)
        self._top = rows * ROW + 2

    def fit(self, parts: list[Bands], expected_units: int) -> None:
        """Let the limits hold all numbers, with room for the words above and below; they grow, in steps."""
        low, high = (list(ends) for ends in zip(*(part.extent() for part in (*parts, *self._ghosts)), strict=True))
        low, high = min(*low, *self.levels.values()), max(*high, *self.levels.values())
        resized = abs(self._points("height") - self._height) > 0.03 * self._height
        if low < self._low or high > self._high or resized:
            self._grow(low, high)
        last = max(int(part.units[-1]) for part in (*parts, *self._ghosts))
        if last > self._right or expected_units > self._right or not self._right:
            self._right = float(expected_units) if expected_units >= max(last, 1) else step_up(max(last, 1))
            self.ax.set_xlim(-0.01 * self._right, 1.015 * self._right)

    def _grow(self, low: float, high: float) -> None:
        low, high = (value if np.isfinite(value) else 0.0 for value in (low, high))
        low, high = min(low, self._low), max(high, self._high)
        step = step_up(max(high - low, 0.05 * max(abs(low), abs(high)), 1e-9) / 12)
        self._low, self._high = min(low, np.floor(low / step) * step), max(high, np.ceil(high / step) * step)
        if self._low == self._high:
            self._low, self._high = self._low - step, self._high + step
        self._height = height = self._points("height")
        above, below = min(self._top + 3, 0.45 * height), min(self._bottom, 0.25 * height)
        point = (self._high - self._low) / (height - above - below)
        self.ax.set_ylim(self._low - below * point, self._high + above * point)
