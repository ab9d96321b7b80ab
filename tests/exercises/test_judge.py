"""What counts as equal, which failure is shown, which misconception is recognised, and what stays out of reach."""

import copy

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import arrays
from samples import adding, exercise

from marl_edu.exercises import Misconception, Property
from marl_edu.exercises.compare import difference
from marl_edu.exercises.values import Odd, plain, shown

numbers = st.one_of(st.booleans(), st.integers(-(10**6), 10**6), st.floats(-1e9, 1e9))
values = st.recursive(
    st.one_of(st.none(), numbers, st.text(max_size=5), arrays(float, st.tuples(st.integers(0, 3), st.integers(1, 3)))),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.tuples(inner, inner), st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(values)
def test_everything_equals_itself_and_its_copy(value):
    one, other = plain(value), plain(copy.deepcopy(value))
    assert difference(one, other) == ""
    assert 0 < len(shown(one)) <= 400


@given(values, values)
def test_comparing_never_fails_and_says_something(one, other):
    words = difference(plain(one), plain(other))
    assert isinstance(words, str)
    assert bool(words) == bool(words.strip())


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1))
def test_a_number_that_is_off_is_told_from_one_that_is_rounded(right, off):
    assert difference(right + off * max(1, abs(right)), right, 1e-9)
    assert not difference(right + 1e-12 * max(1, abs(right)), right, 1e-9)
    assert difference(float("nan"), right) and difference(float("inf"), right)


@given(arrays(float, (3, 2), elements=st.floats(-1e6, 1e6)))
def test_one_wrong_entry_is_found_wherever_it_is(right):
    assert not difference(right.tolist(), right) and not difference(right, right.tolist())
    for place in np.ndindex(right.shape):
        wrong = right.copy()
        wrong[place] += 1 + abs(wrong[place])
        assert f"entry [{place[0]}, {place[1]}]" in difference(wrong, right)
    assert "shape (2, 3)" in difference(right.T, right)


LENIENT = [
    (1, 1.0),
    (True, 1.0),
    (1, True),
    (np.float32(0.5), 0.5),
    (np.int64(3), 3),
    (np.array(2.0), 2),
    ([1, 2], np.array([1.0, 2.0])),
    ((1, 2), np.array([1, 2])),
    (np.array([1, 2]), [1, 2]),
    (np.array([1, 2]), (1, 2)),
    ([True, False], np.array([1, 0])),
    ([np.array([1, 2]), [3, 4]], np.array([[1, 2], [3, 4]])),
    ([np.ones(2), 3], (np.ones(2), 3.0)),
    ({"a": 1}, {"a": np.float64(1)}),
    (float("nan"), float("nan")),
    (np.array([np.inf, np.nan]), [np.inf, np.nan]),
    (1 + 0j, 1),
    (0.1 + 0.2, 0.3),
    (["up", "down"], ["up", "down"]),
    (np.array(["up"]), ["up"]),
    ({1, 2}, {2, 1}),
    (range(3), [0, 1, 2]),
    ([], []),
    (np.zeros(0), []),
]
DIFFERENT = [
    (None, 1.0, "return"),
    ("1", 1.0, "a text came out"),
    ([1.0], 1.0, "a list of 1 came out"),
    (np.ones(1), 1.0, "an array of shape (1,) came out; expected a number"),
    (1.0, np.ones(2), "a number came out; expected an array of shape (2,)"),
    ([1, 2, 3], np.ones(2), "shape (3,)"),
    ([[1, 2], [3]], np.ones((2, 2)), "unequal length"),
    (np.array([1, np.nan]), np.ones(2), "1 of 2 entries are nan"),
    ((1, 2), (1, 2, 3), "2 entries came out; expected 3"),
    ((1, 5), (1, 2), "entry 1: it is off by 3"),
    ({"a": 1}, {"a": 1, "b": 2}, "the key 'b' is missing"),
    ({"a": 1, "b": 2}, {"a": 1}, "the key 'b' is one too many"),
    ({"a": 2}, {"a": 1}, "under 'a': it is off by 1"),
    ("up", "down", "'up' came out; expected 'down'"),
    (1, None, "a number came out; expected None"),
    ({1}, {2}, "{1} came out"),
    (np.array([1.0 + 1e-7]), np.array([1.0]), "1.0000001"),
    (1j, 1, "off"),
    (float("inf"), float("-inf"), "off"),
    (print, 1, "brackets"),
    ([[]], np.ones((1, 1)), "shape (1, 0)"),
    (np.array(["a"]), np.ones(1), "texts"),
]


@pytest.mark.parametrize("got, expected", LENIENT)
def test_lenient_where_a_teacher_would_be(got, expected):
    assert difference(plain(got), plain(expected)) == ""


@pytest.mark.parametrize("got, expected, says", DIFFERENT)
def test_what_is_different_is_said(got, expected, says):
    assert says in difference(plain(got), plain(expected))


@pytest.mark.parametrize("where", ["child", "place"])
def test_the_first_property_that_fails_and_its_smallest_case(where):
    cases = [(np.zeros(4),), (np.ones(4),), (np.array([0.0, 2.0, 1.0]),), (np.array([3.0, 4.0]),)]
    total = exercise(
        name="98.total",
        stub="def total(values):\n    ...",
        solution=lambda values: float(np.sum(values)),
        properties=[
            Property("the total of nothing is 0", lambda rng: [(np.zeros(3),), (np.zeros(0),)]),
            Property("it is the sum", lambda rng: cases),
            Property("it is a sum of many", lambda rng: [(np.ones(9),)]),
        ],
        misconceptions=[Misconception(f"{k}", "No.", lambda values, k=k: k) for k in range(1, 4)],
    )
    verdict = total.check(lambda values: values[0] if len(values) else 0, where=where)
    assert verdict.property == "it is the sum"
    assert verdict.case[0].tolist() == [3, 4] and verdict.got == 3 and verdict.expected == 7


@pytest.mark.parametrize("where", ["child", "place"])
@pytest.mark.parametrize("k", [0, 1, 2])
def test_misconceptions_are_recognised_by_what_they_give(where, k):
    tested = exercise()
    slip = tested.misconceptions[k]
    verdict = tested.check(slip.wrong, where=where)
    assert (verdict.outcome, verdict.misconception) == ("wrong", slip.name)
    assert slip.name in verdict.text and slip.explains in verdict.text


def test_no_diagnosis_for_another_mistake_or_a_right_answer():
    tested = exercise()
    assert tested.check(lambda r, d, v, t: r + d * np.min(v)).misconception is None
    right = tested.check(tested.reference)
    assert (right.outcome, right.misconception) == ("right", None)


@given(st.integers(0, 3), st.integers(0, 41))
def test_no_false_diagnosis_when_one_case_differs_from_the_misconception(k, odd_one):
    """A function that is like a wrong one but for one case isn't said to be that one."""
    tested, calls = exercise(), []
    wrong = tested.misconceptions[k].wrong if k < 3 else tested.reference

    def nearly(*args):
        calls.append(args)
        return wrong(*args) + (1 if len(calls) == odd_one + 1 else 0)

    verdict = tested.check(nearly, where="place")
    assert verdict.outcome == "wrong" and verdict.misconception is None


def test_the_first_of_several_that_fit_counts_and_a_crash_can_be_one():
    slips = [
        Misconception("divides by nothing", "There is no 0.", lambda a, b: 1 / 0),
        Misconception("same", "Only one.", lambda a, b: a),
        Misconception("same again", "Only one.", lambda a, b: a),
        Misconception("a text", "No text.", recognise=lambda value, a, b: isinstance(value, str)),
        Misconception("breaks", "No.", recognise=lambda value, a, b: value.nothing),
    ]
    tested = adding()
    tested.misconceptions = tuple(slips)
    assert tested.check(lambda a, b: a).misconception == "same"
    assert tested.check(lambda a, b: str(a + b)).misconception == "a text"
    assert tested.check(lambda a, b: 17).misconception is None
    crashed = tested.check(lambda a, b: 5 / 0)
    assert (crashed.outcome, crashed.misconception) == ("crashed", "divides by nothing")


def test_an_argument_that_is_changed_is_said():
    tested = exercise(
        name="98.first",
        stub="def first(values):\n    ...",
        solution=lambda values: sorted(values)[0],
        properties=[Property("it is the least", lambda rng: [([2, 1],), ([3, 5, 4],)])],
        misconceptions=[Misconception(f"{k}", "No.", lambda values, k=k: k + 90) for k in range(3)],
    )

    def sorts(values):
        values.sort()
        return values[0]

    verdict = tested.check(sorts)
    assert (
        verdict.outcome == "wrong" and "an argument was changed" in verdict.text and "values = [1, 2]" in verdict.text
    )
    assert tested.check(lambda values: min(values)).outcome == "right"


def test_what_the_solution_changes_in_place_must_be_changed():
    def step(values, k):
        values[k] += 1

    tested = exercise(
        name="98.step",
        stub="def step(values, k):\n    ...",
        solution=step,
        properties=[Property("entry k grows by 1", lambda rng: [(np.zeros(2), 0), (np.zeros(3), 2)])],
        misconceptions=[Misconception(f"{k}", "No.", lambda values, k, by=k: values.fill(by + 9)) for k in range(3)],
    )
    assert tested.check(step).outcome == "right"
    assert tested.check(lambda values, k: None).outcome == "not attempted"
    verdict = tested.check(lambda values, k: values.fill(1))
    assert verdict.outcome == "wrong" and "values = [1, 1]" in verdict.text
    assert tested.check(lambda values, k: values.fill(9)).misconception == "0"


def test_open_ended_properties():
    holds = Property(
        "it is larger than both",
        lambda rng: [(1, 2), (5, 3)],
        holds=lambda value, a, b: None if value > max(a, b) else f"{value} is not larger than {max(a, b)}",
    )
    tested = adding(solution=lambda a, b: max(a, b) + 1, properties=[holds])
    assert tested.check(lambda a, b: abs(a) + abs(b) + 7).outcome == "right"
    verdict = tested.check(lambda a, b: 3)
    assert verdict.outcome == "wrong" and "3 is not larger than 5" in verdict.text and verdict.expected is None
    assert "must return" not in verdict.text
    assert "can't be used here" in tested.check(lambda a, b: "much").text


@pytest.mark.parametrize("where", ["child", "place"])
def test_the_reference_and_its_arguments_are_out_of_reach(where):
    table = np.zeros(3)

    def solution(values, k):
        return values + k

    tested = exercise(
        name="98.shift",
        stub="def shift(values, k):\n    ...",
        solution=solution,
        properties=[Property("all grow by k", lambda rng: [(table, 1), (table, 2), (table, 3)])],
        misconceptions=[Misconception(f"{k}", "No.", lambda values, k, by=k: by + 90) for k in range(3)],
    )

    def overwrites(values, k):
        values[:] = k
        return values

    assert tested.check(overwrites, where=where).outcome == "wrong"
    assert table.tolist() == [0, 0, 0]
    names = {"np": None, "solution": None, "difference": lambda *_: "", "shift": None}
    exec("def shift(values, k):\n    return [0, 0, 0]", names)
    assert tested.check(names["shift"], where=where).outcome == "wrong"
    assert tested.check(solution, where=where).outcome == "right"


def test_a_buffer_that_is_returned_again_and_again_is_compared_each_time():
    buffer = np.zeros(1)

    def reuses(a, b):
        buffer[:] = a + b
        return buffer[0:1].reshape(())

    assert adding().check(reuses, where="place").outcome == "right"


def test_verdicts_are_the_same_each_time():
    def wrong(r, d, v, t):
        return r + d * v[-1]

    texts = {exercise().check(wrong, where=where).text for where in ("child", "place", "child")}
    assert len(texts) == 1


@pytest.mark.parametrize(
    "cases, says", [([], "no cases"), ([1, 2], "expected tuples"), ([(1,)], "the right answer to")]
)
def test_mistakes_of_an_author_are_said(cases, says):
    tested = adding(properties=[Property("sum", lambda rng: cases)])
    with pytest.raises(ValueError, match=says):
        tested.check(lambda a, b: a + b)


def test_odd_things_in_words():
    assert plain(np.ma.masked_array([1, 2], [0, 1])) == Odd("a masked array")
    assert plain(type("Mine", (), {})()) == Odd("an object of class Mine")
    nested = []
    for _ in range(100):
        nested = [nested]
    assert "more than can be looked at" in repr(plain(nested))
    assert plain([0] * 10**6) == Odd("a list of 1,000,000 entries")
