"""All mixed policies of one agent with three actions: a triangle, with the dynamics drawn into it.

A policy x is the point sum_a x_a c_a between the corners c_a, which are the pure actions. The lines in the other
agent's colour divide the triangle by what the other's best response to x is.

Legend of axes: T moments, K seeds, N = 2 agents, A = 3 actions, G arrows.

Source: the picture is that of J. Hofbauer & K. Sigmund, "Evolutionary games and population dynamics", Cambridge
University Press 1998, chapter 7.
"""

from __future__ import annotations

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.path import Path

from marl_edu.games import checks
from marl_edu.games.colours import INK, agent_colour
from marl_edu.recording import Recording
from marl_edu.views.base import SMALL, in_words
from marl_edu.views.plane import StrategyPlane
from marl_edu.views.polygons import area, cut
from marl_edu.views.shapes import afloat, glyphs, in_data, shortened
from marl_edu.views.strategies import answers_to, names, runs

TOP = np.sqrt(3) / 2
CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, TOP]])
"""Where the pure actions are."""

ROWS = 11
"""Rows of arrows."""

INSIDE = 1e-9
"""Least chance of an action where the field is asked."""

DIGIT = 0.73
"""Height of a digit over the size of its font."""


class Simplex(StrategyPlane):
    """One agent's mixed policies of three actions: field, the other's best responses, equilibria, runs, averages.

    Lines in the other agent's colour bound the regions in which that one's best response is the named action. All
    equilibria are diamonds, continua thick lines or areas. Solid lines are the runs (at most 40) up to the shown
    moment, dashed ones the averages of their policies. Arrows point where the field drives play, longer and darker is
    faster; or curves run along it, darker is faster on average. Where the field goes depends on what the other agent
    plays: what it plays at that moment in one run, or the same as this one, if both are one population.

    Parameters
    ----------
    field : callable, optional
        As in ``UnitSquare``.
    agent : int
        Whose policies: 0 or 1.
    against : {'present', 'self'}
        What the other agent plays where arrows are drawn: its policy of the shown moment, or the policy at the arrow.
    seed : int
        In which run it plays so, for ``'present'``.
    settings, flow, play, averages, answers, title
        As in ``UnitSquare``.

    Raises
    ------
    ValueError
        If an argument is none of those above, or, when drawing, if the agent has not three actions, the recording
        holds no ``policies`` (K, N, A), or the field gives something else than velocities.

    Examples
    --------
    >>> Simplex().where(np.array([[1, 0, 0], [0, 0.5, 0.5]])[np.newaxis]).tolist()
    [[0.0, 0.0]]
    """

    title = "Policy"
    size, margins = (1.0, float(TOP)), (9.0, 9.0, 8.0, 9.0)
    spacing = 1 / ROWS
    corners = CORNERS

    def __init__(self, field=None, *, agent: int = 0, against: str = "present", seed: int = 0, settings=None,
                 flow: str = "arrows", play: str = "line", averages: bool = True, answers: bool = True,
                 title: str | None = None):  # fmt: skip
        super().__init__(
            field, settings=settings, flow=flow, play=play, averages=averages, answers=answers, title=title
        )
        self.agent = checks.integer("Simplex: agent", agent, 0, 1)
        self.against = checks.option("Simplex: against", against, ("present", "self"))
        self.seed = checks.integer("Simplex: seed", seed, 0)

    def tables(self, recording: Recording, t: int) -> np.ndarray:
        """The payoffs in force, (2, A_1, A_2); this agent has three actions."""
        tables = super().tables(recording, t)
        if tables.shape[1 + self.agent] != 3:
            found, hint = tables.shape[1 + self.agent], " (a UnitSquare shows two)"
            raise ValueError(f"Simplex: agent {self.agent} has {found} actions; expected three{hint * (found == 2)}")
        if self.against == "self" and tables.shape[1] != tables.shape[2]:
            raise ValueError(f"Simplex: the agents have {tables.shape[1]} and {tables.shape[2]} actions; expected as "
                             "many of both to play against itself")  # fmt: skip
        return tables

    def where(self, policies: np.ndarray) -> np.ndarray:
        """Between the corners, by this agent's policy."""
        return policies[..., self.agent, :3] @ CORNERS

    def places(self) -> np.ndarray:
        """The middles of a triangular lattice's upright cells."""
        parts = np.array([(i, j, ROWS - 1 - i - j) for i in range(ROWS) for j in range(ROWS - i)])
        return (parts + 1 / 3) / ROWS @ CORNERS

    def policies(self, places: np.ndarray, recording: Recording, t: int) -> np.ndarray:
        """The agent's own policy at each place, never quite pure; the other agent's as ``against`` says."""
        top = places[:, 1] / TOP
        own = np.stack([1 - places[:, 0] - top / 2, places[:, 0] - top / 2, top], axis=1)
        own = np.maximum(own, INSIDE)
        own /= own.sum(axis=1, keepdims=True)
        now = recording[t]["policies"]
        policies = np.full((len(own), 2, now.shape[-1]), np.nan)
        if self.against == "self":
            policies[:, :, :3] = own[:, np.newaxis]
            return policies
        seed = checks.integer("Simplex: seed", self.seed, 0, len(now) - 1)
        policies[:, 1 - self.agent] = now[seed, 1 - self.agent]
        policies[:, self.agent, :3] = own
        return policies

    def regions(self, tables: np.ndarray) -> list[np.ndarray]:
        """For each action of the other agent, the corners (P, 3) of the policies to which it is the best response."""
        theirs = tables[1 - self.agent] if self.agent == 0 else tables[0].T  # own action, the other's action
        regions = []
        for b in range(theirs.shape[1]):
            corners = np.eye(3)
            for other in range(theirs.shape[1]):
                if other != b:
                    corners = cut(corners, theirs[:, b] - theirs[:, other])
            regions.append(corners)
        return regions

    def _decorate(self, ax, recording: Recording, artists: dict) -> list:
        agents, _ = names(recording, self.tables(recording, 0))
        ax.set_xticks([])
        ax.set_yticks([])
        in_data(ax, [Path(CORNERS[[0, 1, 2, 0]], closed=True)], facecolors="white", edgecolors=INK, linewidths=0.8)
        looks = {"fontsize": SMALL, "color": agent_colour(self.agent), "parse_math": False, "weight": "bold"}
        ways = [("left", "top", (-7, -7)), ("right", "top", (7, -7)), ("left", "center", (9, 0))]
        looks |= {"textcoords": "offset points", "annotation_clip": False, "zorder": 2.5}
        artists["corners"] = [
            ax.annotate("", place, offset, ha=across, va=up, **looks)
            for place, (across, up, offset) in zip(CORNERS, ways, strict=True)
        ]
        if not self.answers:
            return []
        other = agent_colour(1 - self.agent)
        artists["bounds"] = ax.add_collection(LineCollection([], colors=other, linewidths=1.8), autolim=False)
        artists["label rim"] = afloat(ax, [], 1.0, ["white"], edge=2.5)
        artists["label"] = afloat(ax, [], 1.0, [other])
        sample = Line2D([], [], color=other, linewidth=1.8)
        return [(sample, f"{agents[1 - self.agent]}'s best response", "best response")]

    def _fit_labels(self, ax, artists: dict, recording: Recording) -> None:
        actions = names(recording, self.tables(recording, 0))[1][self.agent]
        room = 0.42 * artists["placed"].scale[0]  # half of the side, for letters that are bold
        for text, name in zip(artists["corners"], actions, strict=True):
            text.set_text(shortened(name, SMALL, room))

    def _show_answers(self, recording: Recording, artists: dict, tables: np.ndarray) -> None:
        theirs = names(recording, tables)[1][1 - self.agent]
        bounds: list = []
        words: list = []
        places: list = []
        for name, corners in zip(theirs, self.regions(tables), strict=True):
            if len(corners) < 3 or area(corners @ CORNERS) < 1e-9:
                continue
            for pair in zip(corners, np.roll(corners, -1, axis=0), strict=True):
                if np.mean(pair, axis=0).min() > 1e-9:  # not along the side of the triangle
                    bounds.append(pair @ CORNERS)
            corners = corners @ CORNERS
            room = artists["placed"].scale[0] * np.ptp(corners[:, 0]) * 0.6
            words.append(glyphs(shortened(name, SMALL, max(room, 12)), DIGIT * SMALL, "normal"))
            places.append(corners.mean(axis=0))
        artists["bounds"].set_segments(bounds)
        for name in ("label rim", "label"):
            artists[name].set_paths(words)
            artists[name].set_offsets(np.reshape(places, (-1, 2)))

    def alt_text(self, recording: Recording, t: int = -1) -> str:
        """The mean policy over runs and of their averages, and the equilibria."""
        t = self._moment(recording, t)
        tables = self.tables(recording, t)
        agents, actions = names(recording, tables)
        said = []
        for array, verb in (("policies", "plays"), ("averages", "has played, over time,")):
            if array == "averages" and (array not in recording[t] or not self.averages):
                continue
            mean = runs(recording, array, t, "Simplex")[-1][:, self.agent, :3].mean(axis=0)
            shares = ", ".join(f"{name} {in_words(x)}" for name, x in zip(actions[self.agent], mean, strict=True))
            said.append(f"{agents[self.agent]} {verb} {shares}")
        count = recording[t]["policies"].shape[0]
        over = f"mean of {count} runs" if count > 1 else "1 run"
        text = f"{self._at(recording, t).capitalize()} ({over}): {'; '.join(said)}."
        return f"{text} {answers_to(recording, tables).words}" if self.answers else text
