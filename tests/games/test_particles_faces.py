"""The PettingZoo face of particle worlds passes that library's checks, is MPE2's, and complains clearly."""

import copy
import pickle

import numpy as np
import pytest
from mpe2 import simple_adversary_v3, simple_push_v3, simple_speaker_listener_v4, simple_spread_v3, simple_tag_v3
from pettingzoo.test import api_test, parallel_api_test, parallel_seed_test, seed_test
from pettingzoo.test.state_test import state_test
from pettingzoo.utils.conversions import parallel_to_aec

from marl_edu.games import particle_world, simple_speaker_listener, simple_spread
from marl_edu.games.particles import WORLDS

MPE2 = {
    "simple_spread": simple_spread_v3,
    "simple_speaker_listener": simple_speaker_listener_v4,
    "simple_tag": simple_tag_v3,
    "simple_adversary": simple_adversary_v3,
    "simple_push": simple_push_v3,
}


pytestmark = pytest.mark.filterwarnings(
    "ignore:Agents have different observation space sizes",
    "ignore:Observations are different shapes",
    "ignore:Environment's m(in|ax)imum state space value",
)


@pytest.fixture(params=[(name, kind) for name in WORLDS for kind in (False, True)], ids=lambda p: f"{p[0]}-{p[1]}")
def make(request):
    name, continuous = request.param
    return lambda: particle_world(name).parallel_env(continuous_actions=continuous)


def play(env, seed, n_steps=60):
    """Everything that is seen in ``n_steps`` steps, over as many episodes as they take, as one list of numbers."""
    actions = np.random.default_rng(99)
    seen = [env.reset(seed=seed)]
    for _ in range(n_steps):
        chosen = {}
        for agent in env.agents:
            space = env.action_space(agent)
            uniform = actions.uniform(0, 1, 5)
            chosen[agent] = int(uniform[0] * space.n) if hasattr(space, "n") else uniform[: space.shape[0]]
        seen.append(env.step(chosen))
        if not env.agents:
            seen.append(env.reset())
    return [[{k: np.asarray(v).tolist() for k, v in part.items()} for part in step] for step in seen]


def test_parallel_api(make):
    parallel_api_test(make(), num_cycles=60)


@pytest.mark.filterwarnings("ignore:Observation is not a NumPy array")
def test_aec_api(make):
    api_test(parallel_to_aec(make()), num_cycles=60)


def test_parallel_seed(make):
    parallel_seed_test(make, num_cycles=60)


def test_aec_seed(make):
    seed_test(lambda: parallel_to_aec(make()), num_cycles=60)


@pytest.mark.filterwarnings("ignore:State numpy array is all zeros")
def test_state(make):
    env = make()
    state_test(parallel_to_aec(make()), env)


def test_one_seed_gives_one_history_and_another_another(make):
    env = make()
    first = play(env, seed=5)
    assert first == play(make(), seed=5) == play(env, seed=5), "a used world begins anew with its seed"
    assert first != play(make(), seed=6)
    assert first != play(env, seed=None), "without a seed the generator goes on"


def test_worlds_share_nothing(make):
    expected = play(make(), seed=1)
    one, other = make(), make()
    one.reset(seed=1)
    play(other, seed=2)
    assert play(one, seed=1) == expected
    world = simple_spread()
    left, right = world.parallel_env(), world.parallel_env()
    left.reset(seed=0)
    right.reset(seed=1)
    assert world.steps is None and not np.array_equal(left.state(), right.state())


@pytest.mark.parametrize("twin", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))], ids=["copy", "pickle"])
def test_a_world_survives_copying_in_the_middle_of_an_episode(twin):
    env = simple_spread().parallel_env()
    env.reset(seed=3)
    env.step(dict.fromkeys(env.agents, 1))
    other = twin(env)
    for _ in range(20):
        ours, theirs = (e.step(dict.fromkeys(e.agents, 2)) for e in (env, other))
        assert ours[1] == theirs[1]
        np.testing.assert_array_equal(env.state(), other.state())


@pytest.mark.parametrize("continuous", [True, False], ids=["continuous", "discrete"])
@pytest.mark.parametrize("name", MPE2)
def test_the_face_is_mpe2s(name, continuous):
    """Same names, spaces and seeds: an episode can't be told apart."""
    ours, theirs = (
        particle_world(name).parallel_env(continuous_actions=continuous),
        MPE2[name].parallel_env(continuous_actions=continuous),
    )
    assert ours.possible_agents == theirs.possible_agents
    for agent in ours.possible_agents:
        assert ours.action_space(agent) == theirs.action_space(agent)
        assert ours.observation_space(agent) == theirs.observation_space(agent)
    assert ours.state_space == theirs.state_space
    one, other = ours.reset(seed=11)[0], theirs.reset(seed=11)[0]
    for agent in ours.possible_agents:
        ours.action_space(agent).seed(5)
    while ours.agents:
        for agent, seen in other.items():
            np.testing.assert_allclose(one[agent], seen, atol=1e-5)
            assert one[agent].dtype == seen.dtype
        actions = {agent: ours.action_space(agent).sample() for agent in ours.agents}
        one, paid, ended, cut, _ = ours.step(actions)
        other, due, *_ = theirs.step(actions)
        assert paid == pytest.approx(due, abs=1e-5)
        assert not any(ended.values()) and all(cut.values()) == (ours.agents == [])
    assert theirs.agents == []
    np.testing.assert_allclose(ours.state(), theirs.state(), atol=1e-5)


def started(world=None, continuous=False):
    env = (world or simple_spread()).parallel_env(continuous)
    env.reset(seed=0)
    return env


def acting(action, agent="agent_1", **options):
    env = started(**options)
    space = env.action_space(agent)
    idle = 0 if hasattr(space, "n") else np.zeros(space.shape)
    return env.step(dict.fromkeys(env.agents, idle) | {agent: action})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: acting(5), r"actions\['agent_1'\] is 5; expected a whole number from 0 to 4"),
        (lambda: acting(0.5), r"actions\['agent_1'\] is 0.5; expected a whole number"),
        (lambda: acting(True), r"actions\['agent_1'\] is True; expected a whole number"),
        (lambda: acting([0, 0, 1.5, 0, 0], continuous=True), r"actions\['agent_1'\]\[2\] is 1.5; .* in \[0, 1\]"),
        (lambda: acting([0, np.nan, 0, 0, 0], continuous=True), r"actions\['agent_1'\]\[1\] is nan; expected a finite"),
        (lambda: acting([0, 0], continuous=True), r"actions\['agent_1'\] has shape \(2,\); expected \(5,\)"),
        (lambda: acting("up", continuous=True), "can't be read as a table of numbers"),
        (lambda: started().step({"agent_0": 0}), r"actions has the agents \['agent_0'\]; expected one action for each"),
        (lambda: started().step(3), "actions is 3; expected a dict with one action for each agent"),
        (lambda: simple_spread().parallel_env().step({"agent_0": 0}), r"expected a call of reset\(\) before step"),
        (lambda: simple_spread().parallel_env("yes"), "continuous_actions is 'yes'; expected True or False"),
        (lambda: started().reset(seed=-1), "seed is -1; expected a whole number from 0 up"),
        (lambda: started().action_space("agent_3"), r"agent is 'agent_3' \(did you mean"),
        (lambda: started(simple_speaker_listener()).observation_space("agent_0"), "expected one of 'speaker_0'"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_an_episode_that_is_over_asks_for_a_reset():
    env = started(simple_spread(max_steps=1))
    _, _, ended, cut, _ = env.step(dict.fromkeys(env.agents, 0))
    assert set(cut.values()) == {True} and set(ended.values()) == {False} and env.agents == []
    assert env.step({}) == ({}, {}, {}, {}, {})
    with pytest.raises(ValueError, match="the episode is over"):
        env.step(dict.fromkeys(env.possible_agents, 0))
    with pytest.raises(RuntimeError, match="call reset"):
        simple_spread().parallel_env().state()


@pytest.mark.parametrize("terminal", [False, True])
def test_an_end_is_told_from_a_time_limit(terminal):
    class Brief(type(simple_spread())):
        pass

    Brief.terminal = terminal
    env = Brief(max_steps=2).parallel_env()
    env.reset(seed=0)
    still = dict.fromkeys(env.agents, np.zeros(5, dtype=np.float32) if env.continuous_actions else 0)
    ends = [[set(part.values()) for part in env.step(still)[2:4]] for _ in range(2)]
    assert ends == [[{False}, {False}], [{terminal}, {not terminal}]]
