"""Actions that nobody should play: dominated ones, and what is left when they are struck out again and again.

Action a of agent i is *strictly dominated* by a mixed policy x if x pays more whatever the others do,

    sum_b x_b u^i(b, a^-i) > u^i(a, a^-i)    for all a^-i,

and *weakly* dominated if x never pays less and sometimes more. The best x is found by linear programming. Striking
out strictly dominated actions loses no equilibrium, and the order does not matter. With weakly dominated ones both
may fail.

Legend of axes: N agents, A_i actions of agent i, O joint actions of the others.

Source: M. Osborne & A. Rubinstein, "A Course in Game Theory", MIT Press 1994, sections 4.2 and 4.3, lemma 60.1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

from marl_edu.games import checks
from marl_edu.games.markov_game import MarkovGame
from marl_edu.planning.normal_form import payoff_tables

NEAR = 1e-9
"""Gain that counts as none, as a share of the agent's range of payoffs."""


@dataclass(frozen=True, eq=False)
class Dominated:
    """A dominated action.

    Attributes
    ----------
    agent, action : int
        Whose, and which; numbers from 0 as in the game that was asked about.
    by : (A_i,) array
        A policy that dominates it: a single action if one does.
    margin : float
        How much more that pays, in units of reward: at least, if strictly dominated, at most, if weakly.
    """

    agent: int
    action: int
    by: np.ndarray
    margin: float


@dataclass(frozen=True, eq=False)
class Elimination:
    """What iterated elimination did.

    Attributes
    ----------
    rounds : tuple of tuples of Dominated
        What was struck out in each round, all at once.
    remaining : tuple of N tuples of int
        Actions that are left to each agent.
    solved : bool
        Whether a single joint action is left.
    """

    rounds: tuple[tuple[Dominated, ...], ...]
    remaining: tuple[tuple[int, ...], ...]

    @property
    def solved(self) -> bool:
        """Whether a single joint action is left."""
        return all(len(left) == 1 for left in self.remaining)


def dominated_actions(game: MarkovGame, agent: int | str, *, weakly: bool = False) -> tuple[Dominated, ...]:
    """All actions of an agent that some pure or mixed policy dominates.

    Parameters
    ----------
    game : MarkovGame
        A matrix game.
    agent : int or str
        Number from 0, or name.
    weakly : bool
        Whether to count weakly dominated actions too.

    Returns
    -------
    tuple of Dominated
        In order of the actions.

    Raises
    ------
    ValueError
        If this is no matrix game, or there is no such agent.

    Examples
    --------
    Half of each extreme beats the middle, which neither extreme does alone:

    >>> from marl_edu.games import matrix_game
    >>> found = dominated_actions(matrix_game([[[3, 0], [1, 1], [0, 3]], [[0, 0]] * 3]), 0)
    >>> [(one.action, one.by.tolist(), one.margin) for one in found]
    [(1, [0.5, 0.0, 0.5], 0.5)]
    """
    tables = payoff_tables(game)
    agent, weakly = game.agent_index(agent), checks.flag("weakly", weakly)
    return tuple(_dominated(tables, agent, [tuple(range(count)) for count in game.n_actions], weakly))


def iterated_elimination(game: MarkovGame, *, weakly: bool = False) -> Elimination:
    """Strike out dominated actions of all agents, round by round, until none is left.

    Parameters
    ----------
    game : MarkovGame
        A matrix game.
    weakly : bool
        Whether to strike out weakly dominated actions too. What is left then depends on the order; here everything
        that is dominated goes at once.

    Returns
    -------
    Elimination

    Raises
    ------
    ValueError
        If this is no matrix game.

    Examples
    --------
    >>> from marl_edu.games import prisoners_dilemma
    >>> done = iterated_elimination(prisoners_dilemma())
    >>> [[(one.agent, one.action) for one in found] for found in done.rounds], done.remaining
    ([[(0, 0), (1, 0)]], ((1,), (1,)))
    """
    tables, weakly = payoff_tables(game), checks.flag("weakly", weakly)
    left = [tuple(range(count)) for count in game.n_actions]
    rounds = []
    while found := [one for agent in range(game.n_agents) for one in _dominated(tables, agent, left, weakly)]:
        rounds.append(tuple(found))
        gone = {(one.agent, one.action) for one in found}
        left = [tuple(a for a in own if (agent, a) not in gone) for agent, own in enumerate(left)]
    return Elimination(tuple(rounds), tuple(left))


def _dominated(tables: np.ndarray, agent: int, left: list[tuple[int, ...]], weakly: bool) -> list[Dominated]:
    """Dominated actions of one agent in the game in which only the actions in ``left`` may be played."""
    payoffs = np.moveaxis(tables[agent][np.ix_(*left)], agent, 0).reshape(len(left[agent]), -1)
    size = float(np.ptp(tables[agent]))
    found = []
    for row, action in enumerate(left[agent]):
        more = payoffs - payoffs[row]  # what each action pays more than this one, (A_i, O)
        best = _dominating(more / size if size > 0 else more, row, weakly)
        if best is not None:
            by = np.zeros(tables.shape[1 + agent])
            by[list(left[agent])] = best
            ahead = best @ more
            found.append(Dominated(agent, action, by, float(ahead.max() if weakly else ahead.min())))
    return found


def _dominating(more: np.ndarray, row: int, weakly: bool) -> np.ndarray | None:
    """A policy that dominates action ``row``, given what each action pays more, (A_i, O); None if there is none."""
    for b, gain in enumerate(more):
        if gain.min() > NEAR or (weakly and gain.min() >= 0 and gain.max() > NEAR):
            return np.eye(len(more))[b]
    if len(more) < 3:
        return None
    best = _largest_margin(more, row)
    if (best @ more).min() > NEAR or not weakly:
        return best if (best @ more).min() > NEAR else None
    best = _largest_sum(more, row)
    return best if best is not None and (best @ more).min() >= -NEAR and (best @ more).max() > 10 * NEAR else None


def _largest_margin(more: np.ndarray, row: int) -> np.ndarray:
    """The policy x that maximises e such that (x . more)_o >= e for all o."""
    n_own, n_others = more.shape
    programme = linprog(
        np.append(np.zeros(n_own), -1.0),
        np.hstack([-more.T, np.ones((n_others, 1))]),
        np.zeros(n_others),
        np.append(np.ones(n_own), 0.0)[None],
        [1.0],
        bounds=[(0, 0 if b == row else None) for b in range(n_own)] + [(None, None)],
        method="highs-ds",
    )
    return _as_policy(programme.x[:n_own])


def _largest_sum(more: np.ndarray, row: int) -> np.ndarray | None:
    """The policy x that maximises sum_o (x . more)_o such that no term is negative; None if there is none."""
    n_own, n_others = more.shape
    programme = linprog(
        -more.sum(axis=1),
        -more.T,
        np.zeros(n_others),
        np.ones((1, n_own)),
        [1.0],
        bounds=[(0, 0 if b == row else None) for b in range(n_own)],
        method="highs-ds",
        options={"primal_feasibility_tolerance": 1e-10},
    )
    return _as_policy(programme.x) if programme.status == 0 else None


def _as_policy(weights: np.ndarray) -> np.ndarray:
    """Probabilities without the solver's dust."""
    weights = np.where(weights < 1e-10, 0, weights)
    return weights / weights.sum()
