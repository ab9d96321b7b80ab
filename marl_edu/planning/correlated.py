"""Correlated equilibria, by linear programming.

A mediator draws a joint action from a distribution z and tells each agent only its own part. If nobody gains by doing
something else than it is told, z is a *correlated equilibrium*:

    sum_{a^-i} z(a^i, a^-i) [u^i(b, a^-i) - u^i(a^i, a^-i)] <= 0    for all agents i, recommendations a^i, deviations b.

If an agent must decide *before* it hears its part whether to obey or to play b always, fewer conditions remain, those
summed over a^i, and z is a *coarse* correlated equilibrium. Both sets are polytopes, and contain all Nash equilibria,
which are those z that are products. Regret matching tends to the coarse set, its conditional version to the other.

Legend of axes: N agents, A_i actions of agent i, J = prod A_i joint actions.

Sources: R. Aumann, "Correlated equilibrium as an expression of Bayesian rationality", Econometrica 55 (1987); H. Moulin
& J.-P. Vial, "Strategically zero-sum games", International Journal of Game Theory 7 (1978), for the coarse one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

from marl_edu.games import checks
from marl_edu.games.markov_game import MarkovGame
from marl_edu.planning.normal_form import payoff_ranges, payoff_tables

HIGHS = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
"""The solver's tightest tolerances; payoffs are scaled to a range of 1 before."""


@dataclass(frozen=True, eq=False)
class CorrelatedEquilibrium:
    """A correlated equilibrium that is best by some measure.

    Attributes
    ----------
    joint : (A_1, ..., A_N) array
        z, the probability of every joint action.
    payoffs : (N,) array
        Expected payoffs, in units of reward.
    value : float
        The measure: the sum of payoffs, the smallest of them, or their weighted sum.
    """

    joint: np.ndarray
    payoffs: np.ndarray
    value: float


def correlated_equilibrium(game: MarkovGame, objective="welfare", *, coarse: bool = False) -> CorrelatedEquilibrium:
    """The correlated equilibrium that is best by a measure of your choice.

    Parameters
    ----------
    game : MarkovGame
        A matrix game of any number of agents.
    objective : 'welfare', 'fairness', or sequence of N floats
        Maximise the sum of payoffs, the payoff of whoever gets least, or the sum of payoffs with these weights.
    coarse : bool
        Whether to look among the coarse correlated equilibria, of which there are more.

    Returns
    -------
    CorrelatedEquilibrium

    Raises
    ------
    ValueError
        If this is no matrix game, or the objective is none of these.

    Examples
    --------
    In chicken a mediator does better than any mixture of equilibria, 5 1/4 each (Aumann 1974):

    >>> from marl_edu.games import chicken
    >>> best = correlated_equilibrium(chicken())
    >>> best.joint.round(6).tolist(), best.payoffs.round(6).tolist()
    ([[0.5, 0.25], [0.25, 0.0]], [5.25, 5.25])
    """
    tables = payoff_tables(game)
    weights = _weights(objective, len(tables))
    incentives = _incentives(tables, checks.flag("coarse", coarse))
    n_joint = game.n_joint_actions
    payoffs = tables.reshape(len(tables), -1)
    middle, size = payoffs.mean(), max(float(np.ptp(payoffs)), 1e-300)  # one measure for all: payoffs are compared
    common = (payoffs - middle) / size
    if weights is None:  # a further variable t, no larger than any agent's payoff, is maximised
        cost = np.append(np.zeros(n_joint), -1.0)
        rows = np.vstack([np.pad(incentives, ((0, 0), (0, 1))), np.hstack([-common, np.ones((len(tables), 1))])])
        bounds = [(0, None)] * n_joint + [(None, None)]
    else:
        cost, rows, bounds = -(weights / max(np.abs(weights).max(), 1e-300)) @ common, incentives, (0, None)
    total = (np.arange(rows.shape[1]) < n_joint).astype(float)[None]
    found = linprog(cost, rows, np.zeros(len(rows)), total, [1.0], bounds, method="highs-ds", options=HIGHS)
    if found.status != 0:
        raise RuntimeError(f"no solution of the linear programme: {found.message}")
    joint = np.where(found.x[:n_joint] < 1e-12, 0, found.x[:n_joint])
    joint /= joint.sum()
    paid = payoffs @ joint
    value = float(paid.min() if weights is None else weights @ paid)
    return CorrelatedEquilibrium(joint.reshape(game.n_actions), paid, value)


def _weights(objective, n_agents: int) -> np.ndarray | None:
    """Weights of the agents' payoffs in the measure; None for the smallest payoff."""
    if isinstance(objective, str):
        return (
            np.ones(n_agents) if checks.option("objective", objective, ["welfare", "fairness"]) == "welfare" else None
        )
    if checks.length(objective) != n_agents:
        raise ValueError(
            f"objective is {checks.shown(objective)}; expected 'welfare', 'fairness' or {n_agents} weights"
        )
    return checks.array("objective", objective)


def _incentives(tables: np.ndarray, coarse: bool) -> np.ndarray:
    """One row per condition: row . z is the gain by one deviation, in units of the range, (conditions, J)."""
    rows = []
    for agent, (table, size) in enumerate(zip(tables, payoff_ranges(tables), strict=True)):
        first = np.moveaxis(table, agent, 0)
        for b in range(len(first)):
            gain = (first[b] - first) / max(
                size, 1e-300
            )  # by playing b instead of what was recommended, (A_i, the others)
            if coarse:
                rows.append(np.moveaxis(gain, 0, agent).ravel())
                continue
            for a in range(len(first)):
                if a != b:
                    told = np.zeros_like(gain)
                    told[a] = gain[a]
                    rows.append(np.moveaxis(told, 0, agent).ravel())
    return np.array(rows).reshape(-1, tables[0].size)


def deviation_gains(game: MarkovGame, joint, *, coarse: bool = False) -> np.ndarray:
    """What each agent gains by the best reaction to what a mediator tells it, (N,), at least 0.

    For every recommendation a^i the agent may choose another action b: sum_{a^i} max_b sum_{a^-i} z(a^i, a^-i)
    [u^i(b, a^-i) - u^i(a^i, a^-i)]. With ``coarse`` it has to choose one b for all recommendations, or obey.

    Parameters
    ----------
    game : MarkovGame
        A matrix game.
    joint : (A_1, ..., A_N) array
        Probability of every joint action, for example how often each was played.
    coarse : bool
        Which deviations are allowed.

    Returns
    -------
    (N,) array
        In units of reward. All 0 in a (coarse) correlated equilibrium.

    Raises
    ------
    ValueError
        If this is no matrix game, or ``joint`` no distribution over its joint actions.

    Examples
    --------
    >>> from marl_edu.games import chicken
    >>> deviation_gains(chicken(), [[1, 0], [0, 0]]).tolist()
    [1.0, 1.0]
    """
    tables, joint, coarse = payoff_tables(game), checks.array("joint", joint), checks.flag("coarse", coarse)
    if joint.shape != game.n_actions:
        raise ValueError(f"joint has shape {joint.shape}; expected {game.n_actions}, one probability per joint action")
    if joint.min() < 0 or abs(joint.sum() - 1) > 1e-6:
        raise ValueError(f"joint goes from {joint.min():g} and sums to {joint.sum():g}; expected probabilities, sum 1")
    joint = joint / joint.sum()
    gains = []
    for agent, table in enumerate(tables):
        count = game.n_actions[agent]
        told = np.moveaxis(joint, agent, 0).reshape(count, -1)
        paid = np.moveaxis(table, agent, 0).reshape(count, -1)
        instead = told @ paid.T  # what playing b pays where a is recommended, (a, b)
        obeyed = np.diag(instead)
        gains.append(instead.sum(axis=0).max() - obeyed.sum() if coarse else (instead.max(axis=1) - obeyed).sum())
    return np.maximum(gains, 0.0)


def is_correlated_equilibrium(game: MarkovGame, joint, tolerance: float = 1e-8, *, coarse: bool = False) -> bool:
    """Whether nobody gains by doing something else than a mediator recommends.

    Parameters
    ----------
    game : MarkovGame
        A matrix game.
    joint : (A_1, ..., A_N) array
        Probability of every joint action.
    tolerance : float in [0, 1]
        Gain that counts as none, as a share of the agent's range of payoffs.
    coarse : bool
        Whether the agents must decide before they hear the recommendation.

    Returns
    -------
    bool

    Raises
    ------
    ValueError
        As ``deviation_gains``.

    Examples
    --------
    >>> from marl_edu.games import chicken
    >>> is_correlated_equilibrium(chicken(), [[1 / 3, 1 / 3], [1 / 3, 0]])
    True
    """
    gains = deviation_gains(game, joint, coarse=coarse)
    return bool((gains <= checks.number("tolerance", tolerance, 0, 1) * payoff_ranges(payoff_tables(game))).all())
