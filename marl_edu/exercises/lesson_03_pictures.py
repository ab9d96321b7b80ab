"""Lesson 03: what only draws, and answers to fold away. What the numbers mean is in the lesson.

Agents have their colours. A plan is no agent: it has a colour and a dash of its own, none of those that mean "exact" or
"random".

Legend of axes: T steps, N agents, G discounts.
"""

from __future__ import annotations

import numpy as np

from marl_edu.games.colours import INK, agent_colour
from marl_edu.views import LearningCurve

PLAN_LOOKS = (
    {"color": INK, "linestyle": "-", "linewidth": 1.8},
    {"color": "#7B3294", "linestyle": (0, (4, 1.5, 1.5, 1.5)), "linewidth": 1.8},
    {"color": "#8C6D1F", "linestyle": (0, (12, 1.5, 1.5, 1.5, 1.5, 1.5)), "linewidth": 1.8},
)
"""Looks of plans, in their order."""

STEPS = 40
"""How many steps ahead the picture of the weights shows."""


def folded(words: str) -> str:
    """Markdown that opens when it is clicked: what there was to see.

    >>> folded("1. A line.").splitlines()[0]
    '<details><summary>What you should have seen</summary>'
    """
    return f"<details><summary>What you should have seen</summary>\n\n{words}\n\n</details>"


def draw_rewards(rewards):
    """One episode's rewards (T, N) of two agents, a figure and its words."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(8.6, 2.4), sharey=True, layout="constrained")
    for i, ax in enumerate(axes):
        ax.bar(range(len(rewards)), rewards[:, i], color=agent_colour(i))
        ax.axhline(0, color="black", linewidth=0.8)
        ax.set(xlabel="step", title=f"Rewards of agent {i + 1}", ylabel="" if i else "reward")
    return figure, (
        f"Bars over the {len(rewards)} steps of one episode, agent 1 on the left, agent 2 on the right. Each step "
        "costs 1, a collision 1 more, and arriving pays 10. An agent that has arrived is paid nothing more."
    )


def draw_returns(axes, rewards, discount: float, step: float) -> str:
    """Rewards (T, N), pale, and what they count from ``step`` on, dark: each agent, and in the last axes the team."""
    t, words, k = round(step), [], np.arange(len(rewards))
    weights = np.where(k < t, 0, discount ** np.maximum(k - t, 0))
    for i, (ax, paid) in enumerate(zip(axes, [*rewards.T, rewards.sum(axis=1)], strict=True)):
        team = i == rewards.shape[1]
        name, colour = ("team", INK) if team else (f"agent {i + 1}", agent_colour(i))
        ax.bar(k, paid, color=colour, alpha=0.25)
        ax.bar(k, paid * weights, color=colour)
        ax.axvline(t - 0.5, color="black", linewidth=0.8)
        found = paid @ weights
        ax.set(title=f"{name}: G = {found:.2f}", xlabel="step", ylim=(-5, 12))
        ax.set_xticks(range(0, len(paid), 2))
        words.append(f"{name} {found:.2f}")
    return f"Returns from step {t} on, discount {discount:g}: {', '.join(words)}."


def draw_weights(ax, discount: float, steps: int) -> str:
    """Weights of the rewards ahead, those of the first ``steps`` dark, and the horizon."""
    k, horizon, share = np.arange(STEPS), 1 / (1 - discount), 100 * (1 - discount**steps)
    ax.bar(k, discount**k, color=np.where(k < steps, "#4d4d4d", "#c4c4c4"))
    outside = horizon > STEPS
    if not outside:
        ax.axvline(horizon - 0.5, color="black", linestyle="--")
    title = f"first {steps}: {share:.0f} % of the weight"
    if outside:
        title += f"\n(horizon {horizon:.0f}: outside the picture)"
    ax.set(xlabel="steps ahead", ylabel="weight", title=title)
    where = ", outside the picture" if outside else ""
    return (
        f"Discount {discount:g}: horizon {horizon:.3g} steps{where}; the first {steps} steps hold {share:.0f} % of the "
        "weight."
    )


def draw_plans(ax, discounts, worth: dict, discount: float, **looks) -> None:
    """What plans are worth (G) at these discounts, told apart by dashes and colours; a thin line where we are."""
    for (name, values), look in zip(worth.items(), PLAN_LOOKS, strict=False):
        ax.plot(discounts, values, label=name, **look)
    ax.axvline(discount, color="black", linewidth=0.8)
    ax.legend(frameon=False, handlelength=4)
    ax.set(xlabel="discount", **looks)


def draw_teams(runs: dict):
    """Each agent's own return in several teams, side by side; ``runs`` has a recording for each name."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(runs), figsize=(11, 3.2), layout="constrained")
    for ax, (name, run) in zip(axes, runs.items(), strict=True):
        label = "own return, exact, greedy" if ax is axes[0] else " "
        LearningCurve("own_return", agents="each", references=True, title=name, y_label=label)(ax, run, -1)
    limits = [ax.get_ylim() for ax in axes]
    for ax in axes:  # what is to be compared has one scale
        ax.set_ylim(min(low for low, _ in limits), max(high for _, high in limits))
    return figure
