"""The compiled learning loop beside the same loop in C, in plain Python, and around a PettingZoo world.

All learn the same 4x4 gridworld with two agents and joint-position states by epsilon-greedy independent Q-learning, by
turns on one core. C, numba and plain Python draw the same random numbers (PCG64) in the same order and keep the same
statistics: it is checked that their tables agree bit for bit. The PettingZoo loop does what a user of that library
would write: tables in numpy, ties at random, no statistics.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks import Figure
from benchmarks.plain_python import AroundPettingZoo, PlainPython
from marl_edu.games import CROSSING, gridworld
from marl_edu.learning import IndependentQLearning
from marl_edu.learning.loop import RUN, new_notes, world_of
from marl_edu.learning.loop import Notes as NotesInPython
from marl_edu.learning.tabular import TRACE

SOURCE = Path(__file__).with_name("independent_q.c")
FLAGS = ("-O3", "-march=native", "-ffp-contract=off", "-shared", "-fPIC")
REPEATS = 31
STEPS = {
    "C": 400_000,
    "marl_edu": 400_000,
    "plain Python": 1_500,
    "plain Python, no statistics": 1_500,
    "PettingZoo": 500,
}
"""Environment steps a turn: 20 ms each, so that a moment in which the machine is busy hits all alike."""
SETTINGS = {"step_size": 0.1, "epsilon": 0.1}


class World(ctypes.Structure):
    """The C side's ``World``."""

    _fields_ = (
        [("discount", ctypes.c_double)]
        + [(name, ctypes.c_int64) for name in ("horizon", "agents", "states", "starts", "width", "rows", "joint")]
        + [(name, ctypes.c_void_p) for name in ("n_actions", "strides", "observations", "terminal", "start")]
        + [(name, ctypes.c_void_p) for name in ("offsets", "successors", "cumulative", "rewards")]
    )


class Notes(ctypes.Structure):
    """The C side's ``Notes``."""

    _fields_ = [(name, ctypes.c_void_p) for name in NotesInPython._fields] + [("trace_length", ctypes.c_int64)]


class InC:
    """Independent Q-learning in C, compiled on the spot; ``advance(n)`` as of an ``Algorithm``.

    Raises
    ------
    FileNotFoundError
        If this machine has no C compiler.
    """

    def __init__(self, game, seed: int = 0):
        compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
        if compiler is None:
            raise FileNotFoundError("no C compiler (looked for cc, gcc and clang)")
        with tempfile.TemporaryDirectory() as folder:
            library = Path(folder, "independent_q.so")
            subprocess.run([compiler, *FLAGS, SOURCE, "-o", library, "-lm"], check=True)
            self._learn = ctypes.CDLL(str(library)).learn
        world, self._notes = world_of(game), new_notes(game.n_agents, TRACE)
        self._arrays = (
            world.n_actions, world.strides, world.observations, world.terminal, world.start, world.offsets,
            world.successors, world.cumulative, world.rewards,
        )  # fmt: skip
        width, rows = max(game.n_actions), max(game.n_observations)
        sizes = (game.n_agents, game.n_states, len(world.start), width, rows, game.n_joint_actions)
        self._world = World(world.discount, world.horizon, *sizes, *(array.ctypes.data for array in self._arrays))
        self._pointers = Notes(*(array.ctypes.data for array in self._notes), TRACE)
        self._run = np.zeros(1, dtype=RUN)
        self._run["over"], self._run["step_size"], self._run["epsilon"] = 1, SETTINGS["step_size"], SETTINGS["epsilon"]
        self._run["temperature"] = 1
        self._schedule = np.array([1.0, 0, 1, 0, 1, 1e-3])
        self.q = np.zeros((game.n_agents, rows, width))
        state = np.random.default_rng([seed, 0]).bit_generator.state["state"]
        halves = [state["state"], state["state"] >> 64, state["inc"], state["inc"] >> 64]
        self._generator = np.array([half % 2**64 for half in halves], dtype=np.uint64)

    def advance(self, n: int) -> None:
        """Do n environment steps."""
        arrays = (self._run, self._schedule)
        run, schedule = (ctypes.c_void_p(array.ctypes.data) for array in arrays)
        generator, q = (ctypes.c_void_p(array.ctypes.data) for array in (self._generator, self.q))
        world, notes = ctypes.byref(self._world), ctypes.byref(self._pointers)
        self._learn(ctypes.c_int64(n), generator, world, run, schedule, notes, q)


def world():
    """4x4 cells, two agents that cross, joint-position states: 242 states, 5 x 5 actions, no chance."""
    return gridworld(CROSSING)


def loops(game) -> dict:
    """What is compared, all at the beginning; C is left out where there is no compiler."""
    found = {
        "marl_edu": IndependentQLearning(game, **SETTINGS),
        "plain Python": PlainPython(game, **SETTINGS),
        "plain Python, no statistics": PlainPython(game, statistics=False, **SETTINGS),
        "PettingZoo": AroundPettingZoo(game.parallel_env(), game.discount, **SETTINGS),
    }
    try:
        return {"C": InC(game)} | found
    except FileNotFoundError:
        return found


def check_agreement(game, steps: int = 20_000) -> None:
    """Make sure that C, numba and plain Python compute the same tables, bit for bit."""
    found = loops(game)
    for name in found.keys() - {"PettingZoo"}:
        found[name].advance(steps)
    for name in found.keys() - {"PettingZoo", "marl_edu"}:
        if not (found[name].q == found["marl_edu"].q[0]).all():
            raise AssertionError(f"{name} and marl_edu learned different tables; they do different work")


def speeds(game) -> dict[str, list[float]]:
    """Environment steps a CPU second of each loop, by turns."""
    found = loops(game)
    for name, loop in found.items():
        loop.advance(2 * STEPS[name])
    measured = {name: [] for name in found}
    for _ in range(REPEATS):
        for name, loop in found.items():
            begin = time.thread_time()
            loop.advance(STEPS[name])
            measured[name].append(STEPS[name] / (time.thread_time() - begin))
    return measured


def in_fresh_process(code: str) -> float:
    """Median of the seconds that a fresh Python prints when it runs this."""
    runs = [subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True) for _ in range(5)]
    return median(float(run.stdout) for run in runs)


def measure() -> list[Figure]:
    """All figures of this module."""
    game = world()
    check_agreement(game)
    measured = speeds(game)
    notes = {"C": " ".join(["cc", *FLAGS[:3]])}
    figures = [
        Figure(f"{name}, million steps/s", median(values) / 1e6, note=notes.get(name, ""))
        for name, values in measured.items()
    ]
    for name, bound in (("C", 0.7), ("plain Python", 300), ("plain Python, no statistics", None), ("PettingZoo", 100)):
        if name in measured:
            ratio = median(ours / other for ours, other in zip(measured["marl_edu"], measured[name], strict=True))
            figures.append(Figure(f"marl_edu / {name}", ratio, at_least=bound))
        else:
            figures.append(Figure(f"marl_edu / {name}", None, at_least=bound, note="left out: no C compiler here"))
    timed = "import time; begin = time.perf_counter(); {}; print(time.perf_counter() - begin)"
    figures.append(Figure("import marl_edu, s", in_fresh_process(timed.format("import marl_edu")), at_most=0.3))
    first = timed.format("learner.advance(1)")
    setting_up = "import marl_edu; learner = marl_edu.learning.IndependentQLearning(marl_edu.games.climbing()); "
    figures.append(Figure("first advance from numba's cache, s", in_fresh_process(setting_up + first)))
    return figures
