"""Where one run stands in a frame: its seed, its present state, the episode so far, and what is greedy.

Legend of axes: K seeds, O observations, A actions, L trace.
"""

from __future__ import annotations

import numpy as np

from marl_edu.algorithm import Frame
from marl_edu.games import MarkovGame, checks
from marl_edu.recording import Recording


def seed_index(recording: Recording, seed: int, who: str, array: str = "q") -> int:
    """A seed's number, checked against the recording.

    Raises
    ------
    ValueError
        If there is no such seed in this array, or no such array.
    """
    if array not in recording[0]:
        raise ValueError(f"{who}: no array {array!r} was recorded; there is {', '.join(recording[0])}")
    return checks.integer(f"{who}: seed", seed, 0, recording[0][array].shape[0] - 1)


def episode_of(game: MarkovGame, frame: Frame, seed: int) -> list[int]:
    """States of the latest episode as far as the trace goes, oldest first; never empty.

    Where the world starts is added only if there is one such place, and if the trace is long enough to know it.
    """
    start = int(np.argmax(game.start))
    visited = frame["trace"][seed] if "trace" in frame else np.array([], dtype=int)
    visited = [int(state) for state in visited if state >= 0]
    if not visited:
        return [start]
    first = next((k + 1 for k in range(len(visited) - 2, -1, -1) if game.terminal[visited[k]]), 0)
    began = first > 0 or len(visited) < len(frame["trace"][seed])
    return ([start] if began and game.start[start] == 1 else []) + visited[first:]


def way_of(game: MarkovGame, frame: Frame, seed: int) -> list[int]:
    """States of the latest episode, as ``episode_of`` says, but none from before a step that the world can't make.

    An episode that its horizon has cut off is followed by one that begins elsewhere, where no step leads to.
    """
    way = episode_of(game, frame, seed)
    offsets, leads_to = game.successors.offsets, game.successors.states
    for k in range(len(way) - 1, 0, -1):
        first, last = offsets[way[k - 1] * game.n_joint_actions], offsets[(way[k - 1] + 1) * game.n_joint_actions]
        if way[k] not in leads_to[first:last]:
            return way[k:]
    return way


def state_of(game: MarkovGame, frame: Frame, seed: int) -> int:
    """The present state, or, if the episode has just ended, the last one in which anybody could act."""
    way = episode_of(game, frame, seed)
    return way[-2] if game.terminal[way[-1]] and len(way) > 1 else way[-1]


def greedy(table: np.ndarray) -> np.ndarray:
    """Which actions (last axis) are the largest, or as good as: float32 tables, so to five digits; NaN never is."""
    table = np.where(np.isfinite(table), table, -np.inf)
    best = table.max(axis=-1, keepdims=True)
    best = np.where(np.isfinite(best), best, 0)
    return table >= best - 1e-5 * np.maximum(1, np.abs(best))


def game_of(recording: Recording, who: str) -> MarkovGame:
    """The game that was recorded in.

    Raises
    ------
    ValueError
        If the recording carries none.
    """
    if recording.game is None:
        raise ValueError(
            f"{who}: the recording carries no game; expected one "
            "(a recording read from a file gets it by Recording.load(path, game=...))"
        )
    return recording.game
