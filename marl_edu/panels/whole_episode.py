"""Pictures of a particle panel that are kept show whole episodes, of its own run or of one that was recorded before."""

from __future__ import annotations

import copy

from marl_edu.recording import Recording
from marl_edu.views import CriticView, ParticleView


class WholeEpisode:
    """A panel for an export: the same run, seen by copies of its views that show whole episodes and probe nothing.

    Parameters
    ----------
    panel : ParticlePanel
        It may go on to move: its own views are left alone.
    """

    def __init__(self, panel):
        self.recording, self.moment = panel.recording, panel.moment
        self.views = tuple(copy.copy(view) for view in panel.views)
        for view in self.views:
            if isinstance(view, ParticleView | CriticView):
                view.step = None
            if isinstance(view, CriticView):
                view.probe = None


def expect_alike(given: Recording, own: Recording) -> None:
    """A run for the still picture must be one that the panel's own learner could have made.

    Parameters
    ----------
    given : Recording
        The run. One that was loaded knows no world: then its arrays say whether it suits.
    own : Recording
        The panel's, with its first frame.

    Raises
    ------
    ValueError
        If algorithm or world are others, or arrays have other names or, seeds apart, other shapes.
    """
    if not len(given):
        raise ValueError(f"preview is {given!r}; expected a recording with moments in it")
    world = own.game if given.game is None else given.game
    if (given.algorithm, world.name) != (own.algorithm, own.game.name):
        raise ValueError(
            f"preview is a run of {given.algorithm} on {world.name}; expected one of {own.algorithm} on {own.game.name}"
        )
    there, here = ({name: part.shape[1:] for name, part in run[0].items()} for run in (given, own))
    for name in sorted(there.keys() | here.keys()):
        if there.get(name) != here.get(name):
            raise ValueError(
                f"preview is a run of another learner: its array {name!r} {_each(there.get(name))}, "
                f"that of this panel {_each(here.get(name))}"
            )


def _each(shape: tuple[int, ...] | None) -> str:
    """What there is of an array for each seed.

    >>> _each((26, 3, 2)), _each(()), _each(None)
    ('is 26 x 3 x 2 for each seed', 'is one number for each seed', 'is not there')
    """
    if shape is None:
        return "is not there"
    return f"is {' x '.join(map(str, shape)) or 'one number'} for each seed"
