"""Tables of numbers: what each agent expects of each action in one state, and how it plays there.

Legend of axes: K seeds, N agents, A actions (most of any agent).
"""

from __future__ import annotations

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.path import Path

from marl_edu.games import MarkovGame, checks
from marl_edu.games.colours import INK, agent_colour
from marl_edu.recording import Recording
from marl_edu.views.base import GRID, LARGE, SMALL, View, in_figures
from marl_edu.views.present import game_of, greedy, seed_index, state_of
from marl_edu.views.shapes import afloat, glyphs, in_data, square

DARKEST = 0.55
"""Share of the agent's colour in the cell of highest value."""

LARGEST = 13
"""Size of the numbers, in points, where there is room."""

DIGIT = 0.73
"""Height of a digit over the size of its font."""


class ActionTable(View):
    """Base of tables with a row per agent and a column per action, of what they see in one state.

    Greedy actions have a bold frame and a black corner.

    Parameters
    ----------
    state : int, str or None
        By number or name; None for wherever the run stands at each moment (if an episode has just ended: stood
        before its last step).
    seed : int
        Which of the runs to look at.
    title : str, optional
        In place of what is worked out.

    Raises
    ------
    ValueError
        When drawing: if the recording carries no game or no values, or has no such state or seed.
    """

    def __init__(self, state: int | str | None = None, *, seed: int = 0, title: str | None = None):
        self.state, self.seed, self.heading = state, seed, self._words("title", title)

    def numbers(self, recording: Recording, t: int = -1) -> np.ndarray:
        """The table of moment ``t``, (N, A), NaN where an agent has no such action."""
        raise NotImplementedError

    def decorate(self, ax, recording: Recording) -> dict:
        """Names of agents and actions, and an empty table."""
        game = self._game(recording)
        rows, columns = game.n_agents, max(game.n_actions)
        ax.set_xlim(-0.52, columns - 0.48)
        ax.set_ylim(rows - 0.45, -0.55)
        ax.set_yticks(range(rows), [_short(name, 9) for name in game.agents], fontsize=SMALL, parse_math=False)
        alike = len(set(game.actions)) == 1
        each = ax.bbox.width / ax.figure.dpi * 72 / columns
        room = int(each / (0.62 * SMALL))
        names = game.actions[0] if alike else map(str, range(1, columns + 1))
        ax.set_xticks(range(columns), [_short(name, room) for name in names], fontsize=SMALL, parse_math=False)
        ax.tick_params(length=0, colors=INK)
        ax.spines[:].set_visible(False)
        ax.set_title(self.heading or f"{self.title}, seed {self.seed}", fontsize=LARGE, parse_math=False)
        cells = [(i, a) for i in range(rows) for a in range(game.n_actions[i])]
        artists = {
            "cells": in_data(ax, [square(i, a) for i, a in cells], edgecolors=GRID, linewidths=0.8),
            "greedy": in_data(ax, [], facecolors="none", edgecolors=INK, linewidths=2.0),
            "corners": in_data(ax, [], facecolors=INK, linewidths=0),
        }
        artists["numbers"] = afloat(ax, [], 1.0, [INK])
        artists["numbers"].set_offsets([(a, i) for i, a in cells])
        if game.n_states > 1:
            artists["state"] = ax.annotate(
                " ", (0.5, 0), xycoords="axes fraction", xytext=(0, -22), textcoords="offset points",
                ha="center", va="top", fontsize=SMALL, color=INK, parse_math=False,
            )  # fmt: skip
        if not alike:
            names = [glyphs(_short(game.actions[i][a], room), DIGIT * SMALL, "normal") for i, a in cells]
            artists["names"] = afloat(ax, names, 1.0, [INK])
            artists["names"].set_offsets([(a, i + 0.3) for i, a in cells])
        artists["notes"] = cells, DIGIT * min(max(SMALL, each / 3.5), LARGEST)
        return artists

    def update(self, ax, artists: dict, recording: Recording, t: int) -> None:
        """Write the numbers that have changed, shade the cells and frame the greedy ones."""
        game, (cells, digit) = self._game(recording), artists["notes"]
        numbers, best = self.numbers(recording, t), self._greedy(recording, t)
        shares = self._shares(numbers)
        colours, words = [], []
        for i, a in cells:
            colours.append(1 - DARKEST * shares[i, a] * (1 - np.array(to_rgb(agent_colour(i)))))
            words.append(_cell(numbers[i, a]))
        artists["cells"].set_facecolor(colours)
        artists["numbers"].set_paths([glyphs(word, digit, "normal") for word in words])
        framed = [(i, a) for i, a in cells if best[i, a]]
        artists["greedy"].set_paths([square(i, a, 0.46) for i, a in framed])
        artists["corners"].set_paths(
            [Path([(a - 0.46, i - 0.46), (a - 0.3, i - 0.46), (a - 0.46, i - 0.3)]) for i, a in framed]
        )
        if "state" in artists:
            words = _short(f"state: {game.states[self._state(recording, t)]}", 40)
            if artists["state"].get_text() != words:
                artists["state"].set_text(words)

    def alt_text(self, recording: Recording, t: int = -1) -> str:
        """The whole table in words, and which actions are greedy."""
        t = self._moment(recording, t)
        game = self._game(recording)
        numbers, best = self.numbers(recording, t), self._greedy(recording, t)
        rows = []
        for i, names in enumerate(game.actions):
            cells = (f"{n} {_cell(numbers[i, a])}{' (greedy)' if best[i, a] else ''}" for a, n in enumerate(names))
            rows.append(f"{game.agents[i]}: {', '.join(cells)}")
        where = f", in state {game.states[self._state(recording, t)]}" if game.n_states > 1 else ""
        text = f"{self.title} {self._at(recording, t)}, seed {self.seed}{where}: {'; '.join(rows)}."
        return text.replace("\N{MINUS SIGN}", "-")

    def _game(self, recording: Recording) -> MarkovGame:
        who = type(self).__name__
        seed_index(recording, self.seed, who)
        return game_of(recording, who)

    def _state(self, recording: Recording, t: int) -> int:
        game = self._game(recording)
        if self.state is None:
            return state_of(game, recording[t], self.seed)
        return checks.index_of("state", self.state, game.states)

    def _rows(self, recording: Recording, t: int, name: str) -> np.ndarray:
        """One table of the frame at what the agents see, (N, A)."""
        game, frame = self._game(recording), recording[t]
        seen = game.observations[:, self._state(recording, t)]
        return frame.get(name, frame["q"])[self.seed, np.arange(game.n_agents), seen]

    def _greedy(self, recording: Recording, t: int) -> np.ndarray:
        return greedy(self._rows(recording, t, "preferences"))

    def _shares(self, numbers: np.ndarray) -> np.ndarray:
        """How dark each cell is, from 0 to 1, (N, A): by default from this moment's lowest number to its highest."""
        low, high = np.nanmin(numbers), np.nanmax(numbers)
        return np.nan_to_num((numbers - low) / ((high - low) or 1.0))


class QTable(ActionTable):
    """Each agent's values Q^i(o^i, a^i) in one state, the darker the higher. Parameters: see ``ActionTable``."""

    title = "Values Q"

    def numbers(self, recording: Recording, t: int = -1) -> np.ndarray:
        """The values of moment ``t``, (N, A)."""
        t = self._moment(recording, t)
        return self._rows(recording, t, "q")


class PolicyTable(ActionTable):
    """The chance that each agent plays each action in one state, exploration included, the darker the higher.

    Parameters: see ``ActionTable``. Where no exploration was recorded, the greedy policy is shown.
    """

    title = "Policies"

    def numbers(self, recording: Recording, t: int = -1) -> np.ndarray:
        """The probabilities at moment ``t``, (N, A)."""
        t = self._moment(recording, t)
        table, frame = self._rows(recording, t, "preferences"), recording[t]
        exists = np.isfinite(table)
        if recording.hyperparameters(t).get("exploration") == "softmax":
            best = np.nanmax(table, axis=1, keepdims=True)
            chance = np.exp((np.where(exists, table, -np.inf) - best) / frame["temperature"][self.seed])
        else:
            epsilon = frame["epsilon"][self.seed] if "epsilon" in frame else 0.0
            best = greedy(table)
            chance = (1 - epsilon) * best / best.sum(axis=1, keepdims=True) + epsilon / exists.sum(
                axis=1, keepdims=True
            )
        return np.where(exists, chance / chance.sum(axis=1, keepdims=True, where=exists), np.nan)

    def _shares(self, numbers: np.ndarray) -> np.ndarray:
        return np.nan_to_num(numbers)


def _cell(number: float) -> str:
    """Two decimals, so that a column of numbers can be compared at a glance."""
    return f"{number:.2f}".replace("-", "\N{MINUS SIGN}") if abs(number) < 100 else in_figures(number)


def _short(words: str, most: int) -> str:
    return words if len(words) <= most else words[: max(1, most - 1)] + "\N{HORIZONTAL ELLIPSIS}"
