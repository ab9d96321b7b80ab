"""Many small networks as one: all seeds' and all agents' layers are one batched matrix product.

A loop over K x M networks of PyTorch's ``Linear`` spends its time between the products, not in them. Here a layer's
parameters are one array with two leading axes, seed and network, and ``torch.baddbmm`` multiplies all of them at once.
Seeds must not meet anywhere else either: losses are *summed* over seeds, so that each seed's gradient is its own, and
gradients are clipped seed by seed (``flat.py``).

Legend of axes: K seeds, M networks of a seed (one per agent, or 1 if they share it), N agents, B batch, F features.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise

import numpy as np
import torch
from torch.nn import Parameter

from marl_edu.games import checks

ACTIVATIONS = {"relu": torch.relu, "elu": torch.nn.functional.elu, "tanh": torch.tanh}
"""What may stand between two layers."""

LARGEST = 2**26
"""Parameters that networks may have, all seeds together (with targets, gradients and Adam's means: 1.3 GiB)."""

HIDDEN_GAIN = 2**0.5
"""Size of the weights of hidden layers at the start: half of what comes in is cut off by a ReLU."""


class StackedMLP(torch.nn.Module):
    """K x M networks of the same shape, evaluated together.

    Layer l has ``weights[l]`` (K, M, in, out) and ``biases[l]`` (K, M, 1, out). Weights begin orthogonal (Saxe et al.
    2014), times sqrt 2 in hidden layers and ``last_gain`` in the last one; biases begin at 0.

    Parameters
    ----------
    generators : sequence of K numpy Generators
        Seed k's parameters are drawn from the k-th alone, so they do not depend on how many there are.
    nets : int
        M, networks of each seed.
    sizes : sequence of at least two ints
        Features that come in, units of each hidden layer, numbers that come out.
    activation : {'relu', 'elu', 'tanh'}
        Between layers; nothing follows the last one.
    last_gain : float
        Factor on the orthogonal weights of the last layer.

    Raises
    ------
    ValueError
        If one of these is otherwise.

    Examples
    --------
    Ten seeds, two networks each, batches of five:

    >>> networks = StackedMLP([np.random.default_rng(k) for k in range(10)], 2, (3, 64, 4))
    >>> networks(torch.zeros(10, 2, 5, 3)).shape
    torch.Size([10, 2, 5, 4])
    """

    def __init__(
        self,
        generators: Sequence[np.random.Generator],
        nets: int,
        sizes: Sequence[int],
        *,
        activation: str = "relu",
        last_gain: float = 1.0,
    ):
        super().__init__()
        generators = [checks.generator("StackedMLP: generators", rng) for rng in generators]
        if not generators:
            raise ValueError("StackedMLP: generators has no entries; expected one generator for each seed")
        self.seeds, self.nets = len(generators), checks.integer("StackedMLP: nets", nets, 1)
        self.sizes = tuple(checks.integer("StackedMLP: sizes", size, 1) for size in sizes)
        if len(self.sizes) < 2:
            raise ValueError(f"StackedMLP: sizes is {self.sizes}; expected two at least, of what comes in and goes out")
        self.activation = checks.option("StackedMLP: activation", activation, ACTIVATIONS)
        last_gain = checks.number("StackedMLP: last_gain", last_gain, 0)
        layers = list(zip(self.sizes[:-1], self.sizes[1:], strict=True))
        gains = [HIDDEN_GAIN] * (len(layers) - 1) + [last_gain]
        self.weights, self.biases = torch.nn.ParameterList(), torch.nn.ParameterList()
        for (n_in, n_out), gain in zip(layers, gains, strict=True):
            drawn = np.stack([orthogonal(rng, self.nets, n_in, n_out) for rng in generators])
            self.weights.append(Parameter(torch.tensor(gain * drawn, dtype=torch.float32)))
            self.biases.append(Parameter(torch.zeros(self.seeds, self.nets, 1, n_out)))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """What the networks say: (K, M, B, in) -> (K, M, B, out)."""
        activate = ACTIVATIONS[self.activation]
        found = _matrices(inputs)
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            found = torch.baddbmm(_matrices(bias), activate(found) if layer else found, _matrices(weight))
        return found[: self.seeds * self.nets].unflatten(0, (self.seeds, self.nets))

    def single(self, seed: int, net: int) -> torch.nn.Sequential:
        """A copy of one of them as an ordinary PyTorch network.

        >>> stacked = StackedMLP([np.random.default_rng(0)], 2, (3, 4, 1))
        >>> stacked.single(0, 1)(torch.zeros(5, 3)).shape
        torch.Size([5, 1])
        """
        units = {"relu": torch.nn.ReLU, "elu": torch.nn.ELU, "tanh": torch.nn.Tanh}[self.activation]
        found = []
        for weight, bias in zip(self.weights, self.biases, strict=True):
            layer = torch.nn.Linear(*weight.shape[-2:])
            layer.weight.data, layer.bias.data = (
                weight[seed, net].detach().T.clone(),
                bias[seed, net, 0].detach().clone(),
            )
            found += [layer, units()]
        return torch.nn.Sequential(*found[:-1])


def _matrices(stacked: torch.Tensor) -> torch.Tensor:
    """(K, M, ., .) -> (K * M, ., .), and a single matrix twice.

    PyTorch hands a single product to another routine, which rounds differently: a seed that is alone would learn other
    numbers than beside others.
    """
    matrices = stacked.flatten(0, 1)
    return matrices if len(matrices) > 1 else matrices.expand(2, -1, -1)


def orthogonal(rng: np.random.Generator, count: int, n_in: int, n_out: int) -> np.ndarray:
    """Random matrices (count, n_in, n_out) whose rows or columns, whichever are fewer, are orthonormal.

    Source: F. Mezzadri, "How to generate random matrices from the classical compact groups", Notices of the AMS 54
    (2007), section 5: the signs of R's diagonal make the draw uniform.

    >>> drawn = orthogonal(np.random.default_rng(0), 1, 2, 3)[0]
    >>> np.allclose(drawn @ drawn.T, np.eye(2))
    True
    """
    normal = rng.standard_normal((count, max(n_in, n_out), min(n_in, n_out)))
    columns, triangular = np.linalg.qr(normal)
    columns = columns * np.sign(np.einsum("mii->mi", triangular))[:, None, :]
    return columns if n_in >= n_out else columns.transpose(0, 2, 1)


def n_parameters(nets: int, sizes: Sequence[int]) -> int:
    """Weights and biases that a ``StackedMLP`` has for each seed.

    >>> n_parameters(2, (3, 64, 4)) == 2 * ((3 + 1) * 64 + (64 + 1) * 4)
    True
    """
    return nets * sum((n_in + 1) * n_out for n_in, n_out in pairwise(sizes))


def expect_room(seeds: int, parameters: int) -> None:
    """Raise a ``ValueError`` where networks of so many parameters a seed would have more than ``LARGEST``.

    >>> expect_room(1000, 10**6)
    Traceback (most recent call last):
        ...
    ValueError: the networks of 1000 seeds need 1,000,000,000 parameters; expected at most 67,108,864 (fewer seeds, ...
    """
    needed = seeds * parameters
    if needed > LARGEST:
        raise ValueError(
            f"the networks of {seeds} seeds need {needed:,} parameters; expected at most {LARGEST:,} (fewer seeds, "
            "smaller layers)"
        )


def as_shared(inputs: torch.Tensor) -> torch.Tensor:
    """What N agents see, (K, N, B, F), as one batch for the network that they share: (K, 1, N * B, F)."""
    return inputs.flatten(1, 2).unsqueeze(1)


def from_shared(outputs: torch.Tensor, agents: int) -> torch.Tensor:
    """The way back: (K, 1, N * B, F) -> (K, N, B, F).

    >>> seen = torch.arange(24.0).reshape(1, 2, 3, 4)
    >>> torch.equal(from_shared(as_shared(seen), agents=2), seen)
    True
    """
    return outputs.squeeze(1).unflatten(1, (agents, -1))


@contextmanager
def one_thread() -> Iterator[None]:
    """Let PyTorch use one thread here: for matrices this small, several spend their time waiting for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
