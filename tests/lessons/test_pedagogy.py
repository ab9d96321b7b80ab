"""What every lesson must have to teach: the rules of `marl_edu.lesson_lint`, applied to the lessons as they are."""

import contextlib
import re
from pathlib import Path

import nbformat
import pytest

from marl_edu import cli, lesson_builder, lesson_lint

ROOT = Path(__file__).resolve().parents[2]
SOURCES = lesson_builder.find_sources(ROOT)


def manifest(source):
    """A lesson's manifest, or None: that there is none is said by the test of the rules."""
    with contextlib.suppress(ImportError, AttributeError):
        return lesson_lint.manifest(source.stem.split("_")[0])


MANIFESTS = [found for found in map(manifest, SOURCES) if found is not None]

each_lesson = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)


@each_lesson
def test_lesson_breaks_no_rule(source):
    assert lesson_lint.problems(source, lesson_builder.notebook_of(source)) == []


@pytest.mark.parametrize("lesson", MANIFESTS, ids=lambda lesson: lesson.number)
def test_what_can_be_chosen_in_a_quiz_is_no_formula(lesson):
    """Labels of radio buttons are not typeset."""
    chosen = [option.text for question in lesson.quiz.questions for option in getattr(question, "options", ())]
    assert chosen and not [text for text in chosen if "$" in text]


@pytest.mark.parametrize("lesson", MANIFESTS, ids=lambda lesson: lesson.number)
def test_lesson_has_three_to_six_exercises_from_easy_to_hard(lesson):
    assert 3 <= len(lesson.exercises) <= 6
    assert len({exercise.difficulty for exercise in lesson.exercises}) > 1


@each_lesson
def test_stored_lesson_shows_nobodys_progress(source):
    """Built with progress off, every stub is still to do, and no solution is shown."""
    stored = nbformat.read(lesson_builder.notebook_of(source), as_version=4)
    shown = [
        str(output.get("data", output.get("text", ""))) for cell in stored.cells for output in cell.get("outputs", [])
    ]
    assert sum("not attempted" in text for text in shown) >= len(lesson_lint.manifest(source.stem[:2]).exercises)
    assert not any(re.search("One solution", text) for text in shown)


def test_make_lab_opens_the_first_lesson():
    assert "--LabApp.default_url=/lab/tree/lessons/00_start_here.ipynb" in cli.lab_arguments(ROOT, False, False)
