"""Lesson 03: who plays in the yard, and an episode of it.

Legend of axes: S states, O observations, A actions, T steps, N agents.
"""

from __future__ import annotations

import numpy as np

from marl_edu.planning import team_optimum


def careless_policies(game, care: float = 0.7) -> list[np.ndarray]:
    """Each agent follows the team's best plan with chance ``care``, and otherwise acts at random: (S, A) tables.

    The agents must see the state.

    >>> from marl_edu.games import climbing
    >>> [table.round(2).tolist() for table in careless_policies(climbing(), care=0.7)]
    [[[0.8, 0.1, 0.1]], [[0.8, 0.1, 0.1]]]
    """
    best = team_optimum(game).actions  # state, agent
    return [care * np.eye(n)[best[:, i]] + (1 - care) / n for i, n in enumerate(game.n_actions)]


def play_episode(game, policies, rng, limit: int = 200):
    """Play one episode: rewards (T, N), the last state, and whether it is terminal.

    >>> from marl_edu.games import gridworld
    >>> game = gridworld(["1A", "2B"])
    >>> rewards, state, ended = play_episode(game, careless_policies(game, care=1), np.random.default_rng(0))
    >>> rewards.tolist(), ended
    ([[18.0, 18.0]], True)
    """
    state, rewards = rng.choice(game.n_states, p=game.start), []
    while not game.terminal[state] and len(rewards) < limit:
        seen = game.observations[:, state]
        chances = [policies[i][seen[i]] for i in range(game.n_agents)]
        actions = [rng.choice(len(p), p=p) for p in chances]
        state, paid = game.sample(state, actions, rng)
        rewards.append(paid)
    return np.array(rewards), state, bool(game.terminal[state])
