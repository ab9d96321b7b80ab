"""Mutants: copies of a solution with one small mistake each, made automatically.

A check that accepts many of them tests too little. The mistakes are those that people make: a sign, a comparison, an
index off by one, the wrong axis, the wrong variable, a forgotten line, a forgotten condition.
"""

from __future__ import annotations

import ast
import copy
import inspect
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

MOST = 160
"""Mutants of one solution; of more, these many are taken at even distances."""

ARITHMETIC = {
    ast.Add: [ast.Sub],
    ast.Sub: [ast.Add],
    ast.Mult: [ast.Div, ast.Add],
    ast.Div: [ast.Mult],
    ast.FloorDiv: [ast.Mult],
    ast.Mod: [ast.Mult],
    ast.Pow: [ast.Mult],
    ast.BitAnd: [ast.BitOr],
    ast.BitOr: [ast.BitAnd],
}
COMPARISONS = {
    ast.Lt: [ast.LtE, ast.Gt],
    ast.LtE: [ast.Lt, ast.Gt],
    ast.Gt: [ast.GtE, ast.Lt],
    ast.GtE: [ast.Gt, ast.Lt],
    ast.Eq: [ast.NotEq],
    ast.NotEq: [ast.Eq],
    ast.Is: [ast.IsNot],
    ast.IsNot: [ast.Is],
    ast.In: [ast.NotIn],
    ast.NotIn: [ast.In],
}
OPPOSITES = "max min argmax argmin maximum minimum any all sum mean ones zeros ceil floor cumsum cumprod nanmax nanmin"
NAMES = dict(zip(OPPOSITES.split()[::2], OPPOSITES.split()[1::2], strict=True))
NAMES |= {other: name for name, other in NAMES.items()}
UNORDERED = {*OPPOSITES.split(), "isclose", "allclose", "array_equal", "zip", "gcd"}
"""Functions of two arguments whose order matters little: swapping them makes no mistake."""


@dataclass(frozen=True)
class Mutant:
    """A copy of a source text with one mistake."""

    number: int
    """Line, counted from 1."""
    line: str
    """The changed line, as it is now."""
    before: str
    """The line as it was."""
    source: str
    """The whole."""

    def __str__(self) -> str:
        return f"`{self.before}` made `{self.line}`" if self.line else f"`{self.before}` dropped"


def source_of(thing) -> str:
    """Source text of a function or class; '' if it has none."""
    try:
        return ast.unparse(ast.parse(textwrap.dedent(inspect.getsource(thing))))
    except (OSError, TypeError, SyntaxError):
        return ""


def mutants(source: str, most: int = MOST) -> list[Mutant]:
    r"""All mutants of a source text, without duplicates, in the order of its lines.

    >>> [mutant.line for mutant in mutants("def twice(x):\n    return 2 * x")]  # doctest: +NORMALIZE_WHITESPACE
    ['return 2 / x', 'return 2 + x', 'return -(2 * x)', 'return 3 * x', 'return 1 * x']
    """
    tree = ast.parse(source)
    _drop_docstrings(tree)
    original = ast.unparse(tree)
    names = _variables(tree)
    made: dict[str, Mutant] = {}
    for number, node in enumerate(ast.walk(tree)):
        for change in _changes(node, names):
            changed = copy.deepcopy(tree)
            target = list(ast.walk(changed))[number]
            change(target)
            text = ast.unparse(ast.fix_missing_locations(changed))
            if text != original and text not in made:
                made[text] = Mutant(*_changed_line(original, text), text)
    found = sorted(made.values(), key=lambda mutant: mutant.number)
    step = max(1.0, len(found) / most)
    return [found[int(k * step)] for k in range(min(most, len(found)))]


def _drop_docstrings(tree: ast.AST) -> None:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) and len(body) > 1:
            body.pop(0)
        if isinstance(node, ast.FunctionDef):
            node.decorator_list = []


def _variables(tree: ast.AST) -> list[str]:
    """Arguments and what is assigned to, of all functions: what could be mixed up with one another."""
    found = [node.arg for node in ast.walk(tree) if isinstance(node, ast.arg) and node.arg != "self"]
    found += [node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    return list(dict.fromkeys(found))


def _changed_line(before: str, after: str) -> tuple[int, str, str]:
    one, other = before.splitlines(), after.splitlines()
    k = next((k for k, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)) - 1)
    return k + 1, other[k].strip() if len(other) >= len(one) else "", one[k].strip()


def _changes(node: ast.AST, names: list[str]) -> Iterator:
    """Functions that each make one mistake in (a copy of) a node."""
    for field, value in ast.iter_fields(node):
        if isinstance(value, ast.expr):
            yield from (_put(field, new) for new in _instead_of(value, names, node, field))
        elif isinstance(value, list):
            for k, entry in enumerate(value):
                if isinstance(entry, ast.expr):
                    yield from (_put(field, new, k) for new in _instead_of(entry, names, node, field))
                elif isinstance(entry, ast.stmt) and _can_go(node, value, k):
                    yield _put(field, ast.Pass(), k)
    if isinstance(node, ast.AugAssign):
        yield from (_put("op", kind()) for kind in ARITHMETIC.get(type(node.op), ()))
    if isinstance(node, ast.comprehension) and node.ifs:
        yield _put("ifs", [])
    if isinstance(node, ast.If) and node.orelse:
        yield _put("orelse", [])
    if isinstance(node, ast.Return) and node.value is not None and not isinstance(node.value, ast.Constant | ast.Tuple):
        yield _put("value", ast.UnaryOp(ast.USub(), node.value))


def _put(field: str, new, k: int | None = None):
    def change(node):
        if k is None:
            setattr(node, field, copy.deepcopy(new))
        else:
            getattr(node, field)[k] = copy.deepcopy(new)

    return change


def _can_go(parent, statements: list, k: int) -> bool:
    """Whether dropping a statement is a mistake worth trying: not what defines the whole, not the last return."""
    statement = statements[k]
    if isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom | ast.Pass):
        return False
    last = isinstance(parent, ast.FunctionDef) and k == len(statements) - 1
    return not (last and isinstance(statement, ast.Return))


def _instead_of(node: ast.expr, names: list[str], parent: ast.AST, field: str) -> Iterator[ast.expr]:
    """Expressions that someone could have written instead of one."""
    if isinstance(node, ast.BinOp):
        yield from (ast.BinOp(node.left, kind(), node.right) for kind in ARITHMETIC.get(type(node.op), ()))
        if isinstance(node.op, ast.Div | ast.MatMult | ast.Pow | ast.Mod | ast.FloorDiv | ast.Sub):
            yield ast.BinOp(node.right, node.op, node.left)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        yield from (ast.Compare(node.left, [k()], node.comparators) for k in COMPARISONS.get(type(node.ops[0]), ()))
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.And() if isinstance(node.op, ast.Or) else ast.Or(), node.values)
        yield from node.values
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.IfExp):
        yield from (node.body, node.orelse)
    elif isinstance(node, ast.Constant):
        yield from _constants(node.value, parent)
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield from _other_names(node.id, names, parent, field)
    elif isinstance(node, ast.Attribute) and node.attr in NAMES:
        yield ast.Attribute(node.value, NAMES[node.attr], node.ctx)
    elif isinstance(node, ast.Call):
        function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if len(node.args) == 2 and function not in UNORDERED:
            yield ast.Call(node.func, node.args[::-1], node.keywords)
    if field == "test" and isinstance(parent, ast.If):
        yield from (ast.Constant(True), ast.Constant(False))


def _constants(value, parent: ast.AST) -> Iterator[ast.expr]:
    if isinstance(parent, ast.keyword) and parent.arg == "axis" and isinstance(value, int):
        yield ast.Constant(1 - value if value in (0, 1) else 0)
    elif isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int | float):
        yield from (ast.Constant(value + 1), ast.Constant(value - 1))


def _other_names(name: str, names: list[str], parent: ast.AST, field: str) -> Iterator[ast.expr]:
    if name in NAMES:
        yield ast.Name(NAMES[name], ast.Load())
    if name in names and not (isinstance(parent, ast.Call) and field == "func"):
        yield from (ast.Name(other, ast.Load()) for other in names if other != name)
