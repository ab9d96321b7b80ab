"""Value iteration for a team, and Shapley's iteration for two opponents.

    value iteration      (TV)(s) = max_a [sum_i R^i(s, a) + gamma sum_s' p(s' | s, a) V(s')]
    Shapley's iteration  (TV)(s) = value of the zero-sum game with payoffs R^1(s, .) + gamma sum_s' p(s' | s, .) V(s')

Legend of axes: N agents, S states, A and B actions of agents 1 and 2.

Sources: Sutton & Barto 2018, section 4.4 (value iteration); L. Shapley, "Stochastic games", PNAS 39 (1953).
"""

from __future__ import annotations

import numpy as np

from marl_edu.algorithm import Frame
from marl_edu.games.markov_game import MarkovGame
from marl_edu.planning.dynamic_programming import DynamicProgramming
from marl_edu.planning.optimum import improve, team_optimum
from marl_edu.planning.zero_sum import require_zero_sum, shapley, sweep


class ValueIteration(DynamicProgramming):
    """The most that a team can earn together from each state, by sweeps; ``value_iteration`` has the answer at once.

    ``values`` in its frames are (1, S), sums over agents. Agent i's ``q`` is the largest value of the joint actions
    that contain its action: what it can hope for if the others do their part.

    Examples
    --------
    >>> from marl_edu.games import climbing
    >>> sweeps = ValueIteration(climbing(discount=0.5, horizon=None))
    >>> sweeps.advance(2)
    >>> sweeps.frame()["values"].tolist(), sweeps.frame()["error"].round(6).tolist()
    ([[33.0]], [11.0])
    """

    title = "Value iteration"
    _at_once = "value_iteration"

    def reset(self) -> None:
        """Back to values of 0."""
        super().reset()
        self._team = np.ascontiguousarray(self._game.rewards.sum(axis=0).ravel())
        self._choices = np.zeros(self._game.n_states, dtype=np.int64)

    def _model(self) -> tuple:
        found = self._game.successors
        return (self._team, self.discount, found.offsets, found.states, found.probabilities)

    def _sweep(self, values: np.ndarray) -> np.ndarray:
        ahead = np.empty_like(values)
        improve(values, *self._model(), ahead, self._choices)
        return ahead

    def _solution(self, game: MarkovGame) -> np.ndarray:
        return team_optimum(game, 1e-12).values

    def _own_action_values(self) -> np.ndarray:
        joint = self._team.reshape(self._game.n_states, *self._game.n_actions) + self._ahead(self._values)
        agents = range(self._game.n_agents)
        return self._padded([joint.max(axis=tuple(1 + j for j in agents if j != i)) for i in agents])


class ShapleyIteration(DynamicProgramming):
    """The value of a two-player zero-sum Markov game, by sweeps; ``shapley`` has the answer at once.

    ``values`` in its frames are (1, S), what agent 1 secures; agent 2's are the negative. ``q`` is each agent's value
    of its actions against the other's stage policy.

    Examples
    --------
    >>> from marl_edu.games import random_game
    >>> sweeps = ShapleyIteration(random_game(2, 3, 2, 0, zero_sum=True, discount=0.5))
    >>> sweeps.advance(40)
    >>> bool(sweeps.frame()["error"] < 1e-9)
    True
    """

    title = "Shapley's iteration"
    _at_once = "shapley"

    def __init__(self, game: MarkovGame, **options):
        require_zero_sum(game)
        super().__init__(game, **options)

    def reset(self) -> None:
        """Back to values of 0."""
        super().reset()
        self._stages = None

    def _sweep(self, values: np.ndarray) -> np.ndarray:
        ahead, self._stages = sweep(self._game.replace(discount=self.discount), values, self._stages)
        return ahead

    def _solution(self, game: MarkovGame) -> np.ndarray:
        return shapley(game, 1e-12).values

    def policies(self) -> list[np.ndarray]:
        """The stage policies of the last sweep, (S, A) and (S, B); uniformly random before the first."""
        if self._stages is None:
            return [np.full((self._game.n_states, n), 1 / n) for n in self._game.n_actions]
        return [np.array([getattr(stage, side) for stage in self._stages]) for side in ("row", "column")]

    def _own_action_values(self) -> np.ndarray:
        payoffs = self._game.rewards[0] + self._ahead(self._values)
        rows, columns = self.policies()
        return self._padded([np.einsum("sab,sb->sa", payoffs, columns), -np.einsum("sab,sa->sb", payoffs, rows)])

    def frame(self) -> Frame:
        """As for all, and ``row`` (1, S, A) and ``column`` (1, S, B), the stage policies."""
        rows, columns = self.policies()
        return super().frame() | {"row": rows[None], "column": columns[None]}
