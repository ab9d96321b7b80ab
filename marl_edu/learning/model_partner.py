"""A partner that keeps a model of the others by counting what they do, and best-responds to it.

Where the game has one state its own payoffs are known, and this is fictitious play; elsewhere it learns the values of
joint actions as ``JointActionLearning`` does.

Legend of axes: O observations, J joint actions in C order, C contexts, A own actions, X joint actions of the others.
"""

from __future__ import annotations

import numpy as np

from marl_edu.games import checks
from marl_edu.learning.partners import Partner, epsilon_greedy, greedy_choice

MOST_SWEEPS = 200
"""Sweeps over the contexts that planning may take after one turn; it goes on from there after the next."""


class ModelPartner(Partner):
    """Counts what the others do, and answers with what is best against the observed frequencies.

    One state: own payoffs R^i(a, x) are known. Without a memory EV(a) = sum_x Pr(x) R^i(a, x); with one, the context c
    is the last joint action, and EV(c, a) = sum_x Pr(x | c) [R^i(a, x) + gamma max_b EV(c', b)] with c' = (a, x).
    Several states: Q(o, a, x) is learned with target r + gamma max_b EV(o', b), and
    EV(o, a) = sum_x Pr(x | o) Q(o, a, x).

    With three or more agents x is a joint action of all the others, and joint actions are counted: the model then also
    holds that others do things together, as fictitious play with correlated beliefs does. It is not the product of one
    model for each of them; ``model()`` shows the student's part of it.

    Parameters
    ----------
    memory : {0, 1}
        Whether the model depends on the last joint action; 1 only in games with one state.
    prior : float, at least 0
        Plays of each joint action of the others that it counts as seen before the first turn.
    explores : bool
        False: it always takes what it holds for best, whatever epsilon is.

    Sources: G. Brown, "Iterative solution of games by fictitious play", 1951; D. Fudenberg & D. Levine, "The Theory of
    Learning in Games", 1998, section 2.2 (with a prior); C. Claus & C. Boutilier, AAAI 1998 (joint-action learners).
    """

    title = "model-builder"
    uses = ("step_size", "epsilon")

    def __init__(self, *, memory: int = 0, prior: float = 1.0, explores: bool = True):
        self.memory = checks.integer("ModelPartner: memory", memory, 0, 1)
        self.prior = checks.number("ModelPartner: prior", prior, 0, 1e6)
        self.explores = checks.flag("ModelPartner: explores", explores)

    def begin(self, game, seat, student):
        """Back to the prior."""
        super().begin(game, seat, student)
        self.knows_payoffs = game.n_states == 1
        if self.memory and not self.knows_payoffs:
            raise ValueError(
                f"ModelPartner: memory is 1, but the game {game.name!r} has {game.n_states} states; expected a game "
                "with one state, or memory=0"
            )
        if self.memory and game.discount == 1:
            raise ValueError("ModelPartner: memory is 1 and the discount is 1; expected a discount below 1")
        self.uses = (() if self.knows_payoffs else ("step_size",)) + (("epsilon",) if self.explores else ())
        contexts = 1 + game.n_joint_actions if self.memory else self.shape[0]
        others = tuple(n for j, n in enumerate(game.n_actions) if j != seat)
        self.counts = np.full((contexts, *others), self.prior)
        self.last = 0  # the context: 0 before anything was played, then 1 + number of the joint action
        self.ev = np.zeros((contexts, self.shape[1]))
        if self.knows_payoffs:
            own = np.moveaxis(game.rewards[seat, 0], seat, 0).reshape(self.shape[1], -1)
            self.payoffs = own  # (A, X)
            joint = np.moveaxis(np.arange(game.n_joint_actions).reshape(game.n_actions), seat, 0)
            self.leads_to = 1 + joint.reshape(self.shape[1], -1)  # (A, X): the context after it, with memory
            self._plan()
        else:
            self.joint_q = np.zeros((contexts, self.shape[1], self.counts[0].size))  # (O, A, X)

    def act(self, observation, coin, pick):
        """Any action with chance epsilon, else a best response to the model."""
        if self.explores and coin < self.epsilon:
            return int(pick * self.shape[1])
        return greedy_choice(self.ev[self.context(observation)], pick)

    def learn(self, turn):
        """Count what the others did, and work out again what is best."""
        context = self.context(turn.observation)
        own = turn.joint_action[self.seat]
        others = tuple(a for j, a in enumerate(turn.joint_action) if j != self.seat)
        if self.knows_payoffs:
            self.counts[(context, *others)] += 1
            if self.memory:
                self.last = 1 + self.game.joint_index(turn.joint_action)
            self._plan()
            return
        future = 0.0 if turn.terminated else self.ev[turn.next_observation].max()
        target = turn.reward + self.game.discount * future
        entry = context, own, int(np.ravel_multi_index(others, self.counts.shape[1:]))
        self.joint_q[entry] += self.step_size * (target - self.joint_q[entry])
        self.counts[(context, *others)] += 1
        self.ev[context] = self.joint_q[context] @ self._frequencies()[context]

    def _frequencies(self) -> np.ndarray:
        """Pr(x | c), (C, X); uniform where nothing was seen and there is no prior."""
        counts = self.counts.reshape(len(self.counts), -1)
        seen = counts.sum(axis=1, keepdims=True)
        return np.where(seen > 0, counts / np.where(seen > 0, seen, 1), 1 / counts.shape[1])

    def _plan(self) -> None:
        """Bring EV up to date with the model, by value iteration over the contexts where there is a memory."""
        frequencies, gamma = self._frequencies(), self.game.discount
        now = frequencies @ self.payoffs.T
        if not self.memory:
            self.ev = now  # what comes later is the same whatever it does
            return
        for _ in range(MOST_SWEEPS):
            later = self.ev.max(axis=1)[self.leads_to]  # (A, X)
            ahead = now + gamma * (frequencies @ later.T)
            change = np.abs(ahead - self.ev).max()
            self.ev = ahead
            if change <= 1e-9 * max(1.0, np.abs(self.payoffs).max()):
                break

    def context(self, observation):
        """What it sees, or with a memory the last joint action."""
        return self.last if self.memory else observation

    def values(self):
        """EV at each observation, (O, A), given what was played last."""
        return self._as_of_now(self.ev)

    def policy(self):
        """Epsilon-greedy in EV."""
        return epsilon_greedy(self.values(), self.epsilon if self.explores else 0.0)

    def model(self):
        """Frequencies of the student's actions, (O, B), prior included, given what was played last."""
        axis = 1 + self.student - (self.student > self.seat)
        frequencies = self._frequencies().reshape(self.counts.shape)
        others = tuple(k for k in range(1, frequencies.ndim) if k != axis)
        return self._as_of_now(frequencies.sum(axis=others))

    def _as_of_now(self, table: np.ndarray) -> np.ndarray:
        return np.broadcast_to(table[self.last], (self.shape[0], table.shape[1])) if self.memory else table
