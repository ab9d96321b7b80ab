"""Lesson 01 with what it asks students to change: it runs on, its answers are folded away, its pictures say what is."""

import ast
import re
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from marl_edu import lesson_builder
from marl_edu.exercises import lesson_01
from marl_edu.panels import Explorer, Panel
from marl_edu.recording import record

ROOT = Path(__file__).resolve().parents[2]
SOURCE = next((ROOT / "lessons" / "source").glob("01_*.py"))
CELLS = lesson_builder.read_source(SOURCE).cells
CODE = [cell for cell in CELLS if cell.cell_type == "code"]

EDITS = {
    "my_policy": (
        'return "south" if row < 2 else "east"',
        'return "east" if row == 0 and column < 2 else "south" if row < 2 else "east"',
    ),
    "my_policy_2": (
        'if row == 0 and column > 0:\n        return "west"\n',
        'if row == 2:\n        return "west"\n',
    ),
}
"""What the two lists of section 1 and 2 ask for, by the function: what stands there, and what the student writes."""


def run(cells) -> dict:
    """The names after these cells, and under a title each panel and explorer that ended one."""
    names: dict = {}
    for cell in cells:
        tree = ast.parse(cell.source)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, "lesson 01", "exec"), names)
        shown = eval(compile(ast.Expression(last.value), "lesson 01", "eval"), names) if last else None
        if isinstance(shown, Panel | Explorer):
            names[shown.title] = shown
    return names


def before_section(number: int, but=(".check(",)) -> list:
    """Code cells of the lesson up to a section."""
    cells = []
    for cell in CELLS:
        if cell.cell_type == "markdown" and re.match(rf"## {number} ", cell.source):
            return cells
        if cell.cell_type == "code" and not any(word in cell.source for word in but):
            cells.append(cell)
    raise AssertionError(f"no section {number}")


@pytest.fixture(scope="module")
def edited() -> dict:
    """Sections 1 to 4, with all that their lists ask for."""
    cells = [cell.copy() for cell in before_section(5)]
    for name, (old, new) in EDITS.items():
        (cell,) = (cell for cell in cells if f"def {name}(" in cell.source)
        assert old in cell.source
        cell.source = cell.source.replace(old, new)
    return run(cells)


def test_a_lesson_with_the_suggested_edits_runs_on(edited):
    assert edited["earned"] == 6 and "The same policy, another partner" in edited


def test_the_suggested_edits_do_what_the_answers_say(edited):
    alone = record(edited["my_loop"], 12, 1)
    assert alone.series("earned")[11, 0, 0] == 6 and alone[4]["action"][0, 0] == edited["ACTIONS"].index("east")
    stuck = record(edited["with_mine"], 59, 1)
    assert (stuck.series("reward")[11::3, 0] == -2).all() and stuck[-1]["time"][0] == 19


@pytest.mark.parametrize("name", EDITS)
def test_nothing_later_depends_on_what_students_change(name):
    used = [cell for cell in CODE if re.search(rf"\b{name}\b", cell.source)]
    assert len(used) == 1
    (cell,) = used
    made = {node.id for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Name)
            and isinstance(node.ctx, ast.Store)}  # fmt: skip
    others = "\n".join(other.source for other in CODE if other is not cell)
    assert made and not any(re.search(rf"\b{one}\b", others) for one in made)


@pytest.mark.parametrize("name", ["policy_1", "policy_2"])
def test_no_text_asks_to_change_what_later_cells_need(name):
    for cell in CELLS:
        if cell.cell_type == "markdown":
            assert not re.search(rf"(let|change|edit) `{name}`", cell.source), cell.source


@pytest.mark.parametrize(("name", "section"), [("policy_1", 2), ("policy_2", 3)])
def test_who_edits_a_given_policy_all_the_same_reads_which(name, section):
    cells = [cell.copy() for cell in before_section(section)]
    (cell,) = (cell for cell in cells if f"def {name}(" in cell.source)
    way = 'return "south" if row < 2 else "west"'  # alone it never gets home, and agent 2 walks into agent 1
    cell.source = re.sub(rf"(def {name}\(.*\):\n)", rf"\1    {way}\n", cell.source)
    with pytest.raises(AssertionError, match=f"{name} is not as given: run"):
        run(cells)


# --- guesses ---------------------------------------------------------------------------------------------------------


def test_results_of_guesses_are_folded_and_come_after_the_reveal():
    revealed, folded = {}, {}
    for k, cell in enumerate(CODE):
        folded[k] = cell.metadata.get("jupyter", {}).get("outputs_hidden", False)
        for guess in re.findall(r"(\w+_guess)\.reveal\(", cell.source):
            revealed[guess] = k
    assert set(revealed) == {"table_guess", "lamp_guess", "learning_guess"}
    numbers = {"table_guess": "{size:>27,}", "lamp_guess": "best: {apart:.0%}", "learning_guess": "lesson_01.draw_race"}
    for guess, number in numbers.items():
        (where,) = (k for k, cell in enumerate(CODE) if number in cell.source)
        assert where > revealed[guess] and folded[where], guess


def test_answers_are_folded_texts_that_close():
    texts = [cell.source for cell in CELLS if cell.cell_type == "markdown" and "<details>" in cell.source]
    assert len(texts) >= 5
    for text in texts:
        assert (
            text.count("<details>") == text.count("</details>") == text.count("<summary>") == text.count("</summary>")
        )
        assert re.search(r"</summary>\n\n", text) and re.search(r"\n\n</details>", text)  # or Markdown stays unread


# --- pictures --------------------------------------------------------------------------------------------------------


def test_a_network_without_preference_says_so(edited):
    network = edited["A network as a policy"]
    network.set(sharpness=0)
    assert "each action the chance 0.20" in network.describe()
    network.set(sharpness=1)
    assert "goes south" in network.describe()


def test_what_the_answers_say_of_the_network(edited):
    chances = {nudge: np.array([edited["forward"](cell, nudge, 1) for cell in edited["cells"]]) for nudge in (-6, 0, 6)}
    north = edited["ACTIONS"].index("north")
    assert edited["cells"][chances[0].max(axis=1).argmin()].tolist() == [1, 2]
    for nudge in (-6, 6):
        assert (chances[nudge].argmax(axis=1) == north).sum() == 2
        assert (np.abs(chances[nudge] - chances[0]).max(axis=1) > 1e-3).all()


def axes():
    return Figure(figsize=(3.4, 3.8), dpi=100, layout="constrained").subplots()


def test_fields_that_are_all_alike():
    ax = axes()
    lesson_01.draw_fields(ax, np.full((4, 5), 0.2), list("abcde"), (0, 0))
    assert [text.get_text() for text in ax.texts] == ["all alike", "0.20"] * 4


@pytest.mark.parametrize("name", ["penalty", "climbing", "rock_paper_scissors", "prisoners_dilemma", "shapley_game"])
def test_names_of_payoffs_do_not_overprint(name):
    from marl_edu import games

    ax = axes()
    lesson_01.draw_payoffs(ax, getattr(games, name)().rewards[:, 0])
    FigureCanvasAgg(ax.figure).draw()
    boxes = [Text.get_window_extent(text) for text in ax.texts]  # without the line to the point
    frame = ax.get_window_extent()
    for k, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:k])
        assert frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0 and box.y1 <= frame.y1
    discs = [ax.transData.transform(line.get_xydata()[0]) for line in ax.lines]
    assert not any(box.contains(*disc) for box in boxes for disc in discs)


def test_a_number_on_the_map_stands_above_its_game():
    ax = axes()
    lesson_01.draw_places(ax, {"one": (-0.69, 0.85), "same": (-0.69, 0.85), "far": (0.64, 0.91)},
                          {"one": 0, "same": 1, "far": 2}, "one")  # fmt: skip
    places = {text.get_text(): text.xy for text in ax.texts if hasattr(text, "xy")}
    assert places == {"0, 1": (-0.69, 0.85), "2": (0.64, 0.91)}


def test_every_place_of_the_tigers_slider_was_computed():
    (cell,) = (cell for cell in CODE if "draw_tiger,\n" in cell.source)
    assert "choices=accuracies" in cell.source
    assert not any("np.interp" in cell.source for cell in CODE)


def test_the_curve_beside_stays_when_pins_go(edited):
    from marl_edu.games import climbing
    from marl_edu.learning import IndependentQLearning

    other = record(IndependentQLearning(climbing(), seeds=2), 20, 10)
    panel = Panel(IndependentQLearning(climbing(), seeds=2), lesson_01.CurveBeside("the others", other), units=20)
    panel.run()
    panel.pin()
    assert len(panel.views[0].ghosts) == 2 and panel.views[0].ghosts[0][0] == "the others"
    panel.unpin()
    assert [label for label, _ in panel.views[0].ghosts] == ["the others"]


def test_ways_to_control_have_no_agents_colour():
    from marl_edu.exercises.lesson_01_pictures import WAYS
    from marl_edu.games.colours import AGENT_COLOURS

    agents = {matplotlib.colors.to_hex(colour) for colour in AGENT_COLOURS}
    assert len({str(look["linestyle"]) for look in WAYS}) == len(WAYS)
    assert not agents & {matplotlib.colors.to_hex(look["color"]) for look in WAYS}


# --- the teaching notes ----------------------------------------------------------------------------------------------

NOTES = " ".join((ROOT / "docs" / "teaching_01.md").read_text(encoding="utf-8").split())


def test_the_notes_know_every_misconception_or_what_it_is_made_of():
    grouped = {
        "everybody sees what agent 1 sees, and the observation of the next moment is stored",
        "everybody sees what agent 1 sees, and is paid for the state that was reached",
        "agent 2 acts on what agent 1 sees; stored and paid one moment late",
        "agent 2 acts on what agent 1 sees; stored one moment late",
        "states to the power of the agents, in the centre's table",
    }
    names = {m.name for exercise in lesson_01.lesson.exercises for m in exercise.misconceptions}
    assert grouped <= names and not {name for name in names - grouped if name not in NOTES}


def test_the_numbers_of_the_notes_hold(edited):
    """Both earn 6; 4.9, 1.0 and -38 along the slider of section 2."""
    both = record(edited["both"], 12, 1)
    assert both.series("earned")[11, 0].tolist() == [6, 6] and "both earn 6" in NOTES
    found = [round(float(edited["earns"](share)[0]), 1) for share in (0, 0.1, 1)]
    assert found[:2] == [4.9, 1.0] and round(found[2]) == -38
    assert "about 4.9 at the left end, 1.0 at a chance of 0.1, -38 at the right end" in NOTES


def test_the_table_of_section_6_is_that_of_the_lesson():
    notebook = lesson_builder.notebook_of(SOURCE).read_text(encoding="utf-8")
    rows = re.findall(
        r"\| (independent learners|one centre) (\| [\d.]+ \| [\d.]+ \| [-\d.]+ \| [-\d.]+ \| [^|]+ \|)", notebook
    )
    assert len(rows) == 10
    for who, numbers in rows:
        assert f"| {'independent' if who.startswith('ind') else 'centre'} {numbers}" in NOTES, (who, numbers)


SHOWN = {
    "section 2, the slider": '"The same policy, another partner"',
    "section 3, the network": '"A network as a policy"',
    "section 4, the sliders": '"Three ways to keep values"',
    "section 5, the lamps": '"The two lamps, decentralised"',
    "section 6, the two curves": "lesson_01.draw_race",
    "section 7, the map": '"The map of settings"',
}


@pytest.mark.parametrize("what", SHOWN)
def test_a_short_plan_needs_the_cells_that_the_notes_name(what):
    row = re.search(rf"\| {what} \| ([^|]+) \|", NOTES)
    cells = [CODE[0]]
    for name in re.findall(r"`(\w+)`", row.group(1)):
        defined = rf"^(def {name}\(|(\w+, )*{name}(, \w+)* = )"
        cells.append(next(cell for cell in CODE if re.search(defined, cell.source, re.MULTILINE)))
    cells += [cell for cell in CODE if SHOWN[what] in cell.source and cell not in cells]
    run(cells)
