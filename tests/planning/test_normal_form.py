"""Expected payoffs and the test of an equilibrium, held against sums written out, and against learning's enemies."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marl_edu.games import MarkovGame, climbing, matching_pennies, matrix_game, prisoners_dilemma, random_game
from marl_edu.planning import (
    action_payoffs,
    best_response_gains,
    expected_payoffs,
    exploitability,
    is_equilibrium,
    payoff_tables,
    pure_equilibria,
    shapley,
)

SHAPES = st.lists(st.integers(1, 3), min_size=1, max_size=3)


def drawn(shape, seed):
    rng = np.random.default_rng(seed)
    game = random_game(len(shape), 1, shape, rng, discount=0)
    return game, [rng.dirichlet(np.ones(count)) for count in shape]


@given(SHAPES, st.integers(0, 10**6))
def test_payoffs_are_the_sums_written_out(shape, seed):
    game, policies = drawn(shape, seed)
    tables = payoff_tables(game)
    for i in range(len(shape)):
        total, by_action = 0.0, np.zeros(shape[i])
        for joint in itertools.product(*map(range, shape)):
            chance = np.prod([x[a] for x, a in zip(policies, joint, strict=True)])
            others = np.prod([x[a] for j, (x, a) in enumerate(zip(policies, joint, strict=True)) if j != i])
            total += chance * tables[(i, *joint)]
            by_action[joint[i]] += others * tables[(i, *joint)]
        assert np.isclose(expected_payoffs(game, policies)[i], total)
        assert np.allclose(action_payoffs(game, i, policies), by_action)


@given(SHAPES, st.integers(0, 10**6))
def test_gains_are_those_of_best_responses_in_the_markov_game(shape, seed):
    game, policies = drawn(shape, seed)
    tables = [x[None] for x in policies]
    gains = [action_payoffs(game, i, policies).max() - expected_payoffs(game, policies)[i] for i in range(len(shape))]
    assert np.allclose(gains, best_response_gains(game, tables), atol=1e-8)
    ranges = np.maximum([np.ptp(table) for table in payoff_tables(game)], 1e-300)
    largest = max(gain / width for gain, width in zip(gains, ranges, strict=True))
    if largest > 1e-6:
        assert not is_equilibrium(game, policies, 0.999 * min(largest, 1))
    assert is_equilibrium(game, policies, min(1.001 * largest + 1e-9, 1))


def test_policies_come_in_several_forms():
    game = climbing()
    forms = ([[0, 0, 1], [0, 0, 1]], [[[0, 0, 1]], np.array([0.0, 0, 1])], [[2], [2]], (np.array([2]), [[0, 0, 1]]))
    assert [expected_payoffs(game, form).tolist() for form in forms] == [[5.0, 5.0]] * 4
    assert np.isclose(expected_payoffs(game, None)[0], payoff_tables(game)[0].mean())
    single = random_game(2, 1, (1, 2), 0)
    assert expected_payoffs(single, [[1.0], [0]]).tolist() == expected_payoffs(single, [[0], [1.0, 0.0]]).tolist()


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
def test_closeness_is_measured_in_each_agents_range(unit):
    payoffs = np.array([[[unit, 0], [0, unit]], [[1e9, 0], [0, 1e9]]])
    game = matrix_game(payoffs)
    nearly = [[0.5 + 1e-7, 0.5 - 1e-7], [0.5, 0.5]]
    assert is_equilibrium(game, nearly, 1e-6) and not is_equilibrium(game, nearly, 1e-9)
    assert is_equilibrium(matrix_game([payoffs[0] + 1e3 * unit, payoffs[1]]), [[0.5, 0.5], [0.5, 0.5]])


def test_games_of_several_states_are_asked_by_best_responses():
    game = random_game(2, 4, 2, 3, zero_sum=True)
    solution = shapley(game, 1e-11)
    assert is_equilibrium(game, solution.policies)
    assert exploitability(game, None) > 0.1 and not is_equilibrium(game, None)
    once = game.replace(discount=1.0, horizon=3)
    assert not is_equilibrium(once, None)


def test_a_repeated_game_counts_by_its_stage():
    game = prisoners_dilemma(discount=0.99)
    assert is_equilibrium(game, [[1], [1]]) and not is_equilibrium(game, [[0], [0]])
    assert pure_equilibria(game).tolist() == [[1, 1]]


@given(SHAPES, st.integers(0, 10**6))
def test_pure_equilibria_are_all_joint_actions_that_pass_the_test(shape, seed):
    game = matrix_game(np.random.default_rng(seed).integers(0, 3, size=(len(shape), *shape))) if len(shape) > 1 else (
        MarkovGame(np.ones((1, *shape, 1)), np.random.default_rng(seed).integers(0, 3, size=(1, 1, *shape)), 0)
    )  # fmt: skip
    expected = [
        list(joint) for joint in itertools.product(*map(range, shape)) if is_equilibrium(game, [[a] for a in joint])
    ]
    assert pure_equilibria(game).tolist() == expected


@pytest.mark.parametrize(
    ("policies", "words"),
    [
        ([[0.5, 0.6], None], r"policies\[0\]\[0\] is \[0.5, 0.6\]; expected probabilities that sum to 1"),
        ([[0.5, 0.5]], "policies must be a list of 2 policies"),
        ([[2], None], r"policies\[0\] has actions 2 to 2; expected 0 to 1"),
        ([[0.2, 0.3, 0.5], None], r"policies\[0\] has shape \(3,\); expected \(1, 2\)"),
        ([[-0.5, 1.5], None], "expected probabilities"),
        (["ab", None], "it holds text"),
        ([[[1, 2], [3]], None], r"policies\[0\]"),
        (3, "policies must be a list of 2"),
    ],
)
def test_bad_policies_are_told_so(policies, words):
    for ask in (expected_payoffs, is_equilibrium):
        with pytest.raises(ValueError, match=words):
            ask(matching_pennies(), policies)


def test_what_is_no_matrix_game_is_named():
    game = random_game(2, 3, 2, 0, name="three rooms")
    for ask in (payoff_tables, pure_equilibria, expected_payoffs):
        with pytest.raises(ValueError, match="game 'three rooms' has 3 states; expected a matrix game"):
            ask(game)
    with pytest.raises(ValueError, match="expected a MarkovGame"):
        payoff_tables([[1, 2], [3, 4]])
    with pytest.raises(ValueError, match="agent is 'agent 9'"):
        action_payoffs(matching_pennies(), "agent 9")
    with pytest.raises(ValueError, match="tolerance is -1"):
        is_equilibrium(matching_pennies(), None, -1)
