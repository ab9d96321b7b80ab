"""What the tests of the lessons' exercises share: the verdict on an answer, and tests that run over many answers."""

import numpy as np
import pytest


def verdict_of(exercise, answer):
    """Return the outcome and the name of the misconception that was recognised, or None."""
    verdict = exercise.check(answer)
    return verdict.outcome, verdict.misconception


def diagnosed(exercise, pairs):
    """Parametrize a test by wrong answers, each with the name of its mistake."""
    return pytest.mark.parametrize(
        ("answer", "name"), [pytest.param(answer, name, id=f"{exercise.name}-{name}") for answer, name in pairs]
    )


def unnamed(exercise, answers):
    """Parametrize a test by wrong answers whose mistakes have no name."""
    return pytest.mark.parametrize("answer", [pytest.param(a, id=f"{exercise.name}-{a.__name__}") for a in answers])


def verdict_of_text(exercise, text, **names):
    """Return the verdict on a cell that was run as in a notebook, where np and these names exist."""
    return verdict_of(exercise, _defined(exercise, text, names))


def outcomes(exercise, **names):
    """Return what becomes of the solution, of the stub, and of no answer at all."""
    answers = [exercise.reference], [_defined(exercise, exercise.stub, names)], []
    return tuple(exercise.check(*answer).outcome for answer in answers)


def expect_mended_one_by_one(exercise, repairs, **names):
    """Mend a listing fault by fault, (fault, mended, name of the mistake met next or None): each is met by its name."""
    text = exercise.stub
    assert verdict_of_text(exercise, text, **names) == ("not attempted", None)
    for fault, mended, name in repairs:
        assert text.count(fault) == 1
        text = text.replace(fault, mended)
        assert verdict_of_text(exercise, text, **names) == (("wrong", name) if name else ("right", None)), fault


def _defined(exercise, text, names):
    scope = {"np": np, **names}
    exec(compile(text, "<listing>", "exec"), scope)
    return scope[exercise.stub_name]
