"""The picture of a gap: what is drawn where, and in which dashes."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from scipy import stats

from marl_edu.panels.sketch import blank
from marl_edu.views import gap
from marl_edu.views.base import REFERENCE_STYLES
from marl_edu.views.curve_frame import GUESS

X, Y = (0, 100, "steps"), (0, 10, "return")
LEVELS = {"team optimum": 9.0, "random play": 1.0}


def legend_of(ax) -> list[str]:
    return [text.get_text() for key in ax.get_children() if hasattr(key, "get_texts") for text in key.get_texts()]


def test_mean_and_interval_are_those_of_the_textbook():
    values = np.random.default_rng(0).normal(size=(4, 6))
    truth = gap.Truth.of_values(range(4), values)
    np.testing.assert_allclose(truth.middle, values.mean(axis=1))
    low, high = stats.t.interval(0.95, 5, values.mean(axis=1), stats.sem(values, axis=1))
    np.testing.assert_allclose(truth.low, low)
    np.testing.assert_allclose(truth.high, high)


def test_unknown_values_are_left_out():
    truth = gap.Truth.of_values([0, 1, 2], [[1, np.nan], [np.nan, np.nan], [1, 3]])
    assert truth.places.tolist() == [0, 2] and truth.middle.tolist() == [1, 2]
    assert np.isnan(truth.low[0]) and truth.seeds == 2


def test_references_have_the_dashes_of_the_house_and_are_named():
    ax = blank().axes[0]
    lines = gap.decorate(ax, X, Y, LEVELS)
    assert {line.get_ydata()[0]: line._unscaled_dash_pattern for line in lines} == {
        9.0: REFERENCE_STYLES["team optimum"],
        1.0: REFERENCE_STYLES["random play"],
    }
    assert legend_of(ax) == ["team optimum 9", "random play 1"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("steps", "return")


def test_a_level_outside_of_the_axes_is_said_and_moves_nothing():
    ax = blank().axes[0]
    gap.decorate(ax, X, Y, {"random play": -35.0, "team optimum": 12.0})
    assert ax.get_ylim() == (0, 10)
    assert legend_of(ax) == ["team optimum 12 (above)", "random play −35 (below)"]


@pytest.mark.parametrize("seeds, label", [(1, "1 seed"), (4, "mean of 4 seeds, 95 % interval")])
def test_truth_guess_and_gap_are_drawn_and_named(seeds, label):
    ax = blank().axes[0]
    truth = gap.Truth.of_values([0, 50, 100], np.add.outer([1.0, 5, 8], np.linspace(0, 1, seeds)))
    grid = np.linspace(0, 100, 101)
    artists = gap.draw_curves(ax, X, Y, truth, (grid, np.full(101, 4.0)), LEVELS)
    np.testing.assert_allclose(artists["truth"].get_ydata(), truth.middle)
    assert to_hex(artists["guess"].get_color()) == GUESS and artists["guess"].is_dashed()
    assert legend_of(ax) == ["team optimum 9", "random play 1", label, "your guess", "the gap"]
    box = artists["gap"].get_datalim(ax.transData)
    assert (box.y0, box.y1) == pytest.approx((truth.middle[0], truth.middle[-1]))
    ax.figure.canvas.draw()


def test_without_a_guess_the_truth_stands_alone_at_the_same_place():
    figure, other = blank(), blank()
    truth = gap.Truth.of_values([0, 100], [[1, 2], [3, 4]])
    artists = gap.draw_curves(figure.axes[0], X, Y, truth)
    assert "guess" not in artists and "gap" not in artists
    gap.decorate(other.axes[0], X, Y)
    assert figure.axes[0].get_position().bounds == other.axes[0].get_position().bounds


def test_the_axes_grow_to_hold_the_truth():
    ax = blank().axes[0]
    gap.draw_curves(ax, X, Y, gap.Truth.of_values([0, 100], [[-5], [20]]))
    low, high = ax.get_ylim()
    assert low < -5 and high > 20
    gap.draw_markers(blank(True).axes[0], (0, 10, "share"), 12.0, 11.0, 13.0, 5.0)


@pytest.mark.parametrize("guess", [None, 3.0, 7.0])
def test_markers(guess):
    ax = blank(marker=True).axes[0]
    artists = gap.draw_markers(ax, (0, 10, "share (%)"), 5.0, 4.0, 6.0, guess, {"random play": 1.0})
    assert artists["interval"].get_xdata().tolist() == [4, 6]
    assert ("gap" in artists) == (guess is not None)
    ax.figure.canvas.draw()


def test_all_of_the_legend_fits_however_long_the_names():
    ax = blank().axes[0]
    truth = gap.Truth.of_values([0, 100], np.ones((2, 100)))
    grid = np.linspace(0, 100, 101)
    levels = {"a very long name of a level " * 3: 5.0, "another one that goes on and on " * 3: 3.0}
    gap.draw_curves(ax, X, Y, truth, (grid, grid / 10), levels)
    ax.figure.canvas.draw()
    for key in ax.get_children():
        if hasattr(key, "get_texts"):
            assert key.get_window_extent().x1 <= ax.figure.bbox.x1
            assert key.get_window_extent().y1 <= ax.figure.bbox.y1


def test_dollars_and_signs_in_names_are_letters():
    ax = blank().axes[0]
    gap.decorate(ax, (0, 1, "$x_i$ % steps"), (0, 1, "$\\frac{"), {"$^$": 0.5})
    ax.figure.canvas.draw()


def test_alt_text_says_nothing_of_what_lies_beside_the_axis():
    truth = gap.Truth.of_values([-50, 0, 100, 10_000], [7, 1, 3, 99])
    assert "from 1 at 0 to 3 at 100." in gap.alt_text(X, Y, truth)


def test_seeds_are_counted_where_they_are_known():
    truth = gap.Truth.of_values([0, 1, 2], [[1, 2, 3], [1, np.nan, 3], [np.nan, np.nan, 3]])
    assert [truth.seeds_at(place) for place in (0, 0.5, 1, 2, 9)] == [
        "mean of 3 seeds",
        "mean of the 2 of 3 seeds known there",
        "mean of the 2 of 3 seeds known there",
        "1 of 3 seeds known there",
        "1 of 3 seeds known there",
    ]
    assert truth.label == "mean of 1 to 3 seeds, 95 % interval"


def test_alt_text_says_what_is_there():
    truth = gap.Truth.of_values([0, 100], [[1, 2], [3, 4]])
    grid = np.array([0.0, 100.0])
    words = gap.alt_text(X, Y, truth, (grid, np.array([2.0, 5.0])), LEVELS)
    assert words == (
        "Return against steps (mean of 2 seeds with its 95 % interval): from 1.50 at 0 to 3.50 at 100. Your guess, in "
        "dashes, goes from 2 to 5; the gap between the two is shaded. Lines mark team optimum 9, random play 1."
    )
