"""A Markov game: both faces are the same game, samples follow the model, and bad input is named."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marl_edu.games import MarkovGame, Successors, climbing, gridworld, matrix_game, random_game


@st.composite
def games(draw, **fixed):
    n_agents = draw(st.integers(1, 3))
    n_states = draw(st.integers(1, 5))
    return random_game(
        n_agents,
        n_states,
        draw(st.lists(st.integers(1, 3), min_size=n_agents, max_size=n_agents)),
        draw(st.integers(0, 2**32)),
        n_successors=draw(st.integers(1, n_states)),
        n_terminal=draw(st.integers(0, n_states - 1)),
        cooperative=draw(st.booleans()),
        **fixed,
    )


def two_states(**changes):
    """A game of two agents, two states and 2 x 1 actions, with some fields replaced."""
    fields = {
        "transitions": np.full((2, 2, 1, 2), 0.5),
        "rewards": np.arange(8.0).reshape(2, 2, 2, 1),
        "discount": 0.9,
    }
    return MarkovGame(**(fields | changes))


@given(games())
def test_dense_and_compact_faces_give_the_same_game(game):
    again = MarkovGame(game.transitions, game.rewards, game.discount, start=game.start, terminal=game.terminal)
    assert np.allclose(again.successors.dense(game.n_states), game.successors.dense(game.n_states))
    assert (again.rewards == game.rewards).all() and again.setting == game.setting
    assert np.allclose(game.transitions.sum(axis=-1), 1)
    assert game.transitions.shape == (game.n_states, *game.n_actions, game.n_states)


@given(games())
def test_a_game_survives_pickling_copying_and_replacing(game):
    for twin in (pickle.loads(pickle.dumps(game)), copy.deepcopy(game), game.replace(), game.replace(discount=0.5)):
        assert np.array_equal(twin.successors.states, game.successors.states)
        assert np.array_equal(twin.successors.probabilities, game.successors.probabilities)
        assert np.array_equal(twin.rewards, game.rewards) and np.array_equal(twin.terminal, game.terminal)
        assert (twin.agents, twin.states, twin.actions) == (game.agents, game.states, game.actions)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=10)
def test_samples_have_the_frequencies_of_the_model(seed):
    game = random_game(2, 4, (2, 3), seed)
    rng = np.random.default_rng(seed)
    state, joint_action = int(rng.integers(4)), (int(rng.integers(2)), int(rng.integers(3)))
    n = 2000
    count = np.zeros(4)
    for _ in range(n):
        successor, rewards = game.sample(state, joint_action, rng)
        count[successor] += 1
        assert (rewards == game.rewards[:, state, *joint_action]).all()
    expected = game.transitions[state, *joint_action]
    assert (np.abs(count / n - expected) < 5 * np.sqrt(expected * (1 - expected) / n) + 1e-9).all()


def test_rewards_may_depend_on_the_successor():
    transitions = [[[[0.25, 0.75]]], [[[0, 1]]]]
    rewards = np.zeros((2, 2, 1, 1, 2))
    rewards[:, 0, 0, 0] = [[8, 0], [0, 4]]
    game = MarkovGame(transitions, rewards)
    assert game.rewards[:, 0, 0, 0].tolist() == [2, 3]
    rng = np.random.default_rng(0)
    seen = {(successor, tuple(paid)) for successor, paid in (game.sample(0, (0, 0), rng) for _ in range(50))}
    assert seen == {(0, (8.0, 0.0)), (1, (0.0, 4.0))}


def test_sampling_leaves_the_generator_alone_where_nothing_is_random():
    rng = np.random.default_rng(1)
    climbing().sample(0, (1, 1), rng)
    assert rng.random() == np.random.default_rng(1).random()


def test_setting_is_computed():
    assert matrix_game([[1, 2]]).setting == "cooperative"
    assert matrix_game([[[1, 2]], [[-1, -2]]]).setting == "zero-sum"
    assert matrix_game([[[1, 2]], [[1, 3]]]).setting == "general-sum"


def test_setting_looks_at_random_rewards_and_not_only_at_their_means():
    outcomes = Successors.from_outcomes([[(0.5, 0, (1, 0)), (0.5, 0, (0, 1))]])
    game = MarkovGame(outcomes, [[[[0.5]]], [[[0.5]]]])
    assert game.setting == "general-sum"


def test_names_are_understood_wherever_numbers_are():
    game = two_states(states=["here", "there"], start="there")
    assert game.start.tolist() == [0, 1]
    assert game.agent_index("agent 2") == game.agent_index(1) == 1
    absorbing = np.array([[[[0.5, 0.5]], [[0.5, 0.5]]], [[[0, 1]], [[0, 1]]]])
    rewards = np.zeros((2, 2, 2, 1))
    assert two_states(
        transitions=absorbing, rewards=rewards, states=["here", "there"], terminal=["there"]
    ).terminal.tolist() == [False, True]


def test_a_game_is_read_only():
    game = two_states()
    with pytest.raises(AttributeError):
        game.discount = 0.5
    for table in (game.rewards, game.transitions, game.start, game.terminal, game.observations):
        with pytest.raises(ValueError, match="read-only"):
            table[...] = 0


def test_a_game_keeps_no_hold_on_the_callers_arrays():
    rewards = np.zeros((2, 2, 2, 1))
    game = two_states(rewards=rewards)
    rewards[:] = 9
    assert not game.rewards.any()


def nan_at(shape, index):
    table = np.zeros(shape)
    table[index] = np.nan
    return table


def half_row():
    table = np.full((2, 2, 1, 2), 0.5)
    table[1, 0, 0] = [0.5, 0.1]
    return table


BAD_FIELDS = [
    ({"discount": 1.1}, r"discount is 1.1; expected a finite number in \[0, 1\]"),
    ({"discount": float("nan")}, "discount is nan; expected a finite number"),
    ({"discount": "0.9"}, "discount is '0.9'; expected a finite number"),
    ({"discount": True}, "discount is True; expected a finite number"),
    ({"transitions": half_row()}, r"transitions\[state 1, joint action \(0, 0\)\] sums to 0.6; expected 1"),
    ({"transitions": -half_row()}, r"transitions\[state 0, joint action \(0, 0\)\]\[0\] is -0.5; expected >= 0"),
    ({"transitions": np.ones((2, 2, 1, 3))}, r"transitions has shape \(2, 2, 1, 3\); expected"),
    ({"transitions": [0.5, 0.5]}, r"transitions has shape \(2,\); expected"),
    ({"transitions": [[1, 2], [3]]}, "transitions can't be read as a table of numbers"),
    ({"rewards": nan_at((2, 2, 2, 1), (1, 0, 1, 0))}, r"rewards\[1, 0, 1, 0\] is nan; expected a finite number"),
    ({"rewards": np.zeros((2, 2, 2))}, r"rewards has shape \(2, 2, 2\); expected .* = \(2, 2, 2, 1\)"),
    ({"rewards": np.zeros((3, 2, 2, 1))}, r"rewards has shape \(3, 2, 2, 1\); expected"),
    ({"start": [0.5, 0.6]}, "start sums to 1.1"),
    ({"start": [1.5, -0.5]}, "start sums to 1 with least entry -0.5"),
    ({"start": [1.0]}, r"start has shape \(1,\); expected \(2,\)"),
    ({"start": 2}, "start is 2; expected a whole number from 0 to 1"),
    ({"start": "s3"}, "start is 's3'.*; expected one of 's0', 's1'"),
    ({"terminal": [0]}, "terminal state 's0' leads elsewhere or pays a reward"),
    ({"terminal": [7]}, "terminal state is 7; expected a whole number from 0 to 1"),
    ({"terminal": [True]}, r"terminal has shape \(1,\); expected \(2,\)"),
    ({"agents": ["Ann"]}, "agents has 1 names; expected 2"),
    ({"agents": ["Ann", "Ann"]}, "agents has the name 'Ann' twice"),
    ({"agents": "AB"}, "agents is 'AB'; expected a list of 2 names"),
    ({"states": ["one"]}, "states has 1 names; expected 2"),
    ({"actions": [["up", "down"]]}, "actions has 1 lists; expected one for each of 2 agents"),
    ({"actions": [["up", "down"], ["up", "down"]]}, r"actions\[1\] has 2 names; expected 1"),
    ({"observations": np.zeros((2, 3), dtype=int)}, r"observations has shape \(2, 3\)"),
    ({"observations": np.zeros((2, 2))}, "observations has shape .* of float64; expected whole numbers"),
    ({"observations": np.full((2, 2), -1)}, "observations has the entry -1; expected numbers from 0"),
    ({"horizon": 0}, "horizon is 0; expected a whole number from 1 to 1000000000"),
    ({"observations": [[10**12, 0], [0, 0]]}, "observations has the entry 1000000000000; expected numbers below 65536"),
    ({"observations": [[0, 1], [0]]}, "observations can't be read as a table of numbers"),
    ({"transitions": np.full((2, 2, 1, 2), 0.5 + 0j)}, "transitions can't be read .*: it holds complex numbers"),
    ({"transitions": np.full((2, 2, 1, 2), "0.5")}, "transitions can't be read .*: it holds text"),
    ({"rewards": np.ma.zeros((2, 2, 2, 1))}, "rewards is a masked array; expected a table without gaps"),
    ({"rewards": np.full((2, 2, 2, 1), -1e101)}, r"rewards\[0, 0, 0, 0\] is -1e\+101; expected at most 1e\+100"),
    ({"start": [1, [2, 3]]}, r"start can't be read as a table of numbers \(rows of unequal length\?\)"),
    ({"start": {}}, "start can't be read as a table of numbers"),
    ({"terminal": [0, [1, 0]]}, r"terminal state is \[1, 0\]; expected a whole number|leads elsewhere"),
    ({"agents": [1, [2, 3]]}, r"agents\[1\] is \[2, 3\]; expected a name"),
    ({"actions": ["a", ["b"]]}, r"actions\[0\]\[1\] is \['b'\]; expected a name"),
    ({"horizon": 2**64}, "horizon is 18446744073709551616; expected a whole number from 1 to 1000000000"),
    ({"horizon": 2.5}, "horizon is 2.5; expected a whole number"),
]


@pytest.mark.parametrize(("changes", "message"), BAD_FIELDS, ids=[str(next(iter(c))) for c, _ in BAD_FIELDS])
def test_bad_fields_are_named_with_what_was_found_and_expected(changes, message):
    with pytest.raises(ValueError, match=message):
        two_states(**changes)


BAD_SUCCESSORS = [
    (
        Successors(np.array([0, 1]), np.array([0]), np.array([0.9])),
        "state 0, joint action .0, 0. sum to 0.9; expected 1",
    ),
    (Successors(np.array([0, 1]), np.array([3]), np.array([1.0])), "successors.states go from 3 to 3; expected 0 to 0"),
    (
        Successors(np.array([0, 2]), np.array([0, 0]), np.array([1.5, -0.5])),
        r"probabilities\[1\] is -0.5; expected >= 0",
    ),
    (Successors(np.array([0, 0, 1]), np.array([0]), np.array([1.0])), r"successors.offsets has shape \(3,\)"),
    (Successors(np.array([0, 0]), np.array([0]), np.array([1.0])), "needs at least one outcome"),
    (
        Successors(np.array([0, 1]), np.array([0]), np.array([1.0]), np.array([[5.0], [5.0]])),
        "rewards differs from the mean of successors.rewards",
    ),
    (
        Successors(np.array([0, 1]), np.array([0]), np.array([1.0]), np.array([[5.0]])),
        r"successors.rewards has shape \(1, 1\); expected \(2, 1\)",
    ),
]


@pytest.mark.parametrize(("successors", "message"), BAD_SUCCESSORS)
def test_bad_compact_faces_are_named(successors, message):
    with pytest.raises(ValueError, match=message):
        MarkovGame(successors, np.ones((2, 1, 1, 1)))


def test_bad_use_is_named():
    game = two_states()
    with pytest.raises(ValueError, match=r"agent is 'agent 3' \(did you mean"):
        game.agent_index("agent 3")
    with pytest.raises(ValueError, match=r"joint_action\[1\] is 1; expected a whole number from 0 to 0"):
        game.sample(0, (0, 1), np.random.default_rng(0))
    for ragged in ([1, [2, 3]], np.array(3), {0: 1, 1: 2}, "ab", 3, None):
        with pytest.raises(ValueError, match=r"joint_action(\[1\])? is .*; expected"):
            game.joint_index(ragged)
    with pytest.raises(ValueError, match=r"rng is 3; expected a numpy.random.Generator"):
        game.sample(0, (0, 0), 3)
    with pytest.raises(ValueError, match="state is 2; expected a whole number from 0 to 1"):
        game.sample(2, (0, 0), np.random.default_rng(0))
    with pytest.raises(ValueError, match="unknown field 'discuont'"):
        game.replace(discuont=0.5)
    with pytest.raises(ValueError, match="new transitions need new rewards"):
        game.replace(transitions=game.transitions)


def test_one_of_a_kind_is_told_in_the_singular():
    assert repr(random_game(1, 1, 1, 0)).startswith("MarkovGame('random game': 1 agent, 1 state, 1 action, ")


def test_observations_may_have_gaps():
    assert two_states(observations=[[40_000, 7], [0, 0]]).n_observations == (40_001, 1)


def test_a_dense_table_that_would_not_fit_is_refused():
    game = gridworld(["1....", ".....", "..2..", ".....", "B.3AC"])
    with pytest.raises(ValueError, match="too large to write out; use"):
        _ = game.transitions
