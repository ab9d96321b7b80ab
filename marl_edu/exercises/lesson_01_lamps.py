"""Lesson 01: the game of the two lamps, in which a team loses because nobody sees both.

Two agents each see a lamp of their own, on or off, and press left or right at the same time. They win if both press the
same, except when both lamps are on: then they must press different ones.

Source: J. Clauser, M. Horne, A. Shimony & R. Holt, "Proposed experiment to test local hidden-variable theories",
Physical Review Letters 23 (1969); as a game in R. Cleve, P. Hoyer, B. Toner & J. Watrous, "Consequences and limits of
nonlocal strategies", CCC 2004, section 3.1.
"""

from __future__ import annotations

import itertools

import numpy as np


def lamps_table() -> np.ndarray:
    """Wins, 1 or 0, with axes (lamp of agent 1, lamp of agent 2, action of agent 1, action of agent 2).

    >>> float(lamps_table().mean())
    0.5
    """
    wins = np.zeros((2, 2, 2, 2))
    for lamp_1, lamp_2, action_1, action_2 in itertools.product(range(2), repeat=4):
        wins[lamp_1, lamp_2, action_1, action_2] = (action_1 != action_2) == (lamp_1 and lamp_2)
    return wins


def value_with_messages(loss: float) -> float:
    """Largest share of wins if agent 1 sends its lamp to agent 2, and a message is lost with chance ``loss``.

    Agent 2 knows whether a message has come; agent 1 does not. All policies are tried: agent 1 chooses by its lamp,
    agent 2 by its own lamp and what it was told (off, on, or nothing).

    >>> value_with_messages(0.0), value_with_messages(1.0)
    (1.0, 0.75)
    """
    wins, best = lamps_table(), 0.0
    for policy_1 in itertools.product(range(2), repeat=2):
        told = np.stack([wins[lamp, :, action] for lamp, action in enumerate(policy_1)])  # lamp 1, lamp 2, action 2
        arrived = told.max(axis=2).mean()
        lost = told.mean(axis=0).max(axis=1).mean()
        best = max(best, (1 - loss) * arrived + loss * lost)
    return float(best)
