"""Observations and states of a Markov game as vectors, which is what networks read.

A game whose ``layout`` has ``observation_features`` (N, S, F) or ``state_features`` (S, G) says itself what to read;
otherwise each observation, or state, has one feature of its own, which is 1 there and 0 elsewhere.

Legend of axes: N agents, S states, F features of an observation, G features of a state.
"""

from __future__ import annotations

import numpy as np

from marl_edu.games import MarkovGame, checks

LARGEST_ONE_HOT = 4096
"""Most states or observations that are told apart by one feature each."""


def observation_features(game: MarkovGame) -> np.ndarray:
    """What each agent sees in each state as a vector, (S, N, F) float32.

    >>> from marl_edu.games import climbing
    >>> observation_features(climbing()).tolist()
    [[[1.0], [1.0]]]
    """
    found = getattr(game.layout, "observation_features", None)
    if found is not None:
        return _expect_features("observation_features", found, (game.n_agents, game.n_states)).swapaxes(0, 1).copy()
    most = max(game.n_observations)
    _expect_few("observations", most, "observation_features")
    return np.eye(most, dtype=np.float32)[game.observations.T]


def state_features(game: MarkovGame) -> np.ndarray:
    """Each state as a vector, (S, G) float32."""
    found = getattr(game.layout, "state_features", None)
    if found is not None:
        return _expect_features("state_features", found, (game.n_states,))
    _expect_few("states", game.n_states, "state_features")
    return np.eye(game.n_states, dtype=np.float32)


def _expect_features(name: str, given, leading: tuple[int, ...]) -> np.ndarray:
    found = checks.array(f"layout.{name}", given)
    if found.ndim != len(leading) + 1 or found.shape[:-1] != leading or not found.shape[-1]:
        wanted = " x ".join(map(str, leading))
        raise ValueError(f"layout.{name} has shape {found.shape}; expected {wanted} x at least one feature")
    return found.astype(np.float32)


def _expect_few(what: str, count: int, instead: str) -> None:
    if count > LARGEST_ONE_HOT:
        raise ValueError(
            f"the game has {count:,} {what}, too many for one feature each; expected at most {LARGEST_ONE_HOT:,}, or a "
            f"layout with {instead}"
        )
