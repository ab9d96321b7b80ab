"""The distance to the exact values on a logarithmic axis: its numbers, its promise, and how it is painted."""

import copy

import numpy as np
import pytest
from matplotlib.legend import Legend
from painted import parts, redraws_while_growing, up_to, walked

from marl_edu import record
from marl_edu.games import climbing, gridworld, random_game
from marl_edu.planning import PolicyEvaluation, ShapleyIteration, ValueIteration
from marl_edu.recording import Recording
from marl_edu.views import ContractionView, figure
from marl_edu.views.contraction import FLOOR
from marl_edu.views.figures import blank


@pytest.fixture(scope="module")
def run():
    return record(ValueIteration(gridworld(["1.2", "...", "B.A"], discount=0.8, slip=0.1)), 40, 1)


@pytest.mark.parametrize("kind", [PolicyEvaluation, ValueIteration, ShapleyIteration])
def test_no_error_is_above_what_gamma_promises(kind):
    game = random_game(2, 6, 3, 5, discount=0.7, zero_sum=kind is ShapleyIteration)
    recording, view = record(kind(game), 40, 1), ContractionView()
    promised = view.promised(recording)
    np.testing.assert_allclose(promised, view.errors(recording)[0] * 0.7 ** np.arange(41))
    assert (view.errors(recording) <= promised + 1e-9).all()


def test_a_world_without_end_keeps_the_promise_to_the_letter():
    recording = record(ValueIteration(climbing(discount=0.5, horizon=None)), 10, 1)
    view = ContractionView()
    np.testing.assert_allclose(view.errors(recording), view.promised(recording))
    assert "multiplied by 0.500 at each sweep" in view.alt_text(recording)


def test_a_discount_that_changes_starts_the_promise_anew():
    sweeps = ValueIteration(climbing(discount=0.5, horizon=None))
    recording = record(sweeps, 4, 1)
    sweeps.set(discount=0.75)
    record(sweeps, 4, 1, recording)
    view = ContractionView()
    errors, promised = view.errors(recording), view.promised(recording)
    changed = next(t for t in range(len(recording)) if recording.hyperparameters(t)["discount"] == 0.75)
    assert promised[changed] == errors[changed]
    np.testing.assert_allclose(promised[-1], errors[changed] * 0.75 ** (recording.units[-1] - recording.units[changed]))


def test_frames_that_lie_apart_are_promised_by_their_distance(run):
    thin = record(ValueIteration(run.game), 40, 8)
    np.testing.assert_allclose(ContractionView().promised(thin), ContractionView().promised(run)[::8])


def test_the_axis_is_logarithmic_and_shows_all(run, ax):
    view = ContractionView()
    drawn = parts(view, ax, run, 10)
    errors = view.errors(run)
    assert ax.get_yscale() == "log" and ax.get_xlim()[1] >= 40
    low, high = ax.get_ylim()
    rounding = view.rounding(run)
    assert low <= max(errors.min(), rounding[-1]) and high >= errors.max()
    np.testing.assert_allclose(drawn["line"].get_ydata(), errors[:11])
    np.testing.assert_allclose(drawn["later"].get_ydata(), np.maximum(errors, rounding)[10:])
    assert drawn["dot"].get_data()[1][0] == errors[10]


def test_an_error_of_zero_can_be_drawn(ax):
    game = climbing(discount=0, horizon=None)
    drawn = parts(ContractionView(), ax, record(ValueIteration(game), 3, 1), -1)
    assert (drawn["line"].get_ydata() >= FLOOR).all()


def test_what_is_only_rounding_is_said_and_cut_off(ax):
    """No line below what the numbers of a computer can tell apart, and no promise that seems broken there."""
    game = gridworld(["1..", "...", "..G"], discount=0.5)
    recording, view = record(PolicyEvaluation(game), 120, 1), ContractionView()
    errors, rounding = view.errors(recording), view.rounding(recording)
    np.testing.assert_allclose(rounding[-1], 1e-12 * np.abs(recording[-1]["values"]).max())
    first = int(np.argmax(errors <= rounding))
    assert 20 < first < 100 and (errors[first:] <= rounding[first:]).all()
    assert "as exact as this computer's numbers are" in view.alt_text(recording, -1)
    assert "promises" not in view.alt_text(recording, -1) and "promises" in view.alt_text(recording, first - 1)
    drawn = parts(view, ax, recording, -1)
    for name in ("line", "promise"):
        assert drawn[name].get_ydata().min() == pytest.approx(rounding[-1])
    assert rounding[-1] / 10 < ax.get_ylim()[0] <= rounding[-1]


def test_without_values_rounding_is_a_fixed_number(run):
    bare = Recording("other", "sweep", game=run.game)
    bare.append(0, {"error": np.zeros(1)}, {"discount": 0.5})
    assert ContractionView().rounding(bare).tolist() == [FLOOR]
    assert "as exact" in ContractionView().alt_text(bare)


@pytest.mark.parametrize("discount", [0.05, 0.5, 0.9, 0.97, 0.999])
@pytest.mark.parametrize("ghosts", [0, 1, 3])
@pytest.mark.parametrize("n_views", [1, 3])
def test_no_curve_runs_behind_the_legend(discount, ghosts, n_views):
    """Fast or slow, alone or beside pinned runs, in wide axes and in narrow ones."""
    game = gridworld(["1..", "...", "..G"], discount=discount)
    recording, view = record(PolicyEvaluation(game), 40, 1), ContractionView()
    view.ghosts = [(f"discount {k}", record(PolicyEvaluation(game.replace(discount=k / 10)), 40, 1))
                   for k in range(1, ghosts + 1)]  # fmt: skip
    drawn = figure([view] * n_views, recording, 40)
    drawn.canvas.draw()
    for axes in drawn.axes:
        (key,) = [child for child in axes.get_children() if isinstance(child, Legend)]
        bottom = key.get_window_extent().y0
        for line in axes.lines:
            if len(line.get_xdata()) > 2:
                assert line.get_window_extent().y1 < bottom + 3


def test_the_promise_reaches_as_far_as_the_run_will(run, ax):
    view = ContractionView()
    view.expected_units = 100
    early = up_to(run, 5)
    drawn = parts(view, ax, early, -1)
    units, promised = drawn["promise"].get_data()
    assert units[-1] == 100 and ax.get_xlim()[1] >= 100
    np.testing.assert_allclose(promised[-1], view.errors(run)[0] * 0.8**100)


def test_earlier_runs_are_drawn_and_named_and_leave_again(run, ax):
    view = ContractionView()
    view.ghosts = [("discount 0.5", record(ValueIteration(run.game.replace(discount=0.5)), 30, 1))]
    view(ax, run, -1)
    texts = [text.get_text() for text in ax.findobj(lambda artist: hasattr(artist, "get_text"))]
    assert "discount 0.5" in texts
    view.ghosts = []
    view(ax, run, -1)
    texts = [text.get_text() for text in ax.findobj(lambda artist: hasattr(artist, "get_text"))]
    assert "discount 0.5" not in texts and "error" in texts


def test_moving_leaves_the_still_part_alone(run):
    drawn, view = blank(1), ContractionView()
    for t in range(len(run)):
        artists = view(drawn.axes[0], run, t)
    for artist in artists:
        artist.set_animated(True)
    drawn.canvas.draw()
    for t in range(0, len(run), 7):
        assert view(drawn.axes[0], run, t) == artists
        assert not drawn.stale


def test_growing_seldom_makes_everything_stale(run):
    view = ContractionView()
    view.expected_units = 40
    assert redraws_while_growing(view, blank(1).axes[0], run) <= 10


def test_scrubbing_leaves_nothing_behind(run):
    ways = ([*range(len(run)), 30], [*range(len(run)), 4, 0, 9, 30])
    np.testing.assert_array_equal(*(walked(ContractionView(), blank(2), run, way) for way in ways))


def test_words_lie_within_the_picture_and_can_be_read(run):
    for n_views in (1, 2, 3):
        drawn = figure([ContractionView()] * n_views, run, 20)
        drawn.canvas.draw()
        width = drawn.bbox.width / n_views
        for k, axes in enumerate(drawn.axes):
            box = axes.get_tightbbox()
            assert box.x0 >= k * width and box.x1 <= (k + 1) * width and box.y0 >= 0 and box.y1 <= drawn.bbox.height
        sizes = [text.get_fontsize() for text in drawn.findobj(lambda artist: hasattr(artist, "get_fontsize"))]
        assert min(sizes) >= 9.5


def test_it_speaks(run):
    told = ContractionView().alt_text(run, 4)
    assert told == ContractionView().alt_text(run, 4 - len(run)) and told.endswith(".") and "after 4 sweeps" in told
    assert "nan" not in ContractionView("residual").alt_text(run, 4)
    assert ContractionView().alt_text(run, -1) != told


def test_a_copy_shares_nothing(run):
    view = ContractionView()
    view.ghosts = [("one", run)]
    twin = copy.copy(view)
    twin.ghosts.append(("two", run))
    assert len(view.ghosts) == 1


def test_what_it_cannot_show_is_refused(run, ax):
    bare = Recording("other", "sweep", game=run.game)
    bare.append(0, {"error": np.ones(1)})
    with pytest.raises(ValueError, match="expected a discount"):
        ContractionView()(ax, bare, 0)
    with pytest.raises(ValueError, match="no array 'other' was recorded"):
        ContractionView("other")(ax, run, 0)
    with pytest.raises(ValueError, match="title is 3; expected a text"):
        ContractionView(title=3)
