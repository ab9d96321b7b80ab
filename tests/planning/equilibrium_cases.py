"""Degenerate bimatrix games whose sets of equilibria are known, and brute force for all others.

Legend of axes: m actions of agent 1, n of agent 2.
"""

import itertools

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
    # one corner too many if any two corners that share labels count as joined by an edge
    "corners that are no neighbours": (
        [[1, 1, 2], [0, 2, 1], [1, 1, 2], [2, 0, 2]],
        [[2, 0, 1], [0, 1, 0], [0, 2, 2], [0, 2, 1]],
        9, 2, True,
    ),
    # one Nash subset belongs to the common neighbours of three corners, and of no two
    "three corners in common": (
        [[0, 0, 0, 1, 0], [0, 0, 1, 0, 0], [1, 1, 0, 0, 1], [0, 0, 1, 0, 0]],
        [[0, 0, 1, 1, 1], [1, 0, 1, 0, 0], [1, 1, 0, 0, 0], [0, 1, 1, 1, 1]],
        22, 2, True,
    ),
}  # fmt: skip


def tables(name):
    first, second, *_ = DEGENERATE[name]
    return np.array(first, dtype=float), np.array(second, dtype=float)


def corners_by_brute_force(payoffs):
    """{policy: labels} of all corners: solve every choice of m tight conditions. ``payoffs`` (m, n)."""
    m, n = payoffs.shape
    conditions = np.vstack([np.eye(m, m + 1), np.hstack([-payoffs.T, np.ones((n, 1))])])  # rows . (x, v) >= 0
    found = {}
    for chosen in itertools.combinations(range(m + n), m):
        system = np.vstack([conditions[list(chosen)], np.append(np.ones(m), 0)])
        if abs(np.linalg.det(system)) < 1e-9:
            continue
        point = np.linalg.solve(system, np.append(np.zeros(m), 1))
        slack = conditions @ point
        if slack.min() > -1e-9:
            found[tuple(point[:m].round(9) + 0.0)] = frozenset(np.flatnonzero(slack < 1e-9).tolist())
    return found


def equilibria_by_brute_force(first, second):
    """All pairs of corners with all labels, sorted, each a tuple of m + n probabilities."""
    m, n = first.shape
    theirs = {
        y: {label + m if label < n else label - n for label in labels}
        for y, labels in corners_by_brute_force(first.T).items()
    }
    return sorted(
        x + y
        for x, ours in corners_by_brute_force(second).items()
        for y, labels in theirs.items()
        if len(ours | labels) == m + n
    )


def nash_subsets_by_brute_force(found, most=11):
    """Maximal Nash subsets as sorted positions: for any choice of policies of one agent, all that go with all of them.

    None if both agents have more than ``most`` policies to choose from.
    """
    pairs = [tuple(tuple(table[0].round(9) + 0.0) for table in one.policies) for one in found]
    if len({x for x, _ in pairs}) > len({y for _, y in pairs}):
        pairs = [(y, x) for x, y in pairs]
    position = {pair: e for e, pair in enumerate(pairs)}
    partners = {x: {y for own, y in pairs if own == x} for x, _ in pairs}
    if len(partners) > most:
        return None
    subsets = set()
    for size in range(1, len(partners) + 1):
        for chosen in itertools.combinations(partners.values(), size):
            common = set.intersection(*chosen)
            fitting = [x for x, own in partners.items() if common <= own]
            if common:
                subsets.add(tuple(sorted(position[x, y] for x in fitting for y in common)))
    return sorted(subsets)
