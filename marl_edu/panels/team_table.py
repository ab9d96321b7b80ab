"""A table with one number in each cell, for what a team is paid or expects: dragged, typed, or moved by arrow keys."""

from __future__ import annotations

from marl_edu.games import matrix_game
from marl_edu.panels.payoff_table import HERE, PayoffTable

ONE_BOX = """
.marl-team .marl-payoff {width: 90%; --agent: #777 !important}
"""
"""Style of boxes that stand alone in their cells and are no agent's own."""


class TeamTable(PayoffTable):
    """Boxes for one number per joint action of two agents, at most three actions each.

    Parameters
    ----------
    payoffs : (A_1, A_2) array
        What comes first.
    low, high, step : float
        As in ``PayoffTable``.

    Examples
    --------
    >>> TeamTable([[8, -12], [-12, 0]]).values
    [[[8, -12], [-12, 0]]]
    """

    _css = (HERE / "payoff_table.css").read_text(encoding="utf-8") + ONE_BOX

    def __init__(self, payoffs, low: float = -100.0, high: float = 100.0, step: float = 1.0):
        super().__init__(matrix_game(payoffs), low, high, step)
        self.agents = ["the team"]
        self.put([payoffs])
        self.add_class("marl-team")
