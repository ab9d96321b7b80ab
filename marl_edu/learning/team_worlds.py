"""Worlds that a team learns in: many copies for each seed, stepped at once, each seed with its own random stream.

A learner that stores experience wants little to store, and networks want vectors. So a world says *where* its copies
stand by compact arrays, for a Markov game the number of the state, and *encodes* such arrays as what the agents see and
what the whole state is, whenever somebody asks.

An episode ends in two ways that a learner must tell apart: *terminated*, the world has no future there, or *truncated*
by a time limit, where the target bootstraps from the true last state. ``Step.next_where`` is that last state in both
cases; the copies that ended have been restarted by then, and ``world.where`` says where they begin.

Legend of axes: K seeds, W copies of the world, N agents, A actions (the most of any agent), F features of an
observation, G features of a state, S states, J joint actions, M outcomes; "..." any leading axes.

Source for the two ends: F. Pardo et al., "Time limits in reinforcement learning", ICML 2018, section 3.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from marl_edu.games import MarkovGame, checks
from marl_edu.learning.draws import Draws, uniform
from marl_edu.learning.features import observation_features, state_features
from marl_edu.learning.loop import world_of

Where = dict[str, np.ndarray]
"""Where copies of a world stand: named arrays (..., whatever one copy needs)."""


class Step(NamedTuple):
    """What one step did in every copy: all (K, W), and where each copy then stood, before any restart."""

    rewards: np.ndarray
    terminated: np.ndarray
    truncated: np.ndarray
    next_where: Where


class TeamWorld:
    """Base of worlds in which a team is paid one common reward.

    A subclass sets the attributes and writes the five methods. Seed k of ``start`` and ``step`` draws from its own
    generator only, so what happens to it does not depend on how many seeds there are.

    Attributes
    ----------
    n_agents, n_actions, n_features, n_state_features : int
        N, A, F and G.
    discount : float
        Weight of the next reward.
    title : str
        Name for pictures and messages.
    game : MarkovGame or None
        The model, where there is one.
    reward_scale : float
        Factor by which rewards were multiplied for the networks; returns that are shown are free of it.
    """

    n_agents: int
    n_actions: int
    n_features: int
    n_state_features: int
    discount: float
    title: str
    game: MarkovGame | None = None
    reward_scale: float = 1.0
    _generators: list[np.random.Generator] | None = None

    def start(self, generators: Sequence[np.random.Generator], copies: int) -> None:
        """Begin an episode in each of W copies, for each of K seeds; each seed's generator is used from now on."""
        raise NotImplementedError

    @property
    def where(self) -> Where:
        """Where each copy stands now, arrays (K, W, ...); not to be written to."""
        raise NotImplementedError

    def step(self, actions: np.ndarray) -> Step:
        """Play one joint action in every copy, (K, W, N) whole numbers; ended copies are restarted afterwards."""
        raise NotImplementedError

    def encode(self, where: Where) -> tuple[np.ndarray, np.ndarray]:
        """What agents see there and what the state is: (..., N, F) and (..., G), float32."""
        raise NotImplementedError

    def available(self, where: Where) -> np.ndarray | None:
        """Which actions exist there, (..., N, A) bool; None if all of them always do."""
        return None

    def another(self) -> TeamWorld:
        """The same world, not started: for somebody else to play in, or to evaluate a policy."""
        found = copy.copy(self)
        found._generators = None
        return found

    def _begin(self, generators, copies: int) -> tuple[int, int]:
        """Take over the random streams; returns (K, W)."""
        self._generators = [checks.generator(f"generators[{k}]", given) for k, given in enumerate(generators)]
        return len(self._generators), checks.integer("copies", copies, 1)

    def _expect_started(self) -> None:
        if self._generators is None:
            raise ValueError(f"{self.title} has not been started; expected a call of start(generators, copies) before")

    def _expect_actions(self, actions, shape: tuple[int, ...], n_actions: tuple[int, ...]) -> np.ndarray:
        """Actions (K, W, N), each of which its agent has."""
        self._expect_started()
        actions = np.asarray(actions)
        if actions.shape != shape or actions.dtype.kind not in "iu":
            raise ValueError(
                f"actions has shape {actions.shape} of {actions.dtype}; expected whole numbers of shape {shape}: "
                "seeds, copies of the world, agents"
            )
        bad = (actions < 0) | (actions >= n_actions)
        if bad.any():
            index = tuple(np.argwhere(bad)[0].tolist())
            most = n_actions[index[-1]] - 1
            raise ValueError(f"actions{list(index)} is {actions[index]}; expected a whole number from 0 to {most}")
        return actions


def team_world(given: MarkovGame | TeamWorld) -> TeamWorld:
    """A world of one's own: of a cooperative Markov game, or another of a world that is there already.

    >>> from marl_edu.games import climbing
    >>> team_world(climbing()).title
    'climbing game'
    """
    if isinstance(given, MarkovGame):
        return GameWorld(given)
    if isinstance(given, TeamWorld):
        return given.another()
    raise ValueError(
        f"the world is {checks.shown(given)}; expected a MarkovGame or a TeamWorld (worlds of other packages go into "
        "OutsideWorld(make); in particle worlds learn MADDPG and DDPG)"
    )


class GameWorld(TeamWorld):
    """Many copies of a cooperative Markov game.

    Its features are those of ``game.layout.observation_features`` (N, S, F) and ``game.layout.state_features`` (S, G)
    where the layout has them. Otherwise the number of an observation, or of a state, is told by one feature each.

    Parameters
    ----------
    game : MarkovGame
        At least two agents, all paid the same in every state for every joint action.

    Raises
    ------
    ValueError
        If the game is not one for a team; if its returns may have no end (discount 1 without horizon); or if it is too
        large to tell states apart by one feature each.

    Notes
    -----
    The world is where its state is: ``where`` has one array, ``state`` (K, W) int32. A game that is played once
    (horizon 1, discount 0) terminates, as in ``parallel_env``; any other horizon truncates.

    Examples
    --------
    >>> from marl_edu.games import climbing
    >>> world = GameWorld(climbing())
    >>> world.start([np.random.default_rng(0)], copies=2)
    >>> step = world.step(np.array([[[0, 0], [0, 1]]]))
    >>> step.rewards.tolist(), step.terminated.tolist()
    ([[11.0, -30.0]], [[True, True]])
    """

    def __init__(self, game: MarkovGame):
        _expect_team(checks.game(game))
        self.game, self.discount, self.title = game, game.discount, game.name
        self.n_agents, self.n_actions = game.n_agents, max(game.n_actions)
        self._observed, self._states_seen = observation_features(game), state_features(game)
        self.n_features, self.n_state_features = self._observed.shape[-1], self._states_seen.shape[-1]
        self._exists = existing_actions(game.n_actions)

        found = self._world = world_of(game)
        counts = np.diff(found.offsets)
        self._sums = None if counts.max() == 1 else np.repeat(np.arange(len(counts)), counts) + found.cumulative
        self._rewards = found.rewards[:, 0].copy()
        self._horizon = game.horizon or checks.LONGEST + 1
        self._played_once = game.horizon == 1 and game.discount == 0
        self._age = np.zeros((0, 0), dtype=np.int64)

    @property
    def where(self) -> Where:
        """The state of each copy, {'state': (K, W) int32}."""
        self._expect_started()
        return {"state": self._state}

    def start(self, generators: Sequence[np.random.Generator], copies: int) -> None:
        """Draw each copy's first state."""
        self._age = np.zeros(self._begin(generators, copies), dtype=np.int64)
        self._coins = Draws(uniform, self._generators, (2, copies), np.float64)
        self._state = self._first_states(self._coins.next()[:, 1])

    def step(self, actions: np.ndarray) -> Step:
        """Play one joint action in every copy, (K, W, N); an action that an agent does not have is refused."""
        actions = self._expect_actions(actions, (*self._age.shape, self.n_agents), self.game.n_actions)
        pair = self._state * self.game.n_joint_actions + (actions * self._world.strides).sum(axis=-1)
        coins = self._coins.next()  # (K, 2, W): for the outcome, and for where the next episode begins
        outcome = self._world.offsets[pair] if self._sums is None else self._outcomes(pair, coins[:, 0])
        rewards = self._rewards[outcome if self._world.paid_by_outcome else pair]
        next_state = self._world.successors[outcome]

        self._age += 1
        terminated = self._world.terminal[next_state] | self._played_once
        truncated = (self._age == self._horizon) & ~terminated
        ended = terminated | truncated
        self._state = next_state
        if ended.any():
            self._state = np.where(ended, self._first_states(coins[:, 1]), next_state)
            self._age[ended] = 0
        return Step(rewards, terminated, truncated, {"state": next_state})

    def encode(self, where: Where) -> tuple[np.ndarray, np.ndarray]:
        """Look up the features of states (...): (..., N, F) and (..., G)."""
        return self._observed.take(where["state"], axis=0), self._states_seen.take(where["state"], axis=0)

    def available(self, where: Where) -> np.ndarray | None:
        """Which actions each agent has, the same in every state; None if all have equally many."""
        if self._exists is None:
            return None
        return np.broadcast_to(self._exists, (*where["state"].shape, *self._exists.shape))

    def _first_states(self, coins: np.ndarray) -> np.ndarray:
        found = self._world.start.searchsorted(coins, side="right")
        return np.minimum(found, self.game.n_states - 1).astype(np.int32)

    def _outcomes(self, pair: np.ndarray, coins: np.ndarray) -> np.ndarray:
        """The outcome that each coin falls on; pair p's outcomes lie between p and p + 1 among the running sums."""
        found = self._sums.searchsorted(pair + coins, side="right")
        return np.minimum(found, self._world.offsets[pair + 1] - 1)


def existing_actions(n_actions: Sequence[int]) -> np.ndarray | None:
    """Which of A actions each agent has, (N, A) bool; None if all agents have equally many.

    >>> existing_actions([2, 3]).tolist()
    [[True, True, False], [True, True, True]]
    """
    exists = np.arange(max(n_actions)) < np.array(n_actions)[:, None]
    return None if exists.all() else exists


def _expect_team(game: MarkovGame) -> None:
    if game.n_agents == 1:
        raise ValueError(f"{game.name} has one agent; expected a team of two or more")
    if game.discount == 1 and game.horizon is None:
        raise ValueError(
            f"{game.name} has discount 1 and no horizon, so that a return may have no end; expected a discount below 1 "
            "or a horizon"
        )
    if game.setting == "cooperative":
        return
    by_outcome = game.successors.rewards is not None
    tables = game.successors.rewards if by_outcome else game.rewards.reshape(game.n_agents, -1)
    gaps = np.abs(tables - tables[:1])
    other, where = np.unravel_index(gaps.argmax(), gaps.shape)
    pair = int(np.searchsorted(game.successors.offsets, where, side="right")) - 1 if by_outcome else int(where)
    state, joint = divmod(pair, game.n_joint_actions)
    played = np.unravel_index(joint, game.n_actions)
    names = ", ".join(game.actions[i][a] for i, a in enumerate(played))
    raise ValueError(
        f"{game.name} is not cooperative: in state {game.states[state]} the joint action ({names}) pays "
        f"{game.agents[0]} {tables[0, where]:g} and {game.agents[other]} {tables[other, where]:g}; expected one reward "
        "for the whole team"
    )
