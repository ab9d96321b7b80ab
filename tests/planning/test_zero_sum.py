"""Zero-sum stage games and Shapley's games, held against closed forms, brute force and plain repetition."""

import itertools

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linprog

from marl_edu.games import MarkovGame, gridworld, matching_pennies, prisoners_dilemma, random_game, rock_paper_scissors
from marl_edu.planning import best_response, evaluate, exploitability, shapley, solve_stage

tables = st.tuples(st.integers(1, 5), st.integers(1, 5)).flatmap(
    lambda shape: arrays(float, shape, elements=st.floats(-10, 10, width=32))
)
small_integers = st.tuples(st.integers(1, 4), st.integers(1, 4)).flatmap(
    lambda shape: arrays(float, shape, elements=st.integers(-2, 2).map(float))  # many ties
)


def value_by_all_supports(payoffs):
    """The value as the best that any basic policy of agent 1 secures: by enumerating square subsystems."""
    n_rows, n_columns = payoffs.shape
    best = payoffs.min(axis=1).max()
    for size in range(2, min(n_rows, n_columns) + 1):
        for rows in itertools.combinations(range(n_rows), size):
            for columns in itertools.combinations(range(n_columns), size):
                system = np.zeros((size + 1, size + 1))
                system[:size, :size], system[:size, size], system[size, :size] = payoffs[np.ix_(rows, columns)].T, -1, 1
                if abs(np.linalg.det(system)) < 1e-9:
                    continue
                mixed = np.linalg.solve(system, np.append(np.zeros(size), 1))[:size]
                if mixed.min() > -1e-12:
                    best = max(
                        best, (np.clip(mixed, 0, None) / np.clip(mixed, 0, None).sum() @ payoffs[list(rows)]).min()
                    )
    return best


nearly_tied = st.tuples(small_integers, st.integers(0, 10**6)).map(
    lambda pair: pair[0] + np.random.default_rng(pair[1]).choice([0, 1e-9, 1e-8, 3e-8], pair[0].shape)
)


@given(st.one_of(tables, small_integers, nearly_tied))
@example(np.array([[0, 1e-8, 1], [1, 0, 1]]))
@example(np.array([[0, 3], [1e-8, 3], [3, 0]]))
def test_both_sides_secure_the_value(payoffs):
    solution = solve_stage(payoffs)
    scale = max(1, np.abs(payoffs).max())
    for policy in (solution.row, solution.column):
        assert policy.min() >= 0 and np.isclose(policy.sum(), 1, atol=1e-12)
    assert (solution.row @ payoffs).min() >= solution.value - 1e-9 * scale
    assert (payoffs @ solution.column).max() <= solution.value + 1e-9 * scale
    assert solution.gap <= 1e-9 * scale


@given(small_integers)
def test_value_is_the_one_found_by_enumerating_supports(payoffs):
    assert np.isclose(solve_stage(payoffs).value, value_by_all_supports(payoffs), atol=1e-9)


def test_shapleys_games_with_stages_that_nearly_tie_end_and_say_how_far_off_they_may_be():
    for seed in range(12):
        rng = np.random.default_rng(seed)
        payoffs = rng.integers(-2, 3, (2, 3, 3)) + rng.choice([0, 1e-9, 1e-8, 3e-8], (2, 3, 3))
        transitions = rng.dirichlet(np.ones(2), (2, 3, 3))
        game = MarkovGame(transitions, [payoffs, -payoffs], discount=0.9)
        found = shapley(game)
        secured = -best_response(game, 1, found.policies).values
        capped = best_response(game, 0, found.policies).values
        assert (capped - secured >= -1e-9).all()
        assert np.abs(found.values - (secured + capped) / 2).max() <= found.error_bound + 2e-9
        assert found.error_bound < 1e-7 and found.sweeps < 100


def test_two_by_two_is_the_formula_in_the_book():
    solution = solve_stage([[3, -1], [-2, 4]])
    assert np.isclose(solution.value, (3 * 4 - (-1) * (-2)) / (3 + 4 + 1 + 2))
    assert np.allclose(solution.row, [0.6, 0.4]) and np.allclose(solution.column, [0.5, 0.5])


def test_a_guess_saves_the_programme_and_a_wrong_guess_does_no_harm(monkeypatch):
    rng = np.random.default_rng(0)
    payoffs = rock_paper_scissors().rewards[0, 0] + 0.01 * rng.normal(size=(3, 3))
    first = solve_stage(payoffs)
    other = np.array([[1.0, 5, 2], [4, 0, 3], [2, 2, 2.5]])
    assert np.isclose(solve_stage(other, guess=first).value, solve_stage(other).value, atol=1e-12)
    from marl_edu.planning import stage_games

    monkeypatch.setattr(stage_games, "linprog", None)
    again = solve_stage(payoffs + 0.001, guess=first)
    assert np.isclose(again.value, first.value + 0.001)


@pytest.mark.parametrize("scale", [1e-9, 1e-3, 1e6, 1e12])
def test_payoffs_of_any_size_are_solved_as_well(scale):
    rng = np.random.default_rng(1)
    payoffs = rng.normal(size=(4, 5))
    assert np.isclose(solve_stage(scale * payoffs).value / scale, solve_stage(payoffs).value, rtol=1e-9)


@pytest.mark.parametrize(
    ("payoffs", "words"),
    [
        ([1, 2], "shape"),
        ([[np.nan, 1]], r"payoffs\[0, 0\] is nan"),
        ("rps", "payoffs"),
        (np.zeros((0, 2)), "shape"),
        ([[1e200]], "1e"),
    ],
)
def test_bad_payoffs_are_told_so(payoffs, words):
    with pytest.raises(ValueError, match=words):
        solve_stage(payoffs)


def slow_shapley(game, sweeps):
    """Plain repetition of T, each stage game by scipy's interior-point programme."""
    values = np.zeros(game.n_states)
    for _ in range(sweeps):
        stage = game.rewards[0] + game.discount * game.transitions @ values
        found = []
        for payoffs in stage:
            n = len(payoffs)
            programme = linprog(
                np.append(np.zeros(n), -1),
                A_ub=np.hstack([-payoffs.T, np.ones((payoffs.shape[1], 1))]),
                b_ub=np.zeros(payoffs.shape[1]),
                A_eq=[[1] * n + [0]],
                b_eq=[1],
                bounds=[(0, None)] * n + [(None, None)],
                method="highs-ipm",
            )
            found.append(programme.x[-1])
        values = np.array(found)
    return values


@pytest.mark.parametrize("seed", range(12))
def test_shapley_is_the_limit_of_plain_repetition(seed):
    game = random_game(2, 3, (2, 3), seed, discount=0.4, zero_sum=True)
    assert np.allclose(shapley(game).values, slow_shapley(game, 25), atol=1e-8)


@given(st.integers(0, 10**6), st.sampled_from([0.0, 0.3, 0.9, 0.99]))
def test_neither_side_can_gain_on_the_solution(seed, discount):
    game = random_game(2, 4, (3, 2), seed, discount=discount, zero_sum=True)
    solution = shapley(game)
    assert np.abs(evaluate(game, solution.policies)[0] - solution.values).max() < 1e-7
    assert exploitability(game, solution.policies) < 1e-7
    assert solution.error_bound <= 1e-7
    held = best_response(game, 1, [solution.policies[0], None])
    assert np.abs(held.values + solution.values).max() < 1e-7


def test_a_one_state_game_repeated_is_worth_its_stage_value_over_one_minus_discount():
    payoffs = np.array([[3.0, -1], [-2, 4]])
    game = MarkovGame(np.ones((1, 2, 2, 1)), [[payoffs], [-payoffs]], 0.75)
    assert np.isclose(shapley(game).value, 4 * 1.0)


def test_with_discount_one_the_horizon_counts():
    assert shapley(matching_pennies()).value == 0
    payoffs = np.array([[3.0, -1], [-2, 4]])
    game = MarkovGame(np.ones((1, 2, 2, 1)), [[payoffs], [-payoffs]], 1, horizon=7)
    assert np.isclose(shapley(game).value, 7 * 1.0)


def test_signs_and_agents_are_not_mixed_up():
    game = random_game(2, 3, 3, 5, zero_sum=True)
    mirrored = game.replace(
        transitions=game.transitions.swapaxes(1, 2),
        rewards=game.rewards[::-1].swapaxes(2, 3),
        actions=game.actions[::-1],
    )
    assert np.allclose(shapley(mirrored).values, -shapley(game).values, atol=1e-8)


def test_games_that_are_not_zero_sum_are_told_where():
    with pytest.raises(ValueError, match=r"rewards for \(cooperate, cooperate\)|rewards for"):
        shapley(prisoners_dilemma())
    with pytest.raises(ValueError, match="expected 2, with opposite"):
        shapley(random_game(3, 2, 2, 0))
    with pytest.raises(ValueError, match="sum to 0"):
        shapley(gridworld("1.A\n2.B"))


def test_what_all_payoffs_share_costs_no_digits():
    rng = np.random.default_rng(2)
    for _ in range(20):
        payoffs = rng.integers(0, 7, size=(3, 3)) / 1000
        shifted = solve_stage(100_000 + payoffs)
        assert shifted.gap <= 1e-12 and abs(shifted.value - 100_000 - solve_stage(payoffs).value) < 1e-9
