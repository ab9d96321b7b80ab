"""Sweeps for a given joint policy: what it is worth to each agent, and what each could gain by leaving it alone.

    Q^i(s, a)          = R^i(s, a) + gamma sum_s' p(s' | s, a) V^i(s')
    policy evaluation    (TV)^i(s) = sum_a pi(a | s) Q^i(s, a)
    best responses       (TV)^i(s) = max_{a^i} sum_{a^-i} pi^{-i}(a^-i | s) Q^i(s, a)

Legend of axes: N agents, S states, A actions (most of any agent).

Sources: Sutton & Barto 2018, section 4.1 (policy evaluation); J. Filar & K. Vrieze, "Competitive Markov Decision
Processes", Springer 1997 (a best response solves the induced decision problem).
"""

from __future__ import annotations

import numpy as np

from marl_edu.algorithm import Frame
from marl_edu.games.markov_game import MarkovGame
from marl_edu.planning.best_response import best_response
from marl_edu.planning.dynamic_programming import DynamicProgramming
from marl_edu.planning.evaluation import evaluate
from marl_edu.planning.induced import induced_chain, induced_mdp


class PolicyEvaluation(DynamicProgramming):
    """Values of a joint policy for every agent, by sweeps; ``evaluate`` has the same answer at once.

    ``values`` in its frames are (1, N, S); agent i's ``q`` is that of its action if the others keep to their policies.

    Parameters
    ----------
    game : MarkovGame
        The world.
    policies : list of N policies, or None
        As in ``evaluate``.
    **hyperparameters
        Those declared below.

    Examples
    --------
    >>> from marl_edu.games import climbing
    >>> sweeps = PolicyEvaluation(climbing(discount=0.5, horizon=None), [[1], [1]])
    >>> sweeps.advance(3)
    >>> sweeps.frame()["values"].tolist(), sweeps.frame()["error"].tolist()
    ([[[12.25], [12.25]]], [1.75])
    """

    title = "Policy evaluation"

    def __init__(self, game: MarkovGame, policies=None, **options):
        self._policies = policies
        self._transitions, self._rewards = induced_chain(game, policies)
        super().__init__(game, **options)

    def _inputs(self) -> tuple:
        return (self._game, self._policies)

    def _shape(self) -> tuple[int, int]:
        return (self._game.n_agents, self._game.n_states)

    def _sweep(self, values: np.ndarray) -> np.ndarray:
        return self._rewards + self.discount * (self._transitions @ values.T).T

    def _solution(self, game: MarkovGame) -> np.ndarray:
        return evaluate(game, self._policies)

    def _own_action_values(self) -> np.ndarray:
        problems = [induced_mdp(self._game, i, self._policies) for i in range(self._game.n_agents)]
        return self._padded([_backed_up(*pair, self.discount) for pair in zip(problems, self._values, strict=True)])


class BestResponseIteration(DynamicProgramming):
    """What each agent can get while the others keep to their policies, by sweeps, and so how exploitable they are.

    The sweeps begin at the values of the given joint policy. After k of them agent i's value is what it gets by
    leaving its policy for k steps in the best way and then returning to it: it only grows, and ends at that of a best
    response. ``best_response`` and ``exploitability`` have the answers at once.

    Parameters
    ----------
    game : MarkovGame
        The world. Where agents see only part of the state, these are upper bounds, as in ``best_response``.
    policies : list of N policies, or None
        As in ``evaluate``.
    **hyperparameters
        Those declared below.

    Examples
    --------
    >>> from marl_edu.games import prisoners_dilemma
    >>> sweeps = BestResponseIteration(prisoners_dilemma(), [[0], [0]])
    >>> sweeps.advance(1)
    >>> sweeps.frame()["gains"].tolist(), sweeps.frame()["exploitability"].tolist()
    ([[2.0, 2.0]], [2.0])
    """

    title = "Best-response iteration"
    _at_once = "best_response and exploitability"

    def __init__(self, game: MarkovGame, policies=None, **options):
        self._policies = policies
        induced_chain(game, policies)  # says so if the policies don't fit
        self._problems = [induced_mdp(game, agent, policies) for agent in range(game.n_agents)]
        super().__init__(game, **options)

    def _inputs(self) -> tuple:
        return (self._game, self._policies)

    def reset(self) -> None:
        """Back to the values of the joint policy."""
        super().reset()
        self._begin()

    def _begin(self) -> None:
        """Nobody has left the joint policy yet; so too when the discount is another, which makes values others."""
        self._values, self._begun_with = self._kept(), self.discount

    def _advance(self, n: int) -> None:
        if self._begun_with != self.discount:
            self._begin()
        super()._advance(n)

    def _shape(self) -> tuple[int, int]:
        return (self._game.n_agents, self._game.n_states)

    def _kept(self) -> np.ndarray:
        """Values of the joint policy as it is."""
        return evaluate(self._game.replace(discount=self.discount), self._policies)

    def _tables(self) -> list[np.ndarray]:
        pairs = zip(self._problems, self._values, strict=True)
        return [_backed_up(problem, values, self.discount) for problem, values in pairs]

    def _sweep(self, values: np.ndarray) -> np.ndarray:
        return np.array([table.max(axis=1) for table in self._tables()])

    def _solution(self, game: MarkovGame) -> np.ndarray:
        return np.array([best_response(game, i, self._policies, 1e-12).values for i in range(game.n_agents)])

    def _own_action_values(self) -> np.ndarray:
        return self._padded(self._tables())

    def frame(self) -> Frame:
        """As for all, and ``gains`` (1, N), how much better than the given policy each agent does from the start by
        leaving it alone; ``exploitability`` (1,), their mean.
        """
        if self._begun_with != self.discount:
            self._begin()
        gains = (self._values - self._kept()) @ self._game.start
        return super().frame() | {"gains": gains[None], "exploitability": np.array([gains.mean()])}


def _backed_up(problem: MarkovGame, values: np.ndarray, discount: float) -> np.ndarray:
    """Q(s, a) = r(s, a) + gamma sum_s' p(s' | s, a) V(s') in one agent's induced problem, (S, A_i)."""
    rewards = problem.rewards[0]
    return rewards + discount * problem.successors.expectation(values).reshape(rewards.shape)
