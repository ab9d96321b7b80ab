"""Joint-action learners: every agent sees what the others did and keeps a table over joint actions.

Legend of axes: K seeds, N agents, O observations, J joint actions.
"""

from __future__ import annotations

import numpy as np

from marl_edu.algorithm import Frame, HyperparameterError
from marl_edu.learning import rules
from marl_edu.learning.tabular import TabularLearner

LARGEST = 2**27
"""Entries that the joint tables of all seeds may have (1 GiB each) before this learner refuses."""


class JointActionLearning(TabularLearner):
    """Joint-action learning: Q^i(o, a^1..a^N), and a model of the others by counting what they did.

    ``q`` holds EV^i(o, a^i), the mean of the joint values under the others' observed frequencies, which is what
    agents act on. Claus & Boutilier found that joint-action learners "do not perform much differently" from independent ones.

    Source: C. Claus & C. Boutilier, "The dynamics of reinforcement learning in cooperative multiagent systems",
    AAAI 1998, section 3.
    """

    title = "Joint-action learning"
    rule = rules.JOINT_ACTION

    def _tables(self):
        super()._tables()
        game = self.game
        shape = (self.seeds, game.n_agents, max(game.n_observations), game.n_joint_actions)
        if np.prod(shape, dtype=float) > LARGEST:
            raise HyperparameterError(
                f"joint tables of shape {shape} are too large; expected fewer agents, seeds or observations"
            )
        self._memory = np.full(shape, self.initial_value)
        self._extra = np.zeros(shape)

    @property
    def joint_q(self) -> np.ndarray:
        """Joint values Q^i(o, a^1..a^N), (K, N, O, J), joint actions in C order; read-only."""
        shown = self._memory.view()
        shown.flags.writeable = False
        return shown

    def frame(self) -> Frame:
        """As of every tabular learner, and ``joint_q`` (K, N, O, J) where that is small."""
        frame = super().frame()
        if self._memory.size <= 2**16:
            frame["joint_q"] = self._memory.astype(np.float32)
        return frame
