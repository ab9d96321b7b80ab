"""From the frames of many seeds to a line with a band: the numbers behind a learning curve.

Legend of axes: T moments, K seeds, N agents, L lines.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit

from marl_edu.recording import Recording


class Bands(NamedTuple):
    """Lines through time: units of work (T,), and (T, L) the middle and the ends of the band, NaN where unknown."""

    units: np.ndarray
    middle: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def extent(self) -> tuple[float, float]:
        """Smallest and largest of all finite numbers, or (inf, -inf)."""
        numbers = np.concatenate([self.middle, self.low, self.high])
        numbers = numbers[np.isfinite(numbers)]
        return (float(numbers.min()), float(numbers.max())) if numbers.size else (np.inf, -np.inf)

    def outline(self, line: int) -> list[np.ndarray]:
        """The band of one line as a polygon (in a list: none or one), where it is known."""
        known = np.isfinite(self.low[:, line])
        if known.sum() < 2:
            return []
        there, back = (np.column_stack([self.units[known], end[known, line]]) for end in (self.low, self.high))
        return [np.concatenate([there, back[::-1]])]

    def none(self) -> Bands:
        """As many lines, of no length."""
        return Bands(*(part[:0] for part in self))


def values_of(recording: Recording, quantity: str, agents: str, moments) -> np.ndarray:
    """A quantity at some moments, (T, K, L); one line per agent for ``'each'``, else one in all.

    Raises
    ------
    ValueError
        If the frames have no such array, or it is not one number per seed, or per seed and agent.
    """
    if quantity not in recording[0]:
        raise ValueError(f"no array {quantity!r} was recorded; expected one of {', '.join(recording[0])}")
    shape = recording[0][quantity].shape
    per_agent = len(shape) == 2 and shape[1] == _n_agents(recording, default=shape[1])
    if len(shape) != 1 and not per_agent:
        raise ValueError(f"{quantity!r} has shape {shape} in a frame; expected one number per seed, or seed and agent")
    values = np.array([recording[t][quantity] for t in moments], dtype=float)
    if values.ndim == 2:
        return values[:, :, np.newaxis]
    return values if agents == "each" else getattr(values, agents)(axis=2, keepdims=True)


def _n_agents(recording: Recording, default: int) -> int:
    """How many agents there are, where the recording tells."""
    if recording.game is not None:
        return recording.game.n_agents
    return recording[0]["q"].shape[1] if "q" in recording[0] else default


def bands_of(recording: Recording, quantity: str, agents: str, band: str | None, moments) -> Bands:
    """Mean over seeds at some moments, and a band: the 95 % interval of the mean (Student t), or the range.

    Seeds that have no number yet (NaN) are left out; with fewer than two the band is NaN.
    """
    moments = np.asarray(moments)
    values = values_of(recording, quantity, agents, moments)
    known = np.isfinite(values)
    count = known.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        middle = np.where(known, values, 0).sum(axis=1) / count
        if band == "range":
            low = np.where(known, values, np.inf).min(axis=1)
            high = np.where(known, values, -np.inf).max(axis=1)
        else:
            squares = np.where(known, values - middle[:, np.newaxis], 0) ** 2
            half = stdtrit(count - 1, 0.975) * np.sqrt(squares.sum(axis=1) / (count - 1) / count)
            low, high = middle - half, middle + half
    nothing = (count < 2) | (band is None)
    return Bands(recording.units[moments], middle, np.where(nothing, np.nan, low), np.where(nothing, np.nan, high))
