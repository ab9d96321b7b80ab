"""The loop that learns: everyone looks, everyone acts at once, the world moves, everyone corrects their values.

One scalar loop for all tabular learners, compiled by numba; what distinguishes them is ``rules.correct``. These habits
keep it as fast as C: random numbers are drawn here and handed on as numbers; helpers index the tables instead of
taking slices of them; maxima are explicit loops; records of arrays are taken apart once, before the loop; and a rule's
settings are a short vector, read only by the rule that has them.

Legend of axes: N agents, S states, O observations, A actions, M outcomes.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from marl_edu.games import MarkovGame
from marl_edu.learning.cache import leaf
from marl_edu.learning.rules import LENIENT, best_action, correct, largest

EPSILON_GREEDY, SOFTMAX = 0, 1

RUN = np.dtype(
    [(name, np.int64) for name in ("state", "age", "over", "clock", "episodes", "steps")]
    + [(name, np.float64) for name in ("discounting", "step_size", "epsilon", "temperature")]
)
"""Where one seed's run stands: state, age of the episode in steps, whether it is over, steps in all, episodes and steps
since the last frame, gamma^age, and the present values of the schedules before their floors apply."""


class World(NamedTuple):
    """A game as the compiled loop reads it."""

    discount: float
    horizon: int
    n_actions: np.ndarray
    strides: np.ndarray
    observations: np.ndarray
    terminal: np.ndarray
    start: np.ndarray
    offsets: np.ndarray
    successors: np.ndarray
    cumulative: np.ndarray
    rewards: np.ndarray
    paid_by_outcome: bool


class Schedule(NamedTuple):
    """How agents explore, and how exploration and step size change: after t steps max(floor, value decay^t)."""

    exploration: int
    step_size_decay: float
    step_size_floor: float
    epsilon_decay: float
    epsilon_floor: float
    temperature_decay: float
    temperature_floor: float


class Notes(NamedTuple):
    """What is written down of one seed's run: the latest turn and sums since the last frame, (N,); a trace (L,)."""

    observed: np.ndarray
    action: np.ndarray
    target: np.ndarray
    return_so_far: np.ndarray
    return_sum: np.ndarray
    error_sum: np.ndarray
    trace: np.ndarray


def world_of(game: MarkovGame) -> World:
    """The arrays of a game, laid out for the loop."""
    found, n_actions = game.successors, np.array(game.n_actions, dtype=np.int64)
    start = np.cumsum(game.start)
    paid_by_outcome = found.rewards is not None
    rewards = found.rewards if paid_by_outcome else game.rewards.reshape(game.n_agents, -1)
    return World(
        discount=game.discount,
        horizon=game.horizon or 0,
        n_actions=n_actions,
        strides=np.array([int(np.prod(n_actions[i + 1 :])) for i in range(len(n_actions))], dtype=np.int64),
        observations=game.observations.copy(),
        terminal=game.terminal.copy(),
        start=start / start[-1],
        offsets=found.offsets.copy(),
        successors=found.states.copy(),
        cumulative=_cumulative(found.offsets, found.probabilities),
        rewards=np.array(rewards.T, order="C"),
        paid_by_outcome=paid_by_outcome,
    )


def _cumulative(offsets: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Sums of each pair's probabilities up to and including each outcome, (M,); exactly 1 at the last one."""
    sums, counts = probabilities.copy(), np.diff(offsets)
    for k in range(1, int(counts.max())):
        there = offsets[:-1][counts > k] + k
        sums[there] += sums[there - 1]
    return sums / np.repeat(sums[offsets[1:] - 1], counts)


def new_notes(n_agents: int, trace: int) -> Notes:
    """Blank notes for one seed."""
    whole = [np.zeros(n_agents, dtype=np.int64) for _ in range(2)]
    real = [np.zeros(n_agents) for _ in range(4)]
    return Notes(*whole, *real, np.full(trace, -1))


@leaf
def softmax_action(table, i, o, n, temperature, pick):
    """The action at share ``pick`` of the probabilities proportional to exp(table[i, o] / temperature)."""
    best = largest(table, i, o, n)
    total = 0.0
    for a in range(n):
        total += math.exp((table[i, o, a] - best) / temperature)
    left = pick * total
    for a in range(n - 1):
        left -= math.exp((table[i, o, a] - best) / temperature)
        if left < 0:
            return a
    return n - 1


@leaf
def choose(table, i, o, n, exploration, epsilon, temperature, coin, pick):
    """Agent i's action on seeing o, given two uniform numbers of its own."""
    if exploration == SOFTMAX:
        return softmax_action(table, i, o, n, temperature, pick)
    if coin < epsilon:
        return int(pick * n)
    return best_action(table, i, o, n, pick)


@leaf
def drawn(cumulative, first, last, coin):
    """Which of the outcomes first..last - 1 the uniform number ``coin`` falls on."""
    for k in range(first, last - 1):
        if coin < cumulative[k]:
            return k
    return last - 1


@leaf
def decayed(value, factor):
    """The next value of a schedule; 0 where it would be too small a number for processors to be quick with."""
    value *= factor
    return value if value > 1e-300 else 0.0


@leaf
def learn(n, rng, rule, world, run, schedule, notes, tables, settings):
    """Do n environment steps with one seed.

    Parameters
    ----------
    n : int
        Steps to do; none if it is below 1.
    rng : Generator
        This seed's random stream.
    rule : int
        Which correction, see ``rules``.
    world, run, schedule, notes
        A ``World``, one record of ``RUN``, a ``Schedule`` and ``Notes``; run and notes are written to.
    tables : Tables
        What the agents keep, see ``rules``; written to.
    settings : (2,)
        The numbers that the rule needs besides the step size, in the order of its class.

    Notes
    -----
    Each step draws uniform numbers in this order: one for the start if an episode begins, two for each agent (coin
    and pick), one for the outcome, and for lenient learners one more for each agent.
    """
    discount, horizon, n_actions, strides, observations, terminal, start, offsets, successors = world[:9]
    cumulative, rewards, paid_by_outcome = world[9:]
    preferences, values, heat, joint_values, counts = tables
    observed, action, target, return_so_far, return_sum, error_sum, trace = notes
    n_agents, n_joint = len(n_actions), n_actions[0] * strides[0]
    for _ in range(n):
        if run.over:
            run.state, run.age, run.over, run.discounting = drawn(start, 0, len(start), rng.random()), 0, 0, 1.0
        step_size = max(schedule.step_size_floor, run.step_size)
        epsilon = max(schedule.epsilon_floor, run.epsilon)
        temperature = max(schedule.temperature_floor, run.temperature)
        joint = 0
        for i in range(n_agents):
            observed[i] = observations[i, run.state]
            coin, pick = rng.random(), rng.random()
            action[i] = choose(
                preferences, i, observed[i], n_actions[i], schedule.exploration, epsilon, temperature, coin, pick
            )
            joint += action[i] * strides[i]

        pair = run.state * n_joint + joint
        outcome = drawn(cumulative, offsets[pair], offsets[pair + 1], rng.random())
        next_state = successors[outcome]
        ended = terminal[next_state]
        run.age += 1
        run.over = ended or run.age == horizon
        for i in range(n_agents):
            reward = rewards[outcome if paid_by_outcome else pair, i]
            # a terminal state has no future; a time limit is not an end, so there the target bootstraps as ever
            future = 0.0 if ended else largest(values, i, observations[i, next_state], n_actions[i])
            target[i] = reward + discount * future
            error_sum[i] += abs(target[i] - values[i, observed[i], action[i]])
            return_so_far[i] += run.discounting * reward
            if run.over:
                return_sum[i] += return_so_far[i]
                return_so_far[i] = 0.0

        for i in range(n_agents):
            coin = rng.random() if rule == LENIENT else 0.0
            correct(
                rule, preferences, values, heat, joint_values, counts, settings, i, observed, action, target[i],
                step_size, coin, n_actions,
            )  # fmt: skip

        trace[run.clock % len(trace)] = next_state
        run.state = next_state
        run.clock += 1
        run.steps += 1
        run.episodes += run.over
        run.discounting *= discount
        run.step_size = decayed(run.step_size, schedule.step_size_decay)
        run.epsilon = decayed(run.epsilon, schedule.epsilon_decay)
        run.temperature = decayed(run.temperature, schedule.temperature_decay)
