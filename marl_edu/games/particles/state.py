"""Who is in a particle world, and where they stand.

Legend of axes: N agents, L landmarks, C words; before them, as ``...``, any axes that count copies of the world.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from marl_edu.games import checks


class Body(NamedTuple):
    """One agent, a disc.

    Parameters
    ----------
    name : str
        As in MPE2.
    size : float
        Radius.
    solid : bool
        Whether it bumps into others; otherwise it passes through all.
    strength : float
        Force of a full control.
    top_speed : float
        It gets no faster.
    moves, speaks : bool
        Whether it can move, and whether it can say a word.
    adversary : bool
        Whether it plays against the rest.
    """

    name: str
    size: float = 0.05
    solid: bool = True
    strength: float = 5.0
    top_speed: float = np.inf
    moves: bool = True
    speaks: bool = False
    adversary: bool = False


class State(NamedTuple):
    """All that a particle world has to remember.

    Parameters
    ----------
    positions, velocities : (..., N, 2) arrays
        Of the agents.
    landmarks : (..., L, 2) array
        Where they lie.
    goals : (...) array of int
        Which landmark is the goal; 0 in a world without one.
    words : (..., N, C) array
        What each agent said last.
    steps : int or None
        Steps that the episode has had; None before the first.
    """

    positions: np.ndarray
    velocities: np.ndarray
    landmarks: np.ndarray
    goals: np.ndarray
    words: np.ndarray
    steps: int | None = 0


OWN_AXES = (2, 2, 2, 0, 2)
"""Of each array of a state, the axes that don't count copies."""


def nowhere(n_agents: int, n_landmarks: int, vocabulary: int) -> State:
    """One world with everything at the origin, not begun."""
    agents, words = np.zeros((n_agents, 2)), np.zeros((n_agents, vocabulary))
    return State(agents, agents, np.zeros((n_landmarks, 2)), np.zeros((), dtype=int), words, None)


def checked(state: State, like: State, max_steps: int) -> State:
    """A state whose arrays fit together and a world of this kind, or a ``ValueError``."""
    if not isinstance(state, State):
        raise ValueError(f"state is {checks.shown(state)}; expected a State of a particle world")
    found = [checks.array(f"state.{field}", getattr(state, field)) for field in State._fields[:-1]]
    copies = np.shape(state.goals)
    for field, array, one in zip(State._fields, found, like, strict=False):
        if array.shape != copies + one.shape:
            raise ValueError(f"state.{field} has shape {array.shape}; expected {copies + one.shape}")
    goals, last = checks.integers("state.goals", state.goals), max(len(like.landmarks) - 1, 0)
    if goals.size and not 0 <= goals.min() <= goals.max() <= last:
        raise ValueError(f"state.goals has {goals.min()} to {goals.max()}; expected 0 to {last}")
    return State(*found, checks.integer("state.steps", state.steps, 0, max_steps))._replace(goals=goals)


def copies_inside(array: np.ndarray, own_axes: int = 2) -> np.ndarray:
    """The same array with the axes of copies innermost in memory, though still first by index.

    numpy's loops run along what is innermost: over a thousand copies rather than over x and y, which makes the step of
    a world twice as fast. What is computed from such arrays lies in the same order.
    """
    own, first = range(-own_axes, 0), range(own_axes)
    return np.moveaxis(np.asarray(np.moveaxis(array, own, first), order="C"), first, own)


def flat(places: np.ndarray) -> np.ndarray:
    """(..., M, n) laid end to end, (..., M n)."""
    *copies, m, n = places.shape
    return places.reshape(*copies, m * n)
