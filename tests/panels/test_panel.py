"""The panel without a front end: the same object, driven by its widgets' traits."""

import base64
import io
import sys

import numpy as np
import pytest
from PIL import Image

from marl_edu.algorithm import HyperparameterError
from marl_edu.games import CROSSING, climbing, gridworld
from marl_edu.learning import IndependentQLearning
from marl_edu.panels import Panel
from marl_edu.views import GridWorldView, JointActionView, LearningCurve


@pytest.fixture
def panel():
    made = Panel(IndependentQLearning(climbing(), seeds=3), LearningCurve(), units=300)
    yield made
    made.close()


def buttons(panel):
    """All buttons of a panel."""
    found, todo = [], [panel.board.box]
    while todo:
        widget = todo.pop()
        todo += getattr(widget, "children", ())
        if type(widget).__name__ == "Button":
            found.append(widget)
    return found


def test_every_declared_hyperparameter_gets_a_control_with_its_range_and_meaning(panel):
    for name, trait in panel.algorithm.declared().items():
        control = panel.board.controls[name]
        assert trait.help in control.tooltip
        assert control.value == getattr(panel.algorithm, name)
        if type(control).__name__ == "FloatSlider":
            assert (control.min, control.max) == (trait.min, trait.max)
        if trait.metadata["scale"] == "log":
            assert (control.options[0][1], control.options[-1][1]) == pytest.approx((trait.min, trait.max))


def test_moving_a_control_changes_the_algorithm_and_marks_the_picture(panel):
    panel.step()
    panel.board.controls["epsilon"].value = 0.55
    assert panel.algorithm.epsilon == 0.55
    panel.tick()
    assert "epsilon 0.1" in panel.board.notice.value
    assert "marl-stale" in panel.board.picture._dom_classes
    panel.step()
    panel.tick()
    assert panel.board.notice.value == "" and "marl-stale" not in panel.board.picture._dom_classes


def test_dragging_the_timeline_rewinds_all_views():
    views = [LearningCurve(), JointActionView()]
    panel = Panel(IndependentQLearning(climbing(), seeds=3), views, units=300).run()
    panel.tick()
    newest = panel.board.picture.value
    panel.board.timeline.value = 0
    assert panel.moment == 0
    panel.tick()
    assert panel.board.picture.value != newest
    panel.board.timeline.value = panel.board.timeline.max
    panel.tick()
    assert panel.moment == len(panel.recording) - 1
    assert panel.board.picture.value == newest


def test_a_refused_value_is_said_in_the_panel_and_nothing_is_lost(panel):
    panel.run()
    kept = len(panel.recording)
    panel._engine.ask(panel._tuned, "epsilon", 7)
    assert "epsilon is 7; expected a number from 0 to 1" in panel.board.notice.value
    assert panel.algorithm.epsilon == 0.1 and len(panel.recording) == kept


def test_an_algorithm_that_breaks_stops_and_keeps_its_recording(panel, monkeypatch):
    panel.run()
    panel.play()
    kept = len(panel.recording)

    def breaks(n):
        raise FloatingPointError("the loss is NaN after step 17")

    monkeypatch.setattr(type(panel.algorithm), "_advance", lambda self, n: breaks(n))
    try:
        panel.tick()
        panel.tick()
    except FloatingPointError as error:
        panel.fail(error)
    assert not panel.playing
    assert "the loss is NaN after step 17" in panel.board.notice.value
    assert len(panel.recording) == kept


def test_shown_without_a_front_end_it_leaves_a_picture_and_a_line_of_a_whole_run(panel):
    data, metadata = panel._repr_mimebundle_()
    picture = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert picture.width == 680
    assert "Greedy return after 300 environment steps" in data["text/plain"]
    assert metadata["image/png"]["alt"] in data["text/plain"]
    assert panel.recording.units.tolist() == [0], "the panel itself has not begun"
    again, _ = Panel(IndependentQLearning(climbing(), seeds=3), LearningCurve(), units=300)._repr_mimebundle_()
    assert again["text/plain"] == data["text/plain"]
    assert again["image/png"] == data["image/png"]


def test_the_still_picture_is_that_of_a_recorded_run(panel):
    from marl_edu import record

    expected = record(IndependentQLearning(climbing(), seeds=3), 300, 5)
    words = LearningCurve().alt_text(expected, len(expected) - 1)
    assert words in panel._repr_mimebundle_()[0]["text/plain"]


def test_pins_are_shown_compared_and_removed(panel):
    panel.run().pin()
    panel.set(step_size=0.9)
    panel.reset()
    panel.pin()
    labels = [label for label, _ in panel.views[0].ghosts]
    assert labels == ["pin 1: as given", "pin 2: step size 0.9"]
    panel.unpin()
    assert panel.views[0].ghosts == []


def test_seeds_change_at_the_next_reset(panel):
    panel.board.seeds.value = 10
    panel.tick()
    assert panel.algorithm.seeds == 3 and "Press reset for 10 seeds" in panel.board.notice.value
    panel.reset()
    panel.tick()
    assert panel.algorithm.seeds == 10 and panel.board.notice.value == ""


@pytest.mark.parametrize("name", ["run.png", "run.gif", "run.csv"])
def test_export_to_a_file(panel, tmp_path, name):
    panel.run()
    path = panel.export(tmp_path / name)
    if name == "run.csv":
        rows = np.genfromtxt(path, delimiter=",", names=True)
        assert len(rows) == len(panel.recording) * 3 * 2
        np.testing.assert_allclose(rows["greedy_return"][-2:], panel.recording[-1]["greedy_return"][2])
    else:
        picture = Image.open(path)
        assert picture.size == (680, panel._painter.height)
        assert getattr(picture, "n_frames", 1) == (min(60, len(panel.recording)) if name == "run.gif" else 1)


def test_export_names_what_it_can(panel, tmp_path):
    with pytest.raises(ValueError, match=r"can't export 'run.mp4'; expected a name that ends in .png, .gif or .csv"):
        panel.export(tmp_path / "run.mp4")


@pytest.mark.parametrize(
    "change, message",
    [
        ({"algorithm": 3}, "algorithm is int; expected an Algorithm"),
        ({"units": 0}, "units is 0; expected a whole number"),
        ({"units": 1.5}, "units is 1.5; expected a whole number"),
        ({"speed": -1}, "speed is -1; expected a finite number"),
        ({"speed": float("nan")}, "speed is nan; expected a finite number"),
        ({"views": []}, "one to three views; got 0"),
        ({"views": [LearningCurve()] * 4}, "one to three views; got 4"),
        ({"views": "curve"}, "views is 'curve'; expected a View such as LearningCurve"),
        ({"views": LearningCurve}, "with brackets"),
        ({"views": [None]}, "expected a View"),
        ({"views": GridWorldView()}, "gridworld"),
        ({"views": LearningCurve("zz")}, "zz"),
        ({"units": 10**30}, "units is 1000"),
        ({"speed": 1e30}, "speed is 1e"),
        ({"controls": 3}, "controls is 3; expected a list of names"),
        ({"controls": [None]}, "expected a list of names"),
        ({"controls": ["epsilom"]}, "did you mean 'epsilon'"),
    ],
)
def test_bad_arguments(change, message):
    learner = IndependentQLearning(climbing())
    arguments = {"algorithm": learner, "views": LearningCurve(), "units": 100} | change
    with pytest.raises((ValueError, HyperparameterError), match=message):
        Panel(**arguments)


def test_two_panels_on_one_learner_say_who_moved_it():
    learner = IndependentQLearning(climbing(), seeds=2)
    first = Panel(learner, LearningCurve(), units=100).run()
    second = Panel(learner, LearningCurve(), units=100)
    second.step()
    first._engine.ask(first.step)
    assert "another cell or panel has moved it; press reset" in first.board.notice.value
    assert len(first.recording) > 10, "what was recorded stays"
    first.reset()
    first.step()
    assert first.recording.units.tolist() == [0, 1]


def test_a_view_used_in_two_panels_does_not_carry_pins_over():
    curve = LearningCurve()
    one, other = (Panel(IndependentQLearning(climbing()), curve, units=100) for _ in range(2))
    one.run().pin()
    assert len(one.views[0].ghosts) == 1 and not other.views[0].ghosts and not curve.ghosts


def test_a_control_goes_back_when_its_value_is_refused(panel):
    panel._engine.ask(panel._tuned, "epsilon", float("nan"))
    assert panel.board.controls["epsilon"].value == 0.1
    assert "epsilon is nan" in panel.board.notice.value


def test_rounding_to_the_slider_grid_in_the_browser_changes_nothing():
    learner = IndependentQLearning(climbing(), seeds=2, epsilon=0.1234, temperature=3.3, epsilon_decay=0.9985)
    panel = Panel(learner, LearningCurve(), units=100)
    panel.board.controls["epsilon"].value = 0.12
    assert panel.algorithm.epsilon == 0.1234
    panel.board.controls["epsilon"].value = 0.13
    assert panel.algorithm.epsilon == 0.13
    assert panel.board.controls["temperature"].value == 3.3
    assert panel.board.controls["epsilon_decay"].value == 0.9985
    panel.set(temperature=7.7)
    assert panel.board.controls["temperature"].value == 7.7


def test_pins_tell_what_was_changed_on_the_way(panel):
    panel.step()
    panel.set(epsilon=0.5)
    panel.step()
    panel.pin()
    assert panel.views[0].ghosts[0][0] == "pin 1: epsilon 0.1 to 0.5"


def test_nothing_is_stale_before_anything_was_learned(panel):
    panel.tick()
    panel.board.controls["epsilon"].value = 0.9
    panel.tick()
    assert panel.board.notice.value == ""


def test_controls_that_play_no_part_are_idle(panel):
    panel.tick()
    idle = {name for name, control in panel.board.controls.items() if control.disabled}
    assert idle == {"temperature", "temperature_decay", "temperature_floor"}
    panel.set(exploration="softmax")
    panel.tick()
    idle = {name for name, control in panel.board.controls.items() if control.disabled}
    assert idle == {"epsilon", "epsilon_decay", "epsilon_floor"}


def test_messages_are_shown_as_text(panel):
    panel.fail(ValueError("got <object at 0x1>"))
    assert "&lt;object at 0x1&gt;" in panel.board.notice.value


def test_a_thousand_random_widget_events_raise_nothing():
    rng = np.random.default_rng(0)
    learner = IndependentQLearning(gridworld(CROSSING), seeds=2)
    panel = Panel(learner, [LearningCurve(), GridWorldView(agent=0)], units=400)
    pressable = [button for button in buttons(panel) if button.description != "GIF"]
    sliders = [*panel.board.controls.values(), panel.board.speed, panel.board.seeds, panel.board.timeline]
    failures = []
    panel.fail = lambda error: failures.append(error)
    for _ in range(1000):
        if rng.random() < 0.5:
            pressable[rng.integers(len(pressable))].click()
        else:
            widget = sliders[rng.integers(len(sliders))]
            if hasattr(widget, "options"):
                widget.index = int(rng.integers(len(widget.options)))
            else:
                low, high = widget.min, widget.max
                value = low + rng.random() * (high - low)
                log = type(widget).__name__ == "FloatLogSlider"
                widget.value = 10**value if log else type(widget.value)(value)
        if rng.random() < 0.3:
            panel.tick()
    assert failures == []
    units = panel.recording.units
    assert (np.diff(units) >= 0).all() and np.isfinite(panel.algorithm.q).all()


def test_importing_the_package_does_not_import_widgets():
    import subprocess

    code = "import sys, marl_edu, marl_edu.learning, marl_edu.planning, marl_edu.recording; print(sorted(sys.modules))"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "'ipywidgets'" not in modules and "'matplotlib'" not in modules and "'torch'" not in modules
