"""Learners of a team whose agents keep values of their own: independent Q-networks, VDN and QMIX.

Every agent acts on values of its own observation and action, Q_i(o_i, a_i): *decentralised execution*. Training may
know more: *centralised training*. All three learn by the same update. With a batch of transitions (o, s, a, r, o', s'),

    a'_i  = argmax_a Q_i(o'_i, a)                                      each agent chooses for itself,
    y     = r + gamma (1 - terminated) mix(Q^-_i(o'_i, a'_i), s')      target networks (^-) judge,
    loss  = mean over the batch of (y - mix(Q_i(o_i, a_i), s))^2,

and what they differ in is the one function ``mix``, from N values to those that an error is made of:

    IndependentDQN    mix(Q_1, ..., Q_N) = Q_1, ..., Q_N        N errors: each agent explains the reward alone
    VDN               mix(Q_1, ..., Q_N) = Q_1 + ... + Q_N      one error, of the sum
    QMIX              mix(Q_1, ..., Q_N) = f(Q_1, ..., Q_N; s)  one error, of a function that grows with each

With ``double_q`` 'no' the target networks choose a'_i themselves, as in the two papers.

Legend of axes: K seeds, B batch, N agents, G features of a state.

Sources: A. Tampuu et al., PLoS ONE 12 (2017), for independent networks; P. Sunehag et al., "Value-decomposition
networks for cooperative multi-agent learning", 2017, section 3; T. Rashid et al., "QMIX: Monotonic value function
factorisation for deep multi-agent reinforcement learning", ICML 2018, section 4 and equation 6.
"""

from __future__ import annotations

import torch

from marl_edu.algorithm import Choice
from marl_edu.hyperparameters import Count
from marl_edu.learning.mixers import MIXERS, JointValues, MonotonicMixer
from marl_edu.learning.team_batch import Batch, at, best_actions
from marl_edu.learning.team_learner import TeamLearner


class FactorisedLearner(TeamLearner):
    """Base of learners that differ in how they mix the agents' values."""

    def mix(self, nets: torch.nn.ModuleDict, values: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
        """What errors are made of, (K, B, 1 or N), from the agents' values (K, B, N) in states (K, B, G).

        ``nets`` are the networks that learn, or the target networks.
        """
        raise NotImplementedError(f"{type(self).__name__} has no mix(nets, values, states)")

    def _losses(self, batch: Batch) -> torch.Tensor:
        taken = at(self._values(self._nets, batch.observations), batch.actions)
        errors = self._targets(batch) - self.mix(self._nets, taken, batch.states)
        return errors.square().mean(dim=1).sum(dim=-1)

    @torch.no_grad()
    def _targets(self, batch: Batch) -> torch.Tensor:
        """y, (K, B, 1 or N)."""
        judged = self._values(self._slow, batch.next_observations)
        next_taken = at(judged, self._next_actions(batch, judged))
        return batch.rewards + batch.onward * self.mix(self._slow, next_taken, batch.next_states)

    def _next_actions(self, batch: Batch, judged: torch.Tensor) -> torch.Tensor:
        """Each agent's best action after the step, (K, B, N); ``judged`` are the target networks' values."""
        choosing = self._values(self._nets, batch.next_observations) if self.double_q == "yes" else judged
        return best_actions(choosing, batch.next_available)

    def _team_value(self, chosen, actions, states):
        """What was mixed into one number; independent agents have no such thing."""
        mixed = self.mix(self._nets, chosen, states)
        return {"q_tot": mixed[..., 0]} if mixed.shape[-1] == 1 else {}


class IndependentDQN(FactorisedLearner):
    """Every agent learns as if it were alone, from the team's reward: the others are part of its world.

    Examples
    --------
    >>> from marl_edu.games import two_step
    >>> learner = IndependentDQN(two_step(), seeds=3)
    >>> learner.advance(10)
    >>> learner.frame()["q"].shape  # seeds, agents, observations, actions
    (3, 2, 4, 2)
    """

    title = "Independent DQN"

    def mix(self, nets, values, states):
        """Every agent's value is its own guess at the team's."""
        return values


class VDN(FactorisedLearner):
    """Value-decomposition networks: the team's value is the sum of the agents' values.

    The gradient of the one error of the sum goes to every agent alike. What no sum can express, is fitted by least
    squares, weighted by how often it was visited.

    Examples
    --------
    >>> from marl_edu.games import two_step
    >>> learner = VDN(two_step(), seeds=3)
    >>> learner.advance(10)
    >>> frame = learner.frame()
    >>> q, q_tot = frame["q"], frame["q_tot"]
    >>> bool(abs(q_tot[0, 2, 0, 1] - (q[0, 0, 2, 0] + q[0, 1, 2, 1])) < 1e-6)
    True
    """

    title = "VDN"

    def mix(self, nets, values, states):
        """The sum."""
        return values.sum(dim=-1, keepdim=True)


class QMIX(FactorisedLearner):
    """The team's value is a network of the agents' values that grows with each; the state says which network.

    See ``MonotonicMixer``. Frames of small games hold the published mixer of every state too: ``mixer_w1`` (K, S, N,
    H), ``mixer_b1`` and ``mixer_w2`` (K, S, H), ``mixer_b2`` (K, S).

    Examples
    --------
    >>> from marl_edu.games import two_step
    >>> learner = QMIX(two_step(), seeds=3)
    >>> learner.advance(10)
    >>> learner.frame()["mixer_w1"].shape
    (3, 4, 2, 32)
    """

    title = "QMIX"
    embed = Count(32, 1, 512, "units of the mixer's hidden layer; at a reset", choices=(4, 8, 16, 32, 64))
    mixer = Choice("published", MIXERS, "one hidden layer of ELU, or two whose units bend both ways; at a reset")

    def _networks(self, generators):
        world = self._world
        mixer = MIXERS[self.mixer](generators, world.n_agents, world.n_state_features, int(self.embed))
        return {**super()._networks(generators), "mixer": mixer}

    def mix(self, nets, values, states):
        """A function of the state that does not fall if a value grows."""
        return nets["mixer"](values, states)[..., None]

    def frame(self):
        """As of all team learners, and the mixers; see there and above."""
        frame = super().frame()
        if "q_tot" in frame and isinstance(self._nets["mixer"], MonotonicMixer):
            states = self._tables.states.expand(self.seeds, -1, -1)
            with torch.no_grad():
                weights = self._nets["mixer"].weights(states)
            frame |= {f"mixer_{name}": values.numpy().copy() for name, values in weights._asdict().items()}
        return frame


class JointTargets(FactorisedLearner):
    """Beside the factored value an unrestricted one of state and joint action, which makes the targets.

    Frames of small games hold it too: ``q_joint``, (K, S, A_1, ..., A_N), beside ``q_tot``.
    """

    def _networks(self, generators):
        world, hidden = self._world, int(self.hidden)
        joint = JointValues(generators, world.n_agents, world.n_actions, world.n_state_features, hidden)
        return {**super()._networks(generators), "joint": joint}

    @torch.no_grad()
    def _targets(self, batch):
        judged = None if self.double_q == "yes" else self._values(self._slow, batch.next_observations)
        next_values = self._slow["joint"](self._next_actions(batch, judged), batch.next_states)
        return batch.rewards + batch.onward * next_values[..., None]

    def _team_value(self, chosen, actions, states):
        """Both values."""
        return {**super()._team_value(chosen, actions, states), "q_joint": self._nets["joint"](actions, states)}
