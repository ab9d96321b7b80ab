"""Hyperparameters, each declared once, as a trait on the class of an algorithm.

From that one declaration come the constructor argument, the table in the docstring, the slider with its tooltip, and
the range check with its error message.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable
from typing import Any

import numpy as np
import traitlets

from marl_edu.games import checks


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
    when : (str, str) or (str, tuple of str), optional
        Another hyperparameter, and its value or values with which alone this one plays a part.
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
        when: tuple[str, str | tuple[str, ...]] | None = None,
    ):
        super().__init__(default, min=low, max=high, help=meaning)
        offered = None if choices is None else tuple(choices)
        self.tag(hyperparameter=True, unit=unit, scale=scale, choices=offered, when=when)

    def validate(self, obj, value):
        """Accept a finite real number in range, else say what was given and what was expected."""
        is_real = isinstance(value, numbers.Real) and not isinstance(value, bool | np.bool_)
        if not is_real or not self.min <= value <= self.max or math.isinf(value):
            raise HyperparameterError(
                f"{self.name} is {value!r:.60}; expected a number from {self.min:g} to {self.max:g} ({self.help})"
            )
        return float(value)

    def described(self) -> str:
        """Type, range, unit and default, for a docstring."""
        unit = f" {self.metadata['unit']}" if self.metadata["unit"] else ""
        return f"float in [{self.min:g}, {self.max:g}]{unit}, default {self.default_value:g}"


class Count(Real):
    """A hyperparameter that counts something: a whole number in [low, high]."""

    def validate(self, obj, value):
        """Accept a whole number in range."""
        found = super().validate(obj, value)
        if found != int(found):
            raise HyperparameterError(f"{self.name} is {found:g}; expected a whole number ({self.help})")
        return found

    def described(self) -> str:
        """As of any number, but whole."""
        return super().described().replace("float", "int", 1)


class Choice(traitlets.Unicode):
    """A hyperparameter that is one of a few words; ``when`` as in ``Real``."""

    def __init__(
        self,
        default: str,
        choices: Iterable[str],
        meaning: str,
        *,
        when: tuple[str, str | tuple[str, ...]] | None = None,
    ):
        super().__init__(default, help=meaning)
        self.tag(hyperparameter=True, unit="", scale="words", choices=tuple(choices), when=when)

    def validate(self, obj, value):
        """Accept one of the choices."""
        return str(as_hyperparameter_error(checks.option, self.name, value, self.metadata["choices"]))

    def described(self) -> str:
        """The words and the default, for a docstring."""
        return f"one of {', '.join(map(repr, self.metadata['choices']))}, default {self.default_value!r}"


def as_hyperparameter_error(check, *arguments):
    """What ``check`` returns; its ``ValueError`` becomes a ``HyperparameterError``."""
    try:
        return check(*arguments)
    except ValueError as error:
        raise HyperparameterError(str(error)) from None


class Tunable(traitlets.HasTraits):
    """Something with declared hyperparameters, which can be set at any time; nothing else can be set.

    A refused value changes nothing.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        ours = name.startswith("_") or name == "notify_change"  # traitlets replaces that one while it notifies
        if not ours and name not in self.declared():
            try:
                self.require(name)
            except HyperparameterError as error:
                raise AttributeError(f"{error}; what a class keeps for itself begins with an underscore") from None
        super().__setattr__(name, value)

    @classmethod
    def declared(cls) -> dict[str, traitlets.TraitType]:
        """The declared hyperparameters, in order of declaration, base classes first."""
        known = cls.__dict__.get("_declared_once")
        if known is not None:
            return dict(known)
        found: dict[str, traitlets.TraitType] = {}
        for base in reversed(cls.__mro__):
            found |= {
                k: v
                for k, v in vars(base).items()
                if isinstance(v, traitlets.TraitType) and v.metadata.get("hyperparameter")
            }
        cls._declared_once = found  # asked for at every frame of a recording
        return dict(found)

    @property
    def hyperparameters(self) -> dict[str, float | str]:
        """Current values, by name."""
        return {name: getattr(self, name) for name in self.declared()}

    def plays_a_part(self, name: str) -> bool:
        """Whether a hyperparameter makes any difference with the others as they are now (its ``when``)."""
        when = self.declared()[name].metadata["when"]
        if when is None:
            return True
        other, values = when
        return getattr(self, other) in ((values,) if isinstance(values, str) else values)

    def require(self, name: str) -> None:
        """Raise a ``HyperparameterError`` that says what there is, unless ``name`` is declared."""
        field = f"{type(self).__name__}: the name of a hyperparameter"
        as_hyperparameter_error(checks.option, field, name, self.declared())

    def set(self, **hyperparameters) -> None:
        """Set several hyperparameters; if one is refused, none is changed."""
        for name in hyperparameters:
            self.require(name)
        checked = {name: self.declared()[name].validate(self, value) for name, value in hyperparameters.items()}
        for name, value in checked.items():
            setattr(self, name, value)
