"""A lesson and its manifest name the same things: objectives, exercises and their stubs, predictions, quiz, games."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable, Iterator
from difflib import unified_diff

from marl_edu.lesson_text import LessonText, plain, surely_run

GUESSES = ("CurveGuess", "MarkerGuess", "ChoiceGuess")
PLAYED = ("Play", "Steer")
QUESTIONS = range(3, 6)
DIFFICULTIES = {1: "easy", 2: "medium", 3: "hard"}


def title(text: LessonText, lesson) -> Iterator[str]:
    """The first heading is the lesson's number and title."""
    first = next((said for _, level, said in text.headings() if level == 1), "")
    if first != f"{lesson.number} {lesson.title}":
        yield f"text: its title is {first!r}, its manifest's {lesson.number + ' ' + lesson.title!r}; let them agree"
    if lesson.number != text.number:
        yield f"manifest: it has number {lesson.number}; expected {text.number}, as the file is named"


def objectives(text: LessonText, lesson) -> Iterator[str]:
    """Objectives are the same in text and manifest, and each has an exercise."""
    listed, declared = text.objectives(), {number: plain(words) for number, words in lesson.objectives.items()}
    for number in sorted(listed.keys() | declared.keys()):
        if number not in listed:
            yield f"text: objective {number} is only in the manifest; list it as `- **{number}** ...`"
        elif number not in declared:
            yield f"manifest: objective {number} is only in the text; add it"
        elif listed[number] != declared[number]:
            yield f"text: objective {number} says {listed[number]!r}, the manifest {declared[number]!r}; let them agree"
    served = {exercise.objective for exercise in lesson.exercises}
    yield from (f"manifest: objective {number} has no exercise" for number in declared if number not in served)
    yield from (f"manifest: an exercise serves {number}, which is no objective" for number in served - declared.keys())


def exercises(text: LessonText, lesson) -> Iterator[str]:
    """Every exercise of the manifest is checked in the lesson, and no other."""
    from marl_edu.exercises import Exercise

    used = [(cell, owner, node) for cell, owner, node in text.attributes() if isinstance(owner, Exercise)]
    called = {id(node.func) for cell in text.code for node in surely_run(cell.tree) if isinstance(node, ast.Call)}
    for exercise in lesson.exercises:
        checks = [c for c, owner, node in used if owner is exercise and node.attr == "check" and id(node) in called]
        stub = next((cell for cell in text.code if cell.source.strip() == exercise.stub.strip()), None)
        if not checks:
            yield f"code: exercise {exercise.name} of the manifest is never checked; call its check(...)"
        elif stub is not None and checks[-1].number < stub.number:
            yield f"{checks[-1]}: exercise {exercise.name} is checked only before its stub; check it below as well"
    strange = {owner.name for _, owner, _ in used if not any(owner is known for known in lesson.exercises)}
    yield from (f"manifest: exercise {name} is in the lesson but not in the manifest" for name in sorted(strange))


def stubs(text: LessonText, lesson) -> Iterator[str]:
    """The cell in which a student writes is the exercise's stub, letter for letter, and fits the solution."""
    sources = {cell.source.strip(): cell for cell in text.code}
    for exercise in lesson.exercises:
        stub = exercise.stub.strip()
        if stub not in sources:
            like = [cell for cell in text.code if defined(cell.tree) & defined(ast.parse(stub))]
            if like:
                change = unified_diff(stub.splitlines(), like[0].source.strip().splitlines(), lineterm="", n=0)
                lines = [line for line in change if line[:1] in "+-" and line[:3] not in ("+++", "---")]
                yield f"{like[0]}: differs from the stub of exercise {exercise.name}: {' '.join(lines[:2])}"
            else:
                yield f"code: no cell is the stub of exercise {exercise.name}; copy it into a cell of its own"
        wanted, given = signature(exercise.reference), stub_signature(stub)
        if given is not None and wanted is not None and given != wanted:
            yield f"manifest: the stub of exercise {exercise.name} takes {given}, its solution {wanted}; let them agree"


def labels(text: LessonText, lesson) -> Iterator[str]:
    """Above each exercise stand its title, objective, minutes and difficulty, as the manifest has them."""
    titles = " | ".join(title.lower() for _, _, title in text.headings())
    for exercise in lesson.exercises:
        label = f"*{exercise.objective} · about {exercise.minutes:g} minutes · {DIFFICULTIES[exercise.difficulty]}"
        if label not in text.words:
            yield f"text: exercise {exercise.name} has no line {label}*; write it under its heading"
        if exercise.title.lower() not in titles:
            yield f"text: no heading with {exercise.title!r}, the title of exercise {exercise.name}"


def predictions(text: LessonText, lesson) -> Iterator[str]:
    """There is a prediction; those of the manifest are the guesses of the code, and each is revealed."""
    found = {str(first_argument(call, "name")): cell for cell, call in text.calls(*GUESSES)}
    found |= {thing.name: cell for cell, thing in things(text) if type(thing).__name__ in GUESSES}
    if not lesson.predictions:
        yield "manifest: no prediction; let the student guess before a headline experiment"
    yield from compared("prediction", lesson.predictions, found)
    revealed: dict[str, int] = {}  # by name of the guess, the number of the first cell that reveals it
    for cell in text.code:
        for node in surely_run(cell.tree):
            for name in reveals(node):
                revealed.setdefault(name, cell.number)
    for cell in text.code:
        for node in surely_run(cell.tree):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and named(node.targets[0]):
                maker = ast.unparse(node.value.func).split(".")[-1]
                if maker in GUESSES and node.targets[0].id not in revealed:
                    yield f"{cell}: {node.targets[0].id} is never revealed; end the run cell with its reveal(...)"
                elif maker in GUESSES and revealed[node.targets[0].id] < cell.number:
                    yield f"{cell}: {node.targets[0].id} is revealed before it is asked for; let the guess come first"


def quiz(text: LessonText, lesson) -> Iterator[str]:
    """There is a quiz of three to five questions, and the lesson shows it."""
    if lesson.quiz is None:
        yield "manifest: no quiz; write three to five questions"
        return
    if len(lesson.quiz.questions) not in QUESTIONS:
        yield f"manifest: the quiz has {len(lesson.quiz.questions)} questions; expected three to five"
    shown = any(thing is lesson.quiz for _, thing in things(text))
    made = any(first_argument(call, "name") == lesson.quiz.name for _, call in text.calls("Quiz"))
    if not shown and not made:
        yield f"code: quiz {lesson.quiz.name} is never shown; end a cell with it"


def games(text: LessonText, lesson) -> Iterator[str]:
    """The games to play in the manifest are those of the code."""
    found = {str(keyword(call, "name")): cell for cell, call in text.calls(*PLAYED)}
    found |= {thing.name: cell for cell, thing in things(text) if type(thing).__name__ in PLAYED}
    yield from compared("play", lesson.play, found)


MANIFEST_RULES = (title, objectives, exercises, labels, stubs, predictions, quiz, games)


# --- what they share ----------------------------------------------------------------------------------------------


def compared(kind: str, declared: Iterable[str], found: dict[str, object]) -> Iterator[str]:
    """Names in the manifest and names in the code."""
    for name in declared:
        if name not in found:
            yield f"code: {kind} {name!r} of the manifest does not occur"
    for name, cell in found.items():
        if name not in declared:
            yield f"{cell}: {kind} {name!r} is not in the manifest; add it"


def things(text: LessonText) -> Iterator[tuple[object, object]]:
    """Yield (cell, object) for all that the code takes from the module of its manifest."""
    for cell, owner, attribute in text.uses():
        yield cell, getattr(owner, attribute, None)


def reveals(node: ast.AST) -> Iterator[str]:
    """Names of the guesses that a node reveals: `name.reveal(...)`, or a panel with `guess=name`."""
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr == "reveal" and named(node.func.value):
            yield node.func.value.id
        yield from (word.value.id for word in node.keywords if word.arg == "guess" and named(word.value))


def named(node: ast.expr) -> bool:
    """Whether this is a plain variable."""
    return isinstance(node, ast.Name)


def first_argument(call: ast.Call, name: str) -> object:
    """The value, if it is written out, of the first argument or of the keyword of this name."""
    if call.args:
        return call.args[0].value if isinstance(call.args[0], ast.Constant) else None
    return keyword(call, name)


def keyword(call: ast.Call, name: str) -> object:
    """The value, if it is written out, of a keyword."""
    values = [word.value for word in call.keywords if word.arg == name]
    return values[0].value if values and isinstance(values[0], ast.Constant) else None


def defined(tree: ast.Module) -> set[str]:
    """Names that a cell defines."""
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    targets = {
        target.id for node in tree.body if isinstance(node, ast.Assign) for target in node.targets if named(target)
    }
    return functions | targets


def stub_signature(stub: str) -> str | None:
    """Return the arguments of the last function that a stub defines, None if it defines none."""
    functions = [node for node in ast.parse(stub).body if isinstance(node, ast.FunctionDef)]
    return f"({ast.unparse(functions[-1].args)})" if functions else None


def signature(function) -> str | None:
    """Return the arguments of a function as they are written; None of what is no plain function."""
    if not inspect.isfunction(function):
        return None
    tree = ast.parse(inspect.cleandoc("\n" + inspect.getsource(function)))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return f"({ast.unparse(functions[0].args)})" if functions else None
