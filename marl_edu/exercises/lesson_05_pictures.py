"""Lesson 05: what only draws. Each function puts numbers into empty axes and returns what they say, in words."""

from __future__ import annotations

from functools import cache

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.legend_handler import HandlerTuple

from marl_edu.games import chicken
from marl_edu.games.colours import INK, agent_colour
from marl_edu.planning import correlated_equilibrium, deviation_gains, equilibria
from marl_edu.views.base import pale
from marl_edu.views.figures import DPI, blank

MARKS = "o", "s"
"""Of an agent's first and second action; the second's colour is paler."""

CELL, EDGES, ROW = (320, 322), (66, 8, 48, 28), 26
"""Of large squares, in pixels: width and height of a cell, its edges (left, right, below, above), a legend's row."""

DIRECTIONS = 48
"""In so many directions the corners of a set of payoffs are looked for."""


def side_by_side(views, recordings, limits=None, since=None):
    """The last moments of one to three recordings, each seen by a view; returns the figure and what it says.

    With ``limits`` (low, high) all have the same vertical axis; with ``since`` the horizontal one begins there.
    """
    figure = blank(len(views))
    for ax, view, recording in zip(figure.axes, views, recordings, strict=True):
        view(ax, recording, -1)
        if limits is not None:
            ax.set_ylim(*limits)
        if since is not None:
            ax.set_xlim(left=since)
    return figure, _said(views, recordings)


def squares(views, recordings, across=3):
    """The last moments of some recordings in large squares, so many in a row, above one legend for all of them."""
    rows = -(-len(views) // across)
    wide, high = across * CELL[0], rows * CELL[1] + 2 * ROW
    figure = Figure(figsize=(wide / DPI, high / DPI), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    (left, right, below, above), entries = EDGES, []
    for k, (view, recording) in enumerate(zip(views, recordings, strict=True)):
        column, row = k % across, rows - 1 - k // across
        box = (
            column * CELL[0] + left,
            2 * ROW + row * CELL[1] + below,
            CELL[0] - left - right,
            CELL[1] - below - above,
        )
        ax = figure.add_axes([part / whole for part, whole in zip(box, (wide, high) * 2, strict=True)])
        entries = _without_legend(view)
        view(ax, recording, -1)
    handles, words, _ = zip(*entries, strict=True)
    figure.legend(handles, words, loc="center", bbox_to_anchor=(0.5, ROW / high),
                  ncols=-(-len(words) // (2 if len(words) > 4 else 1)), frameon=False, fontsize=9, columnspacing=1.6,
                  handler_map={tuple: HandlerTuple(ndivide=None, pad=0.2)})  # fmt: skip
    return figure, _said(views, recordings)


def _without_legend(view) -> list:
    """Let a view leave its legend out; returns a list that holds the legend's entries once it has drawn."""
    entries, decorate = [], view.decorate

    def bare(ax, recording):
        artists = decorate(ax, recording)
        entries.extend(artists["placed"].entries)
        artists["placed"].entries = []
        return artists

    view.decorate = bare
    return entries


def _said(views, recordings) -> str:
    return " ".join(f"{v.heading or v.title}: {v.alt_text(r)}" for v, r in zip(views, recordings, strict=True))


def draw_action_payoffs(axes, game, x, y):
    """What each action pays against every policy of the other, both agents; x, y are chances of first actions."""
    tables, chances = game.rewards[:, 0], np.array([x, y])
    said, settled = [], True
    for i, ax in enumerate(axes):
        own = tables[0] if i == 0 else tables[1].T  # own action, the other's action
        other, now = chances[1 - i], np.array([chances[i], 1 - chances[i]])
        paid = own @ [other, 1 - other]
        for a in range(2):
            colour, mark = (agent_colour(i), pale(agent_colour(i), 0.5))[a], MARKS[a]
            ax.plot([0, 1], own[a, ::-1], color=colour, linewidth=2.5, label=game.actions[i][a])
            ax.plot(other, paid[a], mark, color=colour, markersize=8, markeredgecolor="black")
        ax.plot(other, now @ paid, "D", color="white", markersize=8, markeredgecolor="black", label="its mixture")
        room = max(np.ptp(own), 1.0)
        ax.set(xlim=(-0.03, 1.03), ylim=(own.min() - 0.1 * room, own.max() + 0.38 * room))
        ax.set_title(f"What agent {i + 1}'s actions pay it", fontsize=10)
        ax.set_xlabel(f"chance of {game.actions[1 - i][0]}, agent {2 - i}", fontsize=9)
        ax.legend(frameon=False, fontsize=8, ncols=3, loc="upper center", handlelength=1.2, columnspacing=1.0)
        gain = paid.max() - now @ paid
        said.append(f"agent {i + 1} gets {now @ paid:.2f} and would gain {max(gain, 0):.2f} by its best action")
        settled = settled and gain <= 1e-8 * np.ptp(own)
    verdict = "A Nash equilibrium." if settled else "No Nash equilibrium."
    return f"{said[0][0].upper()}{said[0][1:]}; {said[1]}. {verdict}"


@cache
def chicken_payoffs() -> np.ndarray:
    """Corners (P, 2) of the payoffs that correlated equilibria of chicken give, in order around them."""
    turns = np.linspace(0, 2 * np.pi, DIRECTIONS, endpoint=False)
    found = [correlated_equilibrium(chicken(), (np.cos(turn), np.sin(turn))).payoffs for turn in turns]
    corners = []
    for point in np.round(found, 6):
        if not corners or np.abs(point - corners[-1]).max() > 1e-6:
            corners.append(point)
    return np.array(corners)


def draw_mediator(ax, joint):
    """Chicken's payoffs: all, those of correlated equilibria, mixtures of Nash equilibria, and of this joint play."""
    game, joint = chicken(), np.asarray(joint, dtype=float)
    pure = game.rewards[:, 0].reshape(2, -1).T[[3, 2, 0, 1]]
    nash = np.array([one.payoffs for one in equilibria(game)])
    ax.fill(*pure.T, color="#e8e8e8", label="possible")
    ax.fill(*chicken_payoffs().T, color="#9fd3c0", label="correlated equilibria")
    ax.fill(*nash.T, color="#f0e442", alpha=0.75, label="mixtures of Nash equilibria")
    ax.plot(*nash.T, "D", color="#f0e442", markersize=9, markeredgecolor="black", label="Nash equilibria")
    paid, gains = np.einsum("iab,ab->i", game.rewards[:, 0], joint), deviation_gains(game, joint)
    obeyed = gains.max() <= 1e-9
    ax.plot(*paid, "*", color=INK if obeyed else "white", markersize=15, markeredgecolor=INK, label="your mediator")
    ax.set(xlim=(-0.4, 7.6), ylim=(-0.4, 7.6), aspect="equal")
    ax.set_xlabel("payoff of agent 1", color=agent_colour(0))
    ax.set_ylabel("payoff of agent 2", color=agent_colour(1))
    ax.legend(frameon=False, fontsize=9, loc="center left", bbox_to_anchor=(1.02, 0.5), labelspacing=0.9)
    told = "nobody gains by disobeying" if obeyed else (
        f"by disobeying agent 1 would gain {gains[0]:.2f}, agent 2 {gains[1]:.2f}: they won't obey"
    )  # fmt: skip
    return f"The mediator's play pays {paid[0]:.2f} and {paid[1]:.2f}; {told}."


def draw_streaks(ax, lengths, ratio):
    """How many plays each streak of one joint action lasted, (streaks,), and a straight line of the exact ratio."""
    numbers = np.arange(1, len(lengths) + 1)
    ax.semilogy(numbers, lengths, "o-", color=INK, label="plays until somebody changes")
    ax.semilogy(
        numbers,
        lengths[-1] * ratio ** (numbers - numbers[-1]),
        "--",
        color=INK,
        label=f"{ratio:.4f} times as long each",
    )
    ax.set(xlabel="streak", ylabel="plays")
    ax.legend(frameon=False)
    return (
        f"On a logarithmic axis the lengths of {len(lengths)} streaks lie on a straight line: from {lengths[0]} plays "
        f"to {lengths[-1]}, the last {lengths[-1] / lengths[-2]:.3f} times as long as the one before."
    )


def draw_joint(axes, plays, titles, actions):
    """Tables of how often each joint action was played, (A_1, A_2) each, with their numbers."""
    for ax, play, words in zip(axes, plays, titles, strict=True):
        ax.imshow(play, cmap="Greys", vmin=0, vmax=0.6)
        for a, b in np.ndindex(play.shape):
            ax.text(b, a, f"{play[a, b]:.2f}", ha="center", va="center", color="white" if play[a, b] > 0.35 else INK)
        ax.set_xticks(range(play.shape[1]), actions[1])
        ax.set_yticks(range(play.shape[0]), actions[0])
        ax.set_xlabel("agent 2", color=agent_colour(1))
        ax.set_ylabel("agent 1", color=agent_colour(0))
        ax.set_title(words, fontsize=10)
    tables = "; ".join(
        f"{words}: " + ", ".join(f"({actions[0][a]}, {actions[1][b]}) {play[a, b]:.2f}"
                                 for a, b in np.ndindex(play.shape) if play[a, b] > 0.005)
        for words, play in zip(titles, plays, strict=True)
    )  # fmt: skip
    return f"How often each joint action was played. {tables}."
