"""Lesson 01, a game of one's own: two tables whose payoffs have the correlation that is wished for."""

from __future__ import annotations

import numpy as np

from marl_edu.exercises import Exercise, Misconception, Property
from marl_edu.exercises.lesson_01_map import alignment


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
