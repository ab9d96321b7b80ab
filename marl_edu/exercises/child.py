"""A forked child of the kernel in which a student's code is judged; see ``container``.

The kernel's threads, sockets and event loop are not the child's: it never touches them, and it ends by ``os._exit``.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import mmap
import os
import pickle
import signal
import struct
import sys
import warnings

from marl_edu.exercises.container import Ended, Place, quiet
from marl_edu.exercises.leftovers import marked
from marl_edu.exercises.lines import from_frame
from marl_edu.exercises.minder import HEAD, Minder

MEMORY = 2**30
"""Bytes that the code may take, besides what the kernel holds already."""


def in_child(work, limit: float) -> Ended:
    """Judge in a forked child, and end it when its time is up."""
    answers, dumps = os.pipe(), os.pipe()
    where = mmap.mmap(-1, 16)  # shared: which property and case are being tried
    where[:] = struct.pack("qq", -1, -1)
    masked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # a fork beside threads, which are never used there
            pid = os.fork()
        if pid == 0:
            _live(work, answers[1], dumps[1], where, masked)
        for end in (answers[1], dumps[1]):
            os.close(end)
        parent = Minder(pid, limit, answers[0], dumps[0], where)
        try:
            signal.pthread_sigmask(signal.SIG_SETMASK, masked)
            return parent.wait()
        except KeyboardInterrupt:
            return parent.stopped()
        finally:
            parent.end()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, masked)
        where.close()


def _live(work, answers: int, dumps: int, where: mmap.mmap, masked) -> None:
    """All of the child's life. It never returns."""
    try:
        me = os.getpid()
        send = _sender(answers, me)
        _settle(dumps, send)

        def at(p: int, c: int) -> None:
            if os.getpid() != me:
                os._exit(0)  # a process that the student's code forked
            where[:] = struct.pack("qq", p, c)

        place = Place(at=at, tell=send)
        signal.pthread_sigmask(signal.SIG_SETMASK, masked - {signal.SIGINT})
        with quiet(place.printed):
            facts = work(place)
        send(facts, "done")
    except BaseException as error:  # the engine's own, for the judge catches what is the student's
        with contextlib.suppress(BaseException):
            send(None, "died", words=f"it could not be judged ({type(error).__name__})")
    finally:
        os._exit(0)


def _sender(pipe: int, me: int):
    def send(facts, how="so far", **more) -> None:
        if os.getpid() != me:
            os._exit(0)
        message = pickle.dumps({"facts": facts, "how": how, **more})
        message = HEAD.pack(len(message)) + message
        while message:
            message = message[os.write(pipe, message) :]

    return send


def _settle(dumps: int, send) -> None:
    """Cut what ties the child to the kernel, and set limits."""
    os.setsid()  # signals to the kernel's group don't arrive here, and the parent can end all that is started here
    signal.set_wakeup_fd(-1)  # it is the kernel's event loop's
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)

    def asked_to_end(_number, frame):
        sys.setrecursionlimit(max(sys.getrecursionlimit(), 10_000))
        send(None, "time", line=from_frame(frame))
        os._exit(0)

    signal.signal(signal.SIGALRM, asked_to_end)
    faulthandler.enable(file=dumps, all_threads=False)
    faulthandler.register(signal.SIGUSR2, file=dumps, all_threads=False)
    gc.freeze()  # what is the kernel's is not ours to finalise
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    _limit_resources()
    _hush_the_front_end()
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)  # its threads didn't come along
    with contextlib.suppress(Exception):
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # if the kernel ends, so does this


def _limit_resources() -> None:
    import resource

    with open("/proc/self/statm") as file:
        pages = int(file.read().split()[0])
    for what, most in (
        (resource.RLIMIT_AS, pages * mmap.PAGESIZE + MEMORY),
        (resource.RLIMIT_FSIZE, marked(os.getpid())),
    ):
        _, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _hush_the_front_end() -> None:
    """What the code displays, and widgets that it changes, are not to reach the notebook."""
    comms = sys.modules.get("ipykernel.comm.comm")
    if comms is not None:
        comms.BaseComm.publish_msg = lambda *_, **__: None
    shells = sys.modules.get("IPython.core.interactiveshell")
    if shells is not None and shells.InteractiveShell.initialized():
        shell = shells.InteractiveShell.instance()
        for publisher in (shell.display_pub, type(shell.display_pub)):
            with contextlib.suppress(Exception):
                publisher.publish = lambda *_, **__: None
