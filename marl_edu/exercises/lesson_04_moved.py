"""Lesson 04: by how much one agent's values of its own actions move when the other changes its policy.

Axes: S states, A actions of agent 1, B of agent 2.
"""

from __future__ import annotations

import numpy as np

from marl_edu.exercises import Exercise, Property
from marl_edu.exercises.judge import mistake
from marl_edu.exercises.lesson_04_values import some_game


def exact_values(transitions, rewards, policy_1, policy_2, discount):
    """V of one agent under the joint policy, (S,), by solving the linear system."""
    p = np.einsum("sa,sb,sabt->st", policy_1, policy_2, transitions)
    r = np.einsum("sa,sb,sab->s", policy_1, policy_2, rewards)
    return np.linalg.solve(np.eye(len(r)) - discount * p, r)


def moved(transitions, rewards, policy_1, policy_2, new_policy_2, discount):
    """By how much agent 1's values of its own actions, (S, A), move when agent 2 changes its policy."""

    def own(policy):
        values = exact_values(transitions, rewards, policy_1, policy, discount)
        q = rewards + discount * transitions @ values
        return np.einsum("sb,sab->sa", policy, q)

    return own(new_policy_2) - own(policy_2)


def _own(transitions, rewards, policy_1, lives_with, averaged_over, discount):
    values = exact_values(transitions, rewards, policy_1, lives_with, discount)
    return np.einsum("sb,sab->sa", averaged_over, rewards + discount * transitions @ values)


def _both_averaged(p, r, x, y, z, g):
    return exact_values(p, r, x, z, g) - exact_values(p, r, x, y, g)


def _other_axis(p, r, x, y, z, g):
    def own(policy):
        return np.einsum("sa,sab->sb", x, r + g * p @ exact_values(p, r, x, policy, g))

    return own(z) - own(y)


def _moves(n_states, n_a, n_b, discount=None):
    def cases(rng):
        found = []
        for states in (1, 2, *[n_states] * 4):
            transitions, rewards, policy_1, policy_2, gamma = some_game(rng, states, n_a, n_b)
            new = np.roll(policy_2, 1, axis=1)
            found.append(
                (transitions, rewards, policy_1, policy_2, new, gamma if discount is None else discount)
            )  # rolled, every row changes
        return found

    return cases


other = Exercise(
    name="04.moved",
    title="The other changes, your values move",
    objective="04.3",
    minutes=10,
    difficulty=2,
    task=(
        "Agent 2 goes over from `policy_2` to `new_policy_2`; agent 1 keeps its policy. Return by how much agent 1's "
        "decentralised values move: a table (state, action 1), new minus old. `exact_values(transitions, rewards, "
        "policy_1, policy_2, discount)` gives agent 1's values of all states under a joint policy; you may use it."
    ),
    stub='''
def moved(transitions, rewards, policy_1, policy_2, new_policy_2, discount):
    """Return how much Q^1(s, a^1) moves, with axes (state, action 1)."""
    ...
''',
    solution=moved,
    properties=[
        Property("with discount 0 only the mean of the reward moves", _moves(2, 2, 2, 0.0)),
        Property("what comes later moves as well", _moves(3, 2, 2)),
        Property("agents may have different numbers of actions", _moves(2, 2, 3)),
    ],
    misconceptions=[
        mistake(
            "the future stays as it was",
            "The old values of states were averaged anew. But the values behind Q belong to the old joint policy too: "
            "agent 2 will also act differently later on, so V has to be solved again.",
            lambda p, r, x, y, z, g: _own(p, r, x, y, z, g) - _own(p, r, x, y, y, g),
        ),
        mistake(
            "only the future moves",
            "V was solved anew, but the mean over what agent 2 does *now* was still taken with its old policy.",
            lambda p, r, x, y, z, g: _own(p, r, x, z, y, g) - _own(p, r, x, y, y, g),
        ),
        mistake(
            "old minus new",
            "A value that rises should move by a positive number: new minus old.",
            lambda p, r, x, y, z, g: moved(p, r, x, z, y, g),
        ),
        mistake(
            "the new values instead of the change",
            "These are the values under the new policy. How much did they move?",
            lambda p, r, x, y, z, g: _own(p, r, x, z, z, g),
        ),
        mistake(
            "averaged over agent 1's own action as well",
            "One number for each state is left: that is how V moves. Agent 1's own action stays free in Q^1(s, a^1).",
            _both_averaged,
        ),
        mistake(
            "the agents are mixed up",
            "The mean was taken over agent 1's actions. Agent 1 knows its own action; agent 2's is what it can't see.",
            _other_axis,
        ),
        mistake(
            "agent 2 at random",
            "Agent 2's actions count as often as its policy plays them, before and after.",
            lambda p, r, x, y, z, g: g * (p @ (exact_values(p, r, x, z, g) - exact_values(p, r, x, y, g))).mean(axis=2),
        ),
    ],
    hints=[
        "Write a function for one policy of agent 2, then call it twice.",
        "Three steps: values of states, values of joint actions, and the mean over agent 2's action.",
        '`np.einsum("sb,sab->sa", policy, q)` is the mean over agent 2. Both V and this mean depend on its policy.',
    ],
)
