"""Particle worlds of one step whose answers are known, small settings, and MADDPG's losses in plain numpy.

A control a becomes a velocity of half of it, so rewards of velocities are rewards of controls.
"""

import numpy as np

from marl_edu.games.particles import Body, ParticleWorld

SMALL = {
    "worlds": 4,
    "batch": 8,
    "warm_up": 8,
    "hidden": 8,
    "critic_hidden": 8,
    "episodes": 2,
    "capacity": 500,
    "head_start": 0,
}
"""Settings with which a learner in a particle world learns little, quickly."""


class PushOnce(ParticleWorld):
    """Agents push once and are paid; one landmark for each, which only it sees."""

    terminal = True

    def __init__(self, n_agents=2, max_steps=1, **options):
        bodies = [Body(f"agent_{i}", solid=False) for i in range(n_agents)]
        super().__init__(bodies, n_landmarks=n_agents, landmark_range=0.3, max_steps=max_steps, **options)

    def sees(self, i):
        return [self.landmarks[..., i, :]]


class Together(PushOnce):
    """The sum of all velocities should be the sum of all landmarks: the best return is 0, by v_i = landmark_i."""

    name = "together"

    def rewards(self):
        missed = (self.velocities - self.landmarks).sum(axis=-2)
        return np.repeat(-(missed**2).sum(axis=-1)[..., np.newaxis], self.n_agents, axis=-1)


class Duopoly(PushOnce):
    """Cournot's: agent i earns v_i (0.6 - v_1 - v_2) in each coordinate; v_i = 0.2, control 0.4, is the equilibrium."""

    name = "duopoly"

    def rewards(self):
        price = 0.6 - self.velocities.sum(axis=-2, keepdims=True)
        return (self.velocities * price).sum(axis=-1)


def network(parameters, inputs):
    """Two hidden layers with rectifiers, for one row: parameters are W, b, W, b, W, b."""
    found = inputs
    for layer, (weight, bias) in enumerate(parameters):
        found = (np.maximum(found, 0) if layer else found) @ weight + bias[0]
    return found


class Plain:
    """One seed's losses of a learner in doubles, by the paper's formulas and loops over agents and transitions.

    The parameters are those of ``Flat``, in its order: all critics' (or actors') first weights, and so on.
    """

    def __init__(self, learner, sees_all):
        self.learner, self.sees_all, self.n = learner, sees_all, learner.game.n_agents
        self.shapes = {who: [p.shape[1:] for p in flat.parameters] for who, flat in learner._flat.items()}

    def nets(self, who, flat):
        """flat (P,) -> for each agent [(weight, bias), ...]."""
        cut, parts = 0, []
        for shape in self.shapes[who]:
            size = int(np.prod(shape))
            parts.append(flat[cut : cut + size].reshape(shape))
            cut += size
        assert cut == len(flat)
        layers = len(parts) // 2  # StackedMLP lists weights first, then biases
        return [[(parts[at][i], parts[layers + at][i]) for at in range(layers)] for i in range(self.n)]

    def judge(self, critics, i, seen, done):
        order = [i, *(j for j in range(self.n) if j != i)] if self.sees_all else [i]
        return network(critics[i], np.concatenate([np.concatenate([seen[j], done[j]]) for j in order]))[0]

    def critic_loss(self, critics, slow_critics, slow_actors, rows, discount):
        critics, slow_critics = self.nets("critics", critics), self.nets("critics", slow_critics)
        slow_actors, total = self.nets("actors", slow_actors), 0.0
        for seen, done, rewards, ended, after in rows:
            then = [np.tanh(network(slow_actors[j], after[j])) for j in range(self.n)]
            for i in range(self.n):
                goal = rewards[i] + discount * (1 - ended) * self.judge(slow_critics, i, after, then)
                total += (goal - self.judge(critics, i, seen, done)) ** 2 / len(rows)
        return total

    def actor_loss(self, actors, fixed_actors, critics, rows, others, restraint):
        actors, fixed = self.nets("actors", actors), self.nets("actors", fixed_actors)
        critics, total = self.nets("critics", critics), 0.0
        for seen, done, *_ in rows:
            now = [np.tanh(network(fixed[j], seen[j])) for j in range(self.n)]
            for i in range(self.n):
                said = network(actors[i], seen[i])
                joint = list(done if others == "buffer" else now)
                joint[i] = np.tanh(said)
                total += (restraint * (said**2).mean() - self.judge(critics, i, seen, joint)) / len(rows)
        return total


def rows_of(batch, size):
    """A batch of seed 0 as a list of transitions (seen, done, rewards, ended, seen after), in doubles."""
    pairs, rewards = batch.pairs[0].double().numpy(), batch.rewards[0].double().numpy()
    onward, after = batch.onward[0, 0].double().numpy(), batch.next_observations[0].double().numpy()
    return [
        (pairs[b, :, :-size], pairs[b, :, -size:], rewards[:, b], float(onward[b] == 0), after[:, b])
        for b in range(len(pairs))
    ]


def slopes(function, at, which, step=1e-6):
    """Central differences of a function of a vector by some of its entries."""
    found = []
    for index in which:
        moved = np.zeros_like(at)
        moved[index] = step
        found.append((function(at + moved) - function(at - moved)) / (2 * step))
    return np.array(found)
