"""Continuous and discrete actions, by themselves: bounds, noise, draws, and the gradient that goes straight through."""

import numpy as np
import torch

from marl_edu.games import simple_speaker_listener, simple_spread
from marl_edu.learning.gumbel import TEMPERATURE, Discrete
from marl_edu.learning.noise import Continuous

CPU = torch.device("cpu")


def test_the_gradient_of_a_drawn_action_is_that_of_the_softmax_of_the_noisy_logits():
    kind = Discrete(simple_spread(n_agents=1), CPU)
    rng = np.random.default_rng(0)
    logits, slopes = rng.normal(size=5), rng.normal(size=5)
    noise = kind.draw(rng, (1, 1, 1, 5))
    said = torch.tensor(logits, dtype=torch.float32).reshape(1, 1, 1, 5).requires_grad_()
    action = kind.learning(said, torch.from_numpy(noise))
    (action * torch.tensor(slopes, dtype=torch.float32)).sum().backward()
    noisy = (logits + noise[0, 0, 0]) / TEMPERATURE
    p = np.exp(noisy) / np.exp(noisy).sum()
    np.testing.assert_allclose(said.grad[0, 0, 0].numpy(), p * (slopes - p @ slopes) / TEMPERATURE, atol=1e-5)
    assert action.detach()[0, 0, 0].tolist() == np.eye(5)[noisy.argmax()].tolist()


def test_the_choice_that_explores_is_the_one_that_learns_from_the_same_noise():
    kind = Discrete(simple_spread(), CPU)
    rng = np.random.default_rng(1)
    said = torch.from_numpy(rng.normal(size=(2, 3, 7, 5)).astype(np.float32))
    noise = torch.from_numpy(kind.draw(rng, (2, 3, 7, 5)))
    torch.testing.assert_close(kind.explored(said, noise, 0.4), kind.learning(said, noise).round())


def test_noise_is_in_units_of_half_an_actions_range():
    """A word in [0, 1] gets half the noise of a force in [-1, 1]; what pads an action gets none."""
    world = simple_speaker_listener()
    kind = Continuous(world, CPU)
    said, ones = torch.zeros(1, 2, 1, 3), torch.ones(1, 2, 1, 3)
    moved = kind.explored(said, ones, 0.4) - kind.greedy(said)
    torch.testing.assert_close(moved[0, 0, 0], torch.tensor([0.2, 0.2, 0.2]))
    torch.testing.assert_close(moved[0, 1, 0], torch.tensor([0.4, 0.4, 0.0]))


def test_noise_leaves_no_action_out_of_bounds():
    world = simple_speaker_listener()
    kind = Continuous(world, CPU)
    rng = np.random.default_rng(2)
    said = torch.from_numpy(rng.normal(size=(1, 2, 500, 3)).astype(np.float32))
    played = kind.explored(said, torch.from_numpy(kind.draw(rng, (1, 2, 500, 3))), 3.0)[0].numpy()
    assert played[0].min() == 0 and played[0].max() == 1
    assert played[1, :, :2].min() == -1 and played[1, :, :2].max() == 1 and not played[1, :, 2].any()
