"""Policy ensembles: with one sub-policy MADDPG; who acts, what is remembered, targets and gradients by hand."""

import numpy as np
import pytest
import torch

from marl_edu.algorithm import HyperparameterError
from marl_edu.games.particles import simple_push, simple_speaker_listener, simple_spread, simple_tag
from marl_edu.learning import MADDPG, EnsembleMADDPG

SMALL = {
    "worlds": 4,
    "batch": 8,
    "warm_up": 8,
    "hidden": 8,
    "critic_hidden": 8,
    "episodes": 2,
    "capacity": 150,
    "head_start": 3,
}
VARIANTS = [{}, {"others": "current"}, {"critics": "twin"}, {"shared": "yes"}, {"actions": "discrete"}]


def parameters(learner):
    """All that was learned, (K, everything)."""
    return np.concatenate([flat.values.numpy() for flat in learner._flat.values()], axis=1)


def learning_for_a_while(learner_class=EnsembleMADDPG, updates=60, world=None, **options):
    learner = learner_class(world or simple_spread(), seeds=2, **SMALL | {"policies": 3} | options)
    learner.advance(updates)
    for flats in (learner._flat, learner._slow_flat):  # far apart, so that no two say nearly the same
        for seed, flat in enumerate(flats.values()):
            flat.values += 0.3 * torch.randn(flat.values.shape, generator=torch.Generator().manual_seed(1 + seed))
    return learner


def refuses(check, defective, **options):
    """Whether a check that the real learner passes catches a defect."""
    with pytest.raises(AssertionError):
        check(learning_for_a_while(defective, **options))
    return True


# --- one sub-policy --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_with_one_sub_policy_it_is_maddpg_bit_for_bit(variant):
    learners = [
        MADDPG(simple_spread(), seeds=2, seed=5, **SMALL | variant),
        EnsembleMADDPG(simple_spread(), seeds=2, seed=5, policies=1, **SMALL | variant),
    ]
    for learner in learners:
        learner.advance(40)
        learner.frame()
        learner.advance(20)
    plain, ensemble = learners
    assert plain._adam["actors"].steps > 20
    for name, place in plain._places().items():
        np.testing.assert_array_equal(np.asarray(ensemble._places()[name]), np.asarray(place), err_msg=name)
    shown = ensemble.frame()
    for name, values in plain.frame().items():
        np.testing.assert_array_equal(shown[name], values, err_msg=name)
    assert ensemble._places().keys() - plain._places().keys() == {"acting", "replay acting"}


def test_with_several_it_is_another():
    one, three = (EnsembleMADDPG(simple_spread(), policies=s, **SMALL) for s in (1, 3))
    assert three._flat["actors"].values.shape[1] == 3 * one._flat["actors"].values.shape[1]
    assert three._flat["critics"].values.shape == one._flat["critics"].values.shape
    assert len(three.networks("actors")) == 9


# --- who acts --------------------------------------------------------------------------------------------------------


def by_number(learner):
    """Let sub-policy s of agent i do the same everywhere: a force that tells s and i."""
    actors, n, each = learner._nets["actors"], learner.game.n_agents, learner._each
    with torch.no_grad():
        for weight in actors.weights:
            weight.zero_()
        for bias in actors.biases:
            bias.zero_()
        told = torch.linspace(-0.8, 0.8, n * each)
        actors.biases[-1][:, :, 0, 0] = torch.atanh(told)
    return told.reshape(n, each).numpy()


def test_one_sub_policy_acts_for_a_whole_episode_and_it_is_remembered_who():
    learner = EnsembleMADDPG(simple_spread(max_steps=5), policies=3, seeds=2, **SMALL | {"warm_up": 1000}, noise=0,
                             noise_last=0)  # fmt: skip
    told = by_number(learner)
    learner.advance(35)  # seven episodes in four copies
    kept = learner._replay._kept
    acting = kept["acting"][:, :140].reshape(2, 7, 5, 4, 3)  # seeds, episodes, steps, copies, agents
    forces = kept["pairs"][:, :140, :, -2].reshape(2, 7, 5, 4, 3)
    np.testing.assert_allclose(forces, told[np.arange(3), acting], atol=1e-6)
    assert (acting == acting[:, :, :1]).all()  # the same throughout an episode
    drawn = acting[:, :, 0]
    for axis in range(4):  # seeds, episodes, copies and agents draw each for themselves
        assert (drawn.take(range(1, drawn.shape[axis]), axis=axis) != drawn.take([0], axis=axis)).any()


def test_sub_policies_are_drawn_evenly_and_independently():
    learner = EnsembleMADDPG(simple_push(), policies=3, **SMALL | {"worlds": 3000, "capacity": 3000})
    counts = np.bincount(3 * learner._acting[0, 0] + learner._acting[0, 1], minlength=9)
    assert ((counts - 3000 / 9) ** 2 / (3000 / 9)).sum() < 26.1  # chi-square, 8 degrees of freedom: 1 in 1000


def test_greedy_episodes_are_played_by_those_who_were_drawn_once():
    learner = EnsembleMADDPG(simple_spread(), policies=3, seeds=2, **SMALL)
    told, seen = by_number(learner), np.random.default_rng(0).uniform(-1, 1, (2, 60, 3, 18))
    acted = learner.greedy(seen)
    who = (np.abs(acted[..., :1] - told[:, np.newaxis].reshape(3, 3))).argmin(axis=-1)  # seeds, copies, agents
    np.testing.assert_allclose(acted[..., 0], told[np.arange(3), who], atol=1e-6)
    np.testing.assert_array_equal(learner.greedy(seen + 1), acted)
    np.testing.assert_array_equal(learner.greedy(seen[:, :7]), acted[:, :7])  # however many copies there are
    for i in range(3):
        assert set(who[0, :, i]) == {0, 1, 2}
    assert (who[0] != who[1]).any() and (who[..., 0] != who[..., 1]).any()
    learner.advance(5)
    assert learner.frame()["greedy_return"].shape == (2, 3)


# --- targets and gradients -------------------------------------------------------------------------------------------


@torch.no_grad()
def in_the_target_they_go_on_who_acted(learner):
    """Transition by transition, by ordinary PyTorch networks."""
    batch, n, each = learner._sampled(), 3, learner._each
    found, after = learner._goals(batch), batch.next_observations
    for k in range(2):
        actors, critics = learner.networks("actors", k, slow=True), learner.networks("critics", k, slow=True)
        for b in range(8):
            who = [int(batch.acting[k, j, b]) for j in range(n)]
            actions = [torch.tanh(actors[j * each + who[j]](after[k, j, b])) for j in range(n)]
            for i in range(n):
                order = (i, *(j for j in range(n) if j != i))
                judged = critics[i](torch.cat([part for j in order for part in (after[k, j, b], actions[j])]))
                wanted = batch.rewards[k, i, b] + batch.onward[k, 0, b] * judged[0]
                torch.testing.assert_close(found[k, i, b], wanted, rtol=1e-4, atol=1e-4)


class AnotherAgentsNumber(EnsembleMADDPG):
    def _goals(self, batch):
        return super()._goals(batch._replace(acting=batch.acting.roll(1, dims=1)))


class AlwaysTheFirst(EnsembleMADDPG):
    def _goals(self, batch):
        return super()._goals(batch._replace(acting=torch.zeros_like(batch.acting)))


class NumbersMixed(EnsembleMADDPG):
    """Networks laid out by sub-policy and asked for by agent."""

    def _say(self, observations, nets=None):
        actors = (self._nets if nets is None else nets)["actors"]
        said = actors(observations.repeat(1, self._each, 1, 1)).unflatten(1, (self._each, -1)).transpose(1, 2)
        speaking = self._speaking[:, :, None, :, None].expand(-1, -1, 1, observations.shape[2], said.shape[-1])
        return said.gather(2, speaking).squeeze(2)


def test_in_the_target_they_go_on_who_acted():
    in_the_target_they_go_on_who_acted(learning_for_a_while())
    for defective in (AnotherAgentsNumber, AlwaysTheFirst, NumbersMixed):
        assert refuses(in_the_target_they_go_on_who_acted, defective)


def the_gradient_is_that_of_the_ensemble(learner):
    """Equation 9 of the paper on the whole replay: sub-policy s of agent i learns from the transitions in which it
    acted, D_i^(s), by their share |D_i^(s)| / |D|, whose expectation is 1/S.
    """
    size, n, each = 2, 3, learner._each
    replay = learner._replay
    batch = learner._batch_of({name: kept[:, : len(replay)] for name, kept in replay._kept.items()})
    losses = learner._actor_losses(batch, learner._own_first(batch.pairs))
    weight = learner._nets["actors"].weights[0]
    found = torch.autograd.grad(losses.sum(), weight)[0]
    for k in range(2):
        actors, critics = learner.networks("actors", k), learner.networks("critics", k)
        for i in range(n):
            for s in range(each):
                own = batch.acting[k, i] == s
                pairs = batch.pairs[k, own]  # D_i^(s)
                said = actors[i * each + s](pairs[:, i, :-size])
                now = torch.cat([pairs[:, i, :-size], torch.tanh(said)], dim=-1)
                joint = torch.cat([now, *(pairs[:, j] for j in range(n) if j != i)], dim=-1)
                objective = (learner.restraint * said.square().mean(dim=-1) - critics[i](joint)[:, 0]).mean()
                wanted = torch.autograd.grad(objective, actors[i * each + s][0].weight)[0]
                share = own.float().mean()
                torch.testing.assert_close(found[k, i * each + s], share * wanted.T, rtol=1e-3, atol=1e-5)


class AllLearnFromAll(EnsembleMADDPG):
    """Whoever acted, the mean of the sub-policies learns."""

    def _say(self, observations, nets=None):
        actors = (self._nets if nets is None else nets)["actors"]
        return actors(observations.repeat_interleave(self._each, 1)).unflatten(1, (-1, self._each)).mean(2)


def test_the_gradient_is_that_of_the_ensemble():
    the_gradient_is_that_of_the_ensemble(learning_for_a_while())
    assert refuses(the_gradient_is_that_of_the_ensemble, AllLearnFromAll)
    assert refuses(the_gradient_is_that_of_the_ensemble, NumbersMixed)


def test_sub_policies_that_did_not_act_learn_nothing():
    learner = learning_for_a_while()
    batch = learner._sampled()
    batch = batch._replace(acting=torch.ones_like(batch.acting))
    losses = learner._actor_losses(batch, learner._own_first(batch.pairs))
    gradient = torch.autograd.grad(losses.sum(), learner._nets["actors"].weights[0])[0]
    assert (gradient.abs().sum(dim=(2, 3)) > 0).tolist() == [[s == 1 for _ in range(3) for s in range(3)]] * 2


def test_agents_that_share_have_one_set_of_sub_policies():
    """Where all share, agents whose sub-policy has the same number do the same if they see the same."""
    learner = learning_for_a_while(shared="yes")
    assert learner._nets["actors"].nets == 3
    seen = torch.rand(2, 1, 8, 18).expand(2, 3, 8, 18)
    with learner._spoken_by(torch.tensor([0, 2, 0]).expand(2, 8, 3).transpose(1, 2)), torch.no_grad():
        said = learner._say(seen)
    torch.testing.assert_close(said[:, 0], said[:, 2])
    torch.testing.assert_close(said[1, 1], learner.networks("actors", 1)[2](seen[1, 1]).detach())
    assert not torch.allclose(said[:, 0], said[:, 1])


# --- what every learner must hold ------------------------------------------------------------------------------------


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_a_seed_alone_learns_what_it_learns_among_others(variant):
    together, alone = (EnsembleMADDPG(simple_spread(), seeds=seeds, **SMALL | variant) for seeds in (3, 1))
    for learner in (together, alone):
        learner.advance(30)
    np.testing.assert_allclose(parameters(together)[:1], parameters(alone), rtol=1e-4, atol=1e-5)
    shown, own = together.frame(), alone.frame()
    for name in own:
        np.testing.assert_allclose(shown[name][:1], own[name], rtol=1e-3, atol=1e-3, err_msg=name)
    assert not np.allclose(parameters(together)[0], parameters(together)[1])


@pytest.mark.parametrize("options", [{}, {"surface": 5}], ids=str)
def test_looking_and_pausing_change_nothing(options):
    watched, left_alone = (EnsembleMADDPG(simple_push(), seeds=2, **SMALL | options) for _ in range(2))
    for _ in range(6):
        watched.advance(5)
        watched.frame()
    left_alone.advance(30)
    np.testing.assert_array_equal(parameters(watched), parameters(left_alone))
    np.testing.assert_array_equal(watched.frame()["greedy_return"], left_alone.frame()["greedy_return"])


@pytest.mark.parametrize("updates", [0, 1, 37])
@pytest.mark.parametrize("world", [simple_tag, simple_speaker_listener])
def test_a_resumed_learner_goes_on_bit_for_bit(tmp_path, world, updates):
    actions = "discrete" if world is simple_speaker_listener else "continuous"
    learner = EnsembleMADDPG(world(), seeds=2, seed=3, **SMALL, policies=4, actions=actions)
    learner.advance(updates)
    learner.save(tmp_path / "checkpoint.npz")
    resumed = EnsembleMADDPG.resume(tmp_path / "checkpoint.npz", world())
    for both in (learner, resumed):
        both.advance(31)
    found, wanted = resumed.frame(), learner.frame()
    for name in wanted:
        np.testing.assert_array_equal(found[name], wanted[name], err_msg=name)
    for name, place in learner._places().items():
        np.testing.assert_array_equal(np.asarray(resumed._places()[name]), np.asarray(place), err_msg=name)


def test_the_number_of_sub_policies_waits_for_a_reset():
    learner = EnsembleMADDPG(simple_push(), **SMALL, policies=2)
    learner.advance(10)
    learner.set(policies=5)
    learner.advance(10)
    learner.frame()
    learner.reset()
    learner.advance(10)
    assert learner._nets["actors"].nets == 10


def test_learning_from_given_transitions_takes_who_acted():
    learner = EnsembleMADDPG(simple_spread(), **SMALL)
    seen, ended = np.zeros((1, 5, 3, 18)), np.zeros((1, 5), dtype=bool)
    given = {"observations": seen, "actions": seen[..., :2], "rewards": np.ones((1, 5, 3)), "next_observations": seen}
    with pytest.raises(ValueError, match="acting"):
        learner.learn_from(**given, terminated=ended)
    for wrong in (3, -1, 0.5):
        with pytest.raises(ValueError, match=rf"acting\[0, 0, 0\] is {wrong}; expected a whole number below 3"):
            learner.learn_from(**given, terminated=ended, acting=np.full((1, 5, 3), wrong))
    with pytest.raises(ValueError, match="acting can't be read as a table of numbers: it holds text"):
        learner.learn_from(**given, terminated=ended, acting="a")
    before = parameters(learner).copy()
    learner.learn_from(**given, terminated=ended, acting=np.ones((1, 5, 3)))
    assert (parameters(learner) != before).any()


@pytest.mark.parametrize("policies", [0, 1.5, 21])
def test_bad_input(policies):
    with pytest.raises(HyperparameterError, match="policies is"):
        EnsembleMADDPG(simple_push(), policies=policies)
