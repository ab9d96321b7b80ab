"""Expected returns from the start of a game, fast enough to be asked for at every frame of a live picture.

The return is G_0 = R_0 + gamma R_1 + gamma^2 R_2 + ..., with R_t the reward for the action at time t. Its expectation
follows from the distribution of the state as it moves forward in time, mu_{t+1}(s') = sum_s mu_t(s) p_pi(s' | s), and

    E[G_0] = sum_t gamma^t sum_s mu_t(s) r_pi(s),

with r_pi and p_pi the reward and the chain of the joint policy. ``occupation`` has the compiled core.

Horizon: with a discount below 1 these are the returns of the process that goes on, since a horizon cuts an episode off
but doesn't end the world. With discount 1 the horizon is needed, and the sum stops there.

Legend of axes: K seeds, N agents, O observations, S states.

Sources: Sutton & Barto 2018, equation 3.8 (with R_t paid for A_t, not R_{t+1}).
"""

from __future__ import annotations

import numpy as np

from marl_edu.games import checks
from marl_edu.games.markov_game import MarkovGame
from marl_edu.planning.induced import induced_chain, joint_policy
from marl_edu.planning.occupation import add_returns, deterministic

FOREVER = 2**62
MOST_STEPS = 10**5
"""So many steps are summed up one by one, with discount 1; beyond, somebody would wait for minutes."""


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
        Largest error, as a fraction of the largest reward (in size) in the game; with a discount above about .999
        rounding may be larger.

    Returns
    -------
    (N,) array
        E[G_0] per agent, in units of reward. With a discount below 1 the process is not cut off at the horizon; with
        discount 1 it is.

    Raises
    ------
    ValueError
        If the policies don't fit the game, or the discount is 1 and the game has no horizon, or one beyond 100,000
        steps.

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
    # The same types as a game's own arrays have, so that numba compiles the core once.
    rewards.flags.writeable = False
    offsets, states = transitions.indptr.astype(np.int64), transitions.indices.astype(np.int32)
    model = (rewards, game.discount, offsets, states, transitions.data)
    returns = np.zeros(game.n_agents)
    add_returns(np.arange(game.n_states), model, game.terminal, game.start, steps, cutoff, returns)
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
        Largest error, as a fraction of the largest reward (in size) in the game; with a discount above about .999
        rounding may be larger.

    Returns
    -------
    (K, N) array
        E[G_0] per joint policy and agent, as in ``expected_return``.

    Raises
    ------
    ValueError
        If the array doesn't fit the game, or the discount is 1 and the game has no horizon, or one beyond 100,000
        steps.

    Examples
    --------
    >>> from marl_edu.games import climbing
    >>> deterministic_returns(climbing(), np.array([[[0], [0]], [[1], [2]]])).tolist()
    [[11.0, 11.0], [6.0, 6.0]]
    """
    checks.game(game)
    actions = checks.integers("actions", actions)
    least = (game.n_agents, max(game.n_observations))
    if actions.ndim != 3 or actions.shape[1] != least[0] or actions.shape[2] < least[1]:
        raise ValueError(f"actions has shape {actions.shape}; expected (n_seeds, {least[0]}, {least[1]})")
    steps, cutoff = stopping(game, checks.number("tolerance", tolerance, 1e-12, 1))
    actions = np.ascontiguousarray(actions)
    found, rewards = game.successors, game.rewards.reshape(game.n_agents, -1)
    model = (rewards, game.discount, found.offsets, found.states, found.probabilities)
    returns, wrong = deterministic(
        actions, game.observations, np.array(game.n_actions), model, game.terminal, game.start, steps, cutoff
    )
    if wrong >= 0:
        k, i, o = map(int, np.unravel_index(wrong, actions.shape))
        raise ValueError(f"actions[{k}, {i}, {o}] is {actions[k, i, o]}; expected 0 to {game.n_actions[i] - 1}")
    return returns


def stopping(game: MarkovGame, tolerance: float) -> tuple[int, float]:
    """How many steps a return has, and below which discounted probability gamma^t mu_t(S) the rest may be dropped.

    What is dropped is at most gamma^t mu_t(S) max|R| / (1 - gamma).

    >>> from marl_edu.games import climbing
    >>> stopping(climbing(discount=1, horizon=3), 1e-9)
    (3, 0.0)
    """
    if game.discount < 1:
        return FOREVER, tolerance * (1 - game.discount)
    if game.horizon is None:
        raise ValueError(
            "discount is 1 and the game has no horizon, so a return may have no end; expected a horizon, or a discount "
            "below 1"
        )
    if game.horizon > MOST_STEPS:
        raise ValueError(
            f"discount is 1 and the game's horizon is {game.horizon:,}; expected one up to {MOST_STEPS:,} where an "
            "exact sum of rewards is asked for, or a discount below 1"
        )
    return game.horizon, 0.0
