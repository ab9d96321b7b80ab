"""What actions are worth: of everybody together, and of one agent that sees only its own part.

The centralised Q^i(s, a^1, ..., a^N) belongs to the world and to what all do afterwards. The decentralised Q^i(o^i,
a^i) averages over what agent i can't see, the state behind its observation and the others' actions, so it moves
whenever the others' policies do.

Legend of axes: N agents, S states, A_i actions and O_i observations of agent i.

Sources: Sutton & Barto 2018, equations 4.3 and 4.6; for observations, S. Singh, T. Jaakkola & M. Jordan, "Learning
without state-estimation in partially observable Markovian decision processes", ICML 1994.
"""

from __future__ import annotations

import numpy as np

from marl_edu.games import checks
from marl_edu.games.markov_game import MarkovGame
from marl_edu.planning.evaluation import evaluate, reached_states, require_proper, solve_forward
from marl_edu.planning.induced import induced_chain, joint_probabilities

SETTLED, MOST_STEPS = 1e-11, 200
"""Visits are polished until a step changes no state's by more than this part of it, or for so many steps."""


def action_values(game: MarkovGame, policies=None) -> np.ndarray:
    """Centralised values: take this joint action now, afterwards all keep to the joint policy.

    Q^i(s, a) = R^i(s, a) + gamma sum_s' p(s' | s, a) V^i(s'), and V^i(s) = E_{a ~ pi}[Q^i(s, a)].

    Parameters
    ----------
    game : MarkovGame
        The world.
    policies : list of N policies, or None
        As in ``evaluate``.

    Returns
    -------
    (N, S, A_1, ..., A_N) array
        In units of reward.

    Raises
    ------
    ValueError
        As ``evaluate``.

    Examples
    --------
    >>> from marl_edu.games import prisoners_dilemma
    >>> action_values(prisoners_dilemma(discount=0.5), [[0], [0]])[0, 0].tolist()
    [[6.0, 3.0], [8.0, 4.0]]
    """
    values = evaluate(game, policies)
    ahead = np.array([game.successors.expectation(row) for row in values])
    return game.rewards + game.discount * ahead.reshape(game.rewards.shape)


def decentralised_values(game: MarkovGame, agent: int | str, policies=None) -> np.ndarray:
    """One agent's values of its own actions, given what it sees: the mean of the centralised ones over what it can't
    see.

    Where an observation hides states that differ, Q-learning on it ends elsewhere: it bootstraps from the value of the
    next *observation*, which mixes states as well. Where agents see the state, both agree.

    Q^i(o, a^i) = sum_s P(s | o) sum_{a^-i} pi^{-i}(a^-i | s) Q^i(s, a), where P(s | o) is how often, counted with the
    discount from the start on, the state is s when the agent sees o while all keep to the joint policy.

    Parameters
    ----------
    game : MarkovGame
        The world.
    agent : int or str
        Number from 0, or name.
    policies : list of N policies, or None
        As in ``evaluate``.

    Returns
    -------
    (O_i, A_i) array
        In units of reward; NaN for observations that are never made, since the start leads to no state that shows them
        (with discount 0: not made at the start), or made in terminal states only.

    Raises
    ------
    ValueError
        As ``evaluate``, or if there is no such agent.

    Examples
    --------
    Cooperation is worth less to agent 1 as soon as agent 2 defects:

    >>> from marl_edu.games import prisoners_dilemma
    >>> game = prisoners_dilemma()
    >>> decentralised_values(game, 0, [None, [0]]).tolist(), decentralised_values(game, 0, [None, [1]]).tolist()
    ([[3.0, 5.0]], [[0.0, 1.0]])
    """
    agent = checks.game(game).agent_index(agent)
    joint = action_values(game, policies)[agent].reshape(game.n_states, -1)
    weights = joint_probabilities(game, policies, free=agent) * joint
    others = tuple(1 + i for i in range(game.n_agents) if i != agent)
    own = weights.reshape(game.n_states, *game.n_actions).sum(axis=others)
    often, seen = discounted_visits(game, policies), game.observations[agent]
    total = np.bincount(seen, weights=often, minlength=game.n_observations[agent])
    values = np.zeros((len(total), own.shape[1]))
    np.add.at(values, seen, often[:, None] * own)
    never = total <= 0
    return np.where(never[:, None], np.nan, values / np.where(never, 1, total)[:, None])


def discounted_visits(game: MarkovGame, policies=None) -> np.ndarray:
    """How often each state is visited while an episode lasts, the visit at time t counting gamma^t: (S,).

    d(s) = sum_t gamma^t P(s_t = s), the solution of d = start + gamma d P. It is 0 in states to which the start never
    leads, above 0 in those to which it does, and 0 in terminal states, where nobody acts any more.

    Parameters
    ----------
    game : MarkovGame
        The world.
    policies : list of N policies, or None
        As in ``evaluate``.

    Raises
    ------
    ValueError
        As ``evaluate``.

    Examples
    --------
    >>> from marl_edu.games import climbing
    >>> discounted_visits(climbing(discount=0.75, horizon=None)).round(9).tolist()
    [4.0]
    """
    transitions, _ = induced_chain(game, policies)
    require_proper(game, transitions)
    on = np.flatnonzero(reached_states(game, transitions) & ~game.terminal)
    often = np.zeros(game.n_states)
    if len(on):
        among, start = transitions[on][:, on], game.start[on]
        found = np.maximum(solve_forward(among, game.discount, start[None])[0], 0)
        often[on] = _settled(found, start, game.discount * among.T.tocsr())
    return often


def _settled(often: np.ndarray, start: np.ndarray, inflow) -> np.ndarray:
    """Steps of d <- start + inflow d, until what is left is small beside every entry, not just beside the largest."""
    for _ in range(MOST_STEPS):
        before, often = often, start + inflow @ often
        if (np.abs(often - before) <= SETTLED * often).all():
            break
    return often
