"""The mixer as a surface over the individual values of two agents."""

import numpy as np
import pytest
from mixed import MOMENTS, learned
from painted import parts, pixels, up_to

from marl_edu.games import MarkovGame, climbing, matrix_game, two_step
from marl_edu.learning import QMIX, VDN
from marl_edu.recording import Recording, record
from marl_edu.views import MixerSurface, figure
from marl_edu.views.contours import contours
from marl_edu.views.figures import blank
from marl_edu.views.mixer_surface import MIXER, mixed


@pytest.fixture(scope="module")
def run():
    return learned(two_step(), mixer=True)


@pytest.fixture(scope="module")
def summed():
    return learned(two_step(), mixer=False)


@pytest.mark.parametrize("state", ["1", "2B", 1])
@pytest.mark.parametrize("seed", [0, 2])
def test_it_is_the_recorded_mixer(run, state, seed):
    """At the pairs of individual values it gives what was recorded as Q_tot, which was computed entry by entry."""
    view = MixerSurface(state, seed=seed)
    place = run.game.states.index(state) if isinstance(state, str) else state
    for t in (0, -1):
        own = view.own(run, t)
        pairs = np.stack(np.meshgrid(*own, indexing="ij"), axis=-1)
        np.testing.assert_allclose(view.total(run, t, pairs), run[t]["q_tot"][seed, place], atol=1e-5)


def test_it_rises_in_both_directions_and_so_do_the_shades(run, ax):
    view = MixerSurface("2B")
    artists = parts(view, ax, run, -1)
    side = np.linspace(-5, 5, 30)
    surface = view.total(run, -1, np.stack(np.meshgrid(side, side), axis=-1))
    assert (np.diff(surface, axis=0) >= 0).all() and (np.diff(surface, axis=1) >= 0).all()
    light = artists["surface"].get_facecolor()[:, :3].sum(axis=1)
    middles = np.array([path.vertices.mean(axis=0) for path in artists["surface"].get_paths()])
    heights = view.total(run, -1, middles)
    assert (np.diff(light[np.argsort(heights)]) <= 1e-12).all() and len(light) >= 4


def test_lines_are_of_equal_value_and_say_which(run, ax):
    view = MixerSurface("2B")
    artists = parts(view, ax, run, -1)
    lines = artists["levels"].get_segments()
    assert len(lines) >= 3
    for line in lines:
        values = view.total(run, -1, np.asarray(line))
        assert np.ptp(values) < 0.02 * np.ptp(view.total(run, -1, np.array([ax.get_xlim(), ax.get_ylim()]).T))
        assert (np.diff(line[:, 0]) * np.diff(line[:, 1]) <= 1e-9).all(), "down to the right, as of what rises"
    assert len(artists["numbers"].get_paths()) == len(artists["numbers"].get_offsets()) >= 2


def test_of_a_sum_the_lines_are_straight(summed, ax):
    artists = parts(MixerSurface("2B"), ax, summed, -1)
    for line in artists["levels"].get_segments():
        np.testing.assert_allclose(line.sum(axis=1), line[0].sum(), atol=1e-9)
    assert "by their sum" in MixerSurface("2B").alt_text(summed)


def test_marks_stand_at_the_individual_values(run, ax):
    artists = parts(MixerSurface("2B", seed=1), ax, run, 5)
    q = run[5]["q"][1, :, 2]
    pairs = [(x, y) for x in q[0] for y in q[1]]
    np.testing.assert_allclose(artists["pairs"].get_offsets(), pairs, rtol=1e-6)
    np.testing.assert_allclose(artists["greedy"].get_offsets(), [(q[0].max(), q[1].max())], rtol=1e-6)
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    assert all(left < x < right and low < y < high for x, y in pairs)
    assert len(artists["names 0"].get_paths()) == 2


def test_actions_of_nearly_equal_value_are_named_together(ax):
    run = learned(climbing(), mixer=False)
    twin = Recording("VDN", "update", game=run.game)
    q = run[0]["q"].copy()
    q[0, 0, 0] = [1, 1.0001, -2]
    twin.append(0, {"q": q, "q_tot": q[:, 0, :, :, np.newaxis] + q[:, 1, :, np.newaxis]})
    artists = parts(MixerSurface(), ax, twin, 0)
    assert len(artists["names 0"].get_paths()) == 2 and len(artists["pairs"].get_offsets()) == 9


@pytest.mark.parametrize("values", [0.0, 3.5, -1e-12])
def test_values_that_are_all_the_same_can_be_drawn(values, ax):
    run = Recording("VDN", "update", game=climbing())
    q = np.full((1, 2, 1, 3), values)
    run.append(0, {"q": q, "q_tot": np.full((1, 1, 3, 3), 2 * values)})
    view = MixerSurface()
    view(ax, run, 0)
    ax.figure.canvas.draw()
    assert view.alt_text(run).count("greedy") == 9


def test_a_level_surface_has_shades_and_no_lines():
    side = np.linspace(0, 1, 6)
    areas, lines = contours(side, side, np.full((6, 6), 2.0), 5)
    assert lines == [] and len(areas) >= 1


def test_updates_in_place_and_equals_a_new_picture_once_limits_have_grown(run):
    view = MixerSurface("2B")
    pictures = []
    for way in ([*range(MOMENTS), 4], [*range(MOMENTS), 2, 9, 0, 4]):
        drawn = blank(2)
        first = view(drawn.axes[0], run, 0)
        for t in way:
            assert view(drawn.axes[0], run, t) == first
        drawn.canvas.draw()
        pictures.append(pixels(drawn))
    np.testing.assert_array_equal(*pictures)


def test_scrubbing_leaves_the_still_part_alone_and_growing_seldom_redraws_it(run):
    view, drawn = MixerSurface("2B"), blank(1)
    redrawn = 0
    for t in [*range(MOMENTS), 5, 0, 11]:
        for artist in view(drawn.axes[0], run, t):
            artist.set_animated(True)
        redrawn += drawn.stale
        drawn.canvas.draw()
    assert redrawn <= 6


def test_everything_lies_within_the_picture(run, summed):
    for n_views in (1, 2, 3):
        drawn = figure([MixerSurface("2B", seed=1)] * n_views, run)
        drawn.canvas.draw()
        width = drawn.bbox.width / n_views
        for k, ax in enumerate(drawn.axes):
            box = ax.get_tightbbox()
            assert box.x0 >= k * width and box.x1 <= (k + 1) * width and box.y0 >= 0 and box.y1 <= drawn.bbox.height


def test_it_speaks(run):
    told = MixerSurface("2B").alt_text(run, 3)
    assert told.startswith("Q_tot of the individual values in state 2B by a mixer that never falls, after 30 updates")
    assert told.count("gives") == 4 and told.count("greedy") == 1 and told.endswith(".")


def changed(run, drop=(), **arrays):
    other = Recording("x", "update", game=run.game)
    other.append(0, {name: array for name, array in (run[0] | arrays).items() if name not in drop})
    return other


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda run, ax: MixerSurface()(ax, changed(run, ["q"]), 0), "no array 'q' was recorded"),
        (lambda run, ax: MixerSurface()(ax, changed(run, ["mixer_b1"]), 0), "no array 'mixer_b1' was recorded"),
        (lambda run, ax: MixerSurface()(ax, changed(run, MIXER), 0), "no 'q_tot' that is the sum"),
        (lambda run, ax: MixerSurface()(ax, changed(run, [*MIXER, "q_tot"]), 0), "no 'q_tot' that is the sum"),
        (lambda run, ax: MixerSurface("4")(ax, run, 0), "MixerSurface: state is '4'"),
        (lambda run, ax: MixerSurface(seed=-1)(ax, run, 0), "MixerSurface: seed is -1"),
        (lambda run, ax: MixerSurface(title=1), "title is 1; expected a text"),
        (lambda run, ax: MixerSurface()(ax, up_to(run, 0), 0), "recording is empty"),
    ],
)
def test_bad_input(run, ax, make, words):
    with pytest.raises(ValueError, match=words):
        make(run, ax)


def test_three_agents_are_refused(ax):
    game = matrix_game(np.zeros((3, 2, 2, 2)))
    assert isinstance(game, MarkovGame)
    recording = Recording("x", "update", game=game)
    recording.append(0, {"q": np.zeros((1, 3, 1, 2))})
    with pytest.raises(ValueError, match="MixerSurface: the game 'matrix game' has 3 agents; expected two"):
        MixerSurface()(ax, recording, 0)


def test_what_a_learner_records_can_be_drawn(ax):
    """The numbers of its mixer give its own Q_tot; of the sum there are none."""
    for learner in (QMIX, VDN):
        run, view = record(learner(two_step(), seeds=2), 2, 1), MixerSurface("2B", seed=1)
        own = view.own(run)
        pairs = np.stack(np.meshgrid(*own, indexing="ij"), axis=-1)
        np.testing.assert_allclose(view.total(run, -1, pairs), run[-1]["q_tot"][1, 2], atol=1e-4)
        view(ax, run, -1)
        assert (MIXER[0] in run[-1]) == (learner is QMIX)


def test_the_mixer_by_another_way():
    """Against a plain loop, at random points."""
    rng = np.random.default_rng(0)
    w1, b1, w2, b2 = rng.random((2, 4)), rng.normal(size=4), rng.random(4), 0.3
    for q in rng.normal(size=(20, 2)) * 3:
        hidden = [w1[0, h] * q[0] + w1[1, h] * q[1] + b1[h] for h in range(4)]
        total = b2 + sum(w2[h] * (x if x > 0 else np.exp(x) - 1) for h, x in enumerate(hidden))
        assert mixed(q, w1, b1, w2, b2) == pytest.approx(total)
