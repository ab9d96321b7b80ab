"""Random games keep what their arguments promise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marl_edu.games import random_game


@given(st.integers(0, 2**32), st.integers(1, 6), st.data())
def test_promises_are_kept(seed, n_states, data):
    n_successors = data.draw(st.integers(1, n_states))
    n_terminal = data.draw(st.integers(0, n_states - 1))
    game = random_game(2, n_states, (2, 3), seed, n_successors=n_successors, n_terminal=n_terminal, discount=0.8)
    assert game.n_actions == (2, 3) and game.discount == 0.8
    assert game.terminal.sum() == n_terminal and not game.start[game.terminal].any()
    pairs = np.repeat(np.arange(n_states * 6), np.diff(game.successors.offsets))
    live = ~game.terminal[pairs // 6]
    outcomes = {(pair, state) for pair, state in zip(pairs[live], game.successors.states[live], strict=True)}
    assert len(outcomes) == (n_states - n_terminal) * 6 * n_successors, "successors of a pair must differ"
    assert np.abs(game.rewards).max() <= 1


@given(st.integers(0, 2**32), st.integers(2, 4))
def test_settings(seed, n_agents):
    assert random_game(n_agents, 3, 2, seed, cooperative=True).setting == "cooperative"
    assert random_game(n_agents, 3, 2, seed, zero_sum=True).setting == "zero-sum"
    assert random_game(n_agents, 3, 2, seed).setting == "general-sum"


def test_every_set_of_successors_is_equally_likely():
    game = random_game(1, 4, 3000, rng=0, n_successors=2)
    sets, counts = np.unique(game.successors.states.reshape(-1, 2), axis=0, return_counts=True)
    assert sets.tolist() == [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]
    assert (np.abs(counts / counts.sum() - 1 / 6) < 0.02).all()


def test_a_seed_gives_the_same_game_and_a_generator_goes_on():
    assert (random_game(2, 3, 2, 7).rewards == random_game(2, 3, 2, np.random.default_rng(7)).rewards).all()
    rng = np.random.default_rng(7)
    assert (random_game(2, 3, 2, rng).rewards != random_game(2, 3, 2, rng).rewards).any()


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((0, 3, 2, 0), {}, "n_agents is 0; expected a whole number from 1 to 30"),
        ((2, 0, 2, 0), {}, "n_states is 0"),
        ((2, 3, 0, 0), {}, "n_actions is 0"),
        ((2, 3, (2, 2, 2), 0), {}, "n_actions has 3 entries; expected"),
        ((2, 3, (2, "x"), 0), {}, r"n_actions\[1\] is 'x'"),
        ((2, 3, [1, [2, 3]], 0), {}, r"n_actions\[1\] is \[2, 3\]; expected a whole number"),
        ((2, 10**6, 10, 0), {}, "a table of 100000000000000 numbers; expected at most 16,777,216"),
        ((30, 2, 2, 0), {}, "30 agents, 2 states, 1073741824 joint actions.*expected at most"),
        ((10**30, 2, 2, 0), {}, "n_agents is 10{30}; expected a whole number from 1 to 30"),
        ((2, 10**30, 2, 0), {}, r"n_states is 10{30}; expected a whole number from 1 up, below 2\*\*63"),
        ((2, 10**5000, 2, 0), {}, "n_states is a number of 5001 digits"),
        ((2, 3, 2, 0), {"cooperative": "x"}, "cooperative is 'x'; expected True or False"),
        ((2, 3, 2, None), {}, "rng is None; expected a whole number"),
        ((2, 3, 2, -1), {}, "rng is -1"),
        ((2, 3, 2, 0), {"n_successors": 4}, "n_successors is 4; expected a whole number from 1 to 3"),
        ((2, 3, 2, 0), {"n_terminal": 3}, "n_terminal is 3; expected a whole number from 0 to 2"),
        ((2, 3, 2, 0), {"discount": -1}, "discount is -1"),
        ((2, 3, 2, 0), {"cooperative": True, "zero_sum": True}, "expected at most one"),
        ((1, 3, 2, 0), {"zero_sum": True}, "zero_sum is True with 1 agent"),
    ],
)
def test_bad_input_is_named(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        random_game(*arguments, **options)
