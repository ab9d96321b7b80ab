"""What a partner in a match believes: what its actions are worth, how it will choose, what it expects of the student.

Legend of axes: N agents, O observations, A actions (most of any agent).
"""

from __future__ import annotations

import numpy as np
from matplotlib.path import Path

from marl_edu.games import MarkovGame
from marl_edu.games.colours import INK, agent_colour
from marl_edu.recording import Recording
from marl_edu.views.base import GRID, LARGE, PALE, SMALL, View, in_words, pale
from marl_edu.views.present import game_of
from marl_edu.views.shapes import afloat, glyphs, in_data, shortened
from marl_edu.views.tables import _cell

THICK = 0.62
"""Height of a bar, in rows."""

NAMES = 78
"""Room for the names of actions, in points."""

DIGIT = 0.73
"""Height of a digit over the size of its font."""


class BeliefView(View):
    """Bars of how a partner will choose in the next turn, with what it expects of each action, and its model of you.

    The upper bars are chances of the partner's actions where the next turn begins; beside them, in units of return,
    what it expects of them. The lower bars are the chances that it gives the student's actions there; a diamond in the
    student's colour marks how often the student has chosen each so far, in that same situation. A partner that keeps
    no model has no lower bars.

    Parameters
    ----------
    agent : int, str or None
        Which partner; None for the first one.
    title : str, optional
        In place of what is worked out.

    Raises
    ------
    ValueError
        When drawing: if the recording is none of a match, or the agent is the student's.
    """

    title = "Beliefs"

    def __init__(self, agent: int | str | None = None, *, title: str | None = None):
        self.agent, self.heading = agent, self._words("title", title)

    def decorate(self, ax, recording: Recording) -> dict:
        """Headings, names of actions, and empty bars."""
        game, agent, seat = self._who(recording)
        blocks = [(f"{game.agents[agent]} will choose (chance)", agent)]
        if self._has_model(recording, agent):
            blocks.append((f"{game.agents[agent]} expects you to choose", seat))
        rows, y, headings = [], 0.0, []
        for words, who in blocks:
            headings.append((y, words))
            rows += [(y + 1 + a, who, a) for a in range(game.n_actions[who])]
            y += game.n_actions[who] + 1.35
        ax.set_xlim(0, 1.31)
        ax.set_ylim(y - 0.6, -0.75)
        ax.spines[:].set_visible(False)
        ax.set_xticks([0, 0.5, 1], ["0", "50", "100 %"], fontsize=SMALL)
        ax.tick_params(length=0, colors=INK, pad=2)
        ax.vlines([0, 0.5, 1], -0.35, y - 0.6, color=GRID, linewidth=0.8, zorder=1)
        names = [shortened(game.actions[who][a], SMALL, NAMES) for _, who, a in rows]
        ax.set_yticks([at for at, _, _ in rows], names, fontsize=SMALL, parse_math=False)
        ax.tick_params(axis="y", pad=8)  # a diamond at 0 % needs room
        ax.set_title(self.heading or f"What {game.agents[agent]} believes", fontsize=LARGE, parse_math=False)
        bold = {"fontsize": SMALL, "color": INK, "parse_math": False, "va": "center", "zorder": 2.5}
        high = (ax.bbox.height / ax.figure.dpi * 72) / (y + 0.15)
        for at, words in headings:
            box = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}
            ax.text(0.005, at, words, weight="bold", bbox=box, **bold)
        if self._has(recording, "q", agent):
            ax.text(1.155, 0, "worth", ha="center", **bold)
        digit = DIGIT * min(SMALL, 0.8 * high)
        colours = [agent_colour(agent)] * len(rows)
        artists = {
            "bars": in_data(ax, [], facecolors=colours, linewidths=0),
            "numbers": afloat(ax, [], 1.0, [INK]),
        }
        artists["numbers"].set_offsets([(1.155, at) for at, _, _ in rows])
        if len(blocks) > 1:
            diamond = Path(np.array([(0, -1), (1, 0), (0, 1), (-1, 0), (0, -1)]) * 0.5, closed=True)
            artists["true"] = afloat(ax, [diamond], min(10.0, 0.75 * high), [agent_colour(seat)], edge=1.0)
            key = ax.scatter([1.07], [rows[game.n_actions[agent]][0] - 1], marker="D", s=24, zorder=2.5,
                             color=agent_colour(seat), edgecolors="white")  # fmt: skip
            key.set_clip_on(False)
            ax.text(1.1, rows[game.n_actions[agent]][0] - 1, "you did", **bold)
        artists["where"] = ax.annotate(
            " ", (0.5, 0), xycoords="axes fraction", xytext=(0, -17), textcoords="offset points", ha="center",
            va="top", fontsize=SMALL, color=INK, parse_math=False,
        )  # fmt: skip
        artists["notes"] = rows, digit
        return artists

    def update(self, ax, artists: dict, recording: Recording, t: int) -> None:
        """Stretch the bars, move the diamonds, rewrite the numbers."""
        _, agent, seat = self._who(recording)
        rows, digit = artists["notes"]
        beliefs = self.beliefs(recording, t)
        bars, words = [], []
        for at, who, a in rows:
            share = beliefs["policy" if who == agent else "model"][a]
            bars.append(_bar(at, share if np.isfinite(share) else 0.0))
            told = beliefs["values"][a] if who == agent else share
            said = "" if not np.isfinite(told) else _cell(told) if who == agent else _percent(told)
            words.append(glyphs(said, digit, "normal"))
        artists["bars"].set_paths(bars)
        artists["numbers"].set_paths(words)
        if "true" in artists:
            lower = [(beliefs["true"][a], at) for at, who, a in rows if who == seat]
            artists["true"].set_offsets(np.ma.masked_invalid(lower))
        said = shortened(self._where(recording, t), SMALL, 0.98 * ax.bbox.width / ax.figure.dpi * 72)
        if artists["where"].get_text() != said:
            artists["where"].set_text(said)

    def beliefs(self, recording: Recording, t: int = -1) -> dict[str, np.ndarray]:
        """The numbers behind the picture, where the next turn begins; NaN where there is none.

        ``values`` and ``policy`` (A,) of the partner, and over the student's actions ``model`` (B,), ``true`` (B,), the
        student's own frequencies in that situation, and ``times`` (), how often it was met.
        """
        t = self._moment(recording, t)
        game, agent, seat = self._who(recording)
        frame = recording[t]
        o = game.observations[agent, int(frame["begins"][0])]
        own, others = game.n_actions[agent], game.n_actions[seat]
        counts = frame["chosen"][0, agent, :others]
        return {
            "values": frame["q"][0, agent, o, :own].astype(float),
            "policy": frame["policy"][0, agent, :own],
            "model": frame["model"][0, agent, :others],
            "true": counts / counts.sum() if counts.sum() else np.full(others, np.nan),
            "times": counts.sum(),
        }

    def alt_text(self, recording: Recording, t: int = -1) -> str:
        """All bars in words."""
        t = self._moment(recording, t)
        game, agent, seat = self._who(recording)
        beliefs = self.beliefs(recording, t)
        told = []
        for a, name in enumerate(game.actions[agent]):
            worth = beliefs["values"][a]
            told.append(f"{name} {_percent(beliefs['policy'][a])}")
            told[-1] += f" (worth {in_words(worth)} to it)" if np.isfinite(worth) else ""
        text = f"{self._at(recording, t).capitalize()}, {game.agents[agent]} will choose {', '.join(told)}."
        if self._has_model(recording, agent):
            names = game.actions[seat]
            shares = ", ".join(f"{name} {_percent(beliefs['model'][a])}" for a, name in enumerate(names))
            text += f" It expects you to choose {shares}"
            if beliefs["times"]:
                truth = ", ".join(f"{name} {_percent(beliefs['true'][a])}" for a, name in enumerate(names))
                text += f"; so far you chose {truth}"
            text += "."
        return text

    def _where(self, recording: Recording, t: int) -> str:
        """For which situation all this holds."""
        game, agent, _ = self._who(recording)
        frame = recording[t]
        if game.n_states > 1:
            times = int(self.beliefs(recording, t)["times"])
            often = {0: "never yet", 1: "once"}.get(times, f"{times} times")
            met = f", where you chose {often}" if self._has_model(recording, agent) else ""
            return f"in state {game.states[int(frame['begins'][0])]}{met}"
        return ""

    def _has(self, recording: Recording, name: str, agent: int) -> bool:
        return bool(np.isfinite(recording[0][name][0, agent]).any())

    def _has_model(self, recording: Recording, agent: int) -> bool:
        return self._has(recording, "model", agent)

    def _who(self, recording: Recording) -> tuple[MarkovGame, int, int]:
        """The game, the partner's number and the student's."""
        game = game_of(recording, type(self).__name__)
        if not {"seat", "policy", "model"} <= set(recording[0]):
            raise ValueError(
                f"{type(self).__name__}: the recording holds {', '.join(recording[0])}; expected that of a Match "
                "(whose beliefs are recorded unless the world is very large)"
            )
        seat = int(recording[0]["seat"][0])
        agent = game.agent_index(self.agent) if self.agent is not None else int(seat == 0)
        if agent == seat:
            raise ValueError(f"{type(self).__name__}: agent is {self.agent!r}, the student; expected a partner")
        return game, agent, seat


class Covered(View):
    """A place that is kept free for another view, which is not to be seen yet.

    Parameters
    ----------
    view : View
        What will be seen here.
    words : str
        What stands here meanwhile.
    """

    title = "Covered"

    def __init__(self, view: View, words: str):
        self.view, self.words = view, words

    def proportion(self, recording: Recording) -> float | None:
        """That of the view that will be here."""
        return self.view.proportion(recording)

    def decorate(self, ax, recording: Recording) -> dict:
        """The words in an empty frame."""
        ax.set_xticks([])
        ax.set_yticks([])
        ax.spines[:].set_color(PALE)
        ax.spines[:].set_linestyle((0, (4, 4)))
        ax.set_facecolor(pale(PALE, 0.9))
        ax.set_title(getattr(self.view, "heading", None) or self.view.title, fontsize=LARGE, parse_math=False)
        note = ax.text(0.5, 0.5, self.words, ha="center", va="center", fontsize=LARGE, color=INK, parse_math=False)
        note.set_transform(ax.transAxes)
        return {"words": note}

    def update(self, ax, artists: dict, recording: Recording, t: int) -> None:
        """Nothing moves."""

    def alt_text(self, recording: Recording, t: int = -1) -> str:
        """The words."""
        self._moment(recording, t)
        return " ".join(self.words.split())


def _bar(at: float, share: float) -> Path:
    """A bar from 0 to a share, at a row."""
    low, high = at - THICK / 2, at + THICK / 2
    return Path([(0, low), (share, low), (share, high), (0, high), (0, low)], closed=True)


def _percent(share: float) -> str:
    """A share in words.

    >>> _percent(0.333), _percent(0.004), _percent(0.0)
    ('33 %', '0.4 %', '0 %')
    """
    return f"{100 * share:.1f} %" if 0 < share < 0.01 else f"{100 * share:.0f} %"
