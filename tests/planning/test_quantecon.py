"""Values held against an independent library, QuantEcon, on hundreds of random games."""

import numpy as np
import quantecon

from marl_edu.games import MarkovGame
from marl_edu.planning import (
    best_response,
    best_response_gains,
    evaluate,
    exploitability,
    induced_mdp,
    policy_iteration,
    shapley,
    solve_stage,
    value_iteration,
)
from marl_edu.planning.evaluation import bellman_residual


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


def random_game(rng):
    """Two agents with 2 and 3 actions who see the state, and a discount."""
    n_states, discount = int(rng.integers(2, 10)), rng.uniform(0.05, 0.98)
    transitions = rng.dirichlet(np.full(n_states, 0.3), size=(n_states, 2, 3))
    return MarkovGame(transitions, rng.normal(size=(2, n_states, 2, 3)), discount, start=rng.dirichlet([1] * n_states))


def alone(game, agent, policies):
    """The problem of one agent beside fixed others as the library has it, averaged here over the others' actions."""
    letters = "sab"[: game.n_agents + 1]
    kept = letters[0] + letters[1 + agent]
    other, chances = letters[0] + letters[2 - agent], policies[1 - agent]
    transitions = np.einsum(f"{letters}z,{other}->{kept}z", game.transitions, chances)
    rewards = np.einsum(f"{letters},{other}->{kept}", game.rewards[agent], chances)
    return quantecon.markov.DiscreteDP(rewards, transitions, game.discount)


def test_evaluation_of_300_games():
    """Deterministic joint policies by the library's own evaluation; mixed ones as the only choice there is."""
    rng = np.random.default_rng(3)
    for k in range(300):
        game = random_game(rng)
        n = game.n_states
        if k % 2:
            policies = [rng.integers(a, size=n) for a in game.n_actions]
            joint = policies[0] * 3 + policies[1]
            tables = [(game.rewards[i].reshape(n, -1), game.transitions.reshape(n, -1, n), joint) for i in range(2)]
        else:
            policies = [rng.dirichlet(np.ones(a), size=n) for a in game.n_actions]
            chain = np.einsum("sa,sb,sabz->sz", *policies, game.transitions)[:, None]
            paid = np.einsum("sa,sb,isab->is", *policies, game.rewards)[..., None]
            tables = [(paid[i], chain, np.zeros(n, dtype=int)) for i in range(2)]
        found = evaluate(game, policies)
        for i, (rewards, transitions, choices) in enumerate(tables):
            expected = quantecon.markov.DiscreteDP(rewards, transitions, game.discount).evaluate_policy(choices)
            assert np.abs(found[i] - expected).max() < 1e-9 * max(1, np.abs(expected).max())
        assert bellman_residual(game, policies, found).max() < 1e-12 * max(1, np.abs(found).max())


def test_best_responses_and_gains_of_300_games():
    rng = np.random.default_rng(4)
    for _ in range(300):
        game = random_game(rng)
        policies = [rng.dirichlet(np.ones(a), size=game.n_states) for a in game.n_actions]
        gains = []
        for i in range(2):
            problem = alone(game, i, policies)
            found, solved = best_response(game, i, policies, 1e-12), problem.solve(method="policy_iteration")
            size = max(1, np.abs(solved.v).max())
            assert np.abs(found.values - solved.v).max() < 1e-9 * size
            assert np.array_equal(found.actions, solved.sigma)
            assert np.abs(induced_mdp(game, i, policies).rewards[0] - problem.R).max() < 1e-12
            own = np.einsum("sa,saz->sz", policies[i], problem.Q)[:, None]
            paid = (policies[i] * problem.R).sum(axis=1)[:, None]
            kept = quantecon.markov.DiscreteDP(paid, own, game.discount).evaluate_policy(np.zeros(game.n_states, int))
            gains.append(game.start @ (solved.v - kept))
        size = max(1, np.abs(game.rewards).max() / (1 - game.discount))
        assert np.abs(best_response_gains(game, policies, 1e-12) - gains).max() < 1e-9 * size
        assert abs(exploitability(game, policies, 1e-12) - np.mean(gains)) < 1e-9 * size
