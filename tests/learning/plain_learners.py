"""The tabular learners in plain Python, to be read beside their equations and compared number for number.

They share nothing with ``marl_edu.learning`` but the order in which random numbers are drawn: one for the start of an
episode, two for each agent (coin and pick), one for the outcome and, for lenient learners, one more for each agent.
"""

import math

import numpy as np


def near_best(row):
    """The actions whose value is within a billionth of the largest one."""
    best = row.max()
    return np.flatnonzero(row >= best - 1e-9 * max(1.0, abs(best)))


def draw(probabilities, coin):
    """The index on which a uniform number falls."""
    return min(int(np.searchsorted(np.cumsum(probabilities), coin, side="right")), len(probabilities) - 1)


class Plain:
    """Independent Q-learning for run ``k`` of base ``seed``; subclasses change what ``correct`` does.

    ``history`` has for every step: the state, the joint action, the rewards, the next state, and whether the episode
    was over.
    """

    def __init__(self, game, seed=0, k=0, *, exploration="epsilon-greedy", initial_value=0.0, **settings):
        self.game, self.rng, self.exploration = game, np.random.default_rng([seed, k]), exploration
        self.settings = {"step_size": 0.1, "epsilon": 0.1, "temperature": 1.0} | settings
        self.present = {name: self.settings[name] for name in ("step_size", "epsilon", "temperature")}
        self.agents = range(game.n_agents)
        self.q = [np.full((game.n_observations[i], game.n_actions[i]), float(initial_value)) for i in self.agents]
        self.history, self.errors, self.returns = [], [], []
        self.state, self.age, self.earned = None, 0, np.zeros(game.n_agents)

    def level(self, name):
        """What a schedule gives now."""
        floor = self.settings.get(f"{name}_floor", 1e-3 if name == "temperature" else 0.0)
        return max(floor, self.present[name])

    def judged(self, i, o):
        """What agent i acts on."""
        return self.q[i][o]

    def act(self, i, o):
        coin, pick = self.rng.random(), self.rng.random()
        row = self.judged(i, o)
        if self.exploration == "softmax":
            weights = [math.exp((value - row.max()) / self.level("temperature")) for value in row]
            total = 0.0
            for weight in weights:
                total += weight
            left = pick * total
            for a, weight in enumerate(weights[:-1]):
                left -= weight
                if left < 0:
                    return a
            return len(row) - 1
        if coin < self.level("epsilon"):
            return int(pick * len(row))
        ties = near_best(row)
        return int(ties[int(pick * len(ties))])

    def correct(self, i, o, a, target, joint_action, observed):
        self.q[i][o, a] += self.level("step_size") * (target - self.q[i][o, a])

    def advance(self, n):
        for _ in range(n):
            self.step()

    def step(self):
        game = self.game
        if self.state is None:
            self.state, self.age, self.earned = draw(game.start, self.rng.random()), 0, np.zeros(game.n_agents)
        s, observed = self.state, [int(game.observations[i, self.state]) for i in self.agents]
        joint_action = tuple(self.act(i, observed[i]) for i in self.agents)

        pair = s * game.n_joint_actions + game.joint_index(joint_action)
        first, last = game.successors.offsets[pair : pair + 2]
        outcome = first + draw(game.successors.probabilities[first:last], self.rng.random())
        next_state = int(game.successors.states[outcome])
        if game.successors.rewards is None:
            rewards = [game.rewards[(i, s, *joint_action)] for i in self.agents]
        else:
            rewards = game.successors.rewards[:, outcome]
        terminated = bool(game.terminal[next_state])
        truncated = self.age + 1 == game.horizon

        targets = []
        for i in self.agents:
            future = 0.0 if terminated else self.q[i][game.observations[i, next_state]].max()
            targets.append(rewards[i] + game.discount * future)
        self.errors.append([abs(targets[i] - self.q[i][observed[i], joint_action[i]]) for i in self.agents])
        for i in self.agents:
            self.correct(i, observed[i], joint_action[i], targets[i], joint_action, observed)

        self.earned = self.earned + game.discount**self.age * np.array(rewards)
        self.age += 1
        over = terminated or truncated
        if over:
            self.returns.append(self.earned)
        self.history.append((s, joint_action, tuple(map(float, rewards)), next_state, over))
        self.state = None if over else next_state
        for name in self.present:
            self.present[name] *= self.settings.get(f"{name}_decay", 1.0)


class PlainHysteretic(Plain):
    def correct(self, i, o, a, target, joint_action, observed):
        error = target - self.q[i][o, a]
        self.q[i][o, a] += (self.level("step_size") if error >= 0 else self.settings["negative_step_size"]) * error


class PlainLenient(Plain):
    def __init__(self, *args, **settings):
        super().__init__(*args, **settings)
        self.heat = [np.ones_like(table) for table in self.q]

    def correct(self, i, o, a, target, joint_action, observed):
        error = target - self.q[i][o, a]
        forgiven = self.rng.random() < 1 - math.exp(-self.settings["leniency"] * self.heat[i][o, a])
        if error >= 0 or not forgiven:
            self.q[i][o, a] += self.level("step_size") * error
        self.heat[i][o, a] *= self.settings["cooling"]


class PlainDistributed(Plain):
    def __init__(self, *args, **settings):
        super().__init__(*args, **settings)
        self.policy = [[None] * len(table) for table in self.q]

    def judged(self, i, o):
        chosen = self.policy[i][o]
        return np.zeros(self.game.n_actions[i]) if chosen is None else np.eye(self.game.n_actions[i])[chosen]

    def correct(self, i, o, a, target, joint_action, observed):
        before = self.q[i][o].max()
        self.q[i][o, a] = max(self.q[i][o, a], target)
        if self.q[i][o, a] > before + 1e-9 * max(1.0, abs(before)):
            self.policy[i][o] = a


class PlainJointAction(Plain):
    def __init__(self, *args, initial_value=0.0, **settings):
        super().__init__(*args, initial_value=initial_value, **settings)
        shape = self.game.n_actions
        self.joint_q = [np.full((count, *shape), float(initial_value)) for count in self.game.n_observations]
        self.seen = [[{} for _ in range(count)] for count in self.game.n_observations]

    def correct(self, i, o, a, target, joint_action, observed):
        entry = (o, *joint_action)
        self.joint_q[i][entry] += self.level("step_size") * (target - self.joint_q[i][entry])
        others = joint_action[:i] + joint_action[i + 1 :]
        seen = self.seen[i][o]
        seen[others] = seen.get(others, 0) + 1
        for b in range(self.game.n_actions[i]):
            mean = 0.0
            for those in sorted(seen):
                mean += seen[those] * self.joint_q[i][(o, *those[:i], b, *those[i:])]
            self.q[i][o, b] = mean / sum(seen.values())
