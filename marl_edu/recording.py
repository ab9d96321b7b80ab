"""A recording: the frames of an algorithm, kept in bounded memory.

The live plot is a recording being appended to, the rewind slider a position in it, the static picture its last
frame; a test asserts on it and an export writes it out.

Legend of axes: T moments kept, K seeds.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np

from marl_edu.algorithm import Algorithm, Frame

DEFAULT_BUDGET = 24 * 2**20
"""Bytes of frames that a recording may hold before it thins itself."""

MOST_MOMENTS = 2000
"""Moments that it may hold before it thins itself."""

FORMAT = 1
"""Version of the file format."""


class Recording:
    """Moments of one run of an algorithm, oldest first.

    When the frames outgrow ``budget`` bytes or ``MOST_MOMENTS``, every second one is dropped, and from then on only
    every second (then fourth, ...) new one is kept. The first and the newest are always there.

    Parameters
    ----------
    algorithm : str
        Title of what was recorded.
    unit : str
        What one unit of work was.
    references : dict of str to float
        Levels to draw beside the curves: exact answers and baselines.
    game : MarkovGame, optional
        The world it ran in, for pictures. Not written to a file.
    budget : int
        Bytes of frames to keep at most, though eight frames are kept whatever their size.

    Examples
    --------
    >>> recording = Recording("example", "step")
    >>> for step in range(3):
    ...     recording.append(step, {"level": np.array([step / 2])}, {"step_size": 0.1})
    >>> len(recording), recording.units.tolist(), recording.series("level").ravel().tolist()
    (3, [0, 1, 2], [0.0, 0.5, 1.0])
    """

    def __init__(self, algorithm: str, unit: str, references=None, game=None, budget: int = DEFAULT_BUDGET):
        self.algorithm, self.unit = str(algorithm), str(unit)
        self.references = {str(k): float(v) for k, v in (references or {}).items()}
        self.game = game
        self.budget = int(budget)
        self._moments: list[tuple[int, Frame, dict]] = []
        self._stride = 1
        self._arrivals = 0
        self._series: dict[str, np.ndarray] = {}

    @classmethod
    def of(cls, algorithm: Algorithm, budget: int = DEFAULT_BUDGET) -> Recording:
        """An empty recording for this algorithm."""
        return cls(algorithm.title, algorithm.unit, algorithm.references(), getattr(algorithm, "game", None), budget)

    def __repr__(self) -> str:
        last = f", up to {self.units[-1]:,} {self.unit}s" if len(self) else ""
        return f"Recording({self.algorithm!r}: {len(self)} moments{last})"

    def __len__(self) -> int:
        return len(self._moments)

    def __getitem__(self, t: int) -> Frame:
        """The frame at position ``t``; negative positions count from the end."""
        return self._moments[t][1]

    @property
    def units(self) -> np.ndarray:
        """Units of work done at each moment, (T,)."""
        return np.array([moment[0] for moment in self._moments], dtype=np.int64)

    @property
    def nbytes(self) -> int:
        """Bytes held by the frames."""
        return sum(_size(frame) for _, frame, _ in self._moments)

    def hyperparameters(self, t: int) -> dict:
        """The hyperparameters in force when moment ``t`` was recorded."""
        return dict(self._moments[t][2])

    def append(self, units: int, frame: Frame, hyperparameters: dict | None = None) -> None:
        """Keep one more moment: a copy of the frame, which nobody can change any more.

        Parameters
        ----------
        units : int
            Units of work done so far; not fewer than at the moment before.
        frame : dict of str to array
            Numbers or truth values, with the names and shapes of the first frame.
        hyperparameters : dict of str to float or str, optional
            Those in force.

        Raises
        ------
        ValueError
            If one of these is otherwise. Nothing recorded so far is changed then.
        """
        frame = _frozen(frame)
        self._check(units, frame)
        on_stride = self._arrivals % self._stride == 0
        newest_is_extra = len(self) > 1 and (self._arrivals - 1) % self._stride != 0
        if newest_is_extra:
            self._moments.pop()
        self._arrivals += 1
        self._moments.append((int(units), frame, dict(hyperparameters or {})))
        self._series.clear()
        too_big = len(self) > MOST_MOMENTS or (len(self) > 8 and len(self) * _size(frame) > self.budget)
        if on_stride and too_big:
            self._thin()

    def _thin(self) -> None:
        newest = self._moments[-1]
        self._moments = self._moments[::2]
        self._stride *= 2
        if self._moments[-1] is not newest:
            self._moments.append(newest)

    def _check(self, units: int, frame: Frame) -> None:
        if isinstance(units, bool) or not isinstance(units, int | np.integer) or units < 0:
            raise ValueError(f"units is {units!r}; expected a whole number from 0 up")
        if not self._moments:
            return
        last_units, first, _ = self._moments[-1]
        if units < last_units:
            raise ValueError(f"a moment at {units} {self.unit}s can't follow one at {last_units}; expected a later one")
        shapes, wanted = ({k: v.shape for k, v in f.items()} for f in (frame, first))
        if shapes != wanted:
            odd = sorted(set(shapes.items()) ^ set(wanted.items()))[0][0]
            raise ValueError(
                f"frame array {odd!r} has shape {shapes.get(odd)}; expected {wanted.get(odd)} as in the frames before"
            )

    def series(self, name: str) -> np.ndarray:
        """One array through time, (T, ...).

        Raises
        ------
        KeyError
            If no such array was recorded; the message lists those that were.
        """
        if name not in self._series:
            if not self._moments or name not in self[0]:
                known = ", ".join(self[0]) if self._moments else "nothing yet"
                raise KeyError(f"no array {name!r} was recorded; there is {known}")
            self._series[name] = np.stack([frame[name] for _, frame, _ in self._moments])
            self._series[name].flags.writeable = False
        return self._series[name]

    def only_small(self, most: int = 4096) -> Recording:
        """A copy without arrays of more than ``most`` bytes a frame: curves, but no tables."""
        copy = Recording(self.algorithm, self.unit, self.references, self.game, self.budget)
        for units, frame, settings in self._moments:
            copy._moments.append((units, {k: v for k, v in frame.items() if v.nbytes <= most}, settings))
        return copy

    def position_of(self, units: int) -> int:
        """The last moment that is not later than ``units``."""
        return max(0, int(np.searchsorted(self.units, units, side="right")) - 1)

    def save(self, path: str | os.PathLike) -> None:
        """Write everything but the game to one ``.npz`` file of plain arrays and JSON text."""
        header = {
            "format": FORMAT,
            "algorithm": self.algorithm,
            "unit": self.unit,
            "references": self.references,
            "budget": self.budget,
            "stride": self._stride,
            "arrivals": self._arrivals,
            "hyperparameters": [moment[2] for moment in self._moments],
        }
        arrays = {f"frame/{name}": self.series(name) for name in (self[0] if len(self) else ())}
        text = json.dumps(header, default=lambda value: value.item())  # a numpy number becomes a plain one
        with open(path, "wb") as file:
            np.savez_compressed(file, header=np.array(text), units=self.units, **arrays)

    @classmethod
    def load(cls, path: str | os.PathLike, game=None) -> Recording:
        """Read a file that ``save`` wrote. Safe on files from strangers: nothing in it is executed.

        Raises
        ------
        ValueError
            If the file is not such a recording or is of another version.
        """
        name = Path(path).name
        try:
            with np.load(path, allow_pickle=False) as file:
                header, units = json.loads(str(file["header"])), file["units"]
                series = {key.removeprefix("frame/"): file[key] for key in file.files if key.startswith("frame/")}
        except (FileNotFoundError, IsADirectoryError, PermissionError):
            raise
        except Exception as error:  # a damaged file may fail in any layer: zip, zlib, numpy, json, memory
            raise ValueError(f"{name} is not a recording that can be read ({error})") from None
        if not isinstance(header, dict) or header.get("format") != FORMAT:
            found = header.get("format") if isinstance(header, dict) else None
            raise ValueError(f"{name} is a recording of format {found!r}; expected {FORMAT}")
        try:
            return cls._of_parts(header, units, series, game)
        except Exception as error:
            raise ValueError(f"{name} is damaged ({error!r})") from None

    @classmethod
    def _of_parts(cls, header: dict, units: np.ndarray, series: dict[str, np.ndarray], game) -> Recording:
        recording = cls(header["algorithm"], header["unit"], header["references"], game, header["budget"])
        moments = zip(units.tolist(), header["hyperparameters"], strict=True)
        frames = [dict(zip(series, values, strict=True)) for values in zip(*series.values(), strict=True)]
        if len(frames) != len(units):
            raise ValueError(f"{len(frames)} frames for {len(units)} moments")
        for (moment, settings), frame in zip(moments, map(_frozen, frames), strict=True):
            recording._check(moment, frame)
            recording._moments.append((moment, frame, dict(settings)))
        recording._stride, recording._arrivals = int(header["stride"]), int(header["arrivals"])
        if not 1 <= recording._stride <= recording._arrivals + 1 or recording._arrivals < len(recording):
            raise ValueError("its count of moments does not fit")
        return recording


def _frozen(frame: Frame) -> Frame:
    """A copy that can't be written to."""
    if not isinstance(frame, dict) or not frame:
        raise ValueError(f"frame is {type(frame).__name__}; expected a dict of named arrays")
    copy = {str(name): np.array(values) for name, values in frame.items()}
    for name, values in copy.items():
        if values.dtype.kind not in "biuf":
            raise ValueError(f"frame array {name!r} has entries of type {values.dtype}; expected numbers")
        values.flags.writeable = False
    return copy


def _size(frame: Frame) -> int:
    return sum(values.nbytes for values in frame.values())


def record(algorithm: Algorithm, units: int, every: int, recording: Recording | None = None) -> Recording:
    """Advance an algorithm and keep a frame every so often.

    Parameters
    ----------
    algorithm : Algorithm
        It is advanced in place, from where it stands.
    units : int
        Units of work to do in all.
    every : int
        Units between frames; the last stretch may be shorter.
    recording : Recording, optional
        To go on with; by default a new one, which begins with a frame of the present moment.

    Returns
    -------
    Recording
    """
    for name, value, low in (("units", units, 0), ("every", every, 1)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < low:
            raise ValueError(f"record: {name} is {value!r}; expected a whole number from {low} up")
    if recording is None:
        recording = Recording.of(algorithm)
        recording.append(algorithm.units_done, algorithm.frame(), algorithm.hyperparameters)
    goal = algorithm.units_done + int(units)
    while algorithm.units_done < goal:
        algorithm.advance(min(int(every), goal - algorithm.units_done))
        recording.append(algorithm.units_done, algorithm.frame(), algorithm.hyperparameters)
    return recording
