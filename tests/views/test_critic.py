"""The picture of a critic: planted surfaces where everything is known, what is drawn, and clear complaints."""

import numpy as np
import pytest
from matplotlib.colors import to_rgba
from painted import (
    expect_all_within,
    expect_blitting_as_redrawn,
    expect_still_while_scrubbing,
    expect_the_same_artists,
    parts,
    walked,
)

from marl_edu.games import simple_speaker_listener, simple_spread
from marl_edu.learning import MADDPG
from marl_edu.recording import Recording, record
from marl_edu.views import CriticView, agent_colour
from marl_edu.views.critic_marks import LEVELS, STAR

PEAK = np.array([0.5, -0.25])
SIDE = np.linspace(-1, 1, 21)
SMALL = {"worlds": 4, "batch": 8, "hidden": 8, "critic_hidden": 8, "warm_up": 8, "head_start": 2, "episodes": 3}


def quadratic(force) -> np.ndarray:
    """Q = -8 - |force - peak|^2, over (..., 2)."""
    return -8 - ((np.asarray(force) - PEAK) ** 2).sum(axis=-1)


def planted(moments=3, seeds=1) -> Recording:
    """Three agents with the same quadratic; at step k of moment t agent i acts at a place of its own."""
    recording = Recording("MADDPG", "update", game=simple_spread())
    x, y = np.meshgrid(SIDE, SIDE)
    for t in range(moments):
        acted = np.random.default_rng(t).uniform(-1, 1, (seeds, 26, 3, 2))
        surface = np.broadcast_to(quadratic(np.stack([x, y], axis=-1)), (seeds, 26, 3, 21, 21))
        recording.append(10 * t, {
            "critic_surface": surface, "critic_slope": -2 * (acted - PEAK), "critic_value": quadratic(acted),
            "critic_sees": np.full((seeds, 3), 3.0), "episode_actions": acted,
        })  # fmt: skip
    return recording


@pytest.fixture(scope="module")
def spread() -> Recording:
    return planted(22)


@pytest.fixture(scope="module")
def speaking() -> Recording:
    return record(MADDPG(simple_speaker_listener(), surface=5, seeds=2, **SMALL), 12, 1)


@pytest.fixture(scope="module")
def choosing() -> Recording:
    return record(MADDPG(simple_spread(), surface=5, actions="discrete", **SMALL), 12, 1)


@pytest.fixture(params=["force", "words", "choices"])
def view_and_recording(request, spread, speaking, choosing):
    return CriticView(0, step=7, probe=(0.4, 0.1)), {"force": spread, "words": speaking, "choices": choosing}[
        request.param
    ]


def test_star_others_and_values_are_where_they_belong(spread, ax):
    for t, agent, step in ((0, 0, 3), (-1, "agent 3", 25)):
        view = CriticView(agent, step=step)
        shown, i = parts(view, ax, spread, t), 0 if agent == 0 else 2
        acted = spread[t]["episode_actions"][0, step]
        np.testing.assert_allclose(shown["star"].get_offsets(), [acted[i]])
        np.testing.assert_allclose(shown["star"].get_facecolor(), [to_rgba(agent_colour(i))])
        np.testing.assert_allclose(shown["others"].get_offsets(), np.delete(acted, i, axis=0))
        assert view.value(spread, t) == pytest.approx(quadratic(acted[i]))
        assert view.acted(spread, t) == pytest.approx(tuple(acted[i]))
        for place in ((SIDE[3], SIDE[17]), (-1, 1), (SIDE[20], SIDE[0])):  # on the grid: exact
            assert view.value(spread, t, place) == pytest.approx(quadratic(place))
        assert view.value(spread, t, (0.03, 0.03)) == pytest.approx(quadratic((0.03, 0.03)), abs=0.01)


def test_the_arrow_goes_uphill_from_the_star(spread, ax):
    for step in range(26):
        shown = parts(CriticView(1, step=step), ax, spread, 1)
        start, slope = (spread[1][name][0, step, 1] for name in ("episode_actions", "critic_slope"))
        corners = shown["arrow"].get_paths()[0].vertices
        tip = corners[np.linalg.norm(corners - start, axis=1).argmax()] - start
        np.testing.assert_allclose(tip / np.hypot(*tip), slope / np.hypot(*slope), atol=1e-6)
        assert tip @ (PEAK - start) > 0 and 0.3 <= np.hypot(*tip) <= 0.6


def test_no_arrow_where_it_is_level(ax):
    level = planted(1)
    frame = {name: np.array(values) for name, values in level[0].items()}
    frame["critic_slope"][:] = 0
    flat = Recording("MADDPG", "update", game=level.game)
    flat.append(0, frame)
    assert not parts(CriticView(), ax, flat, 0)["arrow"].get_paths()


def test_lines_lie_where_the_critic_thinks_so_much_more_or_less(spread, ax):
    """On the line for +0.5 the planted quadratic is 0.5 more than at the star, and levels are alike at all steps."""
    view = CriticView(0)
    for step in (2, 11):
        view.step = step
        shown, own = parts(view, ax, spread, 0), spread[0]["critic_value"][0, step, 0]
        lines = shown["levels"].get_segments()
        heights = [quadratic(line) - own for line in lines]
        for gains in heights:
            nearest = LEVELS[np.abs(LEVELS - gains.mean()).argmin()]
            np.testing.assert_allclose(gains, nearest, atol=0.006)
        assert len(lines) >= 5


def test_bars_are_what_choices_are_worth_against_the_one_taken(choosing, ax):
    shown = parts(CriticView(1, step=4), ax, choosing, -1)
    frame = choosing[-1]
    choices, taken = frame["critic_choices"][0, :, 1], frame["episode_actions"][0, :, 1].argmax(axis=-1)
    gains = choices - choices[np.arange(26), taken][:, np.newaxis]
    heights = [path.vertices[1, 1] for path in shown["bars"].get_paths()]
    np.testing.assert_allclose(heights, gains[4] / np.abs(gains).max(), atol=1e-5)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["stay", "left", "right", "down", "up"]
    np.testing.assert_allclose(shown["star"].get_offsets(), [(taken[4], 0)])
    assert CriticView(1, step=4).value(choosing, -1, (3, 0)) == pytest.approx(choices[4, 3])


def test_a_speaker_has_bars_for_words_and_a_listener_a_force(speaking, ax):
    view = CriticView("speaker 1", seed=1, step=0)
    shown = parts(view, ax, speaking, 2)
    assert len(shown["bars"].get_paths()) == 3 and not shown["areas"].get_paths() and not view.by_force(speaking, 2)
    view.agent = "listener 2"
    assert parts(view, ax, speaking, 2) is shown and view.by_force(speaking, 2)
    assert not shown["bars"].get_paths() and shown["areas"].get_paths()
    assert len(shown["others"].get_paths()) == 0, "the speaker has no force"
    assert [label.get_text() for label in ax.get_xticklabels()] == ["\N{MINUS SIGN}1", "0", "1"], "no words stay"
    assert ax.get_xlabel() == "force to the right" and "sees all 2 agents" in ax.get_ylabel()
    view.agent = 0
    parts(view, ax, speaking, 2)
    assert "against the star" in ax.get_ylabel() and len(shown["bars"].get_paths()) == 3


def test_the_probe_has_a_ring_and_a_number(spread, ax):
    view = CriticView(0, step=3, probe=(0.5, -0.25))
    shown = parts(view, ax, spread, 0)
    np.testing.assert_allclose(shown["probe"].get_offsets(), [(0.5, -0.25)])
    assert len(shown["said"].get_paths()) == 1
    gain = -8 - spread[0]["critic_value"][0, 3, 0]
    assert view.probed(spread, 0).startswith("At the probe, force (0.50, -0.25): -8.00 (discounted return ahead), ")
    assert f"{gain:.2f}" in view.probed(spread, 0) and "more than what agent 1 does" in view.probed(spread, 0)
    assert view.alt_text(spread, 0).endswith(view.probed(spread, 0))
    view.probe = None
    parts(view, ax, spread, 0)
    assert len(shown["probe"].get_paths()) == 0 and len(shown["said"].get_paths()) == 1
    assert view.probed(spread, 0) == ""


def test_it_speaks(spread, speaking):
    told = CriticView(0, step=3).alt_text(spread, 1)
    assert told.startswith(
        "Critic of agent 1, after 10 updates, seed 0, step 3, sees all 3 agents: the actor's force ("
    )
    assert "uphill is (" in told and told.endswith(").")
    told = CriticView(0, step=3).alt_text(speaking, 1)
    assert "word 1 " in told and "the actor takes word " in told


def test_the_same_artists_blitted_or_redrawn(view_and_recording, ax):
    view, recording = view_and_recording
    expect_the_same_artists(view, ax, recording)
    expect_blitting_as_redrawn(view, ax, recording, (2, len(recording) - 1))
    expect_still_while_scrubbing(view, ax, recording)


def test_steps_and_probes_leave_the_still_part_alone(spread, ax):
    view, drawn = CriticView(0), ax.figure
    for artist in view(ax, spread, 0):
        artist.set_animated(True)
    drawn.canvas.draw()
    for step in range(26):
        view.step, view.probe = step, (step / 26, 0)
        view(ax, spread, 0)
        assert not drawn.stale


def test_scrubbing_leaves_nothing_behind(view_and_recording):
    from marl_edu.views.figures import blank

    view, recording = view_and_recording
    np.testing.assert_array_equal(*(walked(view, blank(2), recording, way) for way in ([-1, 2], [0, 4, 1, 2])))


def test_words_and_labels_lie_within_the_picture(view_and_recording):
    expect_all_within(*view_and_recording)


def test_a_star_has_five_points_and_is_small():
    assert len(STAR.vertices) == 11 and np.abs(STAR.vertices).max() <= 1


@pytest.mark.parametrize(
    ("look", "message"),
    [
        (lambda r: CriticView(title=3), "CriticView: title is 3; expected a text"),
        (lambda r: CriticView(3).alt_text(r), "CriticView: agent is 3; expected a whole number from 0 to 2"),
        (lambda r: CriticView("agent_9").alt_text(r), "CriticView: agent is 'agent_9' .*; expected one of 'agent 1'"),
        (lambda r: CriticView(True).alt_text(r), "CriticView: agent is True; expected a whole number"),
        (lambda r: CriticView(seed=1).alt_text(r), "CriticView: seed is 1; expected a whole number from 0 to 0"),
        (lambda r: CriticView(step=26).alt_text(r), "CriticView: step is 26; expected a whole number from 0 to 25"),
        (lambda r: CriticView(probe=(1, 2, 3)).alt_text(r), r"CriticView: probe has shape \(3,\); expected a force"),
        (lambda r: CriticView(probe="here").alt_text(r), "CriticView: probe"),
    ],
)
def test_bad_input_is_named(look, message, spread):
    with pytest.raises(ValueError, match=message):
        look(spread)


def test_frames_without_critics_say_how_to_get_them(ax):
    plain = record(MADDPG(simple_spread(), **SMALL), 1, 1)
    with pytest.raises(ValueError, match=r"no array 'critic_value' was recorded; .* as in MADDPG\(world, surface=13\)"):
        CriticView()(ax, plain, 0)
