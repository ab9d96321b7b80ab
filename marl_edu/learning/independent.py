"""Independent learners: every agent learns Q^i(o^i, a^i) as if it were alone, and the others are part of its world.

They differ by one function, the correction in ``rules.py``; what is here is what each one needs to be told.

Legend of axes: K seeds, N agents, O observations, A actions.
"""

from __future__ import annotations

import numpy as np

from marl_edu.algorithm import Real
from marl_edu.learning import rules
from marl_edu.learning.tabular import TabularLearner


class IndependentQLearning(TabularLearner):
    """Independent Q-learning: ordinary Q-learning by everyone.

    Source: M. Tan, "Multi-agent reinforcement learning: independent vs. cooperative agents", ICML 1993.

    Parameters
    ----------
    game : MarkovGame
        The world to learn in.
    seeds, seed : int
        How many runs side by side, and the base of their random streams.
    **hyperparameters
        See the table.

    Examples
    --------
    >>> from marl_edu.games import penalty
    >>> learner = IndependentQLearning(penalty(0), seeds=3, step_size=0.2)
    >>> learner.advance(500)
    >>> learner.greedy_returns().tolist()
    [[10.0, 10.0], [10.0, 10.0], [10.0, 10.0]]
    """

    title = "Independent Q-learning"
    rule = rules.INDEPENDENT


class HystereticQLearning(TabularLearner):
    """Hysteretic Q-learning: believe good news at full step size, bad news at a smaller one.

    A low payoff is often a team-mate's exploration; a high one, in a world without chance, never is. With
    ``negative_step_size`` equal to ``step_size`` this is independent Q-learning, with 0 it never revises downwards.

    Source: L. Matignon, G. Laurent & N. Le Fort-Piat, "Hysteretic Q-learning", IROS 2007.

    Examples
    --------
    >>> from marl_edu.games import climbing
    >>> learner = HystereticQLearning(climbing(), seeds=3, epsilon=0.5, negative_step_size=0)
    >>> learner.advance(3000)
    >>> learner.greedy_returns().tolist()
    [[11.0, 11.0], [11.0, 11.0], [11.0, 11.0]]
    """

    title = "Hysteretic Q-learning"
    rule = rules.HYSTERETIC

    negative_step_size = Real(0.01, 0, 1, "step size for corrections downwards")

    def _settings(self):
        return (self.negative_step_size,)


class LenientQLearning(TabularLearner):
    """Lenient Q-learning: forgive low payoffs while an action is still new, less and less as it cools.

    Source: the idea is L. Panait's, and E. Wei & S. Luke's, "Lenient learning in independent-learner stochastic
    cooperative games", JMLR 17 (2016); the form 1 - exp(-leniency heat) is that of G. Palmer, K. Tuyls, D. Bloembergen
    & R. Savani, "Lenient multi-agent deep reinforcement learning", AAMAS 2018. Theirs differ in more than this rule:
    here the heat belongs to the pair (o, a), starts at 1, and does not steer exploration.

    Examples
    --------
    >>> from marl_edu.games import penalty
    >>> learner = LenientQLearning(penalty(-100), epsilon=1, leniency=100, cooling=1)
    >>> learner.advance(3000)
    >>> learner.q[0, 0, 0].round(3).tolist()
    [10.0, 2.0, 10.0]
    """

    title = "Lenient Q-learning"
    rule = rules.LENIENT

    leniency = Real(5.0, 0, 100, "how strongly heat turns into forgiving: 1 - exp(-leniency heat)")
    cooling = Real(
        0.995, 0.5, 1, "factor on the heat of an action with each visit", choices=(0.9, 0.97, 0.99, 0.995, 0.999, 1)
    )

    def _make_tables(self):
        self._heat = np.ones_like(self._q)

    def _tables(self, k):
        return super()._tables(k)._replace(heat=self._heat[k])

    def _settings(self):
        return self.leniency, self.cooling


class DistributedQLearning(TabularLearner):
    """Distributed Q-learning: remember the best that ever came of an action, and keep a policy until it is beaten.

    Finds an optimal joint policy of a *deterministic* team game; in a stochastic one it chases lucky draws. The step
    size plays no part. Values start at ``initial_value``, which must not exceed what can be earned.

    Source: M. Lauer & M. Riedmiller, "An algorithm for distributed reinforcement learning in cooperative multi-agent
    systems", ICML 2000.

    Examples
    --------
    >>> from marl_edu.games import climbing
    >>> learner = DistributedQLearning(climbing(), epsilon=1)
    >>> learner.advance(300)
    >>> learner.q[0, 0, 0].tolist(), learner.greedy_returns().tolist()
    ([11.0, 7.0, 5.0], [[11.0, 11.0]])
    """

    title = "Distributed Q-learning"
    rule = rules.DISTRIBUTED

    def _make_tables(self):
        self._preferences = np.zeros_like(self._q)
