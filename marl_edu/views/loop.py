"""The agent-environment loop as a picture: who sees, does and is paid what, at one moment of a recorded interaction.

Legend of axes: N agents, L the latest turns.
"""

from __future__ import annotations

import numpy as np
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle
from matplotlib.path import Path

from marl_edu.games.colours import INK, agent_colour
from marl_edu.recording import Recording
from marl_edu.views.base import GRID, LARGE, PALE, SMALL, View, in_figures, in_words
from marl_edu.views.present import game_of, seed_index
from marl_edu.views.shapes import afloat

WIDTH, HEIGHT = 10.0, 5.4
AGENTS = (0.05, 1.35)
"""Left and right end of the agents' boxes."""

BAR, WORLD = 5.6, (6.9, 9.95)
"""Where the actions come together, and the ends of the world's box."""

LOW, HIGH = 1.35, 4.95
"""Lower and upper end of all boxes; the trace stands below."""

DIM = "#6b6b6b"
"""What is not of this moment, but must still be read."""

MOMENTS = ("observes", "acts", "the world moves and pays")
SIGNS = "\N{SUPERSCRIPT ONE}", "\N{SUPERSCRIPT TWO}", "\N{SUPERSCRIPT THREE}"


class LoopView(View):
    """One moment of an interaction: observations, actions, rewards, the world, and the latest entries of the trace.

    What happens at this moment is bold and dark; what has happened earlier in this turn stays, pale.

    Parameters
    ----------
    seed : int
        Which run.

    Raises
    ------
    ValueError
        When drawing: if the recording is no interaction of one to three agents in a gridworld.
    """

    title = "The loop"

    def __init__(self, *, seed: int = 0):
        self.seed = seed

    def decorate(self, ax, recording: Recording) -> dict:
        """Boxes, the world's cells, and arrows that have no words yet."""
        game = self._game(recording)
        n, layout = game.n_agents, game.layout
        ax.set_xlim(0, WIDTH)
        ax.set_ylim(0, HEIGHT)
        ax.set_axis_off()
        self._box(ax, *WORLD, LOW, HIGH, INK)
        ax.text(WORLD[0] + 0.1, HIGH - 0.08, "world", color=INK, fontsize=SMALL, weight="bold", ha="left", va="top")
        self._draw_cells(ax, layout)
        artists = {}
        for i in range(n):
            low, high = self._lanes(i, n)
            self._box(ax, *AGENTS, low + 0.06, high - 0.06, agent_colour(i))
            ax.text(np.mean(AGENTS), (low + high) / 2, game.agents[i].replace(" ", "\n"), color=agent_colour(i),
                    fontsize=SMALL, weight="bold", ha="center", va="center", parse_math=False)  # fmt: skip
            for what in ("action", "observation", "reward"):
                artists |= self._arrow(ax, what, i, n)
        if n > 1:
            ax.plot([BAR, BAR], [self._height("action", n - 1, n) - 0.2, HIGH], color=INK, linewidth=3, zorder=2)
            artists["onward"] = self._line(ax, BAR, WORLD[0], self._height("action", 0, n), INK)
            artists["joint"] = ax.text(BAR, HIGH + 0.06, "", color=INK, fontsize=SMALL, ha="center", va="bottom",
                                       parse_math=False)  # fmt: skip
        artists["discs"] = afloat(ax, [Path.circle((0, 0), 0.5)] * n, 15 if layout.rows < 4 else 11,
                                  [agent_colour(i) for i in range(n)])  # fmt: skip
        artists["moment"] = ax.text(0.05, HIGH + 0.02, "", color=INK, fontsize=LARGE, weight="bold", ha="left",
                                    va="bottom")  # fmt: skip
        artists["trace"] = ax.text(0.05, LOW - 0.18, "", color=INK, fontsize=SMALL, family="monospace", ha="left",
                                   va="top", parse_math=False, linespacing=1.4)  # fmt: skip
        return artists

    def update(self, ax, artists: dict, recording: Recording, t: int) -> None:
        """Say what is seen, done and paid; darken what happens now."""
        game, frame = self._game(recording), recording[t]
        moment = int(frame["moment"][self.seed])
        artists["moment"].set_text(f"t = {int(frame['time'][self.seed])}: {self._happens(game, moment)}")
        now = {"observation": moment == 0, "action": moment == 1, "reward": moment == 2}
        said = self._said(game, frame)
        for i in range(game.n_agents):
            for what, here in now.items():
                colour = agent_colour(i)
                known = bool(said[what][i])
                line, word = artists[f"{what} {i}"], artists[f"{what} {i} says"]
                line.set_color(colour if known else GRID)
                line.set_linewidth(3.0 if here else 1.0)
                line.set_alpha(1.0 if here else 0.45)
                word.set_text(f"{self._symbol(what, i, game.n_agents)}{' = ' if known else ''}{said[what][i]}")
                word.set_color(INK if here else DIM)
                word.set_weight("bold" if here else "normal")
        if game.n_agents > 1:
            acted = bool(said["action"][0])
            artists["joint"].set_text(f"joint action a = ({', '.join(said['action'])})" if acted else "joint action")
            artists["joint"].set_color(INK if moment == 1 else DIM)
            artists["onward"].set_color(INK if acted else GRID)
            artists["onward"].set_linewidth(3.0 if moment == 1 else 1.0)
        artists["discs"].set_offsets(self._places(game, int(frame["state"][self.seed])))
        artists["trace"].set_text(self._trace(game, frame))

    def alt_text(self, recording: Recording, t: int = -1) -> str:
        """What everybody sees, does and is paid."""
        t = self._moment(recording, t)
        game, frame = self._game(recording), recording[t]
        said, time, moment = self._said(game, frame), int(frame["time"][self.seed]), int(frame["moment"][self.seed])
        verbs = {"observation": "observes", "action": "does", "reward": "is paid"}
        each = []
        for i, name in enumerate(game.agents):
            parts = [f"{verb} {said[what][i]}" for what, verb in verbs.items() if said[what][i]]
            each.append(f"{name} {', '.join(parts)}")
        earned = " and ".join(in_words(x) for x in frame["earned"][self.seed])
        what = f"The loop at t = {time}, {self._happens(game, moment)}"
        words = f"{what}: {'; '.join(each)}. Earned in this episode: {earned}."
        return words.replace("\N{MINUS SIGN}", "-")

    # ---- what is where ----------------------------------------------------------------------------------------------

    def _lanes(self, i: int, n: int) -> tuple[float, float]:
        each = (HIGH - LOW) / n
        return HIGH - (i + 1) * each, HIGH - i * each

    def _height(self, what: str, i: int, n: int) -> float:
        low, high = self._lanes(i, n)
        share = {"action": 0.72, "observation": 0.43, "reward": 0.14}[what]
        return low + share * (high - low)

    def _arrow(self, ax, what: str, i: int, n: int) -> dict:
        y = self._height(what, i, n)
        right = (BAR if n > 1 else WORLD[0]) if what == "action" else WORLD[0]
        ends = (AGENTS[1] + 0.08, right) if what == "action" else (right, AGENTS[1] + 0.08)
        line = self._line(ax, *ends, y, agent_colour(i))
        word = ax.text(AGENTS[1] + 0.35, y + 0.04, "", color=INK, fontsize=SMALL, ha="left", va="bottom",
                       parse_math=False)  # fmt: skip
        return {f"{what} {i}": line, f"{what} {i} says": word}

    def _line(self, ax, left: float, right: float, y: float, colour):
        arrow = FancyArrowPatch((left, y), (right, y), arrowstyle="-|>", mutation_scale=12, color=colour, shrinkA=0,
                                shrinkB=0)  # fmt: skip
        return ax.add_patch(arrow)

    def _box(self, ax, left: float, right: float, low: float, high: float, colour) -> None:
        corner, width, height = (left + 0.05, low + 0.05), right - left - 0.1, high - low - 0.1
        looks = {"boxstyle": "round,pad=0.05", "facecolor": "white", "edgecolor": colour, "linewidth": 1.6}
        ax.add_patch(FancyBboxPatch(corner, width, height, zorder=1, **looks))

    def _cell(self, layout) -> tuple[float, float, float]:
        """Left end, upper end and side of the world's cells, in data units; cells are drawn square."""
        side = min((WORLD[1] - WORLD[0] - 0.5) / layout.columns, (HIGH - LOW - 0.75) / layout.rows)
        return np.mean(WORLD) - side * layout.columns / 2, HIGH - 0.5, side

    def _draw_cells(self, ax, layout) -> None:
        left, top, side = self._cell(layout)
        for cell in range(layout.n_cells):
            row, column = layout.place(cell)
            corner = (left + column * side, top - (row + 1) * side)
            wall = layout.walls[row, column]
            ax.add_patch(Rectangle(corner, side, side, facecolor=PALE if wall else "white", edgecolor=GRID, zorder=1.5))
            for i in np.flatnonzero(layout.goals[:, cell]):
                inner = (corner[0] + 0.07 * side, corner[1] + 0.07 * side)
                ax.add_patch(Rectangle(inner, 0.86 * side, 0.86 * side, facecolor="none", edgecolor=agent_colour(i),
                                       linewidth=2, zorder=1.6))  # fmt: skip

    def _places(self, game, state: int) -> np.ndarray:
        left, top, side = self._cell(game.layout)
        cells = [game.layout.place(cell) for cell in game.layout.positions[state]]
        aside = [0.16 * side * (i - (len(cells) - 1) / 2) if cells.count(c) > 1 else 0 for i, c in enumerate(cells)]
        return np.array(
            [(left + (c + 0.5) * side + a, top - (r + 0.5) * side) for (r, c), a in zip(cells, aside, strict=True)]
        )

    # ---- what is said -----------------------------------------------------------------------------------------------

    def _happens(self, game, moment: int) -> str:
        who = "" if moment == 2 else "everybody " if game.n_agents > 1 else "the agent "
        return who + MOMENTS[moment]

    def _said(self, game, frame) -> dict[str, list[str]]:
        seen, actions, paid = (frame[name][self.seed] for name in ("observation", "action", "reward"))
        return {
            "observation": [self._place(game, cell) for cell in seen],
            "action": [game.actions[i][a] if a >= 0 else "" for i, a in enumerate(actions)],
            "reward": [in_figures(x) if np.isfinite(x) else "" for x in paid],
        }

    def _symbol(self, what: str, i: int, n: int) -> str:
        letter = {"observation": "observation o", "action": "action a", "reward": "reward R"}[what]
        return f"{letter}{SIGNS[i] if n > 1 else ''}"

    def _place(self, game, cell) -> str:
        row, column = game.layout.place(cell)
        return f"({row}, {column})"

    def _trace(self, game, frame) -> str:
        n, lines = game.n_agents, []
        for turn in frame["latest"][self.seed]:
            if np.isfinite(turn[0]):
                seen = " ".join(self._place(game, cell) for cell in turn[1 : 1 + n])
                done = " ".join(game.actions[i][int(a)] for i, a in enumerate(turn[1 + n : 1 + 2 * n]))
                paid = " ".join(in_figures(x) for x in turn[1 + 2 * n :])
                lines.append(f"t={int(turn[0])}  o {seen}  a {done}  R {paid}")
        return "trace: " + ("\n       ".join(lines) or "(empty)")

    def _game(self, recording: Recording):
        game = game_of(recording, "LoopView")
        seed_index(recording, self.seed, "LoopView", "moment")
        if game.n_agents > len(SIGNS) or not hasattr(game.layout, "positions"):
            raise ValueError(f"LoopView: {game.name!r} is no gridworld of one to {len(SIGNS)} agents")
        return game
