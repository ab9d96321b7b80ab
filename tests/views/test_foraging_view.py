"""The field of foragers: everybody where they are, food while it is there, the way of this episode, what is seen."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb, to_rgba
from painted import extend, parts, pixels, up_to

from marl_edu.games import foraging
from marl_edu.learning import IndependentQLearning
from marl_edu.recording import Recording, record
from marl_edu.views import ForagingView, agent_colour, figure
from marl_edu.views.figures import blank
from marl_edu.views.foraging import SHADE


@pytest.fixture(scope="module")
def field():
    """Two agents of different level on a field with a wall, 3 seeds, 61 moments, many episodes cut off."""
    game = foraging([".2...", "..#1.", "....."], levels=(1, 2), sight=1, horizon=9)
    return record(IndependentQLearning(game, seeds=3, seed=1, epsilon=0.6), 1200, 20)


@pytest.fixture
def ax():
    """Axes 320 pixels wide."""
    return blank(3).axes[0]


def shown(*states, game=None):
    """A recording with one moment: these states, visited one after the other."""
    game = game or foraging()
    recording = Recording("example", "step", game=game)
    recording.append(0, {"trace": np.array([[-1, *(game.states.index(state) for state in states)]])})
    return recording


def centres(paths):
    return np.array([path.get_extents().get_points().mean(axis=0) for path in paths]).reshape(-1, 2)


def test_agents_and_food_are_where_the_trace_says(field, ax):
    layout = field.game.layout
    for t in (3, 30, -1):
        artists = parts(ForagingView(seed=2), ax, field, t)
        state = int(field[t]["trace"][2, -1])
        places = np.array([layout.place(cell)[::-1] for cell in layout.positions[state]])
        np.testing.assert_allclose(centres(artists["discs"].get_paths()), places, atol=1e-9)
        np.testing.assert_allclose(artists["discs"].get_facecolor(), [to_rgba(agent_colour(i)) for i in (0, 1)])
        left = [layout.place(cell)[::-1] for cell in layout.foods[layout.present[state]]]
        np.testing.assert_allclose(centres(artists["foods"].get_paths()), np.reshape(left, (-1, 2)), atol=1e-9)
        assert len(artists["food levels"].get_paths()) == len(left)
        assert len(artists["places"].get_paths()) == 2, "where food was, an outline stays"
    view = ForagingView()
    assert {len(parts(view, ax, field, t)["foods"].get_paths()) for t in range(len(field))} >= {1, 2}


def test_the_numbers_are_those_of_agents_and_levels(field, ax):
    artists = parts(ForagingView(), ax, field, 5)
    one, two = artists["numbers"].get_paths()
    low, high = artists["levels"].get_paths()
    two_in_food = artists["food levels"].get_paths()[0]
    assert (len(one.vertices), len(two.vertices)) == (len(low.vertices), len(high.vertices)), "level 1 and level 2"
    assert len(one.vertices) != len(two.vertices) and len(two_in_food.vertices) in (
        len(one.vertices),
        len(two.vertices),
    )
    for badge, level in zip(artists["badges"].get_paths(), (low, high), strict=True):
        assert badge.get_extents().contains(*level.get_extents().min)
        assert badge.get_extents().contains(*level.get_extents().max)


def test_eaten_food_leaves_the_picture(ax):
    for state, levels in (("(0,0) (3,3) 21", 2), ("(0,0) (3,3) 2.", 1), ("(0,0) (3,3) .1", 1)):
        assert len(parts(ForagingView(), ax, shown(state), 0)["foods"].get_paths()) == levels
    assert len(parts(ForagingView(), ax, shown("(0,1) (2,1) .."), 0)["foods"].get_paths()) == 0


def test_the_way_is_that_of_this_episode(ax):
    game = foraging()

    def pieces(*states):
        return len(parts(ForagingView(), ax, shown(*states, game=game), 0)["tails"].get_segments()) // 2

    walk = ["(0,0) (3,0) 21", "(0,1) (3,1) 21", "(0,2) (3,2) 21"]
    assert pieces(*walk) == 2
    assert pieces("(0,3) (3,3) 21", *walk) == 2, "a jump: the episode before was cut off"
    assert pieces("(0,0) (3,0) .1", *walk) == 2, "food came back, so it is another episode although nobody jumped"
    assert pieces("(0,1) (2,1) 2.", "(0,1) (2,1) ..", *walk) == 2, "after an end"
    assert pieces(*walk, walk[0]) == 0


def test_no_way_of_a_real_run_has_a_jump(field, ax):
    for view in (ForagingView(seed=seed) for seed in range(3)):
        for t in range(len(field)):
            for piece in parts(view, ax, field, t)["tails"].get_segments():
                assert np.abs(np.diff(piece, axis=0)).sum() < 1.01


def test_what_an_agent_does_not_see_is_shaded(field, ax):
    layout = field.game.layout
    free = np.flatnonzero(~layout.walls.ravel())
    for t in (7, -1):
        artists = parts(ForagingView(sight="agent 2", seed=1), ax, field, t)
        own = np.array(layout.place(layout.positions[int(field[t]["trace"][1, -1]), 1]))
        for cell, shade in zip(free, artists["cells"].get_facecolor(), strict=True):
            near = np.abs(own - layout.place(cell)).max() <= 1
            assert tuple(shade[:3]) == (to_rgb("white") if near else to_rgb(SHADE))
    assert "cells" not in parts(ForagingView(), ax, field, 0)


def test_the_words_say_where_what_and_who_is_seen():
    told = ForagingView(sight=0).alt_text(shown("(0,0) (2,1) .1"))
    assert "agent 1 (level 1) is in row 0, column 0; agent 2 (level 1) is in row 2, column 1" in told
    assert "the food of level 2 in row 1, column 1 is gone" in told
    assert "the food of level 1 in row 2, column 3 is there" in told
    assert told.endswith("Agent 1 sees agent 2.")
    assert (
        ForagingView(sight=1)
        .alt_text(shown("(0,0) (2,1) .1"))
        .endswith("Agent 2 sees agent 1 and the food in row 2, column 3.")
    )
    assert (
        ForagingView(1)
        .alt_text(shown("(0,3) (3,0) 2.", game=foraging(sight=1)))
        .endswith("Agent 2 sees neither food nor others.")
    )
    assert "sees" not in ForagingView().alt_text(shown("(0,0) (2,1) .1"))


def test_a_fresh_learner_can_be_shown():
    fresh = record(IndependentQLearning(foraging()), 0, 1)
    figure([ForagingView(), ForagingView(1)], fresh).canvas.draw()
    assert "Seed 0 after 0 environment steps" in ForagingView().alt_text(fresh)


@pytest.mark.parametrize("view", [ForagingView(), ForagingView(1, seed=2)], ids=["world", "sight"])
def test_it_is_painted_like_every_view(view, field):
    """Same artists, no stale axes while scrubbing, blitting equals a full redraw, and nothing is left behind."""
    drawn = blank(3)
    ax = drawn.axes[1]
    first = view(ax, field, 0)
    for artist in first:
        artist.set_animated(True)
    drawn.canvas.draw()
    for t in (40, 3, -3):
        assert view(ax, field, t) == first and not drawn.stale
    drawn.canvas.draw()
    for artist in first:
        ax.draw_artist(artist)
    blitted = pixels(drawn)
    for artist in first:
        artist.set_animated(False)
    drawn.canvas.draw()
    np.testing.assert_array_equal(blitted, pixels(drawn))

    fresh = blank(3)
    view(fresh.axes[1], field, -3)
    fresh.canvas.draw()
    np.testing.assert_array_equal(blitted, pixels(fresh))


def test_growing_makes_nothing_stale(field):
    early, drawn = up_to(field, 1), blank(1)
    view = ForagingView(0)
    for artist in view(drawn.axes[0], early, -1):
        artist.set_animated(True)
    drawn.canvas.draw()
    for moments in range(2, 20):
        extend(early, field, moments)
        view(drawn.axes[0], early, -1)
        assert not drawn.stale


@pytest.mark.parametrize("n_views", [1, 2, 3])
def test_everything_lies_within_the_picture_and_can_be_read(field, n_views):
    drawn = figure([ForagingView(0)] * n_views, field, 20)
    drawn.canvas.draw()
    width = drawn.bbox.width / n_views
    for k, ax in enumerate(drawn.axes):
        box = ax.get_tightbbox()
        assert box.x0 >= k * width and box.x1 <= (k + 1) * width and box.y0 >= 0 and box.y1 <= drawn.bbox.height
    sizes = [text.get_fontsize() for text in drawn.findobj(lambda artist: hasattr(artist, "get_fontsize"))]
    assert min(sizes) >= 9.5


def test_the_heading_says_which_seed_and_whose_sight(field, ax):
    for view, title in (
        (ForagingView(seed=2), "World, seed 2"),
        (ForagingView(0), "What agent 1 sees, seed 0"),
        (ForagingView(title="Field"), "Field"),
    ):
        view(ax, field, 0)
        assert ax.get_title() == title
    assert ForagingView().proportion(field) == 3 / 5


@pytest.mark.parametrize(
    ("view", "message"),
    [
        (ForagingView(seed=3), "ForagingView: seed is 3; expected a whole number from 0 to 2"),
        (ForagingView(2), "sight is 2; expected a whole number from 0 to 1"),
        (ForagingView("agent 3"), "sight is 'agent 3'"),
    ],
)
def test_what_is_not_there_is_refused(view, message, field, ax):
    for look in (lambda: view(ax, field, 0), lambda: view.alt_text(field)):
        with pytest.raises(ValueError, match=message):
            look()


def test_another_game_is_refused(climb, ax):
    with pytest.raises(ValueError, match=r"which is no foraging; expected a game made by foraging\(\)"):
        ForagingView()(ax, climb, 0)
    with pytest.raises(ValueError, match="ForagingView: title is 3; expected a text"):
        ForagingView(title=3)
