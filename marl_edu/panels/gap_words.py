"""How far a guess was off, in numbers and in words. No widget and no picture in here.

Legend of axes: P places at which both the guess and the truth are known.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from marl_edu.panels.guesses import Axis
from marl_edu.views.base import in_words
from marl_edu.views.gap import Truth, merged

SMALL = 0.02
"""Share of an axis that nobody can be asked to draw more exactly than."""

RISE = 0.15
"""Share of what the two curves span, the larger of both, over which one must rise or fall before it is said to; in any
case more than ``SMALL`` of the axis, for a hand trembles."""

LATER = 0.05
"""Share of the horizontal axis by which it must have come later or earlier to be told."""


UNIT = re.compile(r"\(([^()]+)\)\s*$")
"""A unit in brackets at the end of a label."""


class Gap(NamedTuple):
    """Guess and truth at the places (P,) where both are known, and what is to be said."""

    places: np.ndarray
    guess: np.ndarray
    truth: np.ndarray
    words: str


def at(axis: Axis, value: float) -> str:
    """A place on an axis in words, rounded to what the axis shows.

    >>> at(Axis(0, 10_000, "environment steps"), 2013), at(Axis(0, 1, "epsilon"), 0.3)
    ('2,000 environment steps', 'epsilon 0.3')
    """
    number = _rounded(axis, value)
    return f"{number} {axis.label}" if axis.label.endswith("s") else f"{axis.label} {number}"


def _rounded(axis: Axis, value: float) -> str:
    value = axis.rounded(value)
    text = f"{value:,.{axis.decimals}f}"
    return re.sub(r"^-(?=0(\.0*)?$)", "", text.rstrip("0").rstrip(".") if "." in text else text)


def measured(axis: Axis, value: float) -> str:
    """A value with the unit that stands in brackets behind the axis' label.

    >>> measured(Axis(0, 100, "pairs at the optimum (%)"), 40.0), measured(Axis(0, 5, "return"), 4.8)
    ('40 %', '4.80')
    """
    unit = UNIT.search(axis.label)
    return in_words(value) + (f" {unit[1]}" if unit else "")


def drawn_at(axis: Axis, value: float) -> str:
    """A height that was drawn by hand, as exactly as a hand can, with its unit.

    >>> drawn_at(Axis(-40, 10, "return"), 4.8127), drawn_at(Axis(0, 100, "share (%)"), 40.2)
    ('5', '40 %')
    """
    unit = UNIT.search(axis.label)
    return _rounded(axis, value) + (f" {unit[1]}" if unit else "")


def of_curves(guess: np.ndarray, truth: Truth, x: Axis, y: Axis, learning: bool = False) -> Gap:
    """Hold a guess (at evenly spread points of ``x``) against what happened.

    Parameters
    ----------
    guess : array (G,)
        Heights at evenly spread places.
    truth : Truth
        What happened.
    x, y : Axis
        What was drawn on.
    learning : bool
        Whether a rise means that something was learned.

    Raises
    ------
    ValueError
        If the truth lies beside the axis that was guessed on.
    """
    grid = np.linspace(x.low, x.high, len(guess))
    expect_overlap(truth, x)
    places = merged(truth, grid)
    drawn, real = np.interp(places, grid, guess), np.interp(places, truth.places, truth.middle)
    height = y.high - y.low
    words = [_end(places, drawn[-1], real[-1], truth, x, y)]
    off = np.abs(drawn - real)
    if off.max() <= SMALL * height:
        words.append("Your curve fits all the way.")
        return Gap(places, drawn, real, " ".join(words))
    most = int(off.argmax())
    side = "high" if drawn[most] > real[most] else "low"
    mean = float(np.trapezoid(off, places) / (places[-1] - places[0]))
    words.append(
        f"The largest gap is {in_words(off[most])}, near {at(x, places[most])}, where you drew too {side}; "
        f"on average the two curves are {in_words(mean)} apart."
    )
    enough = max(RISE * max(np.ptp(drawn), np.ptp(real)), SMALL * height)
    words.append(_when(places, drawn, real, x, enough, learning))
    return Gap(places, drawn, real, " ".join(filter(None, words)))


def expect_overlap(truth: Truth, x: Axis) -> None:
    """Raise a ``ValueError`` unless some of what happened lies on the axis."""
    low, high = max(x.low, truth.places[0]), min(x.high, truth.places[-1])
    if not low < high:
        raise ValueError(
            f"what happened goes from {in_words(truth.places[0])} to {in_words(truth.places[-1])} {x.label}, the axis "
            f"of the guess from {in_words(x.low)} to {in_words(x.high)}; expected them to overlap"
        )


def what_happened(truth: Truth, x: Axis, y: Axis) -> str:
    """The truth alone, in a sentence, where nothing was guessed."""
    expect_overlap(truth, x)
    end = min(x.high, truth.places[-1])
    return f"What happened: the curve ends at {_measured_end(truth, end, y)}, at {at(x, end)}."


def _measured_end(truth: Truth, end: float, y: Axis) -> str:
    value, low, high = (float(np.interp(end, truth.places, part)) for part in (truth.middle, truth.low, truth.high))
    interval = f", 95 % interval {in_words(low)} to {in_words(high)}" if np.isfinite(low) else ""
    return f"{measured(y, value)} ({truth.seeds_at(end)}{interval})"


def _end(places: np.ndarray, drawn: float, real: float, truth: Truth, x: Axis, y: Axis) -> str:
    found = _measured_end(truth, places[-1], y)
    early = places[-1] < x.high - 0.005 * (x.high - x.low)
    if abs(drawn - real) <= SMALL * (y.high - y.low):
        known = f" (known up to {at(x, places[-1])})" if early else ""
        return f"The curve ends where you expected it, at {found}{known}."
    if early:
        known = f"What happened is known up to {at(x, places[-1])}: "
        return f"{known}you expected the curve to be at {drawn_at(y, drawn)} there; it is at {found}."
    return f"You expected the curve to end at {drawn_at(y, drawn)}; it ends at {found}."


def _when(places, drawn, real, x: Axis, enough: float, learning: bool) -> str:
    """Whether there was a rise or fall as drawn, and whether it came earlier or later; '' where all that is alike."""
    yours, theirs = drawn[-1] - drawn[0], real[-1] - real[0]
    if _kind(yours, enough) != _kind(theirs, enough):
        different = abs(yours - theirs) >= enough
        return f"You drew {_kind(yours, enough)}; it was {_kind(theirs, enough)}." if different else ""
    if abs(theirs) < enough:
        return ""
    up = np.sign(theirs)
    yours, theirs = (_for_good(places, (curve - (curve[0] + curve[-1]) / 2) * up) for curve in (drawn, real))
    if abs(theirs - yours) < LATER * (x.high - x.low):
        return ""
    word, later = "rise" if up > 0 else "fall", theirs > yours
    verdict = f"the {word} came {'later' if later else 'earlier'}"
    if learning and up > 0:
        verdict = f"learning was {'slower' if later else 'faster'}"
    return (
        f"Half of the {word} is done for good near {at(x, theirs)}, your curve has done half of its own {word} near "
        f"{_rounded(x, yours)}: {verdict} than you drew."
    )


def _kind(change: float, enough: float) -> str:
    if abs(change) < enough:
        return "hardly any change from beginning to end"
    return "a rise" if change > 0 else "a fall"


def _for_good(places: np.ndarray, above: np.ndarray) -> float:
    """From where on a line through these numbers, which begins below 0 and ends above, stays above."""
    k = np.flatnonzero(above < 0)[-1]
    share = -above[k] / (above[k + 1] - above[k])
    return float(places[k] + share * (places[k + 1] - places[k]))


def of_markers(guess: float, truth: float, low: float | None, high: float | None, axis: Axis) -> str:
    """How far a marker is from where it belongs.

    >>> of_markers(40.0, 55.0, 48.0, 62.0, Axis(0, 100, "pairs (%)"))
    'You expected 40 %; it is 55 % (95 % interval 48 to 62). Your guess is 15 too low, outside the interval by 8.'
    """
    found = measured(axis, truth) + interval(low, high)
    off = abs(guess - truth)
    if off <= 1e-9 * (axis.high - axis.low):
        return f"You expected {measured(axis, guess)}, and so it is: {found}."
    side = f"{in_words(off)} too {'high' if guess > truth else 'low'}"
    said = f"You expected {measured(axis, guess)}; it is {found}. Your guess is {side}"
    if low is None:
        return f"{said}."
    if low <= guess <= high:
        return f"{said}, but inside the interval: these runs can't tell it from the truth."
    return f"{said}, outside the interval by {in_words(max(low - guess, guess - high))}."


def interval(low: float | None, high: float | None) -> str:
    """An interval in brackets with a space before it, '' without one."""
    return "" if low is None else f" (95 % interval {in_words(low)} to {in_words(high)})"
