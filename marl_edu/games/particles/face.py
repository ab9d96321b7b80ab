"""A particle world as a PettingZoo world, with the names, spaces, actions and seeds of MPE2.

An agent trained on this face plays in MPE2 as it is, and the same seed begins the same episode there. Two things
differ: an action out of bounds is refused, where MPE2 clips it, and there is no ``render()``; pictures are made by
``marl_edu.views.ParticleView``.

Source: the PettingZoo Parallel API (Terry et al., NeurIPS 2021).
"""

from __future__ import annotations

import copy

import numpy as np
from gymnasium.spaces import Box, Discrete

from marl_edu.games import checks
from marl_edu.games.parallel_face import ParallelFace, as_number
from marl_edu.games.particles import controls


class ParticleParallelEnv(ParallelFace):
    """One copy of a particle world as a PettingZoo ``ParallelEnv``.

    Parameters
    ----------
    world : ParticleWorld
        It is not touched: the face plays in a copy.
    continuous_actions : bool
        Whether actions are MPE2's vectors in [0, 1] (nothing, left, right, down, up, words) or, as by default, their
        numbers.

    Raises
    ------
    ValueError
        If an argument, or later an action, is not what was expected.

    Examples
    --------
    >>> from marl_edu.games import simple_spread
    >>> env = simple_spread().parallel_env()
    >>> observations, infos = env.reset(seed=0)
    >>> observations, rewards, terminated, truncated, infos = env.step(dict.fromkeys(env.agents, 0))
    >>> observations["agent_0"].shape, env.action_space("agent_0")
    ((18,), Discrete(5))
    """

    metadata = {"name": "particle_world_v0", "render_modes": [], "is_parallelizable": True}  # noqa: RUF012
    render_mode = None

    def __init__(self, world, continuous_actions: bool = False):
        self.world, self.continuous_actions = copy.copy(world), checks.flag("continuous_actions", continuous_actions)
        sizes, unbounded = world.observation_sizes, (-np.inf, np.inf)
        seen = [Box(*unbounded, (size,), np.float32) for size in sizes]
        super().__init__(world.agents, seen, [self._actions_of(i) for i in range(world.n_agents)])
        self.state_space = Box(*unbounded, (sum(sizes),), np.float32)

    def _actions_of(self, i: int) -> Box | Discrete:
        if not self.continuous_actions:
            return Discrete(self.world.n_choices[i])
        size = controls.to_mpe2(self.world, i, np.zeros(max(self.world.action_sizes))).size
        return Box(0, 1, (size,), np.float32)

    def state(self) -> np.ndarray:
        """All observations end to end, which a centralised critic may see."""
        if self.world.steps is None:
            raise RuntimeError("state() was called before the first episode; call reset() first")
        return np.concatenate(list(self._observations().values()))

    def _begin(self) -> None:
        self.world.reset(self._rng)

    def _play(self, actions: dict) -> tuple[np.ndarray, bool, bool]:
        rewards, over = self.world.step(self._controls(actions)), self.world.over
        return rewards, over and self.world.terminal, over and not self.world.terminal

    def _controls(self, actions: dict) -> np.ndarray:
        """What was passed in, by agent, as controls (N, A)."""
        given = [(f"actions[{agent!r}]", actions[agent], self.action_spaces[agent]) for agent in self.possible_agents]
        if self.continuous_actions:
            vectors = [_vector(field, action, space.shape[0]) for field, action, space in given]
            return np.stack([controls.from_mpe2(self.world, i, vector) for i, vector in enumerate(vectors)])
        choices = [checks.integer(field, as_number(action), 0, int(space.n) - 1) for field, action, space in given]
        return controls.from_choices(self.world, choices)

    def _observations(self) -> dict:
        seen, sizes = self.world.observe(), self.world.observation_sizes
        return {agent: seen[i, : sizes[i]].copy() for i, agent in enumerate(self.possible_agents)}


def _vector(field: str, action, size: int) -> np.ndarray:
    """An array of numbers in [0, 1]."""
    vector = checks.array(field, action)
    if vector.shape != (size,):
        raise ValueError(f"{field} has shape {vector.shape}; expected ({size},)")
    wrong = np.flatnonzero((vector < 0) | (vector > 1))
    if len(wrong):
        raise ValueError(f"{field}[{wrong[0]}] is {vector[wrong[0]]:g}; expected a number in [0, 1]")
    return vector
