"""Expected returns from the start of a game, fast enough to be asked for at every frame of a live picture.

The return is G_0 = R_0 + gamma R_1 + gamma^2 R_2 + ..., with R_t the reward for the action at time t. Its expectation
is found by pushing the distribution of the state forward in time: mu_{t+1}(s') = sum_s mu_t(s) p_pi(s' | s), and

    E[G_0] = sum_t gamma^t sum_s mu_t(s) r_pi(s),

over those states only that are occupied. A deterministic policy in a world without chance occupies one at a time.

Horizon: with a discount below 1 these are the returns of the process that goes on, since a horizon cuts an episode off
but doesn't end the world. With discount 1 the horizon is needed, and the sum stops there.

Legend of axes: K seeds, N agents, O observations, S states, J joint actions.

Sources: Sutton & Barto 2018, equation 3.8 (with R_t paid for A_t, not R_{t+1}); Puterman 1994, equation 6.9.2 (the
discounted occupation of states).
"""

from __future__ import annotations

import numba
import numpy as np
from scipy import sparse

from marl_edu.games import checks
from marl_edu.games.markov_game import MarkovGame
from marl_edu.planning.evaluation import solve
from marl_edu.planning.induced import induced_chain, joint_policy

FOREVER = 2**62


def expected_return(game: MarkovGame, policies=None, tolerance: float = 1e-9) -> np.ndarray:
    """Expected discounted return of every agent from the game's start, when all keep to the given joint policy.

    Parameters
    ----------
    game : MarkovGame
        The world.
    policies : list of N policies, or None
        Agent i's is an (O_i, A_i) table of probabilities over its *observations*, an (O_i,) array of action numbers,
        or None for uniformly random. None instead of the list: everybody is uniformly random.
    tolerance : float in [1e-12, 1]
        Largest error, as a fraction of the largest reward (in size) in the game.

    Returns
    -------
    (N,) array
        E[G_0] per agent, in units of reward. With a discount below 1 the process is not cut off at the horizon; with
        discount 1 it is.

    Raises
    ------
    ValueError
        If the policies don't fit the game, or the discount is 1 and the game has no horizon.

    Examples
    --------
    >>> from marl_edu.games import climbing
    >>> expected_return(climbing(), [[0], [0]]).tolist()
    [11.0, 11.0]
    >>> expected_return(climbing()).round(4).tolist()
    [-3.4444, -3.4444]
    """
    tables = joint_policy(game, policies)
    tolerance = checks.number("tolerance", tolerance, 1e-12, 1)
    if all((table.max(axis=1) == 1).all() for table in tables):
        actions = np.zeros((1, game.n_agents, max(game.n_observations)), dtype=np.int64)
        for i, table in enumerate(tables):
            actions[0, i, : len(table)] = table.argmax(axis=1)
        return deterministic_returns(game, actions, tolerance)[0]
    steps, cutoff = stopping(game, tolerance)
    transitions, rewards = induced_chain(game, tables)
    if game.discount < 1:
        return rewards @ _occupation(game, transitions, cutoff)
    row = np.arange(game.n_states)
    returns = np.zeros(game.n_agents)
    chain = (transitions.indptr.astype(np.int64), transitions.indices, transitions.data)
    _propagate(row, *chain, rewards, game.terminal, game.start, game.discount, steps, cutoff, returns)
    return returns


def deterministic_returns(game: MarkovGame, actions: np.ndarray, tolerance: float = 1e-9) -> np.ndarray:
    """Expected returns of many deterministic joint policies at once, for example the greedy ones of many seeds.

    Parameters
    ----------
    game : MarkovGame
        The world.
    actions : (K, N, O) array of ints
        ``actions[k, i, o]`` is what agent i does on its observation o under joint policy k. O is at least the largest
        of ``game.n_observations``; what stands beyond an agent's own number of observations is not read.
    tolerance : float in [1e-12, 1]
        Largest error, as a fraction of the largest reward (in size) in the game.

    Returns
    -------
    (K, N) array
        E[G_0] per joint policy and agent, as in ``expected_return``.

    Raises
    ------
    ValueError
        If the array doesn't fit the game, or the discount is 1 and the game has no horizon.

    Examples
    --------
    >>> from marl_edu.games import climbing
    >>> deterministic_returns(climbing(), np.array([[[0], [0]], [[1], [2]]])).tolist()
    [[11.0, 11.0], [6.0, 6.0]]
    """
    actions = np.asarray(actions)
    least = (game.n_agents, max(game.n_observations))
    if actions.ndim != 3 or actions.shape[1] != least[0] or actions.shape[2] < least[1]:
        raise ValueError(f"actions has shape {actions.shape}; expected (n_seeds, {least[0]}, {least[1]})")
    if not np.issubdtype(actions.dtype, np.integer):
        raise ValueError(f"actions has entries of type {actions.dtype}; expected whole numbers")
    steps, cutoff = stopping(game, checks.number("tolerance", tolerance, 1e-12, 1))
    actions = np.ascontiguousarray(actions, dtype=np.int64)
    n_actions = np.array(game.n_actions)
    found, rewards = game.successors, game.rewards.reshape(game.n_agents, -1)
    returns, wrong = _deterministic(
        actions, game.observations, n_actions, found.offsets, found.states, found.probabilities,
        rewards, game.terminal, game.start, game.discount, steps, cutoff,
    )  # fmt: skip
    if wrong >= 0:
        k, i, o = map(int, np.unravel_index(wrong, actions.shape))
        raise ValueError(f"actions[{k}, {i}, {o}] is {actions[k, i, o]}; expected 0 to {game.n_actions[i] - 1}")
    return returns


def stopping(game: MarkovGame, tolerance: float) -> tuple[int, float]:
    """How many steps a return has, and below which discounted probability gamma^t mu_t(S) the rest may be dropped.

    What is dropped is at most gamma^t mu_t(S) max|R| / (1 - gamma).

    >>> from marl_edu.games import climbing
    >>> stopping(climbing().replace(discount=1, horizon=3), 1e-9)
    (3, 0.0)
    """
    if game.discount < 1:
        return FOREVER, tolerance * (1 - game.discount)
    if game.horizon is None:
        raise ValueError(
            "discount is 1 and the game has no horizon, so a return may have no end; expected a horizon, or a discount "
            "below 1"
        )
    return game.horizon, 0.0


def _occupation(game: MarkovGame, transitions: sparse.csr_array, cutoff: float) -> np.ndarray:
    """Discounted occupation d = start (I - gamma P)^{-1} of each state, (S,); 0 in terminal states.

    An error e in the equation, ``d (I - gamma P) = start + e``, shifts a return by at most |e|_1 max|R| / (1 - gamma).
    """
    going_on = np.flatnonzero(~game.terminal)
    occupation = np.zeros(game.n_states)
    start = game.start[going_on]
    if start.any():
        system = sparse.eye_array(len(going_on)) - game.discount * transitions[going_on][:, going_on]
        occupation[going_on] = solve(system.T, start[:, None], cutoff, norm=1)[:, 0]
    return occupation


@numba.njit(cache=True)
def _deterministic(
    actions, observations, n_actions, offsets, states, probabilities, rewards, terminal, start, discount, steps, cutoff
):
    """Returns (K, N) of the joint policies ``actions`` (K, N, O), and the flat index of a bad action, or -1."""
    n_seeds, n_agents, width = actions.shape
    n_states = len(start)
    returns = np.zeros((n_seeds, n_agents))
    row = np.zeros(n_states, dtype=np.int64)  # number of the pair (s, joint action in s)
    for k in range(n_seeds):
        for s in range(n_states):
            row[s] = s
            for i in range(n_agents):
                action = actions[k, i, observations[i, s]]
                if action < 0 or action >= n_actions[i]:
                    return returns, (k * n_agents + i) * width + observations[i, s]
                row[s] = row[s] * n_actions[i] + action
        _propagate(row, offsets, states, probabilities, rewards, terminal, start, discount, steps, cutoff, returns[k])
    return returns, -1


@numba.njit(cache=True)
def _propagate(row, offsets, states, probabilities, rewards, terminal, start, discount, steps, cutoff, returns):
    """Add sum_t gamma^t sum_s mu_t(s) rewards[:, row[s]] to ``returns`` (N,), with mu_0 the start.

    The outcomes of state s are ``offsets[row[s]]`` up to ``offsets[row[s] + 1]``. Ends after ``steps`` steps, or when
    gamma^t times the probability that the episode is still going on is at most ``cutoff``.
    """
    n_states = len(start)
    here, there = np.zeros(n_states), np.zeros(n_states)
    occupied, next_occupied = np.empty(n_states, dtype=np.int64), np.empty(n_states, dtype=np.int64)
    n_occupied = 0
    for s in range(n_states):
        if start[s] > 0 and not terminal[s]:
            here[s] = start[s]
            occupied[n_occupied] = s
            n_occupied += 1
    weight, mass, t = 1.0, 1.0, 0
    while t < steps and n_occupied > 0 and weight * mass > cutoff:
        n_next, mass = 0, 0.0
        for index in range(n_occupied):
            s = occupied[index]
            for i in range(len(returns)):
                returns[i] += weight * here[s] * rewards[i, row[s]]
            for m in range(offsets[row[s]], offsets[row[s] + 1]):
                flow, successor = here[s] * probabilities[m], states[m]
                if flow > 0 and not terminal[successor]:
                    if there[successor] == 0:
                        next_occupied[n_next] = successor
                        n_next += 1
                    there[successor] += flow
                    mass += flow
            here[s] = 0.0
        here, there = there, here
        occupied, next_occupied = next_occupied, occupied
        n_occupied = n_next
        weight *= discount
        t += 1
