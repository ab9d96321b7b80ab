"""What changes from step to step while a learner explores: random numbers drawn in advance, and how much they count.

Legend of axes: K seeds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

BLOCK = 128
"""Steps for which is drawn in advance: a hundred small calls cost more than one large one."""


class Draws:
    """Random numbers for one step after another, from each seed's own stream, drawn in blocks.

    Parameters
    ----------
    draw : callable
        ``draw(rng, shape)`` returns an array of this shape.
    generators : sequence of K Generator
        One for each seed: what a seed draws does not depend on how many there are.
    shape : tuple of int
        Of what one step of one seed needs.
    dtype : numpy type
        Of the numbers.

    Attributes
    ----------
    block : (BLOCK, K, *shape) array
        What is drawn already, step by step.
    used : int
        How many steps of it have been taken.

    Examples
    --------
    >>> coins = Draws(uniform, [np.random.default_rng(k) for k in range(5)], shape=(2,), dtype=np.float64)
    >>> coins.next().shape
    (5, 2)
    """

    def __init__(self, draw: Callable, generators: Sequence[np.random.Generator], shape: tuple[int, ...], dtype):
        self._draw, self._generators, self._shape = draw, list(generators), (BLOCK, *shape)
        self.block, self.used = np.zeros((BLOCK, len(self._generators), *shape), dtype=dtype), BLOCK

    def next(self) -> np.ndarray:
        """(K, *shape): of the next step; it stays as it is until the block has been used up."""
        if self.used == BLOCK:
            for k, rng in enumerate(self._generators):
                self.block[:, k] = self._draw(rng, self._shape)
            self.used = 0
        self.used += 1
        return self.block[self.used - 1]


def uniform(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Numbers in [0, 1), in doubles: coins."""
    return rng.random(shape)


def faded(start: float, end: float, length: float, update: int) -> float:
    """A number that goes from ``start`` to ``end`` along a line of ``length`` updates and stays there.

    >>> [faded(0.4, 0.0, 100, update) for update in (0, 50, 1000)]
    [0.4, 0.2, 0.0]
    """
    share = min(1.0, update / length)
    return (1 - share) * start + share * end
