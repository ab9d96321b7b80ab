"""The replicator: what pays more than the mean becomes more frequent, in populations or in one agent's habits.

Legend of axes: as in ``flows.py``.
"""

from __future__ import annotations

import numpy as np

from marl_edu.algorithm import Choice, HyperparameterError
from marl_edu.learning.dynamics import velocities
from marl_edu.learning.dynamics.flows import Flow


class Replicator(Flow):
    """Replicator dynamics: dx_a/dt = x_a [(A y)_a - x^T A y] and dy_b/dt = y_b [(x^T B)_b - x^T B y].

    In matching pennies x (1 - x) y (1 - y) stays constant, so play runs around the equilibrium for ever; so does
    x_1 x_2 x_3 in one population that plays rock-paper-scissors against itself. Plain steps leave these orbits outward.

    Sources: P. Taylor and L. Jonker, "Evolutionary stable strategies and game dynamics", Mathematical Biosciences 40
    (1978) (one population); J. Hofbauer and K. Sigmund, "Evolutionary Games and Population Dynamics", Cambridge
    University Press 1998, sections 7.1 and 10.1 (two populations).

    Parameters
    ----------
    game, starts, seeds, seed
        See ``MatrixDynamics``. One population needs a symmetric game, B = A^T; agent 2's starts are not used then.

    Examples
    --------
    >>> from marl_edu.games import matching_pennies
    >>> orbit = Replicator(matching_pennies(), starts=[[0.2, 0.4]], step_size=0.5)
    >>> before = orbit.frame()["policies"].prod()
    >>> orbit.advance(1000)
    >>> bool(abs(orbit.frame()["policies"].prod() - before) < 1e-8)
    True
    """

    title = "Replicator"
    rule = velocities.REPLICATOR
    populations = Choice("two", ("one", "two"), "whether each agent is a population, or both are drawn from one")

    @classmethod
    def _rule(cls, chosen):
        return velocities.ONE_POPULATION if chosen.populations == "one" else velocities.REPLICATOR

    @classmethod
    def _expect_suitable(cls, tables: np.ndarray, chosen) -> None:
        if chosen.populations == "one":
            rows, columns = tables[..., 0, :, :], tables[..., 1, :, :]
            square = rows.shape[-1] == rows.shape[-2]
            if not square or np.abs(columns - rows.swapaxes(-1, -2)).max() > 1e-9 * max(np.ptp(tables), 1e-300):
                raise HyperparameterError(
                    "populations is 'one', and the game is not symmetric; expected B = A^T for one population: who is "
                    "row and who is column must not matter"
                )

    def reset(self) -> None:
        """Back to the starting points; one population starts at agent 1's."""
        super().reset()
        self._join()

    def _join(self) -> None:
        if self.populations == "one":
            self._expect_suitable(self._tables, self)
            self._policies[:, 1] = self._policies[:, 0]

    def _advance(self, n: int) -> None:
        self._join()  # newly set to one population, it is agent 1's
        super()._advance(n)
