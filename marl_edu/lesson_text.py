"""A lesson as its author wrote it, taken apart: cells, headings, links, numbers in the prose, names in the code."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from marl_edu.lesson_builder import first_line, read_source

CODE_IN_PROSE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")
NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?")
PER_CENT = re.compile(r"\s*(?:\\?%|per cent)")


@dataclass(frozen=True)
class Cell:
    """One cell, with its place among all cells, counted from 1."""

    number: int
    kind: str
    source: str

    def __str__(self) -> str:
        return f"cell {self.number} ({first_line(self.source)})"

    @property
    def length(self) -> int:
        """Lines that are not blank."""
        return sum(bool(line.strip()) for line in self.source.splitlines())

    @cached_property
    def tree(self) -> ast.Module:
        """The code, without the lines that only IPython understands.

        Raises
        ------
        SyntaxError
            If the rest is no Python.
        """
        lines = ["" if line.lstrip().startswith(("%", "!")) else line for line in self.source.splitlines()]
        return ast.parse("\n".join(lines))


class LessonText:
    """A lesson read from its source; nothing is run."""

    def __init__(self, source: Path):
        self.path = source
        self.name = source.stem
        self.number = source.stem.split("_")[0]
        cells = read_source(source).cells
        self.cells = [Cell(k, cell.cell_type, cell.source) for k, cell in enumerate(cells, start=1)]
        self.prose = [cell for cell in self.cells if cell.kind == "markdown"]
        self.code = [cell for cell in self.cells if cell.kind == "code"]

    @property
    def words(self) -> str:
        """All prose, with single spaces, so that a line's end separates no words."""
        return " ".join(" ".join(cell.source for cell in self.prose).split())

    def headings(self) -> Iterator[tuple[Cell, int, str]]:
        """Yield (cell, level, title) of each heading, in order."""
        for cell in self.prose:
            text = re.sub(r"```.*?```", "", cell.source, flags=re.DOTALL)
            for marks, title in re.findall(r"^(#{1,6}) +(.+?)\s*$", text, re.MULTILINE):
                yield cell, len(marks), title

    def links(self) -> Iterator[tuple[Cell, bool, str, str]]:
        """Yield (cell, is a picture, words, target) of each link and picture in the prose."""
        for cell in self.prose:
            for mark, words, target in LINK.findall(CODE_IN_PROSE.sub("", cell.source)):
                yield cell, mark == "!", words, target

    def section(self, title: str) -> str:
        """Return the prose from the heading that holds these words to the next one; '' if there is none."""
        collected, inside = [], False
        for line in "\n\n".join(cell.source for cell in self.prose).splitlines():
            if line.startswith("#"):
                inside = title in line.lower()
            elif inside:
                collected.append(line)
        return "\n".join(collected)

    def objectives(self) -> dict[str, str]:
        """Return {id: words} of the list of objectives.

        The list's lines look like `- **06.1** read a gridworld as a Markov game;`.
        """
        text = "\n\n".join(cell.source for cell in self.prose)
        listed = re.findall(r"^- \*\*(\d\d\.\d)\*\* (.*?)(?=\n- |\n\s*\n|\Z)", text, re.MULTILINE | re.DOTALL)
        return {number: plain(words) for number, words in listed}

    def typed_numbers(self) -> Iterator[tuple[Cell, str, float, bool]]:
        """Yield (cell, as written, value, whether a percentage) of decimals and percentages that stand in the prose.

        Left out: code, the section on sources, quotations (`>`), and tables whose head says "published".
        """
        ids = self.objectives()
        in_sources = in_published = False
        for cell in self.prose:
            for line in CODE_IN_PROSE.sub("", cell.source).splitlines():
                if line.startswith("#"):
                    in_sources = "sources" in line.lower()
                in_published = line.startswith("|") and (in_published or "published" in line.lower())
                if in_sources or in_published or line.startswith(">"):
                    continue
                line = re.sub(r"\]\([^)]*\)", " ", line)  # targets of links
                for found in NUMBER.finditer(line):
                    if found.group() in ids:
                        continue
                    per_cent = PER_CENT.match(line, found.end())
                    if per_cent or "." in found.group():
                        value = float(found.group().replace(",", ""))
                        yield cell, found.group() + (" %" if per_cent else ""), value, bool(per_cent)

    def settings(self) -> set[float]:
        """Return all numbers that do something in the code.

        They are an argument of a call, a default, what a loop runs over, or assigned to a name that is used later.
        """
        loads = [
            (cell.number, node.lineno, node.id)
            for cell in self.code
            for node in ast.walk(cell.tree)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
        ]
        held = [held for cell in self.code for node in ast.walk(cell.tree) for held in values_set(cell, node, loads)]
        nodes = (node for value in held for node in ast.walk(value) if isinstance(node, ast.Constant))
        return {float(node.value) for node in nodes if isinstance(node.value, int | float)}

    def calls(self, *names: str) -> Iterator[tuple[Cell, ast.Call]]:
        """Yield (cell, call) of each call of a function or class with one of these names, where it surely runs."""
        for cell in self.code:
            for node in surely_run(cell.tree):
                if isinstance(node, ast.Call) and (ast.unparse(node.func)).split(".")[-1] in names:
                    yield cell, node

    def uses(self) -> Iterator[tuple[Cell, object, str]]:
        """Yield (cell, object, attribute) for everything that the code takes from `marl_edu.exercises`.

        `lesson_06.target.check(mine)` yields the module with "target" and the exercise with "check". What stands in a
        branch or a function that may never run is left out.
        """
        for cell, owner, node in self.attributes():
            yield cell, owner, node.attr

    def attributes(self) -> Iterator[tuple[Cell, object, ast.Attribute]]:
        """Like `uses`, with the node."""
        known: dict[str, object] = {}
        for cell in self.code:
            for node in ast.walk(cell.tree):
                if isinstance(node, ast.ImportFrom | ast.Import):
                    known |= imported(node)
            for node in surely_run(cell.tree):
                if isinstance(node, ast.Attribute):
                    owner = resolved(node.value, known)
                    if owner is not None:
                        yield cell, owner, node


MAY_NOT_RUN = (
    ast.If, ast.For, ast.While, ast.Try, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.IfExp,
    ast.BoolOp, ast.Match, ast.GeneratorExp,
)  # fmt: skip


def surely_run(tree: ast.AST) -> Iterator[ast.AST]:
    r"""Yield the nodes of a cell that run whenever the cell does: none in a branch, a loop or a function.

    >>> [node.id for node in surely_run(ast.parse("a\nif False:\n    b")) if isinstance(node, ast.Name)]
    ['a']
    """
    for node in ast.iter_child_nodes(tree):
        if not isinstance(node, MAY_NOT_RUN):
            yield node
            yield from surely_run(node)


def values_set(cell: Cell, node: ast.AST, loads) -> Iterator[ast.AST]:
    """Yield what a node hands to something: arguments, defaults, and values of names that are read afterwards."""

    def names(target):
        return {part.id for part in ast.walk(target) if isinstance(part, ast.Name)}

    if isinstance(node, ast.Call):
        yield from (*node.args, *(word.value for word in node.keywords))
    elif isinstance(node, ast.arguments):
        yield from (default for default in (*node.defaults, *node.kw_defaults) if default is not None)
    elif isinstance(node, ast.For | ast.comprehension):
        wanted = names(node.target)
        if any(name in wanted for _, _, name in loads):
            yield node.iter
    elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        wanted = set().union(*map(names, node.targets if isinstance(node, ast.Assign) else [node.target]))
        if any(name in wanted and (number, line) > (cell.number, node.end_lineno) for number, line, name in loads):
            yield node.value


def plain(words: str) -> str:
    """Return words with single spaces and without the mark that ends them.

    >>> plain("read   a curve;")
    'read a curve'
    """
    return " ".join(words.split()).rstrip(";.")


def imported(node: ast.ImportFrom | ast.Import) -> dict[str, object]:
    """Return {name: object} of an import from `marl_edu.exercises`; {} of any other import."""
    found = {}
    if isinstance(node, ast.Import):
        for alias in node.names:
            if alias.asname and alias.name.startswith("marl_edu.exercises."):
                found[alias.asname] = importlib.import_module(alias.name)
    elif (node.module or "").startswith("marl_edu.exercises"):
        for alias in node.names:
            try:
                thing = importlib.import_module(f"{node.module}.{alias.name}")
            except ModuleNotFoundError:
                thing = getattr(importlib.import_module(node.module), alias.name, None)
            found[alias.asname or alias.name] = thing
    return found


def resolved(node: ast.expr, known: dict[str, object]) -> object | None:
    """Return what a dotted name stands for, or None."""
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = resolved(node.value, known)
        return None if owner is None else getattr(owner, node.attr, None)
    return None
