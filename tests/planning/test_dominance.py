"""Dominated actions, elimination and the choice among equilibria, held against the definitions and the books."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from quantecon.game_theory import Player

from marl_edu.games import chicken, matching_pennies, matrix_game, prisoners_dilemma, random_game, stag_hunt
from marl_edu.planning import (
    dominated_actions,
    equilibria,
    iterated_elimination,
    pareto_front,
    payoff_dominant,
    payoff_tables,
    risk_dominant,
)

SHAPES = st.tuples(st.integers(1, 4), st.integers(1, 4))


@given(SHAPES, st.integers(0, 10**6))
def test_strictly_dominated_actions_are_those_that_quantecon_finds(shape, seed):
    first = np.random.default_rng(seed).integers(0, 4, size=shape).astype(float)
    game = matrix_game([first, np.zeros(shape)])
    assert [one.action for one in dominated_actions(game, 0)] == sorted(Player(first).dominated_actions())


@given(SHAPES, st.integers(0, 10**6), st.sampled_from([1e-9, 1.0, 1e9]))
def test_what_dominates_does(shape, seed, unit):
    game = matrix_game(unit * np.random.default_rng(seed).integers(0, 3, size=(2, *shape)))
    table, size = payoff_tables(game)[0], unit
    strict, weak = dominated_actions(game, 0), dominated_actions(game, 0, weakly=True)
    assert {one.action for one in strict} <= {one.action for one in weak}
    for one in strict:
        more = one.by @ table - table[one.action]
        assert more.min() > 1e-7 * size and np.isclose(more.min(), one.margin) and np.isclose(one.by.sum(), 1)
    for one in weak:
        more = one.by @ table - table[one.action]
        assert more.min() >= -1e-9 * size and np.isclose(more.max(), one.margin) and more.max() > 1e-7 * size
    pure = {
        a
        for a in range(shape[0])
        for b in range(shape[0])
        if (table[b] >= table[a]).all() and (table[b] > table[a]).any()
    }
    assert pure <= {one.action for one in weak}
    assert len(weak) < shape[0]


@settings(max_examples=50)
@given(SHAPES, st.integers(0, 10**6))
def test_elimination_loses_no_equilibrium(shape, seed):
    game = matrix_game(np.random.default_rng(seed).integers(0, 3, size=(2, *shape)))
    done = iterated_elimination(game)
    for one in equilibria(game):
        assert all(set(own) <= set(left) for own, left in zip(one.support, done.remaining, strict=True))
    gone = [(one.agent, one.action) for found in done.rounds for one in found]
    assert len(gone) == len(set(gone)) == sum(shape) - sum(map(len, done.remaining))
    small = matrix_game(payoff_tables(game)[np.ix_([0, 1], *done.remaining)])
    assert not dominated_actions(small, 0) and not dominated_actions(small, 1)


def test_iterated_elimination_solves_a_game_in_rounds():
    """B is dominated by half T and half M, though by neither alone; with the second game one thing leads to another."""
    game = matrix_game([[[3, 0], [0, 3], [1, 1]], [[0, 0], [0, 0], [5, 0]]], actions=[["T", "M", "B"], ["L", "R"]])
    done = iterated_elimination(game)
    assert [(one.agent, one.action, one.by.tolist()) for one in done.rounds[0]] == [(0, 2, [0.5, 0.5, 0.0])]
    gibbons = matrix_game([[[1, 1, 0], [0, 0, 2]], [[0, 2, 1], [3, 1, 0]]])  # R. Gibbons 1992, section 1.1.B
    solved = iterated_elimination(gibbons)
    assert [[(one.agent, one.action) for one in found] for found in solved.rounds] == [[(1, 2)], [(0, 1)], [(1, 0)]]
    assert solved.solved and solved.remaining == ((0,), (1,))
    pd = iterated_elimination(prisoners_dilemma())
    assert pd.solved and pd.remaining == ((1,), (1,)) and not iterated_elimination(matching_pennies()).rounds


def test_three_agents():
    rng = np.random.default_rng(0)
    tables = rng.random((3, 2, 2, 2))
    tables[2, :, :, 0] += 2
    game = matrix_game(tables)
    assert [one.action for one in dominated_actions(game, 2)] == [1]
    assert iterated_elimination(game).remaining[2] == (0,)
    with pytest.raises(ValueError, match="agent is 3"):
        dominated_actions(game, 3)
    with pytest.raises(ValueError, match="weakly is 'yes'"):
        iterated_elimination(game, weakly="yes")


def test_risk_dominance_in_the_stag_hunt_depends_on_the_half():
    """Stag pays s or 0, hare pays 1 for sure: stag is risk-dominant exactly from s = 2."""
    for s, dominant in ((1.5, (1, 1)), (2.0, None), (3.0, (0, 0))):
        own = np.array([[s, 0], [1, 1]])
        found = risk_dominant(matrix_game([own, own.T]))
        assert found.dominant == dominant and found.tie == (dominant is None)
        assert np.allclose(found.products, [(s - 1) ** 2, 1])
    assert risk_dominant(chicken()).tie and risk_dominant(chicken()).equilibria == ((0, 1), (1, 0))
    assert risk_dominant(stag_hunt()).tie


@given(st.integers(0, 10**6))
def test_risk_dominant_means_best_against_half_and_half_in_symmetric_games(seed):
    own = np.random.default_rng(seed).normal(size=(2, 2))
    own[0, 0], own[1, 1] = own[1, 0] + abs(own[0, 0]) + 0.01, own[0, 1] + abs(own[1, 1]) + 0.01
    best = int(own.mean(axis=1).argmax())
    found = risk_dominant(matrix_game([own, own.T]))
    if not found.tie:
        assert found.dominant == (best, best)


def test_risk_dominance_is_asked_only_where_it_is_defined():
    with pytest.raises(ValueError, match="1 strict equilibria; expected two"):
        risk_dominant(prisoners_dilemma())
    with pytest.raises(ValueError, match="has 3 x 3 actions; expected 2 x 2"):
        risk_dominant(random_game(2, 1, 3, 0))


def test_payoff_dominance():
    assert payoff_dominant(stag_hunt()).support == ((0,), (0,))
    assert payoff_dominant(chicken()) is None and payoff_dominant(matrix_game(np.ones((2, 2)))) is None
    assert payoff_dominant(matching_pennies()) is not None  # the only one there is
    with pytest.raises(ValueError, match="may have more equilibria"):
        payoff_dominant(matrix_game(np.zeros((3, 2, 2, 2))))


@given(st.integers(1, 3), st.integers(1, 12), st.integers(0, 10**6))
def test_pareto_front_is_the_definition(n_agents, count, seed):
    points = np.random.default_rng(seed).integers(0, 4, size=(count, n_agents)).astype(float)
    front = pareto_front(points)
    for k, one in enumerate(points):
        beaten = any((other >= one).all() and (other > one).any() for other in points)
        assert front[k] == (not beaten)
    assert front.any()


def test_bad_payoffs():
    with pytest.raises(ValueError, match=r"payoffs has shape \(3,\)"):
        pareto_front([1, 2, 3])
    with pytest.raises(ValueError, match="payoffs"):
        pareto_front([[1, np.nan]])
