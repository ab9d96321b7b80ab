"""Lesson 02: the lake, a small game of two agents who fish."""

from __future__ import annotations

import numpy as np

from marl_edu.games import MarkovGame


def lake() -> MarkovGame:
    """Two agents fish in one lake, or spare it; fish that are caught this year don't breed.

    Nobody loses by fishing now, whatever the other does; the lake does.

    >>> lake()
    MarkovGame('the lake': 2 agents, 3 states, 2 x 2 actions, discount 0.9, general-sum)
    """
    full, low, empty = range(3)
    spare, fish = range(2)
    transitions = np.zeros((3, 2, 2, 3))
    transitions[full, spare, spare] = [1, 0, 0]
    transitions[full, spare, fish] = transitions[full, fish, spare] = [0.8, 0.2, 0]
    transitions[full, fish, fish] = [0.3, 0.7, 0]
    transitions[low, spare, spare] = [0.6, 0.4, 0]
    transitions[low, spare, fish] = transitions[low, fish, spare] = [0.1, 0.7, 0.2]
    transitions[low, fish, fish] = [0, 0.3, 0.7]
    transitions[empty, ..., empty] = 1
    own = np.zeros((3, 2, 2))
    own[full], own[low] = [[2, 2], [4, 3]], [[0, 0], [2, 1]]
    return MarkovGame(
        transitions,
        [own, own.swapaxes(1, 2)],
        discount=0.9,
        start="full",
        terminal=["empty"],
        states=["full", "low", "empty"],
        actions=["spare", "fish"],
        name="the lake",
    )
