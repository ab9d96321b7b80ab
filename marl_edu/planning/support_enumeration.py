"""Support enumeration: guess who mixes what, solve, check. The way to find equilibria by hand.

If agent 1 mixes the actions I and agent 2 the actions J, then everything in I must pay agent 1 the same, which are
linear equations for *agent 2's* probabilities, and the other way round:

    sum_{j in J} A[i, j] y_j = u  for all i in I,   sum_j y_j = 1,
    sum_{i in I} x_i B[i, j] = v  for all j in J,   sum_i x_i = 1.

What comes out is an equilibrium if no probability is negative and no action that is not mixed would pay more. In a game
that is not degenerate both agents mix equally many actions, so trying all I and J of the same size finds everything. In
a degenerate game that is not so; ``equilibria`` finds everything there too.

Legend of axes: m actions of agent 1, n of agent 2.

Source: B. von Stengel, "Equilibrium computation for two-player games in strategic and extensive form", in Nisan et al.
(eds.), "Algorithmic Game Theory", Cambridge 2007, algorithm 3.4.
"""

from __future__ import annotations

import itertools
import math

import numpy as np

from marl_edu.games.markov_game import MarkovGame
from marl_edu.planning.equilibrium_set import EquilibriumSet, as_equilibrium
from marl_edu.planning.normal_form import gains, payoff_ranges, payoff_tables, two_tables
from marl_edu.planning.polytopes import corners, has_ties, rounding_doubt, whole_numbers

NEAR = 1e-9
"""Probabilities and, as a share of the agent's range, payoffs that are closer than this count as equal."""

PAIRS_LIMIT = 200_000
"""Most pairs of supports that are tried: 10 x 10 actions have 184,755."""


def support_enumeration(game: MarkovGame) -> EquilibriumSet:
    """All equilibria of a non-degenerate bimatrix game, in which both agents mix equally many actions.

    Parameters
    ----------
    game : MarkovGame
        A matrix game of two agents, up to about 10 x 10 actions.

    Returns
    -------
    EquilibriumSet
        If the game is ``degenerate`` it is said so, and ``complete`` is False: there may be more than were found.

    Raises
    ------
    ValueError
        If this is no matrix game of two agents, or it is too large.

    Examples
    --------
    >>> from marl_edu.games import chicken
    >>> for equilibrium in support_enumeration(chicken()):
    ...     print(equilibrium)
    Equilibrium([1, 0], [0, 1]; pays 2, 7; pure)
    Equilibrium([0, 1], [1, 0]; pays 7, 2; pure)
    Equilibrium([2/3, 1/3], [2/3, 1/3]; pays 14/3, 14/3; mixed)
    """
    first, second = two_tables(game)
    m, n = first.shape
    pairs = math.comb(m + n, m) - 1
    if pairs > PAIRS_LIMIT:
        raise ValueError(f"the game has {m} and {n} actions, {pairs:,} pairs of supports; expected {PAIRS_LIMIT:,}")
    tables = payoff_tables(game)
    near = NEAR * payoff_ranges(tables)
    found = []
    for size in range(1, min(m, n) + 1):
        for rows in itertools.combinations(range(m), size):
            for columns in itertools.combinations(range(n), size):
                block = np.ix_(rows, columns)
                y = indifferent(first[block])
                x = indifferent(second[block].T)
                if x is None or y is None:
                    continue
                policies = [np.zeros(m), np.zeros(n)]
                policies[0][list(rows)], policies[1][list(columns)] = x, y
                if (gains(tables, policies) <= near).all():
                    found.append(as_equilibrium(tables, policies))
    degenerate = _is_degenerate(first, second)
    single = tuple((e,) for e in range(len(found)))
    reason = rounding_doubt((first, second), game.agents)
    if degenerate:
        reason = "in a degenerate game agents may mix unequally many actions"
    return EquilibriumSet(game, tuple(found), degenerate, single, single, not reason, reason)


def indifferent(payoffs: np.ndarray) -> np.ndarray | None:
    """Probabilities of the columns, all above 0, against which all rows of a square table pay the same; None if none.

    >>> indifferent(np.array([[3.0, 0.0], [1.0, 1.0]])).round(4).tolist()
    [0.3333, 0.6667]
    """
    size = len(payoffs)
    scale = max(float(np.ptp(payoffs)), 1e-300)
    system = np.ones((size + 1, size + 1))  # (payoffs) y - u = 0, sum y = 1
    system[:size, :size], system[:size, size], system[size, size] = (payoffs - payoffs.mean()) / scale, -1, 0
    if np.linalg.cond(system) > 1 / NEAR:
        return None
    mixed = np.linalg.solve(system, np.append(np.zeros(size), 1))[:size]
    return mixed / mixed.sum() if mixed.min() > NEAR else None


def _is_degenerate(first: np.ndarray, second: np.ndarray) -> bool:
    """Whether some policy of either agent has more best responses than actions that it mixes."""
    columns = [list(column) for column in zip(*whole_numbers(second), strict=True)]
    return has_ties(corners(columns)) or has_ties(corners(whole_numbers(first)))
