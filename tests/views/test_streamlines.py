"""Curves along a field: where they run, where they end, and that there are not too many."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from painted import parts
from played import of, played, replicator

from marl_edu.games import battle_of_the_sexes, matching_pennies, rock_paper_scissors
from marl_edu.learning import GradientAscent
from marl_edu.views import Simplex, UnitSquare
from marl_edu.views.simplex import CORNERS
from marl_edu.views.streamlines import NEARER, heads, streamlines

SQUARE = UnitSquare.corners
SEEDS = np.stack(np.meshgrid(*[(np.arange(9) + 0.5) / 9] * 2), axis=-1).reshape(-1, 2)
APART = 0.065


def drawn_by(view, ax, recording, t=-1):
    """The drawn curves, without their heads."""
    segments = parts(view, ax, recording, t)["field"].get_segments()
    return segments[: len(segments) // 2]


def curves(drive, seeds=SEEDS, corners=SQUARE):
    return [line.points for line in streamlines(drive, seeds, corners, APART)]


def closed(points):
    return bool((points[0] == points[-1]).all())


def test_a_centre_gives_circles(ax):
    """Gradient ascent in matching pennies turns around the middle: what does not leave the square is closed."""
    lines = drawn_by(UnitSquare(GradientAscent.velocity, flow="streamlines"), ax, played(matching_pennies()))
    inner = [line for line in lines if np.hypot(*(line - 0.5).T).max() < 0.499]
    assert len(inner) >= 4 and all(closed(line) for line in inner)
    for line in lines:
        radius = np.hypot(*(line - 0.5).T)
        assert np.ptp(radius) < 2e-3  # of which most is where the cubics pass
    corners = [line for line in lines if not closed(line)]
    assert len(corners) >= 4
    for line in corners:
        ends = line[[0, -1]]
        np.testing.assert_allclose(np.minimum(ends, 1 - ends).min(axis=1), 0, atol=1e-9)  # they end at the edge


def test_curves_run_along_the_field(ax):
    view, recording = UnitSquare(replicator, flow="streamlines"), played(battle_of_the_sexes())
    tables = view.tables(recording, -1)
    lines = drawn_by(view, ax, recording)
    assert len(lines) >= 12
    for line in lines:
        middles, chords = (line[1:] + line[:-1]) / 2, np.diff(line, axis=0)
        policies = view.policies(middles, recording, -1)
        field = view.where(replicator(np.broadcast_to(tables, (len(policies), 2, 2, 2)), policies))
        cosine = (field * chords).sum(axis=1) / (np.hypot(*field.T) * np.hypot(*chords.T))
        assert cosine.min() > 0.85 and cosine.mean() > 0.99  # the least at the saddle, where they turn sharply


@settings(deadline=None, max_examples=25)
@given(arrays(float, (2, 2, 2), elements=st.integers(-4, 4).map(float)))
def test_all_stays_in_the_square(tables):
    recording, view = of(tables, moments=2, runs=2), UnitSquare()

    def drive(points):
        policies = view.policies(points, recording, -1)
        return view.where(GradientAscent.velocity(np.broadcast_to(tables, (len(policies), 2, 2, 2)), policies))

    lines = curves(drive)
    assert bool(lines) == bool(np.abs(drive(SEEDS)).max() > 0)
    for line in lines:
        assert line.min() >= -1e-9 and line.max() <= 1 + 1e-9 and np.isfinite(line).all()


@pytest.mark.parametrize("against", ["self", "present"])
def test_all_stays_in_the_triangle(against, ax):
    recording = played(rock_paper_scissors(), together=True, runs=2)
    lines = drawn_by(Simplex(replicator, against=against, flow="streamlines"), ax, recording)
    assert len(lines) >= 5
    for line in lines:
        shares = np.linalg.solve(np.vstack([CORNERS.T, np.ones(3)]), np.vstack([line.T, np.ones(len(line))]))
        assert shares.min() >= -1e-9


def test_curves_keep_apart_and_leave_no_hole(ax):
    lines = curves(lambda points: np.column_stack([np.ones(len(points)), points[:, 0] - 0.3]))
    for k, line in enumerate(lines):
        others = np.concatenate([*lines[:k], *lines[k + 1 :]])
        near = np.hypot(*(line[:, np.newaxis] - others).transpose(2, 0, 1)).min()
        assert near > 0.6 * NEARER * APART  # near cells of a grid are as good as near
    every = np.concatenate(lines)
    assert np.hypot(*(SEEDS[:, np.newaxis] - every).transpose(2, 0, 1)).min(axis=1).max() < 1.3 * APART


def test_a_spiral_does_not_run_over_itself():
    turn = np.array([[-0.005, 1.0], [-1.0, -0.005]])  # inwards, by 3 % a turn
    lines = curves(lambda points: (points - 0.5) @ turn.T, seeds=np.array([[0.5, 0.9]]))
    assert len(lines) == 1 and not closed(lines[0])
    assert np.hypot(*np.diff(lines[0], axis=0).T).sum() < 2 * np.pi * 0.45


def test_curves_end_where_the_field_rests_or_turns_back():
    (line,) = curves(lambda points: 0.5 - points, seeds=np.array([[0.9, 0.9]]))
    np.testing.assert_allclose(line[0], [1, 1])
    assert np.hypot(*(line[-1] - 0.5)) < 0.07 and (np.diff(line[:, 0]) < 0).all()

    (line,) = curves(lambda points: np.where(points > 0.5, -1.0, 1.0) * [1, 0], seeds=np.array([[0.9, 0.9]]))
    assert 0.4 < line[-1, 0] < 0.6  # the field jumps there


@pytest.mark.parametrize("view", [UnitSquare, Simplex])
def test_no_field_no_curves(view, ax):
    recording = played(matching_pennies() if view is UnitSquare else rock_paper_scissors())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert drawn_by(view(lambda tables, policies: 0 * policies, flow="streamlines"), ax, recording) == []
        ax.figure.canvas.draw()


def test_where_a_field_is_undefined_no_curve_goes():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lines = curves(lambda points: np.nan_to_num(np.where(points[:, :1] > 0.5, np.nan, 1.0) * [1.0, 0.2]))
    assert lines and max(line.max(axis=0)[0] for line in lines) < 0.6


def test_other_payoffs_bring_other_curves(ax):
    view = UnitSquare(replicator, flow="streamlines")
    recording = played(matching_pennies(), later=[[[2, 0], [0, 1]], [[1, 0], [0, 2]]])
    early, late, again = (drawn_by(view, ax, recording, t) for t in (0, -1, 0))
    assert all(closed(line) for line in early[:2]) and not any(closed(line) for line in late)
    assert len(early) == len(again) and all((a == b).all() for a, b in zip(early, again, strict=True))


def test_each_curve_has_a_head_that_points_along_it(ax):
    view = UnitSquare(replicator, flow="streamlines")
    field = parts(view, ax, played(matching_pennies()), 0)["field"]
    segments, filled = field.get_segments(), field.get_facecolors()[:, 3] > 0
    half = len(segments) // 2
    assert not filled[:half].any() and filled[half:].all()
    for line, head in zip(segments[:half], segments[half:], strict=True):
        middle = line[len(line) // 2]
        tip, base = head[0] - middle, head[1:3].mean(axis=0) - middle
        along = middle - line[len(line) // 2 - 1]
        assert tip @ along > 0 > base @ along
    assert heads([], 1.0).shape == (0, 3, 2)


@pytest.mark.parametrize("view", [UnitSquare, Simplex])
def test_other_ways_of_drawing_a_field_are_refused(view):
    with pytest.raises(ValueError, match=f"{view.__name__}: flow is 'dots'; expected one of 'arrows', 'streamlines'"):
        view(flow="dots")
