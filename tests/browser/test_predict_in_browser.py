"""Guesses as a student makes them: drawn with the mouse, by keys alone, chosen; and the run that waits for them."""

import io
import re

import nbformat
import numpy as np
import pytest
from browser_lab import PanelOnPage
from PIL import Image

pytestmark = pytest.mark.browser

SETUP = """
import os
os.environ["MARL_EDU_PROGRESS"] = {progress!r}
from marl_edu import record
from marl_edu.games import climbing, gridworld, CORRIDOR
from marl_edu.learning import IndependentQLearning
from marl_edu.panels import ChoiceGuess, CurveGuess, MarkerGuess, Panel
from marl_edu.views import LearningCurve
game = gridworld(CORRIDOR, discount=0.95, name="corridor")
"""
CURVE = """
curve = CurveGuess("t.curve", "Ten pairs of learners in the corridor: how will their greedy return run?",
                   x=(0, 3000, "environment steps"), y=(-40, 10, "greedy return"),
                   references={"team optimum": 3.76, "random play": -35.8})
curve
"""
CURVE_RUN = """
run = record(IndependentQLearning(game, seeds=10, step_size=0.2), 3000, 50)
curve.reveal(run)
"""
MARKER = """
marker = MarkerGuess("t.marker", "How many pairs find the optimum?", axis=(0, 100, "pairs at the optimum (%)"),
                     references={"random play": 25})
marker
"""
MARKER_RUN = "marker.reveal(55, low=48, high=62)"
CHOICE = """
choice = ChoiceGuess("t.choice", "Who makes room in the bay?", options=["agent 1", "agent 2", "it depends on the seed, "
                     "for nothing in the world tells the two apart but the way that chance took at the beginning"])
choice
"""
CHOICE_RUN = 'choice.reveal(2, because="in 6 of 10 runs it is agent 1, in 4 it is agent 2.")'
PANEL = """
panel = Panel(IndependentQLearning(climbing(), seeds=10), LearningCurve(), units=600, speed=1000, guess=guess)
panel
"""
PANEL_GUESS = """
guess = CurveGuess("t.panel", "And the climbing game?", x=(0, 600, "environment steps"), y=(-40, 15, "greedy return"))
guess
"""


@pytest.fixture(scope="module")
def notebooks(lab, tmp_path_factory):
    """Write this file's notebooks beside the others; the path of the progress of one of them."""
    kept = tmp_path_factory.mktemp("progress") / "progress.json"
    cells = {
        "curve": [SETUP.format(progress="off"), CURVE, CURVE_RUN],
        "kept": [SETUP.format(progress=str(kept)), CURVE, CURVE_RUN],
        "others": [SETUP.format(progress="off"), MARKER, MARKER_RUN, CHOICE, CHOICE_RUN],
        "twice": [SETUP.format(progress="off"), CURVE, "curve"],
        "locked": [SETUP.format(progress="off"), PANEL_GUESS, PANEL],
    }
    for name, texts in cells.items():
        notebook = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
        notebook.cells = [nbformat.v4.new_code_cell(text.strip()) for text in texts]
        nbformat.write(notebook, lab.folder / f"predict-{name}.ipynb")
    return kept


class GuessOnPage:
    """The n-th guess of a page, with the reveal that follows it."""

    def __init__(self, page, number: int = 0):
        self.page = page.page
        self.root = self.page.locator(".marl-predict").nth(number)
        self.reveal = self.page.locator(".marl-reveal").nth(number)
        self.root.wait_for(timeout=20_000)
        self.root.scroll_into_view_if_needed()

    @property
    def canvas(self):
        return self.root.locator("canvas.marl-canvas")

    def press(self, word: str) -> None:
        self.root.locator(f"button.marl-{word}").click()

    def says(self) -> str:
        return self.root.locator(".marl-says").inner_text().strip()

    def point(self) -> str:
        return self.root.locator(".marl-point").inner_text().strip()

    def spot(self, x: float, y: float = 0.5) -> tuple[float, float]:
        """A place on the page, by shares of the axes from left to right and from bottom to top."""
        paper = self.canvas.bounding_box()
        left, top, wide, tall, width, height = self.canvas.evaluate(
            """canvas => JSON.parse(canvas.closest('.marl-paper').dataset.axes)"""
        )
        return (
            paper["x"] + paper["width"] * (left + x * wide) / width,
            paper["y"] + paper["height"] * (top + (1 - y) * tall) / height,
        )

    def draw(self, points, steps: int = 6) -> None:
        """Press at the first of these places, move through the others, release."""
        self.canvas.scroll_into_view_if_needed()
        mouse = self.page.mouse
        mouse.move(*self.spot(*points[0]))
        mouse.down()
        for point in points[1:]:
            mouse.move(*self.spot(*point), steps=steps)
        mouse.up()

    def pixels(self) -> np.ndarray:
        return pixels(self.canvas)

    def until_revealed(self) -> None:
        self.reveal.locator("img").wait_for(timeout=15_000)
        self.reveal.scroll_into_view_if_needed()


def pixels(element) -> np.ndarray:
    """An element as it is seen."""
    return np.asarray(Image.open(io.BytesIO(element.screenshot())).convert("RGB")).astype(int)


def violet(seen: np.ndarray) -> int:
    """How many pixels have the colour of a guess."""
    return int((np.abs(seen - [0x8E, 0x5B, 0xC4]).max(axis=-1) < 40).sum())


@pytest.fixture
def opened(request, lab, notebooks, artefacts):
    """Yield a notebook of this file that has run (by parameter ``name@width x height``), photographed at the end."""
    name, *size = request.param.split("@")
    page = lab.open(f"predict-{name}.ipynb", tuple(map(int, size[0].split("x"))) if size else (1400, 1000))
    page.run_all()
    assert page.errors() == []
    yield page
    page.page.screenshot(path=str(artefacts / f"{request.node.name.replace('/', '_')}.png"))
    complaints = page.complaints
    page.shutdown()
    assert complaints == []


@pytest.mark.parametrize("opened", ["curve", "curve@1024x800"], indirect=True)
def test_a_curve_drawn_with_the_mouse_is_held_against_what_happened(opened, artefacts, request):
    guess = GuessOnPage(opened)
    assert "Commit your guess above first" in guess.reveal.inner_text()
    locked = guess.reveal.bounding_box()["height"]
    guess.press("commit")
    guess.root.locator(".marl-says", has_text="nothing drawn yet").wait_for()
    before = guess.root.bounding_box()["height"]
    guess.draw([(0, 0.1), (0.3, 0.4), (1.2, 0.9)])  # and out of the picture on the right
    assert violet(guess.pixels()) > 500
    opened.page.screenshot(path=str(artefacts / f"{request.node.name}-drawn.png"))
    guess.press("commit")
    guess.until_revealed()
    words = guess.reveal.inner_text()
    assert "You expected the curve to end at" in words and "mean of 10 seeds" in words
    assert "The largest gap is" in words
    assert violet(pixels(guess.reveal.locator("img"))) > 200
    assert abs(guess.reveal.bounding_box()["height"] - locked) <= 24
    assert guess.root.bounding_box()["height"] == before
    value = opened.eval("print(curve.value[0].round(1), curve.value[30].round(1), curve.value[-1].round(1))").split()
    assert [float(v) for v in value] == pytest.approx([-35, -20, -0.56], abs=1.5)
    committed = guess.pixels()
    guess.draw([(0, 0.9), (1, 0.1)])
    assert (guess.pixels() == committed).mean() > 0.99, "what is committed can't be drawn over"
    guess.press("guess")
    guess.reveal.locator(".marl-locked").wait_for()
    assert opened.eval("print(curve.committed)") == "False"
    for part in (guess.root, guess.reveal):
        assert part.evaluate("part => part.scrollWidth - part.clientWidth") <= 2


@pytest.mark.parametrize("opened", ["curve"], indirect=True)
def test_a_fast_stroke_leaves_no_gaps_and_clear_begins_again(opened):
    guess = GuessOnPage(opened)
    guess.draw([(-0.1, 0.5), (1.2, 0.5)], steps=2)
    guess.press("commit")
    guess.until_revealed()
    assert opened.eval("print(curve.value.min().round(), curve.value.max().round())") == "-15.0 -15.0"
    guess.press("guess")
    guess.root.locator("button.marl-clear:not([disabled])").click()
    guess.press("commit")
    guess.root.locator(".marl-says", has_text="nothing drawn yet").wait_for()


@pytest.mark.parametrize("opened", ["curve"], indirect=True)
def test_a_curve_by_keys_alone(opened, artefacts):
    guess = GuessOnPage(opened)
    keys = opened.page.keyboard
    opened.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.node.focus()")
    guess.canvas.focus()
    keys.press("Home")
    keys.press("ArrowUp")
    assert guess.point().startswith("point 1 of 21: environment steps 0, greedy return \u221215")
    assert "greedy return" in guess.root.locator(".marl-heard").inner_text()
    for _ in range(4):
        keys.press("Shift+ArrowDown")
    low = guess.point()
    keys.press("End")
    assert guess.point().startswith("point 21 of 21: environment steps 3,000")
    for _ in range(20):
        keys.press("ArrowUp")
    assert guess.point() != low
    keys.press("Shift+ArrowLeft")
    keys.press("ArrowLeft")
    assert guess.point().startswith("point 15 of 21")
    opened.page.screenshot(path=str(artefacts / "guess-by-keys.png"))
    cells = opened.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.activeCellIndex")
    keys.press("Tab")
    assert "marl-commit" in opened.page.evaluate("() => document.activeElement.className")
    keys.press("Enter")
    guess.until_revealed()
    assert "You expected the curve to end at" in guess.reveal.inner_text()
    assert opened.eval("print(curve.value[0] < curve.value[-1])") == "True"
    assert cells == opened.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.activeCellIndex")


@pytest.mark.parametrize("opened", ["others", "others@1024x800"], indirect=True)
def test_a_marker_by_mouse_and_keys_and_a_choice(opened, artefacts, request):
    marker, choice = GuessOnPage(opened, 0), GuessOnPage(opened, 1)
    marker.root.scroll_into_view_if_needed()
    marker.press("commit")
    marker.root.locator(".marl-says", has_text="no marker yet").wait_for()
    marker.draw([(0.2, 0.5), (0.4, 0.5)])
    assert marker.canvas.get_attribute("aria-valuetext") == "pairs at the optimum (%): 40"
    marker.canvas.press("ArrowRight")
    marker.canvas.press("Shift+ArrowRight")
    marker.root.locator(".marl-point", has_text=": 46").wait_for()
    marker.press("commit")
    marker.until_revealed()
    assert "You expected 46 %; it is 55 % (95 % interval 48 to 62)" in marker.reveal.inner_text()
    opened.page.screenshot(path=str(artefacts / f"{request.node.name}-marker.png"))
    choice.root.scroll_into_view_if_needed()
    choice.press("commit")
    choice.root.locator(".marl-says", has_text="Nothing is chosen yet").wait_for()
    choice.root.locator("input[type=radio]").first.check()
    choice.press("commit")
    choice.reveal.locator(".marl-gap", has_text="You chose").wait_for()
    assert "in 6 of 10 runs" in choice.reveal.inner_text()
    choice.press("guess")
    choice.reveal.locator(".marl-locked").wait_for()


@pytest.mark.parametrize("opened", ["locked"], indirect=True)
def test_a_panel_is_locked_until_the_guess_is_committed(opened):
    guess, panel = GuessOnPage(opened), PanelOnPage(opened)
    panel.root.scroll_into_view_if_needed()
    panel.until("root.querySelector('.marl-notice').innerText.includes('Commit your guess first')")
    assert panel.root.locator("button.marl-play").is_disabled() and panel.root.locator("button.marl-step").is_disabled()
    guess.draw([(0, 0.2), (0.5, 0.8), (1, 0.9)])
    guess.press("commit")
    panel.root.scroll_into_view_if_needed()
    panel.until("!root.querySelector('.marl-play').disabled")
    panel.page.wait_for_timeout(700)
    shot = pixels(panel.image)
    assert violet(shot) + int((np.abs(shot - [0xAA, 0x84, 0xD3]).max(axis=-1) < 40).sum()) > 100
    panel.press("play")
    panel.until("root.querySelector('.marl-notice').innerText.includes('You expected the curve')", 20_000)


@pytest.mark.parametrize("opened", ["kept"], indirect=True)
def test_a_guess_is_back_after_a_reload_and_in_a_new_kernel(opened, notebooks):
    guess = GuessOnPage(opened)
    guess.draw([(0, 0.1), (1, 0.9)])
    guess.press("commit")
    guess.until_revealed()
    value = opened.eval("print(curve.value.round(3).tolist())")
    assert "t.curve" in notebooks.read_text()
    opened.command("docmanager:save")
    opened.page.wait_for_timeout(500)
    opened.load(opened.address)
    opened.run_all()
    again = GuessOnPage(opened)
    again.until_revealed()
    assert "Committed on 20" in again.says()
    opened.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    opened.page.wait_for_timeout(2000)
    opened.run_all()
    fresh = GuessOnPage(opened)
    fresh.until_revealed()
    assert "Committed on 20" in fresh.says()
    assert "You expected the curve to end at" in fresh.reveal.inner_text()
    close = opened.eval(f"import numpy; print(numpy.allclose(curve.value, {value}, atol=1e-3))")
    assert close == "True"
    fresh.press("guess")
    fresh.reveal.locator(".marl-locked").wait_for()


@pytest.mark.parametrize("opened", ["curve"], indirect=True)
def test_in_the_dark_theme_words_and_picture_can_be_read(opened, artefacts):
    opened.page.evaluate(
        "() => window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'}).then(() => null)"
    )
    opened.page.wait_for_timeout(1500)
    guess = GuessOnPage(opened)
    guess.draw([(0, 0.1), (1, 0.9)])
    guess.press("commit")
    guess.until_revealed()
    for part in (".marl-question", ".marl-says", ".marl-point"):
        colour = guess.root.locator(part).evaluate("part => getComputedStyle(part).color")
        assert min(map(int, re.findall(r"\d+", colour)[:3])) > 180, (part, colour)
    opened.page.screenshot(path=str(artefacts / "guess-dark.png"))


@pytest.mark.parametrize("opened", ["curve"], indirect=True)
def test_running_only_the_cell_of_the_guess_again_leaves_the_reveal_below_alive(opened):
    opened.page.evaluate(
        """async () => { const app = window.jupyterapp, notebook = app.shell.currentWidget.content;
        notebook.activeCellIndex = 1; await app.commands.execute('notebook:run-cell'); }"""
    )
    opened.page.wait_for_timeout(1500)
    guess = GuessOnPage(opened)
    guess.draw([(0, 0.1), (1, 0.9)])
    guess.press("commit")
    guess.until_revealed()
    assert "You expected the curve to end at" in guess.reveal.inner_text()


@pytest.mark.parametrize("opened", ["twice"], indirect=True)
def test_shown_twice_both_show_the_same(opened):
    first, second = GuessOnPage(opened, 0), GuessOnPage(opened, 1)
    first.draw([(0, 0.1), (1, 0.9)])
    second.root.scroll_into_view_if_needed()
    assert violet(pixels(second.canvas)) > 500
    second.press("commit")
    first.root.locator(".marl-says", has_text="Committed on").wait_for()
    assert first.root.locator("button.marl-commit").is_disabled()


@pytest.mark.parametrize("opened", ["curve"], indirect=True)
def test_a_curve_drawn_with_a_finger(opened):
    guess = GuessOnPage(opened)
    guess.canvas.scroll_into_view_if_needed()
    finger = opened.page.context.new_cdp_session(opened.page)
    finger.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    for kind, share in (("touchStart", 0.0), ("touchMove", 0.3), ("touchMove", 0.7), ("touchMove", 1.0)):
        x, y = guess.spot(share, 0.2 + 0.5 * share)
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    guess.press("commit")
    guess.until_revealed()
    value = opened.eval("print(curve.value[0].round(1), curve.value[50].round(1), curve.value[-1].round(1))").split()
    assert [float(v) for v in value] == pytest.approx([-30, -17.5, -5], abs=1.5)
