"""Regret: to play more of what would have paid better so far. Two rules, and what each guarantees.

All that these rules remember can be read from the average joint play z(a, b). For agent 1, with payoffs u(a, b):

    external     R(a)     = sum_{j,b} z(j, b) [u(a, b) - u(j, b)]    had I always played a
    conditional  D(j, a)  = sum_b z(j, b) [u(a, b) - u(j, b)]        had I played a whenever I played j

Where nobody has external regret, z is a *coarse* correlated equilibrium; where nobody has conditional regret, it is a
correlated equilibrium.

Legend of axes: K seeds, 2 agents, A actions (the larger number of the two), A_1 and A_2 actions of agents 1 and 2.
"""

from __future__ import annotations

import numpy as np

from marl_edu.algorithm import Choice, Real
from marl_edu.learning.cache import leaf
from marl_edu.learning.dynamics.matrix_dynamics import MatrixDynamics
from marl_edu.learning.dynamics.velocities import action_payoffs


@leaf
def drawn(policies, i, n, coin):
    """The action of agent i that the uniform number ``coin`` falls on."""
    for a in range(n - 1):
        coin -= policies[i, a]
        if coin < 0:
            return a
    return n - 1


@leaf
def payoff(tables, i, own, other):
    """What agent i gets for its action against the other's."""
    return tables[0, own, other] if i == 0 else tables[1, other, own]


@leaf
def match_regrets(regrets, i, n, fallback, policies):
    """x_a proportional to the positive part of R(a); if there is none, any policy will do: the first one."""
    total = 0.0
    for a in range(n):
        total += max(regrets[i, a], 0.0)
    for a in range(n):
        policies[i, a] = max(regrets[i, a], 0.0) / total if total > 0 else fallback[i, a]


@leaf
def match_often(n, coins, used, tables, policies, joint, steps, first, sampled, payoffs, regrets):
    """Do n plays of external regret matching with one seed; ``regrets`` (2, A) are sums over plays."""
    n_actions = tables.shape[1:]
    for _ in range(n):
        if sampled:
            row = drawn(policies, 0, n_actions[0], coins[used[0], 0])
            column = drawn(policies, 1, n_actions[1], coins[used[0], 1])
            used[0] += 1
            joint[row, column] += 1.0
            for a in range(n_actions[0]):
                regrets[0, a] += tables[0, a, column] - tables[0, row, column]
            for b in range(n_actions[1]):
                regrets[1, b] += tables[1, row, b] - tables[1, row, column]
        else:
            action_payoffs(tables, policies, payoffs)
            for a in range(n_actions[0]):
                for b in range(n_actions[1]):
                    joint[a, b] += policies[0, a] * policies[1, b]
            for i in range(2):
                mean = 0.0
                for a in range(n_actions[i]):
                    mean += policies[i, a] * payoffs[i, a]
                for a in range(n_actions[i]):
                    regrets[i, a] += payoffs[i, a] - mean
        for i in range(2):
            match_regrets(regrets, i, n_actions[i], first, policies)
        steps[0] += 1


@leaf
def match_conditionally(n, coins, used, tables, policies, joint, steps, scale, regrets):
    """Do n plays of conditional regret matching with one seed; ``regrets`` (2, A, A) are sums over plays."""
    for _ in range(n):
        row = drawn(policies, 0, tables.shape[1], coins[used[0], 0])
        column = drawn(policies, 1, tables.shape[2], coins[used[0], 1])
        used[0] += 1
        joint[row, column] += 1.0
        steps[0] += 1
        for i in range(2):
            own, other = (row, column) if i == 0 else (column, row)
            left = 1.0
            for a in range(tables.shape[1 + i]):
                if a != own:
                    regrets[i, own, a] += payoff(tables, i, a, other) - payoff(tables, i, own, other)
                    policies[i, a] = max(regrets[i, own, a], 0.0) / (steps[0] * scale[i])
                    left -= policies[i, a]
            policies[i, own] = left


class RegretDynamics(MatrixDynamics):
    """Base of the rules that remember joint play and nothing else; one unit of work is one play.

    Parameters
    ----------
    game, starts, seeds, seed
        See ``MatrixDynamics``. The starting point is the first policy to be played.
    """

    def reset(self) -> None:
        """Back to the first policies; nothing was played."""
        super().reset()
        self._first = self._policies.copy()

    def _ranges(self) -> np.ndarray:
        """The range of each agent's payoffs, (2,); 1 for one to whom nothing makes a difference."""
        ranges = np.ptp(self._tables, axis=(1, 2))
        return np.where(ranges > 0, ranges, 1.0)

    def _payoff_sums(self) -> np.ndarray:
        """What each action would have paid so far against what the other played, (K, 2, A)."""
        sums = np.zeros(self._policies.shape)
        sums[:, 0, : self._tables.shape[1]] = self._joint.sum(axis=1) @ self._tables[0].T
        sums[:, 1, : self._tables.shape[2]] = self._joint.sum(axis=2) @ self._tables[1]
        return sums


class RegretMatching(RegretDynamics):
    """Regret matching: play each action in proportion to the regret of not having always played it.

    Average external regret is at most the range of payoffs times sqrt(A / T) after T plays (on average over the draws),
    whatever the other does.

    Source: S. Hart and A. Mas-Colell, "A simple adaptive procedure leading to correlated equilibrium", Econometrica 68
    (2000), section 4, theorem B; the bound follows from D. Blackwell, "An analog of the minimax theorem for vector
    payoffs", Pacific J. Mathematics 6 (1956).

    Parameters
    ----------
    game, starts, seeds, seed
        See ``RegretDynamics``.

    Examples
    --------
    >>> from marl_edu.games import rock_paper_scissors
    >>> learner = RegretMatching(rock_paper_scissors(), seeds=3)
    >>> learner.advance(100_000)
    >>> bool((learner.frame()["regret"] < learner.regret_bound(100_000)).all())
    True
    """

    title = "Regret matching"
    play = Choice("sampled", ("sampled", "expected"), "regret of actions that are drawn, or of the policies themselves")

    def regret_bound(self, plays) -> np.ndarray:
        """The largest average external regret after so many plays, (..., 2), one for each agent.

        Parameters
        ----------
        plays : array
            T, at least 1.
        """
        ranges, n_actions = self._ranges(), np.array(self._tables.shape[1:])
        return ranges * np.sqrt(n_actions / np.asarray(plays, dtype=float)[..., None])

    def _prepared(self) -> tuple:
        paid = np.einsum("kab,iab->ki", self._joint, self._tables)
        return self.play == "sampled", self._payoff_sums() - paid[..., None]

    def _play(self, n, k, sampled, regrets):
        coins, state = self._coins(n, k), self._state(k)
        match_often(n, *coins, self._tables, *state, self._first[k], sampled, self._work[0], regrets[k])


class ConditionalRegretMatching(RegretDynamics):
    """Hart and Mas-Colell's procedure: leave the last action j for a with probability D(j, a) / mu.

    D(j, a) is the positive part of the average regret of not having played a whenever j was played; mu is so large
    that there is always a chance to stay. If all agents do so, joint play tends to the set of correlated equilibria.

    Source: S. Hart and A. Mas-Colell, "A simple adaptive procedure leading to correlated equilibrium", Econometrica 68
    (2000), equation 2.2 and the main theorem. There mu is larger than 2 M (A - 1), M a bound of the payoffs' size; here
    mu = ``inertia`` times range times (A - 1), which is never larger than that for an inertia of 1.

    Parameters
    ----------
    game, starts, seeds, seed
        See ``RegretDynamics``.

    Examples
    --------
    >>> from marl_edu.games import chicken
    >>> learner = ConditionalRegretMatching(chicken())
    >>> learner.advance(1000)
    >>> learner.frame()["joint_play"].sum().round(9).tolist()
    1.0
    """

    title = "Conditional regret matching"
    inertia = Real(1.01, 1.01, 100, "how large mu is: how reluctantly an agent leaves its last action", scale="log")

    def _prepared(self) -> tuple:
        most, joint = self._policies.shape[-1], self._joint
        regrets = np.zeros((self.seeds, 2, most, most))
        for i, table, seen in ((0, self._tables[0], joint), (1, self._tables[1].T, joint.swapaxes(1, 2))):
            size = len(table)
            regrets[:, i, :size, :size] = seen @ table.T - (seen * table).sum(axis=2)[..., None]
        scale = self.inertia * self._ranges() * np.maximum(np.array(self._tables.shape[1:]) - 1, 1)
        return scale, regrets

    def _play(self, n, k, scale, regrets):
        match_conditionally(n, *self._coins(n, k), self._tables, *self._state(k), scale, regrets[k])
