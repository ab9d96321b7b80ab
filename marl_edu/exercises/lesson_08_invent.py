"""Lesson 08, open-ended: a table whose best joint action a sum loses and a monotone table keeps.

Legend of axes: payoffs have a row for each action of agent 1 and a column for each action of agent 2.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import permutations, product

import numpy as np

from marl_edu.exercises import Exercise, Misconception, Property
from marl_edu.exercises.values import Told, plain, shown
from marl_edu.games import climbing, qtran_matrix
from marl_edu.planning.igm import best_joint
from marl_edu.planning.projections import additive_projection, monotonic_projection

SIZE, LARGEST = 3, 30
"""Actions of each agent, and the largest payoff."""


def lost_by_a_sum():
    """A treasure with a price for whoever goes there alone, beside a field on which it hardly matters who does what."""
    return [[9, -8, -9], [-10, 1, 2], [-7, 3, 0]]


def best_of(table) -> list[tuple[int, int]]:
    """The joint actions that are best in a table, with ties."""
    return list(map(tuple, np.argwhere(best_joint(np.asarray(table, dtype=float), 2)).tolist()))


def is_like(table, known) -> bool:
    """Whether a table is a known one with other names of actions and agents, in other units or at another level."""
    table, known = (_in_units(np.asarray(each, dtype=float)) for each in (table, known))
    orders = list(permutations(range(SIZE)))
    return any(
        np.allclose(turned[np.ix_(rows, columns)], known)
        for turned in (table, table.T)
        for rows, columns in product(orders, orders)
    )


def _in_units(table):
    return (table - table.min()) / np.ptp(table) if np.ptp(table) else table - table.min()


def known_tables() -> dict[str, np.ndarray]:
    """The tables of the lesson that have one best joint action, by name."""
    return {game.name: game.rewards[0, 0] for game in (qtran_matrix(), climbing())}


# --- what a student's table is like --------------------------------------------------------------------------------
NO_TABLE, OTHER_SHAPE, NO_PAYOFF = "no table of numbers", "expected three rows of three", "a payoff is no whole number"
TIED, KNOWN = "joint actions are best", "in other clothes"
SUM_FINDS, LEVEL = "the nearest sum finds it", "equally near"
MONOTONE_LOSES = "the nearest monotone table does not keep it ahead"


def look(thing):
    """Ask a student's function for its table, and describe it in words; whatever it raises is the student's to see."""
    made = thing()
    if made is None or made is ...:
        return made
    facts = _facts(made)
    return Told("; ".join(facts["said"]), facts)


def _facts(made) -> dict:
    """What holds for what was returned: ``said``, in words, and what is wrong, by the property that it breaks."""
    came, trouble = shown(plain(made)), ""
    try:
        table = np.array(made, dtype=float)
    except (TypeError, ValueError):
        return {"said": [came, f"that is {NO_TABLE}"], "table": f"that is {NO_TABLE}"}
    if table.shape != (SIZE, SIZE):
        trouble = f"its shape is {table.shape}; {OTHER_SHAPE}"
    elif not np.isfinite(table).all() or (table != np.round(table)).any() or np.abs(table).max() > LARGEST:
        trouble = f"{NO_PAYOFF} from -{LARGEST} to {LARGEST}"
    return {"said": [came, trouble], "table": trouble} if trouble else facts_of(tuple(map(tuple, table.tolist())))


@lru_cache(maxsize=32)  # each property asks again
def facts_of(rows) -> dict:
    """The same for a proper table, a tuple of rows."""
    table = np.array(rows)
    said, best = [str(table.astype(int).tolist())], best_of(table)
    facts = {"said": said}
    if len(best) > 1:
        said.append(f"{len(best)} {TIED}, with {table.max():g} each")
        return facts | {"table": f"{said[-1]}; expected one"}
    said.append(f"best is {best[0]} with {table.max():g}")
    for name, known in known_tables().items():
        if is_like(table, known):
            said.append(f"it is the table of {name} {KNOWN}")
            return facts | {"known": said[-1]}
    by_sum = best_of(additive_projection(table).table)
    if best[0] in by_sum:
        said.append(SUM_FINDS)
        facts["sum"] = f"{SUM_FINDS}: it holds {_cells(by_sum)} for best"
    else:
        paid = " and ".join(f"{table[cell]:g}" for cell in by_sum)
        said.append(f"the nearest sum prefers {_cells(by_sum)}, which pays {paid}")
    nearest = [best_of(fit) for fit in monotonic_projection(table).tables]
    if all(cells == best for cells in nearest):
        said.append("the nearest monotone table keeps it")
        return facts
    lost = f"{MONOTONE_LOSES}: it holds {_cells(nearest[0])} for best"
    said.append(f"{len(nearest)} monotone tables are {LEVEL}, and some of them lose it" if best in nearest else lost)
    return facts | {"monotone": said[-1]}


def _cells(cells) -> str:
    return " and ".join(map(str, cells))


def _must_not(*broken):
    """A judgement that waits until what comes before it holds."""

    def holds(found):
        facts = getattr(found, "facts", {"table": f"that is {NO_TABLE}"})
        return next((facts[name] for name in broken if name in facts), None)

    return holds


def _tells(*words):
    """Whether one of these is among what was told."""
    return lambda found: isinstance(found, str) and any(each in found for each in words)


def _once(rng):
    return [()]


invent = Exercise(
    name="08.invent",
    title="A treasure that no sum finds",
    objective="08.5",
    minutes=14,
    difficulty=3,
    task=(
        f"Invent a payoff table for a team of two with three actions each: whole numbers from -{LARGEST} to {LARGEST}, "
        "and one best joint action. The best joint action of its nearest *sum* (least squares, all joint actions "
        "equally often) must be another one; that of its nearest *monotone* table must be the right one, and if "
        "several monotone tables are equally near, in all of them. It may be no table of this lesson, not even with "
        "other names of actions or in other units. (So whoever says *QMIX can't represent this* would be wrong, and "
        "has to speak of training instead.)"
    ),
    stub='''
def lost_by_a_sum():
    """Return a table of payoffs: three rows of three whole numbers."""
    ...
''',
    solution=lost_by_a_sum,
    call=look,
    properties=[
        Property("it is a table of three actions each, with one best joint action", _once, holds=_must_not("table")),
        Property("it is an own one", _once, holds=_must_not("table", "known")),
        Property("the nearest sum prefers another joint action", _once, holds=_must_not("table", "known", "sum")),
        Property(
            "the nearest monotone table keeps the best one",
            _once,
            holds=_must_not("table", "known", "sum", "monotone"),
        ),
    ],
    misconceptions=[
        Misconception(
            "no table of the kind",
            "Three rows of three whole numbers are asked for: `[[1, 2, 3], [4, 5, 6], [7, 8, 9]]`. One table serves "
            "both agents: they are a team.",
            wrong=lambda: [[0, 1], [1, 8]],
            recognise=_tells(NO_TABLE, OTHER_SHAPE, NO_PAYOFF),
        ),
        Misconception(
            "several best joint actions",
            "With two best joint actions nobody can say which one is lost. Make one of them pay 1 more.",
            wrong=lambda: [[10, 0, -9], [0, 2, 0], [-9, 0, 10]],
            recognise=_tells(TIED),
        ),
        Misconception(
            "a table of the lesson",
            "Other names of the actions, another unit or level make no other game. Why does that table do it? Keep the "
            "reason, change the numbers.",
            wrong=lambda: [[0, -12, 0], [-12, 8, -12], [0, -12, 0]],
            recognise=_tells(KNOWN),
        ),
        Misconception(
            "the sum finds it",
            "The sum prefers the row and the column with the best *means*. As long as the best joint action lies where "
            "both are best, nothing is lost: punish whoever goes for it alone.",
            wrong=lambda: [[9, 4, 2], [4, 3, 1], [2, 1, 0]],
            recognise=_tells(SUM_FINDS),
        ),
        Misconception(
            "the monotone table loses it as well",
            "Here the penalty is so large, against the gain, that a monotone table comes nearer if it gives up the "
            "best joint action. Make the penalty smaller, or the other joint actions more alike.",
            wrong=lambda: [[11, -20, 0], [-20, 7, 6], [0, 0, 4]],
            recognise=_tells(MONOTONE_LOSES),
        ),
        Misconception(
            "one of several monotone tables loses it",
            "Several monotone tables are equally near, and not all of them keep the best joint action. Break the tie: "
            "change one payoff.",
            wrong=lambda: [[5, 3, 0], [0, 1, 0], [-3, 1, 2]],
            recognise=_tells(LEVEL),
        ),
    ],
    hints=[
        "The nearest sum is the row's mean plus the column's mean, less the mean of all. Which row mean and which "
        "column mean must be low?",
        "Begin with QTRAN's matrix and look at what makes it work: a high treasure, a price for going there alone, "
        "and a rest in which nothing matters much. A monotone table puts all of the rest on one level, at little cost.",
        "Change the rest a little at a time: 1, 2 and 3 instead of zeros; other penalties for the two agents. The "
        "check says what the nearest sum and the nearest monotone table prefer.",
    ],
    time_limit=4.0,
    equivalent=["return [["],  # a table nearby, as good
)
