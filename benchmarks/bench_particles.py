"""Particle worlds stepped many at once beside MPE2's own loop, by turns on one core.

A world step is one joint action in one copy: contact, motion, the rewards of all agents and what all of them see. Both
get uniformly random continuous actions, drawn beforehand, and begin anew every 25 steps.
"""

from __future__ import annotations

import time
from statistics import median

import numpy as np
from mpe2 import simple_spread_v3, simple_tag_v3

from benchmarks import Figure
from marl_edu.games import simple_spread, simple_tag
from marl_edu.games.particles import controls

COPIES = (1, 64, 1024)
REPEATS = 15
STEPS_OF_MPE2 = 50


class Ours:
    """Copies of one of our worlds, driven for whole episodes."""

    def __init__(self, world, copies: int):
        rng = np.random.default_rng(0)
        self.world, self.rng, self.copies = world, rng, copies
        self.actions = rng.uniform(-1, 1, (world.max_steps, copies, world.n_agents, 2))
        self.episodes = max(1, 4096 // (copies * world.max_steps))

    def run(self) -> int:
        """Play; return how many world steps that was."""
        for _ in range(self.episodes):
            self.world.reset(self.rng, self.copies)
            for action in self.actions:
                self.world.step(action)
                self.world.observe()
        return self.episodes * self.actions.shape[0] * self.copies


class Theirs:
    """MPE2's parallel environment, one world, with the same actions."""

    def __init__(self, module, world):
        self.env = module.parallel_env(continuous_actions=True)
        actions = Ours(world, 1).actions[:, 0]
        self.actions = [
            {agent: controls.to_mpe2(world, i, action[i]).astype(np.float32) for i, agent in enumerate(world.agents)}
            for action in actions
        ]

    def run(self) -> int:
        """Play; return how many world steps that was."""
        for _ in range(STEPS_OF_MPE2 // len(self.actions)):
            self.env.reset(seed=0)
            for action in self.actions:
                self.env.step(action)
        return STEPS_OF_MPE2 // len(self.actions) * len(self.actions)


def check_agreement(world, module) -> None:
    """Make sure that both do the same work: one seed, one episode, the same rewards."""
    ours, theirs = Ours(world, 1), Theirs(module, world)
    world.reset(np.random.default_rng(3))
    theirs.env.reset(seed=3)
    for own, other in zip(ours.actions[:, 0].astype(np.float32), theirs.actions, strict=True):
        paid = list(theirs.env.step(other)[1].values())
        if not np.allclose(world.step(own), paid, atol=1e-5):
            raise AssertionError(f"{world.name} pays otherwise than MPE2's; they do different work")


def speeds(runners: dict) -> dict[str, list[float]]:
    """World steps a CPU second of each, by turns."""
    for runner in runners.values():
        runner.run()
    measured = {name: [] for name in runners}
    for _ in range(REPEATS):
        for name, runner in runners.items():
            begin = time.thread_time()
            steps = runner.run()
            measured[name].append(steps / (time.thread_time() - begin))
    return measured


def measure() -> list[Figure]:
    """All figures of this module."""
    figures = []
    for make, module, required in ((simple_spread, simple_spread_v3, 200), (simple_tag, simple_tag_v3, None)):
        check_agreement(make(), module)
        runners = {copies: Ours(make(), copies) for copies in COPIES} | {"MPE2": Theirs(module, make())}
        measured, name = speeds(runners), make.name
        for copies in COPIES:
            bound = required if copies == max(COPIES) else None
            speed = median(measured[copies]) / 1000
            figures.append(Figure(f"{name}, {copies} at once, thousand steps/s", speed, at_least=bound))
        figures.append(Figure(f"{name}, MPE2's loop, thousand steps/s", median(measured["MPE2"]) / 1000))
        for copies in COPIES:
            pairs = zip(measured[copies], measured["MPE2"], strict=True)
            figures.append(Figure(f"{name}, {copies} at once / MPE2", median(one / other for one, other in pairs)))
    return figures
