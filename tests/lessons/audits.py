"""Which exercises are audited in which file: two workers share them, and each takes whole files."""

import contextlib
from pathlib import Path

import pytest

from marl_edu import lesson_builder, lesson_lint

ROOT = Path(__file__).resolve().parents[2]
SHARES = (("00", "01", "02", "08"), ("03", "04", "10"), ("05",))
"""Lessons by file; those that are in none of them are in the last file."""


def every_exercise() -> list:
    """Return the exercises of all lessons that have a manifest."""
    found = []
    for source in lesson_builder.find_sources(ROOT):
        with contextlib.suppress(ImportError, AttributeError):  # that there is none is said by another test
            found += lesson_lint.manifest(source.stem.split("_")[0]).exercises
    return found


def share(number: int):
    """Parametrize a test by the exercises of one file."""
    named = {lesson for lessons in SHARES for lesson in lessons}
    mine = SHARES[number] if number < len(SHARES) else None
    chosen = [e for e in every_exercise() if (e.name[:2] in mine if mine else e.name[:2] not in named)]
    return pytest.mark.parametrize("exercise", chosen, ids=lambda exercise: exercise.name)
