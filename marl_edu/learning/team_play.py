"""How a team acts while it learns, and what is noted of it: exploration, returns of episodes, greedy episodes.

Legend of axes: K seeds, W copies of the world, N agents, A actions (the most of any agent), L trace.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from marl_edu.learning.draws import Draws, uniform
from marl_edu.learning.team_worlds import Step, TeamWorld

TRACE = 24
"""How many of the latest states are remembered."""

EPISODES, MOST_STEPS = 4, 1000
"""Greedy episodes of a seed in a world without a model, and steps after which they are cut off."""


class Exploration:
    """Epsilon-greedy with one coin per agent: whether to explore, and if so, what to do, is each agent's own draw.

    Each seed's coins come from its own stream, as many at each step whatever epsilon is.
    """

    def __init__(self, generators: Sequence[np.random.Generator], copies: int, n_agents: int):
        self._draws = Draws(uniform, generators, (2, copies, n_agents), np.float64)

    def coins(self) -> tuple[np.ndarray, np.ndarray]:
        """Two uniform numbers for each agent, (K, W, N) each: whether to explore, and which action then."""
        explore, which = self._draws.next().swapaxes(0, 1)
        return explore, which


def random_actions(coins: np.ndarray, n_actions: int, available: np.ndarray | None) -> np.ndarray:
    """Which action each uniform number (..., N) means, among those available (..., N, A), or all.

    >>> random_actions(np.array([0.0, 0.4, 0.9]), 2, None).tolist()
    [0, 0, 1]
    >>> random_actions(np.array([0.0, 0.4, 0.9]), 3, np.array([[True, False, True]] * 3)).tolist()
    [0, 0, 2]
    """
    if available is None:
        return (coins * n_actions).astype(np.int64)
    ranks = available.cumsum(axis=-1)
    wanted = (coins * ranks[..., -1]).astype(np.int64)
    return (ranks > wanted[..., None]).argmax(axis=-1)


class Reports:
    """What is noted between two frames: returns of the episodes that ended, losses, and where copy 0 has been."""

    def __init__(self, seeds: int, copies: int, discount: float):
        self._discount, self._copies = discount, copies
        self._return, self._weight = np.zeros((seeds, copies)), np.ones((seeds, copies))
        self._returns, self._episodes = np.zeros(seeds), np.zeros(seeds)
        self._losses, self._updates = np.zeros(seeds), 0
        self._last_return, self._last_loss = np.full(seeds, np.nan), np.full(seeds, np.nan)
        self._trace = np.full((seeds, TRACE), -1, dtype=np.int32)
        self.steps = 0

    def step(self, step: Step) -> None:
        """One step of every copy."""
        self.steps += self._copies
        self._return += self._weight * step.rewards
        self._weight *= self._discount
        ended = step.terminated | step.truncated
        if ended.any():
            self._returns += (self._return * ended).sum(axis=1)
            self._episodes += ended.sum(axis=1)
            self._return[ended], self._weight[ended] = 0, 1
        if "state" in step.next_where:
            self._trace[:, :-1] = self._trace[:, 1:]
            self._trace[:, -1] = step.next_where["state"][:, 0]

    def loss(self, losses: np.ndarray) -> None:
        """One update, with the losses (K,) before it."""
        self._losses += losses
        self._updates += 1

    def since_last(self, n_agents: int) -> dict[str, np.ndarray]:
        """The arrays of a frame; the next ones begin here."""
        some = self._episodes > 0
        self._last_return[some] = self._returns[some] / self._episodes[some]
        if self._updates:
            self._last_loss = self._losses / self._updates
        self._returns[:], self._episodes[:], self._updates = 0, 0, 0
        self._losses = np.zeros_like(self._losses)
        return {
            "episode_return": np.repeat(self._last_return[:, None], n_agents, axis=1),
            "loss": self._last_loss.copy(),
            "environment_steps": np.full(len(self._losses), self.steps),
            "trace": self._trace.copy(),
        }


def greedy_episodes(world: TeamWorld, act: Callable, generators: Sequence[np.random.Generator]) -> np.ndarray:
    """Mean discounted return of a few episodes, (K,), where ``act`` says actions (K, W, N) for where copies stand.

    The world is started afresh. Episodes longer than 1000 steps count as far as they went.
    """
    world.start(generators, EPISODES)
    found, weight = np.zeros((len(generators), EPISODES)), np.ones((len(generators), EPISODES))
    for _ in range(MOST_STEPS):
        step = world.step(act(world.where))
        found += weight * step.rewards
        weight *= world.discount * ~(step.terminated | step.truncated)
        if not weight.any():
            break
    return found.mean(axis=1)
