"""Lesson 03, open-ended: pay two selfish agents so that whatever they settle on is best for the team.

Legend of axes: 2 agents, A and B actions.
"""

from __future__ import annotations

import numpy as np

from marl_edu.exercises import Exercise, Misconception, Property
from marl_edu.exercises.compare import difference
from marl_edu.games import battle_of_the_sexes, chicken, prisoners_dilemma, stag_hunt


def payments(payoffs):
    """Half of the sum for each; and if agent 2 leaves a best joint action, it pays agent 1 a fine."""
    team = payoffs.sum(axis=0)
    column = team.max(axis=0).argmax()
    fine = (team.max() - team.min() + 1) * (np.arange(team.shape[1]) != column)
    return np.array([team / 2 + fine, team / 2 - fine])


def equilibria(tables):
    """Joint actions at which neither agent gains by changing alone, as a list of pairs.

    >>> equilibria(np.array([[[3, 0], [5, 1]], [[3, 5], [0, 1]]]))
    [(1, 1)]
    """
    slack = 1e-9 * max(1.0, float(np.abs(tables).max()))
    best_1 = tables[0] >= tables[0].max(axis=0, keepdims=True) - slack
    best_2 = tables[1] >= tables[1].max(axis=1, keepdims=True) - slack
    return [tuple(map(int, place)) for place in np.argwhere(best_1 & best_2)]


def _sums(value, payoffs):
    paid = np.asarray(value, dtype=float)
    if paid.shape != payoffs.shape:
        return f"payments of shape {paid.shape} came out; expected {payoffs.shape}, like the payoffs"
    if not np.isfinite(paid).all():
        return "a payment is no finite number"
    off = np.abs(paid.sum(axis=0) - payoffs.sum(axis=0))
    if off.max() > 1e-6 * max(1.0, np.abs(payoffs).max()):
        a, b = map(int, np.unravel_index(off.argmax(), off.shape))
        spent, there = paid[:, a, b].sum(), payoffs[:, a, b].sum()
        return f"at joint action ({a}, {b}) {spent:g} is paid out, but {there:g} was earned"
    return None


def _settled(value, payoffs):
    found, team = equilibria(np.asarray(value, dtype=float)), payoffs.sum(axis=0)
    if not found:
        return "there is no joint action at which neither gains by changing alone: they never come to rest"
    worst = min(found, key=lambda place: team[place])
    if team[worst] < team.max() - 1e-6:
        return (
            f"at joint action {worst} neither gains by changing alone, but the team has {team[worst]:g} there; "
            f"{team.max():g} is possible"
        )
    return None


def _classics(rng):
    return [(make().rewards[:, 0].copy(),) for make in (prisoners_dilemma, stag_hunt, chicken, battle_of_the_sexes)]


def _random(rng):
    return [
        (rng.integers(low, low + 20, (2, a, b)).astype(float),)
        for low in (-9, 30, -9, -100)
        for a, b in ((2, 2), (2, 3), (3, 2), (3, 3), (4, 3), (4, 4))
    ]


def _own(payoffs):
    return payoffs


def _halves(payoffs):
    return np.array([payoffs.sum(axis=0) / 2] * 2)


def _whole_sum(payoffs):
    return np.array([payoffs.sum(axis=0)] * 2)


def _bonus(payoffs):
    team = payoffs.sum(axis=0)
    best = team == team.max()
    return payoffs + 100.0 * best


def _like(wrong):
    return lambda value, payoffs: difference(value, wrong(payoffs)) == ""


share = Exercise(
    name="03.payments",
    title="Pay them so that selfishness does no harm",
    objective="03.4",
    minutes=15,
    difficulty=3,
    task=(
        "Two agents will each learn to maximise what *they* are paid, and come to rest where neither gains by changing "
        "alone. You may redistribute: from the table of payoffs, axes (agent, action of agent 1, action of agent 2), "
        "return a table of payments of the same shape. In every cell the payments must add up to what the team earned "
        "there, no more and no less; and *every* joint action at which neither gains by changing alone must have the "
        "largest sum that is possible (and there must be one). There are many right answers."
    ),
    stub='''
def payments(payoffs):
    """Return what each agent is paid, axes as in payoffs; sums stay as they are."""
    ...
''',
    solution=payments,
    properties=[
        Property("what is paid out is what was earned, in every cell", _random, holds=_sums),
        Property("what was earned is paid out, in the classics", _classics, holds=_sums),
        Property("in the classics they come to rest only where the team has most", _classics, holds=_settled),
        Property("in random games too", _random, holds=_settled),
    ],
    misconceptions=[
        Misconception(
            "everybody keeps its own",
            "With their own payoffs, both defect in the prisoner's dilemma: the team has 2 instead of 6.",
            _own,
            _like(_own),
        ),
        Misconception(
            "half of the sum for everybody",
            "Then both want what is best for the team, and the prisoner's dilemma is cured. But in the stag hunt two "
            "hare hunters still come to rest: neither gains by changing *alone*. Being on one side is not enough.",
            _halves,
            _like(_halves),
        ),
        Misconception(
            "the whole sum for everybody",
            "This pays out twice what was earned. (As a training signal it would be the team reward, which has the "
            "same places of rest as half of it.)",
            _whole_sum,
            _like(_whole_sum),
        ),
        Misconception(
            "a bonus from nowhere",
            "A bonus for the best joint action has to be paid by somebody: in every cell the sum must stay as it is.",
            _bonus,
            lambda value, payoffs: bool((np.asarray(value).sum(axis=0) > payoffs.sum(axis=0) + 1e-6).any()),
        ),
    ],
    hints=[
        "Begin with half of the sum for everybody. In which classic is there still a bad place to come to rest, and "
        "why does nobody leave it?",
        "Money may move from one agent to the other inside a cell. Who should pay whom at the joint actions that are "
        "not the best?",
        "Choose one best joint action (r, c). Whoever does not play its part pays the other a fine that is larger than "
        "anything to be gained. If both leave it, the fines cancel. (One of the two fines is enough: why?)",
    ],
    equivalent=["team.min() - 1", "team.min() + 2", "team.min() + 0"],
)
