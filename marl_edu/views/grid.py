"""The gridworld itself: agents on their way, and what one of them has learned about every cell.

Legend of axes: K seeds, N agents, S states, O observations, A actions, R rows, C cells, L trace.
"""

from __future__ import annotations

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.path import Path

from marl_edu.games import MarkovGame
from marl_edu.games.colours import INK, agent_colour
from marl_edu.games.grid_layout import GridLayout
from marl_edu.recording import Recording
from marl_edu.views import cells
from marl_edu.views.base import GRID, SMALL, View, in_figures, in_words, step_up
from marl_edu.views.present import greedy, seed_index, state_of, way_of
from marl_edu.views.shapes import in_data, number_in, square

DARKEST = 0.62
"""Share of the agent's colour in the cell of highest value."""

BADGE = 0.34
"""Side of the mark with the number of the agent whose goal it is, in cells."""


class GridWorldView(View):
    """Agents as numbered discs with the way they came in this episode, and one agent's values and greedy actions.

    A cell is the darker, the higher max_a Q^i(o^i, a) if agent i stood there and the others where they stand now;
    where an episode has just ended, where they stood before its last step. An arrow is drawn for every greedy action,
    a dot (a ring under a disc) for staying. Goals carry the number of their agent.

    Parameters
    ----------
    agent : int, str or None
        Whose values and greedy actions to draw, by number from 0 or by name; None for the world alone.
    seed : int
        Which of the runs to look at.
    title : str, optional
        In place of what is worked out.

    Raises
    ------
    ValueError
        When drawing: if the recording carries no gridworld, or has no such agent or seed.
    """

    title = "World"

    def __init__(self, agent: int | str | None = None, *, seed: int = 0, title: str | None = None):
        self.agent, self.seed, self.heading = agent, seed, self._words("title", title)

    def proportion(self, recording: Recording) -> float:
        """Rows over columns of the map."""
        layout = self._world(recording)[1]
        return layout.rows / layout.columns

    def decorate(self, ax, recording: Recording) -> dict:
        """Walls and frame, and the artists from the ground up."""
        game, layout, agent = self._world(recording)
        seed_index(recording, self.seed, "GridWorldView", "trace" if agent is None else "q")
        cells.prepare(ax, layout, self.heading or self._heading(game, agent))
        squares = cells.draw_ground(ax, layout)
        colours = [agent_colour(i) for i in range(layout.n_agents)]
        free = np.flatnonzero(~layout.walls.ravel())
        artists = {}
        if agent is not None:
            artists["values"] = in_data(ax, [squares[cell] for cell in free], edgecolors=GRID, linewidths=0.8)
        self._mark_goals(ax, artists, layout)
        artists["tails"] = cells.add_tails(ax)
        if agent is not None:
            artists["arrows"] = in_data(ax, [], facecolors=INK, linewidths=0)
        artists["discs"] = in_data(ax, [], facecolors=colours, edgecolors="white", linewidths=1.2)
        artists["numbers"] = in_data(ax, [], facecolors="white", linewidths=0)
        artists["notes"] = {
            "places": np.array([layout.place(cell) for cell in range(layout.n_cells)]),
            "free": free,
            "range": (np.inf, -np.inf),
            "symbols": _symbols(layout),
        }
        return artists

    def _mark_goals(self, ax, artists: dict, layout: GridLayout) -> None:
        """A dark frame in the agent's colour around each of its goals, and its number on a badge in the corner."""
        frames, badges, numbers, shades = [], [], [], []
        for cell in np.flatnonzero(layout.goals.any(axis=0)):
            row, column = layout.place(cell)
            served = np.flatnonzero(layout.goals[:, cell])
            side = min(BADGE, 0.92 / len(served))
            for rank, i in enumerate(served):
                frames.append(square(row, column, 0.46 - 0.07 * rank))
                corner = row - 0.46 + side / 2, column - 0.46 + side * (rank + 0.5)
                badges.append(square(*corner, side / 2))
                numbers.append(number_in(*corner, 0.72 * side, i + 1))
                shades.append(tuple(0.75 * np.array(to_rgb(agent_colour(i)))))
        artists["goals"] = in_data(ax, frames, facecolors="none", edgecolors=shades, linewidths=2.4)
        artists["badges"] = in_data(ax, badges, facecolors=shades, linewidths=0)
        artists["goal numbers"] = in_data(ax, numbers, facecolors="white", linewidths=0)

    def update(self, ax, artists: dict, recording: Recording, t: int) -> None:
        """Move the agents, shade the cells and turn the arrows."""
        game, layout, agent = self._world(recording)
        notes = artists["notes"]
        way = way_of(game, recording[t], self.seed)
        stops = notes["places"][layout.positions[way]].astype(float)
        if agent is not None:
            self._show_values(ax, artists, recording, t, layout.positions[way[-1], agent])
        cells.show_tails(artists["tails"], stops)
        centres = stops[-1] + _apart(layout.positions[way[-1]])
        artists["discs"].set_paths([Path.circle((x, y), cells.DISC) for y, x in centres])
        artists["numbers"].set_paths([number_in(y, x, 0.26, i + 1) for i, (y, x) in enumerate(centres)])

    def _show_values(self, ax, artists: dict, recording: Recording, t: int, own_cell: int) -> None:
        _, layout, agent = self._world(recording)
        notes = artists["notes"]
        values, best = self._on_cells(recording, t)
        free, symbols = notes["free"], notes["symbols"]
        known = np.isfinite(values[free])
        low, high = notes["range"]
        if known.any():
            least, most = values[free][known].min(), values[free][known].max()
            if least < low or most > high:
                low, high = notes["range"] = _rounded(min(least, low), max(most, high))
                levels = f"white {in_figures(low)}, darkest {in_figures(high)}" if high > low else in_figures(low)
                where = "\nothers where they are now" if layout.observe == "full" and layout.n_agents > 1 else ""
                ax.set_xlabel(f"value of a cell: {levels}{where}", fontsize=SMALL)
        share = DARKEST * (values[free] - low) / ((high - low) or 1.0)
        tint = 1 - np.where(known, share, 0)[:, np.newaxis] * (1 - np.array(to_rgb(agent_colour(agent))))
        artists["values"].set_facecolor(tint)
        paths = []
        for cell in free[known & ~layout.goals[agent, free]]:
            signs = symbols[cell]
            paths += [signs[5] if a == 0 and cell == own_cell else signs[a] for a in np.flatnonzero(best[cell])]
        artists["arrows"].set_paths(paths)

    def _on_cells(self, recording: Recording, t: int) -> tuple[np.ndarray, np.ndarray]:
        """What the agent would expect in each cell, (C,), NaN where it can't be, and what is greedy there, (C, A)."""
        game, layout, agent = self._world(recording)
        frame = recording[t]
        state = state_of(game, frame, self.seed)
        seen = layout.observation_on_cells(agent, state)
        n_actions = game.n_actions[agent]
        table = frame["q"][self.seed, agent, :, :n_actions]
        acted_on = frame.get("preferences", frame["q"])[self.seed, agent, :, :n_actions]
        values = np.where(seen >= 0, table[seen].max(axis=-1), np.nan)
        return values, greedy(acted_on[seen]) & (seen >= 0)[:, np.newaxis]

    def alt_text(self, recording: Recording, t: int = -1) -> str:
        """Where everybody is, and what the chosen agent would do there and expects from it."""
        t = self._moment(recording, t)
        game, layout, agent = self._world(recording)
        seed_index(recording, self.seed, "GridWorldView", "trace" if agent is None else "q")
        state = way_of(game, recording[t], self.seed)[-1]
        where = []
        for i, cell in enumerate(layout.positions[state]):
            row, column = layout.place(cell)
            where.append(f"{game.agents[i]} is in row {row}, column {column}")
            where[-1] += " (its goal)" if layout.goals[i, cell] else ""
        text = f"Seed {self.seed} {self._at(recording, t)}: {'; '.join(where)}."
        if agent is None:
            return text
        values, best = self._on_cells(recording, t)
        cell = layout.positions[state_of(game, recording[t], self.seed), agent]
        name, (row, column) = game.agents[agent], layout.place(cell)
        if layout.goals[agent, cell]:
            text += f" {name[0].upper()}{name[1:]} stays at its goal"
        else:
            actions = " or ".join(game.actions[agent][a] for a in np.flatnonzero(best[cell]))
            text += f" The greedy action of {name} in row {row}, column {column} is {actions}"
        text += f", worth {in_words(values[cell])} to it"
        return text + (
            "." if layout.observe == "own position" else "; values are shown with the others where they are."
        )

    def _world(self, recording: Recording) -> tuple[MarkovGame, GridLayout, int | None]:
        game = recording.game
        layout = None if game is None else game.layout
        if not isinstance(layout, GridLayout):
            found = "no game" if game is None else f"the game {game.name!r}, which is no gridworld"
            raise ValueError(
                f"GridWorldView: the recording carries {found}; expected a gridworld "
                "(a recording read from a file gets it by Recording.load(path, game=...))"
            )
        return game, layout, None if self.agent is None else game.agent_index(self.agent)

    def _heading(self, game: MarkovGame, agent: int | None) -> str:
        return f"{'World' if agent is None else f'Values of {game.agents[agent]}'}, seed {self.seed}"


def _symbols(layout: GridLayout) -> list[list[Path]]:
    """For every cell a dot, the arrows of the other actions, and last a ring."""
    arrow = np.array([(-0.035, 0.1), (-0.035, 0.3), (-0.12, 0.3), (0, 0.46), (0.12, 0.3), (0.035, 0.3), (0.035, 0.1)])
    dot = Path.circle((0, 0), 0.08)
    ring = Path.make_compound_path(Path.circle((0, 0), 0.36), Path(Path.circle((0, 0), 0.31).vertices[::-1], dot.codes))
    shapes = [dot]
    for down, right in layout.moves[1:]:
        along, across = np.array([right, down]), np.array([-down, right])
        shapes.append(Path(arrow[:, 1:] * along + arrow[:, :1] * across))
    places = (layout.place(cell)[::-1] for cell in range(layout.n_cells))
    return [[Path(shape.vertices + place, shape.codes) for shape in (*shapes, ring)] for place in places]


def _apart(cells: np.ndarray) -> np.ndarray:
    """Displacement (N, 2) of agents that share a cell, so that all are seen."""
    shift = np.zeros((len(cells), 2))
    for cell in np.unique(cells):
        together = np.flatnonzero(cells == cell)
        if len(together) > 1:
            angle = 2 * np.pi * np.arange(len(together)) / len(together)
            shift[together] = 0.2 * np.column_stack([np.sin(angle), -np.cos(angle)])
    return shift


def _rounded(low: float, high: float) -> tuple[float, float]:
    """Limits a little outside, in round numbers, so that they seldom change."""
    if low == high:
        return low, high
    step = step_up(max(high - low, 0.1 * max(abs(low), abs(high)), 1e-6) / 4)
    return min(low, float(np.floor(low / step) * step)), max(high, float(np.ceil(high / step) * step))
