"""Gradient ascent on one's own payoff: each agent climbs as if the other stood still.

Legend of axes: as in ``flows.py``.
"""

from __future__ import annotations

import numpy as np

from marl_edu.algorithm import Real
from marl_edu.learning.dynamics import velocities
from marl_edu.learning.dynamics.flows import Flow


class GradientAscent(Flow):
    """Infinitesimal gradient ascent: dx/dt is the derivative of x^T A y by x, dy/dt that of x^T B y by y.

    With two actions and x the probability of agent 1's first action, y of agent 2's,

        dx/dt = u_A y - (a22 - a12),   u_A = a11 + a22 - a21 - a12,   and dy/dt likewise,

    held inside the unit square. It is linear inside: according to u_A u_B it runs around a centre (negative), away
    from a saddle (positive), or straight (zero: singular). Average payoffs tend to those of an equilibrium in every
    case, the policies need not. With A > 2 actions it is the projected gradient, times A / (A - 1): the difference
    between what an action pays and the mean of the others.

    Sources: S. Singh, M. Kearns and Y. Mansour, "Nash convergence of gradient dynamics in general-sum games", UAI
    2000; with more actions M. Zinkevich, "Online convex programming and generalized
    infinitesimal gradient ascent", ICML 2003, which has no such factor.

    Parameters
    ----------
    game, starts, seeds, seed
        See ``MatrixDynamics``.

    Examples
    --------
    In matching pennies x runs around 1/2 with an angular velocity of 4, so a full turn takes pi / 2:

    >>> from marl_edu.games import matching_pennies
    >>> turn = GradientAscent(matching_pennies(), starts=[[0.5, 0.75]], step_size=np.pi / 200)
    >>> turn.advance(50)
    >>> turn.frame()["policies"][0, :, 0].round(6).tolist()
    [0.5, 0.25]
    """

    title = "Gradient ascent"
    rule = velocities.GRADIENT

    def _fastest(self) -> float:
        return 2 * super()._fastest()  # the largest angular velocity around a centre


class WoLFGradient(Flow):
    """Gradient ascent that wins or learns fast: a small rate while winning, a large one while losing.

    dx/dt = l(t) (u_A y - (a22 - a12)), where l is ``winning_rate`` if x pays more against y than the agent's own
    equilibrium policy would, else ``losing_rate``. Around a centre a quarter turn then multiplies the distance by
    sqrt(winning_rate / losing_rate), and the policies converge in every game with two actions each. The agents are told
    their equilibrium policy: the mixed one if there is one, otherwise a pure one.

    Source: M. Bowling and M. Veloso, "Multiagent learning using a variable learning rate", Artificial Intelligence 136
    (2002), section 4.

    Parameters
    ----------
    game, starts, seeds, seed
        See ``MatrixDynamics``. Both agents have two actions.

    Examples
    --------
    >>> from marl_edu.games import matching_pennies
    >>> wolf = WoLFGradient(matching_pennies(), starts=[[0.9, 0.7]])
    >>> wolf.advance(400)
    >>> wolf.frame()["policies"][0, :, 0].round(6).tolist()
    [0.5, 0.5]
    """

    title = "WoLF gradient ascent"
    rule = velocities.WOLF
    winning_rate = Real(0.5, 0.01, 1, "rate while the own policy pays more than the equilibrium policy would")
    losing_rate = Real(2.0, 1, 10, "rate while it pays less")

    @classmethod
    def _numbers(cls, chosen):
        return chosen.winning_rate, chosen.losing_rate

    @classmethod
    def _expect_suitable(cls, tables: np.ndarray, chosen) -> None:
        if tables.shape[-2:] != (2, 2):
            raise ValueError(
                f"the agents have {tables.shape[-2]} and {tables.shape[-1]} actions; WoLF gradient ascent expected two "
                "each, as in its paper"
            )

    def _checked_tables(self, tables) -> np.ndarray:
        tables = super()._checked_tables(tables)
        self._expect_suitable(tables, self)
        return tables

    def _fastest(self) -> float:
        return max(self.losing_rate / 2, 1.0) * super()._fastest()  # seldom do both lose, and circles turn slower
