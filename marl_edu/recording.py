"""A recording: the frames of an algorithm, kept in bounded memory.

The live plot is a recording being appended to, the rewind slider a position in it, the static picture its last
frame; a test asserts on it and an export writes it out.

Legend of axes: T moments kept, K seeds.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable

import numpy as np

from marl_edu import recording_checks, recording_file
from marl_edu.algorithm import MOST_UNITS, Algorithm, DivergedError, Frame
from marl_edu.games import checks

DEFAULT_BUDGET = 24 * 2**20
"""Bytes of frames that a recording may hold before it thins itself."""

MOST_MOMENTS = 2000
"""Moments that it may hold before it thins itself."""


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
        Levels to draw beside the curves: exact answers and baselines. Anything else is a ``ValueError``.
    game : MarkovGame or ParticleWorld, optional
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
        self.references = recording_checks.levels("references", references)
        self.game = game
        self.budget = checks.integer("budget", budget, 1)
        self.lineage = object()  # shared by recordings of the same run, done again with other settings
        self._moments: list[tuple[int, Frame, dict]] = []
        self._stride = 1
        self._arrivals = 0
        self._series: dict[str, np.ndarray] = {}

    @classmethod
    def of(cls, algorithm: Algorithm, budget: int = DEFAULT_BUDGET) -> Recording:
        """An empty recording for this algorithm."""
        if not isinstance(algorithm, Algorithm):
            raise ValueError(f"algorithm is {type(algorithm).__name__}; expected an Algorithm such as a learner")
        return cls(algorithm.title, algorithm.unit, algorithm.references(), algorithm.game, budget)

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
        moment = self._checked(units, frame, hyperparameters)
        on_stride = self._arrivals % self._stride == 0
        newest_is_extra = len(self) > 1 and (self._arrivals - 1) % self._stride != 0
        self._series.clear()
        self._moments[len(self) - newest_is_extra :] = [moment]  # at once: an interruption leaves all or nothing
        self._arrivals += 1
        too_big = len(self) > MOST_MOMENTS or (len(self) > 8 and len(self) * _size(moment[1]) > self.budget)
        if on_stride and too_big:
            self._thin()

    def _thin(self) -> None:
        newest = self._moments[-1:] if len(self) % 2 == 0 else []
        self._moments, self._stride = self._moments[::2] + newest, 2 * self._stride

    def _checked(self, units: int, frame: Frame, hyperparameters) -> tuple[int, Frame, dict]:
        """A moment that fits those before, with copies of what was given."""
        units, frame = checks.integer("units", units, 0), recording_checks.frozen(frame)
        if self._moments:
            last_units, first, _ = self._moments[-1]
            if units < last_units:
                raise ValueError(
                    f"a moment at {units} {self.unit}s can't follow one at {last_units}; expected a later one"
                )
            recording_checks.expect_same_shapes(frame, first)
        return units, frame, recording_checks.settings("hyperparameters", hyperparameters)

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
        recording_file.save(self, path)

    @classmethod
    def load(cls, path: str | os.PathLike, game=None) -> Recording:
        """Read a file that ``save`` wrote. Safe on files from strangers: nothing in it is executed.

        The game, which no file holds, may be handed over: the learner's ``game``, or one made in the same way.

        Raises
        ------
        ValueError
            If the file is not such a recording, is of another version, or was not recorded in this game.
        """
        return recording_file.load(cls, path, game)

    def _restore(self, moments: Iterable[tuple], stride: int, arrivals: int) -> None:
        """Fill an empty recording with what a file said."""
        for moment in moments:
            self._moments.append(self._checked(*moment))
        if not 1 <= stride <= arrivals + 1 or arrivals < len(self):
            raise ValueError("its count of moments does not fit")
        self._stride, self._arrivals = stride, arrivals


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
        Interrupted (Ctrl-C, or the stop button of a notebook), it is returned as far as it got, with a warning that
        says so; ``record`` with this recording goes on from there.

    Raises
    ------
    ValueError
        If one of these is otherwise.
    DivergedError
        If what is learned is no longer finite. Its ``recording`` is what was recorded until then.
    """
    if recording is not None and not isinstance(recording, Recording):
        raise ValueError(f"record: recording is {type(recording).__name__}; expected a Recording or None")
    if not isinstance(algorithm, Algorithm):
        raise ValueError(f"record: algorithm is {type(algorithm).__name__}; expected an Algorithm such as a learner")
    units = checks.integer("record: units", units, 0, MOST_UNITS)
    every = checks.integer("record: every", every, 1, MOST_UNITS)
    if recording is None:
        recording = Recording.of(algorithm)
        recording.append(algorithm.units_done, algorithm.frame(), algorithm.hyperparameters)
    begin = algorithm.units_done
    try:
        while algorithm.units_done < begin + units:
            algorithm.advance(min(every, begin + units - algorithm.units_done))
            recording.append(algorithm.units_done, algorithm.frame(), algorithm.hyperparameters)
    except KeyboardInterrupt:
        if algorithm.units_done > recording.units.max(initial=-1):
            recording.append(algorithm.units_done, algorithm.frame(), algorithm.hyperparameters)
        done = f"{algorithm.units_done - begin:,} of {units:,} {algorithm.unit}s"
        warnings.warn(f"interrupted after {done}; the recording ends there", stacklevel=2)
    except DivergedError as error:
        error.recording = recording
        error.add_note("What was recorded until then is this error's .recording")
        raise
    return recording
