"""Baselines without learning, and the play of whole episodes.

A policy is a function of the world that returns controls (..., N, A). These look at positions directly; a policy that
is learned acts on ``world.observe()``. Returns are means of 100,000 episodes, per agent, as MPE2 pays with local_ratio
0.5. One episode differs from the next by 8 (the controller's by 3): a few hundred know the mean to half a unit only.

Legend of axes: N agents, L landmarks, A entries of a control, T steps, P permutations; before them the copies.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from typing import NamedTuple

import numpy as np

from marl_edu.games import checks
from marl_edu.games.particles import controls
from marl_edu.games.particles.physics import distances
from marl_edu.games.particles.world import ParticleWorld

MOST_ASSIGNED = 7
"""Agents for which trying out all assignments is still quick."""


class Episodes(NamedTuple):
    """What was played in every copy.

    Parameters
    ----------
    returns : (..., N) array
        Sums of rewards, undiscounted.
    rewards : (..., T, N) array
    positions, words : (..., T + 1, N, 2) and (..., T + 1, N, C) arrays
        From the start on.
    landmarks, goals : (..., L, 2) and (...) arrays
        As in ``State``.
    velocities : (..., T + 1, N, 2) array
        From the start on: with positions and words, all that is needed to see again what agents saw.
    """

    returns: np.ndarray
    rewards: np.ndarray
    positions: np.ndarray
    words: np.ndarray
    landmarks: np.ndarray
    goals: np.ndarray
    velocities: np.ndarray


def play_episodes(world: ParticleWorld, policy: Callable, rngs, copies: int | None = None) -> Episodes:
    """Play one whole episode in every copy.

    Parameters
    ----------
    world : ParticleWorld
        It is reset and stepped.
    policy : callable
        ``policy(world)`` returns controls (..., N, A).
    rngs, copies
        As for ``world.reset``.

    Returns
    -------
    Episodes

    Examples
    --------
    >>> from marl_edu.games import simple_spread
    >>> played = play_episodes(simple_spread(), do_nothing, np.random.default_rng(0), copies=4)
    >>> played.returns.shape, played.positions.shape
    ((4, 3), (4, 26, 3, 2))
    """
    if not isinstance(world, ParticleWorld):
        raise ValueError(f"world is {checks.shown(world)}; expected a ParticleWorld such as simple_spread()")
    world.reset(rngs, copies)
    rewards, positions, velocities, words = [], [world.positions], [world.velocities], [world.words]
    while not world.over:
        rewards.append(world.step(policy(world)))
        positions.append(world.positions)
        velocities.append(world.velocities)
        words.append(world.words)
    return Episodes(
        returns=np.sum(rewards, axis=0),
        rewards=np.stack(rewards, axis=-2),
        positions=np.stack(positions, axis=-3),
        words=np.stack(words, axis=-3),
        landmarks=world.landmarks,
        goals=world.goals,
        velocities=np.stack(velocities, axis=-3),
    )


def do_nothing(world: ParticleWorld) -> np.ndarray:
    """No force and no word: in ``simple_spread`` -24.2 for each agent."""
    return np.zeros((*world.copies, world.n_agents, max(world.action_sizes)))


def at_random(rng: np.random.Generator) -> Callable:
    """A policy that draws each agent's *numbered* choice uniformly: in ``simple_spread`` -26.5 for each agent."""
    checks.generator("rng", rng)

    def policy(world: ParticleWorld) -> np.ndarray:
        return controls.from_choices(world, rng.integers(world.n_choices, size=(*world.copies, world.n_agents)))

    return policy


def spread_out(world: ParticleWorld, stiffness: float = 5.0, damping: float = 1.0) -> np.ndarray:
    """In ``simple_spread``: everyone steers to a landmark of their own, assigned so that the ways are shortest in sum.

    The best assignment is found by trying all; steering is proportional to the distance and against the velocity, and
    full force is the limit. Three agents get -6.2 each; with stiffness 8 and damping 2, which is about the best, -5.9.

    Parameters
    ----------
    world : ParticleWorld
        With as many landmarks as agents, at most 7.
    stiffness, damping : float
        Force per unit of distance and of velocity, >= 0.
    """
    n = world.n_agents
    if n != world.n_landmarks or n > MOST_ASSIGNED:
        raise ValueError(
            f"{world.name} has {n} agents and {world.n_landmarks} landmarks; "
            f"expected as many of both, up to {MOST_ASSIGNED}"
        )
    ways = distances(world.positions, world.landmarks)  # (..., N, L)
    assignments = np.array(list(permutations(range(n))))  # (P, N): the landmark of each agent
    lengths = ways[..., np.arange(n), assignments].sum(axis=-1)  # (..., P)
    best = assignments[lengths.argmin(axis=-1)]  # (..., N)
    targets = np.take_along_axis(world.landmarks, best[..., np.newaxis], axis=-2)
    return np.clip(stiffness * (targets - world.positions) - damping * world.velocities, -1, 1)
