"""How each tabular learner corrects its values: five rules side by side, so that they can be compared.

All receive the same ``target`` r + gamma max_b values[i, o', b] (without the second part at a terminal state).

numba keeps what it compiled on disk and looks only at the file of the function that is called, not at the files of its
helpers. After a change here the compiled loop of ``loop.py`` would be out of date: ``forget_outdated`` removes it.

Legend of axes: N agents, O observations, A actions, J joint actions.
"""

from __future__ import annotations

import math
from pathlib import Path

from numba import njit

INDEPENDENT, HYSTERETIC, LENIENT, DISTRIBUTED, JOINT_ACTION = range(5)
leaf = njit(cache=True, _nrt=False)
"""For functions that allocate nothing: without counting references to the tables they are three times as fast."""

TIE = 1e-9
"""Values closer than this share of the largest one count as equal."""


def forget_outdated(folder: Path) -> list[Path]:
    """Remove what numba keeps of the modules in a folder if it is older than any of these modules.

    A folder that can't be written to is left as it is: numba then keeps nothing there either.
    """
    newest = max((source.stat().st_mtime for source in folder.glob("*.py")), default=0.0)
    outdated = [kept for kept in folder.glob("__pycache__/*.nb[ic]") if kept.stat().st_mtime < newest]
    try:
        for kept in outdated:
            kept.unlink(missing_ok=True)
    except OSError:
        return []
    return outdated


forget_outdated(Path(__file__).parent)


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
    bar = best - TIE * max(1.0, abs(best))
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
    """Q(o, a) <- Q(o, a) + step_size (target - Q(o, a)): Watkins & Dayan 1992, eq. 1; Tan 1993."""
    values[i, o, a] += step_size * (target - values[i, o, a])


@leaf
def hysteretic(values, i, o, a, target, step_size, negative_step_size):
    """The same with a smaller step for bad news: Matignon, Laurent & Le Fort-Piat 2007, eq. 5."""
    td_error = target - values[i, o, a]
    values[i, o, a] += (step_size if td_error >= 0 else negative_step_size) * td_error


@leaf
def lenient(values, memory, i, o, a, target, step_size, leniency, cooling, coin):
    """Ignore bad news with probability 1 - exp(-leniency T(o, a)); T cools with each visit: Wei & Luke 2016, sec. 4."""
    td_error = target - values[i, o, a]
    forgives = coin < 1 - math.exp(-leniency * memory[i, o, a])
    if td_error >= 0 or not forgives:
        values[i, o, a] += step_size * td_error
    memory[i, o, a] *= cooling


@leaf
def distributed(preferences, values, i, o, a, target, n):
    """Q(o, a) <- max(Q(o, a), target); the policy changes only if max Q(o, .) grew: Lauer & Riedmiller 2000, sec. 4.

    The policy is the action whose preference is 1; before anything grew all are 0, so the first action is random.
    """
    before = largest(values, i, o, n)
    values[i, o, a] = max(values[i, o, a], target)
    if values[i, o, a] > before + TIE * max(1.0, abs(before)):
        for b in range(n):
            preferences[i, o, b] = 1.0 if b == a else 0.0


@leaf
def joint_action(values, memory, counts, i, observed, action, target, step_size, n_actions):
    """Learn Q(o, a^1..a^N); judge own actions by the others' observed frequencies: Claus & Boutilier 1998, section 3.

    ``memory`` (N, O, J) holds the joint values, ``counts`` (N, O, J) how often each joint action of the *others* was
    seen at o (filed under own action 0); ``values`` (N, O, A) gets EV(o, a) = sum_{a_-i} Pr(a_-i | o) Q(o, a_-i, a).
    """
    o = observed[i]
    joint, stride = 0, 1
    for j in range(len(action)):
        joint = joint * n_actions[j] + action[j]
        if j > i:
            stride *= n_actions[j]
    memory[i, o, joint] += step_size * (target - memory[i, o, joint])
    counts[i, o, joint - action[i] * stride] += 1
    n, n_joint = n_actions[i], memory.shape[2]
    for a in range(n):
        values[i, o, a] = 0.0
    seen = 0.0
    for other in range(n_joint):
        if counts[i, o, other] > 0:
            seen += counts[i, o, other]
            for a in range(n):
                values[i, o, a] += counts[i, o, other] * memory[i, o, other + a * stride]
    for a in range(n):
        values[i, o, a] /= seen


@njit(cache=True, _nrt=False, inline="always")
def correct(rule, preferences, values, memory, extra, i, observed, action, target, step_size, coin, n_actions):
    """Agent i's correction after one turn, by the rule in force."""
    o, a = observed[i], action[i]
    if rule == INDEPENDENT:
        independent(values, i, o, a, target, step_size)
    elif rule == HYSTERETIC:
        hysteretic(values, i, o, a, target, step_size, extra[0, 0, 0])
    elif rule == LENIENT:
        lenient(values, memory, i, o, a, target, step_size, extra[0, 0, 0], extra[0, 0, 1], coin)
    elif rule == DISTRIBUTED:
        distributed(preferences, values, i, o, a, target, n_actions[i])
    else:
        joint_action(values, memory, extra, i, observed, action, target, step_size, n_actions)
