"""Lesson 10: a discrete action drawn by Gumbel noise, and the gradient that is passed straight through it.

Legend of axes: A choices.
"""

from __future__ import annotations

import numpy as np

from marl_edu.exercises import Exercise, Property
from marl_edu.exercises.judge import mistake


def straight_through(logits, uniforms, slopes, temperature):
    """One-hot vector of the choice with the largest noisy logit, and the gradient of the softmax in its place."""
    noisy = logits - np.log(-np.log(uniforms))
    action = np.zeros(len(noisy))
    action[noisy.argmax()] = 1
    weights = np.exp(noisy / temperature)
    soft = weights / weights.sum()
    gradient = soft * (slopes - soft @ slopes) / temperature
    return action, gradient


# --- wrong answers -------------------------------------------------------------------------------------------------
def _gumbel(logits, uniforms):
    return logits - np.log(-np.log(uniforms))


def _softmax(values):
    weights = np.exp(values - values.max())
    return weights / weights.sum()


def _one_hot(values):
    return np.eye(len(values))[values.argmax()]


def _through_softmax(soft, action, slopes, temperature):
    return soft * (slopes - soft @ slopes) / temperature


def _draw(*, noisy=_gumbel, choose=_one_hot, relaxed=None, inner=lambda temperature: temperature,
          back=_through_softmax):  # fmt: skip
    """Choice and gradient with one of their parts changed; ``relaxed`` is what the softmax is taken of."""

    def wrong(logits, uniforms, slopes, temperature):
        values = noisy(logits, uniforms)
        soft = _softmax((relaxed or noisy)(logits, uniforms) / inner(temperature))
        action = choose(values)
        return action, back(soft, action, slopes, temperature)

    return wrong


def _soft_action(logits, uniforms, slopes, temperature):
    soft = _softmax(_gumbel(logits, uniforms) / temperature)
    return soft, _through_softmax(soft, None, slopes, temperature)


def _only_logits(logits, uniforms):
    return logits


# --- cases ---------------------------------------------------------------------------------------------------------
WRONG_NOISE = (
    _only_logits,
    lambda logits, uniforms: logits + uniforms,
    lambda logits, uniforms: logits - np.log(uniforms),
    lambda logits, uniforms: logits + np.log(-np.log(uniforms)),
    lambda logits, uniforms: _softmax(logits) - np.log(-np.log(uniforms)),
    lambda logits, uniforms: logits + np.log(uniforms),
)


def _draws(*sizes, moved=True, temperatures=(1.0,)):
    """Draws among A choices; each wrong kind of noise takes another choice in at least one case.

    With ``moved`` false the critic is indifferent: all of its slopes are 0.
    """

    def one(rng, k):
        a = sizes[k % len(sizes)]
        logits, uniforms = np.round(rng.uniform(-1.5, 1.5, a), 1), np.round(rng.uniform(0.05, 0.95, a), 2)
        slopes = np.round(rng.choice([-1, 1], a) * rng.uniform(0.2, 2, a), 1) * moved
        return logits, uniforms, slopes, temperatures[k % len(temperatures)]

    def choices(logits, uniforms):
        return [noise(logits, uniforms).argmax() for noise in (_gumbel, *WRONG_NOISE)]

    def cases(rng):
        found = []
        for k, _ in enumerate(WRONG_NOISE):
            while True:
                case = one(rng, k)
                right, *others = choices(*case[:2])
                clear = np.ptp(np.sort(_gumbel(*case[:2]))[-2:]) > 0.05  # no tie that rounding decides
                if others[k] != right and clear:
                    found.append(case)
                    break
        return found

    return cases


gumbel = Exercise(
    name="10.gumbel",
    title="A choice that lets a gradient through",
    objective="10.4",
    minutes=9,
    difficulty=2,
    task=(
        "Draw one of A choices, and say how to change the logits. `logits` (A,) are the actor's, `uniforms` (A,) are "
        "random numbers in (0, 1), of which `-log(-log(uniform))` makes Gumbel noise. The choice is where logit plus "
        "noise is largest. Return two arrays: the *action*, a one-hot vector (A,); and the *gradient* with respect to "
        "the logits, straight through: `slopes` (A,) are the critic's derivatives with respect to the entries of the "
        "action, and on the way back the action is treated as if it had been $p$ = softmax(noisy logits / "
        "`temperature`), whose derivative is $\\partial p_b / \\partial \\ell_a = p_a (1_{a=b} - p_b)$ / temperature."
    ),
    stub='''
def straight_through(logits, uniforms, slopes, temperature):
    """Return the action, a one-hot vector, and the gradient with respect to the logits."""
    ...
''',
    solution=straight_through,
    properties=[
        Property(
            "the choice with the largest noisy logit; a critic who does not care moves nothing",
            _draws(2, 2, 3, moved=False),
        ),
        Property("on the way back the softmax of the noisy logits, at temperature 1", _draws(2, 2, 3, 3, 5)),
        Property("and at other temperatures", _draws(2, 3, 5, temperatures=(0.5, 2.0))),
    ],
    misconceptions=[
        mistake(
            "no noise",
            "The largest logit is always the same: nothing is drawn, and what looks worse now is never tried. Noise is "
            "added *before* the largest is taken.",
            _draw(noisy=_only_logits),
        ),
        mistake(
            "uniform noise",
            "With uniform numbers added as they are, the chances are not the softmax of the logits. The noise is "
            "`-np.log(-np.log(uniforms))`.",
            _draw(noisy=WRONG_NOISE[1]),
        ),
        mistake(
            "one logarithm is missing",
            "-log(uniform) is exponential noise. Gumbel noise takes another logarithm: `-np.log(-np.log(uniforms))`.",
            _draw(noisy=WRONG_NOISE[2]),
        ),
        mistake(
            "one logarithm and no sign",
            "Gumbel noise is `-np.log(-np.log(uniforms))`: two logarithms, two minus signs.",
            _draw(noisy=WRONG_NOISE[5]),
        ),
        mistake(
            "the noise has the wrong sign",
            "Gumbel noise is `-np.log(-np.log(uniforms))`; the outer minus sign is missing. Its long tail has to point "
            "upwards.",
            _draw(noisy=WRONG_NOISE[3]),
        ),
        mistake(
            "noise on chances instead of logits",
            "The softmax was taken first and the noise added to the chances. Gumbel noise belongs to *logits*; chances "
            "are all between 0 and 1, and next to the noise they hardly count.",
            _draw(noisy=WRONG_NOISE[4]),
        ),
        mistake(
            "the softmax is played",
            "A particle world needs *one* choice, and the critic has to learn what choices lead to. Forward the action "
            "is one-hot; only the way back is soft.",
            _soft_action,
        ),
        mistake(
            "the number of the choice",
            "The critic reads a one-hot vector: a 1 in the chosen place, else 0.",
            _draw(choose=np.argmax),
        ),
        mistake(
            "the derivative of argmax",
            "It is 0 wherever it exists, so nothing would ever be learned. That is why the way back goes through the "
            "softmax.",
            _draw(back=lambda soft, action, slopes, temperature: 0 * slopes),
        ),
        mistake(
            "as if the action were the logits",
            "The slopes were handed on as they are. (That is a straight-through estimate too, another one.) Here the "
            "way back is through the softmax: if one chance grows, the others shrink.",
            _draw(back=lambda soft, action, slopes, temperature: slopes),
        ),
        mistake(
            "the softmax of logits without noise",
            "Forward and backward have to be the same draw: the softmax is of the *noisy* logits.",
            _draw(relaxed=_only_logits),
        ),
        mistake(
            "a chance grows alone",
            "The chances add up to 1, so the others shrink when one grows: besides `p_a (1 - p_a)` there are the terms "
            "`-p_a p_b`.",
            _draw(back=lambda soft, action, slopes, temperature: soft * (1 - soft) * slopes / temperature),
        ),
        mistake(
            "the others do not shrink",
            "The terms `-p_a p_b` are missing: from every slope take away the mean slope, weighed with the chances.",
            _draw(back=lambda soft, action, slopes, temperature: soft * slopes / temperature),
        ),
        mistake(
            "the score of the choice",
            "(action - p) times what the choice is worth is the gradient of REINFORCE. It needs no slopes, and is far "
            "noisier. Straight-through uses the critic's slope of *every* entry.",
            _draw(back=lambda soft, action, slopes, temperature: (action - soft) * (action @ slopes) / temperature),
        ),
        mistake(
            "the temperature is forgotten",
            "The logits are divided by the temperature in the softmax, and so, by the chain rule, is the gradient.",
            _draw(
                inner=lambda temperature: 1.0,
                back=lambda soft, action, slopes, temperature: _through_softmax(soft, action, slopes, 1.0),
            ),
        ),
        mistake(
            "the temperature is missing in the chain rule",
            "Noisy logits were divided by the temperature, so the gradient is divided by it once more.",
            _draw(back=lambda soft, action, slopes, temperature: _through_softmax(soft, action, slopes, 1.0)),
        ),
        mistake(
            "the temperature is missing in the softmax",
            "The softmax is of the noisy logits *divided by* the temperature.",
            _draw(inner=lambda temperature: 1.0),
        ),
        mistake(
            "multiplied by the temperature",
            "A high temperature makes the chances alike: divide by it.",
            _draw(
                inner=lambda temperature: 1 / temperature,
                back=lambda soft, action, slopes, temperature: _through_softmax(soft, action, slopes, 1 / temperature),
            ),
        ),
        mistake(
            "downhill",
            "This lowers what the critic says. The gradient points uphill.",
            _draw(back=lambda soft, action, slopes, temperature: -_through_softmax(soft, action, slopes, temperature)),
        ),
    ],
    hints=[
        "`noisy = logits - np.log(-np.log(uniforms))`. The action is a vector of zeros with a 1 at `noisy.argmax()`.",
        "For the way back take `p`, the softmax of `noisy / temperature`. By the chain rule the gradient's entry a is "
        "the sum over b of `slopes[b]` times the derivative of `p[b]` with respect to logit a.",
        "That sum is `p * (slopes - p @ slopes) / temperature`: what is better than the average is raised, what is "
        "worse is lowered.",
    ],
    equivalent=["np.zeros(len(", "slopes @ soft"],  # all are of length A; a product of vectors has no order
)
