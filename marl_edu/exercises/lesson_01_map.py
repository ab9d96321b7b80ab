"""Lesson 01, the map of settings: where a game lies by the correlation of its payoffs.

Legend of axes: A_1 and A_2 actions of the two agents.
"""

from __future__ import annotations

import numpy as np

from marl_edu.exercises import Exercise, Misconception, Property
from marl_edu.games import (
    battle_of_the_sexes,
    chicken,
    climbing,
    matching_pennies,
    prisoners_dilemma,
    rock_paper_scissors,
    stag_hunt,
)


def alignment(payoffs_1, payoffs_2):
    """Return the correlation of two payoff tables over all joint actions."""
    off_1, off_2 = payoffs_1 - payoffs_1.mean(), payoffs_2 - payoffs_2.mean()
    return (off_1 * off_2).sum() / np.sqrt((off_1**2).sum() * (off_2**2).sum())


def in_others_hands(payoffs_1, payoffs_2) -> float:
    """Share of the agents' variance of payoffs that their own action does not explain, mean of the two.

    Joint actions are equally likely. 0: each agent's payoff depends on its own action only. 1: the mean payoff of all
    its actions is the same, so that everything depends on what the other does too.

    >>> alone = np.array([[0.0, 0.0], [1.0, 1.0]])
    >>> in_others_hands(alone, alone.T)
    0.0
    """
    shares = []
    for table in (np.asarray(payoffs_1, float), np.asarray(payoffs_2, float).T):
        shares.append(1 - table.mean(axis=1).var() / table.var())
    return float(np.mean(shares))


def _classics(rng):
    games = (
        prisoners_dilemma,
        stag_hunt,
        chicken,
        battle_of_the_sexes,
        matching_pennies,
        rock_paper_scissors,
        climbing,
    )
    return [tuple(table.copy() for table in game().rewards[:, 0]) for game in games]


def _random(rng):
    sizes = [(2, 2), (2, 2), (2, 3), (3, 2), (3, 3), (4, 2)]
    return [tuple(np.round(rng.uniform(-3, 9, size=(2, *size)), 1)) for size in sizes]


def _other_units(rng):
    """The same game in other units: nothing moves on the map."""
    return [(10 * one + 40, 0.5 * other - 3) for one, other in _random(rng)]


def _in_range(value, payoffs_1, payoffs_2):
    return None if -1 - 1e-9 <= float(value) <= 1 + 1e-9 else "a correlation is never below -1 or above 1"


def _cosine(one, other):
    return (one * other).sum() / np.sqrt((one**2).sum() * (other**2).sum())


def _of_own_means(one, other):
    if one.shape[0] != other.shape[1]:
        return float("nan")
    with np.errstate(all="ignore"):
        return alignment(one.mean(axis=1), other.mean(axis=0))


def _rows(one, other):
    with np.errstate(all="ignore"):
        return np.corrcoef(one, other)[0, 1]


def _mirrored(one, other):
    return alignment(one, other.T) if one.shape[0] == one.shape[1] else float("nan")


place = Exercise(
    name="01.place",
    title="Where does a game lie?",
    objective="01.5",
    minutes=6,
    difficulty=2,
    task=(
        "`payoffs_1[a1, a2]` and `payoffs_2[a1, a2]` are NumPy tables of what agent 1 and agent 2 are paid. All joint "
        "actions count alike. Return the correlation of the two payoffs: the sum of products of deviations from the "
        "means, divided by the root of the product of the two sums of squared deviations. No table is constant."
    ),
    stub='''
def alignment(payoffs_1, payoffs_2):
    """Return the correlation of two payoff tables over all joint actions."""
    ...
''',
    solution=alignment,
    properties=[
        Property("it lies between -1 and 1", _random, holds=_in_range),
        Property("the classics lie where they belong", _classics),
        Property("any two tables can be placed", _random),
        Property("other units move nothing", _other_units),
    ],
    misconceptions=[
        Misconception(
            "means were not taken off",
            "This is the cosine between the tables. Add 100 to all payoffs and every game looks like a team's: take "
            "the means off first.",
            wrong=_cosine,
        ),
        Misconception(
            "covariance instead of correlation",
            "Sign and zero are right, but the size depends on the unit of the payoffs. Divide by both standard "
            "deviations.",
            wrong=lambda one, other: ((one - one.mean()) * (other - other.mean())).mean(),
        ),
        Misconception(
            "payoffs of actions instead of joint actions",
            "The tables were averaged over the other's actions first. Compare what both get for the same *joint* "
            "action.",
            wrong=_of_own_means,
        ),
        Misconception(
            "agent 2's table turned round",
            "Both tables have agent 1's action first. Turned round, payoffs of different joint actions are compared.",
            wrong=_mirrored,
        ),
        Misconception(
            "two rows of agent 1's table",
            "`np.corrcoef` takes each *row* for a quantity of its own, so entry [0, 1] compares two rows of agent 1's "
            "table. Flatten both tables first: `payoffs_1.ravel()`.",
            wrong=_rows,
        ),
        Misconception(
            "the wrong sign",
            "A team, in which both get the same, lies at +1.",
            wrong=lambda one, other: -alignment(one, other),
        ),
        Misconception(
            "the square of the correlation",
            "This is how much of one payoff the other explains: a team and a zero-sum game can't be told apart.",
            wrong=lambda one, other: alignment(one, other) ** 2,
        ),
        Misconception(
            "a matrix instead of one number",
            "`np.corrcoef` gives a matrix; the number asked for is its entry [0, 1], for the flattened tables.",
            recognise=lambda value, one, other: np.shape(value) not in ((), (1,)),
        ),
    ],
    hints=[
        "Take the mean off each table; multiply the two tables entry by entry and sum.",
        "`np.corrcoef(payoffs_1.ravel(), payoffs_2.ravel())` is a 2 x 2 matrix; what stands beside its diagonal is it.",
    ],
    equivalent=["(payoffs_1 * off_2)", "(off_1 * payoffs_2)"],  # one of the two without its mean is enough
)
