"""A well-known library, unmodified, learns on a face as well as the exact best response says is possible."""

import numpy as np
import pytest
import torch
from stable_baselines3 import DQN

from marl_edu.games import gridworld


def decision_process(game, agent, others):
    """Transitions (S, A, S) and rewards (S, A) that one agent of two faces; ``others`` is an (S, A) policy."""
    transitions, rewards = game.transitions, game.rewards[agent]
    if agent == 1:
        transitions, rewards = transitions.swapaxes(1, 2), rewards.swapaxes(1, 2)
    return np.einsum("sabt,sb->sat", transitions, others), np.einsum("sab,sb->sa", rewards, others)


def optimal_values(transitions, rewards, discount):
    values = np.zeros(len(rewards))
    for _ in range(1000):
        values = (rewards + discount * transitions @ values).max(axis=1)
    return values


def values_of(transitions, rewards, discount, actions):
    states = np.arange(len(rewards))
    system = np.eye(len(rewards)) - discount * transitions[states, actions]
    return np.linalg.solve(system, rewards[states, actions])


@pytest.fixture
def one_thread():
    """More threads only get in each other's way in networks this small."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("one_thread")
def test_stable_baselines_finds_the_best_response():
    """Agent 1 must get past a partner who wanders about, on a slippery floor with one wall."""
    game = gridworld(["1.2", ".#.", "B.A"], discount=0.9, reward="individual", slip=0.1, horizon=50)
    wandering = np.full((game.n_states, 5), 0.2)
    env = game.single_agent_env(agent=0, others=[wandering])
    learner = DQN(
        "MlpPolicy",
        env,
        gamma=game.discount,
        learning_rate=2e-3,
        learning_starts=500,
        batch_size=64,
        train_freq=2,
        target_update_interval=200,
        exploration_fraction=0.6,
        exploration_final_eps=0.1,
        policy_kwargs={"net_arch": [64]},
        seed=0,
        device="cpu",
    )
    learner.learn(total_timesteps=8000)
    learned, _ = learner.predict(np.arange(game.n_states), deterministic=True)

    transitions, rewards = decision_process(game, 0, wandering)
    best = game.start @ optimal_values(transitions, rewards, game.discount)
    found = game.start @ values_of(transitions, rewards, game.discount, learned)
    uniform = game.start @ values_of(
        transitions.mean(axis=1, keepdims=True), rewards.mean(axis=1, keepdims=True), game.discount, 0
    )
    assert uniform < 0 < best
    # Within 5 % of the way from the random policy to the best response; it was .05 % when this was written.
    assert best - 0.05 * (best - uniform) < found <= best + 1e-9
