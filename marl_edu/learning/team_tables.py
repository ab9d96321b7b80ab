"""What a team's networks say of a game in which everything can be listed: tables of values, and exact greedy returns.

Legend of axes: K seeds, N agents, S states, O observations (most of any agent), A actions (most of any agent), J joint
actions, F features of an observation, G features of a state.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from marl_edu.games import MarkovGame

LARGEST_TABLE = 4096
"""Pairs of state and joint action up to which a frame holds the tables."""

PART = 4096
"""Observations that are evaluated at once."""


class TeamTables:
    """Every observation and every joint action of a game, in the form that networks take.

    Parameters
    ----------
    game : MarkovGame
        The world.
    encode : function of states (N, O) or (S,) that gives observations (..., N, F) and states (..., G)
        As ``GameWorld.encode`` does.

    Attributes
    ----------
    observations : (N, O, F) tensor
        What agent i sees when it sees o. Zeros where there is no such observation.
    states : (S, G) tensor
        Features of every state.
    joint_actions : (J, N) tensor
        In C order: the last agent's action varies fastest.
    """

    def __init__(self, game: MarkovGame, encode: Callable):
        self.game = game
        self.small = game.n_states * game.n_joint_actions <= LARGEST_TABLE
        n_observations, agents = max(game.n_observations), range(game.n_agents)
        seen_in = np.full((game.n_agents, n_observations), -1)
        for i in agents:
            going = np.flatnonzero(~game.terminal)  # where nobody acts any more, there is nothing to say
            seen_in[i, game.observations[i, going]] = going  # any state in which it is seen will do
        features, self.states = map(torch.from_numpy, encode({"state": np.arange(game.n_states)}))
        self.observations = torch.stack([features[seen_in[i], i] for i in agents])
        self.observations[torch.from_numpy(seen_in < 0)] = 0
        exists = np.arange(max(game.n_actions)) < np.array(game.n_actions)[:, None]
        self.exists = (seen_in >= 0)[:, :, None] & exists[:, None, :]  # N, O, A
        self.joint_actions = torch.from_numpy(np.indices(game.n_actions).reshape(game.n_agents, -1).T.copy())

    def individual(self, values_of: Callable, seeds: int) -> np.ndarray:
        """Each agent's values Q_i(o_i, a_i), (K, N, O, A); NaN where there is no such observation or action.

        ``values_of`` takes observations (K, N, B, F) and gives values (K, N, B, A).
        """
        parts = self.observations.expand(seeds, -1, -1, -1).split(PART, dim=2)
        with torch.no_grad():
            found = torch.cat([values_of(part) for part in parts], dim=2).numpy()
        return np.where(self.exists, found, np.float32(np.nan))

    def joint(self, team_value: Callable, individual: np.ndarray) -> dict[str, np.ndarray]:
        """The team's values of every joint action in every state, (K, S, A_1, ..., A_N); NaN in terminal states.

        ``team_value`` takes the agents' values of the actions taken (K, B, N), the actions (K, B, N) and states
        (K, B, G), and gives named tensors (K, B).
        """
        game, seeds = self.game, len(individual)
        n_states, (n_joint, n_agents) = game.n_states, self.joint_actions.shape
        seen = game.observations.T[:, None, :]  # S, 1, N
        chosen = np.nan_to_num(individual)[:, np.arange(n_agents), seen, self.joint_actions.numpy()]  # K, S, J, N
        actions = self.joint_actions.repeat(n_states, 1).expand(seeds, -1, -1)
        states = self.states.repeat_interleave(n_joint, dim=0).expand(seeds, -1, -1)
        with torch.no_grad():
            named = team_value(torch.from_numpy(chosen).flatten(1, 2), actions, states)
        tables = {name: found.numpy().reshape(seeds, n_states, *game.n_actions).copy() for name, found in named.items()}
        for table in tables.values():
            table[:, game.terminal] = np.nan
        return tables

    def greedy_returns(self, individual: np.ndarray) -> np.ndarray:
        """Exact expected discounted return if every agent takes its best action, (K, N).

        Of equal values the first is taken, as when it is played: see ``best_actions``.
        """
        from marl_edu.planning import deterministic_returns

        return deterministic_returns(self.game, np.nan_to_num(individual, nan=-np.inf).argmax(axis=-1))
