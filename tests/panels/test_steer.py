"""The steering panel without a front end: driven by methods, by messages of its widgets, and by a clock of our own."""

import asyncio
import base64
import io
import re
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from marl_edu import panels
from marl_edu.games import climbing, gridworld, simple_adversary, simple_push, simple_spread, simple_tag
from marl_edu.games.particles.controllers import do_nothing, spread_out
from marl_edu.learning import Flight, Match, ModelPartner
from marl_edu.panels import Steer, steer_words
from marl_edu.panels.metronome import LEAD, PATIENCE
from marl_edu.panels.steer import GRACE
from marl_edu.progress import progress
from marl_edu.recording import Recording
from marl_edu.views import FlightView


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def made(build=simple_spread, steps=4, policy=spread_out, seat=0, **options):
    """A panel with a clock of the test's own."""
    panel = Steer(Flight(build(max_steps=steps), policy, seat), **({"episodes": 2} | options))
    panel.metronome.clock = Clock()
    return panel


def hear(panel, **content):
    """A message of the page."""
    panel.board.stick._handle_custom_msg(content, [])


def pass_time(panel, seconds, looks=True):
    """Let time pass in small pieces, the page looking at every picture or not."""
    for _ in range(round(100 * seconds)):
        panel.metronome.clock.now += 0.01
        panel.tick()
        if looks:
            hear(panel, seen=panel.board.stick.at)


@pytest.fixture
def steer():
    panel = made(name="test.steer")
    yield panel
    panel.close()


def force_at(panel, t):
    return panel.recording[t]["force"][0].tolist()


def test_a_press_is_a_step_and_a_moment(steer):
    steer.press("up right")
    steer.press((0.5, 0))
    assert steer.moment == 2 and steer.flight.units_done == 2 and steer.flight.chosen == 2
    assert force_at(steer, 1) == [1, 1] and force_at(steer, 2) == [0.5, 0]
    by_hand = simple_spread(max_steps=4)
    by_hand.reset(np.random.default_rng([0, 0, 1]))
    for force in ([1, 1], [0.5, 0]):
        actions = spread_out(by_hand)
        actions[0] = force
        by_hand.step(actions)
    np.testing.assert_array_equal(steer.recording[2]["episode_positions"][0, 2], by_hand.positions)


def test_time_runs_from_the_first_force_at_its_pace_and_with_what_is_held(steer):
    pass_time(steer, 1)
    assert steer.moment == 0 and not steer.playing, "time has not begun"
    hear(steer, hold={"force": [0, 0]})
    assert not steer.playing, "letting go does not begin it"
    hear(steer, hold={"force": [1, 0]})
    assert steer.playing
    pass_time(steer, 0.3)  # six a second: at once, and after a sixth of a second
    assert steer.moment == 2 and force_at(steer, 1) == force_at(steer, 2) == [1, 0]
    hear(steer, hold={"force": [0, 0]})
    pass_time(steer, 0.15)
    assert steer.moment == 3 and force_at(steer, 3) == [0, 0], "time runs on, the force has ended"
    assert steer.flight.chosen == 3, "to hold nothing is a choice, too"


def test_speed_is_steps_a_second():
    for speed in (2, 10):
        panel = made(steps=40, speed=speed)
        panel.start()
        pass_time(panel, 2.0)
        assert abs(panel.moment - 2 * speed) <= 1, (speed, panel.moment)
    panel.board.speed.value = 4
    assert panel.metronome.speed == 4


def test_a_busy_kernel_catches_nothing_up(steer):
    hear(steer, hold={"force": [1, 0]})
    pass_time(steer, 0.01)
    assert steer.moment == 1
    steer.metronome.clock.now += 30
    for _ in range(5):
        steer.tick()
        hear(steer, seen=steer.board.stick.at)
    assert steer.moment == 2


def test_it_waits_for_the_page_and_stops_when_nobody_answers():
    panel = made(steps=100)
    hear(panel, hold={"force": [0, 1]})
    pass_time(panel, PATIENCE - 0.2, looks=False)
    assert panel.moment == LEAD and panel.playing
    hear(panel, seen=1)
    pass_time(panel, PATIENCE - 0.2, looks=False)
    assert panel.moment == LEAD + 1 and panel.playing
    pass_time(panel, 0.5, looks=False)
    assert not panel.playing and "did not answer" in panel.board.notice.value
    assert not panel._hand["force"].any() and panel.moment == LEAD + 1
    panel.start()
    hear(panel, seen=10_000)  # of another flight
    pass_time(panel, 1, looks=False)
    assert panel.moment == 2 * LEAD + 1


def test_a_page_that_goes_away_stops_time_and_force(steer):
    hear(steer, hold={"force": [0, 1]})
    pass_time(steer, 0.05)
    hear(steer, away=True)
    assert not steer.playing and not steer._hand["force"].any()
    pass_time(steer, 1)
    assert steer.moment == 1


def test_between_episodes_it_waits_and_a_key_that_was_meant_for_the_old_one_does_nothing(steer):
    hear(steer, hold={"force": [1, 0]})
    rounds = steer.board.stick.round
    pass_time(steer, 1)
    assert steer.moment == 4 and not steer.playing and "Episode 1 is over" in steer.board.words.value
    assert steer.board.stick.round == rounds + 1 and not steer._hand["force"].any(), "held keys are let go"
    steer.metronome.clock.now = steer._ended + GRACE / 2
    hear(steer, hold={"force": [0, 1]})
    assert steer.moment == 4 and steer.flight.episode == 1
    hear(steer, hold={"force": [0, 0]})
    pass_time(steer, 1)
    hear(steer, hold={"force": [0, 1]})
    pass_time(steer, 1)
    assert steer.flight.episode == 2 and steer.moment == 5 and not steer.playing, "its beginning is shown first"
    hear(steer, hold={"force": [0, 1]})
    pass_time(steer, 1)
    assert steer.over and steer.moment == 9


def test_the_start_button_starts_pauses_and_goes_on(steer):
    button = steer.board.buttons["start"]
    button.click()
    pass_time(steer, 0.05)
    assert steer.playing and button.description == "pause" and force_at(steer, 1) == [0, 0]
    button.click()
    steer.tick()
    assert not steer.playing and button.description == "start"
    hear(steer, start=True)  # the space bar
    pass_time(steer, 2)
    assert steer.moment == 4 and button.description == "next episode"
    button.click()
    steer.tick()
    assert steer.moment == 5 and button.description == "start" and not steer.playing


def test_step_by_step_each_press_is_a_step_and_what_answers_an_older_picture_is_left_alone():
    panel = made(pace="step by step")
    hear(panel, hold={"force": [1, 0]})
    pass_time(panel, 1)
    assert panel.moment == 0
    panel.start()
    panel.tick()
    assert not panel.playing and "time stands until you press" in panel.board.notice.value
    for _ in range(3):
        hear(panel, press={"force": [1, 0]}, at=0)
    assert panel.moment == 1
    hear(panel, press={"target": [-1, -1]}, at=1)
    assert panel.moment == 2
    for at in (2, 3):
        hear(panel, press={"force": [0, 0]}, at=at)
    assert panel.flight.over and panel.moment == 4
    for _ in range(2):
        hear(panel, press={"force": [0, 0]}, at=4)
    assert panel.moment == 5 and panel.flight.episode == 2, "one press goes on to the next beginning"


def test_the_mouse_steers_as_the_controller_does():
    panel = made(steps=25, policy=do_nothing)
    panel.aim((0.5, -0.5))
    pass_time(panel, 6)
    world = simple_spread(max_steps=25)
    world.reset(np.random.default_rng([0, 0, 1]))
    for _ in range(25):
        actions = np.zeros((3, 2))
        actions[0] = np.clip(5 * (np.array([0.5, -0.5]) - world.positions[0]) - world.velocities[0], -1, 1)
        world.step(actions)
    np.testing.assert_allclose(panel.flight.game.positions, world.positions)
    assert np.abs(world.positions[0] - [0.5, -0.5]).max() < 0.05


def test_another_pace_stops_time_and_lets_go(steer):
    hear(steer, hold={"force": [1, 0]})
    steer.board.pace.value = "step by step"
    steer.tick()
    assert not steer.playing and steer.pace == "step by step" and not steer._hand["force"].any()
    assert steer.board.stick.pace == "step by step" and steer.board.speed.disabled


def test_what_cannot_be_read_does_not_stop_time(steer):
    hear(steer, hold={"force": [1, 0]})
    pass_time(steer, 0.05)
    for content in (
        {"hold": None},
        {"hold": {"target": "x"}},
        {"press": 3, "at": 1},
        {"hold": {"force": [2, 0]}},
        None,
    ):
        steer.board.stick._handle_custom_msg(content, [])
        steer.tick()
        assert steer.playing and steer.board.notice.value == "" and steer._hand["force"].tolist() == [1, 0], content


@pytest.mark.parametrize(
    "content",
    [{}, None, 3, {"hold": None}, {"hold": {"force": [9, 9]}}, {"hold": {"target": "x"}}, {"press": {}, "at": 0},
     {"hold": {"target": [1, None]}}, {"seen": "x"}, {"press": {"force": [1, 0]}, "at": None}, {"start": 0}],
)  # fmt: skip
def test_odd_messages_move_nothing(steer, content):
    steer.board.stick._handle_custom_msg(content, [])
    pass_time(steer, 0.5)
    assert steer.moment == 0 and not steer.playing
    assert steer.board.notice.value == ""


def test_the_timeline_looks_back_over_all_episodes_and_steering_goes_on_from_the_newest(steer):
    for _ in range(7):
        steer.press("left")
    steer.tick()
    newest = steer.board.picture.value
    assert steer.moment == 7 and steer.board.timeline.max == 9, "four steps, a beginning, two steps"
    steer.board.timeline.value = 2
    steer.tick()
    assert steer.board.status.value.startswith("episode 1 of 2 · step 2 of 4") and steer.board.picture.value != newest
    assert steer.board.shown.value == "an earlier step is shown"
    steer.press("up")
    assert steer.moment == 8 and steer.shown is None and force_at(steer, 8) == [0, 1]
    steer.start()
    assert steer.playing
    steer.look_at(3)
    assert not steer.playing, "looking back stops time"


def test_after_the_last_episode_there_is_a_table_and_a_sentence(steer):
    for _ in range(9):
        steer.press("none")
        steer.tick()
        told = steer.board.table.value
        assert steer.over or told.count("\N{MINUS SIGN}") <= 1, "who else might have flown is told at the end"
    assert steer.over
    rows = steer_words.earned(steer.flight)
    np.testing.assert_array_equal(rows[:, 0], rows[:, 2])  # without a force one does what nobody does
    brute = Flight(simple_spread(max_steps=4), spread_out)
    brute.advance(8)
    np.testing.assert_array_equal(rows[:, 1], [outcome.you[0] for outcome in brute.outcomes])
    for number in (*rows.ravel(), *rows.sum(axis=0)):
        assert steer_words.in_figures(number) in told
    assert "In 2 episodes together you earned" in steer.board.words.value and "<th scope='row'>sum" in told
    steer.press("up")
    steer.tick()
    assert steer.moment == 9 and "All 2 episodes are flown" in steer.board.notice.value


def test_the_result_is_kept_in_progress_but_not_what_the_policy_flew():
    panel = made(name="test.flown")
    panel.run()
    assert panel.over and progress().facts("play", "test.flown") == {}
    panel.new_match()
    panel.press("up")
    panel.run()
    assert panel.over and panel.flight.chosen == 1
    assert progress().facts("play", "test.flown") == {}, "one step of eight was the student's"
    panel.new_match()
    for _ in range(9):
        panel.press("none")
    facts = progress().facts("play", "test.flown")
    you, policy, nobody = steer_words.earned(panel.flight).sum(axis=0)
    assert (facts["turns"], facts["earned"], facts["policy"], facts["nobody"]) == (8, you, policy, nobody)


def test_again_has_the_same_beginnings_and_new_episodes_have_others(steer):
    first = steer.recording[0]["episode_positions"].copy()
    steer.press("up")
    steer.board.buttons["again"].click()
    assert steer.moment == 0 and (steer.recording[0]["episode_positions"] == first).all()
    steer.board.buttons["others"].click()
    steer.tick()
    assert steer.moment == 0 and (steer.recording[0]["episode_positions"] != first).any()
    assert steer.board.notice.value == "Other beginnings."


def test_the_static_page_is_what_the_policy_flies_and_always_the_same():
    bundles = []
    for _ in range(2):
        panel = made(episodes=3)
        data, metadata = panel._repr_mimebundle_()
        bundles.append((data["text/plain"], data["image/png"], metadata["image/png"]["alt"], repr(panel)))
        assert panel.moment == 0 and "application/vnd.jupyter.widget-view+json" in data
    assert bundles[0] == bundles[1]
    words, picture, alt, _ = bundles[0]
    assert words.startswith(
        "Steer in simple_spread, agent 2, agent 3 steered by spread out. Nobody has steered yet. In 3 "
    )
    assert "From you: agent 2" in alt and "0x" not in words + alt
    assert Image.open(io.BytesIO(base64.b64decode(picture))).size == (480, 480)


def test_a_page_stored_after_some_steps_shows_them(steer):
    steer.press("up")
    data, _ = steer._repr_mimebundle_()
    assert "you pushed up, your agent was paid" in data["text/plain"] and "Nobody has" not in data["text/plain"]


@pytest.mark.parametrize(
    ("build", "seat"),
    [(simple_spread, 2), (simple_tag, 3), (simple_tag, 0), (simple_push, 0), (simple_push, 1), (simple_adversary, 0)],
)
def test_it_works_in_every_world_with_seats_to_steer(build, seat):
    panel = made(build, 3, do_nothing, seat)
    hear(panel, hold={"force": [1, -1]})
    pass_time(panel, 1)
    hear(panel, hold={"force": [0, 0]})
    panel.start()
    panel.start()
    pass_time(panel, 1)
    assert panel.over and panel.describe() and panel.png()
    assert panel.flight.game.labels[seat] in panel.board.box.children[0].value


def test_a_goal_that_the_agent_cannot_see_is_not_told_before_the_end():
    panel = made(simple_push, 3, do_nothing, "adversary_0")
    panel.press("up")
    panel.tick()
    told = (
        panel.board.words.value
        + panel.board.status.value
        + panel.board.stick.says
        + panel.view.alt_text(panel.recording)
    )
    assert "the goal," not in told and "was paid" not in told and "returns are told at the end" in told
    hidden = panel.png()
    other = made(simple_push, 3, do_nothing, "adversary_0")
    begun = other.flight.game.state
    other.flight.game.state = begun._replace(goals=1 - begun.goals)
    other.press("up")
    assert other.png() == hidden, "the picture does not depend on it"
    panel.press("up")
    panel.press("up")
    panel.tick()
    assert "the goal," in panel.view.alt_text(panel.recording) and "your return is" in panel.board.words.value
    knows = made(simple_push, 3, do_nothing, "agent_0")
    knows.press("up")
    knows.tick()
    assert "the goal," in knows.view.alt_text(knows.recording) and "was paid" in knows.board.words.value


def test_words_of_steps():
    panel = made()
    assert panel.describe() == "Episode 1 of 2, step 0 of 4: nobody has moved yet."
    panel.press((-0.25, 0))
    assert panel.describe().startswith(
        "Episode 1 of 2, step 1 of 4: you pushed left with 25 % of the force, your agent"
    )
    assert "landmark 1 " in panel.view.alt_text(panel.recording) and "You, agent 1, are at" in (
        panel.view.alt_text(panel.recording)
    )
    panel.tick()
    assert panel.board.stick.says.startswith(panel.describe()) and "From you:" in panel.board.stick.says
    panel.start()
    panel.tick()
    assert panel.board.stick.says.startswith("Time runs"), "a screen reader is not flooded while time runs"


def test_names_of_all_kinds_are_shown_as_they_are():
    panel = Steer(Flight(simple_spread(max_steps=1), spread_out, called="<b>$x$</b>"), episodes=1, title="<i>")
    panel.press("up")
    panel.tick()
    assert "&lt;b&gt;$x$&lt;/b&gt;" in panel.board.words.value and "<b>$x$" not in panel.board.table.value
    assert "<i>" not in panel.board.box.children[0].value


def test_a_flight_that_somebody_else_moved_is_not_flown_on(steer):
    steer.press("up")
    steer.flight.advance(1)
    with pytest.raises(ValueError, match="this flight is not where this panel left it"):
        steer.press("up")
    hear(steer, hold={"force": [1, 0]})
    assert "another cell or panel has moved it" in steer._notice and not steer.playing
    steer.new_match()
    steer.press("up")
    assert steer.moment == 1


def test_a_policy_that_fails_in_flight_is_told_and_time_stops():
    calls = []

    def tired(world):
        calls.append(world.steps)
        if len(calls) > 12:
            raise RuntimeError("I'd <b>rather</b> not")
        return do_nothing(world)

    panel = made(policy=tired)
    panel.start()
    with pytest.raises(RuntimeError):
        pass_time(panel, 3)
    panel.fail(RuntimeError("I'd <b>rather</b> not"))  # as the engine does
    assert "&lt;b&gt;rather" in panel.board.notice.value and not panel.playing


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda flight: Steer(spread_out), "flight is <function.*; expected a Flight"),
        (lambda flight: Steer(Match(climbing(), ModelPartner())), "expected a Flight"),
        (lambda flight: Steer(flight, episodes=0), "episodes is 0; expected a whole number from 1 to 400"),
        (lambda flight: Steer(flight, episodes=401), "episodes is 401"),
        (lambda flight: Steer(flight, pace="fast"), "pace is 'fast'; expected one of 'real time', 'step by step'"),
        (lambda flight: Steer(flight, speed=0), "speed is 0; expected a whole number from 1 to 30"),
        (lambda flight: Steer(flight, name=10), "name is 10; expected a text"),
        (lambda flight: Steer(Flight(simple_spread(max_steps=3000), do_nothing)), "has 3,000 steps; expected fewer"),
        (lambda flight: Steer(flight).press("north"), "force is 'north'; expected one of 'up left', 'up'"),
        (lambda flight: Steer(flight).press([2, 0]), r"force is \[2, 0\]; expected two numbers from -1 to 1"),
        (lambda flight: Steer(flight).aim([1]), r"place is \[1\]; expected two numbers"),
        (lambda flight: Steer(flight).look_at(-1), "moment is -1"),
    ],
)
def test_bad_input_is_told_in_a_sentence(make, message):
    with pytest.raises(ValueError, match=message):
        make(Flight(simple_spread(max_steps=4), spread_out))


def test_in_an_event_loop_time_runs_by_itself():
    steer = made(speed=30)
    steer.metronome.clock = time.monotonic

    async def session():
        steer._repr_mimebundle_()
        hear(steer, hold={"force": [1, 0]})
        for _ in range(400):
            await asyncio.sleep(0.01)
            hear(steer, seen=steer.board.stick.at)
            if "Episode 1 is over" in steer.board.words.value:
                return steer.moment

    assert asyncio.run(session()) == 4


def test_the_view_refuses_what_is_no_flight():
    for game in (None, gridworld("1A\n2B"), simple_spread()):
        recording = Recording("x", "step", game=game)
        recording.append(0, {"step": np.zeros(1)})
        with pytest.raises(ValueError, match="FlightView: "):
            FlightView().alt_text(recording)
    with pytest.raises(ValueError, match="FlightView: nothing was drawn yet"):
        FlightView().window()


def test_no_stylesheet_of_a_panel_changes_another():
    """Rules about the same elements in two files would hold for both panels, on a page that has both."""
    found = Counter()
    for file in (Path(panels.__file__).parent).glob("*.css"):
        rules = re.findall(r"([^{}]+)\{[^}]*\}", file.read_text())
        found.update({selector.strip() for rule in rules for selector in rule.split(",")})
    assert found[".marl-steer .marl-pad"] == 1
    assert [selector for selector, files in found.items() if files > 1] == []
    assert not any(selector.startswith(".marl-pad") for selector in found), "both panels have one"
