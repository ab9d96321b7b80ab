"""Lesson 05: the mixed equilibrium of a game with two actions each, by making the *other* indifferent.

Legend of axes: payoffs have a row for each action of agent 1 and a column for each action of agent 2.
"""

from __future__ import annotations

import numpy as np

from marl_edu.exercises import Exercise, Property
from marl_edu.exercises.judge import mistake


def mixed_equilibrium(payoffs_1, payoffs_2):
    """The chances of the agents' first actions, each of which makes the other indifferent."""
    (a, b), (c, d) = payoffs_1
    (e, f), (g, h) = payoffs_2
    x = (h - g) / (e - f - g + h)
    y = (d - b) / (a - b - c + d)
    return x, y


def _secure(payoffs_1, payoffs_2):
    """Each makes its own payoff independent of what the other does."""
    (a, b), (c, d) = payoffs_1
    (e, f), (g, h) = payoffs_2
    return (d - c) / (a - b - c + d), (h - f) / (e - f - g + h)


def _swapped(payoffs_1, payoffs_2):
    return mixed_equilibrium(payoffs_1, payoffs_2)[::-1]


def _second(payoffs_1, payoffs_2):
    x, y = mixed_equilibrium(payoffs_1, payoffs_2)
    return 1 - x, 1 - y


def _vectors(payoffs_1, payoffs_2):
    x, y = mixed_equilibrium(payoffs_1, payoffs_2)
    return [x, 1 - x], [y, 1 - y]


def _one_table(payoffs_1, payoffs_2):
    return mixed_equilibrium(payoffs_1, -payoffs_1)


def _by_rows(payoffs_1, payoffs_2):
    return mixed_equilibrium(payoffs_1, payoffs_2.T)


def _proportional(payoffs_1, payoffs_2):
    rows, columns = payoffs_1.sum(axis=1), payoffs_2.sum(axis=0)
    return rows[0] / rows.sum(), columns[0] / columns.sum()


# --- cases ---------------------------------------------------------------------------------------------------------
def has_pure(payoffs_1, payoffs_2) -> bool:
    """Whether some joint action is an equilibrium."""
    best_1 = payoffs_1 >= payoffs_1.max(axis=0)
    best_2 = payoffs_2 >= payoffs_2.max(axis=1, keepdims=True)
    return bool((best_1 & best_2).any())


def _telling(payoffs_1, payoffs_2) -> bool:
    """Whether all the wrong answers are probabilities and differ from the right one and from each other."""
    if has_pure(payoffs_1, payoffs_2) or 0 in (_twist(payoffs_1), _twist(payoffs_2)):
        return False
    right = mixed_equilibrium(payoffs_1, payoffs_2)
    others = [right[::-1], _second(payoffs_1, payoffs_2), (0.5, 0.5), _proportional(payoffs_1, payoffs_2)]
    safe = _secure(payoffs_1, payoffs_2)
    different = all(np.abs(np.subtract(right, other)).min() > 0.02 for other in others)
    return different and abs(sum(right) - 1) > 0.02 and min(safe) > 0 and max(safe) < 1


def _twist(payoffs) -> float:
    (a, b), (c, d) = payoffs
    return a - b - c + d


def _games(zero_sum, unit=1, shift=0):
    def cases(rng):
        found = []
        while len(found) < 8:
            payoffs_1, payoffs_2 = rng.integers(0, 7, size=(2, 2, 2)).astype(float)
            if zero_sum:
                payoffs_2 = 0 - payoffs_1
            if _telling(payoffs_1, payoffs_2):
                found.append((unit * payoffs_1 + shift, unit * payoffs_2 + shift))
        return found

    return cases


mixed = Exercise(
    name="05.mixed",
    title="Make the other indifferent",
    objective="05.2",
    minutes=8,
    difficulty=2,
    task=(
        "`payoffs_1` and `payoffs_2` are tables A and B of a game with two actions each and without an equilibrium in "
        "which nobody mixes. Return its equilibrium: x, the chance of agent 1's first action (the first row), and y, "
        "the chance of agent 2's first action (the first column)."
    ),
    stub='''
def mixed_equilibrium(payoffs_1, payoffs_2):
    """Return the chances x, y of the agents' first actions in equilibrium."""
    ...
''',
    solution=mixed_equilibrium,
    properties=[
        Property("in zero-sum games it is the equilibrium", _games(zero_sum=True)),
        Property("in other games it is the equilibrium too", _games(zero_sum=False)),
        Property("another unit and another zero of the payoffs change nothing", _games(False, unit=10, shift=10)),
    ],
    misconceptions=[
        mistake(
            "each makes itself indifferent",
            "x and y have changed places: what makes agent 1 indifferent is *agent 2's* mixture. Solve agent 1's "
            "indifference for y, and agent 2's for x.",
            _swapped,
        ),
        mistake(
            "each secures its own payoff",
            "This mixture makes your *own* payoff independent of the other's action. In zero-sum games that happens to "
            "be the equilibrium; in others you must make the *other's* actions pay it the same.",
            _secure,
        ),
        mistake(
            "the second actions' chances",
            "x and y are the chances of the *first* row and the *first* column.",
            _second,
        ),
        mistake(
            "agent 2's payoffs are left out",
            "This takes agent 2 for an opponent who wants agent 1 to get little. What it wants stands in `payoffs_2`.",
            _one_table,
        ),
        mistake(
            "agent 2's actions are read as rows",
            "In both tables the columns are agent 2's actions. Which two entries does agent 2 compare if agent 1 plays "
            "the first row?",
            _by_rows,
        ),
        mistake(
            "in proportion to the payoffs",
            "An action is not played more because it pays more: in equilibrium both pay the same, or only the better "
            "one would be played. The mixture is what makes the *other* indifferent.",
            _proportional,
        ),
        mistake(
            "both toss a fair coin",
            "In matching pennies one half is right because the payoffs are symmetric. Here one of the other's actions "
            "would pay it more against a fair coin.",
            lambda payoffs_1, payoffs_2: (0.5, 0.5),
        ),
        mistake(
            "whole policies",
            "Two numbers are asked for: the chances of the first actions only.",
            _vectors,
        ),
    ],
    hints=[
        "An agent mixes only if both of its actions pay it the same. What makes them pay the same? The other's "
        "mixture.",
        "Agent 1's rows pay a y + b (1 - y) and c y + d (1 - y). They are equal for one y. Agent 2's columns pay "
        "e x + g (1 - x) and f x + h (1 - x).",
        "y = (d - b) / (a - b - c + d), with (a, b), (c, d) = payoffs_1. x is found in the same way from payoffs_2; "
        "mind which entries change places.",
    ],
)
