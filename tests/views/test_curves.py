"""The learning curve: right numbers, right places, what is pale, what is labelled."""

import numpy as np
import pytest
import scipy.stats
from matplotlib.legend import Legend
from painted import extend, parts, up_to

from marl_edu.games import climbing, simple_spread, simple_tag
from marl_edu.games.colours import INK
from marl_edu.learning import IndependentQLearning
from marl_edu.learning.particle_play import baselines
from marl_edu.recording import Recording, record
from marl_edu.views import REFERENCE_STYLES, LearningCurve, agent_colour
from marl_edu.views.base import in_words
from marl_edu.views.figures import blank


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_mean_and_student_interval_over_seeds(walk):
    bands = LearningCurve().bands(walk)
    for t in (0, 30, 60):
        per_seed = walk[t]["greedy_return"].mean(axis=1)
        low, high = scipy.stats.t.interval(0.95, 4, per_seed.mean(), scipy.stats.sem(per_seed))
        if per_seed.std() == 0:
            low = high = per_seed.mean()
        np.testing.assert_allclose(
            [bands.middle[t, 0], bands.low[t, 0], bands.high[t, 0]], [per_seed.mean(), low, high]
        )


def test_range_sum_and_each(walk):
    values = walk.series("td_error")
    spread = LearningCurve("td_error", agents="each", band="range").bands(walk)
    np.testing.assert_allclose(spread.high, values.max(axis=1))
    np.testing.assert_allclose(spread.middle, values.mean(axis=1))
    total = LearningCurve("td_error", agents="sum", band=None).bands(walk)
    np.testing.assert_allclose(total.middle[:, 0], values.sum(axis=2).mean(axis=1))
    assert np.isnan(total.low).all()


def test_the_line_goes_through_the_means_up_to_now_and_the_rest_is_pale(walk, ax):
    t = 20
    artists = parts(LearningCurve(), ax, walk, t)
    means = walk.series("greedy_return").mean(axis=(1, 2))
    np.testing.assert_allclose(artists["line 0"].get_xydata(), np.column_stack([walk.units, means])[: t + 1])
    np.testing.assert_allclose(artists["later line 0"].get_xydata(), np.column_stack([walk.units, means])[t:])
    assert np.mean(artists["later line 0"].get_color()) > 0.6 and artists["line 0"].get_color() == INK
    assert list(artists["cursor"].get_xdata()) == [walk.units[t]] * 2
    np.testing.assert_allclose(artists["dots"].get_offsets(), [[walk.units[t], means[t]]])

    artists = parts(LearningCurve(), ax, walk, -1)
    assert len(artists["later line 0"].get_xdata()) == 0 and not artists["later band 0"].get_paths()
    assert len(artists["line 0"].get_xdata()) == len(walk)


def test_limits_hold_everything_and_leave_the_words_free(walk, ax):
    view = LearningCurve()
    view(ax, walk, -1)
    bands = view.bands(walk)
    assert ax.get_ylim()[0] < min(np.nanmin(bands.low), min(walk.references.values()))
    assert ax.get_xlim()[0] <= 0 and ax.get_xlim()[1] >= walk.units[-1]
    ax.figure.canvas.draw()
    words = ax.get_legend().get_window_extent().y0
    top = max(np.nanmax(bands.high), walk.references["team optimum"])
    assert ax.transData.transform((0, top))[1] < words <= ax.bbox.y1
    (key,) = (artist for artist in ax.artists if isinstance(artist, Legend))
    bottom = min(np.nanmin(bands.low), min(walk.references.values()))
    assert ax.transData.transform((0, bottom))[1] > key.get_window_extent().y1


def test_limits_never_shrink_while_it_grows(walk, ax):
    view, early = LearningCurve(), up_to(walk, 1)
    seen = []
    for moments in range(1, len(walk) + 1):
        extend(early, walk, moments)
        view(ax, early, -1)
        seen.append([-ax.get_ylim()[0], ax.get_ylim()[1], ax.get_xlim()[1]])
    assert (np.diff(seen, axis=0) >= -1e-12).all()
    assert len({right for _, _, right in seen}) <= 8


def test_the_axis_reaches_as_far_as_the_run_will_go(walk, ax):
    view = LearningCurve()
    view.expected_units = 30_000
    view(ax, walk, -1)
    assert 30_000 <= ax.get_xlim()[1] < 31_000


def test_reference_levels_are_named_lines(walk, ax):
    LearningCurve()(ax, walk, -1)
    (key,) = (artist for artist in ax.artists if isinstance(artist, Legend))
    words = {text.get_text().replace("\N{MINUS SIGN}", "-") for text in key.get_texts()}
    for name, level in walk.references.items():
        assert f"{name} {in_words(level)}" in words
        (line,) = (x for x in ax.lines if len(x.get_ydata()) == 2 and np.allclose(x.get_ydata(), level))
        gap, dashes = line._unscaled_dash_pattern
        assert (gap, tuple(dashes)) == REFERENCE_STYLES[name]
    total = LearningCurve(agents="sum").levels(walk)
    assert total == {name: 2 * level for name, level in walk.references.items()}
    assert not LearningCurve("td_error").levels(walk)


@pytest.mark.parametrize("agents", ["mean", "each"])
@pytest.mark.parametrize("n_views", [1, 2, 3])
def test_the_levels_of_a_particle_world_are_told_apart_and_nothing_is_cut_off(n_views, agents):
    world = simple_spread()
    recording = Recording("MADDPG", "update", baselines(world, 20), world)
    for t in range(4):
        recording.append(1000 * t, {"greedy_return": np.full((1, 3), -22.0 + 3 * t)})
    drawn = blank(n_views)
    for ax in drawn.axes:
        LearningCurve(agents=agents)(ax, recording, -1)
    drawn.canvas.draw()
    for ax in drawn.axes:
        (key,) = (artist for artist in ax.artists if isinstance(artist, Legend))
        named = [text.get_text().rsplit(" ", 1)[0] for text in key.get_texts()]
        assert sorted(named) == ["controller", "do nothing", "random play"]
        styles = {str(line._unscaled_dash_pattern) for line in key.get_lines()}
        assert len(styles) == 3, "each has dashes of its own"
        box, room = key.get_window_extent(), ax.bbox
        assert box.x0 >= room.x0 - 1 and box.x1 <= room.x1 + 1 and box.y0 >= room.y0 - 1
        low, high = ax.get_ylim()
        assert all(low < level < high for level in recording.references.values())


def test_it_says_what_the_number_is(walk, ax):
    LearningCurve()(ax, walk, -1)
    assert ax.get_ylabel().split("\n") == ["greedy return", "exact, discounted, mean over agents"]
    assert ax.get_xlabel() == "environment steps"
    assert legend(ax) == ["mean of 5 seeds, 95 % interval"]


def test_a_long_label_is_wrapped_beside_short_axes(walk, ax):
    ax.set_position([0.3, 0.3, 0.6, 0.45])
    LearningCurve()(ax, walk, -1)
    assert len(ax.get_ylabel().split("\n")) == 3
    assert ax.yaxis.label.get_window_extent().height < 1.25 * ax.bbox.height


def test_limits_follow_axes_that_were_laid_out_anew(walk, ax):
    view = LearningCurve()
    view(ax, walk, -1)
    before = ax.get_ylim()
    ax.set_position([0.3, 0.3, 0.6, 0.35])
    view(ax, walk, -1)
    assert ax.get_ylim()[1] > before[1]
    after = ax.get_ylim()
    view(ax, walk, 5)
    assert ax.get_ylim() == after


def test_one_seed_is_labelled_and_has_no_band(ax):
    one = record(IndependentQLearning(climbing(), seeds=1), 500, 50)
    artists = parts(LearningCurve(), ax, one, -1)
    assert legend(ax) == ["1 seed"]
    assert not artists["band 0"].get_paths()
    assert "1 seed)" in LearningCurve().alt_text(one) and "interval" not in LearningCurve().alt_text(one)


def test_each_agent_has_its_colour_its_number_and_its_name(walk, ax):
    artists = parts(LearningCurve("td_error", agents="each"), ax, walk, -1)
    assert [artists[f"line {i}"].get_color() for i in (0, 1)] == [agent_colour(0), agent_colour(1)]
    assert artists["line 0"].get_linewidth() > artists["line 1"].get_linewidth()
    assert legend(ax)[:2] == ["agent 1", "agent 2"]
    assert len(artists["numbers"].get_paths()) == 2


def test_earlier_runs_appear_and_go_at_the_next_call(walk, own_walk, ax):
    view = LearningCurve()
    view(ax, walk, -1)
    before = len(ax.lines)
    view.ghosts = [("own position", own_walk), ("the first half", up_to(walk, 30))]
    view(ax, walk, -1)
    assert len(ax.lines) == before + 2
    assert legend(ax)[1:] == ["own position", "the first half"]
    first, second = ax.lines[-2:]
    np.testing.assert_allclose(first.get_ydata(), own_walk.series("greedy_return").mean(axis=(1, 2)))
    assert first.get_color() != second.get_color() and first.get_marker() != second.get_marker()
    assert first.get_zorder() < 3
    for artist in view(ax, walk, -1):
        artist.set_animated(True)
    ax.figure.canvas.draw()
    view(ax, walk, 4)
    assert not ax.figure.stale
    view.ghosts = []
    view(ax, walk, -1)
    assert len(ax.lines) == before and legend(ax)[1:] == []


def test_a_higher_earlier_run_fits_in(climb, walk, ax):
    view = LearningCurve()
    view(ax, walk, -1)
    view.ghosts.append(("climbing", climb))
    view(ax, walk, -1)
    assert ax.get_ylim()[1] > climb.series("greedy_return").mean(axis=(1, 2)).max()


def test_what_is_not_known_yet_is_left_out(ax):
    recording = Recording("example", "step")
    rows = [[np.nan, np.nan], [np.nan, 4.0], [2.0, 4.0], [3.0, 3.0]]
    for t, row in enumerate(rows):
        recording.append(t, {"episode_return": np.array(row)})
        LearningCurve("episode_return")(ax, recording, -1)
    bands = LearningCurve("episode_return").bands(recording)
    np.testing.assert_allclose(bands.middle[:, 0], [np.nan, 4, 3, 3])
    np.testing.assert_allclose(bands.low[:, 0], [np.nan, np.nan, 3 - 12.7062, 3], rtol=1e-4)
    view = LearningCurve("episode_return")
    view(ax, recording, 0)
    ax.figure.canvas.draw()
    assert np.isfinite(ax.get_ylim()).all()
    assert "not known yet" in view.alt_text(recording, 0)


def test_the_words_hold_the_right_numbers(walk):
    t = 30
    per_seed = walk[t]["greedy_return"].mean(axis=1)
    low, high = scipy.stats.t.interval(0.95, 4, per_seed.mean(), scipy.stats.sem(per_seed))
    assert LearningCurve().alt_text(walk, t) == (
        f"Greedy return after 1,500 environment steps: {in_words(per_seed.mean())}, 95 % interval {in_words(low)} to "
        f"{in_words(high)} (exact, discounted, mean over agents, 5 seeds); exact team optimum "
        f"{in_words(walk.references['team optimum'])}, random play {in_words(walk.references['random play'])}."
    )


def test_long_recordings_are_drawn_with_few_points_and_the_present_one(climb, ax):
    long = Recording("long", "step", budget=2**30)
    for t in range(1900):
        long.append(t, {"greedy_return": np.array([[t == 1501]], dtype=float)})
    artists = parts(LearningCurve(), ax, long, 1501)
    line = artists["line 0"].get_xydata()
    assert len(line) < 450 and tuple(line[-1]) == (1501, 1)
    assert artists["later line 0"].get_xdata()[-1] == 1899


@pytest.mark.parametrize("name, value", [("agents", "all"), ("agents", 0), ("band", "sd"), ("band", True)])
def test_unknown_words_are_refused(name, value):
    with pytest.raises(ValueError, match=f"{name} is {value!r}; expected one of"):
        LearningCurve(**{name: value})


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("references", "x", "references is 'x'; expected True or False"),
        ("references", float("nan"), "references is nan; expected True or False"),
        ("y_label", [], r"y_label is \[\]; expected a text"),
        ("quantity", 3, "quantity is 3; expected a text"),
    ],
)
def test_options_of_another_kind_are_refused(name, value, message):
    with pytest.raises(ValueError, match=f"LearningCurve: {message}"):
        LearningCurve(**{name: value})


@pytest.mark.parametrize("game", [True, False])
def test_a_trace_of_states_is_no_curve(walk, ax, game):
    recording = up_to(walk, 2)
    recording.game = walk.game if game else None
    with pytest.raises(ValueError, match=r"'trace' has shape .*; expected one number per seed, or seed and agent"):
        LearningCurve("trace")(ax, recording, 0)


@pytest.mark.parametrize(
    ("discount", "horizon", "kept"), [(0.9, 10, False), (0.9, 50, True), (0.9, None, True), (1, 10, True), (0, 1, True)]
)
def test_levels_of_play_without_end_don_t_stand_beside_returns_that_are_cut_off(discount, horizon, kept, ax):
    game = climbing(discount=discount, horizon=horizon)
    recording = Recording("example", "step", {"team optimum": 11.0, "random play": -3.0}, game)
    recording.append(1, {"episode_return": np.array([[1.0, 2.0]]), "greedy_return": np.array([[1.0, 2.0]])})
    view = LearningCurve("episode_return")
    view(ax, recording, -1)
    assert bool(view.levels(recording)) == kept
    notes = [text.get_text() for text in ax.texts]
    assert notes == ([] if kept else ["cut off after 10 steps: no levels"])
    assert ("no levels" in view.alt_text(recording)) != kept and ("team optimum 11" in view.alt_text(recording)) == kept
    assert LearningCurve("greedy_return").levels(recording), "exact returns go on without end as well"


@pytest.mark.parametrize("seeds", [20, 100])
def test_the_legend_stays_within_the_axes_and_off_the_cursor(seeds, ax):
    recording = Recording("example", "step", {"team optimum": -123.4, "random play": -1234.5})
    for t in range(3):
        recording.append(t, {"td_error": np.arange(2.0 * seeds).reshape(seeds, 2)})
    view = LearningCurve("td_error", agents="each", references=True)
    view.ghosts = [("step size 0.5 and epsilon 0.25 to 0.01 over 2,000 steps", recording)]
    artists = parts(view, ax, recording, -1)
    ax.figure.canvas.draw()
    keys = [ax.get_legend(), *(artist for artist in ax.artists if isinstance(artist, Legend))]
    for text in (text for key in keys for text in key.get_texts()):
        box = text.get_window_extent()
        assert box.x0 >= ax.bbox.x0 and box.x1 <= ax.bbox.x1 + 2, text  # letters are moved to whole pixels
    assert ax.get_legend().get_texts()[2].get_text() == f"mean of {seeds} seeds, 95 % interval", "not cut short"
    low, high = (ax.transAxes.transform((0, end))[1] for end in artists["cursor"].get_ydata())
    assert keys[1].get_window_extent().y1 - 1 <= low and high <= ax.get_legend().get_window_extent().y0 + 1


def test_an_array_of_another_kind_is_refused(walk):
    with pytest.raises(ValueError, match=r"'q' has shape .*expected one number per seed"):
        LearningCurve("q")(blank(1).axes[0], walk, 0)


def test_no_grid_runs_through_the_names_of_the_levels(walk, ax):
    LearningCurve()(ax, walk, -1)
    (key,) = ax.artists
    frame = key.get_frame()
    assert frame.get_visible() and frame.get_facecolor()[:3] == (1, 1, 1) and frame.get_facecolor()[3] > 0.8
    assert key.get_zorder() > 2.1  # above the levels too


def test_a_run_in_a_particle_world_that_is_done_again_is_drawn_into_the_same_axes(ax):
    worlds = [simple_spread(), simple_spread(), simple_tag(n_adversaries=2)]
    runs = [Recording("a learner", "update", game=world) for world in worlds]
    for level, run in enumerate(runs):
        run.lineage = runs[0].lineage
        run.append(0, {"greedy_return": np.full((2, 3), float(level))})
    view = LearningCurve()
    before = parts(view, ax, runs[0], 0)["frame"]
    artists = parts(view, ax, runs[1], 0)
    assert artists["frame"] is before and artists["dots"].get_offsets()[0, 1] == 1
    assert parts(view, ax, runs[2], 0)["frame"] is not before, "other agents"


@pytest.mark.parametrize(
    ("game", "quantity", "said"),
    [
        (climbing(), "greedy_return", "exact, discounted"),
        (climbing(), "episode_return", "sampled, discounted"),
        (simple_spread(), "greedy_return", "mean of played episodes, undiscounted"),
        (simple_spread(), "episode_return", "sampled, undiscounted"),
        (None, "greedy_return", "mean of played episodes, discounted"),
    ],
)
def test_it_says_how_returns_were_got(ax, game, quantity, said):
    run = Recording("a learner", "update", game=game)
    run.append(0, {quantity: np.zeros((2, 3 if game is None else game.n_agents))})
    LearningCurve(quantity)(ax, run, 0)
    assert " ".join(ax.get_ylabel().split("\n")[1:]) == f"{said}, mean over agents"
    assert f"({said}, mean over agents" in LearningCurve(quantity).alt_text(run)


def test_a_mean_over_two_sides_is_no_level_for_either():
    levels = {"do nothing": -3.0}
    for world, beside_each in ((simple_spread(), levels), (simple_tag(), {})):
        run = Recording("a learner", "update", levels, world)
        run.append(0, {"greedy_return": np.zeros((2, world.n_agents))})
        assert LearningCurve(agents="each").levels(run) == beside_each
        assert LearningCurve().levels(run) == levels
