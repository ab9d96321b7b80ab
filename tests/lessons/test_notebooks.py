"""The lessons as stored: each comes from its source, was run from top to bottom, and is fit to be read by others.

What their cells compute is compared by nbval, in a phase of its own of `make test`.
"""

from pathlib import Path

import nbformat
import pytest

from marl_edu import lesson_builder

ROOT = Path(__file__).resolve().parents[2]
SOURCES = lesson_builder.find_sources(ROOT)
MEGABYTE = 1_000_000

each_lesson = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)


def test_there_are_lessons_and_each_notebook_has_a_source():
    assert SOURCES
    notebooks = sorted((ROOT / "lessons").glob("*.ipynb"))
    assert notebooks == [lesson_builder.notebook_of(source) for source in SOURCES]


@each_lesson
def test_notebook_agrees_with_its_source_and_was_run_in_order_without_errors(source):
    assert lesson_builder.disagreements(source, lesson_builder.notebook_of(source)) == []


@each_lesson
def test_notebook_is_small_and_valid(source):
    path = lesson_builder.notebook_of(source)
    assert path.stat().st_size < 3 * MEGABYTE
    nbformat.validate(nbformat.read(path, as_version=4))


@each_lesson
def test_stored_outputs_need_no_kernel(source):
    text = lesson_builder.notebook_of(source).read_text(encoding="utf-8")
    assert lesson_builder.WIDGET_VIEW not in text
    assert "widget-state" not in text


@each_lesson
def test_prose_does_not_call_anything_simple_or_obvious(source):
    words = source.read_text(encoding="utf-8").lower()
    assert "simply" not in words
    assert "obviously" not in words
