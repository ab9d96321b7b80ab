"""The distributions by which agents describe each other, beside scipy's and beside closed forms."""

import numpy as np
import pytest
import scipy.optimize
import scipy.stats
import torch

from marl_edu.games.particles import simple_speaker_listener, simple_spread
from marl_edu.learning.gumbel import Discrete
from marl_edu.learning.likelihoods import LEAST_SPREAD, Gaussian, Softmax
from marl_edu.learning.noise import Continuous

CPU = torch.device("cpu")


def family_of(world, kind, family):
    return family(world, kind(world, CPU))


def draws(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def test_a_gaussian_scores_as_scipys():
    family = family_of(simple_spread(), Continuous, Gaussian)
    put_out, actions = draws(3, 5, 4), draws(3, 5, 2, seed=1).clamp(-1, 1)
    means, spreads = torch.tanh(put_out[..., :2]), LEAST_SPREAD + torch.log1p(put_out[..., 2:].exp())
    normal = scipy.stats.norm(means.numpy(), spreads.numpy())
    wanted = (normal.logpdf(actions.numpy()) + 0.3 * normal.entropy()).sum(axis=-1)
    np.testing.assert_allclose(family.score(put_out, actions, 0.3), wanted, rtol=1e-4, atol=1e-5)
    true = draws(3, 5, 2, seed=2)
    np.testing.assert_allclose(family.error(put_out, true), ((means - torch.tanh(true)) ** 2).sum(dim=-1), rtol=1e-5)


def test_a_softmax_scores_as_scipys():
    family = family_of(simple_spread(), Discrete, Softmax)
    put_out, true = draws(3, 6, 5), draws(3, 6, 5, seed=1)
    chances, truth = (torch.softmax(logits, dim=-1).double().numpy() for logits in (put_out, true))
    actions = torch.eye(5)[torch.tensor([0, 1, 2, 3, 4, 0])].expand(3, 6, 5)
    entropy = scipy.stats.entropy(chances, axis=-1)
    wanted = np.log((actions.numpy() * chances).sum(axis=-1)) + 0.3 * entropy
    np.testing.assert_allclose(family.score(put_out, actions, 0.3), wanted, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(family.error(put_out, true), scipy.stats.entropy(truth, chances, axis=-1), rtol=1e-4)
    assert family.error(true, true).abs().max() < 1e-6


@pytest.mark.parametrize(("kind", "family"), [(Continuous, Gaussian), (Discrete, Softmax)])
def test_padding_plays_no_part(kind, family):
    """A speaker of three words and a listener who moves: who has fewer entries is scored by those."""
    world = simple_speaker_listener()
    found = family_of(world, kind, family)
    short = 1 if kind is Continuous else 0  # forces are two entries of three; words are three choices of five
    entries = min(world.action_sizes if kind is Continuous else world.n_choices)
    put_out, actions, true = draws(2, 4, found.outputs), torch.zeros(2, 4, found.size), draws(2, 4, found.size, seed=1)
    actions[:, :, 0] = 1
    moved, moved_true = put_out.clone(), true.clone()
    for padded in range(entries, found.size):
        moved[short, :, padded :: found.size] += 7
        moved_true[short, :, padded] += 7
    assert not torch.equal(moved, put_out)
    assert torch.equal(found.score(moved, actions, 0.1), found.score(put_out, actions, 0.1))
    assert torch.equal(found.error(moved, moved_true), found.error(put_out, true))
    moved[short, :, 0] += 1
    assert not torch.equal(found.score(moved, actions, 0.1)[short], found.score(put_out, actions, 0.1)[short])


def fitted(family, actions, bonus, outputs):
    """What one network that sees nothing would put out after long learning."""

    def loss_and_slope(numbers):
        put_out = torch.tensor(numbers, requires_grad=True)
        loss = -family.score(put_out.expand(1, len(actions), outputs), actions.double(), bonus).mean()
        return loss.item(), torch.autograd.grad(loss, put_out)[0].numpy()

    return torch.tensor(scipy.optimize.minimize(loss_and_slope, np.zeros(outputs), jac=True).x).reshape(1, 1, -1)


class One:
    """A world of one agent, as far as a family looks at it."""

    def __init__(self, size):
        self.action_sizes = self.n_choices = (size,)
        self.lowest, self.highest = -np.ones((1, size)), np.ones((1, size))


@pytest.mark.parametrize("bonus", [0.0, 0.5])
def test_the_best_gaussian_has_the_mean_and_an_inflated_variance(bonus):
    actions = 0.2 + 0.1 * draws(400, 1)
    best = fitted(Gaussian(One(1), Continuous(One(1), CPU)), actions, bonus, 2)
    spread = LEAST_SPREAD + torch.log1p(best[..., 1].exp())
    assert torch.tanh(best[..., 0]).item() == pytest.approx(actions.mean().item(), abs=2e-3)
    assert spread.item() ** 2 == pytest.approx(actions.var(correction=0).item() / (1 - bonus), rel=0.02)


@pytest.mark.parametrize("bonus", [0.0, 0.5])
def test_the_best_softmax_is_the_frequencies_or_more_alike(bonus):
    counts = np.array([50, 30, 15, 5])
    actions = torch.eye(4)[np.repeat(np.arange(4), counts)]
    found = torch.softmax(fitted(Softmax(One(4), Discrete(One(4), CPU)), actions, bonus, 4), dim=-1)[0, 0].numpy()

    def loss(chances):
        return -counts / counts.sum() @ np.log(chances) + bonus * chances @ np.log(chances)

    sums_to_one = {"type": "eq", "fun": lambda chances: chances.sum() - 1}
    best = scipy.optimize.minimize(loss, np.full(4, 0.25), bounds=[(1e-6, 1)] * 4, constraints=[sums_to_one])
    np.testing.assert_allclose(found, best.x, atol=2e-3)
    if not bonus:
        np.testing.assert_allclose(found, counts / counts.sum(), atol=2e-3)
    else:
        assert scipy.stats.entropy(found) > scipy.stats.entropy(counts / counts.sum()) + 0.05
