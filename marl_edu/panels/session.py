"""What a panel does, without any widget: an algorithm that plays, pauses, steps, rewinds and starts afresh.

Time is cut into short slices of work, so that whoever drives the session can answer a button in between.
"""

from __future__ import annotations

import math
import time

from marl_edu.algorithm import Algorithm
from marl_edu.recording import Recording

SLICE = 0.010
"""Seconds of learning between two looks at the buttons."""

PICTURES = 16
"""Pictures a second, at most."""

SHARE_OF_FASTEST, SHARE = 0.27, 0.6
"""Largest share of the time that may go into making pictures, at full speed and at a speed that was asked for."""

LEAST_FRAMES = 100
"""Frames that are kept of a run even at full speed, evenly spaced, so that its curve does not depend on the machine."""

MOST_REDONE = 120
"""Moments that are kept, at most, of a run that is done again at once: so many lines make a smooth curve."""

FASTEST = 0
"""The speed that means: as fast as it goes."""


def in_words(name: str, value) -> str:
    """A hyperparameter and its value as people say it: ``step size 0.1``."""
    return f"{name.replace('_', ' ')} {value:g}" if isinstance(value, float) else f"{name.replace('_', ' ')} {value}"


class Session:
    """One algorithm and the recording of its present run, driven slice by slice.

    Parameters
    ----------
    algorithm : Algorithm
        Is reset and then advanced in place.
    units : int
        Length of a run; playing on at its end adds as much again.
    speed : float
        Units a second; 0 is as fast as it goes.
    clock : callable
        Seconds, for tests.

    Attributes
    ----------
    frames : int
        At least so many frames are kept of a run of ``units``, however fast it goes; of a shorter one, all.
    redone : int
        At most about so many moments are kept of a run that is done again.
    patience : float
        Seconds before another frame is kept for a picture's sake: where pictures move without, and frames take long.
    share : float
        Largest share of the time that may go into making pictures at full speed.
    """

    def __init__(self, algorithm: Algorithm, units: int, speed: float = FASTEST, clock=time.perf_counter):
        self.algorithm, self.units, self.speed = algorithm, units, speed
        self.frames, self.redone, self.patience, self.share = LEAST_FRAMES, MOST_REDONE, 0.0, SHARE_OF_FASTEST
        self.playing = False
        self._clock = clock
        self._chunk = 1
        self._began = (0.0, 0)
        self._given = algorithm.hyperparameters
        self.reset()

    def reset(self, seeds: int | None = None) -> None:
        """Begin a new run and a new recording; hyperparameters stay as they are."""
        self.playing = False
        self.algorithm.restart(seeds=seeds)
        self._left_at = 0
        self.recording = Recording.of(self.algorithm)
        self.goal = self.units
        self.shown: int | None = None
        self.rate = 0.0
        self._due, self._left, self._period = 0.0, 0, 1 / PICTURES
        self._keep_frame()

    def redo(self) -> None:
        """Do the run again from its beginning with the hyperparameters as they are now, up to where it stands.

        The new recording has the same moments, or ``redone`` of them, evenly spread, if they were more; the same one is
        shown. If the run can't be done, the old recording stays.
        """
        before = self.recording
        moments, last, shown = before.units.tolist(), len(before) - 1, self.moment
        share = min(1.0, self.redone / len(moments))
        kept = [units for t, units in enumerate(moments)
                if int(t * share) > int((t - 1) * share) or t in (0, shown, last)]  # fmt: skip
        self.algorithm.restart()
        self._left_at, self.recording = 0, Recording.of(self.algorithm)
        self.recording.lineage = before.lineage
        try:
            for units in kept:
                self._advance(units - self.algorithm.units_done)
                self._keep_frame()
        except Exception:
            self.recording = before
            raise

    def _keep_frame(self) -> None:
        self.recording.append(self.algorithm.units_done, self.algorithm.frame(), self.algorithm.hyperparameters)
        self._kept_at = self._clock()

    @property
    def moment(self) -> int:
        """Position in the recording that is shown; the newest, unless the student went back."""
        return len(self.recording) - 1 if self.shown is None else self.recording.position_of(self.shown)

    @property
    def seconds_left(self) -> float | None:
        """Estimated seconds to the goal, once there is something to estimate from."""
        left = self.goal - self.algorithm.units_done
        return left / self.rate if self.rate > 0 and left > 0 else None

    def play(self) -> None:
        """Go on: first through what is recorded, if the student went back, then by learning."""
        if self.shown is None and self.algorithm.units_done >= self.goal:
            self.goal += self.units
        self.playing = True
        self._start_clock()

    def pause(self) -> None:
        """Stand still; the moment reached is kept and shown."""
        if self.playing and self.algorithm.units_done == self._left_at > self.recording.units[-1]:
            self._keep_frame()
        self.playing = False

    def step(self) -> None:
        """One unit further and stop: a recorded moment, if the student went back, else one unit of learning."""
        self.pause()
        if self.shown is not None:
            self._replay()
            return
        self._advance(1)
        self.goal = max(self.goal, self.algorithm.units_done)
        self._keep_frame()

    def finish(self, frames: int) -> None:
        """Do the rest of the run at once, keeping about so many frames."""
        every = max(1, (self.goal - self.algorithm.units_done) // frames)
        while self.algorithm.units_done < self.goal:
            self._advance(min(every, self.goal - self.algorithm.units_done))
            self._keep_frame()

    def seek(self, units: int) -> None:
        """Stop and show the moment at ``units``; at or past the newest, follow it again."""
        self.pause()
        self.shown = int(units) if units < self.recording.units[-1] else None

    def set(self, **hyperparameters) -> None:
        """Change hyperparameters: at the beginning for the whole run, later from the next unit of work on."""
        self.algorithm.set(**hyperparameters)
        if self.algorithm.units_done == self._left_at == 0:
            self.redo()

    def set_speed(self, speed: float) -> None:
        """Go on at another speed; 0 is as fast as it goes."""
        self.speed, self._left = speed, 0
        self._start_clock()

    def _start_clock(self) -> None:
        """From now on pictures are due, and the rate is measured."""
        self._due, self._began = self._clock(), (self._clock(), self.algorithm.units_done)

    def changed_since(self, t: int) -> list[str]:
        """Hyperparameters that no longer are what they were at moment ``t``."""
        then, now = self.recording.hyperparameters(t), self.algorithm.hyperparameters
        return [name for name in now if name in then and then[name] != now[name]]

    def settings(self) -> list[str]:
        """In words, how this run was set unlike the first; ``epsilon 1 to 0.1`` if changed on the way."""
        moments = [self.recording.hyperparameters(t) for t in range(len(self.recording))]
        moments = moments[1:] or moments  # nothing had been done at the first
        told = []
        for name, given in self._given.items():
            first, last = moments[0][name], moments[-1][name]
            if any(moment[name] != given for moment in moments):
                told.append(
                    in_words(name, first) + ("" if first == last else f" to {in_words(name, last).split()[-1]}")
                )
        return told

    def idle(self) -> float:
        """Seconds until there is something to do: 0 now, infinity while paused."""
        if not self.playing:
            return math.inf
        if self.shown is None and (not self.speed or self._left):
            return 0.0
        return max(0.0, self._due - self._clock())

    def work(self) -> bool:
        """Do one slice of what is to be done; True when there is a new picture to show."""
        if self.idle() > 0:
            return False
        if self.shown is not None:
            self._replay(max(1, self.frames // LEAST_FRAMES))  # a finer recording is not replayed more slowly
            return True
        return self._learn()

    def _replay(self, moments: int = 1) -> None:
        units = self.recording.units
        position = self.recording.position_of(self.shown) + moments
        self.shown = int(units[position]) if position < len(units) - 1 else None

    def _learn(self) -> bool:
        done = self.algorithm.units_done
        every = max(1, self.units // self.frames)
        to_frame = min(every - done % every, self.goal - done)  # a frame is due here however fast it goes
        if not self._left:
            self._left = self._batch() if self.speed else self.goal - done
        n = min(self._left, self._chunk, to_frame)
        before = self._clock()
        self._advance(n)
        spent = max(self._clock() - before, 1e-6)
        self._chunk = (
            max(1, min(int(self._chunk * SLICE / spent), 4 * self._chunk)) if n == self._chunk else self._chunk
        )
        self._left -= n
        finished = self.algorithm.units_done >= self.goal
        picture_due = finished or (not self._left if self.speed else self._clock() >= self._due)
        patient = self._clock() - self._kept_at >= self.patience
        if n == to_frame or (picture_due and patient):
            self._keep_frame()
        if picture_due:
            self._left = 0
            since, from_units = self._began
            self.rate = (self.algorithm.units_done - from_units) / max(self._clock() - since, 1e-6)
            self.playing = not finished
        return picture_due

    def _advance(self, n: int) -> None:
        """Advance the algorithm, unless somebody else has moved it: then its past is not in the recording."""
        found = self.algorithm.units_done
        if found != self._left_at:
            unit = self.algorithm.unit
            raise ValueError(
                f"this learner stands at {found:,} {unit}s, but this panel left it at {self._left_at:,}: "
                "another cell or panel has moved it; press reset to start it afresh here"
            )
        try:
            self.algorithm.advance(n)
        finally:
            self._left_at = self.algorithm.units_done

    def _batch(self) -> int:
        """Units between two pictures at the speed asked for."""
        return max(1, round(self.speed * self._period))

    def shown_now(self, seconds: float, moved: bool = True) -> None:
        """Note that making the picture took ``seconds``, from which follows when the next one is due.

        One that shows the same moment again, because a slider was dragged, does not put the next one off.
        """
        self._period = max(1 / PICTURES, seconds / (SHARE if self.speed else self.share))
        if not moved:
            return
        learning_at_a_speed = self.speed and self.shown is None
        self._due = max(
            self._due + (self._batch() / self.speed if learning_at_a_speed else self._period), self._clock()
        )
