"""Lesson 04: the value of a zero-sum game with two actions each, which Shapley's iteration needs at every state."""

from __future__ import annotations

import numpy as np

from marl_edu.exercises import Exercise, Property
from marl_edu.exercises.judge import mistake


def stage_value(payoffs):
    """What agent 1 secures on average, and agent 2 can hold it down to."""
    (a, b), (c, d) = payoffs
    secured = max(min(a, b), min(c, d))
    let_through = min(max(a, c), max(b, d))
    if secured == let_through:
        return secured
    return (a * d - b * c) / (a + d - b - c)


def _always_mixed(payoffs):
    (a, b), (c, d) = payoffs
    return (a * d - b * c) / (a + d - b - c)


def _chance(payoffs):
    (a, b), (c, d) = payoffs
    return (d - c) / (a + d - b - c)


def _has_saddle(payoffs):
    return payoffs.min(axis=1).max() == payoffs.max(axis=0).min()


def _games(saddle, shift=0):
    def cases(rng):
        found = []
        while len(found) < 10:
            payoffs = rng.permutation(19)[:4].reshape(2, 2) - 9.0 + shift
            (a, b), (c, d) = payoffs
            dull = a + d == b + c or np.isclose(_always_mixed(payoffs), stage_value(payoffs)) == saddle
            if _has_saddle(payoffs) == saddle and not dull:
                found.append((payoffs,))
        return found

    return cases


stage = Exercise(
    name="04.stage",
    title="The value of a stage game",
    objective="04.5",
    minutes=8,
    difficulty=2,
    task=(
        "`payoffs` is a table of two rows and two columns: what agent 2 pays agent 1. Agent 1 chooses the row, agent 2 "
        "the column, at the same time. Return the value of the game: what agent 1 can secure on average."
    ),
    stub='''
def stage_value(payoffs):
    """Return the value of the game to agent 1, who chooses the row: one number."""
    ...
''',
    solution=stage_value,
    properties=[
        Property("where a saddle point exists, it is the value", _games(saddle=True)),
        Property("where there is none, both mix, and the value lies in between", _games(saddle=False)),
        Property("to add a number to all payoffs adds it to the value", _games(saddle=False, shift=20)),
    ],
    misconceptions=[
        mistake(
            "mixes although there is a saddle point",
            "The formula makes the other indifferent, with probabilities that may come out below 0 or above 1. First "
            "look for an entry that is the smallest of its row and the largest of its column.",
            lambda payoffs: _always_mixed(payoffs) if np.ptp(payoffs) and np.isfinite(_chance(payoffs)) else 0.0,
        ),
        mistake(
            "agent 1 does not mix",
            "This is what the better single row secures. A coin that the other can't foresee secures more.",
            lambda payoffs: payoffs.min(axis=1).max(),
        ),
        mistake(
            "agent 2 does not mix",
            "This is what agent 2 lets through with the better single column. By mixing it lets through less.",
            lambda payoffs: payoffs.max(axis=0).min(),
        ),
        mistake(
            "both toss a fair coin",
            "The mean of the four payoffs is what random play gives. Each side can do better by choosing its chances.",
            lambda payoffs: payoffs.mean(),
        ),
        mistake(
            "the probability instead of the value",
            "This is the chance with which agent 1 plays the first row. What does it earn with it?",
            lambda payoffs: stage_value(payoffs) if _has_saddle(payoffs) else _chance(payoffs),
        ),
        mistake(
            "the value to agent 2",
            "The size is right, the sign is agent 2's. `payoffs` is what agent 1 gets.",
            lambda payoffs: -stage_value(payoffs),
        ),
        mistake(
            "rows and columns are mixed up",
            "Agent 1 chooses the row: in each row it must expect the *smallest* entry.",
            lambda payoffs: (
                payoffs.min(axis=0).max()
                if payoffs.min(axis=0).max() == payoffs.max(axis=1).min()
                else _always_mixed(payoffs)
            ),
        ),
        mistake(
            "the largest payoff",
            "The other side chooses the column, and does not want you to have the largest payoff.",
            lambda payoffs: payoffs.max(),
        ),
    ],
    hints=[
        "First without chance: what does the better row secure, and what does the better column let through? If both "
        "are the same number, that is the value.",
        "If not, agent 1 plays the first row with a chance p that makes agent 2's columns equally good: "
        "p a + (1 - p) c = p b + (1 - p) d.",
        "Put that p in: the value is (a d - b c) / (a + d - b - c).",
    ],
)
