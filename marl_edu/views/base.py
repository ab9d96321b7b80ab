"""What every picture is: a function of axes, a recording and a moment. No widget in here, and no figure is made.

Names of agents, actions and runs may hold any sign, so no text that has one is read as a formula (``parse_math``).
"""

from __future__ import annotations

import copy
import numbers
from collections.abc import Sequence

import numpy as np

from marl_edu.games import checks
from marl_edu.recording import Recording

REFERENCE_STYLES = {
    "team optimum": (0, (6, 3)),
    "random play": (0, (1, 2)),
    "do nothing": (0, (3, 1.5, 1, 1.5, 1, 1.5)),
    "controller": (0, (9, 2, 1.5, 2)),
}
"""Dashes of the exact answer, dots of the random baseline, everywhere; a dash and two dots of doing nothing, a long
dash and a dot of a controller written by hand."""

PALE, GRID = "#999999", "#dddddd"

SMALL, LARGE = 9.5, 10.5
"""Font sizes in points: of everything in a picture, and of its title."""


class View:
    """Base of views: ``view(ax, recording, t)`` draws moment ``t`` of a recording into axes that it is given.

    Called for the first time on some axes, it decorates them and makes its artists; called again it only updates
    those. It returns the artists that move, in painting order, so that whoever paints can redraw these alone on top
    of the rest. Whatever else changes (limits, ticks, a legend) makes the axes stale, which tells the painter to
    redraw everything, so an ``update`` touches such things only when they really change. The same view may be used
    on several axes, and ``copy.copy`` makes one that shares nothing with it that may be changed.

    A subclass writes ``decorate``, ``update`` and ``alt_text``. What does not move stays below ``zorder`` 3.
    """

    title = ""
    """Heading of the axes, and what people call this view."""

    ghosts: Sequence[tuple[str, Recording]] = ()
    """Earlier runs to compare with, each with a label; may be changed at any time. Views that draw curves show them."""

    tall: int | None = None
    """Height in pixels that a panel should give its picture for this view's sake; None where the usual one will do."""

    expected_units: int | None = None
    """How far the run will go; may be changed at any time. Views that draw curves let their time axis reach so far."""

    def __copy__(self) -> View:
        twin = object.__new__(type(self))
        for name, value in vars(self).items():
            setattr(twin, name, copy.copy(value) if isinstance(value, list | dict | set) else value)
        return twin

    def __call__(self, ax, recording: Recording, t: int) -> list:
        """Draw moment ``t`` (negative: from the end) and return the moving artists.

        Raises
        ------
        ValueError
            If the recording is empty or is not one that this view can show, or ``t`` is no whole number.
        IndexError
            If there is no moment ``t``.
        """
        t = self._moment(recording, t)
        view, known, artists = getattr(ax, "_marl_edu_scene", (None, None, None))
        if view is not self or known is not recording:
            ax.clear()
            artists = self.decorate(ax, recording)
            # The same order whether all is painted at once or the moving artists later, on top.
            for rank, artist in enumerate(_moving(artists)):
                artist.set_zorder(3 + rank / 100)
                artist.set_in_layout(hasattr(artist, "get_text"))  # marks that stick out must not push the axes about
            ax._marl_edu_scene = (self, recording, artists)
        self.update(ax, artists, recording, t)
        return _moving(artists)

    def decorate(self, ax, recording: Recording) -> dict:
        """Set up empty axes once; return the moving artists by name, lowest first, and notes that are no artists."""
        raise NotImplementedError

    def update(self, ax, artists: dict, recording: Recording, t: int) -> None:
        """Show moment ``t`` by changing the artists."""
        raise NotImplementedError

    def alt_text(self, recording: Recording, t: int = -1) -> str:
        """What the picture says at moment ``t``, in a sentence or two, for those who can't see it."""
        raise NotImplementedError

    def proportion(self, recording: Recording) -> float | None:
        """Height over width that suits the picture, or None where any will do."""
        return None

    def _moment(self, recording: Recording, t: int) -> int:
        """The position ``t`` from the front."""
        if not isinstance(recording, Recording):
            raise ValueError(f"{type(self).__name__}: recording is {checks.shown(recording)}; expected a Recording")
        if isinstance(t, bool) or not isinstance(t, numbers.Integral):
            raise ValueError(f"{type(self).__name__}: t is {checks.shown(t)}; expected a whole number")
        if not len(recording):
            raise ValueError(f"{type(self).__name__}: the recording is empty; expected at least one moment")
        if not -len(recording) <= t < len(recording):
            raise IndexError(f"{type(self).__name__}: no moment {t}; expected one below {len(recording)}")
        return range(len(recording))[t]

    def _words(self, field: str, given: str | None) -> str | None:
        """A text that was passed in, if any was."""
        return None if given is None else checks.text(f"{type(self).__name__}: {field}", given)

    def _at(self, recording: Recording, t: int) -> str:
        """When moment ``t`` is, in words."""
        done = int(recording.units[t])
        return f"after {done:,} {recording.unit}{'' if done == 1 else 's'}"


def _moving(artists: dict) -> list:
    return [artist for artist in artists.values() if hasattr(artist, "set_animated")]


def in_words(number: float) -> str:
    """A number as people write it, to three digits.

    >>> in_words(4.8793), in_words(-33.74), in_words(12400), in_words(0.5), in_words(float("nan"))
    ('4.88', '-33.7', '12,400', '0.50', 'not known yet')
    """
    if not np.isfinite(number):
        return "not known yet"
    if number == int(number):
        return f"{int(number):,}"
    if abs(number) < 1e-3:
        return f"{number:.1e}"
    decimals = 2 - int(np.floor(np.log10(abs(number))))
    return f"{number:,.{min(max(decimals, 0), 2 if abs(number) >= 0.1 else 4)}f}"


def in_figures(number: float) -> str:
    """``in_words`` with the minus sign of print, for labels in a picture."""
    return in_words(number).replace("-", "\N{MINUS SIGN}") if np.isfinite(number) else "?"


def step_up(value: float) -> float:
    """The first of ..., 0.5, 1, 2, 5, 10, 20, ... that is not below ``value`` > 0.

    >>> step_up(12400), step_up(20000), step_up(0.3)
    (20000.0, 20000.0, 0.5)
    """
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(power * lead for lead in (1, 2, 5, 10) if power * lead >= value * (1 - 1e-9)))


def pale(colour, share: float = 0.65) -> tuple[float, float, float]:
    """A colour with this share of white in it."""
    from matplotlib.colors import to_rgb

    return tuple(share + (1 - share) * part for part in to_rgb(colour))
