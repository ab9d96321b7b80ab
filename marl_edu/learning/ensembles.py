"""MADDPG with policy ensembles: each agent has several actors, and draws before each episode which of them acts.

In a world with rivals an agent may learn an answer to what *these* rivals do just now, and be helpless against others.
Who meets several sub-policies of every rival, and answers with several of its own, is meant to be harder to surprise.
Agent i maximises what it gets if each agent's sub-policy is drawn uniformly,

    J_e(mu_i) = E_{s ~ uniform(1, ..., S)}[E[R_i] where i acts by mu_i^(s)],
    gradient by the s-th sub-policy's parameters   1/S E_{o, a ~ D_i^(s)}[grad mu_i^(s)(o_i) grad_{a_i} Q_i(o, a)]  (9)

with Q_i at a_i = mu_i^(s)(o_i), and D_i^(s) the transitions in which s acted for agent i.

The difference from MADDPG is *who speaks*, ``_say``: one more number, drawn for each episode and kept with each
transition, selects an agent's actor. That is (9): in a batch from one replay of all episodes a transition moves only
the sub-policy that acted in it, which has a chance of 1/S, so the mean over the batch is in expectation 1/S times that
over D_i^(s). (An agent's S replays would hold the same transitions, each in one of them.)

Each agent has one critic, Q_i, as in the paper. In its target the sub-policies go on that acted in this transition: it
judges pairs of observations and actions whoever does them, and learns the mean over those who do.

Where this deviates from the paper: a batch is shared, each sub-policy sees about B / S of it; and agents on one side,
who draw the same number in the paper's experiments, draw each alone.

Legend of axes: K seeds, N agents, S sub-policies of an agent, B batch or copies of the world, F entries of an
observation, A of an action; M networks' inputs, one for each agent, or 1 for all if they share it.

Source: R. Lowe et al., "Multi-agent actor-critic for mixed cooperative-competitive environments", NeurIPS 2017, section
4.3 and equation 9.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import torch

from marl_edu.hyperparameters import Count
from marl_edu.learning.batches import expect_all
from marl_edu.learning.maddpg import MADDPG
from marl_edu.learning.networks import as_shared, from_shared
from marl_edu.learning.particle_learner import STREAMS


class EnsembleBatch(NamedTuple):
    """A ``Batch``, and which sub-policy acted."""

    pairs: torch.Tensor  # K, B, N, P
    rewards: torch.Tensor  # K, N, B
    onward: torch.Tensor  # K, 1, B
    next_observations: torch.Tensor  # K, N, B, F
    acting: torch.Tensor  # K, N, B


class EnsembleMADDPG(MADDPG):
    """MADDPG whose agents have several actors each; with one it is MADDPG, bit for bit.

    Without noise, too, sub-policies are drawn, not averaged: the mean of two ways around an obstacle leads into it.
    ``greedy`` has drawn once for all which of them acts in which copy of the world, so that whole episodes are played
    by the same. ``learn_from`` also takes ``acting``, (K, B, N), the number of the sub-policy that acted, from 0 on.

    What it brings was measured in ``simple_push``, the paper's keep-away: 4000 updates with 16 copies of the world,
    batches of 64 and 32 units, each of 24 seeds against each of another learner's. Three sub-policies did *not* pay.
    Against single opponents, ensembles of agents got -6.68 where single agents got -6.54, ensembles of adversaries
    -2.70 where single ones got -2.32 (standard errors 0.05 to 0.09). Nor was there much to mend: adversaries got but
    0.2 more, and agents nothing, from the opponents with whom they had learned. A sub-policy learns from a third of
    the transitions: with batches of 192 for all, of 10 seeds each, the two were alike (agents -6.43 and -6.44,
    adversaries -2.41 and -2.33, errors above 0.1).

    Parameters
    ----------
    world : ParticleWorld
        Such as ``simple_push()``.
    device : str
        'cpu', 'cuda', or another device that PyTorch has here.
    seeds, seed : int
        See ``Algorithm``.
    **hyperparameters
        Those declared below.

    Examples
    --------
    >>> from marl_edu.games import simple_push
    >>> learner = EnsembleMADDPG(simple_push(), policies=3, seeds=2, worlds=8, batch=16, warm_up=32)
    >>> learner.advance(10)
    >>> learner.frame()["greedy_return"].shape, len(learner.networks("actors"))  # three for each of two agents
    ((2, 2), 6)
    """

    title = "MADDPG with policy ensembles"
    streams = (*STREAMS, "sub-policies")

    policies = Count(3, 1, 20, "actors of each agent, one of which is drawn for an episode; at a reset")

    def _shapes(self) -> dict[str, list[tuple[int, tuple[int, ...]]]]:
        found = super()._shapes()
        return found | {"actors": [(count * int(self.policies), layers) for count, layers in found["actors"]]}

    def _example(self) -> dict[str, tuple]:
        return super()._example() | {"acting": ((self._given.n_agents,), np.uint8)}

    def reset(self) -> None:
        """Back to fresh networks, an empty replay and the first random number."""
        super().reset()
        self._each = int(self.policies)
        self._acting = np.zeros((self.seeds, self._world.n_agents, int(self.worlds)), dtype=np.int64)
        self._draw_acting()
        self._speaking = self._for_greedy_episodes(1)

    # --- who speaks --------------------------------------------------------------------------------------------------

    def _say(self, observations: torch.Tensor, nets: torch.nn.ModuleDict | None = None) -> torch.Tensor:
        """What those actors say that speak, (K, N, B, A) of (K, N, B, F): the difference from MADDPG."""
        actors = (self._nets if nets is None else nets)["actors"]
        inputs, speaking = observations, self._speaking.unsqueeze(-1).expand(*observations.shape[:3], 1)
        if self._one_for_all:
            inputs, speaking = as_shared(inputs), as_shared(speaking)
        said = actors(inputs.repeat_interleave(self._each, dim=1)).unflatten(1, (-1, self._each))  # K, M, S, B, A
        speaking = speaking.unsqueeze(2).expand(-1, -1, 1, -1, said.shape[-1])
        said = said.gather(2, speaking).squeeze(2)
        return from_shared(said, observations.shape[1]) if self._one_for_all else said

    @contextmanager
    def _spoken_by(self, which: torch.Tensor) -> Iterator[None]:
        """Let these sub-policies speak here, (K, N, B), or (K, N, 1) for all alike."""
        before, self._speaking = self._speaking, which
        try:
            yield
        finally:
            self._speaking = before

    def _draw_acting(self) -> None:
        """Before an episode: for each agent in each copy, one of its sub-policies."""
        for k, rng in enumerate(self._streams["sub-policies"]):
            self._acting[k] = rng.integers(self._each, size=self._acting.shape[1:])

    def _for_greedy_episodes(self, copies: int) -> torch.Tensor:
        """Who speaks in greedy episodes, (K, N, W): the first copies' do not depend on how many there are."""
        streams = [np.random.default_rng([self.seed, k, 2]) for k in range(self.seeds)]
        each = [rng.integers(self._each, size=(copies, self._world.n_agents)).T for rng in streams]
        return self._tensor(np.stack(each))

    # --- acting, learning --------------------------------------------------------------------------------------------

    def _act(self) -> None:
        if self._world.over:
            self._draw_acting()
        with self._spoken_by(self._tensor(self._acting)):
            super()._act()

    def _also_remembered(self) -> dict[str, np.ndarray]:
        return {"acting": self._acting.transpose(0, 2, 1).astype(np.uint8)}

    def _transition_shapes(self) -> dict[str, tuple]:
        return super()._transition_shapes() | {"acting": (self._world.n_agents,)}

    def _expect_real(self, transitions: dict[str, np.ndarray]) -> None:
        super()._expect_real(transitions)
        acting = transitions["acting"]
        expect_all("acting", acting, np.isin(acting, range(self._each)), f"a whole number below {self._each}")

    def _batch_of(self, transitions: dict[str, np.ndarray]) -> EnsembleBatch:
        acting = self._tensor(transitions.pop("acting")).long().transpose(1, 2)
        return EnsembleBatch(*super()._batch_of(transitions), acting)

    def _goals(self, batch: EnsembleBatch) -> torch.Tensor:
        with self._spoken_by(batch.acting):
            return super()._goals(batch)

    def _actor_losses(self, batch: EnsembleBatch, pairs: torch.Tensor) -> torch.Tensor:
        with self._spoken_by(batch.acting):
            return super()._actor_losses(batch, pairs)

    def _say_without_noise(self, observations: torch.Tensor) -> torch.Tensor:
        with self._spoken_by(self._for_greedy_episodes(observations.shape[2])):
            return super()._say_without_noise(observations)

    def _places(self) -> dict:
        return super()._places() | {"acting": self._acting}
