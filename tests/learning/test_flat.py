"""Parameters as one array: Adam is PyTorch's, gradients are clipped for each seed, networks go on using the array."""

import numpy as np
import pytest
import torch

from marl_edu.learning.flat import Adam, Flat, clipped
from marl_edu.learning.networks import StackedMLP


def network(seeds=3):
    return StackedMLP([np.random.default_rng(k) for k in range(seeds)], 2, (3, 4, 2))


@pytest.mark.parametrize("step_size", [1e-3, 0.1])
def test_adam_is_that_of_pytorch(step_size):
    """Ten steps of changing size, the first ones in particular: means that start at 0 are put right."""
    flat, draw = Flat(network()), torch.Generator().manual_seed(0)
    mine, theirs = Adam(flat), torch.nn.Parameter(flat.values.clone())
    optimiser = torch.optim.Adam([theirs], lr=step_size)
    for t in range(10):
        gradient = torch.randn(flat.values.shape, generator=draw) * 10.0 ** (t - 5)
        mine.step(gradient, step_size)
        theirs.grad = gradient
        optimiser.step()
        torch.testing.assert_close(flat.values, theirs.data, rtol=1e-5, atol=step_size * 1e-4)


def test_gradients_and_steps_reach_the_networks():
    one, other = network(), network()
    flat, inputs = Flat(one), torch.rand(3, 2, 5, 3, generator=torch.Generator().manual_seed(0))
    found = flat.gradient(one(inputs).square().sum())
    other(inputs).square().sum().backward()
    wanted = torch.cat([parameter.grad.flatten(1) for parameter in other.parameters()], dim=1)
    torch.testing.assert_close(found, wanted)
    flat.values -= 0.1 * found
    with torch.no_grad():
        for parameter in other.parameters():
            parameter -= 0.1 * parameter.grad
    torch.testing.assert_close(one(inputs), other(inputs))


def test_a_long_gradient_is_shortened_for_its_own_seed_alone():
    gradient = torch.tensor([[30.0, 40.0], [0.3, 0.4], [0.0, 0.0]])
    assert clipped(gradient, 5.0).flatten().tolist() == pytest.approx([3, 4, 0.3, 0.4, 0, 0])
