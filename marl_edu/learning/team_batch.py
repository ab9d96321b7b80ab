"""What a team's gradient step is made of: transitions as they are stored, and as the networks take them.

Stored is only where the world stood, as compact arrays; features are looked up when a batch is drawn.

Legend of axes: K seeds, B batch, W copies of the world, N agents, A actions (the most of any agent), F features of an
observation, G features of a state.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch

from marl_edu.learning.team_worlds import Step, TeamWorld, Where


class Batch(NamedTuple):
    """What a gradient step is made of; ``onward`` is the discount, or 0 where the step was terminal."""

    observations: torch.Tensor  # K, N, B, F
    states: torch.Tensor  # K, B, G
    available: torch.Tensor | None  # K, B, N, A; None if all actions always are
    actions: torch.Tensor  # K, B, N
    rewards: torch.Tensor  # K, B, 1
    onward: torch.Tensor  # K, B, 1
    next_observations: torch.Tensor  # K, N, B, F
    next_states: torch.Tensor  # K, B, G
    next_available: torch.Tensor | None


def transition(where: Where, actions: np.ndarray, step: Step) -> dict[str, np.ndarray]:
    """What the replay keeps of one step of every copy: arrays (K, W, ...)."""
    return {
        "actions": actions,
        "rewards": step.rewards,
        "terminated": step.terminated,
        **{f"at {name}": values for name, values in where.items()},
        **{f"next {name}": values for name, values in step.next_where.items()},
    }


def example_of(world: TeamWorld) -> dict[str, tuple]:
    """What one transition consists of, {name: (shape, dtype)}; the world has been started."""
    where = {name: (values.shape[2:], values.dtype) for name, values in world.where.items()}
    return {
        "actions": ((world.n_agents,), np.int64),
        "rewards": ((), np.float32),
        "terminated": ((), bool),
        **{f"at {name}": kind for name, kind in where.items()},
        **{f"next {name}": kind for name, kind in where.items()},
    }


def seen(world: TeamWorld, where: Where) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]:
    """Observations (K, N, B, F), states (K, B, G) and available actions (K, B, N, A) where copies stand (K, B)."""
    observations, states = map(torch.from_numpy, world.encode(where))
    available = world.available(where)
    return observations.transpose(1, 2), states, None if available is None else torch.tensor(available)


def batch_of(world: TeamWorld, drawn: dict[str, np.ndarray]) -> Batch:
    """What the replay gave, (K, B, ...), for the networks."""
    before = {name.removeprefix("at "): values for name, values in drawn.items() if name.startswith("at ")}
    after = {name.removeprefix("next "): values for name, values in drawn.items() if name.startswith("next ")}
    rewards = torch.from_numpy(drawn["rewards"])[..., None]
    onward = torch.from_numpy(world.discount * ~drawn["terminated"]).float()[..., None]
    return Batch(*seen(world, before), torch.from_numpy(drawn["actions"]), rewards, onward, *seen(world, after))


def best_actions(values: torch.Tensor, available: torch.Tensor | None) -> torch.Tensor:
    """Each agent's best action, (K, B, N), by its values (K, N, B, A), among those available (K, B, N, A), or all.

    Of equal values the first is taken. That coordinates nobody: networks begin with random weights, and equal is what
    is equal to the last bit. Two values are that before the first update only, where nothing but zeros reaches the last
    layer: from an observation of zeros, or through so few hidden units that all are off.
    """
    if available is not None:
        values = values.where(available.transpose(1, 2), -torch.inf)
    return values.argmax(dim=-1).transpose(1, 2)


def at(values: torch.Tensor, actions: torch.Tensor) -> torch.Tensor:
    """Each agent's value, of its values (K, N, B, A), of the action that it took, (K, B, N); (K, B, N)."""
    return values.gather(-1, actions.transpose(1, 2).unsqueeze(-1)).squeeze(-1).transpose(1, 2)
