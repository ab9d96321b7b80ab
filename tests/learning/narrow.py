"""A world in which what can be done depends on where one stands."""

import numpy as np

from marl_edu.learning.team_worlds import Step, TeamWorld


class Narrow(TeamWorld):
    """Two rooms in a row; in the first only action 0 is there, in the second only 1 and 2. The second one ends it."""

    n_agents, n_actions, n_features, n_state_features, discount, title = 2, 3, 2, 2, 0.5, "narrow"
    EXISTS = np.array([[True, False, False], [False, True, True]])

    def start(self, generators, copies):
        self._room = np.zeros(self._begin(generators, copies), dtype=np.int64)

    @property
    def where(self):
        return {"room": self._room}

    def step(self, actions):
        there = np.take_along_axis(self.available(self.where), actions[..., None], axis=-1)
        assert there.all(), "somebody did what can't be done there"
        ended = self._room == 1
        self._room = 1 - self._room
        return Step(1.0 * ended, ended, np.zeros_like(ended), {"room": np.ones_like(self._room)})

    def encode(self, where):
        states = np.eye(2, dtype=np.float32)[where["room"]]
        return np.stack([states] * 2, axis=-2), states

    def available(self, where):
        return np.stack([self.EXISTS[where["room"]]] * 2, axis=-2)
