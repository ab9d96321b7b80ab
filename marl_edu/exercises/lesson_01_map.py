"""Lesson 01, the map of settings: where a game lies by the correlation of its payoffs, and a game of one's own.

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


# --- 01.5 a game of one's own --------------------------------------------------------------------------------------
def my_game(rho):
    """Return two 2 x 2 tables whose payoffs have the correlation rho, in which both matter to each other."""
    one = np.array([[3.0, 0.0], [5.0, 1.0]])
    off = one - one.mean()
    aside = np.array([[1.0, -1.0], [-1.0, 1.0]])
    aside = aside - (aside * off).sum() / (off**2).sum() * off
    aside = aside * np.sqrt((off**2).sum() / (aside**2).sum())
    return one, rho * off + np.sqrt(1 - rho**2) * aside


def _wanted(rng):
    return [(1.0,), (-1.0,), (0.0,), (0.5,), (-0.5,), *((float(x),) for x in np.round(rng.uniform(-1, 1, 8), 2))]


def _tables(value):
    one, other = (np.asarray(table, dtype=float) for table in value)
    return one, other


def _two_tables(value, rho):
    try:
        one, other = _tables(value)
    except (TypeError, ValueError):
        return "expected two tables of numbers"
    if one.shape != (2, 2) or other.shape != (2, 2):
        return f"the tables have the shapes {one.shape} and {other.shape}, not (2, 2)"
    if not (np.isfinite(one).all() and np.isfinite(other).all()):
        return "not all payoffs are finite numbers"
    if min(np.ptp(one), np.ptp(other)) < 1e-6:
        return "a table is constant: its agent does not care, and there is no correlation"
    return None


def _has(value, rho):
    found = alignment(*_tables(value))
    return None if abs(found - rho) < 1e-6 else f"the correlation is {found:.4f}, not {rho:g}"


def _matters(value, rho):
    one, other = _tables(value)
    felt = np.ptp(one, axis=1).max(), np.ptp(other, axis=0).max()
    for i in range(2):
        if felt[i] < 1e-6:
            return f"agent {i + 1}'s payoff does not depend on what the other does: these are two games for one agent"
    return None


def _blend(share):
    """One table, and a mix of it with a table that has nothing to do with it."""

    def wrong(rho):
        one, aside = my_game(0.0)
        return one, rho * (one - one.mean()) + share(rho) * aside

    return wrong


def _correlation(value):
    try:
        one, other = _tables(value)
        return alignment(one, other) if one.shape == other.shape == (2, 2) else None
    except (TypeError, ValueError):
        return None


def _near(value, wanted):
    found = _correlation(value)
    return found is not None and np.isfinite(found) and abs(found - wanted) < 1e-6


invent = Exercise(
    name="01.invent",
    title="A game of your own, wherever you want it",
    objective="01.5",
    minutes=15,
    difficulty=3,
    task=(
        "Given any `rho` from -1 to 1, return two 2 x 2 tables (lists or arrays) whose payoffs have the correlation "
        "`rho` over the four joint actions, to six digits. In both tables the other agent's action must matter. "
        "Which game it is, is up to you."
    ),
    stub='''
def my_game(rho):
    """Return (payoffs of agent 1, payoffs of agent 2), two 2 x 2 tables."""
    ...
''',
    solution=my_game,
    properties=[
        Property("there are two tables of four payoffs, none of them constant", _wanted, holds=_two_tables),
        Property("their correlation is rho", _wanted, holds=_has),
        Property("each agent's payoff depends on what the other does", _wanted, holds=_matters),
    ],
    misconceptions=[
        Misconception(
            "weights that add up to 1",
            "You mix rho parts of agent 1's table with 1 - |rho| parts of another one. Deviations add by their "
            "*squares*: the other part needs the weight sqrt(1 - rho^2).",
            wrong=_blend(lambda rho: 1 - abs(rho)),
            recognise=lambda value, rho: 0 < abs(rho) < 1 and _near(value, rho / np.hypot(rho, 1 - abs(rho))),
        ),
        Misconception(
            "the sign got lost",
            "The correlation has the right size and the wrong sign. For a negative rho agent 2 must lose where agent 1 "
            "gains.",
            wrong=lambda rho: my_game(-rho),
            recognise=lambda value, rho: abs(rho) > 1e-6 and _near(value, -rho),
        ),
        Misconception(
            "the whole of the other table is added",
            "rho parts of the first table and one whole part of another one give the correlation rho / sqrt(1 + "
            "rho^2). The other part needs the weight sqrt(1 - rho^2).",
            wrong=_blend(lambda rho: 1),
            recognise=lambda value, rho: abs(rho) > 1e-6 and _near(value, rho / np.hypot(rho, 1)),
        ),
        Misconception(
            "always the same game",
            "Two equal tables have the correlation 1, two opposite ones -1, whatever rho is. In between, agent 2's "
            "table must contain something that has nothing to do with agent 1's.",
            wrong=lambda rho: my_game(1.0 if rho >= 0 else -1.0),
            recognise=lambda value, rho: abs(rho) < 1 and (_near(value, 1) or _near(value, -1)),
        ),
    ],
    hints=[
        "Begin with agent 1's table, and take its mean off: `x`. If agent 2 gets `x` too the correlation is 1, if it "
        "gets `-x` it is -1.",
        "Find a table `z` that has mean 0, is as large as `x` (the same sum of squares), and for which (x * z).sum() "
        "is 0. With it alone the correlation is 0.",
        "`rho * x + np.sqrt(1 - rho**2) * z` has the correlation rho with `x`. Try [[1, -1], [-1, 1]] and [[1, 1], "
        "[-1, -1]]: does the other's action matter to both? If not, begin with another x.",
    ],
    equivalent=[  # other tables and other signs give other right games
        "one = np.array([[",
        "off - aside",
        "(aside * one)",
        "return (off, rho",
        "off - np.sqrt(1",
        "rho * one +",
    ],
)
