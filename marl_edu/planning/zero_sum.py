"""Shapley's stochastic games: two agents, opposite rewards, one value per state.

Each state is a zero-sum matrix game whose payoffs contain what comes after:

    (TV)(s) = value of the stage game  A_s[a, b] = R^1(s, a, b) + gamma sum_s' p(s' | s, a, b) V(s').

T brings any two V closer together by the factor gamma, so repeating it leads to the one V = TV from everywhere.

Legend of axes: S states, A actions of agent 1, B actions of agent 2.

Sources: L. Shapley, "Stochastic games", PNAS 39 (1953), 1095-1100; A. Hoffman & R. Karp, "On nonterminating stochastic
games", Management Science 12 (1966), 359-370 (let one side play its stage policy and the other answer for ever).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from marl_edu.games import checks
from marl_edu.games.markov_game import MarkovGame
from marl_edu.planning.best_response import best_response
from marl_edu.planning.returns import stopping
from marl_edu.planning.stage_games import StageSolution, solve_stage

MOST_SWEEPS = 10_000


@dataclass(frozen=True, eq=False)
class ZeroSumSolution:
    """Value and optimal policies of a two-player zero-sum Markov game.

    Attributes
    ----------
    values : (S,) array
        What agent 1 can secure from each state, and agent 2 can hold it down to; agent 2's is the negative.
    policies : list of (S, A) and (S, B) arrays
        Policies, on the state, that do so. With discount 1: the ones with the whole horizon to go.
    value : float
        Expectation of ``values`` over the game's start.
    residual : float
        max_s |(TV)(s) - V(s)| at the end.
    error_bound : float
        No entry of ``values`` is farther than this from the truth: (gamma residual + largest gap of a stage game) /
        (1 - gamma), and what rounding may have done.
    sweeps : int
        How often all stage games were solved.
    """

    values: np.ndarray
    policies: list[np.ndarray]
    value: float
    residual: float
    error_bound: float
    sweeps: int


def shapley(game: MarkovGame, tolerance: float = 1e-9) -> ZeroSumSolution:
    """The value of a two-player zero-sum Markov game, and policies that secure it.

    Solves the stage games of all states, has agent 2 answer agent 1's stage policies for ever (Hoffman & Karp 1966),
    and repeats with the values that come out, which rise to the solution of V = TV in a few rounds. The slower plain
    repetition of T is ``ShapleyIteration``. With discount 1, T is applied once for each step of the horizon.

    Parameters
    ----------
    game : MarkovGame
        Two agents whose rewards sum to 0.
    tolerance : float in [1e-12, 1]
        ``error_bound`` to reach, as a fraction of the largest reward in size; where rounding or the gap of a stage game
        is larger, as these permit, and ``error_bound`` says how far.

    Returns
    -------
    ZeroSumSolution

    Raises
    ------
    ValueError
        If there are not two agents, rewards don't sum to 0, or the discount is 1 and the game has no horizon.

    Examples
    --------
    >>> from marl_edu.games import matching_pennies
    >>> solution = shapley(matching_pennies())
    >>> solution.value, solution.policies[0].tolist()
    (0.0, [[0.5, 0.5]])
    """
    require_zero_sum(game)
    tolerance = checks.number("tolerance", tolerance, 1e-12, 1)
    steps, _ = stopping(game, tolerance)
    seeing = game.replace(observations=None)  # the policies that are found see the state
    largest = np.abs(game.rewards[0]).max()
    values, stages = np.zeros(game.n_states), None
    if game.discount == 1:
        sweeps, settled = 0, False
        while sweeps < steps and not settled:  # once nothing changes, all later sweeps would find the same
            behind, (values, stages) = values, sweep(game, values, stages)
            sweeps, settled = sweeps + 1, np.array_equal(values, behind)
        gap = max(stage.gap for stage in stages)
        return _solution(game, values, stages, 0.0, gap * sweeps, sweeps)

    last, terms = np.inf, int(np.diff(game.successors.offsets).max()) + 2
    for sweeps in range(1, MOST_SWEEPS + 1):
        ahead, stages = sweep(game, values, stages)
        gap = max(stage.gap for stage in stages)
        residual = np.abs(ahead - values).max()
        rounding = terms * np.finfo(float).eps * max(np.abs(ahead).max(), largest)
        bound = (game.discount * residual + gap) / (1 - game.discount)
        if bound <= tolerance * largest or residual <= max(16 * rounding, gap):  # more sweeps would not help
            return _solution(game, ahead, stages, residual, bound + rounding / (1 - game.discount), sweeps)
        if residual < last:
            answer = best_response(seeing, 1, [_table(stages, "row"), None], 1e-12)
            values, last = -answer.values, residual
        else:
            values = ahead  # a plain sweep always brings us closer
    raise RuntimeError(f"no value within {tolerance:g} after {MOST_SWEEPS} sweeps; the error may still be {bound:g}")


def require_zero_sum(game: MarkovGame) -> None:
    """Raise a ValueError unless two agents have opposite rewards."""
    checks.game(game)
    if game.n_agents != 2:
        raise ValueError(f"the game has {game.n_agents} agents; expected 2, with opposite rewards")
    total = np.abs(game.rewards.sum(axis=0))
    if total.max() > 1e-9 * max(1.0, np.abs(game.rewards).max()):
        state, *joint = np.unravel_index(int(total.argmax()), total.shape)
        names = ", ".join(game.actions[i][a] for i, a in enumerate(joint))
        paid = " + ".join(f"{reward:g}" for reward in game.rewards[(slice(None), state, *joint)])
        raise ValueError(
            f"rewards for ({names}) in state {game.states[state]!r} are {paid}; expected them to sum to 0 (zero-sum)"
        )


def sweep(game: MarkovGame, values: np.ndarray, stages: list | None = None) -> tuple[np.ndarray, list[StageSolution]]:
    """TV and the solutions of all stage games, (S,); ``stages`` are those of the last sweep, if there was one."""
    payoffs = game.rewards[0] + game.discount * game.successors.expectation(values).reshape(game.rewards[0].shape)
    guesses = stages or [None] * game.n_states
    solved = [solve_stage(table, guess) for table, guess in zip(payoffs, guesses, strict=True)]
    return np.array([stage.value for stage in solved]), solved


def _table(stages: list[StageSolution], side: str) -> np.ndarray:
    return np.array([getattr(stage, side) for stage in stages])


def _solution(game, values, stages, residual, bound, sweeps) -> ZeroSumSolution:
    policies = [_table(stages, "row"), _table(stages, "column")]
    return ZeroSumSolution(values, policies, float(game.start @ values), float(residual), float(bound), sweeps)
