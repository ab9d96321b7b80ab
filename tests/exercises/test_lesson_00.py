"""Lesson 00: typical wrong answers get the right diagnosis, other right answers are accepted, stated numbers hold."""

import numpy as np
import pytest

from marl_edu import gridworld, record
from marl_edu.exercises import lesson_00
from marl_edu.learning import IndependentQLearning


def total(rewards, discount):
    value = 0.0
    for reward in reversed(rewards):
        value = reward + discount * value
    return value


def steps(units, curve, level):
    found = None
    for unit, value in zip(units, curve, strict=True):
        if value <= level:
            found = None
        elif found is None:
            found = unit
    return found


RIGHT = {
    "returns": [total, lambda rewards, discount: np.polyval(rewards[::-1], discount) if rewards else 0.0],
    "share": [lambda v, best, chance: 1 - (best - v) / (best - chance)],
    "settle": [steps],
    "gap": [
        lambda g, t: np.abs(np.subtract(g, t)).mean(),
        lambda guess, truth: np.mean(np.abs(np.array(guess) - truth)),
    ],
}


@pytest.mark.parametrize(("name", "answer"), [(name, answer) for name in RIGHT for answer in RIGHT[name]])
def test_other_right_answers_are_right(name, answer):
    assert getattr(lesson_00, name).check(answer).outcome == "right"


def no_power(rewards, discount):
    return discount * sum(rewards)


def first_time(units, curve, level):
    return next((unit for unit, value in zip(units, curve, strict=True) if value > level), None)


def last_below(units, curve, level):
    return max((unit for unit, value in zip(units, curve, strict=True) if value <= level), default=None)


WRONG = [
    ("returns", lesson_00.backwards, "time runs backwards"),
    ("returns", lambda rewards, discount: np.sum(rewards), "no discount"),
    ("returns", lambda rewards, discount: sum(r * discount**k for k, r in enumerate(rewards, 1)), "the first reward"),
    ("returns", lambda rewards, discount: sum(r * discount * k for k, r in enumerate(rewards)), "a weight that grows"),
    ("returns", lambda rewards, discount: sum(rewards[:1]) + discount * sum(rewards[1:]), "the same discount"),
    ("returns", no_power, None),
    ("share", lambda value, optimum, random_play: value / optimum, "zero is no baseline"),
    ("share", lambda value, optimum, random_play: (optimum - value) / (optimum - random_play), "the gap that is left"),
    ("share", lambda value, optimum, random_play: value - random_play, "a distance, not a share"),
    ("share", lambda value, optimum, random_play: (value - random_play) / optimum, "the wrong length"),
    ("share", lambda v, best, chance: 100 * (v - chance) / (best - chance), "per cent instead of a share"),
    ("settle", first_time, "the first time is not"),
    ("settle", lambda u, c, level: len(c) - 1 if c[-1] > level else None, None),
    ("settle", lambda u, c, level: bool(c[-1] > level), "a truth instead of a step"),
    ("settle", last_below, "the last moment below"),
    ("gap", lambda guess, truth: np.mean(np.subtract(guess, truth)), "errors that cancel"),
    ("gap", lambda guess, truth: abs(np.mean(guess) - np.mean(truth)), "the distance of the means"),
    ("gap", lambda guess, truth: np.abs(np.subtract(guess, truth)).max(), "the largest gap"),
    ("gap", lambda guess, truth: np.abs(np.subtract(guess, truth)).sum(), "a sum instead of a mean"),
    ("gap", lambda guess, truth: np.square(np.subtract(guess, truth)).mean(), "squares"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "answer", "misconception"), WRONG)
def test_typical_wrong_answers_get_the_right_diagnosis(name, answer, misconception):
    verdict = getattr(lesson_00, name).check(answer)
    assert verdict.outcome == "wrong"
    assert (verdict.misconception is None) == (misconception is None)
    assert misconception is None or verdict.misconception.startswith(misconception)


@pytest.mark.parametrize("name", ["returns", "share", "settle", "gap"])
def test_the_stub_is_not_attempted_and_its_crash_names_a_line(name):
    exercise, names = getattr(lesson_00, name), {}
    exec(exercise.stub, names)
    assert exercise.check(names[exercise.stub_name]).outcome == "not attempted"

    def careless(*arguments):
        return 1 / 0

    verdict = exercise.check(careless)
    assert verdict.outcome == "crashed" and "1 / 0" in verdict.line


def test_the_number_that_the_quiz_asks_for_is_what_the_first_panel_shows():
    game = gridworld(["1.2", "...", "B.A"], discount=0.95)
    question = lesson_00.quiz.questions[3]
    for every in (10, 50, 100):  # a panel keeps moments that depend on its speed
        learner = IndependentQLearning(game, seeds=10, step_size=0.2, epsilon=0.1)
        recording = record(learner, units=4_000, every=every)
        curve = recording.series("greedy_return").mean(axis=(1, 2))
        found = lesson_00.settled(recording.units.tolist(), curve.tolist(), 0)
        assert question.judge(found).right
        first = recording.units[int(np.argmax(curve > 0))]
        if first != found:  # the moments that the panel kept show the fall
            assert "not for good" in question.judge(first).why


@pytest.mark.parametrize("given", [590, 600, 610, 650, 660, 690, 750, 810, 820])
def test_the_first_time_above_0_is_no_answer(given):
    said = lesson_00.quiz.questions[3].judge(given)
    assert said.right == (690 <= given <= 810)
    assert ("not for good" in said.why) == (given < 690)


def test_recorded_steps_are_unevenly_spaced_and_do_not_begin_at_0():
    cases = [case.args for cases in lesson_00.settle.prepared() for case in cases]
    assert all(units[0] > 0 and (np.diff(units) > 0).all() for units, _, _ in cases)
    assert np.mean([len(set(np.diff(units))) > 1 for units, _, _ in cases]) > 0.7

    def counts(units, curve, level):
        return next((t * units[1] for t in range(len(curve)) if all(v > level for v in curve[t:])), None)

    def evenly(units, curve, level):
        first, step = units[0], units[1] - units[0]
        return next((first + t * step for t in range(len(curve)) if all(v > level for v in curve[t:])), None)

    assert lesson_00.settle.check(counts).outcome == lesson_00.settle.check(evenly).outcome == "wrong"


def test_dividing_by_the_optimum_is_named_however_it_is_written():
    for divides in (np.divide, lambda value, optimum: value / optimum):
        verdict = lesson_00.share.check(lambda value, optimum, random_play, divides=divides: divides(value, optimum))
        assert verdict.misconception == "zero is no baseline"


def test_each_wrong_choice_of_the_quiz_explains_itself():
    for question in lesson_00.quiz.questions[:3]:
        assert sum(option.right for option in question.options) == 1
        assert all(len(option.why) > 20 for option in question.options)
