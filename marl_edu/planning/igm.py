"""Individual-global-max: can each agent find its part of the best joint action by looking at its own values alone?

Individual values Q_1, ..., Q_N satisfy IGM for a joint value Q in a state if

    argmax_a Q(a) = argmax_{a_1} Q_1(a_1) x ... x argmax_{a_N} Q_N(a_N),

read as sets, so that ties count: whichever of its best actions each agent takes, together they are a best joint action,
and every best joint action can come about so. Values that do this exist exactly if the set of best joint actions is a
product. One best joint action alone always is one: IGM says nothing about the other cells. That a sum or a monotone
function of individual values has IGM is a property of those functions; that they can't hold every table is another.

Legend of axes: N agents, A_i actions of agent i, A the most of any, K seeds, S states, O observations; a leading
``...`` is whatever comes before, such as (K, S).

Source: K. Son et al., "QTRAN", ICML 2019, definition 1.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from marl_edu.games import checks
from marl_edu.games.markov_game import MarkovGame
from marl_edu.planning.igm_arrays import finite, fitting, own_values

NEAR = 1e-9
"""What counts as equally good, as a share of the range of the values that are compared, unless told otherwise."""


def consistent_actions(table, tolerance: float = NEAR) -> tuple[tuple[int, ...], ...] | None:
    """Each agent's set of best actions, if there are individual values that satisfy IGM for a table.

    Parameters
    ----------
    table : (A_1, ..., A_N) array
        Joint values in one state.
    tolerance : float in [0, 1]
        What counts as equally good, as a share of the table's range. Rounding of the table's type comes on top.

    Returns
    -------
    tuple of N tuples of int, or None
        Sets whose product are the best joint actions; None if these are no product, and so no values satisfy IGM.

    Raises
    ------
    ValueError
        If the table holds something else than finite numbers.

    Examples
    --------
    >>> consistent_actions([[8, -12, -12], [-12, 0, 0], [-12, 0, 0]])
    ((0,), (0,))
    >>> consistent_actions([[1, 0], [0, 1]]) is None
    True
    """
    table = finite("table", table)
    best = best_joint(table, table.ndim, tolerance)
    sets = [np.unique(places).tolist() for places in np.nonzero(best)]
    return tuple(map(tuple, sets)) if best[np.ix_(*sets)].all() else None


def stray_actions(table, tolerance: float = NEAR) -> list[tuple[int, ...]]:
    """Joint actions that break IGM: every agent's part belongs to some best joint action, but they are no best one.

    Empty exactly where ``consistent_actions`` finds sets. Parameters and errors are the same.

    >>> stray_actions([[1, 0], [0, 1]])
    [(0, 1), (1, 0)]
    """
    table = finite("table", table)
    best = best_joint(table, table.ndim, tolerance)
    sets = (np.unique(places).tolist() for places in np.nonzero(best))
    return [cell for cell in product(*sets) if not best[cell]]


def holds(joint, individual, tolerance: float = NEAR) -> np.ndarray:
    """Whether individual values satisfy IGM for joint ones, in each state.

    Parameters
    ----------
    joint : (..., A_1, ..., A_N) array
        Joint values, such as the frames' ``q_tot``.
    individual : (..., N, A) array, or N arrays (..., A_i)
        Individual values in the same states (``in_each_state``); where agents have fewer actions than others, NaN fills
        up. A state where all joint values are NaN, as the end of an episode, has nothing that could fail: True.
    tolerance : float in [0, 1]
        What counts as equally good: a share of the range of the joint values in a state, and of each agent's own. A
        large one may call joint values equal that differ because one agent's do, on that agent's own small scale; ask
        ``greedy_is_best`` then.

    Returns
    -------
    (...) bool array

    Raises
    ------
    ValueError
        If the shapes don't fit together or something is no finite number.

    Examples
    --------
    >>> bool(holds([[0, 1], [2, 3]], [[0, 2], [0, 1]])), bool(holds([[0, 1], [2, 3]], [[2, 0], [0, 1]]))
    (True, False)
    """
    joint, individual = fitting(joint, individual)
    best = best_joint(joint, len(individual), tolerance)
    return (best == greedy_joint(individual, tolerance)).all(axis=_last(len(individual)))


def greedy_is_best(joint, individual, tolerance: float = NEAR) -> np.ndarray:
    """Whether all greedy choices lead to a best joint action, in each state: the half of IGM that acting needs.

    A monotone function that is level somewhere has this half only: where Q = min(Q_1, Q_2) is largest, not every best
    joint action is greedy. Parameters, result and errors are those of ``holds``.

    >>> joint, own = [[0, 0], [1, 1]], [[0, 1], [0, 1]]  # the second agent's action makes no difference
    >>> bool(greedy_is_best(joint, own)), bool(holds(joint, own))
    (True, False)
    """
    joint, individual = fitting(joint, individual)
    best = best_joint(joint, len(individual), tolerance)
    return (best | ~greedy_joint(individual, tolerance)).all(axis=_last(len(individual)))


def greedy_joint(individual, tolerance: float = NEAR) -> np.ndarray:
    """The joint actions that come about if every agent takes an action of highest individual value.

    Parameters
    ----------
    individual : (..., N, A) array, or N arrays (..., A_i)
        Individual values; NaN where an agent has no such action (it is cut away if it is so everywhere).
    tolerance : float in [0, 1]
        What counts as equally good, as a share of the range of an agent's own values.

    Returns
    -------
    (..., A_1, ..., A_N) bool array
        The product of the individual sets of best actions.

    Raises
    ------
    ValueError
        If something is infinite, or an agent has no value at all.

    Examples
    --------
    >>> greedy_joint([[0, 2], [1, 1]]).tolist()
    [[False, False], [True, True]]
    """
    individual = own_values(individual)
    chosen = np.ones((1,) * len(individual), dtype=bool)
    for agent, own in enumerate(individual):
        best = _best(own, 1, tolerance)
        others = [1] * len(individual)
        others[agent] = own.shape[-1]
        chosen = chosen & best.reshape(*own.shape[:-1], *others)
    return chosen


def best_joint(joint, n_agents: int, tolerance: float = NEAR) -> np.ndarray:
    """Which joint actions are best in each state, (..., A_1, ..., A_N) bool; the last ``n_agents`` axes are actions.

    >>> best_joint([[1, 0], [0, 1]], 2).tolist()
    [[True, False], [False, True]]
    """
    joint = finite("joint", joint)
    return _best(joint, checks.integer("n_agents", n_agents, 1, joint.ndim), tolerance)


def in_each_state(individual, game: MarkovGame) -> np.ndarray:
    """Individual values by observation, as frames keep them, seen from each state.

    Parameters
    ----------
    individual : (..., N, O, A) array
        Q_i(o_i, a_i), NaN where there is none.
    game : MarkovGame
        Says what each agent sees in each state.

    Returns
    -------
    (..., S, N, A) array
        What each agent thinks of its actions in each state.

    Raises
    ------
    ValueError
        If the game has other agents or observations.

    Examples
    --------
    >>> from marl_edu.games import climbing
    >>> in_each_state(np.zeros((10, 2, 1, 3)), climbing()).shape
    (10, 1, 2, 3)
    """
    seen = checks.game(game).observations
    individual = checks.numeric("individual", individual)
    if individual.ndim < 3 or individual.shape[-3] != len(seen) or individual.shape[-2] <= seen.max():
        raise ValueError(
            f"individual has shape {individual.shape}; expected (..., {len(seen)} agents, {seen.max() + 1} or more "
            "observations, actions)"
        )
    return np.stack([individual[..., i, seen[i], :] for i in range(len(seen))], axis=-2)


def _best(values: np.ndarray, axes: int, tolerance: float) -> np.ndarray:
    """Which entries are the largest over the last axes, or as good as that; NaN never is."""
    tolerance, over = checks.number("tolerance", tolerance, 0, 1), _last(axes)
    rounding = 8 * np.finfo(values.dtype).eps
    highest, lowest = np.nanmax(values, axis=over, keepdims=True), np.nanmin(values, axis=over, keepdims=True)
    near = tolerance * (highest - lowest) + rounding * np.maximum(np.abs(highest), np.abs(lowest))
    return values >= highest - near


def _last(axes: int) -> tuple[int, ...]:
    return tuple(range(-axes, 0))
