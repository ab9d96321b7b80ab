"""What a guess is, without any widget or picture: a question, an answer that is checked, kept and can be taken back.

Guesses of one name are one guess: whoever runs a cell again gets a new object that says what the old one said, and
what was shown before follows it. What is committed is also kept in the student's file of progress.

Legend of axes: G points of the grid.
"""

from __future__ import annotations

import datetime
import logging
import threading
import weakref
from typing import NamedTuple

import numpy as np

from marl_edu.games import checks
from marl_edu.progress import progress

GRID_POINTS = 101
"""Points at which a curve is kept."""


class Axis(NamedTuple):
    """One axis to guess on: its ends, and what stands beside it, in the plural (``environment steps``)."""

    low: float
    high: float
    label: str

    @classmethod
    def of(cls, field: str, given) -> Axis:
        """An axis from ``(low, high, label)``, or a ``ValueError`` that says what was found."""
        if isinstance(given, str) or checks.length(given) != 3:
            raise ValueError(f"{field} is {checks.shown(given)}; expected (low, high, label)")
        low, high = (checks.number(f"{field}[{k}]", given[k]) for k in (0, 1))
        if not low < high:
            raise ValueError(f"{field} goes from {low:g} to {high:g}; expected the lower end first")
        return cls(low, high, checks.text(f"{field}[2], the label,", given[2]))

    @property
    def step(self) -> float:
        """A step of 1, 2 or 5 times a power of ten, between 50 and 125 of which span the axis."""
        from marl_edu.views.base import step_up

        return step_up((self.high - self.low) / 125)

    @property
    def decimals(self) -> int:
        """Decimals that numbers on this axis deserve."""
        return max(0, -int(np.floor(np.log10(self.step) + 1e-9)))

    def rounded(self, value: float) -> float:
        """A number to the nearest step."""
        return round(float(value) / self.step) * self.step


class _Shared:
    """What guesses of one name have in common."""

    def __init__(self, what):
        self.what, self.value, self.when = what, None, ""
        self.kept: tuple | None = None
        self.readers: weakref.WeakSet = weakref.WeakSet()

    def forget(self) -> bool:
        """No longer committed; whether it was."""
        with _lock:
            was, self.value, self.when, self.kept = self.value is not None, None, "", None
        return was

    def tell_all(self) -> None:
        """Have everything that waits for the guess look at it again."""
        for reader in list(self.readers):
            try:
                reader.guess_changed()
            except Exception:  # one picture that can't be drawn must not keep the others locked
                logging.getLogger(__name__).exception("a guess could not be shown")

    def progress_changed(self, deleted: bool) -> None:
        """The student's progress has changed: with it, guesses are deleted."""
        if deleted and self.forget():
            self.tell_all()


_by_name: dict[str, _Shared] = {}
_lock = threading.RLock()


class Guess:
    """Base of the three kinds of guesses: what they share, commit, keep and take back.

    A subclass writes ``_checked``, ``_to_json`` and ``_from_json``, and ``_what`` (what must be alike for a guess that
    was kept to be taken over). Readers have a method ``guess_changed()``, which may be called on any thread.
    """

    def __init__(self, name: str, question: str):
        self.name, self.question = checks.text("name", name), checks.text("question", question)
        if not 0 < len(self.name.strip()) <= 100:
            raise ValueError(f"name is {checks.shown(name)}; expected a short one such as '06.greedy_curve'")

    def _join(self) -> None:
        """Become one with the guess of this name, in this kernel or kept from an earlier one. Last line of __init__."""
        kept = progress().facts("prediction", self.name).get("guess")
        with _lock:
            shared, forgotten = _by_name.get(self.name), False
            if shared is None or shared.what != self._what():
                shared = _by_name[self.name] = _Shared(self._what())
                self._shared = shared
                self._restore(kept)
            elif kept is None:  # deleted or withdrawn since, perhaps in another notebook
                forgotten = shared.forget()
            self._shared = shared
        self.tell(self)
        progress().tell(shared)
        if forgotten:
            shared.tell_all()

    def _restore(self, kept) -> None:
        """Take over what an earlier kernel kept, if it still fits."""
        try:
            self._shared.value = self._checked(self._from_json(kept["value"]))
            self._shared.when = str(kept.get("when", ""))
        except (TypeError, KeyError, ValueError, AttributeError):
            self._shared.value, self._shared.when = None, ""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, {'committed' if self.committed else 'not committed'})"

    # ---- what each kind says --------------------------------------------------------------------------------------

    def _what(self) -> tuple:
        raise NotImplementedError

    def _checked(self, value):
        raise NotImplementedError

    def _to_json(self, value):
        return value

    def _from_json(self, kept):
        return kept

    def guess_changed(self) -> None:
        """Show the present state; a subclass with widgets extends this."""

    # ---- what can be done -----------------------------------------------------------------------------------------

    @property
    def committed(self) -> bool:
        """Whether there is a guess to hold against what happens."""
        return self._shared.value is not None

    @property
    def value(self):
        """The committed guess, or None."""
        value = self._shared.value
        return value.copy() if isinstance(value, np.ndarray) else value

    @property
    def when(self) -> str:
        """The day on which it was committed (ISO date), or ''."""
        return self._shared.when

    def commit(self, value) -> None:
        """Stand by a guess: what waits for it unlocks at once. A second one takes the place of the first.

        Raises
        ------
        ValueError
            If the value is not one that can be guessed; what was committed before stays.
        """
        checked = self._checked(value)
        with _lock:
            self._shared.value, self._shared.when = checked, datetime.date.today().isoformat()
            self._shared.kept = None
        self._note(truth=None, words=None)
        self._tell_all()

    def withdraw(self) -> None:
        """Take the guess back; what waited for it locks again."""
        if not self._shared.forget():
            return
        progress().note("prediction", self.name, guess=None, truth=None, words=None)
        self._tell_all()

    def compare(self, truth, words: str) -> None:
        """Keep what happened (JSON) and how far off the guess was, once."""
        with _lock:
            if self._shared.value is None or self._shared.kept == (words, repr(truth)):
                return
            self._shared.kept = (words, repr(truth))
        self._note(truth=truth, words=words)

    def _note(self, truth, words: str | None) -> None:
        kept = {"value": self._to_json(self._shared.value), "when": self._shared.when}
        progress().note("prediction", self.name, guess=kept, truth=truth, words=words)

    def tell(self, reader) -> None:
        """Have ``reader.guess_changed()`` called whenever the guess is committed or withdrawn, while it lives."""
        self._shared.readers.add(reader)

    def _tell_all(self) -> None:
        self._shared.tell_all()


def curve(name: str, value, x: Axis, y: Axis) -> np.ndarray:
    """A curve at the grid's points (G,) from numbers spread evenly over the x-axis or from points (n, 2).

    Between points it is straight, before the first and after the last it is flat.

    Raises
    ------
    ValueError
        If it is neither, or leaves the axes.

    Examples
    --------
    >>> curve("value", [0, 10], Axis(0, 100, "steps"), Axis(0, 10, "return"))[[0, 50, 100]].tolist()
    [0.0, 5.0, 10.0]
    """
    wanted = "expected two or more numbers from left to right, or a list of points (x, y)"
    if isinstance(value, str) or np.ndim(value if checks.length(value) is not None else 0) == 0:
        raise ValueError(f"{name} is {checks.shown(value)}; {wanted}")
    given = checks.array(name, value)
    points = given.ndim == 2 and given.shape[1] == 2
    if (given.ndim != 1 and not points) or len(given) < 2:
        raise ValueError(f"{name} has shape {given.shape}; {wanted}")
    if points:
        given = given[np.argsort(given[:, 0], kind="stable")]
        _expect_inside(f"{name}: a point's x", given[:, 0], x)
        if (same := np.flatnonzero(np.diff(given[:, 0]) == 0)).size:
            raise ValueError(f"{name} has two points at x = {given[same[0], 0]:g}; expected one height at each x")
        places, heights = given.T
    else:
        places, heights = np.linspace(x.low, x.high, len(given)), given
    _expect_inside(f"{name}: a height", heights, y)
    return np.interp(np.linspace(x.low, x.high, GRID_POINTS), places, heights)


def _expect_inside(what: str, numbers: np.ndarray, axis: Axis) -> None:
    slack = 1e-9 * (axis.high - axis.low)
    outside = numbers[(numbers < axis.low - slack) | (numbers > axis.high + slack)]
    if outside.size:
        raise ValueError(
            f"{what} is {outside[0]:g}; expected {axis.low:g} to {axis.high:g}, the ends of the axis {axis.label!r}"
        )


def levels(field: str, given) -> dict[str, float]:
    """Reference levels by name, all finite."""
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise ValueError(f"{field} is {checks.shown(given)}; expected a dict from name to level")
    return {checks.text(f"a name in {field}", name): checks.number(f"{field}[{name!r}]", level)
            for name, level in given.items()}  # fmt: skip
