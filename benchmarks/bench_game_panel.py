"""The panel with editable payoffs: from a changed payoff to the finished picture, nine runs and a full field.

Times are processor times of this process, the median of many edits, after the first that compiles and lays out.
"""

from __future__ import annotations

import time

import numpy as np

from benchmarks import Figure
from marl_edu.games import matching_pennies
from marl_edu.learning import TwoByTwo
from marl_edu.learning.dynamics.two_by_two import DYNAMICS
from marl_edu.panels import GamePanel
from marl_edu.views import PayoffRegion, UnitSquare

STARTS = [[x, y] for x in (0.15, 0.5, 0.85) for y in (0.2, 0.55, 0.9)]
STEPS, EDITS, MOST = 300, 60, 60.0


def milliseconds(views, rule: str) -> float:
    """Median over edits: the run done again, the field, the equilibria, the picture as JPEG."""
    panel = GamePanel(TwoByTwo(matching_pennies(), STARTS, rule=rule), views, units=STEPS)
    panel._session.finish(STEPS)
    took = []
    for payoff in np.linspace(-4, 4, EDITS):
        begin = time.process_time()
        panel.edit(0, 0, 0, float(payoff.round(2)))
        panel._painter.jpeg(panel.recording, panel.moment)
        took.append(time.process_time() - begin)
    panel.close()
    return 1e3 * float(np.median(took[5:]))


def measure() -> list[Figure]:
    """Edit, and paint."""
    square = UnitSquare(TwoByTwo.velocity)
    both = milliseconds([square, PayoffRegion()], "gradient ascent")
    return [
        *(Figure(f"ms an edit, {rule}", milliseconds([square], rule), at_most=MOST) for rule in DYNAMICS),
        Figure("ms an edit, gradient ascent, payoffs beside", both, at_most=MOST),
    ]
