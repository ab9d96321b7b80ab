"""The exact team optimum: the most that agents could earn together if one mind chose all their actions.

It is the solution of a single-agent problem with joint actions, found by modified policy iteration: improve the joint
policy greedily, then evaluate it by a few cheap sweeps, until a bound says how far the values can still be off.

Legend of axes: N agents, S states, J joint actions.

Sources: M. Puterman, "Markov Decision Processes", Wiley 1994, sections 6.5 (modified policy iteration), 6.3 (the error
bound) and 4.3 (backward induction, used with discount 1); Sutton & Barto 2018, equations 3.19 and 4.10.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from scipy import sparse

from marl_edu.games import checks
from marl_edu.games.markov_game import MarkovGame
from marl_edu.planning.evaluation import solve
from marl_edu.planning.induced import induced_chain
from marl_edu.planning.returns import expected_return, stopping

MOST_SWEEPS = 100_000


@dataclass(frozen=True, eq=False)
class TeamOptimum:
    """The best that central control can do.

    Attributes
    ----------
    values : (S,) array
        Largest expected *sum over agents* of discounted returns from each state, in units of reward.
    joint_actions : (S,) int array
        A maximising joint action in each state, in C order. The lowest-numbered one where several are equally good.
    actions : (S, N) int array
        The same, agent by agent.
    value : float
        Expectation of ``values`` over the game's start.
    per_agent : float
        ``value / N``, the mean over agents. In a cooperative game every agent's own return under the optimum.
    residual : float
        max_s |(TV)(s) - V(s)| of the last sweep. 0 with discount 1.
    error_bound : float
        No entry of ``values`` is farther than this from the truth: what later sweeps could still change, and what
        rounding may have done. 0 with discount 1.
    sweeps : int
        Greedy sweeps over all states and joint actions.
    """

    values: np.ndarray
    joint_actions: np.ndarray
    actions: np.ndarray
    value: float
    per_agent: float
    residual: float
    error_bound: float
    sweeps: int


def team_optimum(game: MarkovGame, tolerance: float = 1e-9) -> TeamOptimum:
    """Exact maximum, over all joint policies that see the state, of the sum over agents of expected returns.

    Solves V(s) = max_a [sum_i R^i(s, a) + gamma sum_s' p(s' | s, a) V(s')]. With discount 1 the sum stops at the game's
    horizon, V_T(s), and ``joint_actions`` are the best ones with all T steps to go (later ones may differ).

    Parameters
    ----------
    game : MarkovGame
        The world.
    tolerance : float in [1e-12, 1]
        ``error_bound`` to reach, as a fraction of the largest team reward in size. Where the discount is so near 1 that
        rounding is larger, it is as small as rounding permits.

    Returns
    -------
    TeamOptimum
        Agents who see only part of the state, or can't coordinate, may be unable to reach it.

    Raises
    ------
    ValueError
        If the discount is 1 and the game has no horizon, or one beyond 100,000 steps.

    Examples
    --------
    >>> from marl_edu.games import climbing
    >>> best = team_optimum(climbing())
    >>> best.values.tolist(), best.actions.tolist(), best.per_agent
    ([22.0], [[0, 0]], 11.0)
    """
    rewards = checks.game(game).rewards.reshape(game.n_agents, -1).sum(axis=0)
    solution = maximise(game, rewards, tolerance)
    value = float(game.start @ solution.values)
    return TeamOptimum(
        values=solution.values,
        joint_actions=solution.choices,
        actions=np.stack(np.unravel_index(solution.choices, game.n_actions), axis=-1),
        value=value,
        per_agent=value / game.n_agents,
        residual=solution.residual,
        error_bound=solution.error_bound,
        sweeps=solution.sweeps,
    )


def value_iteration(game: MarkovGame, tolerance: float = 1e-9) -> TeamOptimum:
    """``team_optimum`` under its textbook name: value iteration, with cheap sweeps of evaluation between greedy ones.

    That makes it modified policy iteration (Puterman 1994, section 6.5): the same fixed point as plain value iteration,
    in far fewer looks at all joint actions. The plain one is ``ValueIteration``, to look at sweep by sweep. Arguments,
    result and errors are those of ``team_optimum``.

    >>> from marl_edu.games import climbing
    >>> value_iteration(climbing(discount=0.5, horizon=None)).values.round(6).tolist()
    [44.0]
    """
    return team_optimum(game, tolerance)


def reference_returns(game: MarkovGame, cut: bool = False) -> dict[str, float]:
    """The two lines that every learning curve is drawn between, as mean over agents of the expected return.

    Parameters
    ----------
    game : MarkovGame
        The world.
    cut : bool
        Whether returns stop at the game's horizon, as those of episodes do that somebody watched from beginning to end.
        By default they don't where the discount is below 1: a time limit ends the watching and not the world, and
        learners go on counting beyond it.

    Returns
    -------
    dict
        ``'team optimum'``: ``team_optimum(game).per_agent``, or the best within the horizon, by backward induction
        (Puterman 1994, section 4.5); ``'random play'``: everybody uniformly random.

    Raises
    ------
    ValueError
        If the discount is 1 and the game has no horizon, or one beyond 100,000 steps.

    Examples
    --------
    >>> from marl_edu.games import climbing
    >>> {name: round(value, 2) for name, value in reference_returns(climbing()).items()}
    {'team optimum': 11.0, 'random play': -3.44}

    Three plays with discount 0.5, and no more: 11 (1 + 0.5 + 0.25).

    >>> reference_returns(climbing(discount=0.5, horizon=3), cut=True)["team optimum"]
    19.25
    """
    if checks.flag("cut", cut) and checks.game(game).horizon is not None and game.discount < 1:
        best, random = _cut_returns(game)
    else:
        best, random = team_optimum(game).per_agent, expected_return(game).mean()
    return {"team optimum": float(best), "random play": float(random)}


def _cut_returns(game: MarkovGame) -> tuple[float, float]:
    """Mean over agents of the best and of the random return within the horizon, by backward induction."""
    steps = game.horizon
    if game.discount > 0:  # what lies so far ahead that it counts less than rounding is left out
        steps = min(steps, int(np.log(1e-16 * (1 - game.discount)) / np.log(game.discount)) + 1)
    found = game.successors
    rewards = np.ascontiguousarray(game.rewards.reshape(game.n_agents, -1).sum(axis=0))
    model = (rewards, game.discount, found.offsets, found.states, found.probabilities)
    best, random = np.zeros(game.n_states), np.zeros(game.n_states)
    choices = np.zeros(game.n_states, dtype=np.int64)
    transitions, paid = induced_chain(game, None)
    for _ in range(steps):
        behind, best = best, np.zeros(game.n_states)
        improve(behind, *model, best, choices)
        random = paid.sum(axis=0) + game.discount * (transitions @ random)
    return game.start @ best / game.n_agents, game.start @ random / game.n_agents


@dataclass(frozen=True, eq=False)
class Solution:
    """What ``maximise`` found: ``values`` are one greedy sweep ahead of ``behind``, in both of its cases."""

    values: np.ndarray
    behind: np.ndarray
    choices: np.ndarray
    residual: float
    error_bound: float
    sweeps: int


def maximise(game: MarkovGame, rewards: np.ndarray, tolerance: float = 1e-9) -> Solution:
    """Best values and choices where one mind earns ``rewards`` (S * J,) and chooses the joint action.

    >>> from marl_edu.games import climbing
    >>> maximise(climbing(), climbing().rewards[0].ravel()).values.tolist()
    [11.0]
    """
    tolerance = checks.number("tolerance", tolerance, 1e-12, 1)
    steps, _ = stopping(game, tolerance)
    found = game.successors
    model = (np.ascontiguousarray(rewards), game.discount, found.offsets, found.states, found.probabilities)
    choices = np.zeros(game.n_states, dtype=np.int64)
    values = np.zeros(game.n_states)
    if game.discount == 1:
        sweeps, residual = 0, np.inf
        while sweeps < steps and residual > 0:  # once nothing is left to earn, all later sweeps would find the same
            behind, values = values, np.zeros(game.n_states)
            residual = improve(behind, *model, values, choices)
            sweeps += 1
        return Solution(values, behind, choices, 0.0, 0.0, sweeps)

    # From below, so that values only rise (Puterman 1994, section 6.5).
    values[~game.terminal] = min(rewards.min(), 0.0) / (1 - game.discount)
    goal = tolerance * np.abs(rewards).max()
    endless, terms = not game.terminal.any(), int(np.diff(found.offsets).max()) + 2
    solved, last_bound, last_choices = False, np.inf, choices
    for sweep in range(1, MOST_SWEEPS + 1):
        behind, values = values, np.zeros(game.n_states)
        residual = improve(behind, *model, values, choices)
        shift, bound = bracket(behind, values, game.discount, endless)
        # Every entry of a sweep is off by rounding, and in the long run that adds up like any other error.
        rounding = terms * np.finfo(float).eps * np.abs(values).max() * game.discount / (1 - game.discount)
        same = np.array_equal(choices, last_choices)
        if bound <= goal or bound <= rounding or (solved and same):
            bound += rounding
            return Solution(values + shift, behind + shift / (game.discount or 1), choices, residual, bound, sweep)
        row, solved = chosen(*model, choices), same and bound > last_bound / 10
        last_bound, last_choices = bound, choices.copy()
        if solved:  # slow, but the policy no longer changes: find its values at once
            values = _values_of(row, game.discount)
        else:
            enough = (bound if endless else residual) / 10
            values = (settle if endless else follow)(values.copy(), *row, game.discount, enough)
    raise RuntimeError(f"no optimum within {tolerance:g} after {MOST_SWEEPS} sweeps; the error may still be {bound:g}")


def _values_of(row: tuple, discount: float) -> np.ndarray:
    """Values of the chosen joint actions, by solving their linear system."""
    paid, begin, then, chance = row
    transitions = sparse.csr_array((chance, then, begin), shape=(len(paid), len(paid)))
    return solve(transitions, discount, paid[None])[0]


def bracket(behind: np.ndarray, values: np.ndarray, discount: float, endless: bool) -> tuple[float, float]:
    """What to add to ``values`` = T ``behind`` everywhere, and how far the sum can then be from the truth.

    The truth is between values + f min(d) and values + f max(d), where d = values - behind and f = gamma / (1 - gamma)
    (MacQueen 1966). In a game that ends nothing is added, since the values of terminal states are known.

    >>> bracket(np.zeros(2), np.array([1.0, 3.0]), 0.5, endless=True)
    (2.0, 1.0)
    """
    change, far = values - behind, discount / (1 - discount)
    low, high = float(change.min()) * far, float(change.max()) * far
    return ((low + high) / 2, (high - low) / 2) if endless else (0.0, max(abs(low), abs(high)))


@numba.njit(cache=True)
def improve(values, rewards, discount, offsets, states, probabilities, improved, choices):
    """One sweep of (TV)(s) = max_a [r(s, a) + gamma sum_s' p(s' | s, a) V(s')] into ``improved`` and ``choices``.

    Returns max_s |(TV)(s) - V(s)|.
    """
    n_joint = len(rewards) // len(values)
    residual, pair, m = 0.0, 0, 0
    for s in range(len(values)):
        best, choice = -np.inf, 0
        for joint in range(n_joint):
            ahead = 0.0
            while m < offsets[pair + 1]:  # outcomes lie side by side, pair after pair
                ahead += probabilities[m] * values[np.uint32(states[m])]  # unsigned: no look for negative numbers
                m += 1
            ahead = rewards[pair] + discount * ahead
            pair += 1
            if ahead > best:
                best, choice = ahead, joint
        improved[s], choices[s] = best, choice
        residual = max(residual, abs(best - values[s]))
    return residual


@numba.njit(cache=True)
def chosen(rewards, discount, offsets, states, probabilities, choices):
    """Rewards (S,), offsets (S + 1,), successors and probabilities of the chosen joint actions, side by side."""
    n_states = len(choices)
    n_joint = len(rewards) // n_states
    paid, begin = np.empty(n_states), np.zeros(n_states + 1, dtype=np.int64)
    for s in range(n_states):
        pair = s * n_joint + choices[s]
        paid[s] = rewards[pair]
        begin[s + 1] = begin[s] + offsets[pair + 1] - offsets[pair]
    then, chance = np.empty(begin[-1], dtype=states.dtype), np.empty(begin[-1])
    place = 0
    for s in range(n_states):
        m = offsets[s * n_joint + choices[s]]
        while place < begin[s + 1]:
            then[place], chance[place] = states[m], probabilities[m]
            place, m = place + 1, m + 1
    return paid, begin, then, chance


@numba.njit(cache=True)
def follow(values, paid, begin, then, chance, discount, enough):
    """Sweeps of V(s) <- r(s) + gamma sum_s' p(s' | s) V(s'), in place, where episodes end.

    Stops when the largest change is at most ``enough``, or after 500 sweeps: improving again may be worth more.
    """
    for _ in range(500):
        change = 0.0
        for s in range(len(values)):
            ahead = 0.0
            for m in range(begin[s], begin[s + 1]):
                ahead += chance[m] * values[then[m]]
            ahead = paid[s] + discount * ahead
            change = max(change, abs(ahead - values[s]))
            values[s] = ahead
        if change <= enough:
            break
    return values


@numba.njit(cache=True)
def settle(values, paid, begin, then, chance, discount, enough):
    """The same sweeps where nothing ever ends: all at once, until all states change by about as much.

    What is then still to come is the same for all states, as far as is known, and is added at the end. A constant added
    everywhere does not change which joint action is best, so it does no harm (Puterman 1994, section 6.6).
    """
    ahead = np.empty_like(values)
    for _ in range(500):
        low, high, m = np.inf, -np.inf, 0
        for s in range(len(values)):
            total = 0.0
            while m < begin[s + 1]:
                total += chance[m] * values[np.uint32(then[m])]
                m += 1
            ahead[s] = paid[s] + discount * total
            low, high = min(low, ahead[s] - values[s]), max(high, ahead[s] - values[s])
        values, ahead = ahead, values
        if high - low <= 2 * enough * (1 - discount):
            break
    return values + (low + high) / 2 * discount / (1 - discount)
