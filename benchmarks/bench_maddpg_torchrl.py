"""MADDPG in cooperative navigation, ours beside TorchRL's tuned with the same care: CPU-seconds to the same scores.

World, score and clock are those of ``bench_maddpg.py``: simple_spread with three agents, mean return per agent of
greedy play in MPE2 itself, processor seconds of one thread in which there was training. Both learn with three seeds,
one at a time and by turns, and are scored every so many seconds; the first look at or above a mark counts, the median
of the seeds. TorchRL (``torchrl_maddpg.py``) runs in a process of its own (``apart.py``).

    python -m benchmarks maddpg_torchrl         some eight minutes
"""

from __future__ import annotations

from statistics import median

import numpy as np

from benchmarks import Figure
from benchmarks.apart import run_with_torchrl
from benchmarks.bench_maddpg import LADDER, SETTINGS, score, train
from marl_edu.games.particles import simple_spread
from marl_edu.learning import MADDPG

SEEDS, EPISODES = (0, 1, 2), 100
MARKS = tuple(LADDER.values())
LOOKS = (4, 8, 12, 16, 20, 25, 30, 35, 40, 50, 60, 80, 100, 125, 150)
"""CPU-seconds at which a seed is scored, until it has passed the last mark."""

THEIRS = {
    "world": "batched",
    "copies": 64,
    "frames": 64,
    "updates": 1,
    "hidden": 64,
    "critic_hidden": 64,
    "shared": False,
    "discount": 0.8,
    "actor_step": 4e-3,
    "critic_step": 1e-2,
    "batch": 256,
    "target_share": 0.02,
    "clip": 5.0,
    "noise": 0.4,
    "noise_last": 0.05,
    "noise_updates": 3000,
    "warm_up": 1024,
    "head_start": 300,
    "capacity": 100_000,
    "shift": 1.0,
}
"""TorchRL's settings: sizes, batches, copies of the world, discount and target share are ours; actors begin as late.
Tried with one seed each; scores of 50 episodes after 20 and 40 CPU-seconds on a busy machine, known to about 1:

- MPE2's own loop behind the library's wrapper, 4 copies, two updates for 8 steps: -23.7 after 15 and -23.9 after 30,
  with 7,000 steps of the world where the batched one has made 100,000. So it gets our batched world;
- that, and our step sizes 2e-3 and 5e-3: -19.0, -15.4 (and -12.2 after 60), with noise fading over 10,000 updates;
- the same with batches of 1024 and noise fading over 3,000, as from here on: -20.5 after 20; updates take longer;
- batches of 256, one actor and one critic for all (its shared central critic has one value for all): -17.9, -15.4;
- each their own, twice the step sizes: **-18.3, -13.8**, which is kept; sharing and twice the step sizes: -16.8, -15.3.

``shift`` is added to rewards, which are about -1: critics then begin near the values that they have to learn."""

Look = tuple[float, int, float]
"""CPU-seconds and updates so far, score."""


def learn(seed: int, looks=LOOKS, episodes: int = EPISODES, enough: float = MARKS[-1]) -> list[Look]:
    """Ours, one seed, until a look finds it good enough or there are no more."""
    learner, spent, found = MADDPG(simple_spread(), seed=seed, **SETTINGS), 0.0, []
    for look in looks:
        spent += train(learner, look - spent)
        found.append((spent, learner.units_done, score(learner, episodes)))
        if found[-1][-1] >= enough:
            break
    return found


def learn_theirs(seed: int, looks=LOOKS, episodes: int = EPISODES, enough: float = MARKS[-1]) -> list[Look]:
    """The same of TorchRL's; errors as in ``run_with_torchrl``."""
    order = THEIRS | {"seed": seed, "looks": looks, "episodes": episodes, "enough": enough}
    return [tuple(look) for look in run_with_torchrl("torchrl_maddpg.py", order)]


def reached(looks: list[Look], mark: float) -> float:
    """CPU-seconds at the first look that scores the mark; infinity if none does."""
    return min((seconds for seconds, _, level in looks if level >= mark), default=np.inf)


def to_mark(who: str, runs: list[list[Look]], mark: float) -> Figure:
    """Median seconds to a mark, those of each seed in the note."""
    seconds = [reached(looks, mark) for looks in runs]
    note = f"median of seeds: {', '.join(f'{one:.0f}' for one in seconds)}"
    return Figure(f"{who}: CPU-s to {mark:g} per agent", median(seconds), note=note)


def update_of(who: str, runs: list[list[Look]]) -> Figure:
    """Milliseconds of an update with all that goes with it: a step of every copy of the world, a batch, a gradient."""
    return Figure(f"{who}: an update, ms", median(1e3 * looks[-1][0] / looks[-1][1] for looks in runs))


def compared(ours: list[list[Look]], theirs: list[list[Look]]) -> list[Figure]:
    """Seconds to each mark of both, and how many times as long TorchRL takes."""
    own, other = update_of("ours", ours), update_of("TorchRL", theirs)
    figures = [own, other, Figure("TorchRL / marl_edu, an update", other.value / own.value)]
    for mark in MARKS:
        own, other = to_mark("ours", ours, mark), to_mark("TorchRL", theirs, mark)
        name = f"TorchRL / marl_edu, CPU-s to {mark:g}"
        if np.isfinite([own.value, other.value]).all():
            ratio = Figure(name, other.value / own.value)
        else:
            ratio = Figure(name, None, note=f"not both got there in {LOOKS[-1]} CPU-s")
        figures += [own, other, ratio]
    return figures


def measure(seeds=SEEDS, looks=LOOKS, episodes: int = EPISODES) -> list[Figure]:
    """All figures of this module: both learn by turns, seed by seed, so that a busy machine is fair to both."""
    ours, theirs = [], []
    learn(seeds[0], looks[:1], 1)  # what is done once in a process does not count, here as there
    for seed in seeds:
        ours.append(learn(seed, looks, episodes))
        try:
            theirs.append(learn_theirs(seed, looks, episodes))
        except (ModuleNotFoundError, RuntimeError) as missing:
            return [Figure("TorchRL / marl_edu, CPU-s to a mark", None, note=str(missing))]
    return compared(ours, theirs)
