"""What DDPG and MADDPG share: critics and actors that learn, and target networks that follow.

Every agent i has an actor mu_i, which sees its own observation o_i, and a critic Q_i, which sees what the subclass
lets it see. From a batch of transitions (o, a, r, o', d),

    critics   minimise  (r_i + gamma (1 - d) Q^-_i(o', mu^-_1(o'_1), ..., mu^-_N(o'_N)) - Q_i(o, a_1, ..., a_N))^2
    actors    maximise  Q_i(o, a_1, ..., mu_i(o_i), ..., a_N)
    targets   ^- move a little towards the networks that learn,

all agents of all seeds at once. An episode of a particle world is cut off after ``max_steps`` steps, never terminated:
d = 0, and the target goes on with what was seen last. A world that does end there says so (``terminal``), and
d = 1.

Where this deviates from the papers: many copies of the world step at once, and each such step is followed by a gradient
step (the published code makes one every 100 steps); critics begin near the value of what the first batch shows
(``begin``) and learn alone at first (``head_start``), so that actors don't run away on what a critic says that knows
nothing; sizes, step sizes and discount are ours.

Legend of axes: K seeds, N agents, B batch, F entries of an observation, A of an action; P = F + A, a *pair* of what an
agent saw and what it did. What critic i judges is [k, i, b, slot]: slot 0 is agent i, the others follow in their order.

Sources: T. Lillicrap et al., "Continuous control with deep reinforcement learning", ICLR 2016, algorithm 1; R. Lowe et
al., "Multi-agent actor-critic for mixed cooperative-competitive environments", NeurIPS 2017, algorithm 1; S. Fujimoto,
H. van Hoof and D. Meger, "Addressing function approximation error in actor-critic methods", ICML 2018, algorithm 1
(``twin``); for several agents J. Ackermann et al., "Reducing overestimation bias in multi-agent domains using double
centralized critics", 2019.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch

from marl_edu.algorithm import Choice, HyperparameterError, Real
from marl_edu.hyperparameters import Count
from marl_edu.learning.actor_critic import ActorCritic
from marl_edu.learning.batches import expect_all, fitting
from marl_edu.learning.flat import clipped
from marl_edu.learning.networks import one_thread

TWIN = ("critics", "twin")

LARGEST_STEP = 2**28
"""Numbers that all seeds' critics may be told and say, layer by layer, in a gradient step (it takes a few GiB then)."""


class Batch(NamedTuple):
    """What a gradient step is made of."""

    pairs: torch.Tensor  # K, B, N, P: what each agent saw and did
    rewards: torch.Tensor  # K, N, B
    onward: torch.Tensor  # K, 1, B: the discount, or 0 where the world came to an end
    next_observations: torch.Tensor  # K, N, B, F


class DeterministicActorCritic(ActorCritic):
    """Base of DDPG and MADDPG. A subclass writes ``critics_see``: that is all the difference.

    Parameters
    ----------
    world, device, seeds, seed
        See ``ParticleLearner``.

    Raises
    ------
    HyperparameterError
        If the world is none, the device is not there, or agents that differ are to share a network.
    DivergedError
        While it learns: if a loss is no longer finite.
    """

    discount = Real(0.95, 0, 1, "gamma, weight of the next reward")
    actor_step = Real(2e-3, 1e-6, 1, "Adam's step size for actors", scale="log")
    critic_step = Real(5e-3, 1e-6, 1, "Adam's step size for critics", scale="log")
    batch = Count(256, 1, 65_536, "transitions in a gradient step", choices=(32, 64, 128, 256, 512, 1024))
    others = Choice(
        "buffer", ("buffer", "current"), "what the others do when an actor learns: as then, or as they would now"
    )
    target_share = Real(0.02, 1e-5, 1, "share of the way that target networks go in an update", scale="log")
    restraint = Real(1e-3, 0, 10, "weight of the squares of what actors say before it is squashed")
    clip = Real(0.5, 1e-3, 1e6, "longest gradient of a seed", scale="log")
    begin = Choice("mean", ("mean", "zero"), "critics begin at the value of going on as in the first batch, or near 0")
    head_start = Count(300, 0, 1e6, "critics' steps before the first of the actors'", choices=(0, 100, 300, 1000))
    wait = Count(2, 1, 100, "critics' steps for each of the actors'", when=TWIN)
    smoothing = Real(0.1, 0, 1, "noise on the target actors' actions, in half ranges", when=TWIN)

    def _expect_possible(self) -> None:
        super()._expect_possible()
        world, critics = self._given, self._shapes()["critics"]
        pairs = world.n_agents * (max(world.observation_sizes) + self._kind_of_actions().size)
        judged = pairs + sum(sum(layers[1:]) for _, layers in critics)
        step = self.seeds * world.n_agents * int(self.batch) * judged
        if step > LARGEST_STEP:
            raise HyperparameterError(
                f"the critics of {self.seeds} seeds need {step:,} numbers in a gradient step; expected at most "
                f"{LARGEST_STEP:,} (fewer seeds, a smaller batch, smaller layers)"
            )

    # --- one gradient step -------------------------------------------------------------------------------------------

    def learn_from(self, **transitions: np.ndarray) -> None:
        """One gradient step from these transitions, in place of some from the replay: no world moves, no update counts.

        Parameters
        ----------
        **transitions : arrays
            ``observations`` and ``next_observations`` (K, B, N, F), ``actions`` (K, B, N, A), which are controls, or
            one-hot vectors of choices if they are discrete, ``rewards`` (K, B, N), ``terminated`` (K, B).

        Raises
        ------
        ValueError
            If one of these is missing, has another shape, or what was done can't be done.
        DivergedError
            If a loss is not finite.

        Examples
        --------
        >>> from marl_edu.games import simple_spread
        >>> from marl_edu.learning import DDPG
        >>> learner, seen = DDPG(simple_spread()), np.zeros((1, 5, 3, 18))
        >>> rewards, ended = np.ones((1, 5, 3)), np.zeros((1, 5), dtype=bool)
        >>> learner.learn_from(observations=seen, actions=seen[..., :2], rewards=rewards, next_observations=seen,
        ...                    terminated=ended)
        """
        shapes = self._transition_shapes()
        if set(transitions) != set(shapes):
            raise ValueError(f"learn_from got {', '.join(transitions) or 'nothing'}; expected {', '.join(shapes)}")
        given = fitting(transitions, shapes, self.seeds, "transitions")
        self._expect_real(given)
        pairs = np.concatenate([given.pop("observations"), given.pop("actions")], axis=-1)
        with one_thread():
            self._learn_from(self._batch_of({"pairs": pairs, **given}))

    def _transition_shapes(self) -> dict[str, tuple]:
        """Of the parts of one transition, as ``learn_from`` takes them."""
        pair = self._pair_shapes()
        seen = pair["observations"]
        return {**pair, "rewards": seen[:1], "next_observations": seen, "terminated": ()}

    def _expect_real(self, transitions: dict[str, np.ndarray]) -> None:
        """Raise a ``ValueError`` where a transition is none of this world, whatever its shape."""
        ended = transitions["terminated"]
        expect_all("terminated", ended, np.isin(ended, (0, 1)), "True or False")
        self._kind.expect_actions("actions", transitions["actions"])

    def _learn(self) -> None:
        self._learn_from(self._sampled())

    def _learn_from(self, batch: Batch) -> None:
        if self.begin == "mean" and not self._adam["critics"].steps:
            self._lift(batch)
        pairs = self._own_first(batch.pairs)
        self._improve("critics", self._critic_losses(batch, pairs), self.critic_step)
        if self._actors_turn(self._adam["critics"].steps):
            self._improve("actors", self._actor_losses(batch, pairs), self.actor_step)
        for who, slow in self._slow_flat.items():
            slow.follow(self._flat[who], self.target_share)

    def _actors_turn(self, step: int) -> bool:
        """Whether actors learn after this step of the critics: not from critics that know nothing yet."""
        twin = len(self._nets["critics"]) == 2
        return step > self.head_start and (not twin or step % int(self.wait) == 0)

    def _sampled(self) -> Batch:
        """A batch from the replay for every seed."""
        return self._batch_of(self._replay.sample(int(self.batch), self._streams["batches"]))

    def _batch_of(self, transitions: dict[str, np.ndarray]) -> Batch:
        """Arrays as the replay keeps them, as tensors and ready for the losses."""
        parts = {name: self._tensor(part) for name, part in transitions.items()}
        onward = self.discount * parts["terminated"].logical_not()
        rewards, seen = parts["rewards"].transpose(1, 2), parts["next_observations"].transpose(1, 2)
        return Batch(parts["pairs"], rewards, onward.unsqueeze(1), seen)

    def _lift(self, batch: Batch) -> None:
        """Let critics begin at the value v of going on like this, v = mean r + mean gamma (1 - d) v, instead of near 0:
        else they spend their first thousand steps on learning one number.
        """
        values = batch.rewards.mean(dim=-1) / (1 - batch.onward.mean(dim=-1)).clamp(min=0.01)  # K, N
        values = values.mean(dim=1, keepdim=True) if self._one_for_all else values
        with torch.no_grad():
            for critics in (*self._nets["critics"], *self._slow["critics"]):
                critics.biases[-1] += values[:, :, None, None]

    def _critic_losses(self, batch: Batch, pairs: torch.Tensor) -> torch.Tensor:
        """The mean squared error of each agent's critic, or the sum of both, (K, N)."""
        goals = self._goals(batch)
        return sum((goals - self._judge(critics, pairs)).square().mean(dim=-1) for critics in self._nets["critics"])

    @torch.no_grad()
    def _goals(self, batch: Batch) -> torch.Tensor:
        """r_i + gamma (1 - d) Q^-_i(o', mu^-_1(o'_1), ..., mu^-_N(o'_N)), (K, N, B)."""
        actions = self._next_actions(batch.next_observations)
        pairs = self._everyone(torch.cat([batch.next_observations, actions], dim=-1), self._slow)
        judged = [self._judge(critics, pairs) for critics in self._slow["critics"]]
        return batch.rewards + batch.onward * (judged[0] if len(judged) == 1 else torch.minimum(*judged))

    def _next_actions(self, next_observations: torch.Tensor) -> torch.Tensor:
        """mu^-_j(o'_j), (K, N, B, A): each target actor acts on its own next observation."""
        return self._acted(self._say(next_observations, self._slow), self._slow)

    def _everyone(self, pairs: torch.Tensor, nets: torch.nn.ModuleDict) -> torch.Tensor:
        """What each critic is told that all see and do, its own agent first, (K, N, B, N, P), if they see and do
        ``pairs``, (K, N, B, P), by these actors: just that.
        """
        return self._own_first(pairs.transpose(1, 2))

    def _acted(self, said: torch.Tensor, nets: torch.nn.ModuleDict) -> torch.Tensor:
        """What these networks say, as actions; beside twin critics those of target networks are smoothed by noise."""
        smoothing = self.smoothing if nets is self._slow and len(nets["critics"]) == 2 else 0.0
        if smoothing or self._kind.draws:
            return self._kind.explored(said, self._noise_like(said), smoothing, 2.5 * smoothing)
        return self._kind.greedy(said)

    def _actor_losses(self, batch: Batch, pairs: torch.Tensor) -> torch.Tensor:
        """Minus the mean of Q_i(o, a_1, ..., mu_i(o_i), ..., a_N), (K, N), with a small price on large outputs."""
        observations = batch.pairs[..., : -self._kind.size].transpose(1, 2)
        said = self._say(observations)
        own = self._kind.learning(said, self._noise_like(said) if self._kind.draws else None)
        values = self._judge(self._nets["critics"][0], self._with_own(torch.cat([observations, own], dim=-1), pairs))
        return self.restraint * said.square().mean(dim=(-2, -1)) - values.mean(dim=-1)

    def _with_own(self, now: torch.Tensor, then: torch.Tensor) -> torch.Tensor:
        """What critics judge when actors learn, (K, N, B, N, P): agent i acts as it would ``now``, (K, N, B, P), the
        others as they did ``then``, (K, N, B, N, P), says the replay: this is the paper's algorithm. In the variant
        they act, too, as they would now. No gradient flows through the others.
        """
        others = then if self.others == "buffer" else self._everyone(now.detach(), self._nets)
        return torch.cat([now.unsqueeze(-2), others[..., 1:, :]], dim=-2)

    def _improve(self, who: str, losses: torch.Tensor, step_size: float) -> None:
        """One step down the losses (K, N), of these networks only."""
        self._note(who, losses)
        gradient = self._flat[who].gradient(losses.sum())  # a sum: no seed's gradient depends on another's loss
        self._adam[who].step(clipped(gradient, self.clip), step_size)

    def _noise_like(self, like: torch.Tensor) -> torch.Tensor:
        """Random numbers (K, N, B, A), each seed's from its own stream."""
        return self._tensor(np.stack([self._kind.draw(rng, like.shape[1:]) for rng in self._streams["learning"]]))
