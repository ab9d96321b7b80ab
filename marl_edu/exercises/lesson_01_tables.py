"""Lesson 01, one centre or many agents: how large the tables are, and what seeing everything is worth.

Legend of axes: O_i observations and A_i actions of agent i.
"""

from __future__ import annotations

import itertools

import numpy as np

from marl_edu.exercises import Exercise, Misconception, Property


# --- 01.3 how large the tables are ---------------------------------------------------------------------------------
def table_entries(n_states, n_actions):
    """Return (entries of the centre's table, entries of all agents' own tables together)."""
    joint_actions = 1
    for count in n_actions:
        joint_actions *= count
    return n_states * joint_actions, n_states * sum(n_actions)


def _small(rng):
    return [(1, [2, 2]), (3, [2, 3]), (10, [4]), (7, [5, 2, 3]), (4, [3, 3, 3, 3]), (2, [1, 6])]


def _huge(rng):
    found = [(10, [5] * 30), (10**6, [9] * 25), (3, list(range(2, 24)))]
    return found + [(int(rng.integers(2, 99)), rng.integers(2, 20, size=40).tolist()) for _ in range(3)]


def _wrapped(n_states, n_actions):
    with np.errstate(over="ignore"):
        joint = int(np.int64(n_states) * np.prod(np.array(n_actions, dtype=np.int64)))
    return joint, n_states * sum(n_actions)


def _rounded(n_states, n_actions):
    return int(n_states * float(np.prod(np.array(n_actions, dtype=float)))), n_states * sum(n_actions)


tables = Exercise(
    name="01.tables",
    title="How large the tables are, exactly",
    objective="01.3",
    minutes=5,
    difficulty=1,
    task=(
        "Everybody sees the state. `n_states` is the number of states, `n_actions` a list with the number of actions "
        "of each agent. The centre keeps one number for each state and *joint* action. Decentralised agents keep a "
        "table each, with one number for each state and *own* action. Return both counts, **exactly**, even when there "
        "are forty agents."
    ),
    stub='''
def table_entries(n_states, n_actions):
    """Return (entries of the centre's table, entries of all agents' own tables together)."""
    ...
''',
    solution=table_entries,
    properties=[
        Property("the centre has an entry for each state and joint action; the agents for each own action", _small),
        Property("the counts are exact, however large", _huge, tolerance=0),
    ],
    misconceptions=[
        Misconception(
            "an integer of 64 bits ran over",
            "NumPy's integers have 64 bits and wrap around without a word. Python's own integers never do: multiply in "
            "a loop, or use `math.prod`.",
            wrong=_wrapped,
        ),
        Misconception(
            "a float was rounded",
            "A float holds about 16 digits; the rest of the count was lost. Python's own integers are exact.",
            wrong=_rounded,
        ),
        Misconception(
            "added instead of multiplied",
            "For each action of agent 1, agent 2 may take any of its own: joint actions multiply.",
            wrong=lambda n_states, n_actions: (n_states * sum(n_actions), n_states * sum(n_actions)),
        ),
        Misconception(
            "all agents have as many actions as the first",
            "Agents may have different numbers of actions: A_1 x A_2 x ... x A_N.",
            wrong=lambda s, a: (s * a[0] ** len(a), s * a[0] * len(a)),
        ),
        Misconception(
            "the base and the exponent changed places",
            "Two agents with 5 actions have 5 x 5 joint actions, not 2 to the power 5.",
            wrong=lambda s, a: (s * len(a) ** max(a), s * sum(a)),
        ),
        Misconception(
            "one agent's own table only",
            "The second number counts the tables of *all* agents together.",
            wrong=lambda s, a: (table_entries(s, a)[0], s * a[0]),
        ),
        Misconception(
            "states left out",
            "Each table has a row for each state: multiply by their number.",
            wrong=lambda s, a: (table_entries(1, a)[0], sum(a)),
        ),
    ],
    hints=[
        "Joint actions: multiply the numbers of actions. Own actions: add them. Both times the number of states.",
        "`math.prod(n_actions)` multiplies Python integers, so nothing is rounded and nothing runs over.",
    ],
)


# --- 01.4 what seeing everything is worth --------------------------------------------------------------------------
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
