"""Multiplicative weights: each action's weight grows by the exponential of what it would have paid.

Legend of axes: K seeds, 2 agents, A actions (the larger number of the two), A_1 and A_2 actions of agents 1 and 2.
"""

from __future__ import annotations

import math

import numpy as np

from marl_edu.algorithm import Choice, Real
from marl_edu.learning.cache import leaf
from marl_edu.learning.dynamics.regret import RegretDynamics
from marl_edu.learning.dynamics.velocities import action_payoffs


@leaf
def weigh_often(n, tables, policies, joint, steps, first, step_size, scale, payoffs, sums):
    """Do n plays of multiplicative weights with one seed; ``sums`` (2, A) says what each action would have paid."""
    for _ in range(n):
        action_payoffs(tables, policies, payoffs)
        for a in range(tables.shape[1]):
            for b in range(tables.shape[2]):
                joint[a, b] += policies[0, a] * policies[1, b]
        steps[0] += 1
        for i in range(2):
            rate = step_size if step_size > 0 else scale[i] / math.sqrt(steps[0] + 1)  # of the play to come
            best, total = -math.inf, 0.0
            for a in range(tables.shape[1 + i]):
                sums[i, a] += payoffs[i, a]
                if first[i, a] > 0:
                    best = max(best, sums[i, a])
            for a in range(tables.shape[1 + i]):
                policies[i, a] = first[i, a] * math.exp(rate * (sums[i, a] - best)) if first[i, a] > 0 else 0.0
                total += policies[i, a]
            for a in range(tables.shape[1 + i]):
                policies[i, a] /= total


class MultiplicativeWeights(RegretDynamics):
    """Multiplicative weights (exponential weights, Hedge): x_a proportional to its start times exp(eta U_a).

    U_a is the sum of what a would have paid so far against the other's policies. With a constant eta average regret
    does not vanish; with eta_t = sqrt(8 ln A / t) / range for play t, and U_a summed over the t - 1 plays before, it is
    at most range (sqrt(2 ln A / T) + sqrt(ln A / 8) / T) after T plays from the uniform policy. The replicator is its
    limit for small eta.

    Sources: Y. Freund and R. Schapire, "Adaptive game playing using multiplicative weights", Games and Economic
    Behavior 29 (1999); the schedule and its bound: N. Cesa-Bianchi and G. Lugosi, "Prediction, Learning, and Games",
    Cambridge University Press 2006, theorem 2.3.

    Parameters
    ----------
    game, starts, seeds, seed
        See ``RegretDynamics``.

    Examples
    --------
    >>> from marl_edu.games import rock_paper_scissors
    >>> learner = MultiplicativeWeights(rock_paper_scissors(), starts=[[[0.6, 0.2, 0.2], [0.3, 0.4, 0.3]]])
    >>> learner.advance(10_000)
    >>> learner.frame()["averages"].round(1).tolist()
    [[[0.3, 0.3, 0.3], [0.3, 0.3, 0.3]]]
    """

    title = "Multiplicative weights"
    schedule = Choice("falling", ("falling", "constant"), "whether eta falls with the square root of the plays")
    step_size = Real(
        0.1, 1e-4, 10, "eta where it is constant", unit="1 / payoff", scale="log", when=("schedule", "constant")
    )

    def regret_bound(self, plays) -> np.ndarray:
        """The largest average external regret after so many plays from uniform policies by the falling schedule.

        Parameters
        ----------
        plays : array
            T, at least 1.

        Returns
        -------
        (..., 2) array
            For each agent, in payoffs.
        """
        plays, logs = np.asarray(plays, dtype=float)[..., None], np.log(np.array(self._tables.shape[1:]))
        return self._ranges() * (np.sqrt(2 * logs / plays) + np.sqrt(logs / 8) / plays)

    def _prepared(self) -> tuple:
        step_size = self.step_size if self.schedule == "constant" else 0.0  # 0 stands for the falling one
        scale = np.sqrt(8 * np.log(np.array(self._tables.shape[1:]))) / self._ranges()
        return step_size, scale, self._payoff_sums()

    def _play(self, n, k, step_size, scale, sums):
        weigh_often(n, self._tables, *self._state(k), self._first[k], step_size, scale, self._work[0], sums[k])
