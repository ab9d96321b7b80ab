"""Typical wrong answers to the exercises of lesson 04, written as students write them, get the right diagnosis."""

import re
from functools import partial
from itertools import product

import numpy as np
import pytest
from answers import diagnosed, outcomes, verdict_of, verdict_of_text

from marl_edu.exercises import lesson_04
from marl_edu.exercises import lesson_04_pictures as pictures
from marl_edu.exercises.lesson_04_lead import SEEDS, earned_by, levels, world
from marl_edu.exercises.lesson_04_moved import exact_values, moved
from marl_edu.exercises.lesson_04_plan import faulty
from marl_edu.exercises.lesson_04_quiz import sweeps_for
from marl_edu.exercises.lesson_04_values import backup, q_from_v
from marl_edu.games import random_game
from marl_edu.planning import action_values, decentralised_values, evaluate, solve_stage, team_optimum
from marl_edu.views.figures import blank

# --- one backup -------------------------------------------------------------------------------------------------------


def in_place(values, transitions, rewards, policy_1, policy_2, discount):
    values = list(values)
    for s in range(len(values)):
        total = 0
        for a in range(policy_1.shape[1]):
            for b in range(policy_2.shape[1]):
                q = rewards[s, a, b] + discount * transitions[s, a, b] @ values
                total += policy_1[s, a] * policy_2[s, b] * q
        values[s] = total
    return values


def uniform(values, transitions, rewards, policy_1, policy_2, discount):
    n = rewards.shape[1] * rewards.shape[2]
    return (rewards + discount * np.dot(transitions, values)).sum(axis=(1, 2)) / n


def optimistic(values, transitions, rewards, policy_1, policy_2, discount):
    return np.array([np.max(rewards[s] + discount * transitions[s] @ values) for s in range(len(values))])


def undiscounted(values, transitions, rewards, policy_1, policy_2, discount):
    weights = policy_1[:, :, None] * policy_2[:, None, :]
    return (weights * (rewards + transitions @ values)).sum(axis=(1, 2))


def discounts_all(values, transitions, rewards, policy_1, policy_2, discount):
    weights = policy_1[:, :, None] * policy_2[:, None, :]
    return (weights * discount * (rewards + transitions @ values)).sum(axis=(1, 2))


def stays_here(values, transitions, rewards, policy_1, policy_2, discount):
    weights = policy_1[:, :, None] * policy_2[:, None, :]
    return (weights * rewards).sum(axis=(1, 2)) + discount * values


def sums_over_the_other(values, transitions, rewards, policy_1, policy_2, discount):
    return ((rewards + discount * transitions @ values).sum(axis=2) * policy_1).sum(axis=1)


def mean_of_policies(values, transitions, rewards, policy_1, policy_2, discount):
    weights = 0.5 * (policy_1[:, :, None] + policy_2[:, None, :])
    return (weights * (rewards + discount * transitions @ values)).sum(axis=(1, 2))


def swapped(values, transitions, rewards, policy_1, policy_2, discount):
    q = rewards + discount * transitions @ values
    return np.einsum("sab,sb,sa->s", q, policy_1, policy_2)


SWEEPS = [
    (in_place, "only old values may be used"),
    (uniform, "everybody acts at random"),
    (optimistic, "the best joint action instead of the mean"),
    (undiscounted, "discount forgotten"),
    (discounts_all, "the reward is discounted as well"),
    (stays_here, "the present state's value instead of the next one's"),
    (sums_over_the_other, "the other's actions are added up, not weighed"),
    (mean_of_policies, "the probabilities are added, not multiplied"),
    (swapped, "the agents are mixed up"),
]


@diagnosed(lesson_04.sweep, SWEEPS)
def test_sweeps(answer, name):
    assert verdict_of(lesson_04.sweep, answer) == ("wrong", name)


def pieces(game, rng):
    policies = [rng.dirichlet(np.ones(n), size=game.n_states) for n in game.n_actions]
    return game.transitions, game.rewards, policies, game.discount


@pytest.mark.parametrize("seed", range(20))
def test_solutions_agree_with_the_package_and_with_loops(seed):
    rng = np.random.default_rng(seed)
    game = random_game(2, 4, (2, 3), rng, discount=0.8)
    transitions, rewards, (x, y), discount = pieces(game, rng)
    exact = evaluate(game, [x, y])
    for i in range(2):
        np.testing.assert_allclose(exact_values(transitions, rewards[i], x, y, discount), exact[i], atol=1e-10)
        np.testing.assert_allclose(backup(exact[i], transitions, rewards[i], x, y, discount), exact[i], atol=1e-10)
    old, by_hand = rng.normal(size=4), np.zeros(4)
    for s, a, b, t in np.ndindex(4, 2, 3, 4):
        by_hand[s] += x[s, a] * y[s, b] * transitions[s, a, b, t] * (rewards[0, s, a, b] + discount * old[t])
    np.testing.assert_allclose(backup(old, transitions, rewards[0], x, y, discount), by_hand, atol=1e-12)
    np.testing.assert_allclose(q_from_v(exact, transitions, rewards, discount), action_values(game, [x, y]), atol=1e-10)
    new = np.roll(y, 1, axis=1)
    change = decentralised_values(game, 0, [x, new]) - decentralised_values(game, 0, [x, y])
    np.testing.assert_allclose(moved(transitions, rewards[0], x, y, new, discount), change, atol=1e-9)


# --- Q from V ---------------------------------------------------------------------------------------------------------


def only_agent_1(values, transitions, rewards, discount):
    return rewards + discount * np.einsum("sabt,t->sab", transitions, values[0])


def team_value(values, transitions, rewards, discount):
    return np.stack([rewards[i] + discount * transitions @ (values[0] + values[1]) for i in range(2)])


def value_of_here(values, transitions, rewards, discount):
    q = np.array(rewards)
    for i, s in np.ndindex(values.shape):
        q[i, s] += discount * values[i, s]
    return q


def most_likely(values, transitions, rewards, discount):
    q = np.zeros_like(rewards)
    for i, s, a, b in np.ndindex(rewards.shape):
        q[i, s, a, b] = rewards[i, s, a, b] + discount * values[i, np.argmax(transitions[s, a, b])]
    return q


QS = [
    (only_agent_1, "agent 1's values for everybody"),
    (team_value, "the values of all agents are added up"),
    (value_of_here, "the present state's value instead of the next one's"),
    (most_likely, "only the likeliest next state"),
    (lambda values, transitions, rewards, discount: q_from_v(values, transitions, rewards, 1), "discount forgotten"),
    (
        lambda values, transitions, rewards, discount: discount * q_from_v(values, transitions, rewards, 1),
        "the reward is discounted as well",
    ),
]


@diagnosed(lesson_04.q_values, QS)
def test_q_values(answer, name):
    assert verdict_of(lesson_04.q_values, answer) == ("wrong", name)


# --- the other changes ------------------------------------------------------------------------------------------------


def table(transitions, rewards, policy_1, lives, acts, discount):
    v = exact_values(transitions, rewards, policy_1, lives, discount)
    out = np.zeros(rewards.shape[:2])
    for s, a, b in np.ndindex(rewards.shape):
        out[s, a] += acts[s, b] * (rewards[s, a, b] + discount * transitions[s, a, b] @ v)
    return out


def old_future(t, r, x, y, z, g):
    return table(t, r, x, y, z, g) - table(t, r, x, y, y, g)


def old_present(t, r, x, y, z, g):
    return table(t, r, x, z, y, g) - table(t, r, x, y, y, g)


def wrong_sign(t, r, x, y, z, g):
    return table(t, r, x, y, y, g) - table(t, r, x, z, z, g)


def not_a_difference(t, r, x, y, z, g):
    return table(t, r, x, z, z, g)


def values_of_states(t, r, x, y, z, g):
    return exact_values(t, r, x, z, g) - exact_values(t, r, x, y, g)


def over_own_action(t, r, x, y, z, g):
    before = r + g * t @ exact_values(t, r, x, y, g)
    after = r + g * t @ exact_values(t, r, x, z, g)
    return np.einsum("sa,sab->sb", x, after - before)


def as_written(function):
    def moved(transitions, rewards, policy_1, policy_2, new_policy_2, discount):
        return function(transitions, rewards, policy_1, policy_2, new_policy_2, discount)

    return moved


MOVES = [
    (as_written(old_future), "the future stays as it was"),
    (as_written(old_present), "only the future moves"),
    (as_written(wrong_sign), "old minus new"),
    (as_written(not_a_difference), "the new values instead of the change"),
    (as_written(values_of_states), "averaged over agent 1's own action as well"),
    (as_written(over_own_action), "the agents are mixed up"),
]


@diagnosed(lesson_04.other, MOVES)
def test_moves(answer, name):
    assert verdict_of(lesson_04.other, answer) == ("wrong", name)


# --- the stage game ---------------------------------------------------------------------------------------------------


def formula_only(payoffs):
    (a, b), (c, d) = payoffs
    return (a * d - b * c) / ((a + d) - (b + c))


def maximin(payoffs):
    return max(min(row) for row in payoffs)


def minimax(payoffs):
    return min(max(payoffs[0][k], payoffs[1][k]) for k in range(2))


def coin(payoffs):
    return sum(map(sum, payoffs)) / 4


def chance_of_row_1(payoffs):
    if maximin(payoffs) == minimax(payoffs):
        return maximin(payoffs)
    (a, b), (c, d) = payoffs
    return (d - c) / (a - b + d - c)


def agent_2s(payoffs):
    return -lesson_04.stage.reference(payoffs)


STAGES = [
    (formula_only, "mixes although there is a saddle point"),
    (maximin, "agent 1 does not mix"),
    (minimax, "agent 2 does not mix"),
    (coin, "both toss a fair coin"),
    (chance_of_row_1, "the probability instead of the value"),
    (agent_2s, "the value to agent 2"),
    (lambda payoffs: np.max(payoffs), "the largest payoff"),
]


@diagnosed(lesson_04.stage, STAGES)
def test_stages(answer, name):
    assert verdict_of(lesson_04.stage, answer) == ("wrong", name)


def test_the_solution_is_the_value_of_the_table_by_brute_force():
    rng = np.random.default_rng(0)
    mixtures = np.linspace(0, 1, 2001)
    for _ in range(200):
        payoffs = rng.normal(size=(2, 2))
        found = lesson_04.stage.reference(payoffs)
        secured = np.minimum(*(np.outer(mixtures, payoffs[0]) + np.outer(1 - mixtures, payoffs[1])).T).max()
        assert secured <= found + 1e-9 and found - secured < 5e-3
        assert found == pytest.approx(solve_stage(payoffs).value, abs=1e-12)


# --- find the bugs ----------------------------------------------------------------------------------------------------


def mended(transitions, rewards, terminal, discount, sweeps, fault=""):
    n_states, n_a, n_b = rewards.shape
    v = [0.0] * n_states
    for _ in range(sweeps):
        new, plan = [], []
        for s in range(n_states):
            q = np.array([[rewards[s, a, b] + (1 if fault == "gamma" else discount) * np.dot(transitions[s, a, b], v)
                           for b in range(n_b)] for a in range(n_a)])  # fmt: skip
            best = np.unravel_index(q.argmax(), q.shape)
            value = q[best]
            if fault == "mean":
                value = q.mean(axis=1).max()
            if fault == "enemy":
                value = max(min(row) for row in q)
            new.append(0.0 if terminal[s] and fault != "end" else value)
            plan.append(best[::-1] if fault == "axis" else best)
        v = new
    return np.array(v), np.array(plan)


def with_fault(fault):
    def team_plan(transitions, rewards, terminal, discount, sweeps):
        return mended(transitions, rewards, terminal, discount, sweeps, fault)

    return team_plan


BUGS = [
    (with_fault("mean"), "the partner is averaged over"),
    (with_fault("gamma"), "discount forgotten"),
    (with_fault("end"), "the end has a future"),
    (with_fault("axis"), "the agents are mixed up"),
    (with_fault("enemy"), "the partner is an opponent"),
]


@diagnosed(lesson_04.plan, BUGS)
def test_bugs(answer, name):
    assert verdict_of(lesson_04.plan, answer) == ("wrong", name)


def test_another_way_of_writing_it_is_right():
    assert lesson_04.plan.check(with_fault("")).outcome == "right"


def test_the_listing_mended_fault_by_fault():
    """Each step meets the next fault, by name."""
    judged = partial(verdict_of_text, lesson_04.plan)
    text = lesson_04.plan.stub
    assert judged(text)[0] == "not attempted"
    text = text.replace("q.mean(axis=2).max(axis=1)", "q.max(axis=(1, 2))")
    assert judged(text) == ("wrong", "the agents are mixed up")  # the first sweep has no future to discount
    text = text.replace("axis=1).argmax", "axis=9).argmax").replace("axis=2).argmax", "axis=1).argmax")
    text = text.replace("axis=9).argmax", "axis=2).argmax")
    assert judged(text) == ("wrong", "discount forgotten")
    text = text.replace("transitions @", "discount * transitions @")
    assert judged(text) == ("wrong", "the end has a future")
    text = text.replace("axis=(1, 2))", "axis=(1, 2)) * ~terminal")
    assert judged(text) == ("right", None)


def test_the_listing_is_the_program_with_all_faults():
    rng, scope = np.random.default_rng(2), {"np": np}
    exec(lesson_04.plan.stub, scope)
    game = random_game(2, 4, 3, rng)
    case = game.transitions, game.rewards[0], np.array([False, False, False, True]), 0.9, 4
    for found, expected in zip(scope["team_plan"](*case), faulty(*case), strict=True):
        np.testing.assert_allclose(found, expected)


@pytest.mark.parametrize("seed", range(5))
def test_the_mended_program_finds_the_team_optimum(seed):
    game = random_game(2, 5, (2, 3), seed, discount=0.6, n_terminal=1, cooperative=True)
    values, actions = lesson_04.plan.reference(game.transitions, game.rewards.sum(axis=0), game.terminal, 0.6, 80)
    best = team_optimum(game)
    np.testing.assert_allclose(values, best.values, atol=1e-9)
    np.testing.assert_array_equal(actions[~game.terminal], best.actions[~game.terminal])


# --- a failing example can be read ------------------------------------------------------------------------------------


READABLE = [lesson_04.sweep, lesson_04.q_values, lesson_04.other, lesson_04.plan]


@pytest.mark.parametrize("exercise", READABLE, ids=lambda exercise: exercise.name)
def test_every_property_begins_with_a_case_that_can_be_checked_by_hand(exercise):
    for property_ in exercise.properties:
        cases = property_.cases(np.random.default_rng(0))
        tables = [[arg for arg in case if isinstance(arg, np.ndarray)] for case in cases]
        sizes = [sum(table.size for table in case) for case in tables]
        assert len(next(table for table in tables[0] if table.ndim == 4)) <= 2  # transitions: states come first
        assert sizes[0] == min(sizes) < max(sizes)
        for table in (table for case in tables for table in case):
            np.testing.assert_allclose(10 * table, np.round(10 * table), atol=1e-9)  # whole tenths, or whole numbers


@pytest.mark.parametrize(("exercise", "answer"), [(lesson_04.sweep, uniform), (lesson_04.q_values, most_likely),
                                                   (lesson_04.other, as_written(wrong_sign)),
                                                   (lesson_04.plan, with_fault("end"))],
                         ids=["sweep", "q_values", "other", "plan"])  # fmt: skip
def test_the_verdict_shows_short_numbers(exercise, answer):
    given = exercise.check(answer).text.split("it returned")[0]
    assert "With:" in given and not re.search(r"\.\d{2,}", given), given
    assert len(given.splitlines()) < 30, given


# --- who commits first ------------------------------------------------------------------------------------------------


def best_pure(game):
    found = [(earned_by(game, np.eye(2)[list(pair)]), pair) for pair in product((0, 1), repeat=2)]
    return np.eye(2)[list(max(found)[1])]


LEADS = [
    (lambda game: np.full((2, 2), 0.5), "a fair coin"),
    (lambda game: np.eye(2), "nothing is left to chance"),
    (best_pure, "nothing is left to chance"),
    (lambda game: np.array([0.5, 0.5]), "no policy"),
    (lambda game: np.array([[0.7, 0.7], [0.1, 0.9]]), "no policy"),
    (lambda game: "mix", "no policy"),
]


@diagnosed(lesson_04.invent, LEADS)
def test_leads(answer, name):
    assert verdict_of(lesson_04.invent, answer) == ("wrong", name)


def test_another_way_to_lead_is_right():
    def lead(game):
        rng = np.random.default_rng(0)
        tried = [np.stack([rng.dirichlet([0.5, 0.5]) for _ in range(2)]) for _ in range(150)]
        return max(tried, key=lambda policy: earned_by(game, policy))

    assert lesson_04.invent.check(lead).outcome == "right"


def test_there_is_something_to_gain_by_chance():
    for seed in SEEDS:
        pure, mixed = levels(seed)
        assert mixed > pure + 0.3
        assert pure == pytest.approx(earned_by(world(seed), best_pure(world(seed))))


# --- all of them ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("exercise", lesson_04.lesson.exercises, ids=lambda exercise: exercise.name)
def test_solution_and_stub(exercise):
    assert outcomes(exercise) == ("right", "not attempted", "not attempted")


# --- pictures ---------------------------------------------------------------------------------------------------------


def axes(n):
    drawn = blank(n)
    return drawn.axes if n > 1 else drawn.axes[0]


def test_pictures_show_and_say_the_numbers_they_are_given():
    careless, lines = np.array([0.0, 1.0]), np.array([[11.0, -30, 0], [-6.3, -5.7, 1.7]])
    ax = axes(1)
    assert "worth 11 to agent 1" in pictures.draw_lines(ax, careless, lines) and "worth -6.3" in ax_words(ax, lines)
    both = axes(2)
    words = pictures.draw_bars(both, np.array([[1.0, 2], [3, 4]]), np.array([5.0, 6]), "worn")
    assert "1.00, 2.00, 3.00, 4.00" in words and "use 5.00, mend 6.00" in words
    assert [patch.get_height() for patch in both[0].patches + both[1].patches] == [1, 2, 3, 4, 5, 6]
    ax, tables = axes(1), np.array([[3.0, 1], [4, 9]])
    assert pictures.draw_answers(ax, np.array([0.0, 1]), tables, 1.0, tables[1]).endswith("best is to mend.")
    assert pictures.draw_answers(ax, np.array([0.0, 1]), tables, 0.0, tables[0]).endswith("best is to use.")
    table = np.array([[3.0, 0], [1, 2]])
    said = pictures.draw_stage(axes(2), table, solve_stage(table), 0.5, "field 3")
    assert said == "Value 1.500: attack left 25%, guard left 50%. With 50% agent 1 secures 1.000."


def ax_words(ax, lines):
    """The words again; no line is dashed or dotted, which would mean that it is exact or random."""
    assert {line.get_linestyle() for line in ax.lines} == {"-"} and len({line.get_color() for line in ax.lines}) == 3
    return pictures.draw_lines(ax, np.array([0.0, 1.0]), lines)


def test_numbers_of_the_quiz():
    rights = {k: lesson_04.quiz.questions[k].right for k in (0, 3, 4)}
    old, policy = np.array([0.0, 10, -2]), np.array([[0.3, 0.7], [1, 0], [1, 0]])
    transitions = np.zeros((3, 2, 1, 3))
    transitions[0, 0, 0, 1] = transitions[0, 1, 0, 2] = transitions[1:, :, :, 0] = 1
    rewards = np.array([[[4.0], [0]], [[0], [0]], [[0], [0]]])
    assert rights[0] == pytest.approx(backup(old, transitions, rewards, policy, np.ones((3, 1)), 0.9)[0])
    assert rights[3] == 66 and 0.9**66 < 1e-3 < 0.9**65
    assert sweeps_for(1000, 0.9) == 66
    assert rights[4] == pytest.approx(solve_stage([[3, 0], [1, 2]]).value) == pytest.approx(1.5)
