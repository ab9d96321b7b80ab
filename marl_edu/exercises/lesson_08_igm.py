"""Lesson 08: does IGM hold? Individual best actions against the best joint ones, ties included.

Legend of axes: a joint table has one axis for each agent, its actions; individual values are one array for each agent.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from marl_edu.exercises import Exercise, Misconception, Property
from marl_edu.exercises.judge import mistake
from marl_edu.exercises.lesson_08_tables import clear, familiar, larger, rounded, ties


def igm_holds(joint, individual, tolerance):
    """Whether exactly those joint actions are best in which every agent does one of its own best actions."""
    for actions in np.ndindex(joint.shape):
        best_together = joint[actions] >= joint.max() - tolerance
        own = zip(individual, actions, strict=True)
        best_for_each = all(values[a] >= values.max() - tolerance for values, a in own)
        if best_together != best_for_each:
            return False
    return True


# --- wrong answers -------------------------------------------------------------------------------------------------
def _sets(joint, individual, tolerance):
    """Best joint actions, and combinations of individual best actions."""
    together = set(map(tuple, np.argwhere(joint >= joint.max() - tolerance).tolist()))
    own = [np.flatnonzero(values >= values.max() - tolerance).tolist() for values in individual]
    return together, set(product(*own))


def _values_added(individual):
    """The sum of individual values for each joint action."""
    return sum(np.ix_(*individual))


def _first_only(joint, individual, tolerance):
    return tuple(int(values.argmax()) for values in individual) == np.unravel_index(joint.argmax(), joint.shape)


def _first_is_among(joint, individual, tolerance):
    return tuple(int(values.argmax()) for values in individual) in _sets(joint, individual, tolerance)[0]


def _sum_of_values(joint, individual, tolerance):
    return bool(np.abs(_values_added(individual) - joint).max() <= tolerance)


def _largest_values(joint, individual, tolerance):
    return bool(abs(sum(values.max() for values in individual) - joint.max()) <= tolerance)


def _only_what_they_find(joint, individual, tolerance):
    together, own = _sets(joint, individual, tolerance)
    return own <= together


def _only_what_is_best(joint, individual, tolerance):
    together, own = _sets(joint, individual, tolerance)
    return together <= own


def _one_in_common(joint, individual, tolerance):
    together, own = _sets(joint, individual, tolerance)
    return bool(together & own)


def _as_many(joint, individual, tolerance):
    together, own = _sets(joint, individual, tolerance)
    return len(together) == len(own)


def _agents_apart(joint, individual, tolerance):
    """Each agent's best actions are those that occur in a best joint action; combinations are not looked at."""
    together = _sets(joint, individual, tolerance)[0]
    own = [set(np.flatnonzero(values >= values.max() - tolerance).tolist()) for values in individual]
    return all({actions[i] for actions in together} == mine for i, mine in enumerate(own))


def _whatever_the_others_do(joint, individual, tolerance):
    """Each agent's best action must be best against everything that the others may do."""
    for i, values in enumerate(individual):
        rows = np.moveaxis(joint, i, 0).reshape(len(values), -1)
        best = rows >= rows.max(axis=0) - tolerance
        if (best != (values >= values.max() - tolerance)[:, None]).any():
            return False
    return True


def _against_the_mean(joint, individual, tolerance):
    for i, values in enumerate(individual):
        means = np.moveaxis(joint, i, 0).reshape(len(values), -1).mean(axis=1)
        if set(np.flatnonzero(means >= means.max() - tolerance)) != set(
            np.flatnonzero(values >= values.max() - tolerance)
        ):
            return False
    return True


def _monotonic(joint, individual, tolerance):
    """Whether a larger individual value never goes with a smaller joint one."""
    for i, values in enumerate(individual):
        rows = np.moveaxis(joint, i, 0).reshape(len(values), -1)
        for a, b in product(range(len(values)), repeat=2):
            if values[a] >= values[b] - tolerance and (rows[a] < rows[b] - tolerance).any():
                return False
    return True


def _agent_1_only(joint, individual, tolerance):
    together, _ = _sets(joint, individual, tolerance)
    mine = set(np.flatnonzero(individual[0] >= individual[0].max() - tolerance).tolist())
    return {actions[0] for actions in together} == mine


igm = Exercise(
    name="08.igm",
    title="Does IGM hold?",
    objective="08.2",
    minutes=9,
    difficulty=2,
    task=(
        "`joint` is a table of joint values, with one axis for each agent; `individual` is a list with one array for "
        "each agent: what it believes its own actions are worth. Return `True` if IGM holds, else `False`: the joint "
        "actions that are best in `joint` must be *exactly* those in which every agent does one of its own best "
        "actions. Several actions may be best: whatever is at most `tolerance` below the largest value counts as best."
    ),
    stub='''
def igm_holds(joint, individual, tolerance):
    """Return whether individual best actions, put together, are exactly the best joint ones."""
    ...
''',
    solution=igm_holds,
    properties=[
        Property("with one best joint action, each agent's best action must be its part of it", clear),
        Property("only the actions count, not the values", familiar),
        Property("with ties, every combination must be best, and every best one must be a combination", ties),
        Property("what differs by rounding is tied, what differs by more is not", rounded),
        Property("the same holds for teams of three", larger),
    ],
    misconceptions=[
        Misconception(  # hardly ever yes: beside other mistakes that says too little
            "the values must add up",
            "This asks whether the joint value is the *sum* of the individual ones. Such a table satisfies IGM, but so "
            "do many others: only the best actions have to agree.",
            _sum_of_values,
        ),
        Misconception(
            "the largest values are compared, not the actions",
            "IGM says nothing about how large the values are, only about which *actions* are best.",
            _largest_values,
        ),
        mistake(
            "monotonic is asked for",
            "A joint value that rises with every individual one is enough for IGM, but more than it asks for: away "
            "from the best actions the table may do what it likes.",
            _monotonic,
        ),
        mistake(
            "exact comparison",
            "Floats round: 0.1 + 0.2 is not 0.3. Whatever is at most `tolerance` below the largest counts as best.",
            lambda joint, individual, tolerance: igm_holds(joint, individual, 0.0),
        ),
        mistake(
            "the first of several best actions",
            "`argmax` tells of one best action only, the first. Compare the *sets*: with ties, agents may end up in a "
            "combination that your test has never looked at.",
            _first_only,
        ),
        mistake(
            "one combination is looked at",
            "That the first best actions make a best joint action is not enough. With ties the agents may also choose "
            "other ones; and a best joint action may be one that they never find.",
            _first_is_among,
        ),
        mistake(
            "best joint actions that they can't find are overlooked",
            "All combinations of individual best actions are best here, but some other joint action is just as good "
            "and no combination is it. IGM asks for the same set, in both directions.",
            _only_what_they_find,
        ),
        mistake(
            "bad combinations are overlooked",
            "All best joint actions can be found, but so can one that is not best: agents that are indifferent may "
            "miss each other. Every combination must be best.",
            _only_what_is_best,
        ),
        mistake(
            "one in common is enough",
            "*Some* combination of individual best actions is best. IGM asks for all of them, and for no best joint "
            "action besides.",
            _one_in_common,
        ),
        mistake(
            "counted instead of compared",
            "As many combinations as best joint actions, but are they the same ones?",
            _as_many,
        ),
        mistake(
            "agent by agent",
            "Each agent's actions were compared on their own. If (a, a) and (b, b) are best, both agents may do a or "
            "b, but (a, b) is not best: look at the combinations.",
            _agents_apart,
        ),
        mistake(
            "best whatever the others do",
            "This asks for a dominant action: best against *every* action of the others. IGM looks at the best joint "
            "actions only.",
            _whatever_the_others_do,
        ),
        mistake(
            "averaged over the others' actions",
            "Means of rows and columns are what a learner beside random partners believes. IGM compares with the best "
            "joint action, whatever the mean of its row is.",
            _against_the_mean,
        ),
        mistake("only agent 1 is looked at", "Every agent has to find its part.", _agent_1_only),
        mistake(
            "yes and no are mixed up",
            "`True` is for a table and values that agree.",
            lambda *case: not igm_holds(*case),
        ),
    ],
    hints=[
        "Which joint actions are best? `joint >= joint.max() - tolerance`. Which actions are best for agent 1? "
        "`individual[0] >= individual[0].max() - tolerance`.",
        "Go through all joint actions, `for actions in np.ndindex(joint.shape)`: is it best together, and does every "
        "agent do one of its own best?",
        "The two answers must be the same for *every* joint action; `all(...)` over the agents gives the second one.",
    ],
    equivalent=["> joint.max()", "> values.max()", "strict=False"],  # exactly on the border; as many arrays as axes
)
