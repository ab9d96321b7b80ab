"""Convex polygons: what lies between points, and the part of it on one side of a line.

Legend of axes: P points, D coordinates.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial import ConvexHull

THIN = 1e-9
"""Width, as a share of the length, below which points count as lying on one line."""


def hull_of(points: np.ndarray) -> np.ndarray:
    """Corners of what lies between points (P, 2), anticlockwise: one, the two ends of a line, or more.

    >>> hull_of(np.array([[0.0, 0.0], [1.0, 1.0], [0.5, 0.5]])).tolist()
    [[0.0, 0.0], [1.0, 1.0]]
    >>> len(hull_of(np.array([[0.0, 0], [1, 0], [0, 1], [0.2, 0.2]])))
    3
    """
    points = np.asarray(points, dtype=float)
    middle = points.mean(axis=0)
    _, sizes, axes = np.linalg.svd(points - middle, full_matrices=False)
    size = np.abs(points).max()
    if sizes[0] <= 1e-12 * max(size, 1e-300):
        return points[:1]
    if len(sizes) < 2 or sizes[1] <= THIN * sizes[0]:
        along = (points - middle) @ axes[0]
        return points[sorted([along.argmin(), along.argmax()])]
    return points[ConvexHull(points / size).vertices]


def cut(corners: np.ndarray, side: np.ndarray) -> np.ndarray:
    """The part of a convex polygon, (P, D), in which the inner product with ``side`` (D,) is not negative.

    Source: I. Sutherland & G. Hodgman, "Reentrant polygon clipping", CACM 17 (1974).

    >>> cut(np.array([[0.0, 1.0], [2.0, 1.0], [2.0, 3.0]]), np.array([1.0, -1.0])).tolist()
    [[1.0, 1.0], [2.0, 1.0], [2.0, 2.0]]
    """
    kept = []
    for here, after in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        now, then = here @ side, after @ side
        if now >= 0:
            kept.append(here)
        if now * then < 0:
            kept.append(here + (after - here) * now / (now - then))
    return np.reshape(kept, (-1, corners.shape[1]))


def area(corners: np.ndarray) -> float:
    """Area of a polygon (P, 2).

    >>> area(np.array([[0, 0], [2, 0], [2, 1], [0, 1]]))
    2.0
    """
    x, y = corners.T
    return abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2
