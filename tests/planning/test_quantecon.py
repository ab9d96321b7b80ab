"""Values held against an independent library, QuantEcon, on hundreds of random games."""

import numpy as np
import quantecon

from marl_edu.games import MarkovGame
from marl_edu.planning import policy_iteration, shapley, solve_stage, value_iteration


def test_team_optimum_of_300_random_games_to_nine_digits():
    rng = np.random.default_rng(0)
    for _ in range(300):
        n_states, discount = int(rng.integers(2, 12)), rng.uniform(0.05, 0.98)
        transitions = rng.dirichlet(np.full(n_states, 0.3), size=(n_states, 2, 3))
        rewards = rng.normal(size=(2, n_states, 2, 3))
        team = rewards.sum(axis=0).reshape(n_states, -1)
        problem = quantecon.markov.DiscreteDP(team, transitions.reshape(n_states, -1, n_states), discount)
        expected = problem.solve(method="policy_iteration").v
        game = MarkovGame(transitions, rewards, discount)
        for found in (value_iteration(game, 1e-12), policy_iteration(game)):
            assert np.abs(found.values - expected).max() < 1e-9 * max(1, np.abs(expected).max())


def test_value_of_300_zero_sum_stage_games():
    rng = np.random.default_rng(1)
    for _ in range(300):
        payoffs = rng.normal(size=rng.integers(2, 6, size=2))
        value, _, _ = quantecon.optimize.minmax(payoffs)
        assert abs(solve_stage(payoffs).value - value) < 1e-9


def test_shapleys_values_solve_their_equation_by_the_librarys_stage_solver():
    rng = np.random.default_rng(2)
    for _ in range(100):
        n_states, discount = int(rng.integers(1, 6)), rng.uniform(0.05, 0.95)
        transitions = rng.dirichlet(np.ones(n_states), size=(n_states, 3, 3))
        rewards = rng.normal(size=(n_states, 3, 3))
        values = shapley(MarkovGame(transitions, [rewards, -rewards], discount), 1e-12).values
        stages = rewards + discount * transitions @ values
        for s in range(n_states):
            assert abs(quantecon.optimize.minmax(stages[s])[0] - values[s]) < 1e-9 * max(1, np.abs(values).max())
