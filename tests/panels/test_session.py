"""The panel's logic on a clock of our own: nothing here depends on how fast this machine is."""

import math

import numpy as np
import pytest

from marl_edu.games import climbing
from marl_edu.learning import IndependentQLearning
from marl_edu.panels.session import PICTURES, Session
from marl_edu.planning import BestResponseIteration


class Clock:
    """Time that passes when told to, and a little at each look."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        self.now += 1e-4
        return self.now


def session(units=1000, speed=0, seeds=2):
    clock = Clock()
    made = Session(IndependentQLearning(climbing(), seeds=seeds), units, speed, clock=clock)
    return made, clock


def drive(made, clock, seconds):
    """Work for some seconds as the engine would; the number of pictures made."""
    pictures, end = 0, clock.now + seconds
    while clock.now < end and made.playing:
        wait = made.idle()
        if wait > 0:
            clock.now += min(wait, end - clock.now) + 1e-6
        if made.work():
            pictures += 1
            made.shown_now(0.001)
    return pictures


@pytest.mark.parametrize("speed", [0, 1, 7, 300, 1e5])
def test_a_run_ends_exactly_at_its_goal(speed):
    made, clock = session(units=50 if speed == 1 else 1000, speed=speed)
    made.play()
    drive(made, clock, 500)
    assert made.algorithm.units_done == made.goal == made.recording.units[-1]
    assert not made.playing and made.idle() == math.inf


@pytest.mark.parametrize("speed", [0, 2, 30])
def test_showing_the_same_moment_again_does_not_put_the_next_one_off(speed):
    made, _ = session(units=100_000, speed=speed)
    made.play()
    made.work()
    made.shown_now(0.001)
    due = made.idle()
    for _ in range(30):  # a slider is dragged
        made.set(epsilon=0.3)
        made.shown_now(0.001, moved=False)
    assert made.idle() <= due


@pytest.mark.parametrize("speed", [2, 30, 300])
def test_the_speed_asked_for_is_kept(speed):
    made, clock = session(units=10**6, speed=speed)
    made.play()
    pictures = drive(made, clock, 20)
    assert made.algorithm.units_done == pytest.approx(20 * speed, rel=0.05)
    assert pictures == pytest.approx(20 * min(speed, PICTURES), rel=0.1)


def test_slow_enough_one_picture_is_one_step():
    made, clock = session(units=100, speed=5)
    made.play()
    drive(made, clock, 4)
    assert set(np.diff(made.recording.units)) == {1}


def test_playing_at_the_end_adds_another_run():
    made, clock = session()
    for _ in range(2):
        made.play()
        drive(made, clock, 100)
    assert made.algorithm.units_done == 2000


def test_rewind_then_play_replays_and_then_learns_on():
    made, clock = session(speed=500)
    made.play()
    drive(made, clock, 1)
    made.pause()
    done, kept = made.algorithm.units_done, len(made.recording)
    made.seek(0)
    assert made.moment == 0
    made.play()
    while made.shown is not None:
        drive(made, clock, 0.05)
        assert made.algorithm.units_done == done, "replaying must not learn"
    assert len(made.recording) == kept
    drive(made, clock, 1)
    assert made.algorithm.units_done > done


def test_rewinding_changes_nothing_that_was_recorded_or_will_be_learned():
    straight, clock = session(speed=500)
    straight.play()
    drive(straight, clock, 10)
    zigzag, clock = session(speed=500)
    zigzag.play()
    drive(zigzag, clock, 0.7)
    zigzag.seek(20)
    zigzag.step()
    zigzag.seek(10**9)
    zigzag.play()
    drive(zigzag, clock, 100)
    np.testing.assert_array_equal(straight.algorithm.q, zigzag.algorithm.q)


def test_seek_shows_the_last_moment_not_later():
    made, clock = session(speed=500)
    made.play()
    drive(made, clock, 1)
    made.pause()
    units = made.recording.units
    made.seek(int(units[3] + units[4]) // 2)
    assert made.moment == 3
    made.step()
    assert made.moment == 4


def test_the_curve_of_a_fast_run_does_not_depend_on_the_machine():
    made, clock = session(units=5000)
    made.play()
    pictures = drive(made, clock, 100)
    assert set(range(0, 5001, 50)) <= set(made.recording.units.tolist())
    assert pictures < 100


def test_hyperparameters_are_noted_from_the_step_on_which_they_take_effect():
    made, _ = session()
    made.step()
    made.set(epsilon=0.7)
    assert made.changed_since(made.moment) == ["epsilon"]
    made.step()
    assert made.changed_since(made.moment) == []
    assert made.recording.hyperparameters(1)["epsilon"] == 0.1
    assert made.recording.hyperparameters(2)["epsilon"] == 0.7


def test_reset_forgets_the_run_but_not_the_controls():
    made, clock = session()
    made.set(epsilon=0.7)
    made.play()
    drive(made, clock, 1)
    made.reset(seeds=3)
    assert made.algorithm.units_done == 0 and len(made.recording) == 1 and made.algorithm.seeds == 3
    assert made.algorithm.epsilon == 0.7


def test_what_is_changed_before_the_first_step_holds_for_the_whole_run():
    game = climbing(discount=0.9, horizon=None)
    one, other = (Session(BestResponseIteration(game, [[1], [2]]), 40) for _ in range(2))
    one.set(discount=0.5)
    other.algorithm.set(discount=0.5)
    other.reset()
    for session in (one, other):
        session.finish(40)
    for t in range(len(one.recording)):
        assert one.recording.hyperparameters(t) == other.recording.hyperparameters(t)
        assert all(
            np.array_equal(one.recording[t][k], other.recording[t][k], equal_nan=True) for k in other.recording[t]
        )


def test_best_responses_begin_anew_when_the_discount_changes_on_the_way():
    sweeps = Session(BestResponseIteration(climbing(discount=0.9, horizon=None), [[1], [2]]), 40)
    sweeps.step()
    sweeps.set(discount=0.5)
    sweeps.step()
    once = BestResponseIteration(climbing(discount=0.5, horizon=None), [[1], [2]])
    once.advance(1)
    assert sweeps.recording[-1]["gains"] == pytest.approx(once.frame()["gains"])


@pytest.mark.parametrize("speed", [0, 100])
def test_a_session_may_keep_more_frames_and_replays_them_no_more_slowly(speed):
    made, clock = session(units=600, speed=speed)
    made.frames, made.redone = 300, 301
    made.play()
    drive(made, clock, 60)
    assert np.isin(np.arange(0, 601, 2), made.recording.units).all() and not made.playing
    made.redo()
    assert np.diff(made.recording.units).max() <= 4 and 300 <= len(made.recording) <= 303
    made.seek(0)
    made.play()
    pictures = 0
    while made.shown is not None:
        made._due = clock()
        made.work()
        pictures += 1
    assert pictures <= 105
    made.seek(0)
    made.step()
    assert made.shown == made.recording.units[1], "a step is one moment"
