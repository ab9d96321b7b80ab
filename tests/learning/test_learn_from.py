"""One gradient step from given transitions, against the same in plain PyTorch with one network for each agent."""

import numpy as np
import pytest
import torch
from torch.nn.utils import clip_grad_norm_

from marl_edu.games import simple_speaker_listener, simple_spread
from marl_edu.learning import DDPG, MADDPG, EnsembleMADDPG
from marl_edu.learning.networks import one_thread

N, F, B, K = 3, 18, 16, 2
SETTINGS = {"hidden": 8, "critic_hidden": 8, "begin": "zero", "head_start": 0, "target_share": 0.1, "clip": 0.5}


def transitions(rng):
    draws = {
        "observations": rng.normal(size=(K, B, N, F)),
        "actions": rng.uniform(-1, 1, size=(K, B, N, 2)),
        "rewards": rng.normal(size=(K, B, N)),
        "next_observations": rng.normal(size=(K, B, N, F)),
    }
    return {name: part.astype(np.float32) for name, part in draws.items()} | {"terminated": rng.random((K, B)) < 0.3}


class ByHand:
    """One seed, agent by agent."""

    def __init__(self, learner, seed):
        self.sees_all, self.others = isinstance(learner, MADDPG), learner.others
        self.discount, self.share, self.clip = learner.discount, learner.target_share, learner.clip
        self.restraint = learner.restraint
        self.live = {who: learner.networks(who, seed) for who in ("actors", "critics")}
        self.slow = {who: learner.networks(who, seed, slow=True) for who in ("actors", "critics")}
        steps = {"actors": learner.actor_step, "critics": learner.critic_step}
        self.adam = {who: torch.optim.Adam(self.all(who), lr=step) for who, step in steps.items()}

    def all(self, who):
        return [part for network in self.live[who] for part in network.parameters()]

    def judge(self, critics, i, seen, done):
        order = [i, *(j for j in range(N) if j != i)] if self.sees_all else [i]
        return critics[i](torch.cat([torch.cat([seen[:, j], done[:, j]], dim=1) for j in order], dim=1))[:, 0]

    def act(self, actors, seen):
        return torch.stack([torch.tanh(actors[j](seen[:, j])) for j in range(N)], dim=1)

    def improve(self, who, loss):
        self.adam[who].zero_grad()
        loss.backward()
        clip_grad_norm_(self.all(who), self.clip)
        self.adam[who].step()

    def learn(self, observations, actions, rewards, next_observations, terminated):
        with torch.no_grad():
            then = self.act(self.slow["actors"], next_observations)
            futures = [self.judge(self.slow["critics"], i, next_observations, then) for i in range(N)]
        onward = self.discount * (~terminated)
        errors = (
            rewards[:, i] + onward * futures[i] - self.judge(self.live["critics"], i, observations, actions)
            for i in range(N)
        )
        self.improve("critics", sum((error**2).mean() for error in errors))
        loss = 0.0
        with torch.no_grad():
            now = self.act(self.live["actors"], observations)
        for i in range(N):
            said = self.live["actors"][i](observations[:, i])
            joint = (actions if self.others == "buffer" else now).clone()
            joint[:, i] = torch.tanh(said)
            loss = loss + self.restraint * (said**2).mean()
            loss = loss - self.judge(self.live["critics"], i, observations, joint).mean()
        self.improve("actors", loss)
        with torch.no_grad():
            for who, slow in self.slow.items():
                for theirs, ours in zip((p for net in slow for p in net.parameters()), self.all(who), strict=True):
                    theirs += self.share * (ours - theirs)


@pytest.mark.parametrize("method", [DDPG, MADDPG])
@pytest.mark.parametrize("others", ["buffer", "current"])
def test_a_step_is_that_of_the_paper_done_by_hand(method, others):
    learner = method(simple_spread(), seeds=K, others=others, **SETTINGS)
    hands, rng = [ByHand(learner, seed) for seed in range(K)], np.random.default_rng(0)
    before = learner.networks("actors", 1)
    for _ in range(5):
        batch = transitions(rng)
        learner.learn_from(**batch)
        for seed, hand in enumerate(hands):
            with one_thread():
                hand.learn(**{name: torch.from_numpy(part[seed]) for name, part in batch.items()})
    for seed, hand in enumerate(hands):
        for who in ("actors", "critics"):
            for slow, own in ((False, hand.live), (True, hand.slow)):
                for one, other in zip(learner.networks(who, seed, slow), own[who], strict=True):
                    for ours, theirs in zip(one.parameters(), other.parameters(), strict=True):
                        torch.testing.assert_close(ours, theirs, rtol=0, atol=2e-5)
    moved = max((p - q).abs().max() for p, q in zip(hands[1].all("actors"), _all(before), strict=True))
    assert moved > 1e-3


def _all(networks):
    return [part for network in networks for part in network.parameters()]


def test_copies_of_networks_say_what_the_learner_does_and_are_copies():
    learner = MADDPG(simple_spread(), seeds=K, **SETTINGS)
    seen = np.random.default_rng(1).normal(size=(K, 4, N, F)).astype(np.float32)
    for k in range(K):
        actors = learner.networks("actors", k)
        for i in range(N):
            said = torch.tanh(actors[i](torch.from_numpy(seen[k, :, i]))).detach().numpy()
            np.testing.assert_allclose(said, learner.greedy(seen)[k, :, i], atol=1e-5)
    with torch.no_grad():
        before = learner.greedy(seen)
        for part in _all(learner.networks("actors")):
            part.fill_(1.0)
    np.testing.assert_array_equal(before, learner.greedy(seen))


def test_no_world_moves_and_no_update_counts():
    learner, other = (MADDPG(simple_spread(), seeds=K, **SETTINGS) for _ in range(2))
    learner.learn_from(**transitions(np.random.default_rng(2)))
    assert learner.units_done == 0
    learner.advance(2)
    other.advance(2)
    np.testing.assert_array_equal(learner.frame()["environment_steps"], other.frame()["environment_steps"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"rewards": None}, "expected observations, actions, rewards"),
        ({"actions": np.zeros((K, B, N, 3))}, r"actions has shape \(2, 16, 3, 3\); expected \(2, transitions, 3, 2\)"),
        ({"terminated": np.zeros((K, B + 1))}, r"terminated has shape \(2, 17\)"),
        ({"rewards": np.zeros((1, B, N))}, "2 seeds"),
        ({"rewards": np.full((K, 0, N), 0.0)}, "at least one"),
        ({"observations": "seen"}, "observations"),
    ],
)
def test_transitions_of_another_shape_are_refused(change, words):
    learner = MADDPG(simple_spread(), seeds=K, **SETTINGS)
    given = transitions(np.random.default_rng(3)) | change
    before = learner.networks("critics")
    with pytest.raises(ValueError, match=words):
        learner.learn_from(**{name: part for name, part in given.items() if part is not None})
    for ours, theirs in zip(_all(before), _all(learner.networks("critics")), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=0)


CONTINUOUS = {}, (K, B, N, 2)
DISCRETE = {"actions": "discrete"}, (K, B, N, 5)


@pytest.mark.parametrize(
    ("options", "change", "words"),
    [
        (CONTINUOUS, {"actions": 50}, r"actions\[0, 0, 0, 0\] is 50; expected a control within its bounds"),
        (CONTINUOUS, {"actions": -1.1}, r"actions\[0, 0, 0, 0\] is -1.1; expected a control"),
        (CONTINUOUS, {"terminated": 0.5}, r"terminated\[0, 0\] is 0.5; expected True or False"),
        (CONTINUOUS, {"rewards": np.nan}, r"rewards\[0, 0, 0\] is nan; expected a finite number"),
        (DISCRETE, {"actions": 1}, r"actions\[0, 0, 0, 0\] is 1; expected one-hot vectors"),
        (DISCRETE, {"actions": 0.2}, r"actions\[0, 0, 0, 0\] is 0.2; expected one-hot vectors"),
    ],
)
def test_transitions_that_can_not_be_are_refused(options, change, words):
    options, shape = options
    learner = MADDPG(simple_spread(), seeds=K, **SETTINGS | options)
    one_hot = np.eye(shape[-1])[np.zeros(shape[:-1], dtype=int)]
    fine = transitions(np.random.default_rng(3)) | {"actions": one_hot}
    before = _all(learner.networks("critics"))
    with pytest.raises(ValueError, match=words):
        learner.learn_from(
            **fine | {name: np.full_like(fine[name], value, dtype=float) for name, value in change.items()}
        )
    for ours, theirs in zip(before, _all(learner.networks("critics")), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=0)
    learner.learn_from(**fine)


def test_agents_with_fewer_controls_or_choices_have_only_these():
    """A speaker has three words and no force; a listener a force, and no third entry."""
    world = simple_speaker_listener()
    given = {"observations": np.zeros((1, 1, 2, 11)), "next_observations": np.zeros((1, 1, 2, 11)),
             "rewards": np.zeros((1, 1, 2)), "terminated": np.zeros((1, 1))}  # fmt: skip
    forces, choices = MADDPG(world, **SETTINGS), MADDPG(world, actions="discrete", **SETTINGS)
    forces.learn_from(**given, actions=[[[[0, 1, 0], [-1, 1, 0]]]])
    choices.learn_from(**given, actions=[[[[0, 0, 1, 0, 0], [0, 0, 0, 0, 1]]]])
    for learner, agent, entry, actions in (
        (forces, 0, 0, [[-1, 0, 0], [0, 0, 0]]),  # a word is never less than 0
        (forces, 1, 2, [[0, 0, 0], [0, 0, 1]]),
        (choices, 0, 4, [[0, 0, 0, 0, 1], [1, 0, 0, 0, 0]]),
    ):
        with pytest.raises(ValueError, match=rf"actions\[0, 0, {agent}, {entry}\] is .*; expected"):
            learner.learn_from(**given, actions=[[actions]])


@pytest.mark.parametrize("ask", [lambda learner, seen: learner.greedy(seen), lambda learner, seen: learner.values(
    seen, np.zeros((K, 4, N, 2)))], ids=["greedy", "values"])  # fmt: skip
@pytest.mark.parametrize("method", [MADDPG, EnsembleMADDPG])
def test_observations_of_another_shape_are_told(method, ask):
    learner = method(simple_spread(), seeds=K, **SETTINGS)
    ask(learner, np.zeros((K, 4, N, F)))
    for shape in [(N, F), (4, N, F), (1, 4, N, F), (K, 4, N, F + 1), (K, 4, F, N), (K, 0, N, F), ()]:
        with pytest.raises(ValueError, match=r"observations.* expected \(2, copies, 3, 18\) with 2 seeds"):
            ask(learner, np.zeros(shape))
    with pytest.raises(ValueError, match="observations can't be read as a table of numbers"):
        ask(learner, "seen")


def test_values_are_of_as_many_actions_as_observations():
    with pytest.raises(ValueError, match=r"actions has shape \(2, 5, 3, 2\); expected \(2, copies, 3, 2\)"):
        MADDPG(simple_spread(), seeds=K, **SETTINGS).values(np.zeros((K, 4, N, F)), np.zeros((K, 5, N, 2)))


def test_an_unknown_set_of_networks_is_named():
    with pytest.raises(ValueError, match="who is 'players'; expected"):
        MADDPG(simple_spread(), **SETTINGS).networks("players")
