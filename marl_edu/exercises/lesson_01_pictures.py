"""Lesson 01: what only draws. Each function draws into axes that it is given; what the numbers mean is in the lesson.

Agents have their colours; a way to control them all (a centre, decentralised) is no agent: it has a grey and dashes.

Legend of axes: C cells, A actions.
"""

from __future__ import annotations

import numpy as np

from marl_edu.games.colours import agent_colour
from marl_edu.views import REFERENCE_STYLES, LearningCurve

WAYS = (
    {"color": "#111111", "linestyle": "-", "linewidth": 2.2},
    {"color": "#6f6f6f", "linestyle": (0, (7, 2)), "linewidth": 2.2},
    {"color": "#9a8f7a", "linestyle": (0, (3, 1.5, 1, 1.5)), "linewidth": 2.2},
)
"""Looks of a way to control: a centre first, then less and less central."""

LEVEL = "#444444"


class CurveBeside(LearningCurve):
    """A learning curve with another run beside it from the start, which unpin does not take away.

    Parameters
    ----------
    label : str
        What the other run is called in the legend.
    other : Recording
        The other run.
    **options
        As for ``LearningCurve``.
    """

    def __init__(self, label: str, other, **options):
        self._beside, self._pinned = [(label, other)], []
        super().__init__(**options)

    @property
    def ghosts(self) -> list:
        """The other run, and whatever has been pinned."""
        return [*self._beside, *self._pinned]

    @ghosts.setter
    def ghosts(self, pinned) -> None:
        self._pinned = list(pinned)


def draw_fields(ax, chances, actions, here) -> None:
    """The likeliest action in each cell of a square field, (row, column), and its chance; ``chances`` is (C, A)."""
    side = int(np.sqrt(len(chances)))
    for cell, row in enumerate(np.asarray(chances)):
        y, x = divmod(cell, side)
        name = "all alike" if np.ptp(row) < 1e-9 else actions[int(row.argmax())]
        ax.text(x, y, name, ha="center", va="bottom")
        ax.text(x, y + 0.08, f"{row.max():.2f}", ha="center", va="top")
    ax.plot(here[1], here[0], "s", markersize=52, fillstyle="none", color=agent_colour(0))
    ax.set(xlim=(-0.5, side - 0.5), ylim=(side - 0.5, -0.5), xticks=range(side), yticks=range(side))
    ax.set(xlabel="column", ylabel="row")


def draw_tables(ax, powers: dict, agents: int, limits: dict) -> None:
    """Bytes as powers of ten for 1, 2, ... agents, one line for each way to keep values; a dot at so many agents."""
    many = range(1, 1 + len(next(iter(powers.values()))))
    for look, (way, line) in zip(WAYS, powers.items(), strict=True):
        ax.plot(many, line, label=way, **look)
        ax.plot(agents, line[agents - 1], "o", color=look["color"])
    for name, level in limits.items():
        ax.axhline(level, color="#bbbbbb", linewidth=1, zorder=0)
        ax.text(many[-1], level + 0.4, name, ha="right", fontsize=9, color=LEVEL)
    ax.set(xlabel="agents", ylabel="bytes, as a power of ten")
    ax.set_ylim(0, max(30, 1.2 * max(line[agents - 1] for line in powers.values())))
    ax.legend(loc="upper left", fontsize=9)


def draw_lamps(ax, wins, plans, presses) -> int:
    """The four cases of the two lamps, and what two policies do in each; returns how many are won."""
    won = 0
    for lamp_1, lamp_2 in np.ndindex(2, 2):
        pressed = plans[0][lamp_1], plans[1][lamp_2]
        good = bool(wins[lamp_1, lamp_2, presses.index(pressed[0]), presses.index(pressed[1])])
        won += good
        ax.fill_between([lamp_2, lamp_2 + 1], lamp_1, lamp_1 + 1, color="#d6ecd9" if good else "#f3d3c4", ec="w")
        said = f"{pressed[0]}, {pressed[1]}\n{'won' if good else 'LOST'}"
        ax.text(lamp_2 + 0.5, lamp_1 + 0.5, said, ha="center", va="center")
    ax.set(xlim=(0, 2), ylim=(2, 0), xticks=(0.5, 1.5), yticks=(0.5, 1.5))
    ax.set_xticklabels(["lamp 2 off", "lamp 2 on"])
    ax.set_yticklabels(["lamp 1 off", "lamp 1 on"])
    return won


def draw_race(ax, runs: dict, levels: dict, title: str) -> None:
    """Learning curves with their bands, a centre's among them, beside the levels of the exact answer and chance."""
    for who, recording in runs.items():
        look, band = WAYS["centre" not in who], LearningCurve().bands(recording)
        ax.plot(band.units, band.middle[:, 0], label=who, **look)
        ax.fill_between(band.units, band.low[:, 0], band.high[:, 0], color=look["color"], alpha=0.2, linewidth=0)
    for what, level in levels.items():
        ax.axhline(level, color=LEVEL, linewidth=1.2, linestyle=REFERENCE_STYLES[what], label=what)
    ax.set(title=title, xlabel="environment steps", ylabel="greedy team return")


def draw_payoffs(ax, tables) -> None:
    """What both agents are paid for each joint action, as points with the joint actions' names beside them."""
    there: dict[tuple, list] = {}  # joint actions that pay the same are one point
    for joint in np.ndindex(tables[0].shape):
        there.setdefault(tuple(tables[(slice(None), *joint)]), []).append(f"{joint[0] + 1},{joint[1] + 1}")
    points = np.array(list(there))
    width, height = np.maximum(np.ptp(points, axis=0), 1e-9)
    taken: list[tuple[float, float]] = []
    for x, y in sorted(there, key=lambda point: point[::-1]):
        across, up = (x - points[:, 0].min()) / width, (y - points[:, 1].min()) / height
        lifted = up
        while any(abs(across - a) < 0.3 and abs(lifted - b) < 0.085 for a, b in taken):
            lifted += 0.01
        taken.append((across, lifted))
        ax.plot(x, y, "o", color=LEVEL, markersize=7)
        names = "  ".join(there[x, y][:2]) + (" ..." if len(there[x, y]) > 2 else "")
        side, align = (-1, "right") if across > 0.5 else (1, "left")  # towards the middle, where there is room
        line = {"arrowstyle": "-", "color": "#aaaaaa", "shrinkA": 0, "shrinkB": 3} if lifted > up else None
        ax.annotate(names, (x, y), (side * 9, 150 * (lifted - up)), textcoords="offset points", fontsize=9,
                    ha=align, va="center", arrowprops=line)  # fmt: skip
    ax.margins(0.25)
    ax.set(xlabel="payoff of agent 1", ylabel="payoff of agent 2")
    ax.set_title("joint actions (1st, 2nd action)", fontsize=10)


def draw_places(ax, placed: dict, numbers: dict, now: str) -> None:
    """The map: each game that has been placed as a dot with its number, the present one bold; a key below."""
    labels: dict[tuple, list] = {}  # games near each other share a label, at the first one's place
    for name, (x, y) in placed.items():
        ax.plot(x, y, "o", color="#111111" if name == now else "#8a8a8a", markersize=10 if name == now else 6)
        near = next((spot for spot in labels if abs(spot[0] - x) < 0.12 and abs(spot[1] - y) < 0.08), (x, y))
        labels.setdefault(near, []).append(str(numbers[name]))
    for spot, names in labels.items():
        ax.annotate(", ".join(names), spot, (0, 9), textcoords="offset points", fontsize=9, ha="center")
    key = [f"{numbers[name]}  {name}" for name in placed]
    ax.text(-0.45, 0.72, "\n".join(key), fontsize=8, va="top", color=LEVEL)
    ax.set(xlim=(-1.2, 1.2), ylim=(-0.1, 1.2), xticks=(-1, 0, 1))
    ax.set_xticklabels(["-1\ncompetitive", "0\nmixed", "+1\ncooperative"])
    ax.set_ylabel("in the other's hands")
    ax.set_title("the map", fontsize=10)
