"""What every algorithm is: something with hyperparameters that can be advanced and looked at.

Legend of axes: K seeds.
"""

from __future__ import annotations

import functools
import inspect

import numpy as np

from marl_edu.games import checks
from marl_edu.hyperparameters import Choice, HyperparameterError, Real, Tunable, as_hyperparameter_error

__all__ = ["Algorithm", "Choice", "DivergedError", "Frame", "HyperparameterError", "Real"]

Frame = dict[str, np.ndarray]
"""Where an algorithm stands now: named arrays. Seeds are the leading axis."""

MOST_UNITS = 10**15
"""Units that one advance may do: more than a year of a fast loop."""

MOST_SEEDS = 100_000
"""Runs side by side, at most."""


class DivergedError(FloatingPointError, ValueError):
    """What is learned became infinite or no number at all."""


class Algorithm(Tunable):
    """Base of all algorithms, planning or learning.

    A subclass declares its hyperparameters as ``Real`` or ``Choice`` traits, sets ``unit``, and writes ``reset()``
    (which begins with ``super().reset()``), ``_advance(n)`` and ``frame()``; what else it keeps has a name that begins
    with an underscore. Hyperparameters may be set between advances and take effect from the next one; a refused
    value changes nothing, and nothing else can be set.

    Parameters
    ----------
    seeds : int
        How many independent runs, side by side; the leading axis of every array in a frame. At most 100,000.
    seed : int
        Base of the random streams. Run k draws from ``default_rng([seed, k])``, so it does not depend on ``seeds``.
    **hyperparameters
        Any of the declared ones.
    """

    unit = "unit"
    """What one unit of work is: a sweep, an environment step, an episode, a gradient step."""

    title = ""
    """Name for pictures."""

    game = None
    """The world, if there is one; a subclass that has one makes this a property."""

    chunk = 25_000
    """Units between two counts: what was counted stays when an advance is interrupted. Fewer where a unit is slow."""

    def __init__(self, *, seeds: int = 1, seed: int = 0, **hyperparameters):
        super().__init__()
        self._seeds, self._seed = _seeding(seeds, seed)
        self.set(**hyperparameters)
        self.reset()
        if not hasattr(self, "_units_done"):
            raise TypeError(f"{type(self).__name__}.reset() does too little; expected it to call super().reset()")

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        cls.title = cls.__dict__.get("title", cls.__name__)
        rows = [f"{name} : {trait.described()}\n    {trait.help}" for name, trait in cls.declared().items()]
        doc = inspect.cleandoc(cls.__dict__.get("__doc__") or cls.__name__)
        cls.__doc__ = "\n".join([doc, "", "Hyperparameters", "---------------", *rows, ""])
        if "frame" in cls.__dict__:
            cls.frame = _checked(cls.frame)

    def __repr__(self) -> str:
        plural = "seed" if self.seeds == 1 else "seeds"
        return f"{type(self).__name__}({self.seeds} {plural}, {self.units_done:,} {self.unit}s done)"

    @property
    def seeds(self) -> int:
        """Number of independent runs."""
        return self._seeds

    @property
    def seed(self) -> int:
        """Base of the random streams."""
        return self._seed

    @property
    def units_done(self) -> int:
        """Units of work since the last reset."""
        return self._units_done

    def generators(self) -> list[np.random.Generator]:
        """One fresh random stream per seed; stream k does not depend on how many there are."""
        return [np.random.default_rng([self._seed, k]) for k in range(self._seeds)]

    def restart(self, *, seeds: int | None = None, seed: int | None = None) -> None:
        """Reset, with another number of seeds or another base of the random streams; if refused, nothing changes."""
        before = self._seeds, self._seed
        self._seeds, self._seed = _seeding(before[0] if seeds is None else seeds, before[1] if seed is None else seed)
        try:
            self.reset()
        except HyperparameterError:  # too many seeds for this machine, say
            self._seeds, self._seed = before
            raise

    def clone(self) -> Algorithm:
        """A fresh one like this one, at the beginning: same world, seeds and hyperparameters."""
        inputs = self._inputs()
        options = {"seeds": self.seeds, "seed": self.seed, **self._named_inputs(), **self.hyperparameters}
        try:
            inspect.signature(type(self).__init__).bind(self, *inputs, **options)
        except TypeError as error:
            raise TypeError(
                f"{type(self).__name__}.clone(): {error}; expected _inputs() to return what the constructor needs "
                "besides seeds, seed and hyperparameters"
            ) from None
        return type(self)(*inputs, **options)

    def _inputs(self) -> tuple:
        """What the constructor needs besides seeds and hyperparameters."""
        return ()

    def _named_inputs(self) -> dict:
        """The same of what it takes by name only."""
        return {}

    def reset(self) -> None:
        """Back to the beginning, with the same random streams. Subclasses extend this."""
        self._units_done = 0

    def advance(self, n: int) -> None:
        """Do ``n`` units of work for every seed.

        Work is counted chunk by chunk. Interrupted (Ctrl-C, or the stop button of a notebook), the algorithm stands
        where ``units_done`` says, and the next advance goes on from there.

        Raises
        ------
        ValueError
            If ``n`` is not a whole number from 0 to 10^15.
        DivergedError
            If what is learned is no longer finite: the message names it and the step.
        """
        goal = self._units_done + checks.integer(f"advance: the number of {self.unit}s", n, 0, MOST_UNITS)
        while self._units_done < goal:
            some = min(self.chunk, goal - self._units_done)
            try:
                self._advance(some)
            except KeyboardInterrupt:
                self._units_done += self._finished(some)
                raise
            self._units_done += some
            self._expect_finite(self._learned())

    def _advance(self, n: int) -> None:
        """Do n units for every seed; n is at least 1."""
        raise NotImplementedError(f"{type(self).__name__} has no _advance(n); expected it to do n {self.unit}s")

    def _finished(self, n: int) -> int:
        """How many of n units count after ``_advance(n)`` was interrupted; a subclass may finish them here."""
        return 0

    def frame(self) -> Frame:
        """Where the algorithm stands now: fresh arrays (K, ...) that later work does not change."""
        raise NotImplementedError(f"{type(self).__name__} has no frame(); expected it to return named arrays (K, ...)")

    def _learned(self) -> Frame:
        """The arrays that must stay finite; looked at after every chunk."""
        return {}

    def _expect_finite(self, arrays: Frame, bad=lambda values: ~np.isfinite(values)) -> None:
        for name, values in arrays.items():
            if (found := bad(values)).any():
                index = tuple(np.argwhere(found)[0].tolist())
                raise DivergedError(
                    f"{name}{list(index)} is {values[index]} by {self.unit} {self._units_done:,}; expected a finite "
                    "number (are rewards or steps too large?)"
                )

    def references(self) -> dict[str, float]:
        """Levels to draw beside what is learned: the exact answer, the random baseline."""
        return {}


def _checked(frame):
    """A subclass's ``frame`` that refuses what readers can't use: no seed axis, something infinite."""

    @functools.wraps(frame)
    def checked(self) -> Frame:
        self._expect_finite(self._learned())
        found = frame(self)
        if not isinstance(found, dict):
            raise TypeError(f"{type(self).__name__}.frame() gives {type(found).__name__}; expected named arrays")
        for name, values in found.items():
            if np.ndim(values) == 0 or len(values) != self._seeds:
                raise ValueError(
                    f"{type(self).__name__}.frame()[{name!r}] has shape {np.shape(values)}; expected the seeds, "
                    f"{self._seeds}, as its first axis"
                )
        self._expect_finite(found, np.isinf)  # NaN may stand for what does not exist
        return found

    return checked


def _seeding(seeds, seed) -> tuple[int, int]:
    seeds = as_hyperparameter_error(checks.integer, "seeds", seeds, 1, MOST_SEEDS)
    return seeds, as_hyperparameter_error(checks.integer, "seed", seed, 0)
