"""Lesson 05, open-ended: a game whose best equilibrium gradient ascent misses from most of the starts.

Legend of axes: payoffs have a row for each action of agent 1 and a column for each action of agent 2.
"""

from __future__ import annotations

import numpy as np

from marl_edu.exercises import Exercise, Misconception, Property
from marl_edu.exercises.values import Told, plain, shown
from marl_edu.games import matrix_game
from marl_edu.planning import equilibria, payoff_dominant

LARGEST, LEAST, SIDE = 5, 90, 20
"""Largest payoff, the percentage that must be missed, and how many starts there are along each side of the square."""

STEPS, STEP = 4_000, 0.02
"""How long the flow is followed: steps of this length, in units of the largest difference of payoffs."""


def treasure():
    """Stag hunt with a frightening stag: whoever hunts it alone loses much, so hardly anybody dares to begin."""
    payoffs_1 = [[5, -5], [4, 4]]
    payoffs_2 = [[5, 4], [-5, 4]]
    return payoffs_1, payoffs_2


def ends(payoffs_1, payoffs_2):
    """Where gradient ascent leads from starts all over the square: final x and y, each (SIDE, SIDE)."""
    starts = (np.arange(SIDE) + 0.5) / SIDE
    x, y = np.meshgrid(starts, starts, indexing="ij")
    (a, b), (c, d) = payoffs_1
    (e, f), (g, h) = payoffs_2
    pace = STEP / max(np.ptp(payoffs_1), np.ptp(payoffs_2), 1)
    for _ in range(STEPS):
        slope_1, slope_2 = y * (a - c) + (1 - y) * (b - d), x * (e - f) + (1 - x) * (g - h)
        x, y = np.clip(x + pace * slope_1, 0, 1), np.clip(y + pace * slope_2, 0, 1)
    return x, y


NO_TABLES, OTHER_SHAPE, NO_PAYOFF = (
    "no two tables of numbers",
    "expected two tables of two rows",
    "a payoff is no whole",
)
TIES, ALONE, NONE_BEST = "the equilibria form a continuum", "its only equilibrium", "none of them pays both agents more"


def look(thing):
    """Ask a student's function for its game, and describe it in words; whatever it raises is the student's to see."""
    made = thing()
    if made is None or made is ...:
        return made
    facts = _facts(made)
    return Told(_in_words(facts), facts)


def _facts(made) -> dict:
    came = shown(plain(made))
    try:
        tables = np.array(made, dtype=float)
    except (TypeError, ValueError):
        return {"trouble": f"{came}, which is {NO_TABLES}"}
    if tables.shape != (2, 2, 2):
        return {"trouble": f"{came}, which has the shape {tables.shape}; {OTHER_SHAPE} and columns: (2, 2, 2)"}
    if not np.isfinite(tables).all() or (tables != np.round(tables)).any() or np.abs(tables).max() > LARGEST:
        return {"trouble": f"{came}; {NO_PAYOFF} number from -{LARGEST} to {LARGEST}"}
    game = matrix_game(tables)
    found = equilibria(game)
    facts = {
        "tables": tables.astype(int).tolist(),
        "equilibria": [tuple(float(policy.ravel()[0]) for policy in one.policies) for one in found],
        "degenerate": bool(found.degenerate),
    }
    best = None if found.degenerate else payoff_dominant(game)
    if best is None:
        return facts
    x, y = (float(policy.ravel()[0]) for policy in best.policies)
    end_x, end_y = ends(*tables)
    missed = np.maximum(np.abs(end_x - x), np.abs(end_y - y)) > 0.02
    return facts | {"best equilibrium": (x, y), "% of the starts that miss it": float(100 * missed.mean())}


def _in_words(facts) -> str:
    """The tables, the equilibria by the chances of first actions, and how many starts miss the best one."""
    if "trouble" in facts:
        return facts["trouble"]
    (first, second), many = facts["tables"], len(facts["equilibria"])
    places = " and ".join(f"({x:.3g}, {y:.3g})" for x, y in facts["equilibria"])
    said = [f"A = {first}, B = {second}"]
    if facts["degenerate"]:
        return "; ".join([*said, f"some payoffs tie, so {TIES}"])
    if many == 1:
        return "; ".join([*said, f"{ALONE} is at (x, y) = {places}"])
    said.append(f"its {many} equilibria are at (x, y) = {places}")
    if "best equilibrium" not in facts:
        return "; ".join([*said, f"{NONE_BEST} than all the others"])
    x, y = facts["best equilibrium"]
    missed = facts["% of the starts that miss it"]
    return "; ".join([*said, f"({x:.3g}, {y:.3g}) pays both most, and {missed:.0f} % of the starts miss it"])


def _fair(found):
    return getattr(found, "facts", {"trouble": NO_TABLES}).get("trouble")


def _one_best(found):
    trouble = _fair(found)
    if trouble:
        return trouble
    if found.facts["degenerate"]:
        return "equilibria of this game form a continuum: some payoffs tie"
    if len(found.facts["equilibria"]) < 2:
        return "the game has only one equilibrium, so there is no choice among equilibria"
    if "best equilibrium" not in found.facts:
        return "none of the equilibria pays both agents more than all the others"
    return None


def _missed(found):
    words = _one_best(found)
    if words:
        return words
    missed = found.facts["% of the starts that miss it"]
    return None if missed > LEAST else f"{missed:.0f} % of the starts miss it; expected more than {LEAST} %"


def _tells(*words):
    """Whether one of these is among what was told."""
    return lambda found: isinstance(found, str) and any(each in found for each in words)


invent = Exercise(
    name="05.invent",
    title="A treasure that nobody climbs to",
    objective="05.5",
    minutes=15,
    difficulty=3,
    task=(
        "Invent a game of two agents with two actions each. It has several equilibria, and one of them pays *both* "
        f"agents more than each of the others does. And yet gradient ascent misses it from more than {LEAST} % of "
        f"{SIDE * SIDE} starts, which lie evenly all over the square. Return the agents' tables A and B as two lists "
        f"of two rows, with whole numbers from -{LARGEST} to {LARGEST}."
    ),
    stub='''
def treasure():
    """Return the payoffs of both agents: two tables of two rows and two columns."""
    ...
''',
    solution=treasure,
    call=look,
    properties=[
        Property("it is a game with two actions each and small whole payoffs", lambda rng: [()], holds=_fair),
        Property("one of several equilibria pays both agents more than the others", lambda rng: [()], holds=_one_best),
        Property(f"gradient ascent misses it from more than {LEAST} % of the starts", lambda rng: [()], holds=_missed),
    ],
    misconceptions=[
        Misconception(
            "no game of the kind",
            "Two tables are asked for, each with two rows of two whole numbers: `[[1, 2], [3, 4]], [[5, 4], [3, 2]]`.",
            wrong=lambda: [[1, 2], [3, 4]],
            recognise=_tells(NO_TABLES, OTHER_SHAPE, NO_PAYOFF),
        ),
        Misconception(
            "ties",
            "Where two payoffs that an agent compares are equal, whole lines of policies are equilibria, and which of "
            "them is reached depends on the start. Change one payoff by 1.",
            wrong=lambda: ([[5, 0], [5, 4]], [[5, 5], [0, 4]]),
            recognise=_tells(TIES),
        ),
        Misconception(
            "only one equilibrium",
            "As in the prisoner's dilemma or in matching pennies there is nothing to choose from here. Both agents "
            "must also have a reason to stay at another, worse equilibrium.",
            wrong=lambda: ([[3, 0], [5, 1]], [[3, 5], [0, 1]]),
            recognise=_tells(ALONE),
        ),
        Misconception(
            "they do not agree which one is best",
            "As in battle of the sexes or chicken, each equilibrium is the better one for another agent, or both pay "
            "the same. Let one pay both more.",
            wrong=lambda: ([[3, 0], [0, 1]], [[1, 0], [0, 3]]),
            recognise=_tells(NONE_BEST),
        ),
        Misconception(
            "the best equilibrium is found too easily",
            "It pays more, but that is not what decides where gradient ascent goes: that is how much an agent *loses* "
            "by being the only one that goes for it, compared with how much it gains if the other goes too.",
            wrong=lambda: ([[5, 0], [0, 1]], [[5, 0], [0, 1]]),
            recognise=_tells("of the starts miss it"),
        ),
    ],
    hints=[
        "Begin with stag hunt. From which starts does gradient ascent get to the stag? The panel shows it.",
        "The saddle between both equilibria lies where each makes the other indifferent. The further it is towards the "
        "good equilibrium, the fewer starts end there.",
        "Make going alone for the good equilibrium expensive, and the gain by it, if both go, small: compare 5 with 4, "
        "and -5 with 4.",
    ],
    time_limit=4.0,
    equivalent=["[3, 4]]", "[4, 3]]", "[5, -4]", "[5, 3]", "[-5, 3]]", "[-4, 4]]"],  # as frightening a stag
)
