"""The manifest of a lesson is checked when it is made, and the course fits together."""

from types import SimpleNamespace

import pytest

from marl_edu.exercises.course import COURSE, course_map, lesson
from marl_edu.exercises.lesson import Lesson
from marl_edu.panels.quiz import Number, Quiz


def exercise(name="06.target", objective="06.1", minutes=5):
    return SimpleNamespace(name=name, objective=objective, minutes=minutes, check=None)


def quiz(name="06.quiz", objective="06.1"):
    return Quiz(name, [Number("?", 1, "so", tolerance=0, objective=objective)])


def make(**changes):
    given = {
        "number": "06", "title": "A title", "minutes": 30, "seconds": 20,
        "objectives": {"06.1": "do it", "06.2": "undo it"},
        "exercises": [exercise(), exercise("06.other", "06.2")], "predictions": ["06.curve"], "quiz": quiz(),
        "play": ["06.play"], "builds_on": ["05"], "next": "07",
    }  # fmt: skip
    return Lesson(**given | changes)


def test_names_of_all_that_can_be_done():
    assert make().names() == [
        ("exercise", "06.target"), ("exercise", "06.other"), ("prediction", "06.curve"), ("quiz", "06.quiz"),
        ("play", "06.play"),
    ]  # fmt: skip
    assert make(quiz=None, play=(), predictions=()).names() == [("exercise", "06.target"), ("exercise", "06.other")]


def test_what_serves_an_objective():
    made = make()
    assert [each.name for each in made.exercises_for("06.2")] == ["06.other"]
    assert len(made.questions_for("06.1")) == 1 and made.questions_for("06.2") == []


def test_it_can_not_be_changed():
    objectives = {"06.1": "do it", "06.2": "undo it"}
    made = make(objectives=objectives)
    objectives["06.3"] = "more"
    assert list(made.objectives) == ["06.1", "06.2"]
    with pytest.raises(TypeError):
        made.objectives["06.3"] = "more"
    with pytest.raises(AttributeError):
        made.minutes = 3


@pytest.mark.parametrize(
    "changes, says",
    [
        ({"number": "6"}, "two digits"),
        ({"number": 6}, "expected a text"),
        ({"title": " "}, "title is empty"),
        ({"minutes": 0}, "minutes is 0"),
        ({"minutes": 9}, "exercises alone take 10"),
        ({"seconds": 0}, "seconds is 0"),
        ({"objectives": {}}, "expected texts by id"),
        ({"objectives": {"05.1": "no"}}, "id '05.1'"),
        ({"objectives": {"06.0": "no"}}, "id '06.0'"),
        ({"objectives": {"06.1": ""}}, "is empty"),
        ({"objectives": {"06.1": "a", "06.2": "b", "06.3": "c"}}, "'06.3' has no exercise"),
        ({"exercises": [exercise(objective="06.9")]}, "serves the objective '06.9'"),
        ({"exercises": ["target"]}, "expected an Exercise"),
        ({"exercises": exercise()}, "expected a list"),
        ({"exercises": [exercise(), exercise(objective="06.2")]}, "two things are named '06.target'"),
        ({"exercises": [exercise("05.target"), exercise(objective="06.2")]}, "name '05.target'"),
        ({"predictions": "06.curve"}, "expected a list"),
        ({"predictions": ["curve"]}, "name 'curve'"),
        ({"predictions": ["06.play"]}, "two things"),
        ({"quiz": quiz("05.quiz")}, "name '05.quiz'"),
        ({"quiz": quiz(objective="06.7")}, "question 1 of the quiz"),
        ({"quiz": [1]}, "expected a Quiz"),
        ({"next": "06"}, "another lesson"),
        ({"next": 7}, "another lesson"),
        ({"builds_on": ["5"]}, "another lesson"),
    ],
)
def test_what_contradicts_itself_is_refused(changes, says):
    with pytest.raises(ValueError, match=says):
        make(**changes)


# --- the course ----------------------------------------------------------------------------------------------------


def test_sixteen_lessons_that_build_on_earlier_ones():
    assert [each.number for each in COURSE] == [f"{k:02}" for k in range(16)]
    for each in COURSE[1:]:
        assert each.builds_on and all(needed < each.number for needed in each.builds_on)


def test_places_on_the_map_are_different_and_arrows_run_right_or_down():
    assert len({each.place for each in COURSE}) == len(COURSE)
    for each in COURSE:
        for needed in map(lesson, each.builds_on):
            (row, column), (from_row, from_column) = each.place, needed.place
            assert row > from_row or (row == from_row and column == from_column + 1)


@pytest.mark.parametrize("number", [each.number for each in COURSE if each.manifest is not None])
def test_a_manifest_agrees_with_the_course(number):
    manifest, entry = lesson(number).manifest, lesson(number)
    assert (manifest.number, manifest.title) == (entry.number, entry.title)


def test_planned_lessons_have_neither_file_nor_manifest():
    assert lesson("15").file is None and lesson("15").manifest is None
    assert lesson("06").file == "06_independent_q_learning.ipynb"


def test_the_map_is_at_hand():
    assert repr(course_map()) == "CourseMap(16 lessons)"
