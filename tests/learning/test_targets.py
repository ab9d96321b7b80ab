"""What values are corrected towards, and what is written down of it: cases small enough to compute by hand."""

import numpy as np
import pytest

from marl_edu import learning
from marl_edu.games import MarkovGame, climbing, gridworld, matrix_game, random_game

ALL = [
    learning.IndependentQLearning,
    learning.HystereticQLearning,
    learning.LenientQLearning,
    learning.DistributedQLearning,
    learning.JointActionLearning,
]


def two_steps(*, terminal=(), horizon=None, discount=0.5):
    """s0 -> s1 -> s2 -> s2, paying 3, 4 and 0; one action."""
    transitions = np.zeros((3, 1, 3))
    transitions[[0, 1, 2], 0, [1, 2, 2]] = 1
    rewards = np.array([3.0, 4.0, 0.0]).reshape(1, 3, 1)
    return MarkovGame(transitions, rewards, discount, terminal=list(terminal), horizon=horizon)


HAND = [
    (two_steps(), 1, [3 + 0.5 * 10, 10, 10]),
    (two_steps(), 2, [8, 4 + 0.5 * 10, 10]),
    (two_steps(terminal=[2]), 2, [8, 4, 10]),  # nothing comes after an end
    (two_steps(terminal=[2]), 3, [3 + 0.5 * 4, 4, 10]),  # the second episode starts in s0 again
    (two_steps(horizon=1), 1, [8, 10, 10]),  # a time limit is not an end: it bootstraps ...
    (two_steps(horizon=1), 5, [8, 10, 10]),  # ... and s1 is never acted in
    (two_steps(terminal=[2], horizon=2), 2, [8, 4, 10]),  # both at once: the world has ended it
]


@pytest.mark.parametrize(
    ("package", "plainly"),
    [
        (learning.IndependentQLearning, {}),
        (learning.HystereticQLearning, {"negative_step_size": 1}),
        (learning.LenientQLearning, {"leniency": 0}),
        (learning.JointActionLearning, {}),
    ],
)
@pytest.mark.parametrize(("game", "steps", "expected"), HAND)
def test_targets_bootstrap_on_a_time_limit_but_not_on_an_end(package, plainly, game, steps, expected):
    learner = package(game, step_size=1, initial_value=10, **plainly)
    learner.advance(steps)
    assert learner.q[0, 0, :, 0].tolist() == expected


def test_distributed_targets_too():
    """It revises upwards only, so it starts from below."""
    for game, value in ((two_steps(horizon=2), 4 - 50), (two_steps(terminal=[2]), 4), (two_steps(), 4 - 50)):
        learner = learning.DistributedQLearning(game, initial_value=-100)
        learner.advance(2)
        assert learner.q[0, 0, :, 0].tolist() == [3 - 50, value, -100]


def test_the_horizon_counts_steps_of_the_episode():
    learner = learning.IndependentQLearning(two_steps(horizon=2))
    learner.advance(7)
    assert learner.frame()["trace"][0, -7:].tolist() == [1, 2, 1, 2, 1, 2, 1]


def test_without_horizon_or_end_an_episode_goes_on():
    learner = learning.IndependentQLearning(two_steps())
    learner.advance(5)
    assert learner.frame()["trace"][0, -5:].tolist() == [1, 2, 2, 2, 2]
    assert np.isnan(learner.frame()["episode_return"]).all()


def test_episode_return_is_discounted_and_td_error_is_a_mean_since_the_last_frame():
    learner = learning.IndependentQLearning(two_steps(terminal=[2]), step_size=1)
    learner.advance(2)
    frame = learner.frame()
    assert frame["episode_return"].tolist() == [[3 + 0.5 * 4]]
    assert frame["td_error"].tolist() == [[(3 + 4) / 2]]
    learner.advance(2)
    assert learner.frame()["td_error"].tolist() == [[(2 + 0) / 2]]
    again = learner.frame()  # no step since: the last ones stand
    assert again["td_error"].tolist() == [[1]] and again["episode_return"].tolist() == [[5]]
    learner.advance(1)  # half an episode
    assert learner.frame()["episode_return"].tolist() == [[5]]


def test_greedy_return_is_exact():
    learner = learning.IndependentQLearning(climbing(), seeds=20, epsilon=1, step_size=0.5)
    for _ in range(5):
        learner.advance(10)
        frame = learner.frame()
        chosen = learner.greedy_actions()[:, :, 0]
        np.testing.assert_array_equal(frame["greedy_return"], climbing().rewards[:, 0, *chosen.T].T)


def test_random_rewards_are_drawn_and_not_averaged():
    learner = learning.IndependentQLearning(climbing("fully stochastic"), seeds=50, step_size=1, epsilon=1)
    learner.advance(200)
    assert set(learner.q.ravel().tolist()) <= {10.0, 12.0, 5.0, -65.0, 8.0, -8.0, 14.0, 0.0}


def test_start_distribution_and_transitions_are_drawn_with_their_probabilities():
    n_states = 4
    row = np.array([0.1, 0.2, 0.3, 0.4])
    transitions = np.broadcast_to(row, (n_states, 1, n_states))
    game = MarkovGame(transitions, np.zeros((1, n_states, 1)), start=row[::-1], horizon=1)
    learner = learning.IndependentQLearning(game, seeds=500)
    visits = np.zeros(n_states)
    for _ in range(20):
        learner.advance(24)
        visits += np.bincount(learner.frame()["trace"].ravel(), minlength=n_states)
    np.testing.assert_allclose(visits / visits.sum(), row, atol=0.004)
    starting = learning.IndependentQLearning(
        game.replace(rewards=np.arange(n_states, dtype=float).reshape(1, n_states, 1), discount=0), seeds=3000
    )
    starting.advance(1)
    shares = np.bincount(starting.frame()["episode_return"].ravel().astype(int), minlength=n_states) / 3000
    np.testing.assert_allclose(shares, row[::-1], atol=0.03)


def test_agents_act_at_once_and_each_learns_its_own_reward():
    game = matrix_game([[[1, 2], [3, 4]], [[-1, -2], [-3, -4]]])
    learner = learning.IndependentQLearning(game, seeds=40, step_size=1)
    learner.advance(1)
    for table in learner.q[:, :, 0]:
        first, second = table[0].argmax(), table[1].argmin()
        assert table[0, first] == game.rewards[0, 0, first, second]
        assert table[1, second] == game.rewards[1, 0, first, second]


def test_terminal_observations_keep_their_initial_value():
    game = gridworld("1.A\n2.B")
    learner = learning.IndependentQLearning(game, epsilon=1, initial_value=3)
    learner.advance(5000)
    terminal = np.flatnonzero(game.terminal)
    assert len(terminal) and (learner.q[0][:, terminal] == 3).all()


@pytest.mark.parametrize("package", ALL)
def test_values_stay_between_the_least_and_the_largest_return(package):
    """With rewards in [-1, 1] and discount .9 nothing can leave [-10, 10], whatever the schedules do."""
    game = random_game(2, 4, 3, rng=3)
    learner = package(game, seeds=3, epsilon=0.5, step_size_decay=0.9, temperature_decay=0.5)
    for exploration in ("softmax", "epsilon-greedy"):
        learner.exploration = exploration
        for _ in range(10):
            learner.advance(500)
            for values in learner.frame().values():
                assert not np.isinf(values).any()
            assert np.abs(learner.q).max() <= 10
