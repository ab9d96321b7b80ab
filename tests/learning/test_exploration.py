"""How actions are picked: frequencies against probabilities, in a world whose state shows the last joint action."""

import numpy as np
import pytest
from mirror import SHARE, joint_actions, knowing, mirror
from scipy.stats import chisquare

from marl_edu import learning
from marl_edu.games import climbing, matrix_game

ALL = [
    learning.IndependentQLearning,
    learning.HystereticQLearning,
    learning.LenientQLearning,
    learning.DistributedQLearning,
    learning.JointActionLearning,
]
UNIFORM = np.full(3, 1 / 3)
BEST = np.array([0.0, 0.0, 1.0])


def assert_frequencies(counts, shares):
    """Nothing impossible happened, and the rest as often as independent draws with these shares give."""
    possible = shares > 0
    assert counts[~possible].sum() == 0
    if possible.sum() > 1:
        assert chisquare(counts[possible], counts.sum() * shares[possible]).pvalue > 1e-4


@pytest.mark.parametrize("package", ALL)
def test_on_a_zero_table_the_first_joint_action_is_uniform(package):
    game = matrix_game(np.arange(1.0, 10).reshape(3, 3))
    learner = package(game, seeds=3000, step_size=1, epsilon=0)
    learner.advance(1)
    payoffs = learner.frame()["episode_return"][:, 0].astype(int)
    assert_frequencies(np.bincount(payoffs, minlength=10)[1:], np.full(9, 1 / 9))


@pytest.mark.parametrize("package", ALL)
def test_every_agent_tosses_its_own_exploration_coin(package):
    learner = knowing(package, seeds=500, epsilon=0.5)
    one = 0.5 * UNIFORM + 0.5 * BEST
    assert_frequencies(joint_actions(learner), np.outer(one, one))


@pytest.mark.parametrize("package", ALL)
def test_with_epsilon_one_all_joint_actions_are_equally_likely(package):
    learner = knowing(package, seeds=500, epsilon=1)
    assert_frequencies(joint_actions(learner), np.full((3, 3), 1 / 9))


@pytest.mark.parametrize("package", ALL)
def test_with_epsilon_zero_everybody_is_greedy(package):
    counts = joint_actions(knowing(package, seeds=50, epsilon=0))
    assert counts[2, 2] == counts.sum() == 50 * 24


@pytest.mark.parametrize("temperature", [0.3, 1.0, 5.0])
def test_softmax_gives_the_boltzmann_probabilities(temperature):
    learner = knowing(learning.IndependentQLearning, seeds=1000, exploration="softmax", temperature=temperature)
    one = np.exp(SHARE / temperature)
    one /= one.sum()
    assert_frequencies(joint_actions(learner), np.outer(one, one))


@pytest.mark.parametrize("size", [1e-3, 1e4])
def test_softmax_is_sound_at_the_ends_of_its_range(size):
    learner = learning.IndependentQLearning(matrix_game(size * np.eye(2)), seeds=20, exploration="softmax", step_size=1)
    learner.temperature, learner.temperature_floor = 1e-3, 1e-6
    learner.temperature_decay = 0.5
    learner.advance(500)
    assert np.isfinite(learner.q).all()
    learner.set(temperature=1e5, temperature_decay=1)
    learner.advance(500)
    assert np.isfinite(learner.q).all()


@pytest.mark.parametrize(
    ("rewards", "shares"),
    [
        ([1, 1 + 1e-12, 0], [0.5, 0.5, 0]),  # equal but for rounding
        ([1e6, 1e6 + 1e-4, 0], [0.5, 0.5, 0]),  # the tolerance grows with the values
        ([1, 1 + 1e-6, 0], [0, 1, 0]),  # different
        ([-1e6 - 1e-4, -1e6, -2e6], [0.5, 0.5, 0]),
        ([1e-3, 2e-3, 0], [0, 1, 0]),
    ],
)
def test_near_equal_values_are_ties(rewards, shares):
    game = mirror(1, np.array(rewards))
    learner = learning.IndependentQLearning(game, seeds=500, epsilon=1, step_size=1, initial_value=-1e4)
    learner.advance(100)
    learner.set(epsilon=0, step_size=0)
    assert_frequencies(joint_actions(learner), np.array(shares))
    chosen = learner.greedy_actions()[:, 0, 0]
    assert set(chosen.tolist()) == set(np.flatnonzero(shares).tolist())


class TestSchedules:
    """After t steps max(floor, value decay^t)."""

    NAMES = ("step_size", "epsilon", "temperature")

    @staticmethod
    def present(learner, name):
        levels = learner.frame()[name]
        assert (levels == levels[0]).all()
        return float(levels[0])

    @pytest.mark.parametrize("name", NAMES)
    def test_closed_form_and_floor(self, name):
        learner = learning.IndependentQLearning(
            climbing(), seeds=2, **{name: 0.8, f"{name}_decay": 0.99, f"{name}_floor": 0.2}
        )
        for t in (0, 1, 10, 100, 137, 138, 139, 1000):
            learner.advance(t - learner.units_done)
            assert self.present(learner, name) == pytest.approx(max(0.2, 0.8 * 0.99**t), rel=1e-12)

    @pytest.mark.parametrize("name", NAMES)
    def test_a_new_value_starts_afresh_and_an_old_one_does_not(self, name):
        learner = learning.IndependentQLearning(climbing(), **{name: 0.8, f"{name}_decay": 0.9})
        learner.advance(5)
        setattr(learner, name, 0.8)
        learner.advance(5)
        assert self.present(learner, name) == pytest.approx(0.8 * 0.9**10)
        setattr(learner, name, 0.5)
        assert self.present(learner, name) == 0.5  # seen at once ...
        learner.advance(3)
        assert self.present(learner, name) == pytest.approx(0.5 * 0.9**3)  # ... and in force from the next advance

    @pytest.mark.parametrize("name", NAMES)
    def test_decay_and_floor_can_be_changed_on_the_way(self, name):
        learner = learning.IndependentQLearning(climbing(), **{name: 0.8, f"{name}_decay": 0.9})
        learner.advance(10)
        learner.set(**{f"{name}_decay": 1.0})
        learner.advance(10)
        assert self.present(learner, name) == pytest.approx(0.8 * 0.9**10)
        learner.set(**{f"{name}_floor": 0.5})
        assert self.present(learner, name) == 0.5
        learner.advance(10)
        assert self.present(learner, name) == 0.5
        learner.set(**{f"{name}_floor": 0.01})
        assert self.present(learner, name) == pytest.approx(0.8 * 0.9**10)

    def test_reset_starts_schedules_afresh(self):
        learner = learning.IndependentQLearning(climbing(), epsilon=0.8, epsilon_decay=0.9)
        learner.advance(50)
        learner.reset()
        assert self.present(learner, "epsilon") == 0.8

    def test_a_long_schedule_ends_at_zero(self):
        learner = learning.IndependentQLearning(climbing(), epsilon=0.8, epsilon_decay=0.5)
        learner.advance(5000)
        assert self.present(learner, "epsilon") == 0

    def test_the_floor_is_what_agents_act_on(self):
        learner = knowing(learning.IndependentQLearning, 500, epsilon=0.0, epsilon_floor=0.5)
        one = 0.5 * UNIFORM + 0.5 * BEST
        assert_frequencies(joint_actions(learner), np.outer(one, one))

    def test_step_size_zero_learns_nothing(self):
        learner = learning.IndependentQLearning(climbing(), step_size=0, epsilon=1)
        learner.advance(1000)
        assert not learner.q.any()
