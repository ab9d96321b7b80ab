"""What lesson 10's pictures say, against what they draw and what is true."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pytest

from marl_edu.exercises import lesson_10_pictures as pictures
from marl_edu.games import simple_push, simple_spread
from marl_edu.games.particles.controllers import do_nothing, play_episodes, spread_out


@pytest.fixture
def axes():
    figure, made = plt.subplots(1, 2)
    yield made
    plt.close(figure)


@pytest.mark.parametrize("now", [-1.0, -0.5, 0.4, 1.0])
@pytest.mark.parametrize("memory", [0.0, 0.5, 1.0])
def test_the_moving_critic_is_the_mean_over_what_is_remembered(axes, now, memory):
    words = pictures.draw_moving(axes, now, memory)
    rng, one = np.random.default_rng(0), np.linspace(-1, 1, 101)
    remembered = np.where(rng.random(200_000) < memory, -0.5, now) + 0.2 * rng.standard_normal(200_000)
    curves = {line.get_label(): np.asarray(line.get_ydata()) for line in axes[1].lines if len(line.get_ydata()) == 101}
    truth = 1 - (one + now - 0.5) ** 2 - 0.04
    np.testing.assert_allclose(curves["what its actions are worth now"], truth)
    for at in (0, 50, 100):
        learned = (1 - (one[at] + remembered - 0.5) ** 2).mean()
        assert curves["what Q1(a1) learns from the replay"][at] == pytest.approx(learned, abs=0.03)
    thinks = one[curves["what Q1(a1) learns from the replay"].argmax()]
    chosen, pays, best = map(float, re.search(r"says (\S+) .* pays (\S+) in place of (\S+)\.", words).groups())
    assert chosen == pytest.approx(thinks, abs=0.011)
    assert pays == pytest.approx(truth[np.abs(one - chosen).argmin()], abs=0.03)
    assert best == pytest.approx(truth.max(), abs=0.01)


def test_flights_begin_alike_and_say_what_they_earn():
    figure, words = pictures.flights(simple_spread(), {"nothing": do_nothing, "program": spread_out}, seed=3)
    for name, policy in (("nothing", do_nothing), ("program", spread_out)):
        earned = play_episodes(simple_spread(), policy, [np.random.default_rng(3)], 1).returns.mean()
        assert f"{name} earns {earned:.1f}" in words
    plt.close(figure)
    figure, _ = pictures.flights(simple_push(), {"nothing": do_nothing}, seed=0)
    plt.close(figure)


def test_a_choice_is_the_largest_noisy_logit(axes):
    words = pictures.draw_choice(axes, np.array([0.0, 1.0]), np.array([2.0, 0.0]), 1.0, ["left", "right"])
    assert words.startswith("'left' is chosen, which has the chance 0.27.")
    assert "with 0.73 on it" in words  # softmax of (2, 1)


def test_spreads_have_the_interval_of_their_mean():
    figure, ax = plt.subplots()
    words = pictures.draw_spreads(ax, [0, 100], {"DDPG": np.array([[0, 0, 0], [1.0, 2.0, 3.0]])})
    assert "DDPG 2.0 (-0.5 to 4.5)" in words  # 2 -+ 4.303 / sqrt 3
    plt.close(figure)


def test_differences_that_touch_zero_are_not_filled():
    figure, ax = plt.subplots()
    words = pictures.draw_differences(ax, {"a": (1.0, 0.5, 1.5), "b": (1.0, -0.5, 2.5)}, "gain of MADDPG")
    faces = [line.get_markerfacecolor() for line in ax.lines if line.get_marker() == "D"]
    assert faces == [pictures.PURPLE, "white"]
    assert words.startswith("Gain of MADDPG, with 95 % intervals")
    plt.close(figure)


def test_meetings_name_rows_and_columns(axes):
    names = ("DDPG", "MADDPG")
    table = {(r, c): (10.0 * i + j, 0.0, 1.0) for i, r in enumerate(names) for j, c in enumerate(names)}
    words = pictures.draw_meetings(axes, [table, table], names, ["one", "two"])
    assert "one: MADDPG against DDPG 10.0" in words and "two: DDPG against MADDPG 1.0" in words
    assert axes[0].get_ylabel() == "adversaries by"
