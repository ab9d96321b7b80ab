"""Where code of value factorisation goes wrong, one test for each mistake; what is refused; what diverges."""

import numpy as np
import pytest
import torch
from scipy.stats import chi2_contingency

from marl_edu.algorithm import DivergedError, HyperparameterError
from marl_edu.games import MarkovGame, matching_pennies, matrix_game, prisoners_dilemma, two_step
from marl_edu.learning import QMIX, QTRAN, VDN, IndependentDQN, WeightedQMIX
from marl_edu.learning.team_play import Exploration, Reports, random_actions
from marl_edu.learning.team_worlds import Step
from marl_edu.recording import record

ALL = [IndependentDQN, VDN, QMIX, WeightedQMIX, QTRAN]
every_learner = pytest.mark.parametrize("package", ALL, ids=lambda package: package.__name__)


def chain(**options):
    """Two agents, one action each, s0 -> s1 -> s1; every step pays 1, discount .5: a step is worth 2 if all goes on."""
    transitions = np.zeros((2, 1, 1, 2))
    transitions[..., 1] = 1
    paid = [[[1.0]], [[0.0 if "terminal" in options else 1.0]]]
    return MarkovGame(transitions, [paid, paid], 0.5, **options)


@every_learner
def test_pitfall_1_truncation_bootstraps_and_termination_does_not(package):
    """Cut off after one step, s0 is worth 1 + .5 x 2 all the same; ended after one step it is worth 1.

    The limit is three steps, so that s1 is acted in as well: the value of a state that is never left is never learned.
    """
    name = "q" if package is IndependentDQN else "q_tot"
    values = {}
    for what, options in (("cut", {"horizon": 3}), ("ended", {"terminal": [1]})):
        learner = package(chain(**options), seeds=3, hidden=16, step_size=1e-2, target_every=5)
        learner.advance(100)
        frame = learner.frame()
        values[what] = frame[name][:, :, 0, 0] if name == "q" else frame[name][:, 0, 0, 0]
    np.testing.assert_allclose(values["cut"], 2, atol=0.1)
    np.testing.assert_allclose(values["ended"], 1, atol=0.1)


def test_pitfall_6_vdn_has_one_error_of_the_team_and_independent_agents_have_one_each():
    """A joint action that pays 1: VDN's agents share it, independent ones expect it each."""
    game = matrix_game([np.array([[1.0]])] * 2)
    found = {}
    for package in (VDN, IndependentDQN):
        learner = package(game, seeds=3, step_size=1e-2)
        learner.advance(150)
        found[package] = learner.frame()["q"][:, :, 0, 0]
    np.testing.assert_allclose(found[VDN].sum(axis=1), 1, atol=0.02)
    np.testing.assert_allclose(found[IndependentDQN], 1, atol=0.02)


def test_pitfall_7_the_target_mixer_sees_the_next_state(monkeypatch):
    """State 1 is where episodes begin: steps leave it, and none leads there."""
    learner, seen = QMIX(two_step(), seeds=2), {}
    mix, first = learner.mix, torch.eye(4)[0]

    def spied(nets, values, states):
        seen["target" if nets is learner._slow else "learning"] = (states == first).all(dim=-1)
        return mix(nets, values, states)

    monkeypatch.setitem(learner.__dict__, "mix", spied)
    learner.advance(1)
    assert seen["learning"].any() and not seen["target"].any()


def test_pitfall_13_every_agent_has_a_coin_of_its_own():
    """With one coin for the team, both would explore or neither: the joint frequencies would not be products."""
    coins = Exploration([np.random.default_rng(k) for k in range(3)], copies=8, n_agents=2)
    explores = np.concatenate([(coins.coins()[0] < 0.5).reshape(-1, 2) for _ in range(400)])
    table = np.array([[np.mean((explores == (i, j)).all(axis=1)) for j in (0, 1)] for i in (0, 1)]) * len(explores)
    assert chi2_contingency(table).pvalue > 1e-3
    np.testing.assert_allclose(table / len(explores), 0.25, atol=0.02)


def test_random_actions_are_uniform_over_those_available():
    coins = np.random.default_rng(0).random((6000, 1, 2))
    available = np.array([[[True, False, True, True], [False, True, False, False]]])
    found = random_actions(coins, 4, np.broadcast_to(available, (6000, 1, 2, 4)))
    shares = np.bincount(found[..., 0].ravel(), minlength=4) / 6000
    np.testing.assert_allclose(shares, [1 / 3, 0, 1 / 3, 1 / 3], atol=0.03)
    assert (found[..., 1] == 1).all()
    np.testing.assert_allclose(np.bincount(random_actions(coins, 4, None).ravel()) / 12000, 0.25, atol=0.02)


def test_pitfall_18_returns_are_discounted_within_each_copys_own_episode():
    reports = Reports(seeds=1, copies=2, discount=0.5)
    no, yes = np.array([[False, False]]), np.array([[True, True]])
    for rewards, ended in (([1, 8], [[False, True]]), ([1, 4], [[True, False]]), ([5, 4], [[False, True]])):
        reports.step(Step(np.array([rewards], dtype=float), np.array(ended), no, {}))
    found = reports.since_last(n_agents=2)
    assert found["episode_return"].tolist() == [[pytest.approx((8 + 1.5 + 6) / 3)] * 2]
    reports.step(Step(np.array([[1.0, 2.0]]), no, yes, {}))
    assert reports.since_last(2)["episode_return"][0, 0] == pytest.approx((5 + 0.5 + 2) / 2)  # truncation ends one too
    assert reports.since_last(2)["episode_return"][0, 0] == pytest.approx((5 + 0.5 + 2) / 2)  # none since: as before


@every_learner
@pytest.mark.parametrize(
    ("game", "words"),
    [
        (prisoners_dilemma(), "prisoner's dilemma is not cooperative: in state .* pays agent 1 .* and agent 2 "),
        (matching_pennies(), "matching pennies is not cooperative"),
        (MarkovGame(np.ones((1, 2, 1)), [[[0, 1]]], 0.5), "one agent; expected a team of two or more"),
        (two_step(discount=1).replace(horizon=None), "discount 1 and no horizon"),
        ("two-step", "the world is 'two-step'; expected a MarkovGame or a TeamWorld"),
    ],
    ids=["general-sum", "zero-sum", "alone", "endless", "no world"],
)
def test_worlds_that_are_refused(package, game, words):
    with pytest.raises(HyperparameterError, match=words):
        package(game)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"batch": 32.5}, r"batch is 32.5; expected a whole number"),
        ({"batch": 0}, "batch is 0; expected a number from 1 to 4096"),
        ({"step_size": float("nan")}, "step_size is nan; expected a number"),
        ({"step_size": 2}, "step_size is 2; expected a number from 1e-06 to 1"),
        ({"epsilon": -0.1}, "epsilon is -0.1; expected"),
        ({"worlds": True}, "worlds is True; expected"),
        ({"target": "sometimes"}, "target is 'sometimes'; expected one of 'hard', 'soft', 'none'"),
        ({"double_q": True}, "double_q is True; expected one of 'yes', 'no'"),
        ({"alpha": 0.5}, "QMIX: the name of a hyperparameter is 'alpha'"),
        ({"seeds": 100_000}, "100000 seeds need .* parameters; expected at most"),
        ({"seeds": 500, "capacity": 1e6, "hidden": 8}, "replay of 500 seeds needs .* MiB; expected at most 4,096 MiB"),
        ({"capacity": 10, "worlds": 20}, "capacity is 10; expected at least the number of worlds, 20"),
        ({"hidden": 3}, "hidden is 3; expected a number from 4 to 1024"),
    ],
    ids=str,
)
def test_hyperparameters_that_are_refused(bad, words):
    with pytest.raises(HyperparameterError, match=words):
        QMIX(two_step(), **bad)


def test_a_refused_number_of_seeds_changes_nothing():
    learner = QMIX(two_step(), seeds=2)
    learner.advance(10)
    before = learner.frame()
    with pytest.raises(HyperparameterError, match="parameters; expected at most"):
        learner.restart(seeds=100_000)
    after = learner.frame()
    assert learner.seeds == 2 and learner.units_done == 10
    np.testing.assert_array_equal(before["q"], after["q"])


@every_learner
def test_a_loss_that_is_no_number_stops_and_the_recording_is_kept(package):
    """Rewards that float32 can't square; the message names the loss, the seed and the update."""
    table = np.array([[0.0, 0.0], [0.0, 1e30]])
    learner = package(matrix_game([table, table]), seeds=3, worlds=1, batch=1, epsilon=1, epsilon_last=1)
    with pytest.raises(DivergedError, match=r"^loss is inf for seed [0-2] at update \d+; expected a finite ") as caught:
        record(learner, 200, every=1)
    update = int(str(caught.value).split("update ")[1].split(";")[0].replace(",", ""))
    kept = caught.value.recording
    assert len(kept) == update and kept.units[-1] == update - 1  # everything up to the update before, and the start
    assert np.isfinite(kept[-1]["q"]).all()


def test_a_reckless_step_size_does_not_go_unnoticed():
    """Without target networks and with Adam's largest step, values run away: an error, or numbers that are finite."""
    learner = VDN(two_step(discount=0.999), seeds=2, step_size=1, target="none", clip=1e6)
    try:
        recording = record(learner, 300, every=50)
    except DivergedError as error:
        recording = error.recording
        assert "loss is" in str(error)
    assert all(np.isfinite(frame["greedy_return"]).all() for frame in (recording[0], recording[-1]))


def test_settings_take_effect_between_advances_and_an_interruption_is_counted(monkeypatch):
    learner = VDN(two_step(), seeds=2)
    learner.advance(10)
    learner.set(batch=8, epsilon=0.3, epsilon_last=0.3, step_size=1e-4, clip=0.1, double_q="no")
    learner.advance(10)
    assert learner.frame()["epsilon"].tolist() == [0.3, 0.3]
    learn, count = learner._learn, iter(range(100))

    def interrupted():
        if next(count) == 7:
            raise KeyboardInterrupt
        learn()

    monkeypatch.setitem(learner.__dict__, "_learn", interrupted)
    with pytest.raises(KeyboardInterrupt):
        learner.advance(20)
    assert learner.units_done == 27
