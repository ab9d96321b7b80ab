"""MADDPG without knowing the others' policies: each agent infers them from what it sees the others do.

The target of MADDPG's critic i asks every other agent j for its policy, mu^-_j(o'_j). Here agent i has an approximation
mu-hat_i^j of it instead, learned from what j was seen to do where, and a slow copy of that stands in the target:

    approximations  maximise  E[log mu-hat_i^j(a_j | o_j) + lambda H(mu-hat_i^j)]                               (7)
    target          r_i + gamma (1 - d) Q^-_i(o', mu-hat^-_i^1(o'_1), ..., mu^-_i(o'_i), ..., mu-hat^-_i^N(o'_N))   (8)

All else is MADDPG's: the difference are the two functions ``_learn_from``, with one more step, and ``_everyone``.

Observations of others are known, as in the paper; so are bounds of actions. Where this deviates from it: in a target an
approximation acts as an actor does, by its mean if actions are continuous, by a draw if they are discrete (the paper
hands log-probabilities to Q). In the variant in which the others act, too, as they would now, when an actor learns
(``others``), they do so as they are thought to.

Legend of axes: K seeds, N agents who infer (i), N agents who are inferred (j), B batch, F entries of an observation, A
of an action, O of what an approximation puts out; P = F + A.

Source: R. Lowe et al., "Multi-agent actor-critic for mixed cooperative-competitive environments", NeurIPS 2017, section
4.2, equations 7 and 8.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch

from marl_edu.algorithm import Frame, Real
from marl_edu.hyperparameters import Count
from marl_edu.learning.likelihoods import FAMILIES
from marl_edu.learning.maddpg import MADDPG
from marl_edu.learning.networks import StackedMLP, one_thread
from marl_edu.learning.particle_play import NOTED

LOOKED_AT = 256
"""Observations at which a frame holds approximations against policies."""


class InferredBatch(NamedTuple):
    """A ``Batch``, and what approximations learn from."""

    pairs: torch.Tensor  # K, B, N, P
    rewards: torch.Tensor  # K, N, B
    onward: torch.Tensor  # K, 1, B
    next_observations: torch.Tensor  # K, N, B, F
    newest: torch.Tensor  # K, N, as many as there are, P


class InferredMADDPG(MADDPG):
    """MADDPG whose agents approximate each other's policies, in the place of knowing them.

    Approximations are of the same size as actors, a network for each pair of agents, also where agents share an actor.
    They learn from what was played, exploration and all: a Gaussian's spread ends near that of the noise. They learn
    from the *newest* transitions, since policies change: older ones were made by others, so to speak. (In
    ``simple_push``, after 1200 updates, the squared distance of approximations from policies was 0.2 where they learned
    from the newest 64, 0.9 where from as many of the whole replay.) In two worlds that were tried, returns were those
    of MADDPG up to chance.

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
    >>> from marl_edu.games import simple_tag
    >>> learner = InferredMADDPG(simple_tag(), seeds=2, worlds=8, batch=16, warm_up=32)
    >>> learner.advance(10)
    >>> learner.frame()["approximation_error"].shape  # seeds, who approximates, who is approximated
    (2, 4, 4)
    """

    title = "MADDPG with inferred policies"
    noted = NOTED | {"approximations": "approximation_loss"}

    approximation_step = Real(5e-3, 1e-6, 1, "Adam's step size for approximations", scale="log")
    entropy_bonus = Real(1e-3, 0, 0.99, "lambda, weight of the entropy of approximations")
    recent = Count(256, 1, 65_536, "newest transitions that approximations learn from", choices=(64, 256, 1024))

    def _shapes(self) -> dict[str, list[tuple[int, tuple[int, ...]]]]:
        n, features, hidden = self._given.n_agents, max(self._given.observation_sizes), int(self.hidden)
        outputs = FAMILIES[self.actions](self._given, self._kind_of_actions()).outputs
        return super()._shapes() | {"approximations": [(n * n, (features, hidden, hidden, outputs))]}

    def _build(self, generators: list[np.random.Generator]) -> None:
        super()._build(generators)
        self._family = FAMILIES[self.actions](self._world, self._kind)
        self._itself = torch.eye(self._world.n_agents, dtype=torch.bool, device=self._device)

    def _fresh(self, generators: list[np.random.Generator]) -> dict[str, torch.nn.Module]:
        found = super()._fresh(generators)
        return found | {"approximations": StackedMLP(generators, *self._shapes()["approximations"][0], last_gain=0.1)}

    def _approximate(self, observations: torch.Tensor, nets: torch.nn.ModuleDict) -> torch.Tensor:
        """What i's approximation of j puts out where j sees what it sees, (K, N, N, B, O) of (K, N, B, F).

        Those of oneself, i = j, keep the array rectangular; they learn nothing and are not asked.
        """
        n = observations.shape[1]
        return nets["approximations"](observations.repeat(1, n, 1, 1)).unflatten(1, (n, n))

    # --- the difference from MADDPG ----------------------------------------------------------------------------------

    def _learn_from(self, batch: InferredBatch) -> None:
        """One gradient step of the approximations, from what was done last; then one of MADDPG."""
        self._improve("approximations", self._approximation_losses(batch.newest), self.approximation_step)
        super()._learn_from(batch)

    def _everyone(self, pairs: torch.Tensor, nets: torch.nn.ModuleDict) -> torch.Tensor:
        """What critic i is told that all do, (K, N, B, N, P): agent i what it does, the others what i thinks they do,
        each where it is, as ``pairs`` (K, N, B, P) say.
        """
        n, (observations, actions) = pairs.shape[1], self._apart(pairs)
        with torch.no_grad():
            thought = self._acted(self._family.said(self._approximate(observations, nets)), nets)
        actions = torch.where(self._itself[:, :, None, None], actions.unsqueeze(1), thought)  # K, N, N, B, A
        told = torch.cat([observations.unsqueeze(1).expand(-1, n, -1, -1, -1), actions], dim=-1)
        rows = torch.arange(n, device=self._device).unsqueeze(1)
        return told[:, rows, self._order.view(n, n)].transpose(2, 3)

    # --- what approximations learn from, and how far off they are ----------------------------------------------------

    def _approximation_losses(self, pairs: torch.Tensor) -> torch.Tensor:
        """Minus the mean of log mu-hat_i^j(a_j | o_j) + lambda H, summed over the others, (K, N), of (K, N, B, P)."""
        observations, actions = self._apart(pairs)
        put_out = self._approximate(observations, self._nets)
        scores = self._family.score(put_out, actions.unsqueeze(1), self.entropy_bonus).mean(dim=-1)
        return -scores.masked_fill(self._itself, 0).sum(dim=-1)

    def _newest(self) -> torch.Tensor:
        """What was seen and done in the newest transitions, (K, N, B, P)."""
        return self._tensor(self._replay.newest("pairs", int(self.recent))).transpose(1, 2)

    def _sampled(self) -> InferredBatch:
        return super()._sampled()._replace(newest=self._newest())

    def _batch_of(self, transitions: dict[str, np.ndarray]) -> InferredBatch:
        """Of transitions that are given (``learn_from``) all are new."""
        batch = super()._batch_of(transitions)
        return InferredBatch(*batch, batch.pairs.transpose(1, 2))

    def _apart(self, pairs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Observations and actions."""
        return pairs.split((pairs.shape[-1] - self._kind.size, self._kind.size), dim=-1)

    def frame(self) -> Frame:
        """Where learning stands now: what ``MADDPG`` shows, and

        =================== ========= ==================================================================================
        array               shape     meaning
        =================== ========= ==================================================================================
        approximation_loss  (K, N)    mean since the last frame, summed over the others (before the first step: NaN)
        approximation_error (K, N, N) how far agent i's approximation of j is from j's policy, in the mean over 256
                                      observations from the replay (before there are any: NaN; of itself: 0). Actions
                                      are continuous: the squared distance of the mean from the action. Discrete: the
                                      Kullback-Leibler divergence from the policy, in nats
        =================== ========= ==================================================================================
        """
        return super().frame() | {"approximation_error": self._errors()}

    def _errors(self) -> np.ndarray:
        if not len(self._replay):
            return np.full((self.seeds, *self._itself.shape), np.nan)
        streams = [np.random.default_rng([self.seed, k, 2]) for k in range(self.seeds)]
        pairs = self._tensor(self._replay.sample(LOOKED_AT, streams)["pairs"]).transpose(1, 2)
        with torch.no_grad(), one_thread():
            observations, _ = self._apart(pairs)
            put_out, true = self._approximate(observations, self._nets), self._say(observations)
            errors = self._family.error(put_out, true.unsqueeze(1)).mean(dim=-1)
            return errors.masked_fill(self._itself, 0).cpu().numpy()
