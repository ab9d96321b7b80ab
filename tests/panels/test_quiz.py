"""The quiz: every answer is explained, nothing is given away, and what was answered is kept."""

import json
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marl_edu.panels.questions import Unread
from marl_edu.panels.quiz import Choice, Number, Option, Quiz
from marl_edu.progress import Progress

OPTIONS = [
    Option("five", "WHY-FIVE: one too many."),
    Option("four", "WHY-FOUR: two pairs.", right=True),
    Option("three", "WHY-THREE: one too few."),
]
CHOICE = Choice("How many is two and `2`?", OPTIONS, objective="06.1")
NUMBER = Number("What is $3 / 2$?", lambda: 1.5, "WHY-HALF.", tolerance=0.01, wrong={6: "WHY-TIMES"}, unit="units")
QUESTIONS = [CHOICE, NUMBER]


@pytest.fixture
def kept(tmp_path):
    return Progress(tmp_path / "progress.json")


@pytest.fixture
def quiz(kept):
    return Quiz("06.quiz", QUESTIONS, kept)


# --- answering -----------------------------------------------------------------------------------------------------


def test_every_option_says_why_and_one_may_try_again(quiz):
    said = [quiz.answer(1, CHOICE.letter_of(word)) for word in ("five", "three", "four")]
    assert [feedback.outcome for feedback in said] == ["wrong", "wrong", "right"]
    assert [feedback.why.split(":")[0] for feedback in said] == ["WHY-FIVE", "WHY-THREE", "WHY-FOUR"]
    assert [feedback.tries for feedback in said] == [1, 2, 3]
    assert quiz.score == "1 of 2 answered right, 0 at first try."
    assert quiz.answers[1]["tries"] == 3


def test_once_right_other_options_may_be_looked_at(quiz):
    quiz.answer(1, "four")
    feedback = quiz.answer(1, "five")
    assert (feedback.outcome, feedback.tries) == ("wrong", 1)
    assert quiz.answers[1]["right"] and quiz.score == "1 of 2 answered right, 1 at first try."


def test_numbers(quiz):
    assert quiz.answer(2, 6).why == "WHY-TIMES"
    assert quiz.answer(2, 0).why == "Too small." and quiz.answer(2, 1e9).why == "Too large."
    assert quiz.answer(2, "1,505").outcome == "not read" and quiz.answer(2, "1,5050").right
    assert quiz.answer(2, "three halves").outcome == "not read"
    assert quiz.answers[2] | {"judged": None} == {"given": 1.505, "right": True, "tries": 4, "judged": None}


@pytest.mark.parametrize(
    "text, value",
    [
        ("1.5", 1.5), ("1,5", 1.5), (" 1.50 ", 1.5), ("1e-3", 0.001), ("1E3", 1000), ("-.5", -0.5), ("\u22122", -2),
        ("1,000.0", 1000), ("1,234,567", 1234567), ("0,125", 0.125), ("3/2", 1.5), ("1 / 4", 0.25), ("40%", 0.4),
        ("40 %", 0.4), ("2 units", 2), ("+7", 7), ("5.", 5),
    ],
)  # fmt: skip
def test_how_numbers_are_read(text, value):
    assert NUMBER.read(text) == pytest.approx(value)


@pytest.mark.parametrize(
    "given",
    ["", " ", "1,000", "-2,345", "abc", "1.2.3", "1,2,3", "1/0", "1/2/3", "nan", "inf", "1e999", "--1", "2**3",
     "1_000", "__import__('os')",
     "1" * 400, None, True, [1], float("nan"), float("inf"), 1j, b"1", 10**400, np.array([1, 2])],
    ids=str,
)  # fmt: skip
def test_what_can_not_be_read_is_no_try(quiz, given):
    feedback = quiz.answer(2, given)
    assert feedback.outcome == "not read" and not feedback.right
    assert quiz.answers == {}


@pytest.mark.parametrize("given", ["z", "d", "", None, 1, ["a"], "fou", b"a"], ids=str)
def test_what_is_no_option_is_no_try(quiz, given):
    assert quiz.answer(1, given).outcome == "not read" and quiz.answers == {}
    assert "a to c" in quiz.answer(1, given).text


@pytest.mark.parametrize("number", [0, 3, -1, 1.0, "1", True])
def test_there_is_no_such_question(quiz, number):
    with pytest.raises(ValueError, match="number is"):
        quiz.answer(number, "a")


def test_percent_where_the_unit_is_percent():
    share = Number("How many?", 40, "So.", tolerance=1, unit="%")
    assert share.read("40%") == share.read("40") == 40


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_number_is_judged_and_explained(value):
    try:
        judged = NUMBER.judge(value)
    except Unread:
        assert abs(value) > 1e100
    else:
        assert judged.why and judged.right == (abs(value - 1.5) <= 0.0101 and abs(value - 1.5) <= 0.01 * (1 + 1e-6))


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(words):
    try:
        assert np.isfinite(NUMBER.read(words))
    except Unread as unread:
        assert "number" in str(unread)


@pytest.mark.parametrize(
    ("answer", "tolerance", "words"),
    [
        (1.5, 0, "exactly"),
        (1.5, 1e-6, "exactly"),
        (1.5, 1e-3, "0.001 more or less is right too"),
        (66, 0.5, "exactly"),
        (66.0, 4, "4 more or less is right too"),
        (lambda: 66, 0.5, "0.5 more or less is right too"),  # not computed before the first answer
    ],
)
def test_a_tolerance_is_stated_where_it_helps(answer, tolerance, words):
    question = Number("?", answer, "So.", tolerance=tolerance)
    assert question.stated_tolerance() == words and question.lines() == [f"Answer with a number; {words}."]


def test_rounding_at_the_edge_of_the_tolerance():
    assert Number("?", 0.3, "So.", tolerance=0).judge(0.1 + 0.2).right
    assert Number("?", 0.3, "So.", tolerance=0.1).judge("0.4").right


# --- kept ----------------------------------------------------------------------------------------------------------


def test_answers_are_there_in_another_kernel(quiz, kept):
    quiz.answer(1, "five")
    quiz.answer(2, "1,5")
    again = Quiz("06.quiz", QUESTIONS, Progress(kept.path))
    assert again.feedback(1).outcome == "wrong" and again.feedback(1).why.startswith("WHY-FIVE")
    assert again.feedback(2).right and again.score == quiz.score
    again._repr_mimebundle_()
    assert again.board.fields[0].value == "five" and again.board.fields[1].value == "1.5"
    assert "WHY-FIVE" in again.board.says[0].value and "WHY-HALF" in again.board.says[1].value
    assert again.answer(1, "four").tries == 2


def test_two_kernels_answer_different_questions(quiz, kept):
    other = Quiz("06.quiz", QUESTIONS, Progress(kept.path))
    quiz.answer(1, "four")
    other.answer(2, 1.5)
    assert quiz.score == other.score == "2 of 2 answered right, 2 at first try."


def test_start_over(quiz):
    quiz._repr_mimebundle_()
    quiz.answer(1, "five")
    quiz.answer(2, 1.5)
    quiz.start_over()
    assert quiz.answers == {} and quiz.feedback(1) is None
    assert [field.value for field in quiz.board.fields] == [None, ""]
    assert [says.value for says in quiz.board.says] == ["", ""]
    assert quiz.answer(1, "four").tries == 1


@pytest.mark.parametrize(
    "answers",
    [None, 3, "a", [], {"1": 3}, {"1": {}}, {"1": {"given": None}}, {"1": {"given": "an option that was removed"}},
     {"1": {"given": ["four"]}, "2": {"given": {}}}, {"2": {"given": "many"}}, {"17": {"given": "four"}}],
    ids=str,
)  # fmt: skip
def test_strange_answers_in_the_file_count_as_none(kept, quiz, answers):
    kept.note("quiz", "06.quiz", answers=answers)
    assert quiz.answers == {} and quiz.score.startswith("0 of 2")
    quiz._repr_mimebundle_()
    assert quiz.answer(1, "four").right


def test_right_is_judged_anew_when_the_author_mends_a_question(kept, quiz):
    kept.note("quiz", "06.quiz", answers={"1": {"given": "five", "right": True, "tries": -4}})
    assert not quiz.answers[1]["right"] and quiz.answers[1]["tries"] == 1


def test_the_disk_fails_and_the_quiz_goes_on(tmp_path):
    (tmp_path / "file").write_text("")
    quiz = Quiz("06.quiz", QUESTIONS, Progress(tmp_path / "file" / "progress.json"))
    assert quiz.answer(1, "four").right and quiz.score.startswith("1 of 2")


def test_answers_from_several_threads(quiz):
    quiz._repr_mimebundle_()
    threads = [threading.Thread(target=quiz.answer, args=(2, 10 + k)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert quiz.answers[2]["tries"] == 8


# --- nothing is given away -----------------------------------------------------------------------------------------


def states_of(box):
    """The text of all that is sent to the browser."""
    todo, sent = [box], []
    while todo:
        widget = todo.pop()
        sent.append(json.dumps(widget.get_state(), default=str))
        todo += getattr(widget, "children", ())
    return "\n".join(sent)


def test_the_page_knows_no_answer_before_it_is_given(quiz):
    bundle = quiz._repr_mimebundle_()
    sent = states_of(quiz.board.box) + json.dumps(bundle)
    assert "WHY" not in sent and 'right": true' not in sent.lower() and "four" in sent
    quiz.answer(1, "five")
    sent = states_of(quiz.board.box)
    assert "WHY-FIVE" in sent and "WHY-FOUR" not in sent


def test_static_text_is_stable_and_lists_questions_and_options(quiz):
    first = quiz._repr_mimebundle_()
    quiz.answer(1, "four")
    quiz.answer(2, 1.5)
    again = quiz._repr_mimebundle_()
    assert first["text/plain"] == again["text/plain"] == str(quiz)
    for form in ("text/plain", "text/markdown"):
        assert first[form] == again[form]
        assert "How many is two" in first[form] and "WHY" not in first[form] and "1.5" not in first[form]
        assert sum(f"{letter}) " in first[form] for letter in "abc") == 3
    assert repr(quiz) == "Quiz('06.quiz', 2 questions)"
    assert "WHY" not in repr(quiz)


def test_the_order_of_options_depends_on_the_texts_alone():
    def question(k, options):
        return Choice(f"question {k}?", options)

    places = [[each.right for each in question(k, OPTIONS).shown].index(True) for k in range(60)]
    assert all(12 <= places.count(place) <= 30 for place in range(3))
    assert all(question(k, OPTIONS).shown == question(k, OPTIONS[::-1]).shown for k in range(10))


def test_feedback_has_stable_words(quiz):
    wrong, right = quiz.answer(2, "6"), quiz.answer(2, "3/2")
    assert repr(wrong) == "Question 2: \N{BALLOT X} Not right. WHY-TIMES Try again."
    assert repr(right) == "Question 2: \N{CHECK MARK} Right. (Read as 1.5.) WHY-HALF."
    assert "<script>" not in Quiz("06.q", QUESTIONS, Progress(None)).answer(1, "<script>")._repr_html_()


# --- widgets -------------------------------------------------------------------------------------------------------


def press(quiz, number):
    """Click the check button of a question."""
    todo = [quiz.board.blocks[number - 1]]
    while todo:
        widget = todo.pop()
        if "marl-check" in getattr(widget, "_dom_classes", ()):
            return widget.click()
        todo += getattr(widget, "children", ())
    raise AssertionError("no check button")


def test_the_buttons_do_what_the_methods_do(quiz):
    quiz._repr_mimebundle_()
    press(quiz, 1)
    assert "Choose one" in quiz.board.says[0].value and quiz.answers == {}
    press(quiz, 2)
    assert "Type a number" in quiz.board.says[1].value and quiz.answers == {}
    quiz.board.fields[0].value = "five"
    press(quiz, 1)
    assert "\N{BALLOT X} Not right." in quiz.board.says[0].value
    quiz.board.fields[1].value = "1,5"
    press(quiz, 2)
    assert "\N{CHECK MARK} Right. (Read as 1.5.)" in quiz.board.says[1].value
    assert quiz.board.score.value == "1 of 2 answered right, 1 at first try."


def heard(quiz, **content):
    """What the page sends."""
    presses = next(widget for widget in quiz.board.box.children if type(widget).__name__ == "Presses")
    presses._handle_custom_msg(content, [])


def test_what_the_page_sends_is_judged_whatever_the_fields_hold(quiz):
    quiz._repr_mimebundle_()
    quiz.board.fields[1].value = "8"  # an older value: the page was faster than the kernel
    heard(quiz, number=2, given="1.5")
    heard(quiz, number=1, given=[each.text for each in CHOICE.shown].index("four"))
    assert quiz.score == "2 of 2 answered right, 2 at first try."


@pytest.mark.parametrize(
    "content", [{}, {"number": 3, "given": 0}, {"number": True, "given": 0}, {"number": 1, "given": "four"},
                {"number": 1, "given": -1}, {"number": 1, "given": 9}, {"number": 2, "given": 3},
                {"number": 2, "given": ""}]
)  # fmt: skip
def test_nonsense_from_the_page_is_no_try(quiz, content):
    quiz._repr_mimebundle_()
    heard(quiz, **content)
    assert quiz.answers == {}


def test_the_same_answer_again_is_no_further_try(quiz):
    assert [quiz.answer(2, given).tries for given in (6, "6.0", 7, 6)] == [1, 1, 2, 3]


def test_an_answer_from_code_shows_in_the_widgets(quiz):
    quiz._repr_mimebundle_()
    quiz.answer(1, CHOICE.letter_of("five"))
    quiz.answer(2, 0.25)
    assert [field.value for field in quiz.board.fields] == ["five", "0.25"]


def test_a_verdict_is_about_the_answer_it_was_given_for(quiz):
    quiz._repr_mimebundle_()
    press(quiz, 1)
    quiz.board.fields[0].value = "five"
    assert quiz.board.says[0].value == "", "to choose one is no longer asked for"
    press(quiz, 1)
    assert "Not right." in quiz.board.says[0].value
    quiz.board.fields[0].value = "four"
    assert "has changed since" in quiz.board.says[0].value and "Not right." not in quiz.board.says[0].value
    quiz.board.fields[0].value = "five"
    assert "Not right." in quiz.board.says[0].value
    heard(quiz, number=2, given="1,5")  # the field's own message comes later
    quiz.board.fields[1].value = "1,5"
    assert "Right." in quiz.board.says[1].value
    quiz.board.fields[1].value = "1,55"
    assert "has changed since" in quiz.board.says[1].value
    quiz.answer(2, 1.5)
    assert "Right." in quiz.board.says[1].value
    quiz.start_over()
    assert [each.value for each in quiz.board.says] == ["", ""]


def test_hostile_words_are_shown_and_not_run(kept):
    bad = "<img src=x onerror=alert(1)>"
    quiz = Quiz("06.bad", [Choice(bad, [Option(f"{bad} {k}", bad, k == 0) for k in range(3)])], kept)
    quiz._repr_mimebundle_()
    quiz.answer(1, "a")
    assert "<img" not in quiz.board.blocks[0].children[0].value + quiz.board.says[0].value


def test_closed_and_shown_again(quiz):
    quiz.close()
    quiz._repr_mimebundle_()
    quiz.answer(1, "four")
    quiz.close()
    quiz._repr_mimebundle_()
    assert "WHY-FOUR" in quiz.board.says[0].value


# --- what an author may write --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change, says",
    [
        (lambda: Choice("?", OPTIONS[:2]), "3 to 8"),
        (lambda: Choice("?", [Option("a", "b"), Option("b", "b"), Option("c", "b")]), "0 right ones"),
        (lambda: Choice("?", [Option(str(k), "b", True) for k in range(3)]), "3 right ones"),
        (lambda: Choice("?", [*OPTIONS, Option(" FOUR", "again")]), "same text"),
        (lambda: Choice("", OPTIONS), "text is empty"),
        (lambda: Choice("?", [Option("a", "", True), *OPTIONS]), "why is empty"),
        (lambda: Choice("?", ["a", "b", "c"]), "expected a list of Option"),
        (lambda: Number("?", 1, "w", tolerance=-1), "tolerance"),
        (lambda: Number("?", "1", "w", tolerance=0), "answer"),
        (lambda: Number("?", float("nan"), "w", tolerance=0), "answer"),
        (lambda: Number("?", 1, "w", tolerance=0.5, wrong={1.2: "x"}), "within 0.5 of the answer"),
        (lambda: Number("?", 1, "w", tolerance=0, wrong={2: ""}), "empty"),
        (lambda: Number("?", 1, "w", tolerance=0, wrong=[2]), "expected reasons"),
        (lambda: Quiz("", QUESTIONS), "name is empty"),
        (lambda: Quiz("06.q", []), "expected 1 to 20"),
        (lambda: Quiz("06.q", ["?"]), "expected a list of Choice and Number"),
        (lambda: Quiz("06.q", [CHOICE, CHOICE]), "same text twice"),
    ],
)
def test_what_contradicts_itself_is_refused(change, says):
    with pytest.raises(ValueError, match=says):
        change()


def test_an_answer_that_is_computed_is_computed_once_and_late():
    calls = []
    question = Number("?", lambda: calls.append(1) or 2.0, "w", tolerance=0, wrong={(lambda: 3.0): "x"})
    assert calls == []
    assert question.judge(3).why == "x" and question.judge(2).right and calls == [1]
