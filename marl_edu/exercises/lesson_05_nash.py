"""Lesson 05: whether a joint policy is a Nash equilibrium, with a tolerance that suits the payoffs.

Legend of axes: payoffs have a row for each action of agent 1 and a column for each action of agent 2.
"""

from __future__ import annotations

import numpy as np

from marl_edu.exercises import Exercise, Property
from marl_edu.exercises.judge import mistake

SHARE = 1e-8
"""Gain that counts as none, as a share of the agent's range of payoffs."""


def is_nash(payoffs_1, payoffs_2, x, y):
    """Whether neither agent gains by changing its policy alone."""
    rows = payoffs_1 @ y
    columns = x @ payoffs_2
    gain_1 = rows.max() - x @ rows
    gain_2 = columns.max() - columns @ y
    return bool(gain_1 <= 1e-8 * np.ptp(payoffs_1) and gain_2 <= 1e-8 * np.ptp(payoffs_2))


# --- wrong answers -------------------------------------------------------------------------------------------------
def _gains(payoffs_1, payoffs_2, x, y):
    """What each agent gains by its best action, in units of its range of payoffs."""
    rows, columns = payoffs_1 @ y, x @ payoffs_2
    return (rows.max() - x @ rows) / np.ptp(payoffs_1), (columns.max() - columns @ y) / np.ptp(payoffs_2)


def _raw_gains(payoffs_1, payoffs_2, x, y):
    rows, columns = payoffs_1 @ y, x @ payoffs_2
    return rows.max() - x @ rows, columns.max() - columns @ y


def _only(agent):
    return lambda *game: bool(_gains(*game)[agent] <= SHARE)


def _other_table(payoffs_1, payoffs_2, x, y):
    return is_nash(payoffs_2, payoffs_1, x, y)


def _read_by_rows(payoffs_1, payoffs_2, x, y):
    """Agent 2's actions looked for in the rows of its table; with another number of rows than actions that fails."""
    return is_nash(payoffs_1, payoffs_2.T, x, y)


def _unturned(payoffs_1, payoffs_2, x, y):
    gains = (payoffs_1 @ y).max() - x @ payoffs_1 @ y, (payoffs_2 @ x).max() - x @ payoffs_2 @ y
    return bool(all(gain <= SHARE * np.ptp(t) for gain, t in zip(gains, (payoffs_1, payoffs_2), strict=True)))


def _absolute(*game):
    return bool(max(_raw_gains(*game)) <= SHARE)


def _exact(*game):
    return bool(max(_raw_gains(*game)) <= 0)


def _one_range(*game):
    return bool(max(_raw_gains(*game)) <= SHARE * np.ptp(game[:2]))


def _is_close(payoffs_1, payoffs_2, x, y):
    rows, columns = payoffs_1 @ y, x @ payoffs_2
    return bool(np.isclose(x @ rows, rows.max()) and np.isclose(columns @ y, columns.max()))


def _largest(*game):
    return bool(all(gain <= SHARE * np.abs(table).max() for gain, table in zip(_raw_gains(*game), game, strict=False)))


def _strict(payoffs_1, payoffs_2, x, y):
    """Whether everybody plays the only action that is best for it."""
    rows, columns = payoffs_1 @ y, x @ payoffs_2
    best_1 = rows >= rows.max() - SHARE * np.ptp(payoffs_1)
    best_2 = columns >= columns.max() - SHARE * np.ptp(payoffs_2)
    return best_1.sum() == best_2.sum() == 1 and is_nash(payoffs_1, payoffs_2, x, y)


def _values(payoffs_1, payoffs_2, x, y):
    return x @ payoffs_1 @ y, x @ payoffs_2 @ y, SHARE * np.ptp(payoffs_1), SHARE * np.ptp(payoffs_2)


def _nothing_better_for_both(payoffs_1, payoffs_2, x, y):
    value_1, value_2, least_1, least_2 = _values(payoffs_1, payoffs_2, x, y)
    both = (payoffs_1 > value_1 + least_1) & (payoffs_2 > value_2 + least_2)
    return not both.any()


def _nothing_better_for_one(payoffs_1, payoffs_2, x, y):
    value_1, value_2, least_1, least_2 = _values(payoffs_1, payoffs_2, x, y)
    no_worse = (payoffs_1 >= value_1 - least_1) & (payoffs_2 >= value_2 - least_2)
    return not (no_worse & ((payoffs_1 > value_1 + least_1) | (payoffs_2 > value_2 + least_2))).any()


def _nothing_better_anywhere(payoffs_1, payoffs_2, x, y):
    value_1, value_2, least_1, least_2 = _values(payoffs_1, payoffs_2, x, y)
    return bool(payoffs_1.max() <= value_1 + least_1 and payoffs_2.max() <= value_2 + least_2)


def _all_actions_alike(payoffs_1, payoffs_2, x, y):
    rows, columns = payoffs_1 @ y, x @ payoffs_2
    return bool(np.ptp(rows) <= SHARE * np.ptp(payoffs_1) and np.ptp(columns) <= SHARE * np.ptp(payoffs_2))


def _only_pure(payoffs_1, payoffs_2, x, y):
    return bool(max(x) == max(y) == 1) and is_nash(payoffs_1, payoffs_2, x, y)


def _likeliest(payoffs_1, payoffs_2, x, y):
    rows, columns = payoffs_1 @ y, x @ payoffs_2
    return bool(rows.argmax() == x.argmax() and columns.argmax() == y.argmax())


def _one_is_enough(*game):
    return bool(min(_gains(*game)) <= SHARE)


# --- cases ---------------------------------------------------------------------------------------------------------
DILEMMA = np.array([[3.0, 0], [5, 1]]), np.array([[3.0, 5], [0, 1]])
HUNT = np.array([[5.0, 0], [4, 2]]), np.array([[5.0, 4], [0, 2]])
BATTLE = np.array([[3.0, 0], [0, 1]]), np.array([[1.0, 0], [0, 3]])
PENNIES = np.array([[1.0, -1], [-1, 1]]), np.array([[-1.0, 1], [1, -1]])
HALF_ALIKE = np.array([[2.0, 1], [0, 0]]), np.array([[1.0, 1], [0, 3]])
"""In the first row agent 2's actions pay it the same."""
ALL_ALIKE = np.array([[1.0, 0], [1, 3]]), np.array([[1.0, 1], [0, 2]])
"""In the first row and column nobody cares what it plays itself."""


def _pure(rng):
    e, games = np.eye(2), (DILEMMA, BATTLE, PENNIES, HUNT, HALF_ALIKE, ALL_ALIKE)
    return [(*game, e[a], e[b]) for game in games for a in (0, 1) for b in (0, 1)]


def _mixed(rng):
    """Mixed ones, of 2 x 2 games in quarters, which floats hold exactly."""
    pairs = {
        0: [(0.5, 0.5), (0.5, 1), (0.75, 0.5), (1, 0.5)],
        1: [(0.75, 0.25), (0.25, 0.75), (0.5, 0.5), (0.75, 1), (0.75, 0.5), (0.5, 0.25)],
        2: [(1, 0.5), (1, 0.25), (0.5, 0.5), (0.75, 1), (0, 0.5)],
        3: [(0.5, 0.5), (0.25, 0.75), (0, 0.25)],
    }
    games = PENNIES, BATTLE, HALF_ALIKE, DILEMMA
    return [(*games[k], np.array([x, 1 - x]), np.array([y, 1 - y])) for k, many in pairs.items() for x, y in many]


def _larger(rng):
    circle = np.array([[0.0, -1, 1], [1, 0, -1], [-1, 1, 0]])
    third, e = np.full(3, 1 / 3), np.eye(3)
    found = [(circle, -circle, third, third), (circle, -circle, e[0], third), (circle, -circle, e[0], e[1])]
    for m in (2, 3, 2, 3, 3):
        payoffs_1, payoffs_2 = rng.integers(0, 7, size=(2, 3, m)).astype(float)
        a, b = rng.integers(3), rng.integers(m)
        payoffs_1[a, b], payoffs_2[a, b] = payoffs_1[:, b].max() + 1, payoffs_2[a].max() + 1
        for row, column in ((a, b), ((a + 1) % 3, b), (a, (b + 1) % m)):
            found.append((payoffs_1, payoffs_2, e[row], np.eye(m)[column]))
    return sorted(found, key=lambda case: case[0].size)


def _units(rng):
    """Mixed equilibria that floats can't hold, and near misses, in large and in small units."""
    battle = np.array([[2.0, 0], [0, 1]]), np.array([[1.0, 0], [0, 2]])
    other = np.array([[1.0, 5], [4, 2]]), np.array([[1.0, 4], [6, 0]])
    found = []
    for (payoffs_1, payoffs_2), x, y in ((battle, 2 / 3, 1 / 3), (other, 6 / 9, 1 / 2)):
        for unit_1, unit_2 in ((1.0, 1.0), (1e12, 1e12), (1e-12, 1e-12), (1.0, 1e12), (1e12, 1.0)):
            for off_x, off_y in ((0, 0), (0.1, 0), (0, 0.1), (-0.1, 0.1)):
                policies = np.array([x + off_x, 1 - x - off_x]), np.array([y + off_y, 1 - y - off_y])
                found.append((unit_1 * payoffs_1, unit_2 * payoffs_2, *policies))
    return found


def _levels(rng):
    """The same number added to all payoffs of an agent, and policies that are nearly, but not quite, an equilibrium."""
    found = []
    for payoffs_1, payoffs_2 in (PENNIES, BATTLE):
        x, y = (0.5, 0.5) if payoffs_1 is PENNIES[0] else (0.75, 0.25)
        for off in (0, 1e-4, -1e-4):
            policies = np.array([x + off, 1 - x - off]), np.array([y, 1 - y])
            found += [(payoffs_1 + more, payoffs_2 + more, *policies) for more in (100, -1e6)]
    return found


nash = Exercise(
    name="05.nash",
    title="Is it an equilibrium?",
    objective="05.1",
    minutes=8,
    difficulty=2,
    task=(
        "`payoffs_1` and `payoffs_2` are the agents' tables A and B, as arrays: a row for each action of agent 1, a "
        "column for each of agent 2. `x` and `y` are their policies. Return `True` if (x, y) is a Nash equilibrium, "
        "else `False`. Floats are not exact: a gain of at most 1e-8 of an agent's *range of payoffs* (the largest less "
        "the smallest entry of its table) counts as none."
    ),
    stub='''
def is_nash(payoffs_1, payoffs_2, x, y):
    """Return whether neither agent gains by changing its policy alone."""
    ...
''',
    solution=is_nash,
    properties=[
        Property("without chance: it is one exactly if nobody gains alone", _pure),
        Property("the same holds if they mix", _mixed),
        Property("the same holds with more actions", _larger),
        Property("rounding does not count, in whatever unit the payoffs are", _units),
        Property("to add a number to all payoffs changes nothing", _levels),
    ],
    misconceptions=[
        mistake(
            "exact equality",
            "Floats round: a mixed equilibrium shows a gain of some 1e-16 of the payoffs. Compare with a small share "
            "of the range instead of with 0.",
            _exact,
        ),
        mistake(
            "the same tolerance for all payoffs",
            "1e-8 is nothing if payoffs are in millions, and everything if they are in billionths. Multiply it by the "
            "agent's range of payoffs.",
            _absolute,
        ),
        mistake(
            "one range for both agents",
            "One agent may count in euros, the other in millions. Measure each gain by the range of that agent's own "
            "table.",
            _one_range,
        ),
        mistake(
            "a tolerance that grows with the level of payoffs",
            "`np.isclose` measures by the size of the numbers (1e-5 of it), so a real gain is overlooked as soon as "
            "a large number is added to all payoffs. Measure by the *range*.",
            _is_close,
        ),
        mistake(
            "the largest payoff instead of the range",
            "What counts are differences of payoffs. Add a million to all of them, and the largest entry lets a gain "
            "of 0.01 pass for none.",
            _largest,
        ),
        mistake(
            "only strict equilibria",
            "A deviation may cost nothing. An equilibrium asks that nobody *gains* by it; mixed equilibria are never "
            "strict.",
            _strict,
        ),
        mistake("agent 2 is not asked", "An equilibrium needs both: agent 2 must not gain either.", _only(0)),
        mistake("agent 1 is not asked", "An equilibrium needs both: agent 1 must not gain either.", _only(1)),
        mistake(
            "one content agent is enough",
            "If one of them gains by a change, it will change. *Neither* may gain.",
            _one_is_enough,
        ),
        mistake(
            "each looks at the other's payoffs",
            "Agent 1 moves between rows and is paid by `payoffs_1`, agent 2 between columns and is paid by "
            "`payoffs_2`.",
            _other_table,
        ),
        mistake(
            "agent 2's actions are read as rows",
            "In both tables the columns are agent 2's actions: `x @ payoffs_2` is what each of them pays.",
            _read_by_rows,
        ),
        mistake(
            "agent 2's table is not turned",
            "`payoffs_2 @ x` sums over the columns, which are agent 2's own actions. What each of these pays is a sum "
            "over agent 1's actions, the rows: `x @ payoffs_2`.",
            _unturned,
        ),
        mistake(
            "nothing is better for both",
            "This asks whether they could *both* do better together (Pareto). In an equilibrium nobody does better "
            "*alone*, and mutual defection shows that the two differ.",
            _nothing_better_for_both,
        ),
        mistake(
            "nothing is better for one and worse for none",
            "This is Pareto optimality, a wish of the pair. An equilibrium asks each agent what it can do *alone*, and "
            "mutual defection shows that the two differ.",
            _nothing_better_for_one,
        ),
        mistake(
            "compared with the largest payoff of the table",
            "That payoff may need the other to change as well. Keep the other's policy and change one at a time.",
            _nothing_better_anywhere,
        ),
        mistake(
            "all actions must pay the same",
            "Only actions that are *played* must be best ones. What is played with chance 0 may pay less.",
            _all_actions_alike,
        ),
        mistake(
            "only policies without chance",
            "Matching pennies has an equilibrium, and it is mixed. The definition is the same for mixed policies.",
            _only_pure,
        ),
        mistake(
            "only the likeliest action is looked at",
            "Every action that is played with some chance must be a best one; and of several best ones any mixture "
            "will do. Compare what the policy pays with what the best action pays.",
            _likeliest,
        ),
        mistake(
            "yes and no are mixed up",
            "`True` is for an equilibrium: no gain for either.",
            lambda *game: not is_nash(*game),
        ),
    ],
    hints=[
        "What does each row pay agent 1 against y? `payoffs_1 @ y`. And each column agent 2 against x?",
        "The gain of agent 1 is the best of these less what x pays: `rows.max() - x @ rows`.",
        "`gain_1 <= 1e-8 * np.ptp(payoffs_1)`, where `np.ptp` is the largest less the smallest; the same for agent 2; "
        "both must hold.",
    ],
    equivalent=["rows @ x", "y @ columns", "gain_1 < 1e-08", "gain_2 < 1e-08"],
)
