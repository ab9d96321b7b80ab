"""Every rule of the lint can fail: each defect is planted in a copy of a real lesson, and seen."""

import dataclasses
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

from marl_edu import cli, lesson_builder, lesson_lint
from marl_edu.exercises import lesson_00
from marl_edu.views.shown import FOLDED

ROOT = Path(__file__).resolve().parents[2]
LESSON = "00_start_here"
GOOD = (ROOT / "lessons" / "source" / f"{LESSON}.py").read_text(encoding="utf-8")
NEXT, FIRST_CODE = "01_from_one_agent_to_many.ipynb", "# %%\nfrom marl_edu import Panel, gridworld"


@pytest.fixture
def copy(tmp_path):
    """Return a function that writes a changed copy of lesson 00 and returns its path; the others exist beside it."""
    (tmp_path / "lessons" / "source").mkdir(parents=True)
    for source in lesson_builder.find_sources(ROOT):
        if source.stem != LESSON:
            (tmp_path / "lessons" / f"{source.stem}.ipynb").touch()

    def write(old="", new="", text=GOOD):
        assert old in text, "the defect must be planted somewhere"
        source = tmp_path / "lessons" / "source" / f"{LESSON}.py"
        source.write_text(text.replace(old, new) if old else text + new, encoding="utf-8")
        return source

    return write


def test_the_copy_itself_is_without_fault(copy):
    assert lesson_lint.problems(copy()) == []


PLANTED_IN_THE_TEXT = {
    "objective reworded": ("read a learning curve: its line", "read a learning curve: the line", "objective 00.1 says"),
    "objective dropped": ("# - **00.4** commit", "# - commit", "objective 00.4 is only in the manifest"),
    "objective added": ("# - **00.4** commit", "# - **00.5** fly;\n# - **00.4** commit", "00.5 is only in the text"),
    "title changed": ("# # 00 Start here", "# # 00 Start", "its title is '00 Start'"),
    "exercise never checked": ("\nlesson_00.gap.check(mean_gap)", "\nmean_gap", "exercise 00.gap of the manifest is"),
    "other minutes for an exercise": ("*00.4 · about 3 minutes", "*00.4 · about 9 minutes", "no line *00.4 · about 3"),
    "other difficulty": ("4 minutes · medium", "4 minutes · hard", "no line *00.2 · about 4 minutes · medium*"),
    "exercise under another title": ("4: how far off was the guess?", "4: gaps", "no heading with 'How far"),
    "stub changed": ('"""Return the mean distance between', '"""The mean distance between', "differs from the stub"),
    "stub with another argument": ("def mean_gap(guess, truth)", "def mean_gap(truth, guess)", "differs from the stub"),
    "stub lost": ("def mean_gap(guess, truth)", "def gap(guess, truth)", "no cell is the stub of exercise 00.gap"),
    "prediction renamed": ('"00.slow"', '"00.quick"', "prediction '00.slow' of the manifest does not occur"),
    "prediction unknown": ('"00.slow"', '"00.quick"', "prediction '00.quick' is not in the manifest"),
    "prediction never revealed": ("guess.reveal(recording)", "recording", "guess is never revealed"),
    "quiz not shown": ("\nlesson_00.quiz\n", "\nlesson_00\n", "quiz 00.quiz is never shown"),
    "game renamed": ('name="00.pennies"', 'name="00.coins"', "play '00.pennies' of the manifest does not occur"),
    "game unknown": ('name="00.pennies"', 'name="00.coins"', "play '00.coins' is not in the manifest"),
    "no minutes": ("About 30 minutes", "Not long", 'no "About 30 minutes"'),
    "other minutes": ("About 30 minutes", "About 20 minutes", "says 20 minutes"),
    "no run time": ("runs\n# in under 30 seconds", "runs\n# soon", "states no run time"),
    "other run time": ("in under 30 seconds", "in under 20 seconds", "runs in 20 seconds"),
    "no takeaways": ("# ## What you should take away", "# ## The end", '"take away"'),
    "no misconceptions": ("# ## Common misconceptions", "# ## Not so", '"misconceptions"'),
    "no sources": ("# ## Sources", "# ## Books", '"sources"'),
    "no quiz section": ("# ## 6 Quiz", "# ## 6 Questions", '"quiz"'),
    "no objectives section": ("# ## You will be able to", "# ## Aims", '"you will be able to"'),
    "no next": ("**Next**", "**Then**", 'no "**Next**: ..."'),
    "next is no link": (f"[from one agent to many]({NEXT})", "it", "no link to lesson 01"),
    "broken link": (f"]({NEXT})", "](01_from_one.ipynb)", "leads nowhere"),
    "picture without words": ("# ## The map", f"# ![]({NEXT})\n#\n# ## The map", "no alternative text"),
    "simply": ("Change things.", "Simply change things.", 'says "Simply"'),
    "obviously": ("Change things.", "Obviously, change things.", 'says "Obviously"'),
    "number typed": ("Change things.", "It ends at 4.27.", "4.27 is typed into the text"),
    "percentage typed": ("Change things.", "It works in 83 % of runs.", "83 % is typed into the text"),
    "percentage typed in words": ("Change things.", "It works in 83 per cent of runs.", "83 % is typed into the text"),
    "number typed in a formula": ("Change things.", r"It ends at $x = 4.27\,$.", "4.27 is typed into the text"),
    "heading level left out": ("# ## The map", "# #### The map", "leave no level out"),
    "second title": ("# ## The map", "# # The map", "and no other"),
    "section left out": ("# ## 6 Quiz", "# ## 7 Quiz", "section 7 comes where section 6 should"),
    "formula first": (FIRST_CODE, f"# %% [markdown]\n# $$x$$\n\n{FIRST_CODE}", "play comes first"),
    "formula first, in brackets": (FIRST_CODE, f"# %% [markdown]\n# \\[ x \\]\n\n{FIRST_CODE}", "play comes first"),
    "formula first, begun": (FIRST_CODE, f"# %% [markdown]\n# \\begin{{align}}\n\n{FIRST_CODE}", "play comes first"),
    "sections in one heading": (
        "# ## Common misconceptions", "# ## Common misconceptions and sources", 'no heading with "misconceptions" of',
    ),
    "sources without a year": ("# ## Sources\n#\n", "# ## Sources\n#\n# ### Books\n#\n", "below \"sources\""),
    "misconceptions without bullets": (
        "# ## Common misconceptions\n#\n", "# ## Common misconceptions\n#\n# ### Others\n#\n", "are 0 bullets",
    ),
    "check that never runs": (
        "\nlesson_00.gap.check(mean_gap)", "\nif False:\n    lesson_00.gap.check(mean_gap)", "exercise 00.gap of the",
    ),
    "check that is not called": ("\nlesson_00.gap.check(mean_gap)", "\nlesson_00.gap.check", "exercise 00.gap of the"),
    "quiz that never runs": ("\nlesson_00.quiz\n", "\nif False:\n    lesson_00.quiz\n", "quiz 00.quiz is never shown"),
    "reveal that never runs": (
        "guess.reveal(recording)", "if False:\n    guess.reveal(recording)", "guess is never revealed",
    ),
    "reveal that is not called": ("guess.reveal(recording)", "guess.reveal", "guess is never revealed"),
    "reveal before its guess": (FIRST_CODE, f"# %%\nguess.reveal(1)\n\n{FIRST_CODE}", "revealed before it is"),
    "number that does nothing": (
        FIRST_CODE, f"# %% [markdown]\n# It ends at 4.27.\n\n# %%\njunk = (4.27,)\n4.27\n\n{FIRST_CODE}", "4.27 is",
    ),
    "no python": ("    total = 0\n", "    total = \n", "this is no Python"),
}  # fmt: skip


@pytest.mark.parametrize("defect", PLANTED_IN_THE_TEXT)
def test_a_defect_in_the_text_is_refused_by_lesson_and_place(copy, defect):
    old, new, words = PLANTED_IN_THE_TEXT[defect]
    found = lesson_lint.problems(copy(old, new))
    assert any(words in problem for problem in found), found
    assert all(problem.startswith(f"{LESSON}, ") for problem in found)


def test_a_flight_is_a_game_to_play_as_a_match_is(copy):
    flown = GOOD.replace("Play(", "Steer(")
    assert lesson_lint.problems(copy(text=flown)) == []
    found = lesson_lint.problems(copy(text=flown.replace('name="00.pennies"', 'name="00.coins"')))
    assert any("play '00.pennies' of the manifest does not occur" in problem for problem in found)
    assert any("play '00.coins' is not in the manifest" in problem for problem in found)
    found = lesson_lint.problems(copy(text=GOOD.replace("Play(", "Stare(")))
    assert any("play '00.pennies' of the manifest does not occur" in problem for problem in found)


def test_that_the_next_lesson_is_planned_must_be_said(copy):
    source = copy()
    source.parent.parent.joinpath(NEXT).unlink()
    assert any("lesson 01 does not exist yet; say that it is planned" in each for each in lesson_lint.problems(source))
    source.write_text(GOOD.replace("**Next**", "**Next** (planned)"), encoding="utf-8")
    assert not any("say that it is planned" in each for each in lesson_lint.problems(source))


def test_a_check_that_stands_only_before_its_stub_is_refused(copy):
    check = "\nlesson_00.gap.check(mean_gap)"
    before = f"# %%\nfrom marl_edu.exercises import lesson_00\nlesson_00.gap.check(0)\n\n{FIRST_CODE}"
    assert lesson_lint.problems(copy(FIRST_CODE, before)) == [], "an example may come first"
    found = lesson_lint.problems(copy(text=GOOD.replace(check, "\nmean_gap").replace(FIRST_CODE, before)))
    assert any("exercise 00.gap is checked only before its stub" in problem for problem in found), found


def test_too_few_lines_to_take_away_are_refused(copy):
    lines = [line for line in GOOD.splitlines() if not line.startswith(("# 3. ", "# 4. ", "# 5. "))]
    found = lesson_lint.problems(copy(text="\n".join(lines)))
    assert any('below "take away" are 2 numbered lines; expected at least 3' in problem for problem in found), found


@pytest.mark.parametrize(
    "code", ["print(4.27)", "def f(x=4.27):\n    return x", "x = [1, 4.27]\nx", "for x in (4.27,):\n    x"]
)
def test_a_number_is_a_setting_where_something_is_done_with_it(copy, code):
    text = f"# %% [markdown]\n# It is 4.27.\n\n# %%\n{code}\n\n{FIRST_CODE}"
    assert lesson_lint.problems(copy(FIRST_CODE, text)) == []


def test_a_long_cell_is_refused_and_a_rather_long_one_only_wished_shorter(copy):
    lines = "\n".join(f"x_{k} = {k}" for k in range(26))
    assert any(
        "26 lines of code; divide it" in problem for problem in lesson_lint.problems(copy("", f"\n# %%\n{lines}\n"))
    )
    source = copy("", "\n# %%\n" + "\n".join(f"x_{k} = {k}\n" for k in range(20)))
    assert lesson_lint.problems(source) == []
    assert any("20 lines of code; 15 read better" in wish for wish in lesson_lint.wishes(source))


def test_a_link_within_the_lesson_needs_its_heading(copy):
    assert lesson_lint.problems(copy("", "\n# %% [markdown]\n# [up](#The-map)\n")) == []
    found = lesson_lint.problems(copy("", "\n# %% [markdown]\n# [up](#The-mop)\n"))
    assert "no heading #The-mop" in found[0]


def test_a_lesson_without_anything_to_play_with_is_refused(copy):
    found = lesson_lint.problems(copy(text=GOOD.replace("Panel(", "print(").replace("Play(", "print(")))
    assert any("no Panel, no Play and no Steer" in problem for problem in found)


@pytest.mark.parametrize(
    "line",
    [
        "# > 4.27",
        "# | published | 4.27 |\n# |---|---|\n# | a | 4.28 % |",
        "# A setting: 0.95, and 2 %.",
        "# A 95 % interval, `4.27`, and [a book](https://example.org/4.27).",
    ],
    ids=["quotation", "table marked as published", "settings", "interval, code and links"],
)
def test_numbers_that_need_no_computing(copy, line):
    assert lesson_lint.problems(copy("# ## The map", f"#\n{line}\n#\n# ## The map")) == []


def test_a_published_number_needs_its_source_in_the_manifest(copy):
    source = copy("Change things.", "They report 81.7 %.")
    assert any("81.7 %" in problem for problem in lesson_lint.problems(source))
    lesson = dataclasses.replace(lesson_00.lesson, published={"81.7 %": "A. Author, 2001, table 2"})
    assert lesson_lint.problems(source, lesson=lesson) == []


# --- defects in the manifest -------------------------------------------------------------------------------------


def stand_in(**changes):
    """The manifest of lesson 00 with changes that its own checks may refuse."""
    fields = {field.name: getattr(lesson_00.lesson, field.name) for field in dataclasses.fields(lesson_00.lesson)}
    return SimpleNamespace(**fields | changes)


PLANTED_IN_THE_MANIFEST = {
    "objective without exercise": ({"exercises": lesson_00.lesson.exercises[:-1]}, "objective 00.4 has no exercise"),
    "exercise forgotten": ({"exercises": lesson_00.lesson.exercises[:-1]}, "exercise 00.gap is in the lesson but not"),
    "exercise of another lesson": (
        {"exercises": (*lesson_00.lesson.exercises, SimpleNamespace(**vars(lesson_00.gap) | {"name": "00.other"}))},
        "exercise 00.other of the manifest is never checked",
    ),
    "prediction missing": ({"predictions": ()}, "no prediction"),
    "prediction not in the code": (
        {"predictions": ("00.slow", "00.other")},
        "'00.other' of the manifest does not occur",
    ),
    "game not in the code": ({"play": ("00.pennies", "00.other")}, "play '00.other' of the manifest does not occur"),
    "no quiz": ({"quiz": None}, "no quiz"),
    "short quiz": ({"quiz": SimpleNamespace(name="00.quiz", questions=[1, 2])}, "has 2 questions"),
    "other number": ({"number": "03"}, "it has number 03"),
}


@pytest.mark.parametrize("defect", PLANTED_IN_THE_MANIFEST)
def test_a_defect_in_the_manifest_is_refused(copy, defect):
    changes, words = PLANTED_IN_THE_MANIFEST[defect]
    found = lesson_lint.problems(copy(), lesson=stand_in(**changes))
    assert any(words in problem for problem in found), found


def test_a_stub_that_takes_other_arguments_than_its_solution_is_refused(copy):
    other = SimpleNamespace(**vars(lesson_00.gap))
    other.reference = lesson_00.settled
    lesson = stand_in(exercises=(*lesson_00.lesson.exercises[:-1], other))
    found = lesson_lint.problems(copy(), lesson=lesson)
    assert any("takes (guess, truth), its solution (units, curve, level)" in problem for problem in found)


def test_a_lesson_without_manifest_is_refused(tmp_path):
    source = tmp_path / "lessons" / "source" / "42_lesson.py"
    source.parent.mkdir(parents=True)
    source.write_text(GOOD)
    assert any("lesson_42.py with `lesson = Lesson(...)`" in problem for problem in lesson_lint.problems(source))


def test_what_the_audit_finds_is_reported_with_the_exercise(copy, monkeypatch):
    right = lesson_00.gap.properties
    monkeypatch.setattr(lesson_00.gap, "properties", right[:1])  # too few to tell a wrong answer from a right one
    monkeypatch.setattr(lesson_00.gap, "_prepared", None)
    found = lesson_lint.problems(copy(), audit=True)
    assert found and all(problem.startswith(f"{LESSON}, exercise 00.gap: ") for problem in found)
    assert any("mutants are caught" in problem for problem in found)


# --- defects that only a run shows ---------------------------------------------------------------------------------


def notebook_with_picture(alt):
    cell = nbformat.v4.new_code_cell("picture")
    metadata = {"image/png": {"alt": alt}} if alt is not None else {}
    cell.outputs = [nbformat.v4.new_output("display_data", {"image/png": "xyz"}, metadata=metadata)]
    return nbformat.v4.new_notebook(cells=[cell])


def test_a_picture_among_the_outputs_needs_words(copy, tmp_path):
    source = copy()
    for alt in (None, "", "  "):
        (problem,) = lesson_lint.run_problems(source, notebook_with_picture(alt), 1.0)
        assert "a picture without alternative text" in problem
    assert lesson_lint.run_problems(source, notebook_with_picture("A curve that rises."), 1.0) == []
    nbformat.write(notebook_with_picture(None), tmp_path / "stored.ipynb")
    assert any(
        "without alternative text" in problem for problem in lesson_lint.problems(source, tmp_path / "stored.ipynb")
    )


GUESS = "guess = MarkerGuess('00.slow', 'How many?', axis=(0, 9, 'runs'))"
LOCKED, HEADING = "Panel(learner, guess=guess)", "# ## The next section"
AFTER_A_GUESS = {  # cells, and those of them that must be folded away
    "the reveal": ([GUESS, "guess.reveal(3)"], [2]),
    "a reveal among other things": ([GUESS, "display(guess.reveal(3))"], [2]),
    "what comes after it": ([GUESS, "guess.reveal(3)", "print(3)", "# Three.", "print(4)"], [2, 3, 5]),
    "what comes before it": ([GUESS, "print(3)", HEADING, "print(4)", "guess.reveal(3)"], [2, 4, 5]),
    "up to the next heading": ([GUESS, "guess.reveal(3)", HEADING, "print(3)"], [2]),
    "no heading in a comment": ([GUESS, "guess.reveal(3)", "# a, #b", "print(3)"], [2, 4]),
    "up to the next guess": ([GUESS, "guess.reveal(3)", GUESS.replace("guess =", "other ="), "print(3)"], [2, 4]),
    "two at once": ([GUESS, GUESS.replace("guess =", "b ="), "guess.reveal(3)", HEADING, "print(3)", "b.reveal(1)"],
                    [3, 5, 6]),
    "a panel that is locked": ([GUESS, LOCKED, "print(3)"], [3]),
    "a check": ([GUESS, "lesson_00.gap.check(mean_gap)", "guess.reveal(3)"], [3]),
    "nothing before a guess": (["print(3)", GUESS], []),
    "a reveal of a guess from elsewhere": (["lesson_00.guess.x", "slow.reveal(3)"], [2]),
}  # fmt: skip


def notebook_with(cells, folded=()):
    """A notebook in which every code cell has an output; a text that begins with "# " is a markdown cell."""
    made = []
    for number, source in enumerate(cells, start=1):
        if source.startswith("# "):
            made.append(nbformat.v4.new_markdown_cell(source[2:]))
            continue
        made.append(nbformat.v4.new_code_cell(source))
        text = f"{FOLDED}\n3" if number in folded else "3"
        made[-1].outputs = [nbformat.v4.new_output("stream", text=text)]
        made[-1].metadata["jupyter"] = {"outputs_hidden": number in folded}
    return nbformat.v4.new_notebook(cells=made)


@pytest.mark.parametrize("case", AFTER_A_GUESS)
def test_the_answer_to_a_guess_is_folded_away(case, copy, tmp_path):
    cells, wanted = AFTER_A_GUESS[case]
    found = list(lesson_lint.told(notebook_with(cells)))
    assert [int(problem.split()[1]) for problem in found] == wanted
    assert all("tells the answer to a guess" in problem for problem in found)
    assert not list(lesson_lint.told(notebook_with(cells, folded=wanted)))
    assert len(lesson_lint.run_problems(copy(), notebook_with(cells), 1.0)) == len(wanted)
    nbformat.write(notebook_with(cells), tmp_path / "stored.ipynb")
    problems = lesson_lint.problems(tmp_path / "lessons" / "source" / f"{LESSON}.py", tmp_path / "stored.ipynb")
    assert len(problems) == len(wanted)


@pytest.mark.parametrize(
    "output",
    [
        nbformat.v4.new_output("stream", text="\nbest: 75%"),
        nbformat.v4.new_output("execute_result", {"text/markdown": "Only **34 %**.", "text/plain": "<IPython.core>"}),
        nbformat.v4.new_output("display_data", {"text/plain": "An explorer. Its answer is 3.", "image/png": "xyz"}),
    ],
)
def test_what_jupyterlab_shows_of_a_folded_output_tells_nothing(output):
    notebook = notebook_with([GUESS, "guess.reveal(3)"], folded=[2])
    assert not list(lesson_lint.told(notebook))
    notebook.cells[1].outputs.append(output)
    assert not list(lesson_lint.told(notebook)), "only the first is shown"
    notebook.cells[1].outputs = [output]
    (problem,) = lesson_lint.told(notebook)
    assert "folded, it still shows" in problem and "begin its code with folded()" in problem


def test_a_cell_without_output_tells_nothing():
    notebook = notebook_with([GUESS, "guess.reveal(3)"])
    notebook.cells[1].outputs = []
    assert not list(lesson_lint.told(notebook))


def test_a_run_longer_than_stated_is_refused(copy):
    (problem,) = lesson_lint.run_problems(copy(), nbformat.v4.new_notebook(), 31.5)
    assert "it took 31.5 s, stated are 30 s" in problem


def test_a_lesson_that_breaks_a_rule_is_neither_run_nor_stored(copy, tmp_path, monkeypatch, capsys):
    source = copy("Change things.", "Simply change things.")
    (tmp_path / "marl_edu").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lesson_lint, "audited", lambda lesson: [])
    monkeypatch.setattr(lesson_builder, "build", lambda *args: pytest.fail("it was run"))
    assert cli.main(["build-lessons", "00"]) == 1
    printed = capsys.readouterr().out
    assert "FAILED, not run" in printed and 'says "Simply"' in printed
    assert not lesson_builder.notebook_of(source).exists()


def test_a_run_that_breaks_a_rule_is_not_stored(tmp_path, monkeypatch, capsys):
    """A lesson that is fit to run, but takes longer than it says."""
    (tmp_path / "lessons" / "source").mkdir(parents=True)
    (tmp_path / "marl_edu").mkdir()
    source = tmp_path / "lessons" / "source" / "00_lesson.py"
    source.write_text("# %%\n1 + 1\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lesson_lint, "problems", lambda *args, **options: [])
    monkeypatch.setattr(lesson_lint, "manifest", lambda number: SimpleNamespace(seconds=0.001))
    assert cli.main(["build-lessons"]) == 1
    assert "stated are 0.001 s" in capsys.readouterr().out
    assert not lesson_builder.notebook_of(source).exists()
    monkeypatch.setattr(lesson_lint, "manifest", lambda number: SimpleNamespace(seconds=300))
    assert cli.main(["build-lessons"]) == 0
    assert "ok, ran in " in capsys.readouterr().out
    assert lesson_builder.notebook_of(source).exists()
