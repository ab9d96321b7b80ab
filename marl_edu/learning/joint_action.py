"""Joint-action learners: every agent sees what the others did and keeps a table over joint actions.

Legend of axes: K seeds, N agents, O observations, J joint actions.
"""

from __future__ import annotations

import numpy as np

from marl_edu.algorithm import Frame
from marl_edu.learning import rules
from marl_edu.learning.tabular import TabularLearner


class JointActionLearning(TabularLearner):
    """Joint-action learning: Q^i(o, a^1..a^N), and a model of the others by counting what they did.

    ``q`` holds EV^i(o, a^i), the mean of the joint values under the others' observed frequencies, which is what
    agents act on. Claus & Boutilier found that joint-action learners "do not perform much differently" from
    independent ones. That depends on the settings: the counts never forget how the others explored.

    Source: C. Claus & C. Boutilier, "The dynamics of reinforcement learning in cooperative multiagent systems",
    AAAI 1998. They weigh by the product of each other agent's own frequencies; here the others' joint actions are
    counted, which with two agents is the same, and with more keeps what the others do together.

    Examples
    --------
    >>> from marl_edu.games import climbing
    >>> learner = JointActionLearning(climbing(), epsilon=1, step_size=1)
    >>> learner.advance(300)
    >>> learner.joint_q[0, 0, 0].tolist()
    [11.0, -30.0, 0.0, -30.0, 7.0, 6.0, 0.0, 0.0, 5.0]
    """

    title = "Joint-action learning"
    rule = rules.JOINT_ACTION

    def _table_shape(self):
        game = self.game
        return self.seeds, game.n_agents, max(game.n_observations), game.n_joint_actions

    def _make_tables(self):
        self._joint_values = np.full(self._table_shape(), self.initial_value)
        self._counts = np.zeros(self._table_shape())

    def _tables(self, k):
        return super()._tables(k)._replace(joint_values=self._joint_values[k], counts=self._counts[k])

    @property
    def joint_q(self) -> np.ndarray:
        """Joint values Q^i(o, a^1..a^N), (K, N, O, J), joint actions in C order; read-only."""
        shown = self._joint_values.view()
        shown.flags.writeable = False
        return shown

    def frame(self) -> Frame:
        """As of every tabular learner, and ``joint_q`` (K, N, O, J) where that is small."""
        frame = super().frame()
        if self._joint_values.size <= 2**16:
            frame["joint_q"] = self._joint_values.astype(np.float32)
        return frame
