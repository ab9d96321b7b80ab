"""Correlated equilibria and security levels, held against published numbers and against what they contain."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marl_edu.games import chicken, matching_pennies, matrix_game, prisoners_dilemma, random_game, rock_paper_scissors
from marl_edu.planning import (
    correlated_equilibrium,
    deviation_gains,
    equilibria,
    is_correlated_equilibrium,
    minimax,
    payoff_tables,
    shapley,
    solve_stage,
)

SHAPES = st.lists(st.integers(1, 3), min_size=2, max_size=3)


def best_gains_by_hand(game, joint, coarse):
    """All deviation plans of one agent, written out."""
    gains = []
    for i, table in enumerate(payoff_tables(game)):
        told, paid = np.moveaxis(joint, i, 0), np.moveaxis(table, i, 0)
        gain = lambda a, b: float((told[a] * (paid[b] - paid[a])).sum())  # noqa: B023, E731
        actions = range(len(told))
        if coarse:
            gains.append(max(0.0, *(sum(gain(a, b) for a in actions) for b in actions)))
        else:
            gains.append(sum(max(gain(a, b) for b in actions) for a in actions))
    return gains


def test_chicken_in_aumann():
    best = correlated_equilibrium(chicken())
    assert np.allclose(best.joint, [[0.5, 0.25], [0.25, 0]]) and np.isclose(best.value, 10.5)
    third = np.array([[1, 1], [1, 0]]) / 3
    assert is_correlated_equilibrium(chicken(), third)
    assert not is_correlated_equilibrium(chicken(), [[0.6, 0.2], [0.2, 0]])
    assert not is_correlated_equilibrium(chicken(), [[1, 0], [0, 0]])


@settings(max_examples=40)
@given(SHAPES, st.integers(0, 10**6), st.booleans(), st.sampled_from(["welfare", "fairness", "weights"]))
def test_the_best_one_is_one_and_the_best(shape, seed, coarse, objective):
    rng = np.random.default_rng(seed)
    game = random_game(len(shape), 1, shape, rng, discount=0)
    weights = rng.normal(size=len(shape))
    measure = {"welfare": np.sum, "fairness": np.min, "weights": lambda paid: weights @ paid}[objective]
    best = correlated_equilibrium(game, weights if objective == "weights" else objective, coarse=coarse)
    assert best.joint.shape == tuple(shape) and np.isclose(best.joint.sum(), 1) and best.joint.min() >= 0
    assert is_correlated_equilibrium(game, best.joint, coarse=coarse)
    assert np.isclose(best.value, measure(best.payoffs))
    assert np.allclose(best.payoffs, [(table * best.joint).sum() for table in payoff_tables(game)])
    for one in equilibria(game):
        assert measure(one.payoffs) <= best.value + 1e-8
    if not coarse:
        wider = correlated_equilibrium(game, weights if objective == "weights" else objective, coarse=True)
        assert wider.value >= best.value - 1e-8


@given(SHAPES, st.integers(0, 10**6), st.booleans())
def test_gains_are_those_of_all_deviations(shape, seed, coarse):
    rng = np.random.default_rng(seed)
    game = random_game(len(shape), 1, shape, rng, discount=0)
    joint = rng.dirichlet(np.ones(int(np.prod(shape)))).reshape(shape)
    gains = deviation_gains(game, joint, coarse=coarse)
    assert np.allclose(gains, best_gains_by_hand(game, joint, coarse))
    assert (deviation_gains(game, joint, coarse=True) <= deviation_gains(game, joint) + 1e-12).all()


@given(st.integers(0, 10**6))
def test_every_nash_equilibrium_is_a_correlated_one(seed):
    game = matrix_game(np.random.default_rng(seed).integers(0, 4, size=(2, 3, 3)))
    for one in equilibria(game):
        x, y = (table[0] for table in one.policies)
        assert is_correlated_equilibrium(game, np.outer(x, y))


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e9])
def test_the_unit_of_payoffs_does_not_matter(unit):
    game = chicken()
    scaled = matrix_game(unit * payoff_tables(game))
    assert np.allclose(correlated_equilibrium(scaled).joint, correlated_equilibrium(game).joint)
    assert np.isclose(minimax(scaled, 0).value, 2 * unit)


def test_a_coarse_one_need_not_be_a_correlated_one():
    """Moulin & Vial 1978: in their variant of rock, paper, scissors never tying is coarse, and better than Nash."""
    own = np.array([[0, 2, 1], [1, 0, 2], [2, 1, 0]], dtype=float)
    game = matrix_game([own, own.T])
    never_tied = (np.ones((3, 3)) - np.eye(3)) / 6
    assert is_correlated_equilibrium(game, never_tied, coarse=True)
    assert np.isclose((own * never_tied).sum(), 1.5) and np.isclose(equilibria(game)[0].payoffs[0], 1)


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 5), st.integers(1, 5))
def test_minimax_of_a_zero_sum_game_is_its_value(seed, rows, columns):
    payoffs = np.random.default_rng(seed).normal(size=(rows, columns))
    game = matrix_game([payoffs, -payoffs])
    for agent, sign in ((0, 1), (1, -1)):
        secured = minimax(game, agent)
        assert np.isclose(secured.value, sign * solve_stage(payoffs).value)
        assert np.isclose(secured.value, sign * shapley(game.replace(discount=0)).value)


@settings(max_examples=40)
@given(SHAPES, st.integers(0, 10**6))
def test_security_levels_are_secured_and_no_equilibrium_pays_less(shape, seed):
    game = random_game(len(shape), 1, shape, seed, discount=0)
    for agent, table in enumerate(payoff_tables(game)):
        secured = minimax(game, agent)
        paid = np.moveaxis(table, agent, 0)
        assert np.isclose(np.tensordot(secured.policy, paid, 1).min(), secured.value)
        assert secured.against.shape == paid.shape[1:] and np.isclose(secured.against.sum(), 1)
        assert np.isclose((paid * secured.against).reshape(len(paid), -1).sum(axis=1).max(), secured.value)
        assert all(one.payoffs[agent] >= secured.value - 1e-9 for one in equilibria(game))


def test_games_of_the_course():
    assert minimax(matching_pennies(), "agent 2").policy.tolist() == [0.5, 0.5]
    assert np.allclose(minimax(rock_paper_scissors(), 0).policy, 1 / 3)
    assert correlated_equilibrium(prisoners_dilemma()).joint.round(9).tolist() == [[0, 0], [0, 1]]


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda game: correlated_equilibrium(game, "best"), "objective is 'best'"),
        (lambda game: correlated_equilibrium(game, [1, 2, 3]), "expected 'welfare', 'fairness' or 2 weights"),
        (lambda game: correlated_equilibrium(game, [1, np.nan]), r"objective\[1\] is nan"),
        (lambda game: correlated_equilibrium(game, coarse=1), "coarse is 1"),
        (lambda game: is_correlated_equilibrium(game, [[1, 0]]), r"joint has shape \(1, 2\); expected \(2, 2\)"),
        (lambda game: deviation_gains(game, [[1, 1], [0, 0]]), "sums to 2; expected probabilities"),
        (lambda game: minimax(game, 5), "agent is 5"),
        (lambda game: minimax(random_game(2, 2, 2, 0), 0), "2 states; expected a matrix game"),
    ],
)
def test_bad_input_is_told_so(ask, words):
    with pytest.raises(ValueError, match=words):
        ask(chicken())
