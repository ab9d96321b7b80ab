"""Naive and opponent-aware learners: values and gradients against finite differences, seeds, settings, bad input."""

import inspect

import numpy as np
import pytest
import torch

from marl_edu.algorithm import HyperparameterError
from marl_edu.games import climbing, matching_pennies, matrix_game, prisoners_dilemma, random_game
from marl_edu.learning import LOLA, iterated_dilemma, memory_one_payoffs
from marl_edu.learning.lola import LOOK_AHEADS, values
from marl_edu.recording import record
from marl_edu.views import LearningCurve

GAMES = [iterated_dilemma(), matching_pennies(discount=0.9), matrix_game(np.arange(8).reshape(2, 2, 2), discount=0.5)]


def value(game, logits):
    """Discounted sums, (2,), of logits (2, 5), by the closed form in numpy."""
    first, second = 1 / (1 + np.exp(-logits))
    return memory_one_payoffs(game, first, second) / (1 - game.discount)


def slope(function, at, step=1e-5):
    """Central differences of a function of a (2, 5) array, by each of its entries."""
    found = np.zeros_like(at)
    for index in np.ndindex(at.shape):
        moved = np.zeros_like(at)
        moved[index] = step
        found[index] = (function(at + moved) - function(at - moved)) / (2 * step)
    return found


def step_of(game, logits, look_ahead, eta=1.0):
    """What one update of step size 1 adds, (2, 5)."""
    learner = LOLA(game, look_ahead=look_ahead, look_ahead_step=eta)
    learner._logits = torch.tensor(logits[None])
    learner.advance(1)
    return learner.frame()["logits"][0] - logits


@pytest.mark.parametrize("game", GAMES, ids=lambda game: game.name)
def test_values_are_those_of_memory_one_strategies(game):
    logits = np.random.default_rng(0).normal(size=(6, 2, 5)) * 2
    found = values(torch.tensor(logits), torch.tensor(game.rewards[:, 0].reshape(2, 4)), game.discount)
    np.testing.assert_allclose(found, [value(game, each) for each in logits], rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("game", GAMES, ids=lambda game: game.name)
def test_the_naive_step_is_each_agents_own_gradient(game):
    logits = np.random.default_rng(1).normal(size=(2, 5))
    own = [slope(lambda x, i=i: value(game, x)[i], logits)[i] for i in (0, 1)]
    np.testing.assert_allclose(step_of(game, logits, "none"), own, atol=1e-6)


@pytest.mark.parametrize("game", GAMES, ids=lambda game: game.name)
def test_lola_adds_what_ones_own_change_does_to_the_others_step(game):
    """(grad_j V^i)^T grad_j V^j, by differences of differences; the first factor stands still."""
    logits, eta = np.random.default_rng(2).normal(size=(2, 5)), 0.7
    added = np.zeros((2, 5))
    for i, j in ((0, 1), (1, 0)):
        still = slope(lambda x, i=i: value(game, x)[i], logits)[j]
        added[i] = slope(lambda x, j=j, s=still: s @ slope(lambda z: value(game, z)[j], x, 1e-4)[j], logits, 1e-4)[i]
    naive = step_of(game, logits, "none")
    np.testing.assert_allclose(step_of(game, logits, "lola", eta) - naive, eta * added, atol=1e-4)


def test_without_a_step_to_expect_there_is_no_difference():
    one, other = LOLA(seeds=4, look_ahead="none"), LOLA(seeds=4, look_ahead="lola", look_ahead_step=0)
    for learner in (one, other):
        learner.advance(30)
    np.testing.assert_allclose(one.frame()["logits"], other.frame()["logits"], atol=1e-12)
    assert set(LOOK_AHEADS) == {"none", "lola"}


def test_neither_agent_is_favoured():
    """In a symmetric game, exchanged logits give exchanged steps."""
    logits = np.random.default_rng(3).normal(size=(2, 5))
    for look_ahead in LOOK_AHEADS:
        there, back = (step_of(iterated_dilemma(), each, look_ahead) for each in (logits, logits[::-1].copy()))
        np.testing.assert_allclose(there, back[::-1], atol=1e-10)


def test_it_begins_with_standard_normal_logits_and_nothing_done():
    learner = LOLA(seeds=2000)
    logits = learner.frame()["logits"]
    assert logits.shape == (2000, 2, 5) and abs(logits.mean()) < 0.03 and logits.std() == pytest.approx(1, abs=0.02)
    assert (learner.look_ahead, learner.step_size, learner.look_ahead_step) == ("lola", 1, 1)
    assert learner.game.discount == 0.96 and learner.units_done == 0
    assert learner.references() == {"team optimum": -1, "random play": -1.5}


def test_the_frame_fits_together():
    learner = LOLA(prisoners_dilemma(discount=0.8), seeds=3)
    learner.advance(7)
    frame = learner.frame()
    np.testing.assert_allclose(frame["policies"], 1 / (1 + np.exp(-frame["logits"])))
    paid = memory_one_payoffs(learner.game, frame["policies"][:, 0], frame["policies"][:, 1])
    np.testing.assert_allclose(frame["payoffs"], paid)
    np.testing.assert_allclose(frame["joint_play"].sum(axis=(1, 2)), 1)
    kept = {name: values.copy() for name, values in frame.items()}
    learner.advance(1)
    assert all((frame[name] == kept[name]).all() for name in kept)
    assert (learner.frame()["logits"] != kept["logits"]).all()


def test_a_seed_does_not_depend_on_the_others():
    few, many = LOLA(seeds=3, seed=5), LOLA(seeds=20, seed=5)
    few.advance(60)
    many.advance(60)
    np.testing.assert_allclose(few.frame()["logits"], many.frame()["logits"][:3], rtol=1e-9, atol=1e-9)
    again = few.clone()
    again.advance(25)
    again.advance(35)
    assert (again.frame()["logits"] == few.frame()["logits"]).all()
    few.reset()
    few.advance(60)
    assert (again.frame()["logits"] == few.frame()["logits"]).all()


def test_settings_may_change_on_the_way():
    learner, other = LOLA(seeds=2), LOLA(seeds=2, look_ahead="none")
    for each in (learner, other):
        each.advance(5)
    learner.set(look_ahead="none", step_size=0.5)
    before = learner.frame()["logits"]
    learner.advance(1)
    full = LOLA(seeds=2, look_ahead="none")
    full._logits = torch.tensor(before)
    full.advance(1)
    np.testing.assert_allclose(learner.frame()["logits"] - before, (full.frame()["logits"] - before) / 2)
    assert (other.frame()["logits"] != before).any()


def test_it_uses_one_thread_and_gives_the_others_back(monkeypatch):
    """With several, matrices this small spend their time waiting for each other."""
    before, inside = torch.get_num_threads(), []

    def watched(*given, then=LOOK_AHEADS["lola"]):
        inside.append(torch.get_num_threads())
        return then(*given)

    def broken(*given):
        raise FloatingPointError

    learner = LOLA(seeds=3)
    torch.set_num_threads(3)
    try:
        monkeypatch.setitem(LOOK_AHEADS, "lola", watched)
        learner.advance(4)
        assert inside == [1] * 4 and torch.get_num_threads() == 3
        monkeypatch.setitem(LOOK_AHEADS, "lola", broken)
        with pytest.raises(FloatingPointError):
            learner.advance(1)
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


def test_only_the_added_term_tells_the_two_learners_apart():
    """The lesson shows both functions side by side."""
    naive, aware = (inspect.getsource(LOOK_AHEADS[name]).splitlines()[2:] for name in ("none", "lola"))
    assert [line for line in naive if line not in aware] == ["        steps.append(slopes[i][:, i])"]
    assert len(aware) == len(naive) + 2


def test_interrupted_it_stands_where_it_says(monkeypatch):
    learner, calls = LOLA(seeds=2), []

    def interrupted(*given, then=LOOK_AHEADS["lola"]):
        calls.append(given)
        if len(calls) == 18:
            raise KeyboardInterrupt
        return then(*given)

    monkeypatch.setitem(LOOK_AHEADS, "lola", interrupted)
    threads = torch.get_num_threads()
    with pytest.raises(KeyboardInterrupt):
        learner.advance(50)
    assert learner.units_done == 17 and torch.get_num_threads() == threads
    learner.advance(33)
    straight = learner.clone()
    straight.advance(50)
    assert (straight.frame()["logits"] == learner.frame()["logits"]).all()


def test_a_recording_of_it_can_be_drawn():
    recording = record(LOLA(seeds=5, look_ahead="none"), 40, 10)
    assert recording.units.tolist() == [0, 10, 20, 30, 40] and recording.game.name == "iterated prisoner's dilemma"
    told = LearningCurve("payoffs", references=True).alt_text(recording)
    assert "after 40 updates" in told and "5 seeds" in told


def test_far_out_it_stays_finite():
    """Where the sigmoids are 0 and 1 to the last digit, gradients vanish."""
    learner = LOLA(matrix_game(np.array([[[9, -9], [3, 1]], [[-2, 9], [9, 0]]]), discount=0.999), seeds=5, step_size=10)
    learner.advance(50)
    assert np.isfinite(learner.frame()["payoffs"]).all()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: LOLA(climbing()), "3 x 3 actions; expected one state and two agents with two actions each"),
        (lambda: LOLA(random_game(2, 2, 2, np.random.default_rng(0))), "2 states"),
        (lambda: LOLA(3), "expected a MarkovGame"),
        (lambda: LOLA(prisoners_dilemma(discount=1, horizon=5)), "is 1; expected one below 1"),
        (lambda: LOLA(matching_pennies()), "is 0, so that only the first round counts; expected one between 0 and 1"),
        (lambda: LOLA(look_ahead="two steps"), "look_ahead is 'two steps'; expected one of 'none', 'lola'"),
        (lambda: LOLA(step_size=0), "step_size is 0; expected a number from 0.001 to 10"),
        (lambda: LOLA(step=1), "did you mean|expected one of"),
    ],
)
def test_bad_input(make, words):
    with pytest.raises((ValueError, HyperparameterError), match=words):
        make()
