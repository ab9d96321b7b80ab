"""Dynamics in matrix games: a live picture's recording, plays a second, and what the integrator conserves.

Times are processor times of this process, the best of several turns.
"""

from __future__ import annotations

import time

import numpy as np

from benchmarks import Figure
from marl_edu.games import matching_pennies, rock_paper_scissors
from marl_edu.learning import dynamics
from marl_edu.recording import record

FLOWS = (dynamics.GradientAscent, dynamics.WoLFGradient, dynamics.Replicator, dynamics.SmoothQLearning)
PLAYS = (
    dynamics.BestResponseDynamics,
    dynamics.FictitiousPlay,
    dynamics.RegretMatching,
    dynamics.ConditionalRegretMatching,
    dynamics.MultiplicativeWeights,
)
MOMENTS, STARTS, REPEATS = 300, 9, 15


def best_time(work) -> float:
    """Seconds of the fastest of several turns, after one to compile."""
    found = []
    for _ in range(REPEATS + 1):
        begin = time.process_time()
        work()
        found.append(time.process_time() - begin)
    return min(found[1:])


def recording_time(rule) -> float:
    """Milliseconds to record the moments of all starting points in matching pennies."""
    learner = rule(matching_pennies(), seeds=STARTS)

    def work():
        learner.reset()
        record(learner, MOMENTS, 1)

    return 1e3 * best_time(work)


def plays_a_second(rule) -> float:
    """Millions, in rock-paper-scissors."""
    learner = rule(rock_paper_scissors())
    return 0.1 / best_time(lambda: learner.advance(100_000))


def drift(game, **options) -> float:
    """How far the product of all probabilities moves in a time of 1000, at most over 50 starting points."""
    learner = dynamics.Replicator(game, seeds=50, step_size=0.5, **options)
    constant = learner.frame()["policies"].prod(axis=(1, 2))
    learner.advance(2000)
    return float(np.abs(learner.frame()["policies"].prod(axis=(1, 2)) - constant).max())


def opening() -> float:
    """How far gradient ascent in matching pennies is from its start after ten turns of the exact period, pi / 2."""
    learner = dynamics.GradientAscent(matching_pennies(), [(0.5, 0.99)], step_size=np.pi / 40)
    start = learner.frame()["policies"]
    learner.advance(200)
    return float(np.abs(learner.frame()["policies"] - start).max())


def measure() -> list[Figure]:
    """Record, play, and compare with what is conserved."""
    points = np.random.default_rng(0).dirichlet(np.ones(2), size=(400, 2))
    tables = matching_pennies().rewards[:, 0]
    arrows = best_time(lambda: dynamics.Replicator.velocity(tables, points))
    of = f"{STARTS} starts x {MOMENTS} moments, ms: "
    return [
        *(Figure(f"{of}{rule.__name__}", recording_time(rule), at_most=25) for rule in FLOWS),
        Figure("a field of 400 arrows, ms", 1e3 * arrows, at_most=1),
        *(Figure(f"million plays a second: {rule.__name__}", plays_a_second(rule), at_least=1) for rule in PLAYS),
        Figure("replicator's constant in matching pennies", drift(matching_pennies()), at_most=1e-6),
        Figure("the same, one population", drift(rock_paper_scissors(), populations="one"), at_most=1e-6),
        Figure("gradient ascent's circle after ten turns", opening(), at_most=1e-5),
    ]
