"""Lesson 02, open-ended: a game of one's own in which no single step does any harm."""

from __future__ import annotations

import itertools

import numpy as np

from marl_edu.exercises import Exercise, Misconception, Property
from marl_edu.exercises.values import Told
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
    """What a game of two agents is like, in words."""
    made = make(discount)
    if made is None or made is ...:
        return made
    facts = _facts(made, discount)
    return Told(_in_words(facts), facts)


def _facts(made, discount):
    try:
        transitions, rewards = made
        game = MarkovGame(np.array(transitions, dtype=float), np.array(rewards, dtype=float), discount)
    except (ValueError, TypeError) as error:
        return {"trouble": f"{NO_GAME}: {error}"}
    if game.n_agents != 2 or not 2 <= game.n_states <= MOST_STATES or max(game.n_actions) > MOST_ACTIONS:
        counts = " and ".join(map(str, game.n_actions))
        size = f"{_many(game.n_agents, 'agent')}, {_many(game.n_states, 'state')}, {counts} actions"
        wanted = f"2 agents, 2 to {MOST_STATES} states, at most {MOST_ACTIONS} actions each"
        return {"trouble": f"{OTHER_SIZE}: {size}; expected {wanted}"}
    if np.abs(game.rewards).max() > LARGEST:
        return {"trouble": f"{TOO_LARGE}, {np.abs(game.rewards).max():g}; at most {LARGEST} is allowed"}
    tempting = [[_tempting(game, agent, state) for agent in (0, 1)] for state in range(game.n_states)]
    found = {
        "game": game,
        "rows are certain": bool(np.isin(game.transitions, (0.0, 1.0)).all()),
        "strictly tempted in state 0": all(strictly for _, strictly in tempting[0]),
        "tempting": [tuple(action for action, _ in row) for row in tempting],
    }
    found["tempted everywhere"] = all(action >= 0 for joint in found["tempting"] for action in joint)
    if found["tempted everywhere"]:
        joint = found["tempting"]
        now = [game.rewards[(slice(None), state, *joint[state])] for state in range(game.n_states)]
        found["better now"] = [
            state
            for state in range(game.n_states)
            if (game.rewards[:, state] > now[state][:, None, None] + 1e-9).all(axis=0).any()
        ]
        found["gain of patience"] = _gain(game, joint)
    return found


NO_GAME, OTHER_SIZE, TOO_LARGE = "no Markov game came out", "a game of another size", "a reward beyond the limits"
CHANCE = "some row holds probabilities other than 0 and 1"
NOT_STRICT = "in state 0 another action pays an agent as much as giving in"
BETTER_NOW = "where another joint action pays both more at once"
PATIENCE = "another plan gives the worse-off agent"


def _many(n, what) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"


def _in_words(facts) -> str:
    """State by state: what tempts, what both giving in pays and where it leads; then what patience is worth."""
    if "trouble" in facts:
        return facts["trouble"]
    game, said = facts["game"], [f"a game of {facts['game'].n_states} states"]
    said += [] if facts["rows are certain"] else [CHANCE]
    for state, joint in enumerate(facts["tempting"]):
        cold = [f"nothing tempts agent {i + 1}" for i, action in enumerate(joint) if action < 0]
        if cold:
            said.append(f"in state {state} {' and '.join(cold)}")
            continue
        paid = " and ".join(f"{r:g}" for r in game.rewards[(slice(None), state, *joint)])
        leads = int(game.transitions[(state, *joint)].argmax())
        both = f"giving in is action {joint[0]} of agent 1 and {joint[1]} of agent 2, pays {paid} and leads to {leads}"
        harm = f", {BETTER_NOW}" if state in facts.get("better now", ()) else ""
        said.append(f"in state {state} {both}{harm}")
    said += [] if facts["strictly tempted in state 0"] or min(facts["tempting"][0]) < 0 else [NOT_STRICT]
    if "gain of patience" in facts:
        said.append(f"from state 0 {PATIENCE} {facts['gain of patience']:.2f} more than giving in for ever")
    return "; ".join(said)


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
    facts = getattr(found, "facts", {"trouble": "no two arrays came out"})
    if "trouble" in facts:
        return facts["trouble"]
    return None if facts["rows are certain"] else CHANCE


def _tempts(found, *case):
    if _made(found):
        return _made(found)
    if not found.facts["tempted everywhere"]:
        return "in some state an agent has no action that pays it most now, whatever the other does"
    return None if found.facts["strictly tempted in state 0"] else NOT_STRICT


def _harmless(found, *case):
    if _tempts(found):
        return _tempts(found)
    better = found.facts["better now"]
    return f"in state {better[0]} another joint action pays both agents more, at once" if better else None


def _harms(found, *case):
    if _tempts(found):
        return _tempts(found)
    gain = found.facts["gain of patience"]
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


def _one_state(discount):
    """The prisoner's dilemma, over and over: a game, but what is done leads nowhere else."""
    return np.ones((1, 2, 2, 1)), [[[[3, 0], [5, 1]]], [[[3, 5], [0, 1]]]]


def _too_much(discount):
    transitions, rewards = my_game(discount)
    return transitions, 10 * rewards


def _tells(*words):
    """Whether one of these is among what was told."""
    return lambda found, *case: isinstance(found, str) and any(each in found for each in words)


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
        "more (giving in: taking that action). (3) Harmless: in no state does another joint action pay *both* agents "
        "more *now* than both giving in. (4) And yet patience pays: from state 0, some other plan earns *each* agent "
        f"at least {LEAST_GAIN} more than both giving in for ever, counted with `discount` (return R + discount R' + "
        "...). Return `transitions` and `rewards`."
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
            "No game came out. Axes: transitions (state, action 1, action 2, next state), rewards (agent, state, "
            "action 1, action 2). `MarkovGame(transitions, rewards, discount)` says what is wrong.",
            wrong=lambda discount: (my_game(discount)[0], my_game(discount)[1][0]),
            recognise=_tells(NO_GAME),
        ),
        Misconception(
            "a game of another size",
            "Your arrays fit together and make a game, but not of the size that is asked for. With one state, what is "
            "done now can't change what can be earned later: that is a repeated game, and patience would have nothing "
            "to protect.",
            wrong=_one_state,
            recognise=_tells(OTHER_SIZE),
        ),
        Misconception(
            "rewards beyond the limits",
            f"Your arrays make a game of the right size. Rewards have to lie between -{LARGEST} and {LARGEST}: divide "
            "all of them by one number.",
            wrong=_too_much,
            recognise=_tells(TOO_LARGE),
        ),
        Misconception(
            "chance is used",
            "Some row holds probabilities between 0 and 1. It can be done without any chance.",
            wrong=_lake,
            recognise=_tells(CHANCE),
        ),
        Misconception(
            "nothing tempts",
            "In some state an agent's best action depends on what the other does, or is one of several. A temptation "
            "pays more either way, in state 0 strictly more.",
            wrong=_no_temptation,
            recognise=_tells("nothing tempts", NOT_STRICT),
        ),
        Misconception(
            "the step itself does the harm",
            "As in the prisoner's dilemma, another joint action pays both more at once: one state would do for that. "
            "Here the harm has to come from where the actions *lead*.",
            wrong=_dilemma,
            recognise=_tells(BETTER_NOW),
        ),
        Misconception(
            "patience does not pay",
            "Both giving in for ever is as good as any other plan, or nearly. Let giving in lead somewhere poor.",
            wrong=_no_future,
            recognise=_tells(PATIENCE),
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
