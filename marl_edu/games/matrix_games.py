"""Matrix games: one state and one table of payoffs per agent.

A matrix game is a Markov game whose only state leads back to itself. Played once, an episode is one step and the
discount is 0; with a discount above 0 the same data is the repeated game, without end if no horizon is given.

Legend of axes: N agents, A_i actions of agent i. In two-agent tables rows are agent 1 and columns agent 2.
"""

from __future__ import annotations

import numpy as np

from marl_edu.games import checks
from marl_edu.games.markov_game import MarkovGame
from marl_edu.games.successors import Successors


def matrix_game(
    payoffs, *, discount: float = 0.0, horizon: int | None = None, agents=None, actions=None, name: str = "matrix game"
) -> MarkovGame:
    """A game with one state, ``'s0'``, from its table or tables of payoffs.

    Parameters
    ----------
    payoffs : array
        One table per agent, shape (N, A_1, ..., A_N): ``payoffs[i][a_1, ..., a_N]`` is what agent i gets. A pair of
        (A_1, A_2) tables is such an array. A *single* table of shape (A_1, A_2) is a team game of two agents: both
        get the same payoff. So two axes always mean a team of two, and N + 1 axes mean N agents.
    discount : float in [0, 1]
        0 for a game played once, above 0 for a repeated game.
    horizon : int, optional
        Plays in an episode, after which it is truncated. Default: 1 with discount 0, else no limit.
    agents, actions : sequence of str, optional
        Names, as in ``MarkovGame``.
    name : str
        A title.

    Returns
    -------
    MarkovGame
        With one state that every joint action leads back to.

    Raises
    ------
    ValueError
        If the tables are not finite numbers of one of the two shapes.

    Examples
    --------
    >>> matrix_game([[2, 0], [0, 1]]).setting
    'cooperative'
    >>> matrix_game([[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]]).setting
    'zero-sum'
    """
    tables = _tables(payoffs)
    return MarkovGame(
        transitions=np.ones((1, *tables.shape[1:], 1)),
        rewards=tables[:, np.newaxis],
        discount=discount,
        horizon=plays(discount, horizon),
        agents=agents,
        actions=actions,
        name=name,
    )


def _tables(payoffs) -> np.ndarray:
    """Payoffs as one table per agent, (N, A_1, ..., A_N)."""
    tables = checks.array("payoffs", payoffs)
    if tables.ndim == 2 and tables.size:
        return np.stack([tables, tables])
    if tables.ndim < 3 or len(tables) != tables.ndim - 1 or not tables.size:
        raise ValueError(
            f"payoffs has shape {tables.shape}; expected one (A_1, A_2) table for a team of two, or one table per "
            "agent: (2, A_1, A_2) for two agents, (3, A_1, A_2, A_3) for three"
        )
    return tables


def plays(discount: float, horizon: int | None) -> int | None:
    """The horizon: where nobody cares about later plays there is one, else as many as are asked for."""
    return 1 if horizon is None and checks.number("discount", discount, 0, 1) == 0 else horizon


def coin_flip_game(heads, tails, *, discount: float, horizon: int | None, actions, name: str) -> MarkovGame:
    """A team game of two that pays ``heads`` or ``tails``, (A_1, A_2) each, with probability 1/2 at every play."""
    heads, tails = np.array(heads, dtype=float), np.array(tails, dtype=float)
    outcomes = [
        [(1.0, 0, (one, one))] if one == other else [(0.5, 0, (one, one)), (0.5, 0, (other, other))]
        for one, other in zip(heads.ravel(), tails.ravel(), strict=True)
    ]
    mean = (heads + tails) / 2
    return MarkovGame(
        transitions=Successors.from_outcomes(outcomes),
        rewards=np.stack([mean, mean])[:, np.newaxis],
        discount=discount,
        horizon=plays(discount, horizon),
        actions=actions,
        name=name,
    )
