"""One table of joint values of two agents, as it is drawn wherever such tables are: live, side by side, in a panel.

Rows are agent 1's actions, columns agent 2's. Between an agent's actions and the cells stand its own values of them, in
its colour, the highest bold. A bold frame with a corner is round the joint actions that are greedy by these values; a
dashed one round those that are best by the exact numbers, which stand small beneath the others.

Legend of axes: A_1 actions of agent 1 (rows), A_2 actions of agent 2 (columns).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib import colormaps
from matplotlib.path import Path

from marl_edu.games.colours import INK, agent_colour
from marl_edu.views.base import GRID, LARGE, REFERENCE_STYLES, SMALL, in_figures
from marl_edu.views.shapes import afloat, glyphs, in_data, shortened, square, width_of

COLOURS, DARKEST = colormaps["Purples"], 0.5
"""One hue, which no agent has, from white for the lowest value to this shade for the highest: dark letters suit all."""

MUTED = "#4d4d4d"
"""Colour of the exact numbers beneath."""

MARGIN = 0.85
"""Room for the individual values, in cells across and downwards."""

LARGEST = 13
"""Size of the numbers, in points, where there is room."""

DIGIT = 0.73
"""Height of a digit over the size of its font."""

NARROW = 34
"""Room beside the table for names of actions, in points; wider ones are turned."""


@dataclass(frozen=True, eq=False)
class JointCells:
    """What is written into a table.

    Attributes
    ----------
    values : (A_1, A_2) array
        Joint values, in large figures.
    greedy : (A_1, A_2) bool array
        Joint actions with a bold frame.
    own : pair of (A_i,) arrays or None
        Individual values, for the margins; None for a table without margins.
    exact : (A_1, A_2) array or None
        What the values should be, in small figures; None for none.
    best : (A_1, A_2) bool array or None
        Joint actions with a dashed frame.
    """

    values: np.ndarray
    greedy: np.ndarray
    own: tuple[np.ndarray, np.ndarray] | None = None
    exact: np.ndarray | None = None
    best: np.ndarray | None = None

    @property
    def best_own(self) -> tuple[np.ndarray, np.ndarray]:
        """Which of each agent's actions are greedy, (A_i,) bool each."""
        return self.greedy.any(axis=1), self.greedy.any(axis=0)


def decorate(ax, shown: JointCells, agents, actions, title: str) -> dict:
    """Set up empty axes for a table like this one; returns the artists that move, by name."""
    counts = shown.values.shape
    room = 0.0 if shown.own is None else MARGIN
    ax.set_xlim(-0.52 - room, counts[1] - 0.48)
    ax.set_ylim(counts[0] - 0.48 + 0.7 * room, -0.52)
    ax.set_title(title, fontsize=LARGE, parse_math=False)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0, colors=INK)
    wide, high = (length / ax.figure.dpi * 72 / np.ptp(limits) for length, limits in
                  ((ax.bbox.width, ax.get_xlim()), (ax.bbox.height, ax.get_ylim())))  # fmt: skip
    turned = max(width_of(name, SMALL) for name in actions[0]) > NARROW
    rows = {"rotation": 90, "va": "center"} if turned else {}
    for i, (axis, most, how) in enumerate(((ax.yaxis, high if turned else NARROW, rows), (ax.xaxis, wide, {}))):
        names = [shortened(name, SMALL, 0.95 * most) for name in actions[i]]
        axis.set_ticks(range(counts[i]), names, fontsize=SMALL, parse_math=False, **how)
        axis.set_label_text(agents[i], fontsize=SMALL, color=agent_colour(i), weight="bold", parse_math=False)
    cells = list(np.ndindex(*counts))
    artists = {
        "cells": in_data(ax, [square(*cell) for cell in cells], edgecolors=GRID, linewidths=0.8),
        "best": in_data(ax, [], facecolors="none", edgecolors=INK, linewidths=1.3,
                        linestyles=[REFERENCE_STYLES["team optimum"]]),
        "greedy": in_data(ax, [], facecolors="none", edgecolors=INK, linewidths=2.0),
        "corners": in_data(ax, [], facecolors=INK, linewidths=0),
        "values": afloat(ax, [], 1.0, [INK]),
        "exact": afloat(ax, [], 1.0, [MUTED]),
        "own": afloat(ax, [], 1.0, [agent_colour(i) for i, count in enumerate(counts) for _ in range(count)]),
    }  # fmt: skip
    lift = 0.0 if shown.exact is None else 0.17
    artists["values"].set_offsets([(column, row - lift) for row, column in cells])
    artists["exact"].set_offsets([(column, row + 0.27) for row, column in cells])
    artists["own"].set_offsets(
        [(-0.5 - 0.55 * MARGIN, row) for row in range(counts[0])]
        + [(column, counts[0] - 0.5 + 0.4 * MARGIN) for column in range(counts[1])]
    )
    artists["room"] = 0.8 * wide  # bold figures are somewhat wider
    return artists


def update(artists: dict, shown: JointCells) -> None:
    """Show these numbers."""
    cells, room = list(np.ndindex(*shown.values.shape)), artists["room"]
    low, spread = shown.values.min(), np.ptp(shown.values)
    near = 1e-9 * np.abs(shown.values).max()
    artists["cells"].set_facecolor(COLOURS(DARKEST * (shown.values.ravel() - low) / (spread if spread > near else 1.0)))
    artists["values"].set_paths(_outlines(shown.values.ravel(), room, LARGEST, shown.greedy.ravel()))
    if shown.exact is not None:
        artists["exact"].set_paths(_outlines(shown.exact.ravel(), room, SMALL, np.zeros(len(cells), dtype=bool)))
    if shown.own is not None:
        artists["own"].set_paths(_outlines(np.concatenate(shown.own), room, SMALL + 1, np.concatenate(shown.best_own)))
    framed = [cell for cell in cells if shown.greedy[cell]]
    artists["greedy"].set_paths([square(*cell, 0.46) for cell in framed])
    artists["corners"].set_paths(
        [Path([(b - 0.46, a - 0.46), (b - 0.32, a - 0.46), (b - 0.46, a - 0.32)]) for a, b in framed]
    )
    if shown.best is not None:
        artists["best"].set_paths([square(*cell, 0.415) for cell in cells if shown.best[cell]])


def _outlines(numbers, room: float, size: float, bold) -> list[Path]:
    """Numbers that may be ``room`` points wide, all of one size, not above ``size`` and not too small to read."""
    words = [figures(number) for number in numbers]
    if max(width_of(word, SMALL) for word in words) > room:
        words = [in_figures(number) for number in numbers]
    size = max(SMALL, min(size, size * room / max(width_of(word, size) for word in words)))
    return [glyphs(word, DIGIT * size, "bold" if b else "normal") for word, b in zip(words, bold, strict=True)]


def figures(number: float) -> str:
    """Two decimals, so that cells can be compared at a glance; whole numbers and large ones without.

    >>> figures(-1.0449), figures(8.0), figures(-0.001), figures(-123.456)
    ('−1.04', '8', '0.00', '−123')
    """
    if number == int(number) or abs(number) >= 100:
        return in_figures(number)
    return f"{round(number, 2) + 0.0:.2f}".replace("-", "\N{MINUS SIGN}")


def in_words(shown: JointCells, actions) -> str:
    """The cells of a table, in words.

    >>> cells = JointCells(np.array([[1.0, 2.5]]), np.array([[False, True]]), exact=np.array([[1.0, 3.0]]))
    >>> in_words(cells, (["up"], ["left", "right"]))
    '(up, left) 1 (exact 1); (up, right) 2.50 (exact 3, greedy)'
    """
    told = []
    for a, b in np.ndindex(*shown.values.shape):
        notes = [] if shown.exact is None else [f"exact {figures(shown.exact[a, b])}"]
        notes += ["greedy"] * bool(shown.greedy[a, b])
        notes += ["best"] * bool(shown.best is not None and shown.best[a, b])
        words = f"({actions[0][a]}, {actions[1][b]}) {figures(shown.values[a, b])}"
        told.append(words + (f" ({', '.join(notes)})" if notes else ""))
    return "; ".join(told).replace("\N{MINUS SIGN}", "-")
