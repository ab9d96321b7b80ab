"""Equilibria of three agents or more: roots of polynomials, boxed in until none can be missed.

For each choice of supports S_1, ..., S_N, all actions in S_i must pay agent i the same. With two agents these equations
are linear; with N they are *multi-affine*: linear in each agent's probabilities, but products of the others' occur. A
multi-affine function on a product of simplices is a weighted mean of its values in the corners. So from the corners:

1. If an equation, or any combination of equations, has the same sign in all corners of a cell, no root is in the cell.
2. Combine the equations by the inverse of their derivative in the middle, so that this becomes the identity. If at no
   corner it differs from the identity by 1 or more (row sums), there is at most one root, and Newton's method finds it.
3. Otherwise cut the cell in two.

If no cell is left, these were all. In a degenerate game cells are left however small they get, and this is said.

Legend of axes: B cells, N agents, A_i actions of agent i, k_i actions in its support, D equations (sum of k_i - 1). A
cell has for each agent k_i policies, the vertices of a simplex, (B, k_i, k_i); lambda weighs them.

Sources: R. McKelvey & A. McLennan, "Computation of equilibria in finite games", Handbook of Computational Economics 1
(1996), on supports and polynomials; R. Krawczyk, Computing 4 (1969), for step 2.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import numpy as np

from marl_edu.planning.normal_form import gains, payoff_ranges, payoffs_of_actions

NEAR = 1e-9
"""Probabilities and, with payoffs scaled to a range of 1, payoffs that are closer than this count as equal."""

CELLS = 1000
"""Most cells of one support that are looked at side by side."""

SMALLEST = 1e-4
"""Length of edge below which a cell is not cut again."""

PROFILES = 5000
"""Most choices of supports that are tried: 4 x 4 x 4 actions have 3,375."""


@dataclass
class Roots:
    """What was found so far: mixed policies, whether something was degenerate, and why some may be missing.

    Attributes
    ----------
    policies : list of lists of N arrays (A_i,)
        Equilibria in which somebody mixes.
    degenerate : bool
        Whether an action that is not played is a best response somewhere, or a cell could not be settled.
    reason : str
        Why there may be more; empty if there are certainly none.
    """

    policies: list[list[np.ndarray]] = field(default_factory=list)
    degenerate: bool = False
    reason: str = ""


def mixed_roots(tables: np.ndarray) -> Roots:
    """All equilibria of a matrix game in which at least one agent mixes.

    Parameters
    ----------
    tables : (N, A_1, ..., A_N) array
        Payoffs.

    Returns
    -------
    Roots

    Examples
    --------
    Staying at home pays 1; being the only one of three at the bar pays 4, in company 0. All go half of the time, or one
    stays at home and the others go with probability 3/4:

    >>> bar = np.zeros((3, 2, 2, 2))
    >>> bar[0, 1, 0, 0] = bar[1, 0, 1, 0] = bar[2, 0, 0, 1] = 4
    >>> bar[0, 0] = bar[1, :, 0] = bar[2, :, :, 0] = 1
    >>> for found in mixed_roots(bar).policies:
    ...     print([x[1].round(4).item() for x in found])
    [0.0, 0.75, 0.75]
    [0.75, 0.0, 0.75]
    [0.75, 0.75, 0.0]
    [0.5, 0.5, 0.5]
    """
    n_actions = tables.shape[1:]
    scale = np.maximum(payoff_ranges(tables), 1e-300).reshape(-1, *[1] * len(n_actions))
    tables = (tables - tables.reshape(len(tables), -1).mean(axis=1).reshape(scale.shape)) / scale
    roots = Roots()
    if np.prod([2.0**count - 1 for count in n_actions]) > PROFILES:
        roots.reason = "the game is too large to look for policies that mix"
        return roots
    for supports in itertools.product(*map(_subsets, n_actions)):
        if any(len(support) > 1 for support in supports):
            _settle(tables, supports, roots)
    return roots


def _subsets(count: int) -> list[tuple[int, ...]]:
    """All non-empty sets of actions, small ones first."""
    return [chosen for size in range(1, count + 1) for chosen in itertools.combinations(range(count), size)]


def _settle(tables: np.ndarray, supports: tuple[tuple[int, ...], ...], roots: Roots) -> None:
    """Find the equilibria with these supports."""
    equal, worse = [], []
    for agent, support in enumerate(supports):
        others = [range(tables.shape[1 + agent]) if j == agent else s for j, s in enumerate(supports)]
        paid = np.moveaxis(tables[agent][np.ix_(*others)], agent, 0)
        ahead = np.expand_dims(paid - paid[support[0]], 1 + agent)  # what each action pays more, (A_i, k_1, .., 1, ..)
        equal.extend(ahead[a] for a in support[1:])
        worse.extend(ahead[a] for a in range(len(paid)) if a not in support)
    cells = [np.eye(len(support))[None] for support in supports]
    tied = any(np.abs(f).max() <= NEAR for f in equal)  # cutting would never come to an end
    while len(cells[0]):
        cells = _without_hopeless(cells, equal, worse)
        if not len(cells[0]):
            return
        values = np.stack([_in_corners(f, cells, spread=True) for f in equal], axis=1)  # (B, D, k_1, ..., k_N)
        cells, values = _settled(cells, values, tables, supports, roots)
        lengths = np.max([_edges(own).max(axis=(1, 2)) for own in cells], axis=0)
        if len(lengths) > CELLS or (lengths < SMALLEST).any() or (tied and len(lengths)):
            roots.degenerate = True
            roots.reason = "somewhere the conditions have infinitely many solutions, or nearly so"
            return
        cells = _halves(cells)


def _in_corners(function: np.ndarray, cells: list[np.ndarray], spread: bool = False) -> np.ndarray:
    """Values of a multi-affine function, (k_1, ..., k_N), in all corners of the cells, (B, k_1, ..., k_N).

    An axis of length 1 stays so unless ``spread``: the function doesn't depend on that agent.
    """
    found = np.broadcast_to(function, (len(cells[0]), *function.shape))
    for axis, vertices in enumerate(cells, start=1):
        if found.shape[axis] == vertices.shape[1] and function.shape[axis - 1] > 1:
            turned = np.moveaxis(found, axis, -1)
            rows = turned.reshape(len(turned), -1, turned.shape[-1]) @ vertices.swapaxes(1, 2)
            found = np.moveaxis(rows.reshape(turned.shape), -1, axis)
    return np.broadcast_to(found, (len(found), *(own.shape[1] for own in cells))) if spread else found


def _without_hopeless(cells: list[np.ndarray], equal: list, worse: list) -> list[np.ndarray]:
    """Cells in which no single equation has one sign, and no unplayed action is better throughout."""
    for function, must_vanish in [(f, True) for f in equal] + [(f, False) for f in worse]:
        values = _in_corners(function, cells).reshape(len(cells[0]), -1)
        keep = values.min(axis=1) <= NEAR
        if must_vanish:
            keep &= values.max(axis=1) >= -NEAR
        cells = [own[keep] for own in cells]
        if not keep.any():
            break
    return cells


def _settled(cells, values, tables, supports, roots) -> tuple[list[np.ndarray], np.ndarray]:
    """Look for roots where there is at most one; return the cells that are still open, and their values."""
    slopes = _slopes(values)  # (B, D, D, ...): of each equation by each lambda, in all corners
    middle = slopes.reshape(*slopes.shape[:3], -1).mean(axis=-1)
    regular = np.linalg.cond(middle) < 1e10
    inverse = np.zeros_like(middle)
    inverse[regular] = np.linalg.inv(middle[regular])
    combined = np.einsum("bde,be...->bd...", inverse, values).reshape(*values.shape[:2], -1)
    away = (combined.min(axis=-1) > 1e-7) | (combined.max(axis=-1) < -1e-7)  # in units of the cell's own size
    turned = np.einsum("bde,bef...->bdf...", inverse, slopes)
    turned = np.abs(turned.reshape(*slopes.shape[:3], -1) - np.eye(slopes.shape[1])[..., None]).max(axis=-1)
    at_most_one = regular & (turned.sum(axis=-1).max(axis=-1) < 1)
    still_open = ~(regular & away.any(axis=1))
    for b in np.flatnonzero(still_open & at_most_one):
        weights = _newton(values[b])
        if weights is not None:
            still_open[b] = False
            _keep([w @ own[b] for w, own in zip(weights, cells, strict=True)], tables, supports, roots)
    return [own[still_open] for own in cells], values[still_open]


def _slopes(values: np.ndarray) -> np.ndarray:
    """Derivatives by lambda_{i, l} for l >= 1: what vertex l of i gives more than vertex 0, (B, D, D, corners)."""
    found = []
    for axis in range(2, values.ndim):
        first = values.take([0], axis=axis)
        for vertex in range(1, values.shape[axis]):
            slope = values.take([vertex], axis=axis) - first
            found.append(np.broadcast_to(slope, values.shape))
    return np.stack(found, axis=2)


def _newton(values: np.ndarray) -> list[np.ndarray] | None:
    """Weights of a cell's vertices at the root, one vector per agent; None if the root is not in the cell."""
    weights = [np.full(count, 1 / count) for count in values.shape[1:]]
    for _ in range(50):
        residual, columns = _contracted(values, weights), []
        for agent, own in enumerate(weights):
            for vertex in range(1, len(own)):
                step = np.eye(len(own))[vertex] - np.eye(len(own))[0]
                columns.append(_contracted(values, [step if j == agent else w for j, w in enumerate(weights)]))
        try:
            change = np.linalg.solve(np.array(columns).T, residual)
        except np.linalg.LinAlgError:
            return None
        for own in weights:
            moved, change = change[: len(own) - 1], change[len(own) - 1 :]
            own[1:] -= moved
            own[0] += moved.sum()
        if max(np.abs(own).max() for own in weights) > 10:
            return None
    return weights if min(own.min() for own in weights) >= -1e-6 and np.abs(residual).max() <= NEAR else None


def _contracted(values: np.ndarray, weights: list[np.ndarray]) -> np.ndarray:
    """The equations, (D,), at the point that these weights make of the corners."""
    for own in reversed(weights):
        values = values @ own
    return values


def _keep(inside: list[np.ndarray], tables: np.ndarray, supports, roots: Roots) -> None:
    """Put a root in the list if it is an equilibrium, and not there yet."""
    policies = []
    for own, support, count in zip(inside, supports, tables.shape[1:], strict=True):
        policy = np.zeros(count)
        policy[list(support)] = own
        policies.append(policy)
    if min(own.min() for own in inside) < NEAR:  # that is an equilibrium of smaller supports, if at all
        roots.degenerate |= bool(min(own.min() for own in inside) > -NEAR and gains(tables, policies).max() <= NEAR)
        return
    if gains(tables, policies).max() > NEAR:
        return
    for agent, support in enumerate(supports):
        paid = payoffs_of_actions(tables, agent, policies)
        best = np.flatnonzero(paid >= paid.max() - NEAR)
        roots.degenerate |= len(best) > len(support)
    near = (max(np.abs(x - y).max() for x, y in zip(policies, known, strict=True)) for known in roots.policies)
    if all(distance > 1e-7 for distance in near):
        roots.policies.append(policies)


def _edges(vertices: np.ndarray) -> np.ndarray:
    """Lengths between the vertices of simplices, (B, k, k)."""
    return np.abs(vertices[:, :, None] - vertices[:, None]).max(axis=-1)


def _halves(cells: list[np.ndarray]) -> list[np.ndarray]:
    """Cut every cell in two, in the middle of its longest edge."""
    longest = np.argmax([_edges(own).max(axis=(1, 2)) for own in cells], axis=0)  # whose
    lower, upper = [own.copy() for own in cells], [own.copy() for own in cells]
    for agent, own in enumerate(cells):
        b = np.flatnonzero(longest == agent)
        if len(b):
            p, q = np.unravel_index(_edges(own[b]).reshape(len(b), -1).argmax(axis=1), own.shape[1:2] * 2)
            middle = (own[b, p] + own[b, q]) / 2
            lower[agent][b, q] = middle
            upper[agent][b, p] = middle
    return [np.concatenate(both) for both in zip(lower, upper, strict=True)]
