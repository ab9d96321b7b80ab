"""Where the agents of a matrix game have ended up: its payoff table, with the share of seeds in each cell.

Legend of axes: K seeds, A_1 actions of agent 1, A_2 actions of agent 2.
"""

from __future__ import annotations

import numpy as np
from matplotlib.path import Path

from marl_edu.games import MarkovGame
from marl_edu.games.colours import INK, agent_colour
from marl_edu.recording import Recording
from marl_edu.views.base import GRID, LARGE, SMALL, View, in_figures, in_words
from marl_edu.views.present import game_of, greedy, seed_index
from marl_edu.views.shapes import afloat, in_data, shortened, square, width_of

DISC = 0.55
"""Diameter of the disc of a cell that all seeds have chosen, as a share of the cell's shorter side."""


NARROW = 30
"""Room beside the table for names of actions, in points; wider ones are turned."""


class JointActionView(View):
    """Payoffs of a matrix game of two agents, and in which share of the seeds each cell is the greedy joint action.

    The area of a disc is that share; a seed with several greedy joint actions is divided equally among them.

    Parameters
    ----------
    title : str, optional
        In place of what is worked out.

    Raises
    ------
    ValueError
        When drawing: if the recording carries no values, or no game of one state and two agents.
    """

    title = "Greedy joint actions"

    def __init__(self, *, title: str | None = None):
        self.heading = self._words("title", title)

    def shares(self, recording: Recording, t: int = -1) -> np.ndarray:
        """Share of the seeds whose greedy joint action is each cell at moment ``t``, (A_1, A_2), summing to 1."""
        t = self._moment(recording, t)
        game, frame = self._game(recording), recording[t]
        table = frame.get("preferences", frame["q"])[:, :, 0]
        best = greedy(table).astype(float)
        best /= best.sum(axis=-1, keepdims=True)
        return np.einsum("ka,kb->ab", best[:, 0, : game.n_actions[0]], best[:, 1, : game.n_actions[1]]) / len(best)

    def decorate(self, ax, recording: Recording) -> dict:
        """The payoff table, with empty discs."""
        game = self._game(recording)
        rows, columns = game.n_actions
        ax.set_xlim(-0.52, columns - 0.48)
        ax.set_ylim(rows - 0.48, -0.52)
        n_seeds = recording[0]["q"].shape[0]
        plural = "seed" if n_seeds == 1 else "seeds"
        ax.set_title(self.heading or f"{self.title}, {n_seeds} {plural}", fontsize=LARGE, parse_math=False)
        high, wide = (length / ax.figure.dpi * 72 for length in (ax.bbox.height / rows, ax.bbox.width / columns))
        upright = max(width_of(name, SMALL) for name in game.actions[0]) > NARROW
        turned = {"rotation": 90, "va": "center"} if upright else {}
        for i, (axis, room, how) in enumerate(((ax.yaxis, high if upright else NARROW, turned), (ax.xaxis, wide, {}))):
            names = [shortened(name, SMALL, 0.95 * room) for name in game.actions[i]]
            axis.set_ticks(range(len(names)), names, fontsize=SMALL, parse_math=False, **how)
            axis.set_label_text(game.agents[i], fontsize=SMALL, color=agent_colour(i), weight="bold", parse_math=False)
        ax.tick_params(length=0, colors=INK)
        ax.spines[:].set_visible(False)
        cells = list(np.ndindex(rows, columns))
        in_data(ax, [square(*cell) for cell in cells], facecolors="white", edgecolors=GRID, linewidths=0.8)
        told = game.rewards[:1, 0] if game.setting == "cooperative" else game.rewards[:, 0]
        payoffs = {cell: ", ".join(in_figures(paid[cell]) for paid in told) for cell in cells}
        fits = all(width_of(payoff, LARGE) < 0.9 * wide for payoff in payoffs.values())
        size = {"ha": "left", "va": "top", "fontsize": LARGE if fits else SMALL}
        for (row, column), payoff in payoffs.items():
            ax.text(column - 0.46, row - 0.45, payoff, color=INK, zorder=2.5, **size)
        artists = {"discs": afloat(ax, [], DISC * min(high, wide), ["#8a8a8a"])}
        artists["discs"].set_offsets([(column - 0.08, row) for row, column in cells])
        halfway = {"ha": "right", "va": "bottom", "fontsize": LARGE, "weight": "bold", "color": INK}
        for row, column in cells:
            artists[f"share {row} {column}"] = ax.text(column + 0.47, row + 0.47, "", **halfway)
        return artists

    def update(self, ax, artists: dict, recording: Recording, t: int) -> None:
        """Resize the discs and rewrite the shares that have changed."""
        shares = self.shares(recording, t)
        artists["discs"].set_paths([Path.circle((0, 0), 0.5 * np.sqrt(share)) for share in shares.flat])
        for (row, column), share in np.ndenumerate(shares):
            text, words = artists[f"share {row} {column}"], _percent(share)
            if text.get_text() != words:
                text.set_text(words)

    def alt_text(self, recording: Recording, t: int = -1) -> str:
        """The shares in falling order, and what those cells pay."""
        t = self._moment(recording, t)
        game, shares = self._game(recording), self.shares(recording, t)
        told = []
        for k in np.argsort(-shares, axis=None, kind="stable"):
            cell = np.unravel_index(k, shares.shape)
            if shares[cell] == 0:
                break
            names = ", ".join(game.actions[i][a] for i, a in enumerate(cell))
            paid = " and ".join(in_words(x) for x in game.rewards[(slice(None), 0, *cell)])
            told.append(f"({names}), which pays {paid}, {_percent(shares[cell])}")
        n_seeds = recording[t]["q"].shape[0]
        return f"Greedy joint action {self._at(recording, t)}, share of {n_seeds} seeds: {'; '.join(told)}."

    def _game(self, recording: Recording) -> MarkovGame:
        game = game_of(recording, type(self).__name__)
        seed_index(recording, 0, type(self).__name__)
        if game.n_states != 1 or game.n_agents != 2:
            raise ValueError(
                f"JointActionView: the game {game.name!r} has {game.n_agents} agents and {game.n_states} states; "
                "expected two agents and one state"
            )
        return game


def _percent(share: float) -> str:
    """A share as it is written in a cell: nothing for nothing.

    >>> _percent(0.0), _percent(0.004), _percent(0.3)
    ('', '0.4 %', '30 %')
    """
    if share == 0:
        return ""
    return f"{100 * share:.1f} %" if share < 0.01 else f"{100 * share:.0f} %"
