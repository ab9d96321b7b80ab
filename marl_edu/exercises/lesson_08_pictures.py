"""Lesson 08: what only draws. Each function puts numbers into axes and returns what they say, in words.

Legend of axes: N agents, T steps, A_i actions of agent i.
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from marl_edu.exercises.lesson_05_pictures import side_by_side
from marl_edu.games.colours import INK, agent_colour
from marl_edu.games.rendering import picture
from marl_edu.planning import additive_projection, greedy_joint, igm
from marl_edu.views import joint_cells, joint_table_figure, joint_table_words
from marl_edu.views.base import in_words
from marl_edu.views.joint_cells import JointCells

__all__ = ["side_by_side", "tables"]

AGENTS = ("agent 1", "agent 2")


def tables(tables, titles, **more):
    """One to four tables of joint values beside each other, and what they say: the arguments of ``show``."""
    return joint_table_figure(tables, titles, **more), joint_table_words(tables, titles, **more)


def moments(game, steps):
    """Situations of foragers side by side: name of the state, names of the actions; above, what the team is paid."""
    figure, axes = plt.subplots(1, len(steps), figsize=(3.1 * len(steps), 3.3), layout="constrained")
    said = []
    for ax, (state, names) in zip(axes, steps, strict=True):
        number = game.states.index(state)
        joint_action = tuple(game.actions[i].index(name) for i, name in enumerate(names))
        paid = game.rewards[0][number][joint_action]
        ax.imshow(picture(game, number))
        ax.set(xticks=[], yticks=[])
        ax.set_title(f"the team is paid {paid:+.2f}", fontsize=11)
        for i, name in enumerate(names):
            ax.text(0.5, -0.06 - 0.09 * i, f"agent {i + 1}: {name}", transform=ax.transAxes, ha="center", va="top",
                    color=agent_colour(i), fontsize=10)  # fmt: skip
        said.append(f"{', '.join(f'agent {i + 1} does {name!r}' for i, name in enumerate(names))}: {paid:+.2f}")
    return figure, "The same field three times, with what the agents do and what the team is paid. " + (
        f"{'; '.join(said)}."
    )


def draw_credit(ax, team, credits, words):
    """What a team was paid at every step, (T,), beside what each agent caused, (T, N); ``words`` for each step."""
    steps, n_agents = np.arange(len(team)), credits.shape[1]
    width = 0.8 / (n_agents + 1)
    ax.axhline(0, color=INK, linewidth=0.8)
    ax.bar(steps - 0.4 + width / 2, team, width, color="#9a9a9a", label="paid to the team", edgecolor=INK)
    for i in range(n_agents):
        place = steps - 0.4 + width * (i + 1.5)
        ax.bar(place, credits[:, i], width, color=agent_colour(i), edgecolor=INK, hatch=("", "//")[i],
               label=f"caused by agent {i + 1}")  # fmt: skip
    ax.set_xticks(steps, words, fontsize=9)
    ax.set_ylabel("reward")
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(frameon=False, fontsize=9, loc="upper left")
    told = (
        f"step {t + 1}: paid {in_words(team[t])}, "
        + ", ".join(f"agent {i + 1} caused {in_words(credit)}" for i, credit in enumerate(credits[t]))
        for t in steps
    )
    return f"Bars for every step of one best episode. {'; '.join(told)}."


def draw_weighted(axes, payoffs, actions, epsilon):
    """How often joint actions are seen if both explore around their last action, and the nearest sum for that."""
    chances = np.full(2, epsilon / 2)
    chances[-1] += 1 - epsilon
    seen = np.outer(chances, chances)
    fit = additive_projection(payoffs, weights=seen)
    best = igm.best_joint(payoffs, 2)
    left = JointCells(seen, np.zeros_like(best), best=best)
    right = JointCells(fit.table, greedy_joint(fit.parts), fit.parts, payoffs, best)
    for ax, shown, title in zip(
        axes, (left, right), ("how often each is seen", "nearest sum; small: exact"), strict=True
    ):
        joint_cells.update(joint_cells.decorate(ax, shown, AGENTS, actions, title), shown)
    names = actions[0][-1], actions[1][-1]
    return (
        f"({', '.join(names)}) is seen in {seen[-1, -1]:.1%} of the visits; the nearest sum makes "
        f"{fit.table[-1, -1]:.2f} of it."
    )


def draw_surfaces(axes, functions, low, high):
    """Functions of two individual values, by name, as lines of equal joint value."""
    side = np.linspace(low, high, 60)
    one, two = np.meshgrid(side, side)
    for ax, (title, function) in zip(axes, functions.items(), strict=True):
        height = function(one, two)
        ax.contourf(one, two, height, 9, cmap="Purples", alpha=0.6)
        lines = ax.contour(one, two, height, 9, colors="#4a3180", linewidths=1)
        ax.clabel(lines, fontsize=8, fmt="%.2g")
        ax.set_aspect("equal")
        ax.set_title(title, fontsize=10)
        ax.set_xlabel("Q of agent 1", color=agent_colour(0))
        ax.set_ylabel("Q of agent 2", color=agent_colour(1))
        ax.tick_params(labelsize=8)


def draw_levels(ax, rows, levels):
    """Means with 95 % intervals, one row each: ``rows`` are (name, mean, low, high, single values)."""
    for k, (_, mean, low, high, single) in enumerate(rows):
        ax.plot(single, np.full(len(single), k) + np.linspace(-0.14, 0.14, len(single)), "o", color="#b5b5b5",
                markersize=4)  # fmt: skip
        ax.plot([low, high], [k, k], color=INK, linewidth=2.5)
        ax.plot(mean, k, "D", color=INK, markersize=7)
    for (name, level), style in zip(levels.items(), ("--", ":"), strict=True):
        ax.axvline(level, color=INK, linestyle=style, linewidth=1.2)
        ax.text(level, -0.55, f"{name} {level:.2f}", ha="center", va="bottom", fontsize=9)
    ax.set_yticks(range(len(rows)), [name for name, *_ in rows])
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="y", length=0)
    told = (f"{name} {mean:.2f} ({low:.2f} to {high:.2f})" for name, mean, low, high, _ in rows)
    known = ", ".join(f"{name} {level:.2f}" for name, level in levels.items())
    return f"Means (diamonds), 95 % intervals (lines) and single runs (dots): {'; '.join(told)}. {known}."
