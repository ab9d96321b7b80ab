"""Lesson 04, two exercises on values of a joint policy: a Bellman backup, and Q from V.

Axes: S states, A actions of agent 1, B of agent 2, N = 2 agents.
"""

from __future__ import annotations

import numpy as np

from marl_edu.exercises import Exercise, Property
from marl_edu.exercises.judge import mistake

TENTHS = {1: [(10,)], 2: [(3, 7), (2, 8), (1, 9)], 3: [(1, 2, 7), (1, 3, 6), (2, 3, 5)], 4: [(1, 2, 3, 4)]}
"""Probabilities of so many outcomes, in tenths, all different: a student can read them, and check by hand."""


def chances(rng, shape, n):
    """Rows of n probabilities in whole tenths, (*shape, n)."""
    kinds = np.array(TENTHS[n])
    return rng.permuted(kinds[rng.integers(len(kinds), size=shape)], axis=-1) / 10


def some_game(rng, n_states, n_a, n_b, agents=None):
    """Random transitions (S, A, B, S), rewards (S, A, B) or (N, S, A, B), two policies, a discount; short numbers."""
    transitions = chances(rng, (n_states, n_a, n_b), n_states)
    shape = (n_states, n_a, n_b) if agents is None else (agents, n_states, n_a, n_b)
    rewards = rng.integers(-9, 10, shape).astype(float)
    policies = [chances(rng, (n_states,), n_actions) for n_actions in (n_a, n_b)]
    return transitions, rewards, *policies, int(rng.integers(5, 10)) / 10


# --- 04.1 one backup -----------------------------------------------------------------------------------------------
def backup(values, transitions, rewards, policy_1, policy_2, discount):
    """New values of all states from old ones, for one agent under a joint policy."""
    q = rewards + discount * transitions @ values
    return np.einsum("sa,sb,sab->s", policy_1, policy_2, q)


def _in_place(values, transitions, rewards, policy_1, policy_2, discount):
    new = np.array(values, dtype=float)
    for s in range(len(new)):
        q = rewards[s] + discount * transitions[s] @ new
        new[s] = policy_1[s] @ q @ policy_2[s]
    return new


def _present(values, transitions, rewards, policy_1, policy_2, discount):
    q = rewards + discount * values[:, None, None]
    return np.einsum("sa,sb,sab->s", policy_1, policy_2, q)


def _exchanged(values, transitions, rewards, policy_1, policy_2, discount):
    return backup(values, transitions, rewards, policy_2, policy_1, discount)


def _backups(n_states, n_a, n_b, discount=None):
    def cases(rng):
        found = []
        for states in (1, 2, *[n_states] * 4):
            transitions, rewards, policy_1, policy_2, gamma = some_game(rng, states, n_a, n_b)
            values = rng.integers(-20, 21, states).astype(float)
            found.append((values, transitions, rewards, policy_1, policy_2, gamma if discount is None else discount))
        return found

    return cases


sweep = Exercise(
    name="04.sweep",
    title="One Bellman backup",
    objective="04.1",
    minutes=8,
    difficulty=1,
    task=(
        "Write one backup of the Bellman equation for agent 1: from the old values of all states, the new ones. "
        "`values` has one number for each state, `transitions` the axes (state, action 1, action 2, next state), "
        "`rewards` are agent 1's, with axes (state, action 1, action 2); row s of a policy holds the probabilities of "
        "that agent's actions in state s. All new values are made of old ones."
    ),
    stub='''
def backup(values, transitions, rewards, policy_1, policy_2, discount):
    """Return the new values of all states, an array like `values`."""
    ...
''',
    solution=backup,
    properties=[
        Property("with discount 0 the new value is the mean reward under both policies", _backups(2, 2, 2, 0.0)),
        Property("the mean runs over joint actions and next states", _backups(3, 2, 2)),
        Property("agents may have different numbers of actions", _backups(3, 2, 3)),
    ],
    misconceptions=[
        mistake(
            "only old values may be used",
            "States that come later in the loop have used values that were new already. Such a sweep is useful too "
            "(Gauss-Seidel), but it is not this equation: keep the old values until all new ones are there.",
            _in_place,
        ),
        mistake(
            "everybody acts at random",
            "All joint actions were weighed alike. The weight of (a1, a2) is the chance that they are played: the "
            "product of the two policies' probabilities.",
            lambda v, p, r, x, y, g: (r + g * p @ v).mean(axis=(1, 2)),
        ),
        mistake(
            "the best joint action instead of the mean",
            "This asks what a team could reach. The value of a *given* joint policy is a mean, good and bad actions "
            "weighed as often as they are played.",
            lambda v, p, r, x, y, g: (r + g * p @ v).max(axis=(1, 2)),
        ),
        mistake(
            "discount forgotten",
            "What comes one step later counts `discount` times as much.",
            lambda v, p, r, x, y, g: backup(v, p, r, x, y, 1.0),
        ),
        mistake(
            "the reward is discounted as well",
            "The reward is paid for this step and counts in full; only what comes after it is discounted.",
            lambda v, p, r, x, y, g: g * backup(v, p, r, x, y, 1.0),
        ),
        mistake(
            "the present state's value instead of the next one's",
            "After the reward the game is in another state; it is worth V(s'), weighed by p(s' | s, a).",
            _present,
        ),
        mistake(
            "the other's actions are added up, not weighed",
            "Agent 2's policy is missing: a sum over its actions without its probabilities counts each in full.",
            lambda v, p, r, x, y, g: np.einsum("sa,sab->s", x, r + g * p @ v),
        ),
        mistake(
            "the probabilities are added, not multiplied",
            "Both choose at the same time and independently: the chance of a pair of actions is a product.",
            lambda v, p, r, x, y, g: np.einsum("sab,sab->s", (x[:, :, None] + y[:, None, :]) / 2, r + g * p @ v),
        ),
        mistake(
            "the agents are mixed up",
            "Axis 1 of the tables belongs to agent 1, axis 2 to agent 2; here the policies have changed places.",
            _exchanged,
        ),
    ],
    hints=[
        "First make the table of what each joint action is worth in each state, then average it.",
        "`transitions @ values` sums over the last axis, the next state: what comes after each joint action.",
        '`np.einsum("sa,sb,sab->s", policy_1, policy_2, q)` weighs the table `q` with both policies.',
    ],
)


# --- 04.2 Q from V -------------------------------------------------------------------------------------------------
def q_from_v(values, transitions, rewards, discount):
    """Centralised values of both agents, (2, S, A, B), from their values of states, (2, S)."""
    return rewards + discount * np.einsum("sabt,it->isab", transitions, values)


def _likeliest(values, transitions, rewards, discount):
    return rewards + discount * values[:, transitions.argmax(axis=-1)]


def _q_cases(n_states, n_a, n_b):
    def cases(rng):
        found = []
        for states in (1, 2, *[n_states] * 4):
            transitions, rewards, _, _, discount = some_game(rng, states, n_a, n_b, agents=2)
            found.append((rng.integers(-20, 21, (2, states)).astype(float), transitions, rewards, discount))
        return found

    return cases


q_values = Exercise(
    name="04.q_from_v",
    title="Q from V",
    objective="04.2",
    minutes=6,
    difficulty=1,
    task=(
        "Write what every joint action is worth to both agents, if afterwards all keep to the joint policy whose "
        "values are given. `values` has axes (agent, state), `transitions` (state, action 1, action 2, next state), "
        "`rewards` (agent, state, action 1, action 2)."
    ),
    stub='''
def q_from_v(values, transitions, rewards, discount):
    """Return Q^i(s, a^1, a^2), with axes (agent, state, action 1, action 2)."""
    ...
''',
    solution=q_from_v,
    properties=[
        Property("Q is the reward, and what the next state is worth on average, discounted", _q_cases(2, 2, 2)),
        Property("this holds for any number of states and actions", _q_cases(3, 2, 4)),
    ],
    misconceptions=[
        mistake(
            "agent 1's values for everybody",
            "Each agent adds what the next state is worth to *it*: agent 2's table needs row 2 of `values`.",
            lambda v, p, r, g: r + g * (p @ v[0])[None],
        ),
        mistake(
            "the values of all agents are added up",
            "That is what the team expects. Each agent's Q contains its own reward and its own value only.",
            lambda v, p, r, g: r + g * (p @ v.sum(axis=0))[None],
        ),
        mistake(
            "the present state's value instead of the next one's",
            "After the reward the game is in another state; it is worth V(s'), weighed by p(s' | s, a).",
            lambda v, p, r, g: r + g * v[:, :, None, None],
        ),
        mistake(
            "only the likeliest next state",
            "All next states count, each as often as it comes: a mean over p(s' | s, a).",
            _likeliest,
        ),
        mistake(
            "discount forgotten",
            "What comes one step later counts `discount` times as much.",
            lambda v, p, r, g: q_from_v(v, p, r, 1.0),
        ),
        mistake(
            "the reward is discounted as well",
            "The reward is paid for this step and counts in full; only what comes after it is discounted.",
            lambda v, p, r, g: g * q_from_v(v, p, r, 1.0),
        ),
    ],
    hints=[
        "There is no policy in it: the joint action is given. What is left to chance is the next state.",
        "For one agent: `rewards[i] + discount * transitions @ values[i]`.",
        '`np.einsum("sabt,it->isab", transitions, values)` does it for both; so does `np.stack` over a loop.',
    ],
)
