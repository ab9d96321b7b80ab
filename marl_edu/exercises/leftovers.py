"""Ends what a student's code has started and left behind, also where it was cut off from the child that started it.

A process can leave its group and its session, and outlive its parent; its limits stay with it. So every child in which
a student's code is judged may write files up to a size that no other has, and whatever comes from it can be told by
that (Linux; who lowers that limit on purpose gets away).
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import time

LARGEST_FILE = 256 * 2**20
"""Bytes that a file may have, about."""

ROUNDS = 40
"""How often to look again: who forks on and on may start another process while the first ones are ended."""

MARK = re.compile(rb"^Max file size +(\d+) +(\d+) ", re.MULTILINE)


def marked(pid: int) -> int:
    """The limit, in bytes, that marks a child and all that comes from it."""
    return LARGEST_FILE + pid


def end_marked(pid: int) -> int:
    """End all processes that carry a child's mark, and return how many there were."""
    ended = 0
    for _ in range(ROUNDS):
        found = list(_with_mark(b"%d" % marked(pid)))
        if not found:
            break
        for one in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(one, signal.SIGKILL)
        ended += len(found)
        time.sleep(0.002)
    return ended


def _with_mark(mark: bytes):
    """Numbers of living processes of this user whose limit can't be raised above the mark."""
    me = os.geteuid()
    with contextlib.suppress(OSError):
        for name in os.listdir("/proc"):
            with contextlib.suppress(OSError, IndexError):
                if not name.isdigit() or os.stat(f"/proc/{name}").st_uid != me:
                    continue
                found = MARK.search(_read(f"/proc/{name}/limits"))
                if found and found[2] == mark and _read(f"/proc/{name}/stat").rpartition(b")")[2].split()[0] != b"Z":
                    yield int(name)


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()
