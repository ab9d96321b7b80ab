"""The entries of an observation from another package as features: numbers brought to one size, names told apart.

Some entries are numbers, such as a coordinate; some are names that happen to be written as numbers, such as an element
of a ``Discrete`` space. A network learns fast from numbers around -1 to 1, and from one feature for each name.

Legend of axes: N agents, R entries of an observation, F features of it, G = N F features of a state; "..." any axes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from gymnasium.spaces import Box, Discrete, MultiBinary, MultiDiscrete

from marl_edu.games import checks

NUMBERS = ("scaled", "one-hot", "as they come")
"""What may be done with the entries of a ``Box``."""

MOST_VALUES = 64
"""Most values of an entry of a ``Box`` that gets one feature for each of them."""


class Entries:
    """How observations (..., N, R) become features (..., N, F).

    Parameters
    ----------
    title : str
        Name of the world, for messages.
    spaces : sequence of N Gymnasium spaces
        ``Discrete``, ``MultiDiscrete``, ``MultiBinary`` or ``Box``. Every entry of the first two gets one feature for
        each value.
    numbers : {'scaled', 'one-hot', 'as they come'}
        What is done with an entry of a ``Box`` or ``MultiBinary``. ``'scaled'``: brought from its bounds to [-1, 1], or
        left alone where it has no bounds. ``'one-hot'``: one feature for each value where the bounds are whole numbers
        with 3 to 64 values between them; otherwise scaled.

    Raises
    ------
    ValueError
        If a space is another one; or, in ``expect_readable``, if an observation is not what its space says.

    Examples
    --------
    >>> entries = Entries("two eyes", [Discrete(3), Box(0, 10, (2,))], "scaled")
    >>> entries.encode(np.array([[2, 0], [5, 10]]))[0].tolist()
    [[0.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 0.0]]
    """

    def __init__(self, title: str, spaces: Sequence, numbers: str):
        self._title = title
        checks.option("numbers", numbers, NUMBERS)
        limits = [_bounds(title, i, space) for i, space in enumerate(spaces)]
        self.shape = len(limits), max(len(low) for low, _, _ in limits)
        low, high, names = np.zeros(self.shape), np.zeros(self.shape), np.zeros(self.shape, dtype=bool)
        for i, (least, most, are_names) in enumerate(limits):
            low[i, : len(least)], high[i, : len(least)], names[i, : len(least)] = least, most, are_names
        bounded = np.isfinite(low) & np.isfinite(high)
        span = np.where(bounded, high, 0) - np.where(bounded, low, 0)
        if numbers == "one-hot":
            whole = bounded & (np.floor(low) == low) & (np.floor(high) == high)
            names |= whole & (span >= 2) & (span < MOST_VALUES)
        scaled = bounded & (span > 0) & (numbers != "as they come")
        self._factor = np.where(scaled, 2 / np.where(scaled, span, 1), 1).ravel()
        self._centre = np.where(scaled, low + span / 2, 0).ravel()

        # an entry that an agent lacks, having a shorter observation than others, gets a feature that stays 0
        widths = np.where(names, span + 1, 1).astype(np.int64)
        self.n_features = int(widths.sum(axis=1).max())
        before = np.cumsum(widths, axis=1) - widths
        self._first = (before + self.n_features * np.arange(len(limits))[:, None]).ravel()
        self._low, self._high, self._names = low.ravel(), high.ravel(), names.ravel()

    def encode(self, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Features (..., N, F) of observations (..., N, R), and all agents' in one row (..., G), float32."""
        entries = seen.reshape(-1, self._low.size)
        values = (entries - self._centre) * self._factor
        if not self._names.any():
            features = values.astype(np.float32)
        else:
            columns = self._first + np.where(self._names, entries - self._low, 0).astype(np.int64)
            features = np.zeros((len(entries), self.shape[0] * self.n_features), dtype=np.float32)
            features[np.arange(len(entries))[:, None], columns] = np.where(self._names, 1, values)
        leading = seen.shape[:-2]
        return features.reshape(*leading, self.shape[0], self.n_features), features.reshape(*leading, -1)

    def expect_readable(self, seen: np.ndarray) -> None:
        """Refuse what is no number, and a name (..., N, R) that has no feature."""
        flat = seen.reshape(-1, self._low.size)
        known = (np.floor(flat) == flat) & (self._low <= flat) & (flat <= self._high)
        bad = ~np.where(self._names, known, np.isfinite(flat))
        if not bad.any():
            return
        row, column = np.argwhere(bad)[0].tolist()
        agent, entry = divmod(column, self.shape[1])
        if self._names[column]:
            wanted = f"a whole number from {self._low[column]:g} to {self._high[column]:g}"
        else:
            wanted = "a finite number"
        raise ValueError(
            f"{self._title}: entry {entry} of agent {agent}'s observation is {flat[row, column]:g}; expected {wanted}"
        )


def _bounds(title: str, agent: int, space) -> tuple[np.ndarray, np.ndarray, bool]:
    """Least and largest value of each entry of an observation, (R,), and whether all values are names."""
    if isinstance(space, Discrete):
        return np.array([space.start]), np.array([space.start + space.n - 1]), True
    if isinstance(space, MultiDiscrete):
        return space.start.ravel(), (space.start + space.nvec - 1).ravel(), True
    if isinstance(space, MultiBinary):
        return np.zeros(space.shape).ravel(), np.ones(space.shape).ravel(), False
    if isinstance(space, Box):
        return space.low.ravel(), space.high.ravel(), False
    raise ValueError(
        f"{title}: the observation space of agent {agent} is {space}; expected Box, Discrete, MultiDiscrete or "
        "MultiBinary"
    )
