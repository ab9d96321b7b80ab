"""Predators and prey: slow pursuers hunt a faster agent around obstacles (MPE2 ``simple_tag_v3``)."""

from __future__ import annotations

import numpy as np

from marl_edu.games import checks
from marl_edu.games.particles.physics import distances
from marl_edu.games.particles.state import Body
from marl_edu.games.particles.world import ParticleWorld


class SimpleTag(ParticleWorld):
    """Adversaries catch the good agents by touching them; alone each is too slow, together they can corner.

    **Forces.** Everything is solid. Adversaries: radius 0.075, force 3, top speed 1. Good agents: radius 0.05, force 4,
    top speed 1.3. Obstacles: radius 0.2, placed in [-0.9, 0.9]^2.

    **Reward.** Each adversary gets 10 for every pair of adversary and good agent that overlaps at the end of a step,
    whoever it was. A good agent loses 10 for every adversary that it overlaps and, for each of its coordinates, the
    price of being outside: 0 for |x| < 0.9, then 10 (|x| - 0.9), from |x| = 1 on exp(2 |x| - 2), at most 10.

    **Observation.** Own velocity and position, obstacles and other agents relative to oneself, velocities of the *other
    good* agents: 16 numbers for an adversary, 14 for the good agent.

    Parameters
    ----------
    n_good, n_adversaries, n_obstacles : int
        How many of each, from 1 to 50 (obstacles from 0). Adversaries come first among the agents.
    max_steps : int
        Length of an episode.

    Examples
    --------
    >>> world = SimpleTag()
    >>> world.agents, world.observation_sizes
    (('adversary_0', 'adversary_1', 'adversary_2', 'agent_0'), (16, 16, 16, 14))
    """

    name = "simple_tag"

    def __init__(self, n_good: int = 1, n_adversaries: int = 3, n_obstacles: int = 2, *, max_steps: int = 25):
        n_good = checks.integer("n_good", n_good, 1, 50)
        self.n_adversaries = checks.integer("n_adversaries", n_adversaries, 1, 50)
        n_obstacles = checks.integer("n_obstacles", n_obstacles, 0, 50)
        hunter = Body("adversary", size=0.075, strength=3.0, top_speed=1.0, adversary=True)
        prey = Body("agent", size=0.05, strength=4.0, top_speed=1.3)
        bodies = [hunter._replace(name=f"adversary_{i}") for i in range(n_adversaries)]
        bodies += [prey._replace(name=f"agent_{i}") for i in range(n_good)]
        solid = {"solid_landmarks": True, "landmark_size": 0.2, "landmark_range": 0.9}
        super().__init__(bodies, n_obstacles, **solid, max_steps=max_steps)

    def rewards(self) -> np.ndarray:
        """10 for each catch to all who hunt; -10 for each to who is caught, and the price of leaving the ground."""
        prey = self.positions[..., self.n_adversaries :, :]
        reach = self.sizes[: self.n_adversaries, np.newaxis] + self.sizes[self.n_adversaries :]
        caught = distances(self.positions[..., : self.n_adversaries, :], prey) < reach
        rewards = np.empty(self.positions.shape[:-1])
        rewards[..., : self.n_adversaries] = 10 * caught.sum(axis=(-2, -1))[..., np.newaxis]
        rewards[..., self.n_adversaries :] = -10 * caught.sum(axis=-2) - outside(prey).sum(axis=-1)
        return rewards

    def sees(self, i: int) -> list[np.ndarray]:
        """Own motion, where everything is, and how the other good agents move."""
        good = [j for j in range(self.n_adversaries, self.n_agents) if j != i]
        return [
            self.velocities[..., i, :],
            self.positions[..., i, :],
            self.from_agent(i, self.landmarks),
            self.from_agent(i, self.others(i, self.positions)),
            *(self.velocities[..., j, :] for j in good),
        ]


def outside(places: np.ndarray) -> np.ndarray:
    """The price of each coordinate.

    >>> outside(np.array([0.5, -0.95, 1.0, -9.0])).round(2)
    array([ 0. ,  0.5,  1. , 10. ])
    """
    far = np.abs(places)
    return np.where(far < 1, 10 * np.maximum(far - 0.9, 0), np.exp(np.minimum(2 * far - 2, np.log(10))))
