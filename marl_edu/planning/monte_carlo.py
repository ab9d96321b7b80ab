"""Expected returns by playing: the mean over sampled episodes, how far it is off, and how far it should be.

The return of an episode is G_0^i = R_0^i + gamma R_1^i + gamma^2 R_2^i + ... for agent i, and the sum of all agents'
for the team. Its mean over n episodes that are independent of each other has the standard error sigma / sqrt(n), with
sigma the standard deviation of one return, which ``moments.py`` knows exactly.

Legend of axes: K seeds, N agents, C = N + 1 columns (the agents and then the team), O observations, S states, M
outcomes, L rungs, B bins.

Source: Sutton & Barto 2018, section 5.1 (Monte Carlo prediction; with R_t paid for A_t here).
"""

from __future__ import annotations

import numba
import numpy as np

from marl_edu.algorithm import Algorithm, Choice, Frame, Real
from marl_edu.games import checks
from marl_edu.games.markov_game import MarkovGame
from marl_edu.planning.dynamic_programming import opening_discount
from marl_edu.planning.evaluation import evaluate
from marl_edu.planning.induced import joint_policy
from marl_edu.planning.moments import paid_by_outcome, return_moments, with_team

RUNGS = np.unique(np.round(10 ** (np.arange(57) / 8)).astype(np.int64))
"""Numbers of episodes at which the error is kept: 1, 2, 3, 4, 6, 8, 10, ..., eight to a power of ten, up to 10^7."""

BINS, REACH = 48, 4.0
"""Bins of the distribution, and how many standard deviations it reaches to either side; the rest is in the last."""

LIMITS = (1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000)
"""Time limits that a slider offers."""

DISCOUNTS = tuple(k / 100 for k in range(100))
"""Discounts that a slider offers."""


class MonteCarlo(Algorithm):
    """Monte Carlo evaluation of a joint policy: play episodes, keep the running mean of their returns.

    Every seed plays episodes of its own. Hyperparameters say what is estimated, so they take effect at a reset, or at
    once as long as no episode was played.

    Parameters
    ----------
    game : MarkovGame
        The world. Its discount is where the hyperparameter ``discount`` starts; its horizon plays no part, ``limit``
        does.
    policies : list of N policies, or None
        As in ``evaluate``.
    seeds, seed : int
        How many runs side by side, and the base of their random streams.
    **hyperparameters
        Those declared below.

    Examples
    --------
    >>> from marl_edu.games import prisoners_dilemma
    >>> estimate = MonteCarlo(prisoners_dilemma(discount=0.5), [[[1.0, 0.0]], [[0.5, 0.5]]], seeds=3)
    >>> estimate.advance(1000)
    >>> estimate.frame()["mean"].round(1).tolist(), estimate.exact[:2].tolist()
    ([[3.0, 8.0], [3.1, 8.0], [3.0, 8.0]], [3.0, 8.0])
    """

    title = "Monte Carlo"
    unit = "episode"
    chunk = 1_000

    discount = Real(0.9, 0, 0.99, "weight of the next step's reward, gamma; takes effect at a reset", choices=DISCOUNTS)
    limit = Real(200, 1, 10_000, "steps after which an episode is cut off; takes effect at a reset", choices=LIMITS)
    after_limit = Choice(
        "nothing", ("nothing", "exact value"), "what is counted for the time after the limit; takes effect at a reset"
    )

    def __init__(self, game: MarkovGame, policies=None, *, seeds: int = 1, seed: int = 0, **options):
        self._game, self._policies = checks.game(game), policies
        self._tables = joint_policy(game, policies)
        instead = "return_moments, which has the exact mean and deviation"
        super().__init__(seeds=seeds, seed=seed, **opening_discount(type(self), game, options, instead) | options)

    @property
    def game(self) -> MarkovGame:
        """The world."""
        return self._game

    @property
    def exact(self) -> np.ndarray:
        """Exact expected return of each agent, and of the team, (N + 1,)."""
        return self._exact.copy()

    @property
    def deviation(self) -> np.ndarray:
        """Exact standard deviation of one return of each agent, and of the team, (N + 1,)."""
        return self._deviation.copy()

    def _inputs(self) -> tuple:
        return (self._game, self._policies)

    def reset(self) -> None:
        """Back to no episode, with the first random number."""
        super().reset()
        self._begin()

    def _begin(self) -> None:
        """Take over the hyperparameters; nothing was played yet."""
        self._taken = self.hyperparameters
        game = self._game.replace(discount=self.discount)
        k, columns = self.seeds, game.n_agents + 1
        self._exact, self._deviation = return_moments(game, self._policies)
        self._rngs = self.generators()
        self._world = _world(game, self._tables)
        values = with_team(evaluate(game, self._policies)) * (self.after_limit == "exact value")
        self._stopping = (float(self.discount), int(self.limit), np.ascontiguousarray(values))
        self._edges = self._exact[:, np.newaxis] + bin_edges(self._deviation)
        self._played = np.zeros(k, dtype=np.int64)
        self._sums, self._squares = np.zeros((k, columns)), np.zeros((k, columns))
        self._ladder = np.full((k, columns, len(RUNGS)), np.nan, dtype=np.float32)
        self._counts = np.zeros((k, columns, BINS), dtype=np.int32)
        self._latest = np.full((k, columns), np.nan)

    def _take_over(self) -> None:
        """What was set before the first episode counts from the first episode on."""
        if not self._played.any() and self._taken != self.hyperparameters:
            self._begin()

    def _advance(self, n: int) -> None:
        self._take_over()
        goal = self.units_done + n
        for k, rng in enumerate(self._rngs):
            left = goal - int(self._played[k])  # other than n after an interrupted advance
            if left > 0:
                returns = np.empty((left, len(self._exact)))
                episodes(rng, self._world, self._stopping, returns)
                self._take_in(k, returns)

    def _take_in(self, k: int, returns: np.ndarray) -> None:
        """Add the returns (n, C) of seed k; what is summed up is off the exact mean, so that rounding is no matter."""
        off, before = returns - self._exact, int(self._played[k])
        sums = self._sums[k] + np.cumsum(off, axis=0)
        there = (before < RUNGS) & (before + len(returns) >= RUNGS)
        self._ladder[k][:, there] = (sums[RUNGS[there] - before - 1] / RUNGS[there, np.newaxis]).T
        self._sums[k] = sums[-1]
        self._squares[k] += (off**2).sum(axis=0)
        self._latest[k] = returns[-1]
        for c, edges in enumerate(self._edges):
            places = np.clip(np.searchsorted(edges, returns[:, c], side="right") - 1, 0, BINS - 1)
            self._counts[k, c] += np.bincount(places, minlength=BINS).astype(np.int32)
        self._played[k] += len(returns)

    def _finished(self, n: int) -> int:
        """Bring all seeds to the end of the interrupted chunk."""
        self._advance(n)
        return n

    def _learned(self) -> Frame:
        return {"sum": self._sums}

    def frame(self) -> Frame:
        """Where the estimate stands.

        Returns
        -------
        dict of arrays
            ``mean`` (K, N) and ``team_mean`` (K,), the running means; ``standard_error`` (K, C), estimated from the
            episodes themselves (NaN before the second); ``error`` (K, C), running mean less exact value; ``ladder``
            (K, C, L), the same at 1, 2, 3, ... episodes (``RUNGS``), NaN where it has not come to; ``counts``
            (K, C, B), how many returns fell into each bin (``bin_edges``); ``latest`` (K, C), the return of the last
            episode; ``exact`` and ``deviation`` (K, C), the same for all seeds.
        """
        self._take_over()
        n = self._played[:, np.newaxis]
        with np.errstate(divide="ignore", invalid="ignore"):
            error = np.where(n > 0, self._sums / n, np.nan)
            rest = np.maximum(self._squares - self._sums**2 / n, 0)
            standard_error = np.where(n > 1, np.sqrt(rest / (n - 1) / n), np.nan)
        mean = self._exact + error
        each = np.ones((self.seeds, 1))
        return {
            "mean": mean[:, :-1],
            "team_mean": mean[:, -1],
            "standard_error": standard_error,
            "error": error,
            "ladder": self._ladder.copy(),
            "counts": self._counts.copy(),
            "latest": self._latest.copy(),
            "exact": each * self._exact,
            "deviation": each * self._deviation,
        }

    def references(self) -> dict[str, float]:
        """The exact expected return of the team."""
        return {"exact team return": float(self._exact[-1])}


def bin_edges(deviation) -> np.ndarray:
    """Edges of the bins (..., B + 1), relative to the exact mean, for returns of this standard deviation (...).

    >>> bin_edges(1.0)[[0, 24, 48]].tolist()
    [-4.0, 0.0, 4.0]
    """
    deviation = np.asarray(deviation, dtype=float)[..., np.newaxis]
    return np.where(deviation > 0, deviation, 1.0) * np.linspace(-REACH, REACH, BINS + 1)


def _world(game: MarkovGame, tables: list[np.ndarray]) -> tuple:
    """The game and the joint policy as the compiled loop reads them."""
    n_actions = np.array(game.n_actions, dtype=np.int64)
    chances = np.ones((game.n_agents, max(game.n_observations), n_actions.max()))
    for i, table in enumerate(tables):
        chances[i, : len(table), : table.shape[1]] = np.cumsum(table, axis=1)
    found = game.successors
    return (
        np.cumsum(game.start), game.terminal.copy(), game.observations.astype(np.int64), chances, n_actions,
        found.offsets.astype(np.int64), found.states.astype(np.int64), found.probabilities.copy(),
        np.ascontiguousarray(with_team(paid_by_outcome(game)).T),
    )  # fmt: skip


@numba.njit(cache=True)
def episodes(rng, world, stopping, returns):
    """Play as many episodes as ``returns`` (n, C) has rows, and write their returns there.

    Each episode draws uniform numbers in this order: one for the start; then in every step one for each agent's action
    and one for the outcome. ``stopping`` is (discount, limit, values (C, S)): after ``limit`` steps the rest counts as
    the value of the state that was reached.
    """
    start, terminal, observations, chances, n_actions, offsets, successors, probabilities, paid = world
    discount, limit, values = stopping
    n_columns = returns.shape[1]
    for episode in range(len(returns)):
        state, weight, t = fallen_on(start, rng.random()), 1.0, 0
        returns[episode] = 0.0
        while not terminal[state] and t < limit:
            pair = state
            for i in range(len(n_actions)):
                row = chances[i, observations[i, state], : n_actions[i]]
                pair = pair * n_actions[i] + fallen_on(row, rng.random())
            coin, outcome = rng.random(), offsets[pair]
            while outcome < offsets[pair + 1] - 1 and coin >= probabilities[outcome]:
                coin -= probabilities[outcome]
                outcome += 1
            for c in range(n_columns):
                returns[episode, c] += weight * paid[outcome, c]
            state, weight, t = successors[outcome], weight * discount, t + 1
        if not terminal[state]:
            for c in range(n_columns):
                returns[episode, c] += weight * values[c, state]


@numba.njit(cache=True)
def fallen_on(cumulative, coin):
    """Which outcome the uniform number ``coin`` falls on; the last one whatever rounding does."""
    k = 0
    while k < len(cumulative) - 1 and coin >= cumulative[k]:
        k += 1
    return k
