"""What is noted of learners in particle worlds: returns while they explore, losses, greedy episodes; and baselines.

Legend of axes: K seeds, W copies of the world, N agents, F entries of an observation, C of a control, T steps.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence

import numpy as np

from marl_edu.games.particles import ParticleWorld
from marl_edu.games.particles.controllers import Episodes, at_random, do_nothing, play_episodes, spread_out

BASELINE_EPISODES = 2000
"""Episodes for a baseline: in simple_spread its standard error is then below 0.15."""

NOTED = {"episodes": "episode_return", "critics": "critic_loss", "actors": "actor_loss"}
"""Of what means are taken between two frames, and their names in a frame."""


class Diary:
    """What is noted between two frames: returns of the exploring episodes that ended, and losses."""

    def __init__(self, seeds: int, n_agents: int, copies: int, noted: dict[str, str] = NOTED):
        self.steps, self._copies, self._noted = 0, copies, noted
        self.returns = np.zeros((seeds, copies, n_agents))  # of the episodes that are running
        self.sums, self.counts = np.zeros((len(noted), seeds, n_agents)), np.zeros(len(noted))
        self.last = np.full_like(self.sums, np.nan)

    def step(self, rewards: np.ndarray, over: bool) -> None:
        """One step of every copy, with its rewards (K, W, N)."""
        self.steps += self._copies
        self.returns += rewards
        if over:
            self.note("episodes", self.returns.mean(axis=1))
            self.returns[:] = 0

    def note(self, what: str, values: np.ndarray) -> None:
        """One more of what a mean is taken of, (K, N)."""
        row = list(self._noted).index(what)
        self.sums[row] += values
        self.counts[row] += 1

    def since_last(self) -> dict[str, np.ndarray]:
        """Means since the last call, (K, N) each, or the last ones where there was nothing new; and steps (K,)."""
        some = self.counts > 0
        self.last[some] = self.sums[some] / self.counts[some, np.newaxis, np.newaxis]
        self.sums[:], self.counts[:] = 0, 0
        means = {name: values.copy() for name, values in zip(self._noted.values(), self.last, strict=True)}
        return means | {"environment_steps": np.full(self.last.shape[1], self.steps)}


def evaluation(world: ParticleWorld, act: Callable, streams: Sequence[np.random.Generator], episodes: int) -> Episodes:
    """Episodes in a copy of this world, where ``act`` says controls (K, W, N, C) for observations (K, W, N, F)."""
    return play_episodes(copy.deepcopy(world), lambda at: act(at.observe()), streams, episodes)


def pictured(world: ParticleWorld, played: Episodes) -> dict[str, np.ndarray]:
    """The arrays of a frame that greedy episodes (K, W, ...) give: mean returns, and all of the first one."""
    found = {
        "greedy_return": played.returns.mean(axis=1),
        "episode_positions": played.positions[:, 0].astype(np.float32),
        "episode_landmarks": played.landmarks[:, 0].astype(np.float32),
    }
    if world.has_goal:
        found["episode_goals"] = played.goals[:, 0].copy()
    if any(body.speaks for body in world.bodies):
        found["episode_words"] = played.words[:, 0].astype(np.float32)
    return found


def baselines(world: ParticleWorld, episodes: int = BASELINE_EPISODES) -> dict[str, float]:
    """Mean undiscounted return of those who have learned nothing, by name; the mean over all agents, of both sides.

    >>> from marl_edu.games import simple_spread
    >>> {name: round(level) for name, level in baselines(simple_spread()).items()}
    {'do nothing': -24, 'random play': -26, 'controller': -6}
    """
    policies = {"do nothing": do_nothing, "random play": at_random(np.random.default_rng(1))}
    if world.name == "simple_spread":
        policies["controller"] = spread_out
    found = {}
    for name, policy in policies.items():
        played = play_episodes(copy.deepcopy(world), policy, np.random.default_rng(0), episodes)
        found[name] = float(played.returns.mean())
    return found
