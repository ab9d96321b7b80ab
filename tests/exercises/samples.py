"""A small exercise for the tests of the engine, and functions that students might hand in."""

import numpy as np

from marl_edu.exercises import Exercise, Misconception, Property

STUB = '''
def target(reward, discount, next_values, terminal):
    """The target of one transition."""
    ...
'''


def _target(reward, discount, next_values, terminal):
    if terminal:
        return reward
    return reward + discount * np.max(next_values)


def _going_on(rng):
    return [(1.0, 0.5, np.array([0.0, 2.0]), False)] + [
        (float(rng.normal()), float(rng.random()), rng.normal(size=rng.integers(2, 5)), False) for _ in range(20)
    ]


def _ending(rng):
    return [(*case[:3], True) for case in _going_on(rng)]


def settings(**changes) -> dict:
    """Arguments of an Exercise."""
    declared = {
        "name": "98.target",
        "title": "The target",
        "objective": "98.1",
        "minutes": 5,
        "difficulty": 1,
        "task": "Write the target of Q-learning.",
        "stub": STUB,
        "solution": _target,
        "properties": [
            Property("the target is the reward and the discounted best next value", _going_on),
            Property("after the end there is no future: the target is the reward alone", _ending),
        ],
        "misconceptions": [
            Misconception("bootstraps through the end", "Nothing follows.", lambda r, d, v, t: r + d * np.max(v)),
            Misconception("no discount", "The future counts less.", lambda r, d, v, t: r + (0 if t else np.max(v))),
            Misconception("mean for max", "It acts greedily.", lambda r, d, v, t: r if t else r + d * np.mean(v)),
        ],
        "hints": ["What follows the end?", "Use `if terminal`.", "`np.max(next_values)` is the best."],
    }
    return declared | changes


def exercise(**changes) -> Exercise:
    """The exercise."""
    return Exercise(**settings(**changes))


def adding(solution=None, cases=((1, 2), (0.5, 3.0), (-1, 4)), **changes) -> Exercise:
    """An exercise whose function gets two arguments, by default to add them."""

    def add(a, b):
        return a + b

    solution = solution or add
    kept = {"properties": [Property("it is the sum", lambda rng: [tuple(case) for case in cases])]} | changes
    slips = [Misconception(f"slip {k}", "Look again.", lambda a, b, k=k: 1000 + k) for k in range(3)]
    return exercise(
        name="98.add", stub="def add(a, b):\n    ...", solution=solution, misconceptions=slips, title="Add", **kept
    )
