"""Lesson 01, what it is worth to see everything: one centre against the best decentralised agents, exactly.

Legend of axes: O_i observations and A_i actions of agent i.
"""

from __future__ import annotations

import itertools

import numpy as np

from marl_edu.exercises import Exercise, Misconception, Property


def best_values(wins):
    """Return (best mean with one centre, best mean with decentralised agents)."""
    lamps_1, _, n_1, _ = wins.shape
    centre = wins.max(axis=(2, 3)).mean()
    best = -np.inf
    for policy_1 in itertools.product(range(n_1), repeat=lamps_1):
        own = np.stack([wins[o, :, a] for o, a in enumerate(policy_1)])
        best = max(best, own.mean(axis=0).max(axis=1).mean())
    return centre, best


def _value(wins, policy_1, policy_2):
    rows, columns = np.arange(wins.shape[0])[:, None], np.arange(wins.shape[1])[None, :]
    return wins[rows, columns, np.array(policy_1)[:, None], np.array(policy_2)[None, :]].mean()


def _blind(wins):
    """Nobody looks at anything."""
    return float(wins.max(axis=(2, 3)).mean()), float(wins.mean(axis=(0, 1)).max())


def _selfish(wins):
    """Each takes what is best on average over what the other sees and does."""
    policy_1, policy_2 = wins.mean(axis=(1, 3)).argmax(axis=1), wins.mean(axis=(0, 2)).argmax(axis=1)
    return float(wins.max(axis=(2, 3)).mean()), float(_value(wins, policy_1, policy_2))


def _one_looks(wins):
    """Agent 2 sees its lamp, agent 1 nothing."""
    ways = [wins[:, :, a].mean(axis=0).max(axis=1).mean() for a in range(wins.shape[2])]
    return float(wins.max(axis=(2, 3)).mean()), float(max(ways))


def _two_sees_both(wins):
    """Agent 2 answers to both lamps."""
    ways = [
        np.mean([wins[o, :, a].max(axis=1).mean() for o, a in enumerate(policy)])
        for policy in itertools.product(range(wins.shape[2]), repeat=wins.shape[0])
    ]
    return float(wins.max(axis=(2, 3)).mean()), float(max(ways))


def _two_of_each(wins):
    """The lines of the lesson for the two lamps: only signals 0 and 1, only actions 0 and 1."""
    return float(wins.max(axis=(2, 3)).mean()), float(best_values(wins[:2, :2, :2, :2])[1])


def _two_actions(wins):
    return float(wins.max(axis=(2, 3)).mean()), float(best_values(wins[:, :, :2, :2])[1])


def _random_play(wins):
    return float(wins.max(axis=(2, 3)).mean()), float(wins.mean())


def _sums(wins):
    centre, apart = best_values(wins)
    return float(centre * wins.shape[0] * wins.shape[1]), float(apart * wins.shape[0] * wins.shape[1])


def _centre_blind(wins):
    return float(wins.mean(axis=(0, 1)).max()), float(best_values(wins)[1])


def _lamps(rng):
    from marl_edu.exercises.lesson_01_lamps import lamps_table

    return [(lamps_table(),), (1 - lamps_table(),)]


def _random(rng):
    sizes = [(2, 2, 2, 2), (2, 2, 2, 2), (2, 2, 3, 2), (2, 3, 2, 2), (3, 2, 2, 3), (2, 2, 3, 3), (3, 3, 3, 2)]
    return [(np.round(rng.uniform(-5, 9, size=size), 1),) for size in sizes]


def _certain(rng):
    """What is best does not depend on the other's lamp: the centre gains nothing."""
    found = []
    for size in ((2, 2, 2, 2), (3, 2, 2, 3)):
        own = [rng.permutation(size[i] * size[2 + i]).reshape(size[i], size[2 + i]).astype(float) for i in range(2)]
        found.append((own[0][:, None, :, None] + own[1][None, :, None, :],))
    return found


gain = Exercise(
    name="01.gain",
    title="What is it worth to see everything?",
    objective="01.4",
    minutes=12,
    difficulty=3,
    task=(
        "`wins[o1, o2, a1, a2]` is what the team gets if the lamps show `o1` and `o2` and the agents do `a1` and `a2`. "
        "All pairs of lamps are equally likely; there may be any number of signals and actions. Return two numbers: "
        "the largest mean with one centre, which sees both lamps and chooses both actions, and the largest mean with "
        "decentralised agents, of which each sees its own lamp only (they may agree on their policies beforehand)."
    ),
    stub='''
def best_values(wins):
    """Return (best mean with one centre, best mean with decentralised agents)."""
    ...
''',
    solution=best_values,
    properties=[
        Property("in the game of the two lamps the centre wins always, the agents in three of four cases", _lamps),
        Property("where nobody needs the other's lamp, both are the same", _certain),
        Property("on any table, both are the largest means that there are", _random),
    ],
    misconceptions=[
        Misconception(
            "nobody looks at its lamp",
            "The second number is that of one joint action for all lamps. Each agent may do something else for each "
            "signal of its *own* lamp.",
            wrong=_blind,
        ),
        Misconception(
            "each for itself",
            "Each takes what is best on average over the other's lamp and a *random* other. But they may agree on "
            "their policies: look for the best *pair*.",
            wrong=_selfish,
        ),
        Misconception(
            "only one of them looks",
            "One of the two does the same whatever its lamp shows. Try all policies of both.",
            wrong=_one_looks,
        ),
        Misconception(
            "agent 2 sees both lamps",
            "The maximum was taken for each pair of lamps apart. Agent 2 must do the same for all signals of agent 1: "
            "take the mean over agent 1's lamp first, then the maximum.",
            wrong=_two_sees_both,
        ),
        Misconception(
            "only two signals and two actions",
            "These are the lines for the two lamps: signals 0 and 1, actions 0 and 1. Here there may be more of each: "
            "take their numbers from `wins.shape`.",
            wrong=_two_of_each,
        ),
        Misconception(
            "only two actions",
            "Only the actions 0 and 1 were tried. There may be more: take their numbers from `wins.shape`.",
            wrong=_two_actions,
        ),
        Misconception(
            "random agents",
            "The second number is that of agents who act at random. The best decentralised ones do better.",
            wrong=_random_play,
        ),
        Misconception(
            "summed over the lamps",
            "All pairs of lamps are equally likely: take the mean, not the sum.",
            wrong=_sums,
        ),
        Misconception(
            "a centre with its eyes shut",
            "The centre may choose another joint action for each pair of lamps: first the maximum over actions, then "
            "the mean over lamps.",
            wrong=_centre_blind,
        ),
    ],
    hints=[
        "The centre: for each pair of lamps the largest entry; then the mean.",
        "A policy of agent 1 is one action for each signal: `itertools.product(range(n_1), repeat=lamps_1)` lists all. "
        "Likewise for agent 2. Try all pairs, or think about what agent 2 does best for one policy of agent 1.",
        "For a pair of policies p and q the mean is over all o1, o2 of `wins[o1, o2, p[o1], q[o2]]`.",
    ],
)
