"""Dynamic programming, sweep by sweep, as algorithms that can be recorded, looked at and rewound: what all share.

A sweep applies a map T to all values at once, V_{k+1} = T V_k, and T brings any two V closer together by the factor
gamma in the largest norm. So on a logarithmic axis the distance to the answer falls along a line of slope
log10(gamma) a sweep, or faster.

Legend of axes: K seeds (these algorithms use no chance, so 1), N agents, S states, A actions (most of any agent).

Source: M. Puterman, "Markov Decision Processes", Wiley 1994, theorem 6.2.3 (contraction).
"""

from __future__ import annotations

import numpy as np

from marl_edu.algorithm import Algorithm, Frame, HyperparameterError, Real
from marl_edu.games import checks
from marl_edu.games.markov_game import MarkovGame

MOST_ENTRIES = 2**22
"""Frames hold values of actions only up to so many entries: what is larger is not looked at number by number."""

DISCOUNTS = (*(k / 100 for k in range(100)), 0.995, 0.999, 0.9999)
"""Discounts that a slider offers."""

NO_CHANCE = "dynamic programming leaves nothing to chance"


def opening_discount(kind: type[Algorithm], game: MarkovGame, options: dict, instead: str) -> dict[str, float]:
    """The hyperparameter ``discount`` that an algorithm starts with: the game's, unless ``options`` have their own.

    Raises
    ------
    HyperparameterError
        If the game's is larger than the algorithm can do with; it says what to do.

    >>> from marl_edu.games import climbing
    >>> opening_discount(DynamicProgramming, climbing(discount=0.5, horizon=None), {}, "evaluate")
    {'discount': 0.5}
    """
    most = kind.discount.max
    if "discount" not in options and game.discount > most:
        raise HyperparameterError(
            f"discount is {game.discount:.9g} in this game; {kind.__name__} takes up to {most:g}: start it with "
            f"discount={most:g}, or use {instead}"
        )
    return {"discount": game.discount}


class DynamicProgramming(Algorithm):
    """Base of what follows: values of all states, from the model, improved sweep by sweep.

    Parameters
    ----------
    game : MarkovGame
        The world. Its discount is where the hyperparameter ``discount`` starts.
    **hyperparameters
        Those declared below. There is no chance in these algorithms, so there is one seed.
    """

    unit = "sweep"
    chunk = 1
    _at_once = "evaluate"  # which function has the answer without sweeps, with discount 1 too
    discount = Real(
        0.9, 0, 0.9999, "weight of the next step's reward, gamma; sweeps go on for ever, so below 1", choices=DISCOUNTS
    )

    def __init__(self, game: MarkovGame, *, seeds: int = 1, **options):
        self._game = checks.game(game)
        if seeds != 1:
            raise HyperparameterError(f"seeds is {seeds!r}; expected 1: {NO_CHANCE}")
        super().__init__(seeds=1, **opening_discount(type(self), game, options, self._at_once) | options)

    @property
    def game(self) -> MarkovGame:
        """The world."""
        return self._game

    def _inputs(self) -> tuple:
        return (self._game,)

    def reset(self) -> None:
        """Back to values of 0."""
        super().reset()
        self._values = np.zeros(self._shape())
        self._residual = np.nan
        self._exact = self._exact_for = None
        if self.seeds != 1:
            raise HyperparameterError(f"seeds is {self.seeds}; expected 1: {NO_CHANCE}")

    def _shape(self) -> tuple[int, ...]:
        return (self._game.n_states,)

    def _advance(self, n: int) -> None:
        for _ in range(n):
            ahead = self._sweep(self._values)
            self._residual = float(np.abs(ahead - self._values).max())
            self._values = ahead

    def _sweep(self, values: np.ndarray) -> np.ndarray:
        """TV."""
        raise NotImplementedError

    def _solution(self, game: MarkovGame) -> np.ndarray:
        """The V with V = TV, of the game with the present discount."""
        raise NotImplementedError

    def solution(self) -> np.ndarray:
        """The exact answer for the present discount, of the shape of ``values`` in a frame without its first axis."""
        if self._exact_for != self.discount:
            self._exact = self._solution(self._game.replace(discount=self.discount))
            self._exact_for = self.discount
        return self._exact

    def _learned(self) -> Frame:
        return {"values": self._values[None]}

    def frame(self) -> Frame:
        """Where the sweeps have come to.

        Returns
        -------
        dict of arrays with a leading axis of 1
            ``values`` V_k; ``residual`` max |V_k - V_{k-1}|, NaN before the first sweep; ``error`` max |V_k - V|, the
            distance to the exact answer; ``q`` (1, N, S, A), each agent's values of its own actions, where every agent
            sees the state and the table is not too large; ``start_value`` (1,) or (1, N), the value of the start.
        """
        frame = {
            "values": self._values[None].copy(),
            "residual": np.array([self._residual]),
            "error": np.array([np.abs(self._values - self.solution()).max()]),
            "start_value": np.array([self._values @ self._game.start]),
        }
        if self._looked_at():
            frame["q"] = self._own_action_values()[None]
        return frame

    def _looked_at(self) -> bool:
        game = self._game
        everywhere = np.arange(game.n_states)
        small = game.n_agents * game.n_states * game.n_joint_actions <= MOST_ENTRIES
        return small and bool((game.observations == everywhere).all())

    def _own_action_values(self) -> np.ndarray:
        """What each agent expects of its own actions, (N, S, A), NaN where an agent has fewer actions than others."""
        raise NotImplementedError

    def _padded(self, tables: list[np.ndarray]) -> np.ndarray:
        q = np.full((len(tables), self._game.n_states, max(self._game.n_actions)), np.nan)
        for i, table in enumerate(tables):
            q[i, :, : table.shape[1]] = table
        return q

    def _ahead(self, values: np.ndarray) -> np.ndarray:
        """Discounted mean of what comes after, gamma sum_s' p(s' | s, a) V(s'), (S, A_1, ..., A_N)."""
        ahead = self._game.successors.expectation(values)
        return self.discount * ahead.reshape(self._game.n_states, *self._game.n_actions)
