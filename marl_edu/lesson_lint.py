"""What a lesson must have before it may be stored: each rule is a function that yields what breaks it.

`problems(source)` reads a lesson's source, its manifest (`lesson = Lesson(...)` in `marl_edu/exercises/lesson_NN.py`)
and, where it has been built, its notebook. Every problem names the lesson and the cell, and says what to do. Nothing is
run here but the audit of the exercises, and that only if asked for.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat

from marl_edu.lesson_text import CODE_IN_PROSE, Cell, LessonText, plain, surely_run
from marl_edu.manifest_lint import GUESSES, MANIFEST_RULES, PLAYED, reveals
from marl_edu.views.shown import FOLDED

LONGEST_CELL, WISHED_CELL = 25, 15
"""Lines of code, blank ones not counted, that a cell may have, and that it should have at most."""

SECTIONS = {
    "you will be able to": "the list of objectives",
    "quiz": "three to five questions",
    "take away": "five lines to remember",
    "misconceptions": "common misconceptions by name",
    "sources": "sources with page or equation numbers",
}
LEAST = {
    "take away": (re.compile(r"^\d+\. +\S", re.MULTILINE), 3, "numbered lines"),
    "misconceptions": (re.compile(r"^- +\S", re.MULTILINE), 3, "bullets"),
    "sources": (re.compile(r"^- +\S(?:(?!\n- |\n\s*\n).)*?\b1[89]\d\d\b|^- +\S(?:(?!\n- |\n\s*\n).)*?\b20\d\d\b",
                           re.MULTILINE | re.DOTALL), 1, "bullet with a year"),
}  # fmt: skip
"""What a section must hold at least: what is counted, how many, and what it is called."""

FORMULA = re.compile(r"\$\$|\\\[|\\begin\b")
"""The beginning of a displayed formula."""

RUN_TIME = re.compile(r"\bruns?\b[^.]{0,60}?\b(?:about|under|within|at most|less than|in) (\d+) seconds")
HEADING = re.compile(r"^#{1,6} ", re.MULTILINE)
"""A line that begins a section, in a text cell."""

INTERVAL = re.compile(r"95\s*%")
"""The one percentage that is a definition: a band is a 95 % interval in every lesson."""


def problems(source: Path, notebook: Path | None = None, lesson=None, audit: bool = False) -> list[str]:
    """Return what breaks the rules of a lesson, one sentence each; [] if nothing does.

    Parameters
    ----------
    source : Path
        `lessons/source/NN_name.py`; it need not lie in the course (a copy can be checked).
    notebook : Path, optional
        The built notebook, for the rules about outputs; by default no such rule is applied.
    lesson : Lesson, optional
        The manifest; by default that of `marl_edu/exercises/lesson_NN.py`.
    audit : bool
        Whether to try each exercise's solution, typical wrong answers and mutants as well; takes seconds.
    """
    text = LessonText(source)
    found = []
    broken = [cell for cell in text.code if not parses(cell)]
    if broken:
        return [f"{text.name}, {cell}: this is no Python; mend it first" for cell in broken]
    for rule in TEXT_RULES:
        found += rule(text)
    try:
        lesson = lesson or manifest(text.number)
    except (ImportError, AttributeError) as error:
        needed = f"marl_edu/exercises/lesson_{text.number}.py with `lesson = Lesson(...)`"
        found.append(f"the manifest can't be read ({error}); write {needed}")
    else:
        for rule in MANIFEST_RULES:
            found += rule(text, lesson)
        found += times(text, lesson)
        found += numbers(text, lesson)
        found += next_lesson(text, lesson)
        if audit:
            found += audited(lesson)
    if notebook is not None and notebook.exists():
        stored = nbformat.read(notebook, as_version=4)
        found += [*pictures(stored), *told(stored)]
    return [f"{text.name}, {problem}" for problem in found]


def wishes(source: Path) -> list[str]:
    """Return what should be better but stops nothing: cells that are longer than wished for."""
    text = LessonText(source)
    long = [cell for cell in text.code if WISHED_CELL < cell.length <= LONGEST_CELL]
    return [f"{text.name}, {cell}: {cell.length} lines of code; {WISHED_CELL} read better" for cell in long]


def run_problems(source: Path, notebook: nbformat.NotebookNode, seconds: float) -> list[str]:
    """Return what a run shows to be wrong: pictures without words, answers told, a run longer than is stated."""
    found = [*pictures(notebook), *told(notebook)]
    stated = manifest(source.stem.split("_")[0]).seconds
    if seconds > stated:
        found.append(f"run: it took {seconds:.1f} s, stated are {stated} s; make it faster, or state (and wait) more")
    return [f"{source.stem}, {problem}" for problem in found]


def manifest(number: str):
    """Return the manifest of a lesson.

    Raises
    ------
    ImportError, AttributeError
        If there is none.
    """
    return importlib.import_module(f"marl_edu.exercises.lesson_{number}").lesson


def parses(cell: Cell) -> bool:
    """Return whether the code of a cell can be read."""
    try:
        return bool(cell.tree)
    except SyntaxError:
        return False


# --- rules about the text alone -----------------------------------------------------------------------------------


def sections(text: LessonText) -> Iterator[str]:
    """Every part of the anatomy has a heading of its own, and something below it."""
    titles = [title.lower() for _, level, title in text.headings() if level == 2]
    free = [title for title in titles if sum(needed in title for needed in SECTIONS) == 1]
    for needed, what in SECTIONS.items():
        if not any(needed in title for title in free):
            yield f'text: no heading with "{needed}" of its own (level 2); a lesson has {what}'
        elif needed in LEAST:
            pattern, least, called = LEAST[needed]
            count = len(pattern.findall(text.section(needed)))
            if count < least:
                yield f'text: below "{needed}" are {count} {called}; expected at least {least}'


def headings(text: LessonText) -> Iterator[str]:
    """One title on top, no level left out, numbered sections counted without gaps."""
    last, count = 0, 0
    for k, (cell, level, title) in enumerate(text.headings()):
        if (level == 1) != (k == 0):
            yield f"{cell}: heading {title!r} has level {level}; the first has level 1, and no other"
        elif level > last + 1:
            yield f"{cell}: heading {title!r} has level {level} below one of level {last}; leave no level out"
        last = level
        if level == 2 and (number := re.match(r"(\d+) ", title)):
            count += 1
            if int(number.group(1)) != count:
                yield f"{cell}: section {number.group(1)} comes where section {count} should; count on"


def words(text: LessonText) -> Iterator[str]:
    """Nothing is called simple or obvious to someone who is learning it."""
    for cell in text.cells:
        for word in re.findall(r"\b(simply|obviously)\b", cell.source, re.IGNORECASE):
            yield f'{cell}: says "{word}"; leave it out, or say why'


def length(text: LessonText) -> Iterator[str]:
    """Code is read on a projector: one thought per cell."""
    for cell in text.code:
        if cell.length > LONGEST_CELL:
            yield f"{cell}: {cell.length} lines of code; divide it ({LONGEST_CELL} at most, {WISHED_CELL} wished for)"


def play_first(text: LessonText) -> Iterator[str]:
    """The student meets the phenomenon in a panel or a game before any displayed formula."""
    played = [cell.number for cell, _ in text.calls("Panel", *PLAYED)]
    formulas = [cell for cell in text.prose if FORMULA.search(CODE_IN_PROSE.sub("", cell.source))]
    if not played:
        yield "code: no Panel, no Play and no Steer; give the student something to play with"
    elif formulas and formulas[0].number < played[0]:
        yield f"{formulas[0]}: a formula before the first panel; play comes first"


def links(text: LessonText) -> Iterator[str]:
    """Links within the course lead to files that exist, pictures have words."""
    folder = text.path.parent.parent
    anchors = {title.replace(" ", "-") for _, _, title in text.headings()}
    for cell, picture, said, target in text.links():
        if picture and not said.strip():
            yield f"{cell}: picture {target} has no alternative text; write it between the square brackets"
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        if file and not (folder / file).exists():
            yield f"{cell}: the link to {target} leads nowhere; links start from lessons/"
        elif not file and anchor not in anchors:
            yield f"{cell}: no heading #{anchor} in this lesson; write the heading's words with hyphens between"


TEXT_RULES = (sections, headings, words, length, play_first, links)


# --- rules that need the manifest too (how its parts occur in the code is in manifest_lint.py) ---------------------


def times(text: LessonText, lesson) -> Iterator[str]:
    """The text states how long the lesson takes and how long it runs, as the manifest does."""
    stated = re.search(r"\bAbout (\d+) minutes\b", text.words)
    if not stated:
        yield f'text: no "About {lesson.minutes} minutes"; say how long the lesson takes'
    elif int(stated.group(1)) != lesson.minutes:
        yield f"text: says {stated.group(1)} minutes, its manifest {lesson.minutes}; let them agree"
    runs = RUN_TIME.search(text.words)
    if not runs:
        yield f'text: states no run time; write "The whole notebook runs in under {lesson.seconds} seconds"'
    elif int(runs.group(1)) != lesson.seconds:
        yield f"text: says that it runs in {runs.group(1)} seconds, its manifest {lesson.seconds}; let them agree"


def numbers(text: LessonText, lesson) -> Iterator[str]:
    """A decimal or a percentage in the prose is a setting of the code, or published; results are computed."""
    settings = text.settings()
    for cell, written, value, per_cent in text.typed_numbers():
        if INTERVAL.fullmatch(written) or written in lesson.published:
            continue
        if value in settings or (per_cent and value / 100 in settings):
            continue
        yield (
            f"{cell}: {written} is typed into the text; compute it in a code cell (Markdown with an f-string); "
            "or, if it is a setting, let the code have it; or, if it is published, name it, with its source, in "
            "`published` of the manifest"
        )


def next_lesson(text: LessonText, lesson) -> Iterator[str]:
    """The end names the next lesson: a link to the next that exists, or the word "planned"."""
    from marl_edu.exercises.course import COURSE

    ends = [cell for cell in text.prose if "**Next**" in cell.source]
    if not ends:
        yield 'text: no "**Next**: ..." at the end; say where to go from here'
        return
    end = ends[-1]
    said = plain(end.source[end.source.index("**Next**") :])
    folder = text.path.parent.parent
    later = [entry.number for entry in COURSE if entry.number > text.number]
    existing = [number for number in later if list(folder.glob(f"{number}_*.ipynb"))]
    linked = re.findall(r"\]\((\d\d)_[^)]*\.ipynb\)", said)
    if existing and existing[0] not in linked:
        yield f'{end}: "Next" has no link to lesson {existing[0]}, the next that exists'
    if later and later[0] not in existing and "planned" not in said:
        yield f"{end}: lesson {later[0]} does not exist yet; say that it is planned"


def audited(lesson) -> Iterator[str]:
    """Each exercise accepts its solution, and names typical mistakes, and rejects mutants."""
    from marl_edu.exercises.audit import audit

    for exercise in lesson.exercises:
        yield from audit(exercise).problems()


# --- rules about the notebook -------------------------------------------------------------------------------------


def pictures(notebook: nbformat.NotebookNode) -> Iterator[str]:
    """Every picture among the outputs says in words what it shows."""
    for number, node in enumerate(notebook.cells, start=1):
        for output in node.get("outputs", []):
            for kind in output.get("data", {}):
                said = output.get("metadata", {}).get(kind, {}).get("alt", "")
                if kind.startswith("image/") and not said.strip():
                    cell = Cell(number, node.cell_type, node.source)
                    yield f"{cell}: a picture without alternative text; show it with marl_edu.views.show(figure, words)"


def told(notebook: nbformat.NotebookNode) -> Iterator[str]:
    """Whoever opens a lesson reads no answer before the guess: what follows one is folded away until it is run.

    That is every output after a guess, up to the next guess or, once all guesses are revealed, the next heading. To be
    seen may be the guess itself, a panel that keeps itself locked (`guess=...`), and what a check says of a stub.
    """
    waiting: set[str] = set()  # names of guesses that are not revealed yet
    after = False
    for number, node in enumerate(notebook.cells, start=1):
        cell = Cell(number, node.cell_type, node.source)
        if cell.kind == "markdown":
            after = bool(waiting) or (after and not HEADING.search(cell.source))
        if cell.kind != "code" or not parses(cell):
            continue
        run = list(surely_run(cell.tree))
        called = [(part, ast.unparse(part.func).split(".")[-1]) for part in run if isinstance(part, ast.Call)]
        guesses = [part for part, name in called if name in GUESSES]
        revealed = {name for part in run for name in reveals(part)}
        asked = [part.targets[0] for part in run if isinstance(part, ast.Assign) and part.value in guesses]
        waiting = (waiting | {ast.unparse(name) for name in asked}) - revealed
        after = after or bool(guesses or revealed)
        locked = any(isinstance(part, ast.keyword) and part.arg == "guess" for part in run)
        harmless = locked or (guesses and not revealed) or any(name == "check" for _, name in called)
        folded = node.metadata.get("jupyter", {}).get("outputs_hidden", False)
        if after and node.get("outputs") and not folded and not harmless:
            yield f'{cell}: tells the answer to a guess; begin the cell with # %% jupyter={{"outputs_hidden": true}}'
        if folded and not harmless and not (shown := first_line(node.outputs)).startswith(SAFE):
            yield f"{cell}: folded, it still shows {shown[:40]!r}; begin its code with folded() of marl_edu.views"


SAFE = (FOLDED, "The result, beside your guess", "<details", "<IPython.core")
"""What JupyterLab may show of a folded output: its first line."""

TEXTS = ("text/html", "text/markdown", "text/plain")
"""Forms of an output of which JupyterLab takes that line, the first that there is."""


def first_line(outputs: list[nbformat.NotebookNode]) -> str:
    """What JupyterLab shows in the place of folded outputs: the first line of the first one."""
    if not outputs:
        return FOLDED
    data = outputs[0].get("data", {"text/plain": outputs[0].get("text", "")})
    text = next((data[form] for form in TEXTS if form in data), FOLDED)
    return next((line for line in text.split("\n") if line), FOLDED)
