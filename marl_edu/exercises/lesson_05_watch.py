"""Lesson 05: what two agents played, and which of the other's plays each of them has answered.

Whatever a program looks like inside, what was played shows whether it is fictitious play.

Legend of axes: T plays, 2 agents; payoffs have a row for each action of agent 1, a column for each of agent 2; ``own``
has a row for each action of the agent that is looked at, a column for each of the other's.
"""

from __future__ import annotations

import numpy as np

from marl_edu.exercises.values import Told, plain, shown

ALL = "all plays of the other so far"
NOTHING, ELSE = "nothing: it always plays the same", "something else"
ANSWERS = {
    ALL: lambda mine, other, t, n: other[:t],
    "the other's last play only": lambda mine, other, t, n: other[max(t - 1, 0) : t],
    "the other's play of the same moment too": lambda mine, other, t, n: other[: t + 1],
    "nothing but the other's play of the same moment": lambda mine, other, t, n: other[t : t + 1],
    "its own plays": lambda mine, other, t, n: mine[:t],
    "its own last play": lambda mine, other, t, n: mine[max(t - 1, 0) : t],
    "its own play of the same moment too": lambda mine, other, t, n: mine[: t + 1],
    "all plays of the other but the first": lambda mine, other, t, n: other[1:t],
    "all plays of the other but the last": lambda mine, other, t, n: other[: max(t - 1, 0)],
    "plays of the other that count from one": lambda mine, other, t, n: np.append(other[:t], np.arange(n)),
}
"""What an agent may take for the other's plays; of its own plays, the other's, the number of the present play, and how
many actions the other has."""


def best_actions(own, seen):
    """Which actions are best against plays ``seen``: ``own`` (own actions, other's actions); all if none was seen."""
    paid = own[:, seen].sum(axis=1)
    return paid >= paid.max() - 1e-6


def explained(own, mine, other, answers) -> bool:
    """Whether every play of one run is a best answer to what ``answers`` picks."""
    n = own.shape[1]
    return all(best_actions(own, answers(mine, other, t, n))[mine[t]] for t in range(len(mine)))


def answered(own, pairs) -> str:
    """What explains all plays of an agent in all runs: the first of ``ANSWERS`` that does."""
    played = np.concatenate([mine for mine, _ in pairs])
    never_changes = len(played) > len(pairs) and np.ptp(played) == 0  # which many explanations fit by accident
    if never_changes and not all(explained(own, *each, ANSWERS[ALL]) for each in pairs):
        return NOTHING
    for words, answers in ANSWERS.items():
        if all(explained(own, mine, other, answers) for mine, other in pairs):
            return words
    return ELSE


def first_slip(own, pairs) -> str:
    """The first play that is no best answer to all of the other's plays so far, in words; '' if there is none."""
    for mine, other in pairs:
        for t in range(len(mine)):
            if not best_actions(own, other[:t])[mine[t]]:
                counts = np.bincount(other[:t], minlength=own.shape[1])
                pay = np.round(own @ counts / t, 2)
                return (
                    f"it played {mine[: t + 1].tolist()}, and the last of these answers {other[:t].tolist()}, against "
                    f"which the actions pay {pay.tolist()} on average"
                )
    return ""


def ties(tables, histories) -> dict:
    """Where two actions are equally good: how often the first is taken, and by both the same."""
    first, same = ([], []), []
    for played in histories:
        for t in range(len(played)):
            tied = [bool(best_actions(tables[i], played[:t, 1 - i]).all()) for i in (0, 1)]
            for i in (0, 1):
                first[i].extend([played[t, i] == 0] * tied[i])
            same.extend([played[t, 0] == played[t, 1]] * all(tied))
    shares = [float(np.mean(moments)) if moments else None for moments in (*first, same)]
    return {"ties": [len(moments) for moments in first], "first of tied": shares[:2], "same of tied": shares[2]}


FIRST, NEVER_FIRST, ONE_COIN = "the first of equals, always", "the first of equals, never", "both draw the same"
NO_PLAYS = "that is no list of plays"


def run(program, payoffs_1, payoffs_2, plays, seeds):
    """Let a program play once with ``rng = np.random.default_rng(seed)`` for each seed; what was played, in words."""
    histories = []
    for seed in seeds:
        played = program(payoffs_1.copy(), payoffs_2.copy(), plays, np.random.default_rng(seed))
        if played is None or played is ...:
            return played
        trouble, history = _read(played, payoffs_1.shape, plays)
        if trouble:
            return Told(f"{shown(plain(played))}; {NO_PLAYS}: {trouble}", {"trouble": trouble})
        histories.append(history)
    tables = payoffs_1, payoffs_2.T
    pairs = [[(played[:, i], played[:, 1 - i]) for played in histories] for i in (0, 1)]
    telling = next((k for k, played in enumerate(histories) if _slips(tables, played)), 0)
    facts = {
        "history": histories[telling],
        "answers": [answered(tables[i], pairs[i]) for i in (0, 1)],
        "slip": [first_slip(tables[i], pairs[i]) for i in (0, 1)],
        **ties(tables, histories),
    }
    return Told(_in_words(facts, payoffs_1, payoffs_2, plays, seeds[telling]), facts)


def _read(played, shape, plays):
    """What is wrong with what a program returned, '' if nothing is, and its plays (T, 2)."""
    try:
        history = np.array(played, dtype=float)
    except (TypeError, ValueError):
        return "what came out are no pairs of numbers; expected the actions of both, play by play", None
    if history.shape != (plays, 2):
        return f"what came out has the shape {history.shape}; expected {(plays, 2)}: plays, agents", None
    if not (np.isin(history[:, 0], range(shape[0])) & np.isin(history[:, 1], range(shape[1]))).all():
        return "an action that does not exist was played", None
    return "", history.astype(int)


def _in_words(facts, payoffs_1, payoffs_2, plays, seed) -> str:
    """A call that can be run, what it played, what each agent answered, and what became of ties."""
    tables = ", ".join(f"np.array({table.astype(int).tolist()})" for table in (payoffs_1, payoffs_2))
    history = [tuple(pair) for pair in facts["history"].tolist()]
    many = f"{str(history[:SHOWN_PLAYS])[:-1]}, ...]" if len(history) > SHOWN_PLAYS else str(history)
    said = [
        f"{many} by fictitious_play({tables}, {plays}, np.random.default_rng({seed}))",
        *(f"{AGENTS[i]} answers: {words}" for i, words in enumerate(facts["answers"])),
    ]
    if facts["answers"] == [ALL, ALL]:
        shares, same = facts["first of tied"], facts["same of tied"]
        for i, share in enumerate(shares):
            if share is not None and (share > 0.9 or share == 0):
                said.append(f"{AGENTS[i]} takes {FIRST if share else NEVER_FIRST}")
        fair = all(share is not None and 0.2 < share < 0.8 for share in shares)
        said += [f"where both are free to choose {ONE_COIN}"] if fair and same is not None and same > 0.9 else []
    return "; ".join(said)


SHOWN_PLAYS, AGENTS = 8, ("agent 1", "agent 2")
"""So many plays are written out; and who the agents are."""


def _slips(tables, played) -> bool:
    return any(first_slip(tables[i], [(played[:, i], played[:, 1 - i])]) for i in (0, 1))
