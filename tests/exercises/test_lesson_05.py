"""Typical wrong answers to the exercises of lesson 05, written as students write them, get the right diagnosis."""

import re
from functools import partial

import numpy as np
import pytest
from answers import diagnosed, outcomes, unnamed, verdict_of, verdict_of_text
from matplotlib.legend import Legend

from marl_edu import record
from marl_edu.exercises import lesson_05
from marl_edu.exercises import lesson_05_pictures as pictures
from marl_edu.exercises.cases import prepare
from marl_edu.exercises.lesson_05_invent import ends, look
from marl_edu.exercises.lesson_05_mend import with_faults
from marl_edu.exercises.lesson_05_watch import run
from marl_edu.games import matching_pennies, matrix_game, stag_hunt
from marl_edu.learning import FictitiousPlay, GradientAscent
from marl_edu.planning import equilibria, exploitability, is_equilibrium
from marl_edu.views import RateView, UnitSquare

# --- is it an equilibrium? --------------------------------------------------------------------------------------------


def nash_with(compare):
    """What students write around one comparison of what is earned and what the best action pays."""

    def is_nash(payoffs_1, payoffs_2, x, y):
        best_1 = max(payoffs_1[a] @ y for a in range(len(x)))
        best_2 = max(x @ payoffs_2[:, b] for b in range(len(y)))
        return bool(compare(x @ payoffs_1 @ y, best_1, payoffs_1) and compare(x @ payoffs_2 @ y, best_2, payoffs_2))

    return is_nash


def only_agent_1(payoffs_1, payoffs_2, x, y):
    return (payoffs_1 @ y).max() - x @ payoffs_1 @ y <= 1e-8 * (payoffs_1.max() - payoffs_1.min())


def tables_swapped(payoffs_1, payoffs_2, x, y):
    return lesson_05.nash.reference(payoffs_2, payoffs_1, x, y)


def pareto(payoffs_1, payoffs_2, x, y):
    value_1, value_2 = x @ payoffs_1 @ y, x @ payoffs_2 @ y
    small_1, small_2 = 1e-8 * np.ptp(payoffs_1), 1e-8 * np.ptp(payoffs_2)
    for a in range(len(x)):
        for b in range(len(y)):
            if payoffs_1[a, b] > value_1 + small_1 and payoffs_2[a, b] > value_2 + small_2:
                return False
    return True


def weakly_pareto(payoffs_1, payoffs_2, x, y):
    value_1, value_2 = x @ payoffs_1 @ y, x @ payoffs_2 @ y
    no_worse = (payoffs_1 >= value_1 - 1e-8 * np.ptp(payoffs_1)) & (payoffs_2 >= value_2 - 1e-8 * np.ptp(payoffs_2))
    better_1 = payoffs_1 > value_1 + 1e-8 * np.ptp(payoffs_1)
    better_2 = payoffs_2 > value_2 + 1e-8 * np.ptp(payoffs_2)
    return not np.any(no_worse & (better_1 | better_2))


def indifferent(payoffs_1, payoffs_2, x, y):
    rows, columns = payoffs_1 @ y, x @ payoffs_2
    same_1 = rows.max() - rows.min() <= 1e-8 * np.ptp(payoffs_1)
    return bool(same_1 and columns.max() - columns.min() <= 1e-8 * np.ptp(payoffs_2))


def argmaxes(payoffs_1, payoffs_2, x, y):
    return np.argmax(x) == np.argmax(payoffs_1 @ y) and np.argmax(y) == np.argmax(x @ payoffs_2)


def pure_ones(payoffs_1, payoffs_2, x, y):
    if 1 not in x or 1 not in y:
        return False
    return lesson_05.nash.reference(payoffs_1, payoffs_2, x, y)


NASHES = [
    (nash_with(lambda value, best, table: value >= best), "exact equality"),
    (nash_with(lambda value, best, table: best - value <= 1e-8), "the same tolerance for all payoffs"),
    (nash_with(lambda value, best, table: np.isclose(value, best)), "a tolerance that grows with the level of payoffs"),
    (nash_with(lambda value, best, table: best - value < 1e-10), "the same tolerance for all payoffs"),
    (nash_with(lambda value, best, table: best - value <= 1e-8 * abs(table).max()),
     "the largest payoff instead of the range"),
    (only_agent_1, "agent 2 is not asked"),
    (weakly_pareto, "nothing is better for one and worse for none"),
    (tables_swapped, "each looks at the other's payoffs"),
    (lambda payoffs_1, payoffs_2, x, y: lesson_05.nash.reference(payoffs_1, payoffs_2.T, x, y),
     "agent 2's actions are read as rows"),
    (lambda payoffs_1, payoffs_2, x, y: bool(np.all([
        (payoffs_1 @ y).max() - x @ payoffs_1 @ y <= 1e-8 * np.ptp(payoffs_1),
        (payoffs_2 @ x).max() - x @ payoffs_2 @ y <= 1e-8 * np.ptp(payoffs_2),
    ])), "agent 2's table is not turned"),
    (pareto, "nothing is better for both"),
    (indifferent, "all actions must pay the same"),
    (argmaxes, "only the likeliest action is looked at"),
    (pure_ones, "only policies without chance"),
]  # fmt: skip


@diagnosed(lesson_05.nash, NASHES)
def test_nash(answer, name):
    assert verdict_of(lesson_05.nash, answer) == ("wrong", name)


def always(payoffs_1, payoffs_2, x, y):
    return True


def zero_sum_only(payoffs_1, payoffs_2, x, y):
    return lesson_05.nash.reference(payoffs_1, -payoffs_1, x, y)


def maximin(payoffs_1, payoffs_2, x, y):
    safe_1, safe_2 = (x @ payoffs_1).min(), (payoffs_2 @ y).min()
    return bool(np.isclose(safe_1, x @ payoffs_1 @ y) and np.isclose(safe_2, x @ payoffs_2 @ y))


def never(payoffs_1, payoffs_2, x, y):
    return False


def everybody_mixes(payoffs_1, payoffs_2, x, y):
    return min(x) > 0 and min(y) > 0 and lesson_05.nash.reference(payoffs_1, payoffs_2, x, y)


def richest_together(payoffs_1, payoffs_2, x, y):
    total = payoffs_1 + payoffs_2
    return x @ total @ y >= total.max() - 1e-8 * np.ptp(total)


def likeliest_pair(payoffs_1, payoffs_2, x, y):
    a, b = x.argmax(), y.argmax()
    return payoffs_1[a, b] >= payoffs_1[:, b].max() and payoffs_2[a, b] >= payoffs_2[a].max()


def generous(payoffs_1, payoffs_2, x, y):
    gain_1, gain_2 = (payoffs_1 @ y).max() - x @ payoffs_1 @ y, (x @ payoffs_2).max() - x @ payoffs_2 @ y
    return gain_1 <= 1e-3 * np.ptp(payoffs_1) and gain_2 <= 1e-3 * np.ptp(payoffs_2)


OTHERS = [always, never, zero_sum_only, maximin, everybody_mixes, richest_together, likeliest_pair, generous]


@unnamed(lesson_05.nash, OTHERS)
def test_other_mistakes_about_equilibria_get_no_false_name(answer):
    assert verdict_of(lesson_05.nash, answer) == ("wrong", None)


def test_other_ways_to_test_an_equilibrium_are_right():
    def by_loops(payoffs_1, payoffs_2, x, y):
        value_1, value_2 = x @ payoffs_1 @ y, x @ payoffs_2 @ y
        for row in payoffs_1:
            if row @ y - value_1 > 1e-8 * (payoffs_1.max() - payoffs_1.min()):
                return False
        return all(x @ column - value_2 <= 1e-8 * (payoffs_2.max() - payoffs_2.min()) for column in payoffs_2.T)

    def by_support(payoffs_1, payoffs_2, x, y):
        rows, columns = payoffs_1 @ y / np.ptp(payoffs_1), x @ payoffs_2 / np.ptp(payoffs_2)
        return (rows[x > 0] > rows.max() - 1e-8).all() and (columns[y > 0] > columns.max() - 1e-8).all()

    def by_the_package(payoffs_1, payoffs_2, x, y):
        return is_equilibrium(matrix_game([payoffs_1, payoffs_2]), [x, y], tolerance=1e-8)

    for answer in (by_loops, by_support, by_the_package):
        assert lesson_05.nash.check(answer).outcome == "right", answer


@pytest.mark.parametrize("seed", range(30))
def test_the_solutions_agree_with_the_package(seed):
    rng = np.random.default_rng(seed)
    tables = rng.integers(-3, 4, size=(2, 2, 3)).astype(float)
    game = matrix_game(tables)
    for found in equilibria(game):
        assert lesson_05.nash.reference(*tables, *(policy.ravel() for policy in found.policies))
    x, y = rng.dirichlet(np.ones(2)), rng.dirichlet(np.ones(3))
    assert lesson_05.nash.reference(*tables, x, y) == is_equilibrium(game, [x, y])


# --- the mixed equilibrium --------------------------------------------------------------------------------------------


def own_indifference(payoffs_1, payoffs_2):
    x = (payoffs_1[1, 1] - payoffs_1[0, 1]) / (payoffs_1[0, 0] - payoffs_1[0, 1] - payoffs_1[1, 0] + payoffs_1[1, 1])
    y = (payoffs_2[1, 1] - payoffs_2[1, 0]) / (payoffs_2[0, 0] - payoffs_2[0, 1] - payoffs_2[1, 0] + payoffs_2[1, 1])
    return x, y


def prudent(payoffs_1, payoffs_2):
    (a, b), (c, d) = payoffs_1
    (e, f), (g, h) = payoffs_2
    return np.linalg.solve([[a - c - b + d]], [d - c])[0], np.linalg.solve([[e - g - f + h]], [h - f])[0]


def second_actions(payoffs_1, payoffs_2):
    return tuple(1 - np.array(lesson_05.mixed.reference(payoffs_1, payoffs_2)))


def one_table(payoffs_1, payoffs_2):
    twist = payoffs_1[0, 0] + payoffs_1[1, 1] - payoffs_1[0, 1] - payoffs_1[1, 0]
    return (payoffs_1[1, 1] - payoffs_1[1, 0]) / twist, (payoffs_1[1, 1] - payoffs_1[0, 1]) / twist


def by_rows(payoffs_1, payoffs_2):
    def other_is_indifferent(own):
        return (own[1, 1] - own[0, 1]) / (own[0, 0] - own[0, 1] - own[1, 0] + own[1, 1])

    return other_is_indifferent(payoffs_2), other_is_indifferent(payoffs_1)


MIXES = [
    (own_indifference, "each makes itself indifferent"),
    (prudent, "each secures its own payoff"),
    (second_actions, "the second actions' chances"),
    (one_table, "agent 2's payoffs are left out"),
    (by_rows, "agent 2's actions are read as rows"),
    (lambda payoffs_1, payoffs_2: np.array([0.5, 0.5]), "both toss a fair coin"),
    (lambda payoffs_1, payoffs_2: (payoffs_1[0].sum() / payoffs_1.sum(), payoffs_2[:, 0].sum() / payoffs_2.sum()),
     "in proportion to the payoffs"),
    (lambda payoffs_1, payoffs_2: [(p, 1 - p) for p in lesson_05.mixed.reference(payoffs_1, payoffs_2)],
     "whole policies"),
]  # fmt: skip


@diagnosed(lesson_05.mixed, MIXES)
def test_mixed(answer, name):
    assert verdict_of(lesson_05.mixed, answer) == ("wrong", name)


def softmax(payoffs_1, payoffs_2):
    rows, columns = np.exp(payoffs_1.mean(axis=1)), np.exp(payoffs_2.mean(axis=0))
    return rows[0] / rows.sum(), columns[0] / columns.sum()


def sign_slip(payoffs_1, payoffs_2):
    (a, b), (c, d) = payoffs_1
    (e, f), (g, h) = payoffs_2
    return (h - g) / (e - f + g + h + 0.1), (d - b) / (a - b + c + d + 0.1)


def one_right_one_half(payoffs_1, payoffs_2):
    return lesson_05.mixed.reference(payoffs_1, payoffs_2)[0], 0.5


@unnamed(lesson_05.mixed, [softmax, sign_slip, one_right_one_half])
def test_other_mixtures_get_no_false_name(answer):
    assert verdict_of(lesson_05.mixed, answer) == ("wrong", None)


def test_the_mixture_is_the_only_equilibrium():
    for property_ in lesson_05.mixed.properties:
        for payoffs_1, payoffs_2 in property_.cases(np.random.default_rng(3)):
            (found,) = equilibria(matrix_game([payoffs_1, payoffs_2]))
            firsts = [policy.ravel()[0] for policy in found.policies]
            assert lesson_05.mixed.reference(payoffs_1, payoffs_2) == pytest.approx(firsts, abs=1e-12)


# --- a step uphill ----------------------------------------------------------------------------------------------------


def climbing_by(slopes, clip=True):
    def step(x, y, payoffs_1, payoffs_2, step_size):
        dx, dy = slopes(np.array([x, 1 - x]), np.array([y, 1 - y]), payoffs_1, payoffs_2)
        new = np.array([x + step_size * dx, y + step_size * dy])
        return np.clip(new, 0, 1) if clip else new

    return step


D = np.array([1, -1])


def right_slopes(x, y, A, B):
    return D @ A @ y, x @ B @ D


def one_after_the_other(x, y, payoffs_1, payoffs_2, step_size):
    x = np.clip(x + step_size * (D @ payoffs_1 @ [y, 1 - y]), 0, 1)
    y = np.clip(y + step_size * (np.array([x, 1 - x]) @ payoffs_2 @ D), 0, 1)
    return x, y


def no_constant(x, y, payoffs_1, payoffs_2, step_size):
    u_1 = payoffs_1[0, 0] + payoffs_1[1, 1] - payoffs_1[0, 1] - payoffs_1[1, 0]
    u_2 = payoffs_2[0, 0] + payoffs_2[1, 1] - payoffs_2[0, 1] - payoffs_2[1, 0]
    return np.clip([x + step_size * u_1 * y, y + step_size * u_2 * x], 0, 1)


STEPS = [
    (one_after_the_other, "agent 2 already sees agent 1's step"),
    (climbing_by(right_slopes, clip=False), "out of the square"),
    (climbing_by(lambda x, y, A, B: (-(D @ A @ y), -(x @ B @ D))), "downhill"),
    (no_constant, "the constant part is missing"),
    (climbing_by(lambda x, y, A, B: (x @ A @ D, D @ B @ y)), "the derivative by the other's chance"),
    (climbing_by(lambda x, y, A, B: (D @ A @ x, y @ B @ D)), "the slope at one's own chance"),
    (climbing_by(lambda x, y, A, B: (D @ A @ y, D @ B @ x)), "agent 2's actions are read as rows"),
    (climbing_by(lambda x, y, A, B: (D @ (A + B) @ y, x @ (A + B) @ D)), "both climb the sum of the payoffs"),
    (climbing_by(lambda x, y, A, B: (A[0] @ y, x @ B[:, 0])), "the payoff of the first action instead of a difference"),
    (climbing_by(lambda x, y, A, B: (x.prod() * (D @ A @ y), y.prod() * (x @ B @ D))), "the replicator's factor"),
]  # fmt: skip


@diagnosed(lesson_05.climb, STEPS)
def test_steps(answer, name):
    assert verdict_of(lesson_05.climb, answer) == ("wrong", name)


def half_a_slope(x, y, A, B):
    return 0.5 * (D @ A @ y), 0.5 * (x @ B @ D)


def only_agent_1_moves(x, y, A, B):
    return D @ A @ y, 0


def uniform_other(x, y, A, B):
    return D @ A.mean(axis=1), B.mean(axis=0) @ D


@unnamed(lesson_05.climb, [half_a_slope, only_agent_1_moves, uniform_other])
def test_other_steps_get_no_false_name(answer):
    assert verdict_of(lesson_05.climb, climbing_by(answer)) == ("wrong", None)


def test_another_way_to_step_is_right():
    assert lesson_05.climb.check(climbing_by(right_slopes)).outcome == "right"


@pytest.mark.parametrize("seed", range(5))
def test_a_step_is_the_packages_step_and_the_slope_a_difference_quotient(seed):
    rng = np.random.default_rng(seed)
    tables, (x, y), tiny = rng.normal(size=(2, 2, 2)), rng.uniform(0.2, 0.8, size=2), 1e-6
    learner = GradientAscent(matrix_game(tables), starts=[[x, y]], integrator="steps", step_size=0.05)
    learner.advance(1)
    mine = lesson_05.climb.reference(x, y, *tables, 0.05)
    assert learner.frame()["policies"][0, :, 0] == pytest.approx(mine, abs=1e-12)

    def pays(agent, x, y):
        return np.array([x, 1 - x]) @ tables[agent] @ np.array([y, 1 - y])

    slopes = (pays(0, x + tiny, y) - pays(0, x, y)) / tiny, (pays(1, x, y + tiny) - pays(1, x, y)) / tiny
    assert np.subtract(mine, (x, y)) / 0.05 == pytest.approx(slopes, abs=1e-4)


# --- find the bugs ----------------------------------------------------------------------------------------------------

BUGS = [
    (with_faults("last"), "only the last play counts"),
    (with_faults("own"), "an agent answers itself"),
    (with_faults("ahead"), "one agent sees the other's present play"),
    (with_faults("prior"), "the counts start at one"),
    (with_faults("coin"), "one coin for both"),
    (with_faults("first"), "the first of several best actions"),
    (with_faults("last", "first"), "only the last play counts"),
    (with_faults("own", "first"), "an agent answers itself"),
]


@diagnosed(lesson_05.mend, BUGS)
def test_bugs(answer, name):
    assert verdict_of(lesson_05.mend, answer) == ("wrong", name)


def test_the_listing_mended_fault_by_fault():
    """Each step meets the next fault, by name."""
    judged = partial(verdict_of_text, lesson_05.mend)
    text = lesson_05.mend.stub
    assert judged(text)[0] == "not attempted"
    text = text.replace("seen_2 = np.eye(m)[action_2]", "seen_2[action_2] += 1")
    assert judged(text) == ("wrong", "an agent answers itself")
    text = text.replace("seen_2 @ payoffs_2", "seen_1 @ payoffs_2")
    assert judged(text) == ("wrong", "one agent sees the other's present play")
    count = "        seen_1[action_1] += 1\n"
    text = text.replace(count, "").replace("        history.append", count + "        history.append")
    assert judged(text) == ("wrong", "the first of several best actions")
    text = re.sub(r"np.argmax\((.*)\)", r"(lambda v: rng.choice(np.flatnonzero(v == v.max())))(\1)", text)
    assert judged(text) == ("right", None)


def test_the_listing_is_the_program_with_all_faults():
    scope = {"np": np}
    exec(lesson_05.mend.stub, scope)
    for seed in range(5):
        tables = np.random.default_rng(seed).integers(0, 6, size=(2, 2, 2)).astype(float)
        ours = with_faults("last", "own", "ahead", "first")(*tables, 20, np.random.default_rng(0))
        np.testing.assert_array_equal(scope["fictitious_play"](*tables, 20, None), ours)


def test_programs_that_look_different_are_right():
    def by_lists(payoffs_1, payoffs_2, plays, rng):
        first, second = [], []
        for _ in range(plays):
            rows, columns = payoffs_1[:, second].sum(axis=1), payoffs_2[first].sum(axis=0)
            a, b = (int(np.argmax(np.where(v == v.max(), rng.random(len(v)), -1))) for v in (rows, columns))
            first.append(a)
            second.append(b)
        return list(zip(first, second, strict=True))

    def by_shares(payoffs_1, payoffs_2, plays, rng):
        played = np.empty((0, 2), dtype=int)
        for t in range(plays):
            seen = [np.bincount(played[:, i], minlength=payoffs_1.shape[i]) / max(t, 1) for i in (0, 1)]
            paid = payoffs_1 @ seen[1], seen[0] @ payoffs_2
            played = np.vstack([played, [rng.choice(np.flatnonzero(np.isclose(v, v.max()))) for v in paid]])
        return played

    for answer in (by_lists, by_shares, with_faults()):
        assert lesson_05.mend.check(answer).outcome == "right", answer


def greedy_in_payoffs(payoffs_1, payoffs_2, plays, rng):
    """Each plays what earned it most on average: no belief about the other at all."""
    sums, counts, history = np.zeros((2, 9)), np.full((2, 9), 1e-9), []
    for _ in range(plays):
        sizes = payoffs_1.shape
        pair = [int((sums[i] / counts[i])[: sizes[i]].argmax()) for i in (0, 1)]
        for i, table in enumerate((payoffs_1, payoffs_2)):
            sums[i, pair[i]] += table[tuple(pair)]
            counts[i, pair[i]] += 1
        history.append(pair)
    return history


def coins_only(payoffs_1, payoffs_2, plays, rng):
    return np.stack([rng.integers(n, size=plays) for n in payoffs_1.shape], axis=1)


def optimistic(payoffs_1, payoffs_2, plays, rng):
    return [(int(payoffs_1.max(axis=1).argmax()), int(payoffs_2.max(axis=0).argmax()))] * plays


@unnamed(lesson_05.mend, [greedy_in_payoffs, coins_only, optimistic])
def test_other_programs_get_no_false_name(answer):
    assert verdict_of(lesson_05.mend, answer) == ("wrong", None)


@pytest.mark.parametrize("answer", [lambda *case: 7, lambda *case: [(0, 0)], lambda *case: [(0, 5)] * case[2],
                                    lambda *case: ["CD"] * case[2], lambda *case: [(0, 0.5)] * case[2]])  # fmt: skip
def test_what_is_no_list_of_pairs_is_said_to_be_none(answer):
    verdict = lesson_05.mend.check(answer)
    assert verdict.outcome == "wrong" and verdict.property == lesson_05.mend.properties[0].says
    assert verdict.misconception is None


def test_the_mended_program_does_as_the_package_does():
    """The same rule: in matching pennies exploitability falls, and every play answers all plays of the other."""
    tables = matching_pennies().rewards[:, 0]
    found = run(lesson_05.mend.reference, *tables, 400, [0, 1]).facts
    assert found["slip"] == ["", ""] and found["answers"] == ["all plays of the other so far"] * 2
    shares = [np.bincount(found["history"][:, i], minlength=2) / 400 for i in (0, 1)]
    ours = exploitability(matching_pennies(), [[share] for share in shares])
    package = FictitiousPlay(matching_pennies(), seeds=20)
    package.advance(400)
    assert ours < 0.25 and package.frame()["average_exploitability"].max() < 0.25


# --- regret -----------------------------------------------------------------------------------------------------------


def hindsight_each_play(payoffs, own, others):
    return sum(
        max(payoffs[a, o] for a in range(len(payoffs))) - payoffs[m, o] for m, o in zip(own, others, strict=True)
    ) / len(own)


def total(payoffs, own, others):
    return max(sum(payoffs[a, o] for o in others) for a in range(len(payoffs))) - sum(payoffs[own, others])


def realised(payoffs, own, others):
    return max(payoffs[own, others]) - np.average(payoffs[own, others])


def clipped(payoffs, own, others):
    return max(0, *(payoffs[a, others].mean() - payoffs[own, others].mean() for a in range(len(payoffs))))


def per_action(payoffs, own, others):
    return (payoffs[:, others].mean(axis=1) - payoffs[own, others].mean()).max() / payoffs.shape[0]


def against_the_mean(payoffs, own, others):
    return np.mean(payoffs[:, others].mean(axis=0) - payoffs[own, others])


REGRETS = [
    (hindsight_each_play, "the best action of each play"),
    (total, "the sum instead of the average"),
    (realised, "compared with the best payoff that was earned"),
    (clipped, "cut off at zero"),
    (per_action, "divided by the number of actions"),
    (against_the_mean, "compared with random play"),
    (lambda payoffs, own, others: np.max(payoffs) - np.mean(payoffs[own, others]),
     "compared with the largest payoff of the table"),
    (lambda payoffs, own, others: np.mean(payoffs[own, others]) - max(payoffs[:, others].mean(axis=1)),
     "the wrong sign"),
    (lambda payoffs, own, others: payoffs[:, others[-1]].max() - payoffs[own[-1], others[-1]], "only the last play"),
]  # fmt: skip


@diagnosed(lesson_05.regret, REGRETS)
def test_regrets(answer, name):
    assert verdict_of(lesson_05.regret, answer) == ("wrong", name)


def earned_only(payoffs, own, others):
    return payoffs[own, others].mean()


def median(payoffs, own, others):
    return (np.median(payoffs[:, others], axis=1) - np.median(payoffs[own, others])).max()


def against_the_worst(payoffs, own, others):
    return payoffs[:, others].mean(axis=1).min() - payoffs[own, others].mean()


def one_play_short(payoffs, own, others):
    return lesson_05.regret.reference(payoffs, own[1:], others[1:])


@unnamed(lesson_05.regret, [earned_only, median, against_the_worst, one_play_short])
def test_other_regrets_get_no_false_name(answer):
    assert verdict_of(lesson_05.regret, answer) == ("wrong", None)


def test_other_ways_to_write_regret_are_right():
    def by_counts(payoffs, own, others):
        n = len(others)
        seen = np.bincount(others, minlength=payoffs.shape[1])
        earned = sum(payoffs[a, o] for a, o in zip(own, others, strict=True))
        return max(payoffs @ seen) / n - earned / n

    assert lesson_05.regret.check(by_counts).outcome == "right"


def test_regret_is_the_packages():
    learner = FictitiousPlay(matching_pennies(), seeds=1)
    own, others = [], []
    for _ in range(50):
        learner.advance(1)
        action_1, action_2 = learner.frame()["policies"][0].argmax(axis=1)
        own.append(action_1)
        others.append(action_2)
    mine = lesson_05.regret.reference(matching_pennies().rewards[0, 0], np.array(own), np.array(others))
    assert learner.frame()["regret"][0, 0] == pytest.approx(mine, abs=1e-12)


# --- a treasure that nobody climbs to ---------------------------------------------------------------------------------

GAMES = [
    (lambda: ([[5, 0], [4, 2]], [[5, 4], [0, 2]]), "the best equilibrium is found too easily"),
    (lambda: ([[1, -1], [-1, 1]], [[-1, 1], [1, -1]]), "only one equilibrium"),
    (lambda: ([[3, 0], [5, 1]], [[3, 5], [0, 1]]), "only one equilibrium"),
    (lambda: ([[0, 2], [1, 0]], [[0, 1], [2, 0]]), "they do not agree which one is best"),
    (lambda: ([[1, 0], [0, 1]], [[1, 0], [0, 1]]), "they do not agree which one is best"),
    (lambda: ([[5, 4], [5, 4]], [[5, 5], [4, 4]]), "ties"),
    (lambda: [[5, -5], [4, 4]], "no game of the kind"),
    (lambda: ([[50, -50], [4, 4]], [[50, 4], [-50, 4]]), "no game of the kind"),
    (lambda: ([[4.5, -5], [4, 4]], [[4.5, 4], [-5, 4]]), "no game of the kind"),
    (lambda: ([["a", 0], [0, 1]], [[1, 0], [0, 1]]), "no game of the kind"),
    (lambda: 5, "no game of the kind"),
    (lambda: ([[4, 0], [3, 3]], [[4, 3], [0, 3]]), "the best equilibrium is found too easily"),
]


@diagnosed(lesson_05.invent, GAMES)
def test_games(answer, name):
    assert verdict_of(lesson_05.invent, answer) == ("wrong", name)


@pytest.mark.parametrize(
    "tables",
    [
        ([[5, -5], [3, 4]], [[5, 3], [-5, 4]]),
        ([[4, 4], [-5, 5]], [[4, -5], [4, 5]]),  # the other corner
        ([[-5, 5], [4, 4]], [[4, 5], [4, -5]]),  # different actions meet
        ([[3, -3], [2, 2]], [[5, 4], [-5, 3]]),  # agents that differ
    ],
)
def test_other_games_are_right(tables):
    assert lesson_05.invent.check(lambda: tables).outcome == "right", look(lambda: tables)
    assert lesson_05.invent.check(lambda: np.array(tables)).outcome == "right"


def test_the_flow_followed_here_is_the_packages():
    starts = [[0.125, 0.475], [0.525, 0.775], [0.975, 0.275], [0.975, 0.975]]
    for tables in (lesson_05.invent.reference(), stag_hunt().rewards[:, 0]):
        flow = GradientAscent(matrix_game(tables), starts=starts)
        flow.advance(2_000)
        end_x, end_y = ends(*tables)
        mine = [(end_x[int(x * 20), int(y * 20)], end_y[int(x * 20), int(y * 20)]) for x, y in starts]
        np.testing.assert_allclose(flow.frame()["policies"][:, :, 0], mine, atol=1e-6)


def test_what_is_missed_agrees_with_the_area_beyond_the_saddle():
    """In a symmetric stag hunt the starts below the line x + y = 2 x* miss the stag."""
    found = look(lambda: ([[5, -5], [1, 4]], [[5, 1], [-5, 4]]))
    saddle = 9 / 13
    assert found.facts["% of the starts that miss it"] == pytest.approx(100 - 50 * (2 - 2 * saddle) ** 2, abs=3)


# --- a failing example can be read ------------------------------------------------------------------------------------

READABLE = [lesson_05.nash, lesson_05.mixed, lesson_05.climb, lesson_05.mend, lesson_05.regret]


@pytest.mark.parametrize("exercise", READABLE, ids=lambda exercise: exercise.name)
def test_the_first_property_has_cases_that_can_be_checked_by_hand(exercise):
    for args in exercise.properties[0].cases(np.random.default_rng(0)):
        for table in (arg for arg in args if isinstance(arg, np.ndarray) and arg.ndim == 2):
            assert table.shape == (2, 2) and np.abs(table).max() <= 9
            np.testing.assert_array_equal(table, np.round(table))
        for number in (arg for arg in args if isinstance(arg, float)):
            assert round(number, 1) == number


@pytest.mark.parametrize(("exercise", "answer"), [(lesson_05.nash, pareto), (lesson_05.mixed, own_indifference),
                                                   (lesson_05.climb, one_after_the_other),
                                                   (lesson_05.mend, with_faults("ahead")),
                                                   (lesson_05.regret, hindsight_each_play)],
                         ids=["nash", "mixed", "climb", "mend", "regret"])  # fmt: skip
def test_the_verdict_shows_short_numbers(exercise, answer):
    given = exercise.check(answer).text.split("it returned")[0]
    assert "With:" in given and not re.search(r"\.\d{2,}", given), given
    assert len(given.splitlines()) < 15, given


def test_a_crash_of_ones_own_is_shown_as_a_crash():
    def treasure():
        return [[5, -5], [4, 4]], int("four")

    verdict = lesson_05.invent.check(treasure)
    assert verdict.outcome == "crashed" and "int" in verdict.line and "ValueError" in verdict.text
    assert lesson_05.invent.check(lambda: undefined_name).outcome == "crashed"  # noqa: F821


@pytest.mark.parametrize(("answer", "name"), GAMES)
def test_what_an_invented_game_is_like_is_said_in_words(answer, name):
    text = lesson_05.invent.check(answer).text
    assert "{" not in text and "':" not in text, text
    assert "it returned:" in text and len(text.splitlines()) < 15


def test_the_inventors_tables_are_shown():
    text = lesson_05.invent.check(lambda: ([[4, 0], [3, 3]], [[4, 3], [0, 3]])).text
    assert "A = [[4, 0], [3, 3]], B = [[4, 3], [0, 3]]" in text and "89 % of the starts miss it" in text
    assert "it returned: '[[50, -50], [4, 4]]" in lesson_05.invent.check(lambda: [[50, -50], [4, 4]]).text


@pytest.mark.parametrize(("answer", "name"), BUGS)
def test_what_was_played_is_shown_as_a_call_that_can_be_run(answer, name):
    verdict = lesson_05.mend.check(answer)
    assert "{" not in verdict.text and "runs =" not in verdict.text, verdict.text
    played, call = verdict.got.split("; ")[0].split(" by ")
    again = [tuple(map(int, pair)) for pair in eval(call, {"np": np, "fictitious_play": answer})]
    assert played == str(again) or played == f"{str(again[:8])[:-1]}, ...]"


# --- pictures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("many", "across", "size"), [(3, 3, (960, 374)), (4, 2, (640, 696))])
def test_squares_are_large_and_share_one_legend(many, across, size):
    run = record(GradientAscent(matching_pennies(), seeds=2), units=20, every=2)
    views = [UnitSquare(GradientAscent.velocity, title=f"square {k}") for k in range(many)]
    figure, said = pictures.squares(views, [run] * many, across=across)
    assert tuple(int(length) for length in figure.canvas.get_width_height()) == size
    assert len(figure.legends) == 1 and len(figure.axes) == many
    assert "Nash equilibrium" in [text.get_text() for text in figure.legends[0].get_texts()]
    for ax in figure.axes:
        assert not any(text.get_text() for legend in ax.findobj(Legend) for text in legend.get_texts())
        (left, low), (right, high) = ax.transData.transform([(0, 0), (1, 1)])
        assert right - left > 200 and high - low == pytest.approx(right - left, abs=1)
    assert all(f"square {k}: " in said for k in range(many))


def test_the_axis_of_a_rate_can_begin_with_the_data():
    run = record(FictitiousPlay(matching_pennies(), seeds=2), units=1_000, every=100)
    figure, _ = pictures.side_by_side([RateView("regret", agents="sum", y_label="gap")], [run], since=90)
    assert figure.axes[0].get_xlim()[0] == 90 and figure.axes[0].get_ylabel() == "gap"


# --- all of them ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("exercise", lesson_05.lesson.exercises, ids=lambda exercise: exercise.name)
def test_solution_and_stub(exercise):
    assert outcomes(exercise) == ("right", "not attempted", "not attempted")


@pytest.mark.parametrize("exercise", READABLE, ids=lambda exercise: exercise.name)
def test_cases_can_be_made_with_any_seed(exercise):
    for seed in range(1, 4):
        assert prepare(exercise, seed)


def test_numbers_of_the_quiz():
    rights = [getattr(question, "right", None) for question in lesson_05.quiz.questions]
    assert rights[1] == pytest.approx(0.8) and rights[2] == pytest.approx(0.6)
    learner = GradientAscent(matching_pennies(), starts=[[0.5, 0.75]], integrator="steps", step_size=0.1)
    learner.advance(1)
    assert learner.frame()["policies"][0, 0, 0] == pytest.approx(rights[2])
    mixed = [e for e in equilibria(matrix_game([[[4, 0], [0, 1]], [[1, 0], [0, 4]]])) if not e.pure]
    assert mixed[0].policies[0].ravel()[0] == pytest.approx(rights[1])
