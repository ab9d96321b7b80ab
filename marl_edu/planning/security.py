"""What an agent can secure by itself in a matrix game: its security level, or minimax value.

Whatever the others do, a policy x pays agent i at least min_{a^-i} u^i(x, a^-i). The best such floor is the value of
the zero-sum game of agent i against all the others acting as one, so it is also what they could hold the agent down to:

    max_x min_{a^-i} u^i(x, a^-i) = v^i = min_z max_{a^i} sum_{a^-i} z(a^-i) u^i(a^i, a^-i).

No equilibrium pays agent i less than v^i. In a repeated game with enough patience everything that pays all agents more
than this, and is feasible, can be kept up by the threat of it.

Legend of axes: N agents, A_i actions of agent i.

Source: J. von Neumann & O. Morgenstern, "Theory of Games and Economic Behavior", Princeton 1944, chapter 3; for the
repeated game D. Fudenberg & E. Maskin, Econometrica 54 (1986), where the others mix independently, which may secure
them less against three agents or more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from marl_edu.games.markov_game import MarkovGame
from marl_edu.planning.normal_form import payoff_tables
from marl_edu.planning.stage_games import solve_stage


@dataclass(frozen=True, eq=False)
class MinimaxSolution:
    """What one agent can secure whatever the others do, even if they act as one against it.

    Attributes
    ----------
    agent : int
        Whose it is.
    value : float
        The security level, max_x min_{a^-i} u^i(x, a^-i), in units of reward.
    policy : (A_i,) array
        A policy that secures it.
    against : (A_1, ..., A_N without A_i) array
        Probabilities with which the others, acting as one, let the agent have no more.
    gap : float
        What ``against`` lets through less what ``policy`` secures, at least 0: the value lies between the two.
    """

    agent: int
    value: float
    policy: np.ndarray
    against: np.ndarray
    gap: float


def minimax(game: MarkovGame, agent: int | str) -> MinimaxSolution:
    """What one agent can secure by itself, and what the others can hold it down to if they act as one: the same.

    Parameters
    ----------
    game : MarkovGame
        A matrix game of any number of agents.
    agent : int or str
        Number from 0, or name.

    Returns
    -------
    MinimaxSolution

    Raises
    ------
    ValueError
        If this is no matrix game, or there is no such agent.

    Examples
    --------
    >>> from marl_edu.games import battle_of_the_sexes
    >>> secured = minimax(battle_of_the_sexes(), 0)
    >>> round(secured.value, 6), secured.policy.round(4).tolist()
    (0.666667, [0.3333, 0.6667])
    """
    tables = payoff_tables(game)
    agent = game.agent_index(agent)
    paid = np.moveaxis(tables[agent], agent, 0)
    found = solve_stage(paid.reshape(len(paid), -1))
    return MinimaxSolution(agent, found.value, found.row, found.column.reshape(paid.shape[1:]), found.gap)
