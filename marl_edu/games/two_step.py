"""The two-step game: one agent's first choice decides in which of two tables the team will be paid.

Legend of axes: S = 4 states, N = 2 agents, 2 actions each.

Source: T. Rashid et al., "QMIX: Monotonic value function factorisation for deep multi-agent reinforcement learning",
ICML 2018, section 5 (the two-step game, payoffs in table 1).
"""

from __future__ import annotations

import numpy as np

from marl_edu.games.markov_game import MarkovGame

STATES = ("1", "2A", "2B", "end")


def two_step(discount: float = 0.99) -> MarkovGame:
    """A team of two plays two steps; only who gives up a safe 7 can reach the 8, and only together.

    In state 1 nothing is paid, and agent 1's action alone decides: A leads to state 2A, B to state 2B. In 2A every
    joint action pays 7. In 2B it pays 0 for (A, A), 1 if one of them plays B, and 8 for (B, B). Then the episode ends.
    Both agents see the state. A team that thinks of 2B as a sum of what each of them adds expects less than 7 from it.

    Parameters
    ----------
    discount : float in [0, 1]
        gamma. The paper uses .99.

    Returns
    -------
    MarkovGame
        States ``'1'``, ``'2A'``, ``'2B'`` and ``'end'`` (terminal), actions ``'A'`` and ``'B'``, horizon 2.

    Raises
    ------
    ValueError
        If the discount is out of range.

    Examples
    --------
    >>> game = two_step()
    >>> game
    MarkovGame('two-step game': 2 agents, 4 states, 2 x 2 actions, discount 0.99, cooperative)
    >>> game.rewards[0, game.states.index("2B")].tolist()
    [[0.0, 1.0], [1.0, 8.0]]

    The best that can be had is the 8, a step away:

    >>> from marl_edu.planning import team_optimum
    >>> round(team_optimum(game).per_agent, 4)
    7.92
    """
    first, safe, risky, end = range(4)
    transitions = np.zeros((4, 2, 2, 4))
    transitions[first, 0, :, safe] = transitions[first, 1, :, risky] = 1
    transitions[[safe, risky, end], ..., end] = 1
    paid = np.zeros((4, 2, 2))
    paid[safe] = 7
    paid[risky] = [[0, 1], [1, 8]]
    return MarkovGame(
        transitions,
        [paid, paid],
        discount,
        terminal=["end"],
        states=STATES,
        actions=["A", "B"],
        horizon=2,
        name="two-step game",
    )
