"""Values of states on a gridworld: one agent walks through all cells while the others stand still.

Legend of axes: N agents, S states, R rows, K columns, C cells.
"""

from __future__ import annotations

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.path import Path

from marl_edu.games import checks
from marl_edu.games.colours import INK, agent_colour
from marl_edu.recording import Recording
from marl_edu.views.base import GRID, SMALL, in_figures, in_words
from marl_edu.views.cells import DISC, WALL, prepare
from marl_edu.views.grid import DARKEST, GridWorldView, _rounded
from marl_edu.views.present import seed_index
from marl_edu.views.shapes import glyphs, in_data, number_in

MOST_NUMBERS = 40
"""Cells up to which their values are written in."""

UNKNOWN = "#e4e4e4"
"""Colour of cells in which the agent can't be now."""


class ValueMap(GridWorldView):
    """V(s) for every cell in which one agent could stand, the others being where a chosen state has them.

    The darker a cell, the higher its value; grey cells are occupied. On small maps the values are written in. Frames
    hold ``values`` (1, N, S), one row for each agent, or (1, S), one for the team.

    Parameters
    ----------
    agent : int or str
        Who walks, by number from 0 or by name.
    state : int or str, optional
        Number or name of the state that says where the others are; by default the game's (likeliest) start.
    exact : callable, optional
        ``exact(discount)`` returns the values that the frames approach, of the same shape (without the first axis).
        Then the colours stay what they are through the whole run: they reach from the smallest to the largest exact
        value of a cell that is no goal, 0 included. By default they grow with the values that were seen.
    title : str, optional
        In place of what is worked out.

    Raises
    ------
    ValueError
        When drawing: if the recording carries no gridworld or no ``values``, or there is no such agent or state.
    """

    title = "Values of states"

    def __init__(self, agent: int | str = 0, *, state: int | str | None = None, exact=None, title: str | None = None):
        super().__init__(agent, title=title)
        if exact is not None and not callable(exact):
            raise ValueError(f"ValueMap: exact is {checks.shown(exact)}; expected a function of the discount")
        self.state, self.exact = state, exact
        self._scales: dict[float, tuple[float, float]] = {}

    def decorate(self, ax, recording: Recording) -> dict:
        """Axes without ticks, and the artists from the ground up."""
        game, layout, agent = self._world(recording)
        seed_index(recording, 0, "ValueMap", "values")
        states = self._states(recording)
        whose = "the team" if recording[0]["values"].ndim == 2 and game.n_agents > 1 else game.agents[agent]
        prepare(ax, layout, self.heading or f"Values of states for {whose}")
        ground = np.ones((layout.rows, layout.columns, 3))
        ground[states.reshape(layout.rows, -1) < 0] = to_rgb(UNKNOWN)
        ground[layout.walls] = to_rgb(WALL)
        known = np.flatnonzero(states >= 0)
        written = len(known) <= MOST_NUMBERS
        artists = {"cells": ax.imshow(ground, interpolation="nearest", aspect="equal")}
        ax.spines[:].set_visible(False)
        every = 1 if layout.n_cells <= 400 else max(layout.rows, layout.columns)  # large maps have a frame only
        rows, columns = ({*range(0, n, every), n} for n in (layout.rows, layout.columns))
        lines = [[(-0.5, y - 0.5), (layout.columns - 0.5, y - 0.5)] for y in sorted(rows)]
        lines += [[(x - 0.5, -0.5), (x - 0.5, layout.rows - 0.5)] for x in sorted(columns)]
        artists["lines"] = ax.add_collection(LineCollection(lines, colors=GRID, linewidths=0.8), autolim=False)
        self._mark_goals(ax, artists, layout)
        if written:
            artists["written"] = in_data(ax, [], facecolors=INK, linewidths=0)
        self._mark_others(ax, artists, recording)
        artists["notes"] = {"ground": ground, "known": known, "states": states[known], "range": (np.inf, -np.inf)}
        return artists

    def _mark_others(self, ax, artists: dict, recording: Recording) -> None:
        game, layout, agent = self._world(recording)
        others = [i for i in range(game.n_agents) if i != agent]
        places = [layout.place(layout.positions[self._standing(recording), i]) for i in others]
        colours = [agent_colour(i) for i in others]
        discs = [Path.circle((column, row), DISC) for row, column in places]
        numbers = [number_in(row, column, 0.26, i + 1) for (row, column), i in zip(places, others, strict=True)]
        artists["discs"] = in_data(ax, discs, facecolors=colours or "none", edgecolors="white", linewidths=1.2)
        artists["numbers"] = in_data(ax, numbers, facecolors="white", linewidths=0)

    def update(self, ax, artists: dict, recording: Recording, t: int) -> None:
        """Shade the cells, and write what they are worth."""
        _, layout, agent = self._world(recording)
        notes = artists["notes"]
        values = self._of_agent(recording, t)[notes["states"]]
        low, high = self._scale(recording, t, notes, values)
        if (low, high) != notes["range"]:
            notes["range"] = (low, high)
            levels = f"white {in_figures(low)}, darkest {in_figures(high)}" if high > low else in_figures(low)
            ax.set_xlabel(f"value of a cell: {levels}", fontsize=SMALL)
        share = DARKEST * np.clip((values - low) / ((high - low) or 1.0), 0, 1)
        picture = notes["ground"].copy()
        picture.reshape(-1, 3)[notes["known"]] = 1 - share[:, None] * (1 - np.array(to_rgb(agent_colour(agent))))
        artists["cells"].set_data(picture)
        if "written" in artists:
            paths = [_written(value, *layout.place(c)) for value, c in zip(values, notes["known"], strict=True)]
            artists["written"].set_paths(paths)

    def _scale(self, recording: Recording, t: int, notes: dict, values: np.ndarray) -> tuple[float, float]:
        """The values that are white and darkest."""
        if self.exact is None:
            low, high = notes["range"]
            if values.min() < low or values.max() > high:
                return _rounded(min(values.min(), low), max(values.max(), high))
            return low, high
        discount = recording.hyperparameters(t).get("discount", recording.game.discount)
        if discount not in self._scales:
            _, layout, agent = self._world(recording)
            exact = self._row(np.asarray(self.exact(discount), dtype=float), recording)
            there = exact[notes["states"][~layout.goals[agent, notes["known"]]]]
            self._scales[discount] = min(0.0, float(there.min())), max(0.0, float(there.max()))
        return self._scales[discount]

    def _of_agent(self, recording: Recording, t: int) -> np.ndarray:
        """V of all states for the agent, or for the team, (S,)."""
        return self._row(recording[t]["values"][0], recording)

    def _row(self, values: np.ndarray, recording: Recording) -> np.ndarray:
        return values if values.ndim == 1 else values[self._world(recording)[2]]

    def _standing(self, recording: Recording) -> int:
        """The state that says where the others are."""
        game = recording.game
        if self.state is None:
            return int(np.argmax(game.start))
        if isinstance(self.state, str) and self.state in game.states:
            return game.states.index(self.state)
        if isinstance(self.state, int | np.integer) and 0 <= self.state < game.n_states:
            return int(self.state)
        raise ValueError(f"ValueMap: state is {self.state!r:.60}; expected a name, or a number below {game.n_states}")

    def _states(self, recording: Recording) -> np.ndarray:
        """The state in which the agent is in each cell, (C,), -1 where there is none."""
        _, layout, agent = self._world(recording)
        place = [int(cell) for cell in layout.positions[self._standing(recording)]]
        place[agent] = slice(None)
        return np.asarray(layout.state_at[tuple(place)])

    def alt_text(self, recording: Recording, t: int = -1) -> str:
        """The value where the agent stands, and where the highest and lowest values are."""
        t = self._moment(recording, t)
        game, layout, agent = self._world(recording)
        seed_index(recording, 0, "ValueMap", "values")
        values, states = self._of_agent(recording, t), self._states(recording)
        known = np.flatnonzero(states >= 0)
        there = values[states[known]]

        def spot(cell):
            row, column = layout.place(cell)
            return f"row {row}, column {column}"

        standing = self._standing(recording)
        own = values[standing]
        text = f"{self._at(recording, t)[0].upper()}{self._at(recording, t)[1:]} the state {game.states[standing]!r} "
        text += f"is worth {in_words(own)} to {'the team' if recording[t]['values'].ndim == 2 else game.agents[agent]}"
        best, worst = known[there.argmax()], known[there.argmin()]
        text += f"; of the cells in which {game.agents[agent]} could stand, {spot(best)} is worth most, "
        return text + f"{in_words(there.max())}, and {spot(worst)} least, {in_words(there.min())}."


def _written(value: float, row: int, column: int) -> Path:
    """A value in its cell, as a path."""
    said = f"{value:.1f}" if abs(value) < 9.95 else f"{value:.0f}"
    said = "0" if said in ("0.0", "-0.0") else said.replace("-", "\N{MINUS SIGN}")
    outline = glyphs(said, 0.2 if len(said) < 5 else 0.17)
    return Path(outline.vertices * (1, -1) + (column, row), outline.codes)
