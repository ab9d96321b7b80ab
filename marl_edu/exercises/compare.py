"""Whether what came out is what must come out, as a teacher would see it, and in words what is different.

Lenient where it doesn't matter: 1 and 1.0 and True, a list for an array, a tuple for a list. All values are ``plain``.
"""

from __future__ import annotations

import numpy as np

from marl_edu.exercises.values import in_words, shown

NUMBERS = (bool, int, float, complex)
ADVICE = {
    "None": " (is there a return at the end?)",
    "a generator": " (yield where return is meant?)",
    "a coroutine": " (async def where def is meant?)",
    "a function": " (are the brackets of a call missing?)",
}


def difference(got, expected, tolerance: float = 1e-9) -> str:
    """In words what is different; '' if nothing is.

    Parameters
    ----------
    got, expected
        Plain values (see ``values.plain``).
    tolerance : float
        How far a number may be off: ``tolerance * max(1, |expected|)``.

    Examples
    --------
    >>> difference(1, 1.0), difference([1, 2], np.array([1.0, 2.0]))
    ('', '')
    >>> difference(np.zeros(3), np.zeros((3, 2)))
    'an array of shape (3,) came out; expected an array of shape (3, 2)'
    >>> difference(None, 2.0)
    'None came out; expected a number (is there a return at the end?)'
    """
    got = _one_entry(got)
    expected = _one_entry(expected)
    if type(expected) in NUMBERS:
        return _number(got, expected, tolerance)
    if type(expected) in (np.ndarray, list):
        return _array(got, expected, tolerance)
    if type(expected) is tuple:
        return _entries(got, expected, tolerance)
    if type(expected) is dict:
        return _dict(got, expected, tolerance)
    if type(got) is not type(expected):
        return _other_kind(got, expected)
    return "" if got == expected else f"{shown(got, 80)} came out; expected {shown(expected, 80)}"


def _other_kind(got, expected) -> str:
    words = in_words(got)
    return f"{words} came out; expected {in_words(expected)}{ADVICE.get(words, '')}"


def _one_entry(value):
    """An array without axes is its one entry."""
    return value.item() if type(value) is np.ndarray and value.ndim == 0 else value


def _number(got, expected, tolerance: float) -> str:
    if type(got) not in NUMBERS:
        return _other_kind(got, expected)
    with np.errstate(all="ignore"):
        try:
            one, other = complex(got), complex(expected)
        except OverflowError:
            return "" if got == expected else "the number that came out is far too large"
        if np.isnan(one) or np.isnan(other):
            return "" if np.isnan(one) and np.isnan(other) else _nan(np.isnan(one))
        if one == other:
            return ""
        off = abs(one - other)
        if off <= tolerance * max(1.0, abs(other)) and np.isfinite(other):
            return ""
    return f"it is off by {off:.3g}"


def _nan(found: bool) -> str:
    return "nan (not a number) came out" if found else "a number came out; expected nan (not a number)"


def _as_array(value):
    """An array of numbers or truth values or texts; None for what is none."""
    if type(value) is np.ndarray:
        return value
    if type(value) not in (list, tuple):
        return None
    if not all(type(entry) in (*NUMBERS, str, np.ndarray, list, tuple) for entry in value):
        return None
    try:
        found = np.array([_as_array(entry) if type(entry) in (list, tuple) else entry for entry in value])
    except (ValueError, TypeError):
        return None
    return found if found.dtype.kind in "biufcUS" else None


def _array(got, expected, tolerance: float) -> str:
    wanted = _as_array(expected)
    if wanted is None or (wanted.dtype.kind in "US" and type(expected) is list):
        return _entries(got, expected, tolerance)
    found = _as_array(got)
    if found is None:
        ragged = type(got) in (list, tuple) and any(type(row) in (list, tuple, np.ndarray) for row in got)
        words = f"array of shape {wanted.shape}"
        if ragged:
            return f"rows of unequal length, or no numbers, came out; expected an {words}"
        return _other_kind(got, wanted)
    if found.shape != wanted.shape:
        return f"an array of shape {found.shape} came out; expected an array of shape {wanted.shape}"
    if (found.dtype.kind in "US") != (wanted.dtype.kind in "US"):
        return f"{'texts' if found.dtype.kind in 'US' else 'numbers'} came out; expected the other kind"
    if wanted.dtype.kind in "US":
        return _first(found != wanted, found, wanted)
    with np.errstate(all="ignore"):
        kind = complex if "c" in (found.dtype.kind, wanted.dtype.kind) else float
        found, wanted = found.astype(kind), wanted.astype(kind)
        near = np.abs(found - wanted) <= tolerance * np.maximum(1.0, np.abs(wanted))
        near = (near & np.isfinite(wanted)) | (found == wanted) | (np.isnan(found) & np.isnan(wanted))
    if (np.isnan(found) & ~np.isnan(wanted)).any():
        return f"{(np.isnan(found) & ~np.isnan(wanted)).sum()} of {found.size} entries are nan (not a number)"
    return _first(~near, found, wanted)


def _first(wrong: np.ndarray, found: np.ndarray, wanted: np.ndarray) -> str:
    places = np.argwhere(wrong)
    if not len(places):
        return ""
    place = tuple(map(int, places[0]))
    one, other = shown(found[place].item()), shown(wanted[place].item())
    if one == other:
        one, other = repr(found[place].item()), repr(wanted[place].item())
    at = ", ".join(map(str, place))
    count = f"; {len(places)} of {found.size} entries are off" if found.size > 1 else ""
    return f"entry [{at}] is {one}; expected {other}{count}"


def _entries(got, expected, tolerance: float) -> str:
    if type(got) is np.ndarray:
        got = list(got)
    if type(got) not in (list, tuple):
        return _other_kind(got, expected)
    if len(got) != len(expected):
        return f"{len(got)} entries came out; expected {len(expected)}"
    for k, (one, other) in enumerate(zip(got, expected, strict=True)):
        words = difference(_plain_entry(one), other, tolerance)
        if words:
            return f"entry {k}: {words}"
    return ""


def _plain_entry(value):
    return value.item() if isinstance(value, np.generic) else value


def _dict(got, expected, tolerance: float) -> str:
    if type(got) is not dict:
        return _other_kind(got, expected)
    missing, more = [k for k in expected if k not in got], [k for k in got if k not in expected]
    if missing:
        return f"the key {shown(missing[0], 40)} is missing"
    if more:
        return f"the key {shown(more[0], 40)} is one too many"
    for key, other in expected.items():
        words = difference(got[key], other, tolerance)
        if words:
            return f"under {shown(key, 40)}: {words}"
    return ""
