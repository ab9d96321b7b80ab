"""What all learners in particle worlds share: acting with noise, replay, frames, checkpoints.

In one *update* every copy of the world makes one step, what happened goes into the replay, and all networks of all
seeds learn from a batch of it; how, a subclass says (``deterministic.py``).

Legend of axes: K seeds, W copies of the world, N agents, F entries of an observation, A of an action, C of a control,
T steps of an episode, L landmarks; P = F + A, a pair of what an agent saw and what it did.
"""

from __future__ import annotations

import copy

import numpy as np
import torch

from marl_edu.algorithm import Algorithm, Choice, DivergedError, Frame, HyperparameterError, Real
from marl_edu.games.particles import ParticleWorld
from marl_edu.hyperparameters import Count, as_hyperparameter_error
from marl_edu.learning.batches import fitting
from marl_edu.learning.checkpoints import Checkpointed
from marl_edu.learning.device import device_of
from marl_edu.learning.draws import Draws, faded
from marl_edu.learning.gumbel import Discrete
from marl_edu.learning.networks import one_thread
from marl_edu.learning.noise import Continuous
from marl_edu.learning.particle_play import NOTED, Diary, baselines, evaluation, pictured
from marl_edu.learning.replay import Replay, expect_room

KINDS = {"continuous": Continuous, "discrete": Discrete}
FORCES = ("actions", "continuous")
STREAMS = ("networks", "world", "noise", "batches", "learning")
"""What a seed draws random numbers for, each from a stream of its own."""


class ParticleLearner(Checkpointed, Algorithm):
    """Base of learners in particle worlds; one unit of work is one update.

    A subclass writes ``_build(generators)``, which makes networks, ``_say(observations)``, what actors say of them, and
    ``_learn()``, one gradient step.

    Parameters
    ----------
    world : ParticleWorld
        Such as ``simple_spread()``; the learner plays in a copy of it.
    device : str
        Where networks are: 'cpu', 'cuda', or another that PyTorch knows.
    seeds, seed : int
        See ``Algorithm``.

    Raises
    ------
    HyperparameterError
        If the world is none, or the device is not there.
    DivergedError
        While it learns: if a loss is no longer finite.
    """

    unit = "update"
    chunk = 25
    streams, noted = STREAMS, NOTED

    worlds = Count(64, 1, 4096, "copies of the world that step at once; at a reset", choices=(1, 4, 16, 64, 256))
    warm_up = Count(1024, 1, 1e6, "transitions before the first gradient step", scale="log")
    capacity = Count(100_000, 1, 1e7, "transitions that are remembered; at a reset", scale="log")
    actions = Choice("continuous", KINDS, "forces, or one of a few choices by Gumbel-softmax; at a reset")
    noise = Real(0.4, 0, 10, "standard deviation of exploration at the start, in half ranges", when=FORCES)
    noise_last = Real(0.05, 0, 10, "and at the end of its linear decay", when=FORCES)
    noise_updates = Count(10_000, 1, 1e8, "length of that decay", unit="updates", scale="log", when=FORCES)
    episodes = Count(32, 1, 10_000, "greedy episodes for a frame", choices=(8, 16, 32, 64, 128))

    def __init__(self, world: ParticleWorld, *, device: str = "cpu", seeds: int = 1, seed: int = 0, **hyperparameters):
        if not isinstance(world, ParticleWorld):
            raise HyperparameterError(f"world is {world!r:.60}; expected a ParticleWorld such as simple_spread()")
        self._given, self._device = world, device_of(device)
        super().__init__(seeds=seeds, seed=seed, **hyperparameters)

    @property
    def game(self) -> ParticleWorld:
        """The world that is learned in, as it was given."""
        return self._given

    def _inputs(self) -> tuple:
        return (self._given,)

    def _named_inputs(self) -> dict:
        return {"device": str(self._device)}

    def reset(self) -> None:
        """Back to fresh networks, an empty replay and the first random number."""
        self._expect_possible()
        super().reset()
        world = self._world = copy.deepcopy(self._given)
        n, copies = world.n_agents, int(self.worlds)
        self._built_with = self.hyperparameters
        self._kind = self._kind_of_actions()
        spawned = zip(*(rng.spawn(len(self.streams)) for rng in self.generators()), strict=True)
        self._streams = dict(zip(self.streams, map(list, spawned), strict=True))
        self._build(self._streams["networks"])
        self._noise = Draws(self._kind.draw, self._streams["noise"], (n, copies, self._kind.size), np.float32)
        self._replay = Replay(self.seeds, int(self.capacity), self._example())
        self._diary = Diary(self.seeds, n, copies, self.noted)
        self._updated, self._evaluated = 0, None
        world.reset(self._streams["world"], copies)

    def _expect_possible(self) -> None:
        as_hyperparameter_error(expect_room, self.seeds, self.capacity, self.worlds, self._example())

    def _kind_of_actions(self) -> Continuous | Discrete:
        return KINDS[self.actions](self._given, self._device)

    def _pair_shapes(self) -> dict[str, tuple]:
        """Of what all agents see and do in one copy of the world."""
        n, features = self._world.n_agents, max(self._world.observation_sizes)
        return {"observations": (n, features), "actions": (n, self._kind.size)}

    def _example(self) -> dict[str, tuple]:
        """What one transition consists of, {name: (shape, dtype)}."""
        n, features = self._given.n_agents, max(self._given.observation_sizes)
        return {
            "pairs": ((n, features + self._kind_of_actions().size), np.float32),
            "rewards": ((n,), np.float32),
            "terminated": ((), bool),
            "next_observations": ((n, features), np.float32),
        }

    def _build(self, generators: list[np.random.Generator]) -> None:
        raise NotImplementedError(f"{type(self).__name__} has no _build(generators); expected it to make networks")

    def _say(self, observations: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError(
            f"{type(self).__name__} has no _say(observations); expected (K, N, B, A) of (K, N, B, F)"
        )

    def _learn(self) -> None:
        raise NotImplementedError(f"{type(self).__name__} has no _learn(); expected it to make one gradient step")

    # --- one update --------------------------------------------------------------------------------------------------

    def _advance(self, n: int) -> None:
        self._updated, self._seen = 0, self._world.observe()
        with one_thread():
            for _ in range(n):
                self._act()
                if len(self._replay) >= min(self.warm_up, self.capacity):
                    self._learn()
                self._updated += 1

    def _finished(self, n: int) -> int:
        return self._updated

    def _act(self) -> None:
        """One step of every copy of the world, into the replay."""
        world = self._world
        if world.over:
            world.reset(self._streams["world"], world.copies[1])
            self._seen = world.observe()
        seen = self._seen
        scale = faded(self.noise, self.noise_last, self.noise_updates, self.units_done + self._updated)
        with torch.no_grad():
            said = self._say(self._tensor(seen).transpose(1, 2))
            played = self._kind.explored(said, self._tensor(self._noise.next()), scale)
        actions = played.transpose(1, 2).cpu().numpy()
        rewards = world.step(self._kind.controls(actions))
        self._seen = world.observe()
        self._replay.add(
            pairs=np.concatenate([seen, actions], axis=-1),
            rewards=rewards,
            terminated=np.full(rewards.shape[:2], world.over and world.terminal),
            next_observations=self._seen,
            **self._also_remembered(),
        )
        self._diary.step(rewards, world.over)

    def _also_remembered(self) -> dict[str, np.ndarray]:
        """What else the replay keeps of this step: nothing."""
        return {}

    def _note(self, who: str, losses: torch.Tensor) -> None:
        """Losses (K, N) of the networks of ``who``, which must be finite."""
        found = losses.detach().cpu().numpy()
        if not np.isfinite(found).all():
            k, i = np.argwhere(~np.isfinite(found))[0]
            raise DivergedError(
                f"loss of the {who} is {found[k, i]:g} for {self._world.agents[i]!r} of seed {k} at update "
                f"{self.units_done + self._updated + 1:,}; expected a finite number "
                "(are rewards or step sizes too large?)"
            )
        self._diary.note(who, found)

    def _tensor(self, array: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(array).to(self._device)

    # --- what is shown -----------------------------------------------------------------------------------------------

    def greedy(self, observations: np.ndarray) -> np.ndarray:
        """What the actors do without noise: controls (K, W, N, C) for observations (K, W, N, F).

        A ``ValueError`` says if they are of another shape.
        """
        seen = fitting({"observations": observations}, self._pair_shapes(), self.seeds, "copies")["observations"]
        with torch.no_grad(), one_thread():
            said = self._say_without_noise(self._tensor(seen).transpose(1, 2))
            return self._kind.controls(self._kind.greedy(said).transpose(1, 2).cpu().numpy())

    def _say_without_noise(self, observations: torch.Tensor) -> torch.Tensor:
        """What actors say in greedy episodes, (K, N, W, A) of (K, N, W, F): what they always say."""
        return self._say(observations)

    def frame(self) -> Frame:
        """Where learning stands now.

        ================= =============== ==========================================================================
        array             shape           meaning
        ================= =============== ==========================================================================
        greedy_return     (K, N)          mean undiscounted return of each agent over ``episodes`` episodes without
                                          noise; the same beginnings at every moment, which no learning sees
        episode_return    (K, N)          the same of the exploring episodes that ended since the last frame (before
                                          the first end: NaN)
        critic_loss       (K, N)          mean since the last frame (before the first gradient step: NaN)
        actor_loss        (K, N)          the same of the actors
        noise             (K,)            standard deviation of exploration in the next step
        environment_steps (K,)            so far, all copies of the world together
        episode_positions (K, T+1, N, 2)  where agents are in the first greedy episode, from its beginning on
        episode_landmarks (K, L, 2)       where landmarks are in it
        episode_goals     (K,)            which of them is the goal, in worlds that have one
        episode_words     (K, T+1, N, ..) what agents said in it, in worlds where some speak
        ================= =============== ==========================================================================
        """
        if self._evaluated is None or self._evaluated[0] != self.units_done:
            streams = [np.random.default_rng([self.seed, k, 1]) for k in range(self.seeds)]
            self._evaluated = self.units_done, evaluation(self._given, self.greedy, streams, int(self.episodes))
        scale = faded(self.noise, self.noise_last, self.noise_updates, self.units_done)
        return (
            self._diary.since_last() | pictured(self._world, self._evaluated[1]) | {"noise": np.full(self.seeds, scale)}
        )

    def references(self) -> dict[str, float]:
        """Mean return per agent of doing nothing and of random play; in simple_spread of a controller, too.

        The mean is over *all* agents: in a world of two sides, such as simple_tag, over both, so that it is a level for
        the mean over agents only. ``play_episodes`` with ``do_nothing`` gives each agent's own.
        """
        return baselines(self._given)
