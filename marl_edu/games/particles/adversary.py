"""Keep a secret: cover the goal without showing which landmark it is (MPE2 ``simple_adversary_v3``)."""

from __future__ import annotations

import numpy as np

from marl_edu.games import checks
from marl_edu.games.particles.physics import distances
from marl_edu.games.particles.state import Body
from marl_edu.games.particles.world import ParticleWorld

ADVERSARY = 0


class SimpleAdversary(ParticleWorld):
    """One landmark is the goal; the good agents know which, the adversary has to guess it from what they do.

    **Forces.** Nothing is solid: all pass through each other.

    **Reward.** The adversary gets minus its distance to the goal. Every good agent gets the adversary's distance to the
    goal minus the distance of the good agent that is nearest to it.

    **Observation.** Good agents: goal, landmarks and other agents, all relative to oneself. The adversary: the same
    without the goal. Nobody sees a velocity or where in the plane they are. 10 and 8 numbers for 2 good agents.

    Parameters
    ----------
    n_good : int
        Good agents, and landmarks, from 1 to 50. The adversary comes first among the agents.
    max_steps : int
        Length of an episode.

    Examples
    --------
    >>> world = SimpleAdversary()
    >>> world.agents, world.observation_sizes
    (('adversary_0', 'agent_0', 'agent_1'), (8, 10, 10))
    """

    name = "simple_adversary"

    def __init__(self, n_good: int = 2, *, max_steps: int = 25):
        n_good = checks.integer("n_good", n_good, 1, 50)
        good = [Body(f"agent_{i}", size=0.15, solid=False) for i in range(n_good)]
        bodies = [Body("adversary_0", size=0.15, solid=False, adversary=True), *good]
        super().__init__(bodies, n_landmarks=n_good, landmark_size=0.08, has_goal=True, max_steps=max_steps)

    def rewards(self) -> np.ndarray:
        """Who is how far from the goal."""
        away = distances(self.positions, self.goal_positions())[..., 0]
        rewards = np.empty_like(away)
        rewards[..., ADVERSARY] = -away[..., ADVERSARY]
        rewards[..., 1:] = (away[..., ADVERSARY] - away[..., 1:].min(axis=-1))[..., np.newaxis]
        return rewards

    def sees(self, i: int) -> list[np.ndarray]:
        """Landmarks and others, and, except to the adversary, the goal."""
        around = [self.from_agent(i, self.landmarks), self.from_agent(i, self.others(i, self.positions))]
        return around if i == ADVERSARY else [self.from_agent(i, self.goal_positions()), *around]
