"""What stands still around a curve on logarithmic axes: ticks, earlier runs, the legend, and limits that grow in steps.

All of it lies below ``zorder`` 3, and changes as rarely as it can, for then everything has to be painted again.

Legend of axes: P points, L lines.
"""

from __future__ import annotations

import numpy as np
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from marl_edu.games.colours import INK
from marl_edu.views.bands import Bands
from marl_edu.views.base import GRID, SMALL, step_up
from marl_edu.views.curve_frame import GHOST_GREYS, KEY, plain
from marl_edu.views.shapes import shortened

MOST_DECADES = 8
"""Powers of ten that the vertical axis spans at most: what is smaller is drawn at its lower end."""

HANDLE = 1.9
"""Length of what stands before a label, in font sizes."""


class LogFrame:
    """The still part of a picture with two logarithmic axes."""

    def __init__(self, ax):
        self.ax = ax
        self._right, self._span, self._fresh = 0.0, None, True
        self._still: list = []
        self._ghosts: list[Bands] = []
        ax.set_xscale("log")
        ax.set_yscale("log")
        ax.tick_params(labelsize=SMALL, colors=INK, pad=2)
        ax.spines[["top", "right"]].set_visible(False)
        ax.grid(color=GRID, linewidth=0.6)
        ax.set_axisbelow(True)
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_locator(LogLocator(10, numticks=6))
            axis.set_minor_locator(NullLocator())  # they cost half of the time to paint
            axis.set_major_formatter(FuncFormatter(lambda value, _: power_of_ten(value)))
        ax.autoscale(False)

    def write(self, entries: list, ghosts: list[tuple[str, Bands]]) -> None:
        """Draw earlier runs, and the legend anew: (artist, label) of each entry, then the runs."""
        self._ghosts = [bands for _, bands in ghosts if len(bands.units)]
        for old in self._still:
            old.remove()
        self._still = []
        for k, (label, bands) in enumerate(ghosts):
            looks = {"color": GHOST_GREYS[k % len(GHOST_GREYS)], "linewidth": 1.2, "zorder": 2.2}
            for heights in bands.middle.T:
                line = Line2D(bands.units, np.where(heights > 0, heights, np.nan), **looks)
                self._still.append(self.ax.add_line(line))
            entries = [*entries, (Line2D([], [], **looks), label)]
        room = self.ax.bbox.width / self.ax.figure.dpi * 72 - (HANDLE + 1) * SMALL
        labels = [shortened(label, SMALL, room) for _, label in entries]
        looks = KEY | {"borderaxespad": 0.5}
        key = Legend(self.ax, [artist for artist, _ in entries], labels, loc="lower left", handlelength=HANDLE, **looks)
        plain(key).set_zorder(2.5)
        self._still.append(self.ax.add_artist(key))

    def begin(self) -> None:
        """Another run: the limits may shrink once, if they are much too wide for it."""
        self._fresh = True

    def fit(self, bands: Bands, promised, last: int, expected_units: int) -> None:
        """Let the limits hold all numbers and, at its ends, what is promised; they grow, in steps."""
        parts = [bands, *self._ghosts]
        further = max([expected_units, last, 10, *(int(ghost.units[-1]) for ghost in self._ghosts)])
        if further > self._right:
            self._right = float(further) if expected_units else step_up(further)
            self.ax.set_xlim(0.9, 1.15 * self._right)
        ends = promised(np.array([1.0, self._right]))
        heights = np.concatenate([ends, np.ravel(bands.high), *(np.ravel(part.middle) for part in parts)])
        heights = heights[np.isfinite(heights) & (heights > 0)]
        low, high = (heights.min(), heights.max()) if len(heights) else (0.1, 1.0)
        low, high = np.floor(np.log10(low) - 0.1), np.log10(step_up(1.05 * high))
        if self._fresh and self._span is not None:
            too_wide = high < self._span[1] - 1 or low > self._span[0] + 2
            self._span = None if too_wide else self._span
        self._fresh = False
        if self._span is not None:
            low, high = min(low, self._span[0]), max(high, self._span[1])
        low = max(low, np.floor(high) - MOST_DECADES)
        if (low, high) != self._span:
            self._span = (low, high)
            self.ax.set_ylim(10.0**low, 10.0**high)


def power_of_ten(value: float) -> str:
    """A power of ten as a label.

    >>> power_of_ten(1000.0), power_of_ten(0.01), power_of_ten(1e6)
    ('1,000', '0.01', '10⁶')
    """
    if 1e-3 <= value < 1e5:
        return f"{value:,g}"
    raised = str.maketrans("-0123456789", "\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079")
    return "10" + str(round(np.log10(value))).translate(raised)
