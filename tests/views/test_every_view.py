"""What holds for all views: same artists, no figure, the same picture however it is painted, clear complaints."""

import copy
import subprocess
import sys

import numpy as np
import pytest
from painted import (
    expect_all_within,
    expect_blitting_as_redrawn,
    expect_still_while_scrubbing,
    expect_the_same_artists,
    pixels,
    redraws_while_growing,
    up_to,
    walked,
)

from marl_edu.learning import IndependentQLearning
from marl_edu.recording import Recording, record
from marl_edu.views import GridWorldView, JointActionView, LearningCurve, PolicyTable, QTable, figure
from marl_edu.views.figures import blank

VIEWS = {
    "curve": (LearningCurve, "walk"),
    "curve of each": (lambda: LearningCurve("td_error", agents="each"), "walk"),
    "curve of episodes": (lambda: LearningCurve("episode_return", band="range"), "climb"),
    "world": (GridWorldView, "walk"),
    "values": (lambda: GridWorldView(1, seed=4), "walk"),
    "own values": (lambda: GridWorldView("agent 1"), "own_walk"),
    "q table": (QTable, "walk"),
    "q table of a matrix game": (lambda: QTable(seed=7), "climb"),
    "policy": (lambda: PolicyTable(state=5), "own_walk"),
    "joint actions": (JointActionView, "climb"),
}


@pytest.fixture(params=VIEWS)
def view_and_recording(request):
    make, name = VIEWS[request.param]
    return make(), request.getfixturevalue(name)


def test_a_second_call_moves_the_same_artists(view_and_recording, ax):
    expect_the_same_artists(view_and_recording[0], ax, view_and_recording[1])


def test_blitting_paints_the_same_pixels_as_a_full_redraw(view_and_recording):
    view, recording = view_and_recording
    expect_blitting_as_redrawn(view, blank(3).axes[1], recording, (len(recording) // 2, 3, len(recording) - 1))


def test_an_updated_picture_equals_a_new_one(view_and_recording):
    """Scrubbing leaves nothing behind, once limits have grown alike."""
    view, recording = view_and_recording
    grown = list(range(len(recording)))
    ways = ([*grown, -3], [*grown, 4, 0, 9, -3])
    np.testing.assert_array_equal(*(walked(view, blank(2), recording, way) for way in ways))


def test_scrubbing_leaves_the_still_part_alone(view_and_recording):
    view, recording = view_and_recording
    expect_still_while_scrubbing(view, blank(1).axes[0], recording, range(len(recording)))


def test_growing_seldom_makes_everything_stale(view_and_recording):
    view, recording = view_and_recording
    assert redraws_while_growing(view, blank(1).axes[0], recording) <= 15


def test_a_new_recording_starts_afresh(view_and_recording, ax):
    view, recording = view_and_recording
    first = view(ax, recording, -1)
    second = view(ax, up_to(recording, 5), -1)
    assert not set(first) & set(second)
    assert set(ax.get_children()) >= set(second) and not set(ax.get_children()) & set(first)


def test_two_views_take_turns_on_the_same_axes(walk, ax):
    one, other = LearningCurve(), GridWorldView(0)
    one(ax, walk, 0)
    other(ax, walk, 0)
    for artist in one(ax, walk, 5):
        assert artist in ax.get_children()


def test_the_same_view_serves_several_axes(walk):
    drawn, view = blank(2), LearningCurve()
    left, right = (view(ax, walk, t) for ax, t in zip(drawn.axes, (3, -1), strict=True))
    assert not set(left) & set(right)
    drawn.canvas.draw()
    assert not np.array_equal(*np.split(pixels(drawn), 2, axis=1))


def test_words_and_labels_lie_within_the_picture(view_and_recording):
    expect_all_within(*view_and_recording)


def test_letters_can_be_read(view_and_recording):
    view, recording = view_and_recording
    drawn = figure(view, recording)
    sizes = [text.get_fontsize() for text in drawn.findobj(lambda artist: hasattr(artist, "get_fontsize"))]
    assert min(sizes) >= 9.5


def test_it_speaks(view_and_recording):
    view, recording = view_and_recording
    told = view.alt_text(recording, 4)
    assert told == view.alt_text(recording, 4 - len(recording)) and told.endswith(".") and "nan" not in told
    assert f"after {recording.units[4]} environment steps" in told
    assert view.alt_text(recording, -1) != told


def test_an_empty_recording_or_a_moment_that_is_not_there(view_and_recording, ax):
    view, recording = view_and_recording
    with pytest.raises(ValueError, match="recording is empty; expected at least one moment"):
        view(ax, up_to(recording, 0), -1)
    for t in (len(recording), -len(recording) - 1):
        with pytest.raises(IndexError, match=f"no moment {t}"):
            view(ax, recording, t)
        with pytest.raises(IndexError, match=f"no moment {t}"):
            view.alt_text(recording, t)


@pytest.mark.parametrize("make", [GridWorldView, QTable, PolicyTable, JointActionView])
def test_a_recording_without_its_game_is_refused(make, walk, ax):
    bare = up_to(walk, 3)
    bare.game = None
    with pytest.raises(ValueError, match=r"carries no game; expected .*Recording\.load\(path, game=\.\.\.\)"):
        make()(ax, bare, -1)


@pytest.mark.parametrize("make", [lambda **k: GridWorldView(0, **k), GridWorldView, QTable, PolicyTable])
@pytest.mark.parametrize("seed", [5, -1, 1.0, True, "0", None])
def test_a_seed_that_is_not_there_is_refused(make, seed, walk, ax):
    with pytest.raises(ValueError, match=r"seed is .*; expected a whole number from 0 to 4"):
        make(seed=seed)(ax, walk, 0)
    with pytest.raises(ValueError, match=r"seed is .*; expected a whole number from 0 to 4"):
        make(seed=seed).alt_text(walk, 0)


@pytest.mark.parametrize("make", [lambda: GridWorldView(0), GridWorldView, QTable, PolicyTable, LearningCurve])
def test_frames_without_the_array_are_refused(make, walk, ax):
    other = Recording("other", "sweep", game=walk.game)
    other.append(0, {"residual": np.zeros(1)})
    with pytest.raises(ValueError, match=r"no array '.*' was recorded; .*residual"):
        make()(ax, other, 0)


@pytest.mark.parametrize("t", [None, "x", 1.5, float("nan"), True, [0]])
def test_a_moment_must_be_a_whole_number(view_and_recording, t, ax):
    view, recording = view_and_recording
    for look in (lambda: view(ax, recording, t), lambda: view.alt_text(recording, t)):
        with pytest.raises(ValueError, match=r"t is .*; expected a whole number"):
            look()
    assert view.alt_text(recording, np.int64(2)) == view.alt_text(recording, 2)


@pytest.mark.parametrize("other", [None, 3, "walk", [{}]])
def test_what_is_no_recording_is_refused(view_and_recording, other, ax):
    view, _ = view_and_recording
    for look in (lambda: view(ax, other, 0), lambda: view.alt_text(other), lambda: figure(view, other)):
        with pytest.raises(ValueError, match=r"recording is .*; expected a Recording"):
            look()


@pytest.mark.parametrize("make", [LearningCurve, GridWorldView, QTable, PolicyTable, JointActionView])
@pytest.mark.parametrize("title", [float("nan"), [], 3])
def test_a_title_must_be_a_text(make, title):
    with pytest.raises(ValueError, match=rf"{make.__name__}: title is .*; expected a text"):
        make(title=title)


def test_names_with_signs_of_formulas_are_shown_as_they_are(climb, walk, ax):
    odd = r"$\frac$ {x}_1 ^ \n"
    game = climb.game.replace(agents=[odd, "$a"], actions=[[odd, "$", "c d"], ["^", "_", odd]], name=odd)
    table = Recording(odd, odd, {odd: 1.0}, game)
    table.append(0, climb[-1])
    states = [f"{odd} {state}" for state in walk.game.states]
    world = Recording(odd, odd, {}, walk.game.replace(agents=[odd, "$a"], states=states))
    world.append(0, walk[-1])
    curve = LearningCurve("td_error", agents="each", title=odd, y_label=odd, references=True)
    curve.ghosts = [(odd, climb)]
    for recording, views in (
        (table, [curve, JointActionView(title=odd), QTable(title=odd)]),
        (world, [LearningCurve(), GridWorldView(0, title=odd), PolicyTable()]),
    ):
        figure(views, recording).canvas.draw()
        for view in views:
            figure(view, recording).canvas.draw()


def test_a_copy_of_a_view_shares_nothing_that_changes(view_and_recording, ax):
    view, recording = view_and_recording
    view.ghosts = [("one", recording)]
    view.expected_units = 5000
    twin = copy.copy(view)
    assert twin is not view and twin.ghosts == view.ghosts and twin.expected_units == 5000
    twin.ghosts.append(("two", recording))
    twin.expected_units = 9
    assert len(view.ghosts) == 1 and view.expected_units == 5000
    one, other = (set(each(axes, recording, -1)) for each, axes in zip((view, twin), blank(2).axes, strict=True))
    assert one and not one & other
    view(ax, recording, -1)
    assert set(twin(ax, recording, -1)).isdisjoint(one)


def test_every_view_can_be_told_of_earlier_runs_and_of_what_is_to_come():
    for make in (GridWorldView, QTable, PolicyTable, JointActionView, LearningCurve):
        assert list(make().ghosts) == [] and make().expected_units is None


@pytest.mark.parametrize(
    ("views", "message"),
    [
        (None, "views is None; expected a view, or a list of one to three"),
        (3, "views is 3"),
        ([LearningCurve(), "curve"], r"views\[1\] is 'curve'; expected a view, such as LearningCurve\(\)"),
    ],
)
def test_what_are_no_views_is_refused(views, message, walk):
    with pytest.raises(ValueError, match=message):
        figure(views, walk)


def test_how_many_views_fit(walk):
    assert [tuple(map(int, figure([LearningCurve()] * n, walk).bbox.size)) for n in (1, 2, 3)] == [
        (640, 300),
        (960, 300),
        (960, 300),
    ]
    for views in ([], [LearningCurve()] * 4):
        with pytest.raises(ValueError, match="views; expected one, two or three"):
            figure(views, walk)


def test_loading_is_lazy_and_opens_no_window():
    code = (
        "import sys, marl_edu.views; assert 'matplotlib' not in sys.modules;"
        "from marl_edu.views import *; import marl_edu.views as v;"
        "assert 'matplotlib.pyplot' not in sys.modules and 'ipywidgets' not in sys.modules;"
        "assert set(v.__all__) <= set(dir(v));"
        "\ntry: v.Curve\nexcept AttributeError as error: assert 'LearningCurve' in str(error)\nelse: assert False"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_learner_that_has_done_nothing_can_be_shown(walk):
    fresh = record(IndependentQLearning(walk.game, seeds=1), 0, 1)
    drawn = figure([LearningCurve("episode_return"), GridWorldView(0), QTable()], fresh)
    drawn.canvas.draw()
