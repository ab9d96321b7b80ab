"""How a match went: what everybody has earned, and which joint actions were played.

Legend of axes: T moments, N agents, A_1 and A_2 actions of the two agents.
"""

from __future__ import annotations

import numpy as np

from marl_edu.games.colours import INK
from marl_edu.recording import Recording
from marl_edu.views.bands import Bands
from marl_edu.views.base import in_words, step_up
from marl_edu.views.curves import LearningCurve
from marl_edu.views.joint_actions import JointActionView, _percent
from marl_edu.views.present import game_of
from marl_edu.views.shapes import in_data, square


class ScoreView(LearningCurve):
    """What every agent of a match has earned so far, turn by turn: the sum of its rewards, not discounted.

    Parameters
    ----------
    title : str, optional
        In place of "Score".
    """

    title = "Score"

    def __init__(self, *, title: str | None = None):
        super().__init__("earned", agents="each", band=None, y_label="rewards so far", title=title or "Score")

    def _what(self, recording: Recording) -> list[str]:
        return ["sum of rewards", "each agent"]

    def _key(self, recording: Recording, colours, widths) -> list:
        """The agents, and who is the student; there is one seed, and nothing to say of it."""
        who = names_of(recording)
        return [(line, name) for (line, _), name in zip(super()._key(recording, colours, widths), who, strict=False)]

    def update(self, ax, artists: dict, recording: Recording, t: int) -> None:
        """Move the lines' ends. Limits grow in large steps, for sums grow all the time and new limits are slow."""
        bands = self.bands(recording)
        low, high = bands.extent()
        paid = game_of(recording, "ScoreView").rewards
        least, most = min(low, 4 * paid.min(), 0.0), max(high, 4 * paid.max(), 0.0)
        ends = np.array([-step_up(-least) if least < 0 else 0.0, step_up(most) if most > 0 else 0.0])
        ends = np.broadcast_to(ends[:, np.newaxis], (2, bands.middle.shape[1]))
        room = Bands(bands.units[[0, -1]], ends, np.full_like(ends, np.nan), np.full_like(ends, np.nan))
        artists["frame"].fit([room, room], self.expected_units or 0)
        super().update(ax, artists, recording, t)

    def alt_text(self, recording: Recording, t: int = -1) -> str:
        """Everybody's sum."""
        t = self._moment(recording, t)
        sums = recording[t]["earned"][0]
        told = [f"{name} {in_words(earned)}" for name, earned in zip(names_of(recording), sums, strict=True)]
        return f"Rewards earned {self._at(recording, t)}: {', '.join(told)}."


class PlayedActions(JointActionView):
    """Payoffs of a matrix game of two agents; the area of a disc is the share of turns in which that cell was played.

    The cell of the latest turn has a bold frame.

    Parameters
    ----------
    title : str, optional
        In place of what is worked out.
    """

    title = "Joint actions played"

    def shares(self, recording: Recording, t: int = -1) -> np.ndarray:
        """Share of the turns up to moment ``t`` in which each cell was played, (A_1, A_2); all 0 before the first."""
        t = self._moment(recording, t)
        played = recording[t]["played"][0].reshape(self._game(recording).n_actions)
        return played / max(played.sum(), 1)

    def decorate(self, ax, recording: Recording) -> dict:
        """The payoff table, and a frame around no cell yet."""
        artists = super().decorate(ax, recording)
        game, seat = self._game(recording), int(recording[0]["seat"][0])
        ax.set_title(self.heading or "Payoffs, and what was played", fontsize=ax.title.get_fontsize(), parse_math=False)
        for i, axis in enumerate((ax.yaxis, ax.xaxis)):
            axis.label.set_text(game.agents[i] + (" (you)" if i == seat else ""))
        artists["latest"] = in_data(ax, [], facecolors="none", edgecolors=INK, linewidths=2.4)
        return artists

    def update(self, ax, artists: dict, recording: Recording, t: int) -> None:
        """Resize the discs and move the frame."""
        super().update(ax, artists, recording, t)
        row, column = recording[t]["joint_action"][0]
        artists["latest"].set_paths([square(int(row), int(column), 0.5)] if row >= 0 else [])

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
        return f"Joint actions played {self._at(recording, t)}: {'; '.join(told) or 'none yet'}."

    def _game(self, recording: Recording):
        game = game_of(recording, type(self).__name__)
        if "played" not in recording[0] or game.n_states != 1 or game.n_agents != 2:
            raise ValueError(
                f"{type(self).__name__}: expected the recording of a Match of two agents in a game with one state; got "
                f"{game.name!r} with {game.n_agents} agents and {game.n_states} states"
            )
        return game


def names_of(recording: Recording) -> list[str]:
    """Names of the agents, with a word at the student's."""
    game, seat = game_of(recording, "ScoreView"), int(recording[0]["seat"][0])
    return [f"you ({name})" if i == seat else name for i, name in enumerate(game.agents)]
