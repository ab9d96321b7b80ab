"""Arrays that a learner is given from outside: whether they are what it takes, said before any network sees them.

Legend of axes: K seeds, N agents, A entries of an action.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from marl_edu.games import checks


def fitting(given: Mapping[str, object], shapes: Mapping[str, tuple], seeds: int, what: str) -> dict[str, np.ndarray]:
    """All of these as float32 arrays (K, rows, ...), or a ``ValueError`` that says which one is wrong.

    Parameters
    ----------
    given : dict
        What was given, by name.
    shapes : dict of tuple
        Of one row of each.
    seeds : int
        K.
    what : str
        What rows are, for messages: 'transitions'. All parts must have as many, and at least one.

    Examples
    --------
    >>> fitting({"rewards": [[1, 2]]}, {"rewards": (3,)}, seeds=1, what="transitions")
    Traceback (most recent call last):
        ...
    ValueError: rewards has shape (1, 2); expected (1, transitions, 3) with 1 seeds and at least one of the transitions
    """
    found = {name: checks.array(name, part) for name, part in given.items()}
    first = next(iter(found.values()))
    rows = first.shape[1] if first.ndim > 1 else 0
    for name, part in found.items():
        if part.shape != (seeds, rows, *shapes[name]) or not rows:
            wanted = ", ".join(map(str, (seeds, what, *shapes[name])))
            raise ValueError(
                f"{name} has shape {part.shape}; expected ({wanted}) with {seeds} seeds and at least one of the {what}"
                + (", as many in all parts" if len(found) > 1 else "")
            )
    return {name: part.astype(np.float32) for name, part in found.items()}


def expect_all(name: str, values: np.ndarray, fine: np.ndarray, wanted: str) -> None:
    """Raise a ``ValueError`` that shows the first of the values that is not ``fine``.

    >>> expect_all("terminated", np.array([0, 0.5]), np.array([True, False]), "True or False")
    Traceback (most recent call last):
        ...
    ValueError: terminated[1] is 0.5; expected True or False
    """
    if not np.all(fine):
        at = tuple(np.argwhere(~np.asarray(fine))[0].tolist())
        raise ValueError(f"{name}{list(at)} is {values[at]:g}; expected {wanted}")
