"""The task that drives a panel inside the kernel's event loop.

Widget messages may arrive on another thread, so callbacks only leave a note of what is wanted; the task does it.
Between two slices of work the loop is given back, so that the kernel hears buttons, other cells and interrupts.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque

from IPython import get_ipython

BREATH = 0.001
"""Seconds between slices. A bare ``sleep(0)`` would starve the kernel's other sockets."""

_open: dict[str, tuple[str, list]] = {}
"""Panels by notebook cell, so that running a cell again ends the panel that it showed before."""


class Engine:
    """Runs ``panel.tick()`` whenever ``panel.idle()`` is over.

    Without an event loop (scripts, tests) what is asked is done at once and nothing goes on by itself.
    """

    def __init__(self, panel):
        self._panel = panel
        self._asked: deque = deque()
        self._task = self._loop = self._note = None

    def start(self) -> None:
        """Begin to drive, if there is a loop to do it in; ends what the same cell showed before."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        replace_in_cell(self._panel)
        if self._task is None or self._task.done():
            self._loop, self._note = loop, asyncio.Event()
            self._task = loop.create_task(self._drive())

    @property
    def driving(self) -> bool:
        """Whether what is asked will be done by the task; else it is done at once."""
        return self._task is not None

    def stop(self) -> None:
        """Drive no more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def ask(self, action, *arguments) -> None:
        """Have something done soon, from any thread; at once where nothing drives."""
        self._asked.append((action, arguments))
        if self._task is None:
            self._answer()
        else:
            self.wake()

    def wake(self) -> None:
        """There may be something to do."""
        if self._task is None:
            return
        if threading.current_thread() is threading.main_thread():
            self._note.set()
        self._loop.call_soon_threadsafe(self._note.set)

    async def finished(self) -> None:
        """Wait until the panel stands still."""
        while self._task is not None and not self._task.done() and (self._panel.playing or self._asked):
            await asyncio.sleep(0.01)

    def _answer(self) -> None:
        while self._asked:
            action, arguments = self._asked.popleft()
            try:
                action(*arguments)
            except Exception as error:
                self._complain(error)

    def _complain(self, error: Exception) -> None:
        """Have the panel say what went wrong; if it can't even do that, leave it to the log and stay alive."""
        try:
            self._panel.fail(error)
        except Exception:
            logging.getLogger(__name__).exception("the panel could not show an error")

    async def _drive(self) -> None:
        while True:
            wait = 0.0
            try:
                self._note.clear()
                self._answer()
                self._panel.tick()
                wait = self._panel.idle()
            except KeyboardInterrupt:
                pass  # somebody interrupted a cell while a slice was running: the panel plays on
            except Exception as error:
                self._complain(error)
            if wait <= 0:
                await asyncio.sleep(BREATH)
            else:
                await self._wait_for_note(wait)

    async def _wait_for_note(self, seconds: float) -> None:
        timer = None if seconds == float("inf") else self._loop.call_later(seconds, self._note.set)
        try:
            await self._note.wait()
        finally:
            if timer is not None:
                timer.cancel()


def replace_in_cell(panel) -> None:
    """Close the panels that an earlier run of the same cell showed: their pictures are gone."""
    shell = get_ipython()
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        return
    parent = kernel.get_parent("shell") or {}
    cell, message = parent.get("metadata", {}).get("cellId"), parent.get("header", {}).get("msg_id")
    if cell is None:
        return
    before, panels = _open.get(cell, (message, []))
    if before != message:
        for old in panels:
            if old is not panel:
                old.close()
        panels = []
    _open[cell] = (message, [*panels, panel])
