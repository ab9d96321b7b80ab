"""The compact face of a Markov game: for each state and joint action, what can happen.

Most joint actions lead to one or two states, so a list of *outcomes* is far smaller than a dense table.
An outcome is a probability, a successor state and, where the reward itself is random, a reward per agent.

Legend of axes: N agents, S states, J joint actions (numbered in C order), M outcomes in all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

OUTCOME_LIMIT = 2**24
"""Most outcomes that a builder makes before it refuses: about half a GiB with three agents."""


@dataclass(frozen=True, eq=False)
class Successors:
    """Outcomes of every (state, joint action) pair, stored one after the other.

    Pair (s, j) has number ``s * J + j``; its outcomes are ``offsets[pair]`` up to ``offsets[pair + 1]``.

    Parameters
    ----------
    offsets : (S * J + 1,) int64
        Where each pair's outcomes begin; the last entry is M.
    states : (M,) int32
        Successor of each outcome.
    probabilities : (M,) float64
        Probability of each outcome; they sum to 1 within a pair.
    rewards : (N, M) float64, optional
        Reward per agent of each outcome. Left out where the reward depends on (s, j) alone.
    """

    offsets: np.ndarray
    states: np.ndarray
    probabilities: np.ndarray
    rewards: np.ndarray | None = None

    @classmethod
    def from_dense(cls, transitions: np.ndarray, rewards: np.ndarray | None = None) -> Successors:
        """Outcomes of a dense table (S, J, S); ``rewards`` (N, S, J, S) if they depend on the successor."""
        n_states, n_joint, _ = transitions.shape
        pairs, states = np.nonzero(transitions.reshape(n_states * n_joint, n_states))
        counts = np.bincount(pairs, minlength=n_states * n_joint)
        flat = transitions.reshape(n_states * n_joint, n_states)
        return cls(
            offsets=np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
            states=states.astype(np.int32),
            probabilities=flat[pairs, states],
            rewards=None if rewards is None else rewards.reshape(len(rewards), *flat.shape)[:, pairs, states],
        )

    @classmethod
    def from_outcomes(cls, outcomes: list[list[tuple]]) -> Successors:
        """Outcomes listed pair by pair, each ``(probability, successor)`` or ``(probability, successor, rewards)``.

        >>> coin = Successors.from_outcomes([[(0.5, 0, [14.0, 14.0]), (0.5, 0, [0.0, 0.0])]])
        >>> coin.expected_rewards().tolist()
        [[7.0], [7.0]]
        """
        counts = [len(pair) for pair in outcomes]
        flat = [outcome for pair in outcomes for outcome in pair]
        paid = bool(flat) and len(flat[0]) > 2
        return cls(
            offsets=np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
            states=np.array([outcome[1] for outcome in flat], dtype=np.int32),
            probabilities=np.array([outcome[0] for outcome in flat], dtype=float),
            rewards=np.array([outcome[2] for outcome in flat], dtype=float).T if paid else None,
        )

    def expected_rewards(self) -> np.ndarray:
        """Mean reward of each pair, (N, S * J), from the rewards of its outcomes."""
        weighted = self.rewards * self.probabilities
        return np.add.reduceat(weighted, self.offsets[:-1], axis=1)

    def expectation(self, values: np.ndarray) -> np.ndarray:
        """Mean of a number over the successors of each pair, sum_s' p(s' | s, j) values[s'], (S * J,).

        >>> Successors.from_outcomes([[(0.25, 0), (0.75, 1)], [(1.0, 0)]]).expectation(np.array([8.0, 4.0])).tolist()
        [5.0, 8.0]
        """
        return np.add.reduceat(self.probabilities * values[self.states], self.offsets[:-1])

    def dense(self, n_states: int) -> np.ndarray:
        """Transition table (S * J, S)."""
        n_pairs = len(self.offsets) - 1
        table = np.zeros((n_pairs, n_states))
        pairs = np.repeat(np.arange(n_pairs), np.diff(self.offsets))
        np.add.at(table, (pairs, self.states), self.probabilities)
        return table
