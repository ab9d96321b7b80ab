"""Foragers in their field: who is where, the way they came in this episode, what food is left, and who sees what.

Legend of axes: K seeds, N agents, S states, C cells, M foods, L trace.
"""

from __future__ import annotations

import numpy as np
from matplotlib.path import Path

from marl_edu.games import MarkovGame, checks
from marl_edu.games.colours import INK, agent_colour
from marl_edu.games.foraging_layout import ForagingLayout
from marl_edu.recording import Recording
from marl_edu.views import cells
from marl_edu.views.base import GRID, PALE, SMALL, View
from marl_edu.views.present import seed_index, way_of
from marl_edu.views.shapes import in_data, number_in

FOOD = "#f6e3a1"
SHADE = "#e9e9e9"
"""Cells out of sight."""

HALF, LETTER = 0.4, 0.26
"""Half the diagonal of a food and the height of its level, in cells; an agent's number is as high."""

BADGE, ASIDE, SMALLER = 0.22, 0.27, 0.2
"""The same of the level of an agent, and how far to the right and down of its middle it is."""


class ForagingView(View):
    """Agents as numbered discs, foods as diamonds that leave a pale outline when they are gone.

    The number in a large diamond is the level of that food, the one in a small diamond the level of that agent. Lines
    show the way of every agent in this episode, the older the paler.

    Parameters
    ----------
    sight : int, str or None
        The agent whose field of view is left white, by number from 0 or by name; what it can't see is grey. None: no
        shading.
    seed : int
        Which of the runs to look at.
    title : str, optional
        In place of what is worked out.

    Raises
    ------
    ValueError
        When drawing: if the recording carries no foraging world, or has no trace, or no such agent or seed.
    """

    title = "World"

    def __init__(self, sight: int | str | None = None, *, seed: int = 0, title: str | None = None):
        self.sight, self.seed, self.heading = sight, seed, self._words("title", title)

    def proportion(self, recording: Recording) -> float:
        """Rows over columns of the field."""
        layout = self._world(recording)[1]
        return layout.rows / layout.columns

    def decorate(self, ax, recording: Recording) -> dict:
        """Cells, walls and the outlines of all foods, and the artists from the ground up."""
        game, layout, agent = self._world(recording)
        cells.prepare(ax, layout, self.heading or self._heading(game, agent))
        ax.set_xlabel("in diamonds: levels", fontsize=SMALL)
        places = [layout.place(cell) for cell in range(layout.n_cells)]
        free = np.flatnonzero(~layout.walls.ravel())
        squares = cells.draw_ground(ax, layout)

        artists = {}
        if agent is not None:
            artists["cells"] = in_data(ax, [squares[cell] for cell in free], edgecolors=GRID, linewidths=0.8)
        diamonds = [_diamond(*places[cell]) for cell in layout.foods]
        artists["places"] = in_data(ax, diamonds, facecolors="none", edgecolors=PALE, linewidths=0.9, linestyles=":")
        artists["foods"] = in_data(ax, [], facecolors=FOOD, edgecolors=INK, linewidths=1.4)
        artists["food levels"] = in_data(ax, [], facecolors=INK, linewidths=0)
        artists["tails"] = cells.add_tails(ax)
        colours = [agent_colour(i) for i in range(layout.n_agents)]
        artists["discs"] = in_data(ax, [], facecolors=colours, edgecolors="white", linewidths=1.2)
        artists["numbers"] = in_data(ax, [], facecolors="white", linewidths=0)
        artists["badges"] = in_data(ax, [], facecolors=FOOD, edgecolors=INK, linewidths=0.9)
        artists["levels"] = in_data(ax, [], facecolors=INK, linewidths=0)
        artists["notes"] = {
            "places": np.array(places, dtype=float),
            "diamonds": diamonds,
            "food levels": [
                number_in(*places[cell], LETTER, level)
                for cell, level in zip(layout.foods, layout.food_levels.tolist(), strict=True)
            ],
            "in sight": np.array([layout.sees(cell)[free] for cell in range(layout.n_cells)])
            if agent is not None
            else None,
        }
        return artists

    def update(self, ax, artists: dict, recording: Recording, t: int) -> None:
        """Move the agents, take away what is gone, and shade what can't be seen."""
        game, layout, agent = self._world(recording)
        notes = artists["notes"]
        way = way_of(game, recording[t], self.seed)
        stops = notes["places"][layout.positions[way]]
        if agent is not None:
            near = notes["in sight"][layout.positions[way[-1], agent]]
            artists["cells"].set_facecolor(np.where(near, "white", SHADE).tolist())
        left = np.flatnonzero(layout.present[way[-1]])
        artists["foods"].set_paths([notes["diamonds"][food] for food in left])
        artists["food levels"].set_paths([notes["food levels"][food] for food in left])
        cells.show_tails(artists["tails"], stops)
        artists["discs"].set_paths([Path.circle((x, y), cells.DISC) for y, x in stops[-1]])
        artists["numbers"].set_paths([number_in(y, x, LETTER, i + 1) for i, (y, x) in enumerate(stops[-1])])
        corners = stops[-1] + ASIDE
        artists["badges"].set_paths([_diamond(y, x, BADGE) for y, x in corners])
        lifts = zip(corners, layout.levels.tolist(), strict=True)
        artists["levels"].set_paths([number_in(y, x, SMALLER, level) for (y, x), level in lifts])

    def alt_text(self, recording: Recording, t: int = -1) -> str:
        """Where everybody is, what food is left, and whom the chosen agent sees."""
        t = self._moment(recording, t)
        game, layout, agent = self._world(recording)
        state = way_of(game, recording[t], self.seed)[-1]
        stands = layout.positions[state]
        told = [
            f"{name} (level {level}) is {_in(layout, cell)}"
            for name, level, cell in zip(game.agents, layout.levels, stands, strict=True)
        ]
        for cell, level, left in zip(layout.foods, layout.food_levels, layout.present[state], strict=True):
            told.append(f"the food of level {level} {_in(layout, cell)} is {'there' if left else 'gone'}")
        text = f"Seed {self.seed} {self._at(recording, t)}: {'; '.join(told)}."
        if agent is not None:
            near = layout.sees(stands[agent])
            seen = [name for i, name in enumerate(game.agents) if i != agent and near[stands[i]]]
            seen += [f"the food {_in(layout, cell)}" for cell in layout.foods[layout.present[state]] if near[cell]]
            name = game.agents[agent]
            text += f" {name[0].upper()}{name[1:]} sees {' and '.join(seen) or 'neither food nor others'}."
        return text

    def _world(self, recording: Recording) -> tuple[MarkovGame, ForagingLayout, int | None]:
        game = recording.game
        layout = None if game is None else game.layout
        if not isinstance(layout, ForagingLayout):
            found = "no game" if game is None else f"the game {game.name!r}, which is no foraging"
            raise ValueError(
                f"ForagingView: the recording carries {found}; expected a game made by foraging() "
                "(a recording read from a file gets it by Recording.load(path, game=...))"
            )
        seed_index(recording, self.seed, "ForagingView", "trace")
        return game, layout, None if self.sight is None else checks.index_of("sight", self.sight, game.agents)

    def _heading(self, game: MarkovGame, agent: int | None) -> str:
        return f"{'World' if agent is None else f'What {game.agents[agent]} sees'}, seed {self.seed}"


def _diamond(row: float, column: float, half: float = HALF) -> Path:
    corners = np.array([(0, -1), (1, 0), (0, 1), (-1, 0), (0, -1)]) * half
    return Path(corners + np.array([column, row]), closed=True)


def _in(layout: ForagingLayout, cell: int) -> str:
    row, column = layout.place(cell)
    return f"in row {row}, column {column}"
