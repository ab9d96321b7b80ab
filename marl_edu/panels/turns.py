"""What panels have in common in which the student takes turns: how they stay, how they are shown, and how they end."""

from __future__ import annotations

import base64

from marl_edu.panels.controls import what_failed
from marl_edu.panels.engine import Engine
from marl_edu.panels.painter import Painter
from marl_edu.recording import Recording

BUDGET = 64 * 2**20
"""Bytes of frames that all turns may keep: every one, unless the world is large and there are many."""


class Turns:
    """Base of panels that stand still until something is wanted of them.

    A subclass sets ``title``, ``board`` and, when all the rest is there, ``_engine``, which calls its ``idle`` and
    ``tick``; ``tick`` shows where things stand if ``_dirty`` says so, with ``_notice``. It writes ``_still``.
    """

    title: str
    _engine: Engine
    _dirty, _notice = True, ""

    def _still(self) -> tuple[Painter, Recording, str]:
        """What a stored page shows: the last moment of this recording, painted by this, with these words."""
        raise NotImplementedError

    def _repr_mimebundle_(self, include=None, exclude=None):
        """The live widget where there is a front end; beside it a still picture and words.

        Before the first turn these are of what was played in the student's place.
        """
        painter, recording, words = self._still()
        picture = painter.png(recording, -1)
        told = f"{words} {painter.alt_text(recording, -1)}"
        self._engine.start()
        self._changed()
        bundle = self.board.box._repr_mimebundle_() or {}
        view = {key: value for key, value in bundle.items() if "widget" in key}
        data = view | {"text/plain": f"{self.title}. {words}", "image/png": base64.b64encode(picture).decode()}
        return data, {"image/png": {"alt": told}}

    def close(self) -> None:
        """Stop for good and free the widgets."""
        self._engine.stop()
        self.board.close()

    def fail(self, error: Exception) -> None:
        """Something went wrong: say so, keep what was recorded."""
        self._say(what_failed(error))
        self.tick()

    def _say(self, notice: str) -> None:
        self._notice = notice
        self._changed()

    def _changed(self) -> None:
        self._dirty = True
        self._engine.wake()
