"""The panel of particle worlds without a front end, driven by its widgets' traits and by what the page would send."""

import base64
import io
import time

import numpy as np
import pytest
from PIL import Image

from marl_edu.games import climbing, simple_speaker_listener, simple_spread, simple_tag
from marl_edu.learning import DDPG, MADDPG, IndependentQLearning
from marl_edu.panels import CurveGuess, ParticlePanel
from marl_edu.panels.particle_panel import PATIENCE
from marl_edu.recording import Recording, record
from marl_edu.views import CriticView, LearningCurve, ParticleView

SMALL = {"worlds": 4, "batch": 8, "hidden": 8, "critic_hidden": 8, "warm_up": 8, "head_start": 2, "episodes": 3}
UNITS = 40


def learner(world=None, surface=5, **options):
    return MADDPG(world or simple_spread(), surface=surface, **SMALL, **options)


@pytest.fixture
def panel():
    made = ParticlePanel(learner(), units=UNITS, controls=["actor_step", "discount"])
    yield made
    made.close()


def share(panel, view, x, y):
    """What the page would send for a place in one of the views, in data units."""
    panel.png()  # laid out
    ax = panel._painter._axes[view]
    across, up = ax.transData.transform((x, y))
    return {"x": across / panel._painter.width, "y": 1 - up / panel._painter.height}


def ticked(panel, seconds=5.0):
    """Drive the panel as the engine does until it stands still; the steps of the episode that were shown."""
    steps, until = [], time.perf_counter() + seconds
    while (panel.playing or panel.watching or not steps) and time.perf_counter() < until:
        panel.tick()
        steps.append(panel.episode_step)
        time.sleep(max(0.0, min(panel.idle(), 0.02)))
    return steps


def test_it_has_a_curve_the_world_and_a_critic(panel):
    assert [type(view) for view in panel.views] == [LearningCurve, ParticleView, CriticView]
    assert panel.episode_step == 25 and panel.agent == 0 and panel.probe is None
    assert [made.description for made in panel._row.agents] == ["agent 1", "agent 2", "agent 3"]
    assert "arrow keys" in panel._row.pointer.hint
    assert set(panel.views[0].levels(panel.recording)) == {"do nothing", "random play", "controller"}


def test_without_a_surface_it_speaks_of_no_critic():
    panel = ParticlePanel(learner(surface=0), units=UNITS)
    assert [type(view) for view in panel.views] == [LearningCurve, ParticleView]
    assert panel._row.pointer.hint == "Point at an agent to mark it." and panel.probe is None
    panel._pointed(share(panel, 1, *panel.recording[0]["episode_positions"][0, 25, 2]) | {"click": True})
    assert panel.agent == 2
    panel._pointed({"move": [1, 0]})
    panel._pointed({"gone": True})
    panel.close()


def test_while_it_learns_the_world_moves_one_step_a_picture(panel):
    pictures = []
    show = panel.board.show_picture
    panel.board.show_picture = lambda form, data: (pictures.append(panel.views[1].step), show(form, data))
    panel.play()
    ticked(panel)
    assert panel.algorithm.units_done == UNITS and not panel.playing
    moving = [step for step in pictures if step != 25]
    assert moving and set(np.diff(moving)) <= {0, 1}
    assert pictures[-1] == 25 == panel.episode_step, "at the end of a run the whole episode is shown"
    assert panel.views[1].step == panel.views[2].step == panel._row.step.value == 25


def test_frames_that_take_long_are_kept_less_often_than_pictures_are_made():
    panel = ParticlePanel(learner(), units=100_000)
    assert panel._session.patience == PATIENCE
    panel._session.patience = 100.0
    panel.play()
    shown, show = [], panel.board.show_picture
    panel.board.show_picture = lambda form, data: (shown.append(len(panel.recording)), show(form, data))
    while len(shown) < 6:
        panel.tick()
    panel.pause()
    assert set(shown) == {1} and panel.episode_step in (5, 6), "several pictures of one frame"
    assert panel.recording.units[-1] == panel.algorithm.units_done, "the moment at which it was paused is kept"
    panel.close()


def test_watch_plays_the_episode_of_the_moment_that_is_shown(panel):
    panel.run()
    panel.seek(int(panel.recording.units[3]))
    panel._row.watch.click()
    assert panel.watching and panel.episode_step == 0 and panel._row.watch.description == "stop"
    steps = ticked(panel)
    assert not panel.watching and steps[-1] == 25 and panel._row.watch.description == "watch"
    assert set(np.diff(steps)) <= {0, 1}
    assert panel.moment == 3 and panel.algorithm.units_done == UNITS
    panel._row.watch.click()
    panel._row.watch.click()
    assert not panel.watching and panel.episode_step == 0


def test_watch_pauses_learning_and_play_ends_watching(panel):
    panel.play()
    panel.tick()
    panel.watch()
    assert panel.watching and not panel.playing
    panel.play()
    assert panel.playing and not panel.watching


def test_the_slider_shows_a_step_in_world_and_critic(panel):
    panel.run()
    panel._row.step.value = 7
    assert panel.episode_step == panel.views[1].step == panel.views[2].step == 7
    before = panel.png()
    panel._row.step.value = 8
    assert panel.png() != before
    assert "step 8 of an evaluation episode" in panel.describe() and "step 8, sees all 3 agents" in panel.describe()


def test_buttons_and_the_mouse_over_the_world_choose_an_agent(panel):
    panel.run()
    panel._row.agents[1].click()
    assert panel.agent == panel.views[1].highlighted == panel.views[2].agent == 1
    assert ["marl-chosen" in made._dom_classes for made in panel._row.agents] == [False, True, False]
    places = panel.recording[panel.moment]["episode_positions"][0, 25]
    for i in (2, 0, 1):
        panel._pointed(share(panel, 1, *places[i]))
        assert panel.agent == i
    far = np.array(list(np.ndindex(15, 15))) / 5 - 1.4
    far = far[np.linalg.norm(far[:, np.newaxis] - places, axis=-1).min(axis=1).argmax()]
    nearest = int(np.linalg.norm(places - far, axis=-1).argmin())
    panel.look(agent=(nearest + 1) % 3)
    panel._pointed(share(panel, 1, *far))
    assert panel.agent == (nearest + 1) % 3, "nobody is near"
    panel._pointed(share(panel, 1, *far) | {"click": True})
    assert panel.agent == nearest


def test_the_mouse_over_the_critic_says_what_it_thinks_there(panel):
    panel.run()
    panel._pointed(share(panel, 2, 0.5, -0.5))
    assert panel.probe == pytest.approx((0.5, -0.5))
    worth = panel.views[2].value(panel.recording, panel.moment, (0.5, -0.5))
    assert worth == pytest.approx(panel.recording[-1]["critic_surface"][0, 25, 0, 1, 3], rel=1e-6)
    assert panel._row.pointer.says.startswith(f"At the probe, force (0.50, -0.50): {worth:.3g}"[:44])
    panel._pointed(share(panel, 2, 1.2, 0))
    assert panel.probe == pytest.approx((1, 0)), "no more than all"
    panel._pointed(share(panel, 0, 20, -20))
    assert panel.probe is None and panel._row.pointer.says == ""
    panel._pointed(share(panel, 2, 0, 0))
    panel._pointed({"gone": True})
    assert panel.probe is None


def test_arrow_keys_move_the_probe_from_the_star(panel):
    panel.run()
    panel.look(agent=2)
    acted = panel.recording[-1]["episode_actions"][0, 25, 2]
    panel._pointed({"move": [1, 0]})
    assert panel.probe == pytest.approx(np.clip(acted + np.array([0.1, 0]), -1, 1))
    for _ in range(30):
        panel._pointed({"move": [0, 1]})
    assert panel.probe[1] == 1


def test_a_speaker_is_asked_about_words():
    panel = ParticlePanel(learner(simple_speaker_listener()), units=UNITS).run()
    panel._pointed(share(panel, 2, 2, 0.3))
    assert panel._row.pointer.says.startswith("At the probe, word 3: ")
    panel._pointed({"gone": True})
    panel._pointed({"move": [1, 0]})
    assert "At the probe, word " in panel._row.pointer.says
    panel.look(agent=1)
    assert panel.probe is None and panel._row.pointer.says == "", "a word is no force"
    panel.close()


@pytest.mark.parametrize("probe", [(np.nan, 0), (1, 2, 3), (1,), 3, "ab", ("a", "b"), (None, 0), [[0, 1]], {}])
def test_a_probe_that_is_none_changes_nothing(panel, probe):
    panel.step()
    panel.look(step=3, agent=1, probe=(0.25, -0.5))
    before = panel.png()
    with pytest.raises(ValueError, match=r"^probe"):
        panel.look(step=4, agent=2, probe=probe)
    with pytest.raises(ValueError, match="agent is 9"):
        panel.look(step=4, agent=9, probe=(0, 0))
    assert (panel.episode_step, panel.agent, panel.probe) == (3, 1, (0.25, -0.5)) and panel.png() == before
    panel.look(agent=2)
    assert panel.png() != before and panel.describe() and "At the probe, force (0.25" in panel._row.pointer.says
    panel.reset()
    assert panel.probe is None and panel.png()


def test_a_new_learner_that_acts_by_choices_is_not_asked_about_a_force():
    panel = ParticlePanel(learner(), units=UNITS, controls=["actions"])
    panel.look(probe=(0.5, 0.5))
    panel.set(actions="discrete")
    panel.reset()
    assert panel.probe is None and panel._row.pointer.says == "" and "At the probe" not in panel.describe()
    panel.close()


def test_views_do_not_come_and_go_so_their_surface_gets_no_control_unless_asked_for():
    for surface in (0, 5):
        panel = ParticlePanel(learner(surface=surface), units=UNITS)
        assert set(panel.board.controls) == set(panel.algorithm.declared()) - {"surface"}
        panel.close()
    asked = ParticlePanel(learner(), units=UNITS, controls=["surface"])
    assert list(asked.board.controls) == ["surface"]
    asked.close()


def test_timeline_reset_seeds_and_controls_are_those_of_every_panel(panel):
    panel.run()
    newest = panel.png()
    panel.tick()
    panel.board.timeline.value = 0
    assert panel.moment == 0 and panel.png() != newest
    panel.board.controls["discount"].value = 0.5
    panel.tick()
    assert "discount 0.95" in panel.board.notice.value or panel.algorithm.discount == 0.5
    panel.board.seeds.value = 3
    panel.reset()
    assert panel.algorithm.seeds == 3 and panel.recording.units.tolist() == [0] and panel.episode_step == 25
    panel.tick()
    panel.step()
    assert panel.recording.units[-1] == 1
    panel.pin()
    panel.tick()
    assert len(panel.pins) == 1


def test_exports(tmp_path):
    panel = ParticlePanel(learner(), units=6).run()
    panel.look(step=3, agent=1)
    for name, begins in (("run.png", b"\x89PNG"), ("run.gif", b"GIF89a"), ("run.csv", b"update,seed,agent")):
        assert panel.export(tmp_path / name).read_bytes().startswith(begins)
    assert panel.episode_step == panel.views[1].step == 3
    panel._offer("GIF")
    while panel._job:
        panel.tick()
    assert "save maddpg-on-simple-spread.gif" in panel.board.notice.value
    panel.close()


def test_the_still_picture_is_of_some_updates_or_of_a_run_that_is_there_already():
    panel = ParticlePanel(learner(), units=UNITS, preview=10)
    data, metadata = panel._repr_mimebundle_()
    assert "Greedy return after 10 updates" in data["text/plain"] and "Critic of agent 1" in data["text/plain"]
    assert Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).width == 680
    assert panel.recording.units.tolist() == [0] and metadata["image/png"]["alt"] in data["text/plain"]
    again, _ = ParticlePanel(learner(), units=UNITS, preview=10)._repr_mimebundle_()
    assert again["text/plain"] == data["text/plain"] and again["image/png"] == data["image/png"]
    run = record(learner(), 20, 5)
    data, _ = ParticlePanel(learner(), units=UNITS, preview=run)._repr_mimebundle_()
    assert "Greedy return after 20 updates" in data["text/plain"]


def test_a_run_for_the_still_picture_may_come_from_a_file_or_have_other_seeds(tmp_path):
    record(learner(seeds=2), 20, 5).save(tmp_path / "run.npz")
    run = Recording.load(tmp_path / "run.npz")
    assert run.game is None
    data, _ = ParticlePanel(learner(), units=UNITS, preview=run)._repr_mimebundle_()
    assert "Greedy return after 20 updates" in data["text/plain"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: record(DDPG(simple_tag(), surface=5, **SMALL), 2, 1),
            "a run of DDPG on simple_tag; expected .* MADDPG",
        ),
        (lambda: record(learner(simple_tag()), 2, 1), "MADDPG on simple_tag; expected one of MADDPG on simple_spread"),
        (
            lambda: record(learner(simple_spread(n_agents=2)), 2, 1),
            "its array 'actor_loss' is 2 for each seed, .* is 3",
        ),
        (
            lambda: record(learner(simple_spread(max_steps=9)), 2, 1),
            "'critic_slope' is 10 x 3 x 2 for .* is 26 x 3 x 2",
        ),
        (lambda: record(learner(surface=0), 2, 1), "its array 'critic_sees' is not there, that of this panel is 3"),
        (lambda: without_world(learner(simple_spread(n_agents=2))), "its array 'actor_loss' is 2 for each seed"),
        (
            lambda: Recording("MADDPG", "update"),
            r"preview is Recording\('MADDPG': 0 moments\); expected .* moments in it",
        ),
    ],
)
def test_a_run_of_another_learner_is_refused_for_the_still_picture(make, message):
    with pytest.raises(ValueError, match=message):
        ParticlePanel(learner(), units=UNITS, preview=make())


def without_world(algorithm):
    """A run that knows no game, as those do that come from a file."""
    run = record(algorithm, 2, 1)
    run.game = None
    return run


def test_a_guess_locks_it_as_every_panel():
    guess = CurveGuess("particles", "How does it go?", x=(0, UNITS, "updates"), y=(-40, 0, "greedy return"))
    panel = ParticlePanel(learner(), units=UNITS, guess=guess)
    with pytest.raises(RuntimeError, match="commit your guess first"):
        panel.play()
    assert panel.board.buttons["play"].disabled and panel.episode_step == 25
    panel.close()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ParticlePanel(IndependentQLearning(climbing()), units=5), "expected a learner in a particle world"),
        (lambda: ParticlePanel("MADDPG", units=5), "algorithm is 'MADDPG'; expected a learner in a particle world"),
        (lambda: ParticlePanel(learner(), units=5, preview=-1), "preview is -1; expected a whole number"),
        (lambda: ParticlePanel(learner(surface=0), CriticView(), units=5), "was recorded; expected .* surface > 0"),
        (lambda: ParticlePanel(learner(), units=5).look(step=26), "step is 26; expected a whole number from 0 to 25"),
        (lambda: ParticlePanel(learner(), units=5).look(agent=3), "agent is 3; expected a whole number from 0 to 2"),
    ],
)
def test_bad_input_is_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()
