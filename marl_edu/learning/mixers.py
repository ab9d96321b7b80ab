"""How the agents' values become one: QMIX's monotonic mixer, and a network of all actions that is bound by nothing.

The mixer is a network of the N values with one hidden layer of H units whose weights are made, for each state, by other
networks (*hypernetworks*):

    Q_tot(s, a) = |W2(s)| . ELU(|W1(s)| Q(s, a) + b1(s)) + V(s).

The absolute values make Q_tot grow, or stay, if any agent's value grows: dQ_tot / dQ_i >= 0, as ELU's slope is
positive. Biases, and the last of them V(s), may have any sign: they do not change the slopes' signs.

Not every monotone function is among these, however large H is. ELU is convex: its slope grows with its argument, and
so, in any direction that the weights allow, the slope dQ_tot / dQ_i does not fall if another agent's value grows
(*increasing differences*: agents' actions are complements). "Both are needed" is of that kind, the payoffs [[0, 1],
[1, 1]], "one is enough", are not, although they are monotone: the nearest table of the mixer is the nearest sum. Two
hidden layers, in which every second unit is -ELU(-x) and so bends the other way, learn those too (``DeepMixer``).

Legend of axes: K seeds, B batch, N agents, A actions, G features of a state, H hidden units of the mixer.

Source: T. Rashid, M. Samvelyan, C. Schroeder de Witt, G. Farquhar, J. Foerster and S. Whiteson, "QMIX: Monotonic value
function factorisation for deep multi-agent reinforcement learning", ICML 2018, section 4.1; D. Runje and S. M.
Shankaranarayana, "Constrained monotonic neural networks", ICML 2023, for units that bend both ways.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch.nn import functional

from marl_edu.learning.networks import StackedMLP


class MixerWeights(NamedTuple):
    """What the hypernetworks say of states: w1 (K, B, N, H), w2 (K, B, H), not negative; b1 (K, B, H); b2 (K, B)."""

    w1: torch.Tensor
    b1: torch.Tensor
    w2: torch.Tensor
    b2: torch.Tensor


class MonotonicMixer(torch.nn.Module):
    """QMIX's mixing network, for all seeds at once.

    Parameters
    ----------
    generators : sequence of K numpy Generators
        See ``StackedMLP``.
    n_agents, state_size : int
        N values to mix; G features of a state.
    embed : int
        H, hidden units.

    Notes
    -----
    As in the paper, W1, b1 and W2 are linear in the state, and V(s) has one hidden layer (of H units). With one-hot
    states the linear parts begin with a standard deviation of 1/4, biases with 0.

    Examples
    --------
    >>> mixer = MonotonicMixer([np.random.default_rng(k) for k in range(10)], n_agents=2, state_size=3)
    >>> mixer(torch.zeros(10, 5, 2), torch.zeros(10, 5, 3)).shape
    torch.Size([10, 5])
    """

    def __init__(self, generators: Sequence[np.random.Generator], n_agents: int, state_size: int, embed: int = 32):
        super().__init__()
        self.sizes = (n_agents * embed, embed, embed)
        self.hyper = StackedMLP(generators, 1, (state_size, sum(self.sizes)), last_gain=sum(self.sizes) ** 0.5 / 4)
        self.state_value = StackedMLP(generators, 1, (state_size, embed, 1))

    def weights(self, states: torch.Tensor) -> MixerWeights:
        """The mixing network of each state, (K, B, G)."""
        states = states.unsqueeze(1)  # one network of a seed, not one per agent
        w1, b1, w2 = self.hyper(states).squeeze(1).split(self.sizes, dim=-1)
        b2 = self.state_value(states)[:, 0, :, 0]
        return MixerWeights(w1.abs().unflatten(-1, (-1, self.sizes[1])), b1, w2.abs(), b2)

    def forward(self, values: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
        """Q_tot (K, B), of the agents' values (K, B, N) in states (K, B, G)."""
        w1, b1, w2, b2 = self.weights(states)
        hidden = functional.elu((values.unsqueeze(-1) * w1).sum(-2) + b1)
        return (hidden * w2).sum(-1) + b2


class DeepMixer(torch.nn.Module):
    """A mixer of two hidden layers whose units bend both ways; not the published one, but for substitutes as well.

    With D_l = |W_l| and u(x) = ELU(x) for every even unit, -ELU(-x) for every odd one, which both rise everywhere,

        Q_tot(s, a) = D_3(s) . u(D_2(s) u(D_1(s) Q(s, a) + b1(s)) + b2(s)) + V(s).

    One such layer would not do: a sum of functions of weighted sums can't have every staircase for its lines of equal
    value. Parameters: see ``MonotonicMixer``; the second hidden layer has ``SECOND`` units.

    Examples
    --------
    >>> mixer = DeepMixer([np.random.default_rng(k) for k in range(10)], n_agents=2, state_size=3)
    >>> mixer(torch.zeros(10, 5, 2), torch.zeros(10, 5, 3)).shape
    torch.Size([10, 5])
    """

    SECOND = 8

    def __init__(self, generators: Sequence[np.random.Generator], n_agents: int, state_size: int, embed: int = 32):
        super().__init__()
        self.embed, second = embed, self.SECOND
        self.sizes = (n_agents * embed, embed, embed * second, second, second)
        self.hyper = StackedMLP(generators, 1, (state_size, sum(self.sizes)), last_gain=sum(self.sizes) ** 0.5 / 4)
        self.state_value = StackedMLP(generators, 1, (state_size, embed, 1))

    def forward(self, values: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
        """Q_tot (K, B), of the agents' values (K, B, N) in states (K, B, G)."""
        states = states.unsqueeze(1)
        w1, b1, w2, b2, w3 = self.hyper(states).squeeze(1).split(self.sizes, dim=-1)
        hidden = _both_ways(_weighted(values, w1.unflatten(-1, (-1, self.embed))) + b1)
        hidden = _both_ways(_weighted(hidden, w2.unflatten(-1, (-1, self.SECOND))) + b2)
        return (hidden * w3.abs()).sum(-1) + self.state_value(states)[:, 0, :, 0]


def _weighted(values: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Numbers (..., n), times the sizes of weights (..., n, m)."""
    return (values.unsqueeze(-1) * weights.abs()).sum(-2)


def _both_ways(inside: torch.Tensor) -> torch.Tensor:
    """ELU(x) for even units (last axis), -ELU(-x) for odd ones."""
    sides = 1.0 - 2.0 * (torch.arange(inside.shape[-1]) % 2)
    return sides * functional.elu(sides * inside)


MIXERS = {"published": MonotonicMixer, "deep": DeepMixer}
"""The mixers that QMIX may use, by name."""


class JointValues(torch.nn.Module):
    """A value of every state and joint action, with no structure at all: what a factored one is compared with.

    Parameters
    ----------
    generators : sequence of K numpy Generators
        See ``StackedMLP``.
    n_agents, n_actions, state_size : int
        N agents, A actions of each, G features of a state: the input is a state and each agent's action, one-hot.
    hidden : int
        Units of each of its two hidden layers.

    Examples
    --------
    >>> joint = JointValues([np.random.default_rng(k) for k in range(10)], n_agents=2, n_actions=4, state_size=3)
    >>> joint(torch.zeros(10, 5, 2, dtype=torch.int64), torch.zeros(10, 5, 3)).shape
    torch.Size([10, 5])
    """

    def __init__(
        self,
        generators: Sequence[np.random.Generator],
        n_agents: int,
        n_actions: int,
        state_size: int,
        hidden: int = 64,
    ):
        super().__init__()
        self.n_actions = n_actions
        self.network = StackedMLP(generators, 1, (state_size + n_agents * n_actions, hidden, hidden, 1))

    def forward(self, actions: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
        """Values (K, B), of joint actions (K, B, N) in states (K, B, G)."""
        played = functional.one_hot(actions, self.n_actions).to(states.dtype).flatten(2)
        return self.network(torch.cat([states, played], dim=-1).unsqueeze(1))[:, 0, :, 0]
