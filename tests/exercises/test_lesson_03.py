"""Typical wrong answers to the exercises of lesson 03, written as students write them, get the right diagnosis."""

import math
import re
from pathlib import Path

import numpy as np
import pytest
from answers import diagnosed, outcomes, verdict_of
from matplotlib.figure import Figure

from marl_edu.exercises import lesson_03
from marl_edu.exercises.lesson_03_returns import returns_backwards as right_returns
from marl_edu.games import CROSSING, MarkovGame, gridworld, prisoners_dilemma, stag_hunt
from marl_edu.planning import best_response, expected_return, team_optimum

ROOT = Path(__file__).parents[2]
SOURCE = (ROOT / "lessons/source/03_returns.py").read_text(encoding="utf-8")
NOTES = (ROOT / "docs/teaching_03.md").read_text(encoding="utf-8")


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


def test_one_step_later_is_tried_on_more_than_one_pair_of_plans():
    cases = lesson_03.swap.properties[0].cases(np.random.default_rng(0))
    assert (
        len(cases) > 4 and cases[0] == (1.0, 2.0, 1) and all(now < later and delay == 1 for now, later, delay in cases)
    )


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
    (lambda returns, h: (1.96 * np.std(returns, ddof=1) / h) ** 2, "not a whole number"),
    (lambda returns, h: (1.96 * np.std(returns) / h) ** 2, "not a whole number"),
    (lambda returns, h: round((1.96 * np.std(returns, ddof=1) / h) ** 2), "rounded to the nearest"),
    (
        lambda returns, h: round((1.96 * np.std(returns) / h) ** 2),
        "rounded to the nearest, and divided by n instead of n - 1",
    ),
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
    assert outcomes(exercise) == ("right", "not attempted", "not attempted")


def test_numbers_of_the_quiz():
    questions = lesson_03.quiz.questions
    assert questions[0].right == 2 + 0.5 * (4 + 0.5 * 8)
    assert questions[3].right == 400


# --- what lesson and teaching notes say -------------------------------------------------------------------------------


def best_against_the_mirror(temptation, discount):
    """The first two actions of the best plan against tit for tat, by an exact best response."""
    rewards = prisoners_dilemma().rewards[:, 0].copy()
    rewards[0, 1, 0] = temptation
    transitions = np.zeros((2, 2, 2, 2))
    transitions[:, 0, :, 0] = transitions[:, 1, :, 1] = 1  # the state is what agent 1 did last
    game = MarkovGame(transitions, np.repeat(rewards[:, None], 2, axis=1), discount)
    plan = best_response(game, 0, [None, np.eye(2)]).actions
    assert expected_return(game, [plan, np.eye(2)])[0] > 0
    return "cooperate" if plan[0] == 0 else "turns" if plan[1] == 0 else "defect"


@pytest.mark.parametrize("temptation", [3.5, 4, 4.5, 5, 5.5, 6, 7, 8])
def test_where_the_best_plan_against_the_mirror_changes(temptation):
    """As section 3 says: 1/(T-1) falls and (T-3)/3 rises with T; at 4 and below nobody takes turns."""
    first, second = 1 / (temptation - 1), (temptation - 3) / 3
    if temptation <= 4:
        first = second = (temptation - 3) / (temptation - 1)
    for discount in np.arange(2, 99) / 100:
        if min(abs(discount - first), abs(discount - second)) < 0.006:
            continue
        expected = "defect" if discount < first else "turns" if discount < second else "cooperate"
        assert best_against_the_mirror(temptation, discount) == expected


def minutes(table):
    """{section: (to read, to do)} of the first number columns of a timetable."""
    found = {}
    for number, rest in re.findall(r"^(?:# )?\| (?:opening picture, )?(\d) [^|]*\|(.*)$", table, re.MULTILINE):
        on_top = re.sub(r"\([^)]*\)", "", rest)  # what is for fast students
        found[number] = on_top
    return found


def test_lesson_and_teaching_notes_give_each_section_the_same_minutes():
    lesson = {
        number: sum(map(int, re.findall(r"\d+", cells)))
        for number, cells in minutes(SOURCE.split("**Guesses.**")[0]).items()
    }
    notes = {
        number: sum(map(int, re.findall(r"(?<!exercise )(?<!exercises )\b\d+", cells.split("|")[0])))
        for number, cells in minutes(NOTES.split("**Show live**")[0]).items()
    }
    assert lesson == notes and len(lesson) == 7
    assert sum(lesson.values()) == lesson_03.lesson.minutes


@pytest.mark.parametrize("words", ["All three are above 0", "(and there must be one)", "smallest such whole number"])
def test_what_the_tasks_ask_for_stands_in_the_lesson_too(words):
    assert words in " ".join(SOURCE.replace("\n# ", " ").split())
    assert any(words in exercise.task for exercise in lesson_03.lesson.exercises)


# --- pictures, and who plays in the yard ------------------------------------------------------------------------------


def axes(columns=1):
    made = Figure().subplots(1, columns)
    return made


def test_a_horizon_outside_of_the_picture_is_told():
    near, far = axes(), axes()
    assert "outside" not in lesson_03.draw_weights(near, 0.9, 10)
    assert len(near.lines) == 1 and "\n" not in near.get_title()
    said = lesson_03.draw_weights(far, 0.99, 10)
    assert "horizon 100 steps, outside the picture" in said
    assert len(far.lines) == 0 and "(horizon 100: outside the picture)" in far.get_title()


def test_bars_of_returns_are_what_is_said():
    rewards = np.array([[-1.0, 2.0], [4.0, 0.0], [8.0, -2.0]])
    three = axes(3)
    said = lesson_03.draw_returns(three, rewards, 0.5, 1)
    assert "agent 1 8.00, agent 2 -1.00, team 7.00" in said
    dark = [[bar.get_height() for bar in ax.patches[3:]] for ax in three]
    np.testing.assert_allclose(dark, [[0, 4, 4], [0, 0, -1], [0, 4, 3]])


def test_plans_are_told_apart_by_more_than_colour():
    ax = axes()
    lesson_03.draw_plans(ax, np.linspace(0, 1, 5), {name: np.arange(5) for name in "abc"}, 0.5)
    dashes = [line._dash_pattern for line in ax.lines[:3]]
    assert len({repr(dash) for dash in dashes}) == 3
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a", "b", "c"]


def test_the_episode_of_the_yard_pays_what_its_policies_are_worth():
    yard = gridworld(CROSSING, reward="individual", slip=0.1, discount=0.9)
    policies = lesson_03.careless_policies(yard)
    best = team_optimum(yard).actions
    for i, table in enumerate(policies):
        np.testing.assert_allclose(table.sum(axis=1), 1)
        np.testing.assert_allclose(table[np.arange(len(table)), best[:, i]], 0.76)
    rng, returns = np.random.default_rng(0), []
    for _ in range(300):
        rewards, last, ended = lesson_03.play_episode(yard, policies, rng)
        assert ended == yard.terminal[last] and ended
        returns.append(0.9 ** np.arange(len(rewards)) @ rewards)
    error = np.std(returns, axis=0, ddof=1) / 300**0.5
    assert (np.abs(np.mean(returns, axis=0) - expected_return(yard, policies)) < 4 * error).all()
    rewards, last, ended = lesson_03.play_episode(yard, policies, rng, limit=2)
    assert len(rewards) == 2 and not ended and not yard.terminal[last]
