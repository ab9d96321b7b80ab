"""Best responses: to what the other plays now, or to all that it has played so far.

Legend of axes: K seeds, 2 agents, A actions (the larger number of the two), A_1 and A_2 actions of agents 1 and 2.
"""

from __future__ import annotations

import numpy as np

from marl_edu.algorithm import Choice, Frame, Real
from marl_edu.learning.cache import leaf
from marl_edu.learning.dynamics.matrix_dynamics import MatrixDynamics
from marl_edu.learning.dynamics.measures import expected
from marl_edu.learning.dynamics.velocities import action_payoffs

TIE = 1e-9
"""Payoffs closer than this share of the payoffs' range count as equal."""


@leaf
def pick_best(payoffs, i, n, slack, coin):
    """An action that pays agent i most, up to ``slack``: at share ``coin`` of them, so the first if it is 0."""
    bar = payoffs[i, 0]
    for a in range(1, n):
        bar = max(bar, payoffs[i, a])
    bar -= slack
    ties = 0
    for a in range(n):
        ties += payoffs[i, a] >= bar
    left = int(coin * ties)
    for a in range(n):
        if payoffs[i, a] >= bar:
            if left == 0:
                return a
            left -= 1
    return n - 1


@leaf
def respond(tables, i, seen, policies, step_size, slack, coin, payoffs):
    """Move agent i towards a best response to what it has ``seen`` (2, A); who plays one already stays."""
    action_payoffs(tables, seen, payoffs)
    n = tables.shape[1 + i]
    chosen = pick_best(payoffs, i, n, slack, coin)
    if expected(tables, i, seen) < payoffs[i, chosen] - slack:
        for a in range(n):
            policies[i, a] += step_size * ((a == chosen) - policies[i, a])


@leaf
def respond_often(
    n, coins, used, tables, policies, joint, steps, step_size, alternating, at_random, slack, before, payoffs
):
    """Do n steps of best-response dynamics with one seed; ``before`` and ``payoffs`` (2, A) are room to work in."""
    for _ in range(n):
        for a in range(tables.shape[1]):
            for b in range(tables.shape[2]):
                joint[a, b] += policies[0, a] * policies[1, b]
        for i in range(2):
            for a in range(tables.shape[1 + i]):
                before[i, a] = policies[i, a]
        for i in range(2):
            coin = coins[used[0], i] if at_random else 0.0
            respond(tables, i, policies if alternating else before, policies, step_size, slack, coin, payoffs)
        used[0] += at_random
        steps[0] += 1


@leaf
def play_fictitiously(n, coins, used, tables, beliefs, policies, joint, steps, at_random, slack, sums):
    """Do n plays with one seed: both respond to ``beliefs`` (2, A), counts of what was played, and are then counted.

    ``sums`` (2, A) is room for what each action would have paid against all that was counted.
    """
    action_payoffs(tables, beliefs, sums)
    count = 0.0
    for a in range(tables.shape[1]):
        count += beliefs[0, a]
    row, column = -1, -1
    for _ in range(n):
        row = pick_best(sums, 0, tables.shape[1], slack * count, coins[used[0], 0] if at_random else 0.0)
        column = pick_best(sums, 1, tables.shape[2], slack * count, coins[used[0], 1] if at_random else 0.0)
        used[0] += at_random
        joint[row, column] += 1.0
        beliefs[0, row] += 1.0
        beliefs[1, column] += 1.0
        count += 1.0
        for a in range(tables.shape[1]):
            sums[0, a] += tables[0, a, column]
        for b in range(tables.shape[2]):
            sums[1, b] += tables[1, row, b]
        steps[0] += 1
    if row >= 0:
        for a in range(policies.shape[1]):
            policies[0, a] = a == row
            policies[1, a] = a == column


class BestResponseDynamics(MatrixDynamics):
    """Each agent moves to a best response to the other's policy: x <- x + step size (best response - x).

    Who plays a best response already stays, so it rests exactly at the Nash equilibria. Whether it gets there is
    another matter: in matching pennies it runs around. One unit of work is one move of each agent.

    Sources: A. Cournot, "Recherches sur les principes mathematiques de la theorie des richesses", 1838, chapter VII;
    I. Gilboa and A. Matsui, "Social stability and equilibrium", Econometrica 59 (1991) (small steps).

    Parameters
    ----------
    game, starts, seeds, seed
        See ``MatrixDynamics``.

    Examples
    --------
    >>> from marl_edu.games import prisoners_dilemma
    >>> moves = BestResponseDynamics(prisoners_dilemma(), starts=[[0.7, 1]])
    >>> moves.advance(1)
    >>> moves.frame()["policies"][0].tolist()
    [[0.0, 1.0], [0.0, 1.0]]
    """

    title = "Best-response dynamics"
    step_size = Real(1.0, 1e-3, 1, "share of the way to the best response", scale="log")
    order = Choice("simultaneous", ("simultaneous", "alternating"), "whether agent 2 sees agent 1's move of this step")
    ties = Choice("random", ("random", "first"), "which of equally good actions is taken")

    def _prepared(self) -> tuple:
        return self.step_size, self.order == "alternating", self.ties == "random", TIE * self._range

    def _play(self, n, k, *settings):
        respond_often(n, *self._coins(n, k), self._tables, *self._state(k), *settings, *self._work)


class FictitiousPlay(MatrixDynamics):
    """Each agent best-responds to the frequencies with which the other has played so far.

    It converges on average in zero-sum games, and in Shapley's game runs around in ever longer circles. ``policies``
    are the actions last played, ``averages`` their frequencies. A starting point is what is believed at first, with
    the weight of ``prior`` plays.

    Sources: G. Brown, "Iterative solution of games by fictitious play", 1951; J. Robinson, "An iterative method of
    solving a game", Annals of Mathematics 54 (1951); L. Shapley, "Some topics in two-person games", 1964.

    Parameters
    ----------
    game, starts, seeds, seed
        See ``MatrixDynamics``.

    Examples
    --------
    >>> from marl_edu.games import rock_paper_scissors
    >>> play = FictitiousPlay(rock_paper_scissors(), starts=[[[1, 0, 0], [1, 0, 0]]])
    >>> play.advance(100_000)
    >>> play.frame()["averages"].round(1).tolist()
    [[[0.3, 0.3, 0.3], [0.3, 0.3, 0.3]]]
    """

    title = "Fictitious play"
    prior = Real(1.0, 1e-6, 1000, "how many plays the first belief counts for", unit="plays", scale="log")
    ties = Choice("random", ("random", "first"), "which of equally good actions is played")

    def reset(self) -> None:
        """Back to the first beliefs."""
        super().reset()
        self._first = self._policies.copy()

    def _counts(self) -> np.ndarray:
        """Both agents' plays so far with the first belief, (K, 2, A)."""
        counts = self.prior * self._first
        counts[:, 0, : self._tables.shape[1]] += self._joint.sum(axis=2)
        counts[:, 1, : self._tables.shape[2]] += self._joint.sum(axis=1)
        return counts

    def _prepared(self) -> tuple:
        return self._counts(), self.ties == "random", TIE * self._range

    def _play(self, n, k, counts, at_random, slack):
        state, work = self._state(k), self._work[0]
        play_fictitiously(n, *self._coins(n, k), self._tables, counts[k], *state, at_random, slack, work)

    def _more(self) -> Frame:
        counts = self._counts()
        return {"beliefs": self._blank(counts / counts.sum(axis=-1, keepdims=True))}
