"""What all pictures of a world of cells share: axes, cells and walls, and the ways that agents came.

Legend of axes: T moments, N agents, C cells.
"""

from __future__ import annotations

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.path import Path

from marl_edu.games.cells import Cells
from marl_edu.views.base import GRID, LARGE
from marl_edu.views.shapes import fade, in_data, square

WALL = "#4d4d4d"

DISC = 0.27
"""Radius of an agent, in cells."""


def prepare(ax, layout: Cells, title: str) -> None:
    """Axes in cells, row 0 on top, without ticks."""
    ax.set_xlim(-0.54, layout.columns - 0.46)
    ax.set_ylim(layout.rows - 0.46, -0.54)
    ax.set_aspect("equal")
    ax.set_xticks([])
    ax.set_yticks([])
    ax.set_title(title, fontsize=LARGE, parse_math=False)


def draw_ground(ax, layout: Cells) -> list[Path]:
    """Cells and walls; returns the square of every cell, C of them."""
    squares = [square(*layout.place(cell)) for cell in range(layout.n_cells)]
    shades = [WALL if wall else "white" for wall in layout.walls.ravel()]
    in_data(ax, squares, facecolors=shades, edgecolors=GRID, linewidths=0.8)
    return squares


def add_tails(ax) -> LineCollection:
    """Lines for ``show_tails``, above what is drawn so far."""
    return ax.add_collection(LineCollection([], linewidths=2.6, capstyle="round"), autolim=False)


def show_tails(tails: LineCollection, stops: np.ndarray) -> None:
    """The way of each agent, (T, N, 2) rows and columns, the older the paler; side by side, not on one another."""
    n_agents = stops.shape[1]
    beside = 0.14 * (np.arange(n_agents) - (n_agents - 1) / 2)
    fade(tails, (stops + beside[:, np.newaxis])[..., ::-1], 0.75)
