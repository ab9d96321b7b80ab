"""Exercises as a student meets them: wrong, right, an endless loop, hint and solution, also by keyboard alone."""

import re

import nbformat
import pytest

pytestmark = pytest.mark.browser

SETUP = """
import numpy as np
from marl_edu.exercises import Exercise, Misconception, Property

def best_target(reward, discount, next_values, terminal):
    if terminal:
        return reward
    return reward + discount * np.max(next_values)

def going_on(rng):
    first = (1.0, 0.5, np.array([0.0, 2.0]), False)
    return [first] + [(rng.normal(), 0.9, rng.normal(size=3), False) for _ in range(20)]

def ending(rng):
    return [(*case[:3], True) for case in going_on(rng)]

task = Exercise(
    "97.target", "The target of Q-learning", "97.1", 5, 1, "Write the target.",
    stub="def target(reward, discount, next_values, terminal):\\n    ...", solution=best_target,
    properties=[Property("the target is the reward and the discounted best next value", going_on),
                Property("after the end there is no future: the target is the reward alone", ending)],
    misconceptions=[
        Misconception("bootstraps through the end", "After a terminal state nothing follows, so nothing is added to "
                      "the reward. Look at `terminal` first.", lambda r, d, v, t: r + d * np.max(v)),
        Misconception("no discount", "The future counts less.", lambda r, d, v, t: r + (0 if t else np.max(v))),
        Misconception("mean for max", "It acts greedily.", lambda r, d, v, t: r if t else r + d * np.mean(v))],
    hints=["What can still be earned after the end?", "Two cases: use `if terminal:`.", "`np.max(next_values)`"])
kept = []
"""
WRONG = """
def target(reward, discount, next_values, terminal):
    return reward + discount * max(next_values)
task.check(target)
"""
ENDLESS = """
def target(reward, discount, next_values, terminal):
    best = 0
    while True:
        try:
            best += 1
            kept.append(best)
        except:
            pass
task.check(target)
"""
CRASHED = """
def target(reward, discount, next_values, terminal):
    print("I got", reward, discount)
    values = np.outer(next_values, next_values) / 7
    return target_of(values, "<script>document.title = 'broken in'</script>")
task.check(target)
"""
RIGHT = """
def target(reward, discount, next_values, terminal):
    best = 0 if terminal else max(next_values)
    return reward + discount * best
task.check(target)
"""
STUB = """
def target(reward, discount, next_values, terminal):
    ...
task.check(target)
"""
CELLS = [SETUP, WRONG, ENDLESS, CRASHED, RIGHT]


def write(folder, name, cells):
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    notebook.cells = [nbformat.v4.new_code_cell(cell.strip()) for cell in cells]
    nbformat.write(notebook, folder / f"{name}.ipynb")


@pytest.fixture
def exercises(lab, request, artefacts):
    """Yield a page with verdicts, photographed at the end."""
    name, cells, *size = request.param
    write(lab.folder, name, cells)
    page = lab.open(f"{name}.ipynb", *size)
    page.eval("import os; os.environ['MARL_EDU_PROGRESS'] = 'off'")
    page.run_all()
    assert page.errors() == []
    yield page
    for k in range(page.page.locator(".marl-exercise").count()):
        card = page.page.locator(".marl-exercise").nth(k)
        card.scroll_into_view_if_needed()
        card.screenshot(path=str(artefacts / f"{request.node.name.split('[')[0]}-{k}.png"))
    complaints = page.complaints
    page.shutdown()
    assert complaints == []


def card_of(page, outcome: str):
    card = page.page.locator(f".marl-exercise.marl-outcome-{outcome}").first
    card.scroll_into_view_if_needed()
    return card


def change_theme(exercises, name: str) -> None:
    exercises.page.evaluate(
        """name => window.jupyterapp.commands.execute(
            'apputils:change-theme', {theme: `JupyterLab ${name}`}).then(() => null)""",
        name,
    )
    light = str(name == "Light").lower()
    exercises.page.wait_for_function("light => document.body.dataset.jpThemeLight === light", arg=light)
    exercises.page.wait_for_timeout(500)


@pytest.mark.parametrize("exercises", [("verdicts", CELLS)], indirect=True)
def test_every_outcome_is_seen(exercises):
    wrong = card_of(exercises, "wrong").inner_text()
    for words in ("not right yet", "terminal = True", "after the end there is no future", "bootstraps through the end"):
        assert words in wrong
    crashed = exercises.page.locator(".marl-exercise.marl-outcome-crashed")
    endless, unknown = crashed.nth(0).inner_text(), crashed.nth(1).inner_text()
    assert "It took too long" in endless and "line " in endless and "reward = 1" in endless
    assert "NameError" in unknown and "line 4: return target_of" in unknown and "I got 1.0 0.5" in unknown
    assert "both properties hold" in card_of(exercises, "right").inner_text()
    assert exercises.page.title() != "broken in"
    assert exercises.eval("print(len(kept), target(1, 1, [2], True))") == "0 1"


@pytest.mark.parametrize("exercises", [("dark", CELLS, (1000, 800))], indirect=True)
def test_cards_fit_and_read_in_the_dark_theme(exercises, artefacts):
    change_theme(exercises, "Dark")
    for outcome in ("wrong", "crashed", "right"):
        card = card_of(exercises, outcome)
        assert card.evaluate("root => root.scrollWidth - root.clientWidth") <= 1
        assert card.evaluate("root => root.getBoundingClientRect().width") <= 1000
        ink, paper = card.evaluate(
            """root => [getComputedStyle(root.querySelector('.marl-whole, .marl-part span')).color,
                        getComputedStyle(root).backgroundColor]"""
        )
        light = [sum(map(float, re.findall(r"[\d.]+", colour)[:3])) for colour in (ink, paper)]
        assert light[0] > 450 and light[1] < 200, (ink, paper)
        card.screenshot(path=str(artefacts / f"exercise-dark-{outcome}.png"))
    change_theme(exercises, "Light")  # the server keeps it for the tests that follow


@pytest.mark.parametrize("exercises", [("keys", [SETUP, STUB])], indirect=True)
def test_hint_and_solution_by_keyboard_alone(exercises):
    card, keys = card_of(exercises, "not-attempted"), exercises.page.keyboard
    more = card.locator(".marl-more")
    card.locator("button.marl-hint").focus()
    keys.press("Enter")
    exercises.page.wait_for_function("root => root.innerText.includes('Hint 1 of 3')", arg=more.element_handle())
    keys.press("Enter")
    exercises.page.wait_for_function("root => root.innerText.includes('Hint 2 of 3')", arg=more.element_handle())
    keys.press("Tab")
    focused = "() => document.activeElement.className"
    assert "marl-solution" in exercises.page.evaluate(focused)
    keys.press("Space")
    button = card.locator("button.marl-solution")
    exercises.page.wait_for_function("root => root.innerText.includes('sure?')", arg=button.element_handle())
    assert "def target" not in more.inner_text()
    assert button.evaluate("b => b.scrollWidth - b.clientWidth") <= 1, "the button's words are cut off"
    keys.press("Space")
    exercises.page.wait_for_function("root => root.innerText.includes('def target')", arg=more.element_handle())
    assert "if terminal:" in more.inner_text()


@pytest.mark.parametrize("exercises", [("edit", [SETUP, STUB])], indirect=True)
def test_from_stub_to_right_by_keyboard_alone(exercises):
    """Write the answer in the cell, run it, see the verdict change."""
    card_of(exercises, "not-attempted")
    page = exercises.page
    page.evaluate(
        """() => { const notebook = window.jupyterapp.shell.currentWidget.content;
            notebook.activeCellIndex = 1; notebook.mode = 'edit'; }"""
    )
    page.wait_for_timeout(300)
    page.keyboard.press("Control+a")
    for line in RIGHT.strip().splitlines():
        page.keyboard.insert_text(line + "\n")
    page.keyboard.press("Control+Enter")
    page.locator(".marl-exercise.marl-outcome-right").wait_for(timeout=20_000)
    assert exercises.eval("print(task.attempts)") == "1"


@pytest.mark.parametrize("exercises", [("stop", [SETUP + "\ntask.time_limit = 30"])], indirect=True)
def test_the_stop_button_ends_a_check_and_the_kernel_lives(exercises):
    page = exercises.page
    page.evaluate(
        """code => { const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
            window.answer = ''; const future = kernel.requestExecute({code});
            future.onIOPub = m => { if (m.header.msg_type === 'stream') window.answer += m.content.text;
                if (m.header.msg_type === 'error') window.answer += m.content.ename; }; }""",
        ENDLESS.replace("task.check(target)", "print(task.check(target).text)"),
    )
    page.wait_for_timeout(1500)
    exercises.command("notebook:interrupt-kernel")
    page.wait_for_function("() => window.answer.length > 0", timeout=10_000)
    assert "You stopped the check" in page.evaluate("() => window.answer")
    assert exercises.eval("print(2 + 2)") == "4"
