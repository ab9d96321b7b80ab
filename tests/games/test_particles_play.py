"""Particle worlds in use: copies, random streams, states, what is done and said, baselines, bad input."""

import itertools

import numpy as np
import pytest
from mpe2 import simple_spread_v3

from marl_edu.games import particle_world, simple_speaker_listener, simple_spread, simple_tag
from marl_edu.games.particles import WORLDS, Body, ParticleWorld, State, controls, physics
from marl_edu.games.particles.controllers import at_random, do_nothing, play_episodes, spread_out

# --- copies, seeds, states -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WORLDS)
def test_copies_are_worlds_of_their_own(name):
    """(K, W) worlds at once are the same as each alone, whatever the axes."""
    rng, many, one = np.random.default_rng(0), particle_world(name), particle_world(name)
    many.reset([np.random.default_rng(k) for k in range(2)], copies=3)
    begin = many.state
    actions = rng.uniform(np.maximum(many.lowest, -1), 1, (4, 2, 3, *many.lowest.shape))
    played = [(many.step(action), many.observe()) for action in actions]
    for k, w in itertools.product(range(2), range(3)):
        one.state = State(*(array[k, w] for array in begin[:-1]))
        assert one.copies == ()
        for action, (rewards, seen) in zip(actions, played, strict=True):
            np.testing.assert_allclose(one.step(action[k, w]), rewards[k, w], rtol=1e-12)
            np.testing.assert_allclose(one.observe(), seen[k, w], rtol=1e-6)


@pytest.mark.parametrize("name", WORLDS)
def test_a_seed_does_not_depend_on_the_others(name):
    world = particle_world(name)

    def begun(seeds):
        world.reset([np.random.default_rng(seed) for seed in seeds], copies=5)
        return world.observe()

    np.testing.assert_array_equal(begun([3])[0], begun([1, 2, 3])[2])
    assert (begun([1])[0] != begun([3])[0]).any()
    assert len(np.unique(begun([3])[0, :, -1], axis=0)) == 5, "copies differ"


@pytest.mark.parametrize("name", WORLDS)
def test_a_state_that_is_set_again_rewinds(name):
    world, rng = particle_world(name), np.random.default_rng(0)
    world.reset(rng, copies=3)
    first = at_random(rng)(world)
    world.step(first)
    kept, seen, actions = world.state, world.observe(), at_random(rng)(world)
    rewards = world.step(actions)
    world.step(actions)
    world.state = kept
    assert world.steps == 1
    np.testing.assert_array_equal(world.observe(), seen)
    np.testing.assert_array_equal(world.step(actions), rewards)
    kept.positions[:] = 99
    assert world.positions.max() < 99, "what was handed over is the caller's own"


def test_an_episode_has_25_steps():
    world = simple_spread()
    with pytest.raises(ValueError, match=r"has not begun; expected a call of reset\(\)"):
        world.step(np.zeros((3, 2)))
    with pytest.raises(ValueError, match="has not begun"):
        world.state  # noqa: B018
    played = play_episodes(world, do_nothing, np.random.default_rng(0))
    assert played.rewards.shape == (25, 3) and world.over
    with pytest.raises(ValueError, match=r"is over after 25 steps; expected a call of reset\(\)"):
        world.step(np.zeros((3, 2)))
    assert play_episodes(simple_spread(max_steps=7), do_nothing, [np.random.default_rng(0)]).rewards.shape == (1, 7, 3)


def test_what_was_handed_out_stays_as_it_was():
    world = simple_spread()
    world.reset(np.random.default_rng(0), copies=2)
    parts = [world.positions, world.velocities, world.words, world.observe(), *world.state[:-1]]
    kept = [part.copy() for part in parts]
    actions = np.ones((2, 3, 2))
    for _ in range(5):
        world.step(actions)
    for part, before in zip(parts, kept, strict=True):
        np.testing.assert_array_equal(part, before)
    assert (actions == 1).all()


# --- what is done and said -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WORLDS)
def test_the_three_languages_say_the_same(name):
    world, rng = particle_world(name), np.random.default_rng(0)
    world.reset(rng, copies=50)
    actions = rng.uniform(np.maximum(world.lowest, -1), 1, (50, *world.lowest.shape))
    numbered = at_random(rng)(world)
    for i, size in enumerate(world.action_sizes):
        for acted in (actions, numbered):
            vector = controls.to_mpe2(world, i, acted[:, i])
            assert vector.min() >= 0 and vector.max() <= 1
            np.testing.assert_array_equal(controls.from_mpe2(world, i, vector)[:, :size], acted[:, i, :size])


def test_who_moves_and_speaks_has_numbers_for_both():
    class Chat(ParticleWorld):
        name = "chat"

        def __init__(self):
            super().__init__([Body("one", speaks=True), Body("other")], n_landmarks=1, vocabulary=3)

        def rewards(self):
            return np.zeros(self.positions.shape[:-1])

        def sees(self, i):
            return [self.words[..., 1 - i, :]]

    chat = Chat()
    assert (chat.n_choices, chat.action_sizes, chat.observation_sizes) == ((15, 5), (5, 2), (3, 3))
    action = controls.from_choices(chat, [4 + 5 * 2, 1])
    assert action[0].tolist() == [0, 1, 0, 0, 1] and action[1, :2].tolist() == [-1, 0]
    assert controls.to_mpe2(chat, 0, action[0]).tolist() == [0, 0, 0, 0, 1, 0, 0, 1]
    chat.reset(np.random.default_rng(0))
    chat.step(action)
    assert chat.observe().tolist() == [[0, 0, 0], [0, 0, 1]]


def test_the_speaker_stays_and_is_heard():
    world = simple_speaker_listener()
    world.reset(np.random.default_rng(0), copies=2)
    before = world.positions
    colour = world.observe()[:, 0, :3]
    assert (colour.argmax(axis=-1) == world.goals).all() and np.allclose(np.sort(colour), [0.15, 0.15, 0.65])
    world.step([[[0, 0, 1], [1, 0, 0]], [[0.5, 0.2, 0.3], [0, 0, 0]]])
    world.step(np.zeros((2, 2, 3)))
    np.testing.assert_array_equal(world.positions[:, 0], before[:, 0])
    assert world.positions[0, 1, 0] > before[0, 1, 0]
    world.reset(np.random.default_rng(0))
    world.step([[0.5, 0.25, 0], [0, 0, 0]])
    assert world.observe()[1, -3:].tolist() == [0.5, 0.25, 0]


def test_words_are_heard_one_step_and_no_longer():
    world = simple_speaker_listener()
    world.reset(np.random.default_rng(0))
    world.step([[0, 1, 0], [0, 0, 0]])
    world.step(np.zeros((2, 3)))
    assert not world.observe()[1, -3:].any()


# --- baselines -------------------------------------------------------------------------------------------------------


def returns(policy, copies=2000):
    """Mean return per agent, and its standard error."""
    totals = play_episodes(simple_spread(), policy, np.random.default_rng(1), copies).returns.mean(axis=-1)
    return totals.mean(), totals.std() / np.sqrt(copies)


def test_baselines_of_simple_spread():
    """On MPE2's scale; each figure is the mean of 100,000 episodes, known to 0.03."""
    for policy, expected in (
        (at_random(np.random.default_rng(2)), -26.48),
        (do_nothing, -24.20),
        (spread_out, -6.24),
        (lambda world: spread_out(world, stiffness=8, damping=2), -5.90),
    ):
        mean, error = returns(policy)
        assert error < 0.2
        assert mean == pytest.approx(expected, abs=4 * error)


def test_the_controller_scores_the_same_in_mpe2():
    """Episodes from the same seeds, there driven by what it does here."""
    world, env = simple_spread(), simple_spread_v3.parallel_env(continuous_actions=True)
    for seed in range(4):
        env.reset(seed=seed)
        world.reset(np.random.default_rng(seed))
        ours = theirs = 0.0
        while not world.over:
            actions = spread_out(world).astype(np.float32)
            ours += world.step(actions).mean()
            chosen = {f"agent_{i}": controls.to_mpe2(world, i, actions[i]).astype(np.float32) for i in range(3)}
            theirs += np.mean(list(env.step(chosen)[1].values()))
        assert ours == pytest.approx(theirs, abs=1e-5)
        assert -15 < ours < -2


def test_the_assignment_is_the_best():
    world = simple_spread(n_agents=4)
    world.reset(np.random.default_rng(3), copies=20)
    actions = spread_out(world, stiffness=0.1, damping=0)
    targets = world.positions + actions / 0.1
    ways = physics.distances(world.positions, world.landmarks)
    for copy in range(20):
        best = min(sum(ways[copy, i, p[i]] for i in range(4)) for p in itertools.permutations(range(4)))
        assert physics.lengths(targets[copy] - world.positions[copy]).sum() == pytest.approx(best)
        np.testing.assert_allclose(np.sort(targets[copy], axis=0), np.sort(world.landmarks[copy], axis=0))


# --- bad input -------------------------------------------------------------------------------------------------------


def begun(world, copies=None):
    world.reset(np.random.default_rng(0), copies)
    return world


def with_state(**changes):
    world = begun(simple_spread(), copies=2)
    world.state = world.state._replace(**changes)


def action_with(place, value, world=None):
    world = begun(simple_spread(), copies=4) if world is None else world
    actions = np.zeros((*world.copies, world.n_agents, max(world.action_sizes)))
    actions[place] = value
    world.step(actions)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: particle_world("simple_sprad"), r"'simple_sprad' \(did you mean 'simple_spread'\?\); expected one of"),
        (lambda: particle_world("crypto"), "expected one of 'simple_spread', 'simple_speaker_listener', 'simple_tag'"),
        (lambda: particle_world(3), "particle world is 3; expected one of"),
        (lambda: simple_spread(n_agents=0), "n_agents is 0; expected a whole number from 1 to 50"),
        (lambda: simple_spread(local_ratio=1.5), r"local_ratio is 1.5; expected a finite number in \[0, 1\]"),
        (lambda: simple_tag(max_steps=0), "max_steps is 0; expected a whole number from 1"),
        (lambda: simple_tag(n_obstacles=-1), "n_obstacles is -1; expected"),
        (
            lambda: action_with((2, 1, 1), 1.5),
            r"force y of 'agent_1' in copy \(2,\) is 1.5; expected a number in \[-1, 1\]",
        ),
        (lambda: action_with((0, 0, 0), np.nan), r"force x of 'agent_0' in copy \(0,\) is nan; expected a number in"),
        (lambda: action_with((0, 2, 0), -np.inf), "force x of 'agent_2' in copy .* is -inf; expected a number in"),
        (
            lambda: action_with((0, 1), -0.5, begun(simple_speaker_listener())),
            r"word 1 of 'speaker_0' is -0.5; expected a number in \[0, 1\]",
        ),
        (lambda: action_with((1, 2), np.nan, begun(simple_speaker_listener())), "padding of 'listener_0' is nan"),
        (lambda: begun(simple_spread(), 4).step(np.zeros((3, 2))), r"shape \(3, 2\); expected \(4, 3, 2\): copies"),
        (lambda: begun(simple_spread()).step("left"), "actions can't be read as a table of numbers"),
        (lambda: simple_spread().reset(0), "rngs is 0; expected a numpy.random.Generator or a list of them"),
        (lambda: simple_spread().reset([]), r"rngs is \[\]; expected a numpy.random.Generator or a list of them"),
        (lambda: simple_spread().reset([1]), r"rngs\[0\] is 1; expected a numpy.random.Generator"),
        (lambda: begun(simple_spread(), 0), "copies is 0; expected a whole number from 1"),
        (lambda: controls.from_choices(simple_spread(), [0, 1, 5]), "choice of 'agent_2' is 5; .* from 0 to 4"),
        (lambda: controls.from_choices(simple_spread(), [0, 1]), r"choices has shape \(2,\); expected \(..., 3\)"),
        (lambda: controls.from_choices(simple_spread(), [0.0, 1, 1]), "expected whole numbers"),
        (lambda: with_state(positions=np.zeros((2, 2, 2))), r"positions has shape \(2, 2, 2\); expected \(2, 3, 2\)"),
        (lambda: with_state(velocities=np.full((2, 3, 2), np.nan)), r"velocities\[0, 0, 0\] is nan; expected a finite"),
        (lambda: with_state(goals=np.array([0, 3])), "goals has 0 to 3; expected 0 to 2"),
        (lambda: with_state(steps=26), "state.steps is 26; expected a whole number from 0 to 25"),
        (lambda: setattr(simple_spread(), "state", (1, 2)), r"state is \(1, 2\); expected a State"),
        (lambda: spread_out(begun(simple_tag())), "4 agents and 2 landmarks; expected as many of both, up to 7"),
        (lambda: play_episodes("spread", do_nothing, np.random.default_rng(0)), "expected a ParticleWorld such as"),
        (lambda: at_random(0), "rng is 0; expected a numpy.random.Generator"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
