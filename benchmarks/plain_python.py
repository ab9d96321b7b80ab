"""The loops that people write without a compiler: the textbook in plain Python, and around a PettingZoo world.

Legend of axes: N agents, O observations, A actions.
"""

from __future__ import annotations

import numpy as np


class PlainPython:
    """Independent Q-learning, epsilon-greedy, in plain Python with one numpy table per agent.

    Parameters
    ----------
    game : MarkovGame
        The world; all agents have the same number of actions and see the state.
    step_size, epsilon : float
        Constant ones.
    seed : int
        As of ``IndependentQLearning``, whose first seed this reproduces.
    statistics : bool
        Whether to keep returns, errors, a trace and schedules, as ``marl_edu`` does; learning is the same without.
    """

    def __init__(self, game, step_size: float, epsilon: float, seed: int = 0, statistics: bool = True):
        self.game, self.step_size, self.epsilon = game, step_size, epsilon
        self.rng = np.random.default_rng([seed, 0])
        self.q = np.zeros((game.n_agents, game.n_states, game.n_actions[0]))
        self.state, self.age = None, 0
        self.statistics, self.trace, self.steps, self.episodes, self.discounting = statistics, [-1] * 24, 0, 0, 1.0
        self.returns, self.return_sum, self.error_sum = np.zeros((3, game.n_agents))
        self.cumulative_start = np.cumsum(game.start)

    def greedy(self, row: np.ndarray, pick: float) -> int:
        """A maximiser, at random among near-equals."""
        best = row.max()
        ties = np.flatnonzero(row >= best - 1e-9 * max(1.0, abs(best)))
        return ties[int(pick * len(ties))]

    def advance(self, n: int) -> None:
        """Do n environment steps."""
        game, rng, q = self.game, self.rng, self.q
        agents, n_actions = range(game.n_agents), game.n_actions[0]
        offsets, successors, probabilities, _ = vars(game.successors).values()
        rewards = game.rewards.reshape(game.n_agents, -1)
        for _ in range(n):
            if self.state is None:
                self.state, self.age = np.searchsorted(self.cumulative_start, rng.random(), side="right"), 0
            s, joint, joint_action = self.state, 0, []
            for i in agents:
                coin, pick = rng.random(), rng.random()
                a = int(pick * n_actions) if coin < self.epsilon else self.greedy(q[i, s], pick)
                joint_action.append(a)
                joint = joint * n_actions + a

            pair, coin = s * game.n_joint_actions + joint, rng.random()
            outcome, total = offsets[pair], probabilities[offsets[pair]]
            while total <= coin:
                outcome += 1
                total += probabilities[outcome]
            next_state = successors[outcome]
            ended = game.terminal[next_state]
            for i in agents:
                target = rewards[i, pair] + (0.0 if ended else game.discount * q[i, next_state].max())
                if self.statistics:
                    self.error_sum[i] += abs(target - q[i, s, joint_action[i]])
                    self.returns[i] += self.discounting * rewards[i, pair]
                q[i, s, joint_action[i]] += self.step_size * (target - q[i, s, joint_action[i]])
            self.age += 1
            self.state = None if ended or self.age == game.horizon else next_state
            if self.statistics:
                self.note(next_state)

    def note(self, next_state: int) -> None:
        """Write down what pictures need, and move the schedules on (here by a factor of 1)."""
        self.trace[self.steps % len(self.trace)] = next_state
        self.steps += 1
        self.discounting *= self.game.discount
        self.step_size, self.epsilon = max(0.0, self.step_size * 1.0), max(0.0, self.epsilon * 1.0)
        if self.state is None:
            self.return_sum += self.returns
            self.returns[:] = 0
            self.episodes, self.discounting = self.episodes + 1, 1.0


class AroundPettingZoo:
    """Independent Q-learning as a user of PettingZoo writes it: dicts in, dicts out, a numpy table per agent.

    Parameters
    ----------
    env : ParallelEnv
        With discrete observations and actions.
    discount, step_size, epsilon : float
        Constant ones.
    seed : int
        For the world and for exploration.
    """

    def __init__(self, env, discount: float, step_size: float, epsilon: float, seed: int = 0):
        self.env, self.discount, self.step_size, self.epsilon = env, discount, step_size, epsilon
        self.rng = np.random.default_rng(seed)
        sizes = {agent: (env.observation_space(agent).n, env.action_space(agent).n) for agent in env.possible_agents}
        self.q = {agent: np.zeros(size) for agent, size in sizes.items()}
        self.observed, _ = env.reset(seed=seed)

    def act(self, agent: str) -> int:
        """Epsilon-greedy, ties at random."""
        row = self.q[agent][self.observed[agent]]
        if self.rng.random() < self.epsilon:
            return int(self.rng.integers(len(row)))
        return int(self.rng.choice(np.flatnonzero(row == row.max())))

    def advance(self, n: int) -> None:
        """Do n environment steps."""
        for _ in range(n):
            if not self.env.agents:
                self.observed, _ = self.env.reset()
            actions = {agent: self.act(agent) for agent in self.env.agents}
            seen, rewards, terminated, _, _ = self.env.step(actions)
            for agent, action in actions.items():
                future = 0.0 if terminated[agent] else self.discount * self.q[agent][seen[agent]].max()
                row = self.q[agent][self.observed[agent]]
                row[action] += self.step_size * (rewards[agent] + future - row[action])
            self.observed = seen
