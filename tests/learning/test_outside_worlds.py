"""Worlds of other packages: the same play as around them by hand, both kinds of end, features, one stream per seed."""

import gymnasium
import numpy as np
import pettingzoo
import pytest
from gymnasium.spaces import Box, Dict, Discrete, MultiBinary, MultiDiscrete, Tuple

from marl_edu.games import CROSSING, climbing, gridworld
from marl_edu.learning.outside_worlds import OutsideWorld
from marl_edu.learning.team_worlds import GameWorld


def streams(seeds: int, first: int = 0) -> list[np.random.Generator]:
    return [np.random.default_rng([3, k]) for k in range(first, first + seeds)]


def started(make, seeds: int = 1, copies: int = 1, **options) -> OutsideWorld:
    world = OutsideWorld(make, **options)
    world.start(streams(seeds), copies)
    return world


def nothing(world: OutsideWorld, seeds: int = 1, copies: int = 1) -> np.ndarray:
    return np.zeros((seeds, copies, world.n_agents), dtype=int)


class Counting(gymnasium.Env):
    """A Gymnasium world for two: both see the time and a random number drawn at the start; agent 1 may end it."""

    def __init__(self, last=5, cut=True, box=None, seen=None):
        self.action_space = Tuple([Discrete(2), Discrete(3)])
        self.observation_space = Tuple([box or Box(0, 9, (2,), np.float32)] * 2)
        self.last, self.cut, self.seen = last, cut, seen

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.age, self.drawn = 0, int(self.np_random.integers(10))
        return self.observe(), {}

    def step(self, actions):
        self.age += 1
        really = bool(actions[0])
        cut_off = self.age == self.last
        # with cut=False the time limit is reported as an end: the bug of level-based foraging
        return self.observe(), [0.25, 0.5], really or (cut_off and not self.cut), cut_off and self.cut, {}

    def observe(self):
        one = np.array([self.age, self.drawn], dtype=np.float32) if self.seen is None else np.asarray(self.seen(self))
        return one, one


class Leaving(pettingzoo.ParallelEnv):
    """A PettingZoo world in which agent "b" leaves after two steps and "a" after four, by an end or by a cut."""

    metadata = {"name": "leaving_v0"}  # noqa: RUF012
    possible_agents = ["a", "b"]  # noqa: RUF012

    def __init__(self, b_ends=True, a_ends=True):
        self.ends = {"a": a_ends, "b": b_ends}

    def observation_space(self, agent):
        return Discrete(6)

    def action_space(self, agent):
        return Discrete(2)

    def reset(self, seed=None, options=None):
        self.agents, self.age, self.given = ["a", "b"], 0, []
        return dict.fromkeys(self.agents, 0), {name: {} for name in self.agents}

    def step(self, actions):
        self.given.append(dict(actions))
        self.age += 1
        alive, leaving = self.agents, {"a": 4, "b": 2}
        gone = [name for name in alive if self.age == leaving[name]]
        self.agents = [name for name in alive if name not in gone]
        return (
            dict.fromkeys(alive, self.age),
            dict.fromkeys(alive, 1.0),
            {name: name in gone and self.ends[name] for name in alive},
            {name: name in gone and not self.ends[name] for name in alive},
            {name: {} for name in alive},
        )

    def close(self):
        pass


# --- the same play ---------------------------------------------------------------------------------------------------


def test_our_own_game_through_its_pettingzoo_face_is_the_same_world():
    """Two agents are paid the same, so the sum is twice the team's reward; one feature for each observation."""
    game = gridworld(CROSSING, horizon=9)
    inside, outside, rng = (
        GameWorld(game),
        started(game.parallel_env, 2, 2, discount=game.discount),
        np.random.default_rng(0),
    )
    inside.start(streams(2), 2)
    assert (outside.n_agents, outside.n_actions, outside.n_features) == (2, 5, inside.n_features)
    ends = 0
    for _ in range(60):
        np.testing.assert_array_equal(outside.encode(outside.where)[0], inside.encode(inside.where)[0])
        actions = rng.integers(0, 5, (2, 2, 2))
        found, wanted = outside.step(actions), inside.step(actions)
        np.testing.assert_allclose(found.rewards, 2 * wanted.rewards)
        np.testing.assert_array_equal(found.terminated, wanted.terminated)
        np.testing.assert_array_equal(found.truncated, wanted.truncated)
        np.testing.assert_array_equal(
            outside.encode(found.next_where)[0], inside.encode(wanted.next_where)[0]
        )  # the true last state, not the start of the next episode
        ends += wanted.truncated.sum()
    assert ends > 10


def test_a_gymnasium_world_with_tuple_spaces():
    world = started(lambda: Counting(last=3), copies=2)
    ages = []
    for t in range(7):
        step = world.step(nothing(world, copies=2))
        ages.append(step.next_where["observations"][0, :, 0, 0].tolist())
        assert step.rewards.tolist() == [[0.75, 0.75]]
        assert step.truncated.all() == (t % 3 == 2) and not step.terminated.any()
    assert ages == [[t % 3 + 1] * 2 for t in range(7)]
    assert world.where["observations"][0, 0, 0, 0] == 1


def test_random_draws_of_copies_differ_and_go_on_over_episodes():
    world = started(lambda: Counting(last=1), copies=30)
    first = world.where["observations"][0, :, 0, 1].copy()
    world.step(nothing(world, copies=30))
    second = world.where["observations"][0, :, 0, 1]
    assert len(set(first.tolist())) > 5 and len(set(second.tolist())) > 5 and (first != second).sum() > 15


def test_a_seed_lives_the_same_life_alone_and_among_others():
    together, alone = OutsideWorld(lambda: Counting(last=2)), OutsideWorld(lambda: Counting(last=2))
    together.start(streams(3), 2)
    alone.start(streams(1, first=2), 2)
    for _ in range(9):
        np.testing.assert_array_equal(together.where["observations"][2:], alone.where["observations"])
        together.step(nothing(together, 3, 2))
        alone.step(nothing(alone, 1, 2))


def test_another_world_does_not_disturb_the_first():
    disturbed, alone = started(lambda: Counting(last=2)), started(lambda: Counting(last=2))
    for _ in range(9):
        other = disturbed.another()
        other.start(streams(1, first=9), 1)
        other.step(nothing(other))
        disturbed.step(nothing(disturbed))
        alone.step(nothing(alone))
        np.testing.assert_array_equal(disturbed.where["observations"], alone.where["observations"])
    with pytest.raises(ValueError, match="Counting has not been started"):
        _ = disturbed.another().where


# --- ends: cut off is not terminated; who acted is asked before the step ---------------------------------------------


def test_a_time_limit_that_is_reported_as_an_end_is_put_right():
    """Level-based foraging does so after 50 steps; ``ended`` asks the world what is true."""
    wrong = started(lambda: Counting(last=2, cut=False))
    mended = started(lambda: Counting(last=2, cut=False), ended=lambda env: False)
    for world, seen in ((wrong, (True, False)), (mended, (False, True))):
        world.step(nothing(world))
        step = world.step(nothing(world))
        assert (step.terminated.item(), step.truncated.item()) == seen
    actions = nothing(mended)
    actions[0, 0, 0] = 1
    true_end = started(lambda: Counting(last=2, cut=False), ended=lambda env: env.age < 2)
    step = true_end.step(actions)
    assert step.terminated.all() and not step.truncated.any()


def test_the_last_step_of_a_pettingzoo_episode_is_seen():
    """Afterwards its list of agents is empty; read by that list, the last reward and the end itself are lost."""
    world = started(climbing().parallel_env)
    for _ in range(3):
        step = world.step(nothing(world))
        assert step.rewards.item() == 22 and step.terminated.all() and not step.truncated.any()


@pytest.mark.parametrize(
    ("b_ends", "a_ends", "terminated"), [(True, True, True), (True, False, False), (False, True, True)]
)
def test_agents_that_leave_early(b_ends, a_ends, terminated):
    world = started(lambda: Leaving(b_ends, a_ends))
    steps = [world.step(nothing(world) + 1) for _ in range(4)]
    assert [step.rewards.item() for step in steps] == [2, 2, 1, 1]
    assert [(step.terminated | step.truncated).item() for step in steps] == [False, False, False, True]
    assert steps[-1].terminated.item() == terminated and steps[-1].truncated.item() != terminated
    assert [step.next_where["observations"][0, 0, :, 0].tolist() for step in steps] == [[1, 1], [2, 2], [3, 2], [4, 2]]


def test_actions_of_an_agent_that_has_left_are_not_passed_on():
    made = []

    def make():
        made.append(Leaving())
        return made[-1]

    world = started(make)
    for _ in range(3):
        world.step(nothing(world) + 1)
    assert made[-1].given == [{"a": 1, "b": 1}, {"a": 1, "b": 1}, {"a": 1}]


# --- what agents see -------------------------------------------------------------------------------------------------


def test_numbers_of_a_box_are_brought_to_one_size():
    """Bounds 0 and 9: t becomes 2 t / 9 - 1."""
    world = started(lambda: Counting(last=8))
    assert world.n_features == 2 and world.n_state_features == 4
    for t in range(1, 8):
        world.step(nothing(world))
        observations, states = world.encode(world.where)
        assert observations.shape == (1, 1, 2, 2) and states.shape == (1, 1, 4) and observations.dtype == np.float32
        np.testing.assert_allclose(observations[0, 0, :, 0], 2 * t / 9 - 1, rtol=1e-6)
        assert (states[0, 0] == np.tile(observations[0, 0, 0], 2)).all()


def test_one_feature_for_each_value_where_that_is_wanted():
    world = started(lambda: Counting(last=5), numbers="one-hot")
    assert world.n_features == 20 and world.n_state_features == 40
    step = world.step(nothing(world))
    drawn = int(step.next_where["observations"][0, 0, 0, 1])
    observations, states = world.encode(step.next_where)
    assert np.flatnonzero(observations[0, 0, 0]).tolist() == [1, 10 + drawn]
    assert (states[0, 0] == np.tile(observations[0, 0, 0], 2)).all()


def test_numbers_as_they_come():
    world = started(lambda: Counting(last=5), numbers="as they come")
    world.step(nothing(world))
    assert world.encode(world.where)[0][0, 0, 0, 0] == 1.0


@pytest.mark.parametrize(
    ("space", "features", "of_ones"),
    [
        (Box(-np.inf, np.inf, (2,)), 2, [1, 1]),
        (Box(0, np.inf, (2,)), 2, [1, 1]),
        (Box(0, 100, (2,)), 2, [-0.98, -0.98]),  # more values than are worth a feature each
        (Box(0, 1, (2,)), 2, [1, 1]),  # two values are as good as one feature
        (Box(np.array([0, 1]), np.array([9.5, 1]), dtype=np.float64), 2, [2 / 9.5 - 1, 1]),  # 9.5 is not whole
        (Box(np.array([[-1, 0]]), np.array([[2, 2]]), dtype=np.int64), 4 + 3, [0, 0, 1, 0, 0, 1, 0]),
        (MultiDiscrete([2, 3]), 5, [0, 1, 0, 1, 0]),
        (MultiDiscrete([4, 2], start=[-2, 0]), 6, [0, 0, 0, 1, 0, 1]),
        (MultiBinary(2), 2, [1, 1]),
        (Discrete(3), 3, [0, 1, 0]),
        (Discrete(4, start=-1), 4, [0, 0, 1, 0]),
    ],
    ids=str,
)
def test_spaces_and_their_features(space, features, of_ones):
    ones = np.ones(int(np.prod(space.shape)))
    world = started(lambda: Counting(box=space, seen=lambda env: ones), numbers="one-hot")
    assert world.n_features == features
    np.testing.assert_allclose(world.encode(world.where)[0][0, 0, 1], of_ones, rtol=1e-6)


def test_rewards_are_summed_and_scaled():
    world = started(lambda: Counting(last=5), reward_scale=4)
    assert world.step(nothing(world)).rewards.tolist() == [[3.0]]


def test_agents_that_see_less_than_others_have_features_that_stay_0():
    env = Counting()
    env.observation_space = Tuple([Box(0, 9, (2,), np.float32), Discrete(3)])
    env.observe = lambda: (np.array([env.age, env.drawn], dtype=np.float32), np.int64(env.age % 3))
    world = started(lambda: env, numbers="one-hot")
    world.step(nothing(world))
    observations, _ = world.encode(world.where)
    assert observations.shape == (1, 1, 2, 20)
    assert np.flatnonzero(observations[0, 0, 0]).tolist() == [1, 10 + env.drawn]
    assert np.flatnonzero(observations[0, 0, 1]).tolist() == [1]


def test_actions_that_an_agent_lacks_are_known_and_refused():
    world = started(Counting)
    assert world.n_actions == 3
    assert world.available(world.where)[0, 0].tolist() == [[True, True, False], [True, True, True]]
    with pytest.raises(ValueError, match=r"actions\[0, 0, 0\] is 2; expected a whole number from 0 to 1"):
        world.step(nothing(world) + 2)
    assert started(climbing().parallel_env).available({}) is None


@pytest.mark.parametrize("when", ["in a step", "at a restart"])
def test_an_observation_that_its_space_does_not_have_is_refused(when):
    late = {"in a step": 3, "at a restart": 0}[when]
    calls = []

    def seen(env):
        calls.append(env.age)
        return [1, 0.5 if len(calls) > 2 and env.age == late else 1]

    world = started(lambda: Counting(last=4, seen=seen), numbers="one-hot")
    with pytest.raises(
        ValueError, match=r"entry 1 of agent 0's observation is 0.5; expected a whole number from 0 to 9"
    ):
        for _ in range(5):
            world.step(nothing(world))
    broken = OutsideWorld(lambda: Counting(seen=lambda env: [np.nan, 1]))
    with pytest.raises(ValueError, match="entry 0 of agent 0's observation is nan; expected a finite number"):
        broken.start(streams(1), 1)


# --- what is no world for a team -------------------------------------------------------------------------------------


def spaces(action, observation):
    env = Counting()
    env.action_space, env.observation_space = action, observation
    return env


TWO = Tuple([Discrete(2)] * 2)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (3, "make is 3; expected a function"),
        (lambda: 3, r"make\(\) returns 3; expected a PettingZoo ParallelEnv, or a Gymnasium Env whose"),
        (lambda: gymnasium.make("CartPole-v1"), "expected a PettingZoo ParallelEnv, or a Gymnasium Env whose"),
        (gridworld("1.A").parallel_env, "has one agent; expected a team of two or more"),
        (lambda: spaces(Tuple([Box(0, 1)] * 2), TWO), "the action space of agent 0 is Box.*; expected Discrete"),
        (lambda: spaces(Tuple([Discrete(2, start=1)] * 2), TWO), "expected Discrete, counting from 0"),
        (
            lambda: spaces(TWO, Tuple([Dict({})] * 2)),
            "the observation space of agent 0 is Dict.*; expected Box, Discrete",
        ),
        (lambda: spaces(TWO, Tuple([Discrete(2)] * 3)), "2 action spaces and 3 observation spaces"),
    ],
)
def test_what_is_no_world_for_a_team_is_refused(make, said):
    with pytest.raises(ValueError, match=said):
        OutsideWorld(make)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"numbers": "yes"}, "numbers is 'yes'; expected one of 'scaled', 'one-hot', 'as they come'"),
        ({"reward_scale": 0}, "reward_scale is 0"),
        ({"discount": 1.5}, "discount is 1.5"),
        ({"ended": True}, "ended is True; expected a function"),
    ],
)
def test_options_of_another_kind_are_refused(options, said):
    with pytest.raises(ValueError, match=said):
        OutsideWorld(Counting, **options)


# --- packages that may be here ---------------------------------------------------------------------------------------


def foraging(**options) -> OutsideWorld:
    pytest.importorskip("lbforaging")
    return OutsideWorld(
        lambda: gymnasium.make("Foraging-8x8-2p-2f-v3", disable_env_checker=True),
        ended=lambda env: env.unwrapped.field.sum() == 0,
        **options,
    )


def test_level_based_foraging():
    """Two agents, 12 whole numbers: with -1 for what is gone, 8 rows and columns, levels to 4 (food) and 2 (agents)."""
    world, rng = foraging(numbers="one-hot"), np.random.default_rng(1)
    world.start(streams(2), 3)
    assert (world.n_agents, world.n_actions, world.n_features) == (2, 6, 2 * (9 + 9 + 5) + 2 * (9 + 9 + 3))
    returns, ends = np.zeros((2, 3)), {"terminated": [], "truncated": []}
    age = np.zeros((2, 3), dtype=int)
    for _ in range(400):
        step = world.step(rng.integers(0, 6, (2, 3, 2)))
        returns += step.rewards
        age += 1
        field = step.next_where["observations"][:, :, 0, [2, 5]].sum(-1)
        assert (step.terminated == (field == 0)).all()  # an end only where all food is gone
        assert (step.truncated == ((age == 50) & (field > 0))).all()
        for name in ends:
            ends[name].extend(returns[getattr(step, name)].tolist())
        ended = step.terminated | step.truncated
        returns[ended], age[ended] = 0, 0
    assert len(ends["truncated"]) > 20 and max(ends["truncated"]) < 1
    assert all(value == pytest.approx(1) for value in ends["terminated"])


def test_a_particle_world_keeps_its_numbers():
    spread = pytest.importorskip("mpe2.simple_spread_v3")
    world = started(lambda: spread.parallel_env(N=2, max_cycles=4), copies=2)
    assert world.n_features == world.where["observations"].shape[-1] > 5
    steps = [world.step(nothing(world, copies=2)) for _ in range(8)]
    assert [step.truncated.all() for step in steps] == [False, False, False, True] * 2
    assert all(step.rewards.max() < 0 for step in steps)
