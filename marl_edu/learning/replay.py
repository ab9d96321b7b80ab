"""What was experienced, kept for learning from it again: single steps, or whole episodes.

A *transition* is what happened in one step: where the world stood, what was done, what was paid, where it stood then,
and whether that was the end. Two ends must be told apart: *terminated*, where the world has no future, and *truncated*,
where somebody stopped looking and the target bootstraps from the true last state.

What a transition consists of is up to whoever makes the replay: named arrays, of the shapes and types given as
``example``. Sampling is uniform, with replacement, by each seed's own random stream.

Legend of axes: K seeds, W copies of the world, C capacity, B batch, T steps of the longest episode.

Source: L.-J. Lin, "Self-improving reactive agents based on reinforcement learning, planning and teaching", Machine
Learning 8 (1992), section 2.5; for whole episodes M. Hausknecht and P. Stone, "Deep recurrent Q-learning for partially
observable MDPs", 2015, section 4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from marl_edu.games import checks

MASK = "mask"
"""Name of the array in which ``EpisodeReplay.sample`` tells steps from padding."""


LARGEST = 2**32
"""Bytes that the replay of a learner may have, all seeds together."""


def expect_room(seeds: int, capacity: float, worlds: float, example: Mapping[str, tuple]) -> None:
    """Raise a ``ValueError`` where a ``Replay`` could not take one step of all worlds, or needs more than ``LARGEST``.

    >>> expect_room(1000, 10**6, 64, {"state": ((2,), np.float32)})
    Traceback (most recent call last):
        ...
    ValueError: the replay of 1000 seeds needs 7,629 MiB; expected at most 4,096 MiB (fewer seeds, a smaller capacity)
    """
    if capacity < worlds:
        raise ValueError(f"capacity is {capacity:g}; expected at least the number of worlds, {worlds:g}")
    one = sum(int(np.prod(shape)) * np.dtype(dtype).itemsize for shape, dtype in example.values())
    needed = seeds * capacity * one
    if needed > LARGEST:
        raise ValueError(
            f"the replay of {seeds} seeds needs {needed / 2**20:,.0f} MiB; expected at most "
            f"{LARGEST / 2**20:,.0f} MiB (fewer seeds, a smaller capacity)"
        )


class Replay:
    """The latest transitions of every seed, in a ring: the oldest gives way to the newest.

    Parameters
    ----------
    seeds : int
        K, independent runs. They never see each other's transitions.
    capacity : int
        C, transitions that are kept of each seed.
    example : dict of (shape, dtype)
        What one transition consists of: for each name the shape of its array and its type.

    Raises
    ------
    ValueError
        If an argument, or later an array, is not what was expected; or if nothing is there to sample from.

    Examples
    --------
    >>> replay = Replay(seeds=1, capacity=3, example={"state": ((), np.int32), "reward": ((), np.float32)})
    >>> for t in range(5):
    ...     replay.add(state=[[t]], reward=[[t / 10]])
    >>> len(replay)
    3
    >>> batch = replay.sample(100, [np.random.default_rng(0)])
    >>> batch["state"].shape, np.unique(batch["state"]).tolist()
    ((1, 100), [2, 3, 4])
    >>> replay.kept["state"].tolist()
    [[3, 4, 2]]
    """

    def __init__(self, seeds: int, capacity: int, example: Mapping[str, tuple]):
        self.seeds = checks.integer("seeds", seeds, 1)
        self.capacity = checks.integer("capacity", capacity, 1)
        self._kept = _blank(example, (self.seeds, self.capacity))
        self._filled = self._next = 0

    def __len__(self) -> int:
        """Number of transitions kept of each seed."""
        return self._filled

    @property
    def kept(self) -> dict[str, np.ndarray]:
        """All transitions that are kept, (K, len, ...) by name, in the order of the ring: views, not copies."""
        return {name: values[:, : self._filled] for name, values in self._kept.items()}

    def add(self, **arrays) -> None:
        """Keep one transition of each of W copies of the world: arrays (K, W, ...), at most C copies."""
        arrays = _fitting(arrays, self._kept, self.seeds, axes=2)
        copies = next(iter(arrays.values())).shape[1]
        if copies > self.capacity:
            raise ValueError(f"{copies} copies were added at once; expected at most the capacity, {self.capacity}")
        end = self._next + copies
        rows = slice(self._next, end) if end <= self.capacity else np.arange(self._next, end) % self.capacity
        for name, values in arrays.items():
            self._kept[name][:, rows] = values
        self._next = end % self.capacity
        self._filled = min(self._filled + copies, self.capacity)

    def sample(self, batch: int, generators: Sequence[np.random.Generator]) -> dict[str, np.ndarray]:
        """Draw a batch for every seed: fresh arrays (K, B, ...), by name.

        Parameters
        ----------
        batch : int
            B, transitions drawn for each seed, with replacement.
        generators : sequence of K Generator
            One random stream per seed; each gives B uniform numbers.
        """
        return _gather(self._kept, _draw(batch, generators, np.full(self.seeds, self._filled)))

    def newest(self, name: str, count: int) -> np.ndarray:
        """One array of the newest transitions, (K, count, ...), the very newest last; of fewer if there are no more.

        >>> replay = Replay(seeds=1, capacity=3, example={"state": ((), np.int32)})
        >>> for t in range(5):
        ...     replay.add(state=[[t]])
        >>> replay.newest("state", 2).tolist()
        [[3, 4]]
        """
        return self._kept[name][:, np.arange(self._next - min(count, self._filled), self._next) % self.capacity]


class EpisodeReplay:
    """The latest whole episodes of every seed, padded to the length of the longest possible one.

    An episode is kept aside while it runs and moves into its seed's ring when it ends, be it terminated or truncated.
    Copies of the world may end at different times, and so may seeds.

    It is for *recurrent* networks, whose memory must be built up from the beginning of an episode, where an agent sees
    less than it has to know. The learners of this package have none and draw single steps from ``Replay``.

    Parameters
    ----------
    seeds, capacity, example
        As for ``Replay``; the capacity counts episodes.
    longest : int
        T, steps of the longest episode. A longer one is refused.

    Raises
    ------
    ValueError
        As for ``Replay``; or if an episode is too long.

    Examples
    --------
    >>> replay = EpisodeReplay(seeds=1, capacity=2, longest=3, example={"reward": ((), np.float32)})
    >>> replay.add(reward=[[1.0]], ended=[[False]])
    >>> len(replay)
    0
    >>> replay.add(reward=[[5.0]], ended=[[True]])  # the last step counts, what comes after it does not
    >>> batch = replay.sample(1, [np.random.default_rng(0)])
    >>> batch["reward"].tolist(), batch["mask"].tolist()
    ([[[1.0, 5.0, 0.0]]], [[[1.0, 1.0, 0.0]]])
    """

    def __init__(self, seeds: int, capacity: int, longest: int, example: Mapping[str, tuple]):
        self.seeds = checks.integer("seeds", seeds, 1)
        self.capacity = checks.integer("capacity", capacity, 1)
        self.longest = checks.integer("longest", longest, 1, checks.LONGEST)
        if MASK in example or "ended" in example:
            raise ValueError(f"example has the names {sorted(example)}; expected others than 'ended' and {MASK!r}")
        lengths = {name: ((self.longest, *shape), dtype) for name, (shape, dtype) in example.items()}
        self._running_shapes = lengths | {MASK: ((self.longest,), np.float32)}
        self._kept = _blank(self._running_shapes, (self.seeds, self.capacity))
        self._running: dict[str, np.ndarray] = {}
        self._filled = np.zeros(self.seeds, dtype=np.int64)
        self._next = np.zeros(self.seeds, dtype=np.int64)

    def __len__(self) -> int:
        """Number of whole episodes that every seed has at least."""
        return int(self._filled.min())

    def add(self, ended, **arrays) -> None:
        """Keep one step of each of W copies of the world.

        Parameters
        ----------
        ended : (K, W) bool
            Whether this step was its episode's last one, terminated or truncated.
        **arrays : (K, W, ...)
            The transitions. W must stay the same.
        """
        steps = {name: kept[:, :, 0] for name, kept in self._kept.items() if name != MASK}
        arrays = _fitting(arrays, steps, self.seeds, axes=2)
        ended = np.asarray(ended)
        where = next(iter(arrays.values())).shape[:2]
        if ended.shape != where or ended.dtype != bool:
            raise ValueError(f"ended has shape {ended.shape} of {ended.dtype}; expected {where} of bool")
        if not self._running:
            self._running, self._age = _blank(self._running_shapes, where), np.zeros(where, dtype=np.int64)
        if where != self._age.shape:
            raise ValueError(f"{where[1]} copies were added; expected {self._age.shape[1]}, as before")
        if self._age.max() == self.longest:
            raise ValueError(f"an episode has more than {self.longest} steps; expected at most `longest`")

        here = (*np.indices(where, sparse=True), self._age)
        for name, values in arrays.items():
            self._running[name][here] = values
        self._running[MASK][here] = 1
        self._age += 1
        for k, w in np.argwhere(ended):
            self._keep(k, w)

    def sample(self, batch: int, generators: Sequence[np.random.Generator]) -> dict[str, np.ndarray]:
        """Draw a batch of whole episodes for every seed.

        Parameters
        ----------
        batch : int
            B, episodes drawn for each seed, with replacement.
        generators : sequence of K Generator
            One random stream per seed; each gives B uniform numbers.

        Returns
        -------
        dict of (K, B, T, ...) arrays
            Fresh arrays, 0 after the end; and ``mask`` (K, B, T), 1 for every step that was made, the last one
            included, 0 for padding. A loss weighs its errors with it; nothing may be bootstrapped from padding.
        """
        return _gather(self._kept, _draw(batch, generators, self._filled))

    def _keep(self, k: int, w: int) -> None:
        """Move an episode into its seed's ring, padding and all, and leave a clean slate behind."""
        for name, running in self._running.items():
            self._kept[name][k, self._next[k]] = running[k, w]
            running[k, w] = 0
        self._age[k, w] = 0
        self._next[k] = (self._next[k] + 1) % self.capacity
        self._filled[k] = min(self._filled[k] + 1, self.capacity)


def _blank(example: Mapping[str, tuple], leading: tuple[int, ...]) -> dict[str, np.ndarray]:
    if not example:
        raise ValueError("example is empty; expected {name: (shape, dtype)}, what a transition consists of")
    return {name: np.zeros((*leading, *shape), dtype=dtype) for name, (shape, dtype) in example.items()}


def _fitting(arrays: dict, kept: dict[str, np.ndarray], seeds: int, axes: int) -> dict[str, np.ndarray]:
    """The arrays of one step, after a look at their names, shapes (K, W, ...) and types."""
    if arrays.keys() != kept.keys():
        raise ValueError(f"add was given {', '.join(arrays) or 'nothing'}; expected {', '.join(kept)}")
    found = {name: np.asarray(values) for name, values in arrays.items()}
    copies = next(iter(found.values())).shape[1:2]
    for name, values in found.items():
        wanted = (seeds, *copies, *kept[name].shape[axes:])
        if values.shape != wanted:
            raise ValueError(f"{name} has shape {values.shape}; expected {wanted}: seeds, copies of the world, ...")
        if not np.can_cast(values.dtype, kept[name].dtype, "same_kind"):
            raise ValueError(f"{name} holds {values.dtype}; expected {kept[name].dtype}")
    return found


def _draw(batch: int, generators: Sequence[np.random.Generator], filled: np.ndarray) -> np.ndarray:
    """Which of what is filled, (K, B): whole numbers below ``filled`` (K,)."""
    batch = checks.integer("batch", batch, 1)
    if len(generators) != len(filled):
        raise ValueError(f"{len(generators)} generators were given; expected one for each of {len(filled)} seeds")
    if not filled.all():
        raise ValueError("sample was called while there was nothing to sample from; expected some add() before")
    shares = np.empty((len(filled), batch))
    for generator, row in zip(generators, shares, strict=True):
        generator.random(out=row)
    return (shares * filled[:, None]).astype(np.int64)


def _gather(kept: dict[str, np.ndarray], rows: np.ndarray) -> dict[str, np.ndarray]:
    """What stands in rows (K, B) of each seed's ring."""
    found = {}
    for name, values in kept.items():
        seeds, capacity = values.shape[:2]
        flat = values.reshape(seeds * capacity, *values.shape[2:])
        found[name] = flat.take(rows + capacity * np.arange(seeds)[:, None], axis=0)
    return found
