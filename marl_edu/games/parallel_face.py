"""What the PettingZoo faces share: spaces by agent, who is alive, what is refused, and everything back by agent.

Source: the PettingZoo Parallel API (Terry et al., NeurIPS 2021).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pettingzoo
from gymnasium.spaces import Space

from marl_edu.games import checks


class ParallelFace(pettingzoo.ParallelEnv):
    """Base of the faces as a PettingZoo ``ParallelEnv``: all agents live as long as the episode.

    A subclass writes ``_begin``, ``_play`` and ``_observations``; random numbers come from ``_rng``.

    Parameters
    ----------
    agents : sequence of str
        Names.
    observation_spaces, action_spaces : iterable of Space
        One for each agent.

    Raises
    ------
    ValueError
        If, later, an action, a seed or an agent is not what was expected.
    """

    def __init__(self, agents: Sequence[str], observation_spaces: Iterable[Space], action_spaces: Iterable[Space]):
        self.possible_agents = list(agents)
        self.agents: list[str] = []
        self.observation_spaces = dict(zip(agents, observation_spaces, strict=True))
        self.action_spaces = dict(zip(agents, action_spaces, strict=True))
        self._rng: np.random.Generator | None = None

    # --- what a face writes ------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """Begin an episode."""
        raise NotImplementedError

    def _play(self, actions: dict) -> tuple[np.ndarray, bool, bool]:
        """Play one joint action; rewards (N,), and whether that terminated or truncated the episode."""
        raise NotImplementedError

    def _observations(self) -> dict:
        """What each agent sees now."""
        raise NotImplementedError

    # --- the Parallel API --------------------------------------------------------------------------------------------

    def observation_space(self, agent: str) -> Space:
        """Observations of one agent; always the same object, so that seeding it lasts."""
        return self.observation_spaces[checks.option("agent", agent, self.possible_agents)]

    def action_space(self, agent: str) -> Space:
        """Actions of one agent; always the same object."""
        return self.action_spaces[checks.option("agent", agent, self.possible_agents)]

    def reset(self, seed: int | None = None, options: dict | None = None) -> tuple[dict, dict]:
        """Begin an episode; a seed makes a new generator, no seed goes on with the old one."""
        check_seed(seed)
        if seed is not None or self._rng is None:
            self._rng = np.random.default_rng(seed)
        self._begin()
        self.agents = list(self.possible_agents)
        return self._observations(), {agent: {} for agent in self.agents}

    def step(self, actions: dict) -> tuple[dict, dict, dict, dict, dict]:
        """Play one joint action: observations, rewards, terminations, truncations and infos, each by agent."""
        if not isinstance(actions, dict):
            raise ValueError(f"actions is {checks.shown(actions)}; expected a dict with one action for each agent")
        if not self.agents and not actions:
            return {}, {}, {}, {}, {}
        if not self.agents:
            raise ValueError("the episode is over or has not begun; expected a call of reset() before step()")
        if set(actions) != set(self.agents):
            raise ValueError(f"actions has the agents {list(actions)}; expected one action for each of {self.agents}")
        rewards, terminated, truncated = self._play(actions)
        played = self.agents
        if terminated or truncated:
            self.agents = []
        return (
            self._observations(),
            dict(zip(played, rewards.tolist(), strict=True)),
            dict.fromkeys(played, terminated),
            dict.fromkeys(played, truncated),
            {agent: {} for agent in played},
        )

    def close(self):
        """Nothing is held that needs closing."""


def check_seed(seed) -> None:
    """Refuse what is neither None nor a whole number from 0."""
    if seed is not None:
        checks.integer("seed", seed, 0)


def as_number(action):
    """An action that a library hands over as a 0-dimensional array, as a number.

    >>> as_number(np.array(2)), as_number("2")
    (2, '2')
    """
    return action.item() if isinstance(action, np.ndarray) and action.ndim == 0 else action
