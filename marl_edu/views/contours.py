"""A surface over a plane as shades between lines of equal value, without new artists at each change.

Legend of axes: G points along a side, L points of a line, P places, 2 coordinates.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from contourpy import FillType, contour_generator
from matplotlib.path import Path
from matplotlib.ticker import MaxNLocator

EDGE, APART = 12.0, 20.0
"""Points of room that a number on a line needs to the edges of the axes and to everything else."""


def contours(
    across, upwards, surface: np.ndarray, most: int = 7, levels=None
) -> tuple[list[tuple[float, Path]], list[tuple]]:
    """Shades and lines of a surface.

    Parameters
    ----------
    across, upwards : (G,) arrays
        Where its columns and its rows lie, rising.
    surface : (G, G) array
        Its height.
    most : int
        Steps from the lowest to the highest level; levels are round numbers.
    levels : array, optional
        Levels, rising, in place of those: for surfaces that are to be compared. What lies beyond the outermost is not
        shown.

    Returns
    -------
    areas : list of (float, Path)
        How high the area is, from 0 for the lowest to 1 for the highest, and its outline.
    lines : list of (float, (L, 2) array)
        The level, and a line on which the surface has it, in data units.

    Examples
    --------
    >>> side = np.linspace(0, 1, 5)
    >>> areas, lines = contours(side, side, np.add.outer(side, side), 4)
    >>> [level for level, _ in lines], [round(height, 2) for height, _ in areas]
    ([0.5, 1.0, 1.5], [0.0, 0.33, 0.67, 1.0])
    """
    low, high = surface.min(), surface.max()
    levels = MaxNLocator(most).tick_values(low, high) if levels is None else levels
    found = contour_generator(across, upwards, surface, fill_type=FillType.OuterCode)
    steps = len(levels) - 2
    areas = [
        (k / max(steps, 1), Path(corners, codes))
        for k, (below, above) in enumerate(pairwise(levels))
        if below <= high and low <= above
        for corners, codes in zip(*found.filled(below, above), strict=True)
    ]
    inner = [float(f"{level:.9g}") for level in levels if low < level < high]
    return areas, [(level, line) for level in inner for line in found.lines(level)]


def numbered(ax, lines: list[tuple], taken) -> list[tuple[float, np.ndarray]]:
    """Where the number of each line is best put: as far as can be from taken places (P, 2) and from other numbers.

    Lines that have no room for a number are left out. All places are in data units.
    """
    scale = ax.figure.dpi / 72
    low, high = (np.array(corner) / scale for corner in (ax.bbox.min, ax.bbox.max))
    taken = list(ax.transData.transform(taken) / scale)
    found = []
    for level, line in lines:
        points = ax.transData.transform(line) / scale
        inside = (points > low + EDGE).all(axis=1) & (points < high - EDGE).all(axis=1)
        free = np.linalg.norm(points[:, np.newaxis] - np.array(taken), axis=-1).min(axis=1) * inside
        best = free.argmax()
        if free[best] > APART:
            taken.append(points[best])
            found.append((level, line[best]))
    return found
