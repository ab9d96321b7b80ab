"""Push the other away from a goal that only it knows (MPE2 ``simple_push_v3``)."""

from __future__ import annotations

import numpy as np

from marl_edu.games.particles.physics import distances
from marl_edu.games.particles.state import Body, flat
from marl_edu.games.particles.world import ParticleWorld

ADVERSARY, AGENT = 0, 1


class SimplePush(ParticleWorld):
    """The agent wants to be at the goal; the adversary wants to be there instead, and doesn't know where it is.

    **Forces.** Both are solid discs of radius 0.05; the two landmarks are marks on the ground.

    **Reward.** The agent gets minus its distance to the goal; the adversary gets the agent's distance to the goal minus
    its own.

    **Observation.** Agent: own velocity, the goal relative to itself, its own colour (which tells the goal), the
    landmarks relative to itself, their colours, the adversary relative to itself: 19 numbers. Adversary: own velocity,
    landmarks and agent relative to itself: 8 numbers. Colours are three numbers: landmark k is 0.1 with 0.9 at k + 1,
    the agent 0.25 with 0.75 at goal + 1.

    Parameters
    ----------
    max_steps : int
        Length of an episode.

    Examples
    --------
    >>> world = SimplePush()
    >>> world.agents, world.observation_sizes
    (('adversary_0', 'agent_0'), (8, 19))
    """

    name = "simple_push"

    def __init__(self, *, max_steps: int = 25):
        bodies = [Body("adversary_0", adversary=True), Body("agent_0")]
        super().__init__(bodies, n_landmarks=2, has_goal=True, max_steps=max_steps)

    def rewards(self) -> np.ndarray:
        """Who is how far from the goal."""
        away = distances(self.positions, self.goal_positions())[..., 0]
        return np.stack([away[..., AGENT] - away[..., ADVERSARY], -away[..., AGENT]], axis=-1)

    def sees(self, i: int) -> list[np.ndarray]:
        """Own motion and what lies around; to the agent also the goal, and the colours."""
        landmarks = self.from_agent(i, self.landmarks)
        other = self.from_agent(i, self.others(i, self.positions))
        if i == ADVERSARY:
            return [self.velocities[..., i, :], landmarks, other]
        goal = self.from_agent(i, self.goal_positions())
        own_colour = 0.25 + 0.5 * np.eye(3)[self.goals + 1]
        colours = np.broadcast_to(flat(0.1 + 0.8 * np.eye(3)[[1, 2]]), (*self.copies, 6))
        return [self.velocities[..., i, :], goal, own_colour, landmarks, colours, other]
