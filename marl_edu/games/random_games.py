"""Random Markov games, on which a claim can be tested that holds for every game.

Legend of axes: N agents, S states, J joint actions, P = S * J pairs of them, K successors of a pair.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from marl_edu.games import checks
from marl_edu.games.markov_game import MarkovGame
from marl_edu.games.successors import OUTCOME_LIMIT, Successors

MOST_AGENTS = 30
"""An array has an axis for each agent, and numpy allows not many more."""


def random_game(
    n_agents: int,
    n_states: int,
    n_actions: int | Sequence[int],
    rng: np.random.Generator | int,
    *,
    discount: float = 0.9,
    n_successors: int | None = None,
    n_terminal: int = 0,
    cooperative: bool = False,
    zero_sum: bool = False,
    horizon: int | None = None,
    name: str = "random game",
) -> MarkovGame:
    """A game with random transitions and rewards, uniform on the simplex and on [-1, 1].

    Parameters
    ----------
    n_agents, n_states : int, at least 1
        Numbers of agents (at most 30) and states.
    n_actions : int or sequence of int
        Number of actions, of all agents or of each.
    rng : Generator or int
        Where the randomness comes from; an int is a seed.
    discount : float in [0, 1]
        gamma.
    n_successors : int, optional
        How many different states can follow each state and joint action. Default: all.
    n_terminal : int
        How many of the last states are terminal; at most ``n_states - 1``.
    cooperative : bool
        All agents get the same reward.
    zero_sum : bool
        Rewards sum to 0; needs two agents or more.
    horizon : int, optional
        Steps after which an episode is truncated.
    name : str
        A title.

    Returns
    -------
    MarkovGame
        Starting in any of the states that are not terminal, with equal probability.

    Raises
    ------
    ValueError
        If a number is out of range, the game would be too large, or both ``cooperative`` and ``zero_sum`` are asked
        for.

    Examples
    --------
    >>> random_game(2, 5, (2, 3), rng=0, zero_sum=True)
    MarkovGame('random game': 2 agents, 5 states, 2 x 3 actions, discount 0.9, zero-sum)
    """
    cooperative, zero_sum = checks.flag("cooperative", cooperative), checks.flag("zero_sum", zero_sum)
    n_agents = checks.integer("n_agents", n_agents, 1, MOST_AGENTS)
    n_states = checks.integer("n_states", n_states, 1)
    n_actions = _per_agent(n_actions, n_agents)
    n_successors = n_states if n_successors is None else checks.integer("n_successors", n_successors, 1, n_states)
    n_terminal = checks.integer("n_terminal", n_terminal, 0, n_states - 1)
    if cooperative and zero_sum:
        raise ValueError("cooperative and zero_sum are both True; expected at most one of them")
    if zero_sum and n_agents < 2:
        raise ValueError("zero_sum is True with 1 agent; expected two agents or more")
    generator = rng if isinstance(rng, np.random.Generator) else np.random.default_rng(checks.integer("rng", rng, 0))

    n_joint = math.prod(n_actions)
    most = n_states * n_joint * max(n_successors, n_agents)
    if most > OUTCOME_LIMIT:
        raise ValueError(
            f"{n_agents} agents, {n_states} states, {n_joint} joint actions and {n_successors} successors of each make "
            f"a table of {checks.shown(most)} numbers; expected at most {OUTCOME_LIMIT:,}"
        )
    states = _different_states(n_states * n_joint, n_successors, n_states, generator)
    probabilities = generator.dirichlet(np.ones(n_successors), size=n_states * n_joint)
    rewards = generator.uniform(-1, 1, size=(1 if cooperative else n_agents, n_states, *n_actions))
    if cooperative:
        rewards = np.repeat(rewards, n_agents, axis=0)
    if zero_sum:
        rewards -= rewards.mean(axis=0)

    first_terminal = n_states - n_terminal
    rewards[:, first_terminal:] = 0
    for state in range(first_terminal, n_states):
        states[state * n_joint : (state + 1) * n_joint] = state
    return MarkovGame(
        transitions=Successors(
            offsets=np.arange(n_states * n_joint + 1, dtype=np.int64) * n_successors,
            states=states.ravel().astype(np.int32),
            probabilities=probabilities.ravel(),
        ),
        rewards=rewards,
        discount=discount,
        start=np.where(np.arange(n_states) < first_terminal, 1 / first_terminal, 0.0),
        terminal=np.arange(n_states) >= first_terminal,
        horizon=horizon,
        name=name,
    )


def _per_agent(n_actions, n_agents: int) -> tuple[int, ...]:
    if checks.length(n_actions) is None:
        return (checks.integer("n_actions", n_actions, 1),) * n_agents
    if len(n_actions) != n_agents:
        raise ValueError(
            f"n_actions has {len(n_actions)} entries; expected one number, or one for each of {n_agents} agents"
        )
    return tuple(checks.integer(f"n_actions[{i}]", count, 1) for i, count in enumerate(n_actions))


def _different_states(n_pairs: int, k: int, n_states: int, rng: np.random.Generator) -> np.ndarray:
    """A random set of k states for each pair, (P, K), by Floyd's algorithm (Bentley & Floyd, CACM 30 (1987), 754)."""
    chosen = np.empty((n_pairs, k), dtype=np.int64)
    for drawn, last in enumerate(range(n_states - k, n_states)):
        one = rng.integers(0, last + 1, size=n_pairs)
        taken = (chosen[:, :drawn] == one[:, np.newaxis]).any(axis=1)
        chosen[:, drawn] = np.where(taken, last, one)
    return np.sort(chosen, axis=1)
