"""The course map: where the student stands, in a picture, a list and a table."""

import re
from types import SimpleNamespace

import pytest

from marl_edu.panels.course_map import CourseMap
from marl_edu.panels.quiz import Number, Quiz
from marl_edu.progress import Progress

QUIZ = Quiz("01.quiz", [Number("one?", 1, "w", tolerance=0), Number("two?", 2, "w", tolerance=0)], Progress(None))


def entry(number, builds_on=(), place=(0, 0), file=None, manifest=None, title=None):
    return SimpleNamespace(
        number=number, title=title or f"Lesson {number}", about="about it", builds_on=builds_on, place=place, file=file,
        manifest=manifest,
    )  # fmt: skip


def manifest():
    kinds = ("exercise", "exercise", "prediction", "quiz", "play")
    names = list(zip(kinds, ["01.a", "01.b", "01.c", "01.quiz", "01.play"], strict=True))
    return SimpleNamespace(minutes=40, quiz=QUIZ, names=lambda: names)


@pytest.fixture
def kept(tmp_path):
    return Progress(tmp_path / "progress.json")


@pytest.fixture
def course_map(kept):
    course = [
        entry("00", file="00_start.ipynb"),
        entry("01", ("00",), (0, 1), "01_one.ipynb", manifest()),
        entry("02", ("00", "01"), (1, 0)),
    ]
    return CourseMap(course, kept)


def states(course_map):
    return [each.state for each in course_map.standings()]


def shown(course_map):
    course_map._repr_mimebundle_()
    return course_map._widgets["map"].value


def do_all(kept):
    for name in ("01.a", "01.b"):
        kept.note("exercise", name, right=True)
    kept.note("prediction", "01.c", guess=0)
    Quiz("01.quiz", QUIZ.questions, kept).answer(1, 1)
    Quiz("01.quiz", QUIZ.questions, kept).answer(2, 2)


def test_not_begun_begun_done(course_map, kept):
    assert states(course_map) == ["not begun", "not begun", "planned"]
    kept.note("exercise", "01.a", right=False, outcome="wrong", attempts=1)
    assert states(course_map) == ["not begun", "begun", "planned"]
    assert course_map.standings()[1].in_words() == "exercises 0 of 2, guesses 0 of 1, quiz 0 of 2, games 0 of 1"
    do_all(kept)
    assert states(course_map) == ["not begun", "done", "planned"]
    assert course_map.standings()[1].in_words() == "exercises 2 of 2, guesses 1 of 1, quiz 2 of 2, games 0 of 1"


def test_a_lesson_in_which_nothing_was_done_is_not_begun(course_map, kept):
    """What running all cells, or taking back what was done, leaves behind."""
    kept.note("lesson", "00.lesson", opened=True)
    kept.note("exercise", "01.a", outcome="not attempted", attempts=0, right=False)
    kept.note("prediction", "01.c", guess=None, truth=None)
    kept.note("quiz", "01.quiz", answers={"1": None}, of=2)
    kept.note("play", "01.play", turns=0)
    assert states(course_map) == ["not begun", "not begun", "planned"]
    assert [done for done, _ in course_map.standings()[1].counts.values()] == [0, 0, 0, 0]
    kept.note("play", "01.play", turns=3)
    assert states(course_map)[1] == "begun" and course_map.standings()[1].counts["games"] == (1, 1)


def test_what_is_noted_in_the_kernel_is_seen_at_once(course_map, kept):
    assert "exercises 0/2" in shown(course_map)
    course_map._widgets["delete"].click()
    kept.note("exercise", "01.a", right=True, attempts=1)
    assert "exercises 1/2" in course_map._widgets["map"].value
    assert course_map._widgets["delete"].description == "yes, delete", "the question still stands"
    kept.delete()
    assert "exercises 0/2" in course_map._widgets["map"].value
    course_map.close()
    kept.note("exercise", "01.a", right=True)  # nothing is shown any more


def test_the_page_is_a_list_that_says_all_in_words(course_map, kept):
    kept.note("exercise", "01.a", right=True)
    page = shown(course_map)
    items = re.findall(r"<li.*?</li>", page)
    assert len(items) == 3
    assert 'href="00_start.ipynb"' in items[0] and "not begun" in items[0]
    assert "40 minutes" in items[1] and "exercises 1/2" in items[1] and "builds on 00" in items[1]
    assert "href" not in items[2] and "planned" in items[2] and "builds on 00, 01" in items[2]
    assert page.count('marker-end="url(#marl-head)"') == 3 and 'aria-hidden="true"' in page


def test_static_text_is_stable_and_has_no_folder(course_map, kept, tmp_path):
    bundle = course_map._repr_mimebundle_()
    assert bundle["text/plain"] == course_map._repr_mimebundle_()["text/plain"]
    assert bundle["text/plain"].splitlines()[1:] == [
        "○ 00 Lesson 00 (not begun)",
        "○ 01 Lesson 01 (not begun, 40 minutes, exercises 0 of 2, guesses 0 of 1, quiz 0 of 2, games 0 of 1; "
        "builds on 00)",
        "◌ 02 Lesson 02 (planned; builds on 00, 01)",
    ]
    assert "[Lesson 01](01_one.ipynb)" in bundle["text/markdown"]
    assert bundle["text/markdown"].count("\n") == 4
    assert str(tmp_path) not in str(bundle) + shown(course_map) + course_map._widgets["where"].value


def test_exercises_that_are_there_before_their_lesson_are_not_counted(kept):
    course_map = CourseMap([entry("00", file="00_start.ipynb"), entry("01", place=(0, 1), manifest=manifest())], kept)
    assert states(course_map) == ["not begun", "planned"]
    assert "minutes" not in str(course_map) and "exercises" not in shown(course_map)


def test_where_it_is_kept_and_trouble(course_map, kept):
    shown(course_map)
    assert "never sent anywhere" in course_map._widgets["where"].value
    kept.path.write_text("broken <b>")
    course_map.refresh()
    assert "set aside as progress-damaged-1.json" in course_map._widgets["where"].value
    memory = CourseMap(course_map.course, Progress(None))
    shown(memory)
    assert "in memory only" in memory._widgets["where"].value


def test_export_is_a_link_with_everything(course_map, kept):
    kept.note("exercise", "01.a", right=True)
    shown(course_map)
    course_map._widgets["export"].click()
    notice = course_map._widgets["notice"].value
    assert 'download="marl-edu-progress.json"' in notice and "data:application/json;base64," in notice


def test_delete_asks_first(course_map, kept):
    kept.note("exercise", "01.a", right=True)
    shown(course_map)
    press = course_map._widgets["delete"].click
    press()
    assert kept.all() and course_map._widgets["delete"].description == "yes, delete"
    course_map._widgets["refresh"].click()
    assert course_map._widgets["delete"].description == "delete"
    press()
    assert kept.all()
    press()
    assert kept.all() == {} and states(course_map) == ["not begun", "not begun", "planned"]
    assert "Forgotten" in course_map._widgets["notice"].value


def test_from_code_without_a_front_end(course_map, kept):
    kept.note("exercise", "01.a", right=True)
    course_map.offer()
    course_map.delete()
    assert kept.all()
    course_map.delete()
    assert kept.all() == {}


def test_a_lesson_that_can_not_be_loaded_does_not_take_the_map_away(kept):
    class Broken:
        number, title, about, builds_on, place, file = "01", "Broken", "x", (), (0, 0), "01_one.ipynb"

        @property
        def manifest(self):
            raise SyntaxError("in /somebodys/folder")

    course_map = CourseMap([Broken()], kept)
    shown(course_map)
    assert "Lesson 01 can&#x27;t be loaded: SyntaxError." in course_map._widgets["where"].value


@pytest.mark.parametrize("facts", [{"answers": 3}, {"answers": {"1": "x", "2": {"right": "yes"}}}, {"guess": 3}])
def test_strange_notes(course_map, kept, facts):
    kept.note("quiz", "01.quiz", **facts)
    assert course_map.standings()[1].counts["quiz"] == (0, 2)


def test_hostile_titles(kept):
    course_map = CourseMap([entry("00", title="<script>x</script>", file='"><script>.ipynb')], kept)
    assert "<script>" not in shown(course_map)


def test_closed_and_shown_again(course_map):
    shown(course_map)
    course_map.close()
    assert "<li" in shown(course_map)


def test_no_course():
    with pytest.raises(ValueError, match="expected COURSE"):
        CourseMap([])
