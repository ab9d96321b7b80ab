"""What all deep learners of a team share: acting, replay, target networks, one gradient step, frames.

In one *update* every copy of the world makes one step, what happened goes into the replay, a batch is drawn, and
all networks of all seeds make one gradient step. What their loss is, a subclass says (``factorisation.py``).

Legend of axes: K seeds, W copies of the world, N agents, B batch, A actions (the most of any agent), F features of an
observation, G features of a state, L trace.

Source for replay and target networks: V. Mnih et al., "Human-level control through deep reinforcement learning", Nature
518 (2015), algorithm 1; for the double estimate H. van Hasselt, A. Guez and D. Silver, AAAI 2016.
"""

from __future__ import annotations

import copy

import numpy as np
import torch

from marl_edu.algorithm import Algorithm, Choice, DivergedError, Frame, Real
from marl_edu.games import MarkovGame
from marl_edu.hyperparameters import Count, as_hyperparameter_error
from marl_edu.learning import networks
from marl_edu.learning.draws import faded
from marl_edu.learning.flat import Adam, Flat, clipped
from marl_edu.learning.networks import StackedMLP, as_shared, from_shared, one_thread
from marl_edu.learning.replay import Replay, expect_room
from marl_edu.learning.team_batch import Batch, batch_of, best_actions, example_of, seen, transition
from marl_edu.learning.team_play import Exploration, Reports, greedy_episodes, random_actions
from marl_edu.learning.team_tables import TeamTables
from marl_edu.learning.team_worlds import TeamWorld, Where, team_world

TARGETS = ("hard", "soft", "none")
HARD, SOFT = ("target", "hard"), ("target", "soft")


class TeamLearner(Algorithm):
    """Base of deep learners of a team; one unit of work is one update.

    A subclass writes ``_losses(batch)``, (K,), and where it has more networks than one for each agent, makes them in
    ``_networks``. What the team thinks of a joint action is ``_team_value``.

    Parameters
    ----------
    game : MarkovGame or TeamWorld
        A world in which a team of two or more is paid one common reward. A time limit truncates, and truncation
        bootstraps.
    seeds, seed : int
        See ``Algorithm``.

    Raises
    ------
    HyperparameterError
        If the world is another one.
    DivergedError
        While it learns: if the loss of a seed is no longer finite.
    """

    unit = "update"
    chunk = 50

    step_size = Real(1e-3, 1e-6, 1, "Adam's step size", scale="log")
    epsilon = Real(1.0, 0, 1, "chance of a uniformly random action at the start, one coin per agent")
    epsilon_last = Real(0.05, 0, 1, "and at the end of its linear decay")
    epsilon_updates = Count(2000, 1, 1e7, "length of that decay", unit="updates", scale="log")
    batch = Count(32, 1, 4096, "transitions in a gradient step", choices=(8, 16, 32, 64, 128, 256, 512))
    worlds = Count(8, 1, 1024, "copies of the world that step at once; at a reset", choices=(1, 2, 4, 8, 16, 32, 64))
    capacity = Count(10_000, 1, 1e6, "transitions that are remembered; takes effect at a reset", scale="log")
    target = Choice("hard", TARGETS, "how target networks follow: copied now and then, averaged, or at once")
    target_every = Count(100, 1, 1e5, "from one copy to the next", unit="updates", scale="log", when=HARD)
    target_share = Real(0.01, 1e-5, 1, "share of the way that they go in an update", scale="log", when=SOFT)
    double_q = Choice("yes", ("yes", "no"), "whether the learning networks choose the next action that targets judge")
    hidden = Count(64, 4, 1024, "units in each of two hidden layers; at a reset", choices=(8, 16, 32, 64, 128, 256))
    shared = Choice("no", ("yes", "no"), "whether agents share one network, told who they are; at a reset")
    clip = Real(10.0, 1e-3, 1e6, "longest gradient of a seed", scale="log")

    def __init__(self, game: MarkovGame | TeamWorld, *, seeds: int = 1, seed: int = 0, **hyperparameters):
        self._world = as_hyperparameter_error(team_world, game)
        self._given = game
        self._shown = self._world.another()  # where greedy episodes are played, which learning never sees
        self._tables = TeamTables(self._world.game, self._world.encode) if self._world.game else None
        super().__init__(seeds=seeds, seed=seed, **hyperparameters)

    @property
    def game(self) -> MarkovGame | None:
        """The game that is learned in; None for a world whose model is not known."""
        return self._world.game

    @property
    def remembered(self) -> dict[str, np.ndarray]:
        """A copy of all that the replay keeps, (K, len, ...) by name: 'actions', 'rewards', 'at state' and others."""
        return {name: values.copy() for name, values in self._replay.kept.items()}

    def _inputs(self) -> tuple:
        return (self._given,)

    def reset(self) -> None:
        """Back to fresh networks, an empty replay and the first random number.

        Raises
        ------
        HyperparameterError
            If networks or replay of all seeds would be too large, or the replay too small; nothing is changed then.
        """
        self._expect_room()
        super().reset()
        world, copies = self._world, int(self.worlds)
        streams = zip(*(rng.spawn(4) for rng in self.generators()), strict=True)
        for_networks, for_world, for_coins, self._for_batches = map(list, streams)
        self._nets = torch.nn.ModuleDict(self._networks(for_networks))
        self._slow = copy.deepcopy(self._nets).requires_grad_(False)
        self._parameters, self._slow_parameters = Flat(self._nets), Flat(self._slow)
        self._adam = Adam(self._parameters)
        world.start(for_world, copies)
        self._exploration = Exploration(for_coins, copies, world.n_agents)
        self._replay = Replay(self.seeds, int(self.capacity), example_of(world))
        self._reports = Reports(self.seeds, copies, world.discount)
        self._updated = 0

    def _expect_room(self) -> None:
        one = torch.nn.ModuleDict(self._networks([np.random.default_rng(0)]))
        parameters = sum(parameter.numel() for parameter in one.parameters())
        as_hyperparameter_error(networks.expect_room, self.seeds, parameters)
        self._shown.start([np.random.default_rng(0)], 1)
        as_hyperparameter_error(expect_room, self.seeds, self.capacity, self.worlds, example_of(self._shown))

    def _networks(self, generators: list[np.random.Generator]) -> dict[str, torch.nn.Module]:
        """All networks that learn, by name; here one for each agent, or one for all, from observation to values."""
        world, hidden, shared = self._world, int(self.hidden), self.shared == "yes"
        sizes = (world.n_features + shared * world.n_agents, hidden, hidden, world.n_actions)
        return {"agents": StackedMLP(generators, 1 if shared else world.n_agents, sizes)}

    def _values(self, nets: torch.nn.ModuleDict, observations: torch.Tensor) -> torch.Tensor:
        """Each agent's values Q_i(o_i, .), (K, N, B, A), of what the agents see (K, N, B, F)."""
        agents, n_agents = nets["agents"], self._world.n_agents
        if agents.nets == n_agents:
            return agents(observations)
        names = torch.eye(n_agents)[:, None].expand(*observations.shape[:-1], n_agents)
        return from_shared(agents(as_shared(torch.cat([observations, names], dim=-1))), n_agents)

    def _losses(self, batch: Batch) -> torch.Tensor:
        """The loss of each seed, (K,): the mean over its batch."""
        raise NotImplementedError(f"{type(self).__name__} has no _losses(batch); expected one loss for each seed")

    def _team_value(self, chosen: torch.Tensor, actions: torch.Tensor, states: torch.Tensor) -> dict:
        """What the team thinks of joint actions (K, B, N) whose own values are ``chosen``: named tensors (K, B)."""
        return {}

    def _advance(self, n: int) -> None:
        self._updated = 0
        with one_thread():
            for _ in range(n):
                self._act()
                self._learn()
                self._updated += 1

    def _finished(self, n: int) -> int:
        return self._updated

    def _epsilon(self, update: int) -> float:
        return faded(self.epsilon, self.epsilon_last, self.epsilon_updates, update)

    def _act(self) -> None:
        """One step of every copy of the world, into the replay."""
        where, epsilon = self._world.where, self._epsilon(self.units_done + self._updated)
        explore, which = self._exploration.coins()
        actions = random_actions(which, self._world.n_actions, self._world.available(where))
        if epsilon < 1:
            actions = np.where(explore < epsilon, actions, self.greedy(where))
        step = self._world.step(actions)
        self._reports.step(step)
        self._replay.add(**transition(where, actions, step))

    def greedy(self, where: Where) -> np.ndarray:
        """Each agent's best action, (K, W, N), where copies stand: arrays (K, W, ...) such as ``world.where``."""
        observations, _, available = seen(self._world, where)
        with torch.no_grad(), one_thread():
            return best_actions(self._values(self._nets, observations), available).numpy()

    def _learn(self) -> None:
        """One gradient step of all networks of all seeds; the target networks follow."""
        losses = self._losses(batch_of(self._world, self._replay.sample(int(self.batch), self._for_batches)))
        self._expect_finite_losses(losses.detach().numpy())
        self._step(losses)
        self._follow()

    def _step(self, losses: torch.Tensor) -> None:
        """Down the gradient of each seed's own loss: of their sum, as no parameter is in two seeds' losses."""
        gradient = self._parameters.gradient(losses.sum())
        self._adam.step(clipped(gradient, self.clip), self.step_size)

    def _follow(self) -> None:
        """Target networks: copied now and then, moved a share of the way, or copied at once."""
        if self.target == "hard" and (self.units_done + self._updated + 1) % int(self.target_every):
            return
        share = self.target_share if self.target == "soft" else 1.0
        self._slow_parameters.follow(self._parameters, share)

    def _expect_finite_losses(self, losses: np.ndarray) -> None:
        if not np.isfinite(losses).all():
            k = int(np.argmin(np.isfinite(losses)))
            raise DivergedError(
                f"loss is {losses[k]:g} for seed {k} at update {self.units_done + self._updated + 1:,}; expected a "
                "finite number (are rewards or step_size too large?)"
            )
        self._reports.loss(losses)

    def frame(self) -> Frame:
        """Where learning stands now.

        ================= ===================== ==================================================================
        array             shape                 meaning
        ================= ===================== ==================================================================
        greedy_return     (K, N)                expected discounted return of the greedy joint policy, exact; in a
                                                world without a model the mean of four episodes
        episode_return    (K, N)                mean discounted return of the exploring episodes that ended since
                                                the last frame (before the first end: NaN)
        loss              (K,)                  mean since the last frame (at the start: NaN)
        epsilon           (K,)                  chance to explore in the next step
        environment_steps (K,)                  so far, all copies of the world together
        trace             (K, L)                states that copy 0 just visited, oldest first; -1: none yet
        q                 (K, N, O, A)          each agent's values, NaN where there is nothing to value
        q_tot             (K, S, A_1, ..., A_N) the team's value of every joint action, NaN in terminal states
        ================= ===================== ==================================================================

        The tables are there where the game has at most 4096 pairs of state and joint action, ``q_tot`` where the
        learner has such a thing. All agents are paid the same, so that returns are the same in all N columns.
        """
        n_agents = self._world.n_agents
        frame = self._reports.since_last(n_agents)
        frame["episode_return"] /= self._world.reward_scale
        frame["epsilon"] = np.full(self.seeds, self._epsilon(self.units_done))
        with one_thread():
            if self._tables is None:
                del frame["trace"]
                frame["greedy_return"] = np.repeat(self._played()[:, None], n_agents, axis=1)
                return frame
            individual = self._tables.individual(lambda seen: self._values(self._nets, seen), self.seeds)
            frame["greedy_return"] = self._tables.greedy_returns(individual)
            if self._tables.small:
                frame["q"] = individual
                frame |= self._tables.joint(self._team_value, individual)
        return frame

    def _played(self) -> np.ndarray:
        """Mean return of some greedy episodes, (K,), from streams that learning does not use."""
        streams = [np.random.default_rng([self.seed, k, self.units_done, 1]) for k in range(self.seeds)]
        return greedy_episodes(self._shown, self.greedy, streams) / self._world.reward_scale

    def references(self) -> dict[str, float]:
        """Exact levels for the pictures: the team optimum and uniformly random play."""
        from marl_edu.planning import reference_returns

        return {} if self.game is None else reference_returns(self.game)
