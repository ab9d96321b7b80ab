"""What the tests of the lessons' exercises share: the verdict on an answer, and tests that run over many answers."""

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
