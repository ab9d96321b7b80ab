"""The panel with editable payoffs, a picture that follows sliders, and the stepper, in a real browser."""

import nbformat
import pytest
from browser_lab import PanelOnPage

pytestmark = pytest.mark.browser

GAME = """
from marl_edu.games import chicken, matching_pennies, prisoners_dilemma
from marl_edu.learning import TwoByTwo
from marl_edu.panels import GamePanel
from marl_edu.views import PayoffRegion, UnitSquare
starts = [[x, y] for x in (0.15, 0.5, 0.85) for y in (0.2, 0.55, 0.9)]
panel = GamePanel(TwoByTwo(matching_pennies(), starts), [UnitSquare(TwoByTwo.velocity), PayoffRegion()],
                  [chicken(), prisoners_dilemma()], units=300, speed=100)
panel
"""
EXPLORER = """
from marl_edu.hyperparameters import Choice, Real
from marl_edu.panels import Explorer
def draw(ax, discount, colour):
    ax.bar(range(10), [discount**k for k in range(10)], color=colour)
    return f"After nine steps {discount**9:.4f}, in {colour}."
Explorer(draw, "Weights", {"discount": Real(0.5, 0, 1, "weight"), "colour": Choice("grey", ["grey", "teal"], "c")})
"""
STEPPER = """
from marl_edu.games import random_game
from marl_edu.panels import Stepper
stepper = Stepper(random_game(2, 3, 2, 0))
stepper
"""
NOTEBOOKS = {"game": GAME, "explorer": EXPLORER, "stepper": STEPPER}
ALL_CHANGES = """([image, box, steps]) => new Promise(async done => {
    const took = [];
    for (let k = 0; k < steps; k++) {
        const before = image.src, began = performance.now();
        box.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowUp', bubbles: true}));
        await new Promise(next => {
            const watch = new MutationObserver(() => {
                if (image.src !== before) { watch.disconnect(); next(); } });
            watch.observe(image, {attributes: true});
            setTimeout(() => { watch.disconnect(); next(); }, 3000);
        });
        took.push(performance.now() - began);
        await new Promise(next => setTimeout(next, 600));
    }
    done(took);
})"""


@pytest.fixture
def opened(lab, request, artefacts):
    """Yield the page and its first panel, photographed at the end and without errors all along."""
    name, *size = request.param.split("@")
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    notebook.cells = [nbformat.v4.new_code_cell(NOTEBOOKS[name].strip()), nbformat.v4.new_code_cell("'a cell below'")]
    nbformat.write(notebook, lab.folder / f"{name}-panel.ipynb")
    page = lab.open(f"{name}-panel.ipynb", tuple(map(int, size[0].split("x"))) if size else (1400, 1000))
    page.run_all()
    assert page.errors() == []
    panel = PanelOnPage(page)
    panel.root = page.page.locator(".marl-panel, .marl-stepper").first
    panel.image = panel.root.locator("img.marl-picture")
    panel.root.scroll_into_view_if_needed()
    yield page, panel
    page.page.screenshot(path=str(artefacts / f"{request.node.name.replace('/', '_')}.png"))
    complaints = page.complaints
    page.shutdown()
    assert complaints == []


def box_of(panel, agent, row, column):
    return panel.root.locator(f".marl-payoff-{agent}-{row}-{column}")


@pytest.mark.parametrize("opened", ["game", "game@1024x768"], indirect=True)
def test_a_payoff_is_dragged_with_the_mouse_and_everything_follows(opened):
    page, panel = opened
    panel.until("root.querySelector('img.marl-picture').naturalWidth > 100")
    panel.press("play")
    panel.until("root.querySelector('.marl-status').innerText.startsWith('300 of 300')", 30_000)
    before = panel.source()
    box = box_of(panel, 0, 0, 0)
    at = box.bounding_box()
    x, y = at["x"] + at["width"] / 2, at["y"] + at["height"] / 2
    panel.page.mouse.move(x, y)
    panel.page.mouse.down()
    panel.page.mouse.move(x, y - 41, steps=10)  # ten steps of a half upwards
    panel.page.mouse.up()
    assert box.input_value() == "6", "the box never jumps back to what the kernel did not know yet"
    panel.until("root.querySelector('.marl-words').innerText.includes('heads 2/9')", 15_000)
    assert box.input_value() == "6" and panel.source() != before
    assert page.eval("print(panel.algorithm.a11, panel.recording.units[-1], panel._menu.value)") == (
        "6.0 300 a game of your own"
    )
    panel.slide("timeline", "ArrowLeft", 20)
    panel.until("root.querySelector('.marl-status').innerText.startsWith('showing')")
    page.page.wait_for_timeout(800)
    shown = panel.text("status").split("·")[0]
    box.focus()
    panel.page.keyboard.press("ArrowDown")
    panel.until("root.querySelector('.marl-payoff-0-0-0').value === '5.5'")
    page.page.wait_for_timeout(800)
    assert panel.text("status").split("·")[0] == shown, "the same moment is shown"
    wide = panel.root.evaluate("root => [root.scrollWidth, root.clientWidth]")
    assert wide[0] <= wide[1] + 1, "nothing sticks out"


@pytest.mark.parametrize("opened", ["game"], indirect=True)
def test_payoffs_are_typed_nonsense_is_refused_in_words_and_games_are_chosen(opened):
    page, panel = opened
    box = box_of(panel, 1, 0, 1)
    box.fill("lots")
    box.press("Enter")
    panel.until("root.querySelector('.marl-notice').innerText.includes('expected a number from -10 to 10')")
    assert box.input_value() == "1"
    box.fill("-2,5")
    box.press("Enter")
    panel.until("root.querySelector('.marl-notice').innerText.trim() === ''")
    assert page.eval("print(panel.algorithm.b12)") == "-2.5"
    box.press("j")  # no command of the notebook
    box.press("Escape")
    assert panel.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.widgets.length") == 2
    panel.root.locator(".marl-game select").select_option("prisoner's dilemma")
    panel.until("root.querySelector('.marl-payoffs').innerText.includes('cooperate')")
    assert box_of(panel, 0, 1, 0).input_value() == "5"
    panel.root.locator(".marl-rule select").select_option("replicator")
    panel.press("play")
    panel.until("root.querySelector('.marl-words').innerText.includes('agent 1')", 15_000)


@pytest.mark.parametrize("opened", ["game"], indirect=True)
def test_an_edit_is_seen_soon(opened):
    page, panel = opened
    panel.press("play")
    panel.until("root.querySelector('.marl-status').innerText.startsWith('300 of 300')", 30_000)
    page.page.wait_for_timeout(1000)
    handles = [panel.image.element_handle(), box_of(panel, 0, 0, 0).element_handle(), 9]
    took = sorted(panel.page.evaluate(ALL_CHANGES, handles))
    print(f"payoff edit to picture: median {took[4]:.0f} ms, all {[round(t) for t in took]}")
    assert took[-1] < 3000, "every edit is followed by another picture"


@pytest.mark.parametrize("opened", ["explorer"], indirect=True)
def test_a_picture_follows_a_dragged_slider_and_a_menu(opened):
    _, panel = opened
    for share, words in ((1.0, "1.0000"), (0.0, "0.0000")):
        panel.drag("discount", share)
        panel.until(f"root.querySelector('.marl-words').innerText.includes('{words}')")
    panel.slide("discount", "ArrowRight", 3)
    panel.root.locator(".marl-colour select").select_option("teal")
    panel.until("root.querySelector('.marl-words').innerText.includes('teal')")


@pytest.mark.parametrize("opened", ["stepper"], indirect=True)
def test_a_game_is_stepped_through_forwards_and_back(opened):
    page, stepper = opened
    first = stepper.source()
    stepper.press("step")
    stepper.press("step")
    page.page.wait_for_function("([image, first]) => image.src !== first", arg=[stepper.image.element_handle(), first])
    page.page.wait_for_timeout(500)
    assert page.eval("print(stepper.steps)") == "2"
    stepper.press("back")
    page.page.wait_for_timeout(500)
    assert page.eval("print(stepper.steps)") == "1"
    stepper.root.locator(".marl-agent-1 button").nth(1).click()
    page.page.wait_for_timeout(500)
    assert page.eval("print(stepper.joint_action)") == "(0, 1)" or page.eval("print(stepper.joint_action)") == "(1, 1)"
    stepper.press("start")
    page.page.wait_for_timeout(500)
    assert page.eval("print(stepper.steps)") == "0"


@pytest.mark.parametrize("opened", ["game"], indirect=True)
def test_a_slider_dragged_fast_comes_to_rest_and_the_kernel_stays_alive(opened):
    page, panel = opened
    panel.drag("step-size", 0.0)
    page.page.wait_for_timeout(1500)
    rests = [panel.root.locator(".marl-step-size .widget-readout").inner_text() for _ in range(3)]
    assert len(set(rests)) == 1
    shown = float(rests[0])
    assert float(page.eval("print(panel.algorithm.step_size)", seconds=10)) == shown <= 0.005
    panel.root.locator(".marl-game select").select_option("chicken")
    panel.until("root.querySelector('.marl-payoffs').innerText.includes('swerve')")


@pytest.mark.parametrize("opened", ["game"], indirect=True)
def test_the_picture_follows_a_hand_that_drags_a_payoff(opened):
    page, panel = opened
    panel.press("play")
    panel.until("root.querySelector('.marl-status').innerText.startsWith('300 of 300')", 30_000)
    page.page.wait_for_timeout(800)
    at = box_of(panel, 0, 0, 0).bounding_box()
    x, y = at["x"] + at["width"] / 2, at["y"] + at["height"] / 2
    count = """image => { window.seen = 0;
        new MutationObserver(() => { window.seen += 1; }).observe(image, {attributes: true}); }"""
    panel.page.evaluate(count, panel.image.element_handle())
    panel.page.mouse.move(x, y)
    panel.page.mouse.down()
    for k in range(60):
        panel.page.mouse.move(x, y - k)
        page.page.wait_for_timeout(30)
    panel.page.mouse.up()
    while_dragging = panel.page.evaluate("() => window.seen")
    page.page.wait_for_timeout(1000)
    print(f"pictures while a payoff was dragged for two seconds: {while_dragging}")
    assert while_dragging >= 4
    assert float(page.eval("print(panel.algorithm.a11)")) == float(box_of(panel, 0, 0, 0).input_value())
