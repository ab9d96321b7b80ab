"""Mean and standard deviation of the return, exactly, from the model.

    V(s)     = sum_a pi(a | s) sum_s' p(s' | s, a) [R + gamma V(s')]
    Var[G|s] = sum_a pi(a | s) sum_s' p(s' | s, a) [(R + gamma V(s') - V(s))^2 + gamma^2 Var[G | s']]

What an outcome adds to the expectation, and what comes after it, are surprises of mean 0 that have nothing to do with
each other, so their variances add up.

Legend of axes: N agents, S states, M outcomes.

Source: M. Sobel, "The variance of discounted Markov decision processes", Journal of Applied Probability 19 (1982),
794-802, theorem 1.
"""

from __future__ import annotations

import numpy as np

from marl_edu.games.markov_game import MarkovGame
from marl_edu.planning.evaluation import bellman_residual, evaluate, solve
from marl_edu.planning.induced import induced_chain, joint_probabilities

ROUNDING = 1e-12
"""A surprise that is a smaller part of the numbers that it is the difference of counts as none."""


def return_moments(game: MarkovGame, policies=None) -> tuple[np.ndarray, np.ndarray]:
    """Exact mean and standard deviation of the return G_0 of each agent and of the team, under a fixed joint policy.

    Parameters
    ----------
    game : MarkovGame
        The world, with a discount below 1 or policies that end every episode. Its horizon plays no part.
    policies : list of N policies, or None
        As in ``evaluate``.

    Returns
    -------
    mean, deviation : (N + 1,) arrays
        By agent, and at the end of the team, whose return is the sum. The deviation is 0 where nothing but rounding is
        left of it, at about 1e-12 of the returns.

    Raises
    ------
    ValueError
        As in ``evaluate``.

    Examples
    --------
    A coin that pays the team 2 or 0 each time, for ever, with discount 0.5: mean 1 / (1 - 0.5) each, variance
    1 / (1 - 0.25).

    >>> from marl_edu.games import MarkovGame, Successors
    >>> coin = Successors.from_outcomes([[(0.5, 0, (2.0,)), (0.5, 0, (0.0,))]])
    >>> mean, deviation = return_moments(MarkovGame(coin, [[[1.0]]], discount=0.5))
    >>> mean.round(9).tolist(), (deviation**2).round(9).tolist()
    ([2.0, 2.0], [1.333333333, 1.333333333])
    """
    own, found, paid = evaluate(game, policies), game.successors, paid_by_outcome(game)
    pairs = np.repeat(np.arange(len(found.offsets) - 1), np.diff(found.offsets))
    here = pairs // game.n_joint_actions
    values, ahead = with_team(own), game.discount * own[:, found.states]
    surprise = with_team(paid) + game.discount * values[:, found.states] - values[:, here]
    off = with_team(bellman_residual(game, policies, own)[:, np.newaxis])  # what evaluate leaves unsolved
    size = with_team(np.abs(paid) + np.abs(ahead) + np.abs(own[:, here]))
    surprise[np.abs(surprise) <= 2 * off + ROUNDING * size] = 0

    chance = joint_probabilities(game, policies).ravel()[pairs] * found.probabilities
    unit = np.abs(surprise).max(axis=1, keepdims=True)
    unit[unit == 0] = 1
    squares = np.add.reduceat(chance * (surprise / unit) ** 2, found.offsets[: -1 : game.n_joint_actions], axis=1)
    variance, on = np.zeros_like(values), np.flatnonzero(~game.terminal)
    if len(on):
        among = induced_chain(game, policies)[0][on][:, on]
        variance[:, on] = np.maximum(solve(among, game.discount**2, squares[:, on]), 0)

    mean = values @ game.start
    apart = values - mean[:, np.newaxis]  # where the start is drawn, that is a surprise as well
    off = off / (1 - game.discount) if game.discount < 1 else off
    apart[np.abs(apart) <= 2 * off + 10 * ROUNDING * (with_team(np.abs(own)) + np.abs(mean)[:, np.newaxis])] = 0
    return mean, np.hypot(unit[:, 0] * np.sqrt(variance @ game.start), np.sqrt(apart**2 @ game.start))


def paid_by_outcome(game: MarkovGame) -> np.ndarray:
    """What each outcome pays, (N, M)."""
    found = game.successors
    if found.rewards is not None:
        return found.rewards
    return np.repeat(game.rewards.reshape(game.n_agents, -1), np.diff(found.offsets), axis=1)


def with_team(rows: np.ndarray) -> np.ndarray:
    """Rows of the agents (N, ...) and, below, their sum."""
    return np.concatenate([rows, rows.sum(axis=0, keepdims=True)])
