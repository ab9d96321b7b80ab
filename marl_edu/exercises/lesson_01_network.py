"""Lesson 01, a policy as a network: the forward pass with a softmax at its end.

Legend of axes: I numbers in the observation, H hidden units, A actions.
"""

from __future__ import annotations

import numpy as np

from marl_edu.exercises import Exercise, Misconception, Property


def network_policy(observation, weights_1, bias_1, weights_2, bias_2):
    """Return the probability of each action, an array (A,)."""
    hidden = np.tanh(weights_1 @ observation + bias_1)
    scores = weights_2 @ hidden + bias_2
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()


def _by_entries(second):
    """Entry by entry instead of a matrix product, in the first layer or in both; mostly the shapes don't even fit."""

    def wrong(o, w1, b1, w2, b2):
        hidden = np.tanh(w1 * o + b1)
        return _softmax((w2 * hidden if second else w2 @ hidden) + b2)

    return wrong


def _scores(observation, weights_1, bias_1, weights_2, bias_2):
    return weights_2 @ np.tanh(weights_1 @ observation + bias_1) + bias_2


def _softmax(scores):
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()


def _networks(scale=1.0):
    def cases(rng):
        found = []
        for i, h, a in ((1, 2, 2), (2, 2, 3), (2, 3, 2), (2, 8, 5), (3, 5, 4), (4, 6, 3)):
            sizes = ((i,), (h, i), (h,), (a, h), (a,))
            found.append(tuple(np.round(rng.normal(size=size) * scale, 2) for size in sizes))
        return found

    return cases


def _large(rng):
    return [(o, w1, b1, 1000 * w2, 1000 * b2 + 2000) for o, w1, b1, w2, b2 in _networks()(rng)]


def _chances(value, observation, weights_1, bias_1, weights_2, bias_2):
    value = np.asarray(value, dtype=float)
    if value.shape != bias_2.shape:
        return f"the shape is {value.shape}; there are {len(bias_2)} actions"
    if not np.isfinite(value).all():
        return "not all of these are numbers"
    if value.min() < 0 or abs(value.sum() - 1) > 1e-9:
        return f"chances are never negative and add up to 1; these add up to {value.sum():.4g}"
    return None


def _mistake(name, explains, wrong):
    return Misconception(name, explains, wrong=wrong)


def _overflowing(o, w1, b1, w2, b2):
    with np.errstate(all="ignore"):
        powers = np.exp(_scores(o, w1, b1, w2, b2))
        return powers / powers.sum()


def _sure(o, w1, b1, w2, b2):
    return np.eye(len(b2))[int(_scores(o, w1, b1, w2, b2).argmax())]


def _linear(o, w1, b1, w2, b2):
    return _softmax(w2 @ (w1 @ o + b1) + b2)


def _sigmoids(o, w1, b1, w2, b2):
    return 1 / (1 + np.exp(-np.clip(_scores(o, w1, b1, w2, b2), -500, 500)))


def _shares(o, w1, b1, w2, b2):
    scores = _scores(o, w1, b1, w2, b2)
    with np.errstate(all="ignore"):
        return scores / scores.sum()


network = Exercise(
    name="01.network",
    title="A policy network, forwards",
    objective="01.2",
    minutes=8,
    difficulty=2,
    task=(
        "Write the three lines of the network: hidden = tanh(W1 o + b1), scores = W2 hidden + b2, softmax of the "
        "scores. All arguments are NumPy arrays: `observation` (I,), `weights_1` (H, I), `bias_1` (H,), `weights_2` "
        "(A, H), `bias_2` (A,). Scores may be as large as thousands; the probabilities must be right even then."
    ),
    stub='''
def network_policy(observation, weights_1, bias_1, weights_2, bias_2):
    """Return the probability of each action, an array (A,)."""
    ...
''',
    solution=network_policy,
    properties=[
        Property("what comes out are probabilities, one for each action", _networks(), holds=_chances),
        Property("they are the softmax of the network's scores", _networks()),
        Property("large scores do no harm", _large),
    ],
    misconceptions=[
        _mistake(
            "the exponential overflows",
            "exp(1000) is infinite, and infinite divided by infinite is no number. Subtract the largest score from "
            "all scores first: that changes no probability.",
            _overflowing,
        ),
        _mistake(
            "the best action instead of a chance for each",
            "This puts everything on the action with the largest score. The softmax gives every action a chance, and "
            "moves smoothly with the weights; that is what makes it learnable.",
            _sure,
        ),
        _mistake(
            "no tanh in between",
            "Without tanh two layers are one: W2 (W1 o) is a single matrix times o.",
            _linear,
        ),
        _mistake(
            "a sigmoid for each action",
            "A sigmoid makes each score a number between 0 and 1 by itself, but together they don't add up to 1.",
            _sigmoids,
        ),
        _mistake(
            "scores divided by their sum",
            "Scores may be negative, and so would their shares be. The softmax takes exp of each score first.",
            _shares,
        ),
        _mistake(
            "the scores themselves",
            "These are the scores. A policy gives probabilities: put them through a softmax.",
            _scores,
        ),
        _mistake(
            "tanh at the end as well",
            "tanh squeezes the scores to between -1 and 1, so no action could ever become much likelier than another. "
            "The last layer is left as it is.",
            lambda *given: _softmax(np.tanh(_scores(*given))),
        ),
        _mistake(
            "biases left out",
            "Without biases the observation 0 always has the scores 0: add b1 and b2.",
            lambda o, w1, b1, w2, b2: _softmax(w2 @ np.tanh(w1 @ o)),
        ),
        _mistake(
            "* instead of @ in the first layer",
            "`*` multiplies entry by entry. A unit needs the *sum* of its weights times the inputs: the matrix "
            "product `weights_1 @ observation`, one number for each hidden unit.",
            _by_entries(second=False),
        ),
        _mistake(
            "* instead of @ in both layers",
            "`*` multiplies entry by entry. A unit needs the *sum* of its weights times the inputs: the matrix "
            "product `@`, in both layers.",
            _by_entries(second=True),
        ),
    ],
    hints=[
        "`weights_1 @ observation` is the matrix product; add `bias_1`, then `np.tanh`. The second layer is the same "
        "without tanh.",
        "Softmax: `powers = np.exp(scores - scores.max())`, then divide by their sum.",
    ],
)
