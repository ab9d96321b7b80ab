"""Value iteration on a cooperative game with a million states, beside QuantEcon's modified policy iteration.

Both get the same sparse model, both are asked for values within 1e-6 of the truth, turn by turn on the same core, and
the errors of both are measured against a far more exact solution.
"""

from __future__ import annotations

import time

import numpy as np
from scipy import sparse

from benchmarks import Figure
from marl_edu.games import MarkovGame, Successors
from marl_edu.planning import value_iteration

STATES, SUCCESSORS, DISCOUNT, ERROR = 10**6, 5, 0.95, 1e-6
REPEATS = 3


def model(n_states: int, rng: np.random.Generator) -> tuple[sparse.csr_array, np.ndarray]:
    """Transitions (S * 4, S) and the team's rewards (S, 4): two agents with two actions each."""
    states = rng.integers(n_states, size=n_states * 4 * SUCCESSORS).astype(np.int32)
    chances = rng.random((n_states * 4, SUCCESSORS))
    chances /= chances.sum(axis=1, keepdims=True)
    offsets = np.arange(0, n_states * 4 * SUCCESSORS + 1, SUCCESSORS)
    transitions = sparse.csr_matrix((chances.ravel(), states, offsets), shape=(n_states * 4, n_states))
    transitions.sum_duplicates()
    return transitions, rng.random((n_states, 4))


def as_game(transitions, rewards: np.ndarray) -> MarkovGame:
    """Return the model as a game, each agent earning half."""
    successors = Successors(transitions.indptr.astype(np.int64), transitions.indices.astype(np.int32), transitions.data)
    half = rewards.reshape(-1, 2, 2) / 2
    return MarkovGame(successors, [half, half], DISCOUNT)


def as_problem(transitions, rewards: np.ndarray):
    """Return the model as QuantEcon has it."""
    from quantecon.markov import DiscreteDP

    n_states = len(rewards)
    state, action = np.repeat(np.arange(n_states), 4), np.tile(np.arange(4), n_states)
    return DiscreteDP(rewards.ravel(), transitions, DISCOUNT, state, action)


def megabytes(*arrays) -> float:
    """Return the memory of arrays."""
    return sum(array.nbytes for array in arrays) / 1e6


def measure() -> list[Figure]:
    """Solve by both, in turns, and compare the least processor times."""
    try:
        import quantecon  # noqa: F401
    except ImportError:
        return [Figure("planning / QuantEcon", None, note="no QuantEcon here")]
    small = model(50, np.random.default_rng(0))
    value_iteration(as_game(*small))
    as_problem(*small).solve(method="mpi", epsilon=ERROR)  # compiled before the clock starts

    transitions, rewards = model(STATES, np.random.default_rng(1))
    game, problem = as_game(transitions, rewards), as_problem(transitions, rewards)
    exact = value_iteration(game, 1e-11).values
    ours, theirs = [], []
    for _ in range(REPEATS):
        start = time.process_time()
        found = value_iteration(game, ERROR / rewards.max())
        ours.append(time.process_time() - start)
        start = time.process_time()
        result = problem.solve(method="mpi", epsilon=2 * ERROR)
        theirs.append(time.process_time() - start)
    kept = game.successors
    own = megabytes(kept.offsets, kept.states, kept.probabilities, game.rewards)
    other = megabytes(transitions.indptr, transitions.indices, transitions.data, problem.R)
    return [
        Figure("time, marl_edu / QuantEcon, 10^6 states", min(ours) / min(theirs), at_most=1.0,
               note=f"{min(ours):.2f} s and {min(theirs):.2f} s"),
        Figure("largest error, marl_edu", float(np.abs(found.values - exact).max()), at_most=ERROR),
        Figure("largest error, QuantEcon", float(np.abs(result.v - exact).max())),
        Figure("model in memory, marl_edu / QuantEcon", own / other, note=f"{own:.0f} MB and {other:.0f} MB"),
    ]  # fmt: skip
