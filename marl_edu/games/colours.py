"""One legend of colours for all pictures: an agent has the same one everywhere.

Colours are those of Okabe and Ito, which colour-blind people can tell apart.
"""

AGENT_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Colour of agent 1, 2, ...; more agents than colours begin again."""

INK = "#222222"
"""Colour of letters and frames."""


def agent_colour(agent: int) -> str:
    """Colour of an agent, by number from 0.

    >>> agent_colour(0) == agent_colour(6)
    True
    """
    return AGENT_COLOURS[agent % len(AGENT_COLOURS)]
