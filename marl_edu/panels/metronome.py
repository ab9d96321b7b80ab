"""When the next step of real time is due: so many a second, none to catch up, and none that nobody sees."""

from __future__ import annotations

import time

LEAD = 2
"""Moments that may be made before the page has seen the first of them."""

PATIENCE = 2.0
"""Seconds after which a page that has not answered is taken to be gone."""


class Metronome:
    """Beats while it runs. It knows which moment was made last, and which the page has seen.

    Parameters
    ----------
    speed : int
        Beats a second.
    clock : callable
        Seconds, from any beginning on.

    Examples
    --------
    >>> now = [0.0]
    >>> metronome = Metronome(10, lambda: now[0])
    >>> metronome.start(0)
    >>> metronome.due(0), metronome.due(1)  # one beat at once, the next a tenth of a second later
    (True, False)
    >>> now[0] = 1.0  # the kernel was busy
    >>> metronome.due(1), metronome.due(2)  # nothing is made up for
    (True, False)
    >>> now[0] = 1.2
    >>> metronome.due(2), metronome.seen(2, 2), metronome.due(2)  # it waits until the page has seen something
    (False, None, True)
    """

    def __init__(self, speed: int, clock=time.monotonic):
        self.speed, self.running, self.clock = speed, False, clock
        self._next = self._heard = 0.0
        self._seen = 0

    def start(self, made: int) -> None:
        """Run from now on; ``made`` is the number of the moment that stands."""
        self.running, self._next, self._heard, self._seen = True, self.clock(), self.clock(), made

    def stop(self) -> None:
        """Run no more."""
        self.running = False

    def seen(self, moment: int, made: int) -> None:
        """The page has seen a moment; if there never was one of that number, it was another flight's."""
        if moment <= made:
            self._seen, self._heard = max(self._seen, moment), self.clock()

    def due(self, made: int) -> bool:
        """Whether to make a step now; if so, the next is due one beat later."""
        now = self.clock()
        if not self.running or now < self._next or made - self._seen >= LEAD:
            return False
        self._next = max(self._next + 1 / self.speed, now + 0.5 / self.speed)
        return True

    def alone(self, made: int) -> bool:
        """Whether the page has not answered for so long that it must be gone."""
        return self.running and made - self._seen >= LEAD and self.clock() - self._heard > PATIENCE

    def wait(self, made: int) -> float:
        """Seconds until it is worth asking again; infinite where it doesn't run."""
        if not self.running:
            return float("inf")
        return max(self._next - self.clock(), 0.05 if made - self._seen >= LEAD else 0.001)
