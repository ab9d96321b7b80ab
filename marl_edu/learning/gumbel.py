"""Discrete actions: a random choice that a gradient can flow through.

An actor's network says one logit for each choice, and the agent draws from their softmax: it takes the choice with the
largest logit + Gumbel noise. Which one that is has no derivative. The *straight-through* estimate goes on with the
choice itself, a one-hot vector, and on the way back pretends that it was the softmax of the same noisy logits.

Legend of axes: K seeds, N agents, B batch or copies of the world, A choices (the most of any agent).

Sources: E. Jang, S. Gu and B. Poole, "Categorical reparameterization with Gumbel-softmax", ICLR 2017, equations 1 and
2 and section 2.2; used by R. Lowe et al., "Multi-agent actor-critic for mixed cooperative-competitive environments",
NeurIPS 2017.
"""

from __future__ import annotations

import numpy as np
import torch

from marl_edu.games.particles import controls
from marl_edu.learning.batches import expect_all

NEVER = -1e9
"""Logit of a choice that an agent does not have."""

TEMPERATURE = 1.0
"""Of the softmax that the gradient flows through."""


def straight_through(noisy: torch.Tensor, temperature: float = TEMPERATURE) -> torch.Tensor:
    """One-hot vectors of the largest entries (..., A), with the gradient of the softmax.

    >>> noisy = torch.tensor([0.0, 2.0, 1.0], requires_grad=True)
    >>> straight_through(noisy)
    tensor([0., 1., 0.], grad_fn=<AddBackward0>)
    """
    soft = torch.softmax(noisy / temperature, dim=-1)
    return one_hot(noisy) + (soft - soft.detach())


def one_hot(values: torch.Tensor) -> torch.Tensor:
    """One-hot vectors of the largest entries (..., A)."""
    return torch.nn.functional.one_hot(values.argmax(dim=-1), values.shape[-1]).to(values.dtype)


class Discrete:
    """What an agent of a particle world can do by choosing: nothing, left, right, down, up, and what to say.

    An action is a one-hot vector (..., A), in the replay and for the critics: the one that was played.

    Parameters
    ----------
    world : ParticleWorld
        It says how many choices each agent has, ``n_choices``.
    device : torch.device
        Where networks are.
    """

    draws = True
    """Whether it takes random numbers to say what an agent does that explores no more."""

    def __init__(self, world, device: torch.device):
        self._world, self.size = world, max(world.n_choices)
        has = np.arange(self.size) < np.array(world.n_choices)[:, np.newaxis]
        self._missing = torch.tensor(np.where(has, 0, NEVER)[:, np.newaxis], dtype=torch.float32, device=device)

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        """What the choice is made with: Gumbel noise."""
        return rng.gumbel(size=shape).astype(np.float32)

    def greedy(self, said: torch.Tensor) -> torch.Tensor:
        """The likeliest choice, (K, N, B, A), from the logits."""
        return one_hot(said + self._missing)

    def learning(self, said: torch.Tensor, draws: torch.Tensor) -> torch.Tensor:
        """The action in the actor's own update: drawn, with a gradient."""
        return straight_through(said + self._missing + draws)

    def explored(self, said: torch.Tensor, draws: torch.Tensor, scale: float, most: float = np.inf) -> torch.Tensor:
        """A draw from the softmax of the logits; ``scale`` plays no part: the noise that explores is the policy's."""
        return one_hot(said + self._missing + draws)

    def expect_actions(self, name: str, actions: np.ndarray) -> None:
        """Raise a ``ValueError`` where one of these, (K, B, N, A), is no choice that this agent has."""
        has = self._missing.squeeze(-2).cpu().numpy() == 0
        fine = ((actions == 0) | (actions == 1) & has) & (actions.sum(axis=-1, keepdims=True) == 1)
        expect_all(name, actions, fine, "one-hot vectors of choices that agents have")

    def controls(self, actions: np.ndarray) -> np.ndarray:
        """The world's controls of one-hot vectors."""
        return controls.from_choices(self._world, actions.argmax(axis=-1))
