"""Starting points as they are given, made into policies.

Legend of axes: K starting points, 2 agents, A_1 and A_2 actions of agents 1 and 2.
"""

from __future__ import annotations

import numpy as np

from marl_edu.games import checks

SUM_TOLERANCE = 1e-6
"""How far the probabilities of a given starting point may be from summing to 1."""


def starting_points(starts, n_actions: tuple[int, ...]) -> list[list[np.ndarray]] | None:
    """Starting points as a list of pairs of policies; None stays None.

    Parameters
    ----------
    starts : sequence or None
        See ``MatrixDynamics``.
    n_actions : (int, int)
        A_1 and A_2.

    Returns
    -------
    list of pairs of (A_1,) and (A_2,) arrays, or None

    Raises
    ------
    ValueError
        Names the starting point and agent, what was given and what was expected.

    Examples
    --------
    >>> starting_points([[0.25, 1]], (2, 2))
    [[array([0.25, 0.75]), array([1., 0.])]]
    """
    if starts is None:
        return None
    if not checks.length(starts):
        raise ValueError(f"starts is {checks.shown(starts)}; expected a list of starting points, a pair each")
    return [_start(f"starts[{k}]", start, n_actions) for k, start in enumerate(starts)]


def _start(field: str, start, n_actions: tuple[int, ...]) -> list[np.ndarray]:
    if checks.length(start) != 2:
        raise ValueError(f"{field} is {checks.shown(start)}; expected a policy for each of the two agents")
    pair = []
    for i, (given, n) in enumerate(zip(start, n_actions, strict=True)):
        name = f"{field}[{i}]"
        if checks.length(given) is None and tuple(n_actions) == (2, 2):
            share = checks.number(name, given, 0, 1)
            given = [share, 1 - share]
        policy = checks.numeric(name, given).astype(float)
        if policy.ndim == 1 and len(policy) > n and np.isnan(policy[n:]).all():
            policy = policy[:n]  # padded, as in a frame
        policy = checks.array(name, policy)
        if policy.shape != (n,) or policy.min() < 0 or abs(policy.sum() - 1) > SUM_TOLERANCE:
            raise ValueError(
                f"{name} is {checks.shown(policy.tolist())}; expected {n} probabilities that sum to 1, one for each "
                f"action of agent {i + 1}"
            )
        pair.append(policy / policy.sum())
    return pair
