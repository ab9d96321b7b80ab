"""Lesson 04, find the bugs: a program that says it finds the team's best plan.

Axes: S states, A actions of agent 1, B of agent 2.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from marl_edu.exercises import Exercise, Misconception, Property
from marl_edu.exercises.compare import difference
from marl_edu.exercises.lesson_04_values import some_game
from marl_edu.exercises.values import plain


def team_plan(transitions, rewards, terminal, discount, sweeps):
    """Values of all states for the team after some sweeps, and the best joint actions."""
    values = np.zeros(len(rewards))
    for _ in range(sweeps):
        q = rewards + discount * transitions @ values
        values = q.max(axis=(1, 2))
        values[terminal] = 0
    actions_1 = q.max(axis=2).argmax(axis=1)
    actions_2 = q.max(axis=1).argmax(axis=1)
    return values, np.stack([actions_1, actions_2], axis=1)


MEAN, GAMMA, END, AXIS = "mean", "gamma", "end", "axis"
FAULTS = (MEAN, GAMMA, END, AXIS)


def faulty(transitions, rewards, terminal, discount, sweeps, faults=FAULTS):
    """The program with some of its faults, by default with all."""
    values = np.zeros(len(rewards))
    for _ in range(sweeps):
        q = rewards + (1.0 if GAMMA in faults else discount) * transitions @ values
        values = q.mean(axis=2).max(axis=1) if MEAN in faults else q.max(axis=(1, 2))
        if END not in faults:
            values[terminal] = 0
    actions = [q.max(axis=2).argmax(axis=1), q.max(axis=1).argmax(axis=1)]
    return values, np.stack(actions[::-1] if AXIS in faults else actions, axis=1)


def use(thing, transitions, rewards, terminal, discount, sweeps):
    """Call a program; what it would do after the end is nobody's business."""
    found = thing(transitions.copy(), rewards.copy(), terminal.copy(), discount, sweeps)
    if not isinstance(found, tuple | list) or len(found) != 2:
        return found
    values, actions = found
    if np.shape(actions) == (len(rewards), 2):
        actions = np.where(terminal[:, None], 0, actions)
    return values, actions


def faults_behind(value, *case):
    """The fewest faults of the program that give what came out, () if none do."""
    for size in range(1, len(FAULTS) + 1):
        for faults in combinations(FAULTS, size):
            if difference(value, plain(use(lambda *c, f=faults: faulty(*c, f), *case))) == "":
                return faults
    return ()


def shows(fault):
    """Recognise a fault, alone or beside others of the program."""
    return lambda value, *case: fault in faults_behind(value, *case)


def _against(transitions, rewards, terminal, discount, sweeps):
    values = np.zeros(len(rewards))
    for _ in range(sweeps):
        q = rewards + discount * transitions @ values
        values = np.where(terminal, 0, q.min(axis=2).max(axis=1))
    return values, np.stack([q.max(axis=2).argmax(axis=1), q.max(axis=1).argmax(axis=1)], axis=1)


def _silent_end(transitions, rewards, terminal, discount, sweeps):
    values = np.zeros(len(rewards))
    for _ in range(sweeps):
        q = rewards + discount * transitions @ values
        values = (
            q.max(axis=(1, 2)) * ~(transitions[..., terminal].max(axis=(1, 2, 3)) > 0)
            if terminal.any()
            else q.max(axis=(1, 2))
        )
    return values, np.stack([q.max(axis=2).argmax(axis=1), q.max(axis=1).argmax(axis=1)], axis=1)


def _plans(sweeps, ends, n_a=3, n_b=3):
    def cases(rng):
        found = []
        while len(found) < 6:
            n_states, *sizes = (2, n_a - 1, n_b - 1) if len(found) < 2 else (4, n_a, n_b)
            transitions, rewards, *_, discount = some_game(rng, n_states, *sizes)
            rewards = rng.permutation(rewards.size).reshape(rewards.shape) - rewards.size // 2.0  # no ties
            terminal = np.zeros(n_states, dtype=bool)
            terminal[-1] = ends
            best = team_plan(transitions, rewards, terminal, discount, sweeps)[1][: n_states - 1]
            if n_a != n_b or (best[:, 0] != best[:, 1]).any():
                found.append((transitions, rewards, terminal, discount, sweeps))
        return found

    return cases


plan = Exercise(
    name="04.plan",
    title="Find the bugs",
    objective="04.4",
    minutes=12,
    difficulty=2,
    task=(
        "The program is to return the team's values after `sweeps` sweeps of value iteration, and for each state the "
        "best joint action, a row (action 1, action 2). Mend it. `rewards` are the team's. A `terminal` state is worth "
        "0: its rows of `transitions` and `rewards` describe the next episode, which is no future of this one."
    ),
    stub="""
def team_plan(transitions, rewards, terminal, discount, sweeps):
    values = np.zeros(len(rewards))
    for _ in range(sweeps):
        q = rewards + transitions @ values
        values = q.mean(axis=2).max(axis=1)
    actions_1 = q.max(axis=1).argmax(axis=1)
    actions_2 = q.max(axis=2).argmax(axis=1)
    return values, np.stack([actions_1, actions_2], axis=1)
""",
    solution=team_plan,
    call=use,
    properties=[
        Property("after one sweep a state is worth what its best joint action pays", _plans(1, ends=False)),
        Property("later sweeps add what comes next, discounted", _plans(3, ends=False)),
        Property("a terminal state is worth 0, after each sweep", _plans(3, ends=True)),
        Property("agents may have different numbers of actions", _plans(2, ends=True, n_a=3, n_b=4)),
    ],
    misconceptions=[
        Misconception(
            "the partner is averaged over",
            "The largest value is taken over agent 1's actions, but agent 2's are averaged, as if it played at random. "
            "A team chooses the joint action together: the maximum runs over both.",
            wrong=lambda *case: faulty(*case, faults=(MEAN,)),
            recognise=shows(MEAN),
        ),
        Misconception(
            "discount forgotten",
            "What comes one step later counts `discount` times as much. Without it the values grow with every sweep.",
            wrong=lambda *case: faulty(*case, faults=(GAMMA,)),
            recognise=shows(GAMMA),
        ),
        Misconception(
            "the end has a future",
            "Nothing follows a terminal state. Here its row, which belongs to the next episode, flows back into the "
            "values of this one. Its value has to be 0 after every sweep.",
            wrong=lambda *case: faulty(*case, faults=(END,)),
            recognise=shows(END),
        ),
        Misconception(
            "the agents are mixed up",
            "Agent 1's action is axis 1: maximise over axis 2 first, the other's, then look where the largest is. The "
            "two lines have changed places.",
            wrong=lambda *case: faulty(*case, faults=(AXIS,)),
            recognise=shows(AXIS),
        ),
        Misconception(
            "the partner is an opponent",
            "The smallest value over agent 2's actions is what an opponent would leave. A partner wants what you want.",
            wrong=_against,
        ),
        Misconception(
            "an end next door",
            "A state from which the end can be reached is not an end itself: only the terminal states are worth 0.",
            wrong=_silent_end,
        ),
    ],
    hints=[
        "Four lines are wrong or missing. Begin with one sweep: what is the best that the two can get *together*?",
        "Then two sweeps: how much does the next state count? And what is a terminal state worth?",
        "Last, the plan: `q.max(axis=2)` leaves agent 1's axis. Whose best action does each of the two lines find?",
    ],
    equivalent=["np.zeros(len(transitions))", "np.zeros(len(terminal))"],  # as many states
)
