"""All equilibria of bimatrix games: what is found, and how fast, beside QuantEcon and nashpy.

Three questions, in this order. Are they all there, in random games and in degenerate ones such as people write down
(payoffs 0, 1 or 2; the reference is brute force over all systems of equations)? How long does the first answer in a
fresh process take, imports not counted? And how long does one take after that?
"""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
import warnings

import numpy as np

from benchmarks import Figure
from marl_edu.games import matrix_game
from marl_edu.planning import equilibria

GAMES = 200
FIRST = {
    "marl_edu": "from marl_edu.games import matrix_game; from marl_edu.planning import equilibria as solve\n"
    "game = matrix_game(payoffs)",
    "QuantEcon": "from quantecon.game_theory import NormalFormGame, Player, support_enumeration as solve\n"
    "game = NormalFormGame((Player(payoffs[0]), Player(payoffs[1].T.copy())))",
}


def corners(payoffs: np.ndarray) -> dict[tuple, set[int]]:
    """{policy: labels} of the polytope of the agent whose actions are the rows, by solving every system there is."""
    m, n = payoffs.shape
    conditions = np.vstack([np.eye(m, m + 1), np.hstack([-payoffs.T, np.ones((n, 1))])])
    found = {}
    for chosen in itertools.combinations(range(m + n), m):
        system = np.vstack([conditions[list(chosen)], np.append(np.ones(m), 0)])
        if abs(np.linalg.det(system)) > 1e-9:
            point = np.linalg.solve(system, np.append(np.zeros(m), 1))
            slack = conditions @ point
            if slack.min() > -1e-9:
                found[tuple(point[:m].round(6) + 0.0)] = set(np.flatnonzero(slack < 1e-9).tolist())
    return found


def reference(first: np.ndarray, second: np.ndarray) -> set[tuple]:
    """Extreme equilibria, as tuples of all probabilities."""
    m, n = first.shape
    theirs = {y: {k + m if k < n else k - n for k in labels} for y, labels in corners(first.T).items()}
    ours = corners(second)
    return {x + y for x, one in ours.items() for y, other in theirs.items() if len(one | other) == m + n}


def as_set(pairs) -> set[tuple]:
    """Equilibria as tuples of all probabilities."""
    return {tuple(np.concatenate([np.ravel(policy) for policy in pair]).round(6) + 0.0) for pair in pairs}


def solvers() -> dict:
    """Every solver as a function from payoffs (2, m, n) to pairs of policies."""
    import nashpy
    from quantecon.game_theory import NormalFormGame, Player, support_enumeration, vertex_enumeration

    def theirs(payoffs):
        return NormalFormGame((Player(payoffs[0]), Player(np.ascontiguousarray(payoffs[1].T))))

    return {
        "marl_edu": lambda payoffs: [one.policies for one in equilibria(matrix_game(payoffs))],
        "QuantEcon supports": lambda payoffs: support_enumeration(theirs(payoffs)),
        "QuantEcon vertices": lambda payoffs: vertex_enumeration(theirs(payoffs)),
        "nashpy supports": lambda payoffs: nashpy.Game(*payoffs).support_enumeration(),
        "nashpy vertices": lambda payoffs: nashpy.Game(*payoffs).vertex_enumeration(),
    }


def share_incomplete(solve, games: list[np.ndarray], wanted: list[set]) -> float:
    """Per cent of games of which an extreme equilibrium is missing, or no answer came at all."""
    missed = 0
    for payoffs, expected in zip(games, wanted, strict=True):
        try:
            missed += not expected <= as_set(solve(payoffs))
        except Exception:  # an error of any kind is no answer
            missed += 1
    return 100 * missed / len(games)


def first_answer(code: str) -> float:
    """Seconds until the first answer in a fresh process, after the imports."""
    program = (
        "import time, numpy as np\npayoffs = np.random.default_rng(0).random((2, 2, 2))\n"
        f"{code}\nbegin = time.perf_counter()\nsolve(game)\nprint(time.perf_counter() - begin)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def seconds(solve, games: list[np.ndarray], repeats: int) -> float:
    """Mean processor time of one answer, the least of several rounds."""
    best = np.inf
    for _ in range(repeats):
        begin = time.process_time()
        for payoffs in games:
            solve(payoffs)
        best = min(best, (time.process_time() - begin) / len(games))
    return best


def measure() -> list[Figure]:
    """Completeness, first answer, and speed by size."""
    try:
        every = solvers()
    except ImportError as missing:
        return [Figure("equilibria / other libraries", None, note=f"no {missing.name} here")]
    warnings.simplefilter("ignore")  # nashpy warns of every even number
    rng = np.random.default_rng(0)
    shapes = [rng.integers(2, 5, size=2) for _ in range(GAMES)]
    kinds = {
        "random": [rng.normal(size=(2, *shape)) for shape in shapes],
        "payoffs 0, 1, 2": [rng.integers(0, 3, size=(2, *shape)).astype(float) for shape in shapes],
    }
    figures = []
    for kind, games in kinds.items():
        wanted = [reference(*payoffs) for payoffs in games]
        for name, solve in every.items():
            share, most = share_incomplete(solve, games, wanted), 0 if name == "marl_edu" else None
            figures.append(Figure(f"% of games not complete, {kind}, {name}", share, at_most=most))
    for name, code in FIRST.items():
        most = 0.1 if name == "marl_edu" else None
        figures.append(Figure(f"s to the first answer, 2 x 2, {name}", first_answer(code), at_most=most))
    for size in (2, 3, 4, 6, 8, 10, 12):
        games = [rng.normal(size=(2, size, size)) for _ in range(20 if size < 8 else 3)]
        ours = seconds(every["marl_edu"], games, 3 if size < 12 else 1)
        theirs = {name: seconds(every[name], games, 3) for name in ("QuantEcon supports", "QuantEcon vertices")
                  if size < 12 or name == "QuantEcon vertices"}  # fmt: skip
        best = min(theirs, key=theirs.get)
        note = f"{1e3 * ours:.2f} ms, {best} {1e3 * theirs[best]:.2f} ms"
        figures.append(Figure(f"time, marl_edu / QuantEcon, {size} x {size}", ours / theirs[best], note=note))
        if size == 2:
            figures.append(Figure("ms, marl_edu, 2 x 2", 1e3 * ours, at_most=5))
    return figures
