"""Checks of what is passed in: every message says which argument, what was found and what was expected.

What only a game's own fields need is in ``model_checks``.
"""

from __future__ import annotations

import difflib
import inspect
import math
import numbers
from collections.abc import Iterable, Sequence

import numpy as np

LARGEST = 1e100
"""Largest size of a number: sums and products of a few thousand such numbers are still finite."""

LONGEST = 10**9
"""Most steps that an episode may have."""

INT64 = 2**63 - 1


def shown(value, most: int = 60) -> str:
    """A value as it stands in a message: on one line, not too long."""
    if isinstance(value, int) and abs(value) > 10**40:
        return f"a number of {int(value.bit_length() * math.log10(2)) + 1} digits"
    text = " ".join(repr(value).split())
    return text if len(text) <= most else text[: most - 3] + "..."


def length(value) -> int | None:
    """How many entries a list or array has; ``None`` for what has no length or is a text, set or dict."""
    if isinstance(value, str | bytes | dict | set | frozenset):
        return None
    try:
        return len(value)
    except TypeError:
        return None


def number(field: str, value, low: float = -LARGEST, high: float = LARGEST) -> float:
    """A finite float in [low, high], or a ``ValueError`` that says what it was instead."""
    wanted = f"expected a finite number in [{low:g}, {high:g}]"
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Real):
        raise ValueError(f"{field} is {shown(value)}; {wanted}")
    if not low <= value <= high or math.isinf(value):
        try:
            found = f"{float(value):g}"
        except OverflowError:
            found = shown(value)
        raise ValueError(f"{field} is {found}; {wanted}")
    return float(value)


def integer(field: str, value, low: int, high: int | None = None) -> int:
    """An int in [low, high], or a ``ValueError`` that says what it was instead. It always fits into 64 bits."""
    too_long = isinstance(value, numbers.Integral) and value > INT64 and high is None
    wanted = f"expected a whole number from {low} " + (
        f"to {high}" if high is not None else "up, below 2**63" if too_long else "up"
    )
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Integral):
        raise ValueError(f"{field} is {shown(value)}; {wanted}")
    if not low <= value <= (INT64 if high is None else high):
        raise ValueError(f"{field} is {shown(int(value))}; {wanted}")
    return int(value)


def flag(field: str, value) -> bool:
    """True or False."""
    if not isinstance(value, bool | np.bool_):
        raise ValueError(f"{field} is {shown(value)}; expected True or False")
    return bool(value)


def text(field: str, value) -> str:
    """A text."""
    if not isinstance(value, str):
        raise ValueError(f"{field} is {shown(value)}; expected a text")
    return value


def option(field: str, given: str, allowed: Iterable[str]) -> str:
    """One of a few words, or a ``ValueError`` that lists them."""
    allowed = list(allowed)
    if isinstance(given, str) and given in allowed:
        return given
    close = difflib.get_close_matches(given, allowed, 1) if isinstance(given, str) else []
    hint = f" (did you mean {close[0]!r}?)" if close else ""
    some = ", ".join(map(repr, allowed[:8])) + (", ..." if len(allowed) > 8 else "")
    raise ValueError(f"{field} is {shown(given)}{hint}; expected one of {some}")


def index_of(field: str, given: int | str, names: Sequence[str]) -> int:
    """Position of something given by number or name."""
    if isinstance(given, str):
        return list(names).index(option(field, given, names))
    return integer(field, given, 0, len(names) - 1)


def numeric(field: str, value) -> np.ndarray:
    """What holds real numbers or truth values, as an array of whatever type it has."""
    if isinstance(value, np.ma.MaskedArray):
        raise ValueError(f"{field} is a masked array; expected a table without gaps")
    try:
        found = np.asarray(value)
    except (TypeError, ValueError, RuntimeError):
        raise ValueError(f"{field} can't be read as a table of numbers (rows of unequal length?)") from None
    if found.dtype.kind not in "biuf":
        what = {"c": "complex numbers", "U": "text", "S": "text"}.get(found.dtype.kind, "things that are no numbers")
        raise ValueError(f"{field} can't be read as a table of numbers: it holds {what}")
    return found


def array(field: str, value) -> np.ndarray:
    """A fresh array of finite floats."""
    found = numeric(field, value).astype(float)
    bad = np.argwhere(~(np.abs(found) <= LARGEST))
    if len(bad):
        index = tuple(bad[0].tolist())
        wanted = "a finite number" if not np.isfinite(found[index]) else f"at most {LARGEST:g} in size"
        raise ValueError(f"{field}{list(index) or ''} is {found[index]:g}; expected {wanted}")
    return found


def integers(field: str, value) -> np.ndarray:
    """A fresh array of whole numbers of 64 bits."""
    found = numeric(field, value)
    if found.dtype.kind not in "iu":
        raise ValueError(f"{field} has shape {found.shape} of {found.dtype}; expected whole numbers")
    if found.size and found.max() > INT64:
        raise ValueError(f"{field} has the entry {found.max()}; expected numbers below 2**63")
    return found.astype(np.int64)


def names(field: str, given, count: int, pattern: str, first: int = 0) -> tuple[str, ...]:
    """``count`` distinct names, or the default pattern."""
    if given is None:
        return tuple(pattern.format(first + i) for i in range(count))
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise ValueError(f"{field} is {shown(given)}; expected a list of {count} names")
    for i, name in enumerate(given):
        if not isinstance(name, str | int) or isinstance(name, bool):
            raise ValueError(f"{field}[{i}] is {shown(name)}; expected a name")
    found = tuple(map(str, given))
    if len(found) != count:
        raise ValueError(f"{field} has {len(found)} names; expected {count}")
    if len(set(found)) != count:
        twice = next(name for name in found if found.count(name) > 1)
        raise ValueError(f"{field} has the name {twice!r} twice; expected {count} different names")
    return found


def generator(field: str, value) -> np.random.Generator:
    """A source of randomness."""
    if not isinstance(value, np.random.Generator):
        raise ValueError(
            f"{field} is {shown(value)}; expected a numpy.random.Generator, as np.random.default_rng(0) is"
        )
    return value


def policy_function(field: str, value):
    """A callable that can be asked ``policy(observation, rng)``."""
    try:
        inspect.signature(value).bind(0, None)
    except TypeError:
        raise ValueError(f"{field} is {shown(value)}; expected to call it as policy(observation, rng)") from None
    except ValueError:
        pass  # some compiled functions don't tell what they take
    return value


def game(value):
    """A ``MarkovGame``."""
    from marl_edu.games.markov_game import MarkovGame  # which needs this module

    if not isinstance(value, MarkovGame):
        raise ValueError(f"game is {shown(value)}; expected a MarkovGame")
    return value
