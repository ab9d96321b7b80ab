"""What a factorised value can hold of a table of payoffs: its nearest sum, and its nearest monotone table.

*Additive* (VDN): Q(a) = sum_i Q_i(a_i). *Monotone*: Q(a) = f(Q_1(a_1), ..., Q_N(a_N)) with an f that never falls when
one of its arguments rises. A sum is such an f, so additive tables are monotone; most monotone ones are no sums. QMIX is
monotone, but its published mixer does not represent every monotone table (``marl_edu.learning.mixers``).

The values Q_i do no more for a monotone table than to put each agent's actions in an order, and then any table will do
that never falls along these orders. So the nearest one is found by isotonic regression for every choice of orders. It
is the best that any monotone mixer could represent; training one by gradient may end in the fit of other orders.

Legend of axes: N agents, A_i actions of agent i, P tables that are equally near.

Sources: P. Sunehag et al., "Value-decomposition networks for cooperative multi-agent learning", AAMAS 2018, equation 1;
T. Rashid et al., "QMIX", ICML 2018, equation 5; the projection and that it isn't unique: T. Rashid et al., "Weighted
QMIX", NeurIPS 2020, section 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations, product
from math import factorial, prod

import numpy as np

from marl_edu.games import checks
from marl_edu.planning.isotonic import fit_in_order, ranks, table_and_weights

MOST_ORDERS = 576
"""Choices of orders that are tried: those of two agents with four actions each; three with three have 216."""

SAME = 1e-9
"""Difference of two numbers that counts as none, as a share of the table's range."""

DUST = 1e-12
"""The same where a difference can come from rounding alone: actions that are equally good must stay so."""


@dataclass(frozen=True, eq=False)
class AdditiveFit:
    """The nearest sum.

    Attributes
    ----------
    table : (A_1, ..., A_N) array
        sum_i Q_i(a_i). It is unique.
    parts : tuple of N (A_i,) arrays
        Q_i. A constant may wander from one agent's to another's; these have the least sum of squares, and so are those
        that gradient descent reaches from tables of zeros.
    error : float
        Weighted mean of the squared differences to the payoffs.
    """

    table: np.ndarray
    parts: tuple[np.ndarray, ...]
    error: float


@dataclass(frozen=True, eq=False)
class MonotonicFit:
    """The nearest monotone tables.

    Attributes
    ----------
    tables : (P, A_1, ..., A_N) array
        All that are equally near; mostly P = 1.
    orders : tuple of P tuples of N tuples of int
        For each of them, an order of each agent's actions, from low to high, along which it never falls.
    error : float
        Weighted mean of the squared differences to the payoffs, the same for all.
    """

    tables: np.ndarray
    orders: tuple[tuple[tuple[int, ...], ...], ...]
    error: float

    def parts(self, which: int = 0) -> list[np.ndarray]:
        """Individual values Q_i, (A_i,) each, of which a table is a non-decreasing function: 0, 1, 2, ... in order.

        Actions between which the table makes no difference have equal values.
        """
        which = checks.integer("which", which, 0, len(self.tables) - 1)
        return ranks(self.tables[which], self.orders[which], SAME * np.ptp(self.tables[which]))


def additive_projection(payoffs, weights=None) -> AdditiveFit:
    """The table nearest to the payoffs, by weighted least squares, among sums of one number per agent and action.

    Minimises sum_a w(a) (sum_i Q_i(a_i) - payoffs(a))^2, in closed form. It is where VDN's loss is lowest if joint
    actions come with frequencies proportional to the weights. With equal weights Q(a) is the sum over agents of the
    mean payoff of a_i, less N - 1 times the mean of all.

    Parameters
    ----------
    payoffs : (A_1, ..., A_N) array
        One table for all agents, in units of reward.
    weights : (A_1, ..., A_N) array, optional
        How much each joint action counts, above 0. Default: all the same.

    Returns
    -------
    AdditiveFit

    Raises
    ------
    ValueError
        If payoffs or weights are otherwise.

    Examples
    --------
    The second state, 2B, of the two-step game, and the matrix game of QTRAN's paper, whose best cell becomes the worst:

    >>> additive_projection([[0, 1], [1, 8]]).table.round(9).tolist()
    [[-1.5, 2.5], [2.5, 6.5]]
    >>> fit = additive_projection([[8, -12, -12], [-12, 0, 0], [-12, 0, 0]])
    >>> fit.table.round(2).tolist()
    [[-6.22, -4.89, -4.89], [-4.89, -3.56, -3.56], [-4.89, -3.56, -3.56]]
    """
    payoffs, weights = table_and_weights(payoffs, weights)
    counts, lowest = payoffs.shape, payoffs.min()
    actions = np.indices(counts).reshape(len(counts), -1)
    columns = np.concatenate([np.eye(count)[own] for count, own in zip(counts, actions, strict=True)], axis=1)
    roots = np.sqrt(weights / weights.max()).ravel()
    found = np.linalg.lstsq(roots[:, np.newaxis] * columns, roots * (payoffs - lowest).ravel())[0]  # of least norm
    parts = [_without_dust(own, DUST * np.ptp(payoffs)) for own in np.split(found, np.cumsum(counts)[:-1])]
    share = 1 / np.array(counts)  # of what was taken away, so that the norm is still the least
    parts = [own + lowest * mine for own, mine in zip(parts, share / share.sum(), strict=True)]
    table = (columns @ np.concatenate(parts)).reshape(counts)
    return AdditiveFit(table, tuple(parts), _error(table, payoffs, weights))


def monotonic_projection(payoffs, weights=None) -> MonotonicFit:
    """The tables nearest to the payoffs, by weighted least squares, among all monotone ones: the global optimum.

    Isotonic regression for each choice of orders of the agents' actions; see the top of this file.

    Parameters
    ----------
    payoffs : (A_1, ..., A_N) array
        One table for all agents, in units of reward. At most 576 choices of orders, as two agents with four actions
        each have; three agents may have three each.
    weights : (A_1, ..., A_N) array, optional
        How much each joint action counts, above 0. Default: all the same.

    Returns
    -------
    MonotonicFit

    Raises
    ------
    ValueError
        If payoffs or weights are otherwise, or there are more orders.

    Examples
    --------
    QTRAN's matrix game keeps its best cell. That trained mixers lose it is a matter of training:

    >>> fit = monotonic_projection([[8, -12, -12], [-12, 0, 0], [-12, 0, 0]])
    >>> fit.tables.round(2).tolist(), [own.tolist() for own in fit.parts()]
    ([[[8.0, -6.0, -6.0], [-6.0, -6.0, -6.0], [-6.0, -6.0, -6.0]]], [[1, 0, 0], [1, 0, 0]])

    Four tables are equally near to this one, of which the first and the last have a best cell of their own:

    >>> for table in monotonic_projection([[1, 0], [0, 1]]).tables:
    ...     print(table.round(2).tolist())
    [[0.33, 0.33], [0.33, 1.0]]
    [[0.67, 0.0], [0.67, 0.67]]
    [[0.67, 0.67], [0.0, 0.67]]
    [[1.0, 0.33], [0.33, 0.33]]
    """
    payoffs, weights = table_and_weights(payoffs, weights)
    choices = prod(map(factorial, payoffs.shape))
    if choices > MOST_ORDERS:
        raise ValueError(
            f"payoffs has {' x '.join(map(str, payoffs.shape))} actions, hence {choices:,} choices of orders; expected "
            f"at most {MOST_ORDERS}, as 4 x 4 actions have (3 x 3 x 3 have 216)"
        )
    fits = []
    for orders in product(*(permutations(range(count)) for count in payoffs.shape)):
        cells = np.ix_(*orders)
        fitted = np.empty_like(payoffs)
        fitted[cells] = fit_in_order(payoffs[cells], weights[cells])
        fits.append((_error(fitted, payoffs, weights), fitted, orders))
    size = np.ptp(payoffs)
    least = min(error for error, _, _ in fits)
    tables, chosen = [], []
    for error, fitted, orders in fits:
        as_near = error - least <= DUST * size**2
        if as_near and not any(np.abs(fitted - known).max() <= SAME * size for known in tables):
            tables.append(fitted)
            chosen.append(orders)
    return MonotonicFit(np.array(tables), tuple(chosen), least)


def is_monotonic(payoffs, tolerance: float = SAME) -> bool:
    """Whether a table is a function of individual values Q_i that never falls when one of them rises.

    It is if each agent's actions can be put in an order that holds whatever the others do: of any two, one must pay at
    least as much as the other against every choice of the others.

    Parameters
    ----------
    payoffs : (A_1, ..., A_N) array
        One table for all agents, of any size, in units of reward.
    tolerance : float in [0, 1]
        How far a number may be on the wrong side, as a share of the table's range.

    Returns
    -------
    bool

    Raises
    ------
    ValueError
        If payoffs is no such table.

    Examples
    --------
    The product of two numbers is no sum of two, but if they aren't negative it never falls:

    >>> is_monotonic([[0, 0], [0, 1]]), additive_projection([[0, 0], [0, 1]]).error > 0
    (True, True)
    >>> is_monotonic([[1, 0], [0, 1]])
    False
    """
    payoffs, _ = table_and_weights(payoffs, None)
    near = checks.number("tolerance", tolerance, 0, 1) * np.ptp(payoffs)
    for agent, count in enumerate(payoffs.shape):
        rows = np.moveaxis(payoffs, agent, 0).reshape(count, -1)
        for one in rows:
            no_worse, no_better = (rows <= one + near).all(axis=1), (rows >= one - near).all(axis=1)
            if not (no_worse | no_better).all():
                return False
    return True


def _without_dust(values: np.ndarray, near: float) -> np.ndarray:
    """Numbers with those that differ by next to nothing made equal.

    >>> _without_dust(np.array([2, 1, 1 + 1e-15]), 1e-12).tolist()
    [2.0, 1.0, 1.0]
    """
    order = np.argsort(values, kind="stable")
    first = np.concatenate([[True], np.diff(values[order]) > near])  # of each group of equals
    settled = np.empty_like(values)
    settled[order] = values[order][first][np.cumsum(first) - 1]
    return settled


def _error(table: np.ndarray, payoffs: np.ndarray, weights: np.ndarray) -> float:
    return float(np.average((table - payoffs) ** 2, weights=weights))
