"""Degenerate bimatrix games whose sets of equilibria are known, written down by hand."""

import numpy as np

# name: (payoffs of agent 1, of agent 2, number of extreme equilibria, of components, is one of them a continuum)
DEGENERATE = {
    "nobody cares": ([[0, 0], [0, 0]], [[0, 0], [0, 0]], 4, 1, True),
    "agent 2 doesn't care": ([[1, 0], [0, 1]], [[0, 0], [0, 0]], 4, 1, True),
    "a tie off the equilibrium": ([[2, 2], [0, 1]], [[1, 0], [0, 0]], 1, 1, False),
    "a tie beside it": ([[1, 1], [1, 0]], [[1, 0], [1, 0]], 2, 1, True),
    "an even number of points": ([[1, 0], [0, 0]], [[1, 0], [0, 0]], 2, 2, False),
    "entry deterrence": ([[2, 2], [3, 1]], [[4, 4], [2, 0]], 3, 2, True),  # out/in, accommodate/fight
    "the same row twice": ([[1, 0], [1, 0], [0, 1]], [[1, 0], [1, 0], [0, 1]], 5, 3, True),
    "all rows alike": ([[1, 2, 3]] * 3, [[1, 2, 3]] * 3, 3, 1, True),
    "a segment and a point": ([[3, 3], [2, 5], [0, 6]], [[3, 3], [2, 6], [3, 1]], 3, 2, True),
    "one row, tied columns": ([[1, 2, 3]], [[5, 5, 1]], 2, 1, True),
    "thirds that are tied": ([[1 / 3, 1 / 3], [0.0, 1.0]], [[0.1 + 0.2, 0.3], [1.0, 0.0]], 2, 1, True),
}


def tables(name):
    first, second, *_ = DEGENERATE[name]
    return np.array(first, dtype=float), np.array(second, dtype=float)
