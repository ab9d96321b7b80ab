"""Lesson 06, two short exercises: one turn on the grid as a rule, and the target of Q-learning.

Each is a reference solution (a plain function, shown by ``solution()``), wrong versions of it that students write, and
the ``Exercise`` that puts them together.
"""

from __future__ import annotations

import numpy as np

from marl_edu.exercises import Exercise, Misconception, Property
from marl_edu.exercises.judge import mistake


# --- 06.1 one turn on the grid -------------------------------------------------------------------------------------
def joint_move(here, wanted, goals):
    """Where two agents stand after one turn, and what the team is paid: (cell of 1, cell of 2, reward)."""
    on_a_goal = wanted[0] == goals[0] or wanted[1] == goals[1]
    same_cell = wanted[0] == wanted[1] and not on_a_goal
    swapped = wanted[0] == here[1] and wanted[1] == here[0]
    collision = same_cell or swapped
    cell_1, cell_2 = here if collision else wanted
    arrived = (cell_1 == goals[0]) + (cell_2 == goals[1])
    return cell_1, cell_2, -2 - 2 * collision + 10 * arrived


def _turn(here, wanted, goals, *, swap=True, goal_free=True, follow=True, each=2, last_step=True):
    """The turn with one of its rules changed."""
    same = wanted[0] == wanted[1] and not (goal_free and (wanted[0] == goals[0] or wanted[1] == goals[1]))
    swapped = wanted[0] == here[1] and wanted[1] == here[0]
    into_the_other = wanted[0] == here[1] or wanted[1] == here[0]
    collision = same or (swapped and swap) or (into_the_other and not follow)
    cell_1, cell_2 = here if collision else wanted
    arrived = (cell_1 == goals[0]) + (cell_2 == goals[1])
    return cell_1, cell_2, -2 - each * collision + (10 if last_step else 11) * arrived


def _one_after_the_other(here, wanted, goals):
    first = here[0] if wanted[0] == here[1] and wanted[0] != goals[0] else wanted[0]
    second = here[1] if wanted[1] == first and wanted[1] != goals[1] and first != goals[0] else wanted[1]
    stopped = (first != wanted[0]) + (second != wanted[1])
    return first, second, -2 - 2 * bool(stopped) + 10 * ((first == goals[0]) + (second == goals[1]))


def _own_reward(here, wanted, goals):
    cell_1, cell_2, _ = joint_move(here, wanted, goals)
    collision = (cell_1, cell_2) != tuple(wanted)
    return cell_1, cell_2, -1 - collision + 10 * (cell_1 == goals[0])


def _turns(kind):
    """Cases of one kind, on a corridor of cells 0, 1, 2, ...: neighbours or the same cell are wanted."""

    def cases(rng):
        found = []
        while len(found) < 12:
            here = tuple(int(cell) for cell in rng.choice(8, 2, replace=False))
            wanted = tuple(
                int(min(max(cell + step, 0), 7)) for cell, step in zip(here, rng.integers(-1, 2, 2), strict=True)
            )
            goals = tuple(int(cell) for cell in rng.choice(8, 2, replace=False))
            if goals[0] != here[0] and goals[1] != here[1] and _kind(here, wanted, goals) == kind:
                found.append((here, wanted, goals))
        return found

    return cases


def _kind(here, wanted, goals):
    at_goal = wanted[0] == goals[0] or wanted[1] == goals[1]
    if wanted[0] == here[1] and wanted[1] == here[0]:
        return "swap"
    if wanted[0] == wanted[1]:
        return "meet at a goal" if at_goal else "meet"
    if at_goal:
        return "arrive"
    return "follow" if wanted[0] == here[1] or wanted[1] == here[0] else "free"


move = Exercise(
    name="06.move",
    title="One turn on the grid",
    objective="06.1",
    minutes=6,
    difficulty=1,
    task=(
        "Write the rule of the corridor for one turn. `here` are the cells in which agent 1 and agent 2 stand "
        "(numbers), `wanted` the cells they want to be in next (walls have been taken care of), `goals` their "
        "goals; neither has arrived yet. Return three numbers: the cell of agent 1, the cell of agent 2, and the "
        "reward of the *team*. Two agents that want the same cell collide, unless it is the goal of one of them; "
        "two that want to change places always collide. After a collision both stay where they were. To follow "
        "into a cell that is being left is no collision."
    ),
    stub='''
def joint_move(here, wanted, goals):
    """Return (cell of agent 1, cell of agent 2, reward of the team)."""
    ...
''',
    solution=joint_move,
    properties=[
        Property("with nobody in the way both get where they want, and each pays 1", _turns("free")),
        Property("to want the same cell is a collision: nobody moves, and each pays 1 more", _turns("meet")),
        Property("to change places is a collision too", _turns("swap")),
        Property("to follow into a cell that is being left is none", _turns("follow")),
        Property("arriving pays 10, after a step that costs 1 like any other", _turns("arrive")),
        Property("on a goal nobody is in the way: to meet there is no collision", _turns("meet at a goal")),
    ],
    misconceptions=[
        mistake(
            "agents move one after the other",
            "Agent 1 has moved before agent 2 was looked at. In a Markov game both choose at the same time, and "
            "the rule treats them alike: if they collide, both stay.",
            _one_after_the_other,
        ),
        mistake(
            "places can be swapped",
            "Only the cells they want were compared. Each may want a free-looking cell and still run into the "
            "other: the one where the other comes from.",
            lambda *turn: _turn(*turn, swap=False),
        ),
        mistake(
            "a cell that is being left is still taken",
            "The wanted cell was compared with where the other *stands*. Both move at the same time; what counts "
            "is where the other will be.",
            lambda *turn: _turn(*turn, follow=False),
        ),
        mistake(
            "own reward instead of the team's",
            "This is what agent 1 alone would earn. The corridor pays both agents the sum of what both earn.",
            _own_reward,
        ),
        mistake(
            "a collision is paid once",
            "Both agents collide, so each pays 1: the team pays 2 for a collision.",
            lambda *turn: _turn(*turn, each=1),
        ),
        mistake(
            "the last step is free",
            "The step onto the goal costs 1 like every step; an agent stops paying *after* it has arrived.",
            lambda *turn: _turn(*turn, last_step=False),
        ),
        mistake(
            "somebody is in the way on a goal",
            "An agent that has arrived is in nobody's way, so to meet in a cell that is the goal of one of them "
            "is no collision.",
            lambda *turn: _turn(*turn, goal_free=False),
        ),
        Misconception(
            "the reward is missing",
            "Three numbers are asked for: two cells, and what the team is paid.",
            recognise=lambda value, *turn: np.shape(value) == (2,),
        ),
    ],
    hints=[
        "First decide whether there is a collision, from `here`, `wanted` and `goals`. Only then look at where "
        "they end up.",
        "There are two kinds: `wanted[0] == wanted[1]`, unless that is somebody's goal; and each wants the cell "
        "in which the other stands.",
        "The reward: -2 for the step (two agents), -2 more after a collision, and 10 for each agent whose new "
        "cell is its goal.",
    ],
    equivalent=["wanted[1] == goals[0] or", "or wanted[0] == goals[1]"],  # who meets, wants the same cell
)


# --- 06.2 the target -----------------------------------------------------------------------------------------------
def td_target(reward, next_values, discount, terminated, truncated):
    """What one entry of the table is corrected towards."""
    future = 0.0 if terminated else max(next_values)
    return reward + discount * future


def _steps(terminated, truncated):
    """Cases: every other row is negative throughout, as most rows of the corridor are."""

    def cases(rng):
        return [
            (
                float(np.round(rng.uniform(-4, 10), 1)),
                np.round(rng.uniform(-9, -0.5 if k % 2 else 9, size=int(rng.integers(2, 6))), 1),
                float(np.round(rng.uniform(0.5, 0.99), 2)),
                terminated,
                truncated,
            )
            for k in range(12)
        ]

    return cases


target = Exercise(
    name="06.target",
    title="The target, and two ways an episode stops",
    objective="06.2",
    minutes=5,
    difficulty=1,
    task=(
        "Write the target of independent Q-learning for one agent and one step. `next_values` is the row of its "
        "table for what it sees next, one number for each action. `terminated` says that the world has come to "
        "an end with this step, `truncated` that the episode was cut off by a time limit. Both may be true. Leave "
        "`next_values` as it is."
    ),
    stub='''
def td_target(reward, next_values, discount, terminated, truncated):
    """Return what Q(o, a) is corrected towards: one number."""
    ...
''',
    solution=td_target,
    properties=[
        Property("on the way, the target is the reward plus the discounted best next value", _steps(False, False)),
        Property("after the end there is no future: the target is the reward alone", _steps(True, False)),
        Property("a time limit is no end: the target counts what would have come", _steps(False, True)),
        Property("an end is an end, even at the time limit", _steps(True, True)),
    ],
    misconceptions=[
        mistake(
            "a time limit is an end",
            "The world did not end, somebody stopped watching. What would have come is still worth what the next "
            "row says, so a truncated step has a future. (Only `terminated` takes it away.)",
            lambda r, v, g, end, cut: r + g * max(v) * (not (end or cut)),
        ),
        mistake(
            "the end has a future",
            "Nothing follows a terminal state, so the value of the next row must not be added there.",
            lambda r, v, g, end, cut: r + g * max(v),
        ),
        mistake(
            "the limit overrules the end",
            "If the world ends in the very step at which the time limit strikes, it has ended all the same.",
            lambda r, v, g, end, cut: r + g * max(v) * (cut or not end),
        ),
        mistake(
            "discount forgotten",
            "What comes one step later counts `discount` times as much.",
            lambda r, v, g, end, cut: r + max(v) * (not end),
        ),
        mistake(
            "the reward is discounted as well",
            "The reward is paid for this step and counts in full; only what comes after it is discounted.",
            lambda r, v, g, end, cut: g * (r + max(v) * (not end)),
        ),
        mistake(
            "average instead of best",
            "Q-learning asks what the agent could earn if it acted best from the next step on: the largest "
            "value, not the mean over all actions.",
            lambda r, v, g, end, cut: r + g * float(np.mean(v)) * (not end),
        ),
        mistake(
            "a maximum that begins at 0",
            "The search for the largest value began at 0, so a row of negative values counts as 0. Begin with the "
            "first value of the row; in this corridor most values are negative.",
            lambda r, v, g, end, cut: r + g * max(0.0, *v) * (not end),
        ),
        mistake(
            "no future at all",
            "This is the reward alone, in every step. Unless the world has ended, what can still be earned counts too.",
            lambda r, v, g, end, cut: r,
        ),
        mistake(
            "number of the best action instead of its value",
            "`argmax` says which action is best; the target needs what it is worth.",
            lambda r, v, g, end, cut: r + g * float(np.argmax(v)) * (not end),
        ),
        mistake(
            "nothing is paid at the end",
            "The future is missing after the end, but the reward of the last step is paid.",
            lambda r, v, g, end, cut: (r + g * max(v)) * (not end),
        ),
    ],
    hints=[
        "Two parts: what is paid now, and what the agent expects from there on.",
        "When is there nothing from there on? Did the world end, or did we stop watching?",
        "`future = 0.0 if ... else max(next_values)`, and the target is `reward + discount * future`.",
    ],
)
