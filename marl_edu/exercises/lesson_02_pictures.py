"""Lesson 02: what only draws. What is drawn is computed in the lesson.

Legend of axes: S states, A and B actions of agents 1 and 2.
"""

from __future__ import annotations

import numpy as np

from marl_edu.games.colours import agent_colour

PIECES = ("#56B4E9", "#cfd8e3", "#E69F00")


def mixture(ax, mixed, states, actions) -> None:
    """Two bars for each next state: the probabilities ``mixed`` (A, S) for each action of agent 1."""
    for action, colour in enumerate(("#56B4E9", "#0072B2")):
        place = np.arange(len(states)) + 0.4 * action - 0.2
        ax.bar(place, mixed[action], 0.36, color=colour, label=actions[action])
    ax.set_xticks(range(len(states)), states)
    ax.set(ylim=(0, 1.02), xlabel="next state", ylabel="probability for agent 1")
    ax.legend(title="agent 1's action")


def pieces(ax, row, states, u) -> None:
    """A row (S,) as pieces of the line from 0 to 1, side by side, and the random number u."""
    ends = np.cumsum(row)
    ax.barh([0] * len(row), row, left=ends - row, color=PIECES, height=0.4)
    for state, length, end in zip(states, row, ends, strict=True):
        if length > 0:
            ax.text(end - length / 2, 0, f"{state}\n{length:g}", ha="center", va="center")
    ax.plot([u, u], [-0.35, 0.35], color="#222222", linewidth=2)
    ax.set(xlim=(0, 1), ylim=(-0.5, 0.6), yticks=[], xlabel="u")


def lasting(ax, years, found, right, mean) -> None:
    """Shares of lakes by how long they lasted, beside the exact probabilities and their mean."""
    ax.bar(years, found, color="#8fa3b8", label="drawn lakes")
    ax.plot(years, right, "D", color="#b45309", label="exact")
    ax.axvline(mean, color="#222222", linestyle="--", label="exact mean")
    ax.set(xlabel="years until the lake is empty", ylabel="share of lakes")
    ax.legend()


def over_time(axes, chances, counted, names) -> None:
    """Left: the probability of each state by year, (years, S), as discs; right: what each year adds, (years,)."""
    for year, chance in enumerate(chances):
        for state, share in enumerate(chance):
            axes[0].plot(year, state, "o", markersize=0.1 + 17 * share, color="#0072B2")
    axes[0].set_yticks(range(len(names)), names)
    axes[0].set(xlim=(-0.8, len(chances) - 0.2), ylim=(2.6, -0.6), xlabel="year", title="where the world is")
    axes[1].bar(range(len(counted)), counted, color="#0072B2")
    axes[1].set(ylim=(0, 4), xlabel="year", title="what the year adds")


def payoffs(ax, game, states) -> None:
    """A dot for each joint action in each of these states: what it pays agent 1 and agent 2.

    The first state has large open circles, the second small squares that may lie within them. Dots that coincide have
    one label together: initials of the actions, agent 1's first.
    """
    marks = (("o", 15, "none", "#0072B2", (0, 11), "bottom"), ("s", 6, "#E69F00", "#E69F00", (0, -11), "top"))
    for state, (marker, size, face, colour, aside, va) in zip(states, marks, strict=True):
        together: dict[tuple[float, float], list[str]] = {}
        for a, b in np.ndindex(*game.n_actions):
            place = tuple(np.round(game.rewards[:, state, a, b], 6) + 0.0)
            together.setdefault(place, []).append(game.actions[0][a][0] + game.actions[1][b][0])
        x, y = np.transpose(list(together))
        ax.plot(x, y, marker, color=colour, markerfacecolor=face, markersize=size, markeredgewidth=1.6,
                linestyle="none", label=game.states[state])  # fmt: skip
        for place, names in together.items():
            ax.annotate(", ".join(names), place, xytext=aside, textcoords="offset points", ha="center", va=va,
                        color="#004c7a" if face == "none" else "#8a5a00")  # fmt: skip
    for line in (ax.axhline, ax.axvline):
        line(0, color="#bbbbbb", zorder=0)
    ax.set(xlim=(-2.5, 5), ylim=(-2.5, 5), aspect="equal", xlabel="paid to agent 1", ylabel="paid to agent 2")
    ax.legend(title="lake", loc="upper left", bbox_to_anchor=(1, 1))


def earned(ax, both, names, optimum) -> None:
    """What the two earn, (habits, 2), as bars one after the other, and the team optimum."""
    rows = np.arange(len(both))
    ax.barh(rows, both[:, 0], color=agent_colour(0), label="agent 1")
    ax.barh(rows, both[:, 1], left=both[:, 0], color=agent_colour(1), label="agent 2")
    ax.axvline(optimum, color="#111111", linestyle=(0, (6, 3)), label="team optimum")
    ax.set_yticks(rows, names)
    ax.invert_yaxis()
    ax.set(xlabel="discounted reward from the full lake, exact", xlim=(0, 80))
    ax.legend(loc="upper right")


def seen(ax, layout, state, alike) -> None:
    """Where two agents stand in a gridworld, their homes, and where agent 2 stands in the states ``alike``."""
    picture = np.where(layout.walls.ravel(), 0.75, 0.0)
    picture[layout.positions[alike, 1]] = 0.35
    ax.imshow(picture.reshape(layout.walls.shape), cmap="Blues", vmin=0, vmax=1)
    ax.set(xticks=range(layout.columns), yticks=range(layout.rows), xlabel="column", ylabel="row")
    for agent in range(2):
        for cell in np.flatnonzero(layout.goals[agent]):
            row, column = layout.place(cell)
            ax.plot(
                column, row, "s", color=agent_colour(agent), markersize=36, markerfacecolor="none", markeredgewidth=2
            )
            ax.text(column - 0.42, row - 0.32, f"home {agent + 1}", fontsize=8, color=agent_colour(agent))
        row, column = layout.place(layout.positions[state, agent])
        ax.plot(column, row, "o", color=agent_colour(agent), markersize=20)
        ax.text(column, row, agent + 1, color="white", ha="center", va="center")


def bars(ax, steps, heights) -> None:
    """Values by number of steps, a bar for each way to share; ``heights`` by name. Labels stand clear of the bars."""
    colours = ("#c9b99a", "#8c8c8c", "#333333", "#dddddd")  # ways to share are no agents
    wide = 0.84 / len(heights)
    for k, ((label, height), colour) in enumerate(zip(heights.items(), colours, strict=False)):
        places = np.asarray(steps) + wide * (k - (len(heights) - 1) / 2)
        ax.bar(places, height, 0.92 * wide, label=label, color=colour)
        for x, value in zip(places, height, strict=True):
            ax.annotate(f"{value:.1f}", (x, max(value, 0)), xytext=(0, 2), textcoords="offset points", ha="center",
                        va="bottom", fontsize=9)  # fmt: skip
    ax.axhline(0, color="#222222", linewidth=0.8)
    ax.set(xticks=steps, xlabel="number of steps", ylabel="best expected sum", ylim=(-6, 68))
    ax.legend(loc="upper left")
