"""What DDPG and MADDPG share: gradients by finite differences, known optima, seeds, settings, frames, bad input."""

import numpy as np
import pytest
import torch
from push_once import SMALL, Duopoly, Plain, Together, rows_of, slopes

from marl_edu.algorithm import DivergedError, HyperparameterError
from marl_edu.games import climbing
from marl_edu.games.particles import simple_speaker_listener, simple_spread, simple_tag
from marl_edu.learning import DDPG, MADDPG
from marl_edu.learning.deterministic import Batch
from marl_edu.recording import record

LEARNERS = [DDPG, MADDPG]
VARIANTS = [{}, {"others": "current"}, {"critics": "twin"}, {"shared": "yes"}, {"actions": "discrete"}]


def parameters(learner):
    """All that was learned, (K, everything)."""
    return np.concatenate([flat.values.numpy() for flat in learner._flat.values()], axis=1)


def shake(learner):
    """Move all parameters a little, so that no rectifier stands exactly at its corner."""
    for seed, flat in enumerate((*learner._flat.values(), *learner._slow_flat.values())):
        flat.values += 0.1 * torch.randn(flat.values.shape, generator=torch.Generator().manual_seed(1 + seed))


@pytest.mark.parametrize("learner_class", LEARNERS)
def test_gradient_of_the_critics_is_that_of_the_formula(learner_class):
    learner = learner_class(Together(max_steps=3), **SMALL | {"hidden": 3, "critic_hidden": 3}, begin="zero")
    learner.advance(6)
    shake(learner)
    batch = learner._sampled()
    assert 0 < (batch.onward == 0).float().mean() < 1  # some ends of episodes, which are terminal here, and some not
    losses = learner._critic_losses(batch, learner._own_first(batch.pairs))
    found = learner._flat["critics"].gradient(losses.sum())[0].numpy()

    plain = Plain(learner, sees_all=learner_class is MADDPG)
    at, slow, slow_actors = (
        flat.values[0].double().numpy()
        for flat in (learner._flat["critics"], learner._slow_flat["critics"], learner._slow_flat["actors"])
    )
    assert not np.array_equal(at, slow)
    rows = rows_of(batch, size=2)
    wanted = slopes(lambda p: plain.critic_loss(p, slow, slow_actors, rows, learner.discount), at, range(len(at)))
    np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=1e-5)
    assert losses.sum().item() == pytest.approx(plain.critic_loss(at, slow, slow_actors, rows, 0.95), rel=1e-5)


@pytest.mark.parametrize("others", ["buffer", "current"])
@pytest.mark.parametrize("learner_class", LEARNERS)
def test_gradient_of_the_actors_is_that_of_the_formula(learner_class, others):
    tiny = SMALL | {"hidden": 3, "critic_hidden": 3, "restraint": 0.1, "actor_step": 0.05}
    learner = learner_class(Together(max_steps=3), **tiny, others=others)
    learner.advance(20)
    shake(learner)
    batch = learner._sampled()
    losses = learner._actor_losses(batch, learner._own_first(batch.pairs))
    found = learner._flat["actors"].gradient(losses.sum())[0].numpy()

    plain = Plain(learner, sees_all=learner_class is MADDPG)
    at, critics = (learner._flat[who].values[0].double().numpy() for who in ("actors", "critics"))
    rows = rows_of(batch, size=2)
    wanted = slopes(lambda p: plain.actor_loss(p, at, critics, rows, others, 0.1), at, range(len(at)))
    assert np.abs(wanted).max() > 1e-3
    np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=1e-5)


QUICK = {"seeds": 4, "worlds": 32, "batch": 128, "warm_up": 128, "hidden": 16, "critic_hidden": 32, "episodes": 64}
QUICK |= {
    "head_start": 20,
    "noise": 0.5,
    "noise_last": 0.3,
    "capacity": 2000,
    "others": "current",
    "target_share": 0.05,
    "restraint": 0,
}


def learn_quickly_then_carefully(learner):
    learner.set(critic_step=1e-2, actor_step=5e-3)
    learner.advance(200)
    learner.set(critic_step=1e-3, actor_step=1e-3)
    learner.advance(100)


@pytest.mark.parametrize("learner_class", LEARNERS)
def test_a_team_finds_the_optimum_that_is_known(learner_class):
    learner = learner_class(Together(), **QUICK)
    before = learner.frame()["greedy_return"].mean()
    learn_quickly_then_carefully(learner)
    assert learner.frame()["greedy_return"].mean() > 0.2 * before  # the best is 0
    assert before == pytest.approx(-2 * 2 * 0.3**2 / 3, rel=0.1)  # doing nothing: the variance of two landmarks' sum


@pytest.mark.parametrize("learner_class", LEARNERS)
def test_rivals_find_the_equilibrium_that_is_known(learner_class):
    learner = learner_class(Duopoly(), **QUICK)
    learn_quickly_then_carefully(learner)
    controls = learner.greedy(np.zeros((4, 1, 2, 2)))
    assert controls.mean() == pytest.approx(0.4, abs=0.05)  # colluding it would be 0.3, against nobody 0.6
    assert np.abs(controls - 0.4).max() < 0.3


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
@pytest.mark.parametrize("learner_class", LEARNERS)
def test_a_seed_alone_learns_what_it_learns_among_others(learner_class, variant):
    together = learner_class(simple_spread(), seeds=3, **SMALL | variant)
    alone = learner_class(simple_spread(), seeds=1, **SMALL | variant)
    for learner in (together, alone):
        learner.advance(30)
    assert together._adam["actors"].steps > 10
    np.testing.assert_allclose(parameters(together)[:1], parameters(alone), rtol=1e-4, atol=1e-5)
    shown, own = together.frame(), alone.frame()
    for name in own:
        np.testing.assert_allclose(shown[name][:1], own[name], rtol=1e-3, atol=1e-3, err_msg=name)
    assert not np.allclose(parameters(together)[0], parameters(together)[1])


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_looking_and_pausing_change_nothing(variant):
    watched, left_alone = (MADDPG(simple_spread(), seeds=2, **SMALL | variant) for _ in range(2))
    for _ in range(6):
        watched.advance(5)
        watched.frame()
    left_alone.advance(30)
    np.testing.assert_array_equal(parameters(watched), parameters(left_alone))
    np.testing.assert_array_equal(watched.frame()["greedy_return"], left_alone.frame()["greedy_return"])


@pytest.mark.parametrize(
    "world", [simple_spread(), simple_tag(), simple_speaker_listener()], ids=lambda world: world.name
)
@pytest.mark.parametrize("actions", ["continuous", "discrete"])
def test_frames(world, actions):
    learner = MADDPG(world, seeds=2, **SMALL, actions=actions)
    first = learner.frame()
    learner.advance(30)
    frame, n = learner.frame(), world.n_agents
    wanted = dict.fromkeys(("greedy_return", "episode_return", "critic_loss", "actor_loss"), (2, n))
    wanted |= dict.fromkeys(("noise", "environment_steps"), (2,))
    wanted |= {"episode_positions": (2, 26, n, 2), "episode_landmarks": (2, world.n_landmarks, 2)}
    if world.name == "simple_speaker_listener":
        wanted |= {"episode_goals": (2,), "episode_words": (2, 26, n, 3)}
    assert {name: values.shape for name, values in frame.items()} == wanted
    assert np.isnan(first["critic_loss"]).all() and np.isnan(first["episode_return"]).all()
    assert all(np.isfinite(values).all() for values in frame.values())
    assert frame["environment_steps"].tolist() == [120, 120]
    np.testing.assert_array_equal(first["episode_positions"][:, 0], frame["episode_positions"][:, 0])  # same beginnings


def test_greedy_return_is_that_of_episodes_without_noise():
    learner = DDPG(simple_spread(), **SMALL, noise=10, noise_last=10)
    learner.advance(30)
    world = simple_spread()
    world.reset([np.random.default_rng([0, 0, 1])], 2)
    total = sum(world.step(learner.greedy(world.observe())) for _ in range(25))
    np.testing.assert_allclose(learner.frame()["greedy_return"], total.mean(axis=1))


def test_critics_begin_at_the_value_of_going_on_as_before():
    learner = MADDPG(simple_spread(), **SMALL)
    rewards = torch.tensor([[[-1.0, -3.0], [-2.0, -2.0], [0.0, 0.0]]])
    onward = torch.tensor([[[0.95, 0.95]]])
    before = learner._nets["critics"][0].biases[-1].detach().clone()
    learner._lift(Batch(None, rewards, onward, None))
    moved = learner._nets["critics"][0].biases[-1].detach() - before
    np.testing.assert_allclose(moved.flatten(), [-40, -40, 0], rtol=1e-5)
    np.testing.assert_allclose(learner._slow["critics"][0].biases[-1].flatten(), [-40, -40, 0], rtol=1e-5)


def test_references_are_what_the_worlds_are_known_for():
    levels = MADDPG(simple_spread(), **SMALL).references()
    assert levels == pytest.approx({"do nothing": -23.7, "random play": -26.0, "controller": -6.3}, abs=0.5)
    assert set(MADDPG(simple_tag(), **SMALL).references()) == {"do nothing", "random play"}


class Overpaid(Together):
    """Rewards that no network can learn, from the third episode on."""

    def rewards(self):
        self.paid = getattr(self, "paid", 0) + 1
        return super().rewards() * (1e30 if self.paid > 40 else 1)


def test_diverging_losses_are_named_and_the_recording_is_kept():
    learner = MADDPG(Overpaid(), **SMALL)
    with pytest.raises(
        DivergedError, match=r"loss of the \w+ is (inf|nan) for 'agent_0' of seed 0 at update \d+;"
    ) as caught:
        record(learner, units=100, every=10)
    kept = caught.value.recording
    assert len(kept) >= 2 and np.isfinite(kept.series("critic_loss")[1:]).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MADDPG(climbing()), "expected a ParticleWorld"),
        (lambda: MADDPG("simple_spread"), "expected a ParticleWorld"),
        (lambda: MADDPG(simple_spread(), device="gpu"), "device is 'gpu'"),
        (lambda: MADDPG(simple_spread(), device=3.5), "device is 3.5"),
        (lambda: MADDPG(simple_tag(), shared="yes"), "simple_tag see .* expected agents that are alike"),
        (lambda: DDPG(simple_spread(), others="all"), "others is 'all'"),
        (lambda: DDPG(simple_spread(), batch=2.5), "batch is 2.5; expected a whole number"),
        (lambda: DDPG(simple_spread(), discount=1.5), "discount is 1.5"),
        (lambda: DDPG(simple_spread(), capacity=10, worlds=20), "capacity is 10"),
        (lambda: DDPG(simple_spread(), capacity=1e7, seeds=2), "the replay of 2 seeds needs .* MiB; expected at most"),
        (
            lambda: MADDPG(simple_spread(50), capacity=100, worlds=1, critic_hidden=256),
            r"of 1 seeds need [\d,]{10,} parameters; expected at",
        ),
        (
            lambda: MADDPG(simple_spread(), capacity=100, seeds=10_000),
            "10000 seeds need .* parameters; expected at most",
        ),
        (
            lambda: MADDPG(simple_spread(), capacity=100, worlds=1, batch=65_536, seeds=10),
            "critics of 10 seeds need .* numbers in a gradient step; expected at most 268,435,456",
        ),
        (lambda: DDPG(simple_spread(50), capacity=100, worlds=1, batch=8192), "need .* numbers in a gradient step"),
    ],
)
def test_bad_input(make, message):
    with pytest.raises(HyperparameterError, match=message):
        make()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_a_gpu_that_is_not_there():
    with pytest.raises(HyperparameterError, match="device is 'cuda'"):
        MADDPG(simple_spread(), device="cuda")


def test_settings_that_wait_for_a_reset_change_nothing_before_it():
    learner = MADDPG(simple_spread(), **SMALL)
    learner.advance(10)
    learner.set(shared="yes", critics="twin", actions="discrete", hidden=4, critic_hidden=4, worlds=2, capacity=50)
    learner.advance(10)
    learner.reset()
    learner.advance(20)
    assert learner.frame()["environment_steps"].tolist() == [40]
    assert learner._nets["actors"].nets == 1 and len(learner._nets["critics"]) == 2


def test_a_clone_is_at_the_beginning():
    learner = DDPG(simple_spread(), seeds=2, **SMALL)
    beginning = parameters(learner).copy()
    learner.advance(20)
    twin = learner.clone()
    np.testing.assert_array_equal(parameters(twin), beginning)
    twin.advance(20)
    np.testing.assert_array_equal(parameters(twin), parameters(learner))


def test_a_reset_that_is_refused_changes_nothing():
    learner = MADDPG(simple_tag(), **SMALL)
    learner.advance(20)
    before = parameters(learner).copy()
    for impossible in ({"shared": "yes"}, {"capacity": 2}):
        kept = {name: learner.hyperparameters[name] for name in impossible}
        learner.set(**impossible)
        with pytest.raises(HyperparameterError):
            learner.reset()
        learner.set(**kept)
    assert learner.units_done == 20
    np.testing.assert_array_equal(parameters(learner), before)
    learner.advance(5)


@pytest.mark.parametrize("learner_class", LEARNERS)
def test_values_are_what_critics_think(learner_class):
    learner = learner_class(Together(), **SMALL, seeds=2)
    learner.advance(30)
    rng = np.random.default_rng(0)
    seen, done = rng.uniform(-1, 1, (2, 5, 2, 2)), rng.uniform(-1, 1, (2, 5, 2, 2))
    found, plain = learner.values(seen, done), Plain(learner, sees_all=learner_class is MADDPG)
    assert found.shape == (2, 5, 2)
    for k in range(2):
        critics = plain.nets("critics", learner._flat["critics"].values[k].double().numpy())
        wanted = [[plain.judge(critics, i, seen[k, w], done[k, w]) for i in range(2)] for w in range(5)]
        np.testing.assert_allclose(found[k], wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("where", ["step", "reset", "observe"])
def test_an_interruption_leaves_a_learner_that_goes_on(where):
    learner = MADDPG(simple_spread(max_steps=5), **SMALL)
    learner.advance(10)
    real, calls = getattr(learner._world, where), []

    def interrupted(*arguments):
        calls.append(1)
        found = real(*arguments)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return found

    setattr(learner._world, where, interrupted)
    with pytest.raises(KeyboardInterrupt):
        learner.advance(20)
    delattr(learner._world, where)
    done = learner.units_done
    assert 10 <= done < 30
    learner.advance(20)
    assert learner.units_done == done + 20 and np.isfinite(learner.frame()["greedy_return"]).all()
