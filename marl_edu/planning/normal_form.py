"""Matrix games as tables: what policies pay, what each action would pay, and whether a joint policy is an equilibrium.

Agent i plays action a with probability pi^i(a). Against the others' policies each of its actions has an expected
payoff; a joint policy is a *Nash equilibrium* if nobody plays an action that pays less than another one would.

Legend of axes: N agents, A_i actions of agent i, P equilibria.

Source: J. Nash, "Equilibrium points in n-person games", PNAS 36 (1950); M. Osborne & A. Rubinstein, "A Course in Game
Theory", MIT Press 1994, sections 2.2 and 3.1.
"""

from __future__ import annotations

import numpy as np

from marl_edu.games import checks
from marl_edu.games.markov_game import MarkovGame
from marl_edu.planning.best_response import best_response
from marl_edu.planning.induced import joint_policy
from marl_edu.planning.returns import expected_return


def payoff_tables(game: MarkovGame) -> np.ndarray:
    """The payoffs of a matrix game, one table per agent.

    Parameters
    ----------
    game : MarkovGame
        A game with one state, of any discount: only the stage counts.

    Returns
    -------
    (N, A_1, ..., A_N) array
        ``tables[i][a_1, ..., a_N]`` is what agent i is paid, in units of reward. Read-only.

    Raises
    ------
    ValueError
        If the game has more than one state.

    Examples
    --------
    >>> from marl_edu.games import matching_pennies
    >>> payoff_tables(matching_pennies())[0].tolist()
    [[1.0, -1.0], [-1.0, 1.0]]
    """
    if checks.game(game).n_states != 1:
        raise ValueError(f"game {game.name!r} has {game.n_states} states; expected a matrix game, which has one")
    return game.rewards[:, 0]


def two_tables(game: MarkovGame) -> tuple[np.ndarray, np.ndarray]:
    """The payoffs (A, B) of a matrix game of two agents, or a ``ValueError`` that says how many it has."""
    tables = payoff_tables(game)
    if len(tables) != 2:
        agents = f"{len(tables)} agent{'s' if len(tables) > 1 else ''}"
        raise ValueError(f"game {game.name!r} has {agents}; expected a matrix game of two")
    return tables[0], tables[1]


def payoff_ranges(tables: np.ndarray) -> np.ndarray:
    """Largest less smallest payoff of each agent, (N,): the unit in which closeness is measured."""
    return np.ptp(tables.reshape(len(tables), -1), axis=1)


def mixed_policies(game: MarkovGame, policies) -> list[np.ndarray]:
    """Policies of a matrix game as one vector (A_i,) of probabilities per agent, checked.

    Each may be given as a (1, A_i) table, a vector of A_i probabilities, a list with one action number, or None for
    uniformly random.

    >>> from marl_edu.games import matching_pennies
    >>> [x.tolist() for x in mixed_policies(matching_pennies(), [[0.25, 0.75], [1]])]
    [[0.25, 0.75], [0.0, 1.0]]
    """
    payoff_tables(game)
    return [table[0] for table in joint_policy(game, policies)]


def payoffs_of_actions(tables: np.ndarray, agent: int, policies: list[np.ndarray]) -> np.ndarray:
    """What each action of one agent pays against the others' mixed policies, (A_i,), from the tables themselves."""
    expected = tables[agent]
    for other in reversed(range(len(policies))):
        if other != agent:
            expected = np.tensordot(expected, policies[other], axes=(other, 0))
    return expected


def gains(tables: np.ndarray, policies: list[np.ndarray]) -> np.ndarray:
    """What each agent would gain by its best action instead of its mixed policy, (N,), at least 0."""
    found = [payoffs_of_actions(tables, i, policies) for i in range(len(policies))]
    return np.array([max(own.max() - own @ policies[i], 0.0) for i, own in enumerate(found)])


def action_payoffs(game: MarkovGame, agent: int | str, policies=None) -> np.ndarray:
    """Expected payoff of each action of one agent against the others' policies.

    u^i(a, pi^-i) = sum_{a^-i} prod_{j != i} pi^j(a^j) u^i(a, a^-i). Its largest entries are the best responses.

    Parameters
    ----------
    game : MarkovGame
        A matrix game.
    agent : int or str
        Number from 0, or name.
    policies : list of N policies, or None
        Each a vector of A_i probabilities, a (1, A_i) table, or a list with one action number; None is uniformly
        random. The agent's own entry is not used.

    Returns
    -------
    (A_i,) array
        In units of reward.

    Raises
    ------
    ValueError
        If this is no matrix game, there is no such agent, or the policies don't fit.

    Examples
    --------
    >>> from marl_edu.games import matching_pennies
    >>> action_payoffs(matching_pennies(), 0, [None, [0.75, 0.25]]).tolist()
    [0.5, -0.5]
    """
    agent = checks.game(game).agent_index(agent)
    return payoffs_of_actions(payoff_tables(game), agent, mixed_policies(game, policies))


def expected_payoffs(game: MarkovGame, policies=None) -> np.ndarray:
    """Expected payoff of every agent under mixed policies: with two, x^T A y and x^T B y.

    Parameters
    ----------
    game : MarkovGame
        A matrix game.
    policies : list of N policies, or None
        As in ``action_payoffs``.

    Returns
    -------
    (N,) array
        In units of reward.

    Raises
    ------
    ValueError
        If this is no matrix game, or the policies don't fit.

    Examples
    --------
    >>> from marl_edu.games import matching_pennies
    >>> expected_payoffs(matching_pennies(), [[0.5, 0.5], [0.9, 0.1]]).tolist()
    [0.0, 0.0]
    """
    tables, policies = payoff_tables(game), mixed_policies(game, policies)
    return np.array([payoffs_of_actions(tables, i, policies) @ own for i, own in enumerate(policies)])


def is_equilibrium(game: MarkovGame, policies=None, tolerance: float = 1e-9) -> bool:
    """Whether nobody could gain by changing its own policy alone.

    Parameters
    ----------
    game : MarkovGame
        A matrix game, or a Markov game of any number of states: then a best response is computed for each agent.
    policies : list of N policies, or None
        In a matrix game as in ``action_payoffs``, otherwise as in ``evaluate``. Where agents see only part of the
        state, deviations that see all of it count too, so that an equilibrium among those that don't may be refused.
    tolerance : float in [0, 1]
        Gain that counts as none, as a share of the agent's range of payoffs: the largest less the smallest entry of
        its table; in a game of several states, of what returns these make possible.

    Returns
    -------
    bool

    Raises
    ------
    ValueError
        If the policies don't fit the game, or the discount is 1 and a game of several states has no horizon.

    Examples
    --------
    >>> from marl_edu.games import matching_pennies, prisoners_dilemma
    >>> is_equilibrium(matching_pennies(), [[0.5, 0.5], [0.5, 0.5]])
    True
    >>> is_equilibrium(prisoners_dilemma(), [[0], [0]])
    False
    """
    tolerance = checks.number("tolerance", tolerance, 0, 1)
    if checks.game(game).n_states == 1:
        tables = payoff_tables(game)
        most = tolerance * payoff_ranges(tables) + _rounding(tables)
        return bool((gains(tables, mixed_policies(game, policies)) <= most).all())
    now = expected_return(game, policies)
    steps = np.inf if game.horizon is None else game.horizon
    weight = steps if game.discount == 1 else min(steps, 1 / (1 - game.discount))
    ranges = payoff_ranges(game.rewards) * weight
    for agent in range(game.n_agents):
        best = best_response(game, agent, policies, tolerance=1e-12)
        if best.value - now[agent] > tolerance * ranges[agent] + best.error_bound:
            return False
    return True


def _rounding(tables: np.ndarray) -> np.ndarray:
    """How far sums of payoffs may be off because of rounding alone, (N,)."""
    largest = np.abs(tables).reshape(len(tables), -1).max(axis=1)
    return np.maximum(8 * np.finfo(float).eps * largest, 1e-302)  # below that floats run out of digits


def pure_equilibria(game: MarkovGame, tolerance: float = 1e-12) -> np.ndarray:
    """All Nash equilibria in which nobody mixes, by looking at every joint action.

    Parameters
    ----------
    game : MarkovGame
        A matrix game of any number of agents.
    tolerance : float in [0, 1]
        Payoffs that differ by less than this share of the agent's range count as equal.

    Returns
    -------
    (P, N) int array
        A joint action per row, in C order; P may be 0.

    Raises
    ------
    ValueError
        If this is no matrix game.

    Examples
    --------
    >>> from marl_edu.games import stag_hunt
    >>> pure_equilibria(stag_hunt()).tolist()
    [[0, 0], [1, 1]]
    """
    tolerance = checks.number("tolerance", tolerance, 0, 1)
    tables = payoff_tables(game)
    near = tolerance * payoff_ranges(tables) + _rounding(tables)
    stable = np.ones(game.n_actions, dtype=bool)
    for agent, table in enumerate(tables):
        stable &= table >= table.max(axis=agent, keepdims=True) - near[agent]
    return np.argwhere(stable)
