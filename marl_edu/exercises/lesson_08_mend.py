"""Lesson 08, find the bugs: one update of QMIX in three short methods, judged by what they do.

Hypernetworks are tables here, with a row for each state.

Legend of axes: N agents, A actions, S states, H hidden units; a mixer is (w1 (S, N, H), b1 (S, H), w2 (S, H), b2 (S,)).
"""

from __future__ import annotations

import numpy as np

from marl_edu.exercises import Exercise, Misconception, Property
from marl_edu.exercises.faults import which_shows
from marl_edu.exercises.lesson_08_tiny import NEAR, PLAYS, TinyQMIX, run, with_faults

STUB = """
class TinyQMIX:
    def act(self, values, epsilon, rng):
        n_agents, n_actions = values.shape
        if rng.random() < epsilon:
            return rng.integers(n_actions, size=n_agents)
        return values.argmax(axis=1)

    def mix(self, values, state, mixer):
        w1, b1, w2, b2 = (table[state] for table in mixer)
        hidden = elu(values @ np.abs(w1) + np.abs(b1))
        return hidden @ np.abs(w2) + np.abs(b2)

    def loss(self, steps, mixer, target_mixer, discount):
        squares = []
        for step in steps:
            best = step["next_values"].max(axis=1)
            future = self.mix(best, step["state"], target_mixer)
            goes_on = 1 - step["truncated"]
            target = step["reward"] + discount * goes_on * future
            joint = self.mix(step["chosen"], step["state"], mixer)
            squares.append(step["real"] * (target - joint) ** 2)
        return np.mean(squares)
"""


# --- cases ---------------------------------------------------------------------------------------------------------
def _tenths(rng, *shape, least=0.2, most=3.0):
    """Numbers in tenths, of both signs, none of them near 0, as lists."""
    signs = rng.choice([-1, 1], size=shape)
    return np.round(signs * rng.uniform(least, most, size=shape), 1).tolist()


def _mixer_tables(rng, states, n, h):
    """Four tables, in which some bias of every state is negative."""
    w1, b1, w2, b2 = (np.array(_tenths(rng, states, *shape)) for shape in ((n, h), (h,), (h,), ()))
    b1[:, 0], b2 = -np.abs(b1[:, 0]) - 0.5, -np.abs(b2)
    return [table.tolist() for table in (w1, b1, w2, b2)]


def _plays(rng):
    found = []
    for n, a, epsilon in ((2, 3, 0.6), (2, 3, 0.0), (3, 4, 0.6), (2, 3, 1.0)):
        values = np.array([rng.permutation(a) for _ in range(n)], dtype=float)
        values[1] = np.roll(values[0], 1)  # so that agents 1 and 2 differ in their best actions
        found.append(("act", {"values": values.tolist(), "epsilon": epsilon, "seed": int(rng.integers(1000))}))
    return found


def _mixes(rng):
    return [
        ("mix", {"values": _tenths(rng, n), "state": int(rng.integers(2))}, _mixer_tables(rng, 2, n, h))
        for n, h in ((2, 1), (2, 2), (2, 3), (3, 2), (4, 3))
    ]


def _steps(*kinds):
    """Losses of batches of steps of these kinds, "on", "end", "limit", "both" or "padding", alone and beside others."""

    def cases(rng):
        batches = [[kinds[k % len(kinds)]] for k in range(3)] + [[*kinds, "on"], ["on", *kinds, "on"]]
        if "padding" in kinds:
            batches = [["on", "padding"], ["end", "padding", "padding"], ["on", "end", "padding"], ["limit", "padding"]]
        return [
            (
                "loss",
                [_step(rng, kind) for kind in batch],
                _mixer_tables(rng, 2, 2, 2),
                _mixer_tables(rng, 2, 2, 2),
                float(rng.choice([0.5, 0.9])),
            )
            for batch in batches
        ]

    return cases


def _step(rng, kind):
    state = int(rng.integers(2))
    return {
        "state": state,
        "chosen": _tenths(rng, 2),
        "reward": _tenths(rng),
        "next_state": 1 - state,
        "next_values": _tenths(rng, 2, 2),
        "terminated": kind in ("end", "both"),
        "truncated": kind in ("limit", "both"),
        "real": kind != "padding",
    }


# --- the exercise --------------------------------------------------------------------------------------------------
def _explores(found, method, given, *rest):
    """At epsilon e every agent takes any of its actions with chance e, whatever the others do."""
    if not isinstance(found, dict) or "trouble" in found:
        return found["trouble"] if isinstance(found, dict) else "no actions came out"
    values, epsilon = np.array(given["values"]), given["epsilon"]
    n_actions = values.shape[1]
    for agent, shares in enumerate(found["shares of each agent's actions"]):
        for action, share in enumerate(shares):
            chance = epsilon / n_actions + (1 - epsilon) * (action == values[agent].argmax())
            if abs(share - chance) > NEAR * (epsilon > 0):
                return (
                    f"agent {agent + 1} takes action {action} in {100 * share:.0f} % of {PLAYS} plays; with epsilon "
                    f"{epsilon:g} it must be {100 * chance:.0f} %"
                )
    both = found["agent 1 leaves its best action"] * found["agent 2 leaves its best action"]
    if abs(found["both leave it"] - both) > NEAR:
        return (
            f"both leave their best action in {100 * found['both leave it']:.0f} % of the plays; with a coin each it "
            f"would be {100 * both:.0f} %"
        )
    return None


def _one_coin(found, *case):
    both = found["agent 1 leaves its best action"] * found["agent 2 leaves its best action"]
    return found["both leave it"] > both + NEAR


_shows = which_shows(run, TinyQMIX, with_faults)


mend = Exercise(
    name="08.mend",
    title="Find the bugs",
    objective="08.4",
    minutes=15,
    difficulty=3,
    task=(
        "Mend this small QMIX. `act` returns one action for each agent: with chance epsilon any of its actions, else "
        "its best one. A `mixer` is four tables `w1`, `b1`, `w2`, `b2` with a row for each state (a hypernetwork "
        "without a network). `loss` gets a list of steps, each a dict: in `state` the agents' values of what they did "
        "were `chosen`, the team was paid `reward`, and in `next_state` the agents' values of all actions are "
        "`next_values` (agents, actions). `terminated` says that the world ended there, `truncated` that a time limit "
        "struck; `real` is false for steps that only fill up the batch. Return the mean squared error over the real "
        "steps, of which there is at least one."
    ),
    stub=STUB,
    solution=TinyQMIX,
    call=run,
    properties=[
        Property("the joint value never falls when an agent's value rises, and is free otherwise", _mixes),
        Property("on the way the future is the next state's, by the target mixer", _steps("on")),
        Property("after the end there is no future", _steps("end")),
        Property("a time limit is no end", _steps("limit", "both")),
        Property("what only fills up the batch does not count at all", _steps("padding")),
        Property("each agent explores with a coin of its own", _plays, holds=_explores),
    ],
    misconceptions=[
        Misconception(
            "biases are made positive as well",
            "Only weights multiply an agent's value, so only they need a sign. Biases, which may depend on the state, "
            "are free.",
            wrong=with_faults("b1", "b2"),
            recognise=_shows(("b1", "b2"), ("b1",), ("b2",)),
        ),
        Misconception(
            "the target is mixed with the present state",
            "The future belongs to the next state, and so does its mixture: the target mixer's weights are those of "
            "`next_state`.",
            wrong=with_faults("state"),
            recognise=_shows(("state",)),
        ),
        Misconception(
            "the target comes from the mixer that learns",
            "Values of the target networks are mixed by the *target* mixer; else the target moves with every step.",
            wrong=with_faults("online"),
            recognise=_shows(("online",)),
        ),
        Misconception(
            "the end has a future",
            "After a terminal state nothing follows. It is `terminated` that takes the future away, not `truncated`.",
            wrong=with_faults("limit"),
            recognise=_shows(("limit",), ("forever",)),
        ),
        Misconception(
            "a time limit is an end",
            "When the time limit strikes the world goes on, only nobody watches: the future counts.",
            wrong=with_faults("both"),
            recognise=_shows(("both",)),
        ),
        Misconception(
            "what fills up the batch counts",
            "Padding must neither be added nor be counted: divide by the number of *real* steps. Otherwise the loss "
            "shrinks with every step that is filled up.",
            wrong=with_faults("padding"),
            recognise=_shows(("padding",), ("unmasked",)),
        ),
        Misconception(
            "the last step is taken for padding",
            "The step into a terminal state is a real one, and the one that knows its target exactly. Only what comes "
            "after it is filled up.",
            wrong=with_faults("no end"),
            recognise=_shows(("no end",)),
        ),
        Misconception(
            "one coin for the whole team",
            "One draw decides for everybody, so all explore at the same time, and what one of them tries is seldom "
            "seen beside the other's best action. A coin for each: `rng.random(n_agents) < epsilon`.",
            wrong=with_faults("coin"),
            recognise=_one_coin,
        ),
    ],
    hints=[
        "Say for each line of `loss` which state it speaks of, and which steps it is meant for. In `act`, count the "
        "coins.",
        "There are five faults: one in `act`, one in `mix` (in two places), three in `loss`: whose state, which end, "
        "and what the mean is taken over.",
        "`rng.random(n_agents) < epsilon` and `np.where`; no `np.abs` on `b1` and `b2`; `next_state`; `terminated`; "
        'and only steps with `step["real"]` go into `squares`.',
    ],
)
