"""The best that one agent can do while the others keep to their policies, and how much it could gain by that.

Legend of axes: N agents, S states, A_i actions of agent i.

Sources: J. Filar & K. Vrieze, "Competitive Markov Decision Processes", Springer 1997 (a best response solves the
induced decision problem); M. Lanctot et al., "A unified game-theoretic approach to multiagent reinforcement learning",
NeurIPS 2017 (NashConv).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from marl_edu.games import checks
from marl_edu.games.markov_game import MarkovGame
from marl_edu.planning.induced import induced_mdp
from marl_edu.planning.optimum import maximise
from marl_edu.planning.returns import expected_return


@dataclass(frozen=True, eq=False)
class BestResponse:
    """A best response of one agent, on the full state.

    Attributes
    ----------
    agent : int
        Whose it is.
    values : (S,) array
        Its largest expected discounted return from each state, in units of reward.
    actions : (S,) int array
        A maximising action in each state; the lowest-numbered one where several are equally good.
    action_values : (S, A_i) array
        Q(s, a) = r(s, a) + gamma sum_s' p(s' | s, a) V(s') in the induced problem; its row maxima are ``values``.
    value : float
        Expectation of ``values`` over the game's start.
    residual : float
        max_s |(TV)(s) - V(s)| of ``values``, with T the right side of the equation in ``best_response``. 0 with
        discount 1, where T was applied once for each step of the horizon.
    error_bound : float
        No entry of ``values`` is farther than this from the truth.
    """

    agent: int
    values: np.ndarray
    actions: np.ndarray
    action_values: np.ndarray
    value: float
    residual: float
    error_bound: float


def best_response(game: MarkovGame, agent: int | str, policies=None, tolerance: float = 1e-9) -> BestResponse:
    """Exact best response of one agent to the fixed policies of the others.

    Solves V(s) = max_{a^i} sum_{a^-i} pi^{-i}(a^-i | s) [R^i(s, a) + gamma sum_s' p(s' | s, a) V(s')], with the state
    in full view. Where the agent sees only part of the state, this is an upper bound on what it can reach. With
    discount 1 the sum stops at the game's horizon.

    Parameters
    ----------
    game : MarkovGame
        The world.
    agent : int or str
        Number from 0, or name.
    policies : list of N policies, or None
        The others' policies on their observations, as in ``joint_policy``; the agent's own entry is not used.
    tolerance : float in [1e-12, 1]
        Largest error, as a fraction of the agent's largest reward in size.

    Returns
    -------
    BestResponse

    Raises
    ------
    ValueError
        If there is no such agent, the policies don't fit, or the discount is 1 and the game has no horizon.

    Examples
    --------
    Against a partner who plays at random the safe third action is best, although the team optimum is (a, a):

    >>> from marl_edu.games import climbing
    >>> response = best_response(climbing(), 0)
    >>> response.actions.tolist(), response.values.round(2).tolist()
    ([2], [1.67])
    """
    agent = checks.game(game).agent_index(agent)
    problem = induced_mdp(game, agent, policies)
    rewards = problem.rewards.ravel()
    solution = maximise(problem, rewards, tolerance)
    backed_up = [
        (rewards + game.discount * problem.successors.expectation(values)).reshape(game.n_states, -1)
        for values in (solution.behind, solution.values)
    ]
    residual = np.abs(backed_up[1].max(axis=1) - solution.values).max() if game.discount < 1 else 0.0
    return BestResponse(
        agent=agent,
        values=solution.values,
        actions=solution.choices,
        action_values=backed_up[0],
        value=float(game.start @ solution.values),
        residual=float(residual),
        error_bound=solution.error_bound,
    )


def best_response_gains(game: MarkovGame, policies=None, tolerance: float = 1e-9) -> np.ndarray:
    """What each agent could gain by changing its own policy alone, in expected return from the start, (N,), >= 0.

    All are 0 (to within the tolerance) exactly in a Nash equilibrium of the game from its start. Where agents see only
    part of the state, they are upper bounds.

    Parameters
    ----------
    game : MarkovGame
        The world.
    policies : list of N policies, or None
        As in ``joint_policy``.
    tolerance : float in [1e-12, 1]
        The best responses' values and the present returns are each within this fraction of the largest reward in size,
        so each gain is within twice that (where rounding is larger, as it permits).

    Returns
    -------
    (N,) array
        Value of a best response less the present return, in units of reward.

    Raises
    ------
    ValueError
        If the policies don't fit the game, or the discount is 1 and the game has no horizon.

    Examples
    --------
    >>> from marl_edu.games import climbing
    >>> best_response_gains(climbing(), [[1], [2]]).tolist()
    [0.0, 1.0]
    >>> best_response_gains(climbing(), [[0, 1, 0], [0, 0, 1]]).tolist()
    [0.0, 1.0]
    """
    now = expected_return(game, policies, tolerance)
    best = [best_response(game, agent, policies, tolerance).value for agent in range(game.n_agents)]
    return np.maximum(np.array(best) - now, 0.0)


def exploitability(game: MarkovGame, policies=None, tolerance: float = 1e-9) -> float:
    """Mean over agents of ``best_response_gains``: how far a joint policy is from a Nash equilibrium.

    It is NashConv (Lanctot et al. 2017), which is the sum, divided by the number of agents.

    Parameters
    ----------
    game : MarkovGame
        The world.
    policies : list of N policies, or None
        As in ``joint_policy``.
    tolerance : float in [1e-12, 1]
        The best responses' values and the present returns are each within this fraction of the largest reward in size,
        so the result is within twice that (where rounding is larger, as it permits).

    Returns
    -------
    float
        At least 0, in units of reward.

    Raises
    ------
    ValueError
        If the policies don't fit the game, or the discount is 1 and the game has no horizon.

    Examples
    --------
    >>> from marl_edu.games import climbing
    >>> exploitability(climbing(), [[1], [2]])
    0.5
    >>> exploitability(climbing(), [[1], [1]])
    0.0
    """
    return float(best_response_gains(game, policies, tolerance).mean())
