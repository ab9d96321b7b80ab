"""What frames say of critics: the same as the learner's ``values``, the true gradient, and nothing unless asked for."""

import numpy as np
import pytest

from marl_edu.algorithm import HyperparameterError
from marl_edu.games import simple_speaker_listener, simple_spread
from marl_edu.games.particles.controllers import do_nothing, play_episodes
from marl_edu.learning import DDPG, MADDPG, critic_surface
from marl_edu.learning.critic_surface import seen_in_first

SMALL = {"worlds": 4, "batch": 8, "hidden": 8, "critic_hidden": 8, "warm_up": 8, "head_start": 2, "episodes": 3}
STEPS = (0, 9, 25)


def learned(kind, world, **options):
    """A learner after some steps, its frame, and what agents see in the episode of the frame: K, T + 1, N, F."""
    learner = kind(world, surface=5, **SMALL, **options)
    learner.advance(12)
    return learner, learner.frame(), seen_in_first(learner.game, learner._evaluated[1])


def valued(learner, seen, actions, agent, own):
    """By the learner's ``values``: Q_i (K, M) if agent i's first entries are each of ``own`` (M, some), at one step."""
    tried = np.repeat(actions[:, np.newaxis], len(own), axis=1)
    tried[:, :, agent, : own.shape[1]] = own
    return learner.values(np.repeat(seen[:, np.newaxis], len(own), axis=1), tried)[..., agent]


@pytest.mark.parametrize("kind", [MADDPG, DDPG])
@pytest.mark.parametrize("options", [{}, {"shared": "yes"}, {"critics": "twin"}])
def test_the_surface_is_what_the_critic_says_of_each_force(kind, options):
    learner, frame, seen = learned(kind, simple_spread(), seeds=2, **options)
    side = np.linspace(-1, 1, 5)
    forces = np.array([(x, y) for y in side for x in side], dtype=np.float32)
    assert frame["critic_surface"].shape == (2, 26, 3, 5, 5) and frame["critic_surface"].dtype == np.float32
    assert "critic_choices" not in frame
    for t in STEPS:
        acted = frame["episode_actions"][:, t]
        np.testing.assert_allclose(acted, learner.greedy(seen[:, [t]])[:, 0], atol=1e-5)
        expected = learner.values(seen[:, [t]], acted[:, np.newaxis])[:, 0]
        np.testing.assert_allclose(frame["critic_value"][:, t], expected, rtol=1e-4, atol=1e-5)
        for i in range(3):
            found = frame["critic_surface"][:, t, i].reshape(2, -1)
            np.testing.assert_allclose(found, valued(learner, seen[:, t], acted, i, forces), rtol=1e-4, atol=1e-5)
    assert (frame["critic_sees"] == (3 if kind is MADDPG else 1)).all()


def test_the_slope_is_the_gradient_in_the_own_force():
    learner, frame, seen = learned(MADDPG, simple_spread())
    off, checked = 1e-3 * np.array([(1, 0), (-1, 0), (0, 1), (0, -1)]), 0
    for t in STEPS:
        acted = frame["episode_actions"][:, t]
        for i in range(3):
            right, left, up, down = valued(learner, seen[:, t], acted, i, (acted[0, i] + off).astype(np.float32))[0]
            differences = np.array([right - left, up - down]) / 2e-3
            # a ReLU network has kinks, and float32 differences of 1e-3 are rough: most must agree, and closely
            checked += np.allclose(
                frame["critic_slope"][0, t, i], differences, atol=0.02 + 0.02 * np.abs(differences).max()
            )
    assert checked >= 8


def test_a_speaker_has_words_and_a_listener_a_force():
    learner, frame, seen = learned(MADDPG, simple_speaker_listener())
    assert np.isnan(frame["critic_surface"][0, :, 0]).all() and np.isfinite(frame["critic_surface"][0, :, 1]).all()
    assert np.isnan(frame["critic_slope"][0, :, 0]).all() and np.isnan(frame["critic_choices"][0, :, 1]).all()
    for t in STEPS:
        expected = valued(learner, seen[:, t], frame["episode_actions"][:, t], 0, np.eye(3, dtype=np.float32))
        np.testing.assert_allclose(frame["critic_choices"][:, t, 0], expected, rtol=1e-4, atol=1e-5)


def test_discrete_actions_have_a_value_for_each_choice():
    learner, frame, seen = learned(DDPG, simple_speaker_listener(), actions="discrete")
    assert "critic_surface" not in frame and "critic_slope" not in frame
    assert np.isfinite(frame["critic_choices"]).all(axis=(0, 1)).tolist() == [[True] * 3 + [False] * 2, [True] * 5]
    for t in STEPS:
        acted = frame["episode_actions"][:, t]
        assert np.isin(acted, (0, 1)).all() and (acted.sum(axis=-1) == 1).all()
        expected = valued(learner, seen[:, t], acted, 1, np.eye(5, dtype=np.float32))
        np.testing.assert_allclose(frame["critic_choices"][:, t, 1], expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("make", [simple_spread, simple_speaker_listener])
def test_what_agents_saw_is_seen_again(make):
    world, seen = make(), []

    def policy(at):
        seen.append(at.observe())
        return np.sin(np.arange(do_nothing(at).size)).reshape(do_nothing(at).shape) ** 2  # not nothing, and in bounds

    played = play_episodes(world, policy, [np.random.default_rng(k) for k in range(2)], 3)
    again = seen_in_first(make(), played)
    np.testing.assert_array_equal(again[:, :-1], np.stack(seen, axis=2)[:, 0])
    np.testing.assert_array_equal(again[:, -1], world.observe()[:, 0])


def test_nothing_is_computed_unless_asked_for_and_learning_is_the_same(monkeypatch):
    with_surface, without = (MADDPG(simple_spread(), surface=points, **SMALL) for points in (5, 0))
    for learner in (with_surface, without):
        learner.advance(6)
        learner.frame()
        learner.advance(6)
    frames = with_surface.frame(), without.frame()
    assert not {name for name in frames[1] if name.startswith("critic_") and name != "critic_loss"}
    assert set(frames[1]) <= set(frames[0])
    for name, values in frames[1].items():
        np.testing.assert_array_equal(values, frames[0][name])


@pytest.mark.parametrize("options", [{}, {"shared": "yes"}])
def test_long_surfaces_are_asked_for_in_parts(monkeypatch, options):
    learner, whole, _ = learned(MADDPG, simple_spread(), seeds=2, **options)
    told, judge, most = [], learner._judge, 4000

    def counted(critic, pairs):
        told.append(pairs.numel())
        return judge(critic, pairs)

    monkeypatch.setattr(learner, "_judge", counted)
    monkeypatch.setattr(critic_surface, "AT_ONCE", most)
    parts = learner.frame()
    assert len(told) == 61 and max(told[1:]) <= most  # the first is what all do
    for name in whole:
        if name.startswith("critic_s"):
            np.testing.assert_allclose(parts[name], whole[name], rtol=1e-5, atol=1e-6)
    monkeypatch.setattr(critic_surface, "AT_ONCE", 1)  # a single action of a single step is still asked for
    np.testing.assert_allclose(learner.frame()["critic_surface"], whole["critic_surface"], rtol=1e-5, atol=1e-6)


def test_surfaces_too_large_for_a_frame_are_refused():
    small = SMALL | {"capacity": 100}
    MADDPG(simple_spread(), surface=41, seeds=10, **small)
    with pytest.raises(HyperparameterError, match="surfaces of 100 seeds need 13,111,800 numbers in a frame; expected"):
        MADDPG(simple_spread(), surface=41, seeds=100, **small)
    MADDPG(simple_spread(), surface=41, seeds=100, actions="discrete", **small)  # five choices, no surface


def test_a_surface_begins_at_a_reset_and_has_two_points_at_least():
    learner = MADDPG(simple_spread(), **SMALL)
    learner.set(surface=4)
    assert "critic_surface" not in learner.frame()
    learner.reset()
    assert learner.frame()["critic_surface"].shape[-2:] == (4, 4)
    with pytest.raises(HyperparameterError, match="surface is 1; expected 0 for none, or at least 2 points a side"):
        MADDPG(simple_spread(), surface=1, **SMALL)
