"""What an agent takes others' policies to be: distributions whose likelihood can be made large.

One who sees what others do, and does not know why, describes each of them by a distribution of actions for every
observation: a Gaussian where actions are continuous, a softmax where they are discrete.

Legend of axes: N agents whose actions they are, B batch, A entries of an action, O of what a network puts out; axes
before them are kept.
"""

from __future__ import annotations

import math

import numpy as np
import torch

from marl_edu.learning.gumbel import NEVER

LEAST_SPREAD = 0.01
"""Of a Gaussian: who always does the same would else be infinitely likely to."""


class Gaussian:
    """Continuous actions: each entry has a mean within its bounds, as an actor would say it, and a spread of its own.

    A bonus of lambda on the entropy, log spread + const, makes spreads larger and leaves means alone where these fit:
    the best variance is the mean squared error / (1 - lambda).

    Parameters
    ----------
    world : ParticleWorld
        It says how many entries each agent's action has, ``action_sizes``.
    kind : Continuous
        It squashes what networks say between an action's bounds.

    Examples
    --------
    >>> from marl_edu.games import simple_spread
    >>> from marl_edu.learning.noise import Continuous
    >>> family = Gaussian(simple_spread(), Continuous(simple_spread(), torch.device("cpu")))
    >>> family.outputs  # a mean and a spread for each of two forces
    4
    """

    def __init__(self, world, kind):
        self._kind, self.size, self.outputs = kind, kind.size, 2 * kind.size
        self._has = has_entries(kind.size, world.action_sizes)

    def score(self, put_out: torch.Tensor, actions: torch.Tensor, bonus: float) -> torch.Tensor:
        """Log-likelihood plus bonus times entropy, (..., N, B), of outputs (..., N, B, O), actions (..., N, B, A)."""
        spread = LEAST_SPREAD + torch.nn.functional.softplus(put_out[..., self.size :])
        missed = (actions - self._kind.greedy(self.said(put_out))) / spread
        likelihood = -missed.square() / 2 - spread.log() - math.log(2 * math.pi) / 2
        entropy = spread.log() + (1 + math.log(2 * math.pi)) / 2
        return torch.where(self._has.to(spread.device), likelihood + bonus * entropy, 0).sum(dim=-1)

    def said(self, put_out: torch.Tensor) -> torch.Tensor:
        """The part that an actor would say, (..., N, B, A): here means before they are squashed."""
        return put_out[..., : self.size]

    def error(self, put_out: torch.Tensor, true: torch.Tensor) -> torch.Tensor:
        """How far off, (..., N, B), where the actors say ``true``: the squared distance of the mean from the action."""
        return (self._kind.greedy(self.said(put_out)) - self._kind.greedy(true)).square().sum(dim=-1)


class Softmax:
    """Discrete actions: one logit for each choice. A bonus on the entropy makes choices more alike.

    Parameters
    ----------
    world : ParticleWorld
        It says how many choices each agent has, ``n_choices``.
    kind : Discrete
        It says how many are the most.
    """

    def __init__(self, world, kind):
        self.size = self.outputs = kind.size
        self._has = has_entries(kind.size, world.n_choices)

    def score(self, put_out: torch.Tensor, actions: torch.Tensor, bonus: float) -> torch.Tensor:
        """As for ``Gaussian``; actions are one-hot vectors."""
        logs = self._logs(put_out)
        return (actions * logs).sum(dim=-1) - bonus * (logs.exp() * logs).sum(dim=-1)

    def said(self, put_out: torch.Tensor) -> torch.Tensor:
        """The part that an actor would say, (..., N, B, A): all of it, logits."""
        return put_out

    def error(self, put_out: torch.Tensor, true: torch.Tensor) -> torch.Tensor:
        """How far off, (..., N, B), where the actors say ``true``: the Kullback-Leibler divergence from these."""
        logs = self._logs(true)
        return (logs.exp() * (logs - self._logs(put_out))).sum(dim=-1)

    def _logs(self, logits: torch.Tensor) -> torch.Tensor:
        return torch.where(self._has.to(logits.device), logits, NEVER).log_softmax(dim=-1)


FAMILIES = {"continuous": Gaussian, "discrete": Softmax}
"""Which is for which kind of actions."""


def has_entries(size: int, sizes: tuple[int, ...]) -> torch.Tensor:
    """Which of ``size`` entries are no padding for agents who have these many, (N, 1, size) bool.

    >>> has_entries(3, (3, 2)).tolist()
    [[[True, True, True]], [[True, True, False]]]
    """
    return torch.from_numpy(np.arange(size) < np.array(sizes)[:, np.newaxis, np.newaxis])
