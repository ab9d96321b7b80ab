"""The quiz and the course map as a student meets them; what was answered is there again after a reload."""

import json
import time

import nbformat
import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

SETUP = """
import os
os.environ["MARL_EDU_PROGRESS"] = {place!r}
from marl_edu.exercises.course import COURSE
from marl_edu.panels.course_map import CourseMap
from marl_edu.panels.quiz import Choice, Number, Option, Quiz
from marl_edu.progress import progress
"""
QUIZ = """
quiz = Quiz("06.quiz", [
    Choice("Two agents with 3 actions each have how many joint actions, if `a = (a1, a2)`?", [
        Option("5, since each agent counts the actions of the other one and leaves out the one that both have in "
               "common, which is a long way of saying that this option needs more than one line", "That is no count."),
        Option("6", "You *added*; each of 3 goes with each of 3."),
        Option("9", "Each of 3 goes with each of 3: $3^2 = 9$.", right=True),
    ], objective="06.1"),
    Number("And four agents with 3 actions each, $|A| = 3^4$?", lambda: 3**4, "3 to the power of 4.", tolerance=0.5,
           wrong={12: "You *added*; it is a product."}, unit="joint actions", objective="06.1"),
    Choice("What does `epsilon` do?", [
        Option("It makes `q` larger", "It touches no value."),
        Option("It says how often an action is drawn at random", "Yes.", right=True),
        Option("It is the discount \N{GREEK SMALL LETTER GAMMA}", "That one weighs the future."),
    ]),
])
quiz
"""
MAP = "CourseMap(COURSE)"


@pytest.fixture
def notebook(lab, tmp_path):
    """Return a function that writes a notebook into the server's folder; all share one file of progress."""
    place = tmp_path / "progress.json"

    def write(*cells):
        name = f"quiz-{time.time_ns()}.ipynb"
        made = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
        cells = (SETUP.format(place=str(place)), *cells)
        made.cells = [nbformat.v4.new_code_cell(cell.strip()) for cell in cells]
        nbformat.write(made, lab.folder / name)
        return name

    write.place = place
    return write


@pytest.fixture
def opened(lab, notebook, artefacts, request):
    """Return a function that opens a notebook of these cells and runs it; what was opened is closed at the end."""
    pages = []

    def run(*cells, size=(1400, 1000)):
        page = lab.open(notebook(*cells), size)
        pages.append(page)
        page.run_all()
        assert page.errors() == []
        return page

    yield run
    for k, page in enumerate(pages):
        page.page.screenshot(path=str(artefacts / f"{request.node.name}-{k}.png"))
        complaints = page.complaints
        page.shutdown()
        assert complaints == []


class QuizOnPage:
    """The quiz of a page."""

    def __init__(self, page):
        self.page = page.page
        self.root = self.page.locator(".marl-quiz")
        self.root.scroll_into_view_if_needed()
        self.root.locator("input[type=radio]").first.wait_for(timeout=15_000)

    def block(self, number):
        return self.root.locator(".marl-question").nth(number - 1)

    def choose(self, number, words):
        self.block(number).locator("label", has_text=words).locator("input").check()

    def check(self, number):
        self.block(number).locator("button.marl-check").click()

    def says(self, number, words):
        self.block(number).locator(".marl-says", has_text=words).wait_for(timeout=8000)

    def score(self, words):
        self.root.locator("div.marl-score .widget-html-content", has_text=words).wait_for(timeout=8000)


def test_answered_by_mouse_and_there_again_after_a_reload(opened):
    page = opened(QUIZ, MAP)
    quiz = QuizOnPage(page)
    quiz.check(1)
    quiz.says(1, "Choose one of the options first")
    quiz.choose(1, "6")
    quiz.check(1)
    quiz.says(1, "\N{BALLOT X} Not right. You added; each of 3 goes with each of 3. Try again.")
    quiz.choose(1, "9")
    quiz.check(1)
    quiz.says(1, "\N{CHECK MARK} Right.")
    quiz.block(2).locator("input").fill("12")
    quiz.check(2)
    quiz.says(2, "You added")
    quiz.block(2).locator("input").fill("8.1e1")
    quiz.check(2)
    quiz.says(2, "Read as 81.")
    quiz.choose(3, "at random")
    quiz.check(3)
    quiz.score("3 of 3 answered right, 1 at first try.")

    page.command("docmanager:save")
    page.load(page.address)  # the page is new, the kernel is not
    QuizOnPage(page).score("3 of 3 answered right, 1 at first try.")
    page.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    page.page.wait_for_timeout(1500)
    page.run_all()  # the kernel is new as well
    again = QuizOnPage(page)
    again.score("3 of 3 answered right, 1 at first try.")
    again.says(1, "\N{CHECK MARK} Right.")
    assert again.block(1).locator("label", has_text="9").locator("input").is_checked()
    assert again.block(2).locator("input").input_value() == "81"
    assert page.page.locator(".marl-map li", has_text="Independent Q-learning").locator("text=begun").count() == 1

    again.root.locator("button.marl-start").click()
    again.score("0 of 3 answered right, 0 at first try.")
    expect(again.root.locator("input:checked")).to_have_count(0)


def test_answered_by_the_keyboard_alone(opened):
    page = opened(QUIZ, "pass")
    quiz, keyboard = QuizOnPage(page), page.page.keyboard
    cells = page.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.widgets.length")
    quiz.block(1).locator("input").first.focus()

    def tab_to(selector):
        for _ in range(12):
            keyboard.press("Tab")
            page.page.wait_for_timeout(60)
            if page.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"Tab does not reach {selector}")

    keyboard.press("Space")
    for _ in range(2):
        keyboard.press("ArrowDown")
        page.page.wait_for_timeout(150)
    keyboard.press("Tab")
    assert page.page.evaluate("() => document.activeElement.matches('.marl-check')"), "not to the next option"
    keyboard.press("Shift+Tab")
    assert page.page.evaluate("() => document.activeElement.checked"), "back to the chosen one"
    for key in "xdda":  # in the notebook around it, these cut, delete and insert cells
        keyboard.press(key)
    tab_to(".marl-check")
    keyboard.press("Enter")
    quiz.says(1, "\N{BALLOT X} Not right. You added")
    keyboard.press("Shift+Tab")
    keyboard.press("ArrowUp")
    quiz.says(1, "Your answer has changed since")
    keyboard.press("ArrowDown")
    quiz.says(1, "\N{BALLOT X} Not right. You added")
    tab_to("input[type=text]")
    keyboard.type("81")
    keyboard.press("Enter")
    quiz.says(2, "\N{CHECK MARK} Right.")
    tab_to("input[type=radio]")
    keyboard.press("Space")
    tab_to(".marl-check")
    keyboard.press("Space")
    quiz.says(3, "\N{CHECK MARK} Right.")
    quiz.score("2 of 3 answered right, 2 at first try.")
    assert cells == page.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.widgets.length")


def test_two_notebooks_at_once_keep_everything(opened, notebook):
    loop = (
        "for k in range(30):\n    progress().note('exercise', f'07.{who}_{k}', right=True)\nprint(progress().trouble)"
    )
    first, second = opened("who = 'a'", QUIZ, MAP), opened("who = 'b'", QUIZ, MAP)
    for page in (first, second):  # both at work at the same time
        page.page.evaluate(
            """code => {
                window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestExecute({code}); }""",
            loop,
        )
    one, other = QuizOnPage(first), QuizOnPage(second)
    one.choose(1, "9")
    one.check(1)
    one.says(1, "Right")
    other.choose(3, "at random")
    other.check(3)
    other.says(3, "Right")
    other.score("2 of 3 answered right, 2 at first try.")
    for page in (first, second):
        assert page.eval("print(len(progress().all('exercise')), progress().trouble)") == "60"
    kept = json.loads(notebook.place.read_text())["entries"]
    assert len(kept["exercise"]) == 60 and set(kept["quiz"]["06.quiz"]["answers"]) == {"1", "3"}


def test_the_map_links_exports_and_deletes(opened, notebook, tmp_path):
    page = opened("progress().note('exercise', '06.target', right=True)", MAP)
    root = page.page.locator(".marl-map")
    root.scroll_into_view_if_needed()
    card = root.locator("li", has_text="Independent Q-learning")
    assert "exercises 1/" in card.inner_text() and "begun" in card.inner_text()
    link = card.locator("a")
    assert link.evaluate("a => a.href").endswith("/tree/06_independent_q_learning.ipynb")
    root.locator("button.marl-export").click()
    with page.page.expect_download() as started:
        root.locator("a.marl-link").click()
    started.value.save_as(tmp_path / "export.json")
    assert json.loads((tmp_path / "export.json").read_text())["entries"]["exercise"]["06.target"]["right"]
    delete = root.locator("button.marl-delete")
    delete.focus()
    page.page.keyboard.press("Enter")
    root.locator("button.marl-delete", has_text="yes, delete").wait_for(timeout=5000)
    assert notebook.place.exists()
    page.page.keyboard.press("Enter")
    root.locator(".marl-notice", has_text="Forgotten").wait_for(timeout=5000)
    assert not notebook.place.exists()
    root.locator("li.marl-not-begun", has_text="Independent Q-learning").wait_for(timeout=5000)


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_nothing_is_cut_off_on_a_narrow_screen(opened, theme):
    page = opened(QUIZ, MAP, size=(1024, 900))
    page.page.evaluate(
        "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme}).then(() => 0)", theme
    )
    page.page.wait_for_timeout(1500)
    quiz = QuizOnPage(page)
    quiz.choose(1, "5")
    quiz.check(1)
    quiz.says(1, "That is no count")
    for root in (".marl-quiz", ".marl-map"):
        page.page.locator(root).scroll_into_view_if_needed()
        wide = page.page.locator(root).evaluate(
            "root => [root, ...root.querySelectorAll('.marl-card, .marl-says, label')].filter("
            "e => e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1).map(e => "
            "[e.className, e.scrollWidth, e.clientWidth, e.scrollHeight, e.clientHeight])"
        )
        assert wide == []
        ink, paper = page.page.locator(f"{root} .marl-question, {root} .marl-card").first.evaluate(
            """e => [getComputedStyle(e).color,
                getComputedStyle(document.querySelector('.jp-Notebook')).backgroundColor]
                .map(c => { const [r, g, b] = c.match(/[\\d.]+/g).map(Number); return 0.2 * r + 0.7 * g + 0.1 * b; })"""
        )
        assert abs(ink - paper) > 120
