"""The picture of a flight: what its frames say the student may see, and arrows and directions in words."""

import numpy as np
import pytest
from painted import parts

from marl_edu.games import simple_push, simple_spread
from marl_edu.games.particles.controllers import do_nothing
from marl_edu.learning import Flight
from marl_edu.recording import Recording
from marl_edu.views import FlightView
from marl_edu.views.flight import ARROW, direction


@pytest.mark.parametrize(("seat", "knows"), [("adversary_0", False), ("agent_0", True)])
def test_a_view_that_was_told_nothing_hides_a_goal_that_the_students_agent_cannot_see(seat, knows, ax):
    flight = Flight(simple_push(max_steps=2), do_nothing, seat)
    recording = Recording.of(flight)
    for moment in range(3):
        flight.advance(min(moment, 1))
        recording.append(moment, flight.frame())
    assert [bool(recording[t]["goal_known"][0]) for t in range(3)] == [knows] * 3
    view = FlightView()
    for t, shown in ((1, knows), (2, True), (0, knows)):
        drawn = parts(view, ax, recording, t)["goal"].get_paths()
        assert ("the goal," in view.alt_text(recording, t)) == shown == bool(drawn)


def test_the_arrow_is_the_force_and_as_long_as_it_is_strong(ax):
    flight = Flight(simple_spread(max_steps=4), do_nothing)
    recording = Recording.of(flight)
    for moment, force in enumerate([(1, 0), (-0.25, 0.5), (0.1, -0.1)]):
        flight.choose(force)
        flight.advance(1)
        recording.append(moment, flight.frame())
        corners = parts(FlightView(), ax, recording, moment)["stick"].get_paths()[0].vertices
        tail, tip = (corners[0] + corners[-2]) / 2, corners[3]
        np.testing.assert_allclose(tip - tail, ARROW * np.array(force), atol=1e-9)


def test_a_circle_has_eight_directions_of_nearly_the_same_size():
    angles = np.radians(np.arange(0.5, 360))
    found = [direction(np.array([np.cos(angle), np.sin(angle)])) for angle in angles]
    names, counts = np.unique(found, return_counts=True)
    assert len(names) == 8 and counts.min() >= 42 and counts.max() <= 48, dict(zip(names, counts, strict=True))
    assert [found[degrees] for degrees in (0, 45, 90, 135, 180, 225, 270, 315)] == [
        "right", "up right", "up", "up left", "left", "down left", "down", "down right"]  # fmt: skip
