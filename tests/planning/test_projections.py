"""Nearest additive and monotone tables: conditions of optimality, brute force, scipy, and published tables."""

from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize, nnls

from marl_edu.games import climbing, penalty, qtran_matrix, two_step
from marl_edu.planning import additive_projection, is_monotonic, isotonic_fit, monotonic_projection
from marl_edu.planning.igm import greedy_is_best, greedy_joint, holds
from marl_edu.planning.isotonic import upper_sets

SHAPES = st.lists(st.integers(1, 4), min_size=1, max_size=4).filter(lambda shape: np.prod(shape) <= 27)
SMALL = st.sampled_from([(2, 2), (2, 3), (3, 3), (2, 2, 2), (4,), (1, 3)])
QTRAN = np.array([[8, -12, -12], [-12, 0, 0], [-12, 0, 0]])


def numbers(shape, seed, kind="normal"):
    """Random payoffs and weights; whole numbers have many ties."""
    rng = np.random.default_rng(seed)
    payoffs = rng.normal(size=shape) if kind == "normal" else rng.integers(-2, 3, size=shape).astype(float)
    return payoffs, rng.uniform(0.1, 3, size=shape)


def orders_of(shape, seed):
    rng = np.random.default_rng(seed)
    return [rng.permutation(count).tolist() for count in shape]


def rises(table, orders):
    ordered = table[np.ix_(*orders)]
    return all((np.diff(ordered, axis=i) >= -1e-12).all() for i in range(table.ndim))


def upper_sets_by_definition(shape):
    """Of all sets of cells, those that hold all cells above any of theirs."""
    cells = list(np.ndindex(*shape))
    found = set()
    for chosen in product([False, True], repeat=len(cells)):
        inside = {cell for cell, taken in zip(cells, chosen, strict=True) if taken}
        above = {b for a in inside for b in cells if all(x <= y for x, y in zip(a, b, strict=True))}
        if above == inside:
            found.add(chosen)
    return found


@pytest.mark.parametrize("shape", [(3,), (2, 2), (3, 3), (2, 2, 2), (2, 4), (3, 2, 2)])
def test_upper_sets_are_those_of_the_definition(shape):
    found = [tuple(row > 0) for row in upper_sets(shape)]
    assert len(found) == len(set(found)) and set(found) == upper_sets_by_definition(shape)


@given(SHAPES, st.integers(0, 10**6), st.sampled_from(["normal", "whole"]))
def test_an_isotonic_fit_fulfils_the_conditions_of_optimality(shape, seed, kind):
    """For a projection on a convex cone: it lies in it, the residual is orthogonal to it and in the polar cone.

    The cone is spanned by the upper sets' indicators and minus one everywhere.
    """
    payoffs, weights = numbers(shape, seed, kind)
    orders = orders_of(shape, seed)
    fitted = isotonic_fit(payoffs, orders, weights)
    assert rises(fitted, orders)
    residual = (weights * (payoffs - fitted))[np.ix_(*orders)].ravel()
    assert abs(residual.sum()) < 1e-11
    assert abs(residual @ fitted[np.ix_(*orders)].ravel()) < 1e-10
    assert (upper_sets(tuple(shape)) @ residual).max() < 1e-11


@settings(max_examples=60)
@given(SMALL, st.integers(0, 10**6))
def test_an_isotonic_fit_is_that_of_scipy(shape, seed):
    """Coordinates along the spanning upper sets, found from the definition, must be 0 or more: scipy's nnls."""
    payoffs, weights = numbers(shape, seed)
    columns = np.array(sorted(upper_sets_by_definition(shape)), dtype=float).T
    columns = np.hstack([columns, -np.ones((payoffs.size, 1))])
    roots = np.sqrt(weights).ravel()
    found, _ = nnls(roots[:, np.newaxis] * columns, roots * payoffs.ravel())
    fitted = isotonic_fit(payoffs, [range(count) for count in shape], weights)
    np.testing.assert_allclose(fitted.ravel(), columns @ found, atol=1e-9)


def test_along_a_line_it_is_pooling_of_adjacent_violators():
    assert isotonic_fit([3, 1, 2, 5, 4], [range(5)]).tolist() == [2, 2, 2, 4.5, 4.5]
    assert isotonic_fit([3, 1], [(0, 1)], [1, 3]).tolist() == [1.5, 1.5]


@given(SHAPES, st.integers(0, 10**6))
def test_a_projection_moves_with_shifts_and_units_and_leaves_alone_what_fits(shape, seed):
    payoffs, weights = numbers(shape, seed)
    orders = orders_of(shape, seed)
    fitted = isotonic_fit(payoffs, orders, weights)
    np.testing.assert_allclose(
        isotonic_fit(1e9 + 1e6 * payoffs, orders, 1e-9 * weights), 1e9 + 1e6 * fitted, rtol=1e-14
    )
    np.testing.assert_allclose(isotonic_fit(fitted, orders, weights), fitted, atol=1e-12)
    added = additive_projection(payoffs, weights)
    np.testing.assert_allclose(additive_projection(added.table, weights).table, added.table, atol=1e-10)
    assert additive_projection(added.table, weights).error < 1e-20


@given(SHAPES, st.integers(0, 10**6))
def test_the_additive_fit_is_a_sum_with_residuals_orthogonal_to_all_sums(shape, seed):
    payoffs, weights = numbers(shape, seed)
    fit = additive_projection(payoffs, weights)
    total = sum(own.reshape([-1 if j == i else 1 for j in range(len(shape))]) for i, own in enumerate(fit.parts))
    np.testing.assert_allclose(np.broadcast_to(total, shape), fit.table, atol=1e-12)
    residual = weights * (payoffs - fit.table)
    for agent in range(len(shape)):
        others = tuple(i for i in range(len(shape)) if i != agent)
        np.testing.assert_allclose(residual.sum(axis=others), 0, atol=1e-10)
    assert np.isclose(fit.error, np.average((fit.table - payoffs) ** 2, weights=weights))
    assert np.ptp([own.sum() for own in fit.parts]) < 1e-10, "of all parts, those of least norm"


@given(SHAPES, st.integers(0, 10**6))
def test_with_equal_weights_it_is_the_sum_of_the_means(shape, seed):
    payoffs, _ = numbers(shape, seed)
    means = [payoffs.mean(axis=tuple(j for j in range(len(shape)) if j != i), keepdims=True) for i in range(len(shape))]
    expected = sum(means) - (len(shape) - 1) * payoffs.mean()
    np.testing.assert_allclose(additive_projection(payoffs).table, np.broadcast_to(expected, shape), atol=1e-12)


def test_gradient_descent_from_zeros_ends_in_the_parts():
    payoffs, weights = numbers((2, 3, 2), 4)
    parts = [np.zeros(count) for count in payoffs.shape]
    for _ in range(4000):
        wrong = weights * (payoffs - np.add.outer(np.add.outer(parts[0], parts[1]), parts[2]))
        for agent, own in enumerate(parts):
            own += 0.03 * wrong.sum(axis=tuple(j for j in range(3) if j != agent))
    for own, exact in zip(parts, additive_projection(payoffs, weights).parts, strict=True):
        np.testing.assert_allclose(own, exact, atol=1e-9)


@settings(max_examples=25)
@given(SMALL, st.integers(0, 10**6), st.sampled_from(["normal", "whole"]))
def test_the_monotone_fits_are_all_that_are_nearest(shape, seed, kind):
    """Every choice of orders tried, each table once, none of them worse, none left out."""
    payoffs, weights = numbers(shape, seed, kind)
    weights = weights if kind == "normal" else np.ones(shape)
    fit = monotonic_projection(payoffs, weights)
    for table, orders in zip(fit.tables, fit.orders, strict=True):
        assert rises(table, orders) and is_monotonic(table)
        assert np.isclose(np.average((table - payoffs) ** 2, weights=weights), fit.error, rtol=1e-9, atol=1e-15)
    for orders in product(*(permutations(range(count)) for count in shape)):
        table = isotonic_fit(payoffs, orders, weights)
        error = np.average((table - payoffs) ** 2, weights=weights)
        assert error >= fit.error - 1e-12
        listed = sum(np.allclose(table, known, atol=1e-8) for known in fit.tables)
        assert listed == (error <= fit.error + 1e-11)
    assert fit.error <= additive_projection(payoffs, weights).error + 1e-12, "every sum is monotone"


@pytest.mark.parametrize("seed", range(3))
def test_no_monotone_function_of_individual_values_is_nearer(seed):
    """A mixer of two agents with two actions, fitted by scipy from many starts: f(q_1, q_2) on a grid, rising."""
    payoffs, _ = numbers((2, 2), seed)

    def table(x):  # lowest, three rises, and which action of each agent is the better one
        rise = np.square(x[1:4])
        low = x[0] + np.array([[0, rise[0]], [rise[1], max(rise[0], rise[1]) + rise[2]]])
        return low[np.ix_([0, 1] if x[4] > 0 else [1, 0], [0, 1] if x[5] > 0 else [1, 0])]

    best = min(
        minimize(lambda x, s=signs: ((table([*x, *s]) - payoffs) ** 2).mean(), start, method="Nelder-Mead",
                 options={"xatol": 1e-10, "fatol": 1e-14, "maxiter": 4000}).fun
        for signs in product([1, -1], repeat=2)
        for start in np.random.default_rng(seed).normal(size=(3, 4))
    )  # fmt: skip
    assert monotonic_projection(payoffs).error == pytest.approx(best, abs=1e-7)


@settings(max_examples=40)
@given(SHAPES, st.integers(0, 10**6))
def test_sums_are_monotone_and_individual_values_give_igm(shape, seed):
    rng = np.random.default_rng(seed)
    parts = [rng.integers(-3, 4, size=count).astype(float) for count in shape]
    table = np.zeros(shape)
    for i, own in enumerate(parts):
        table = table + own.reshape([-1 if j == i else 1 for j in range(len(shape))])
    assert is_monotonic(table)
    fit = additive_projection(table)
    assert fit.error < 1e-20 and holds(fit.table, fit.parts, 1e-6) and holds(table, parts)
    if np.prod([np.prod(range(1, count + 1)) for count in shape]) <= 576:
        monotone = monotonic_projection(table)
        np.testing.assert_allclose(monotone.tables[0], table, atol=1e-12)
        assert len(monotone.tables) == 1 and holds(table, monotone.parts(), 1e-6)


@settings(max_examples=40)
@given(SMALL, st.integers(0, 10**6), st.sampled_from(["normal", "whole"]))
def test_a_monotone_fit_is_a_function_of_its_parts_that_never_falls(shape, seed, kind):
    payoffs, _ = numbers(shape, seed, kind)
    fit = monotonic_projection(payoffs)
    for k, table in enumerate(fit.tables):
        parts = fit.parts(k)
        value = {}
        for cell in np.ndindex(*shape):
            inputs = tuple(int(own[a]) for own, a in zip(parts, cell, strict=True))
            assert abs(value.setdefault(inputs, table[cell]) - table[cell]) < 1e-8, "a function"
        for (low, less), (high, more) in product(value.items(), repeat=2):
            if all(x <= y for x, y in zip(low, high, strict=True)):
                assert less <= more + 1e-8, "that never falls"
        assert greedy_is_best(table, parts, 1e-6)


@settings(max_examples=60)
@given(SMALL, st.integers(0, 10**6))
def test_monotone_is_what_has_no_distance_to_the_monotone_tables(shape, seed):
    payoffs = np.random.default_rng(seed).integers(0, 3, size=shape).astype(float)
    assert is_monotonic(payoffs) == (monotonic_projection(payoffs).error < 1e-20)


def test_the_published_tables_of_the_qtran_matrix():
    """Son et al. 2019, table 1, and what is told of it: one choice of orders gives the reported mixer's table."""
    np.testing.assert_array_equal(qtran_matrix().rewards[0, 0], QTRAN)
    fit = additive_projection(QTRAN)
    np.testing.assert_allclose(fit.table, np.array([[-56, -44, -44], [-44, -32, -32], [-44, -32, -32]]) / 9)
    best = monotonic_projection(QTRAN)
    assert len(best.tables) == 1
    np.testing.assert_allclose(best.tables[0], [[8, -6, -6], [-6, -6, -6], [-6, -6, -6]])
    assert greedy_joint(best.parts()).nonzero() == ([0], [0])
    stuck = isotonic_fit(QTRAN, [(0, 1, 2), (0, 1, 2)])
    np.testing.assert_allclose(stuck, [[-8, -8, -8], [-8, 0, 0], [-8, 0, 0]], atol=1e-12)
    assert np.mean((stuck - QTRAN) ** 2) > best.error == pytest.approx(32)


def test_true_failures_of_the_monotone_projection():
    """The best joint action of climbing is (a, a), that of the penalty game (a, a) or (c, c)."""
    fit = monotonic_projection(climbing().rewards[0, 0])
    assert len(fit.tables) == 1 and fit.tables[0].argmax() == 8 and greedy_joint(fit.parts())[2, 2]
    for k, table in enumerate((found := monotonic_projection(penalty(-100).rewards[0, 0])).tables):
        assert table.argmax() == 4 and np.argwhere(greedy_joint(found.parts(k))).tolist() == [[1, 1]]


def test_the_second_state_of_the_two_step_game():
    game = two_step()
    payoffs = game.rewards[0, game.states.index("2B")]
    np.testing.assert_allclose(additive_projection(payoffs).table, [[-1.5, 2.5], [2.5, 6.5]], atol=1e-12)
    assert is_monotonic(payoffs)
    np.testing.assert_allclose(monotonic_projection(payoffs).tables, [payoffs], atol=1e-12)


def test_the_anticoordinating_table_has_four_nearest_ones():
    """Two are told of in the literature; two more, with one cell at 0, are as near: (4/9 + 1/9 + 1/9) / 4."""
    fit = monotonic_projection([[1, 0], [0, 1]])
    assert fit.error == pytest.approx(1 / 6) and len(fit.tables) == 4
    for table in ([[1, 1], [1, 3]], [[3, 1], [1, 1]], [[2, 0], [2, 2]], [[2, 2], [0, 2]]):
        assert any(np.allclose(np.array(table) / 3, known) for known in fit.tables)


def test_weights_move_the_fit():
    """Where the best cell of QTRAN's matrix counts a hundredfold, even the sum keeps it."""
    weights = np.ones((3, 3))
    weights[0, 0] = 100
    assert additive_projection(QTRAN, weights).table.argmax() == 0
    assert additive_projection(QTRAN).table.argmax() != 0
    np.testing.assert_allclose(additive_projection(QTRAN, 7 * weights).table, additive_projection(QTRAN, weights).table)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: additive_projection([[1, np.nan]]), r"payoffs\[0, 1\] is nan; expected a finite number"),
        (lambda: additive_projection(3.0), "expected one axis per agent"),
        (lambda: additive_projection([[]]), "expected one axis per agent"),
        (lambda: additive_projection([[1, 2], [3]]), "rows of unequal length"),
        (lambda: additive_projection([[1, 2]], [[1, 0]]), r"weights\[0, 1\] is 0; expected a number above 0"),
        (
            lambda: additive_projection([[1, 2]], [1, 1]),
            r"weights has shape \(2,\); expected that of payoffs, \(1, 2\)",
        ),
        (
            lambda: monotonic_projection(np.zeros((4, 5))),
            "4 x 5 actions, hence 2,880 choices of orders; expected at most",
        ),
        (lambda: monotonic_projection(np.zeros((2, 4, 4))), "1,152 choices of orders; expected at most 576"),
        (lambda: monotonic_projection([[1, "a"]]), "text"),
        (lambda: monotonic_projection([[1, 2]]).parts(1), "which is 1; expected a whole number from 0 to 0"),
        (
            lambda: isotonic_fit([[1, 2]], [(0,), (0, 0)]),
            r"orders\[1\] is \(0, 0\); expected the numbers 0 to 1 in some",
        ),
        (lambda: isotonic_fit([[1, 2]], [(0, 1)]), "expected a list of 2 orders"),
        (lambda: isotonic_fit([[1, 2]], 3), "expected a list of 2 orders"),
        (lambda: isotonic_fit(np.zeros((4, 4, 4)), [range(4)] * 3), "4 x 4 x 4 actions, hence more than 20,000"),
        (lambda: is_monotonic([[1, 2]], -1), "tolerance is -1"),
        (lambda: is_monotonic([[1, np.inf]]), "expected a finite number"),
    ],
)
def test_bad_input(make, words):
    with pytest.raises(ValueError, match=words):
        make()


@given(SHAPES, st.integers(0, 10**6), st.sampled_from([0, 1e6]))
def test_equally_good_actions_have_equal_parts(shape, seed, shift):
    """Where actions of all agents make no difference, and where two of them are the same."""
    table = shift + np.zeros(shape) + np.arange(shape[-1])
    for own in additive_projection(table).parts[:-1]:
        assert np.ptp(own) == 0
    payoffs, _ = numbers(shape, seed)
    payoffs[-1] = payoffs[0]
    parts = additive_projection(shift + payoffs).parts
    assert parts[0][0] == parts[0][-1]


def test_many_agents():
    rng = np.random.default_rng(0)
    payoffs = rng.normal(size=(2,) * 5)
    fit = monotonic_projection(payoffs)
    assert is_monotonic(fit.tables[0]) and fit.error < additive_projection(payoffs).error
    assert monotonic_projection([3.0, 1.0, 2.0]).error == 0, "one agent alone has all orders to choose from"
    assert len(monotonic_projection(np.full((3, 3), 7.0)).tables) == 1
