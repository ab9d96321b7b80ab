"""Rates on logarithmic axes: the line that is promised, what is drawn, how the axes grow."""

import numpy as np
import pytest
from painted import extend, parts, up_to

from marl_edu.games import matching_pennies
from marl_edu.recording import Recording
from marl_edu.views import RateView
from marl_edu.views.base import REFERENCE_STYLES
from marl_edu.views.rate_frame import MOST_DECADES
from marl_edu.views.rates import MOST_POINTS


def falling(slope=-0.5, moments=200, every=10, runs=6, height=2.0):
    """A quantity that falls as a power, each seed and agent a little differently; 0 at the start."""
    recording = Recording("falling", "step", game=matching_pennies())
    factors = np.linspace(0.5, 1.5, 2 * runs).reshape(runs, 2)
    for t in range(moments):
        level = height * (every * t) ** slope if t else 0.0
        recording.append(every * t, {"regret": level * factors, "gap": level * factors[:, 0]})
    return recording


@pytest.mark.parametrize("slope", [-0.5, -1.0, -0.25])
def test_a_rate_that_is_kept_lies_on_its_line(slope):
    recording, view = falling(slope), RateView("regret", slope)
    units = recording.units[1:]
    np.testing.assert_allclose(view.promised(recording, units), 2 * units.astype(float) ** slope)
    assert f"fallen with slope {slope:.2f}".replace("-", "−") in view.alt_text(recording)


@pytest.mark.parametrize("rate", [-0.1, -0.5, -2])
def test_the_line_touches_from_above(rate):
    recording, view = falling(-0.5), RateView("gap", rate)
    bands = view.bands(recording)
    ratio = bands.middle[:, 0] / view.promised(recording, bands.units)
    assert ratio.max() == pytest.approx(1) and (ratio <= 1 + 1e-12).all()


def test_a_bound_is_drawn_as_it_is(ax):
    recording = falling()
    drawn = parts(RateView("regret", lambda t: 5 / np.sqrt(t), "a bound"), ax, recording, -1)
    units, heights = drawn["promise"].get_data()
    np.testing.assert_allclose(heights, 5 / np.sqrt(units))
    assert drawn["promise"].get_linestyle() == "--" and REFERENCE_STYLES["team optimum"]
    texts = [text.get_text() for text in ax.findobj(lambda artist: hasattr(artist, "get_text"))]
    assert "a bound" in texts and "6 seeds: mean and range" in texts


def test_no_rate_no_line(ax):
    drawn = parts(RateView("regret", None), ax, falling(), -1)
    assert not np.isfinite(drawn["promise"].get_ydata()).any()
    assert "dashed" not in RateView("regret", None).alt_text(falling())


def test_past_and_future(ax):
    recording = falling()
    drawn = parts(RateView("gap"), ax, recording, 50)
    assert drawn["line 0"].get_xdata().max() == recording.units[50] == drawn["later 0"].get_xdata().min()
    np.testing.assert_allclose(drawn["dots"].get_offsets(), [[500, recording[50]["gap"].mean()]])
    low, high = drawn["band 0"].get_paths()[0].get_extents().get_points()[:, 1]
    assert low < recording[-1]["gap"].mean() and high >= recording[1]["gap"].max() - 1e-9


def test_each_agent_has_its_line(ax):
    drawn = parts(RateView("regret", agents="each"), ax, falling(), -1)
    assert drawn["line 1"].get_ydata()[-1] > drawn["line 0"].get_ydata()[-1]
    assert "agent 1 " in RateView("regret", agents="each").alt_text(falling())


def test_what_has_no_logarithm_is_left_out(ax):
    recording = Recording("regret that is none", "step")
    for t in range(30):
        recording.append(t, {"regret": np.array([-1.0 if t % 2 else 0.5, 0.0])})
    view = RateView("regret")
    drawn = parts(view, ax, recording, -1)
    ax.figure.canvas.draw()
    assert np.isnan(drawn["line 0"].get_ydata()).any()
    for t in range(3):
        view(ax, recording, t)
        assert "nan" not in view.alt_text(recording, t)
    nothing = up_to(recording, 1)
    parts(view, ax, nothing, 0)
    ax.figure.canvas.draw()


def test_the_axes_hold_all_and_grow_in_steps(ax):
    recording = falling(-1.0, moments=400)
    early, view, limits = up_to(recording, 1), RateView("gap", -1), []
    for moments in range(1, len(recording) + 1):
        extend(early, recording, moments)
        view(ax, early, -1)
        limits.append((*ax.get_xlim(), *ax.get_ylim()))
    bands = view.bands(recording)
    low, high = ax.get_ylim()
    assert low <= bands.middle.min() and high >= bands.high.max() and ax.get_xlim()[1] >= recording.units[-1]
    assert len(set(limits)) <= 15
    view = RateView("gap")
    view.expected_units = 10**6
    view(ax, recording, -1)
    assert ax.get_xlim()[1] >= 10**6


def test_the_axis_has_an_end_below(ax):
    view = RateView("gap", -5)
    view(ax, falling(-5.0), -1)
    low, high = np.log10(ax.get_ylim())
    assert high - low <= MOST_DECADES + 1


def test_long_runs_are_thinned_evenly_on_the_axis(ax):
    recording = falling(moments=1500)
    bands = RateView("gap").bands(recording)
    assert len(bands.units) <= MOST_POINTS and bands.units[0] == 10 and bands.units[-1] == recording.units[-1]
    steps = np.diff(np.log(bands.units))
    assert steps[len(steps) // 2 :].max() < 0.05


def test_earlier_runs_are_drawn_and_named_and_leave_again(ax):
    recording, view = falling(), RateView("gap")
    for ghosts in ([("before", falling(-0.2))], []):
        view.ghosts = ghosts
        view(ax, recording, -1)
        texts = [text.get_text() for text in ax.findobj(lambda artist: hasattr(artist, "get_text"))]
        assert ("before" in texts) == bool(ghosts)


def test_a_run_done_again_much_smaller_gets_other_limits(ax):
    view = RateView("gap")
    view(ax, falling(), -1)
    high = ax.get_ylim()[1]
    view(ax, falling(height=0.002), -1)
    assert ax.get_ylim()[1] < high / 100


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"quantity": 3}, "quantity is 3; expected a text"),
        ({"rate": "fast"}, "rate is 'fast'; expected a finite number"),
        ({"agents": "all"}, "agents is 'all'; expected one of"),
        ({"band": "wide"}, "band is 'wide'; expected one of"),
        ({"label": 3}, "label is 3; expected a text"),
    ],
)
def test_what_it_cannot_use_is_refused(options, message):
    with pytest.raises(ValueError, match=f"RateView: {message}"):
        RateView(**options)


def test_what_it_cannot_show_is_refused(ax):
    with pytest.raises(ValueError, match="no array 'loss' was recorded"):
        RateView("loss")(ax, falling(), 0)
    with pytest.raises(ValueError, match=r"rate gave an array of shape \(\); expected"):
        RateView("gap", lambda units: 3.0)(ax, falling(), -1)
