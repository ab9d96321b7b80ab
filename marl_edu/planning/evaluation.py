"""Exact values of a joint policy, for every agent.

Legend of axes: N agents, S states.

Sources: M. Puterman, "Markov Decision Processes", Wiley 1994, theorem 6.1.1 (v = (I - gamma P)^{-1} r);
R. Sutton & A. Barto, "Reinforcement Learning", 2nd edition, MIT Press 2018, equation 4.4; D. Bertsekas,
"Dynamic Programming and Optimal Control" vol. II, 4th edition, Athena 2012, chapter 3 (proper policies, discount 1).
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph, linalg

from marl_edu.games import checks
from marl_edu.games.markov_game import MarkovGame
from marl_edu.planning.induced import induced_chain
from marl_edu.planning.occupation import bicgstab

DIRECT_UP_TO = 800
"""Up to this many states a linear system is factorised; beyond, it is solved by iteration."""


def evaluate(game: MarkovGame, policies=None) -> np.ndarray:
    """Value of every state for every agent when all keep to the given joint policy.

    Solves V^i(s) = sum_a pi(a | s) [R^i(s, a) + gamma sum_s' p(s' | s, a) V^i(s')], a linear system, to a residual of
    at most 1e-12 of the largest reward (or what rounding permits); ``bellman_residual`` measures it. The process is not
    cut off at the game's horizon. States to which the start never leads have a value too, as if the game began there.

    Parameters
    ----------
    game : MarkovGame
        The world.
    policies : list of N policies, or None
        Agent i's is an (O_i, A_i) table of probabilities over its *observations*, an (O_i,) array of action numbers,
        or None for uniformly random; in a game of one state a vector (A_i,) of probabilities will do. None instead of
        the list: everybody is uniformly random.

    Returns
    -------
    (N, S) array
        V^i(s), in units of reward; 0 in terminal states.

    Raises
    ------
    ValueError
        If the policies don't fit the game, or if the discount is 1 and there is a state from which the episode never
        ends under these policies (the message names it), be it one to which the start never leads.

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


def bellman_residual(game: MarkovGame, policies, values) -> np.ndarray:
    """How far values are from solving the equation of a joint policy, max_s |(TV)^i(s) - V^i(s)|, for every agent.

    (TV)^i(s) = sum_a pi(a | s) [R^i(s, a) + gamma sum_s' p(s' | s, a) V^i(s')], and 0 in terminal states. With a
    discount gamma below 1 no value is farther from the truth than the residual / (1 - gamma).

    Parameters
    ----------
    game : MarkovGame
        The world.
    policies : list of N policies, or None
        As in ``evaluate``.
    values : (N, S) array
        To be held against the equation, in units of reward.

    Returns
    -------
    (N,) array
        In units of reward.

    Raises
    ------
    ValueError
        If the policies or the values don't fit the game.

    Examples
    --------
    >>> from marl_edu.games import climbing
    >>> game = climbing(discount=0.5, horizon=None)
    >>> bellman_residual(game, [[1], [1]], [[14], [13]]).tolist()
    [0.0, 0.5]
    """
    transitions, rewards = induced_chain(game, policies)
    values = checks.array("values", values)
    if values.shape != rewards.shape:
        raise ValueError(f"values has shape {values.shape}; expected (n_agents, n_states) = {rewards.shape}")
    ahead = rewards + game.discount * (transitions @ values.T).T
    ahead[:, game.terminal] = 0
    return np.abs(ahead - values).max(axis=1)


def reached_states(game: MarkovGame, transitions: sparse.csr_array) -> np.ndarray:
    """Which states the start leads to, sooner or later, (S,) truth values; with discount 0: the start alone."""
    begin = game.start > 0
    return _led_to(transitions, begin) if game.discount > 0 else begin


def _led_to(transitions: sparse.csr_array, begin: np.ndarray) -> np.ndarray:
    """Where one can come to from the states ``begin`` (S,), truth values."""
    source = sparse.csr_array(begin[None].astype(float))  # one more state, which leads to all of these
    graph = sparse.vstack([transitions, source], format="csr")
    graph.resize(len(begin) + 1, len(begin) + 1)
    found = np.zeros(len(begin) + 1, dtype=bool)
    found[csgraph.breadth_first_order(graph, len(begin), return_predecessors=False)] = True
    return found[:-1]


def require_proper(game: MarkovGame, transitions: sparse.csr_array) -> None:
    """Raise a ValueError if the sum of rewards has no end: discount 1, and a state that leads to no terminal one."""
    if game.discount < 1:
        return
    endless = np.flatnonzero(~_led_to(transitions.T.tocsr(), game.terminal))
    if len(endless):
        reached = reached_states(game, transitions)[endless]
        state = endless[reached.argmax()]  # one that is reached, if there is one
        aside = "" if reached.any() else " (the start never leads there, but values are those of all states)"
        raise ValueError(
            f"discount is 1, but from state {game.states[state]!r} the episode never ends under these policies{aside}; "
            "expected policies that reach a terminal state from everywhere (proper ones), or a discount below 1"
        )


def solve(transitions: sparse.csr_array, discount: float, rewards: np.ndarray) -> np.ndarray:
    """Solve v = r + gamma P v for each row r of ``rewards``, (N, S): as ``solve_forward``, with P^T in P's place."""
    return solve_forward(transitions.T.tocsr(), discount, rewards)


def solve_forward(transitions: sparse.csr_array, discount: float, begin: np.ndarray) -> np.ndarray:
    """Solve d = b + gamma d P for each row b of ``begin``, (N, S).

    Large systems are solved by BiCGSTAB, which looks at its residual; small ones, near-empty ones and those where that
    fails are factorised.
    """
    n_states, begin = transitions.shape[0], np.ascontiguousarray(begin)
    if n_states > DIRECT_UP_TO and transitions.nnz > 2 * n_states:
        offsets, states = transitions.indptr.astype(np.int64), transitions.indices.astype(np.int32)
        model = (begin, discount, offsets, states, transitions.data)
        everywhere, none = np.arange(n_states), np.zeros(n_states, dtype=bool)
        found = [bicgstab(everywhere, model, none, row, 1e-12 * np.abs(row).max()) for row in begin]
        if all(solved for _, solved in found):
            return np.array([solution for solution, _ in found])
    system = sparse.eye_array(n_states) - discount * transitions.T
    return linalg.splu(system.tocsc()).solve(np.ascontiguousarray(begin.T)).T
