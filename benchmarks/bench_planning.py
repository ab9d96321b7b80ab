"""Value iteration on a cooperative game with a million states, beside QuantEcon's modified policy iteration.

Both get the same sparse model, both are asked for values within 1e-6 of the truth, turn by turn on the same core, and
the errors of both are measured against a far more exact solution. The memory of each is that of a fresh process: the
most that it ever held while it read the model, made its own of it and solved that, less what it held at most before,
with everything imported, compiled and used once.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from scipy import sparse

from benchmarks import Figure
from marl_edu.games import MarkovGame, Successors
from marl_edu.planning import value_iteration

STATES, SUCCESSORS, DISCOUNT, ERROR = 10**6, 5, 0.95, 1e-6
REPEATS = 3
ROOT = Path(__file__).parents[1]


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


def solved(who: str, transitions, rewards: np.ndarray) -> np.ndarray:
    """Return values by ``"marl_edu"`` or ``"QuantEcon"``."""
    if who == "marl_edu":
        return value_iteration(as_game(transitions, rewards), ERROR / rewards.max()).values
    return as_problem(transitions, rewards).solve(method="mpi", epsilon=2 * ERROR).v


def most_held() -> float | None:
    """Return the most memory, in MB, that this process has held so far; None where the system does not tell.

    Linux tells it twice: what ``getrusage`` says there includes what the parent held when it started this process.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(row.split()[1]) for row in status.read_text().splitlines() if row.startswith("VmHWM")) / 1e3
    try:
        import resource
    except ImportError:
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def print_peak(who: str, folder: str) -> None:
    """Solve a small model and then the one in the folder; print the peak before, and by how much it grew."""
    solved(who, *model(50, np.random.default_rng(0)))
    before = most_held()
    arrays = [np.load(Path(folder, f"{name}.npy")) for name in ("data", "indices", "indptr", "rewards")]
    *parts, rewards = arrays
    solved(who, sparse.csr_matrix(tuple(parts), shape=(len(rewards) * 4, len(rewards))), rewards)
    print(before, most_held() - before)


def peaks(transitions, rewards: np.ndarray) -> dict[str, tuple[float, float]]:
    """Return, for both, the MB before the large model and those that it took."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in ("data", "indices", "indptr"):
            np.save(Path(folder, f"{name}.npy"), getattr(transitions, name))
        np.save(Path(folder, "rewards.npy"), rewards)
        for who in ("marl_edu", "QuantEcon"):
            code = f"from benchmarks.bench_planning import print_peak; print_peak({who!r}, {folder!r})"
            run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
            before, grown = map(float, run.stdout.split())
            found[who] = before, grown
    return found


def peak_figure(transitions, rewards: np.ndarray) -> Figure:
    """Return how much memory solving takes, ours beside theirs."""
    name = "peak of model and solving, marl_edu / QuantEcon"
    if most_held() is None:
        return Figure(name, None, note="the system does not tell")
    (before, ours), (_, theirs) = peaks(transitions, rewards).values()
    return Figure(name, ours / theirs, note=f"{ours:.0f} MB and {theirs:.0f} MB, above {before:.0f} MB before")


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
    for who in ("marl_edu", "QuantEcon"):
        solved(who, *small)  # compiled before the clock starts

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
        peak_figure(transitions, rewards),
    ]  # fmt: skip
