"""A game is data: the Markov game as arrays, validated once, from which everything else is computed.

Legend of axes: N agents, S states, A_i actions of agent i, J = prod A_i joint actions in C order.

Source: L. Shapley, "Stochastic games", PNAS 39 (1953); M. Littman, "Markov games as a framework for
multi-agent reinforcement learning", ICML 1994, section 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np

from marl_edu.games import checks, model_checks
from marl_edu.games.successors import Successors

DENSE_LIMIT = 2**28
"""Most entries that the dense transition table may have (2 GiB) before ``game.transitions`` refuses."""


@dataclass(frozen=True, init=False, eq=False, repr=False)
class MarkovGame:
    """A finite Markov game: p(s' | s, a^1..a^N), one reward per agent, a discount and a start distribution.

    A matrix game is a Markov game with one state, a repeated game is the same with a discount above 0.

    Parameters
    ----------
    transitions : (S, A_1, ..., A_N, S) array or Successors
        Probability of each next state, in the dense or the compact face. Both give the same game.
    rewards : (N, S, A_1, ..., A_N) array, optional
        Expected reward of each agent, R^i(s, a), paid for the joint action taken in s. A last axis of length S may
        be added where the reward depends on the successor.
    discount : float in [0, 1]
        gamma in G_t = R_t + gamma R_{t+1} + ..., with R_t the reward for the action at time t.
    start : (S,) array, or a state's number or name, optional
        Distribution of the first state. Default: state 0.
    terminal : (S,) bool array, or list of states' numbers or names, optional
        States where an episode ends. They must lead to themselves and pay 0. Default: none.
    agents, states : sequence of str, optional
        Names, for labels.
    actions : sequence of str, or one such sequence per agent, optional
        Names of actions.
    observations : (N, S) int array, optional
        What each agent sees in each state, o^i(s), numbered from 0. Gaps are allowed, but every number must be below
        65,536 or 16 S, whichever is more. Default: the state itself.
    horizon : int in [1, 10**9], optional
        Number of steps after which an episode is *truncated*: cut off, not ended by the world.
    name : str
        A title.
    layout : object, optional
        Whatever a picture of this world needs (``gridworld`` puts its drawing here).

    Raises
    ------
    ValueError
        Names the field, the index, what was found and what was expected.

    Examples
    --------
    >>> game = MarkovGame(transitions=np.ones((1, 2, 2, 1)), rewards=[[[[1, 0], [0, 1]]]] * 2, discount=0)
    >>> game
    MarkovGame('Markov game': 2 agents, 1 state, 2 x 2 actions, discount 0, cooperative)
    """

    successors: Successors
    rewards: np.ndarray
    discount: float
    start: np.ndarray
    terminal: np.ndarray
    agents: tuple[str, ...]
    states: tuple[str, ...]
    actions: tuple[tuple[str, ...], ...]
    observations: np.ndarray
    horizon: int | None
    name: str
    layout: Any

    def __init__(
        self,
        transitions,
        rewards,
        discount: float = 0.9,
        *,
        start=None,
        terminal=None,
        agents: Sequence[str] | None = None,
        states: Sequence[str] | None = None,
        actions: Sequence | None = None,
        observations=None,
        horizon: int | None = None,
        name: str = "Markov game",
        layout: Any = None,
    ):
        successors, rewards = model_checks.model(transitions, rewards)
        n_agents, n_states, *n_actions = rewards.shape
        values = {
            "successors": successors,
            "rewards": rewards,
            "discount": checks.number("discount", discount, 0, 1),
            "agents": checks.names("agents", agents, n_agents, "agent {}", first=1),
            "states": checks.names("states", states, n_states, "s{}"),
            "actions": model_checks.action_names(actions, tuple(n_actions)),
            "observations": model_checks.observations(observations, n_agents, n_states),
            "horizon": None if horizon is None else checks.integer("horizon", horizon, 1, checks.LONGEST),
            "name": str(name),
            "layout": layout,
        }
        values["start"] = model_checks.start(start, values["states"])
        values["terminal"] = model_checks.terminal(terminal, values["states"], successors, rewards)
        for field in fields(self):
            value = values[field.name]
            if isinstance(value, np.ndarray):
                value.flags.writeable = False
            object.__setattr__(self, field.name, value)

    def __repr__(self) -> str:
        counts = ((self.n_agents, "agent"), (self.n_states, "state"))
        agents, states = (f"{count} {what}{'' if count == 1 else 's'}" for count, what in counts)
        sizes = " x ".join(map(str, self.n_actions))
        actions = "1 action" if self.n_actions == (1,) else f"{sizes} actions"
        return f"MarkovGame({self.name!r}: {agents}, {states}, {actions}, discount {self.discount:g}, {self.setting})"

    @property
    def n_agents(self) -> int:
        """Number of agents, N."""
        return self.rewards.shape[0]

    @property
    def n_states(self) -> int:
        """Number of states, S."""
        return self.rewards.shape[1]

    @property
    def n_actions(self) -> tuple[int, ...]:
        """Number of actions of each agent, (A_1, ..., A_N)."""
        return self.rewards.shape[2:]

    @property
    def n_joint_actions(self) -> int:
        """Number of joint actions, J: the product of ``n_actions``."""
        return int(np.prod(self.n_actions))

    @cached_property
    def n_observations(self) -> tuple[int, ...]:
        """Number of observations of each agent."""
        return tuple(int(row.max()) + 1 for row in self.observations)

    @cached_property
    def transitions(self) -> np.ndarray:
        """The dense face, (S, A_1, ..., A_N, S), made when first asked for.

        Raises
        ------
        ValueError
            If it would have more than ``DENSE_LIMIT`` entries: use ``successors`` then.
        """
        shape = (self.n_states, *self.n_actions, self.n_states)
        if np.prod(shape, dtype=float) > DENSE_LIMIT:
            raise ValueError(f"transitions of shape {shape} are too large to write out; use game.successors instead")
        dense = self.successors.dense(self.n_states).reshape(shape)
        dense.flags.writeable = False
        return dense

    @cached_property
    def setting(self) -> str:
        """``'cooperative'`` (all rewards equal), ``'zero-sum'`` (they sum to 0) or ``'general-sum'``; computed."""
        tables = self.rewards if self.successors.rewards is None else self.successors.rewards
        tolerance = 1e-9 * max(1.0, float(np.abs(tables).max()))
        if np.abs(tables - tables[:1]).max() <= tolerance:
            return "cooperative"
        if np.abs(tables.sum(axis=0)).max() <= tolerance:
            return "zero-sum"
        return "general-sum"

    def joint_index(self, joint_action: Sequence[int]) -> int:
        """Number of a joint action in C order: the last agent's action varies fastest."""
        return int(np.ravel_multi_index(model_checks.joint_action(joint_action, self.n_actions), self.n_actions))

    def sample(self, state: int, joint_action: Sequence[int], rng: np.random.Generator) -> tuple[int, np.ndarray]:
        """Draw one step: the next state and the reward of every agent, (N,).

        A generator must be given, and is consulted only where there is more than one outcome.

        >>> from marl_edu.games import climbing
        >>> climbing().sample(0, (0, 0), np.random.default_rng(0))
        (0, array([11., 11.]))
        """
        state = checks.integer("state", state, 0, self.n_states - 1)
        pair = state * self.n_joint_actions + self.joint_index(joint_action)
        checks.generator("rng", rng)
        first, last = self.successors.offsets[pair : pair + 2]
        chosen = first
        if last - first > 1:
            cumulative = np.cumsum(self.successors.probabilities[first:last])
            chosen = min(first + int(np.searchsorted(cumulative, rng.random(), side="right")), last - 1)
        if self.successors.rewards is not None:
            rewards = self.successors.rewards[:, chosen].copy()
        else:
            rewards = self.rewards.reshape(self.n_agents, -1)[:, pair].copy()
        return int(self.successors.states[chosen]), rewards

    def replace(self, **changes) -> MarkovGame:
        """The same game with some fields changed; unknown names are an error."""
        kept = {field.name: getattr(self, field.name) for field in fields(self)}
        kept["transitions"] = kept.pop("successors")
        if "transitions" in changes and "rewards" not in changes:
            raise ValueError("replace: new transitions need new rewards as well")
        unknown = set(changes) - set(kept)
        if unknown:
            raise ValueError(f"replace: unknown field {sorted(unknown)[0]!r}; a MarkovGame has {', '.join(kept)}")
        if "rewards" in changes and "transitions" not in changes:
            found = kept["transitions"]
            kept["transitions"] = Successors(found.offsets, found.states, found.probabilities)
        return MarkovGame(**(kept | changes))

    def parallel_env(self, max_steps: int | None = None, render_mode: str | None = None):
        """The game as a PettingZoo ``ParallelEnv``; see ``marl_edu.games.faces``."""
        from marl_edu.games.faces import MarkovParallelEnv

        return MarkovParallelEnv(self, max_steps=max_steps, render_mode=render_mode)

    def single_agent_env(
        self, agent: int | str = 0, others=None, max_steps: int | None = None, render_mode: str | None = None
    ):
        """The game as one agent's ``gymnasium.Env``, the others following fixed policies; see ``faces``."""
        from marl_edu.games.faces import MarkovSingleAgentEnv

        return MarkovSingleAgentEnv(self, agent, others, max_steps=max_steps, render_mode=render_mode)

    def agent_index(self, agent: int | str) -> int:
        """Number of an agent given by number or name."""
        return checks.index_of("agent", agent, self.agents)
