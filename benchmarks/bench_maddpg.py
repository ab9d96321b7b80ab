"""MADDPG in cooperative navigation, scored in MPE2 itself: mean return per agent after so many CPU-seconds of training.

The scale is MPE2's ``simple_spread_v3`` with three agents, local_ratio 0.5 and 25 steps: greedy play without noise, the
sum of an agent's rewards, the mean over agents and episodes. On it uniformly random play gets about -26, doing nothing
-23.7 and a hand-written controller -6.3, which are measured here as well. One PyTorch thread; only training is timed.

    python -m benchmarks maddpg                 all: some twenty minutes
    python -m benchmarks.bench_maddpg 1 150     one seed, so many CPU-seconds: what it reaches on the way
"""

from __future__ import annotations

import sys
import time
from statistics import median

import numpy as np

from benchmarks import Figure
from marl_edu.games.particles import controls, simple_spread
from marl_edu.learning import MADDPG, mean_interval
from marl_edu.learning.particle_play import baselines

LADDER = {20: -18.2, 60: -15.0, 150: -12.5}
"""CPU-seconds, and the return that the median of five runs of the algorithm must have reached by then."""

SETTINGS = {"discount": 0.8, "others": "current"}
"""All else is the learner's default. The discount matters most: a landmark is a few steps away, and what lies beyond a
horizon of five steps makes a critic's target noisier without making a policy better."""

VARIANT = SETTINGS | {"shared": "yes"}
"""Agents are alike here, so they may share an actor and a critic that has its own agent in the first place: each then
learns from three times as much."""
VARIANT_RETURN, VARIANT_SECONDS, VARIANT_LOOK = -9.0, 600, 10
SEEDS, VARIANT_SEEDS = (0, 1, 2, 3, 4), (0, 1, 2)
EPISODES = 100
SLICE = 100
"""Updates between two looks at the clock."""


def score(learner, episodes: int = EPISODES, seed: int = 10_000) -> float:
    """Mean return per agent of greedy play in MPE2's own world; learner of one seed, in ``simple_spread``."""
    from mpe2 import simple_spread_v3

    world = learner.game
    env = simple_spread_v3.parallel_env(
        N=world.n_agents, local_ratio=world.local_ratio, max_cycles=world.max_steps, continuous_actions=True
    )
    total = np.zeros(world.n_agents)
    for episode in range(episodes):
        seen, _ = env.reset(seed=seed + episode)
        while env.agents:
            names = list(env.agents)
            done = learner.greedy(np.stack([seen[name] for name in names])[np.newaxis, np.newaxis])[0, 0]
            actions = {name: controls.to_mpe2(world, i, done[i]).astype(np.float32) for i, name in enumerate(names)}
            seen, rewards, *_ = env.step(actions)
            total += [rewards[name] for name in names]
    env.close()
    return float(total.mean() / episodes)


def train(learner, seconds: float) -> float:
    """Train for so many CPU-seconds or a little longer; how many it were."""
    spent = 0.0
    while spent < seconds:
        begin = time.process_time()
        learner.advance(SLICE)
        spent += time.process_time() - begin
    return spent


def climb(seed: int, looks, settings: dict) -> dict[float, tuple[float, int]]:
    """Train one seed; after each of these CPU-seconds its score, and how many updates it has made."""
    learner, spent, found = MADDPG(simple_spread(), seed=seed, **settings), 0.0, {}
    for seconds in sorted(looks):
        spent += train(learner, seconds - spent)
        found[seconds] = score(learner), learner.units_done
    return found


def measure() -> list[Figure]:
    """All figures of this module."""
    figures = [
        Figure(f"return per agent, {name}", level, note="2,000 episodes, our world")
        for name, level in baselines(simple_spread()).items()
    ]
    runs = [climb(seed, LADDER, SETTINGS) for seed in SEEDS]
    for seconds, wanted in LADDER.items():
        scores, updates = zip(*(run[seconds] for run in runs), strict=True)
        each = ", ".join(f"{one:.1f}" for one in sorted(scores))
        mean = mean_interval(np.array(scores)[:, np.newaxis])
        note = f"greedy, {len(runs)} seeds: {each}; mean and 95 % interval {mean}; {median(updates):,.0f} updates"
        name = f"MADDPG, return per agent in MPE2 by {seconds} CPU-s"
        figures.append(Figure(name, median(scores), at_least=wanted, note=note))
    figures.append(variant())
    return figures


def reaches(seed: int, mark: float, settings: dict, most: float, look_every: float) -> tuple[float, int]:
    """CPU-seconds and updates after which one seed first scores the mark, looked at every so often; infinity: never."""
    learner, spent = MADDPG(simple_spread(), seed=seed, **settings), 0.0
    while spent < most:
        spent += train(learner, look_every)
        if score(learner) >= mark:
            return spent, learner.units_done
    return np.inf, learner.units_done


def variant() -> Figure:
    """After how many CPU-seconds the variant first passes its mark: the median of some seeds."""
    runs = [reaches(seed, VARIANT_RETURN, VARIANT, VARIANT_SECONDS, VARIANT_LOOK) for seed in VARIANT_SEEDS]
    seconds, updates = zip(*runs, strict=True)
    each = ", ".join(f"{one:.0f}" for one in seconds)
    note = f"median of seeds: {each}; {median(updates):,.0f} updates; {', '.join(map(str, VARIANT.items()))}"
    name = f"CPU-s until the variant passes {VARIANT_RETURN:g}"
    return Figure(name, median(seconds), at_most=VARIANT_SECONDS, note=note)


if __name__ == "__main__":
    one_seed, most = int(sys.argv[1]), float(sys.argv[2])
    for at, (level, count) in climb(one_seed, np.linspace(most / 6, most, 6).round(), SETTINGS).items():
        print(f"{at:5.0f} CPU-s  {count:7,} updates  {level:6.2f} per agent in MPE2", flush=True)
