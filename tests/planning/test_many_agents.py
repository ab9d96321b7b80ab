"""Equilibria of three agents or more: closed forms, known games, theory, and honesty where it is not all."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marl_edu.games import matrix_game
from marl_edu.planning import equilibria, is_equilibrium


def points(found):
    return np.array(sorted(np.concatenate([table[0] for table in one.policies]).tolist() for one in found))


def better(table, agent):
    """What action 1 of an agent pays more than action 0, by the others' actions."""
    return np.diff(table, axis=agent).squeeze(axis=agent)


def two_by_two_by_two(tables):
    """All equilibria of a generic 2 x 2 x 2 game, as P(action 1) of the three, by formulas.

    Gains a + b q + c r + d q r of each agent: with one agent fixed they are linear; with all mixing, two of them give
    two probabilities in terms of the third, and the last equation is quadratic.
    """
    forms = []
    for i in range(3):
        g = better(tables[i], i)
        forms.append(
            np.array([[g[0, 0], g[0, 1] - g[0, 0]], [g[1, 0] - g[0, 0], g[0, 0] - g[0, 1] - g[1, 0] + g[1, 1]]])
        )
    candidates = [list(map(float, joint)) for joint in itertools.product((0, 1), repeat=3)]
    for fixed, action in itertools.product(range(3), (0, 1)):
        i, j = (k for k in range(3) if k != fixed)
        values = [0.0] * 3
        values[fixed] = float(action)
        for agent, other in ((i, j), (j, i)):  # agent is indifferent: fixes the other's probability
            form = forms[agent] if fixed > other else forms[agent].T  # rows: the other, columns: the fixed one
            constant, slope = form @ [1, action]
            values[other] = -constant / slope
        candidates.append(values)
    f, g, h = forms  # f(q, r), g(p, r), h(p, q)
    # q = -(f00 + f01 r) / (f10 + f11 r), p = -(g00 + g01 r) / (g10 + g11 r), into h, times both denominators
    q, q_below = np.poly1d([-f[0, 1], -f[0, 0]]), np.poly1d([f[1, 1], f[1, 0]])
    p, p_below = np.poly1d([-g[0, 1], -g[0, 0]]), np.poly1d([g[1, 1], g[1, 0]])
    last = p_below * q_below * h[0, 0] + p * q_below * h[1, 0] + q * p_below * h[0, 1] + p * q * h[1, 1]
    for r in last.roots:
        if abs(r.imag) < 1e-12:
            candidates.append([p(r.real) / p_below(r.real), q(r.real) / q_below(r.real), r.real])
    game = matrix_game(tables)
    inside = [one for one in candidates if min(one) >= 0 and max(one) <= 1]
    policies = [[[1 - one, one] for one in three] for three in inside]
    return np.array(sorted(np.ravel(one).tolist() for one in policies if is_equilibrium(game, one, 1e-9)))


@pytest.mark.parametrize("seed", range(60))
def test_2x2x2_by_formulas(seed):
    tables = np.random.default_rng(seed).normal(size=(3, 2, 2, 2))
    found = equilibria(matrix_game(tables))
    assert found.complete and not found.degenerate and len(found) % 2 == 1
    assert np.allclose(points(found), two_by_two_by_two(tables), atol=1e-7)


@pytest.mark.parametrize(("shape", "seeds"), [((2, 3, 2), 5), ((3, 2, 3), 3), ((2, 2, 2, 2), 5), ((3, 3, 3), 2)])
def test_larger_games_have_an_odd_number_and_all_are_equilibria(shape, seeds):
    for seed in range(seeds):
        game = matrix_game(np.random.default_rng(seed).normal(size=(len(shape), *shape)))
        found = equilibria(game)
        assert found.complete and len(found) % 2 == 1
        assert all(is_equilibrium(game, one.policies) for one in found)


@pytest.mark.parametrize("seed", range(8))
def test_two_agents_and_one_who_always_does_the_same_are_a_bimatrix_game(seed):
    pair = np.random.default_rng(seed).normal(size=(2, 3, 3))
    tables = np.zeros((3, 3, 3, 2))
    tables[:2, ..., 0] = pair
    tables[2, ..., 0] = 1
    found, expected = equilibria(matrix_game(tables)), equilibria(matrix_game(pair))
    assert found.complete and not found.degenerate
    assert np.allclose(points(found)[:, :6], points(expected), atol=1e-9)


def test_a_game_with_nine_equilibria():
    outcomes = {(0, 0, 0): (9, 8, 12), (1, 1, 0): (9, 8, 2), (1, 0, 1): (3, 4, 6), (0, 1, 1): (3, 4, 4)}
    tables = np.zeros((3, 2, 2, 2))
    for joint, paid in outcomes.items():
        tables[(slice(None), *joint)] = paid
    found = equilibria(matrix_game(tables))
    assert len(found) == 9 and found.complete and sum(one.pure for one in found) == 4
    assert all(is_equilibrium(matrix_game(tables), one.policies, 1e-12) for one in found)


@given(st.floats(0.1, 0.9), st.integers(3, 4))
def test_the_volunteers_dilemma(cost, n_agents):
    """Somebody must pay ``cost`` so that all get 1: everybody lets it be with probability cost^(1 / (N - 1))."""
    tables = np.zeros((n_agents, *[2] * n_agents))
    for joint in itertools.product((0, 1), repeat=n_agents):
        for i in range(n_agents):
            tables[(i, *joint)] = float(any(joint)) - cost * joint[i]
    found = equilibria(matrix_game(tables))
    assert found.complete and sum(one.pure for one in found) == n_agents
    together = [one for one in found if all(len(own) == 2 for own in one.support)]
    assert len(together) == 1
    assert np.allclose([table[0, 0] for table in together[0].policies], cost ** (1 / (n_agents - 1)), atol=1e-9)


@pytest.mark.parametrize("unit", [1e-9, 1e9])
def test_the_unit_of_payoffs_does_not_matter(unit):
    tables = np.random.default_rng(3).normal(size=(3, 2, 2, 2))
    assert np.allclose(
        points(equilibria(matrix_game(unit * tables))), points(equilibria(matrix_game(tables))), atol=1e-9
    )


def test_what_can_not_be_settled_is_said():
    found = equilibria(matrix_game(np.zeros((3, 2, 2, 2))))
    assert found.degenerate and not found.complete and "There may be more, even infinitely many: some" in found.words()
    assert "perhaps not all" in repr(found) and found.continuum is None
    large = equilibria(matrix_game(np.random.default_rng(0).normal(size=(3, 6, 6, 6))))
    assert not large.complete and large.continuum is None and "too large" in large.words()


@pytest.mark.parametrize("agent", range(3))
def test_where_an_agent_is_indifferent_whether_there_are_infinitely_many_is_not_known(agent):
    tables = np.random.default_rng(agent).normal(size=(3, 2, 2, 2))
    tables[agent] = 0  # whatever it does, the other two have an equilibrium
    found = equilibria(matrix_game(tables))
    assert found.continuum is None and not found.complete and "even infinitely many" in found.words()
    settled = equilibria(matrix_game(np.random.default_rng(agent).normal(size=(3, 2, 2, 2))))
    assert settled.continuum is False and "infinitely" not in settled.words()


def test_payoffs_that_rounding_blurs_are_said_with_many_agents_too():
    tables = np.random.default_rng(3).normal(size=(3, 2, 2, 2))
    tables[1] += 1e10
    found = equilibria(matrix_game(tables))
    assert not found.complete and "rounding" in found.reason and "agent 2" in found.reason


@given(st.integers(0, 10**6))
def test_games_of_few_integers_are_complete_or_said_to_be_degenerate(seed):
    game = matrix_game(np.random.default_rng(seed).integers(0, 3, size=(3, 2, 2, 2)))
    found = equilibria(game)
    assert found.complete or found.degenerate
    assert found.degenerate or len(found) % 2 == 1
    assert all(is_equilibrium(game, one.policies, 1e-8) for one in found)
