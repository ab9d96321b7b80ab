"""Lesson 02, two exercises about the arrays: a game built by hand, and the number of a joint action.

Legend of axes: N agents, S states, A_i actions of agent i.
"""

from __future__ import annotations

import numpy as np

from marl_edu.exercises import Exercise, Property
from marl_edu.exercises.judge import mistake


# --- 02.1 a game built by hand -------------------------------------------------------------------------------------
def build_door(both, one, bell, shuts, cost, gains):
    """The door as arrays: transitions (2, 2, 3, 2) and rewards (2, 2, 2, 3)."""
    transitions = np.zeros((2, 2, 3, 2))
    transitions[0, :, :, 1] = [[0, one, bell], [one, both, bell]]
    transitions[1, :, :, 1] = 1 - shuts
    transitions[..., 0] = 1 - transitions[..., 1]
    rewards = np.zeros((2, 2, 2, 3))
    rewards[0, :, 1, :] -= cost
    rewards[1, :, :, 1] -= cost
    rewards[:, 1] += np.reshape(gains, (2, 1, 1))
    return transitions, rewards


def _door(both, one, bell, shuts, cost, gains, *, fault=""):
    """The door with one of its rules read wrongly."""
    transitions, rewards = build_door(both, one, bell, shuts, cost, gains)
    if fault == "half":
        transitions[..., 0] = 0
    elif fault == "shuts":
        transitions[1] = transitions[1, ..., ::-1]
    elif fault == "next first":
        transitions = np.moveaxis(transitions, -1, 0)
    elif fault == "agent last":
        rewards = np.moveaxis(rewards, 0, -1)
    elif fault == "swapped":
        transitions, rewards = transitions.swapaxes(1, 2), rewards.swapaxes(2, 3)
    elif fault == "team":
        rewards = np.stack([rewards.sum(axis=0)] * 2)
    elif fault == "sign":
        rewards = rewards + 2 * (np.reshape(gains, (2, 1, 1, 1)) * [[[[0]], [[1]]]] - rewards)
    elif fault == "opening":
        rewards[:, 1] -= np.reshape(gains, (2, 1, 1))
        rewards = rewards + np.reshape(gains, (2, 1, 1, 1)) * transitions[..., 1]
    elif fault == "bell":
        transitions[0, 1, 2] = transitions[0, 1, 0]
    elif fault == "same gain":
        rewards[1, 1] += gains[0] - gains[1]
    return transitions, rewards


def _doors(rng):
    found = [(0.9, 0.2, 0.5, 0.4, 1.0, (3.0, 5.0))]
    for _ in range(6):
        both, one, bell, shuts = (float(p) for p in np.round(rng.uniform(0.05, 0.95, 4), 2))
        cost, gain_1, gain_2 = (float(r) for r in np.round(rng.uniform(0.5, 6, 3), 1))
        found.append((both, one, bell, shuts, cost, (gain_1, gain_2)))
    return found


def _wrong_door(fault):
    return lambda both, one, bell, shuts, cost, gains: _door(both, one, bell, shuts, cost, gains, fault=fault)


build = Exercise(
    name="02.build",
    title="Build a game by hand",
    objective="02.1",
    minutes=14,
    difficulty=2,
    task=(
        "Write the door as two arrays. States: 0 closed, 1 open. Agent 1 has two actions: 0 wait, 1 push. Agent 2 "
        "has three: 0 wait, 1 push, 2 ring. **A closed door** opens with probability `both` if both push, `one` if "
        "exactly one pushes and nobody rings, `bell` if agent 2 rings (whatever agent 1 does); else it stays closed. "
        "**An open door** shuts with probability `shuts`, whatever they do. **Pay**: in either state a push costs "
        "whoever pushes `cost`; in state open, agent 1 is paid `gains[0]` and agent 2 `gains[1]` besides. Return "
        "`transitions`, axes (state, action 1, action 2, next state), and `rewards`, axes (agent, state, action 1, "
        "action 2)."
    ),
    stub='''
def build_door(both, one, bell, shuts, cost, gains):
    """Return transitions, shape (2, 2, 3, 2), and rewards, shape (2, 2, 2, 3)."""
    ...
''',
    solution=build_door,
    properties=[Property("the two arrays say what the text says, for all probabilities and payments", _doors)],
    misconceptions=[
        mistake(
            "rows that don't sum to 1",
            "The probabilities of opening are there; but a door that doesn't open stays closed, and that has a "
            "probability too. Each row p(. | s, a) sums to 1.",
            _wrong_door("half"),
        ),
        mistake(
            "shutting and staying open are mixed up",
            "`shuts` is the probability with which an open door leads to state 0; it stays open with the rest.",
            _wrong_door("shuts"),
        ),
        mistake(
            "the next state stands first",
            "The axes are (state, action 1, action 2, next state): what follows stands last, so that "
            "`transitions[s, a1, a2]` is a row that sums to 1.",
            _wrong_door("next first"),
        ),
        mistake(
            "the agent stands last",
            "The axes of rewards are (agent, state, action 1, action 2): `rewards[i]` is the table of one agent.",
            _wrong_door("agent last"),
        ),
        mistake(
            "the agents' axes are swapped",
            "Agent 1's action comes before agent 2's in both arrays; agent 2 is the one with three actions.",
            _wrong_door("swapped"),
        ),
        mistake(
            "everybody gets the sum",
            "This pays the team's sum to both. Here rewards are individual: a push costs only the one that pushes, and "
            "each has a gain of its own.",
            _wrong_door("team"),
        ),
        mistake(
            "a cost with the wrong sign",
            "Whoever pushes pays: a cost is a negative reward.",
            _wrong_door("sign"),
        ),
        mistake(
            "paid for opening the door",
            "The gain is paid in state open, for whatever is done there, and not for the step that opens the door.",
            _wrong_door("opening"),
        ),
        mistake(
            "the bell is heard only if agent 1 waits",
            "If agent 2 rings, the door opens with probability `bell` whatever agent 1 does, also if it pushes.",
            _wrong_door("bell"),
        ),
        mistake(
            "both have agent 1's gain",
            "`gains` holds two numbers, one for each agent.",
            _wrong_door("same gain"),
        ),
    ],
    hints=[
        "Fill in the probability of state 1 (open) first, for all states and joint actions; the probability of state "
        "0 is the rest.",
        "In the closed state these are six numbers: rows agent 1 (wait, push), columns agent 2 (wait, push, ring). "
        "`transitions[0, :, :, 1] = [[0, one, bell], [...]]`",
        "`rewards[0, :, 1, :] -= cost` says: agent 1 pays in every state if it pushes, whatever agent 2 does. And "
        "`rewards[0, 1] += gains[0]`.",
    ],
)


# --- 02.2 the number of a joint action -----------------------------------------------------------------------------
def joint_number(actions, counts):
    """Number of a joint action in C order: the last agent's action varies fastest."""
    number = 0
    for action, count in zip(actions, counts, strict=True):
        number = number * count + action
    return number


def _first_fastest(actions, counts):
    return joint_number(actions[::-1], counts[::-1])


def _one_base(actions, counts):
    return joint_number(actions, [max(counts)] * len(counts))


def _own_count(actions, counts):
    number = 0
    for k, action in enumerate(actions):
        number += action * int(np.prod(counts[:k]) if k else 1)
    return number


def _neighbour(actions, counts):
    number = actions[0]
    for k in range(1, len(actions)):
        number = number * counts[k - 1] + actions[k]
    return number


def _joint(n_agents):
    def cases(rng):
        found = []
        for _ in range(8):
            counts = tuple(int(n) for n in rng.permutation([2, 3, 4, 5, 6])[:n_agents])
            actions = tuple(int(rng.integers(1, n)) for n in counts)
            found.append((actions, counts))
        return found

    return cases


def _first_and_last(rng):
    return [((0,) * n, counts) for n, counts in ((2, (2, 3)), (3, (4, 2, 3)))] + [
        (tuple(n - 1 for n in counts), counts) for counts in ((2, 3), (5, 2), (4, 2, 3), (2, 3, 4, 5))
    ]


number = Exercise(
    name="02.number",
    title="The number of a joint action",
    objective="02.2",
    minutes=7,
    difficulty=1,
    task=(
        "`actions` holds one action number per agent, `counts` how many actions each agent has. Return the number of "
        "the joint action when all are counted from 0 in C order: the *last* agent's action varies fastest, as in the "
        "list above. For any number of agents, and without building the list."
    ),
    stub='''
def joint_number(actions, counts):
    """Return the number of the joint action, the last agent varying fastest."""
    ...
''',
    solution=joint_number,
    properties=[
        Property(
            "the first joint action is number 0, the last one the number of joint actions minus 1", _first_and_last
        ),
        Property("two agents", _joint(2)),
        Property("three agents and four", lambda rng: [*_joint(3)(rng), *_joint(4)(rng)]),
    ],
    misconceptions=[
        mistake(
            "the first agent varies fastest",
            "That is the other order (Fortran's). In C order, the next number is the next action of the *last* agent.",
            _own_count,
        ),
        mistake(
            "one base for all agents",
            "All agents were given equally many actions. Each step to the left weighs as many as there are actions to "
            "its right.",
            _one_base,
        ),
        mistake(
            "the neighbour's count",
            "An agent's action weighs the product of the counts of the agents *after* it, its own not included.",
            _neighbour,
        ),
        mistake(
            "the actions' numbers added",
            "Different joint actions have the same sum; a number has to belong to one of them only.",
            lambda actions, counts: sum(actions),
        ),
        mistake(
            "counted from 1",
            "Joint actions are counted from 0, as their actions are.",
            lambda actions, counts: joint_number(actions, counts) + 1,
        ),
        mistake(
            "the actions written side by side",
            "To write the digits side by side is to give ten actions to each agent.",
            lambda actions, counts: int("".join(map(str, actions))),
        ),
    ],
    hints=[
        "Two agents with 2 and 3 actions: how many joint actions come before the first one with `actions[0] == 1`?",
        "As many as agent 2 has actions. So for two agents: `actions[0] * counts[1] + actions[1]`.",
        "For more agents go from left to right: what you have so far times this agent's count, plus its action.",
    ],
)
