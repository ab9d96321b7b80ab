"""How far dynamic programming still is from the answer, on a logarithmic axis, beside the line that gamma promises.

A map T that brings any two V closer together by the factor gamma makes ||V_k - V|| <= gamma^k ||V_0 - V||: on a
logarithmic axis a straight line that falls by log10(1 / gamma) decades a sweep.

Legend of axes: T moments.
"""

from __future__ import annotations

import numpy as np
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

from marl_edu.games import checks
from marl_edu.games.colours import INK
from marl_edu.recording import Recording
from marl_edu.views.base import GRID, LARGE, REFERENCE_STYLES, SMALL, View, in_words, pale
from marl_edu.views.curve_frame import GHOST_GREYS, KEY, ROW, plain
from marl_edu.views.curves import MOST_POINTS
from marl_edu.views.present import seed_index

PROMISE, PROMISED = "#b2182b", "\N{GREEK SMALL LETTER GAMMA}\N{MODIFIER LETTER SMALL K} times the first"
"""Colour and label of the line that gamma promises."""

ROUNDING, FLOOR = 1e-12, 1e-14
"""Errors below this share of the largest value, or below FLOOR, are rounding, and drawn there."""

WIDE, MOST_KEY = 250, 0.5
"""Width of the axes, in points, from which on the legend has two columns; share of their height that it may take."""

STEP = 2
"""Decades by which the axis grows."""


class ContractionView(View):
    """The distance to the exact answer, max |V_k - V|, sweep by sweep, on a logarithmic axis.

    The dashed line starts at the first error and is multiplied by gamma at each sweep: no error may be above it. Where
    the discount is changed during a run, the answer is another one, and the line begins anew. Both end where only the
    rounding of the computer's numbers is left.

    Parameters
    ----------
    quantity : str
        Name of an array (1,) in the frames.
    title : str, optional
        In place of "Distance to the exact values".

    Raises
    ------
    ValueError
        When drawing: if a recording holds no such quantity, or no ``discount`` among its hyperparameters.

    Examples
    --------
    >>> from marl_edu import record
    >>> from marl_edu.games import climbing
    >>> from marl_edu.planning import ValueIteration
    >>> sweeps = record(ValueIteration(climbing(discount=0.5, horizon=None)), units=4, every=1)
    >>> ContractionView().promised(sweeps).tolist()
    [44.0, 22.0, 11.0, 5.5, 2.75]
    """

    title = "Distance to the exact values"

    def __init__(self, quantity: str = "error", *, title: str | None = None):
        self.quantity = checks.text("ContractionView: quantity", quantity)
        self.heading = self._words("title", title)
        self.ghosts: list[tuple[str, Recording]] = []

    def errors(self, recording: Recording) -> np.ndarray:
        """The quantity at all moments, (T,)."""
        seed_index(recording, 0, "ContractionView", self.quantity)
        return recording.series(self.quantity).reshape(len(recording), -1).max(axis=1)

    def promised(self, recording: Recording) -> np.ndarray:
        """What the error may be at most at all moments, (T,)."""
        errors, units = self.errors(recording), np.asarray(recording.units)
        gammas = [self._discount(recording, t) for t in range(len(recording))]
        bound = errors.astype(float).copy()
        for t in range(1, len(bound)):
            if gammas[t] == gammas[t - 1]:
                bound[t] = bound[t - 1] * gammas[t] ** (units[t] - units[t - 1])
        return bound

    def rounding(self, recording: Recording) -> np.ndarray:
        """Below what an error is only rounding, at all moments, (T,): 1e-12 times the largest value there."""
        largest = [np.abs(recording[t].get("values", 0)).max() for t in range(len(recording))]
        return np.maximum(ROUNDING * np.nan_to_num(np.array(largest, dtype=float)), FLOOR)

    def decorate(self, ax, recording: Recording) -> dict:
        """A logarithmic axis, its labels and the lines."""
        self._discount(recording, 0)
        seed_index(recording, 0, "ContractionView", self.quantity)
        ax.set_yscale("log")
        ax.set_title(self.heading or self.title, fontsize=LARGE, parse_math=False)
        ax.set_xlabel(f"{recording.unit}s", fontsize=SMALL, parse_math=False)
        ax.set_ylabel(f"{self.quantity.replace('_', ' ')}, largest over states", fontsize=SMALL, parse_math=False)
        ax.tick_params(labelsize=SMALL, colors=INK, pad=2)
        ax.spines[["top", "right"]].set_visible(False)
        ax.grid(axis="y", color=GRID, linewidth=0.6)
        ax.set_axisbelow(True)
        ax.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10], integer=True))
        ax.yaxis.set_major_locator(LogLocator(10, numticks=7))
        ax.yaxis.set_minor_formatter(NullFormatter())
        ax.tick_params(axis="y", which="minor", left=False)
        ax.autoscale(False)
        dashes = REFERENCE_STYLES["team optimum"]
        artists = {
            "later": ax.add_line(Line2D([], [], color=pale(INK), linewidth=2)),
            "line": ax.add_line(Line2D([], [], color=INK, linewidth=2)),
            "promise": ax.add_line(Line2D([], [], color=PROMISE, linewidth=1.4, linestyle=dashes)),  # seen on the line
            "cursor": ax.add_line(
                Line2D([], [], color=INK, linewidth=0.8, alpha=0.6, transform=ax.get_xaxis_transform())
            ),
            "dot": ax.add_line(Line2D([], [], color=INK, marker="o", markersize=6, markeredgecolor="white")),
        }
        artists["notes"] = {"right": 0.0, "decades": (0, 0), "key": 0.0, "ghosts": None, "drawn": [], "known": None}
        return artists

    def update(self, ax, artists: dict, recording: Recording, t: int) -> None:
        """Move the ends of the lines; widen the axes where they must be."""
        notes = artists["notes"]
        now = (len(recording), int(recording.units[-1]))
        if notes["known"] is None or notes["known"][0] != now:
            floors = self.rounding(recording)
            drawn = [_drawable(values, floors) for values in (self.errors(recording), self.promised(recording))]
            notes["known"] = (now, np.asarray(recording.units), *drawn, floors[-1])
        _, units, errors, promised, floor = notes["known"]
        further = max(units[-1], self.expected_units or 0)
        ahead = _drawable(promised[-1] * self._discount(recording, -1) ** float(further - units[-1]), floor)
        self._show_ghosts(ax, notes)
        self._fit(ax, notes, units, np.concatenate([errors, promised, [ahead]]))
        few = np.unique(np.linspace(0, len(units) - 1, MOST_POINTS).astype(int))
        past = np.append(few[few < t], t)
        artists["later"].set_data(units[few[few >= t]], errors[few[few >= t]])
        artists["line"].set_data(units[past], errors[past])
        artists["promise"].set_data(np.append(units[few], further), np.append(promised[few], ahead))
        artists["cursor"].set_data([units[t], units[t]], [0, 1 - notes["key"]])
        artists["dot"].set_data([units[t]], [errors[t]])

    def _fit(self, ax, notes: dict, units, values) -> None:
        right = max(units[-1], self.expected_units or 0, *(line[0][-1] for line in notes["drawn"]), 1)
        if right > notes["right"]:
            notes["right"] = right if self.expected_units or not notes["right"] else 1.5 * right
            ax.set_xlim(0, notes["right"] * 1.02)
        values = np.concatenate([values, *(line[1] for line in notes["drawn"])])
        low, high = np.floor(np.log10(values.min())), np.ceil(np.log10(values.max()) + 0.05)
        bottom, top = notes["decades"]
        if bottom == top:
            bottom, top = low, max(high, low + 2)
        elif low < bottom or high > top:
            bottom, top = STEP * np.floor(min(low, bottom) / STEP), max(high, top)
        if (bottom, top) != notes["decades"] or notes["key"] != notes.get("room"):
            notes["decades"], notes["room"] = (bottom, top), notes["key"]
            above = (top - bottom) / (1 - notes["key"])  # the legend stands over all curves
            ax.set_ylim(10.0**bottom, 10.0 ** (bottom + above))

    def _show_ghosts(self, ax, notes: dict) -> None:
        wanted = tuple((str(label), id(recording), len(recording)) for label, recording in self.ghosts)
        if wanted == notes["ghosts"]:
            return
        notes["ghosts"], notes["drawn"] = wanted, []
        for line in [line for line in ax.lines if getattr(line, "_marl_ghost", False)]:
            line.remove()
        for old in [child for child in ax.get_children() if isinstance(child, Legend)]:
            old.remove()
        handles = [Line2D([], [], color=INK, linewidth=2), Line2D([], [], color=PROMISE, linewidth=1.4)]
        handles[1].set_linestyle(REFERENCE_STYLES["team optimum"])
        labels = [self.quantity.replace("_", " "), PROMISED]
        for k, (label, recording) in enumerate(self.ghosts):
            units, errors = np.asarray(recording.units), _drawable(self.errors(recording), self.rounding(recording))
            line = Line2D(units, errors, color=GHOST_GREYS[k % len(GHOST_GREYS)], linewidth=1.2, zorder=2.2)
            line._marl_ghost = True
            ax.add_line(line)
            notes["drawn"].append((units, errors))
            handles.append(line)
            labels.append(str(label)[:28])
        width, height = (getattr(ax.bbox, side) / ax.figure.dpi * 72 for side in ("width", "height"))
        columns = 2 if width > WIDE else 1
        notes["key"] = min((-(-len(labels) // columns) * ROW + 4) / height, MOST_KEY)
        key = plain(Legend(ax, handles, labels, loc="upper right", handlelength=2.2, ncols=columns, **KEY))
        key.set_zorder(2.5)
        ax.add_artist(key)

    def alt_text(self, recording: Recording, t: int = -1) -> str:
        """The error, what was promised, and the slope of both over the last sweeps."""
        t = self._moment(recording, t)
        errors, promised = self.errors(recording), self.promised(recording)
        gamma = self._discount(recording, t)
        what = f"Largest {self.quantity.replace('_', ' ')} {self._at(recording, t)}"
        rounding = self.rounding(recording)
        if np.isfinite(errors[t]) and errors[t] <= rounding[t]:
            return f"{what}: below {in_words(rounding[t])}, as exact as this computer's numbers are."
        text = f"{what}: {in_words(errors[t])}; the discount {gamma:.3g} promises at most {in_words(promised[t])}"
        before = t
        while before > max(t - 5, 0) and self._discount(recording, before - 1) == gamma:
            before -= 1  # not beyond a change of the discount, which makes the answer another one
        steps = int(recording.units[t] - recording.units[before])
        if steps and errors[before] > rounding[before]:
            shrunk = (errors[t] / errors[before]) ** (1 / steps)
            text += f"; lately it was multiplied by {shrunk:.3f} at each {recording.unit}"
        return text + "."

    def _discount(self, recording: Recording, t: int) -> float:
        found = recording.hyperparameters(t)
        if "discount" not in found:
            raise ValueError(
                f"ContractionView: the hyperparameters recorded are {', '.join(found) or 'none'}; expected a discount"
            )
        return float(found["discount"])


def _drawable(errors, floor) -> np.ndarray:
    """Errors that a logarithmic axis can show, none below the floor."""
    return np.maximum(np.nan_to_num(np.asarray(errors, dtype=float), nan=FLOOR), floor)
