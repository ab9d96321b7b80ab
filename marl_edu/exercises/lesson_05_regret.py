"""Lesson 05: the average regret of an agent, from what was played.

Legend of axes: ``payoffs`` has a row for each of the agent's own actions and a column for each of the others'.
"""

from __future__ import annotations

import numpy as np

from marl_edu.exercises import Exercise, Property
from marl_edu.exercises.judge import mistake


def average_regret(payoffs, own, others):
    """What the best single action would have earned more per play than what was played."""
    earned = payoffs[own, others].mean()
    fixed = payoffs[:, others].mean(axis=1)
    return fixed.max() - earned


# --- wrong answers -------------------------------------------------------------------------------------------------
def _each_play(payoffs, own, others):
    return (payoffs[:, others].max(axis=0) - payoffs[own, others]).mean()


def _sum(payoffs, own, others):
    return len(own) * average_regret(payoffs, own, others)


def _not_below_zero(payoffs, own, others):
    return max(average_regret(payoffs, own, others), 0.0)


def _best_realised(payoffs, own, others):
    paid = payoffs[own, others]
    return paid.max() - paid.mean()


def _best_entry(payoffs, own, others):
    return payoffs.max() - payoffs[own, others].mean()


def _per_action(payoffs, own, others):
    return average_regret(payoffs, own, others) / len(payoffs)


def _roles(payoffs, own, others):
    return average_regret(payoffs.T, own, others)


def _other_changes(payoffs, own, others):
    return payoffs[own].mean(axis=0).max() - payoffs[own, others].mean()


def _mean_action(payoffs, own, others):
    return payoffs[:, others].mean() - payoffs[own, others].mean()


def _last(payoffs, own, others):
    return payoffs[:, others[-1]].max() - payoffs[own[-1], others[-1]]


def _wrong_sign(payoffs, own, others):
    return -average_regret(payoffs, own, others)


def _favourite(payoffs, own, others):
    """The action that was played most, instead of the one that would have been best."""
    often = np.bincount(own, minlength=len(payoffs)).argmax()
    return payoffs[often, others].mean() - payoffs[own, others].mean()


def _played_only(payoffs, own, others):
    """Best of the actions' averages over the plays in which they were played."""
    paid = payoffs[own, others]
    return max(paid[own == a].mean() for a in np.unique(own)) - paid.mean()


# --- cases ---------------------------------------------------------------------------------------------------------
def _plays(payoffs, n, rng):
    return payoffs, rng.integers(len(payoffs), size=n), rng.integers(payoffs.shape[1], size=n)


def _histories(rng, n_own, n_others, lengths, wanted):
    found = []
    for n in lengths:
        while True:
            case = _plays(rng.integers(0, 8, size=(n_own, n_others)).astype(float), n, rng)
            if wanted(*case) and set(case[1]) == set(range(n_own)) and set(case[2]) == set(range(n_others)):
                found.append(case)
                break
    return found


def _apart(payoffs, own, others):
    """Regret, and wrong answers that are not the same by accident."""
    right = average_regret(payoffs, own, others)
    wrongs = [_each_play, _best_realised, _mean_action, _other_changes, _last, _best_entry]
    return all(abs(wrong(payoffs, own, others) - right) > 1e-3 for wrong in wrongs)


def _small(rng):
    return _histories(rng, 2, 2, (4, 4, 5, 6, 8), lambda *case: average_regret(*case) > 0 and _apart(*case))


def _lucky(rng):
    return _histories(rng, 2, 2, (4, 5, 6), lambda *case: average_regret(*case) < -0.1 and _apart(*case))


def _larger(rng):
    wanted = lambda *case: average_regret(*case) > 0 and _apart(*case)  # noqa: E731
    return [*_histories(rng, 2, 3, (5, 10), wanted), *_histories(rng, 3, 2, (5, 10), wanted)]


regret = Exercise(
    name="05.regret",
    title="Average regret",
    objective="05.4",
    minutes=8,
    difficulty=2,
    task=(
        "`payoffs` is an agent's own table: a row for each of its actions, a column for each of the other's. `own` and "
        "`others` are arrays with the actions that were played, one entry per play. Return the agent's average regret: "
        "how much more per play the best *single* action would have earned against the same plays of the other. (It "
        "may be negative, if what was played was better than any single action.)"
    ),
    stub='''
def average_regret(payoffs, own, others):
    """Return what the best single action would have earned more per play."""
    ...
''',
    solution=average_regret,
    properties=[
        Property("it is what the best single action would have earned more per play", _small),
        Property("who did better than any single action has a negative regret", _lucky),
        Property("the same holds with more actions", _larger),
    ],
    misconceptions=[
        mistake(
            "the best action of each play",
            "This compares with somebody who knew each play of the other in advance. Regret compares with *one* "
            "action, the same in all plays.",
            _each_play,
        ),
        mistake(
            "the sum instead of the average",
            "This is the regret over all plays together. Per play it is divided by their number.",
            _sum,
        ),
        mistake(
            "cut off at zero",
            "Below zero is possible: whoever changed at the right moments earned more than any single action.",
            _not_below_zero,
        ),
        mistake(
            "compared with the best payoff that was earned",
            "One lucky play is no action. What would *one action in all plays* have earned?",
            _best_realised,
        ),
        mistake(
            "compared with the largest payoff of the table",
            "That payoff needs the other to play along. Keep the other's plays as they were.",
            _best_entry,
        ),
        mistake(
            "divided by the number of actions",
            "The average is over plays, not over actions.",
            _per_action,
        ),
        mistake(
            "rows and columns are mixed up",
            "The rows of `payoffs` are the agent's own actions: `payoffs[own, others]`.",
            _roles,
        ),
        mistake(
            "the other one changes its play",
            "Here the agent's own plays stay and the *other* plays one action. It is the other way round: the agent "
            "wonders what it could have done itself.",
            _other_changes,
        ),
        mistake(
            "compared with random play",
            "This compares with the mean over the actions. Regret compares with the best of them.",
            _mean_action,
        ),
        mistake(
            "compared with its favourite action",
            "The action that was played most need not be the one that would have been best.",
            _favourite,
        ),
        mistake(
            "each action is judged by its own plays only",
            "What would an action have earned in the plays in which it was *not* played? Count all plays for each "
            "action.",
            _played_only,
        ),
        mistake(
            "only the last play",
            "All plays count alike.",
            _last,
        ),
        mistake(
            "the wrong sign",
            "Regret is what was *missed*: the best single action less what was earned.",
            _wrong_sign,
        ),
    ],
    hints=[
        "What was earned: `payoffs[own, others]`, one number per play.",
        "What action 0 would have earned against the same plays: `payoffs[0, others]`. `payoffs[:, others]` has a row "
        "for each action.",
        "Mean over the plays of each row, the best of these, less the mean of what was earned.",
    ],
)
