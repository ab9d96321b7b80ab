"""MADDPG with inferred policies: targets by hand, approximations that learn what is known, seeds, checkpoints."""

import math

import numpy as np
import pytest
import torch
from push_once import Together, slopes

from marl_edu.algorithm import DivergedError, HyperparameterError
from marl_edu.games.particles import simple_push, simple_speaker_listener, simple_spread, simple_tag
from marl_edu.learning import MADDPG, InferredMADDPG, networks
from marl_edu.learning.likelihoods import LEAST_SPREAD
from marl_edu.learning.networks import one_thread

SMALL = {
    "worlds": 4,
    "batch": 8,
    "warm_up": 8,
    "hidden": 8,
    "critic_hidden": 8,
    "episodes": 2,
    "capacity": 150,
    "head_start": 3,
    "recent": 16,
}
VARIANTS = [{}, {"others": "current"}, {"critics": "twin"}, {"shared": "yes"}, {"actions": "discrete"}]


def learning_for_a_while(learner_class=InferredMADDPG, world=None, updates=30, **options):
    learner = learner_class(world or simple_spread(), seeds=2, **SMALL | options)
    learner.advance(updates)
    return learner


def parameters(learner):
    """All that was learned, (K, everything)."""
    return np.concatenate([flat.values.numpy() for flat in learner._flat.values()], axis=1)


def far_apart(learner):
    """Move all networks, those that learn and the slow ones, so that no two say nearly the same."""
    for seed, flat in enumerate((*learner._flat.values(), *learner._slow_flat.values())):
        flat.values += 0.3 * torch.randn(flat.values.shape, generator=torch.Generator().manual_seed(1 + seed))


def refuses(check, defective, **options):
    """Whether a check that the real learner passes catches a defect."""
    with pytest.raises(AssertionError):
        check(learning_for_a_while(defective, **options))
    return True


# --- the target, equation 8 ------------------------------------------------------------------------------------------


@torch.no_grad()
def the_target_is_that_of_the_paper(learner):
    """Seed by seed, agent by agent, by ordinary PyTorch networks."""
    far_apart(learner)
    batch, n = learner._sampled(), learner.game.n_agents
    found, after = learner._goals(batch), batch.next_observations
    for k in range(2):
        actors, critics = learner.networks("actors", k, slow=True), learner.networks("critics", k, slow=True)
        for i in range(n):
            told = []
            for j in (i, *(other for other in range(n) if other != i)):
                if j == i:
                    said = actors[i](after[k, i])
                else:  # what agent i thinks of agent j, where agent j is
                    said = learner._slow["approximations"].single(k, i * n + j)(after[k, j])[:, :2]
                told += [after[k, j], torch.tanh(said)]
            judged = critics[i](torch.cat(told, dim=-1))[:, 0]
            wanted = batch.rewards[k, i] + batch.onward[k, 0] * judged
            torch.testing.assert_close(found[k, i], wanted, rtol=1e-4, atol=1e-4)


class WhatTheyThinkOfMe(InferredMADDPG):
    """mu-hat_j^i in the place of mu-hat_i^j."""

    def _approximate(self, observations, nets):
        n = observations.shape[1]
        said = nets["approximations"](observations.repeat_interleave(n, dim=1).unflatten(1, (n, n)).transpose(1, 2)
                                      .flatten(1, 2))  # fmt: skip
        return said.unflatten(1, (n, n)).transpose(1, 2)


class FromWhereIAm(InferredMADDPG):
    """Agent i's approximations see what agent i sees."""

    def _approximate(self, observations, nets):
        n = observations.shape[1]
        return nets["approximations"](observations.repeat_interleave(n, dim=1)).unflatten(1, (n, n))


class NotSlow(InferredMADDPG):
    def _approximate(self, observations, nets):
        return super()._approximate(observations, self._nets)


class KnowsAfterAll(InferredMADDPG):
    def _everyone(self, pairs, nets):
        return MADDPG._everyone(self, pairs, nets)


class InferredItself(InferredMADDPG):
    def _everyone(self, pairs, nets):
        self._itself = torch.zeros_like(self._itself)
        return super()._everyone(pairs, nets)


def test_the_target_is_that_of_the_paper():
    the_target_is_that_of_the_paper(learning_for_a_while())
    for defective in (WhatTheyThinkOfMe, FromWhereIAm, NotSlow, KnowsAfterAll, InferredItself):
        assert refuses(the_target_is_that_of_the_paper, defective)


@pytest.mark.parametrize("options", [{}, {"critics": "twin", "smoothing": 0}, {"others": "current"}], ids=str)
def test_who_guesses_right_learns_what_maddpg_learns(options):
    """Where approximations *are* the actors, targets and the actors' losses are those of MADDPG."""
    learner, n = learning_for_a_while(**options), 3
    far_apart(learner)
    for nets in (learner._nets, learner._slow):
        actors, guesses = nets["actors"], nets["approximations"]
        with torch.no_grad():
            for found, true in zip((*guesses.weights, *guesses.biases), (*actors.weights, *actors.biases), strict=True):
                found[..., : true.shape[-1]] = true.repeat(1, n, 1, 1)
    batch = learner._sampled()
    pairs = learner._own_first(batch.pairs)
    found = learner._goals(batch), learner._actor_losses(batch, pairs)
    learner.__class__ = MADDPG
    wanted = learner._goals(batch), learner._actor_losses(batch, pairs)
    for one, other in zip(found, wanted, strict=True):
        torch.testing.assert_close(one, other)
    learner.__class__ = InferredMADDPG


def test_choices_in_targets_are_drawn_from_what_is_thought():
    """All are sure of what the others choose: the speaker a word, the listener a way."""
    learner = learning_for_a_while(world=simple_speaker_listener(), actions="discrete")
    thought = learner._slow["approximations"]
    with torch.no_grad():
        thought.weights[-1].zero_()
        thought.biases[-1].zero_()
        thought.biases[-1][:, 0 * 2 + 1, 0, 3] = 50  # the speaker of the listener
        thought.biases[-1][:, 1 * 2 + 0, 0, 1] = 50  # the listener of the speaker
    pairs = torch.zeros(2, 2, 7, learner._sampled().pairs.shape[-1])
    pairs[..., -5:] = torch.eye(5)[4]  # what is really chosen
    told = learner._everyone(pairs, learner._slow)[..., -5:].argmax(dim=-1)
    assert (told[:, 0] == torch.tensor([4, 3])).all() and (told[:, 1] == torch.tensor([4, 1])).all()


def test_nobody_else_learns_from_what_an_actor_is_told():
    """The loss of actor i moves actor i alone, and no approximation."""
    learner = learning_for_a_while(others="current")
    batch = learner._sampled()
    losses = learner._actor_losses(batch, learner._own_first(batch.pairs))
    for i in range(3):
        gradient = torch.autograd.grad(losses[:, i].sum(), learner._nets["actors"].weights[0], retain_graph=True)[0]
        assert gradient.abs().sum(dim=(0, 2, 3)).gt(0).tolist() == [j == i for j in range(3)]
    weights = learner._nets["approximations"].weights[0]
    assert torch.autograd.grad(losses.sum(), weights, allow_unused=True) == (None,)


# --- learning the approximations, equation 7 -------------------------------------------------------------------------


def test_gradient_of_the_approximations_is_that_of_the_formula():
    learner = InferredMADDPG(simple_push(), **SMALL | {"hidden": 2}, entropy_bonus=0.3)
    learner.advance(5)
    far_apart(learner)
    pairs, flat = learner._newest(), learner._flat["approximations"]
    found = flat.gradient(learner._approximation_losses(pairs).sum())[0].numpy()
    rows = pairs[0].double().numpy()  # N, B, P

    def loss(values):
        """With loops, in doubles."""
        parts, cut = [], 0
        for parameter in flat.parameters:
            size = parameter[0].numel()
            parts.append(values[cut : cut + size].reshape(parameter.shape[1:]))
            cut += size
        total = 0.0
        for i, j in ((0, 1), (1, 0)):
            said = rows[j][:, :-2]
            for layer in range(3):
                said = (np.maximum(said, 0) if layer else said) @ parts[layer][i * 2 + j] + parts[3 + layer][i * 2 + j]
            spread = LEAST_SPREAD + np.log1p(np.exp(said[:, 2:]))
            missed = (rows[j][:, -2:] - np.tanh(said[:, :2])) / spread
            likelihood = -(missed**2) / 2 - np.log(spread * math.sqrt(2 * math.pi))
            total -= (likelihood + 0.3 * np.log(spread * math.sqrt(2 * math.pi * math.e))).sum(axis=-1).mean()
        return total

    at = flat.values[0].double().numpy()
    wanted = slopes(loss, at, range(len(at)))
    assert np.abs(wanted).max() > 1e-2
    np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=1e-4)


OTHERS = ~np.eye(2, dtype=bool)


def about_fixed_policies(size, **options):
    """What is seen at the beginning and at the end, where actors never learn; ``size`` is that of what they say."""
    options = {"worlds": 64, "capacity": 8000, "recent": 256, "head_start": 1e6, **options}
    learner = InferredMADDPG(Together(), seeds=2, **SMALL | options, approximation_step=1e-2)
    values = learner._flat["actors"].values
    values += 0.7 * torch.randn(values.shape, generator=torch.Generator().manual_seed(5))
    for last in (learner._nets["actors"].weights[-1], learner._nets["actors"].biases[-1]):
        last.data *= size
    learner.advance(2)
    first = learner.frame()
    learner.advance(200)
    learner.set(approximation_step=1e-3)
    learner.advance(50)
    learner.frame()
    learner.advance(50)
    return learner, first, learner.frame()


def test_fixed_choices_are_found_out():
    learner, first, last = about_fixed_policies(1, actions="discrete", entropy_bonus=0)
    assert (first["approximation_error"][:, OTHERS] > 0.5).all()
    assert (last["approximation_error"][:, OTHERS] < 0.02).all()
    with torch.no_grad():  # what is left of the loss is the entropy of what the other does
        chances = torch.softmax(learner._say(learner._newest()[..., :2]), dim=-1)
        entropies = -(chances * chances.log()).sum(dim=-1).mean(dim=-1)  # K, N
    np.testing.assert_allclose(last["approximation_loss"], entropies.flip(1), atol=0.06)


def test_fixed_forces_are_found_out_and_the_spread_is_that_of_the_noise():
    noise, bonus = 0.1, 0.5
    # Small forces, far from the bounds, where noise would be cut off.
    _, first, last = about_fixed_policies(0.3, noise=noise, noise_last=noise, entropy_bonus=bonus)
    assert (last["approximation_error"][:, OTHERS] < 0.05 * first["approximation_error"][:, OTHERS]).all()
    # The best of a Gaussian: variance noise^2 / (1 - lambda); two entries, one other agent.
    variance = noise**2 / (1 - bonus)
    best = math.log(2 * math.pi * variance) + (1 - bonus) - bonus * math.log(2 * math.pi * math.e * variance)
    np.testing.assert_allclose(last["approximation_loss"], best, atol=0.06)


def test_the_newest_transitions_are_learned_from():
    learner = learning_for_a_while(updates=0, capacity=22, recent=10, warm_up=1000)
    for updates in (1, 1, 3, 1, 7):  # before the ring is full, and over its end
        learner.advance(updates)
        copies = 4 * learner.units_done
        wanted = min(10, copies, 22)
        order = (learner._replay._next - 1 - np.arange(wanted)) % 22
        kept = learner._replay._kept["pairs"][:, order[::-1]].transpose(0, 2, 1, 3)
        np.testing.assert_array_equal(learner._newest().numpy(), kept)


@pytest.mark.parametrize("played", [0, 20])
def test_approximations_also_learn_from_given_transitions(played):
    """From just these, whatever the replay holds: one step down the loss of what is given, as it is done by hand."""
    learner, twin = (learning_for_a_while(world=simple_push(), updates=played) for _ in range(2))
    rng, n, features = np.random.default_rng(0), 2, max(learner.game.observation_sizes)
    seen, actions = rng.normal(size=(2, 6, n, features)), rng.uniform(-1, 1, (2, 6, n, 2))
    learner.learn_from(observations=seen, actions=actions, rewards=np.ones((2, 6, n)), next_observations=seen,
                       terminated=np.zeros((2, 6)))  # fmt: skip
    pairs = torch.from_numpy(np.concatenate([seen, actions], axis=-1).astype(np.float32)).transpose(1, 2)
    before = twin._flat["approximations"].values.clone()
    with one_thread():
        twin._improve("approximations", twin._approximation_losses(pairs), twin.approximation_step)
    torch.testing.assert_close(learner._flat["approximations"].values, twin._flat["approximations"].values)
    assert (twin._flat["approximations"].values != before).any(dim=1).all()
    assert learner._adam["approximations"].steps == learner._adam["critics"].steps
    assert not np.isnan(learner.frame()["approximation_loss"]).any()


def test_approximations_count_where_there_must_be_room(monkeypatch):
    """All networks of all seeds are counted together."""
    needed = sum(flat.values.numel() for flat in learning_for_a_while(updates=0)._flat.values())
    monkeypatch.setattr(networks, "LARGEST", needed)
    learning_for_a_while(updates=0)
    monkeypatch.setattr(networks, "LARGEST", needed - 1)
    with pytest.raises(HyperparameterError, match=rf"the networks of 2 seeds need {needed:,} parameters; expected at"):
        learning_for_a_while(updates=0)


def test_approximations_of_oneself_learn_nothing():
    learner = InferredMADDPG(simple_spread(), **SMALL)
    before = learner._nets["approximations"].weights[0].detach().clone()
    learner.advance(20)
    moved = (learner._nets["approximations"].weights[0] != before).flatten(2).any(dim=-1)[0]
    assert moved.tolist() == [i != j for i in range(3) for j in range(3)]


# --- what every learner must hold ------------------------------------------------------------------------------------


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_a_seed_alone_learns_what_it_learns_among_others(variant):
    together = InferredMADDPG(simple_spread(), seeds=3, **SMALL | variant)
    alone = InferredMADDPG(simple_spread(), seeds=1, **SMALL | variant)
    for learner in (together, alone):
        learner.advance(25)
    np.testing.assert_allclose(parameters(together)[:1], parameters(alone), rtol=1e-4, atol=1e-5)
    shown, own = together.frame(), alone.frame()
    for name in own:
        np.testing.assert_allclose(shown[name][:1], own[name], rtol=1e-3, atol=1e-3, err_msg=name)
    assert not np.allclose(parameters(together)[0], parameters(together)[1])


@pytest.mark.parametrize("actions", ["continuous", "discrete"])
def test_frames(actions):
    learner = InferredMADDPG(simple_tag(), seeds=2, **SMALL, actions=actions)
    first = learner.frame()
    learner.advance(30)
    frame, known = (
        learner.frame(),
        MADDPG(simple_tag(), seeds=2, **{k: SMALL[k] for k in SMALL if k != "recent"}).frame(),
    )
    assert frame.keys() - known.keys() == {"approximation_loss", "approximation_error"}
    assert np.isnan(first["approximation_loss"]).all() and np.isnan(first["approximation_error"]).all()
    assert frame["approximation_loss"].shape == (2, 4) and frame["approximation_error"].shape == (2, 4, 4)
    assert ((frame["approximation_error"] == 0) == np.eye(4, dtype=bool)).all()


def test_looking_and_pausing_change_nothing():
    watched, left_alone = (InferredMADDPG(simple_spread(), seeds=2, **SMALL) for _ in range(2))
    for _ in range(5):
        watched.advance(5)
        watched.frame()
    left_alone.advance(25)
    np.testing.assert_array_equal(parameters(watched), parameters(left_alone))


@pytest.mark.parametrize("updates", [0, 1, 37])
@pytest.mark.parametrize("options", [{}, {"actions": "discrete", "critics": "twin"}], ids=str)
def test_a_resumed_learner_goes_on_bit_for_bit(tmp_path, options, updates):
    learner = InferredMADDPG(simple_push(), seeds=2, seed=3, **SMALL | options)
    learner.advance(updates)
    learner.save(tmp_path / "checkpoint.npz")
    resumed = InferredMADDPG.resume(tmp_path / "checkpoint.npz", simple_push())
    for both in (learner, resumed):
        both.advance(31)
    found, wanted = resumed.frame(), learner.frame()
    for name in wanted:
        np.testing.assert_array_equal(found[name], wanted[name], err_msg=name)
    for name, place in learner._places().items():
        np.testing.assert_array_equal(np.asarray(resumed._places()[name]), np.asarray(place), err_msg=name)
    with pytest.raises(ValueError, match="expected 'MADDPG'"):
        MADDPG.resume(tmp_path / "checkpoint.npz", simple_push())


def test_diverging_approximations_are_named():
    learner = learning_for_a_while()
    learner._nets["approximations"].biases[-1].data[1, 5] = float("nan")  # what agent_1 thinks of agent_2, seed 1
    with pytest.raises(DivergedError, match=r"loss of the approximations is nan for 'agent_1' of seed 1 at update 31"):
        learner.advance(1)


@pytest.mark.parametrize(
    ("options", "message"),
    [({"entropy_bonus": 1.0}, "entropy_bonus is 1.0"), ({"recent": 0}, "recent is 0"), ({"recent": 2.5}, "recent is")],
)
def test_bad_input(options, message):
    with pytest.raises(HyperparameterError, match=message):
        InferredMADDPG(simple_spread(), **options)
