"""What every algorithm is: something with hyperparameters that can be advanced and looked at.

A hyperparameter is declared once, as a trait on the class. From that one declaration come the constructor argument,
the table in the docstring, the slider with its tooltip, and the range check with its error message.
"""

from __future__ import annotations

import difflib
import inspect
import math
import numbers
from collections.abc import Iterable
from typing import Any

import numpy as np
import traitlets

Frame = dict[str, np.ndarray]
"""Where an algorithm stands now: named arrays. Seeds are the leading axis."""


class HyperparameterError(traitlets.TraitError, ValueError):
    """A hyperparameter is unknown, of the wrong type or out of range."""


class Real(traitlets.Float):
    """A real hyperparameter in [low, high].

    Parameters
    ----------
    default, low, high : float
        Default and range, ends included.
    meaning : str
        One line that says what it does.
    unit : str
        What it is measured in, '' for a pure number.
    scale : {'linear', 'log'}
        How a slider should divide the range.
    choices : iterable of float, optional
        The few values that a slider should offer where neither scale suits.
    """

    def __init__(
        self,
        default: float,
        low: float,
        high: float,
        meaning: str,
        *,
        unit: str = "",
        scale: str = "linear",
        choices: Iterable[float] | None = None,
    ):
        super().__init__(default, min=low, max=high, help=meaning)
        self.tag(hyperparameter=True, unit=unit, scale=scale, choices=None if choices is None else tuple(choices))

    def validate(self, obj, value):
        """Accept a finite real number in range, else say what was given and what was expected."""
        is_real = isinstance(value, numbers.Real) and not isinstance(value, bool | np.bool_)
        if not is_real or not self.min <= value <= self.max or math.isinf(value):
            raise HyperparameterError(
                f"{self.name} is {value!r:.60}; expected a number from {self.min:g} to {self.max:g} ({self.help})"
            )
        return float(value)


class Choice(traitlets.Unicode):
    """A hyperparameter that is one of a few words."""

    def __init__(self, default: str, choices: Iterable[str], meaning: str):
        super().__init__(default, help=meaning)
        self.tag(hyperparameter=True, unit="", scale="words", choices=tuple(choices))

    def validate(self, obj, value):
        """Accept one of the choices."""
        choices = self.metadata["choices"]
        if not isinstance(value, str) or value not in choices:
            close = difflib.get_close_matches(str(value), choices, 1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            raise HyperparameterError(
                f"{self.name} is {value!r:.60}; expected one of {', '.join(map(repr, choices))}{hint}"
            )
        return str(value)


class Algorithm(traitlets.HasTraits):
    """Base of all algorithms, planning or learning.

    A subclass declares its hyperparameters as ``Real`` or ``Choice`` traits, sets ``unit``, and writes
    ``reset()``, ``_advance(n)`` and ``frame()``. Hyperparameters may be set between advances and take effect from
    the next one; a refused value changes nothing.

    Parameters
    ----------
    seeds : int
        How many independent runs, side by side; the leading axis of every array in a frame.
    seed : int
        Base of the random streams. Run k draws from ``default_rng([seed, k])``, so it does not depend on ``seeds``.
    **hyperparameters
        Any of the declared ones.
    """

    unit = "unit"
    """What one unit of work is: a sweep, an environment step, an episode, a gradient step."""

    title = ""
    """Name for pictures."""

    def __init__(self, *, seeds: int = 1, seed: int = 0, **hyperparameters):
        super().__init__()
        self._seeds, self._seed = _seeding(seeds, seed)
        self.set(**hyperparameters)
        self.reset()

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        cls.title = cls.__dict__.get("title", cls.__name__)
        rows = [f"{name} : {_range_of(trait)}\n    {trait.help}" for name, trait in cls.declared().items()]
        doc = inspect.cleandoc(cls.__dict__.get("__doc__") or cls.__name__)
        cls.__doc__ = "\n".join([doc, "", "Hyperparameters", "---------------", *rows, ""])

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_") and not hasattr(type(self), name):
            raise AttributeError(_unknown(name, type(self)))
        super().__setattr__(name, value)

    def __repr__(self) -> str:
        plural = "seed" if self.seeds == 1 else "seeds"
        return f"{type(self).__name__}({self.seeds} {plural}, {self.units_done:,} {self.unit}s done)"

    @classmethod
    def declared(cls) -> dict[str, traitlets.TraitType]:
        """The declared hyperparameters, in order of declaration, base classes first."""
        found = {}
        for base in reversed(cls.__mro__):
            found |= {
                k: v
                for k, v in vars(base).items()
                if isinstance(v, traitlets.TraitType) and v.metadata.get("hyperparameter")
            }
        return found

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

    @property
    def hyperparameters(self) -> dict[str, float | str]:
        """Current values, by name."""
        return {name: getattr(self, name) for name in self.declared()}

    def require(self, name: str) -> None:
        """Raise a ``HyperparameterError`` that says what there is, unless ``name`` is declared."""
        if name not in self.declared():
            raise HyperparameterError(_unknown(name, type(self)))

    def set(self, **hyperparameters) -> None:
        """Set several hyperparameters; if one is refused, none is changed."""
        for name in hyperparameters:
            self.require(name)
        checked = {name: self.declared()[name].validate(self, value) for name, value in hyperparameters.items()}
        for name, value in checked.items():
            setattr(self, name, value)

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
        return type(self)(*self._inputs(), seeds=self.seeds, seed=self.seed, **self.hyperparameters)

    def _inputs(self) -> tuple:
        """What the constructor needs besides seeds and hyperparameters."""
        return ()

    def reset(self) -> None:
        """Back to the beginning, with the same random streams. Subclasses extend this."""
        self._units_done = 0

    def advance(self, n: int) -> None:
        """Do ``n`` units of work for every seed.

        Raises
        ------
        ValueError
            If ``n`` is not a whole number from 0 up.
        """
        if isinstance(n, bool) or not isinstance(n, numbers.Integral) or n < 0:
            raise ValueError(f"advance({n!r}): expected a whole number of {self.unit}s from 0 up")
        self._advance(int(n))
        self._units_done += int(n)

    def _advance(self, n: int) -> None:
        raise NotImplementedError

    def frame(self) -> Frame:
        """Where the algorithm stands now: fresh arrays that later work does not change."""
        raise NotImplementedError

    def references(self) -> dict[str, float]:
        """Levels to draw beside what is learned: the exact answer, the random baseline."""
        return {}


def _seeding(seeds, seed) -> tuple[int, int]:
    for name, value, low in (("seeds", seeds, 1), ("seed", seed, 0)):
        if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < low:
            raise HyperparameterError(f"{name} is {value!r}; expected a whole number from {low} up")
    return int(seeds), int(seed)


def _range_of(trait: traitlets.TraitType) -> str:
    if isinstance(trait, Choice):
        return f"one of {', '.join(map(repr, trait.metadata['choices']))}, default {trait.default_value!r}"
    unit = f" {trait.metadata['unit']}" if trait.metadata["unit"] else ""
    return f"float in [{trait.min:g}, {trait.max:g}]{unit}, default {trait.default_value:g}"


def _unknown(name: str, cls: type[Algorithm]) -> str:
    known = list(cls.declared())
    close = difflib.get_close_matches(name, known, 1)
    hint = f"did you mean {close[0]!r}?" if close else f"expected one of {', '.join(known) or 'none at all'}"
    return f"{cls.__name__} has no hyperparameter {name!r}; {hint}"
