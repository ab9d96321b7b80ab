"""Exact values of a joint policy, for every agent.

Legend of axes: N agents, S states.

Sources: M. Puterman, "Markov Decision Processes", Wiley 1994, theorem 6.1.1 (v = (I - gamma P)^{-1} r);
R. Sutton & A. Barto, "Reinforcement Learning", 2nd edition, MIT Press 2018, equation 4.4; D. Bertsekas,
"Dynamic Programming and Optimal Control" vol. II, 4th edition, Athena 2012, section 3.1 (proper policies, discount 1).
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse import linalg

from marl_edu.games.markov_game import MarkovGame
from marl_edu.planning.induced import induced_chain

DIRECT_UP_TO = 800
"""Up to this many states a linear system is factorised; beyond, it is solved by iteration."""


def evaluate(game: MarkovGame, policies=None) -> np.ndarray:
    """Value of every state for every agent when all keep to the given joint policy.

    Solves V^i(s) = sum_a pi(a | s) [R^i(s, a) + gamma sum_s' p(s' | s, a) V^i(s')], a linear system, to a residual of
    at most 1e-12 of the largest reward. The process is not cut off at the game's horizon.

    Parameters
    ----------
    game : MarkovGame
        The world.
    policies : list of N policies, or None
        Agent i's is an (O_i, A_i) table of probabilities over its *observations*, an (O_i,) array of action numbers,
        or None for uniformly random. None instead of the list: everybody is uniformly random.

    Returns
    -------
    (N, S) array
        V^i(s), in units of reward; 0 in terminal states.

    Raises
    ------
    ValueError
        If the policies don't fit the game, or if the discount is 1 and there is a state from which the episode never
        ends under these policies (the message names it).

    Examples
    --------
    Always choosing (b, b) in a climbing game repeated with discount 0.5 is worth 7 / (1 - 0.5):

    >>> from marl_edu.games import climbing
    >>> evaluate(climbing().replace(discount=0.5), [[1], [1]]).tolist()
    [[14.0], [14.0]]
    """
    transitions, rewards = induced_chain(game, policies)
    values = np.zeros((game.n_agents, game.n_states))
    going_on = np.flatnonzero(~game.terminal)
    if game.discount == 1:
        _check_proper(game, transitions)
    if len(going_on):
        system = sparse.eye_array(len(going_on)) - game.discount * transitions[going_on][:, going_on]
        right = rewards[:, going_on].T
        values[:, going_on] = solve(system, right, 1e-12 * np.abs(right).max()).T
    return values


def _check_proper(game: MarkovGame, transitions: sparse.csr_array) -> None:
    """With discount 1, every state must lead to a terminal one, or the sum of rewards has no end."""
    ends = game.terminal.copy()
    while True:
        wider = ends | (transitions @ ends.astype(float) > 0)
        if (wider == ends).all():
            break
        ends = wider
    if not ends.all():
        state = game.states[np.flatnonzero(~ends)[0]]
        raise ValueError(
            f"discount is 1, but from state {state!r} the episode never ends under these policies (they are improper); "
            "expected policies that reach a terminal state from everywhere, or a discount below 1"
        )


def solve(system: sparse.sparray, right: np.ndarray, goal: float, norm: float = np.inf) -> np.ndarray:
    """Solve ``system @ x = right`` for each column of ``right``, (n, k).

    A large system is solved by GMRES, corrected until the residual's ``norm`` (1 or infinity) is at most ``goal``;
    small systems, near-empty ones and those where that fails are factorised.

    >>> solve(sparse.eye_array(2) * 4, np.array([[2.0], [1.0]]), 1e-12).ravel().tolist()
    [0.5, 0.25]
    """
    if system.shape[0] > DIRECT_UP_TO and system.nnz > 3 * system.shape[0]:
        system = system.tocsr()
        columns = [_iterate(system, column, goal, norm) for column in right.T]
        if all(column is not None for column in columns):
            return np.stack(columns, axis=1)
    return linalg.splu(system.tocsc()).solve(np.ascontiguousarray(right))


def _iterate(system: sparse.csr_array, right: np.ndarray, goal: float, norm: float) -> np.ndarray | None:
    """One column by restarted GMRES, or None where it doesn't reach the goal."""
    solution, residual = np.zeros_like(right), right
    for _ in range(10):
        if np.linalg.norm(residual, norm) <= goal:
            return solution
        correction, _ = linalg.gmres(system, residual, rtol=1e-9, restart=50, maxiter=10)
        solution = solution + correction
        residual = right - system @ solution
    return None
