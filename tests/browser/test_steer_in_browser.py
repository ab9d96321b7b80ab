"""Steering in a real browser: by held keys, mouse and buttons, in real time and step by step."""

import time

import nbformat
import pytest
from browser_lab import Lab, Page

pytestmark = pytest.mark.browser

SPREAD = """
from marl_edu.games import simple_spread
from marl_edu.games.particles.controllers import spread_out
from marl_edu.learning import Flight
from marl_edu.panels import Steer
flight = Flight(simple_spread(max_steps={steps}), spread_out, called="the controller")
steer = Steer(flight, name="10.steer", episodes=2, speed={speed})
steer
"""
NOTEBOOKS = {"steer-short": SPREAD.format(steps=12, speed=15), "steer-long": SPREAD.format(steps=600, speed=10)}
HELD = "print(steer._hand['force'].tolist() if 'force' in steer._hand else 'aims')"


class SteerOnPage:
    """The steering panel of a page."""

    def __init__(self, page: Page):
        self.notebook, self.page = page, page.page
        self.root = self.page.locator(".marl-steer").first
        self.image = self.root.locator("img.marl-picture")
        self.pad = self.root.locator(".marl-pad")

    def text(self, what: str) -> str:
        """Words of the panel: status, words, notice or table."""
        return self.root.locator(f".marl-{what}").inner_text().strip()

    def until(self, what: str, says: str, milliseconds: float = 10_000) -> None:
        """Wait until some words of the panel contain a text."""
        self.page.wait_for_function(
            "([root, what, says]) => root.querySelector('.marl-' + what).innerText.includes(says)",
            arg=[self.root.element_handle(), what, says],
            timeout=milliseconds,
        )

    def step(self) -> int:
        """Number of steps of the present episode, as the page shows it."""
        return int(self.text("status").split("step ")[1].split(" ")[0])

    def until_step(self, least: int) -> None:
        """Wait until the page shows at least this step."""
        self.page.wait_for_function(
            "([root, n]) => +root.querySelector('.marl-status').innerText.match(/step (\\d+)/)[1] >= n",
            arg=[self.root.element_handle(), least],
            timeout=10_000,
        )

    def press(self, word: str) -> None:
        """Click a button."""
        self.root.locator(f"button.marl-{word}").click()

    def pace(self, word: str) -> None:
        """Choose a pace."""
        self.root.locator(".marl-pace button", has_text=word).click()

    def eval(self, code: str) -> str:
        """What the kernel prints."""
        return self.notebook.eval(code)

    def cells(self) -> int:
        """Number of cells of the notebook."""
        return self.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.widgets.length")

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Where on the page a place of the plane is."""
        left, right, top, bottom = map(float, self.eval("print(*steer.view.window())").split())
        box = self.image.bounding_box()
        across, up = (x / 1.5 + 1) / 2, (1 - y / 1.5) / 2
        return (
            box["x"] + box["width"] * (left + across * (right - left)),
            box["y"] + box["height"] * (top + up * (bottom - top)),
        )


@pytest.fixture
def steer(lab: Lab, request, artefacts):
    """Yield the panel of a notebook that has run, photographed at the end and without errors all along."""
    name, *size = request.param.split("@")
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in (NOTEBOOKS[name].strip(), "'a cell below'")]
    nbformat.write(notebook, lab.folder / f"{name}.ipynb")
    page = lab.open(f"{name}.ipynb", tuple(map(int, size[0].split("x"))) if size else (1400, 1000))
    page.run_all()
    assert page.errors() == []
    panel = SteerOnPage(page)
    panel.root.scroll_into_view_if_needed()
    panel.pad.wait_for(timeout=15_000)
    yield panel
    panel.page.screenshot(path=str(artefacts / f"{request.node.name.replace('/', '_')}.png"))
    complaints = page.complaints
    page.shutdown()
    assert complaints == []


@pytest.mark.parametrize("steer", ["steer-short", "steer-short@1024x768"], indirect=True)
def test_two_episodes_by_held_keys_then_the_table_and_back_by_the_timeline(steer, artefacts):
    width = steer.page.viewport_size["width"]
    before = float(steer.eval("print(flight.game.positions[0, 0])"))
    steer.image.click(position={"x": 5, "y": 5})  # in real time a click alone pushes for a moment, and starts
    steer.page.keyboard.down("ArrowRight")
    steer.until_step(3)
    steer.page.screenshot(path=str(artefacts / f"steer-running-{width}.png"))
    steer.until("words", "Episode 1 is over")
    steer.page.keyboard.up("ArrowRight")
    assert float(steer.eval("print(flight.game.positions[0, 0])")) > before + 0.5
    assert steer.root.locator("button.marl-start").inner_text().strip() == "next episode"
    assert steer.root.evaluate("root => root.scrollWidth - root.clientWidth") <= 2
    assert steer.root.bounding_box()["width"] <= 1000
    widths = steer.root.locator("button").evaluate_all("all => all.map(b => b.scrollWidth - b.clientWidth)")
    assert max(widths) <= 1, "a button's word is cut off"
    steer.press("start")
    steer.until("status", "episode 2 of 2 · step 0")
    steer.page.wait_for_timeout(400)
    assert steer.step() == 0, "between episodes it waits"
    steer.press("start")  # with nothing held, time runs all the same
    steer.until("words", "In 2 episodes together you earned")
    table = steer.text("table")
    assert "the controller in your place" in table and "sum" in table and table.count("−") == 9
    newest = steer.image.get_attribute("src")
    steer.page.screenshot(path=str(artefacts / f"steer-end-{width}.png"))
    steer.root.locator(".marl-timeline .noUi-handle").focus()
    steer.page.keyboard.press("Home")
    steer.until("status", "episode 1 of 2 · step 0")
    assert steer.image.get_attribute("src") != newest
    steer.page.keyboard.press("ArrowRight")
    steer.until("status", "episode 1 of 2 · step 1")
    assert int(steer.eval("print(flight.units_done)")) == 24, "on the timeline arrow keys are the timeline's"
    facts = "from marl_edu.progress import progress; print(progress().facts('play', '10.steer')['turns'])"
    assert steer.eval(facts) == "24"


@pytest.mark.parametrize("steer", ["steer-long"], indirect=True)
def test_time_stops_with_the_space_bar_and_a_force_ends_with_key_or_focus(steer):
    assert steer.eval(HELD) == "[0.0, 0.0]"
    steer.pad.focus()
    steer.page.wait_for_timeout(500)
    assert steer.step() == 0, "time does not run before the student begins"
    steer.page.keyboard.down("d")
    steer.page.keyboard.down("ArrowUp")
    steer.until_step(2)
    assert steer.eval(HELD) == "[1.0, 1.0]"
    steer.page.keyboard.up("d")
    steer.until_step(steer.step() + 3)
    assert steer.eval(HELD) == "[0.0, 1.0]"
    steer.root.locator("button.marl-again").evaluate("button => button.blur()")
    steer.pad.evaluate("pad => pad.blur()")  # the key is still down, but its panel has lost the focus
    steer.until_step(steer.step() + 3)
    assert steer.eval(HELD) == "[0.0, 0.0]"
    steer.page.keyboard.up("ArrowUp")
    steer.pad.focus()
    steer.page.keyboard.down("a")
    steer.until_step(steer.step() + 2)
    assert steer.eval(HELD) == "[-1.0, 0.0]"
    steer.page.evaluate("() => window.dispatchEvent(new Event('blur'))")  # another window
    steer.until_step(steer.step() + 2)
    assert steer.eval(HELD) == "[0.0, 0.0]"
    steer.page.keyboard.up("a")
    steer.page.keyboard.press(" ")
    steer.until("words", "Its return so far")
    stands = steer.step()
    steer.page.wait_for_timeout(500)
    assert steer.step() == stands


@pytest.mark.parametrize("steer", ["steer-long"], indirect=True)
def test_the_agent_goes_where_the_mouse_is_held_and_a_held_button_pushes(steer):
    x, y = steer.point(-0.9, 0.9)
    steer.page.mouse.move(x, y)
    steer.page.mouse.down()
    steer.until_step(45)
    here = [float(part) for part in steer.eval("print(*flight.game.positions[0])").split()]
    assert abs(here[0] + 0.9) < 0.15 and abs(here[1] - 0.9) < 0.15, here
    steer.page.mouse.up()
    steer.until_step(steer.step() + 3)
    assert steer.eval(HELD) == "[0.0, 0.0]"
    x, y = steer.point(0.5, 0.5)  # a border, here on the left and the top only, is no part of the picture
    shift = "image => { image.style.cssText = 'border: solid; border-width: 40px 0 0 40px; box-sizing: content-box; '"
    steer.image.evaluate(shift + " + 'margin: -40px 0 0 -40px; max-width: none'; }")
    steer.page.mouse.move(x, y)
    steer.page.mouse.down()
    steer.until_step(steer.step() + 3)
    aimed = [float(part) for part in steer.eval("print(*steer._hand['target'])").split()]
    assert aimed == pytest.approx([0.5, 0.5], abs=0.02)
    steer.page.mouse.up()
    steer.image.evaluate("image => { image.style.cssText = ''; }")
    button = steer.root.get_by_role("button", name="push down right").bounding_box()
    steer.page.mouse.move(button["x"] + 5, button["y"] + 5)
    steer.page.mouse.down()
    steer.until_step(steer.step() + 3)
    assert steer.eval(HELD) == "[1.0, -1.0]"
    steer.page.mouse.up()
    steer.until_step(steer.step() + 3)
    assert steer.eval(HELD) == "[0.0, 0.0]"


@pytest.mark.parametrize("steer", ["steer-short"], indirect=True)
def test_step_by_step_every_press_is_a_step_and_no_key_reaches_the_notebook(steer, artefacts):
    cells = steer.cells()
    steer.pace("step by step")
    steer.until("pad", "Space: a step without force")
    steer.pad.focus()
    for n, key in enumerate(["ArrowRight", "w", " ", "s"], start=1):
        steer.page.keyboard.press(key)
        steer.until("status", f"step {n} of 12")
    forces = "print([steer.recording[t]['force'][0].tolist() for t in range(1, 5)])"
    assert steer.eval(forces) == "[[1.0, 0.0], [0.0, 1.0], [0.0, 0.0], [0.0, -1.0]]"
    steer.page.wait_for_timeout(400)
    assert steer.step() == 4
    says = steer.root.locator(".marl-pad-live")
    assert "step 4 of 12" in says.inner_text() and says.get_attribute("aria-live") == "polite"
    steer.page.screenshot(path=str(artefacts / "steer-steps.png"))
    steer.root.get_by_role("button", name="push up left").press("Enter")
    steer.until("status", "step 5 of 12")
    steer.image.click()
    steer.until("status", "step 6 of 12")
    steer.notebook.command("notebook:enter-command-mode")
    for place in (".marl-pad", "button.marl-again", ".marl-timeline .noUi-handle", ".marl-stick-keys button"):
        steer.root.locator(place).first.focus()
        for key in ("b", "x", "m", "y", "z", "v", "j", "k", "0", "0", "c"):
            steer.page.keyboard.press(key)
    assert steer.cells() == cells and steer.step() == 6
    code = "() => window.jupyterapp.shell.currentWidget.content.widgets.every(cell => cell.model.type === 'code')"
    assert steer.page.evaluate(code)


@pytest.mark.parametrize("steer", ["steer-short"], indirect=True)
def test_a_busy_kernel_does_not_pile_up_steps(steer):
    steer.pace("step by step")
    steer.until("pad", "Space: a step without force")
    steer.pad.focus()
    steer.page.evaluate(
        """() => { window.jupyterapp.shell.currentWidget.sessionContext.session.kernel
            .requestExecute({code: 'import time; time.sleep(2)'}); }"""
    )
    steer.page.wait_for_timeout(300)
    for _ in range(6):
        steer.page.keyboard.press("ArrowUp")
    steer.until("status", "step 1 of 12")
    steer.page.wait_for_timeout(800)
    assert steer.step() == 1, "the other presses answered a picture that had passed"


@pytest.mark.parametrize("steer", ["steer-long"], indirect=True)
def test_nothing_runs_on_when_the_cell_is_gone(steer):
    steer.pad.focus()
    steer.page.keyboard.down("ArrowRight")
    steer.until_step(3)
    steer.page.evaluate("() => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = 0; }")
    steer.notebook.command("notebook:clear-all-cell-outputs")
    deadline = time.monotonic() + 8
    while steer.eval("print(steer.playing)") == "True" and time.monotonic() < deadline:
        steer.page.wait_for_timeout(200)
    assert steer.eval("print(steer.playing)") == "False" and steer.eval(HELD) == "[0.0, 0.0]"
    steer.page.keyboard.up("ArrowRight")


@pytest.mark.parametrize("steer", ["steer-short"], indirect=True)
def test_it_can_be_read_in_the_dark(steer, artefacts):
    command = "([command, theme]) => window.jupyterapp.commands.execute(command, {theme}).then(() => null)"
    steer.page.evaluate(command, ["apputils:change-theme", "JupyterLab Dark"])
    steer.page.wait_for_function("() => document.body.dataset.jpThemeLight === 'false'")
    steer.pad.click()
    outline = steer.pad.evaluate("pad => getComputedStyle(pad).outlineStyle + getComputedStyle(pad).outlineWidth")
    assert outline == "solid3px"
    steer.press("start")
    steer.until("words", "Episode 1 is over")
    steer.page.screenshot(path=str(artefacts / "steer-dark.png"))
    bright = "e => getComputedStyle(e).color.match(/\\d+/g).slice(0, 3).reduce((a, b) => a + +b, 0)"
    for words in (".marl-words .widget-html-content", ".marl-status .widget-html-content", ".marl-pad", "td", "button"):
        assert steer.root.locator(words).first.evaluate(bright) > 450, words
    steer.page.evaluate(command, ["apputils:change-theme", "JupyterLab Light"])
