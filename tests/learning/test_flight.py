"""A flight is the world stepped by hand, and what else might have flown is what brute force finds."""

import copy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marl_edu import record
from marl_edu.games import (
    climbing,
    simple_adversary,
    simple_push,
    simple_speaker_listener,
    simple_spread,
    simple_tag,
)
from marl_edu.games.particles import controls
from marl_edu.games.particles.controllers import do_nothing, spread_out
from marl_edu.learning import Flight
from marl_edu.learning.flight import checked_force

forces = st.tuples(st.floats(-1, 1), st.floats(-1, 1))


def chase(world):
    """Everybody goes to the first landmark, fast; nobody speaks."""
    actions = np.zeros((world.n_agents, max(world.action_sizes)))
    for i, body in enumerate(world.bodies):
        if body.moves:
            actions[i, :2] = np.clip(10 * (world.landmarks[0] - world.positions[i]), -1, 1)
    return actions


SEATS = [
    (simple_spread, 0),
    (simple_spread, "agent_2"),
    (simple_tag, "agent_0"),
    (simple_tag, "adversary_1"),
    (simple_push, 0),
    (simple_push, 1),
    (simple_adversary, "adversary_0"),
    (simple_adversary, "agent_1"),
    (simple_speaker_listener, "listener_0"),
]


def by_hand(world, policy, seat, episode, stick, seed=0):
    """Rewards (T, N) and positions (T + 1, N, 2): ``stick(step)`` gives the force on the seat, or None."""
    world = copy.deepcopy(world)
    world.reset(np.random.default_rng([seed, 0, episode]))
    rewards, positions = [], [world.positions]
    for step in range(world.max_steps):
        actions = np.array(policy(world), dtype=float)
        force = stick(step)
        if force is not None:
            actions[seat, :2] = force
        rewards.append(world.step(actions))
        positions.append(world.positions)
    return np.array(rewards), np.array(positions)


@pytest.mark.parametrize(("build", "seat"), SEATS)
def test_it_is_the_world_stepped_by_hand_and_comparisons_are_brute_force(build, seat):
    world = build()
    flight = Flight(world, chase, seat)
    rng = np.random.default_rng(7)
    for episode in (1, 2):
        wanted = rng.uniform(-1, 1, (world.max_steps, 2))
        rewards, positions = by_hand(world, chase, flight.seat, episode, lambda step, wanted=wanted: wanted[step])
        for step, force in enumerate(wanted):
            flight.choose(force)
            flight.advance(1)
            frame = flight.frame()
            assert (frame["episode"][0], frame["step"][0], bool(frame["over"][0])) == (episode, step + 1, step == 24)
            np.testing.assert_array_equal(frame["rewards"][0], rewards[step])
            np.testing.assert_array_equal(frame["force"][0], force)
            np.testing.assert_array_equal(frame["episode_positions"][0, : step + 2], positions[: step + 2])
            np.testing.assert_array_equal(
                frame["episode_positions"][0, step + 1 :], positions[[step + 1] * (25 - step)]
            )
        total = np.zeros(world.n_agents)
        for reward in rewards:
            total = total + reward
        np.testing.assert_array_equal(flight.outcomes[-1].you, total)
        ways = {"policy": lambda step: None, "nobody": lambda step: (0, 0)}
        for way, stick in ways.items():
            brute, _ = by_hand(world, chase, flight.seat, episode, stick)
            np.testing.assert_allclose(getattr(flight.outcomes[-1], way), brute.sum(axis=0), rtol=1e-12)
            np.testing.assert_array_equal(frame[f"{way}_return"][0], getattr(flight.outcomes[-1], way))
    assert flight.chosen == 50 and len(flight.outcomes) == 2


def test_without_a_choice_the_policy_steers_and_earns_exactly_what_the_comparison_says():
    flight = Flight(simple_spread(), spread_out, seat=1)
    flight.advance(75)
    for outcome in flight.outcomes:
        np.testing.assert_array_equal(outcome.you, outcome.policy)
        assert (outcome.nobody < outcome.policy).all()
    assert flight.chosen == 0 and len(flight.outcomes) == 3


def test_nobody_is_the_others_policy_without_a_force_and_not_a_world_in_which_all_rest():
    outcome = flown(Flight(simple_spread(), spread_out)).outcomes[0]
    rest = flown(Flight(simple_spread(), do_nothing)).outcomes[0]
    assert outcome.nobody[0] > rest.nobody[0] and (rest.policy == rest.nobody).all()


def flown(flight, steps=25):
    flight.advance(steps)
    return flight


@settings(max_examples=20)
@given(st.lists(forces, min_size=1, max_size=30))
def test_what_the_student_does_changes_neither_beginnings_nor_comparisons(wanted):
    still, moved = Flight(simple_tag(max_steps=6), chase, "agent_0"), Flight(simple_tag(max_steps=6), chase, "agent_0")
    for force in wanted:
        moved.choose(force)
        moved.advance(1)
        still.advance(1)
    for mine, other in zip(moved.outcomes, still.outcomes, strict=True):
        np.testing.assert_array_equal(mine.policy, other.policy)
        np.testing.assert_array_equal(mine.nobody, other.nobody)
    assert (moved.frame()["episode_positions"][0, 0] == still.frame()["episode_positions"][0, 0]).all()


def test_a_choice_is_for_one_step_and_a_later_one_replaces_an_earlier_one():
    flight = Flight(simple_spread(), do_nothing)
    flight.choose([1, 0])
    flight.choose((0, -0.5))
    flight.advance(1)
    assert flight.frame()["force"][0].tolist() == [0, -0.5] and flight.chosen == 1
    flight.advance(1)
    assert flight.frame()["force"][0].tolist() == [0, 0] and flight.chosen == 1


def test_between_episodes_the_last_state_stays_and_the_next_may_be_begun():
    flight = Flight(simple_spread(max_steps=2), spread_out)
    with pytest.raises(ValueError, match="episode 1 has had 0 of 2 steps; expected it to be over"):
        flight.next_episode()
    flight.advance(2)
    assert flight.over and flight.episode == 1 and flight.frame()["step"][0] == 2
    flight.next_episode()
    frame = flight.frame()
    assert (flight.episode, frame["step"][0], flight.units_done) == (2, 0, 2)
    assert np.isnan(frame["rewards"]).all() and np.isnan(frame["policy_return"]).all()
    assert (frame["return_so_far"] == 0).all() and np.isnan(frame["force"]).all()


def test_every_flight_has_the_same_beginnings_and_another_seed_has_others():
    flight = Flight(simple_spread(), spread_out)
    first = record(flight, 60, 1)
    flight.choose([1, 1])
    flight.reset()
    again = record(flight, 60, 1)
    for t in range(61):
        for name in first[t]:
            np.testing.assert_array_equal(first[t][name], again[t][name])
    clone = flight.clone()
    assert clone.units_done == 0 and (clone.frame()["episode_positions"] == first[0]["episode_positions"]).all()
    flight.restart(seed=1)
    assert (flight.frame()["episode_positions"] != first[0]["episode_positions"]).any()


def test_a_recording_keeps_each_moment_whatever_comes_later():
    flight = Flight(simple_spread(), spread_out)
    recording = record(flight, 30, 1)
    kept = recording[3]["episode_positions"].copy()
    flight.advance(20)
    np.testing.assert_array_equal(recording[3]["episode_positions"], kept)
    assert recording[3]["step"][0] == 3 and recording[27]["episode"][0] == 2


def test_the_given_world_is_left_alone():
    world = simple_spread()
    world.reset(np.random.default_rng(3))
    before = world.state
    flown(Flight(world, spread_out), 30)
    assert all(np.array_equal(mine, was) for mine, was in zip(world.state, before, strict=True))


@pytest.mark.parametrize(
    ("build", "seat", "knows"),
    [
        (simple_spread, 0, True),
        (simple_tag, 3, True),
        (simple_push, 0, False),
        (simple_push, 1, True),
        (simple_adversary, 0, False),
        (simple_adversary, 2, True),
        (simple_speaker_listener, 1, False),
    ],
)
def test_who_can_see_the_goal(build, seat, knows):
    assert Flight(build(), do_nothing, seat).knows_goal is knows


class Learner:
    """Looks like a learner: run k of 3 pushes everybody with force k / 4 to the right."""

    seeds, title = 3, "pusher"

    def __init__(self, world):
        self.game = world

    def greedy(self, observations):
        seeds, copies, agents, _ = observations.shape
        assert (seeds, copies, agents) == (3, 1, self.game.n_agents) and observations.dtype == np.float32
        found = np.zeros((seeds, copies, agents, max(self.game.action_sizes)))
        found[..., 0] = np.arange(3)[:, np.newaxis, np.newaxis] / 4
        return found


def test_a_learner_acts_by_one_of_its_runs():
    world = simple_spread()
    for run in (0, 2):
        flight = Flight(world, Learner(world), run=run)
        flight.advance(1)
        assert flight.frame()["force"][0].tolist() == [run / 4, 0] and flight.called == "pusher"


def test_a_real_learner_acts_and_may_go_on_learning():
    torch = pytest.importorskip("torch")
    from marl_edu.learning import MADDPG

    world = simple_push()
    learner = MADDPG(world, seeds=2, worlds=4, warm_up=16, hidden=8, critic_hidden=8, batch=8)
    learner.advance(1)
    flight = Flight(world, learner, "agent_0", run=1)
    wanted = learner.greedy(np.repeat(flight.game.observe()[np.newaxis, np.newaxis], 2, axis=0))[1, 0]
    flight.advance(1)
    np.testing.assert_array_equal(flight.frame()["force"][0], wanted[1, :2])
    learner.advance(8)
    flight.advance(24)
    assert flight.over and torch.get_num_threads() >= 1 and np.isfinite(flight.outcomes[0].you).all()


def wrong_shape(world):
    return np.zeros((1, 2))


def too_strong(world):
    return np.full((world.n_agents, 2), 1.5)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Flight(climbing(), spread_out), "world is .*; expected a ParticleWorld such as"),
        (lambda: Flight(simple_spread(), None), "partners is None; expected a policy such as spread_out"),
        (lambda: Flight(simple_spread(), Learner), "partners is <class .*; expected a policy"),
        (lambda: Flight(simple_spread(), spread_out, 3), "seat is 3; expected a whole number from 0 to 2"),
        (lambda: Flight(simple_spread(), spread_out, "agent_9"), "seat is 'agent_9'.*expected one of 'agent_0'"),
        (lambda: Flight(simple_spread(), spread_out, True), "seat is True"),
        (lambda: Flight(simple_speaker_listener(), do_nothing), "'speaker_0', which can't move; .* listener_0"),
        (lambda: Flight(simple_spread(), Learner(simple_spread()), run=3), "run is 3; expected .* from 0 to 2"),
        (
            lambda: Flight(simple_spread(2), Learner(simple_spread())),
            r"partners learned in simple_spread, whose agents is .*'agent_2'\); expected",
        ),
        (
            lambda: Flight(simple_tag(), spread_out),
            "partners, spread out, in simple_tag: simple_tag has 4 agents and 2",
        ),
        (lambda: Flight(simple_spread(), wrong_shape), r"partners, wrong shape, in simple_spread: .* shape \(1, 2\)"),
        (lambda: Flight(simple_spread(), too_strong), "force x of 'agent_0' is 1.5; expected a number in"),
        (lambda: Flight(simple_spread(), spread_out, called=7), "called is 7; expected a text"),
        (lambda: Flight(simple_spread(), spread_out, seeds=2), "seeds is 2; expected 1"),
    ],
)
def test_bad_input_is_told_in_a_sentence(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    "force", [[2, 0], [0, -1.01], [1], [0, 0, 0], 1, None, "up", [np.nan, 0], [True, False], {"x": 1}, [[0, 0]]]
)
def test_a_wrong_force_changes_nothing(force):
    flight = Flight(simple_spread(), do_nothing)
    flight.choose([0, 1])
    with pytest.raises(ValueError, match=r"force on agent_0 is .*; expected two numbers from -1 to 1"):
        flight.choose(force)
    flight.advance(1)
    assert flight.frame()["force"][0].tolist() == [0, 1]


@given(forces)
def test_every_force_within_the_bounds_is_taken_as_it_is(force):
    assert checked_force("force", force).tolist() == list(force)


def test_forces_of_numbered_choices_are_among_those_that_can_be_chosen():
    for move in controls.MOVES:
        assert checked_force("force", move).tolist() == move.tolist()
