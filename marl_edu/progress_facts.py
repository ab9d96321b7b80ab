"""Facts about what a student did, as data: how they become JSON, and how two notes about the same thing are merged."""

from __future__ import annotations

import datetime
import math
import numbers

import numpy as np

MOST_ITEMS = 5_000
"""Largest fact: numbers, names and short texts in it; a text counts one for every 20 characters."""

DEEPEST = 20
STAYS_TRUE = ("right", "solution_seen")
NEVER_FALLS = ("attempts",)
MERGED_ONE_BY_ONE = ("answers",)

Entries = dict[tuple[str, str], dict]
"""{(kind, name): facts}"""


class TooLarge(ValueError):
    """A fact has more in it than is kept."""


def plain(value, most: int = MOST_ITEMS):
    """A value as JSON can hold it: arrays as lists, NaN and infinity as ``None``, other objects as their type's name.

    Raises ``TooLarge`` beyond ``most`` items.

    Examples
    --------
    >>> plain({"guess": np.array([0.5, np.nan]), 3: (np.int64(1), True, min)})
    {'guess': [0.5, None], '3': [1, True, '<builtin_function_or_method>']}
    """
    left = most

    def walk(item, depth):
        nonlocal left
        size = getattr(item, "size", 1) if isinstance(item, np.ndarray) else 1
        left -= 1 + (len(item) // 20 if isinstance(item, str) else 0)
        if left < 0 or size > left or depth > DEEPEST:
            raise TooLarge(f"more than {most} items, or nested deeper than {DEEPEST}")
        if isinstance(item, np.ndarray | np.generic):
            if item.dtype.kind not in "biufUO":
                return f"<{type(item).__name__}>"
            return walk(item.tolist(), depth)
        if item is None or isinstance(item, bool):
            return item
        if isinstance(item, str):
            return str.__str__(item)
        if isinstance(item, numbers.Integral):
            whole = int(item)
            return whole if whole.bit_length() <= 64 else "<a very large number>"
        if isinstance(item, numbers.Real):
            real = float(item)
            return real if math.isfinite(real) else None
        if isinstance(item, dict):
            return {word(key): walk(each, depth + 1) for key, each in item.items()}
        if isinstance(item, list | tuple | set | frozenset):
            return [walk(each, depth + 1) for each in item]
        return f"<{type(item).__name__}>"

    def word(key):
        text = walk(key, DEEPEST)
        return text if isinstance(text, str) else str(text)

    try:
        return walk(value, 0)
    except TooLarge:
        raise
    except Exception:  # objects of a student's own may raise anything when they are looked at
        return f"<{type(value).__name__}>"


def joined(old: dict, new: dict) -> dict:
    """Two notes about the same thing as one; ``None`` stands for a fact that is to be forgotten.

    Examples
    --------
    >>> joined({"right": True, "attempts": 4}, {"right": False, "attempts": 1, "outcome": "wrong"})
    {'right': True, 'attempts': 4, 'outcome': 'wrong'}
    >>> joined({"answers": {"0": "b", "1": "a"}}, {"answers": {"0": None}})
    {'answers': {'0': None, '1': 'a'}}
    """
    both = old | new
    for name in old.keys() & new.keys():
        before, now = old[name], new[name]
        if now is None:
            continue
        if name in STAYS_TRUE:
            both[name] = before is True or now
        elif name in NEVER_FALLS and _is_number(before) and _is_number(now):
            both[name] = max(before, now)
        elif name in MERGED_ONE_BY_ONE and isinstance(before, dict) and isinstance(now, dict):
            both[name] = before | now
    return both


def known(facts: dict) -> dict:
    """Facts without those that are nothing: in a file, ``None`` does not ask to forget anything."""
    return {name: fact for name, fact in facts.items() if fact is not None}


def when(facts: dict) -> datetime.datetime:
    """When facts were noted; long ago if that can't be read. A time without a zone is taken for one of this machine.

    Examples
    --------
    >>> when({"when": "2026-11-21T09:30:00+02:00"}) < when({"when": "2026-11-21T08:00:00+00:00"})
    True
    """
    try:
        found = datetime.datetime.fromisoformat(facts["when"])
        return found.astimezone(datetime.UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return datetime.datetime.min.replace(tzinfo=datetime.UTC)


def applied(entries: Entries, notes: Entries) -> Entries:
    """Entries with notes merged in, and what was to be forgotten left out."""
    return entries | {key: _without_forgotten(joined(entries.get(key, {}), new)) for key, new in notes.items()}


def _without_forgotten(facts: dict) -> dict:
    facts = {name: fact for name, fact in facts.items() if fact is not None}
    for name in MERGED_ONE_BY_ONE:
        if isinstance(facts.get(name), dict):
            facts[name] = {word: fact for word, fact in facts[name].items() if fact is not None}
    return facts


def _is_number(value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
