"""What watches over a forked child in which a student's code is judged: it listens, counts the time, and ends it."""

from __future__ import annotations

import contextlib
import io
import mmap
import os
import pickle
import select
import signal
import struct
import time

from marl_edu.exercises.container import PATIENCE, Ended
from marl_edu.exercises.leftovers import end_marked
from marl_edu.exercises.lines import from_dump

TICK = 0.015
"""Seconds between two looks at the child."""

GRACE = 0.15
"""Seconds in which a child says where it is, when it is asked to end."""

HEAD = struct.Struct("!Q")
"""Before each message: how long it is."""


class Minder:
    """Listens to a child, counts its time, and ends it."""

    def __init__(self, pid: int, limit: float, answers: int, dumps: int, where: mmap.mmap):
        self.pid, self.limit, self.answers, self.dumps, self.where = pid, limit, answers, dumps, where
        self.heard, self.said, self.facts, self.status = b"", {}, None, None
        self.used, self.clock, self.cpu = 0.0, time.perf_counter(), 0.0
        self.began, self.killed = self.clock, False
        self.poll = select.poll()
        self.poll.register(answers, select.POLLIN)

    def wait(self) -> Ended:
        """Until there is a verdict, or time is up."""
        while self.used < self.limit and time.perf_counter() - self.began < PATIENCE * self.limit:
            if self._listen(TICK):
                return self._ended()
            self._count()
        self._ask_to_end()
        return self._ended("time")

    def stopped(self) -> Ended:
        """The student pressed stop."""
        with contextlib.suppress(KeyboardInterrupt):  # pressed again
            self._ask_to_end()
        ended = self._ended("stopped")
        ended.how = "stopped"
        return ended

    def _ask_to_end(self) -> None:
        """Have it say where it is: by Python if it can, else by what faulthandler writes in the middle of a C call."""
        for _ in range(2):
            self._signal(signal.SIGALRM)
            if self._listen(GRACE / 2):
                return
        self._signal(signal.SIGUSR2)
        time.sleep(0.03)
        self._listen(0)

    def _signal(self, number: int) -> None:
        if self.status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def _listen(self, seconds: float) -> bool:
        """Take in what is said within a time; True once there is nothing more to come."""
        until = time.perf_counter() + seconds
        while True:
            left = until - time.perf_counter()
            ready = self.poll.poll(max(0.0, 1000 * left))
            more = os.read(self.answers, 65536) if ready else b""
            self.heard += more
            self._understand()
            if self.said.get("how", "so far") != "so far":
                return True
            if (ready and not more) or self._gone():
                self._gone(wait=0.1)
                self._hear_the_last()
                return True
            if left <= 0:
                return False

    def _hear_the_last(self) -> None:
        """Take in what the child said between the last look at the pipe and its end: no more than a pipe holds."""
        for _ in range(4):
            more = os.read(self.answers, 65536) if self.poll.poll(0) else b""
            if not more:
                break
            self.heard += more
        self._understand()

    def _understand(self) -> None:
        while len(self.heard) >= HEAD.size:
            (size,) = HEAD.unpack_from(self.heard)
            if len(self.heard) < HEAD.size + size:
                return
            message, self.heard = self.heard[HEAD.size : HEAD.size + size], self.heard[HEAD.size + size :]
            with contextlib.suppress(Exception):  # the student's code can have written nonsense there
                self.said = Reader(io.BytesIO(message)).load()
                self.facts = self.said["facts"] or self.facts

    def _gone(self, wait: float = 0.0) -> bool:
        """Whether the child has ended."""
        until = time.perf_counter() + wait
        while self.status is None:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:
                pid, status = self.pid, 0
            if pid:
                self.status = status
            elif time.perf_counter() >= until:
                return False
            else:
                time.sleep(0.002)
        return True

    def _count(self) -> None:
        """Add up the time that the child itself took: on the processor, or asleep, but not waiting for a processor."""
        now, cpu, asleep = time.perf_counter(), self.cpu, False
        with contextlib.suppress(OSError, ValueError, IndexError):
            with open(f"/proc/{self.pid}/stat") as file:
                fields = file.read().rpartition(")")[2].split()
            cpu, asleep = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), fields[0] in "StT"
        passed, worked = now - self.clock, cpu - self.cpu
        self.used += max(passed, worked) if asleep else worked
        self.clock, self.cpu = now, cpu

    def _ended(self, how: str = "died") -> Ended:
        self._kill()
        how = self.said.get("how") if self.said.get("how") in ("done", "time", "died") else how
        line = self.said.get("line") or from_dump(self._dumped())
        words = self.said.get("words") or _how_it_died(self.status)
        return Ended(how, self.facts, struct.unpack("qq", self.where[:]), line, words)

    def _dumped(self) -> str:
        os.set_blocking(self.dumps, False)
        with contextlib.suppress(BlockingIOError):
            return os.read(self.dumps, 65536).decode(errors="replace")
        return ""

    def _kill(self) -> None:
        """End the child and whatever it started."""
        if self.killed:
            return
        self.killed = True
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._signal(signal.SIGKILL)  # a child so young that it is not yet a group
        self._gone(wait=1.0)
        end_marked(self.pid)

    def end(self) -> None:
        """Leave nothing behind, whatever happened."""
        self._kill()
        for pipe in (self.answers, self.dumps):
            with contextlib.suppress(OSError):
                os.close(pipe)


def _how_it_died(status: int | None) -> str:
    if status is None:
        return "it could not be ended"
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        return f"it crashed Python itself ({signal.Signals(number).name})"
    return f"it ended Python itself (os._exit or the like, exit status {os.waitstatus_to_exitcode(status)})"


class Reader(pickle.Unpickler):
    """Reads messages of plain values only: what comes from a student's process is not to run anything here."""

    ALLOWED = ("numpy.ndarray", "numpy.dtype", "marl_edu.exercises.values.Odd", "marl_edu.exercises.lines.Line")
    MAKERS = ("_reconstruct", "_frombuffer", "scalar")

    def find_class(self, module: str, name: str):
        """Only what plain values are made of."""
        if f"{module}.{name}" in self.ALLOWED or (module.startswith("numpy.") and name in self.MAKERS):
            return super().find_class(module, name)
        if (module, name) in (
            ("builtins", "set"),
            ("builtins", "complex"),
            ("builtins", "Ellipsis"),
            ("_codecs", "encode"),
        ):
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is not expected")
