"""Cooperative navigation: agents are to cover landmarks without bumping into each other (MPE2 ``simple_spread_v3``)."""

from __future__ import annotations

import numpy as np

from marl_edu.games import checks
from marl_edu.games.particles.physics import distances
from marl_edu.games.particles.state import Body, flat
from marl_edu.games.particles.world import ParticleWorld


class SimpleSpread(ParticleWorld):
    """Cover all landmarks; who covers which is for the agents to settle.

    **Forces.** Agents are solid discs of radius 0.15; landmarks are marks on the ground.

    **Reward.** For the team, minus the sum over landmarks of the distance to the nearest agent; for each agent, minus 1
    for every *other* agent that it overlaps. Agent i gets (1 - local_ratio) team + local_ratio own, and this, summed
    over the 25 steps, is its return; ``controllers.py`` has baselines. Figures in other conventions (summed over
    agents, or the original code's, which also counts an agent's collision with itself) can't be compared.

    **Observation.** Own velocity, own position, landmarks and then other agents relative to oneself, and 2 zeros for
    each other agent, which is silent: 6 N numbers, 18 for 3 agents.

    Parameters
    ----------
    n_agents : int
        Agents, and landmarks, from 1 to 50.
    local_ratio : float
        Weight of an agent's own collisions, in [0, 1]; the team's reward has the rest.
    max_steps : int
        Length of an episode.

    Examples
    --------
    >>> world = SimpleSpread()
    >>> world.reset(np.random.default_rng(0), copies=1000)
    >>> total = sum(world.step(np.zeros((1000, 3, 2))) for _ in range(25))
    >>> total.shape, bool(-26 < total.mean() < -22)
    ((1000, 3), True)
    """

    name = "simple_spread"

    def __init__(self, n_agents: int = 3, *, local_ratio: float = 0.5, max_steps: int = 25):
        n_agents = checks.integer("n_agents", n_agents, 1, 50)
        self.local_ratio = checks.number("local_ratio", local_ratio, 0, 1)
        bodies = [Body(f"agent_{i}", size=0.15) for i in range(n_agents)]
        super().__init__(bodies, n_landmarks=n_agents, max_steps=max_steps)

    def rewards(self) -> np.ndarray:
        """(1 - local_ratio) (minus the landmarks' distances to their nearest agents) - local_ratio collisions."""
        nearest = distances(self.positions, self.landmarks).min(axis=-2)
        team = -nearest.sum(axis=-1, keepdims=True)
        own = -self.touching().sum(axis=-1)
        return (1 - self.local_ratio) * team + self.local_ratio * own

    def sees(self, i: int) -> list[np.ndarray]:
        """Own motion, where everything is, and silence."""
        return [
            self.velocities[..., i, :],
            self.positions[..., i, :],
            self.from_agent(i, self.landmarks),
            self.from_agent(i, self.others(i, self.positions)),
            flat(self.others(i, self.words)),
        ]
