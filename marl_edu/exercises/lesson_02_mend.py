"""Lesson 02, find the bugs: a program that estimates the rows from steps.

Legend of axes: S states, A and B actions of agents 1 and 2.
"""

from __future__ import annotations

import numpy as np

from marl_edu.exercises import Exercise, Property
from marl_edu.exercises.judge import mistake
from marl_edu.games import random_game


# --- 02.3 find the bugs: rows from steps ---------------------------------------------------------------------------
def estimated(steps, n_states, n_actions):
    """Share of each next state among the steps with the same state and joint action; uniform where there are none."""
    counts = np.zeros((n_states, *n_actions, n_states))
    for state, (action_1, action_2), then in steps:
        counts[state, action_1, action_2, then] += 1
    totals = counts.sum(axis=-1, keepdims=True)
    return np.where(totals > 0, counts / np.maximum(totals, 1), 1 / n_states)


def _estimate(steps, n_states, n_actions, fault=""):
    counts, waiting = np.zeros((n_states, *n_actions, n_states)), 0
    counts += "ones" in fault
    for state, (action_1, action_2), then in steps:
        turns = "turns" in fault
        if fault == "both turns":
            counts[state, action_1, waiting, then] += 1
            turns = False
        counts[state, action_1, waiting if turns else action_2, then] += 1
        waiting = action_2
    axes = (1, 2, 3) if "state" in fault else 0 if "axis" in fault else -1
    totals = counts.sum(axis=axes, keepdims=True)
    if "nan" in fault:
        with np.errstate(all="ignore"):
            return counts / totals
    unseen = 0.0 if "zero" in fault else 1 / n_states
    return np.where(totals > 0, counts / np.maximum(totals, 1), unseen)


def _wrong_estimate(fault):
    return lambda steps, n_states, n_actions: _estimate(steps, n_states, n_actions, fault)


def _walk(rng, game, length):
    steps, state = [], 0
    for _ in range(length):
        joint = tuple(int(rng.integers(n)) for n in game.n_actions)
        then, _ = game.sample(state, joint, rng)
        steps.append((state, joint, then))
        state = then
    return steps


def _walks(length, sizes):
    def cases(rng):
        games = [random_game(2, s, (a, b), rng) for s, a, b in sizes]
        return [(_walk(rng, game, length), game.n_states, game.n_actions) for game in games]

    return cases


def _complete(rng):
    """Steps in which every pair of state and joint action occurs, in random order."""
    found = []
    for s, a, b in ((2, 2, 2), (3, 2, 3), (2, 3, 2)):
        steps = [(i, (j, k), int(rng.integers(s))) for i in range(s) for j in range(a) for k in range(b)] * 3
        steps += [(i, joint, int(rng.integers(s))) for i, joint, _ in steps]
        found.append(([steps[k] for k in rng.permutation(len(steps))], s, (a, b)))
    return found


mend = Exercise(
    name="02.mend",
    title="Find the bugs",
    objective="02.3",
    minutes=12,
    difficulty=3,
    task=(
        "This program estimates p(s' | s, a1, a2) from steps that were seen: each step is `(state, (action_1, "
        "action_2), next state)`. Its result should hold, for each state and joint action, the share of each next "
        "state among the steps with that state and joint action; and where a joint action was never seen in a state, "
        "the same probability for each next state. It runs, and it has three faults. Mend them."
    ),
    stub="""
def estimated(steps, n_states, n_actions):
    counts = np.zeros((n_states, *n_actions, n_states))
    action_of_2 = 0
    for state, (action_1, action_2), then in steps:
        counts[state, action_1, action_of_2, then] += 1
        action_of_2 = action_2
    totals = counts.sum(axis=0, keepdims=True)
    with np.errstate(all="ignore"):
        return counts / totals
""",
    solution=estimated,
    properties=[
        Property("if all was seen, each row holds the shares among its own steps", _complete),
        Property("after a short walk too, where much was never seen", _walks(12, [(2, 2, 2), (2, 2, 3), (3, 2, 2)])),
        Property("after a long one", _walks(150, [(2, 2, 2), (3, 3, 2), (4, 2, 3)])),
        Property("before anything was seen", lambda rng: [([], 2, (2, 2)), ([], 3, (2, 3))]),
    ],
    misconceptions=[
        mistake(
            "two faults are left: turns and axis",
            "What is never seen is mended. But agent 2's action comes from the step before, and the shares are taken "
            "over the wrong axis.",
            _wrong_estimate("turns axis"),
        ),
        mistake(
            "two faults are left: turns and nan",
            "Rows are divided by their own sum now. But agent 2's action still comes from the step before, and what "
            "was never seen is 0/0.",
            _wrong_estimate("turns nan"),
        ),
        mistake(
            "two faults are left: axis and nan",
            "Both actions are from the same step now. But each *row* has to sum to 1, and what was never seen is 0/0.",
            _wrong_estimate("axis nan"),
        ),
        mistake(
            "the agents move one after the other",
            "Agent 2's action is taken from the step before, as if it had moved first. A joint action holds what both "
            "do in the *same* step.",
            _wrong_estimate("turns"),
        ),
        mistake(
            "the wrong axis is normalised",
            "The sum was taken over the *present* state. For each state and joint action, the probabilities of the "
            "*next* states sum to 1: the last axis.",
            _wrong_estimate("axis"),
        ),
        mistake(
            "what was never seen is 0/0",
            "Where a joint action was never seen, the total is 0, and 0/0 is no number (nan). Return the same "
            "probability for each next state there.",
            _wrong_estimate("nan"),
        ),
        mistake(
            "what was never seen has probability 0",
            "These rows sum to 0 and not to 1. Where nothing is known, give each next state the same probability.",
            _wrong_estimate("zero"),
        ),
        mistake(
            "counts that start at 1",
            "The counts begin at 1, so each next state has a step that nobody saw, and the shares are drawn towards "
            "each other. Begin at 0, and treat what was never seen by itself.",
            _wrong_estimate("ones"),
        ),
        mistake(
            "counts that start at 1, and turns",
            "The counts begin at 1, as if each next state had been seen once: begin at 0. And agent 2's action comes "
            "from the step before.",
            _wrong_estimate("ones turns"),
        ),
        mistake(
            "counts that start at 1, and axis",
            "The counts begin at 1, as if each next state had been seen once: begin at 0. And each *row* has to sum to "
            "1: the last axis.",
            _wrong_estimate("ones axis"),
        ),
        mistake(
            "one total for a whole state",
            "The total was taken over all joint actions. Each joint action has a row of its own that sums to 1.",
            _wrong_estimate("state"),
        ),
        mistake(
            "each step is counted twice",
            "Each step was entered under both actions of agent 2, the old one and the new one. It belongs to one joint "
            "action only.",
            _wrong_estimate("both turns"),
        ),
    ],
    hints=[
        "Print `estimated(...).sum(axis=-1)` for a few steps: which sums should be 1?",
        "Follow one step through the loop: under which joint action is it counted? Which action of agent 2 is that?",
        "`counts.sum(axis=-1, keepdims=True)` are the totals of the rows. Where a total is 0 the whole row should be "
        "`1 / n_states`: `np.where(totals > 0, ..., 1 / n_states)`.",
    ],
)
