"""Lesson 02, open-ended: a game of one's own in which no single step does any harm."""

from __future__ import annotations

import itertools

import numpy as np

from marl_edu.exercises import Exercise, Misconception, Property
from marl_edu.games import MarkovGame

MOST_STATES, MOST_ACTIONS, LARGEST, LEAST_GAIN = 3, 3, 10, 1
"""Limits of a game of one's own, and what patience has to be worth to each agent."""


# --- 02.4 a game of one's own ----------------------------------------------------------------------------------------
def my_game(discount):
    """Rich as long as both are modest; once anybody grabs, poor for ever. No single step does any harm."""
    transitions = np.zeros((2, 2, 2, 2))
    transitions[:, :, :, 1] = 1
    transitions[0, 0, 0] = [1, 0]
    rewards = np.zeros((2, 2, 2, 2))
    rewards[0, 0] = [[2, 1], [4, 3]]
    rewards[1, 0] = [[2, 4], [1, 3]]
    return transitions, rewards


def examine(make, discount):
    """What a game of two agents is like: numbers and truth values, or ``trouble`` in words."""
    made = make(discount)
    try:
        transitions, rewards = made
        game = MarkovGame(np.array(transitions, dtype=float), np.array(rewards, dtype=float), discount)
    except (ValueError, TypeError) as error:
        return {"trouble": f"no Markov game came out: {error}"}
    if game.n_agents != 2 or not 2 <= game.n_states <= MOST_STATES or max(game.n_actions) > MOST_ACTIONS:
        return {"trouble": f"a game of {game.n_agents} agents, {game.n_states} states and {game.n_actions} actions"}
    if np.abs(game.rewards).max() > LARGEST:
        return {"trouble": f"a reward of {np.abs(game.rewards).max():g}; at most {LARGEST} is allowed"}
    tempting = [[_tempting(game, agent, state) for agent in (0, 1)] for state in range(game.n_states)]
    found = {
        "rows are certain": bool(np.isin(game.transitions, (0.0, 1.0)).all()),
        "strictly tempted in state 0": all(strictly for _, strictly in tempting[0]),
        "tempted everywhere": all(action >= 0 for row in tempting for action, _ in row),
    }
    if found["tempted everywhere"]:
        joint = [tuple(action for action, _ in row) for row in tempting]
        now = [game.rewards[(slice(None), state, *joint[state])] for state in range(game.n_states)]
        better = [
            (game.rewards[:, state] > now[state][:, None, None] + 1e-9).all(axis=0).any()
            for state in range(game.n_states)
        ]
        found["harmless now"] = not any(better)
        found["gain of patience"] = _gain(game, joint)
    return found


def _tempting(game, agent, state):
    """An action that pays this agent most now whatever the other does (-1: none), and whether it pays more than all."""
    own = game.rewards[agent, state] if agent == 0 else game.rewards[agent, state].T
    for action in range(len(own)):
        others = np.delete(own, action, axis=0)
        if (own[action] >= others - 1e-9).all():
            return action, bool(len(others) and (own[action] > others + 1e-9).all())
    return -1, False


def _gain(game, tempted):
    """What the worse-off agent gains, from state 0, if both keep to the best other policies."""
    states = range(game.n_states)
    joints = list(itertools.product(*(range(n) for n in game.n_actions)))
    plans = list(itertools.product(joints, repeat=game.n_states))
    plans.append(tuple(tempted))
    moved = np.array([[game.transitions[(s, *plan[s])] for s in states] for plan in plans])
    paid = np.array([[game.rewards[(slice(None), s, *plan[s])] for s in states] for plan in plans])
    values = np.linalg.solve(np.eye(game.n_states) - game.discount * moved, paid)[:, 0]  # (plan, agent)
    return float((values - values[-1]).min(axis=1).max())


def _made(found, *case):
    if "trouble" in found:
        return found["trouble"]
    return None if found["rows are certain"] else "a row holds probabilities other than 0 and 1"


def _tempts(found, *case):
    if _made(found):
        return _made(found)
    if not found["tempted everywhere"]:
        return "in some state an agent has no action that pays it most now, whatever the other does"
    return None if found["strictly tempted in state 0"] else "in state 0 the temptation of an agent is not strict"


def _harmless(found, *case):
    if _tempts(found):
        return _tempts(found)
    return None if found["harmless now"] else "in some state another joint action pays both agents more, at once"


def _harms(found, *case):
    if _tempts(found):
        return _tempts(found)
    gain = found["gain of patience"]
    return None if gain >= LEAST_GAIN else f"the best other plan gives the worse-off agent only {gain:.2f} more"


def _discounts(rng):
    return [(0.9,), (0.95,)]


def _dilemma(discount):
    transitions = np.zeros((2, 2, 2, 2))
    transitions[0, ..., 0] = transitions[1, ..., 1] = 1
    return transitions, [[[[3, 0], [5, 1]], [[0, 0], [0, 0]]], [[[3, 5], [0, 1]], [[0, 0], [0, 0]]]]


def _lake(discount):
    transitions, rewards = my_game(discount)
    transitions[0, 1, 1] = [0.5, 0.5]
    return transitions, rewards


def _no_future(discount):
    _, rewards = my_game(discount)
    transitions = np.zeros((2, 2, 2, 2))
    transitions[0, ..., 0] = transitions[1, ..., 1] = 1
    return transitions, rewards


def _no_temptation(discount):
    transitions, _ = my_game(discount)
    rewards = np.zeros((2, 2, 2, 2))
    rewards[:, 0] = [[2, 0], [0, 1]]
    return transitions, rewards


def _lacks(key):
    return lambda found, *case: found.get(key) is False


own = Exercise(
    name="02.own",
    title="A game of your own",
    objective="02.4",
    minutes=20,
    difficulty=3,
    task=(
        "Invent a game that no matrix can hold: every single step is harmless, the game is not. Two agents, two or "
        f"three states, at most {MOST_ACTIONS} actions each, rewards from -{LARGEST} to {LARGEST}. (1) No chance: "
        "every row holds one 1 and else 0. (2) Temptation: in every state each agent has an action that pays it, "
        "*now*, at least as much as any other of its actions, whatever the other agent does; in state 0 strictly "
        "more. (3) Harmless: in no state does another joint action pay *both* agents more *now* than both giving in. "
        f"(4) And yet patience pays: from state 0, some other plan earns *each* agent at least {LEAST_GAIN} more than "
        "both giving in for ever, counted with `discount` (return R + discount R' + ...). Return `transitions` and "
        "`rewards`."
    ),
    stub='''
def my_game(discount):
    """Return transitions and rewards of a game of two agents."""
    ...
''',
    solution=my_game,
    call=examine,
    properties=[
        Property("the arrays make a game of two agents, within the limits, without chance", _discounts, holds=_made),
        Property("in every state each agent has a tempting action, strictly so in state 0", _discounts, holds=_tempts),
        Property("in no state another joint action pays both more now", _discounts, holds=_harmless),
        Property("from state 0 another plan earns each agent more", _discounts, holds=_harms),
    ],
    misconceptions=[
        Misconception(
            "the arrays don't fit",
            "No game of the wanted size came out. Axes: transitions (state, action 1, action 2, next state), rewards "
            "(agent, state, action 1, action 2). `MarkovGame(transitions, rewards, discount)` says what is wrong.",
            wrong=lambda discount: (my_game(discount)[0], my_game(discount)[1][0]),
            recognise=lambda found, *case: "trouble" in found,
        ),
        Misconception(
            "chance is used",
            "Some row holds probabilities between 0 and 1. It can be done without any chance.",
            wrong=_lake,
            recognise=_lacks("rows are certain"),
        ),
        Misconception(
            "nothing tempts",
            "In some state an agent's best action depends on what the other does. A temptation pays more either way.",
            wrong=_no_temptation,
            recognise=lambda found, *case: (
                False in (found.get("tempted everywhere"), found.get("strictly tempted in state 0"))
            ),
        ),
        Misconception(
            "the step itself does the harm",
            "As in the prisoner's dilemma, another joint action pays both more at once: one state would do for that. "
            "Here the harm has to come from where the actions *lead*.",
            wrong=_dilemma,
            recognise=_lacks("harmless now"),
        ),
        Misconception(
            "patience does not pay",
            "Both giving in for ever is as good as any other plan, or nearly. Let giving in lead somewhere poor.",
            wrong=_no_future,
            recognise=lambda found, *case: found.get("gain of patience", LEAST_GAIN) < LEAST_GAIN,
        ),
    ],
    hints=[
        "Look at the lake again: what does fishing cost, and when?",
        "Two states are enough: rich and poor. In rich, grabbing pays more than being modest; what happens after it?",
        "In rich: both modest 2 each; one grabs: 4 for it, 1 for the other; both grab: 3 each. Grabbing leads "
        "to poor, where all pay 0 and all leads back to poor.",
    ],
    equivalent=["rewards[0, 0] =", "rewards[1, 0] =", "= [1, 0]"],
)
