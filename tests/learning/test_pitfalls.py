"""Where published code of these methods goes wrong, one test for each of the mistakes that concern tabular learners."""

from pathlib import Path

import numpy as np
import pytest
from mirror import joint_actions, knowing
from plain_learners import Plain
from scipy.stats import chi2_contingency

from marl_edu import learning
from marl_edu.games import CROSSING, MarkovGame, climbing, gridworld, matrix_game
from marl_edu.learning import rules
from marl_edu.planning import team_optimum

ALL = [
    learning.IndependentQLearning,
    learning.HystereticQLearning,
    learning.LenientQLearning,
    learning.DistributedQLearning,
    learning.JointActionLearning,
]


def chain(**options):
    """One agent, one action, s0 -> s1 -> s1, every step pays 1; discount .9, so a step is worth 10 if all goes on."""
    transitions = np.zeros((2, 1, 2))
    transitions[:, :, 1] = 1
    return MarkovGame(transitions, [[[1.0], [0.0 if "terminal" in options else 1.0]]], 0.9, **options)


def test_pitfall_1_truncation_bootstraps_and_termination_does_not():
    """Cut off after one step, s0 is worth 1 + .9 x 10 all the same; ended after one step it is worth 1."""
    cut = learning.IndependentQLearning(chain(horizon=1), step_size=1, initial_value=10)
    ended = learning.IndependentQLearning(chain(terminal=[1]), step_size=1, initial_value=10)
    for learner in (cut, ended):
        learner.advance(50)
    assert cut.q[0, 0, 0, 0] == 10
    assert ended.q[0, 0, 0, 0] == 1


def test_pitfall_1_a_short_time_limit_does_not_shorten_values():
    """With bootstrapping, values learned under a limit of 5 steps are those of the world that goes on."""
    game = gridworld("1.A", horizon=5, discount=0.9)
    best = team_optimum(game).values
    learner = learning.IndependentQLearning(game, step_size=1, epsilon=1)
    learner.advance(20_000)
    np.testing.assert_allclose(learner.q[0, 0, ~game.terminal].max(axis=-1), best[~game.terminal])


def test_pitfall_2_the_last_step_of_an_episode_is_learned_from(monkeypatch):
    """Afterwards PettingZoo's list of agents is empty; who loops over it then never sees the goal."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))
    plain_python = pytest.importorskip("benchmarks.plain_python")
    game = gridworld("1A", step_cost=0, goal_reward=10, discount=0.5)
    loop = plain_python.AroundPettingZoo(game.parallel_env(), game.discount, step_size=1.0, epsilon=1.0)
    loop.advance(200)
    values = loop.q["agent 1"][int(game.start.argmax())]
    assert dict(zip(game.actions[0], values.tolist(), strict=True)) == {
        "stay": 5, "north": 5, "south": 5, "west": 5, "east": 10
    }  # fmt: skip


@pytest.mark.parametrize("package", ALL)
def test_pitfall_13_every_agent_has_its_own_exploration_coin(package):
    """That one agent explores says nothing about whether the other does."""
    counts = joint_actions(knowing(package, seeds=500, epsilon=0.6))
    explores = np.array([[counts[:2, :2].sum(), counts[:2, 2].sum()], [counts[2, :2].sum(), counts[2, 2]]])
    assert chi2_contingency(explores).pvalue > 1e-4
    assert explores[0, 0] / counts.sum() == pytest.approx(0.4**2, abs=0.02)  # both seen to explore: 2/3 x .6 each


@pytest.mark.parametrize("package", ALL)
def test_pitfall_14_ties_are_no_coordination_device(package):
    """Greedy on a zero table, agents meet by chance only; the first index would let them meet always."""
    learner = package(matrix_game(np.eye(3)), seeds=1500, epsilon=0)
    met = np.mean(np.equal(*learner.greedy_actions()[:, :, 0].T))
    assert met == pytest.approx(1 / 3, abs=0.06)
    learner.advance(1)
    assert np.mean(learner.frame()["episode_return"][:, 0]) == pytest.approx(1 / 3, abs=0.06)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_pitfall_15_ties_have_a_tolerance_scaled_to_the_values(scale):
    """.1 + .2 and .3 are equal here, at every size of payoff; and 1 % is a difference."""
    row = np.array([[[0.1 + 0.2, 0.3, 0.3 * 0.99]]]) * scale
    picks = [rules.best_action(row, 0, 0, 3, pick) for pick in (0.0, 0.49, 0.51, 0.999)]
    assert picks == [0, 0, 1, 1]


def test_pitfall_17_schedules_are_neither_shared_nor_advanced_once_per_agent():
    """Three agents and four seeds later, the schedule has moved by one factor a step; another learner's has not."""
    game = gridworld("12\n3.\nGG")
    moving = learning.IndependentQLearning(game, seeds=4, epsilon=0.5, epsilon_decay=0.9)
    other = learning.IndependentQLearning(game, seeds=4, epsilon=0.5, epsilon_decay=0.9)
    moving.advance(7)
    np.testing.assert_allclose(moving.frame()["epsilon"], 0.5 * 0.9**7)
    np.testing.assert_array_equal(other.frame()["epsilon"], 0.5)
    assert not other.q[..., :5].any()
    assert moving._runs is not other._runs and not np.shares_memory(moving._q, other._q)


def test_pitfall_18_greedy_and_exploring_returns_are_told_apart():
    """Having found the optimum, the greedy policy earns 11; exploring half of the time earns far less."""
    learner = learning.DistributedQLearning(climbing(), seeds=100, epsilon=0.5)
    learner.advance(2000)
    learner.frame()
    learner.advance(2000)
    frame = learner.frame()
    np.testing.assert_array_equal(frame["greedy_return"], 11)
    both, one = 0.5 * np.eye(3)[0] + 0.5 / 3, climbing().rewards[0, 0]
    assert frame["episode_return"].mean() == pytest.approx(both @ one @ both, abs=0.3)


def test_pitfall_18_returns_are_per_agent_and_seed_and_references_are_means_over_agents():
    game = matrix_game([[[4.0, 4], [4, 4]], [[2.0, 2], [2, 2]]])
    learner = learning.IndependentQLearning(game, seeds=3)
    learner.advance(10)
    frame = learner.frame()
    assert frame["greedy_return"].tolist() == frame["episode_return"].tolist() == [[4, 2]] * 3
    assert learner.references() == {"team optimum": 3, "random play": 3}


def test_pitfall_19_agents_move_at_the_same_time_and_only_once_a_turn():
    """One step of the world for one joint action, whoever learns; and nothing flows back from the final state."""
    game = gridworld(CROSSING)
    learner, plain = learning.IndependentQLearning(game, epsilon=1), Plain(game, epsilon=1)
    learner.advance(24)
    plain.advance(24)
    states = [step[3] for step in plain.history]
    assert learner.frame()["trace"][0].tolist() == states
    cells = game.layout.positions[[int(np.argmax(game.start)), *states]]
    rows, columns = np.divmod(cells, game.layout.walls.shape[1])
    assert not any(step[4] for step in plain.history)  # no episode ended in these 24 steps
    assert (np.abs(np.diff(rows, axis=0)) + np.abs(np.diff(columns, axis=0))).max() == 1


def test_pitfall_22_the_first_reward_is_not_discounted():
    """G_0 = R_0 + gamma R_1 + ..., with R_0 paid for the first action."""
    learner = learning.IndependentQLearning(chain(horizon=3))
    learner.advance(3)
    assert learner.frame()["episode_return"].item() == pytest.approx(1 + 0.9 + 0.81)
    assert learner.frame()["greedy_return"].item() == pytest.approx(10)
