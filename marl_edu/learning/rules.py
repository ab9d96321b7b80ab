"""How each tabular learner corrects its values: five rules side by side, so that they can be compared.

All receive the same ``target`` r + gamma max_b values[i, o', b] (without the second part at a terminal state).

A rule is told what it needs: one of the ``Tables``, and numbers from the learner's ``settings``. A new one takes a
number and a function here, a branch in ``correct``, and a class that names it.

Legend of axes: N agents, O observations, A actions, J joint actions.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from marl_edu.learning.cache import inlined_leaf, leaf

RULES = ("independent", "hysteretic", "lenient", "distributed", "joint action")
INDEPENDENT, HYSTERETIC, LENIENT, DISTRIBUTED, JOINT_ACTION = range(len(RULES))

TIE = 1e-9
"""Values closer than this share of the largest one count as equal."""


class Tables(NamedTuple):
    """What one seed's agents keep; a rule that has no use for one leaves it blank, (1, 1, 1)."""

    preferences: np.ndarray
    """(N, O, A): what agents act on; for most learners the same array as ``values``."""
    values: np.ndarray
    """(N, O, A): what targets are made of."""
    heat: np.ndarray
    """(N, O, A): lenient learners' temperature T(o, a)."""
    joint_values: np.ndarray
    """(N, O, J): joint-action learners' Q(o, a^1..a^N)."""
    counts: np.ndarray
    """(N, O, J): how often a joint-action learner saw each joint action of the *others*."""


BLANK = np.zeros((1, 1, 1))


@leaf
def tie_bar(best):
    """The least value that counts as equal to ``best``."""
    return best - TIE * np.maximum(1.0, np.abs(best))


@leaf
def largest(table, i, o, n):
    """Maximum of table[i, o, :n], by an explicit loop: several times faster here than ``.max()``."""
    best = table[i, o, 0]
    for a in range(1, n):
        if table[i, o, a] > best:
            best = table[i, o, a]
    return best


@leaf
def best_action(table, i, o, n, pick):
    """The maximiser of table[i, o, :n]; among near-equals the one at share ``pick`` of them."""
    best, second, chosen = table[i, o, 0], -math.inf, 0
    for a in range(1, n):
        if table[i, o, a] > best:
            best, second, chosen = table[i, o, a], best, a
        elif table[i, o, a] > second:
            second = table[i, o, a]
    bar = tie_bar(best)
    if second < bar:
        return chosen
    ties = 0
    for a in range(n):
        ties += table[i, o, a] >= bar
    left = int(pick * ties)
    for a in range(n):
        if table[i, o, a] >= bar:
            if left == 0:
                return a
            left -= 1
    return chosen


@leaf
def independent(values, i, o, a, target, step_size):
    """Q(o, a) <- Q(o, a) + step_size (target - Q(o, a)): Watkins & Dayan 1992; Tan 1993."""
    values[i, o, a] += step_size * (target - values[i, o, a])


@leaf
def hysteretic(values, i, o, a, target, step_size, negative_step_size):
    """The same with a smaller step for bad news: Matignon, Laurent & Le Fort-Piat 2007."""
    td_error = target - values[i, o, a]
    values[i, o, a] += (step_size if td_error >= 0 else negative_step_size) * td_error


@leaf
def lenient(values, heat, i, o, a, target, step_size, leniency, cooling, coin):
    """Ignore bad news with probability 1 - exp(-leniency T(o, a)); T cools with each visit: Palmer et al. 2018."""
    td_error = target - values[i, o, a]
    forgives = coin < 1 - math.exp(-leniency * heat[i, o, a])
    if td_error >= 0 or not forgives:
        values[i, o, a] += step_size * td_error
    heat[i, o, a] *= cooling


@leaf
def distributed(preferences, values, i, o, a, target, n):
    """Q(o, a) <- max(Q(o, a), target); the policy changes only if max Q(o, .) grew: Lauer & Riedmiller 2000.

    The policy is the action whose preference is 1; before anything grew all are 0, so the first action is random.
    """
    before = largest(values, i, o, n)
    values[i, o, a] = max(values[i, o, a], target)
    if values[i, o, a] > before + TIE * max(1.0, abs(before)):
        for b in range(n):
            preferences[i, o, b] = 1.0 if b == a else 0.0


@leaf
def joint_action(values, joint_values, counts, i, observed, action, target, step_size, n_actions):
    """Learn Q(o, a^1..a^N); judge own actions by the others' observed frequencies: Claus & Boutilier 1998.

    ``counts`` has what the *others* were seen to do at o filed under own action 0; ``values`` (N, O, A) gets
    EV(o, a) = sum_{a_-i} Pr(a_-i | o) Q(o, a_-i, a).
    """
    o = observed[i]
    joint, stride = 0, 1
    for j in range(len(action)):
        joint = joint * n_actions[j] + action[j]
        if j > i:
            stride *= n_actions[j]
    joint_values[i, o, joint] += step_size * (target - joint_values[i, o, joint])
    counts[i, o, joint - action[i] * stride] += 1
    n, n_joint = n_actions[i], joint_values.shape[2]
    for a in range(n):
        values[i, o, a] = 0.0
    seen = 0.0
    for other in range(n_joint):
        if counts[i, o, other] > 0:
            seen += counts[i, o, other]
            for a in range(n):
                values[i, o, a] += counts[i, o, other] * joint_values[i, o, other + a * stride]
    for a in range(n):
        values[i, o, a] /= seen


@inlined_leaf
def correct(
    rule, preferences, values, heat, joint_values, counts, settings, i, observed, action, target, step_size, coin,
    n_actions,
):  # fmt: skip
    """Agent i's correction after one turn, by the rule in force; ``settings`` are what its class says they are."""
    o, a = observed[i], action[i]
    if rule == INDEPENDENT:
        independent(values, i, o, a, target, step_size)
    elif rule == HYSTERETIC:
        hysteretic(values, i, o, a, target, step_size, settings[0])
    elif rule == LENIENT:
        lenient(values, heat, i, o, a, target, step_size, settings[0], settings[1], coin)
    elif rule == DISTRIBUTED:
        distributed(preferences, values, i, o, a, target, n_actions[i])
    elif rule == JOINT_ACTION:
        joint_action(values, joint_values, counts, i, observed, action, target, step_size, n_actions)
