"""VDN in a world that was not written for it: level-based foraging 8x8-2p-2f, from its own package, on one core.

Two agents with levels collect two foods; a food is loaded if the levels of those who load it together reach its own. An
episode has at most 50 steps and pays at most 1, to the team. The world itself takes about a third of the time. Why the
settings are as they are (they were found together, in a few short runs):

- rewards x 20: returns of some hundredths drown in the noise of a network whose step size is fit for values around 1;
- a discount of .9: with .99 an agent that bumps into a wall for ever loses next to nothing by it;
- 32 copies of the world for each update: foods are loaded rarely while agents act at random;
- one network for both agents, since each sees itself first; the 12 numbers of an observation brought to [-1, 1];
- the time limit, which the package reports as an end, is taken as what it is.

Processor seconds of this process, one thread; the return is the mean over greedy episodes of the undiscounted sum of
rewards as the package pays them. Seeds learn one after the other, and what counts is the median of three: ten minutes.
"""

from __future__ import annotations

import importlib.util
import time
from statistics import median

import numpy as np

from benchmarks import Figure

NAME = "Foraging-8x8-2p-2f-v3"
REWARD_SCALE = 20
SETTINGS = {
    "worlds": 32,
    "batch": 256,
    "hidden": 128,
    "shared": "yes",
    "step_size": 1e-3,
    "target": "soft",
    "target_share": 0.01,
    "epsilon_updates": 1500,
    "capacity": 500_000,
    "clip": 1000,
}
UPDATES, EPISODES = 20_000, 100
SEEDS = (0, 1, 2)


def world(discount: float = 0.9, reward_scale: float = REWARD_SCALE):
    """The package's world, seen through the adapter."""
    import gymnasium
    import lbforaging  # noqa: F401  which makes its worlds known to Gymnasium

    from marl_edu.learning import OutsideWorld

    return OutsideWorld(
        lambda: gymnasium.make(NAME, disable_env_checker=True),
        discount=discount,
        reward_scale=reward_scale,
        ended=lambda env: env.unwrapped.field.sum() == 0,
    )


def greedy_return(learner, episodes: int = EPISODES) -> float:
    """Mean return, as the package pays it and undiscounted, of the first episode of each of many copies."""
    copies = world(discount=1, reward_scale=1)
    copies.start([np.random.default_rng(0)], episodes)
    found, running = np.zeros((1, episodes)), np.ones((1, episodes), dtype=bool)
    while running.any():
        step = copies.step(learner.greedy(copies.where))
        found += running * step.rewards
        running &= ~(step.terminated | step.truncated)
    return float(found.mean())


def steps_a_second(copies: int = 32, steps: int = 100) -> float:
    """Of the world alone, through the adapter."""
    one, rng = world(), np.random.default_rng(0)
    one.start([rng], copies)
    begin = time.process_time()
    for _ in range(steps):
        one.step(rng.integers(0, one.n_actions, (1, copies, one.n_agents)))
    return copies * steps / (time.process_time() - begin)


def learn(seed: int, updates: int, episodes: int) -> tuple[float, float]:
    """Greedy return of one seed, and the processor seconds that it learned for."""
    from marl_edu.learning import VDN

    learner = VDN(world(), seed=seed, **SETTINGS)
    begin = time.process_time()
    learner.advance(updates)
    seconds = time.process_time() - begin
    return greedy_return(learner, episodes), seconds


def measure(updates: int = UPDATES, seeds=SEEDS, episodes: int = EPISODES) -> list[Figure]:
    """Learn, and play greedily, seed by seed; medians."""
    title = f"{NAME}: greedy return"
    if importlib.util.find_spec("lbforaging") is None:
        return [Figure(title, None, at_least=0.5, note="left out: lbforaging is not installed")]
    returns, seconds = zip(*(learn(seed, updates, episodes) for seed in seeds), strict=True)
    steps = updates * SETTINGS["worlds"]
    each, times = ", ".join(f"{one:.2f}" for one in returns), ", ".join(f"{one:.0f}" for one in seconds)
    note = f"median of seeds: {each}; {episodes} episodes each"
    learning = f"median of seeds: {times}; {updates:,} updates, {steps:,} steps each"
    return [
        Figure(title, median(returns), at_least=0.5, note=note),
        Figure("learning, processor seconds", median(seconds), at_most=300, note=learning),
        Figure("environment steps/s while learning", steps / median(seconds)),
        Figure("environment steps/s of the world alone", steps_a_second()),
    ]
