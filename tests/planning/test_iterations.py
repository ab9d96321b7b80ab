"""Dynamic programming sweep by sweep, held against brute force, closed forms and another library's solutions."""

import itertools

import brute_force
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_optimum import exactly

from marl_edu import record
from marl_edu.algorithm import HyperparameterError
from marl_edu.games import climbing, gridworld, matching_pennies, random_game
from marl_edu.planning import (
    BestResponseIteration,
    PolicyEvaluation,
    PolicyIteration,
    ShapleyIteration,
    ValueIteration,
    best_response_gains,
    evaluate,
    exploitability,
    policy_iteration,
    team_optimum,
    value_iteration,
)

seeds = st.integers(0, 10**6)


@given(seeds, st.floats(0.1, 0.95), st.booleans())
def test_value_and_policy_iteration_find_what_trying_all_joint_policies_finds(seed, discount, terminal):
    rng = np.random.default_rng(seed)
    game = brute_force.tiny_game(rng, n_actions=(2, 2), n_states=3, discount=discount, terminal=terminal)
    best = np.full(game.n_states, -np.inf)
    joint = brute_force.joint_actions(game)
    for choice in itertools.product(joint, repeat=game.n_states):
        policies = [np.array([a[i] for a in choice]) for i in range(2)]
        best = np.maximum(best, evaluate(game, policies).sum(axis=0))
    scale = np.abs(best).max()
    for found in (value_iteration(game, 1e-12), policy_iteration(game)):
        assert np.abs(found.values - best).max() < 1e-9 * max(1, scale)
        assert 0 <= found.error_bound < 1e-9 * max(1, scale)
        acting = list(found.actions.T)
        assert np.abs(evaluate(game, acting).sum(axis=0) - best).max() < 1e-9 * max(1, scale)


@given(seeds, st.floats(0, 0.9))
def test_each_sweep_is_the_equation_written_out(seed, discount):
    rng = np.random.default_rng(seed)
    game = brute_force.tiny_game(rng, discount=discount)
    policies = brute_force.random_policies(game, rng)
    evaluating, improving = PolicyEvaluation(game, policies), ValueIteration(game)
    own, team = np.zeros((2, game.n_states)), np.zeros(game.n_states)
    for _ in range(4):
        evaluating.advance(1)
        improving.advance(1)
        before, team_before = own.copy(), team.copy()
        for s in range(game.n_states):
            ahead = {a: game.transitions[(s, *a)] for a in brute_force.joint_actions(game)}
            for i in range(2):
                own[i, s] = sum(
                    brute_force.chance(game, policies, s, a) * (game.rewards[(i, s, *a)] + discount * p @ before[i])
                    for a, p in ahead.items()
                )
            team[s] = max(
                game.rewards[(slice(None), s, *a)].sum() + discount * p @ team_before for a, p in ahead.items()
            )
        assert np.allclose(evaluating.frame()["values"][0], own, rtol=1e-12, atol=1e-12)
        assert np.allclose(improving.frame()["values"][0], team, rtol=1e-12, atol=1e-12)
        assert np.isclose(evaluating.frame()["residual"][0], np.abs(own - before).max())


@given(seeds, st.floats(0.05, 0.95))
def test_the_distance_to_the_answer_shrinks_by_at_least_the_discount(seed, discount):
    rng = np.random.default_rng(seed)
    game = random_game(2, 4, 2, rng, discount=discount)
    zero_sum = random_game(2, 3, 2, rng, discount=discount, zero_sum=True)
    for algorithm in (PolicyEvaluation(game), ValueIteration(game), ShapleyIteration(zero_sum)):
        errors = record(algorithm, 12, 1).series("error")[:, 0]
        assert (errors[1:] <= discount * errors[:-1] + 1e-9 * errors[0] + 1e-12).all()


@given(seeds, st.floats(0, 0.9))
def test_best_response_sweeps_are_the_equation_written_out_and_end_at_the_exploitability(seed, discount):
    rng = np.random.default_rng(seed)
    game = brute_force.tiny_game(rng, discount=discount)
    policies = brute_force.random_policies(game, rng)
    sweeps = BestResponseIteration(game, policies)
    before = sweeps.frame()["values"][0]
    assert np.abs(before - evaluate(game, policies)).max() < 1e-12
    sweeps.advance(1)
    after = sweeps.frame()["values"][0]
    for i, s in itertools.product(range(2), range(game.n_states)):
        worth = np.zeros(game.n_actions[i])
        for a in brute_force.joint_actions(game):
            alone = list(policies)
            alone[i] = np.eye(game.n_actions[i])[np.full(game.n_observations[i], a[i])]
            step = game.rewards[(i, s, *a)] + discount * game.transitions[(s, *a)] @ before[i]
            worth[a[i]] += brute_force.chance(game, alone, s, a) * step
        assert after[i, s] == pytest.approx(worth.max(), abs=1e-9)
    grown = record(sweeps, units=400, every=20)
    gains = grown.series("gains")[:, 0]
    assert (np.diff(gains, axis=0) > -1e-9).all()
    assert gains[-1] == pytest.approx(best_response_gains(game, policies), abs=1e-7)
    assert grown[-1]["exploitability"][0] == pytest.approx(exploitability(game, policies), abs=1e-7)
    assert grown[-1]["error"][0] < 1e-7


def test_values_of_actions_of_one_agent_average_to_its_value_and_follow_the_definition():
    rng = np.random.default_rng(3)
    game = brute_force.tiny_game(rng)
    policies = brute_force.random_policies(game, rng)
    evaluating = PolicyEvaluation(game, policies)
    evaluating.advance(2_000)
    frame = evaluating.frame()
    for i, table in enumerate(policies):
        q = frame["q"][0, i, :, : game.n_actions[i]]
        assert np.allclose((table * q).sum(axis=1), frame["values"][0, i], atol=1e-9)  # V = E[Q]
    s, a = 1, 2  # agent 2's third action in state 1, by the definition
    expected = sum(
        policies[0][s, b]
        * (game.rewards[1, s, b, a] + game.discount * game.transitions[s, b, a] @ frame["values"][0, 1])
        for b in range(2)
    )
    assert np.isclose(frame["q"][0, 1, s, a], expected)
    assert np.isnan(frame["q"][0, 0, :, 2]).all()  # agent 1 has two actions


def test_value_iterations_action_values_are_the_best_the_others_can_add():
    game = climbing(discount=0.5, horizon=None)
    sweeps = ValueIteration(game)
    sweeps.advance(60)
    assert np.allclose(sweeps.frame()["q"][0, 0, 0], 2 * np.array([11, 7, 5]) + 22)


def test_policy_iteration_ends_in_few_rounds_where_value_iteration_takes_many():
    game = random_game(2, 40, 3, 0, discount=0.99, cooperative=True)
    assert policy_iteration(game).sweeps < 12
    plain = ValueIteration(game)
    plain.advance(12)
    assert plain.frame()["error"][0] > 1


def test_discount_can_be_turned_and_the_exact_answer_follows():
    sweeps = ValueIteration(climbing(discount=0.5, horizon=None))
    sweeps.advance(60)
    assert sweeps.frame()["error"][0] < 1e-9
    sweeps.set(discount=0.9)
    assert np.isclose(sweeps.frame()["error"][0], 220 - 44)
    sweeps.advance(400)
    assert sweeps.frame()["error"][0] < 1e-6


def test_sweeps_on_a_gridworld_can_be_drawn_and_rewound():
    from marl_edu.views import GridWorldView, LearningCurve, figure

    game = gridworld("1.A\n.2B", discount=0.9)
    for algorithm in (ValueIteration(game), PolicyEvaluation(game)):
        recording = record(algorithm, 20, 1)
        drawn = figure([GridWorldView(agent=0), LearningCurve("start_value", references=False)], recording, 5)
        assert len(drawn.axes) == 2
        assert recording.series("values").shape[0] == 21
        assert np.allclose(recording[0]["values"], 0)


def test_a_copy_starts_from_the_beginning_with_the_same_inputs():
    game = climbing(discount=0.5, horizon=None)
    for algorithm in (PolicyEvaluation(game, [[1], None]), ValueIteration(game), PolicyIteration(game)):
        algorithm.advance(3)
        twin = algorithm.clone()
        twin.advance(3)
        assert np.array_equal(twin.frame()["values"], algorithm.frame()["values"])


def test_value_iteration_agrees_with_team_optimum_on_a_gridworld():
    game = gridworld("1..A\n.##.\nB..2", discount=0.95)
    plain = ValueIteration(game)
    plain.advance(600)
    assert np.abs(plain.frame()["values"][0] - team_optimum(game).values).max() < 1e-6
    assert plain.frame()["error"][0] < 1e-6


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: ValueIteration("climbing"), "MarkovGame"),
        (lambda: ValueIteration(climbing(), seeds=3), "seeds is 3; expected 1"),
        (lambda: ValueIteration(climbing()).restart(seeds=2), "seeds is 2; expected 1"),
        (lambda: ValueIteration(climbing(), discount=1.5), "discount"),
        (lambda: ValueIteration(climbing(discount=1, horizon=3)), "discount is 1"),
        (lambda: policy_iteration(climbing(discount=1, horizon=3)), "discount is 1"),
        (lambda: PolicyEvaluation(climbing(), [[7], [0]]), "policies"),
        (lambda: ShapleyIteration(climbing()), "sum to 0"),
        (lambda: ShapleyIteration(random_game(3, 2, 2, 0)), "3 agents; expected 2"),
    ],
)
def test_bad_input_is_told_what_was_found_and_expected(make, words):
    with pytest.raises(ValueError, match=words):
        make()


@pytest.mark.parametrize(
    ("kind", "instead"),
    [
        (PolicyEvaluation, "evaluate"),
        (BestResponseIteration, "best_response and exploitability"),
        (ValueIteration, "value_iteration"),
        (PolicyIteration, "value_iteration"),
        (ShapleyIteration, "shapley"),
    ],
)
@pytest.mark.parametrize("discount", [1, 0.99999])
def test_a_discount_too_close_to_1_is_refused_with_what_to_do(kind, instead, discount):
    game = matching_pennies(discount=discount, horizon=3)
    message = f"discount is {discount} in this game; {kind.__name__} takes up to 0.9999: start it with discount=0.9999"
    with pytest.raises(HyperparameterError, match=f"{message}, or use {instead}$"):
        kind(game)
    assert kind(game, discount=0.9999).discount == 0.9999


def test_policy_iterations_error_bound_holds_where_nothing_but_rounding_is_left():
    """Against elimination with fractions; the residual alone bounds nothing any more there."""
    beyond = 0
    for seed in range(120):
        discount = [0.5, 0.9, 0.99, 0.9999][seed % 4]
        game = random_game(2 + seed % 2, 3 + seed % 3, 2, seed, discount=discount)
        best = policy_iteration(game)
        error = np.abs(exactly(game, best.joint_actions) - best.values).max()
        assert error <= best.error_bound <= 1e-14 * np.abs(best.values).max() / (1 - discount)
        beyond += error > best.residual / (1 - discount)
    assert beyond > 0


def test_policy_iterations_error_bound_counts_rewards_that_cancel():
    """1e9 for one and -1e9 for the other leave little, and what is left of it is off."""
    game = random_game(2, 4, 2, 0, discount=0.9)
    large = 1e9 * np.random.default_rng(0).normal(size=game.rewards[0].shape)
    found = policy_iteration(game.replace(rewards=game.rewards + np.array([large, -large])))
    assert found.error_bound >= 1e-16 * 1e9


def test_policy_iteration_does_not_mind_tiny_payoffs():
    game = climbing(discount=0.5, horizon=None)
    tiny = game.replace(rewards=1e-13 * game.rewards)
    assert np.isclose(policy_iteration(tiny).values[0], 44e-13)
