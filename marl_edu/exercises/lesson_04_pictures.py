"""Lesson 04: what only draws. Each function puts numbers into empty axes and returns what they say, in words."""

from __future__ import annotations

import numpy as np

SHADES = ("#0072b2", "#9cc9e6")
"""Agent 1's colour for its first and its second action."""

GUARDS = ("#d55e00", "#eeb07f")
"""Agent 2's colour for its first and its second action."""


def draw_lines(ax, careless, lines):
    """What agent 1's actions are worth, (points, actions), while agent 2 gets careless, (points,) from 0 to 1."""
    for k, (colour, mark) in enumerate(zip(("#0072b2", "#009e73", "#cc79a7"), "os^", strict=True)):
        ax.plot(100 * careless, lines[:, k], color=colour, marker=mark, markevery=4, label=f"action {'abc'[k]}")
    ax.set(xlabel="carelessness of agent 2 (%)", ylabel="value to agent 1")
    ax.legend(frameon=False)
    return (
        f"Three lines that cross. At the left action a is worth {lines[0, 0]:.0f} to agent 1 and is its best; at the "
        f"right it is worth {lines[-1, 0]:.1f} and is its worst."
    )


def draw_bars(axes, central, separate, seen):
    """Agent 1's values of joint actions in a worn machine, (2, 2), and of its own, (2,), for what it sees."""
    pairs = ["use\nuse", "use\nmend", "mend\nuse", "mend\nmend"]
    axes[0].bar(pairs, central.ravel(), color=np.repeat(SHADES, 2))
    axes[1].bar(["use", "mend"], separate, color=SHADES)
    axes[0].set(title="Q(worn, both actions)", ylabel="agent 1's value")
    axes[1].set(title=f"Q({seen}, own action)")
    for ax in axes:
        ax.set_ylim(-11, 20)
        ax.axhline(0, color="black", linewidth=0.8)
    words = ", ".join(f"{value:.2f}" for value in central.ravel())
    return (
        f"Agent 1, centralised (use use, use mend, mend use, mend mend): {words}. "
        f"Decentralised: use {separate[0]:.2f}, mend {separate[1]:.2f}."
    )


def draw_answers(ax, points, tables, now, present):
    """What using and mending are worth to a best response, (points, 2), over agent 2's chance, and at one of them."""
    for k, (name, mark) in enumerate([("use", "o"), ("mend", "s")]):
        ax.plot(100 * points, tables[:, k], color=SHADES[k], marker=mark, markevery=5, markersize=4, label=name)
        ax.plot(100 * now, present[k], mark, color=SHADES[k], markersize=9, markeredgecolor="black")
    ax.axvline(100 * now, color="gray", linewidth=0.8)
    ax.set(xlabel="agent 2 mends a worn machine (%)", ylabel="value to agent 1", ylim=(-6, 26))
    ax.legend(frameon=False, loc="upper left")
    use, mend = present
    return f"Using is worth {use:.2f}, mending {mend:.2f}: best is to {'mend' if mend > use else 'use'}."


def draw_stage(axes, table, found, chance, field):
    """A stage game (2, 2) of tiny football, its solution, and what agent 1 secures if it attacks left with a chance."""
    axes[0].imshow(table, cmap="PuOr_r", vmin=-1.4, vmax=1.4)
    for a, b in np.ndindex(2, 2):
        axes[0].text(b, a, f"{table[a, b]:.2f}", ha="center", va="center", fontsize=12)
    axes[0].set(xticks=[0, 1], xticklabels=["guard left", "guard right"])
    axes[0].set(yticks=[0, 1], yticklabels=["attack\nleft", "attack\nright"])
    axes[0].set_title(f"Stage game of {field}: pays agent 1")
    for b, name in enumerate(["guards left", "guards right"]):
        axes[1].plot([0, 100], table[::-1, b], color=GUARDS[b], linewidth=2, label=name)
    secured = min(np.array([chance, 1 - chance]) @ table)
    axes[1].plot(100 * found.row[0], found.value, "k*", markersize=12, label="value")
    axes[1].plot(100 * chance, secured, "o", color=SHADES[0], label="you secure")
    axes[1].set(xlabel="agent 1 attacks left (%)", ylim=(-1.1, 1.1))
    axes[1].legend(frameon=False, fontsize=8, loc="lower center", ncols=2)
    return (
        f"Value {found.value:.3f}: attack left {found.row[0]:.0%}, guard left {found.column[0]:.0%}. With {chance:.0%} "
        f"agent 1 secures {secured:.3f}."
    )
