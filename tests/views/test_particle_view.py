"""The particle world's picture: everybody where the frame says, in place, in words, and clear complaints."""

import numpy as np
import pytest
from matplotlib.colors import to_rgba
from painted import parts, pixels

from marl_edu.games import simple_adversary, simple_push, simple_speaker_listener, simple_spread, simple_tag
from marl_edu.games.particles.controllers import at_random, do_nothing, play_episodes, spread_out
from marl_edu.recording import Recording
from marl_edu.views import ParticleView, agent_colour, figure
from marl_edu.views.figures import blank


def recorded(world, policy, moments=6, seeds=2, game=True) -> Recording:
    """Evaluation episodes of a policy that does not learn, other ones at each moment."""
    recording = Recording("controller", "update", game=world if game else None)
    for t in range(moments):
        played = play_episodes(world, policy, [np.random.default_rng([t, k]) for k in range(seeds)])
        frame = {
            "episode_positions": played.positions,
            "episode_landmarks": played.landmarks,
            "episode_goals": played.goals,
            "episode_words": played.words,
        }
        recording.append(10 * t, frame)
    return recording


WORLDS = {
    "spread": (simple_spread, spread_out),
    "tag": (simple_tag, at_random(np.random.default_rng(0))),
    "speaker": (simple_speaker_listener, at_random(np.random.default_rng(0))),
    "adversary": (simple_adversary, at_random(np.random.default_rng(0))),
    "push": (simple_push, do_nothing),
}


@pytest.fixture(params=WORLDS)
def recording(request):
    make, policy = WORLDS[request.param]
    return recorded(make(), policy)


@pytest.fixture
def spread():
    return recorded(*(part() if part is simple_spread else part for part in WORLDS["spread"]))


def centres(paths):
    return np.array([path.get_extents().get_points().mean(axis=0) for path in paths])


def test_everybody_is_where_the_frame_says(recording, ax):
    for t, seed in ((0, 1), (-1, 0)):
        shown = parts(ParticleView(seed=seed), ax, recording, t)
        frame, world = recording[t], recording.game
        places = np.clip(frame["episode_positions"][seed], -1.5, 1.5)
        np.testing.assert_allclose(centres(shown["discs"].get_paths()), places[-1], atol=1e-6)
        np.testing.assert_allclose(centres(shown["starts"].get_paths()), places[0], atol=1e-6)
        np.testing.assert_allclose(centres(shown["landmarks"].get_paths()), frame["episode_landmarks"][seed], atol=1e-6)
        radii = [path.get_extents().width / 2 for path in shown["discs"].get_paths()]
        np.testing.assert_allclose(radii, np.maximum(world.sizes, 0.09), rtol=1e-6)
        colours = [to_rgba(agent_colour(i), 0.75) for i in range(world.n_agents)]
        np.testing.assert_allclose(shown["discs"].get_facecolor(), colours)
        ways = np.array(shown["trails"].get_segments()).reshape(25, world.n_agents, 2, 2)
        np.testing.assert_allclose(ways[:, :, 0], places[:-1], atol=1e-6)
        np.testing.assert_allclose(ways[:, :, 1], places[1:], atol=1e-6)
        assert len(shown["goal"].get_paths()) == world.has_goal
        if world.has_goal:
            goal = frame["episode_landmarks"][seed, frame["episode_goals"][seed]]
            np.testing.assert_allclose(centres(shown["goal"].get_paths())[0], goal, atol=1e-6)


def test_an_x_for_every_overlap_of_solid_agents(recording, ax):
    world, found = recording.game, 0
    crowded = Recording("crowded", "update", game=world)
    for t in range(len(recording)):
        crowded.append(t, recording[t] | {"episode_positions": recording[t]["episode_positions"] * 0.1})
        shown = parts(ParticleView(), ax, crowded, t)["bumps"].get_paths()
        places = crowded[t]["episode_positions"][0]
        expected = []
        for now in places:
            for i in range(world.n_agents):
                for j in range(i + 1, world.n_agents):
                    solid = world.bodies[i].solid and world.bodies[j].solid
                    if solid and np.hypot(*(now[i] - now[j])) < world.sizes[i] + world.sizes[j]:
                        expected.append((now[i] + now[j]) / 2)
        assert len(shown) == len(expected)
        if expected:
            np.testing.assert_allclose(centres(shown), expected, atol=1e-6)
        found += len(expected)
    assert (found > 0) == any(body.solid for body in world.bodies)


def test_only_a_speaker_has_a_word(recording, ax):
    shown = parts(ParticleView(), ax, recording, -1)["words"].get_paths()
    assert len(shown) == (recording.game.name == "simple_speaker_listener")
    assert not parts(ParticleView(step=0), ax, recording, -1)["words"].get_paths(), "nothing has been said yet"


def test_a_step_shows_the_episode_so_far(spread, ax):
    view = ParticleView(step=7)
    shown = parts(view, ax, spread, 3)
    places = spread[3]["episode_positions"][0]
    np.testing.assert_allclose(centres(shown["discs"].get_paths()), places[7], atol=1e-6)
    assert len(shown["trails"].get_segments()) == 7 * 3
    assert "step 7 of an evaluation episode" in view.alt_text(spread, 3)
    view.step = 0
    assert parts(view, ax, spread, 3) is shown and len(shown["trails"].get_segments()) == 0
    np.testing.assert_allclose(centres(shown["discs"].get_paths()), places[0], atol=1e-6)


def test_an_agent_may_be_highlighted_and_the_heading_says_the_step(spread, ax):
    view = ParticleView(step=7, highlighted=1)
    shown = parts(view, ax, spread, 2)
    place = spread[2]["episode_positions"][0, 7, 1]
    np.testing.assert_allclose(centres(shown["ring"].get_paths()), [place], atol=1e-6)
    with_step = shown["heading"].get_paths()[0].get_extents().width
    view.step = view.highlighted = None
    parts(view, ax, spread, 2)
    assert not shown["ring"].get_paths() and ax.get_title() == " "
    assert shown["heading"].get_paths()[0].get_extents().width < 0.7 * with_step, "no step is said"
    view.highlighted = 3
    with pytest.raises(ValueError, match="ParticleView: highlighted is 3; expected a whole number from 0 to 2"):
        view(ax, spread, 2)


@pytest.mark.parametrize("recording", ["tag", "speaker"], indirect=True)
def test_blitting_paints_the_same_pixels_and_leaves_the_still_part_alone(recording):
    drawn = blank(3)
    ax, view = drawn.axes[1], ParticleView()
    for artist in view(ax, recording, -1):
        artist.set_animated(True)
    drawn.canvas.draw()
    for t in (2, len(recording) - 1):
        artists = view(ax, recording, t)
        assert not drawn.stale and artists == view(ax, recording, t)
        drawn.canvas.draw()
        drawn.canvas.restore_region(drawn.canvas.copy_from_bbox(drawn.bbox))
        for artist in artists:
            ax.draw_artist(artist)
        blitted = pixels(drawn)
        for artist in artists:
            artist.set_animated(False)
        drawn.canvas.draw()
        np.testing.assert_array_equal(blitted, pixels(drawn))
        for artist in artists:
            artist.set_animated(True)
        drawn.canvas.draw()


@pytest.mark.parametrize("recording", ["tag", "speaker"], indirect=True)
def test_scrubbing_leaves_nothing_behind(recording):
    pictures = []
    for way in ([-1, 2], [0, 4, 1, 2]):
        drawn, view = blank(2), ParticleView()
        for t in way:
            view(drawn.axes[0], recording, t)
        drawn.canvas.draw()
        pictures.append(pixels(drawn))
    np.testing.assert_array_equal(*pictures)


@pytest.mark.parametrize("recording", ["spread"], indirect=True)
def test_the_picture_is_a_square_of_fixed_limits(recording, ax):
    view = ParticleView()
    view(ax, recording, -1)
    assert ax.get_xlim() == ax.get_ylim() == (-1.5, 1.5) and ax.get_aspect() == 1 and view.proportion(recording) == 1
    drawn = figure([view] * 3, recording)
    drawn.canvas.draw()
    sizes = [text.get_fontsize() for text in drawn.findobj(lambda artist: hasattr(artist, "get_fontsize"))]
    assert min(sizes) >= 9.5


def test_who_leaves_is_drawn_at_the_edge(ax):
    frame = {"episode_positions": np.array([[[[0.0, 0]], [[9.0, -0.5]]]]), "episode_landmarks": np.zeros((1, 1, 2))}
    recording = Recording("example", "update")
    recording.append(0, frame)
    shown = parts(ParticleView(), ax, recording, 0)
    np.testing.assert_allclose(centres(shown["discs"].get_paths()), [[1.5, -0.5]])
    assert "agent 1 is at (9.0, -0.5)" in ParticleView().alt_text(recording)
    assert not shown["bumps"].get_paths() and not shown["goal"].get_paths()


def test_it_speaks():
    told = ParticleView().alt_text(recorded(simple_spread(), spread_out), 2)
    assert told.startswith("Seed 0 after 20 updates, step 25 of an evaluation episode: agent 1 is at (")
    assert "Distance from each landmark to the nearest agent: 0.0" in told and told.endswith(".")
    speaking = recorded(simple_speaker_listener(), WORLDS["speaker"][1])
    word = speaking[-1]["episode_words"][1, -1, 0].argmax() + 1
    told = ParticleView(seed=1).alt_text(speaking)
    assert f"speaker 1 says word {word}." in told and "Distance to the goal: speaker 1 " in told
    crowd = recorded(simple_spread(6), do_nothing)
    for t in range(len(crowd)):
        n = len(ParticleView()._bumps(crowd, *[crowd[t]["episode_positions"][0]] * 2))
        assert (f" Pairs of agents overlapped in {n} step" in ParticleView().alt_text(crowd, t)) == (n > 0)


def test_a_recording_without_a_game_gets_its_world_from_the_view(ax):
    bare = recorded(simple_tag(), do_nothing, game=False)
    assert "agent 1 is at" in ParticleView().alt_text(bare)
    assert "adversary 1 is at" in ParticleView(simple_tag()).alt_text(bare)
    shown = parts(ParticleView(simple_tag()), ax, bare, 0)
    assert shown["landmarks"].get_paths()[0].get_extents().width == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("look", "message"),
    [
        (lambda r: ParticleView("simple_spread"), "world is 'simple_spread'; expected a ParticleWorld or None"),
        (lambda r: ParticleView(title=3), "ParticleView: title is 3; expected a text"),
        (lambda r: ParticleView(seed=2).alt_text(r), "ParticleView: seed is 2; expected a whole number from 0 to 1"),
        (lambda r: ParticleView(step=26).alt_text(r), "ParticleView: step is 26; expected a whole number from 0 to 25"),
        (lambda r: ParticleView(simple_tag()).alt_text(r), "3 agents and 3 landmarks; expected 4 and 2 as in"),
        (lambda r: ParticleView().alt_text(r, "x"), "t is 'x'; expected a whole number"),
        (lambda r: ParticleView().alt_text(3), "recording is 3; expected a Recording"),
    ],
)  # fmt: skip
def test_bad_input_is_named(look, message, spread):
    with pytest.raises(ValueError, match=message):
        look(spread)


def test_frames_without_positions_are_refused(ax):
    other = Recording("other", "update")
    other.append(0, {"loss": np.zeros(1)})
    with pytest.raises(ValueError, match="no array 'episode_positions' was recorded; there is loss"):
        ParticleView()(ax, other, 0)
