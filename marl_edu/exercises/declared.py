"""The parts of which an exercise is declared, and checks of what is declared."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from marl_edu.games.checks import number, text


@dataclass(frozen=True)
class Property:
    """Something that must hold for what a student wrote.

    Parameters
    ----------
    says : str
        The property in one sentence, for the student: "after the end the target is the reward alone".
    cases : function of a numpy Generator
        Returns a list of tuples of arguments, small ones first. Always called with the same seed.
    expected : function of the arguments, optional
        Returns what must come out; by default the exercise's solution does.
    holds : function of what came out and the arguments, optional
        Instead of ``expected``, for open-ended exercises: returns None, or what is wrong in words.
    tolerance : float
        How far a number may be off: ``tolerance * max(1, |expected|)``.
    """

    says: str
    cases: Callable
    expected: Callable | None = None
    holds: Callable | None = None
    tolerance: float = 1e-9

    def __post_init__(self):
        sentence("says", self.says)
        for name in ("cases", "expected", "holds"):
            a_function(name, getattr(self, name), optional=name != "cases")
        if self.expected and self.holds:
            raise ValueError("a property has either expected or holds; found both")
        number("tolerance", self.tolerance, 0, 1e6)


@dataclass(frozen=True)
class Misconception:
    """Something that students commonly get wrong, by name.

    Parameters
    ----------
    name : str
        A few words: "bootstraps through the end".
    explains : str
        What is wrong with it, in a sentence or two, for the student.
    wrong : function like the solution, optional
        An implementation with this mistake. It is recognised when what the student wrote gives the same on all cases.
    recognise : function of what came out and the arguments, optional
        Whether the output of a failing case shows this mistake.
    """

    name: str
    explains: str
    wrong: Callable | None = None
    recognise: Callable | None = None

    def __post_init__(self):
        sentence("name", self.name)
        sentence("explains", self.explains)
        a_function("recognise", self.recognise, optional=True)
        if self.wrong is None and self.recognise is None:
            raise ValueError(f"misconception {self.name!r} has neither wrong nor recognise; expected one of them")


def sentence(field: str, value) -> str:
    """A text that is not empty."""
    if not text(field, value).strip():
        raise ValueError(f"{field} is empty; expected a text")
    return value


def matching(field: str, value, pattern: str, like: str) -> str:
    """A text of some form."""
    if not re.fullmatch(pattern, text(field, value)):
        raise ValueError(f"{field} is {value!r}; expected something {like}")
    return value


def a_function(field: str, value, optional: bool) -> None:
    """Something that can be called."""
    if not (callable(value) or (optional and value is None)):
        raise ValueError(f"{field} is {value!r:.60}; expected a function")


def several(field: str, values, kind: type, least: int) -> tuple:
    """A list of at least some things of one kind, as a tuple."""
    if isinstance(values, str) or not isinstance(values, Sequence):
        raise ValueError(f"{field} is {values!r:.60}; expected a list of {kind.__name__}")
    for value in values:
        if not isinstance(value, kind):
            raise ValueError(f"{field} holds {value!r:.60}; expected only {kind.__name__}")
    if len(values) < least:
        raise ValueError(f"{field} has {len(values)}; expected at least {least}")
    return tuple(values)
