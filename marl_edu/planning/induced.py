"""What is left of a game once some of the agents' policies are fixed.

Fix everybody's policy and a Markov chain remains; fix everybody's but one agent's and what remains is that agent's
own decision problem. It moves whenever one of the others learns: that is the non-stationarity of multi-agent learning.

Legend of axes: N agents, S states, A_i actions of agent i, O_i observations of agent i, J = prod A_i joint actions.

Sources: M. Puterman, "Markov Decision Processes", Wiley 1994, section 5.6 (the chain of a policy);
J. Filar & K. Vrieze, "Competitive Markov Decision Processes", Springer 1997 (fixing the others).
"""

from __future__ import annotations

import numba
import numpy as np
from scipy import sparse

from marl_edu.games import checks, model_checks
from marl_edu.games.markov_game import MarkovGame
from marl_edu.games.successors import Successors


def joint_policy(game: MarkovGame, policies) -> list[np.ndarray]:
    """A joint policy as one (O_i, A_i) table of probabilities per agent, checked; rows sum to 1 to the last digit.

    Parameters
    ----------
    game : MarkovGame
        The world.
    policies : list of N policies, or None
        Agent i's is an (O_i, A_i) table of probabilities in [0, 1], or an (O_i,) array of action numbers, or None for
        uniformly random; in a game of one state a vector of A_i probabilities will do. None instead of the list:
        everybody is uniformly random.

    Raises
    ------
    ValueError
        If a policy has the wrong shape or an entry that is no probability.

    Examples
    --------
    >>> from marl_edu.games import climbing
    >>> joint_policy(climbing(), [[2], None])[0].tolist()
    [[0.0, 0.0, 1.0]]
    >>> joint_policy(climbing(), [[0.5, 0.5, 0], None])[0].tolist()
    [[0.5, 0.5, 0.0]]
    """
    if checks.game(game).n_states == 1 and policies is not None and checks.length(policies) == game.n_agents:
        policies = [_as_table(given, count) for given, count in zip(policies, game.n_actions, strict=True)]
    tables = model_checks.policies(policies, game.n_observations, game.n_actions)
    return [table / table.sum(axis=1, keepdims=True) for table in tables]


def _as_table(given, count: int):
    """Lift a vector of probabilities to a table of one row; anything else stays as it is, to be checked.

    An action number comes as a list of one whole number. With a single action a whole number is a number, not a chance.
    """
    if given is None or isinstance(given, str):
        return given
    try:
        shape, kind = np.shape(given), np.asarray(given).dtype.kind
    except ValueError:  # rows of unequal length
        return given
    is_vector = shape == (count,) and (count > 1 or kind == "f")
    return [given] if is_vector else given


def joint_probabilities(game: MarkovGame, policies, free: int | str | None = None) -> np.ndarray:
    """Probability of every joint action in every state, prod_i pi^i(a^i | o^i(s)), (S, J).

    The factor of agent ``free`` is left out (counts as 1): its action is still to be chosen.

    >>> from marl_edu.games import climbing
    >>> joint_probabilities(climbing(), [[1], [[0.5, 0.25, 0.25]]]).tolist()
    [[0.0, 0.0, 0.0, 0.5, 0.25, 0.25, 0.0, 0.0, 0.0]]
    """
    tables = joint_policy(game, policies)
    free = None if free is None else game.agent_index(free)
    product = np.ones((game.n_states, 1))
    for i, table in enumerate(tables):
        factor = np.ones((game.n_states, game.n_actions[i])) if i == free else table[game.observations[i]]
        product = (product[:, :, None] * factor[:, None, :]).reshape(game.n_states, -1)
    return product


def induced_chain(game: MarkovGame, policies) -> tuple[sparse.csr_array, np.ndarray]:
    """The Markov chain that a joint policy makes of the game.

    P(s' | s) = sum_a pi(a | s) p(s' | s, a) and r^i(s) = sum_a pi(a | s) R^i(s, a), with pi(a | s) the product of the
    agents' own probabilities (Puterman 1994, section 5.6).

    Parameters
    ----------
    game : MarkovGame
        The world.
    policies : as in ``joint_policy``
        The joint policy to fix.

    Returns
    -------
    transitions : (S, S) sparse array
        Rows sum to 1.
    rewards : (N, S) array
        Expected reward of each agent.

    Raises
    ------
    ValueError
        If the policies don't fit the game.

    Examples
    --------
    >>> from marl_edu.games import climbing
    >>> induced_chain(climbing(), None)[1].round(3).tolist()
    [[-3.444], [-3.444]]
    """
    weights = joint_probabilities(game, policies)
    everything = np.array([0, game.n_joint_actions])
    found = game.successors
    mixed = _mix(found.offsets, found.states, found.probabilities, weights, np.arange(game.n_joint_actions), everything)
    offsets, states, probabilities = mixed
    transitions = sparse.csr_array((probabilities, states, offsets), shape=(game.n_states, game.n_states))
    rewards = np.einsum("sj,isj->is", weights, game.rewards.reshape(game.n_agents, game.n_states, -1))
    return transitions, np.ascontiguousarray(rewards)


def induced_mdp(game: MarkovGame, agent: int | str, policies=None) -> MarkovGame:
    """The problem that one agent faces while the others keep to their policies, as a game with that agent alone.

    p^i(s' | s, a^i) = sum over the others' actions of pi^{-i}(a^{-i} | s) p(s' | s, a), and r^i(s, a^i) likewise.
    States, start, discount, horizon and the agent's observations are those of ``game``; where rewards of the game
    are random, the new one keeps their means.

    Parameters
    ----------
    game : MarkovGame
        The world.
    agent : int or str
        The agent that stays free, by number from 0 or by name.
    policies : as in ``joint_policy``
        The free agent's own entry is not used and may be None.

    Returns
    -------
    MarkovGame
        With one agent: ``transitions`` (S, A_i, S), ``rewards`` (1, S, A_i).

    Raises
    ------
    ValueError
        If there is no such agent, or the policies don't fit the game.

    Examples
    --------
    >>> from marl_edu.games import climbing
    >>> induced_mdp(climbing(), 0, None).rewards[0].round(2).tolist()
    [[-6.33, -5.67, 1.67]]
    >>> induced_mdp(climbing(), 0, [None, [0]]).rewards[0].tolist()
    [[11.0, -30.0, 0.0]]
    """
    agent = checks.game(game).agent_index(agent)
    weights = joint_probabilities(game, policies, free=agent)
    own_action = np.indices(game.n_actions)[agent].ravel()
    n_own = game.n_actions[agent]
    found, order = game.successors, np.argsort(own_action, kind="stable")
    begin = np.arange(n_own + 1) * (game.n_joint_actions // n_own)
    mixed = _mix(found.offsets, found.states, found.probabilities, weights, order, begin)
    paid = (weights * game.rewards[agent].reshape(game.n_states, -1)).reshape(game.n_states, *game.n_actions)
    others = tuple(1 + i for i in range(game.n_agents) if i != agent)
    return MarkovGame(
        transitions=Successors(*mixed),
        rewards=paid.sum(axis=others)[None],
        discount=game.discount,
        start=game.start,
        terminal=game.terminal,
        agents=game.agents[agent : agent + 1],
        states=game.states,
        actions=game.actions[agent : agent + 1],
        observations=game.observations[agent : agent + 1],
        horizon=game.horizon,
        name=f"{game.name}, as {game.agents[agent]} meets it",
    )


@numba.njit(cache=True)
def _mix(offsets, states, probabilities, weights, order, begin):
    """Average outcomes over groups of joint actions: group g is ``order[begin[g]:begin[g + 1]]``.

    Row (s, g) of the result holds the sum over its joint actions j of weights[s, j] p(s' | s, j), each successor once.
    Returns the rows' offsets (S * G + 1,), successors and probabilities.
    """
    n_states, n_joint = weights.shape
    n_groups = len(begin) - 1
    most = 0
    for pair in range(n_states * n_joint):
        if weights[pair // n_joint, pair % n_joint] > 0:
            most += offsets[pair + 1] - offsets[pair]
    new_offsets = np.zeros(n_states * n_groups + 1, dtype=np.int64)
    new_states = np.empty(most, dtype=np.int32)
    new_probabilities = np.empty(most)
    place = np.full(n_states, -1, dtype=np.int64)  # where a successor was last written; below `row` means not in it
    count = 0
    for s in range(n_states):
        for g in range(n_groups):
            row = count
            for k in range(begin[g], begin[g + 1]):
                weight = weights[s, order[k]]
                pair = s * n_joint + order[k]
                for m in range(offsets[pair], offsets[pair + 1]):
                    flow = weight * probabilities[m]
                    if flow == 0:
                        continue
                    if place[states[m]] < row:
                        place[states[m]] = count
                        new_states[count] = states[m]
                        new_probabilities[count] = flow
                        count += 1
                    else:
                        new_probabilities[place[states[m]]] += flow
            new_offsets[s * n_groups + g + 1] = count
    return new_offsets, new_states[:count].copy(), new_probabilities[:count].copy()
