"""Typical wrong answers to the exercises of lesson 03, written as students write them, get the right diagnosis."""

import math

import numpy as np
import pytest

from marl_edu.exercises import lesson_03
from marl_edu.exercises.lesson_03_returns import returns_backwards as right_returns
from marl_edu.games import prisoners_dilemma, stag_hunt


def verdict_of(exercise, answer):
    verdict = exercise.check(answer)
    return verdict.outcome, verdict.misconception


def diagnosed(exercise, pairs):
    return pytest.mark.parametrize(
        ("answer", "name"), [pytest.param(answer, name, id=f"{exercise.name}-{name}") for answer, name in pairs]
    )


# --- backwards --------------------------------------------------------------------------------------------------------


def powers(rewards, discount, terminated, future, first=0, tail=True):
    """Sums of powers, no recursion: the definition."""
    steps, agents = rewards.shape
    out = np.zeros((steps, agents + 1))
    for t in range(steps):
        for i in range(agents):
            out[t, i] = sum(discount ** (k - t + first) * rewards[k, i] for k in range(t, steps))
            if tail and not terminated:
                out[t, i] += discount ** (steps - t + first) * future[i]
        out[t, agents] = out[t, :agents].sum()
    return out


def stops_at_the_limit(rewards, discount, terminated, future):
    out, total = [], 0 * rewards[0]
    for r in rewards[::-1]:
        total = r + discount * total
        out.insert(0, [*total, sum(total)])
    return np.array(out)


def always_bootstraps(rewards, discount, terminated, future):
    return powers(rewards, discount, False, future)


def future_in_full(rewards, discount, terminated, future):
    out = powers(rewards, discount, terminated, future, tail=False)
    if not terminated:
        rest = discount ** np.arange(len(rewards) - 1, -1, -1)[:, None] * future
        out += np.column_stack([rest, rest.sum(axis=1)])
    return out


def past(rewards, discount, terminated, future):
    total = np.zeros(rewards.shape[1]) if terminated else future.copy()
    rows = []
    for reward in rewards:
        total = discount * total + reward
        rows.append(np.append(total, total.sum()))
    return np.array(rows)


def to_the_start(rewards, discount, terminated, future):
    out = powers(rewards, discount, terminated, future)
    for t in range(len(out)):
        out[t] *= discount**t
    return out


def average_team(rewards, discount, terminated, future):
    out = powers(rewards, discount, terminated, future)
    out[:, -1] = out[:, :-1].mean(axis=1)
    return out


def discounts_before_adding(rewards, discount, terminated, future):
    g, rows = (0 * future if terminated else future), []
    for reward in rewards[::-1]:
        g = (g + reward) * discount
        rows.insert(0, np.append(g, g.sum()))
    return np.array(rows)


BACKWARDS = [
    (stops_at_the_limit, "a time limit is an end"),
    (always_bootstraps, "the end has a future"),
    (discounts_before_adding, "the reward of this step is discounted"),
    (lambda *case: powers(*case, first=1), "one power too many"),
    (future_in_full, "the future is not discounted"),
    (past, "from the start to the end"),
    (to_the_start, "all seen from the first step"),
    (average_team, "the team's mean instead of its sum"),
    (lambda *case: powers(*case)[:, :-1], "the team is missing"),
]


@diagnosed(lesson_03.backwards, BACKWARDS)
def test_backwards(answer, name):
    assert verdict_of(lesson_03.backwards, answer) == ("wrong", name)


def test_the_definition_is_right_too():
    assert lesson_03.backwards.check(powers).outcome == "right"


# --- the stream -------------------------------------------------------------------------------------------------------


def by_episodes(rewards, discount, terminated, truncated, values, fault=""):
    """Cut the stream into episodes, and give each to the solution of the other exercise."""
    out, begin = np.zeros(rewards.shape), 0
    for t in range(len(rewards)):
        over = terminated[t] or truncated[t] or t == len(rewards) - 1
        if not over:
            continue
        ended = bool(terminated[t])
        if fault == "limit is end":
            ended = ended or bool(truncated[t])
        if fault == "limit first":
            ended = ended and not truncated[t]
        if fault == "stream" and not terminated[t] and not truncated[t]:
            ended = True
        found = right_returns(rewards[begin : t + 1], discount, ended, values[t])
        out[begin : t + 1] = found[:, :-1]
        if fault == "team":
            out[begin : t + 1] = found[:, -1:]
        if fault == "first":
            out[begin : t + 1] = found[:, :1]
        begin = t + 1
    return out


def with_fault(fault):
    def listing(rewards, discount, terminated, truncated, values):
        return by_episodes(rewards, discount, terminated, truncated, values, fault)

    return listing


def one_long_episode(rewards, discount, terminated, truncated, values):
    out, following = np.zeros(rewards.shape), values[-1]
    for t in range(len(rewards) - 1, -1, -1):
        if terminated[t]:
            following = 0 * following
        following = out[t] = rewards[t] + discount * following
    return out


def as_in_the_listing(rewards, discount, terminated, truncated, values):
    returns, g = np.zeros(rewards.shape), values[-1]
    for t in reversed(range(len(rewards))):
        g = 0 * g if terminated[t] else values[t] if truncated[t] else g
        g = discount * (rewards[t] + g)
        returns[t] = g
    return returns


STREAMS = [
    (as_in_the_listing, "discount off by one"),
    (with_fault("limit is end"), "a time limit is an end"),
    (with_fault("limit first"), "the limit overrules the end"),
    (with_fault("stream"), "the recording's end is an end"),
    (with_fault("team"), "everybody has the team's return"),
    (with_fault("first"), "everybody has agent 1's return"),
    (one_long_episode, "the next episode flows back"),
]


@diagnosed(lesson_03.stream, STREAMS)
def test_streams(answer, name):
    assert verdict_of(lesson_03.stream, answer) == ("wrong", name)


def test_another_way_of_writing_it_is_right():
    assert lesson_03.stream.check(with_fault("")).outcome == "right"


# --- swapping, episodes -----------------------------------------------------------------------------------------------


def swapped(power):
    def answer(now, later, delay):
        if later <= now:
            return 1
        return math.exp(math.log(now / later) * power(delay))

    return answer


SWAPS = [
    (swapped(lambda delay: 1 / (delay + 1)), "one step too many"),
    (swapped(lambda delay: 1), "the delay is forgotten"),
    (swapped(lambda delay: delay), "power instead of root"),
    (lambda now, later, delay: min(1, (now / later) / delay) if now < later else 1, "divided by the delay"),
    (lambda now, later, delay: np.power(now / later, 1 / delay), "a discount above 1"),
]


@diagnosed(lesson_03.swap, SWAPS)
def test_swaps(answer, name):
    assert verdict_of(lesson_03.swap, answer) == ("wrong", name)


def test_the_plans_are_worth_the_same_there():
    for now, later, delay in ((1, 2, 1), (4, 10, 5), (3, 3.5, 9)):
        gamma = lesson_03.swap.reference(now, later, delay)
        assert now == pytest.approx(gamma**delay * later)


def needed(z=1.96, squares=2, sample=True, up=True):
    def answer(returns, half_width):
        mean = sum(returns) / len(returns)
        variance = sum((g - mean) ** 2 for g in returns) / (len(returns) - sample)
        n = (z * variance**0.5 / half_width) ** squares
        return math.ceil(n) if up else int(n)

    return answer


EPISODES = [
    (needed(squares=1), "the error falls like 1/n"),
    (needed(z=1), "one standard error instead of the interval"),
    (needed(sample=False), "divided by n instead of n - 1"),
    (needed(up=False), "rounded down"),
    (needed(z=2 * 1.96), "the whole width instead of half of it"),
    (lambda returns, h: needed()(returns, h) - len(returns), "only those that are still missing"),
    (lambda returns, h: math.ceil((1.96 * np.var(returns, ddof=1) / h) ** 2), "variance instead of standard deviation"),
]


@diagnosed(lesson_03.episodes, EPISODES)
def test_episodes(answer, name):
    assert verdict_of(lesson_03.episodes, answer) == ("wrong", name)


def test_episodes_by_another_way():
    assert lesson_03.episodes.check(needed()).outcome == "right"


# --- payments ---------------------------------------------------------------------------------------------------------

PAYMENTS = [
    (lambda payoffs: payoffs.copy(), "everybody keeps its own"),
    (lambda payoffs: np.stack([payoffs.mean(axis=0)] * 2), "half of the sum for everybody"),
    (lambda payoffs: np.stack([payoffs[0] + payoffs[1]] * 2), "the whole sum for everybody"),
    (lambda payoffs: payoffs + 50 * (payoffs.sum(0) == payoffs.sum(0).max()), "a bonus from nowhere"),
]


@diagnosed(lesson_03.share, PAYMENTS)
def test_payments(answer, name):
    assert verdict_of(lesson_03.share, answer) == ("wrong", name)


def test_two_fines_are_right_too():
    def fines(payoffs):
        team = payoffs.sum(axis=0)
        row, column = np.unravel_index(team.argmax(), team.shape)
        left = 100.0 * ((np.arange(len(team)) != row)[:, None] * 1.0 - (np.arange(team.shape[1]) != column))
        return np.array([team / 2 - left, team / 2 + left])

    assert lesson_03.share.check(fines).outcome == "right"


def test_equilibria():
    assert lesson_03.equilibria(prisoners_dilemma().rewards[:, 0]) == [(1, 1)]
    assert lesson_03.equilibria(stag_hunt().rewards[:, 0]) == [(0, 0), (1, 1)]


# --- all of them ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("exercise", lesson_03.lesson.exercises, ids=lambda exercise: exercise.name)
def test_solution_and_stub(exercise):
    scope = {"np": np}
    exec(exercise.stub, scope)
    assert exercise.check(exercise.reference).outcome == "right"
    assert exercise.check(scope[exercise.stub_name]).outcome == "not attempted"
    assert exercise.check().outcome == "not attempted"


def test_numbers_of_the_quiz():
    questions = lesson_03.quiz.questions
    assert questions[0].right == 2 + 0.5 * (4 + 0.5 * 8)
    assert questions[3].right == 400
