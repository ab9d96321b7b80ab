"""Which of several equilibria? Risk dominance, payoff dominance, and the Pareto front.

Two people hunt stag or hare. Both on the stag pays both of them more: it is *payoff-dominant*. But whoever is left
alone with it gets nothing, so hare may be the safer choice: *risk-dominant* is the equilibrium with the larger product
of what the agents lose by leaving it. Learners often find the second rather than the first.

Legend of axes: N agents, A_i actions of agent i, K payoff vectors.

Source: J. Harsanyi & R. Selten, "A General Theory of Equilibrium Selection in Games", MIT Press 1988, chapter 3.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from marl_edu.games import checks
from marl_edu.games.markov_game import MarkovGame
from marl_edu.planning.equilibria import equilibria
from marl_edu.planning.equilibrium_set import Equilibrium
from marl_edu.planning.normal_form import payoff_ranges, payoff_tables, two_tables

NEAR = 1e-9
"""Differences that count as none, as a share of the range of payoffs."""


@dataclass(frozen=True, eq=False)
class RiskDominance:
    """Two strict equilibria of a 2 x 2 game, weighed by what leaving them costs.

    Attributes
    ----------
    equilibria : ((a_1, a_2), (b_1, b_2))
        The two, as joint actions.
    losses : (2, 2) array
        ``losses[e, i]``: what agent i loses by leaving equilibrium e alone, in units of reward.
    products : (2,) array
        Products of both agents' losses.
    dominant : (a_1, a_2) or None
        The equilibrium with the larger product; None for a tie.
    tie : bool
        Whether both products are equal, to 1e-9 of the larger.
    """

    equilibria: tuple[tuple[int, int], tuple[int, int]]
    losses: np.ndarray
    products: np.ndarray

    @property
    def tie(self) -> bool:
        """Whether neither is risk-dominant."""
        return bool(abs(self.products[0] - self.products[1]) <= NEAR * self.products.max())

    @property
    def dominant(self) -> tuple[int, int] | None:
        """The risk-dominant equilibrium; None for a tie."""
        return None if self.tie else self.equilibria[int(self.products.argmax())]


def risk_dominant(game: MarkovGame) -> RiskDominance:
    """Which of the two strict equilibria of a 2 x 2 game is the safer one.

    Parameters
    ----------
    game : MarkovGame
        A matrix game of two agents with two actions each and two strict equilibria, as stag hunt, chicken, battle of
        the sexes have.

    Returns
    -------
    RiskDominance

    Raises
    ------
    ValueError
        If the game is another one.

    Examples
    --------
    >>> from marl_edu.games import matrix_game
    >>> found = risk_dominant(matrix_game([[[9, 0], [8, 7]], [[9, 8], [0, 7]]]))
    >>> found.dominant, found.products.tolist()
    ((1, 1), [1.0, 49.0])
    """
    first, second = two_tables(game)
    if first.shape != (2, 2):
        raise ValueError(f"game {game.name!r} has {first.shape[0]} x {first.shape[1]} actions; expected 2 x 2")
    strict = []
    near = NEAR * payoff_ranges(payoff_tables(game))
    for a, b in np.ndindex(2, 2):
        losses = np.array([first[a, b] - first[1 - a, b], second[a, b] - second[a, 1 - b]])
        if (losses > near).all():
            strict.append(((a, b), losses))
    if len(strict) != 2:
        raise ValueError(f"game {game.name!r} has {len(strict)} strict equilibria; expected two to compare")
    losses = np.array([lost for _, lost in strict])
    return RiskDominance((strict[0][0], strict[1][0]), losses, losses.prod(axis=1))


def payoff_dominant(game: MarkovGame) -> Equilibrium | None:
    """The equilibrium that pays every agent more than any other equilibrium does, if there is one.

    Parameters
    ----------
    game : MarkovGame
        A matrix game, as ``equilibria`` takes it.

    Returns
    -------
    Equilibrium or None
        None if the agents don't agree, or two equilibria pay the same.

    Raises
    ------
    ValueError
        As ``equilibria``, and if it can't be said because equilibria may be missing.

    Examples
    --------
    >>> from marl_edu.games import battle_of_the_sexes, stag_hunt
    >>> payoff_dominant(stag_hunt()).support, payoff_dominant(battle_of_the_sexes())
    (((0,), (0,)), None)
    """
    found = equilibria(game)
    if not found.complete:
        raise ValueError(f"game {game.name!r} may have more equilibria than were found: {found.reason}")
    near = NEAR * payoff_ranges(payoff_tables(game))
    for one in found:
        if all((one.payoffs > other.payoffs + near).all() for other in found if other is not one):
            return one
    return None


def pareto_front(payoffs) -> np.ndarray:
    """Which payoff vectors are Pareto-optimal among those given: no other pays all at least as much, and one more.

    Parameters
    ----------
    payoffs : (K, N) array
        Payoffs of N agents, for example those of all joint actions, ``payoff_tables(game).reshape(N, -1).T``.

    Returns
    -------
    (K,) bool array
        Equal vectors are all in or all out.

    Raises
    ------
    ValueError
        If this is no table of finite numbers.

    Examples
    --------
    Of the prisoners' four joint actions only mutual defection is off the front:

    >>> from marl_edu.games import prisoners_dilemma
    >>> pareto_front(payoff_tables(prisoners_dilemma()).reshape(2, -1).T).tolist()
    [True, True, True, False]
    """
    payoffs = checks.array("payoffs", payoffs)
    if payoffs.ndim != 2 or not payoffs.size:
        raise ValueError(f"payoffs has shape {payoffs.shape}; expected (K, N), one row of payoffs per outcome")
    near = NEAR * np.ptp(payoffs, axis=0)
    more = payoffs[None] - payoffs[:, None]  # what another one pays more, (this, other, agent)
    beaten = (more >= -near).all(axis=-1) & (more > near).any(axis=-1)
    return ~beaten.any(axis=1)
