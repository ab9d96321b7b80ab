"""How a team acts and is judged: a coin for each agent, what a greedy episode pays, actions that are there."""

import gymnasium
import numpy as np
import pytest
from gymnasium.spaces import Box, Discrete, Tuple
from narrow import Narrow
from scipy.stats import chi2_contingency

from marl_edu.games import climbing, foraging, matrix_game, two_step
from marl_edu.learning import QMIX, QTRAN, VDN, IndependentDQN, WeightedQMIX
from marl_edu.learning.outside_worlds import OutsideWorld
from marl_edu.learning.team_batch import batch_of
from marl_edu.learning.team_play import EPISODES, greedy_episodes

ALL = [IndependentDQN, VDN, QMIX, WeightedQMIX, QTRAN]
every_learner = pytest.mark.parametrize("package", ALL, ids=lambda package: package.__name__)
NEVER_LEARNS = {"step_size": 1e-6, "epsilon": 0.5, "epsilon_last": 0.5, "batch": 1, "hidden": 8}


class Paying(gymnasium.Env):
    """A Gymnasium world for two that pays each of them 1, 2, 3, ... and ends or is cut off after ``last`` steps."""

    opened, closed = 0, 0

    def __init__(self, last=2, cut=True):
        self.action_space = Tuple([Discrete(2)] * 2)
        self.observation_space = Tuple([Box(0, 9, (2,), np.float32)] * 2)
        self.last, self.cut = last, cut
        Paying.opened += 1

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.age, self.length = 0, self.last or int(self.np_random.integers(1, 4))
        return self.observe(), {}

    def step(self, actions):
        self.age += 1
        over = self.age == self.length
        return self.observe(), [self.age, self.age], over and not self.cut, over and self.cut, {}

    def observe(self):
        return (np.array([self.age, self.length], dtype=np.float32),) * 2

    def close(self):
        Paying.closed += 1


def streams(seeds):
    return [np.random.default_rng([5, k]) for k in range(seeds)]


# --- greedy episodes: what is reported is the return without exploration ---------------------------------------------


@pytest.mark.parametrize("cut", [True, False])
def test_a_greedy_episode_ends_with_its_world_and_is_discounted_from_its_second_step_on(cut):
    """It pays 2, then 4: 2 + .5 x 4. A second episode of the same copy does not count, cut off or not."""
    world = OutsideWorld(lambda: Paying(last=2, cut=cut), discount=0.5)
    found = greedy_episodes(world, lambda where: np.zeros((3, EPISODES, 2), dtype=int), streams(3))
    assert found.tolist() == [4.0] * 3


@pytest.mark.parametrize("cut", [True, False])
def test_greedy_episodes_may_be_of_different_lengths(cut):
    world, lengths = OutsideWorld(lambda: Paying(last=None, cut=cut), discount=0.5), []

    def act(where):
        lengths.append(where["observations"][..., 0, 1].astype(int))
        return np.zeros((3, EPISODES, 2), dtype=int)

    found = greedy_episodes(world, act, streams(3))
    worth = np.array([0, 2, 2 + 0.5 * 4, 2 + 0.5 * 4 + 0.25 * 6])
    np.testing.assert_allclose(found, worth[lengths[0]].mean(axis=1))
    assert len(np.unique(lengths[0])) == 3 and len(lengths) == 3  # nobody plays on when all have ended


def test_played_returns_are_the_exact_ones_where_nothing_is_left_to_chance():
    """The same networks in the two-step game, with its model and without; there both agents' rewards count."""
    outside = OutsideWorld(two_step().parallel_env, discount=two_step().discount)
    played, exact = (VDN(world, seeds=30, hidden=8).frame()["greedy_return"] for world in (outside, two_step()))
    np.testing.assert_allclose(played, 2 * exact)
    assert len(np.unique(exact.round(3))) >= 3


def test_worlds_that_were_made_for_greedy_episodes_are_closed_again():
    learner = VDN(OutsideWorld(Paying), seeds=2, worlds=3, hidden=8)
    open_worlds = []
    for _ in range(4):
        learner.advance(2)
        learner.frame()
        open_worlds.append(Paying.opened - Paying.closed)
    assert open_worlds == [open_worlds[0]] * 4
    learner.reset()
    assert Paying.opened - Paying.closed <= open_worlds[0]
    learner.advance(2)  # in its own worlds, which are open


def test_a_second_world_does_not_close_those_of_the_first():
    world = OutsideWorld(Paying)
    world.start(streams(1), 2)
    before = Paying.closed
    world.another().start(streams(1), 1)
    assert Paying.closed == before
    world.start(streams(1), 2)
    assert Paying.closed == before + 2


def test_returns_are_shown_as_the_world_pays_them():
    """However rewards were scaled for the networks."""
    actions = {"step_size": 1e-6, "epsilon": 1, "epsilon_last": 1, "hidden": 8}
    for scale in (1, 20):
        learner = VDN(OutsideWorld(Paying, discount=0.5, reward_scale=scale), seeds=2, **actions)
        learner.advance(4)
        frame = learner.frame()
        np.testing.assert_allclose([frame["greedy_return"], frame["episode_return"]], 4)
        assert learner._replay.kept["rewards"].max() == 4 * scale


# --- what is shown of a game -----------------------------------------------------------------------------------------


def test_the_exact_greedy_return_is_that_of_what_the_agents_do():
    """In a small field where each sees another part of the state: play by the world's own features, solved by hand."""
    game = foraging(["...", ".2.", "..."], sight=1)
    learner = VDN(game, seeds=6, hidden=8)
    n_states = game.n_states
    actions = learner.greedy({"state": np.tile(np.arange(n_states), (6, 1))})  # seeds, states, agents
    assert (game.observations[0] != game.observations[1]).any()
    joint = np.ravel_multi_index(tuple(np.moveaxis(actions, -1, 0)), game.n_actions)
    expected = []
    for pairs in joint + game.n_joint_actions * np.arange(n_states):
        onward, paid = np.zeros((n_states, n_states)), np.zeros(n_states)
        for s in np.flatnonzero(~game.terminal):
            outcomes = slice(*game.successors.offsets[[pairs[s], pairs[s] + 1]])
            np.add.at(onward[s], game.successors.states[outcomes], game.successors.probabilities[outcomes])
            paid[s] = game.rewards[0].reshape(-1)[pairs[s]]
        values = np.linalg.solve(np.eye(n_states) - game.discount * onward, paid)
        expected.append(game.start @ values)
    assert np.ptp(expected) > 0.1
    np.testing.assert_allclose(learner.frame()["greedy_return"], np.repeat(expected, 2).reshape(6, 2), atol=1e-6)


# --- acting: a coin for each agent, and ties are drawn ---------------------------------------------------------------


def test_pitfall_13_each_agent_explores_by_itself():
    """With one coin for the team both explore or neither, and what both do is no product of what each does."""
    learner = VDN(matrix_game([np.zeros((2, 2))] * 2), seeds=1, worlds=256, **NEVER_LEARNS)
    best = learner.greedy(learner._world.where)[0, 0]
    learner.advance(30)
    assert (learner.greedy(learner._world.where) == best).all()
    strays = learner._replay.kept["actions"][0] != best
    table = np.array([[(strays == (i, j)).all(axis=1).sum() for j in (0, 1)] for i in (0, 1)])
    assert chi2_contingency(table).pvalue > 1e-3
    np.testing.assert_allclose(strays.mean(axis=0), 0.25, atol=0.03)  # half of the coins, half of the actions


def test_what_is_remembered_is_what_was_played_and_nobody_can_change_it():
    learner = VDN(climbing(), seeds=2, worlds=4, capacity=100, **NEVER_LEARNS)
    learner.advance(5)
    kept = learner.remembered
    assert {values.shape[:2] for values in kept.values()} == {(2, 20)}
    wanted = learner.game.rewards[0, 0][kept["actions"][..., 0], kept["actions"][..., 1]]
    np.testing.assert_array_equal(kept["rewards"], wanted)
    kept["rewards"][:] = 77
    np.testing.assert_array_equal(learner.remembered["rewards"], wanted)


@every_learner
def test_pitfall_14_nobody_is_coordinated_by_ties(package):
    """Taking the first of equal values would make all agents alike; fresh networks have no equal values."""
    learner = package(matrix_game([np.zeros((2, 2))] * 2), seeds=100)
    assert (np.diff(learner.frame()["q"], axis=-1) != 0).all()
    best = learner.greedy(learner._world.where)[:, 0]
    joint = np.bincount(best @ [2, 1], minlength=4)
    assert (np.abs(joint - 25) < 20).all()


@every_learner
@pytest.mark.parametrize("double", ["yes", "no"])
def test_targets_go_on_with_what_can_be_done_in_the_next_state(package, double):
    learner = package(Narrow(), seeds=5, worlds=2, hidden=8, double_q=double, epsilon_updates=20)
    learner.advance(25)
    batch = batch_of(learner._world, learner._replay.sample(32, learner._for_batches))
    first = batch.states[..., 0] == 1
    assert first.any() and not first.all()
    following = learner._next_actions(batch, learner._values(learner._slow, batch.next_observations))
    assert set(following[first].unique().tolist()) == {1, 2}
