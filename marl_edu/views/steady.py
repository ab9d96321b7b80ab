"""Views whose axes stay as they are when a run is done again: what an edited game changes must show at once.

A view decorates its axes anew for each recording, and the layout is worked out anew, which takes a tenth of a second.
Of a run that is like the one before but for its numbers, neither is needed.
"""

from __future__ import annotations

from marl_edu.recording import Recording
from marl_edu.views.base import View


class SteadyView(View):
    """A view whose artists serve any recording that is ``alike``; its ``update`` asks what has changed."""

    def __call__(self, ax, recording: Recording, t: int) -> list:
        """As every view."""
        view, known, artists = getattr(ax, "_marl_edu_scene", (None, None, None))
        if view is self and known is not recording and self.serves(known, recording):
            ax._marl_edu_scene = (self, recording, artists)
        return super().__call__(ax, recording, t)

    def serves(self, one: Recording, other) -> bool:
        """Whether the artists made for one recording can show the other."""
        return alike(one, other)


def alike(one: Recording, other) -> bool:
    """Whether two recordings differ in their numbers alone: same algorithm, names, arrays and shapes.

    >>> import numpy as np
    >>> one, other = Recording("play", "step"), Recording("play", "step")
    >>> one.append(0, {"payoffs": np.zeros((3, 2))})
    >>> alike(one, other)
    False
    >>> other.append(0, {"payoffs": np.ones((3, 2))})
    >>> alike(one, other)
    True
    """
    if not isinstance(other, Recording) or not len(one) or not len(other):
        return False
    return _looks(one) == _looks(other)


def _looks(recording: Recording) -> tuple:
    game = recording.game
    actions = map(tuple, getattr(game, "actions", ()))  # in a particle world they have no names
    called = None if game is None else (tuple(game.agents), tuple(actions))
    shapes = {name: array.shape for name, array in recording[0].items()}
    return recording.algorithm, recording.unit, called, shapes
