"""Lesson 08: QMIX's mixer in one state, with the weights that its hypernetworks give there.

Legend of axes: N agents, H hidden units of the mixer.
"""

from __future__ import annotations

import numpy as np

from marl_edu.exercises import Exercise, Property
from marl_edu.exercises.judge import mistake


def elu(x):
    """The activation of QMIX's mixer: x above 0, exp(x) - 1 below, so that it rises everywhere."""
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


def mix(values, w1, b1, w2, b2):
    """Joint value of the agents' values: weights made non-negative, biases as they come."""
    hidden = elu(values @ np.abs(w1) + b1)
    return hidden @ np.abs(w2) + b2


# --- wrong answers -------------------------------------------------------------------------------------------------
def _same(numbers):
    return numbers


def _mixer(*, weight=np.abs, last_weight=None, bias=_same, last_bias=None, act=elu, entry=_same, out=_same):
    """The mixer with some of its functions changed; what is not given for the last layer is as in the first one."""

    def wrong(values, w1, b1, w2, b2):
        hidden = act(entry(values) @ weight(w1) + bias(b1))
        return float(out(hidden @ (last_weight or weight)(w2) + (last_bias or bias)(b2)))

    return wrong


def _cut_off(weights):
    return np.maximum(weights, 0)


def _relu(x):
    return np.maximum(x, 0)


def _abs_of_layer(values, w1, b1, w2, b2):
    """The absolute value of what comes out of each layer instead of its weights."""
    return float(np.abs(elu(np.abs(values @ w1 + b1)) @ w2 + b2))


def _elu_twice(values, w1, b1, w2, b2):
    return float(elu(mix(values, w1, b1, w2, b2)))


def _activated_first(values, w1, b1, w2, b2):
    """ELU before the first bias."""
    return float((elu(values @ np.abs(w1)) + b1) @ np.abs(w2) + b2)


def _absolute_product(values, w1, b1, w2, b2):
    return float(elu(np.abs(values @ w1) + b1) @ np.abs(w2) + b2)


# --- cases ---------------------------------------------------------------------------------------------------------
def _pieces(rng, n, h):
    """Values, weights and biases in tenths, none of them 0."""

    def draw(*shape):
        return rng.choice([-1, 1], size=shape) * np.round(rng.uniform(0.2, 2, size=shape), 1)

    return draw(n), draw(n, h), draw(h), draw(h), float(draw(1)[0])


def _mixers(wanted, sizes=((2, 1), (2, 2), (2, 2), (2, 3), (2, 3))):
    """Cases of one kind, which ``wanted`` makes of any pieces (or None if they don't suit)."""

    def cases(rng):
        found = []
        while len(found) < len(sizes):
            case = wanted(*_pieces(rng, *sizes[len(found)]))
            if case is not None:
                found.append(case)
        return found

    return cases


def _tame(values, w1, b1, w2, b2):
    """Nothing is negative, so there is nothing to be made positive."""
    return np.abs(values), np.abs(w1), np.abs(b1), np.abs(w2), abs(b2)


def _negative_weights(values, w1, b1, w2, b2):
    """Some weights are negative in both layers; biases are positive."""
    some = (w1 < 0).any() and (w2 < 0).any()
    return (values, w1, np.abs(b1) + 2, w2, abs(b2)) if some else None


def _negative_biases(values, w1, b1, w2, b2):
    return np.abs(values), w1, -np.abs(b1), w2, -abs(b2)


def _below_zero(values, w1, b1, w2, b2):
    """Some hidden unit is below 0, by its bias or by the agents' values, and what comes out is negative."""
    below = (values @ np.abs(w1) + b1 < -0.2).any()
    return (values, w1, b1, w2, b2) if below and mix(values, w1, b1, w2, b2) < 0 else None


def _any(*pieces):
    return pieces


mixer = Exercise(
    name="08.mixer",
    title="A mixer that never turns a value round",
    objective="08.4",
    minutes=8,
    difficulty=2,
    task=(
        "Write QMIX's mixer for one state. `values` (N,) are the agents' values of the actions they take; `w1` (N, H), "
        "`b1` (H,), `w2` (H,) and the number `b2` are what the hypernetworks give in this state, of any sign. Make the "
        "*weights* non-negative by their absolute value, leave the biases as they are, and put `elu` (it is there) on "
        "the H hidden numbers. Return the joint value: one number."
    ),
    stub='''
def mix(values, w1, b1, w2, b2):
    """Return the joint value, which never falls when an agent's value rises."""
    ...
''',
    solution=mix,
    properties=[
        Property("with nothing negative: weigh, add the bias, elu, weigh, add the last bias", _mixers(_tame)),
        Property("weights count by their absolute value, in both layers", _mixers(_negative_weights)),
        Property("biases keep their sign", _mixers(_negative_biases)),
        Property("what is negative inside, and what comes out, may be negative", _mixers(_below_zero)),
        Property("the same holds for larger teams", _mixers(_any, ((3, 2), (3, 4), (5, 3)))),
    ],
    misconceptions=[
        mistake(
            "biases are made positive as well",
            "A bias moves the joint value up or down, whatever the agents' values are, so it can't turn one round. "
            "Made positive, it only takes away from what the mixer can represent. Only *weights* need a sign.",
            _mixer(bias=np.abs),
        ),
        mistake(
            "the hidden biases are made positive as well",
            "No bias needs a sign: only weights multiply an agent's value.",
            _mixer(bias=np.abs, last_bias=_same),
        ),
        mistake(
            "weights of any sign",
            "With a negative weight the joint value falls when an agent's value rises: the agent would choose what "
            "harms the team.",
            _mixer(weight=_same),
        ),
        mistake(
            "only the first layer's weights are made positive",
            "A negative weight in the second layer turns round what the first one has kept in order. Both need it.",
            _mixer(last_weight=_same),
        ),
        mistake(
            "only the second layer's weights are made positive",
            "A negative weight in the first layer already turns an agent's value round. Both need it.",
            _mixer(weight=_same, last_weight=np.abs),
        ),
        mistake(
            "negative weights are cut off at 0",
            "That is monotonic too, but a weight of 0 switches its agent off and gets no gradient. QMIX takes the "
            "absolute value.",
            _mixer(weight=_cut_off),
        ),
        mistake(
            "no activation",
            "Without `elu` the mixer is a weighted sum of the values: then it can hold little more than VDN's sum. The "
            "bend in the middle is what makes monotonic more than additive.",
            _mixer(act=_same),
        ),
        mistake(
            "cut off below 0 instead of bent",
            "This is ReLU. Below 0 it is flat, so an agent's value makes no difference there; ELU still rises. The "
            "task asks for `elu`.",
            _mixer(act=_relu),
        ),
        mistake(
            "the outcome is made positive",
            "Joint values may be negative. What must not be negative is a *derivative*: look at the weights.",
            _mixer(weight=_same, out=np.abs),
        ),
        mistake(
            "the layers' outcome is made positive",
            "The absolute value of what comes out bends downwards for half of the inputs: that is not monotonic. Take "
            "it of the weights.",
            _abs_of_layer,
        ),
        mistake(
            "the product is made positive",
            "`np.abs(values @ w1)` is positive but not monotonic: it falls and rises again. Take the absolute value of "
            "the weights alone.",
            _absolute_product,
        ),
        mistake(
            "the agents' values are made positive",
            "An agent may expect something negative, and a more negative value has to count as less.",
            _mixer(entry=np.abs),
        ),
        mistake(
            "elu at the end as well",
            "The last layer has none: joint values may be anything.",
            _elu_twice,
        ),
        mistake(
            "the bias comes after elu",
            "The bias moves the bend, so it is added *before* `elu`.",
            _activated_first,
        ),
        mistake(
            "the last bias is missing",
            "`b2` is what the state is worth by itself: it is added at the end.",
            _mixer(last_bias=lambda b2: 0.0),
        ),
        mistake(
            "the hidden biases are missing",
            "`b1` is added before `elu`.",
            _mixer(bias=lambda b1: 0 * b1, last_bias=_same),
        ),
        mistake(
            "only a sum",
            "That is VDN: monotonic, but the smallest part of what a monotonic mixer can hold.",
            lambda values, w1, b1, w2, b2: float(values.sum()),
        ),
    ],
    hints=[
        "H hidden numbers first: the agents' values times the weights of the first layer, plus `b1`. With NumPy: "
        "`values @ ... + b1`; `values` (N,) stands left of `w1` (N, H), and (H,) comes out.",
        "`np.abs(w1)` makes weights non-negative. Which other array needs that, and which two must not get it?",
        "`hidden = elu(values @ np.abs(w1) + b1)`; then the same for the second layer, without `elu`.",
    ],
    equivalent=["np.abs(w2) @ hidden"],
)
