"""What two agents can be paid: the numbers behind the picture of it.

What joint play pays lies between the payoffs of the pure joint actions, and all of that region can be reached if the
two agree on which joint action to take when (correlated play). An agent can be held down to its minimax value and no
further; what gives both at least that is *individually rational*.

Legend of axes: A_i actions of agent i, P corners.

Source: M. Osborne & A. Rubinstein, "A Course in Game Theory", MIT Press 1994, chapter 8.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from marl_edu.planning.stage_games import solve_stage
from marl_edu.views.base import step_up
from marl_edu.views.polygons import cut, hull_of


class Region(NamedTuple):
    """Payoffs of two agents: pure (A_1 A_2, 2), corners of what is possible, of the individually rational part and of
    the Pareto front, (P, 2) each, and the minimax values (2,).
    """

    pure: np.ndarray
    possible: np.ndarray
    rational: np.ndarray
    front: np.ndarray
    minimax: np.ndarray


def region_of(tables: np.ndarray) -> Region:
    """What payoff tables (2, A_1, A_2) make possible.

    >>> region = region_of(np.array([[[3, 0], [5, 1]], [[3, 5], [0, 1]]]))  # a prisoner's dilemma
    >>> region.minimax.tolist(), region.front.tolist()
    ([1.0, 1.0], [[5.0, 0.0], [3.0, 3.0], [0.0, 5.0]])
    """
    tables = np.asarray(tables, dtype=float)
    pure = tables.reshape(2, -1).T
    possible = hull_of(pure)
    minimax = np.array([solve_stage(tables[0]).value, solve_stage(tables[1].T).value])
    rational = np.column_stack([possible, np.ones(len(possible))])
    slack = 1e-9 * np.maximum(np.ptp(pure, axis=0), 1e-300)
    for i in (0, 1):
        side = np.array([0.0, 0.0, slack[i] - minimax[i]])
        side[i] = 1
        rational = cut(rational, side)
    return Region(pure, possible, rational[:, :2], front_of(possible), minimax)


def front_of(corners: np.ndarray) -> np.ndarray:
    """The Pareto front of a convex polygon, anticlockwise (P, 2): from what is best for agent 1 to what is for agent 2.

    A corner that no other corner beats may still be beaten by a mixture of two:

    >>> front_of(np.array([[1, -3], [-1, 0], [0, -2]])).tolist()
    [[1, -3], [-1, 0]]
    """
    first, last = np.lexsort((corners[:, 1], corners[:, 0]))[-1], np.lexsort((corners[:, 0], corners[:, 1]))[-1]
    return np.roll(corners, -first, axis=0)[: (last - first) % len(corners) + 1]


def within(box, points: np.ndarray) -> np.ndarray:
    """Points (..., 2) as shares of the box: the axes keep their limits, and nothing has to be laid out anew."""
    low, high = np.reshape(box, (2, 2))
    return (points - low) / (high - low)


def round_box(points: np.ndarray) -> tuple[float, float, float, float]:
    """Round limits around points (P, 2): low x, low y, high x, high y."""
    low, high = np.nanmin(points, axis=0), np.nanmax(points, axis=0)
    ends = []
    for a, b in zip(low, high, strict=True):
        step = step_up(max(b - a, 1e-6 * max(abs(a), abs(b)), 1e-9) / 8) if b > a else max(abs(a), 1.0) / 2
        a, b = np.floor(a / step + 1e-9) * step, np.ceil(b / step - 1e-9) * step
        ends.append((float(a), float(b)) if b > a else (float(a - step), float(b + step)))
    return ends[0][0], ends[1][0], ends[0][1], ends[1][1]
