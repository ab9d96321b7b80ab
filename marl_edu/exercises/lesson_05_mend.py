"""Lesson 05, find the bugs: fictitious play, judged by what each agent's plays answer to.

How plays are looked at is in ``lesson_05_watch.py``. Legend of axes: payoffs have a row for each action of agent 1, a
column for each of agent 2.
"""

from __future__ import annotations

import numpy as np

from marl_edu.exercises import Exercise, Misconception, Property
from marl_edu.exercises.lesson_05_watch import AGENTS, ALL, ELSE, FIRST, NEVER_FIRST, NOTHING, ONE_COIN, answered, run


def fictitious_play(payoffs_1, payoffs_2, plays, rng):
    """The listing, mended: each answers all that the *other* has played before, ties by lot."""
    seen_1, seen_2 = np.zeros(len(payoffs_1)), np.zeros(payoffs_1.shape[1])
    history = []
    for _ in range(plays):
        rows = payoffs_1 @ seen_2
        columns = seen_1 @ payoffs_2
        action_1 = rng.choice(np.flatnonzero(rows == rows.max()))
        action_2 = rng.choice(np.flatnonzero(columns == columns.max()))
        seen_1[action_1] += 1
        seen_2[action_2] += 1
        history.append((action_1, action_2))
    return np.array(history)


# --- wrong answers -------------------------------------------------------------------------------------------------
def with_faults(*faults):
    """The program with some faults: "first", "ahead", "own", "last" of the listing, or "prior", "coin"."""

    def program(payoffs_1, payoffs_2, plays, rng):
        n, m = payoffs_1.shape
        seen_1, seen_2 = (np.ones(n), np.ones(m)) if "prior" in faults else (np.zeros(n), np.zeros(m))
        history = []
        for _ in range(plays):
            coins = rng.random(2) * ("first" not in faults)
            action_1 = _pick(payoffs_1 @ seen_2, coins[0])
            if "ahead" in faults:
                seen_1[action_1] += 1
            coin = coins[0 if "coin" in faults else 1]
            action_2 = _pick((seen_2 if "own" in faults else seen_1) @ payoffs_2, coin)
            if "ahead" not in faults:
                seen_1[action_1] += 1
            seen_2 = seen_2 * ("last" not in faults) + np.eye(m)[action_2]
            history.append((action_1, action_2))
        return history

    return program


def _pick(paid, coin):
    best = np.flatnonzero(paid == paid.max())
    return best[int(coin * len(best))]


STUB = """
def fictitious_play(payoffs_1, payoffs_2, plays, rng):
    n, m = payoffs_1.shape
    seen_1, seen_2 = np.zeros(n), np.zeros(m)
    history = []
    for _ in range(plays):
        action_1 = np.argmax(payoffs_1 @ seen_2)
        seen_1[action_1] += 1
        action_2 = np.argmax(seen_2 @ payoffs_2)
        seen_2 = np.eye(m)[action_2]
        history.append((action_1, action_2))
    return history
"""


# --- the exercise --------------------------------------------------------------------------------------------------
def _trouble(found, *case):
    return getattr(found, "facts", {"trouble": "no list of plays came out"}).get("trouble")


def _if_it_ran(judge):
    return lambda found, *case: None if _trouble(found) else judge(found.facts, *case)


@_if_it_ran
def _agent_1(facts, *case):
    return f"agent 1: {facts['slip'][0]}" if facts["slip"][0] else None


@_if_it_ran
def _agent_2(facts, *case):
    return f"agent 2: {facts['slip'][1]}" if facts["slip"][1] else None


def _everybody(found, *case):
    return _trouble(found, *case) or _agent_1(found, *case) or _agent_2(found, *case)


@_if_it_ran
def _by_lot(facts, *case):
    for agent, share in enumerate(facts["first of tied"]):
        if share is not None and not 0.2 < share < 0.8:
            count = facts["ties"][agent]
            return f"agent {agent + 1} takes the first of two equally good actions in {share:.0%} of {count} cases"
    same = facts["same of tied"]
    if same is not None and not 0.2 < same < 0.8:
        return f"where both are free to choose, they choose the same number in {same:.0%} of the cases"
    return None


def _games(rng):
    """Small games in which each wrong answer shows."""
    found = []
    for plays in (6, 8, 12, 20, 30):
        while True:
            payoffs_1, payoffs_2 = rng.integers(0, 6, size=(2, 2, 2)).astype(float)
            case = payoffs_1, payoffs_2, plays, _seeds(rng, 3)
            if _telling(*case):
                found.append(case)
                break
    return found


def _seeds(rng, runs):
    first = int(rng.integers(1000))
    return list(range(first, first + runs))


def _telling(payoffs_1, payoffs_2, plays, seeds) -> bool:
    """Whether wrong programs show what they do: the first one as agent 1, the others as agent 2."""
    for faults, i in ((("last",), 0), (("own",), 1), (("own", "first"), 1), (("ahead",), 1)):
        program, table, pairs = with_faults(*faults), (payoffs_1, payoffs_2.T)[i], []
        for seed in seeds:
            played = np.array(program(payoffs_1, payoffs_2, plays, np.random.default_rng(seed)))
            pairs.append((played[:, i], played[:, 1 - i]))
        if answered(table, pairs) in (ALL, NOTHING, ELSE):
            return False
    return True


def _tied(rng):
    """Games in which nothing matters, and first plays of one in which something does."""
    nothing, places = np.zeros((2, 2)), np.array([[1.0, 0], [0, 2]])
    return [(nothing, nothing, 60, _seeds(rng, 1)), (places, places, 1, _seeds(rng, 60))]


def _larger(rng):
    return [
        (*rng.integers(0, 6, size=(2, n, m)).astype(float), plays, _seeds(rng, 2))
        for n, m, plays in ((2, 3, 8), (3, 2, 8), (2, 3, 30), (3, 4, 30))
    ]


def _tells(*words):
    """Whether one of these is among what was told."""
    return lambda found, *case: isinstance(found, str) and any(each in found for each in words)


def _answers_to(*words):
    """Whether one of these explains the plays of an agent."""

    def tells(found, *case):
        said = found.split("; ") if isinstance(found, str) else []
        return any(f"{agent} answers: {each}" in said for agent in AGENTS for each in words)

    return tells


def _prior(found, *case):
    from_one = _answers_to("plays of the other that count from one")(found)
    return from_one or (isinstance(found, str) and all(f"{agent} takes {NEVER_FIRST}" in found for agent in AGENTS))


mend = Exercise(
    name="05.mend",
    title="Find the bugs",
    objective="05.3",
    minutes=12,
    difficulty=3,
    task=(
        "The listing should be fictitious play: both agents choose at the same time, each a best response to *all* "
        "that the other has played before, and if several actions are equally good (as all are before the first play) "
        "it takes one of them by lot. Mend it. Payoffs are whole numbers, with a row for each action of agent 1 and a "
        "column for each of agent 2; tables may have other sizes than 2 x 2. `rng` is a NumPy generator. Like the "
        "listing, return the pairs of actions in order."
    ),
    stub=STUB,
    solution=fictitious_play,
    call=run,
    properties=[
        Property("there is a pair of actions for every play", _games, holds=_trouble),
        Property("agent 1 answers all that agent 2 has played before", _games, holds=_agent_1),
        Property("agent 2 answers all that agent 1 has played before", _games, holds=_agent_2),
        Property("equally good actions are chosen by lot, by each agent for itself", _tied, holds=_by_lot),
        Property("tables may have any size", _larger, holds=_everybody),
    ],
    misconceptions=[
        Misconception(
            "only the last play counts",
            "This is best-response dynamics: it answers what the other has done *last*. Fictitious play answers the "
            "frequencies of all plays, so counts must be kept.",
            wrong=with_faults("last"),
            recognise=_answers_to("the other's last play only"),
        ),
        Misconception(
            "an agent answers itself",
            "A belief is about the *other*: agent 1 weighs its rows with what agent 2 has played, and agent 2 its "
            "columns with what agent 1 has played.",
            wrong=with_faults("own"),
            recognise=_answers_to("its own plays", "its own last play", "its own play of the same moment too"),
        ),
        Misconception(
            "one agent sees the other's present play",
            "Both choose at the same time. Count an agent's play only after both have chosen.",
            wrong=with_faults("ahead"),
            recognise=_answers_to(
                "the other's play of the same moment too", "nothing but the other's play of the same moment"
            ),
        ),
        Misconception(
            "the counts start at one",
            "Then each believes at first that the other tosses a coin, and answers that. Before the first play nothing "
            "was seen: start at 0, where all actions are equally good.",
            wrong=with_faults("prior"),
            recognise=_prior,
        ),
        Misconception(
            "one coin for both",
            "Where both are free to choose, both choose the same: one draw serves for two. Each draws for itself.",
            wrong=with_faults("coin"),
            recognise=_tells(ONE_COIN),
        ),
        Misconception(
            "the first of several best actions",
            "`argmax` takes the first of equals, for both agents: they agree, or miss each other, by an accident of "
            "numbering. Choose among all that are best by lot.",
            wrong=with_faults("first"),
            recognise=_tells(FIRST),
        ),
    ],
    hints=[
        "Follow three plays with a pencil: what has each agent seen when it chooses?",
        "There are four faults: how ties are broken; when agent 1's play is counted; whose plays agent 2 answers; and "
        "what becomes of agent 2's older plays.",
        "`rng.choice(np.flatnonzero(rows == rows.max()))` breaks ties by lot, with `rows = payoffs_1 @ seen_2`. Count "
        "with `seen_2[action_2] += 1`, at the end of the loop, for both.",
    ],
    equivalent=["+= 2", "len(payoffs_2)", "payoffs_2.shape[1]"],  # counts in other units; tables of the same shape
)
