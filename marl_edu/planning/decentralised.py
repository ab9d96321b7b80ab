"""The best that a team can do when each agent acts on its own observations: exact, for two agents and short horizons.

A deterministic policy of one agent says what to do after every sequence of its own observations. All policies of agent
1 are tried; against each, agent 2's best answer follows exactly, by looking at what it can do and hear step by step.
That is as good as trying all pairs, and the number of policies of one agent is the limit: it grows doubly
exponentially.

Legend of axes: P policies of agent 1, S states, H histories of agent 1's observations, A actions, O observations.

Source: F. Oliehoek & C. Amato, "A Concise Introduction to Decentralized POMDPs", Springer 2016, sections 3.1 and 3.4.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from marl_edu.games import checks
from marl_edu.games.dec_pomdp import DecPOMDP

MOST_TRIALS = 5_000_000
"""Policies of agent 1 times courses of events for agent 2: some seconds."""


@dataclass(frozen=True, eq=False)
class DecentralisedOptimum:
    """The best joint policy of a team that can't share what it sees.

    Attributes
    ----------
    value : float
        Largest expected sum of discounted rewards of one agent (all earn the same) over the horizon.
    policies : list of 2 lists of int arrays
        ``policies[i][t]``, (O_i^t,): agent i's action after each sequence of t observations; sequences are numbered in
        C order, the latest observation varies fastest.
    policies_tried : int
        How many policies of agent 1 were looked at: all of them.
    """

    value: float
    policies: list[list[np.ndarray]]
    policies_tried: int


def decentralised_optimum(model: DecPOMDP, horizon: int) -> DecentralisedOptimum:
    """Optimal decentralised policies of two agents for a short horizon, by exhaustive search.

    Of Dec-Tiger's published values it reproduces those of horizon 2 and 3, -4 and 5.190812. Horizon 4 is published as
    4.802755, but there each agent has 3^15 = 14,348,907 policies, too many to try; methods that reach it do not try
    them all (Oliehoek & Amato 2016, chapters 3 and 4).

    Parameters
    ----------
    model : DecPOMDP
        With two agents.
    horizon : int
        Number of joint actions.

    Returns
    -------
    DecentralisedOptimum

    Raises
    ------
    ValueError
        If there are not two agents, or the search would be too long.

    Examples
    --------
    >>> from marl_edu.games import dec_tiger
    >>> round(decentralised_optimum(dec_tiger(), 2).value, 6)
    -4.0
    """
    _require_two(model)
    horizon = checks.integer("horizon", horizon, 1, 1_000)
    tried = model.n_policies(0, horizon)
    courses = (model.game.n_actions[1] * model.n_observations[1]) ** (horizon - 1)
    if tried * courses > MOST_TRIALS:
        much = f"{tried:,}" if tried < 10**15 else f"about 10^{int(tried.bit_length() * math.log10(2))}"
        raise ValueError(
            f"horizon {horizon} means {much} policies of agent 1, each with {courses:,} courses of events for agent 2; "
            f"expected at most {MOST_TRIALS:,} in all: the search grows doubly exponentially"
        )
    first = _all_policies(model.game.n_actions[0], model.n_observations[0], horizon)
    belief = np.broadcast_to(model.game.start[:, None], (tried, model.game.n_states, 1))
    values, answers = _best_answer(model, first, belief, 0, horizon)
    best = int(values.argmax())
    own = [table[best] for table in first]
    return DecentralisedOptimum(float(values[best]), [own, _collected(answers, best, model, horizon)], tried)


def decentralised_value(model: DecPOMDP, policies) -> float:
    """What given policies of two agents earn: the expected sum of discounted rewards of one agent.

    Parameters
    ----------
    model : DecPOMDP
        With two agents.
    policies : list of 2 lists of int arrays
        As in ``DecentralisedOptimum``; their length is the horizon.

    Raises
    ------
    ValueError
        If there are not two agents, or the policies don't fit.

    Examples
    --------
    Two listeners pay 2 a step:

    >>> from marl_edu.games import dec_tiger
    >>> decentralised_value(dec_tiger(), [[[0], [0, 0]], [[0], [0, 0]]])
    -4.0
    """
    _require_two(model)
    game, seen = model.game, model.n_observations
    steps = [checks.length(own) for own in policies] if checks.length(policies) == 2 else [None]
    if None in steps or 0 in steps or steps[0] != steps[1]:
        raise ValueError(
            f"policies is {checks.shown(policies)}; expected two lists, one per agent, each with one table of actions "
            "for every step"
        )
    weights, total = game.start[:, None, None].astype(float), 0.0  # state, history of agent 1, history of agent 2
    for t in range(len(policies[0])):
        tables = [checks.integers(f"policies[{i}][{t}]", policies[i][t]) for i in range(2)]
        for i, table in enumerate(tables):
            if table.shape != (seen[i] ** t,) or table.min() < 0 or table.max() >= game.n_actions[i]:
                raise ValueError(
                    f"policies[{i}][{t}] is {checks.shown(policies[i][t])}; expected {seen[i] ** t} numbers of actions "
                    f"below {game.n_actions[i]}"
                )
        rows, columns = np.meshgrid(*tables, indexing="ij")  # the joint action for each pair of histories
        total += game.discount**t * float((weights * game.rewards[0][:, rows, columns]).sum())
        after = np.einsum("shk,shkz->zhk", weights, game.transitions[:, rows, columns])
        told = np.moveaxis(model.observation_probabilities[rows, columns], 2, 0)  # next state, histories, observations
        grown = after[..., None, None] * told
        shape = (game.n_states, rows.shape[0] * seen[0], rows.shape[1] * seen[1])
        weights = grown.transpose(0, 1, 3, 2, 4).reshape(shape)
    return total


def _require_two(model) -> None:
    """Raise a ValueError unless this is a Dec-POMDP of two agents."""
    if not isinstance(model, DecPOMDP):
        raise ValueError(f"model is {checks.shown(model)}; expected a DecPOMDP such as dec_tiger()")
    if model.game.n_agents != 2:
        raise ValueError(f"the model has {model.game.n_agents} agents; expected 2")


def _all_policies(n_actions: int, n_observations: int, horizon: int) -> list[np.ndarray]:
    """Every deterministic policy: for each step t an array (P, O^t) of actions."""
    counts = [n_observations**t for t in range(horizon)]
    numbers = np.arange(n_actions ** sum(counts))
    digits = np.empty((len(numbers), sum(counts)), dtype=np.int8)
    for place in range(sum(counts)):
        numbers, digits[:, place] = np.divmod(numbers, n_actions)
    return np.split(digits, np.cumsum(counts)[:-1], axis=1)


def _best_answer(model: DecPOMDP, first: list[np.ndarray], belief: np.ndarray, t: int, horizon: int):
    """Agent 2's largest value from here on against each policy of agent 1, (P,), and what it does for that.

    ``belief`` (P, S, H) is the probability of the state, of agent 1's history and of all that agent 2 has seen so far.
    """
    game, n_second = model.game, model.n_observations[1]
    acting = first[t]  # (P, H)
    best, choice, after = np.full(len(belief), -np.inf), np.zeros(len(belief), dtype=np.int8), []
    for action in range(game.n_actions[1]):
        rewards = game.rewards[0][:, :, action].T[acting]  # (P, H, S)
        value, below = np.einsum("psh,phs->p", belief, rewards), []
        if t + 1 < horizon:
            moved = np.einsum("psh,phsz->phz", belief, game.transitions[:, :, action].swapaxes(0, 1)[acting])
            told = model.observation_probabilities[:, action][acting]  # (P, H, next state, O_1, O_2)
            for heard in range(n_second):
                grown = np.einsum("phz,phzo->pzho", moved, told[..., heard])
                grown = grown.reshape(len(belief), game.n_states, -1)
                ahead, deeper = _best_answer(model, first, grown, t + 1, horizon)
                value = value + game.discount * ahead
                below.append(deeper)
        after.append(below)
        better = value > best + 1e-12
        best, choice = np.where(better, value, best), np.where(better, action, choice).astype(np.int8)
    return best, (choice, after)


def _collected(answers, policy: int, model: DecPOMDP, horizon: int) -> list[np.ndarray]:
    """Agent 2's answer to one policy of agent 1, step by step."""
    tables, nodes = [], [answers]
    for _ in range(horizon):
        tables.append(np.array([choice[policy] for choice, _ in nodes]))
        nodes = [deeper for choice, after in nodes for deeper in after[choice[policy]]]
    return tables
