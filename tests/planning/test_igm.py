"""Individual-global-max, held against its definition."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marl_edu.games import MarkovGame, climbing, gridworld, two_step
from marl_edu.planning import igm

SHAPES = st.lists(st.integers(1, 3), min_size=1, max_size=3).map(tuple)


def tables(shape, seed, top=3):
    return np.random.default_rng(seed).integers(0, top, size=shape).astype(float)


def argmax_sets(values):
    return {tuple(place) for place in np.argwhere(values == values.max())}


@given(SHAPES, st.integers(0, 10**6))
def test_consistent_actions_are_found_exactly_where_individual_values_exist(shape, seed):
    """By trying all individual sets of best actions, which is all that individual values can say."""
    table = tables(shape, seed)
    best = argmax_sets(table)
    subsets = [[[a for a in range(n) if mask >> a & 1] for mask in range(1, 2**n)] for n in shape]
    possible = [tuple(map(tuple, sets)) for sets in product(*subsets) if set(product(*sets)) == best]
    assert [igm.consistent_actions(table)] == (possible or [None])
    assert (igm.stray_actions(table) == []) == bool(possible)
    for cell in igm.stray_actions(table):
        assert cell not in best and all(any(cell[i] == one[i] for one in best) for i in range(len(shape)))


@given(SHAPES, st.integers(0, 10**6))
def test_igm_and_its_half_are_those_of_the_definition(shape, seed):
    rng = np.random.default_rng(seed)
    joint = rng.integers(0, 2, size=(4, 2, *shape)).astype(float)
    own = [rng.integers(0, 2, size=(4, 2, count)).astype(float) for count in shape]
    found, half, greedy = igm.holds(joint, own), igm.greedy_is_best(joint, own), igm.greedy_joint(own)
    assert found.shape == half.shape == (4, 2) and greedy.shape == joint.shape
    for k, s in np.ndindex(4, 2):
        chosen = set(product(*(range(n) for n in shape)))
        chosen &= set(product(*([a for (a,) in argmax_sets(each[k, s])] for each in own)))
        best = argmax_sets(joint[k, s])
        assert {tuple(cell) for cell in np.argwhere(greedy[k, s])} == chosen
        assert found[k, s] == (chosen == best) and half[k, s] == (chosen <= best)


@pytest.mark.parametrize(("unit", "shift"), [(1e-9, 0), (1, 0), (1e9, 0), (1, 1e6)])
def test_the_tolerance_has_the_scale_of_the_values(unit, shift):
    table = shift + unit * np.array([[1, 0.5], [0.5, 1 - 1e-3]])
    assert igm.consistent_actions(table) == ((0,), (0,))
    assert igm.consistent_actions(table, 0.01) is None
    own = shift + unit * np.array([[1, 0.0, 0.5], [1, 1 - 1e-3, 0]])
    assert igm.greedy_joint(own).sum() == 1 and igm.greedy_joint(own, 0.01).sum() == 2


def test_rounding_of_single_precision_is_a_tie():
    values = np.array([0.1, 0.2, 0.3], dtype=np.float32)
    joint = values[:, np.newaxis] + values[::-1] - np.float32(0.05)
    joint[2, 0] = np.nextafter(joint[2, 0], np.float32(9))
    joint[0, 0] = joint[2, 0] = np.float32(0.6)
    joint[0, 0] += np.float32(6e-8)
    assert igm.best_joint(joint, 2).sum() == 2 and igm.best_joint(joint.astype(float), 2).sum() == 1


def test_missing_actions_are_cut_away_and_frames_of_many_seeds_are_taken():
    game = MarkovGame(
        np.ones((2, 3, 2, 2)) / 2, np.zeros((2, 2, 3, 2)), 0.5, observations=np.array([[0, 0], [1, 0]]), name="gaps"
    )
    q = np.full((5, 2, 2, 3), np.nan, dtype=np.float32)
    q[:, 0, 0], q[:, 1, :, :2] = [0, 2, 1], [[3, 0], [0, 4]]
    own = igm.in_each_state(q, game)
    assert own.shape == (5, 2, 2, 3)
    np.testing.assert_array_equal(own[0, :, 1], [[0, 4, np.nan], [3, 0, np.nan]])
    joint = own[:, :, 0, :, np.newaxis] + own[:, :, 1, np.newaxis, :2]
    assert igm.holds(joint, own).all() and igm.holds(joint, own).shape == (5, 2)
    joint[3, 1, 2, 0] = 99
    assert np.argwhere(~igm.holds(joint, own)).tolist() == [[3, 1]]


def test_sums_have_igm_in_every_state_of_a_game():
    game = two_step()
    rng = np.random.default_rng(3)
    q = rng.normal(size=(6, 2, max(game.n_observations), 2))
    own = igm.in_each_state(q, game)
    joint = own[:, :, 0, :, np.newaxis] + own[:, :, 1, np.newaxis, :]
    assert igm.holds(joint, own).all() and igm.greedy_is_best(joint, own).all()
    assert not igm.holds(-joint, own).any(), "a planted sign error"


def test_states_of_which_nothing_is_known_have_nothing_that_fails():
    """The end of an episode; but a single gap in a table is an error."""
    own = np.array([[[0.0, 1], [2, 0]], [[np.nan] * 2] * 2])
    joint = own[:, 0, :, np.newaxis] + own[:, 1, np.newaxis]
    assert igm.holds(joint, own).tolist() == igm.greedy_is_best(joint, own).tolist() == [True, True]
    joint[0, 0, 0] = np.nan
    with pytest.raises(ValueError, match="expected a table of finite numbers"):
        igm.holds(joint, own)
    with pytest.raises(ValueError, match=r"agent 1 .* at least one in each state"):
        igm.greedy_joint(own)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: igm.consistent_actions([[1, np.nan]]), "expected a table of finite numbers"),
        (lambda: igm.consistent_actions(2.0), "expected a table of finite numbers"),
        (lambda: igm.consistent_actions([[1, 2]], 2), "tolerance is 2"),
        (lambda: igm.holds(np.zeros((2, 2)), np.zeros((2, 3))), "agent 1 values of shape"),
        (lambda: igm.holds(np.zeros((5, 2, 2)), np.zeros((4, 2, 2))), "expected joint values of shape"),
        (lambda: igm.holds(np.zeros((2, 2)), [np.zeros(2), [np.nan, np.nan]]), "agent 2 .* at least one in each state"),
        (lambda: igm.greedy_joint([[1, np.inf], [0, 0]]), "expected finite numbers"),
        (lambda: igm.greedy_joint(3), r"individual is 3|individual.*expected"),
        (lambda: igm.greedy_joint([]), "expected"),
        (lambda: igm.greedy_joint(np.zeros(3)), "expected"),
        (lambda: igm.best_joint(np.zeros((2, 2)), 3), "n_agents is 3"),
        (lambda: igm.in_each_state(np.zeros((3, 1, 3)), climbing()), "2 agents"),
        (lambda: igm.in_each_state(np.zeros((2, 1, 5)), gridworld(["A1", "B2"])), "or more observations"),
        (lambda: igm.in_each_state(np.zeros((2, 1, 3)), None), "expected a MarkovGame"),
    ],
)
def test_bad_input(make, words):
    with pytest.raises(ValueError, match=words):
        make()
