"""Slow and obvious answers on tiny games, written without the package's planning code, to hold it against."""

import itertools

import numpy as np
from scipy.optimize import linprog

from marl_edu.games import MarkovGame


def tiny_game(
    rng, n_actions=(2, 3), n_states=3, discount=0.9, n_seen=None, paid_on_arrival=False, terminal=False, **more
):
    """A random game with sparse transitions; ``n_seen`` observations per agent, the last state terminal if asked."""
    shape = (n_states, *n_actions)
    transitions = rng.random((*shape, n_states)) * (rng.random((*shape, n_states)) < 0.6)
    transitions[..., 0] += 1e-3
    transitions /= transitions.sum(axis=-1, keepdims=True)
    rewards = rng.normal(size=(len(n_actions), *shape, n_states) if paid_on_arrival else (len(n_actions), *shape))
    if terminal:
        transitions[..., -1] += 0.1
        transitions /= transitions.sum(axis=-1, keepdims=True)
        transitions[-1], rewards[:, -1] = np.eye(n_states)[-1], 0
        more["terminal"] = [n_states - 1]
    if n_seen is not None:
        seen = rng.integers(n_seen, size=(len(n_actions), n_states))
        seen[:, 0] = n_seen - 1
        more["observations"] = seen
    start = rng.dirichlet(np.ones(n_states))
    return MarkovGame(transitions, rewards, discount, start=start, **more)


def random_policies(game, rng):
    return [rng.dirichlet(np.ones(a), size=o) for a, o in zip(game.n_actions, game.n_observations, strict=True)]


def chance(game, policies, state, joint_action):
    """pi(a | s) as a product over the agents, each looking at its own observation."""
    return np.prod([p[game.observations[i, state], joint_action[i]] for i, p in enumerate(policies)])


def joint_actions(game):
    return list(itertools.product(*map(range, game.n_actions)))


def chain(game, policies):
    """P (S, S) and r (N, S) of a joint policy, by the definition."""
    transitions, rewards = np.zeros((game.n_states, game.n_states)), np.zeros((game.n_agents, game.n_states))
    for s in range(game.n_states):
        for a in joint_actions(game):
            transitions[s] += chance(game, policies, s, a) * game.transitions[(s, *a)]
            rewards[:, s] += chance(game, policies, s, a) * game.rewards[(slice(None), s, *a)]
    return transitions, rewards


def values(game, policies):
    """(I - gamma P)^{-1} r, (N, S), densely; terminal states cut out so that discount 1 works too."""
    transitions, rewards = chain(game, policies)
    on = ~game.terminal
    found = np.zeros((game.n_agents, game.n_states))
    system = np.eye(on.sum()) - game.discount * transitions[np.ix_(on, on)]
    found[:, on] = np.linalg.solve(system, rewards[:, on].T).T
    return found


def return_within(game, policies, steps):
    """E[sum_{t < steps} gamma^t R_t] from the start, (N,), by stepping the distribution."""
    transitions, rewards = chain(game, policies)
    distribution, total = game.start, np.zeros(game.n_agents)
    for t in range(steps):
        total += game.discount**t * rewards @ distribution
        distribution = distribution @ transitions
    return total


def every_choice(n_choices, n_states):
    """All deterministic stationary policies, as (S,) tuples."""
    return itertools.product(range(n_choices), repeat=n_states)


def best_values(transitions, rewards, discount):
    """max over deterministic stationary policies of a decision problem (S, A, S), (S, A), state by state."""
    rows = np.arange(len(rewards))
    found = [
        np.linalg.solve(np.eye(len(rows)) - discount * transitions[rows, choice], rewards[rows, choice])
        for choice in map(list, every_choice(rewards.shape[1], len(rows)))
    ]
    return np.max(found, axis=0)


def best_within(transitions, rewards, discount, state, steps):
    """max over plans, which may depend on the time left, by trying everything (recursion)."""
    if steps == 0:
        return 0.0
    ahead = [best_within(transitions, rewards, discount, s, steps - 1) for s in range(len(rewards))]
    return max(rewards[state, a] + discount * transitions[state, a] @ ahead for a in range(rewards.shape[1]))


def linear_programme(transitions, rewards, discount):
    """Optimal values from the primal linear programme min sum V, V(s) >= r + gamma P V, by scipy's HiGHS.

    The solver's own tolerance is 1e-7, so its active constraints are solved again as equations.
    """
    n_states, n_actions = rewards.shape
    lines = (discount * transitions - np.eye(n_states)[:, None]).reshape(-1, n_states)
    found = linprog(np.ones(n_states), A_ub=lines, b_ub=-rewards.ravel(), bounds=(None, None), method="highs")
    assert found.status == 0
    active = (-found.ineqlin.marginals).reshape(n_states, n_actions).argmax(axis=1)
    rows = np.arange(n_states)
    return np.linalg.solve(np.eye(n_states) - discount * transitions[rows, active], rewards[rows, active])


def team_problem(game):
    """The game as one decision maker's problem: (S, J, S), (S, J)."""
    return (
        game.transitions.reshape(game.n_states, -1, game.n_states),
        game.rewards.sum(axis=0).reshape(game.n_states, -1),
    )


def agent_problem(game, agent, policies):
    """One agent's problem against fixed others, by the definition: (S, A_i, S), (S, A_i)."""
    transitions = np.zeros((game.n_states, game.n_actions[agent], game.n_states))
    rewards = np.zeros((game.n_states, game.n_actions[agent]))
    for s in range(game.n_states):
        for a in joint_actions(game):
            others = np.prod(
                [p[game.observations[i, s], a[i]] for i, p in enumerate(policies) if i != agent], initial=1.0
            )
            transitions[s, a[agent]] += others * game.transitions[(s, *a)]
            rewards[s, a[agent]] += others * game.rewards[(agent, s, *a)]
    return transitions, rewards
