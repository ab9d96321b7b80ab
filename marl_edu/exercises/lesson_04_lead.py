"""Lesson 04, open-ended: choose agent 2's policy knowing that agent 1 will answer with a best response."""

from __future__ import annotations

from functools import lru_cache
from itertools import product

import numpy as np

from marl_edu.exercises import Exercise, Misconception, Property
from marl_edu.games import random_game
from marl_edu.planning import best_response, evaluate

LEAST = 0.5
"""Share of the gain that mixing brings which has to be reached."""

SEEDS = (9, 12, 27)


def lead(game):
    """The best of a grid of policies, each held against agent 1's answer."""
    best, found = -np.inf, None
    for first, second in product(np.linspace(0, 1, 6), repeat=2):
        policy = np.array([[1 - first, first], [1 - second, second]])
        answer = best_response(game, 0, [None, policy])
        earned = game.start @ evaluate(game, [answer.actions, policy])[1]
        if earned > best:
            best, found = earned, policy
    return found


def earned_by(game, policy) -> float:
    """What agent 2 earns with a policy that agent 1 answers as is best for agent 1."""
    answer = best_response(game, 0, [None, policy])
    return float(game.start @ evaluate(game, [answer.actions, policy])[1])


def world(seed: int):
    """A game with two states and two actions each."""
    return random_game(2, 2, 2, seed, discount=0.8, name=f"game {seed}")


@lru_cache
def levels(seed: int) -> tuple[float, float]:
    """What the best policy without chance earns, and the best of a grid with chance."""
    game = world(seed)
    pure = max(earned_by(game, np.eye(2)[list(actions)]) for actions in product(range(2), repeat=2))
    chances = product(np.linspace(0, 1, 11), repeat=2)
    return pure, max(earned_by(game, np.array([[1 - p, p], [1 - q, q]])) for p, q in chances)


def play(thing, seed):
    """Let agent 2 lead with the policy that a student's function chooses."""
    policy = thing(world(seed))
    try:
        policy = np.asarray(policy, dtype=float)
    except (TypeError, ValueError):
        return {"trouble": "what is returned is no table of numbers"}
    if policy.shape != (2, 2):
        return {"trouble": f"a table of shape {policy.shape}; expected (2, 2): state, action"}
    if not (np.isfinite(policy).all() and (policy >= 0).all() and np.allclose(policy.sum(axis=1), 1)):
        return {"trouble": "a row that holds no probabilities; expected numbers from 0 on that add up to 1"}
    pure, mixed = levels(seed)
    earned = earned_by(world(seed), policy)
    return {
        "agent 2 earns": earned,
        "the best policy without chance earns": pure,
        "share of the gain": (earned - pure) / (mixed - pure),
        "policy": policy,
    }


def _gains(found, seed):
    if "trouble" in found:
        return found["trouble"]
    if found["share of the gain"] >= LEAST:
        return None
    earned, pure = found["agent 2 earns"], found["the best policy without chance earns"]
    return f"agent 2 earns {earned:.2f}; the best policy without chance earns {pure:.2f}, and chance can do better"


def _pure(found, seed):
    return "policy" in found and bool(np.isin(found["policy"], (0, 1)).all())


def _selfless(game):
    best, found = -np.inf, None
    for first, second in product(np.linspace(0, 1, 6), repeat=2):
        policy = np.array([[1 - first, first], [1 - second, second]])
        answer = best_response(game, 0, [None, policy]).value
        if answer > best:
            best, found = answer, policy
    return found


def _without_chance(game):
    policies = [np.eye(2)[list(actions)] for actions in product(range(2), repeat=2)]
    return max(policies, key=lambda policy: earned_by(game, policy))


invent = Exercise(
    name="04.lead",
    title="Who commits first",
    objective="04.3",
    minutes=20,
    difficulty=3,
    task=(
        "Agent 2 announces its policy and keeps to it; agent 1 answers with a best response, whatever that does to "
        "agent 2. If both answers are equally good to agent 1, it takes the first. `game` has two states and two "
        "actions for each agent. Return agent 2's policy, a table (state, action) of probabilities, with which agent 2 "
        f"earns at least {LEAST:.0%} of what mixing can gain over the best announcement without chance. "
        "`best_response(game, 0, [None, policy])` and `evaluate(game, [actions, policy])` of `marl_edu.planning` are "
        "there to be used."
    ),
    stub='''
def lead(game):
    """Return agent 2's policy, with axes (state, action): rows of probabilities."""
    ...
''',
    solution=lead,
    call=play,
    properties=[
        Property(
            "agent 2 earns clearly more than without chance", lambda rng: [(seed,) for seed in SEEDS], holds=_gains
        )
    ],
    misconceptions=[
        Misconception(
            "nothing is left to chance",
            "Each of the rows plays one action for certain. There are only four such policies here, and a mixture "
            "that keeps agent 1 just willing can earn more than the best of them.",
            wrong=_without_chance,
            recognise=_pure,
        ),
        Misconception(
            "a fair coin",
            "Uniformly random play asks nothing of agent 1. Which chances make the answer that you want a best one?",
            wrong=lambda game: np.full((2, 2), 0.5),
            recognise=lambda found, seed: "policy" in found and np.allclose(found["policy"], 0.5),
        ),
        Misconception(
            "what is best for agent 1",
            "This policy makes the *answering* agent as rich as possible. Look at row 2 of `evaluate`, the one who "
            "leads.",
            wrong=_selfless,
        ),
        Misconception(
            "no policy",
            "Agent 2's policy is asked for: for each of the two states a row of two probabilities that add up to 1.",
            recognise=lambda found, seed: "trouble" in found,
        ),
    ],
    hints=[
        "A policy is two numbers here: the chance of the second action in each state. Try many, and keep the best.",
        "For each: `answer = best_response(game, 0, [None, policy])`, then "
        "`evaluate(game, [answer.actions, policy])[1]` is what agent 2 gets from each state.",
        "Two loops over `np.linspace(0, 1, 11)`, `game.start @ ...` as the number to compare, a memory for the best.",
    ],
    time_limit=6.0,
    equivalent=["1, 7)", "1, 5)", "@ game.start", "earned >= best"],  # another grid finds as good an announcement
)
