"""Two dialects in which worlds of other packages speak, each put into the same few words.

PettingZoo's ``ParallelEnv`` hands over dicts by agent, in which an agent that has left is missing. A Gymnasium ``Env``
for several agents hands over tuples by agent; its end is one for all. Both get ``reset(seed)``, which gives what each
agent sees (``None`` for one that has left), and ``step(actions)``, which adds the *sum* of rewards and the two kinds of
end: the world's own, and a time limit.

Source: the PettingZoo Parallel API (Terry et al., NeurIPS 2021) and the Gymnasium Env API (Towers et al., 2024).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import gymnasium
import numpy as np
import pettingzoo
from gymnasium.spaces import Discrete

from marl_edu.games import checks


class ParallelDialect:
    """One PettingZoo world."""

    def __init__(self, env: pettingzoo.ParallelEnv, ended: Callable | None):
        self._env, self._ended = env, ended
        self.title = str(env.metadata.get("name", type(env).__name__))
        self._names = list(env.possible_agents)
        self.action_spaces = [env.action_space(name) for name in self._names]
        self.observation_spaces = [env.observation_space(name) for name in self._names]
        self.close = env.close

    def reset(self, seed: int | None) -> list:
        """What each agent sees at the start; a seed makes a new random stream."""
        seen, _ = self._env.reset(seed=seed)
        return [seen.get(name) for name in self._names]

    def step(self, actions: list[int]) -> tuple[list, float, bool, bool]:
        """What each agent sees, the sum of rewards, and the two kinds of end."""
        alive = list(self._env.agents)  # before the step: afterwards whoever left is missing
        given = {name: action for name, action in zip(self._names, actions, strict=True) if name in alive}
        seen, rewards, terminated, truncated, _ = self._env.step(given)
        over = all(terminated[name] or truncated[name] for name in alive)
        really = over and all(terminated[name] for name in alive)
        if really and self._ended is not None:
            really = bool(self._ended(self._env))
        return [seen.get(name) for name in self._names], float(sum(rewards.values())), really, over and not really


class TupleDialect:
    """One Gymnasium world whose spaces are tuples by agent."""

    def __init__(self, env: gymnasium.Env, ended: Callable | None):
        self._env, self._ended = env, ended
        self.title = env.spec.id if env.spec is not None else type(env.unwrapped).__name__
        self.action_spaces, self.observation_spaces = list(env.action_space), list(env.observation_space)
        self.close = env.close

    def reset(self, seed: int | None) -> Sequence:
        """What each agent sees at the start; a seed makes a new random stream."""
        return self._env.reset(seed=seed)[0]

    def step(self, actions: list[int]) -> tuple[Sequence, float, bool, bool]:
        """What each agent sees, the sum of rewards, and the two kinds of end."""
        seen, rewards, terminated, truncated, _ = self._env.step(tuple(actions))
        really = bool(np.all(terminated))
        over = really or bool(np.all(truncated))
        if really and self._ended is not None:
            really = bool(self._ended(self._env))
        return seen, float(np.sum(rewards)), really, over and not really


def dialect(env, ended: Callable | None) -> ParallelDialect | TupleDialect:
    """The adapter that understands a world, or a ``ValueError``."""
    if isinstance(env, pettingzoo.ParallelEnv):
        return ParallelDialect(env, ended)
    spaces = (getattr(env, "action_space", None), getattr(env, "observation_space", None))
    if isinstance(env, gymnasium.Env) and all(isinstance(space, gymnasium.spaces.Tuple) for space in spaces):
        return TupleDialect(env, ended)
    raise ValueError(
        f"make() returns {checks.shown(env)}; expected a PettingZoo ParallelEnv, or a Gymnasium Env whose action and "
        "observation spaces are Tuple spaces with one part for each agent"
    )


def action_count(title: str, agent: int, space) -> int:
    """How many actions an agent has."""
    if isinstance(space, Discrete) and space.start == 0:
        return int(space.n)
    raise ValueError(f"{title}: the action space of agent {agent} is {space}; expected Discrete, counting from 0")
