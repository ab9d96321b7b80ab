"""One step of a Markov game, drawn: the states, the row p(. | s, a) of a joint action, and what everybody is paid.

Legend of axes: N agents, S states.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.patches import Circle, FancyArrowPatch
from matplotlib.ticker import MaxNLocator

from marl_edu.games import MarkovGame
from marl_edu.games.colours import INK, agent_colour
from marl_edu.recording import Recording
from marl_edu.views.base import GRID, LARGE, PALE, SMALL, View, in_words
from marl_edu.views.present import game_of
from marl_edu.views.shapes import shortened

MOST_SHOWN = 7
"""States that a picture has room for."""

ROOM = 72
"""Points that a name beside a bar may take."""

RADIUS = 0.2
"""Of a state's circle, where neighbours are 1 apart."""


def row_of(game: MarkovGame, state: int, joint_action: Sequence[int]) -> np.ndarray:
    """The row p(. | s, a), (S,)."""
    found = game.successors
    pair = state * game.n_joint_actions + game.joint_index(joint_action)
    first, last = found.offsets[pair : pair + 2]
    row = np.zeros(game.n_states)
    np.add.at(row, found.states[first:last], found.probabilities[first:last])
    return row


def states_to_show(game: MarkovGame, state: int, joint_action: Sequence[int]) -> list[int]:
    """All states of a small game; of a large one the present one and those that may follow."""
    if game.n_states <= MOST_SHOWN:
        return list(range(game.n_states))
    return sorted({state, *np.flatnonzero(row_of(game, state, joint_action)).tolist()})


def draw_states(ax, game: MarkovGame, state: int, joint_action: Sequence[int], came_from: int | None = None) -> None:
    """States as circles, the present one filled; an arrow to each that may follow, as thick as it is likely."""
    shown, row = states_to_show(game, state, joint_action), row_of(game, state, joint_action)
    place = {s: k for k, s in enumerate(shown)}
    for s, x in place.items():
        here = s == state
        ax.add_patch(Circle((x, 0), RADIUS, facecolor=INK if here else "white", edgecolor=INK, linewidth=1.5, zorder=3))
        if game.terminal[s]:
            ax.add_patch(Circle((x, 0), RADIUS * 0.78, facecolor="none", edgecolor=PALE if here else INK, zorder=4))
        if s == came_from and came_from != state:
            ax.text(x, 0, "before", ha="center", va="center", fontsize=SMALL - 3, color=INK, zorder=5)
        if here:
            ax.text(x, 0, "here", ha="center", va="center", fontsize=SMALL - 1, color="white", zorder=5)
        name = shortened(game.states[s], SMALL, max(24, 200 / len(shown)))
        ax.text(x, -0.3, name, ha="center", va="top", fontsize=SMALL, parse_math=False)
        if row[s] > 0 and not game.terminal[state]:
            _arrow(ax, place[state], x, row[s])
    span = max(1, len(shown) - 1)
    ax.set(xlim=(-0.5, len(shown) - 0.5), ylim=(-0.75, 0.75 + 0.28 * span), aspect="equal")
    ax.axis("off")


def _arrow(ax, start: int, end: int, probability: float) -> None:
    """From one circle to another, in a bow above them; to the same one, a loop."""
    width = 0.8 + 5 * probability
    apart = end - start
    if apart == 0:
        ends, bow, top = ((start - 0.13, RADIUS), (start + 0.13, RADIUS)), -1.9, 0.62
    else:
        side = np.sign(apart)
        ends = ((start + side * 0.12, RADIUS * 0.9), (end - side * 0.12, RADIUS * 0.9))
        bow, top = -0.45 * side, RADIUS + 0.225 * (abs(apart) - 0.24) + 0.06
    ax.add_patch(
        FancyArrowPatch(
            *ends, connectionstyle=f"arc3,rad={bow}", arrowstyle="-|>", mutation_scale=9 + 3 * probability,
            linewidth=width, color="#555555", shrinkA=0, shrinkB=0, zorder=2,
        )
    )  # fmt: skip
    ax.text((start + end) / 2, top, f"{probability:.3g}", ha="center", va="bottom", fontsize=SMALL, zorder=6,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8})  # fmt: skip


def draw_row(ax, game: MarkovGame, state: int, joint_action: Sequence[int], seen: Mapping[int, int] | None = None):
    """The row as bars; diamonds are the shares that were ``seen``, counts by next state."""
    shown, row = states_to_show(game, state, joint_action), row_of(game, state, joint_action)
    ys = np.arange(len(shown))
    ax.barh(ys, row[shown], height=0.55, color="#8fa3b8")
    for y, s in zip(ys, shown, strict=True):
        ax.text(row[s] + 0.03, y, f"{row[s]:.3g}", va="center", fontsize=SMALL)
    tried = sum((seen or {}).values())
    if tried:
        shares = [seen.get(s, 0) / tried for s in shown]
        ax.plot(shares, ys + 0.36, linestyle="none", marker="D", markersize=5, color="#b45309", clip_on=False)
    names = [shortened(game.states[s], SMALL, ROOM) for s in shown]
    ax.set_yticks(ys, names, fontsize=SMALL, parse_math=False)
    ax.set(xlim=(0, 1.2), ylim=(len(shown) - 0.4, -0.6), xticks=[0, 0.5, 1])
    ax.tick_params(labelsize=SMALL)
    ax.spines[["top", "right"]].set_visible(False)
    times = f"{tried} time{'' if tried == 1 else 's'}"
    label = f"probability (diamond: share in {times})" if tried else "probability"
    ax.set_xlabel(label, fontsize=SMALL)
    ax.set_title("next state: the row p(. | s, a)", fontsize=LARGE, loc="left", parse_math=False)


def draw_rewards(ax, game: MarkovGame, state: int, joint_action: Sequence[int]) -> None:
    """What the joint action pays each agent on average, and all together; the axis is the same for the whole game."""
    paid = game.rewards[(slice(None), state, *joint_action)]
    values, names = [*paid, paid.sum()], [*(shortened(name, SMALL, ROOM) for name in game.agents), "all together"]
    colours = [*(agent_colour(i) for i in range(game.n_agents)), "#bbbbbb"]
    ys = np.arange(len(values))
    ax.barh(ys, values, height=0.55, color=colours)
    sums = game.rewards.sum(axis=0)
    low, high = min(0, game.rewards.min(), sums.min()), max(0, game.rewards.max(), sums.max())
    pad = 0.25 * (high - low or 1)
    for y, value in zip(ys, values, strict=True):
        right = value >= 0
        ax.text(value + (0.15 if right else -0.15) * pad, y, in_words(float(value)), va="center",
                ha="left" if right else "right", fontsize=SMALL)  # fmt: skip
    ax.axvline(0, color=INK, linewidth=0.8)
    ax.set_yticks(ys, names, fontsize=SMALL, parse_math=False)
    ax.set(xlim=(low - pad * (low < 0), high + pad), ylim=(len(values) - 0.4, -0.6))
    ax.tick_params(labelsize=SMALL)
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.grid(axis="x", color=GRID, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.xaxis.set_major_locator(MaxNLocator(3))
    ax.set_xlabel("reward", fontsize=SMALL)
    ax.set_title("what it pays now: R(s, a)", fontsize=LARGE, loc="left", parse_math=False)


def step_in_words(game: MarkovGame, state: int, joint_action: Sequence[int]) -> str:
    """The row and the rewards of a joint action, read aloud.

    >>> from marl_edu.games import stag_hunt
    >>> step_in_words(stag_hunt(), 0, (0, 1))
    'In state s0 the joint action (stag, hare) leads to s0 with probability 1 and pays agent 1 0, agent 2 1.'
    """
    row = row_of(game, state, joint_action)
    leads = ", ".join(f"{game.states[s]} with probability {row[s]:.3g}" for s in np.flatnonzero(row))
    paid = game.rewards[(slice(None), state, *joint_action)]
    pays = ", ".join(f"{name} {in_words(float(r))}" for name, r in zip(game.agents, paid, strict=True))
    names = ", ".join(game.actions[i][a] for i, a in enumerate(joint_action))
    return f"In state {game.states[state]} the joint action ({names}) leads to {leads} and pays {pays}."


class StateView(View):
    """Where the world stands in a match: a circle for each state, the present one filled, and the latest turn in words.

    Parameters
    ----------
    title : str, optional
        In place of "Where the world is".

    Raises
    ------
    ValueError
        When drawing: if the recording carries no game or is of no match, or the game has more states than fit.
    """

    title = "Where the world is"

    def __init__(self, *, title: str | None = None):
        self.heading = self._words("title", title)

    def decorate(self, ax, recording: Recording) -> dict:
        """Names of states below empty circles."""
        game = self._game(recording)
        places = range(game.n_states)
        ax.set(xlim=(-0.6, game.n_states - 0.4), ylim=(-0.95, 0.75))
        ax.axis("off")
        ax.set_title(self.heading or self.title, fontsize=LARGE, parse_math=False)
        for x in places:
            ending = " (the end)" if game.terminal[x] else ""
            ax.text(x, -0.3, game.states[x] + ending, ha="center", va="top", fontsize=SMALL, parse_math=False)
        discs = ax.scatter(places, [0.15] * game.n_states, s=900, edgecolors=INK, linewidths=1.5)
        said = ax.text(0.5, 0.02, "", transform=ax.transAxes, ha="center", fontsize=SMALL, parse_math=False)
        return {"discs": discs, "said": said}

    def update(self, ax, artists: dict, recording: Recording, t: int) -> None:
        """Fill the present state's circle, and say what happened."""
        present = int(recording[t]["begins"][0])
        filled = [INK if s == present else "white" for s in range(self._game(recording).n_states)]
        artists["discs"].set_facecolor(filled)
        artists["said"].set_text(self._turn(recording, t))

    def alt_text(self, recording: Recording, t: int = -1) -> str:
        """The present state and the latest turn."""
        t = self._moment(recording, t)
        game = self._game(recording)
        return f"The world stands in state {game.states[int(recording[t]['begins'][0])]}. {self._turn(recording, t)}"

    def _game(self, recording: Recording) -> MarkovGame:
        game = game_of(recording, "StateView")
        if game.n_states > MOST_SHOWN:
            raise ValueError(f"StateView: the game has {game.n_states} states; expected at most {MOST_SHOWN}")
        if len(recording) and "begins" not in recording[0]:
            raise ValueError("StateView: the recording is of no match; expected one of Match")
        return game

    def _turn(self, recording: Recording, t: int) -> str:
        game, frame = self._game(recording), recording[t]
        joint = frame["joint_action"][0]
        if joint[0] < 0:
            return "Nothing has been played yet."
        acted = ", ".join(f"{name} {game.actions[i][joint[i]]}" for i, name in enumerate(game.agents))
        paid = " and ".join(in_words(float(r)) for r in frame["rewards"][0])
        before, then = (game.states[int(frame[name][0])] for name in ("before", "state"))
        over = "; a new episode begins" if frame["terminated"][0] or frame["truncated"][0] else ""
        return f"From {before}: {acted}. It led to {then} and paid {paid}{over}."
