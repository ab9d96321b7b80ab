"""Lesson 08: joint tables with individual values that satisfy IGM, or that fail it in one way each.

Each function returns cases (joint table, individual values, tolerance) for the exercise of ``lesson_08_igm.py``.

Legend of axes: a joint table has one axis for each agent, its actions; individual values are one array for each agent.
"""

from __future__ import annotations

import numpy as np

from marl_edu.games import qtran_matrix, two_step

EXACT = 1e-9
"""Tolerance of the cases in which nothing is rounded."""


def _beside(rng, joint, *choices):
    """A case for each choice: for each agent, 1 for its best actions, else 0. Values are far from the joint ones."""
    joint, cases = np.array(joint, dtype=float), []
    for choice in choices:
        own = []
        for flags in choice:
            low = rng.permutation(np.arange(-6, 0))[: len(flags)]
            own.append(np.where(flags, rng.integers(1, 4), low).astype(float))
        cases.append((joint, own, EXACT))
    return cases


def _one_best(rng, shape, *misses):
    """A table without ties, and agents that each are so many actions away from their part of the best joint action."""
    joint = rng.permutation(12)[: np.prod(shape)].reshape(shape)
    best = np.unravel_index(joint.argmax(), shape)
    places = [[(b + m) % n for b, m, n in zip(best, miss, shape, strict=True)] for miss in misses]
    return _beside(rng, joint, *([np.arange(n) == b for n, b in zip(shape, place, strict=True)] for place in places))


def clear(rng):
    """One best joint action: both agents find their part of it, one of them, the other, or none."""
    shapes = (2, 2), (2, 2), (2, 3), (3, 2), (3, 3)
    return [case for shape in shapes for case in _one_best(rng, shape, (0, 0), (1, 0), (0, 1), (1, 1))]


def larger(rng):
    """The same for teams of three."""
    shapes = (2, 2, 2), (2, 3, 2)
    return [case for shape in shapes for case in _one_best(rng, shape, (0, 0, 0), (1, 0, 0), (0, 0, 1))]


def familiar(rng):
    """Tables of the lesson; values that add up to the table, or that do not but have the same best actions."""
    game, qtran = two_step(), qtran_matrix().rewards[0, 0]
    risky = game.rewards[0, game.states.index("2B")]
    fit, sums = np.array([-0.75, 3.25]), [np.array([1.0, 3]), np.array([2.0, 0])]
    added = np.add.outer(*sums)
    pairs = [
        (risky, [fit, fit]),
        (risky, [np.array([8.0, 0]), np.array([0.0, 8])]),
        (added, sums),
        (added + 1, sums),
        (qtran, [np.array([-3.0, -1.8, -1.8])] * 2),
        (qtran, [np.array([4.0, 0, 0])] * 2),
    ]
    return [(joint, own, EXACT) for joint, own in pairs]


def ties(rng):
    """Several best joint actions, in a row, which individual ties can name, or on the diagonal, which none can."""
    a, b, both = [1, 0], [0, 1], [1, 1]
    return [
        *_beside(rng, [[5, 5], [0, 2]], (a, both), (a, a), (a, b), (both, both), (b, both)),
        *_beside(rng, [[1, 0], [0, 1]], (a, a), (both, both), (a, b)),
        *_beside(rng, [[3, 1], [1, 0]], (both, a), (both, both), (a, a)),
        *_beside(rng, [[1, 7, 0], [0, 7, 3]], (both, [0, 1, 0]), (b, [0, 1, 0])),
    ]


def rounded(rng):
    """Ties that floats hide, and differences that are small but real, in two units."""
    found = []
    for unit in (1.0, 1000.0):
        tied = unit * np.array([[0.1 + 0.2, 0.3], [0, 0.1]])
        for joint in (tied, tied + unit * np.array([[1e-3, 0], [0, 0]])):
            for second in ([0.3, 0.1 + 0.2], [0.3, 0.3 - 1e-3]):
                found.append((joint, [np.array([1.0, 0]), np.array(second)], unit * EXACT))
    return found
