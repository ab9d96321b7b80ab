"""Joint and individual values as they are passed to ``igm``: read, checked, and brought to fit each other.

Legend of axes: N agents, A_i actions of agent i, A the most of any; a leading ``...`` is whatever comes before.
"""

from __future__ import annotations

import numpy as np

from marl_edu.games import checks


def fitting(joint, individual) -> tuple[np.ndarray, list[np.ndarray]]:
    """Joint values (..., A_1, ..., A_N) and individual ones (..., A_i) of the same game and states.

    Where all joint values of a state are NaN, nothing is known, and all actions are made equally good.
    """
    joint, individual = _floats("joint", joint), _agent_by_agent(individual)
    counts = tuple(own.shape[-1] for own in individual)
    for agent, own in enumerate(individual):
        if (*own.shape[:-1], *counts) != joint.shape:
            raise ValueError(
                f"joint has shape {joint.shape} and agent {agent + 1} values of shape {own.shape}; expected joint "
                f"values of shape {(*own.shape[:-1], *counts)}"
            )
    actions = tuple(range(-len(counts), 0))
    unknown = np.isnan(joint).all(axis=actions)
    joint = np.where(np.expand_dims(unknown, actions), joint.dtype.type(0), joint)
    individual = [np.where(unknown[..., np.newaxis], own.dtype.type(0), own) for own in individual]
    return finite("joint", joint), _known(individual)


def own_values(individual) -> list[np.ndarray]:
    """Values agent by agent, (..., A_i) each, without actions that an agent never has."""
    return _known(_agent_by_agent(individual))


def finite(field: str, values) -> np.ndarray:
    """Floats of the type they came in, all finite."""
    values = _floats(field, values)
    if not values.ndim or not values.size or not np.isfinite(values).all():
        raise ValueError(f"{field} has shape {values.shape}; expected a table of finite numbers")
    return values


def _agent_by_agent(individual) -> list[np.ndarray]:
    listed = isinstance(individual, list | tuple)
    arrays = individual if listed else checks.numeric("individual", individual)
    if checks.length(arrays) in (None, 0) or (not listed and arrays.ndim < 2):
        raise ValueError(
            f"individual is {checks.shown(individual)}; expected (..., N, A), or a list of arrays (..., A_i)"
        )
    if not listed:
        arrays = np.moveaxis(arrays, -2, 0)
    return [_cut(f"individual values of agent {i + 1}", own) for i, own in enumerate(arrays)]


def _cut(field: str, values) -> np.ndarray:
    """Floats of one agent, without the last actions if they are NaN everywhere."""
    values = _floats(field, values)
    there = ~np.isnan(values)
    if not values.ndim or not there.any():
        raise ValueError(f"{field} has shape {values.shape}; expected finite numbers, at least one in each state")
    return values[..., : np.flatnonzero(there.any(axis=tuple(range(values.ndim - 1))))[-1] + 1]


def _known(individual: list[np.ndarray]) -> list[np.ndarray]:
    """The same, if every agent has a value in every state."""
    for agent, own in enumerate(individual):
        if np.isinf(own).any() or np.isnan(own).all(axis=-1).any():
            raise ValueError(
                f"individual values of agent {agent + 1} has shape {own.shape}; expected finite numbers, at least one "
                "in each state"
            )
    return individual


def _floats(field: str, values) -> np.ndarray:
    values = checks.numeric(field, values)
    return values if values.dtype in (np.float32, np.float64) else values.astype(float)
