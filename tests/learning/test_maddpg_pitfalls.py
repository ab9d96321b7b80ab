"""Where implementations of MADDPG go wrong: each test here catches a defect that is planted beside it."""

import numpy as np
import pytest
import torch
from push_once import SMALL, Together

from marl_edu.games.particles import simple_speaker_listener, simple_spread, simple_tag
from marl_edu.learning import MADDPG
from marl_edu.learning.draws import Draws
from marl_edu.learning.gumbel import Discrete, one_hot, straight_through
from marl_edu.learning.noise import Continuous


def learning_for_a_while(learner_class, world=None, updates=30, **options):
    learner = learner_class(world or simple_spread(), seeds=2, **SMALL | options)
    learner.advance(updates)
    return learner


def refuses(check, defective, **options):
    """Whether a check that the real learner passes catches a defect."""
    with pytest.raises(AssertionError):
        check(learning_for_a_while(defective, **options))
    return True


# --- 10: the target --------------------------------------------------------------------------------------------------


def each_target_actor_acts_on_its_own_next_observation(learner):
    """When only agent j's next observation is another, only agent j's next action may be another."""
    after = torch.rand(2, 3, 4, 18, generator=torch.Generator().manual_seed(0))
    before = learner._next_actions(after)
    for j in range(3):
        moved = after.clone()
        moved[:, j] += 1
        changed = (learner._next_actions(moved) != before).any(dim=-1).any(dim=-1)
        assert changed.tolist() == [[i == j for i in range(3)]] * 2
    said = learner._slow["actors"](after)  # and by the target networks, each agent by its own
    assert torch.equal(before, torch.tanh(said))


class NeighboursNextObservation(MADDPG):
    def _next_actions(self, next_observations):
        return super()._next_actions(next_observations.roll(1, dims=1))


class OneNextObservationForAll(MADDPG):
    def _next_actions(self, next_observations):
        return super()._next_actions(next_observations[:, :1].expand_as(next_observations))


class NoTargetActor(MADDPG):
    def _next_actions(self, next_observations):
        return self._kind.greedy(self._say(next_observations))


def test_each_target_actor_acts_on_its_own_next_observation():
    each_target_actor_acts_on_its_own_next_observation(learning_for_a_while(MADDPG))
    for defective in (NeighboursNextObservation, OneNextObservationForAll, NoTargetActor):
        assert refuses(each_target_actor_acts_on_its_own_next_observation, defective)


def the_target_is_that_of_the_paper(learner):
    """r_i + gamma (1 - d) Q^-_i(x', mu^-(o')), with loops."""
    batch, slow = learner._sampled(), learner._slow
    actions = torch.tanh(slow["actors"](batch.next_observations))
    for i in range(2):
        j = 1 - i
        x = torch.cat(
            [batch.next_observations[:, i], actions[:, i], batch.next_observations[:, j], actions[:, j]], dim=-1
        )
        judged = slow["critics"][0](torch.stack([x, x], dim=1))[:, i, :, 0]
        wanted = batch.rewards[:, i] + learner.discount * (batch.onward[:, 0] > 0) * judged
        torch.testing.assert_close(learner._goals(batch)[:, i], wanted)


class WithoutEnd(MADDPG):
    def _sampled(self):
        batch = super()._sampled()
        return batch._replace(onward=torch.full_like(batch.onward, self.discount))


class LearningCriticJudges(MADDPG):
    def _goals(self, batch):
        kept, self._slow = self._slow, self._nets
        found = super()._goals(batch)
        self._slow = kept
        return found


def test_the_target_is_that_of_the_paper():
    the_target_is_that_of_the_paper(learning_for_a_while(MADDPG, Together(max_steps=3)))
    assert refuses(the_target_is_that_of_the_paper, LearningCriticJudges, world=Together(max_steps=3))


def ends_stop_the_target_and_time_limits_do_not(learner):
    onward = learner._sampled().onward
    assert ((onward == 0).any().item(), (onward > 0).any().item()) == (learner.game.terminal, True)


def test_terminated_is_not_truncated():
    ends_stop_the_target_and_time_limits_do_not(learning_for_a_while(MADDPG, Together(max_steps=2)))
    ends_stop_the_target_and_time_limits_do_not(learning_for_a_while(MADDPG, simple_spread(max_steps=2)))
    assert refuses(ends_stop_the_target_and_time_limits_do_not, WithoutEnd, world=Together(max_steps=2))


def test_what_is_bootstrapped_from_at_a_time_limit_is_the_true_last_observation():
    learner = learning_for_a_while(MADDPG, simple_spread(max_steps=3), updates=12)
    kept, features = learner._replay.kept, 18
    seen, after = kept["pairs"][..., :features], kept["next_observations"]
    positions, velocities = seen[..., 2:4], seen[..., 0:2]
    moved = positions + 0.1 * velocities  # the world's law: a new episode would begin somewhere else
    np.testing.assert_allclose(after[..., 2:4], moved, atol=1e-5)


# --- 11: the actor's update ------------------------------------------------------------------------------------------


def what_critics_judge(learner):
    batch = learner._sampled()
    then = learner._own_first(batch.pairs)
    observations = batch.pairs[..., :18].transpose(1, 2)
    own = torch.tanh(learner._say(observations))
    return batch.pairs[..., 18:].transpose(1, 2), own, learner._with_own(torch.cat([observations, own], dim=-1), then)


def the_others_act_as_they_did_then(learner):
    played, own, judged = what_critics_judge(learner)
    for i, order in enumerate([[0, 1, 2], [1, 0, 2], [2, 0, 1]]):
        assert torch.equal(judged[:, i, :, 0, 18:], own[:, i])
        for slot in (1, 2):
            assert torch.equal(judged[:, i, :, slot, 18:], played[:, order[slot]])


def the_others_act_as_they_would_now(learner):
    _, own, judged = what_critics_judge(learner)
    for i, order in enumerate([[0, 1, 2], [1, 0, 2], [2, 0, 1]]):
        for slot in range(3):
            assert torch.equal(judged[:, i, :, slot, 18:], own[:, order[slot]])
    # Nobody's actor learns from what another's critic says of it.
    for i in range(3):
        (gradient,) = torch.autograd.grad(judged[:, i].square().sum(), own, retain_graph=True)
        assert gradient.abs().sum(dim=(0, 2, 3)).gt(0).tolist() == [j == i for j in range(3)]


class Recomputing(MADDPG):
    """The variant under the name of the paper's algorithm."""

    def _with_own(self, now, then):
        return self._own_first(now.transpose(1, 2))


def test_the_actors_update_of_the_paper_and_the_variant():
    the_others_act_as_they_did_then(learning_for_a_while(MADDPG, others="buffer"))
    the_others_act_as_they_would_now(learning_for_a_while(MADDPG, others="current"))
    assert refuses(the_others_act_as_they_did_then, Recomputing)
    assert refuses(the_others_act_as_they_would_now, Recomputing, others="current")  # gradients leak
    assert refuses(the_others_act_as_they_did_then, MADDPG, others="current")


# --- 12: discrete actions --------------------------------------------------------------------------------------------


def test_straight_through_is_one_hot_with_the_slope_of_the_softmax():
    noisy = torch.tensor([[0.3, -1.0, 2.0], [0.0, 0.1, -0.2]], dtype=torch.double, requires_grad=True)
    weights = torch.tensor([1.0, 2.0, -3.0], dtype=torch.double)
    (through,) = torch.autograd.grad((straight_through(noisy) * weights).sum(), noisy)
    step, wanted = 1e-6, torch.zeros(2, 3, dtype=torch.double)
    for index in np.ndindex(2, 3):
        moved = torch.zeros(2, 3, dtype=torch.double)
        moved[index] = step
        above, below = (torch.softmax(noisy.detach() + sign * moved, dim=-1) @ weights for sign in (1, -1))
        wanted[index] = ((above - below) / (2 * step)).sum()
    torch.testing.assert_close(through, wanted, atol=1e-7, rtol=1e-6)
    assert straight_through(noisy).tolist() == [[0, 0, 1], [0, 1, 0]]


def what_is_stored_was_played(learner):
    """The world is asked what it was told to do, and the replay what it remembers."""
    told, features = [], 18
    learner._world.step = lambda controls: told.append(controls.copy()) or np.zeros((2, 4, 3))
    before = len(learner._replay)
    learner._act()
    stored = learner._replay.kept["pairs"][:, before : before + 4, :, features:]
    assert ((stored == 0) | (stored == 1)).all() and (stored.sum(axis=-1) == 1).all()
    np.testing.assert_array_equal(Discrete(learner.game, torch.device("cpu")).controls(stored), told[0])


class Soft(Discrete):
    """Stores the chances, plays a choice."""

    def explored(self, said, draws, scale, most=np.inf):
        return torch.softmax(said + self._missing + draws, dim=-1)


class DrawnAgain(Discrete):
    """Plays another choice than it stores."""

    def controls(self, actions):
        return super().controls(np.roll(actions, 1, axis=-1))


@pytest.mark.parametrize("kind", [Soft, DrawnAgain])
def test_the_choice_that_was_played_is_stored(kind):
    what_is_stored_was_played(learning_for_a_while(MADDPG, actions="discrete"))
    learner = learning_for_a_while(MADDPG, actions="discrete")
    learner._kind = kind(learner._world, torch.device("cpu"))
    with pytest.raises(AssertionError):
        what_is_stored_was_played(learner)


def test_choices_are_drawn_from_the_softmax_and_only_among_those_that_an_agent_has():
    kind = Discrete(simple_speaker_listener(), torch.device("cpu"))  # a speaker of 3 words, a listener of 5 moves
    said = torch.tensor([0.5, -0.5, 1.0, 0.0, 2.0]).expand(1, 2, 20_000, 5)
    draws = torch.from_numpy(kind.draw(np.random.default_rng(0), (1, 2, 20_000, 5)))
    drawn = kind.explored(said, draws, 0.0).mean(dim=2)[0]
    for i, choices in enumerate((3, 5)):
        wanted = torch.softmax(said[0, i, 0, :choices], dim=0)
        torch.testing.assert_close(drawn[i, :choices], wanted, atol=0.015, rtol=0)
        assert not drawn[i, choices:].any()
    assert torch.equal(kind.learning(said, draws), kind.explored(said, draws, 0.0))
    assert kind.greedy(said)[0, :, 0].argmax(dim=-1).tolist() == [2, 4]


def test_what_was_learned_reaches_the_actors_through_choices():
    learner = learning_for_a_while(MADDPG, simple_tag(), actions="discrete")
    batch = learner._sampled()
    gradient = learner._flat["actors"].gradient(learner._actor_losses(batch, learner._own_first(batch.pairs)).sum())
    assert (gradient.abs().sum(dim=1) > 0).all()


# --- 13: noise -------------------------------------------------------------------------------------------------------


def test_everyone_explores_alone():
    normal, rngs = Continuous(simple_spread(), torch.device("cpu")).draw, [np.random.default_rng(k) for k in (0, 1)]
    draws = Draws(normal, rngs, (3, 50, 2), np.float32)
    steps = np.stack([draws.next().copy() for _ in range(300)])  # steps, seeds, agents, copies, entries
    across = steps.reshape(300, -1)
    together = np.corrcoef(across[:, :60].T)
    assert np.abs(together - np.eye(60)).max() < 0.3  # nobody's noise is another's, or the last step's
    assert abs(steps.mean()) < 0.02 and steps.std() == pytest.approx(1, abs=0.02)


def test_noise_fades_and_keeps_within_bounds():
    learner = learning_for_a_while(MADDPG, updates=40, noise=5, noise_last=0, noise_updates=40, actor_step=1e-6)
    done = learner._replay.kept["pairs"][..., 18:].reshape(2, -1, 4, 3, 2)[:, :40]  # seeds, updates, copies, agents
    assert np.abs(done).max() <= 1
    spread = done.std(axis=(0, 2, 3, 4))
    assert spread[:5].mean() > 0.8 and spread[-2:].mean() < 0.3
    assert learner.frame()["noise"].tolist() == [0, 0]


def test_actions_of_agents_who_can_do_less_are_padded_with_zeros():
    learner = learning_for_a_while(MADDPG, simple_speaker_listener(), noise=2, noise_last=2)
    done = learner._replay.kept["pairs"][..., -3:]
    assert (done[:, :, 0] >= 0).all() and (done[:, :, 0] <= 1).all()  # words
    assert (done[:, :, 1, :2] < -0.5).any() and not done[:, :, 1, 2].any()  # forces, and padding


# --- shared networks, twins ------------------------------------------------------------------------------------------


def test_shared_networks_see_oneself_first():
    """What a shared critic says of an agent is what it says of another that sees and does the same, among the same."""
    learner = learning_for_a_while(MADDPG, shared="yes")
    pairs = torch.rand(2, 5, 3, 20, generator=torch.Generator().manual_seed(0))
    judged = learner._judge(learner._nets["critics"][0], learner._own_first(pairs))
    swapped = learner._judge(learner._nets["critics"][0], learner._own_first(pairs[:, :, [1, 0, 2]]))
    torch.testing.assert_close(swapped[:, [1, 0]], judged[:, [0, 1]])
    assert not torch.allclose(judged[:, 0], judged[:, 1])


def test_the_lower_of_two_critics_judges_and_actors_wait():
    learner = learning_for_a_while(MADDPG, critics="twin", smoothing=0, wait=3)
    assert learner._adam["actors"].steps == learner._adam["critics"].steps // 3
    late = learning_for_a_while(MADDPG, head_start=20)
    assert late._adam["actors"].steps == late._adam["critics"].steps - 20 > 0
    batch = learner._sampled()
    pairs = learner._own_first(
        torch.cat([batch.next_observations, learner._next_actions(batch.next_observations)], dim=-1).transpose(1, 2)
    )
    both = torch.stack([learner._judge(critics, pairs) for critics in learner._slow["critics"]])
    assert (both[0] > both[1]).any() and (both[0] < both[1]).any()
    torch.testing.assert_close(learner._goals(batch), batch.rewards + batch.onward * both.amin(dim=0))


def test_smoothing_is_bounded_noise_on_target_actions():
    learner = learning_for_a_while(MADDPG, critics="twin", smoothing=0.2)
    after = torch.zeros(2, 3, 500, 18)
    moved = learner._next_actions(after) - torch.tanh(learner._say(after, learner._slow))
    assert moved.std() == pytest.approx(0.2, abs=0.02) and moved.abs().max() <= 0.5 + 1e-6
    assert one_hot(torch.tensor([[0.1, 0.3]])).tolist() == [[0, 1]]
