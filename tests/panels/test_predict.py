"""Guesses without a front end: what can be committed, what is told and kept, and what waits for it."""

import base64
import gc
import io
import itertools
import json
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from marl_edu import Recording, record
from marl_edu.games import climbing
from marl_edu.learning import IndependentQLearning
from marl_edu.panels import ChoiceGuess, CurveGuess, MarkerGuess, Panel, guesses, sketch
from marl_edu.panels.gap_words import of_curves, of_markers
from marl_edu.panels.guesses import Axis
from marl_edu.panels.reveal import NEUTRAL
from marl_edu.progress import progress
from marl_edu.views import JointActionView, LearningCurve
from marl_edu.views.gap import Truth

X, Y = (0, 1000, "environment steps"), (0, 10, "greedy return")
numbers = itertools.count()


@pytest.fixture
def name():
    """Return a name that no other test has."""
    return f"test.guess{next(numbers)}"


@pytest.fixture
def curve(name):
    return CurveGuess(name, "How will it run?", x=X, y=Y)


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """Return a file of progress of its own."""
    path = tmp_path / "progress.json"
    monkeypatch.setenv("MARL_EDU_PROGRESS", str(path))
    return path


def forget_kernel():
    """Leave what a new kernel would find: nothing in memory."""
    guesses._by_name.clear()


def press(guess, word, values=None):
    """A button in the page."""
    guess.board.children[0]._handle_custom_msg({"do": word, "values": values}, [])


def line(*heights):
    """A recorded truth without spread: the same heights for two seeds."""
    return Truth.of_values(np.linspace(0, 1000, len(heights)), np.column_stack([heights, heights]))


def told(guess, truth, **options):
    drawn = np.interp(np.linspace(0, 1, 101), np.linspace(0, 1, len(guess)), guess)
    return of_curves(drawn, truth, Axis(*X), Axis(*Y), **options).words


# ---- what can be committed ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [[2, 4], np.array([2.0, 3, 4]), [(0, 2), (1000, 4)], [(1000, 4), (0, 2)], (2, 3, 4)])
def test_a_curve_may_be_an_array_of_any_length_or_points_in_any_order(curve, value):
    curve.commit(value)
    np.testing.assert_allclose(curve.value, np.linspace(2, 4, 101))
    assert curve.committed and curve.value.shape == curve.grid.shape


@pytest.mark.parametrize(
    "value, says",
    [
        (None, "value is None; expected two or more numbers"),
        (3, "value is 3; expected two or more numbers"),
        ("up", "value is 'up'; expected two or more numbers"),
        ([], "shape (0,); expected two or more numbers"),
        ([1], "shape (1,); expected two or more numbers"),
        ([[1, 2, 3], [4, 5, 6]], "shape (2, 3); expected two or more numbers"),
        ([1, float("nan")], "value[1] is nan; expected a finite number"),
        ([1, float("inf")], "value[1] is inf"),
        ([1, 11], "a height is 11; expected 0 to 10, the ends of the axis 'greedy return'"),
        ([(0, 1), (1001, 2)], "a point's x is 1001; expected 0 to 1000"),
        ([(5, 1), (5, 2)], "two points at x = 5"),
        ([1, None], "no numbers"),
        ([1, 2j], "complex"),
        ({1: 2}, "expected two or more numbers"),
        (np.zeros((2, 2, 2)), "shape (2, 2, 2)"),
    ],
)
def test_a_curve_that_is_none_is_refused_and_nothing_changes(curve, value, says):
    with pytest.raises(ValueError) as error:
        curve.commit(value)
    assert says in str(error.value)
    assert not curve.committed and curve.value is None


def test_what_is_given_back_can_be_changed_without_harm(curve):
    curve.commit([1, 2])
    curve.value[:] = 9
    assert curve.value.max() == 2


@pytest.mark.parametrize("value", [None, "5", True, float("nan"), -1, 101, [1, 2], 1j])
def test_a_marker_outside_or_no_number_is_refused(name, value):
    guess = MarkerGuess(name, "?", axis=(0, 100, "pairs (%)"))
    with pytest.raises(ValueError, match=r"value is .*expected a finite number in \[0, 100\]"):
        guess.commit(value)
    assert not guess.committed


@pytest.mark.parametrize("value", [None, 2, -1, "neither", 0.5, True])
def test_an_option_that_is_not_offered_is_refused(name, value):
    guess = ChoiceGuess(name, "?", options=["one", "other"])
    with pytest.raises(ValueError, match="value is "):
        guess.commit(value)
    assert not guess.committed


@pytest.mark.parametrize(
    "make, says",
    [
        (lambda: CurveGuess("", "?", x=X, y=Y), "name is ''"),
        (lambda: CurveGuess("a" * 101, "?", x=X, y=Y), "expected a short one"),
        (lambda: CurveGuess(3, "?", x=X, y=Y), "name is 3; expected a text"),
        (lambda: CurveGuess("a", "?", x=(0, 1), y=Y), "x is (0, 1); expected (low, high, label)"),
        (lambda: CurveGuess("a", "?", x=(1, 0, "steps"), y=Y), "x goes from 1 to 0"),
        (lambda: CurveGuess("a", "?", x=X, y=(0, float("inf"), "r")), "y[1] is inf"),
        (lambda: CurveGuess("a", "?", x=X, y=Y, references=[1]), "expected a dict"),
        (lambda: CurveGuess("a", "?", x=X, y=Y, references={"best": None}), "references['best'] is None"),
        (lambda: MarkerGuess("a", "?", axis=(0, 1, "x"), step=0), "step is 0"),
        (lambda: ChoiceGuess("a", "?", options="ab"), "options is 'ab'"),
        (lambda: ChoiceGuess("a", "?", options=["a"]), "expected a list of two or more"),
        (lambda: ChoiceGuess("a", "?", options=["a", "a"]), "twice"),
    ],
)
def test_wrong_questions_are_refused(make, says):
    with pytest.raises(ValueError) as error:
        make()
    assert says in str(error.value)


# ---- locked, unlocked, locked again ---------------------------------------------------------------------------------


def test_the_reveal_unlocks_at_once_and_locks_again(curve):
    reveal = curve.reveal([0, 1000], [[2, 4], [7, 9]])
    outcome = reveal.board.children[1]
    assert reveal.locked and "Commit your guess above first" in outcome.value and reveal.words.startswith("Commit")
    curve.commit([3, 3])
    assert not reveal.locked and "<img" in outcome.value and 'alt="Greedy return against' in outcome.value
    assert "You expected the curve to end at 3; it ends at 8" in reveal.board.children[2].value
    curve.withdraw()
    assert "<img" not in outcome.value and reveal.board.children[2].value == ""


def test_guesses_of_one_name_are_one(curve, name):
    reveal = curve.reveal([0, 1000], [[2, 4], [7, 9]])
    again = CurveGuess(name, "How will it run, in other words?", x=X, y=Y)
    board = reveal.board
    again.commit([3, 3])
    assert curve.committed and "<img" in board.children[1].value
    again.withdraw()
    assert not curve.committed
    other = CurveGuess(name, "?", x=(0, 50, "steps"), y=Y)
    other.commit([1, 2])
    assert not curve.committed, "on other axes it is another guess"


def test_the_page_commits_what_it_shows(curve):
    values = [None] * 101
    press(curve, "commit", values)
    assert not curve.committed
    assert "nothing drawn yet" in curve.board.children[0].says
    values[20], values[40] = 2.0, 4.0
    curve.board.children[0].values = values
    assert "nothing drawn" not in curve.board.children[0].says
    press(curve, "commit", values)
    assert curve.value[[0, 20, 30, 40, 100]].tolist() == [2, 2, 3, 4, 4]
    page = curve.board.children[0]
    assert page.committed and page.values == curve.value.tolist() and "Committed on 20" in page.says
    press(curve, "again")
    assert not curve.committed and not page.committed and page.values[30] == 3, "it may be drawn on"
    press(curve, "clear")
    assert not curve.committed


@pytest.mark.parametrize("values", [None, "abc", ["x"], [[1, 2]], [1e300] * 101, {"a": 1}, [float("nan")] * 3, 7])
def test_nonsense_from_the_page_is_said_and_does_no_harm(curve, values):
    press(curve, "commit", values)
    assert curve.value is None or np.isfinite(curve.value).all()
    for message in (None, "commit", {}, {"do": "explode"}):
        curve.board.children[0]._handle_custom_msg(message, [])


def test_a_choice_by_its_widgets(name):
    guess = ChoiceGuess(name, "<b>Who?</b>", options=["one & all", "nobody"])
    reveal = guess.reveal("nobody", because="they collide.")
    board = guess.board
    assert "&lt;b&gt;" in board.children[0].value
    guess._commit.click()
    assert "Nothing is chosen yet" in guess._says.value and not guess.committed
    guess._radio.value = 0
    guess._commit.click()
    assert guess.value == 0 and guess._radio.disabled
    reveal.board  # noqa: B018
    assert "one &amp; all &larr; your guess" in reveal.board.children[1].value
    assert reveal.words == 'You chose "one & all"; what happened is "nobody": they collide.'
    guess._again.click()
    assert not guess.committed and not guess._radio.disabled and reveal.locked
    guess.commit(1)
    assert reveal.words == 'You chose "nobody", and so it happened: they collide.'


def test_commits_from_many_threads_leave_one_guess(curve):
    reveal = curve.reveal([0, 1000], [[2, 4], [7, 9]])
    board = reveal.board
    threads = [threading.Thread(target=curve.commit, args=([k, k],)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert np.ptp(curve.value) == 0 and "<img" in board.children[1].value


def test_a_picture_that_fails_keeps_no_other_locked(curve, caplog):
    bad, good = curve.reveal([0, 1000], [[2], [7]]), curve.reveal([0, 1000], [[2], [7]])
    for reveal in (bad, good):
        reveal.board  # noqa: B018
    bad._draw = lambda: 1 / 0
    curve.commit([1, 2])
    assert "<img" in good.board.children[1].value


def test_closed_ones_are_forgotten(curve):
    for _ in range(5):
        reveal = curve.reveal([0, 1000], [[2], [7]])
        reveal.board  # noqa: B018
        reveal.close()
    del reveal
    gc.collect()
    assert len(curve._shared.readers) == 1


# ---- words ----------------------------------------------------------------------------------------------------------


def test_the_words_when_the_guess_is_too_high_and_the_truth_comes_later():
    words = told([0, 8, 8, 8, 8], line(0, 0, 0, 6, 6), learning=True)
    assert words.startswith("You expected the curve to end at 8; it ends at 6 (mean of 2 seeds")
    assert "The largest gap is 8, near 250 environment steps, where you drew too high" in words
    assert "learning was slower than you drew" in words


def test_the_words_when_the_truth_comes_earlier():
    words = told([0, 0, 0, 6, 6], line(0, 8, 8, 8, 8), learning=True)
    assert "where you drew too low" in words and "learning was faster than you drew" in words
    assert "learning" not in told([0, 0, 0, 6, 6], line(0, 8, 8, 8, 8))
    assert "the rise came earlier than you drew" in told([0, 0, 0, 6, 6], line(0, 8, 8, 8, 8))


def test_the_words_of_falling_curves():
    words = told([10, 2, 2, 2, 2], line(10, 10, 10, 2, 2), learning=True)
    assert "the fall came later than you drew" in words and "learning" not in words
    assert "the fall came earlier than you drew" in told([10, 10, 10, 2, 2], line(10, 2, 2, 2, 2))
    assert "You drew a rise; it was a fall." in told([2, 9], line(9, 2))
    assert "You drew hardly any change from beginning to end; it was a rise." in told([2, 2], line(2, 9))


def test_half_of_a_rise_is_done_when_the_curve_stays_there():
    """A spike at the beginning is no learning, and both curves are measured by their own rise."""
    spike = told([0, 10], line(0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 10), learning=True)
    assert "Half of the rise is done for good near 950 environment steps" in spike
    assert "your curve has done half of its own rise near 500: learning was slower than you drew" in spike
    assert "slower" in told([0, 9, 0, 5, 10], line(0, 0, 0, 0, 10), learning=True)
    assert "Half" not in told([0, 10], line(0, 3), learning=True), "less high is not later"


def test_what_hardly_changes_is_measured_by_the_curves_and_not_by_the_axis():
    for high in (10, 20, 60):
        wide = Axis(0, high, "return")
        grid = np.linspace(0, 1000, 101)
        fell = of_curves(np.interp(grid, [0, 1000], [3, 9]), line(9, 3), Axis(*X), wide).words
        assert "You drew a rise; it was a fall." in fell
        flat = of_curves(np.full(101, 2.0), line(2, 9), Axis(*X), wide).words
        assert "You drew hardly any change from beginning to end; it was a rise." in flat
        both = of_curves(np.interp(grid, [0, 1000], [0, 7.6]), line(0, 7.4), Axis(*X), wide).words
        assert "You drew" not in both
    trembling = of_curves(np.linspace(20, 20.3, 101), line(2, 1.8), Axis(*X), Axis(0, 60, "return")).words
    assert "You drew" not in trembling


def test_the_mean_is_over_the_seeds_that_are_known_there():
    values = np.tile(np.linspace(0, 8, 5)[:, None], (1, 20))
    values[-1, 1:] = np.nan
    words = told([0, 4], Truth.of_values(np.linspace(0, 1000, 5), values))
    assert "it ends at 8 (1 of 20 seeds known there)." in words
    values[-1, 1:] = 8
    values[-1, 0] = np.nan
    words = told([0, 4], Truth.of_values(np.linspace(0, 1000, 5), values))
    assert "it ends at 8 (mean of the 19 of 20 seeds known there, 95 % interval 8 to 8)." in words


def test_the_words_when_they_are_equal_or_end_alike():
    equal = told([2, 8], line(2, 8))
    assert equal == (
        "The curve ends where you expected it, at 8 (mean of 2 seeds, 95 % interval 8 to 8). "
        "Your curve fits all the way."
    )
    assert told([2, 8, 8], line(2, 2, 8)).startswith("The curve ends where you expected it, at 8")
    assert "apart" in told([2, 8, 8], line(2, 2, 8))


def test_the_words_when_they_cross():
    words = told([0, 10], line(10, 0))
    assert "The largest gap is 10, near 0 environment steps, where you drew too low" in words
    assert "on average the two curves are 5 apart" in words
    assert "You drew a rise; it was a fall." in words


def test_a_recording_that_ends_early_is_compared_as_far_as_it_goes():
    truth = Truth.of_values([0, 400], [[0, 0], [4, 4]])
    words = told([0, 10], truth)
    assert (
        words.startswith("The curve ends where you expected it, at 4") and "known up to 400 environment steps" in words
    )
    words = told([10, 10], truth)
    assert words.startswith(
        "What happened is known up to 400 environment steps: you expected the curve to be at 10 there"
    )


def test_a_peak_between_two_points_of_the_grid_counts():
    truth = Truth.of_values([0, 503, 505, 507, 1000], [[0], [0], [9], [0], [0]])
    assert "The largest gap is 9" in told([0, 0], truth)


@given(st.lists(st.floats(0, 10), min_size=2, max_size=12), st.lists(st.floats(-20, 20), min_size=2, max_size=12))
def test_whatever_is_drawn_the_words_are_true(drawn, happened):
    guess = np.interp(np.linspace(0, 1, 101), np.linspace(0, 1, len(drawn)), drawn)
    gap = of_curves(guess, line(*happened), Axis(*X), Axis(*Y), learning=True)
    off = gap.guess - gap.truth
    most = off[np.abs(off).argmax()]
    if np.abs(most) > 0.2:
        assert ("you drew too high" in gap.words) == (most > 0)
    else:
        assert "fits all the way" in gap.words
    assert "nan" not in gap.words and "not known" not in gap.words and gap.words.endswith(".")
    if "learning was" in gap.words:
        assert happened[-1] > happened[0] and drawn[-1] > drawn[0]


def test_the_words_of_markers():
    axis = Axis(0, 100, "pairs (%)")
    assert of_markers(50, 55, 48, 62, axis).endswith("5 too low, but inside the interval: these runs can't tell it "
                                                     "from the truth.")  # fmt: skip
    assert of_markers(70, 55, 48, 62, axis).endswith("15 too high, outside the interval by 8.")
    assert of_markers(70, 55, None, None, axis) == "You expected 70 %; it is 55 %. Your guess is 15 too high."
    assert of_markers(55, 55, None, None, axis) == "You expected 55 %, and so it is: 55 %."


# ---- what can be revealed -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def run():
    return record(IndependentQLearning(climbing(), seeds=3), 1000, 50)


def test_a_recording_is_revealed_with_its_levels(curve, run):
    curve.commit([0, 10])
    words = curve.reveal(run).words
    assert "mean of 3 seeds" in words
    assert "team optimum 11" in curve.reveal(run).alt_text()
    assert curve.reveal(run, "td_error").words == curve.reveal(run, quantity="td_error").words != words


@pytest.mark.parametrize(
    "arguments, says",
    [
        ((None,), "reveal got None alone; expected a Recording"),
        (([1, 2],), "expected a Recording, or places and values"),
        ((Recording("empty", "step"),), "the recording is empty"),
        (([0, 1000], [1, 2, 3]), "x has shape (2,) and values (3, 1)"),
        (([1000, 0], [1, 2]), "x goes back"),
        (([0, 1000], [np.nan, 2]), "values has numbers at 1 of 2 places"),
        (([0, 1000], [np.inf, 2]), "infinite"),
        (([2000, 3000], [1, 2]), "expected them to overlap"),
    ],
)
def test_what_can_not_be_revealed_is_said(curve, arguments, says):
    with pytest.raises(ValueError) as error:
        curve.reveal(*arguments)
    assert says in str(error.value)


def test_a_quantity_that_was_not_recorded_is_said(curve, run):
    with pytest.raises(ValueError, match="no array 'q_value' was recorded; expected one of"):
        curve.reveal(run, quantity="q_value")
    with pytest.raises(ValueError, match="has shape"):
        curve.reveal(run, quantity="q")


def test_wrong_truths_of_markers_and_choices(name):
    marker = MarkerGuess(name, "?", axis=(0, 100, "pairs (%)"))
    for arguments in ((None,), (float("nan"),), (5, 6), (5, 6, 7), (5, 3, 4)):
        with pytest.raises(ValueError):
            marker.reveal(*arguments)
    choice = ChoiceGuess(name + "c", "?", options=["a", "b"])
    for option in (2, "c", None):
        with pytest.raises(ValueError, match="option is"):
            choice.reveal(option)


# ---- pages without widgets ------------------------------------------------------------------------------------------


def test_a_static_page_shows_the_question_and_the_truth_twice_alike(name, run):
    shown = []
    for k in range(2):
        guess = CurveGuess(f"{name}-{k}", "How will it run?", x=X, y=Y)
        for part in (guess, guess.reveal(run)):
            data, metadata = part._repr_mimebundle_()
            assert Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).size == (680, sketch.CURVE_HEIGHT)
            shown.append((data["text/plain"], data["image/png"], metadata["image/png"]["alt"]))
            assert any("widget" in key for key in data)
    assert shown[:2] == shown[2:]
    assert "How will it run?" in shown[0][0] and "Guess before you read on." in shown[0][0]
    assert shown[1][0].startswith(f"{NEUTRAL}\nWhat happened: the curve ends at")
    assert "0x" not in "".join(shown[0][0] + shown[1][0] + repr(guess))


def test_choices_and_markers_have_words_too(name):
    choice = ChoiceGuess(name, "Who?", options=["a", "b"])
    assert "  - a\n  - b" in choice._repr_mimebundle_()[0]["text/plain"]
    assert choice.reveal("b", "because.")._repr_mimebundle_()[0]["text/plain"].splitlines() == [
        NEUTRAL,
        'What happened: "b": because.',
    ]
    marker = MarkerGuess(name + "m", "How many?", axis=(0, 100, "pairs (%)"))
    data, metadata = marker.reveal(55, 48, 62)._repr_mimebundle_()
    assert data["text/plain"] == f"{NEUTRAL}\nWhat happened: 55 % (95 % interval 48 to 62)."
    assert "55 %" in metadata["image/png"]["alt"]


# ---- what is kept ---------------------------------------------------------------------------------------------------


def test_guess_truth_and_words_are_kept_and_a_new_kernel_takes_them_over(kept, name):
    guess = CurveGuess(name, "?", x=X, y=Y)
    guess.commit([1, 9])
    words = guess.reveal([0, 1000], [[2, 4], [7, 9]]).words
    facts = progress().facts("prediction", name)
    assert facts["words"] == words and facts["truth"]["heights"][-1] == 8 and facts["guess"]["value"]["heights"][0] == 1
    forget_kernel()
    again = CurveGuess(name, "?", x=X, y=Y)
    np.testing.assert_allclose(again.value, guess.value, atol=1e-4)
    assert again.when == guess.when and f"Committed on {guess.when}" in again.board.children[0].says
    assert not again.reveal([0, 1000], [[2, 4], [7, 9]]).locked
    again.withdraw()
    forget_kernel()
    assert not CurveGuess(name, "?", x=X, y=Y).committed
    assert "guess" not in progress().facts("prediction", name)


def test_guesses_are_deleted_with_the_progress(kept, name):
    guess = ChoiceGuess(name, "?", options=["a", "b"])
    reveal = guess.reveal("b")
    guess.commit("a")
    assert not reveal.locked
    progress().delete()
    assert reveal.locked and not guess.committed and "Committed" not in guess.board.children[3].value
    assert not ChoiceGuess(name, "?", options=["a", "b"]).committed
    assert progress().all() == {}


def test_a_guess_that_another_notebook_deleted_is_not_committed_when_its_cell_runs_again(kept, name):
    guess = ChoiceGuess(name, "?", options=["a", "b"])
    guess.commit("a")
    kept.unlink()
    assert not ChoiceGuess(name, "?", options=["a", "b"]).committed and not guess.committed


def test_the_first_line_of_a_reveal_gives_nothing_away(curve):
    reveal = curve.reveal([0, 1000], [3, 7])
    for _ in range(2):
        first, rest = reveal._repr_mimebundle_()[0]["text/plain"].split("\n")
        assert first == NEUTRAL and rest == reveal._tell()
        curve.commit([3, 7])


def test_each_kind_is_taken_over(kept, name):
    makers = [
        lambda: (MarkerGuess(name + "m", "?", axis=(0, 100, "%")), 40.0),
        lambda: (ChoiceGuess(name + "c", "?", options=["a", "b"]), 1),
    ]
    for make in makers:
        guess, value = make()
        guess.commit(value)
        forget_kernel()
        assert make()[0].value == value


@pytest.mark.parametrize(
    "guess",
    [3, "x", [], {}, {"value": None}, {"value": {"x": [0, 1], "heights": [1, 2]}}, {"value": {"x": [0, 1000]}},
     {"value": {"x": [0, 1000], "heights": "abc"}}, {"value": {"x": [0, 1000], "heights": [1, 99]}},
     {"value": {"x": [0, 1000], "heights": []}}, {"value": {"x": 0, "heights": [1, 2]}}],
)  # fmt: skip
def test_what_is_kept_but_does_not_fit_is_left_alone(kept, name, guess):
    progress().note("prediction", name, guess=guess)
    assert not CurveGuess(name, "?", x=X, y=Y).committed
    assert not MarkerGuess(name, "?", axis=(0, 100, "%")).committed
    assert not ChoiceGuess(name, "?", options=["a", "b"]).committed


def test_a_choice_whose_options_were_renamed_is_asked_again(kept, name):
    ChoiceGuess(name, "?", options=["a", "b"]).commit("a")
    assert not ChoiceGuess(name, "?", options=["one", "b"]).committed


def test_a_file_that_cannot_be_written_stops_nobody(tmp_path, monkeypatch, name):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("MARL_EDU_PROGRESS", str(tmp_path / "file" / "progress.json"))
    guess = CurveGuess(name, "?", x=X, y=Y)
    guess.commit([1, 2])
    assert guess.committed and json.dumps(progress().facts("prediction", name))


# ---- the panel that waits -------------------------------------------------------------------------------------------


@pytest.fixture
def locked(name):
    guess = CurveGuess(name, "How will <it> run?", x=(0, 300, "environment steps"), y=(-40, 15, "greedy return"))
    panel = Panel(IndependentQLearning(climbing(), seeds=3), LearningCurve(), units=300, guess=guess)
    yield panel, guess
    panel.close()


def test_a_panel_is_locked_from_code_and_by_buttons_until_the_guess_is_committed(locked):
    panel, guess = locked
    for action in (panel.play, panel.step, panel.toggle):
        with pytest.raises(RuntimeError, match="commit your guess first"):
            action()
    panel.tick()
    assert "Commit your guess first" in panel.board.notice.value and "&lt;it&gt;" in panel.board.notice.value
    assert panel.board.buttons["play"].disabled and panel.board.buttons["step"].disabled
    panel.board.buttons["play"].click()
    assert not panel.playing and panel.algorithm.units_done == 0
    panel.reset()
    panel.tick()
    assert "Commit your guess first" in panel.board.notice.value
    guess.commit([-10, 10])
    panel.tick()
    assert panel.board.notice.value == "" and not panel.board.buttons["play"].disabled
    panel.board.buttons["step"].click()
    assert panel.algorithm.units_done == 1


def test_the_guess_is_drawn_and_the_gap_is_told_and_kept_at_the_end(locked, name):
    panel, guess = locked
    before = np.asarray(Image.open(io.BytesIO(panel.png())))
    guess.commit([-10, 10])
    after = np.asarray(Image.open(io.BytesIO(panel.png())))
    assert (before != after).any()
    assert [label for label, _ in panel.views[0].ghosts] == ["your guess"]
    panel.pin()
    assert [label for label, _ in panel.views[0].ghosts] == ["pin 1: as given", "your guess"]
    panel.unpin()
    panel.play()
    while panel.playing:
        panel.tick()
    panel.tick()
    assert "You expected the curve to end at 10" in panel.board.notice.value
    assert progress().facts("prediction", name)["words"] in panel.board.notice.value
    panel.seek(0)
    panel.tick()
    guess.withdraw()
    panel.tick()
    assert panel.views[0].ghosts == [] and panel.board.buttons["play"].disabled
    with pytest.raises(RuntimeError):
        panel.play()


def test_a_panel_that_plays_stops_when_the_guess_is_withdrawn(locked):
    panel, guess = locked
    guess.commit([0, 0])
    panel.play()
    panel.tick()
    guess.withdraw()
    assert not panel.playing


def test_run_and_the_still_picture_need_no_guess(locked):
    panel, _ = locked
    data, _ = panel._repr_mimebundle_()
    assert "Greedy return after 300" in data["text/plain"]
    assert panel.run().algorithm.units_done == 300


def test_a_guess_again_is_not_taken_for_the_one_before(locked):
    panel, guess = locked
    pictures = []
    for heights in ([0, 0], [10, 10], [-30, -30]):
        guess.commit(heights)
        panel.tick()
        pictures.append(panel.png())
    assert len(set(pictures)) == 3


def test_what_can_not_be_drawn_on_a_panel_is_refused(name):
    learner = IndependentQLearning(climbing(), seeds=2)
    guess = CurveGuess(name, "?", x=X, y=(0, 1, "share of pairs"))
    with pytest.raises(ValueError, match="guess is 3; expected a CurveGuess"):
        Panel(learner, LearningCurve(), units=10, guess=3)
    with pytest.raises(ValueError, match="expected a LearningCurve of it among the views"):
        Panel(learner, [LearningCurve(), LearningCurve("td_error")], units=10, guess=guess)
    with pytest.raises(ValueError, match=r"expected a LearningCurve of it among the views \(there: none\)"):
        Panel(learner, JointActionView(), units=10, guess=guess)


def test_of_two_curves_the_one_that_is_named_shows_it(name):
    guess = CurveGuess(name, "?", x=X, y=(0, 1, "size of the TD error"))
    guess.commit([0, 1])
    panel = Panel(
        IndependentQLearning(climbing(), seeds=2), [LearningCurve(), LearningCurve("td_error")], units=50, guess=guess
    )
    assert [len(view.ghosts) for view in panel.views] == [0, 1]
    panel.run()
    panel.tick()
    panel.close()


def test_a_choice_may_lock_a_panel_too(name):
    guess = ChoiceGuess(name, "Who?", options=["a", "b"])
    panel = Panel(IndependentQLearning(climbing(), seeds=2), LearningCurve(), units=50, guess=guess)
    with pytest.raises(RuntimeError):
        panel.play()
    guess.commit("a")
    panel.play()
    while panel.playing:
        panel.tick()
    panel.close()
