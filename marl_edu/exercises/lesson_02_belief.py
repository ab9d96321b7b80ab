"""Lesson 02, an exercise: what a team that shares its observations knows.

Legend of axes: S states, A and B actions, O and P observations of agents 1 and 2.
"""

from __future__ import annotations

import numpy as np

from marl_edu.exercises import Exercise, Property
from marl_edu.exercises.judge import mistake
from marl_edu.games import dec_tiger, random_game


# --- 02.5 what is known after a step ---------------------------------------------------------------------------------
def new_belief(belief, transitions, hearing, action, heard):
    """Probability of each state after joint action ``action`` and joint observation ``heard``, by Bayes' rule."""
    one, two = action
    arrived = belief @ transitions[:, one, two]
    weights = arrived * hearing[one, two, :, heard[0], heard[1]]
    return weights / weights.sum()


def _belief(belief, transitions, hearing, action, heard, *, fault=""):
    one, two = action
    moved = transitions[:, one, two]
    arrived = np.asarray(belief) if fault == "still" else moved @ belief if fault == "column" else belief @ moved
    likely = hearing[one, two, :, heard[0], heard[1]]
    if fault == "one ear":
        likely = hearing[one, two, :, heard[0], :].sum(axis=-1)
    if fault == "deaf":
        likely = np.ones(len(arrived))
    if fault == "no prior":
        arrived = np.ones(len(arrived))
    weights = (belief * likely) @ moved if fault == "before" else arrived * likely
    if fault == "swapped":
        weights = arrived * hearing[one, two, :, heard[1] % hearing.shape[3], heard[0] % hearing.shape[4]]
    return weights if fault == "unscaled" else weights / weights.sum()


def _wrong_belief(fault):
    return lambda belief, transitions, hearing, action, heard: _belief(
        belief, transitions, hearing, action, heard, fault=fault
    )


def _tigers(rng):
    tiger = dec_tiger()
    arrays = tiger.game.transitions.copy(), tiger.observation_probabilities.copy()
    return [
        (np.array(belief), *arrays, action, heard)
        for belief in ([0.5, 0.5], [0.85, 0.15])
        for action in ((0, 0), (1, 0))
        for heard in ((0, 0), (0, 1), (1, 1))
    ]


def _beliefs(rng):
    found = []
    for n_states, a, b, o, p in ((2, 2, 2, 2, 2), (3, 2, 3, 2, 3), (4, 3, 2, 3, 2), (3, 2, 2, 3, 3)):
        game = random_game(2, n_states, (a, b), rng)
        hearing = rng.dirichlet(np.ones(o * p), size=(a, b, n_states)).reshape(a, b, n_states, o, p)
        for _ in range(3):
            action, heard = (int(rng.integers(a)), int(rng.integers(b))), (int(rng.integers(o)), int(rng.integers(p)))
            found.append((rng.dirichlet(np.ones(n_states)), game.transitions.copy(), hearing, action, heard))
    return found


belief = Exercise(
    name="02.belief",
    title="What the team knows after a step",
    objective="02.5",
    minutes=10,
    difficulty=2,
    task=(
        "`belief[s]` is the probability that the world is in state s. The agents take the joint action `action` = (a1, "
        "a2), the world moves, and they tell each other what they have observed: `heard` = (o1, o2). Return the "
        "probability of each state now. `transitions` has the axes (state, action 1, action 2, next state), "
        "`hearing` the axes (action 1, action 2, next state, observation 1, observation 2): it is the array O(o1, o2 "
        "| a, s'). Bayes' rule: the new belief in s' is proportional to the probability of arriving in s' times the "
        "probability of observing this there."
    ),
    stub='''
def new_belief(belief, transitions, hearing, action, heard):
    """Return the probability of each state after this step: an array that sums to 1."""
    ...
''',
    solution=new_belief,
    properties=[
        Property("before the two doors, listening or opening", _tigers),
        Property("in random worlds", _beliefs),
    ],
    misconceptions=[
        mistake(
            "not divided by the sum",
            "These weights are right, but they don't sum to 1 yet: divide them by their sum.",
            _wrong_belief("unscaled"),
        ),
        mistake(
            "the world stands still",
            "Between the old belief and the observation the world has moved. Predict first where it arrives: the sum "
            "over s of belief[s] p(s' | s, a).",
            _wrong_belief("still"),
        ),
        mistake(
            "only one ear",
            "This uses what agent 1 has heard alone. They have told each other, so both observations count.",
            _wrong_belief("one ear"),
        ),
        mistake(
            "nothing was heard",
            "This is where the world is expected to be *before* anybody has observed anything.",
            _wrong_belief("deaf"),
        ),
        mistake(
            "what was believed before is forgotten",
            "The observation alone decides here. Bayes' rule multiplies with the probability of arriving in s'.",
            _wrong_belief("no prior"),
        ),
        mistake(
            "the observation belongs to the old state",
            "O(o | a, s') speaks of the state that the step has *led to*: move first, then weigh.",
            _wrong_belief("before"),
        ),
        mistake(
            "rows and columns are mixed up",
            "The sum runs over the *present* state s, the first axis: `belief @ transitions[:, a1, a2]`.",
            _wrong_belief("column"),
        ),
        mistake(
            "the observations are swapped",
            "`heard[0]` is agent 1's observation; its axis comes before agent 2's.",
            _wrong_belief("swapped"),
        ),
    ],
    hints=[
        "Two steps: where does the world arrive, and how well does that fit what was heard?",
        "`arrived = belief @ transitions[:, a1, a2]` is the probability of each next state.",
        "Multiply by `hearing[a1, a2, :, o1, o2]`, and divide by the sum.",
    ],
)
