"""Lesson 10: what only draws. Each function puts numbers into axes and returns what they say, in words.

Legend of axes: T steps, N agents, L landmarks, K seeds, M teams of different sizes.
"""

from __future__ import annotations

import copy

import matplotlib.pyplot as plt
import numpy as np
from scipy.special import softmax, stdtrit

from marl_edu.exercises import lesson_05_pictures
from marl_edu.games.colours import INK, agent_colour
from marl_edu.games.particles.controllers import play_episodes
from marl_edu.games.particles.physics import distances
from marl_edu.learning.particle_play import pictured
from marl_edu.recording import Recording
from marl_edu.views import ParticleView

PURPLE = "#6a4c93"
"""Of values, which belong to no agent."""


def side_by_side(views, recordings, limits=None):
    """The last moments of one to three recordings, each seen by a view; returns the figure and what it says.

    With ``limits`` (low, high) all have the same vertical axis; the horizontal ones end with the runs.
    """
    figure, words = lesson_05_pictures.side_by_side(views, recordings, limits)
    for ax, recording in zip(figure.axes, recordings, strict=True):
        ax.set_xlim(0, 1.03 * recording.units[-1])
    return figure, words


def to_the_nearest(world):
    """A policy of the world: each agent goes to the landmark that is nearest to it, whoever else goes there."""
    ways = distances(world.positions, world.landmarks)
    wanted = np.take_along_axis(world.landmarks, ways.argmin(axis=-1)[..., np.newaxis], axis=-2)
    return np.clip(5 * (wanted - world.positions) - world.velocities, -1, 1)


def flights(world, policies, seed):
    """The same beginning flown by several policies, {title: policy}, as pictures; returns the figure and its words."""
    figure, axes = plt.subplots(1, len(policies), figsize=(3.2 * len(policies), 3.5), layout="constrained")
    said = []
    for ax, (title, policy) in zip(np.atleast_1d(axes), policies.items(), strict=True):
        played = play_episodes(copy.deepcopy(world), policy, [np.random.default_rng(seed)], 1)
        recording = Recording(title, "step", game=world)
        recording.append(0, pictured(world, played))
        earned = float(played.returns.mean())
        ParticleView(title=f"{title}: {earned:.1f}")(ax, recording, -1)
        said.append(f"{title} earns {earned:.1f} for each agent")
    return figure, "The same beginning, flown by different policies, with the way that each agent went. " + (
        f"{'; '.join(said)}."
    )


def draw_moving(axes, now, memory, best_sum=0.5, spread=0.2):
    """A critic that does not see agent 2, and one that does, while agent 2's action moves from -0.5 to ``now``.

    The team is paid 1 - (a_1 + a_2 - best_sum)^2; ``memory`` is the share of the replay that is from before. Agent 2's
    action varies by ``spread``, its standard deviation, around what it does.
    """
    before, one = -0.5, np.linspace(-1, 1, 101)
    mean = memory * before + (1 - memory) * now
    variance = memory * (before - mean) ** 2 + (1 - memory) * (now - mean) ** 2 + spread**2
    thinks = 1 - (one + mean - best_sum) ** 2 - variance
    truth = 1 - (one + now - best_sum) ** 2 - spread**2
    left, right = axes
    two = one[:, np.newaxis]
    joint = 1 - (one + two - best_sum) ** 2
    left.contourf(one, one, joint, 9, cmap="Purples", alpha=0.6)
    lines = left.contour(one, one, joint, [-4, -2, -1, 0, 0.5, 0.9], colors="#4a3180", linewidths=1)
    left.clabel(lines, fontsize=8, fmt="%g")
    left.axhline(now, color=agent_colour(1), linewidth=2)
    box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5, "alpha": 0.85}
    above = now < 0.75
    left.text(-0.96, now + (0.05 if above else -0.05), "agent 2 now", color=agent_colour(1), fontsize=9, bbox=box,
              va="bottom" if above else "top")  # fmt: skip
    best = float(np.clip(best_sum - now, -1, 1))
    left.plot(best, now, "*", markersize=13, color=agent_colour(0), markeredgecolor="white", clip_on=False)
    left.set(title="Q(a1, a2): stands still", xlabel="action of agent 1", ylabel="action of agent 2")
    right.plot(one, truth, "--", color=INK, label="what its actions are worth now")
    right.plot(one, thinks, color=agent_colour(0), linewidth=2.4, label="what Q1(a1) learns from the replay")
    chosen = float(np.clip(best_sum - mean, -1, 1))
    pays, top = (1 - (own + now - best_sum) ** 2 - spread**2 for own in (chosen, best))
    right.plot(chosen, 1 - (chosen + mean - best_sum) ** 2 - variance, "v", markersize=9, color=agent_colour(0))
    right.plot(best, top, "*", markersize=13, color=agent_colour(0), markeredgecolor="white", clip_on=False)
    right.set(title="Q1(a1): moves with agent 2", xlabel="action of agent 1", ylabel="value", ylim=(-4.2, 2.8))
    right.legend(fontsize=8.5, frameon=False, loc="upper center")
    for ax in axes:
        ax.spines[["top", "right"]].set_visible(False)
    return (
        f"Agent 2 does {now:.2f}, so {best:.2f} is agent 1's best. The critic that sees only agent 1 says {chosen:.2f} "
        f"(triangle), which pays {pays:.2f} in place of {top:.2f}."
    )


def draw_right_way(ax, sizes, once, batch, exact_once, exact_batch, batch_size):
    """How often a sampled policy gradient points the right way, by size of the team, (M,) each."""
    ax.plot(sizes, exact_once, "--", color=INK, linewidth=1.3, label="exact: 1/2 to the power of N")
    ax.plot(sizes, once, "o", color=PURPLE, markersize=7, label="one play, measured")
    ax.plot(sizes, exact_batch, "--", color="#9a9a9a", linewidth=1.3, label=f"exact, mean of {batch_size} plays")
    ax.plot(sizes, batch, "s", color="#9a9a9a", markersize=6, label=f"mean of {batch_size} plays, measured")
    ax.set_yscale("log")
    ax.set(xlabel="agents in the team", ylabel="share that points the right way", xticks=sizes)
    ax.legend(fontsize=9, frameon=False, loc="lower left")
    ax.spines[["top", "right"]].set_visible(False)
    told = ", ".join(f"{n} agents {share:.4f}" for n, share in zip(sizes, once, strict=True) if n in (1, 5, 10))
    return f"Share of one-sample gradients that point the right way: {told}. They lie on the dashed line."


def draw_words(ax, updates, worth, title):
    """Return after each word, whoever listens, at several moments: ``worth`` (T, words)."""
    for word, (style, mark, shade) in enumerate((("-", "o", INK), ("--", "s", PURPLE), (":", "^", "#9a9a9a"))):
        ax.plot(updates, worth[:, word], style, marker=mark, color=shade, label=f"always word {word + 1}")
    ax.set(xlabel="updates of both", ylabel="return of an episode", ylim=(-60, 0))
    ax.set_title(title, fontsize=11)
    ax.legend(fontsize=9, frameon=False, loc="lower right")
    ax.spines[["top", "right"]].set_visible(False)
    first, last = (", ".join(f"{value:.1f}" for value in worth[t]) for t in (0, -1))
    return f"{title}. What an episode earns after words 1, 2 and 3: at first {first}, at the end {last}."


def draw_spreads(ax, updates, spreads):
    """How much it matters which word is said, {method: (T, K)}: means over seeds with 95 % intervals."""
    told = []
    for (name, values), (style, colour) in zip(spreads.items(), (("--", INK), ("-", PURPLE)), strict=False):
        mean = values.mean(axis=1)
        half = stdtrit(values.shape[1] - 1, 0.975) * values.std(axis=1, ddof=1) / np.sqrt(values.shape[1])
        ax.plot(updates, mean, style, color=colour, linewidth=2, label=name)
        ax.fill_between(updates, mean - half, mean + half, color=colour, alpha=0.15, linewidth=0)
        told.append(f"{name} {mean[-1]:.1f} ({mean[-1] - half[-1]:.1f} to {mean[-1] + half[-1]:.1f})")
    ax.set(xlabel="updates of both", ylabel="best word less worst word", ylim=(0, None))
    ax.legend(fontsize=9, frameon=False, loc="upper left")
    ax.spines[["top", "right"]].set_visible(False)
    return f"Difference in return between the best and the worst word, at the end: {', '.join(told)}."


def draw_meetings(axes, tables, names, titles):
    """Cross-play: mean returns with 95 % intervals, rows who steers the adversaries, columns who the good agents.

    ``tables`` is a list of {(row, column): (mean, low, high)}.
    """
    said = []
    for ax, table, title in zip(axes, tables, titles, strict=True):
        means = np.array([[table[row, column][0] for column in names] for row in names])
        ax.imshow(means, cmap="Purples", alpha=0.6, vmin=means.min() - np.ptp(means) / 2, vmax=means.max() + 1e-9)
        for (r, c), mean in np.ndenumerate(means):
            _, low, high = table[names[r], names[c]]
            ax.text(c, r - 0.06, f"{mean:.1f}", ha="center", va="center", fontsize=13, color=INK)
            ax.text(c, r + 0.22, f"{low:.1f} to {high:.1f}", ha="center", va="center", fontsize=9, color=INK)
            said.append(f"{title}: {names[r]} against {names[c]} {mean:.1f} ({low:.1f} to {high:.1f})")
        ax.set_xticks(range(len(names)), names)
        ax.set_yticks(range(len(names)), names)
        ax.set(title=title, xlabel="good agents by", ylabel="adversaries by")
        ax.title.set_fontsize(10)
        ax.tick_params(length=0)
    return "; ".join(said) + "."


def draw_differences(ax, intervals, label):
    """Differences with their 95 % intervals, {name: (mean, low, high)}; those that do not touch 0 are filled."""
    for k, (mean, low, high) in enumerate(intervals.values()):
        clear = low > 0 or high < 0
        ax.plot([low, high], [k, k], color=INK, linewidth=2.5)
        ax.plot(mean, k, "D", markersize=8, color=PURPLE if clear else "white", markeredgecolor=INK)
    ax.axvline(0, color=INK, linestyle="--", linewidth=1.2)
    ax.set_yticks(range(len(intervals)), list(intervals), fontsize=9)
    ax.set_ylim(len(intervals) - 0.5, -0.5)
    ax.set_xlabel(label)
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="y", length=0)
    told = (
        f"{name.replace(chr(10), ' ')} {mean:.1f} ({low:.1f} to {high:.1f})"
        for name, (mean, low, high) in intervals.items()
    )
    return f"{label[0].upper()}{label[1:]}, with 95 % intervals; filled where they don't touch 0. {'; '.join(told)}."


def draw_choice(axes, logits, noise, temperature, names):
    """One draw by Gumbel noise: logits, with noise, and what the gradient takes the action for."""
    at = np.arange(len(logits))
    noisy = logits + noise
    chances, soft = softmax(logits), softmax(noisy / temperature)
    chosen = int(noisy.argmax())
    left, right = axes
    left.bar(at - 0.2, logits, 0.38, color="#c8b8dc", label="logits")
    left.bar(at + 0.2, noisy, 0.38, color="#9a9a9a", label="with Gumbel noise")
    left.bar(chosen + 0.2, noisy[chosen], 0.38, color=INK, label="the largest")
    left.axhline(0, color=INK, linewidth=0.8)
    left.set_title("the largest is chosen", fontsize=10)
    right.bar(at - 0.27, chances, 0.25, color="#c8b8dc", label="chance of each")
    right.bar(at, np.eye(len(at))[chosen], 0.25, color=INK, label="the action")
    right.bar(at + 0.27, soft, 0.25, color=PURPLE, label="what the gradient sees")
    right.set_ylim(0, 1.05)
    right.set_title("action, and its stand-in on the way back", fontsize=10)
    for ax in axes:
        ax.set_xticks(at, names)
        ax.legend(fontsize=8.5, frameon=False)
        ax.spines[["top", "right"]].set_visible(False)
    return (
        f"{names[chosen]!r} is chosen, which has the chance {chances[chosen]:.2f}. The gradient takes the action for a "
        f"mixture with {soft[chosen]:.2f} on it."
    )
