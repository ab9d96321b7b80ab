"""What came out of a student's function, made harmless, and put into few words.

``plain`` turns anything into numbers, texts, arrays and lists of those, and says in words what is something else. It
calls no method that a student may have defined, so that objects with odd ``__eq__`` or ``__repr__`` do no harm.
"""

from __future__ import annotations

import types
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np

MOST = 100_000
"""Entries of a value, all together, that are looked at; what has more is described by its size."""

DEEPEST = 20
"""How many levels of lists within lists are looked at."""

SHOWN = 400
"""Characters of a value in a verdict."""


@dataclass(frozen=True)
class Odd:
    """Something that is no plain value, in words.

    >>> plain(x for x in "ab")
    Odd(words='a generator')
    """

    words: str


class Told(str):
    """What came out, in words, which is what a student is shown; ``facts`` are what the words are made of.

    For an exercise whose answers are described before they are judged: its ``call`` returns one, ``holds`` reads facts.

    >>> told = Told("2 states", {"states": 2})
    >>> told, told.facts["states"]
    ('2 states', 2)
    """

    facts: dict

    def __new__(cls, words: str, facts: dict | None = None):
        """Make one; copy and pickle hand over the words alone, and set the facts afterwards."""
        told = super().__new__(cls, words)
        told.facts = {} if facts is None else facts
        return told


def plain(value):
    """A harmless copy: None, bool, int, float, complex, str, Ellipsis, arrays; list, tuple, set, dict of those; or Odd.

    >>> plain([np.float64(0.5), {"a": (1, True)}])
    [0.5, {'a': (1, True)}]
    >>> plain(print)
    Odd(words='a function')
    """
    return _plain(value, [MOST], 0)


def _plain(value, room: list[int], depth: int):
    kind = type(value)
    room[0] -= 1
    if room[0] < 0 or depth > DEEPEST:
        return Odd("more than can be looked at")
    if value is None or value is ... or kind in (bool, int, float, complex):
        return value
    if issubclass(kind, np.ndarray):
        return _plain_array(value, room, depth)
    if issubclass(kind, np.generic):
        return _plain_array(np.asarray(value), room, depth)
    if issubclass(kind, str):
        return str.__str__(value) if str.__len__(value) <= MOST else Odd(f"a text of {str.__len__(value):,} characters")
    for base, convert in ((int, int.__index__), (float, float.__float__), (complex, complex.__complex__)):
        if issubclass(kind, base):
            return convert(value)
    if kind in (Fraction, Decimal):
        return float(value)
    for base in (list, tuple, set, frozenset, dict, range):
        if issubclass(kind, base):
            return _plain_collection(base, value, room, depth)
    return _tensor(value, room, depth) if _is_tensor(kind) else Odd(_kind_in_words(value))


def _plain_collection(base, value, room, depth):
    size = base.__len__(value)
    if size > room[0]:
        return Odd(f"a {base.__name__} of {size:,} entries")
    if base is dict:
        items = list(dict.items(value))
        return {_hashable(_plain(k, room, depth + 1)): _plain(v, room, depth + 1) for k, v in items}
    items = [_plain(entry, room, depth + 1) for entry in list(base.__iter__(value))]
    return {list: list, range: list, tuple: tuple}.get(base, lambda some: set(map(_hashable, some)))(items)


def _hashable(value):
    try:
        hash(value)
    except TypeError:
        return Odd("something that can be no key")
    return value


def _plain_array(value, room, depth):
    if issubclass(type(value), np.ma.MaskedArray):
        return Odd("a masked array")
    value = np.ndarray.view(value, np.ndarray)
    if value.size > room[0]:
        return Odd(f"an array of shape {value.shape}")
    room[0] -= value.size
    if value.dtype.kind in "biufcUS":
        copied = np.array(value, dtype=float if value.dtype.char == "g" else None)
        return copied.item() if copied.ndim == 0 else copied
    if value.dtype.kind == "O":
        return _plain(value.tolist(), room, depth + 1)
    return Odd(f"an array of {value.dtype.name}")


def _is_tensor(kind) -> bool:
    return getattr(kind, "__module__", "") in ("torch", "torch.nn.parameter")


def _tensor(value, room, depth):
    try:
        return _plain_array(np.asarray(value.detach().cpu()), room, depth)
    except Exception:
        return Odd("a tensor that can't be read")


def name_of(kind: type) -> str:
    """The name of a class, whatever its metaclass pretends."""
    return str.__str__(type.__dict__["__name__"].__get__(kind))[:60]


def _kind_in_words(value) -> str:
    kind = type(value)
    if issubclass(kind, types.GeneratorType):
        return "a generator"
    if issubclass(kind, types.CoroutineType):
        value.close()  # or Python complains later that nobody awaited it
        return "a coroutine"
    if issubclass(kind, types.AsyncGeneratorType):
        return "an asynchronous generator"
    if issubclass(kind, types.FunctionType | types.BuiltinFunctionType | types.MethodType | np.ufunc):
        return "a function"
    if issubclass(kind, types.ModuleType):
        return "a module"
    if issubclass(kind, type):
        return f"the class {name_of(value)}"
    return f"an object of class {name_of(kind)}"


def in_words(value) -> str:
    """What kind of plain value it is.

    >>> in_words([1, 2]), in_words(None), in_words(np.zeros((2, 3)))
    ('a list of 2', 'None', 'an array of shape (2, 3)')
    """
    kind = type(value)
    if kind is Odd:
        return value.words
    if kind is np.ndarray:
        return f"an array of shape {value.shape}"
    if kind in (list, tuple, set, dict):
        return f"a {kind.__name__} of {len(value)}"
    words = {bool: "a truth value", int: "a number", float: "a number", complex: "a complex number", str: "a text"}
    return words.get(kind, "..." if value is ... else "None" if value is None else _kind_in_words(value))


def shown(value, most: int = SHOWN) -> str:
    r"""A value as it stands in a verdict: few digits, arrays short, never longer than ``most`` characters.

    >>> shown([0.1 + 0.2, {"a": 1}]), shown(np.eye(2)), shown((2.0,))
    ("[0.3, {'a': 1}]", '[[1, 0],\n [0, 1]]', '(2,)')
    """
    text = _shown(value)
    return text if len(text) <= most else text[: most - 4] + " ..."


def _shown(value) -> str:
    kind = type(value)
    if kind is Odd:
        return value.words
    if value is ...:
        return "..."
    if issubclass(kind, float):
        return f"{float.__float__(value):.6g}"
    if kind is int and abs(value) > 10**40:
        return "a number of more than 40 digits"
    if kind is np.ndarray:
        return _shown_array(value)
    if kind in (list, tuple, set):
        left, right = {list: "[]", tuple: "()", set: "{}"}[kind]
        entries = [_shown(entry) for _, entry in zip(range(12), value, strict=False)]
        entries += ["..."] if len(value) > 12 else []
        comma = "," if kind is tuple and len(value) == 1 else ""
        return f"{left}{', '.join(entries)}{comma}{right}" if entries or kind is not set else "set()"
    if kind is dict:
        entries = [f"{_shown(k)}: {_shown(v)}" for _, (k, v) in zip(range(12), value.items(), strict=False)]
        return "{" + ", ".join(entries + (["..."] if len(value) > 12 else [])) + "}"
    try:
        return repr(value)
    except BaseException:  # a student's object may raise anything
        return f"an object of class {name_of(kind)}"


def _shown_array(value: np.ndarray) -> str:
    brief = value.size > 40
    numbers = {"float_kind": lambda x: f"{x:.5g}"}
    text = np.array2string(value, threshold=40, edgeitems=2, separator=", ", max_line_width=88, formatter=numbers)
    return f"{text}  (shape {value.shape})" if brief or value.size == 0 else text
