"""Particle worlds are those of MPE2, step by step, and their physics has the closed forms that it should have."""

import itertools
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpe2 import simple_adversary_v3, simple_push_v3, simple_speaker_listener_v4, simple_spread_v3, simple_tag_v3

from marl_edu.games import particle_world, simple_push, simple_spread, simple_tag
from marl_edu.games.particles import WORLDS, State, controls, physics

MPE2 = {
    "simple_spread": simple_spread_v3,
    "simple_speaker_listener": simple_speaker_listener_v4,
    "simple_tag": simple_tag_v3,
    "simple_adversary": simple_adversary_v3,
    "simple_push": simple_push_v3,
}
VARIANTS = [
    ("simple_spread", {}, {}),
    ("simple_speaker_listener", {}, {}),
    ("simple_tag", {}, {}),
    ("simple_adversary", {}, {}),
    ("simple_push", {}, {}),
    ("simple_spread", {"n_agents": 4, "local_ratio": 0.2}, {"N": 4, "local_ratio": 0.2}),
    (
        "simple_tag",
        {"n_good": 2, "n_adversaries": 2, "n_obstacles": 3},
        {"num_good": 2, "num_adversaries": 2, "num_obstacles": 3},
    ),
    ("simple_adversary", {"n_good": 3}, {"N": 3}),
]


def starts(world, rng, each: int = 3) -> State:
    """Beginnings of four kinds: as drawn, on top of each other, flying fast, far outside."""
    world.reset(rng, copies=4 * each)
    state = world.state
    kind = np.repeat(np.arange(4), each)[:, np.newaxis, np.newaxis]
    spread = np.choose(kind, [1, 0.04, 0.5, 3])
    moving = np.array([[body.moves] for body in world.bodies])
    return state._replace(
        positions=state.positions * spread,
        landmarks=state.landmarks * np.choose(kind, [1, 0.3, 1, 2]),
        velocities=rng.normal(size=state.velocities.shape) * np.choose(kind, [0, 1, 3, 1]) * moving,
    )


def put(env, state: State, copy: int) -> None:
    """Make MPE2's world stand as one copy of ours does."""
    env.reset(seed=0)
    world = env.unwrapped.world
    for i, agent in enumerate(world.agents):
        agent.state.p_pos, agent.state.p_vel = state.positions[copy, i].copy(), state.velocities[copy, i].copy()
    for landmark, place in zip(world.landmarks, state.landmarks[copy], strict=True):
        landmark.state.p_pos = place.copy()
    goal = world.landmarks[state.goals[copy]]
    name = env.unwrapped.metadata["name"]
    if "speaker" in name:
        world.agents[0].goal_b = goal
    if "adversary" in name or "push" in name:
        for agent in world.agents:
            agent.goal_a = goal
    if "push" in name:
        world.agents[1].color = np.array([0.25, 0.25, 0.25])
        world.agents[1].color[goal.index + 1] += 0.5


def seen_by_all(env) -> list[np.ndarray]:
    return [env.unwrapped.observe(agent) for agent in env.possible_agents]


@pytest.mark.parametrize("continuous", [True, False], ids=["continuous", "discrete"])
@pytest.mark.parametrize(("name", "ours", "theirs"), VARIANTS, ids=[f"{v[0]} {list(v[1].values())}" for v in VARIANTS])
def test_it_is_mpe2(name, ours, theirs, continuous):
    """Whole episodes from the same states with the same actions: what all see and get, to 1e-5."""
    rng = np.random.default_rng(7)
    world, env = particle_world(name, **ours), MPE2[name].parallel_env(continuous_actions=continuous, **theirs)
    world.state = begin = starts(world, rng)
    assert world.agents == tuple(env.possible_agents)
    copies, n = world.copies[0], world.n_agents
    if continuous:
        low = np.maximum(world.lowest, -1)
        actions = rng.uniform(low, 1, (world.max_steps, copies, *low.shape)).astype(np.float32)
        vectors = [controls.to_mpe2(world, i, actions[..., i, :]).astype(np.float32) for i in range(n)]
    else:
        choices = rng.integers(world.n_choices, size=(world.max_steps, copies, n))
        actions = controls.from_choices(world, choices)
    seen, paid, touched = [world.observe()], [], 0
    for step in range(world.max_steps):
        paid.append(world.step(actions[step]))
        seen.append(world.observe())
        touched += world.touching().any(axis=(-2, -1)).sum()
    assert touched >= 3, "these starts must tell worlds with wrong collisions apart"
    for copy in range(copies):
        put(env, begin, copy)
        for step in range(world.max_steps + 1):
            for i, theirs_seen in enumerate(seen_by_all(env)):
                size = world.observation_sizes[i]
                assert size == len(theirs_seen)
                np.testing.assert_allclose(seen[step][copy, i, :size], theirs_seen, rtol=1e-5, atol=1e-5)
                assert not seen[step][copy, i, size:].any()
            if step == world.max_steps:
                break
            chosen = [v[step, copy] for v in vectors] if continuous else choices[step, copy].tolist()
            _, rewards, ended, cut, _ = env.step(dict(zip(env.agents, chosen, strict=True)))
            np.testing.assert_allclose(paid[step][copy], list(rewards.values()), rtol=1e-5, atol=1e-5)
            assert not any(ended.values())
            assert all(cut.values()) == (step == world.max_steps - 1)


coordinate = st.floats(-2, 2)
near = st.floats(-0.2, 0.2)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(near, near, coordinate, coordinate), min_size=6, max_size=6), st.integers(0, 5**4 - 1))
def test_any_crowd_of_tag_moves_as_in_mpe2(rows, choice):
    """Contact among all, obstacles and speed limits, from any state."""
    world, env = simple_tag(), TAG
    rows = np.array(rows)
    apart = rows[:, np.newaxis, :2] - rows[:, :2]
    if (np.abs(apart).sum(axis=-1) + np.eye(6) < 1e-9).any():
        return  # MPE2 has no direction to push in and answers NaN
    none = np.zeros((1, 4, 2))
    world.state = State(rows[None, :4, :2], rows[None, :4, 2:], rows[None, 4:, :2], np.array([0]), none)
    put(env, world.state, 0)
    choices = [choice // 5**i % 5 for i in range(4)]
    rewards = world.step(controls.from_choices(world, [choices]))[0]
    theirs = env.step(dict(zip(env.agents, choices, strict=True)))[1]
    np.testing.assert_allclose(rewards, list(theirs.values()), rtol=1e-9)
    for i, agent in enumerate(env.unwrapped.world.agents):
        np.testing.assert_allclose(world.positions[0, i], agent.state.p_pos, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(world.velocities[0, i], agent.state.p_vel, rtol=1e-9, atol=1e-9)


TAG = simple_tag_v3.parallel_env()


@pytest.mark.parametrize("name", WORLDS)
def test_the_same_seed_begins_as_mpe2_does(name):
    world, env = particle_world(name), MPE2[name].parallel_env()
    for seed in range(5):
        env.reset(seed=seed)
        world.reset(np.random.default_rng(seed))
        for i, theirs in enumerate(seen_by_all(env)):
            np.testing.assert_array_equal(world.observe()[i, : len(theirs)], theirs)


# --- physics ---------------------------------------------------------------------------------------------------------


def test_the_position_moves_with_the_old_velocity():
    """The order that makes the game as hard as it is: pushed from rest, an agent moves one step later."""
    world = simple_push()
    world.reset(np.random.default_rng(0))
    before = world.positions
    east = [[1.0, 0.0], [0.0, 0.0]]
    world.step(east)
    np.testing.assert_array_equal(world.positions, before)
    np.testing.assert_allclose(world.velocities[0], [0.5, 0])
    world.step(east)
    np.testing.assert_allclose(world.positions[0] - before[0], [0.05, 0])
    np.testing.assert_allclose(world.velocities[0], [0.875, 0])


def test_velocity_has_its_closed_form():
    """With a constant force f it tends to 0.1 f / 0.25, by 3/4 a step, unless the limit is lower."""
    world = simple_tag(n_good=1, n_adversaries=1, n_obstacles=0)
    world.reset(np.random.default_rng(0))
    far = np.array([[-5.0, 0], [5, 0]])
    world.state = world.state._replace(positions=far)
    for k in range(1, 21):
        world.step([[0.0, -1], [0.0, 1]])
        np.testing.assert_allclose(world.velocities[0, 1], -min(1, 1.2 * (1 - 0.75**k)))
        np.testing.assert_allclose(world.velocities[1, 1], min(1.3, 1.6 * (1 - 0.75**k)))


@given(st.integers(1, 4), st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_contact_is_mutual_and_straight(n, seed):
    """Action is reaction; nothing beyond reach; STIFFNESS times the depth, once that exceeds the soft margin."""
    rng = np.random.default_rng(seed)
    places = rng.uniform(-0.3, 0.3, (n, 2))
    reach = np.where(np.eye(n, dtype=bool), -np.inf, 0.3)
    forces = physics.contact_forces(places, places, reach)
    np.testing.assert_allclose(forces.sum(axis=0), 0, atol=1e-9)
    slow = np.zeros((n, 2))
    for i, j in itertools.permutations(range(n), 2):
        apart = places[i] - places[j]
        distance = np.hypot(*apart)
        slow[i] += 100 * max(0.3 - distance, 0) * apart / distance
    np.testing.assert_allclose(forces, slow, atol=n * 100 * 1e-3 * np.log(2) + 1e-9)


def test_two_in_the_same_place_stay_finite():
    world = simple_spread()
    world.reset(np.random.default_rng(0))
    world.state = world.state._replace(positions=np.zeros((3, 2)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rewards = world.step(np.zeros((3, 2)))
    assert np.isfinite(rewards).all() and not world.velocities.any()
    np.testing.assert_allclose(rewards - rewards[0], 0)
    assert rewards[0] < -1, "each collides with the two others"


def test_far_outside_nothing_overflows():
    world = simple_tag()
    world.reset(np.random.default_rng(0))
    world.state = world.state._replace(positions=np.full((4, 2), 1e6) * np.arange(1, 5)[:, np.newaxis])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_allclose(world.step(np.zeros((4, 2))), [0, 0, 0, -20])
