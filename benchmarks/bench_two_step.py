"""QMIX in the two-step game, ours beside TorchRL's: processor seconds of one thread until the team earns the 8.

Both have the networks, the batches, the number of steps of the world per gradient step, the step size and the uniform
exploration of lesson 08, and learn for 600 updates; every 25 of them the greedy policy is looked at. A lucky policy can
earn the 8 early and lose it again, so what counts is the first look from which on every look finds the 8: with ten
seeds at once, in all ten. Setting up counts, imports and a first short run do not.

TorchRL (``torchrl_two_step.py``) runs one seed at a time, as its users do, in a process of its own (``apart.py``). Two
differences remain: networks begin with each library's own weights, and TorchRL's target networks choose the next action
themselves where ours leave that to the learning ones.
"""

from __future__ import annotations

import time
from statistics import median

import numpy as np

from benchmarks import Figure
from benchmarks.apart import run_with_torchrl

SETTINGS = {
    "worlds": 8,
    "batch": 64,
    "hidden": 32,
    "embed": 32,
    "step_size": 3e-3,
    "target_every": 50,
    "capacity": 10_000,
    "clip": 10.0,
}
DISCOUNT, UPDATES, LOOK_EVERY, OPTIMUM = 0.99, 600, 25, 8
SEEDS, ALONE = 10, (0, 1, 2)
"""Seeds at once, and those that run alone, ours as well as theirs."""

Look = tuple[int, float, float]
"""Updates so far, processor seconds so far, undiscounted greedy return (of the worst seed)."""


def settled(looks: list[Look]) -> tuple[float, float]:
    """Updates and seconds at the first look from which on all find the optimum; infinities if the last does not."""
    found = (np.inf, np.inf)
    for updates, seconds, paid in reversed(looks):
        if paid < OPTIMUM - 1e-4:
            break
        found = (updates, seconds)
    return found


def learn(seeds: int, seed: int, updates: int) -> list[Look]:
    """Ours, ``seeds`` at once."""
    from marl_edu.games import two_step
    from marl_edu.learning import QMIX

    begin = time.process_time()
    learner = QMIX(two_step(DISCOUNT), seeds=seeds, seed=seed, epsilon=1, epsilon_last=1, **SETTINGS)
    looks = []
    for _ in range(updates // LOOK_EVERY):
        learner.advance(LOOK_EVERY)
        paid = learner.frame()["greedy_return"].min() / DISCOUNT  # paid in the second step
        looks.append((learner.units_done, time.process_time() - begin, float(paid)))
    return looks


def learn_theirs(updates: int) -> list[list[Look]]:
    """TorchRL's, one seed after the other; errors as in ``run_with_torchrl``."""
    order = {**SETTINGS, "discount": DISCOUNT, "updates": updates, "look_every": LOOK_EVERY, "seeds": ALONE}
    return run_with_torchrl("torchrl_two_step.py", order)


def speed(runs: list[list[Look]]) -> float:
    """Milliseconds of an update, the median of runs."""
    return 1e3 * median(looks[-1][1] / looks[-1][0] for looks in runs)


def seconds_figure(name: str, runs: list[list[Look]], at_most: float | None = None) -> Figure:
    """Median seconds to the optimum, infinite where most runs did not get there; the updates of each in the note."""
    found = [settled(looks) for looks in runs]
    took = ", ".join(f"{updates:g}" for updates, _ in found)
    return Figure(name, median(seconds for _, seconds in found), at_most=at_most, note=f"updates: {took}")


def ratio(name: str, theirs: float, ours: float) -> Figure:
    """How many times as long theirs takes."""
    if np.isfinite([theirs, ours]).all():
        return Figure(name, theirs / ours)
    return Figure(name, None, note="one of them did not get there")


def measure(updates: int = UPDATES) -> list[Figure]:
    """Ours at once and alone, theirs, and the ratios."""
    learn(1, 0, LOOK_EVERY)
    together = [learn(SEEDS, 0, updates)]
    alone = [learn(1, seed, updates) for seed in ALONE]
    ours = seconds_figure(f"{SEEDS} seeds of QMIX at the optimum, s", together, at_most=5)
    share = ours.value / SEEDS
    single = seconds_figure("one seed alone, s", alone)
    per_seed = speed(together) / SEEDS
    figures = [
        ours,
        Figure("of that per seed, s", share),
        single,
        Figure(f"an update of one of {SEEDS} seeds, ms", per_seed),
        Figure("an update of one seed alone, ms", speed(alone)),
    ]
    try:
        library = learn_theirs(updates)
    except (ModuleNotFoundError, RuntimeError) as missing:
        return [*figures, Figure(f"TorchRL / marl_edu, one of {SEEDS} seeds", None, note=str(missing))]
    theirs = seconds_figure("TorchRL, one seed, s", library)
    return [
        *figures,
        theirs,
        Figure("TorchRL, an update, ms", speed(library)),
        ratio(f"TorchRL / marl_edu, one of {SEEDS} seeds", theirs.value, share),
        ratio("TorchRL / marl_edu, one seed alone", theirs.value, single.value),
        ratio(f"TorchRL / marl_edu, an update, one of {SEEDS} seeds", speed(library), per_seed),
    ]
