"""Curves along a field of velocities in a convex plane, evenly spread, each with an arrow head in its middle.

From every seed the field is followed forwards and backwards, all seeds at once. Curves are then taken one after the
other: from a seed that no curve taken before is near, and as far as there is room. The order is always the same, so
that the picture moves little when the field does.

Legend of axes: G seeds, 2 G ways (forwards, then backwards), S steps, F points along a way, C corners, P points.

Source: B. Jobard & W. Lefer, "Creating evenly-spaced streamlines of arbitrary density", Eurographics workshop on
visualization in scientific computing 1997; unlike there, seeds stand on a grid, for a curve then depends on few others.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

STEP, STEPS, PARTS = 0.06, 34, 5
"""Length of a step as a share of the width of the plane, steps each way, and parts into which a step is drawn."""

NEARER = 0.5
"""How near curves may come to each other, as a share of how far apart they begin."""

REST = 1e-3
"""Share of the largest speed below which the field counts as at rest."""

SHORTEST = 1.2
"""Length over the distance of curves from which on a curve is drawn."""

LOOP = 1.5 * np.pi
"""A curve that turns by less than this does not come back to itself."""


COARSE = 3
"""Only each third point is asked whether a curve comes near itself: there are pairs of points in it."""


class Streamline(NamedTuple):
    """Points (P, 2) in the direction of the field, and the mean speed there, in the field's own units."""

    points: np.ndarray
    speed: float


class Ways(NamedTuple):
    """Both ways from each seed: points (F, 2 G, 2), how many are good, mean speeds and turns per way, (2 G,) each."""

    points: np.ndarray
    good: np.ndarray
    speed: np.ndarray
    turn: np.ndarray


def streamlines(drive, seeds: np.ndarray, corners: np.ndarray, apart: float) -> list[Streamline]:
    """Curves along a field, evenly spread.

    Parameters
    ----------
    drive : callable
        ``drive(points)``, with points (G, 2), gives velocities (G, 2). Also asked a step outside of the plane.
    seeds : array (G, 2)
        Where curves may begin.
    corners : array (C, 2)
        Of the plane, which is convex, anticlockwise.
    apart : float
        How far a curve begins from all others, in the units of the points; it may come half as near.

    Returns
    -------
    list of Streamline
        All in the plane. They end at its edge, where the field rests or turns back, and near other curves; one that
        comes back to itself is closed: its last point is its first. None if the field is nowhere faster than 0.

    Examples
    --------
    A field that turns around the middle of a square:

    >>> square = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    >>> seeds = np.array([[0.5, 0.8], [0.5, 0.81], [0.7, 0.5]])
    >>> around = lambda points: (points - 0.5) @ np.array([[0, 1], [-1, 0]])
    >>> lines = streamlines(around, seeds, square, apart=0.08)
    >>> [bool((line.points[0] == line.points[-1]).all()) for line in lines]
    [True, True]
    >>> float(np.hypot(*(lines[0].points - 0.5).T).round(3).min())
    0.3
    """
    ways = _follow(drive, seeds, STEP * np.ptp(corners[:, 0]), corners)
    n_seeds, lines = len(seeds), []
    if not ways.good.any():
        return lines
    room = _Room(ways.points, corners, NEARER * apart)
    free = np.ones(n_seeds, dtype=bool)
    for g in np.argsort(np.arange(n_seeds) * 0.6180339887 % 1):  # neighbours follow each other late
        if not free[g]:
            continue
        ahead, behind = (room.up_to(way, ways.good[way]) for way in (g, n_seeds + g))
        here, there = ways.points[:ahead, g], ways.points[:behind, n_seeds + g]
        if ways.turn[g] + ways.turn[n_seeds + g] > LOOP:
            here, there = _without_return(here, there, NEARER * apart)
        points = np.concatenate([there[:0:-1], here])
        if len(points) < 2 or np.hypot(*np.diff(points, axis=0).T).sum() < SHORTEST * apart:
            continue
        room.take(points)
        away = seeds[:, np.newaxis] - points[::PARTS]
        free &= ((away**2).sum(axis=-1) > apart**2).all(axis=1)
        lines.append(Streamline(points, float(ways.speed[[g, n_seeds + g]].mean())))
    return lines


def heads(lines: list[Streamline], length: float) -> np.ndarray:
    """Triangles (lines, 3, 2) in the middles of curves, this long, pointing along them.

    >>> heads([Streamline(np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]]), 1.0)], 0.2).round(2).tolist()
    [[[1.1, 0.0], [0.9, 0.08], [0.9, -0.08]]]
    """
    middles = np.array([line.points[len(line.points) // 2] for line in lines]).reshape(-1, 2)
    before = np.array([line.points[len(line.points) // 2 - 1] for line in lines]).reshape(-1, 2)
    along = middles - before
    along *= length / 2 / np.maximum(np.hypot(*along.T), 1e-300)[:, np.newaxis]
    aside = 0.8 * along[:, ::-1] * (-1, 1)
    return np.stack([middles + along, middles - along + aside, middles - along - aside], axis=1)


def _follow(drive, seeds: np.ndarray, step: float, corners: np.ndarray) -> Ways:
    """Follow a field from all seeds: classical Runge-Kutta steps (RK4) of one length, along unit directions."""
    signs = np.repeat([1.0, -1.0], len(seeds))[:, np.newaxis]

    def heading(at):
        velocity = drive(at) * signs
        speed = np.sqrt(velocity[:, 0] ** 2 + velocity[:, 1] ** 2)
        return velocity / np.maximum(speed, 1e-300)[:, np.newaxis], speed

    place = np.concatenate([seeds, seeds]).astype(float)
    places, headings, speeds = [], [], []
    for _ in range(STEPS):
        first, speed = heading(place)
        places.append(place)
        headings.append(first)
        speeds.append(speed)
        second = heading(place + step / 2 * first)[0]
        third = heading(place + step / 2 * second)[0]
        last = heading(place + step * third)[0]
        place = place + step / 6 * (first + 2 * (second + third) + last)
    places, headings, speeds = np.array(places), np.array(headings), np.array(speeds)

    onward = (headings[1:] * headings[:-1]).sum(axis=-1)  # cosine of each turn
    moving = speeds > REST * speeds.max() if speeds.max() > 1e-300 else np.zeros_like(speeds, bool)
    passed = ((places[1:] - places[:-1]) ** 2).sum(axis=-1) > (step / 2) ** 2  # else its four headings differed much
    going = moving & np.concatenate([np.ones((1, len(place)), dtype=bool), (onward > 0) & passed])
    steps = np.logical_and.accumulate(going).sum(axis=0)
    until = np.arange(STEPS)[:, np.newaxis] < steps
    turn = (np.arccos(np.clip(onward, -1, 1)) * until[1:]).sum(axis=0)
    points = _rounded(places, headings)
    good = _cut(points, np.where(steps > 0, PARTS * (steps - 1) + 1, 0), corners)
    return Ways(points, good, (speeds * until).sum(axis=0) / np.maximum(steps, 1), turn)


def _rounded(places: np.ndarray, headings: np.ndarray) -> np.ndarray:
    """Points between those of each step, (S, 2 G, 2) -> (F, 2 G, 2), on cubics with the given headings (Hermite)."""
    chord = np.diff(places, axis=0)
    length = np.sqrt((chord**2).sum(axis=-1, keepdims=True))
    parts = []
    for share in np.arange(PARTS) / PARTS:
        rise, out, back = share**2 * (3 - 2 * share), share * (1 - share) ** 2, share**2 * (share - 1)
        parts.append(places[:-1] + rise * chord + length * (out * headings[:-1] + back * headings[1:]))
    inner = np.stack(parts, axis=1).reshape(-1, *places.shape[1:])
    return np.concatenate([inner, places[-1:]])


def _cut(points: np.ndarray, good: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """How many points of each way are in the plane; where one leaves it, that point is put on the edge, in place."""
    normals = (np.roll(corners, -1, axis=0) - corners)[:, ::-1] * (-1, 1)
    outside = np.zeros(points.shape[:2], dtype=bool)
    for corner, (across, up) in zip(corners, normals, strict=True):
        outside |= points[..., 0] * across + points[..., 1] * up < corner[0] * across + corner[1] * up
    outside &= np.arange(len(points))[:, np.newaxis] < good
    (leaving,) = np.nonzero(outside.any(axis=0) & ~outside[0])
    at = outside[:, leaving].argmax(axis=0)
    before, after = points[at - 1, leaving], points[at, leaving]
    deep = [each @ normals.T - (corners * normals).sum(axis=1) for each in (before, after)]
    crossed = np.where(deep[1] < 0, deep[0] / np.where(deep[1] < 0, deep[0] - deep[1], 1.0), 1.0).min(axis=1)
    points[at, leaving] = before + crossed[:, np.newaxis] * (after - before)
    good = np.where(outside[0], 0, good)
    good[leaving] = at + 1
    return good


def _without_return(here: np.ndarray, there: np.ndarray, near: float) -> tuple[np.ndarray, np.ndarray]:
    """Both ways from a seed up to where the curve comes near itself; closed, if it comes back to where it was."""
    some_here, some_there = here[::COARSE], there[::COARSE]
    points = np.concatenate([some_there[:0:-1], some_here])
    order = np.arange(len(points)) - (len(some_there) - 1)
    gaps = np.hypot(*np.diff(points, axis=0).T)
    passed = np.append(0.0, np.cumsum(gaps))
    apart = ((points[:, np.newaxis] - points) ** 2).sum(axis=-1)
    again = (apart < near**2) & (passed[:, np.newaxis] - passed > 1.6 * near)
    if not again.any():
        return here, there
    late, early = np.nonzero(again)
    reach = COARSE * int(np.maximum(np.abs(order[late]), np.abs(order[early])).min())
    last = there[min(reach, len(there) - 1)]
    rest = here[reach:]  # does the way ahead go through the end of the way back?
    away = last - rest
    if len(rest) > 1:
        k = int((away**2).sum(axis=1).argmin())
        along = np.diff(rest[max(k - 1, 0) : k + 2], axis=0).mean(axis=0)
        miss = abs(away[k, 0] * along[1] - away[k, 1] * along[0]) / max(np.hypot(*along), 1e-300)
        if miss < 0.1 * near and np.hypot(*away[k]) < near:
            ahead = here[: reach + k + (away[k] @ along > 0)]
            return np.concatenate([ahead, last[np.newaxis]]), there[: reach + 1]
    return here[:reach], there[:reach]


class _Room:
    """Which cells of a fine grid are near a curve that has been taken."""

    def __init__(self, points: np.ndarray, corners: np.ndarray, near: float):
        self._low, self._cell = corners.min(axis=0) - 2 * near, near / 3
        self._shape = tuple(np.ceil((np.ptp(corners, axis=0) + 4 * near) / self._cell).astype(int) + 1)
        self._taken = np.zeros(self._shape[0] * self._shape[1], dtype=bool)
        self._cells = self._cell_of(points)
        around = np.stack(np.meshgrid(*[np.arange(-3, 4)] * 2), axis=-1).reshape(-1, 2)
        around = around[(around**2).sum(axis=1) <= 9]
        self._disc = around[:, 0] * self._shape[1] + around[:, 1]

    def _cell_of(self, points: np.ndarray) -> np.ndarray:
        cells = ((points - self._low) / self._cell).astype(int)
        np.clip(cells, 3, np.array(self._shape) - 4, out=cells)
        return cells[..., 0] * self._shape[1] + cells[..., 1]

    def up_to(self, way: int, good: int) -> int:
        """How many of the good points of a way come before one that is near a taken curve."""
        taken = self._taken[self._cells[:good, way]]
        return int(taken.argmax()) if taken.any() else int(good)

    def take(self, points: np.ndarray) -> None:
        """Nothing else may come near these."""
        self._taken[self._cell_of(points[::2])[:, np.newaxis] + self._disc] = True
