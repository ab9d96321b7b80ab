"""All parameters of some networks as one array, so that an optimiser's step is a few operations and not a few for each.

Small networks learn in microseconds, and what is called for each of their twelve parameters costs more than the
arithmetic. Here they are views of one array (K, P): one norm clips, seven operations are Adam, one moves target
networks.

Legend of axes: K seeds, P parameters of all networks of a seed.

Source of Adam: D. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1.
"""

from __future__ import annotations

import torch

MEAN_KEPT, SQUARE_KEPT, TINY = 0.9, 0.999, 1e-8
"""beta_1, beta_2 and epsilon of Adam: the paper's."""


class Flat:
    """The parameters of some ``StackedMLP``, moved into one array; the networks go on using it.

    Parameters
    ----------
    networks : Module
        Every parameter has the leading axis K.

    Attributes
    ----------
    values : (K, P) tensor
        Whoever changes it changes the networks.

    Examples
    --------
    >>> import numpy as np
    >>> from marl_edu.learning.networks import StackedMLP
    >>> network = StackedMLP([np.random.default_rng(0)], 1, (1, 1))
    >>> flat = Flat(network)
    >>> flat.values[:] = torch.tensor([[2.0, 3.0]])  # weight and bias
    >>> network(torch.ones(1, 1, 1, 1)).item()
    5.0
    """

    def __init__(self, networks: torch.nn.Module):
        self.parameters = list(networks.parameters())
        self.values = torch.cat([parameter.detach().flatten(1) for parameter in self.parameters], dim=1)
        sizes = [parameter[0].numel() for parameter in self.parameters]
        for parameter, part in zip(self.parameters, self.values.split(sizes, dim=1), strict=True):
            parameter.data = part.view(parameter.shape)

    def follow(self, other: Flat, share: float) -> None:
        """Go a share of the way to the other's values: target += share (other - target)."""
        self.values.lerp_(other.values, share)

    def gradient(self, loss: torch.Tensor) -> torch.Tensor:
        """The derivative of a number by these parameters, and no others, (K, P)."""
        return torch.cat([part.flatten(1) for part in torch.autograd.grad(loss, self.parameters)], dim=1)


def clipped(gradient: torch.Tensor, most: float) -> torch.Tensor:
    """The gradient (K, P), each seed's shortened to the length ``most`` if it is longer.

    >>> clipped(torch.tensor([[3.0, 4.0], [0.3, 0.4]]), most=1.0).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.30000001192092896, 0.4000000059604645]]
    """
    return gradient * (most / gradient.norm(dim=1, keepdim=True)).clamp(max=1)


class Adam:
    """Steps down a gradient, each parameter's divided by its usual size."""

    def __init__(self, flat: Flat):
        self._values = flat.values
        self.mean, self.square = torch.zeros_like(flat.values), torch.zeros_like(flat.values)
        self.steps = 0

    def step(self, gradient: torch.Tensor, step_size: float) -> None:
        """One step with the gradient (K, P)."""
        self.steps += 1
        self.mean.lerp_(gradient, 1 - MEAN_KEPT)
        self.square.mul_(SQUARE_KEPT).addcmul_(gradient, gradient, value=1 - SQUARE_KEPT)
        mean_share, square_share = (1 - kept**self.steps for kept in (MEAN_KEPT, SQUARE_KEPT))
        size = self.square.sqrt().div_(square_share**0.5).add_(TINY)
        self._values.addcdiv_(self.mean, size, value=-step_size / mean_share)
