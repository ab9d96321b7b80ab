"""What happened beside what was guessed: the truth with its band over seeds, the guess in dashes, the gap shaded.

Each function draws into axes that it is given and returns its artists. Axes are ``(low, high, label)``.

Legend of axes: T moments, K seeds, G points of the guess.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator
from scipy.special import stdtrit

from marl_edu.games import checks
from marl_edu.games.colours import INK
from marl_edu.recording import Recording
from marl_edu.views.bands import values_of
from marl_edu.views.base import GRID, REFERENCE_STYLES, SMALL, in_figures, in_words
from marl_edu.views.curve_frame import GUESS, GUESS_DASHES, KEY, ROW, plain
from marl_edu.views.curves import thousands
from marl_edu.views.shapes import shortened, width_of

OTHER_STYLE = (0, (3, 2, 1, 2))
"""Dashes of a reference level that has none of its own."""


class Truth(NamedTuple):
    """What happened: places on the x-axis (T,), the mean over seeds there (T,), its 95 % interval (T,), how many seeds
    there are, and how many of them have a number at each place (T,).
    """

    places: np.ndarray
    middle: np.ndarray
    low: np.ndarray
    high: np.ndarray
    seeds: int
    known: np.ndarray

    @classmethod
    def of_recording(cls, recording: Recording, quantity: str = "greedy_return", agents: str = "mean") -> Truth:
        """From what was recorded.

        Raises
        ------
        ValueError
            If nothing was recorded, or no such quantity, or it is not one number per seed (and agent).
        """
        if not isinstance(recording, Recording):
            raise ValueError(f"recording is {checks.shown(recording)}; expected a Recording, or x and values")
        if not len(recording):
            raise ValueError("the recording is empty; expected one with at least two moments")
        checks.option("agents", agents, ("mean", "sum"))
        return cls.of_values(recording.units, values_of(recording, quantity, agents, range(len(recording)))[:, :, 0])

    @classmethod
    def of_values(cls, places, values) -> Truth:
        """From places (T,) and values (T, K); a NaN is a seed that has no number there.

        Examples
        --------
        >>> Truth.of_values([0, 1], [[1, 3], [2, 4]]).middle.tolist()
        [2.0, 3.0]
        """
        places = checks.array("x", places)
        values = checks.numeric("values", values).astype(float)
        values = values[:, np.newaxis] if values.ndim == 1 else values
        if places.ndim != 1 or values.ndim != 2 or len(values) != len(places) or not values.shape[1]:
            raise ValueError(
                f"x has shape {places.shape} and values {values.shape}; expected (moments,) and (moments, seeds)"
            )
        if (np.diff(places) < 0).any():
            raise ValueError("x goes back; expected places from left to right")
        if np.isinf(values).any():
            raise ValueError("values holds an infinite number; expected finite ones (NaN: not known)")
        known = np.isfinite(values)
        there = known.any(axis=1)
        if len(np.unique(places[there])) < 2:
            raise ValueError(f"values has numbers at {int(there.sum())} of {len(places)} places; expected at least two")
        places, values, known = places[there], values[there], known[there]
        count = known.sum(axis=1)
        middle = np.where(known, values, 0).sum(axis=1) / count
        squares = np.where(known, values - middle[:, np.newaxis], 0) ** 2
        with np.errstate(invalid="ignore", divide="ignore"):
            half = stdtrit(count - 1, 0.975) * np.sqrt(squares.sum(axis=1) / (count - 1) / count)
        return cls(places, middle, middle - half, middle + half, values.shape[1], count)

    @property
    def label(self) -> str:
        """What the line is, for a legend."""
        if self.seeds == 1:
            return "1 seed"
        fewest, most = self.known.min(), self.known.max()
        return f"mean of {most if fewest == most else f'{fewest} to {most}'} seeds, 95 % interval"

    def seeds_at(self, place: float) -> str:
        """Of how many seeds the number at a place is, in words; between two places the fewer count.

        Examples
        --------
        >>> truth = Truth.of_values([0, 1], [[1, 3], [2, np.nan]])
        >>> truth.seeds_at(0), truth.seeds_at(1)
        ('mean of 2 seeds', '1 of 2 seeds known there')
        """
        right = min(int(np.searchsorted(self.places, place)), len(self.places) - 1)
        left = right if self.places[right] <= place else max(right - 1, 0)
        count = min(self.known[left], self.known[right])
        if count == self.seeds:
            return "1 seed" if count == 1 else f"mean of {count} seeds"
        return f"{'' if count == 1 else 'mean of the '}{count} of {self.seeds} seeds known there"


def decorate(ax, x, y, references=None) -> list:
    """Empty axes: limits, labels, and the reference levels in the dashes of the house; returns their lines."""
    _bare(ax)
    ax.set(xlim=x[:2], ylim=y[:2])
    ax.set_ylabel(y[2], fontsize=SMALL, parse_math=False, labelpad=2)
    ax.set_xlabel(x[2], fontsize=SMALL, parse_math=False)
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="y", color=GRID, linewidth=0.6)
    ax.yaxis.set_major_locator(MaxNLocator(5))
    ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    lines, names = _levels(ax.axhline, references, y[0], y[1], ("below", "above"))
    _key(ax, lines, names, row=0)
    return [line for line in lines if line.axes is not None]


def draw_curves(ax, x, y, truth: Truth, guess=None, references=None) -> dict:
    """The truth with its band and, if there is one, the guess (places, heights) with the gap between them shaded.

    The vertical axis grows beyond ``y`` where the truth does.
    """
    inside = (truth.places >= x[0]) & (truth.places <= x[1])
    reach = truth.middle[inside] if inside.any() else np.array(y[:2])
    room = 0.03 * (y[1] - y[0])
    low = y[0] if reach.min() >= y[0] else reach.min() - room
    high = y[1] if reach.max() <= y[1] else reach.max() + room
    artists = {"references": decorate(ax, x, (low, high, y[2]), references)}
    artists["band"] = ax.fill_between(truth.places, truth.low, truth.high, color=INK, alpha=0.2, linewidth=0, zorder=3)
    artists["truth"] = ax.plot(truth.places, truth.middle, color=INK, linewidth=1.8, zorder=3.2)[0]
    handles, names = [artists["truth"]], [truth.label]
    if guess is not None:
        artists["guess"] = ax.plot(*guess, color=GUESS, linewidth=2, linestyle=GUESS_DASHES, zorder=3.3)[0]
        places = merged(truth, guess[0])
        ends = np.interp(places, truth.places, truth.middle), np.interp(places, *guess)
        artists["gap"] = ax.fill_between(places, *ends, color=GUESS, alpha=0.16, linewidth=0, zorder=2.9)
        handles += [artists["guess"], Patch(color=GUESS, alpha=0.16, linewidth=0)]
        names += ["your guess", "the gap"]
    _key(ax, handles, names, row=1)
    return artists


def merged(truth: Truth, grid: np.ndarray) -> np.ndarray:
    """All places of the truth and of the guess where both are known, in order, each once."""
    low, high = max(grid[0], truth.places[0]), min(grid[-1], truth.places[-1])
    places = np.union1d(np.concatenate([grid, truth.places]), [low, high])
    return places[(places >= low) & (places <= high)]


def decorate_line(ax, axis, references=None) -> list:
    """One empty axis to place a marker on, with its reference levels; returns their lines."""
    _bare(ax)
    ax.set(xlim=axis[:2], ylim=(0, 1), yticks=[])
    ax.set_xlabel(axis[2], fontsize=SMALL, parse_math=False)
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.xaxis.set_major_locator(MaxNLocator(10))
    lines, names = _levels(ax.axvline, references, axis[0], axis[1], ("to the left", "to the right"))
    _key(ax, lines, names, row=0)
    return [line for line in lines if line.axes is not None]


def draw_markers(ax, axis, truth: float, low=None, high=None, guess=None, references=None) -> dict:
    """The truth as a disc with its interval as a bar, and the guess as a dashed line with a triangle on top."""
    numbers = [value for value in (truth, low, high) if value is not None]
    room = 0.02 * (axis[1] - axis[0])
    left = axis[0] if min(numbers) >= axis[0] else min(numbers) - room
    right = axis[1] if max(numbers) <= axis[1] else max(numbers) + room
    artists = {"references": decorate_line(ax, (left, right, axis[2]), references)}
    if low is not None:
        artists["interval"] = ax.plot([low, high], [0.3, 0.3], color=INK, alpha=0.35, linewidth=7,
                                      solid_capstyle="butt", zorder=3)[0]  # fmt: skip
    artists["truth"] = ax.plot([truth], [0.3], "o", color=INK, markersize=8, zorder=3.2, clip_on=False)[0]
    handles = [artists["truth"], *([artists["interval"]] if low is not None else [])]
    names = [f"what happened: {in_figures(truth)}", *(["95 % interval"] if low is not None else [])]
    if guess is not None:
        artists["guess"] = ax.plot([guess] * 2, [0, 0.86], color=GUESS, linewidth=2, linestyle=GUESS_DASHES, zorder=3.3,
                                   marker="v", markevery=[1], markersize=9, clip_on=False)[0]  # fmt: skip
        ends = sorted((guess, truth))
        artists["gap"] = ax.fill_between(ends, 0.12, 0.48, color=GUESS, alpha=0.16, linewidth=0, zorder=2.9)
        handles += [artists["guess"], Patch(color=GUESS, alpha=0.16, linewidth=0)]
        names += [f"your guess: {in_figures(guess)}", "the gap"]
    _key(ax, handles, names, row=1)
    return artists


def alt_text(x, y, truth: Truth, guess=None, references=None) -> str:
    """What ``draw_curves`` shows, for those who can't see it."""
    kind = truth.label.replace(", 95 %", " with its 95 %")
    places = np.clip(truth.places[[0, -1]], x[0], x[1])  # what lies beside the axis is not seen
    middle = np.interp(places, truth.places, truth.middle)
    says = f"{_capital(y[2])} against {x[2]} ({kind}): from {in_words(middle[0])} at {in_words(places[0])} "
    says += f"to {in_words(middle[-1])} at {in_words(places[-1])}."
    if guess is not None:
        says += f" Your guess, in dashes, goes from {in_words(guess[1][0])} to {in_words(guess[1][-1])}; "
        says += "the gap between the two is shaded."
    return says + levels_in_words(references)


def levels_in_words(references) -> str:
    """Reference levels as a sentence with a space before it, '' without any.

    >>> levels_in_words({"team optimum": 4.879})
    ' Lines mark team optimum 4.88.'
    """
    named = ", ".join(f"{name} {in_words(level)}" for name, level in (references or {}).items())
    return f" Lines mark {named}." if named else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _bare(ax) -> None:
    ax.clear()
    ax.tick_params(labelsize=SMALL, colors=INK, pad=2)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: thousands(value, ax.get_xlim()[1])))
    ax.set_axisbelow(True)


def _levels(across, references, low: float, high: float, outside: tuple[str, str]) -> tuple[list, list[str]]:
    """A line for each level inside the axes, and the names of all of them, which say where the others would be."""
    lines, names = [], []
    for name, level in sorted((references or {}).items(), key=lambda item: -item[1]):
        style = {"color": INK, "linewidth": 1.2, "linestyle": REFERENCE_STYLES.get(name, OTHER_STYLE)}
        seen = low <= level <= high
        lines.append(across(level, zorder=2.1, **style) if seen else Line2D([], [], **style))
        names.append(f"{name} {in_figures(level)}" + ("" if seen else f" ({outside[level > high]})"))
    return lines, names


def _key(ax, handles, names, row: int) -> None:
    """A legend in one row above the axes; row 0 is the lower one."""
    if not handles:
        return
    across, high = (getattr(ax.bbox, side) / ax.figure.dpi * 72 for side in ("width", "height"))
    room, names = across - 4.1 * SMALL * len(names), list(names)
    for k in sorted(range(len(names)), key=lambda k: -len(names[k])):  # the longest is cut first
        others = sum(width_of(name, SMALL) for name in names) - width_of(names[k], SMALL)
        names[k] = shortened(names[k], SMALL, max(room - others, room / len(names)))
    key = Legend(ax, handles, names, loc="lower left", bbox_to_anchor=(0, 1 + (row * ROW + 2) / high),
                 ncols=len(names), handlelength=2.4, **KEY)  # fmt: skip
    ax.add_artist(plain(key)).set_zorder(2.4)
