"""Cases to try something on, with their right answers; and one call, of which whatever comes out is taken down."""

from __future__ import annotations

import copy
import zlib
from dataclasses import dataclass, field

import numpy as np

from marl_edu.exercises.container import Place, TimeUp
from marl_edu.exercises.lines import Line, from_traceback
from marl_edu.exercises.values import Odd, name_of, plain


@dataclass
class Case:
    """Arguments, and what the reference makes of them."""

    args: tuple
    before: list
    """Plain values of the arguments."""
    expected: object = None
    after: list = field(default_factory=list)
    """Plain values of the arguments after the reference ran: what it changes in place, a student may change too."""

    @property
    def size(self) -> int:
        """How much there is to read."""
        return sum(map(_size, self.before))


@dataclass
class Result:
    """What came out of one call."""

    value: object = None
    """Plain."""
    raw: object = None
    after: list = field(default_factory=list)
    error: str = ""
    """Name of the exception's type; '' if it returned."""
    message: str = ""
    line: Line | None = None
    printed: str = ""
    unattempted: bool = False


def prepare(exercise, seed: int = 0) -> list[list[Case]]:
    """All cases of all properties with their right answers; the same ones each time.

    Raises
    ------
    ValueError
        If the cases are no tuples, or the reference fails on them: mistakes of the exercise's author.
    """
    return [_prepared(exercise, k, property_, seed) for k, property_ in enumerate(exercise.properties)]


def _prepared(exercise, number, property_, seed) -> list[Case]:
    rng = np.random.default_rng([seed, zlib.crc32(f"{exercise.name} {number}".encode())])
    made = []
    for args in property_.cases(rng):
        if not isinstance(args, tuple):
            raise ValueError(
                f"{exercise.name}: cases of {property_.says!r} gave {args!r:.60}; expected tuples of arguments"
            )
        case = Case(copy.deepcopy(args), plain(list(args)))
        if property_.holds is None:
            result = call(_answer(exercise, property_), args)
            if result.error:
                raise ValueError(
                    f"{exercise.name}: the right answer to {args!r:.80} fails: {result.error}: {result.message}"
                )
            if isinstance(result.value, Odd):
                raise ValueError(
                    f"{exercise.name}: the right answer to {args!r:.80} is {result.value.words}; "
                    f"expected numbers, arrays, texts, tuples, lists or dicts, or a property with holds=..."
                )
            case.expected, case.after = result.value, result.after
        else:
            case.after = call(lambda *given: exercise.use(exercise.reference, *given), args).after or case.before
        made.append(case)
    if not made:
        raise ValueError(f"{exercise.name}: the property {property_.says!r} has no cases")
    return made


def _answer(exercise, property_):
    return property_.expected or (lambda *args: exercise.use(exercise.reference, *args))


def call(function, args: tuple, place: Place | None = None) -> Result:
    """Call a function with copies of arguments, and take down what came out, whatever that is."""
    mine = copy.deepcopy(args)
    if place is not None:
        place.printed.text = ""
    result = Result()
    try:
        result.raw = function(*mine)
        result.value = plain(result.raw)
        result.unattempted = result.value is ...
    except TimeUp:
        raise
    except BaseException as error:
        if place is not None and place.stoppable and isinstance(error, KeyboardInterrupt):
            raise
        result.error, result.message = name_of(type(error)), _message(error)
        result.line = from_traceback(error)
        result.unattempted = type(error) is NotImplementedError
    result.after = plain(list(mine))
    result.printed = place.printed.text if place is not None else ""
    return result


def _message(error: BaseException) -> str:
    try:
        return str.__str__(str(error))[:300]
    except TimeUp:
        raise
    except BaseException:
        return "(its message can't be shown)"


def _size(value) -> int:
    if type(value) is np.ndarray:
        return value.size
    if type(value) in (list, tuple):
        return sum(map(_size, value))
    return len(value) if type(value) in (dict, str, set) else 1
