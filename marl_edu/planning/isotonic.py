"""Isotonic regression on a table: the least-squares fit that never falls when an agent goes up in its order of actions.

Cells of a table are partly ordered: a cell is above another one if it is not below it in any agent's order. An *upper
set* holds with each cell all that are above it. The fit is found by splitting. A block of cells has a weighted mean;
if there is an upper set whose part of the block lies above that mean by a total of more than 0, the one with the
largest total and the rest of the block are fitted apart, and the fit of the one lies nowhere below that of the rest;
if there is none, the fit of the block is its mean. Tables of games are small enough to look at every upper set, so
the answer is exact, and the best split of a block is one product of a matrix with a vector.

Legend of axes: N agents, A_i actions of agent i, C cells of the table in C order, U upper sets.

Sources: T. Robertson, F. Wright & R. Dykstra, "Order Restricted Inference", Wiley 1988, section 1.4 (upper sets);
W. Maxwell & J. Muckstadt, "Establishing consistent and realistic reorder intervals in production-distribution
systems", Operations Research 33 (1985), 1316-1341 (splitting).
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np

from marl_edu.games import checks

MOST_UPPER_SETS = 20_000
"""Of a table that can be fitted: 3 x 3 x 3 actions have 980, 6 x 6 have 924."""


def isotonic_fit(payoffs, orders, weights=None) -> np.ndarray:
    """The table that is nearest by weighted least squares among those that rise, or stay level, along given orders.

    Minimises sum_a w(a) (Q(a) - payoffs(a))^2 subject to Q(a) <= Q(b) wherever b differs from a in one agent's action,
    which stands later in that agent's order. There is one such table.

    Parameters
    ----------
    payoffs : (A_1, ..., A_N) array
        In units of reward.
    orders : sequence of N sequences of int
        Each agent's actions by number, from the lowest to the highest.
    weights : (A_1, ..., A_N) array, optional
        How much each cell counts, above 0. Default: all the same.

    Returns
    -------
    (A_1, ..., A_N) array
        The fit, in units of reward; its actions stand where they stood.

    Raises
    ------
    ValueError
        If an order is none, weights don't fit, or the table has more than 20,000 upper sets.

    Examples
    --------
    The two cells that are in the wrong order share their mean:

    >>> isotonic_fit([[1, 0], [0, 1]], [(0, 1), (0, 1)]).round(4).tolist()
    [[0.3333, 0.3333], [0.3333, 1.0]]
    >>> isotonic_fit([[1, 0], [0, 1]], [(0, 1), (1, 0)]).round(4).tolist()
    [[0.6667, 0.0], [0.6667, 0.6667]]
    """
    payoffs, weights = table_and_weights(payoffs, weights)
    cells = np.ix_(*_orders(orders, payoffs.shape))
    fitted = np.empty_like(payoffs)
    fitted[cells] = fit_in_order(payoffs[cells], weights[cells])
    return fitted


def fit_in_order(payoffs: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """``isotonic_fit`` of a table whose actions stand in order already, unchecked."""
    uppers, lowest = upper_sets(payoffs.shape), payoffs.min()
    values, shares = (payoffs - lowest).ravel(), (weights / weights.max()).ravel()
    near = 4 * len(values) * np.finfo(float).eps * values.max()  # a mean may be off by this much through rounding
    fitted, blocks = np.empty_like(values), [np.ones(len(values), dtype=bool)]
    while blocks:
        block = blocks.pop()
        share = np.where(block, shares, 0.0)
        mean = share @ values / share.sum()
        above = uppers @ (share * (values - mean))
        best = block & (uppers[above.argmax()] > 0)
        if above.max() > near * (share @ best):
            blocks += [best, block & ~best]
        else:
            fitted[block] = mean
    return fitted.reshape(payoffs.shape) + lowest


@lru_cache(maxsize=64)
def upper_sets(shape: tuple[int, ...]) -> np.ndarray:
    """All upper sets of a table whose actions stand in order, (U, C), 1.0 for each cell of a set. Not to be changed.

    Cells come in from the highest to the lowest: each set found so far goes on without the cell, and if it has the
    cell's successors, also with it.

    >>> len(upper_sets((3, 3))), len(upper_sets((3, 3, 3)))
    (20, 980)
    """
    cells = int(np.prod(shape))
    number = np.arange(cells).reshape(shape)
    found = np.zeros((1, cells))
    for place in reversed(list(np.ndindex(*shape))):
        nexts = [number[(*place[:i], a + 1, *place[i + 1 :])] for i, a in enumerate(place) if a + 1 < shape[i]]
        grown = found[(found[:, nexts] > 0).all(axis=1)]
        grown[:, number[place]] = 1
        found = np.concatenate([found, grown])
        if len(found) > MOST_UPPER_SETS:
            many = " x ".join(map(str, shape))
            raise ValueError(
                f"the table has {many} actions, hence more than {MOST_UPPER_SETS:,} upper sets; expected fewer"
            )
    found.flags.writeable = False
    return found


def table_and_weights(payoffs, weights) -> tuple[np.ndarray, np.ndarray]:
    """A table of one axis per agent and weights of its shape, checked."""
    payoffs = checks.array("payoffs", payoffs)
    if not payoffs.ndim or not payoffs.size:
        raise ValueError(
            f"payoffs has shape {payoffs.shape}; expected one axis per agent, each with an action at least"
        )
    if weights is None:
        return payoffs, np.ones_like(payoffs)
    weights = checks.array("weights", weights)
    if weights.shape != payoffs.shape:
        raise ValueError(f"weights has shape {weights.shape}; expected that of payoffs, {payoffs.shape}")
    if (weights <= 0).any():
        worst = tuple(np.argwhere(weights <= 0)[0].tolist())
        raise ValueError(f"weights{list(worst)} is {weights[worst]:g}; expected a number above 0")
    return payoffs, weights


def _orders(orders, shape: tuple[int, ...]) -> list[list[int]]:
    """Each agent's actions in order, checked."""
    if checks.length(orders) != len(shape):
        raise ValueError(f"orders is {checks.shown(orders)}; expected a list of {len(shape)} orders, one per agent")
    found = []
    for i, (order, count) in enumerate(zip(orders, shape, strict=True)):
        numbers = checks.integers(f"orders[{i}]", order)
        if numbers.shape != (count,) or sorted(numbers.tolist()) != list(range(count)):
            raise ValueError(
                f"orders[{i}] is {checks.shown(order)}; expected the numbers 0 to {count - 1} in some order"
            )
        found.append(numbers.tolist())
    return found


def ranks(fitted: np.ndarray, orders, near: float) -> list[np.ndarray]:
    """Numbers for each agent's actions that rise along its order, (A_i,) each; equal where the table can't tell apart.

    >>> [own.tolist() for own in ranks(np.array([[0, 2.0], [0, 2], [1, 3]]), [(0, 1, 2), (0, 1)], 0.0)]
    [[0, 0, 1], [0, 1]]
    """
    found = []
    for agent, order in enumerate(orders):
        slices = np.moveaxis(fitted, agent, 0)
        rank = np.zeros(len(order), dtype=int)
        for lower, upper in pairwise(order):
            rank[upper] = rank[lower] + bool((np.abs(slices[upper] - slices[lower]) > near).any())
        found.append(rank)
    return found
