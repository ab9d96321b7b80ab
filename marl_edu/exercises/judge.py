"""The judge: tries a student's object on all cases, finds the first property that fails, and recognises misconceptions.

The right answers are computed beforehand, from copies of their own, so that nothing of them is within reach of what is
tested. The judge runs inside a container and tells facts, a dict of plain values, from which a verdict is made.
"""

from __future__ import annotations

import copy
import inspect
import types

import numpy as np

from marl_edu.exercises.cases import Case, Result, call
from marl_edu.exercises.compare import difference
from marl_edu.exercises.container import Place, TimeUp
from marl_edu.exercises.declared import Misconception
from marl_edu.exercises.values import in_words, name_of, plain, shown

ONLY_CHANGED = "what came out is right, but an argument was changed on the way"


def judge(exercise, thing, prepared: list[list[Case]], place: Place) -> dict:
    """Try ``thing`` on all cases.

    Returns
    -------
    dict
        ``outcome``; ``property`` and ``case`` (numbers) that show it; ``got`` (plain), ``why``, ``error``, ``message``,
        ``line``, ``printed``; ``misconception`` (a number or None); ``tried``, how many cases. Told to ``place`` too as
        soon as the first failure is known, in case that recognising a misconception takes too long.
    """
    words = _not_the_thing(exercise, thing)
    if words:
        return {"outcome": "wrong", "why": words}
    results: dict[tuple[int, int], Result] = {}
    failing: int | None = None
    failures: dict[tuple[int, int], str] = {}
    for p, cases in enumerate(prepared):
        for c, case in enumerate(cases):
            place.at(p, c)
            result = call(lambda *args: exercise.use(thing, *args), case.args, place)
            if result.unattempted and not failures:
                return {"outcome": "not attempted"}
            results[p, c] = result
            failures[p, c] = problem(exercise.properties[p], case, result)
            result.raw = None
            if failures[p, c] and failing is None:
                failing = p
                place.tell(_facts(prepared, results, failures, p, c))
    if failing is None:
        return {"outcome": "right", "tried": len(results)}
    shown_case = min(
        (c for (p, c), words in failures.items() if p == failing and words), key=_by_size(prepared[failing])
    )
    facts = _facts(prepared, results, failures, failing, shown_case)
    facts["misconception"] = recognise(exercise, prepared, results, failures, failing, shown_case)
    return facts


def _by_size(cases: list[Case]):
    return lambda c: (cases[c].size, c)


def _facts(prepared, results, failures, p, c) -> dict:
    result = results[p, c]
    changed = _changed(prepared[p][c], result)
    return {
        "outcome": "crashed" if result.error else "wrong",
        "property": p,
        "case": c,
        "got": result.value,
        "why": failures[p, c],
        "error": result.error,
        "message": result.message,
        "line": result.line,
        "printed": result.printed,
        "changed": changed,
        "misconception": None,
        "tried": len(results),
    }


def problem(property_, case: Case, result: Result) -> str:
    """What is wrong with a result, in words; '' if nothing is."""
    if result.error:
        return result.error
    if property_.holds is None:
        words = difference(result.value, case.expected, property_.tolerance)
    else:
        words = _what_does_not_hold(property_, case, result)
    if words:
        return words
    changed = _changed(case, result)
    return ONLY_CHANGED if changed else ""


def _what_does_not_hold(property_, case, result) -> str:
    try:
        said = property_.holds(result.raw, *copy.deepcopy(case.args))
    except TimeUp:
        raise
    except Exception:
        return f"{in_words(result.value)} came out, which can't be used here"
    if isinstance(said, str):
        return said
    return "" if said is None or said is True else "this does not hold"


def _changed(case: Case, result: Result) -> list[tuple[int, str]]:
    """Which arguments are not as they must be after the call, and how they are now."""
    pairs = enumerate(zip(result.after, case.after, strict=False))
    return [(k, shown(now, 120)) for k, (now, right) in pairs if difference(now, right)]


# ---- misconceptions -----------------------------------------------------------------------------------------------


def recognise(exercise, prepared, results: dict[tuple[int, int], Result], failures, p: int, c: int) -> int | None:
    """Number of the misconception that explains the results, or None: better no name than a false one.

    One with a wrong implementation explains them if that gives the same on *all* cases, and so differs from the right
    answer exactly where the student's does. One that looks at an output is asked about the case that is shown; if it is
    made by ``beside_others``, about many more (see there). Where what came out is right and only an argument was
    changed, no output shows anything.
    """
    for k, misconception in enumerate(exercise.misconceptions):
        if misconception.wrong is not None and _gives_the_same(exercise, misconception, prepared, results):
            return k
    shown_result, args = results[p, c], prepared[p][c].args
    if failures[p, c] == ONLY_CHANGED:
        return None
    for k, misconception in enumerate(exercise.misconceptions):
        if isinstance(misconception.recognise, beside_others):
            if _gives_nearly_the_same(exercise, misconception.recognise.wrong, prepared, results, failures, p):
                return k
        elif misconception.recognise is not None and not shown_result.error:
            try:
                if misconception.recognise(copy.deepcopy(shown_result.value), *copy.deepcopy(args)):
                    return k
            except Exception:  # not made for such an output, so it is not this
                continue
    return None


class beside_others:
    """Recognise a mistake although there are others beside it: an implementation with this mistake alone.

    It is named if it gives the same as the student's in every case of the first property that fails and of those before
    it, at least three of them different failing ones (or all, if there are fewer), and in three quarters of all cases.
    """

    ENOUGH, MOSTLY = 3, 0.75

    def __init__(self, wrong):
        self.wrong = wrong

    def __call__(self, value, *args) -> bool:
        """Whether one output could come from it."""
        return difference(value, plain(self.wrong(*args))) == ""


def mistake(name: str, explains: str, wrong) -> Misconception:
    """A misconception with an implementation, recognised on all cases or, beside other mistakes, on most of them."""
    return Misconception(name, explains, wrong, beside_others(wrong))


def _gives_nearly_the_same(exercise, wrong, prepared, results, failures, failing: int) -> bool:
    same = {place: _same(exercise, wrong, prepared, place, result) for place, result in results.items()}
    if not all(agrees for (p, _), agrees in same.items() if p <= failing):
        return False
    fail = {repr(prepared[p][c].before) for (p, c), words in failures.items() if p == failing and words}
    different = {repr(case.before) for case in prepared[failing]}
    enough = min(beside_others.ENOUGH, len(different))
    return len(fail) >= enough and sum(same.values()) >= beside_others.MOSTLY * len(same)


def _gives_the_same(exercise, misconception, prepared, results) -> bool:
    return all(_same(exercise, misconception.wrong, prepared, place, result) for place, result in results.items())


def _same(exercise, wrong, prepared, place, result) -> bool:
    """Whether a wrong implementation does in one case what the student's did."""
    p, c = place
    case = prepared[p][c]
    theirs = call(lambda *args: exercise.use(wrong, *args), case.args)
    if result.error or theirs.error:
        if result.error != theirs.error:
            return False
    elif difference(result.value, theirs.value, exercise.properties[p].tolerance):
        return False
    return not any(difference(mine, other) for mine, other in zip(result.after, theirs.after, strict=False))


# ---- before anything is called ------------------------------------------------------------------------------------


def _not_the_thing(exercise, thing) -> str:
    """What is wrong with what was handed in, before it is tried; '' if nothing is."""
    if exercise.custom_call:
        return ""
    name, kind = exercise.stub_name, type(thing)
    advice = f"hand in the function itself, without brackets: check({name})"
    if issubclass(kind, type) and not isinstance(exercise.reference, type):
        return f"the class {name_of(thing)} was handed in; {advice}"
    if issubclass(kind, types.ModuleType) or not callable(thing):
        value = plain(thing)
        what = shown(value, 60) if isinstance(value, (*_SIMPLE, np.ndarray)) else in_words(value)
        return f"{what} was handed in, which is no function; {advice}"
    try:
        signature = inspect.signature(thing)
    except TimeUp:
        raise
    except Exception:
        return ""
    wanted = exercise.parameters
    try:
        signature.bind(*wanted)
    except TypeError:
        return (
            f"your function is {name}{_names(signature)}, but it is called with {len(wanted)} "
            f"argument{'' if len(wanted) == 1 else 's'}: {name}({', '.join(wanted)})"
        )
    return ""


_SIMPLE = (bool, int, float, complex, str, list, tuple, dict, type(None))


def _names(signature) -> str:
    return f"({', '.join(map(str, signature.parameters))})"
