"""What two agents can be paid: joint play as a region of the plane, with equilibria, Pareto front and minimax values.

Across is the payoff of agent 1, upwards that of agent 2. Axes keep their limits, and numbers are drawn as shapes, so
that other payoffs need no new layout.

Legend of axes: T moments, K seeds, P corners.
"""

from __future__ import annotations

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.path import Path
from matplotlib.ticker import MaxNLocator

from marl_edu.games import checks
from marl_edu.games.colours import INK, agent_colour
from marl_edu.recording import Recording
from marl_edu.views.base import LARGE, SMALL, in_words
from marl_edu.views.feasible import Region, region_of, round_box, within
from marl_edu.views.placed import Placed, beside, in_points
from marl_edu.views.plane import AVERAGE_DASHES, DIAMOND, DISC, EQUILIBRIUM
from marl_edu.views.shapes import afloat, glyphs, shortened, square
from marl_edu.views.steady import SteadyView
from marl_edu.views.strategies import answers_to, as_one_line, initials, names, runs, tables_in_force

POSSIBLE, RATIONAL = "#e8e8e8", "#c4c4c4"
"""Tints of what can be paid, and of the part that is individually rational."""

MARGINS, TICK_ROOM = (14, 18, 20, 18), (18, 31)
"""Points around the region, left, right, below and above; and room for numbers below the axis and beside it."""

DIGIT = 0.73
"""Height of a digit over the size of its font."""

REACH = (4.0, 6.5)
"""Half the width of a square and of a diamond, in points."""

LABELLED = 4
"""Most pure joint actions that are named."""


class PayoffRegion(SteadyView):
    """The payoffs that joint play can give, with equilibria, Pareto front, minimax values, and the runs' averages.

    Pale: what is possible; darker: the part that pays each agent at least its minimax value, a line in its colour.
    Squares are pure joint actions, named by initials where there are four. The thick line is the Pareto front: nobody
    can be paid more without another being paid less. Diamonds are equilibria; dashed lines are the payoffs of the runs
    (at most 40), averaged over time up to the shown moment, ending in hollow discs.

    Parameters
    ----------
    quantity : str
        Name of an array (K, 2) in the frames.
    title : str, optional
        In place of "Payoffs".

    Raises
    ------
    ValueError
        When drawing: if the recording is not one of two agents in one state, or holds no such array.

    Examples
    --------
    >>> PayoffRegion().title
    'Payoffs'
    """

    title = "Payoffs"

    def __init__(self, quantity: str = "average_payoffs", *, title: str | None = None):
        self.quantity = checks.text("PayoffRegion: quantity", quantity)
        self.heading = self._words("title", title)

    def region(self, recording: Recording, t: int = -1) -> Region:
        """What the payoffs in force at moment ``t`` make possible."""
        return region_of(tables_in_force(recording, self._moment(recording, t), "PayoffRegion"))

    def ways(self, recording: Recording, t: int) -> np.ndarray:
        """The runs' payoffs up to moment ``t``, (T, K, 2)."""
        found = runs(recording, self.quantity, t, "PayoffRegion")
        if found.ndim != 3 or found.shape[2] != 2:
            shape = recording[t][self.quantity].shape
            raise ValueError(f"PayoffRegion: {self.quantity!r} has shape {shape} in a frame; expected (seeds, 2)")
        return found

    def decorate(self, ax, recording: Recording) -> dict:
        """Labels, the legend, and empty artists."""
        tables_in_force(recording, 0, "PayoffRegion")
        self.ways(recording, 0)
        ax.set_title(self.heading or self.title, fontsize=LARGE, parse_math=False)
        for i, axis in enumerate((ax.xaxis, ax.yaxis)):
            axis.set_label_text("payoff", fontsize=SMALL, color=agent_colour(i), parse_math=False)
        ax.set(xticks=[], yticks=[])
        ax.xaxis.labelpad, ax.yaxis.labelpad = TICK_ROOM  # ticks are drawn by hand: they move with the payoffs
        ax.spines[:].set_visible(False)
        ax.autoscale(False)
        areas = {name: PolyCollection([], facecolors=tint, edgecolors=tint, linewidths=1.5)
                 for name, tint in (("possible", POSSIBLE), ("rational", RATIONAL))}  # fmt: skip
        artists = {name: ax.add_collection(area, autolim=False) for name, area in areas.items()}
        artists["minimax"] = ax.add_collection(
            LineCollection([], colors=[agent_colour(0), agent_colour(1)], linewidths=1.4), autolim=False
        )
        artists["front"] = ax.add_line(Line2D([], [], color=INK, linewidth=3, clip_on=False, marker="o", markersize=3))
        average = {"color": INK, "linewidth": 1.0, "linestyle": AVERAGE_DASHES}
        artists["ways"] = ax.add_line(Line2D([], [], clip_on=False, **average))
        artists["pure"] = afloat(ax, [square(0, 0)], 7.0, [INK], edge=1.0)
        artists["name rims"] = afloat(ax, [], 1.0, ["white"], edge=2.5)
        artists["names"] = afloat(ax, [], 1.0, [INK])
        artists["heads"] = afloat(ax, [DISC], 7.5, ["white"], edge=1.2)
        artists["equilibria"] = afloat(ax, [DIAMOND], 11.0, [EQUILIBRIUM], edge=1.2)
        for name in ("heads", "equilibria"):
            artists[name].set_edgecolor(INK)
        for i in (0, 1):
            artists[f"ticks {i}"] = afloat(ax, [], 1.0, [INK])
        for name in ("names", "name rims", "ticks 0", "ticks 1"):
            artists[name].set_snap(False)  # the bars of an H would all become equally thick
        artists["axis lines"] = ax.add_collection(LineCollection([], colors=INK, linewidths=0.8), autolim=False)
        artists["axis lines"].set_clip_on(False)
        artists["placed"] = Placed(ax, MARGINS, self._entries(average), stretched=True)
        artists["known"] = {}
        return artists

    def _entries(self, average: dict) -> list:
        lines = tuple(Line2D([], [], color=agent_colour(i), linewidth=1.4) for i in (0, 1))
        disc = {"marker": "o", "markersize": 6, "markerfacecolor": "white", "markeredgecolor": INK}
        words = "average so far" if self.quantity == "average_payoffs" else self.quantity.replace("_", " ")
        diamond = {"marker": "D", "markersize": 7.5, "markeredgecolor": INK, "linestyle": "none"}
        return [
            (Patch(color=POSSIBLE), "possible", "possible"),
            (Patch(color=RATIONAL), "individually rational", "ind. rational"),
            (lines, "minimax values", "minimax"),
            (Line2D([], [], color=INK, linewidth=3), "Pareto front", "Pareto front"),
            (Line2D([], [], **average, **disc), words, "average"),
            (Line2D([], [], color=EQUILIBRIUM, **diamond), "Nash equilibrium", "equilibrium"),
        ]

    def update(self, ax, artists: dict, recording: Recording, t: int) -> None:
        """Redraw the region where the payoffs have changed, and let the runs' averages grow."""
        known, tables = artists["known"], tables_in_force(recording, t, "PayoffRegion")
        ways = self.ways(recording, t)
        if known.get("tables") != tables.tobytes():
            known["tables"], known["region"] = tables.tobytes(), region_of(tables)
        region = known["region"]
        box = round_box(np.concatenate([region.pure, ways.reshape(-1, 2)]))
        resized = artists["placed"].fit((0, 0, 1, 1))
        if resized:
            agents, _ = names(recording, tables)
            for axis, agent, room in zip((ax.xaxis, ax.yaxis), agents, in_points(ax), strict=True):
                axis.set_label_text(shortened(f"payoff of {agent}", SMALL, room))
        if resized or known.get("drawn") != (known["tables"], box):
            known["drawn"] = (known["tables"], box)
            self._show_axes(artists, box)
            self._show(artists, region, recording, tables, box)
        ways = within(box, ways)
        artists["ways"].set_data(*as_one_line(ways).T)
        artists["heads"].set_offsets(np.ma.masked_invalid(ways[-1]))

    def _show_axes(self, artists: dict, box) -> None:
        """Axis lines at the lower and left edge of the axes, with ticks and numbers outside."""
        scale = np.array(artists["placed"].scale)
        edge = -np.array([MARGINS[0], MARGINS[2]]) / scale
        lines = []
        for i in (0, 1):
            low, high = box[i], box[2 + i]
            ticks = MaxNLocator(4, steps=[1, 2, 5, 10]).tick_values(low, high)
            ticks = ticks[(ticks >= low - 1e-9 * (high - low)) & (ticks <= high + 1e-9 * (high - low))]
            words = [f"{round(tick, 9):g}".replace("-", "\N{MINUS SIGN}") for tick in ticks]
            ends = np.array([[0.0, 0.0], [1.0, 1.0]])
            places = np.column_stack([(ticks - low) / (high - low)] * 2)
            ends[:, 1 - i] = places[:, 1 - i] = edge[1 - i]
            out = places.copy()
            out[:, 1 - i] -= 3 / scale[1 - i]
            lines += [ends, *np.stack([places, out], axis=1)]
            paths = [glyphs(word, DIGIT * SMALL, "normal") for word in words]
            aside = (
                [-6 - np.ptp(path.vertices[:, 0]) / 2 for path in paths] if i else [-6 - DIGIT * SMALL / 2] * len(paths)
            )
            shifts = [(by, 0) if i else (0, by) for by in aside]
            paths = [Path(path.vertices + by, path.codes) for path, by in zip(paths, shifts, strict=True)]
            artists[f"ticks {i}"].set_paths(paths)
            artists[f"ticks {i}"].set_offsets(places)
        artists["axis lines"].set_segments(lines)

    def _show(self, artists: dict, region: Region, recording: Recording, tables: np.ndarray, box) -> None:
        artists["possible"].set_verts([within(box, region.possible)])
        artists["rational"].set_verts([within(box, region.rational)] if len(region.rational) else [])
        (first, second), inside = region.minimax, within(box, region.pure)
        lines = np.array([[(first, box[1]), (first, box[3])], [(box[0], second), (box[2], second)]])
        artists["minimax"].set_segments(within(box, lines))
        artists["front"].set_data(*within(box, region.front).T)
        artists["pure"].set_offsets(inside)
        equilibria = within(box, answers_to(recording, tables).payoffs)
        artists["equilibria"].set_offsets(equilibria)
        paths, places = self._names(artists["placed"].scale, inside, equilibria, recording, tables)
        for name in ("name rims", "names"):
            artists[name].set_paths(paths)
            artists[name].set_offsets(places)

    def _names(self, scale, pure: np.ndarray, equilibria: np.ndarray, recording: Recording, tables) -> tuple:
        """Names of the pure joint actions beside their squares, as outlines and places; one where several coincide."""
        if len(pure) > LABELLED:
            return [], np.zeros((0, 2))
        _, actions = names(recording, tables)
        shorts = [initials(names_of) for names_of in actions]
        words: dict[tuple, list[str]] = {}
        places: dict[tuple, np.ndarray] = {}
        for (a, b), place in zip(np.ndindex(tables.shape[1:]), pure, strict=True):
            about = tuple(np.round(place * scale / 8))
            places.setdefault(about, place)
            words.setdefault(about, []).append(f"{shorts[0][a]}{shorts[1][b]}")
        middle, paths = pure.mean(axis=0) * scale, []
        taken = np.concatenate([pure, equilibria]) * scale
        left, right, bottom, top = MARGINS
        room = (4 - left, 4 - bottom, scale[0] + right - 1, scale[1] + top - 1)
        halves = np.repeat(REACH, [len(pure), len(equilibria)])[:, np.newaxis].repeat(2, axis=1)
        for place, named in zip(places.values(), words.values(), strict=True):
            outline = glyphs(" ".join(named), 7.0)
            low, high = outline.vertices.min(axis=0), outline.vertices.max(axis=0)
            half = (high - low) / 2
            centre = beside(place * scale, half, middle, taken, halves, room)
            taken, halves = np.vstack([taken, centre]), np.vstack([halves, half + 1])
            paths.append(Path(outline.vertices - low - half + centre - place * scale, outline.codes))
        return paths, np.array(list(places.values()))

    def alt_text(self, recording: Recording, t: int = -1) -> str:
        """The averages of the runs, minimax values, the ends of the Pareto front, and the equilibria."""
        t = self._moment(recording, t)
        tables = tables_in_force(recording, t, "PayoffRegion")
        region, last = region_of(tables), self.ways(recording, t)[-1]
        agents, _ = names(recording, tables)
        paid = " and ".join(f"{agents[i]} {in_words(float(last[:, i].mean()))}" for i in (0, 1))
        count = recording[t][self.quantity].shape[0]
        held = " and ".join(in_words(float(value)) for value in region.minimax)
        front = "; ".join(", ".join(in_words(float(value)) for value in corner) for corner in region.front)
        pays = "; ".join(", ".join(map(in_words, each)) for each in answers_to(recording, tables).payoffs.tolist())
        return (
            f"{self.quantity.replace('_', ' ').capitalize()} {self._at(recording, t)} ({_runs(count)}): {paid}. "
            f"Minimax values {held}; corners of the Pareto front {front}; equilibria pay {pays}."
        )


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"mean of {count} runs"
