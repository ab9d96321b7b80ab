"""A recording as one ``.npz`` file of plain arrays and JSON text: safe to read from strangers.

A game is not written down, since it may hold anything. Whoever reads the file may hand over the one it was recorded in,
and what the arrays show of their game must hold for that one: how many agents, states, steps there are.

Legend of axes: T moments kept, K seeds, N agents, O observations, A actions, J joint actions.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np

from marl_edu import array_file
from marl_edu.games import MarkovGame, ParticleWorld

FORMAT = 1
"""Version of the file format."""

OF_TABLES = {"q", "preferences", "joint_q", "trace"}
"""Arrays of a frame that only learners in a Markov game have."""

OF_PARTICLES = {"episode_positions", "episode_landmarks", "episode_goals", "episode_words"}
"""Arrays of a frame that only learners in a particle world have."""


def save(recording, path: str | os.PathLike) -> None:
    """Write everything but the game."""
    moments = range(len(recording))
    header = {
        "format": FORMAT,
        "algorithm": recording.algorithm,
        "unit": recording.unit,
        "references": recording.references,
        "budget": recording.budget,
        "stride": recording._stride,
        "arrivals": recording._arrivals,
        "hyperparameters": [recording.hyperparameters(t) for t in moments],
    }
    arrays = {f"frame/{name}": recording.series(name) for name in (recording[0] if moments else ())}
    text = json.dumps(header, default=lambda value: value.item())  # a numpy number becomes a plain one
    with open(path, "wb") as file:
        np.savez_compressed(file, header=np.array(text), units=recording.units, **arrays)


def load(kind: type, path: str | os.PathLike, game=None):
    """Read a file that ``save`` wrote as a ``Recording``, which is the ``kind``.

    Raises
    ------
    ValueError
        If the file is not such a recording, is of another version, or was not recorded in this game.
    """
    if game is not None and not isinstance(game, MarkovGame | ParticleWorld):
        raise ValueError(f"game is {type(game).__name__}; expected a MarkovGame or a ParticleWorld")
    name = Path(path).name
    header, arrays = array_file.read(path, "recording", "format", FORMAT)
    try:
        recording = _of_parts(kind, header, arrays, game)
    except Exception as error:
        raise ValueError(f"{name} is damaged ({error!r})") from None
    if game is not None and len(recording):
        _expect_recorded_in(game, recording[0], name)
    return recording


def _of_parts(kind: type, header: dict, arrays: dict[str, np.ndarray], game):
    units = arrays["units"]
    series = {name.removeprefix("frame/"): values for name, values in arrays.items() if name.startswith("frame/")}
    recording = kind(header["algorithm"], header["unit"], header["references"], game, header["budget"])
    frames = [dict(zip(series, values, strict=True)) for values in zip(*series.values(), strict=True)]
    if len(frames) != len(units):
        raise ValueError(f"{len(frames)} frames for {len(units)} moments")
    moments = zip(units.tolist(), frames, header["hyperparameters"], strict=True)
    recording._restore(moments, int(header["stride"]), int(header["arrivals"]))
    return recording


def _expect_recorded_in(game: MarkovGame | ParticleWorld, frame: dict[str, np.ndarray], name: str) -> None:
    """Refuse a game of another kind, or one whose learners' arrays have other shapes than these."""
    of_particles = isinstance(game, ParticleWorld)
    if foreign := sorted(frame.keys() & (OF_TABLES if of_particles else OF_PARTICLES)):
        kind, other = ("particle world", "Markov game") if of_particles else ("Markov game", "particle world")
        raise ValueError(
            f"{name} was recorded in another game: its {foreign[0]} is of a {other}; {game.name!r} is a {kind}"
        )
    wanted = _in_particles(game) if of_particles else _in_tables(game)
    agents = ("agents",), (game.n_agents,)
    for array, (axes, shape) in ({"greedy_return": agents, "episode_return": agents} | wanted).items():
        if array in frame and frame[array].shape[1:] != shape:
            raise ValueError(
                f"{name} was recorded in another game: its {array} has shape {frame[array].shape[1:]} after the seeds; "
                f"this game has {', '.join(f'{n} {axis}' for axis, n in zip(axes, shape, strict=True))}"
            )
    if "trace" in frame and frame["trace"].max(initial=-1) >= game.n_states:
        raise ValueError(
            f"{name} was recorded in another game: it visits state {frame['trace'].max()}; this game has "
            f"{game.n_states} states, numbered from 0"
        )


def _in_tables(game: MarkovGame) -> dict[str, tuple[tuple[str, ...], tuple[int, ...]]]:
    """Axes and shapes, without the seeds, that arrays have in this game."""
    n_agents, n_observations = game.n_agents, max(game.n_observations)
    table = ("agents", "observations", "actions"), (n_agents, n_observations, max(game.n_actions))
    joint = ("agents", "observations", "joint actions"), (n_agents, n_observations, game.n_joint_actions)
    return {"q": table, "preferences": table, "joint_q": joint}


def _in_particles(world: ParticleWorld) -> dict[str, tuple[tuple[str, ...], tuple[int, ...]]]:
    """Axes and shapes, without the seeds, that arrays have in this world."""
    moments, n_agents = world.max_steps + 1, world.n_agents
    return {
        "episode_positions": (("moments", "agents", "coordinates"), (moments, n_agents, 2)),
        "episode_landmarks": (("landmarks", "coordinates"), (world.n_landmarks, 2)),
        "episode_words": (("moments", "agents", "words"), (moments, n_agents, world.vocabulary)),
    }
