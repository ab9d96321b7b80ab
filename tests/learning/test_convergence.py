"""Where theory says what must come out, it does: against exact planning, on random games."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marl_edu import learning
from marl_edu.games import CROSSING, climbing, gridworld, penalty, prisoners_dilemma, random_game
from marl_edu.planning import team_optimum

SEEDS = st.integers(0, 2**32 - 1)


def optimal_q(game):
    """Q*(s, a) of a game with one agent, (S, A)."""
    future = np.where(game.terminal, 0, team_optimum(game).values)
    return game.rewards[0] + game.discount * game.transitions @ future


@settings(max_examples=15)
@given(SEEDS)
def test_alone_and_without_chance_q_learning_is_exact(seed):
    game = random_game(1, 5, 3, rng=seed, n_successors=1, discount=0.8, horizon=10)
    learner = learning.IndependentQLearning(game, step_size=1, epsilon=1)
    learner.advance(20_000)
    np.testing.assert_allclose(learner.q[0, 0], optimal_q(game), atol=1e-8)


@settings(max_examples=5)
@given(SEEDS)
def test_alone_in_a_random_world_q_learning_converges(seed):
    game = random_game(1, 4, 3, rng=seed, n_terminal=1, discount=0.8, horizon=20)
    learner = learning.IndependentQLearning(
        game, step_size=0.5, step_size_decay=0.99999, step_size_floor=5e-4, epsilon=1
    )
    learner.advance(2_000_000)
    going_on = ~game.terminal
    np.testing.assert_allclose(learner.q[0, 0, going_on], optimal_q(game)[going_on], atol=0.05)


@settings(max_examples=20)
@given(SEEDS, st.integers(1, 3), st.integers(2, 3))
def test_distributed_q_learning_finds_an_optimum_of_every_deterministic_team_game(seed, n_agents, n_actions):
    """Lauer & Riedmiller 2000; values start below all that can be earned."""
    game = random_game(n_agents, 4, n_actions, rng=seed, n_successors=1, cooperative=True, discount=0.8, horizon=10)
    learner = learning.DistributedQLearning(game, seeds=3, epsilon=1, initial_value=-5)
    learner.advance(30_000)
    best = team_optimum(game).per_agent
    np.testing.assert_allclose(learner.greedy_returns(), best, atol=1e-5)


def test_distributed_q_learning_is_misled_by_chance():
    """In partially stochastic climbing it believes in the 14 that (b, b) pays half of the time, worth 7 of 11."""
    learner = learning.DistributedQLearning(climbing("partially stochastic"), seeds=200, epsilon=1)
    learner.advance(3000)
    np.testing.assert_array_equal(learner.greedy_actions()[:, :, 0], 1)


def test_distributed_q_learning_never_exceeds_nor_forgets_the_best():
    game = gridworld(CROSSING)
    learner = learning.DistributedQLearning(game, seeds=3, epsilon=1, initial_value=-40)
    before = learner.q
    for _ in range(20):
        learner.advance(5000)
        assert (learner.q >= before).all()
        before = learner.q
    best = team_optimum(game).values / game.n_agents
    assert (learner.q.max(axis=-1)[:, :, ~game.terminal] <= best[~game.terminal] + 1e-9).all()


WORLDS = {
    "climbing": climbing(),
    "stochastic": climbing("fully stochastic"),
    "grid": gridworld(CROSSING, slip=0.1),
    "random": random_game(3, 5, 2, rng=4, horizon=8),
}


@pytest.mark.parametrize("world", WORLDS)
def test_hysteretic_with_equal_step_sizes_is_independent_q_learning(world):
    settings = {"seeds": 3, "step_size": 0.3, "epsilon": 0.3}
    plain = learning.IndependentQLearning(WORLDS[world], **settings)
    hysteretic = learning.HystereticQLearning(WORLDS[world], negative_step_size=0.3, **settings)
    for _ in range(5):
        plain.advance(1000)
        hysteretic.advance(1000)
        np.testing.assert_array_equal(plain.q, hysteretic.q)


@pytest.mark.parametrize("world", WORLDS)
def test_hysteretic_with_negative_step_size_zero_never_revises_downwards(world):
    learner = learning.HystereticQLearning(WORLDS[world], seeds=3, negative_step_size=0, epsilon=0.5, initial_value=-20)
    before = np.nan_to_num(learner.q)
    for _ in range(50):
        learner.advance(20)
        now = np.nan_to_num(learner.q)
        assert (now >= before).all()
        before = now
    assert before.max() > -20


def test_lenient_learners_forgive_while_hot_and_revise_when_cold():
    hot = learning.LenientQLearning(penalty(-100), seeds=20, epsilon=1, leniency=100, cooling=1)
    cold = learning.LenientQLearning(penalty(-100), seeds=20, epsilon=1, leniency=0)
    for learner in (hot, cold):
        learner.advance(2000)
    np.testing.assert_allclose(hot.q[:, :, 0], np.broadcast_to([10, 2, 10], (20, 2, 3)), atol=1e-3)  # the maxima
    assert (cold.q[:, :, 0, [0, 2]] < 0).mean() > 0.9  # the averages: -30


def test_joint_action_learners_learn_payoffs_and_judge_by_what_the_other_did():
    game = climbing()
    learner = learning.JointActionLearning(game, seeds=5, epsilon=1, step_size=1)
    learner.advance(20_000)
    payoffs = game.rewards[0, 0]
    np.testing.assert_array_equal(learner.joint_q[:, :, 0], np.broadcast_to(payoffs.ravel(), (5, 2, 9)))
    np.testing.assert_allclose(learner.q[:, 0, 0], np.broadcast_to(payoffs.mean(axis=1), (5, 3)), atol=0.7)
    np.testing.assert_allclose(learner.q[:, 1, 0], np.broadcast_to(payoffs.mean(axis=0), (5, 3)), atol=0.7)


def test_joint_action_learner_alone_is_q_learning():
    game = random_game(1, 4, 3, rng=9, horizon=6)
    settings = {"seeds": 2, "epsilon": 0.3}
    alone, joint = learning.IndependentQLearning(game, **settings), learning.JointActionLearning(game, **settings)
    for learner in (alone, joint):
        learner.advance(3000)
    np.testing.assert_allclose(alone.q, joint.q, rtol=1e-9)


@pytest.mark.parametrize("package", [learning.IndependentQLearning, learning.JointActionLearning])
def test_a_dominant_action_is_found(package):
    learner = package(prisoners_dilemma(), seeds=20, epsilon=0.2)
    learner.advance(3000)
    np.testing.assert_array_equal(learner.greedy_actions()[:, :, 0], 1)


def test_two_agents_learn_to_cross():
    """The world of lesson 6: nearly every run ends at the exact team optimum."""
    game = gridworld(CROSSING)
    learner = learning.IndependentQLearning(game, seeds=10, epsilon=0.2)
    learner.advance(300_000)
    levels = learner.references()
    reached = learner.greedy_returns().mean(axis=1)
    assert levels["random play"] < levels["team optimum"]
    assert (reached <= levels["team optimum"] + 1e-6).all()
    assert (reached > levels["team optimum"] - 0.5).mean() >= 0.8
