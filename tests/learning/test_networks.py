"""Stacked networks against a loop over PyTorch's own layers; seeds that never meet; what is refused."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from marl_edu.learning import StackedMLP
from marl_edu.learning.flat import Flat, clipped
from marl_edu.learning.networks import as_shared, from_shared, one_thread, orthogonal

ACTIVATIONS = {"relu": torch.nn.ReLU, "elu": torch.nn.ELU, "tanh": torch.nn.Tanh}


def generators(seeds):
    return [np.random.default_rng([7, k]) for k in range(seeds)]


def separate(stacked, k, m):
    """Network m of seed k, as anybody would write it."""
    layers = []
    for weight, bias in zip(stacked.weights, stacked.biases, strict=True):
        layer = torch.nn.Linear(weight.shape[-2], weight.shape[-1])
        with torch.no_grad():
            layer.weight.copy_(weight[k, m].T)
            layer.bias.copy_(bias[k, m, 0])
        layers += [layer, ACTIVATIONS[stacked.activation]()]
    return torch.nn.Sequential(*layers[:-1])


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("sizes", [(3, 2), (5, 8, 1), (4, 16, 16, 3)], ids=str)
def test_values_and_gradients_are_those_of_separate_networks(sizes, activation):
    stacked = StackedMLP(generators(3), 2, sizes, activation=activation)
    with torch.no_grad():
        for bias in stacked.biases:
            bias.normal_(generator=torch.Generator().manual_seed(0))
    inputs = torch.randn(3, 2, 7, sizes[0], generator=torch.Generator().manual_seed(1))
    found = stacked(inputs)
    found.square().mean(dim=(2, 3)).sum().backward()
    for k in range(3):
        for m in range(2):
            alone = separate(stacked, k, m)
            torch.testing.assert_close(found[k, m], alone(inputs[k, m]))
            alone(inputs[k, m]).square().mean().backward()
            layers = [layer for layer in alone if isinstance(layer, torch.nn.Linear)]
            for layer, weight, bias in zip(layers, stacked.weights, stacked.biases, strict=True):
                torch.testing.assert_close(weight.grad[k, m], layer.weight.grad.T)
                torch.testing.assert_close(bias.grad[k, m, 0], layer.bias.grad)


@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 99))
def test_orthogonal_matrices_are(n_in, n_out, seed):
    drawn = orthogonal(np.random.default_rng(seed), 3, n_in, n_out)
    assert drawn.shape == (3, n_in, n_out)
    products = drawn @ drawn.transpose(0, 2, 1) if n_in <= n_out else drawn.transpose(0, 2, 1) @ drawn
    np.testing.assert_allclose(products, np.broadcast_to(np.eye(min(n_in, n_out)), products.shape), atol=1e-12)


def test_orthogonal_matrices_point_everywhere():
    """Without the signs of R's diagonal, LAPACK's first column would always lean to one side."""
    drawn = orthogonal(np.random.default_rng(0), 4000, 2, 2)
    assert np.abs(drawn.mean(axis=0)).max() < 0.05
    assert np.linalg.det(drawn).mean() == pytest.approx(0, abs=0.05)


def test_gains_are_the_documented_ones():
    network = StackedMLP(generators(2), 3, (4, 8, 8, 2), last_gain=0.01)
    sizes = [torch.linalg.matrix_norm(weight, 2) for weight in network.weights]
    for found, gain in zip(sizes, (2**0.5, 2**0.5, 0.01), strict=True):
        torch.testing.assert_close(found, torch.full((2, 3), gain))
    assert not any(bias.any() for bias in network.biases)


@pytest.mark.parametrize("nets", [1, 2])
@pytest.mark.parametrize("sizes", [(3, 1), (1, 8), (5, 16, 1), (4, 64, 64, 2)], ids=str)
def test_a_seed_is_the_same_to_the_last_bit_whoever_runs_beside_it(nets, sizes):
    """Parameters, values and gradients; a single matrix, which PyTorch would multiply by another routine, as well."""
    inputs = torch.randn(10, nets, 32, sizes[0], generator=torch.Generator().manual_seed(0))
    found = {}
    for seeds in (1, 3, 10):
        network = StackedMLP(generators(seeds), nets, sizes)
        values = network(inputs[:seeds])
        gradient = Flat(network).gradient(values.square().mean(dim=2).sum())
        found[seeds] = values[:1], gradient[:1], Flat(network).values[:1]
    for one, other in ((1, 10), (3, 10)):
        assert all(map(torch.equal, found[one], found[other]))


def test_seeds_do_not_meet():
    """What one seed sees changes nobody else's gradient; one seed's wild gradient shortens nobody else's."""
    network = StackedMLP(generators(3), 2, (4, 8, 1))
    inputs = torch.randn(3, 2, 5, 4, generator=torch.Generator().manual_seed(0))
    flat = Flat(network)
    calm = flat.gradient(network(inputs).square().mean(dim=2).sum())
    inputs[1] *= 1e4
    wild = flat.gradient(network(inputs).square().mean(dim=2).sum())
    assert torch.equal(calm[[0, 2]], wild[[0, 2]]) and not torch.equal(calm[1], wild[1])
    torch.testing.assert_close(clipped(wild, 1e3)[[0, 2]], calm[[0, 2]])
    assert clipped(wild, 1e3)[1].norm() == pytest.approx(1e3, rel=1e-5)


def test_a_shared_network_says_the_same_to_every_agent():
    network = StackedMLP(generators(2), 1, (3, 8, 2))
    seen = torch.randn(2, 4, 5, 3, generator=torch.Generator().manual_seed(0))  # seeds, agents, batch, features
    said = from_shared(network(as_shared(seen)), agents=4)
    for i in range(4):
        torch.testing.assert_close(said[:, i : i + 1], network(seen[:, i : i + 1]))


def test_one_thread_gives_the_others_back():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with pytest.raises(KeyError), one_thread():
            assert torch.get_num_threads() == 1
            raise KeyError
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"generators": []}, "generators has no entries; expected one generator for each seed"),
        ({"generators": [3]}, "generators is 3; expected a numpy.random.Generator"),
        ({"nets": 0}, "nets is 0; expected a whole number from 1 up"),
        ({"sizes": (3,)}, r"sizes is \(3,\); expected two at least"),
        ({"sizes": (3, 0)}, "sizes is 0; expected a whole number from 1 up"),
        ({"activation": "gelu"}, "activation is 'gelu'.*; expected one of 'relu', 'elu', 'tanh'"),
        ({"last_gain": float("nan")}, "last_gain is nan; expected a finite number"),
    ],
)
def test_what_is_refused(change, words):
    arguments = {"generators": generators(2), "nets": 2, "sizes": (3, 2)} | change
    with pytest.raises(ValueError, match=words):
        StackedMLP(arguments.pop("generators"), arguments.pop("nets"), arguments.pop("sizes"), **arguments)
