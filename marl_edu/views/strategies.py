"""What pictures of mixed policies read: the payoffs in force, their equilibria, runs as lines, settings of a field.

Legend of axes: T moments, K seeds, N agents, A actions (most of any agent), E equilibria.
"""

from __future__ import annotations

import inspect
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from marl_edu.games import matrix_game
from marl_edu.recording import Recording
from marl_edu.views.present import seed_index

MOST_POINTS = 600
"""Points of a run that are drawn."""

MOST_RUNS = 40
"""Runs that are drawn: with more, nobody could follow one."""


class Answers(NamedTuple):
    """All equilibria of one pair of payoff tables, as arrays.

    ``policies`` (E, 2, A) are padded with NaN, ``payoffs`` are (E, 2). ``subsets`` are positions of equilibria:
    whatever lies between those of one subset is an equilibrium too. ``words`` says it all in sentences.
    """

    policies: np.ndarray
    payoffs: np.ndarray
    subsets: tuple[tuple[int, ...], ...]
    words: str


def answers_to(recording: Recording, tables: np.ndarray) -> Answers:
    """The equilibria of payoff tables (2, A_1, A_2), in the names of the recorded game; the latest are remembered."""
    tables = np.ascontiguousarray(tables, dtype=float)
    agents, actions = names(recording, tables)
    return _answers(tables.tobytes(), tables.shape, tuple(agents), tuple(map(tuple, actions)))


@lru_cache(maxsize=64)
def _answers(numbers: bytes, shape: tuple[int, ...], agents, actions) -> Answers:
    from marl_edu.planning.equilibria import equilibria

    found = equilibria(matrix_game(np.frombuffer(numbers).reshape(shape), agents=agents, actions=actions))
    policies = np.full((len(found), 2, max(shape[1:])), np.nan)
    for e, equilibrium in enumerate(found):
        for i, policy in enumerate(equilibrium.policies):
            policies[e, i, : shape[1 + i]] = policy[0]
    payoffs = np.array([equilibrium.payoffs for equilibrium in found]).reshape(-1, 2)
    return Answers(policies, payoffs, found.nash_subsets, found.words())


def tables_in_force(recording: Recording, t: int, who: str) -> np.ndarray:
    """The payoffs (2, A_1, A_2) at moment ``t``: those of the frame, else of the recorded game.

    Raises
    ------
    ValueError
        If there are neither, or not two agents and one state.
    """
    if "tables" in recording[t]:
        tables = recording[t]["tables"]
        if tables.ndim != 4 or tables.shape[1] != 2:
            raise ValueError(f"{who}: 'tables' has shape {tables.shape} in a frame; expected (seeds, 2, A_1, A_2)")
        return tables[0]
    game = recording.game
    if game is None or game.n_states != 1 or game.n_agents != 2:
        found = "no game" if game is None else f"a game of {game.n_agents} agents and {game.n_states} states"
        raise ValueError(
            f"{who}: no array 'tables' was recorded, and {found}; expected payoffs of two agents in one state"
        )
    return np.asarray(game.rewards[:, 0])


def names(recording: Recording, tables: np.ndarray) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Names of the agents, and of the actions of each."""
    game = recording.game
    if game is not None and tuple(game.n_actions) == tables.shape[1:]:
        return game.agents, list(game.actions)
    return ("agent 1", "agent 2"), [tuple(f"a{a}" for a in range(count)) for count in tables.shape[1:]]


def initials(words) -> list[str]:
    """First letters, as many as tell the words apart, else numbers.

    >>> initials(["heads", "tails"]), initials(["swerve", "straight"]), initials(["action 1", "action 2"])
    (['H', 'T'], ['Sw', 'St'], ['1', '2'])
    """
    for length in (1, 2, 3):
        letters = [word.strip()[:length].capitalize() for word in words]
        if all(letters) and len(set(letters)) == len(letters):
            return letters
    return [str(k + 1) for k in range(len(words))]


def runs(recording: Recording, name: str, t: int, who: str) -> np.ndarray:
    """An array of one entry per seed up to moment ``t``, thinned evenly: (T, K, ...), the first ``MOST_RUNS`` seeds.

    The last of T is always moment ``t``.
    """
    seed_index(recording, 0, who, name)
    moments = np.arange(t, -1, -max(1, -(-(t + 1) // MOST_POINTS)))[::-1]
    if moments[0]:
        moments = np.append(0, moments)
    return recording.series(name)[moments, :MOST_RUNS]


def as_one_line(points: np.ndarray) -> np.ndarray:
    """Ways of all seeds, (T, K, 2), as one line with gaps (NaN) between them, (K (T + 1), 2): it paints faster.

    >>> as_one_line(np.zeros((2, 3, 2))).shape
    (9, 2)
    """
    gaps = np.full((1, *points.shape[1:]), np.nan)
    return np.concatenate([points, gaps]).swapaxes(0, 1).reshape(-1, 2)


def settings_of(field, given: dict, recorded: dict) -> dict:
    """What a field is called with: its arguments that are recorded hyperparameters, and whatever was given for it.

    A field with ``**settings`` gets all that was recorded.

    >>> settings_of(lambda tables, policies, temperature: policies, {}, {"temperature": 0.5, "step_size": 0.1})
    {'temperature': 0.5}
    """
    try:
        taken = list(inspect.signature(field).parameters.values())[2:]
    except ValueError:  # some compiled functions don't tell what they take
        taken = []
    if any(argument.kind is argument.VAR_KEYWORD for argument in taken):
        return recorded | given
    return {argument.name: recorded[argument.name] for argument in taken if argument.name in recorded} | given


def arrows(field, tables: np.ndarray, policies: np.ndarray, settings: dict, who: str) -> np.ndarray:
    """Where a field drives policies (G, N, A): velocities of the same shape.

    Raises
    ------
    ValueError
        If the field gives back something else.
    """
    everywhere = np.broadcast_to(tables, (len(policies), *tables.shape))
    found = np.asarray(field(everywhere, policies, **settings), dtype=float)
    if found.shape != policies.shape:
        raise ValueError(f"{who}: field gave an array of shape {found.shape}; expected {policies.shape}")
    return np.nan_to_num(found, posinf=0, neginf=0)
