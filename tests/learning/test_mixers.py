"""The monotonic mixer: slopes at random points and after training, against the formula; the free network of actions."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from marl_edu.games import qtran_matrix, two_step
from marl_edu.learning import QMIX, MonotonicMixer, WeightedQMIX
from marl_edu.learning.mixers import MIXERS, DeepMixer, JointValues


def generators(seeds):
    return [np.random.default_rng([7, k]) for k in range(seeds)]


def slopes(mixer, values, states):
    """dQ_tot / dQ_i at every point, (K, B, N)."""
    values = values.clone().requires_grad_()
    return torch.autograd.grad(mixer(values, states).sum(), values)[0]


def drawn(seed, *shape, size=1.0):
    return size * torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


class WithoutAbsolute(MonotonicMixer):
    """The mistake that the paper's absolute value prevents."""

    def weights(self, states):
        w1, b1, w2 = self.hyper(states.unsqueeze(1)).squeeze(1).split(self.sizes, dim=-1)
        return super().weights(states)._replace(w1=w1.unflatten(-1, (-1, self.sizes[1])), w2=w2, b1=b1)


@settings(max_examples=40)
@given(
    st.integers(1, 5),
    st.integers(1, 6),
    st.integers(1, 9),
    st.sampled_from(list(MIXERS)),
    st.sampled_from([0.01, 1.0, 100.0]),
    st.integers(0, 99),
)
def test_no_agents_value_can_lower_the_teams(n_agents, state_size, embed, kind, size, seed):
    """At random points, with random parameters of any sign and size."""
    mixer = MIXERS[kind](generators(2), n_agents, state_size, embed)
    with torch.no_grad():
        for k, parameter in enumerate(mixer.parameters()):
            parameter.copy_(drawn(seed + k, *parameter.shape, size=size))
    found = slopes(mixer, drawn(seed, 2, 20, n_agents, size=size), drawn(seed + 1, 2, 20, state_size))
    assert (found >= 0).all() and found.max() > 0


def test_the_check_would_see_a_mixer_that_is_not_monotonic():
    points = drawn(0, 2, 20, 3), drawn(1, 2, 20, 4)
    assert slopes(WithoutAbsolute(generators(2), 3, 4), *points).min() < -0.01


@settings(max_examples=25)
@given(st.integers(2, 4), st.sampled_from([0.1, 1.0, 10.0]), st.integers(0, 99))
def test_a_larger_value_never_makes_another_count_less(n_agents, size, seed):
    """Increasing differences, as ELU is convex: Q(x + d + e) - Q(x + d) >= Q(x + e) - Q(x), for two agents' steps."""
    mixer = MonotonicMixer(generators(1), n_agents, 3, embed=8).double()
    with torch.no_grad():
        for k, parameter in enumerate(mixer.parameters()):
            parameter.copy_(drawn(seed + k, *parameter.shape, size=size))
    values, states = drawn(seed, 1, 30, n_agents).double(), drawn(seed + 1, 1, 30, 3).double()
    first, second = torch.eye(n_agents).double()[:2]
    with torch.no_grad():
        gains = [mixer(at + second, states) - mixer(at, states) for at in (values, values + first)]
    assert (gains[1] - gains[0] >= -1e-9 * (1 + gains[0].abs())).all()


@pytest.mark.parametrize("learner", [QMIX, WeightedQMIX])
@pytest.mark.parametrize("game", [two_step(), qtran_matrix()], ids=lambda game: game.name)
def test_and_after_training_it_still_cannot(learner, game):
    trained = learner(game, seeds=3, epsilon_last=1, step_size=1e-2)
    trained.advance(200)
    states = torch.eye(game.n_states).expand(3, -1, -1).repeat_interleave(50, dim=1)
    found = slopes(trained._nets["mixer"], drawn(0, 3, states.shape[1], 2, size=20), states)
    assert (found >= 0).all() and found.max() > 0.1


def test_it_is_the_papers_formula():
    mixer = MonotonicMixer(generators(2), 3, 4, embed=5)
    with torch.no_grad():
        for k, parameter in enumerate(mixer.parameters()):
            parameter.copy_(drawn(k, *parameter.shape))
    values, states = drawn(20, 2, 6, 3), drawn(21, 2, 6, 4)
    w1, b1, w2, b2 = (part.detach().numpy() for part in mixer.weights(states))
    assert w1.min() >= 0 and w2.min() >= 0 and b1.min() < 0 < b1.max() and b2.min() < 0 < b2.max()
    for k in range(2):
        weight, bias = (part[0][k, 0].detach().numpy() for part in (mixer.hyper.weights, mixer.hyper.biases))
        for b in range(6):
            raw = states[k, b].numpy() @ weight + bias[0]
            np.testing.assert_allclose(w1[k, b], np.abs(raw[:15]).reshape(3, 5), rtol=1e-5, atol=1e-6)
            np.testing.assert_allclose(b1[k, b], raw[15:20], rtol=1e-5, atol=1e-6)
            np.testing.assert_allclose(w2[k, b], np.abs(raw[20:]), rtol=1e-5, atol=1e-6)
            inside = values[k, b].numpy() @ w1[k, b] + b1[k, b]
            hidden = np.where(inside > 0, inside, np.expm1(inside))
            expected = hidden @ w2[k, b] + b2[k, b]
            assert mixer(values, states)[k, b].item() == pytest.approx(expected, rel=1e-4, abs=1e-5)


def test_seeds_have_mixers_of_their_own():
    values, states = drawn(0, 10, 32, 2), drawn(1, 10, 32, 4)
    ten, one = (MonotonicMixer(generators(seeds), 2, 4)(values[:seeds], states[:seeds]) for seeds in (10, 1))
    assert torch.equal(ten[:1], one)
    mixer = MonotonicMixer(generators(10), 2, 4)
    assert len({mixer(values[:1].expand(10, -1, -1), states[:1].expand(10, -1, -1))[k].sum() for k in range(10)}) == 10


def test_the_free_network_tells_all_joint_actions_and_states_apart():
    joint = JointValues(generators(3), n_agents=2, n_actions=3, state_size=2, hidden=8)
    actions = torch.cartesian_prod(torch.arange(3), torch.arange(3)).repeat(2, 1).expand(3, -1, -1)
    states = torch.eye(2).repeat_interleave(9, dim=0).expand(3, -1, -1)
    found = joint(actions, states)
    assert found.shape == (3, 18)
    for k in range(3):
        assert len(set(found[k].tolist())) == 18
        (w1, w2, w3), (b1, b2, b3) = (
            [part[k, 0] for part in kind] for kind in (joint.network.weights, joint.network.biases)
        )
        for b in range(18):
            inputs = torch.zeros(8)
            inputs[states[k, b].argmax()] = inputs[2 + actions[k, b, 0]] = inputs[5 + actions[k, b, 1]] = 1
            expected = torch.relu(torch.relu(inputs @ w1 + b1) @ w2 + b2) @ w3 + b3
            assert found[k, b].item() == pytest.approx(expected.item(), abs=1e-5)


def test_a_deep_mixer_by_its_formula():
    mixer = DeepMixer(generators(1), 2, 1, 4)
    points, states = drawn(0, 1, 30, 2, size=5.0), torch.ones(1, 30, 1)
    made = mixer.hyper(states[:, None]).detach().numpy()[0, 0].astype(float)
    w1, b1, w2, b2, w3 = np.split(made, np.cumsum(mixer.sizes)[:-1], axis=1)
    values = mixer.state_value(states[:, None]).detach().numpy()[0, 0, :, 0]

    def bent(x):
        up = np.where(x > 0, x, np.exp(np.minimum(x, 0)) - 1)
        down = np.where(x < 0, x, 1 - np.exp(-np.maximum(x, 0)))
        return np.where(np.arange(x.shape[-1]) % 2, down, up)

    first = bent(np.einsum("bn,bnh->bh", points[0].numpy(), np.abs(w1.reshape(30, 2, 4))) + b1)
    second = bent(np.einsum("bh,bhm->bm", first, np.abs(w2.reshape(30, 4, 8))) + b2)
    expected = (second * np.abs(w3)).sum(axis=1) + values
    np.testing.assert_allclose(mixer(points, states).detach().numpy()[0], expected, rtol=1e-4, atol=1e-4)
