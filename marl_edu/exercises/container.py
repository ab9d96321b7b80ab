"""Where a student's code runs when it is judged, so that whatever it does the notebook's kernel lives.

``in_child`` (Linux) forks the kernel: the child judges, says the verdict through a pipe and ends without clean-up.
What it does to variables, open files, memory or itself stays in the child, and the parent ends it when its time is up,
even in the middle of a call into C.

``in_place`` (where there is no fork, or a fork is not safe: Windows, macOS) judges in the kernel itself, and a
watching thread raises ``TimeUp`` in it, again and again. That can *not* stop a call that doesn't come back to Python
(``time.sleep(1000)``, ``sum(itertools.count())``), nor ``os._exit``, a crash of the interpreter, or an eater of memory;
and what the student's code changes in the notebook stays changed.

Time is what the code itself used: time on the processor, or asleep. A busy machine makes nobody's solution wrong.
"""

from __future__ import annotations

import ctypes
import io
import sys
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field

from marl_edu.exercises.lines import Line, from_frame, own

PATIENCE = 4
"""How many times the time limit may pass on the clock, whatever the processor does."""

KEPT = 600
"""Characters that are kept of what a student's function prints in one call."""


class TimeUp(BaseException):
    """Time is up. Catching it doesn't help: when it is made and when it is let go, every next line raises another."""

    def __init__(self):
        super().__init__()
        self.watch = WATCHES.get(threading.get_ident())
        raise_in_every_line(sys._getframe(1), self.watch)

    def __del__(self):
        if sys is not None and hasattr(self, "watch"):
            raise_in_every_line(sys._getframe(1), self.watch)


WATCHES: dict[int, _Watch] = {}
"""Who watches over a thread, by the thread's number."""


@dataclass
class Ended:
    """How judging ended."""

    how: str
    """'done', 'time' (is up), 'stopped' (by the student) or 'died'."""
    facts: dict | None = None
    """The last that was told."""
    place: tuple[int, int] = (-1, -1)
    """Property and case that were being tried."""
    line: Line | None = None
    """The student's line at which it ended; None if unknown."""
    words: str = ""
    """How it died."""


@dataclass
class Place:
    """What the judge can say while it works."""

    at: Callable[[int, int], None]
    """Called with a property and a case before they are tried."""
    tell: Callable[[dict], None]
    """Called with facts that count if there will be no later ones."""
    printed: Sink = field(default_factory=lambda: Sink())
    stoppable: bool = False
    """Whether a KeyboardInterrupt is the student's wish to stop, rather than something that the code raised."""


class Sink(io.TextIOBase):
    """Takes the place of standard output: keeps the first lines, swallows the rest."""

    encoding = "utf-8"

    def __init__(self):
        self.text = ""

    def writable(self) -> bool:
        """It takes everything."""
        return True

    def write(self, text) -> int:
        """Keep it if there is room."""
        if len(self.text) < KEPT:
            self.text += str(text)[:KEPT]
        return len(text)


def contain(work: Callable[[Place], dict], limit: float, where: str | None = None) -> Ended:
    """Let ``work`` judge somewhere safe.

    Parameters
    ----------
    work : function of a Place that returns a dict
        What calls the student's code. The dict must hold plain values.
    limit : float
        Seconds that it may take.
    where : 'child', 'place' or None
        None: in a child where that is safe.

    Examples
    --------
    >>> contain(lambda place: {"answer": 42}, 1).facts
    {'answer': 42}
    """
    if where is None:
        where = "child" if sys.platform == "linux" else "place"
    if where not in ("child", "place"):
        raise ValueError(f"where is {where!r}; expected 'child' or 'place'")
    if where == "place":
        return in_place(work, limit)
    from marl_edu.exercises.child import in_child

    return in_child(work, limit)


def no_input(*_ignored, **_also):
    """Stand in for ``input``, which has nobody to ask."""
    raise RuntimeError("input() can't be used in a check: nobody is there to answer")


@contextmanager
def quiet(sink: Sink):
    """Standard output and error go into a sink, and nobody is asked anything."""
    import builtins

    before = sys.stdout, sys.stderr, builtins.input, sys.getrecursionlimit(), sys.unraisablehook
    sys.stdout = sys.stderr = sink
    builtins.input = no_input
    sys.unraisablehook = lambda _: None  # TimeUp may arrive while something is being cleared away
    try:
        yield
    finally:
        sys.stdout, sys.stderr, builtins.input = before[:3]
        sys.setrecursionlimit(before[3])
        sys.unraisablehook = before[4]


def raise_in_every_line(frame, watch: _Watch | None) -> None:
    """Have each further line of the student's code that this thread runs raise ``TimeUp``, until the watch is over."""
    inside = []
    while frame is not None and frame.f_code is not _guarded.__code__:
        inside.append(frame)
        frame = frame.f_back
    if frame is None or watch is None or not watch.armed:
        return  # it came too late: the student's code is no longer running
    for each in inside:
        if own(each.f_code.co_filename):
            each.f_trace = _raise
    sys.settrace(_raise)


def _raise(frame, _event, _argument):
    if own(frame.f_code.co_filename):
        raise TimeUp  # which ends the tracing, hence ``TimeUp.__del__``
    return None


def _send(thread: int, error) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), error and ctypes.py_object(error))


class _Watch(threading.Thread):
    """Sends ``TimeUp`` to a thread, again and again, once its time is up."""

    def __init__(self, limit: float):
        super().__init__(name="watch over a check", daemon=True)
        self.limit, self.watched = limit, threading.get_ident()
        self.armed, self.gone, self.fired, self.line = True, False, False, None

    def run(self) -> None:
        """Wait, then fire until disarmed."""
        used, clock = time.process_time(), time.perf_counter()
        while self.armed:
            late = time.process_time() - used > self.limit or time.perf_counter() - clock > PATIENCE * self.limit
            if late and not self.fired:
                self.line = from_frame(sys._current_frames().get(self.watched))
                self.fired = True
            if late and self.armed:
                _send(self.watched, TimeUp)
            time.sleep(0.002)
        self.gone = True

    def disarm(self) -> None:
        """No more after this; what was sent and hasn't arrived is taken back."""
        self.armed = False
        while not self.gone:
            time.sleep(0.0005)
        _send(self.watched, None)


def _guarded(work, place, ended) -> None:
    with quiet(place.printed):
        ended.facts = work(place)
        ended.how = "done"


def in_place(work: Callable[[Place], dict], limit: float) -> Ended:
    """Judge on this thread, in this process; see the top of this file for what that can't stop."""
    ended = Ended("time")
    place = Place(
        at=lambda p, c: setattr(ended, "place", (p, c)),
        tell=lambda facts: setattr(ended, "facts", facts),
        stoppable=True,
    )
    tracing, streams = sys.gettrace(), (sys.stdout, sys.stderr)
    watch = WATCHES[threading.get_ident()] = _Watch(limit)
    watch.start()
    try:
        _guarded(work, place, ended)
    except TimeUp:
        pass
    except KeyboardInterrupt:
        ended.how = "stopped"
    except Exception as error:  # the engine's own, for the judge catches what is the student's
        ended.how, ended.words = "died", f"it could not be judged ({type(error).__name__})"
    while True:
        try:
            watch.disarm()
            break
        except (TimeUp, KeyboardInterrupt):  # sent a moment before: once more
            continue
    del WATCHES[threading.get_ident()]
    sys.settrace(tracing)
    sys.stdout, sys.stderr = streams
    ended.line = watch.line if ended.how == "time" else None
    return ended
