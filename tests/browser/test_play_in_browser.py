"""Playing in a real browser: on a grid by keys alone, in a matrix game by buttons and letters; back by the timeline."""

import nbformat
import pytest
from browser_lab import Lab, Page

pytestmark = pytest.mark.browser

GRID = """
from marl_edu.games import CORRIDOR, gridworld
from marl_edu.learning import IndependentQLearning, Match, QPartner
from marl_edu.panels import Play
game = gridworld(CORRIDOR, name="corridor")
learner = IndependentQLearning(game, step_size=0.2)
learner.advance(20_000)
play = Play(Match(game, QPartner(learner.q[0, 1]), epsilon=0), turns=6, name="06.play_corridor")
play
"""
PENNIES = """
from marl_edu.games import matching_pennies
from marl_edu.learning import Match, ModelPartner
from marl_edu.panels import Play
play = Play(Match(matching_pennies(), ModelPartner(explores=False)), turns=5, show="after", name="06.pennies")
play
"""
DILEMMA = """
from marl_edu.games import prisoners_dilemma
from marl_edu.learning import Match, ModelPartner
from marl_edu.panels import Play
play = Play(Match(prisoners_dilemma(), ModelPartner(explores=False)), turns=8, controls=["epsilon"])
play
"""
NOTEBOOKS = {"play-grid": GRID, "play-pennies": PENNIES, "play-dilemma": DILEMMA}


class PlayOnPage:
    """The play panel of a page."""

    def __init__(self, page: Page):
        self.notebook, self.page = page, page.page
        self.root = self.page.locator(".marl-play").first
        self.image = self.root.locator("img.marl-picture")
        self.pad = self.root.locator(".marl-pad")

    def text(self, what: str) -> str:
        """Words of the panel: status, words or notice."""
        return self.root.locator(f".marl-{what}").inner_text().strip()

    def key(self, *keys: str) -> None:
        """Press keys, wherever the focus is."""
        for key in keys:
            self.page.keyboard.press(key)

    def until(self, what: str, says: str, milliseconds: float = 8000) -> None:
        """Wait until some words of the panel contain a text."""
        self.page.wait_for_function(
            "([root, what, says]) => root.querySelector('.marl-' + what).innerText.includes(says)",
            arg=[self.root.element_handle(), what, says],
            timeout=milliseconds,
        )

    def cells(self) -> int:
        """Number of cells of the notebook."""
        return self.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.widgets.length")

    def scrolled(self) -> float:
        """How far everything is scrolled, in all."""
        return self.page.evaluate(
            "() => [...document.querySelectorAll('*')].reduce((sum, e) => sum + e.scrollTop + e.scrollLeft, 0)"
        )

    def theme(self, name: str) -> None:
        """Change the colours of JupyterLab."""
        command = "apputils:change-theme"
        self.page.evaluate(
            "([command, theme]) => window.jupyterapp.commands.execute(command, {theme}).then(() => null)",
            [command, name],
        )


@pytest.fixture
def play(lab: Lab, request, artefacts):
    """Yield the play panel of a notebook that has run, photographed at the end and without errors all along."""
    name, *size = request.param.split("@")
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    sources = [NOTEBOOKS[name].strip(), "'a cell below'"]
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(notebook, lab.folder / f"{name}.ipynb")
    page = lab.open(f"{name}.ipynb", tuple(map(int, size[0].split("x"))) if size else (1400, 1000))
    page.run_all()
    assert page.errors() == []
    panel = PlayOnPage(page)
    panel.root.scroll_into_view_if_needed()
    panel.pad.wait_for(timeout=15_000)
    yield panel
    panel.page.screenshot(path=str(artefacts / f"{request.node.name.replace('/', '_')}.png"))
    complaints = page.complaints
    page.shutdown()
    assert complaints == []


@pytest.mark.parametrize("play", ["play-grid", "play-grid@1024x768"], indirect=True)
def test_a_grid_by_keys_alone_then_back_by_the_timeline(play):
    for _ in range(60):  # from the top of the page to the pad by Tab
        if play.page.evaluate("() => document.activeElement.classList.contains('marl-pad')"):
            break
        play.page.keyboard.press("Tab")
    else:
        play.pad.focus()
    before = play.scrolled()
    play.key("ArrowRight")
    play.until("status", "turn 1 of 6")
    assert play.text("words").startswith("You went east")
    play.key("ArrowRight", "ArrowRight")
    play.until("status", "turn 3 of 6")
    play.key("ArrowDown")
    play.until("status", "turn 4 of 6")
    play.key(" ")
    play.until("status", "turn 5 of 6")
    play.key(".")
    play.until("status", "turn 6 of 6")
    assert "You earned" in play.text("words") or "No episode was finished" in play.text("words")
    assert play.scrolled() == before
    newest = play.image.get_attribute("src")
    reached = False
    for _ in range(12):
        play.key("Tab")
        reached = play.page.evaluate("() => document.activeElement.classList.contains('noUi-handle')")
        if reached:
            break
    assert reached, "the timeline is reached by Tab"
    play.key("Home")
    play.until("status", "showing 0")
    assert play.text("words").startswith("Nothing has been played yet")
    assert play.image.get_attribute("src") != newest
    play.key("ArrowRight")
    play.until("status", "showing 1")
    assert play.text("words").startswith("You went east")
    play.key("End")
    play.until("words", "Turn 6 of 6")
    assert (
        play.notebook.eval(
            "from marl_edu.progress import progress; print(progress().facts('play', '06.play_corridor')['turns'])"
        )
        == "6"
    )


@pytest.mark.parametrize("play", ["play-pennies", "play-pennies@1024x768"], indirect=True)
def test_a_matrix_game_by_buttons_and_letters_and_beliefs_after(play, artefacts):
    cells = play.cells()
    hidden = play.image.get_attribute("src")
    play.root.locator("button.marl-choice-0").click()
    play.until("status", "turn 1 of 5")
    play.root.locator("button.marl-reveal-beliefs").click()
    play.until("notice", "after the last turn")
    play.key("t", "h", "2")  # with the focus on a button
    play.until("status", "turn 4 of 5")
    assert play.image.get_attribute("src") != hidden
    play.image.click()  # whoever clicks on the picture wants to play
    assert play.page.evaluate("() => document.activeElement.classList.contains('marl-pad')")
    play.key("1")
    play.until("words", "Turn 5 of 5")
    play.until("words", "it expected")
    assert play.cells() == cells
    widths = play.root.locator("button").evaluate_all("all => all.map(b => b.scrollWidth - b.clientWidth)")
    assert max(widths) <= 1, "a button's word is cut off"
    assert play.root.evaluate("root => root.scrollWidth - root.clientWidth") <= 2
    assert play.root.bounding_box()["width"] <= 1000
    play.page.screenshot(path=str(artefacts / f"play-pennies-end-{play.page.viewport_size['width']}.png"))
    play.root.locator("button.marl-again").click()
    play.until("status", "turn 0 of 5")


@pytest.mark.parametrize("play", ["play-dilemma"], indirect=True)
def test_no_key_reaches_the_notebook(play):
    """In command mode a, b, x, d d, z and m would insert, delete, cut or change cells."""
    cells = play.cells()
    play.notebook.command("notebook:enter-command-mode")
    for place in ("button.marl-choice-1", ".marl-pad", ".marl-timeline .noUi-handle", "button.marl-again"):
        play.root.locator(place).first.focus()
        play.key("a", "b", "x", "m", "y", "z", "d", "d", "v", "j", "k", "0", "0")
    play.until("status", "turn 8 of 8")  # d means defect, and only that
    assert play.cells() == cells
    assert play.page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.content.widgets.every(cell => cell.model.type === 'code')"
    )
    play.pad.focus()
    play.page.keyboard.press("Control+s")
    play.page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty", timeout=5000)


@pytest.mark.parametrize("play", ["play-grid"], indirect=True)
def test_a_key_acts_at_once_and_the_focus_is_seen(play):
    play.pad.click()
    outline = play.pad.evaluate("pad => getComputedStyle(pad).outlineStyle + getComputedStyle(pad).outlineWidth")
    assert outline == "solid3px"
    times = []
    for turn in range(1, 6):
        times.append(
            play.image.evaluate(
                """image => new Promise((done, no) => { const began = performance.now(), before = image.src;
                    new MutationObserver(() => { if (image.src !== before) done(performance.now() - began); })
                        .observe(image, {attributes: true});
                    document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight', bubbles: true,
                        cancelable: true}));
                    setTimeout(() => no(new Error('no picture')), 5000); })"""
            )
        )
        play.until("status", f"turn {turn} of 6")
    print("milliseconds from key to picture:", [round(time) for time in times])
    assert min(times) < 400, times
    play.key("Tab")
    assert play.page.evaluate("() => !document.activeElement.classList.contains('marl-pad')")


@pytest.mark.parametrize("play", ["play-dilemma"], indirect=True)
def test_it_can_be_read_in_the_dark(play, artefacts):
    play.theme("JupyterLab Dark")
    play.page.wait_for_function("() => document.body.dataset.jpThemeLight === 'false'")
    play.pad.click()
    play.key("d", "c")
    play.until("status", "turn 2 of 8")
    play.key("Escape")
    play.page.wait_for_timeout(300)
    play.page.screenshot(path=str(artefacts / "play-dark.png"))
    bright = "e => getComputedStyle(e).color.match(/\\d+/g).slice(0, 3).reduce((a, b) => a + +b, 0)"
    for words in (".marl-words .widget-html-content", ".marl-status .widget-html-content", ".marl-pad"):
        assert play.root.locator(words).evaluate(bright) > 450, words
    play.theme("JupyterLab Light")


@pytest.mark.parametrize("play", ["play-pennies"], indirect=True)
def test_a_match_survives_a_reload_of_the_page(play):
    play.pad.focus()
    play.key("h", "t")
    play.until("status", "turn 2 of 5")
    play.notebook.command("docmanager:save")
    play.page.wait_for_timeout(500)
    play.notebook.load(play.notebook.address)
    again = PlayOnPage(play.notebook)
    again.pad.wait_for(timeout=15_000)
    assert "turn 2 of 5" in again.text("status")
    again.pad.focus()
    again.key("h")
    again.until("status", "turn 3 of 5")
