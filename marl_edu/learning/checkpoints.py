"""A learner in a particle world as one ``.npz`` file of plain arrays and JSON text: safe to read from strangers.

Who resumes from it goes on exactly as if nothing had happened: networks and what their optimisers remember, the
replay, the worlds in mid-episode and the state of every random stream are in it.

Legend of axes: K seeds, W copies of the world, N agents.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import torch

from marl_edu import array_file
from marl_edu.algorithm import HyperparameterError
from marl_edu.games.particles import ParticleWorld, State

FORMAT = 1
"""Version of the file format."""


class Checkpointed:
    """A ``ParticleLearner`` as what can be written to a file; what a subclass adds, it adds to ``_places`` and
    ``_counters``.
    """

    def save(self, path: str | os.PathLike) -> None:
        """Write all there is to one ``.npz`` file of plain arrays and JSON text; ``resume`` goes on from it.

        A file that was there is replaced once all is written.

        Raises
        ------
        OSError
            If this can't be the name of a file, or there is no room for it. What was there before is still there.
        """
        path = Path(path)
        if path.is_dir():
            raise IsADirectoryError(f"{str(path)!r} is a folder; expected the name of a file, such as 'learner.npz'")
        if not path.parent.is_dir():
            raise FileNotFoundError(f"there is no folder {str(path.parent)!r}; expected one to write {path.name} into")
        header, arrays = _parts(self)
        beside = path.with_name(path.name + ".part")
        try:
            with open(beside, "wb") as file:
                np.savez(file, header=np.array(json.dumps(header)), **arrays)
            os.replace(beside, path)
        finally:
            beside.unlink(missing_ok=True)

    @classmethod
    def resume(cls, path: str | os.PathLike, world: ParticleWorld, *, device: str = "cpu") -> Checkpointed:
        """The learner that ``save`` wrote, as it stood: it goes on as if nothing had happened. Safe with any file.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If the file is no checkpoint, is damaged, is of another version or algorithm, or was written in another
            world.
        HyperparameterError
            If this learner can't be made here: no such device, not enough room, a hyperparameter that is not known.
        """
        name = Path(path).name
        if not isinstance(world, ParticleWorld):
            raise ValueError(f"world is {world!r:.60}; expected the ParticleWorld in which {name} was written")
        header, arrays = array_file.read(path, "checkpoint", "checkpoint", FORMAT)
        if header.get("algorithm") != cls.__name__:
            raise ValueError(f"{name} is of the algorithm {header.get('algorithm')!r}; expected {cls.__name__!r}")
        _expect_same_world(name, header.get("world"), facts(world))
        try:
            learner = cls(world, device=device, seeds=header["seeds"], seed=header["seed"], **header["built_with"])
            learner.set(**header["hyperparameters"])
            _put_back(learner, header, arrays)
        except HyperparameterError as error:  # the file is whole
            raise HyperparameterError(f"{name} can't be resumed here: {error}") from None
        except Exception as error:
            raise ValueError(f"{name} is damaged ({error!r:.200})") from None
        return learner

    def _places(self) -> dict[str, np.ndarray | torch.Tensor]:
        """All arrays that change while it learns, by name; whoever writes into them changes the learner."""
        kept = {f"replay {name}": values for name, values in self._replay.kept.items()}
        diary = {name: getattr(self._diary, name) for name in ("returns", "sums", "counts", "last")}
        return {"noise": self._noise.block, **diary, **kept}

    def _counters(self) -> dict[str, tuple[object, str]]:
        """All whole numbers that change while it learns: whose attribute, and its name."""
        return {
            "units done": (self, "_units_done"),
            "noise used": (self._noise, "used"),
            "steps": (self._diary, "steps"),
            "replay filled": (self._replay, "_filled"),
            "replay next": (self._replay, "_next"),
        }


def _parts(learner: Checkpointed) -> tuple[dict, dict[str, np.ndarray]]:
    """A header of plain values, and arrays by name."""
    header = {
        "checkpoint": FORMAT,
        "algorithm": type(learner).__name__,
        "world": facts(learner._world),
        "seeds": learner.seeds,
        "seed": learner.seed,
        "built_with": learner._built_with,
        "hyperparameters": learner.hyperparameters,
        "streams": {name: [rng.bit_generator.state for rng in rngs] for name, rngs in learner._streams.items()},
        "counters": {name: int(getattr(*place)) for name, place in learner._counters().items()},
        "steps": learner._world.steps,
    }
    arrays = {
        name: place.cpu().numpy() if torch.is_tensor(place) else place for name, place in learner._places().items()
    }
    for field, values in zip(State._fields[:-1], learner._world.state, strict=False):
        arrays[f"world {field}"] = values
    return header, arrays


def facts(world: ParticleWorld) -> dict:
    """What tells this world from others: its name, and all its plain settings."""
    settings = {name: value for name, value in vars(world).items() if not name.startswith("_") and name != "steps"}
    plain = {name: value for name, value in settings.items() if isinstance(value, bool | int | float | str | tuple)}
    return json.loads(json.dumps({"name": world.name, **dict(sorted(plain.items()))}))


def _expect_same_world(name: str, written, given: dict) -> None:
    written = written if isinstance(written, dict) else {}
    for fact in sorted(given.keys() | written.keys()):
        if written.get(fact) != given.get(fact):
            raise ValueError(
                f"{name} was written in another world: its {fact} is {written.get(fact)!r:.80}; "
                f"this one's is {given.get(fact)!r:.80}"
            )


def _put_back(learner, header: dict, arrays: dict[str, np.ndarray]) -> None:
    for name, (owner, attribute) in learner._counters().items():
        object.__setattr__(owner, attribute, int(header["counters"][name]))
    for name, rngs in learner._streams.items():
        for rng, state in zip(rngs, header["streams"][name], strict=True):
            rng.bit_generator.state = state
    for name, place in learner._places().items():
        if arrays[name].shape != tuple(place.shape):
            raise ValueError(f"{name} has shape {arrays[name].shape}; expected {tuple(place.shape)}")
        place[...] = torch.from_numpy(arrays[name]).to(place.device) if torch.is_tensor(place) else arrays[name]
    learner._world.state = State(*(arrays[f"world {field}"] for field in State._fields[:-1]), header["steps"])
