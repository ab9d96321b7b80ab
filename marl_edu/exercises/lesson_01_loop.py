"""Lesson 01: the agent-environment loop as something that can be played, rewound and looked at.

One turn of the loop has three moments: everybody observes, everybody acts, the world moves and pays.

Legend of axes: K seeds, N agents, L the latest turns.
"""

from __future__ import annotations

import numpy as np

from marl_edu.algorithm import Algorithm, Frame
from marl_edu.games import checks
from marl_edu.games.gridworld import GridLayout
from marl_edu.hyperparameters import Real

SEE, ACT, PAID = range(3)
"""The moments of a turn."""

LATEST = 3
"""Turns that a frame remembers."""


class Interaction(Algorithm):
    """Agents with fixed policies in a gridworld, moment by moment: observe, act, be paid. Nobody learns.

    Parameters
    ----------
    game : MarkovGame
        A gridworld in which agents see their own position.
    policies : sequence of functions
        One for each agent: ``policy(row, column)`` is the name of an action.
    """

    unit = "moment"
    title = "The loop"
    epsilon = Real(0.0, 0, 1, "chance that an agent takes any action instead of its policy's")

    def __init__(self, game, policies, *, seeds: int = 1, **options):
        self._game = checks.game(game)
        if not isinstance(game.layout, GridLayout) or game.layout.observe != "own position":
            raise ValueError(f"game is {game!r:.60}; expected gridworld(..., observe='own position')")
        if checks.length(policies) != game.n_agents or not all(map(callable, policies)):
            raise ValueError(f"policies is {checks.shown(policies)}; expected {game.n_agents} functions, one per agent")
        self._policies = tuple(policies)
        self._tables = [[self._named(i, cell) for cell in range(game.layout.n_cells)] for i in range(game.n_agents)]
        super().__init__(seeds=seeds, **options)

    def _named(self, i: int, cell: int) -> int:
        """What agent i's policy does in a cell, by number."""
        action = self._policies[i](*self._game.layout.place(cell))
        return checks.index_of(f"the action of policies[{i}] in cell {self._game.layout.place(cell)}", action,
                               self._game.actions[i])  # fmt: skip

    @property
    def game(self):
        """The world."""
        return self._game

    def _inputs(self):
        return self._game, self._policies

    def reset(self) -> None:
        """Everybody at the start, nothing observed yet but the start."""
        super().reset()
        k, n = self.seeds, self._game.n_agents
        self._rngs = self.generators()
        self._time = np.zeros(k, dtype=int)
        self._state = np.full(k, int(self._game.start.argmax()))
        self._action = np.full((k, n), -1)
        self._reward = np.full((k, n), np.nan)
        self._earned = np.zeros((k, n))
        self._latest = np.full((k, LATEST, 1 + 3 * n), np.nan)
        self._seen = self._observed()

    def _observed(self) -> np.ndarray:
        return self._game.observations[:, self._state].T.copy()

    def _advance(self, n: int) -> None:
        for done in range(self._units_done + 1, self._units_done + n + 1):
            for k in range(self.seeds):
                (self._see, self._act, self._pay)[done % 3](k)

    def _see(self, k: int) -> None:
        self._time[k] += 1
        if self._game.terminal[self._state[k]]:  # everybody is home: the next turn begins a new episode
            self._time[k], self._earned[k] = 0, 0
            self._state[k] = int(self._game.start.argmax())
        self._seen[k] = self._game.observations[:, self._state[k]]
        self._action[k], self._reward[k] = -1, np.nan

    def _act(self, k: int) -> None:
        for i, table in enumerate(self._tables):
            coin, pick = self._rngs[k].random(2)
            chance = coin < self.epsilon
            self._action[k, i] = int(pick * len(self._game.actions[i])) if chance else table[self._seen[k, i]]

    def _pay(self, k: int) -> None:
        self._state[k], self._reward[k] = self._game.sample(self._state[k], self._action[k], self._rngs[k])
        self._earned[k] += self._reward[k]
        turn = [self._time[k], *self._seen[k], *self._action[k], *self._reward[k]]
        self._latest[k] = [*self._latest[k, 1:], turn]

    def frame(self) -> Frame:
        """Where the loop stands.

        Returns
        -------
        dict of arrays with a leading axis K
            ``moment`` (0 observe, 1 act, 2 paid), ``time`` t, ``state``; ``observation``, ``action`` (-1: none yet),
            ``reward`` (NaN: none yet) and ``earned`` in this episode, (K, N); ``latest`` (K, L, 1 + 3 N), the turns
            before: t, observations, actions, rewards.
        """
        return {
            "moment": np.full(self.seeds, self._units_done % 3),
            "time": self._time.copy(),
            "state": self._state.copy(),
            "observation": self._seen.copy(),
            "action": self._action.copy(),
            "reward": self._reward.copy(),
            "earned": self._earned.copy(),
            "latest": self._latest.copy(),
        }
