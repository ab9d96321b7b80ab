"""Stubs: what the student is to complete, and whether anything has been done to it yet."""

from __future__ import annotations

import ast
import dis
import inspect
import types

NAMES_OF = type.__dict__["__dict__"].__get__
"""``vars`` of a class, whatever its metaclass does when it is asked."""


def definition(source: str, preferred: str = ""):
    """The definition in a stub that is to be completed: the one of the preferred name, else the last one.

    Returns
    -------
    ast.FunctionDef, ast.ClassDef or ast.Assign
        A stub without functions and classes may assign to a name instead.

    Raises
    ------
    ValueError
        If there is none.
    """
    body = ast.parse(source).body
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    found = [node for node in body if isinstance(node, kinds)]
    found = [node for node in found if node.name == preferred] or found
    found = found or [n for n in body if isinstance(n, ast.Assign) and isinstance(n.targets[0], ast.Name)]
    if not found:
        raise ValueError("it defines nothing; expected a function")
    return found[-1]


def parameters_of(function, skip: int = 0) -> list[str]:
    """Names of a function's parameters; [] for what is no function.

    >>> parameters_of(lambda reward, discount: 0)
    ['reward', 'discount']
    """
    try:
        return list(inspect.signature(function).parameters)[skip:]
    except (TypeError, ValueError):
        return []


def is_unchanged(thing, stub: str, name: str) -> bool:
    """Whether a function or class is still what the stub says, comments and docstrings aside."""
    code = compile(stub, "<stub>", "exec", dont_inherit=True)
    given = [const for const in code.co_consts if isinstance(const, types.CodeType) and const.co_name == name]
    if not given:
        return False
    if type(thing) is types.FunctionType:
        return _essence(thing.__code__) == _essence(given[-1])
    if issubclass(type(thing), type) and not given[-1].co_flags & inspect.CO_OPTIMIZED:  # the code of a class
        methods = {k: _essence(v.__code__) for k, v in NAMES_OF(thing).items() if type(v) is types.FunctionType}
        stubs = {c.co_name: _essence(c) for c in given[-1].co_consts if isinstance(c, types.CodeType)}
        return methods == stubs
    return False


def untouched(thing) -> bool:
    """Whether a function has an empty body.

    >>> def later(x):
    ...     "Nothing yet."
    >>> untouched(later), untouched(lambda x: x)
    (True, False)
    """
    if type(thing) is not types.FunctionType:
        return False
    steps = [step for step in _essence(thing.__code__) if step[0] not in ("RESUME", "NOP", "RETURN_VALUE")]
    return all(name in ("LOAD_CONST", "RETURN_CONST") and value in (None, ...) for name, value in steps)


def _essence(code: types.CodeType) -> list:
    """Instructions and what they work on, without docstring and line numbers."""
    steps = dis.get_instructions(code)
    return [(s.opname, _essence(s.argval) if isinstance(s.argval, types.CodeType) else s.argval) for s in steps]
