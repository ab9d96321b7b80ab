"""Lesson 01, one centre or many agents: how large the tables are, exactly."""

from __future__ import annotations

import numpy as np

from marl_edu.exercises import Exercise, Misconception, Property


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
            "states to the power of the agents",
            "`n_states` counts the states of the whole world already: that many rows, not that many for each agent. "
            "(In the text above, places were counted for each agent apart.)",
            wrong=lambda s, a: (table_entries(s ** len(a), a)[0], s ** len(a) * sum(a)),
        ),
        Misconception(
            "states to the power of the agents, in the centre's table",
            "Your second number is right. In the first, too, `n_states` counts the states of the whole world already.",
            wrong=lambda s, a: (table_entries(s ** len(a), a)[0], s * sum(a)),
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
