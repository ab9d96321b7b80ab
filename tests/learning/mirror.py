"""A world that shows what agents do: its state is the joint action that was just played."""

import numpy as np

from marl_edu.games import MarkovGame

SHARE = np.array([0.0, 1.0, 2.0])
"""Reward of each of the three actions; it depends on one's own action alone."""


def mirror(n_agents=2, rewards=SHARE):
    """Agents see nothing, are paid for their own action, and the next state is the number of the joint action."""
    shape = (len(rewards),) * n_agents
    n_states = len(rewards) ** n_agents
    transitions = np.broadcast_to(np.eye(n_states).reshape(*shape, n_states), (n_states, *shape, n_states))
    own = np.stack([np.broadcast_to(rewards[action], (n_states, *shape)) for action in np.indices(shape)])
    blind = np.zeros((n_agents, n_states), dtype=int)
    return MarkovGame(transitions, own, discount=0, observations=blind)


def knowing(learner_class, seeds, **settings):
    """A learner in the mirror world that already knows what each action pays, and learns no more."""
    learner = learner_class(mirror(), seeds=seeds, epsilon=1, step_size=1)
    learner.advance(300)
    learner.set(step_size=0, **settings)
    return learner


def joint_actions(learner, rounds=1):
    """Counts of the joint actions in so many times 24 steps of all seeds, (A, ..., A)."""
    counts = np.zeros(learner.game.n_joint_actions)
    for _ in range(rounds):
        learner.advance(24)
        counts += np.bincount(learner.frame()["trace"].ravel(), minlength=len(counts))
    return counts.reshape(learner.game.n_actions)
