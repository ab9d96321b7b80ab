"""The panel with an editable table, in a real browser."""

import nbformat
import pytest
from browser_lab import PanelOnPage

pytestmark = pytest.mark.browser

IGM = """
from marl_edu.panels import IGMPanel
panel = IGMPanel()
panel
"""


@pytest.fixture
def opened(lab, request, artefacts):
    """Yield the page and its panel, photographed at the end and without errors all along."""
    width, height = map(int, request.param.split("x"))
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    notebook.cells = [nbformat.v4.new_code_cell(IGM.strip()), nbformat.v4.new_code_cell("'a cell below'")]
    nbformat.write(notebook, lab.folder / "table-panel.ipynb")
    page = lab.open("table-panel.ipynb", (width, height))
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


def box_of(panel, row, column):
    return panel.root.locator(f".marl-payoff-0-{row}-{column}")


def until_said(panel, words):
    panel.until(f"root.querySelector('.marl-words').innerText.includes('{words}')", 20_000)


@pytest.mark.parametrize("opened", ["1000x800"], indirect=True)
def test_a_table_is_dragged_typed_and_chosen_and_the_picture_follows(opened):
    page, panel = opened
    until_said(panel, "8 less than the best")
    before = panel.source()
    at = box_of(panel, 0, 0).bounding_box()
    x, y = at["x"] + at["width"] / 2, at["y"] + at["height"] / 2
    panel.page.mouse.move(x, y)
    panel.page.mouse.down()
    panel.page.mouse.move(x, y - 81, steps=10)  # twenty steps upwards
    panel.page.mouse.up()
    assert box_of(panel, 0, 0).input_value() == "28"
    until_said(panel, "(a, a), which pays 28, the best. The nearest monotone")
    assert panel.source() != before and page.eval("print(panel.payoffs[0, 0], panel._menu.value)") == (
        "28.0 a table of your own"
    )
    box = box_of(panel, 1, 1)
    box.fill("lots")
    box.press("Enter")
    panel.until("root.querySelector('.marl-notice').innerText.includes('expected a number from -100 to 100')")
    assert box.input_value() == "0"
    box.fill("28")
    box.press("Enter")
    until_said(panel, "no individual values satisfy IGM")
    panel.until("root.querySelector('.marl-notice').innerText.trim() === ''")
    wide = panel.root.evaluate("root => [root.scrollWidth, root.clientWidth]")
    assert wide[0] <= wide[1] + 1, "nothing sticks out"


@pytest.mark.parametrize("opened", ["1400x1000"], indirect=True)
def test_by_keyboard_alone_and_through_tables_of_other_sizes(opened):
    page, panel = opened
    menu = panel.root.locator(".marl-game select")
    menu.focus()
    menu.select_option("two best, no product")
    until_said(panel, "4 monotone tables are equally near")
    assert panel.root.locator("input.marl-payoff").count() == 4
    menu.focus()
    panel.page.keyboard.press("Tab")
    focused = "() => document.activeElement.getAttribute('aria-label')"
    assert panel.page.evaluate(focused) == "payoff of the team for a, a"
    panel.page.keyboard.press("ArrowUp")
    until_said(panel, "Q_tot is largest at (a, a):")
    assert box_of(panel, 0, 0).input_value() == "2"
    panel.page.keyboard.press("Tab")
    assert panel.page.evaluate(focused) == "payoff of the team for a, b"
    menu.select_option("climbing game")
    until_said(panel, "6 less than the best")
    assert panel.root.locator("input.marl-payoff").count() == 9 and box_of(panel, 0, 1).input_value() == "\u221230"
    menu.select_option("two-step game, state 2B")
    until_said(panel, "(B, B)")
    assert panel.root.locator("input.marl-payoff").count() == 4 and box_of(panel, 1, 1).input_value() == "8"
    box_of(panel, 0, 0).press("PageUp")
    until_said(panel, "Q_tot is largest at (A, A)")
    assert page.eval("print(panel.payoffs.tolist())") == "[[10.0, 1.0], [1.0, 8.0]]"
