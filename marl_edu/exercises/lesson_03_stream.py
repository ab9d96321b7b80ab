"""Lesson 03, find the bugs: returns of a recorded stream that holds several episodes.

Legend of axes: T steps of the stream, N agents.
"""

from __future__ import annotations

import numpy as np

from marl_edu.exercises import Exercise, Property
from marl_edu.exercises.judge import mistake


def recorded_returns(rewards, discount, terminated, truncated, values):
    """The listing, mended: each agent's own return, that stops at ends and looks beyond time limits."""
    returns = np.zeros(rewards.shape)
    following = values[-1]
    for t in reversed(range(len(rewards))):
        if terminated[t]:
            following = np.zeros(len(following))
        elif truncated[t]:
            following = values[t]
        following = rewards[t] + discount * following
        returns[t] = following
    return returns


def _with(fault):
    """The mended listing with one fault put back."""

    def listing(rewards, discount, terminated, truncated, values):
        returns = np.zeros(rewards.shape)
        following = np.zeros(rewards.shape[1]) if fault == "stream" else values[-1]
        for t in reversed(range(len(rewards))):
            if fault == "limit first" and truncated[t]:
                following = values[t]
            elif (terminated[t] and fault != "runs on") or (truncated[t] and fault == "zero"):
                following = np.zeros(rewards.shape[1])
            elif truncated[t] and fault != "into the next":
                following = values[t]
            step = rewards[t] + discount * following
            if fault == "late":
                step = discount * (rewards[t] + following)
            following = step
            returns[t] = step[0] if fault == "agent 1" else step.sum() if fault == "team" else step
        return returns

    return listing


def _streams(how, agents=(2, 3), last="terminated"):
    """Cases: a stream of a few episodes that stop in these ways; the last step stops in the way ``last``."""

    def cases(rng):
        found = []
        for length in (2, 3, 4, 5, 6, 8):
            n = int(rng.choice(agents))
            terminated, truncated = np.zeros(length, dtype=bool), np.zeros(length, dtype=bool)
            stop = int(rng.integers(0, length - 1))
            terminated[stop], truncated[stop] = "terminated" in how, "truncated" in how
            terminated[-1], truncated[-1] = last == "terminated", last == "truncated"
            rewards = rng.integers(-5, 11, (length, n)).astype(float)
            values = rng.integers(3, 20, (length, n)).astype(float)
            found.append((rewards, float(rng.choice([0.5, 0.8, 0.9])), terminated, truncated, values))
        return found

    return cases


def _one_step(rng):
    case = _streams((), agents=(1,))(rng)[0]
    return [tuple(part[-1:] if isinstance(part, np.ndarray) else part for part in case)]


stream = Exercise(
    name="03.stream",
    title="Find the bugs: returns of a recorded stream",
    objective="03.1",
    minutes=10,
    difficulty=3,
    task=(
        "Mend the listing. A stream of steps holds several episodes, one after the other. `rewards` has the axes "
        "(step, agent); `terminated[t]` says that the world ended with step t, `truncated[t]` that a time limit struck "
        "(both may be true; then it has ended). `values[t]` is what each agent may expect from the state that step t "
        "led to, before anything is reset. The recording itself may stop in the middle of an episode. Return $G_t$ for "
        "every step and every agent."
    ),
    stub="""
def recorded_returns(rewards, discount, terminated, truncated, values):
    returns = np.zeros(rewards.shape)
    following = np.zeros(rewards.shape[1])
    for t in reversed(range(len(rewards))):
        if terminated[t] or truncated[t]:
            following = np.zeros(rewards.shape[1])
        following = discount * (rewards[t] + following)
        returns[t] = following[0]
    return returns
""",
    solution=recorded_returns,
    properties=[
        Property("the reward of a step counts in full in the return of that step", _one_step),
        Property("every agent has the return of its own rewards", _streams(())),
        Property("nothing flows back over the end of an episode", _streams(("terminated",))),
        Property(
            "at a time limit what may be expected there counts, and nothing of the next episode",
            _streams(("truncated",), last="truncated"),
        ),
        Property("what has ended at the time limit has ended", _streams(("terminated", "truncated"))),
        Property(
            "where the recording stops in the middle, it is cut off as well", _streams(("terminated",), last="open")
        ),
    ],
    misconceptions=[
        mistake(
            "discount off by one",
            "The reward of this step is multiplied by the discount already, so all powers are one too high.",
            _with("late"),
        ),
        mistake(
            "everybody has agent 1's return",
            "`following[0]` is agent 1's number, and it is written into all columns. Each agent has a return of its "
            "own.",
            _with("agent 1"),
        ),
        mistake(
            "everybody has the team's return",
            "Asked for is each agent's own return, not the sum over agents.",
            _with("team"),
        ),
        mistake(
            "a time limit is an end",
            "At a time limit the world goes on, only nobody watches. What may be expected there is `values[t]`; 0 "
            "makes all returns before it wrong.",
            _with("zero"),
        ),
        mistake(
            "the next episode flows back",
            "After a time limit the stream goes on with *another* episode. What comes next in it has nothing to do "
            "with the step before.",
            _with("into the next"),
        ),
        mistake(
            "the end has a future",
            "After a terminal state nothing follows: neither the next episode nor `values[t]`.",
            _with("runs on"),
        ),
        mistake(
            "the limit overrules the end",
            "If both are true, the world has ended in the very step at which the limit struck: nothing follows.",
            _with("limit first"),
        ),
        mistake(
            "the recording's end is an end",
            "Where the recording stops in the middle of an episode, it is cut off: begin with `values[-1]`, not with "
            "0.",
            _with("stream"),
        ),
    ],
    hints=[
        "There are four faults: a power of the discount, whose return it is, what follows a time limit, and what "
        "follows the last step.",
        "`terminated` and `truncated` need different answers. Which of the two is asked first?",
        "`if terminated[t]: following = zeros` / `elif truncated[t]: following = values[t]`, and before the loop "
        "`following = values[-1]`.",
        "`following = rewards[t] + discount * following`, and `returns[t] = following`.",
    ],
    equivalent=[
        "np.ones(rewards.shape)",
        "np.zeros(values.shape)",
        "range(len(terminated))",
        "range(len(truncated))",
        "range(len(values))",
        "range(len(returns))",
    ],
)
