"""Lesson 00 as a student meets it: agents that move within a minute, and each kind of panel reached by keys alone."""

import json
import shutil
import time
from pathlib import Path

import pytest
from browser_lab import PanelOnPage

pytestmark = pytest.mark.browser

LESSONS = Path(__file__).parents[2] / "lessons"
ANSWER = """def team_return(rewards, discount):
    return sum(discount**k * reward for k, reward in enumerate(rewards))"""
ENDLESS = """def team_return(rewards, discount):
    while True:
        pass"""
ACTIVE = "() => window.jupyterapp.shell.currentWidget.content.activeCellIndex"


@pytest.fixture
def lesson(lab, tmp_path, artefacts, request):
    """Yield lesson 00 in a page, not yet run, with a file of progress of its own."""
    for notebook in LESSONS.glob("*.ipynb"):
        shutil.copy(notebook, lab.folder)
    began = time.monotonic()
    page = lab.open("00_start_here.ipynb")
    page.began, page.kept = began, tmp_path / "progress.json"
    page.eval(f"import os; os.environ['MARL_EDU_PROGRESS'] = {str(page.kept)!r}")
    yield page
    page.page.screenshot(path=str(artefacts / f"{request.node.name}.png"))
    complaints = page.complaints
    page.shutdown()
    assert complaints == []


def cell_with(page, words: str) -> int:
    """Number of the first code cell that holds these words."""
    return page.page.evaluate(
        """words => window.jupyterapp.shell.currentWidget.content.widgets.findIndex(
            cell => cell.model.type === 'code' && cell.model.sharedModel.source.includes(words))""",
        words,
    )


def go_to(page, number: int) -> None:
    """Walk to a cell by keys, from wherever the focus is in the notebook."""
    keyboard = page.page.keyboard
    keyboard.press("Escape")
    before = None
    for _ in range(200):
        at = page.page.evaluate(ACTIVE)
        if at == number:
            return
        if at == before:  # the focus is in a widget that keeps its keys, or nowhere: one further
            keyboard.press("Tab")
            keyboard.press("Escape")
        keyboard.press("ArrowDown" if at < number else "ArrowUp")
        before = at
    raise AssertionError(f"cell {number} can't be reached by keys")


def write_and_check(page, number: int, code: str) -> None:
    """By keys: replace what is in a cell, run it, and run the one after it."""
    go_to(page, number)
    keyboard = page.page.keyboard
    keyboard.press("Enter")
    keyboard.press("ControlOrMeta+a")
    keyboard.insert_text(code)
    keyboard.press("Shift+Enter")
    keyboard.press("Shift+Enter")


def tab_to(page, selector: str, most: int = 80) -> None:
    """Press Tab until the focus is on something that fits a selector."""
    for _ in range(most):
        page.page.keyboard.press("Tab")
        if page.page.evaluate("s => document.activeElement?.matches(s) ?? false", selector):
            return
    raise AssertionError(f"{selector} can't be reached by Tab")


def text_of(page, selector: str, words: str, milliseconds: float = 20_000) -> None:
    """Wait until the last element that fits a selector says these words."""
    page.page.wait_for_function(
        "([s, words]) => [...document.querySelectorAll(s)].some(found => found.innerText.includes(words))",
        arg=[selector, words],
        timeout=milliseconds,
    )


def test_agents_move_within_a_minute_of_opening_by_keys_alone(lesson):
    go_to(lesson, 1)
    lesson.page.keyboard.press("Shift+Enter")
    lesson.page.locator(".marl-panel img.marl-picture").wait_for(timeout=50_000)
    go_to(lesson, 1)
    tab_to(lesson, "button.marl-play")
    lesson.page.keyboard.press("Space")
    panel = PanelOnPage(lesson)
    assert panel.picture_changes(8000)
    assert time.monotonic() - lesson.began < 60
    panel.until("root.querySelector('.marl-words').innerText.includes('after') && "
                "!root.querySelector('.marl-words').innerText.includes('after 0 ')")  # fmt: skip


def test_each_kind_of_panel_works_and_is_kept_after_a_reload(lesson, artefacts):
    page = lesson.page
    lesson.run_all(180)
    assert lesson.errors() == []
    text_of(lesson, ".marl-round-trip", "they reach Python")  # the self-test, live

    # predict: draw, commit, see
    box = page.locator(".marl-predict")
    box.scroll_into_view_if_needed()
    assert page.locator(".marl-reveal img").filter(visible=True).count() == 0
    box.locator("canvas.marl-canvas").scroll_into_view_if_needed()
    place = box.locator("canvas.marl-canvas").bounding_box()
    page.mouse.move(place["x"] + 0.2 * place["width"], place["y"] + 0.7 * place["height"])
    page.mouse.down()
    page.mouse.move(place["x"] + 0.9 * place["width"], place["y"] + 0.4 * place["height"], steps=12)
    page.mouse.up()
    box.locator("button.marl-commit").click()
    page.locator(".marl-reveal img").filter(visible=True).first.wait_for(timeout=15_000)
    page.locator(".marl-reveal").screenshot(path=str(artefacts / "lesson-00-reveal.png"))

    # an exercise, by keys: a loop without end, then a right answer
    stub = cell_with(lesson, "def team_return")
    write_and_check(lesson, stub, ENDLESS)
    text_of(lesson, ".marl-exercise", "took too long")
    write_and_check(lesson, stub, ANSWER)
    text_of(lesson, ".marl-exercise", "all 5 properties hold")

    # the quiz, by keys
    go_to(lesson, cell_with(lesson, "lesson_00.quiz"))
    tab_to(lesson, ".marl-quiz input[type=radio]")
    page.keyboard.press("Space")
    tab_to(lesson, ".marl-quiz button")
    page.keyboard.press("Enter")
    page.wait_for_timeout(1500)
    page.locator(".marl-quiz").screenshot(path=str(artefacts / "lesson-00-quiz.png"))
    kept = json.loads(lesson.kept.read_text())
    assert "00.return" in json.dumps(kept) and "00.quiz" in json.dumps(kept) and "00.slow" in json.dumps(kept)

    # after a reload all of it is there again
    lesson.load(lesson.address)
    lesson.run_all(180)
    assert lesson.errors() == []
    go_to(lesson, cell_with(lesson, "CourseMap(COURSE)"))
    text_of(lesson, ".marl-map", "exercises 1/4")
    text_of(lesson, ".marl-map", "guesses 1/1")
    page.locator(".marl-map").screenshot(path=str(artefacts / "lesson-00-map.png"))
    go_to(lesson, cell_with(lesson, "guess.reveal"))
    page.locator(".marl-reveal img").filter(visible=True).first.wait_for(timeout=15_000)


def test_play_goes_on_by_keys_and_rewinds(lesson, artefacts):
    page = lesson.page
    lesson.run_all(180)
    go_to(lesson, cell_with(lesson, "Play(match"))
    tab_to(lesson, ".marl-play button", 60)
    play = page.locator(".marl-play").filter(has_text="Matching pennies").first
    for _ in range(20):
        play.locator("button", has_text="heads").click()
    text_of(lesson, ".marl-play", "turn 20 of 20")
    play.screenshot(path=str(artefacts / "lesson-00-play.png"))
    handle = play.locator(".noUi-handle").first
    handle.focus()
    handle.press("Home")
    text_of(lesson, ".marl-play", "showing 0")
