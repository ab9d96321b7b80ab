"""What learners with actors and critics share: their networks, of all seeds and agents, and all that can be asked of
these.

What an agent does is said by its actor, from its own observation; its critic judges pairs of what agents see and do.
How they learn is not said here, but in ``deterministic.py``; a step from given transitions is there, too.

Legend of axes: K seeds, W copies of the world, N agents, B batch, F entries of an observation, A of an action, C of a
control, T steps of an episode, G points a side of a surface; P = F + A, a *pair* of what an agent saw and what it did.
What critic i judges is [k, i, b, slot]: slot 0 is agent i, the others follow in their order.
"""

from __future__ import annotations

import copy

import numpy as np
import torch

from marl_edu.algorithm import Choice, Frame, HyperparameterError
from marl_edu.games import checks
from marl_edu.hyperparameters import Count, as_hyperparameter_error
from marl_edu.learning import critic_surface
from marl_edu.learning.batches import fitting
from marl_edu.learning.flat import Adam, Flat
from marl_edu.learning.networks import StackedMLP, as_shared, expect_room, from_shared, n_parameters, one_thread
from marl_edu.learning.particle_learner import ParticleLearner

UNITS = (16, 32, 64, 128, 256)
SURFACES = (0, 9, 13, 17)


class ActorCritic(ParticleLearner):
    """Base of learners with an actor and a critic for each agent. A subclass writes ``critics_see`` and ``_learn``."""

    critics = Choice(
        "one", ("one", "twin"), "one critic for each agent, or the lower of two and patient actors; at a reset"
    )
    shared = Choice("no", ("yes", "no"), "whether all agents share one actor and one critic; at a reset")
    hidden = Count(64, 1, 1024, "units in each of an actor's two hidden layers; at a reset", choices=UNITS)
    critic_hidden = Count(64, 1, 1024, "the same of a critic; at a reset", choices=UNITS)
    surface = Count(
        0, 0, 41, "points a side of the critics' surfaces in a frame, 0 for none; at a reset", choices=SURFACES
    )

    def critics_see(self, pairs: torch.Tensor) -> torch.Tensor:
        """What critic i sees, (K, N, B, anything), of the pairs of all agents, its own first, (K, N, B, N, P)."""
        raise NotImplementedError(f"{type(self).__name__} has no critics_see(pairs)")

    def _expect_possible(self) -> None:
        super()._expect_possible()
        world = self._given
        if self.surface == 1:
            raise HyperparameterError("surface is 1; expected 0 for none, or at least 2 points a side")
        kinds = {*zip(world.observation_sizes, world.action_sizes, world.n_choices, strict=True)}
        if self.shared == "yes" and len(kinds) > 1:
            raise HyperparameterError(
                f"shared is 'yes', but the agents of {world.name} see {world.observation_sizes} and do "
                f"{world.action_sizes} numbers; expected agents that are alike"
            )
        parameters = sum(n_parameters(*shape) for shapes in self._shapes().values() for shape in shapes)
        as_hyperparameter_error(expect_room, self.seeds, parameters)
        if self.actions == "continuous":
            as_hyperparameter_error(critic_surface.expect_room, self.seeds, world, int(self.surface))

    # --- networks ----------------------------------------------------------------------------------------------------

    def _shapes(self) -> dict[str, list[tuple[int, tuple[int, ...]]]]:
        """Of the actors, and of the critics and their twins: how many a seed has, and the width of each layer."""
        n, features, size = self._given.n_agents, max(self._given.observation_sizes), self._kind_of_actions().size
        seen = self.critics_see(torch.zeros(1, 1, 1, n, features + size)).shape[-1]
        hidden, wide = int(self.hidden), int(self.critic_hidden)
        count, sets = 1 if self.shared == "yes" else n, 2 if self.critics == "twin" else 1
        return {"actors": [(count, (features, hidden, hidden, size))],
                "critics": sets * [(count, (seen, wide, wide, 1))]}  # fmt: skip

    def _build(self, generators: list[np.random.Generator]) -> None:
        n = self._world.n_agents
        self._one_for_all = self.shared == "yes"
        self._nets = torch.nn.ModuleDict(self._fresh(generators)).to(self._device)
        self._slow = copy.deepcopy(self._nets).requires_grad_(False)
        self._flat = {who: Flat(nets) for who, nets in self._nets.items()}
        self._slow_flat = {who: Flat(nets) for who, nets in self._slow.items()}
        self._adam = {who: Adam(flat) for who, flat in self._flat.items()}
        order = [j for i in range(n) for j in (i, *range(i), *range(i + 1, n))]
        self._order = torch.tensor(order, device=self._device)

    def _fresh(self, generators: list[np.random.Generator]) -> dict[str, torch.nn.Module]:
        """New networks by name, each seed's drawn from its own stream."""
        shapes = self._shapes()
        actors = StackedMLP(generators, *shapes["actors"][0], last_gain=0.1)
        return {"actors": actors, "critics": torch.nn.ModuleList(StackedMLP(generators, *s) for s in shapes["critics"])}

    def _say(self, observations: torch.Tensor, nets: torch.nn.ModuleDict | None = None) -> torch.Tensor:
        """What each actor says of its *own* observation, (K, N, B, A) of (K, N, B, F), before it is squashed."""
        return self._through((self._nets if nets is None else nets)["actors"], observations)

    def _judge(self, critics: StackedMLP, pairs: torch.Tensor) -> torch.Tensor:
        """Q_i, (K, N, B), of the pairs that critic i judges, (K, N, B, N, P)."""
        return self._through(critics, self.critics_see(pairs)).squeeze(-1)

    def _through(self, network: StackedMLP, inputs: torch.Tensor) -> torch.Tensor:
        if not self._one_for_all:
            return network(inputs)
        return from_shared(network(as_shared(inputs)), inputs.shape[1])

    def _own_first(self, pairs: torch.Tensor) -> torch.Tensor:
        """For each agent the pairs of all, its own in slot 0: (K, B, N, P) -> (K, N, B, N, P)."""
        n = pairs.shape[2]
        return pairs.index_select(2, self._order).unflatten(2, (n, n)).transpose(1, 2)

    # --- what can be asked -------------------------------------------------------------------------------------------

    def values(self, observations: np.ndarray, actions: np.ndarray) -> np.ndarray:
        """What each agent's critic thinks, Q_i, (K, W, N), where agents see (K, W, N, F) and do (K, W, N, A).

        Actions are controls, or one-hot vectors of choices if they are discrete. A ``ValueError`` says what is of
        another shape.
        """
        given = {"observations": observations, "actions": actions}
        parts = fitting(given, self._pair_shapes(), self.seeds, "copies")
        with torch.no_grad(), one_thread():
            pairs = self._own_first(self._tensor(np.concatenate([*parts.values()], axis=-1)))
            return self._judge(self._nets["critics"][0], pairs).transpose(1, 2).cpu().numpy()

    def networks(self, who: str, seed: int = 0, slow: bool = False) -> list[torch.nn.Sequential]:
        """Copies of each agent's network as ordinary PyTorch networks: change them as you like.

        Parameters
        ----------
        who : str
            'actors' or 'critics'.
        seed : int
            Of which run.
        slow : bool
            Whether the target networks are meant.

        Returns
        -------
        list
            Agent i's at position i; one for all where they share it. An actor's output is not squashed yet; a critic
            takes pairs of observation and action end to end, its own agent's first.
        """
        nets = (self._slow if slow else self._nets)[checks.option("who", who, ("actors", "critics"))]
        stacked = nets if who == "actors" else nets[0]
        return [stacked.single(checks.integer("seed", seed, 0, self.seeds - 1), i) for i in range(stacked.nets)]

    def frame(self) -> Frame:
        """Where learning stands now: as of every ``ParticleLearner``.

        Where ``surface`` is G > 0, also what critics think in the first greedy episode, at each step. All agents do
        what their actors say, but agent i's own action, which its critic is asked about, may be another.
        ``critic_surface`` and ``critic_slope`` are there if any agent acts by a force, and NaN for those who don't;
        ``critic_choices`` is for those: numbered choices of discrete actions, or the words of a speaker that can't
        move, each said alone. It costs about 10 ms a frame and seed with 13 points, and 26 steps of 3 agents take
        53 kB.

        ================= ================= ========================================================================
        array             shape             meaning
        ================= ================= ========================================================================
        critic_surface    (K, T+1, N, G, G) Q_i of agent i's own force: rows from -1 to 1 upwards, columns to the right
        critic_slope      (K, T+1, N, 2)    gradient of Q_i in agent i's own force, where its actor acts
        critic_choices    (K, T+1, N, A)    Q_i of agent i's choices or words; NaN for those that it does not have
        critic_value      (K, T+1, N)       Q_i of what all do
        critic_sees       (K, N)            of how many agents critic i is told what they see and do
        episode_actions   (K, T+1, N, A)    what all do: controls, or one-hot vectors of choices if they are discrete
        ================= ================= ========================================================================
        """
        found, points = super().frame(), int(self._built_with["surface"])
        return found | critic_surface.critic_surfaces(self, self._evaluated[1], points) if points else found

    # --- checkpoints -------------------------------------------------------------------------------------------------

    def _places(self) -> dict:
        found = super()._places()
        for who, adam in self._adam.items():
            found |= {f"{who}": self._flat[who].values, f"slow {who}": self._slow_flat[who].values}
            found |= {f"{who}, mean": adam.mean, f"{who}, square": adam.square}
        return found

    def _counters(self) -> dict:
        return super()._counters() | {f"steps of {who}": (adam, "steps") for who, adam in self._adam.items()}
