"""The panel of particle worlds as a student meets it, in a real browser."""

import re

import nbformat
import pytest
from browser_lab import PanelOnPage

pytestmark = pytest.mark.browser

SPREAD = """
from marl_edu.games import simple_spread
from marl_edu.learning import MADDPG
from marl_edu.panels import ParticlePanel
small = dict(batch=32, worlds=8, hidden=16, critic_hidden=16, warm_up=64, head_start=10)
learner = MADDPG(simple_spread(), surface=9, **small)
panel = ParticlePanel(learner, units=1_000_000, controls=["actor_step", "discount"], preview=5)
panel
"""


@pytest.fixture
def opened(lab, request, artefacts):
    """Yield the page and its panel, photographed at the end and without errors all along."""
    width, height = map(int, request.param.split("x"))
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    notebook.cells = [nbformat.v4.new_code_cell(SPREAD.strip()), nbformat.v4.new_code_cell("'a cell below'")]
    nbformat.write(notebook, lab.folder / "particle-panel.ipynb")
    page = lab.open("particle-panel.ipynb", (width, height))
    page.run_all()
    assert page.errors() == []
    panel = PanelOnPage(page)
    panel.root.scroll_into_view_if_needed()
    panel.until("root.querySelector('img.marl-picture').naturalWidth > 100")
    yield page, panel
    page.page.screenshot(path=str(artefacts / f"{request.node.name.replace('/', '_')}.png"))
    complaints = page.complaints
    page.shutdown()
    assert complaints == []


def step_shown(panel) -> int:
    """What the slider of the episode says."""
    return int(panel.root.locator(".marl-episode-step .widget-readout").inner_text())


def until_step(panel, condition: str) -> None:
    panel.until(f"(s => {condition})(+root.querySelector('.marl-episode-step .widget-readout').innerText)", 15_000)


def until_says(panel, words: str) -> None:
    panel.until(f"root.querySelector('.marl-pointer').innerText.includes('{words}')", 15_000)


def chosen(panel) -> str:
    return panel.root.locator("button.marl-chosen").inner_text().strip()


def place_of(page, panel, view: int, x: float, y: float) -> tuple[float, float]:
    """Where a place of a view, in its data units, is on the page."""
    ask = f"t = panel._painter._axes[{view}].transData.transform(({x}, {y}))\nprint(*t, panel._painter.height)"
    across, up, height = map(float, page.eval(ask).split())
    box = panel.image.evaluate("image => [image.clientLeft, image.clientTop, image.clientWidth / image.naturalWidth]")
    corner = panel.image.bounding_box()
    return corner["x"] + box[0] + across * box[2], corner["y"] + box[1] + (height - up) * box[2]


@pytest.mark.parametrize("opened", ["1400x1000"], indirect=True)
def test_the_world_moves_while_it_learns_and_is_watched_when_it_stands_still(opened):
    page, panel = opened
    assert step_shown(panel) == 25
    panel.press("play")
    until_step(panel, "s < 25")
    assert panel.picture_changes()
    panel.page.wait_for_timeout(2500)
    panel.press("play")
    panel.until("root.querySelector('button.marl-play').innerText.includes('play')")
    assert int(re.search(r"([\d,]+) of", panel.text("status"))[1].replace(",", "")) > 20
    assert page.eval("print(len({view.step for view in panel.views[1:]}), panel.playing)") == "1 False"
    panel.page.wait_for_timeout(700)
    assert not panel.picture_changes(600)

    panel.slide("timeline", "Home")
    panel.until("root.querySelector('.marl-status').innerText.trim().startsWith('showing 0 ')")
    panel.slide("episode-step", "End")
    until_step(panel, "s === 25")
    panel.press("watch")
    panel.until("root.querySelector('button.marl-watch').innerText.includes('stop')")
    until_step(panel, "s > 2 && s < 20")
    assert panel.picture_changes()
    panel.until("root.querySelector('button.marl-watch').innerText.includes('watch')", 20_000)
    assert step_shown(panel) == 25 and panel.text("status").startswith("showing 0 ")

    panel.press("reset")
    panel.until("/(^|\\s)0 of/.test(root.querySelector('.marl-status').innerText)")
    panel.press("play")
    assert panel.picture_changes()
    panel.press("play")


@pytest.mark.parametrize("opened", ["1024x768"], indirect=True)
def test_the_mouse_chooses_an_agent_and_asks_its_critic(opened):
    page, panel = opened
    places = page.eval("print(*panel.recording[0]['episode_positions'][0, 25].ravel())").split()
    for i in (2, 1):
        panel.page.mouse.move(*place_of(page, panel, 1, *map(float, places[2 * i : 2 * i + 2])), steps=3)
        panel.until(f"root.querySelector('button.marl-chosen')?.innerText.includes('agent {i + 1}')")
    before = panel.source()
    panel.page.mouse.move(*place_of(page, panel, 2, 0.5, -0.5), steps=5)
    until_says(panel, "At the probe, force (0.5")
    said = re.search(r"\): (-?[\d.]+) \(disc", panel.root.locator(".marl-pointer").inner_text())[1]
    worth = float(page.eval("print(panel.views[2].value(panel.recording, 0, panel.probe))"))
    assert float(said) == pytest.approx(worth, abs=0.006 + 0.006 * abs(worth)) and panel.source() != before
    panel.page.mouse.move(5, 5)
    until_says(panel, "Point at an agent")

    panel.press("play")  # while it learns: after many swaps of the picture the mouse is still heard
    assert panel.picture_changes()
    panel.page.mouse.move(*place_of(page, panel, 2, -0.5, 0.5), steps=5)
    until_says(panel, "At the probe, force (-0.5")
    panel.press("play")
    panel.until("root.querySelector('button.marl-play').innerText.includes('play')")

    box, outer = panel.root.bounding_box(), panel.page.locator(".jp-Notebook .jp-OutputArea-output").last.bounding_box()
    assert panel.root.evaluate("root => root.scrollWidth - root.clientWidth") <= 2
    assert box["width"] <= 1000 and box["x"] + box["width"] <= outer["x"] + outer["width"] + 2
    widths = panel.root.locator("button").evaluate_all("all => all.map(b => b.scrollWidth - b.clientWidth)")
    assert max(widths) <= 1, "a button's word is cut off"


@pytest.mark.parametrize("opened", ["1400x1000"], indirect=True)
def test_keyboard_alone(opened):
    page, panel = opened
    panel.slide("episode-step", "ArrowLeft", 5)
    until_step(panel, "s === 20")
    reached = []
    for _ in range(6):
        panel.page.keyboard.press("Tab")
        reached.append(panel.page.evaluate("() => document.activeElement.className"))
        if "marl-agent-1" in reached[-1]:
            panel.page.keyboard.press("Enter")
        if "marl-pointer" in reached[-1]:
            break
    panel.until("root.querySelector('button.marl-chosen')?.innerText.includes('agent 2')")
    assert "marl-pointer" in reached[-1], "the probe is reached by the tab key"
    cells = page.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.widgets.length")
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "b", "d", "d"):
        panel.page.keyboard.press(key)
    until_says(panel, "At the probe, force (")
    acted, probe = (page.eval(f"print(*{what})").split() for what in (
        "panel.views[2].acted(panel.recording)", "panel.probe"))  # fmt: skip
    moved = [float(b) - float(a) for a, b in zip(acted, probe, strict=True)]
    assert moved == pytest.approx([0.2, 0.1], abs=0.01) and chosen(panel) == "agent 2"
    assert page.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.widgets.length") == cells
    panel.page.keyboard.press("Delete")
    until_says(panel, "Point at an agent")
    panel.root.locator("button.marl-watch").focus()
    panel.page.keyboard.press("Enter")
    until_step(panel, "s > 20")
