"""Continuous actions: bounded controls, explored by adding Gaussian noise that fades away.

An actor's network may say any number; a hyperbolic tangent brings it between an action's bounds. Entries that only pad
the actions of agents who have fewer are 0, and so is their noise.

Legend of axes: K seeds, N agents, B batch or copies of the world, A entries of the longest action.

Source: D. Silver et al., "Deterministic policy gradient algorithms", ICML 2014, section 4.2: an off-policy
actor-critic may explore by any noise, and learns a deterministic policy all the same.
"""

from __future__ import annotations

import numpy as np
import torch

from marl_edu.learning.batches import expect_all

ROUNDING = 1e-5
"""By how much a control may be out of its bounds: a softmax over words may be a little more than 1."""


class Continuous:
    """What an agent of a particle world can do: forces in [-1, 1], words in [0, 1].

    Parameters
    ----------
    world : ParticleWorld
        It says bounds, ``lowest`` and ``highest`` (N, A), of the ``action_sizes`` entries that are no padding.
    device : torch.device
        Where networks are.

    Examples
    --------
    >>> from marl_edu.games import simple_speaker_listener
    >>> kind = Continuous(simple_speaker_listener(), torch.device("cpu"))
    >>> kind.greedy(torch.zeros(1, 2, 1, 3))[0, :, 0].tolist()  # the speaker's three words, the listener's force
    [[0.5, 0.5, 0.5], [0.0, 0.0, 0.0]]
    """

    draws = False
    """Whether it takes random numbers to say what an agent does that explores no more."""

    def __init__(self, world, device: torch.device):
        self.size = max(world.action_sizes)
        bounded = np.arange(self.size) < np.array(world.action_sizes)[:, np.newaxis]
        low, high = (np.where(bounded, bound, 0) for bound in (world.lowest, world.highest))
        self._centre, self._half, self._low, self._high = (
            torch.tensor(part[:, np.newaxis], dtype=torch.float32, device=device)
            for part in ((low + high) / 2, (high - low) / 2, low, high)
        )

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        """What noise is made of: standard normal numbers."""
        return rng.standard_normal(shape, dtype=np.float32)

    def greedy(self, said: torch.Tensor) -> torch.Tensor:
        """mu_i(o_i), (K, N, B, A), from what the actors' networks say."""
        return self._centre + self._half * torch.tanh(said)

    def learning(self, said: torch.Tensor, draws: torch.Tensor | None) -> torch.Tensor:
        """The action in the actor's own update, which its gradient flows through: the same, without noise."""
        return self.greedy(said)

    def explored(self, said: torch.Tensor, draws: torch.Tensor, scale: float, most: float = np.inf) -> torch.Tensor:
        """Actions with noise, within their bounds; ``scale`` and ``most`` in units of half an action's range."""
        noise = (scale * draws).clamp(-most, most) if most < np.inf else scale * draws
        return (self.greedy(said) + self._half * noise).clamp(self._low, self._high)

    def expect_actions(self, name: str, actions: np.ndarray) -> None:
        """Raise a ``ValueError`` where one of these, (K, B, N, A), is not within its bounds."""
        low, high = (bound.squeeze(-2).cpu().numpy() for bound in (self._low, self._high))
        fine = (actions >= low - ROUNDING) & (actions <= high + ROUNDING)
        expect_all(name, actions, fine, "a control within its bounds, or 0 where an agent has none")

    def controls(self, actions: np.ndarray) -> np.ndarray:
        """The world's controls: the actions themselves."""
        return actions
