"""A tournament of memory-one strategies in a repeated 2 x 2 game: who is paid what against whom, exactly.

Legend of axes: S strategies; rows are players, columns their opponents.

Source: R. Axelrod, "The Evolution of Cooperation", 1984, chapter 2, for the form; its programs remembered more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from marl_edu.games import checks
from marl_edu.games.markov_game import MarkovGame
from marl_edu.learning.memory_one import discount_of, memory_one_payoffs, strategy, two_action_tables

MOST = 1000
"""Strategies in a tournament, at most."""


@dataclass(frozen=True, eq=False)
class RoundRobin:
    """A tournament in which each strategy has met each, itself too.

    Attributes
    ----------
    names : tuple of S str
        The strategies, in the order in which they were given.
    payoffs : (S, S) array
        Mean payoff per round of the row's strategy against the column's, in units of reward.
    game : str
        What was played.
    discount, noise : float
        As in ``memory_one_play``.
    """

    names: tuple[str, ...]
    payoffs: np.ndarray
    game: str
    discount: float
    noise: float

    @property
    def means(self) -> np.ndarray:
        """Mean of each strategy over all opponents, itself included, (S,)."""
        return self.payoffs.mean(axis=1)

    @property
    def ranking(self) -> list[str]:
        """Names, best mean first; of equal ones (to nine digits of the payoffs' range), that given first."""
        near = 1e-9 * (float(np.ptp(self.payoffs)) or 1.0)
        return [self.names[k] for k in np.argsort(-np.round(self.means / near), kind="stable")]

    def words(self) -> str:
        """The ranking as a sentence."""
        means = dict(zip(self.names, self.means, strict=True))
        told = ", ".join(f"{name} {means[name]:.2f}" for name in self.ranking)
        noise = f", noise {self.noise:g}" if self.noise else ""
        return f"Mean payoff per round against all, discount {self.discount:g}{noise}, best first: {told}."

    def __repr__(self) -> str:
        best = self.ranking[0]
        mean = self.means[self.names.index(best)]
        return f"RoundRobin({len(self.names)} strategies, best mean {mean:.2f}: {best})"


def round_robin(
    strategies: Mapping[str, tuple], game: MarkovGame, discount: float | None = None, *, noise: float = 0.0
) -> RoundRobin:
    """Let each memory-one strategy meet each, itself too, and tabulate the exact mean payoffs.

    Who wins depends on who takes part, on the discount and on the noise.

    Parameters
    ----------
    strategies : dict of str to 5 probabilities
        By name, as ``STRATEGIES`` is; at most 1,000.
    game : MarkovGame
        Two agents, one state, two actions each. If the two sides differ, each strategy plays either half of the time.
    discount : float in [0, 1), optional
        By default the game's.
    noise : float in [0, 0.5]
        As in ``memory_one_play``.

    Returns
    -------
    RoundRobin

    Raises
    ------
    ValueError
        If one of these is otherwise; the message names the strategy.

    Examples
    --------
    >>> from marl_edu.learning import STRATEGIES, iterated_dilemma
    >>> pair = {name: STRATEGIES[name] for name in ("always defect", "tit for tat")}
    >>> table = round_robin(pair, iterated_dilemma())
    >>> table.payoffs.round(2).tolist()
    [[-2.0, -1.92], [-2.04, -1.0]]
    >>> table.ranking
    ['tit for tat', 'always defect']
    """
    if not isinstance(strategies, Mapping) or not 1 <= len(strategies) <= MOST:
        raise ValueError(f"strategies is {checks.shown(strategies)}; expected a dict of 1 to {MOST:,} of them, by name")
    two_action_tables(game)
    names = tuple(checks.text("strategies: a name", name) for name in strategies)
    found = [strategy(f"strategies[{name!r}]", given) for name, given in strategies.items()]
    for name, probabilities in zip(names, found, strict=True):
        if probabilities.ndim != 1:
            raise ValueError(f"strategies[{name!r}] has shape {probabilities.shape}; expected 5 probabilities")
    entrants, discount = np.array(found), discount_of(game, discount)
    paid = memory_one_payoffs(game, entrants[:, None], entrants[None], discount, noise)  # row, column, seat
    return RoundRobin(names, (paid[..., 0] + paid[..., 1].T) / 2, game.name, discount, noise)
