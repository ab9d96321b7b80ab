"""Lesson 02, an exercise: drawing one step from the rows."""

from __future__ import annotations

import numpy as np

from marl_edu.exercises import Exercise, Misconception, Property
from marl_edu.exercises.judge import mistake
from marl_edu.games import random_game


# --- 02.3 one step -------------------------------------------------------------------------------------------------
def sample_step(transitions, rewards, state, joint_action, u):
    """The next state that the number u in [0, 1) falls on, and what every agent is paid."""
    row = transitions[state][joint_action]
    chosen = min(int((u >= np.cumsum(row)).sum()), len(row) - 1)  # a row may sum to a hair less than 1
    return chosen, rewards[(slice(None), state, *joint_action)]


def _step(transitions, rewards, state, joint_action, u, *, fault=""):
    row = transitions[state][joint_action]
    if "tuple" in fault:
        row = transitions[state, joint_action]
    if fault == "swapped":
        row = transitions[state][joint_action[::-1]]
    if fault == "axes":
        row = transitions[..., state][(slice(None), *joint_action)]
    cumulative = np.cumsum(row)
    side = "left" if fault == "left" else "right"
    chosen = int(np.searchsorted(cumulative, u, side=side))
    chosen = chosen if "tuple" in fault else min(chosen, len(row) - 1)
    paid = rewards[:, state, joint_action] if fault == "tuples" else rewards[(slice(None), state, *joint_action)]
    if fault == "likeliest":
        chosen = int(row.argmax())
    if fault == "uniform":
        chosen = int(u * len(row))
    if fault == "single":
        chosen = next((k for k, p in enumerate(row) if u < p), len(row) - 1)
    if fault == "late":
        paid = rewards[(slice(None), chosen, *joint_action)]
    if fault == "one":
        paid = paid[0]
    if fault == "sum":
        paid = np.full(len(paid), paid.sum())
    if fault == "after":
        chosen += 1
    return chosen, paid


def _wrong_step(fault):
    return lambda transitions, rewards, state, joint_action, u: _step(
        transitions, rewards, state, joint_action, u, fault=fault
    )


def _random_steps(n_agents, n_actions):
    def cases(rng):
        found = []
        for n_states in (3, 4, 4, 5):
            game = random_game(n_agents, n_states, n_actions, rng)
            for u in rng.random(6):
                joint = tuple(int(rng.integers(game.n_actions[i])) for i in range(n_agents))
                found.append((game.transitions.copy(), game.rewards.copy(), int(rng.integers(n_states)), joint,
                              float(u)))  # fmt: skip
        return found

    return cases


def _edges(rng):
    """Halves and quarters, which binary numbers hold exactly: u on the very edge, and rows with impossible states."""
    transitions = np.zeros((4, 2, 2, 4))
    transitions[:] = [0.25, 0, 0.5, 0.25]
    transitions[0] = [0, 0.5, 0, 0.5]
    rewards = np.round(rng.uniform(-2, 2, (2, 4, 2, 2)), 1)
    return [(transitions, rewards, s, (1, 0), u) for s in (0, 3) for u in (0.0, 0.25, 0.5, 0.75, 0.99)]


sample = Exercise(
    name="02.sample",
    title="Draw one step",
    objective="02.3",
    minutes=9,
    difficulty=2,
    task=(
        "The world moves: `u` is a random number, uniform in [0, 1). Lay the probabilities of the row "
        "p(. | state, joint_action) side by side on the interval from 0 to 1, state 0 first; the next state is the "
        "one on whose piece `u` falls. A piece contains its left end and not its right end. Return two things: the "
        "number of the next state, and the rewards of all agents for this step (an array of N numbers). "
        "`transitions` and `rewards` have the axes of this lesson, for any number of agents; `joint_action` is a "
        "tuple of action numbers."
    ),
    stub='''
def sample_step(transitions, rewards, state, joint_action, u):
    """Return (next state, array of rewards)."""
    ...
''',
    solution=sample_step,
    properties=[
        Property("two agents, random games", _random_steps(2, (2, 2))),
        Property("agents with different numbers of actions", _random_steps(2, (2, 3))),
        Property("three agents", _random_steps(3, (2, 3, 2))),
        Property("on an edge the piece to the right counts, and what has probability 0 never happens", _edges),
    ],
    misconceptions=[
        Misconception(
            "the joint action is not unpacked",
            "`transitions[state, joint_action]` takes the tuple for a list of actions of *agent 1*, and rows of "
            "several joint actions come out. Write `transitions[state][joint_action]`, or "
            "`transitions[(state, *joint_action)]`; and for the rewards `[r[state][joint_action] for r in rewards]`.",
            _wrong_step("tuples"),
            lambda found, *case: type(found) is tuple and len(found) == 2 and np.ndim(found[1]) > 1,
        ),
        mistake(
            "the joint action is not unpacked for the row",
            "The rewards are right. But `transitions[state, joint_action]` takes the tuple for a list of actions of "
            "*agent 1*, and rows of several joint actions come out: write `transitions[state][joint_action]`.",
            _wrong_step("tuple"),
        ),
        mistake(
            "an edge belongs to the piece on its left",
            "A piece contains its *left* end: where `u` falls on an edge, the piece to the right counts. By default "
            "`np.searchsorted` takes the other one: `side='right'`. (In a comparison: `u < end`, not `u <= end`.)",
            _wrong_step("left"),
        ),
        mistake(
            "the likeliest state is taken",
            "This goes to the state with the largest probability every time. Others have their share too: `u` decides.",
            _wrong_step("likeliest"),
        ),
        mistake(
            "all states are equally likely",
            "The interval was divided into equal pieces. A state's piece is as long as its probability.",
            _wrong_step("uniform"),
        ),
        mistake(
            "each probability is compared with u alone",
            "`u` has to be compared with the *sum* of the probabilities so far: pieces lie side by side.",
            _wrong_step("single"),
        ),
        mistake(
            "paid in the next state",
            "R(s, a) is paid for the joint action taken in `state`, not for the state it leads to.",
            _wrong_step("late"),
        ),
        mistake(
            "only agent 1 is paid",
            "Every agent gets its reward: an array of N numbers.",
            _wrong_step("one"),
        ),
        mistake(
            "everybody gets the sum",
            "Rewards are returned as they stand in the array, one for each agent; nothing is added up.",
            _wrong_step("sum"),
        ),
        mistake(
            "the agents' actions are mixed up",
            "`joint_action[0]` is agent 1's action and belongs to the first axis after the state.",
            _wrong_step("swapped"),
        ),
        mistake(
            "a column in place of a row",
            "This takes the probabilities of *coming to* `state`. A row is `transitions[state]` at the joint action: "
            "it sums to 1, a column need not.",
            _wrong_step("axes"),
        ),
        mistake(
            "one state too far",
            "The number that comes out is one too large: the first state has number 0.",
            _wrong_step("after"),
        ),
    ],
    hints=[
        "The row: `transitions[state][joint_action]`, with `joint_action` as a tuple.",
        "Add up the row from the left until the sum is larger than `u`; where that happens is the next state.",
        "`np.searchsorted(np.cumsum(row), u, side='right')` does it, and `min(..., len(row) - 1)` keeps it inside a "
        "row that rounding has made a hair too short; the rewards are `rewards[:, state]` at the joint action, for all "
        "agents: `[r[state][joint_action] for r in rewards]`.",
    ],
    equivalent=["len(row)"],
)
