"""Lesson 05: one step of gradient ascent for both agents, with two actions each.

Legend of axes: payoffs have a row for each action of agent 1 and a column for each action of agent 2.
"""

from __future__ import annotations

import numpy as np

from marl_edu.exercises import Exercise, Property
from marl_edu.exercises.judge import mistake


def step(x, y, payoffs_1, payoffs_2, step_size):
    """Where both agents stand after one step uphill, each on its own payoff."""
    (a, b), (c, d) = payoffs_1
    (e, f), (g, h) = payoffs_2
    slope_1 = y * (a - c) + (1 - y) * (b - d)
    slope_2 = x * (e - f) + (1 - x) * (g - h)
    new_x = x + step_size * slope_1
    new_y = y + step_size * slope_2
    return min(max(new_x, 0), 1), min(max(new_y, 0), 1)


# --- wrong answers -------------------------------------------------------------------------------------------------
def _slopes(x, y, payoffs_1, payoffs_2):
    """What the first action pays each agent more than its second one."""
    (a, b), (c, d) = payoffs_1
    (e, f), (g, h) = payoffs_2
    return y * (a - c) + (1 - y) * (b - d), x * (e - f) + (1 - x) * (g - h)


def _held(value):
    return min(max(value, 0), 1)


def _with(slopes):
    """A step along other slopes."""

    def wrong(x, y, payoffs_1, payoffs_2, step_size):
        slope_1, slope_2 = slopes(x, y, payoffs_1, payoffs_2)
        return _held(x + step_size * slope_1), _held(y + step_size * slope_2)

    return wrong


def _in_turn(x, y, payoffs_1, payoffs_2, step_size):
    x = _held(x + step_size * _slopes(x, y, payoffs_1, payoffs_2)[0])
    return x, _held(y + step_size * _slopes(x, y, payoffs_1, payoffs_2)[1])


def _free(x, y, payoffs_1, payoffs_2, step_size):
    slope_1, slope_2 = _slopes(x, y, payoffs_1, payoffs_2)
    return x + step_size * slope_1, y + step_size * slope_2


def _stays_if_out(x, y, payoffs_1, payoffs_2, step_size):
    new_x, new_y = _free(x, y, payoffs_1, payoffs_2, step_size)
    return new_x if 0 <= new_x <= 1 else x, new_y if 0 <= new_y <= 1 else y


def _no_constant(x, y, payoffs_1, payoffs_2):
    (a, b), (c, d) = payoffs_1
    (e, f), (g, h) = payoffs_2
    return (a - b - c + d) * y, (e - f - g + h) * x


def _by_the_other(x, y, payoffs_1, payoffs_2):
    """How each agent's payoff grows with the *other's* chance."""
    (a, b), (c, d) = payoffs_1
    (e, f), (g, h) = payoffs_2
    return x * (a - b) + (1 - x) * (c - d), y * (e - g) + (1 - y) * (f - h)


def _own_policy(x, y, payoffs_1, payoffs_2):
    return _slopes(y, x, payoffs_1, payoffs_2)


def _growth(x, y, payoffs_1, payoffs_2):
    slope_1, slope_2 = _slopes(x, y, payoffs_1, payoffs_2)
    return x * (1 - x) * slope_1, y * (1 - y) * slope_2


def _signs(x, y, payoffs_1, payoffs_2):
    return tuple(np.sign(_slopes(x, y, payoffs_1, payoffs_2)))


def _first_only(x, y, payoffs_1, payoffs_2):
    (a, b), _ = payoffs_1
    (e, _), (g, _) = payoffs_2
    return y * a + (1 - y) * b, x * e + (1 - x) * g


def _downhill(x, y, payoffs_1, payoffs_2):
    slope_1, slope_2 = _slopes(x, y, payoffs_1, payoffs_2)
    return -slope_1, -slope_2


# --- cases ---------------------------------------------------------------------------------------------------------
def _steps(leaves):
    """Small whole payoffs and policies in tenths; some of the steps leave the square, or none of them."""

    def cases(rng):
        found = []
        while len(found) < 10:
            payoffs_1, payoffs_2 = rng.integers(-3, 4, size=(2, 2, 2)).astype(float)
            x, y = (float(number) for number in np.round(rng.integers(2, 9, size=2) / 10, 1))
            case = x, y, payoffs_1, payoffs_2, float(rng.choice([0.2, 0.5] if leaves else [0.1, 0.2]))
            out = [number for number in _free(*case) if not 0 <= number <= 1]
            dull = x in (y, round(1 - y, 1)) or 0 in np.round([*_slopes(*case[:4]), *_no_constant(*case[:4])], 9)
            if bool(out) == leaves and not dull and (payoffs_1 != payoffs_2.T).any():
                found.append(case)
        return found

    return cases


climb = Exercise(
    name="05.climb",
    title="A step uphill",
    objective="05.3",
    minutes=8,
    difficulty=2,
    task=(
        "x and y are the chances of the first actions of agents 1 and 2, `payoffs_1` and `payoffs_2` their tables A "
        "and B. Each agent moves its chance by `step_size` times the derivative of its own expected payoff by its own "
        "chance. Both move at the same time, and what would leave the range from 0 to 1 stops at its end. Return the "
        "new x and y."
    ),
    stub='''
def step(x, y, payoffs_1, payoffs_2, step_size):
    """Return both chances after one step of gradient ascent."""
    ...
''',
    solution=step,
    properties=[
        Property("inside the square each moves by the slope of its own payoff", _steps(leaves=False)),
        Property("nobody leaves the range from 0 to 1", _steps(leaves=True)),
    ],
    misconceptions=[
        mistake(
            "agent 2 already sees agent 1's step",
            "Both move at the same time: agent 2's slope belongs to the *old* x. Keep it until both slopes are known.",
            _in_turn,
        ),
        mistake(
            "out of the square",
            "A chance below 0 or above 1 is none. Hold the new values between 0 and 1.",
            _free,
        ),
        mistake(
            "who would leave stays where it is",
            "The step goes on to the border: an x of 0.9 that would become 1.2 becomes 1.",
            _stays_if_out,
        ),
        mistake(
            "downhill",
            "The sign is wrong: a chance grows if the first action pays *more* than the second.",
            _with(_downhill),
        ),
        mistake(
            "the constant part is missing",
            "The slope is (a - b - c + d) y *plus* (b - d): what the first action pays more if agent 2 plays its "
            "second one.",
            _with(_no_constant),
        ),
        mistake(
            "the derivative by the other's chance",
            "This is how an agent's payoff grows with what the *other* does, which it can't choose. Take the "
            "derivative by its own chance: compare its own two actions.",
            _with(_by_the_other),
        ),
        mistake(
            "the slope at one's own chance",
            "The payoff is linear in one's own chance, so its slope depends on the *other's*: agent 1's on y, agent "
            "2's on x.",
            _with(_own_policy),
        ),
        mistake(
            "agent 2's actions are read as rows",
            "In both tables the columns are agent 2's actions: its first one pays `payoffs_2[0, 0]` and "
            "`payoffs_2[1, 0]`.",
            _with(lambda x, y, payoffs_1, payoffs_2: _slopes(x, y, payoffs_1, payoffs_2.T)),
        ),
        mistake(
            "each climbs the other's payoff",
            "Agent 1 is paid by `payoffs_1`, agent 2 by `payoffs_2`; each climbs its own.",
            _with(lambda x, y, payoffs_1, payoffs_2: _slopes(x, y, payoffs_2, payoffs_1)),
        ),
        mistake(
            "both climb the sum of the payoffs",
            "A team would do that. Here each agent looks at its own table only.",
            _with(lambda x, y, payoffs_1, payoffs_2: _slopes(x, y, payoffs_1 + payoffs_2, payoffs_1 + payoffs_2)),
        ),
        mistake(
            "the payoff of the first action instead of a difference",
            "If the first chance grows, the second one shrinks. The slope is what the first action pays *more than the "
            "second*.",
            _with(_first_only),
        ),
        mistake(
            "the replicator's factor",
            "The factor x (1 - x) belongs to the replicator. The derivative by x has none.",
            _with(_growth),
        ),
        mistake(
            "only the direction",
            "All steps have the same length here. In gradient ascent a steep slope gives a long step.",
            _with(_signs),
        ),
    ],
    hints=[
        "Against y agent 1's first row pays a y + b (1 - y), its second c y + d (1 - y). The slope is the difference.",
        "The same for agent 2: compare the columns, weighed with x and 1 - x.",
        "`new_x = min(max(x + step_size * slope_1, 0), 1)`, and both slopes from the old x and y.",
    ],
)
