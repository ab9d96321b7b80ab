"""Exact values of a joint policy, for every agent.

Legend of axes: N agents, S states.

Sources: M. Puterman, "Markov Decision Processes", Wiley 1994, theorem 6.1.1 (v = (I - gamma P)^{-1} r);
R. Sutton & A. Barto, "Reinforcement Learning", 2nd edition, MIT Press 2018, equation 4.4; D. Bertsekas,
"Dynamic Programming and Optimal Control" vol. II, 4th edition, Athena 2012, chapter 3 (proper policies, discount 1).
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse import linalg

from marl_edu.games.markov_game import MarkovGame
from marl_edu.planning.induced import induced_chain
from marl_edu.planning.occupation import bicgstab

DIRECT_UP_TO = 800
"""Up to this many states a linear system is factorised; beyond, it is solved by iteration."""


def evaluate(game: MarkovGame, policies=None) -> np.ndarray:
    """Value of every state for every agent when all keep to the given joint policy.

    Solves V^i(s) = sum_a pi(a | s) [R^i(s, a) + gamma sum_s' p(s' | s, a) V^i(s')], a linear system, to a residual of
    at most 1e-12 of the largest reward (or what rounding permits). The process is not cut off at the game's horizon.

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
    >>> evaluate(climbing(discount=0.5, horizon=None), [[1], [1]]).tolist()
    [[14.0], [14.0]]
    """
    transitions, rewards = induced_chain(game, policies)
    values = np.zeros((game.n_agents, game.n_states))
    going_on = np.flatnonzero(~game.terminal)
    require_proper(game, transitions)
    if len(going_on):
        among_them = transitions[going_on][:, going_on]
        values[:, going_on] = solve(among_them, game.discount, rewards[:, going_on])
    return values


def require_proper(game: MarkovGame, transitions: sparse.csr_array) -> None:
    """Raise a ValueError if the sum of rewards has no end: discount 1, and a state that leads to no terminal one."""
    if game.discount < 1:
        return
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


def solve(transitions: sparse.csr_array, discount: float, rewards: np.ndarray) -> np.ndarray:
    """Solve v = r + gamma P v for each row r of ``rewards``, (N, S).

    Large systems are solved by BiCGSTAB; small ones, near-empty ones and those where that fails are factorised.
    """
    n_states = transitions.shape[0]
    if n_states > DIRECT_UP_TO and transitions.nnz > 2 * n_states:
        # v = r + gamma v P^T is the equation that bicgstab solves, with P^T in the place of P.
        backward = transitions.T.tocsr()
        offsets, states = backward.indptr.astype(np.int64), backward.indices.astype(np.int32)
        model = (rewards, discount, offsets, states, backward.data)
        everywhere, none = np.arange(n_states), np.zeros(n_states, dtype=bool)
        found = [bicgstab(everywhere, model, none, row, 1e-12 * np.abs(row).max()) for row in rewards]
        if all(solved for _, solved in found):
            return np.array([values for values, _ in found])
    system = sparse.eye_array(n_states) - discount * transitions
    return linalg.splu(system.tocsc()).solve(np.ascontiguousarray(rewards.T)).T
