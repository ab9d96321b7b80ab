"""Exponential Q-learning as a flow: the replicator with a pull towards playing everything.

Legend of axes: as in ``flows.py``.
"""

from __future__ import annotations

from marl_edu.algorithm import Real
from marl_edu.learning.dynamics import velocities
from marl_edu.learning.dynamics.flows import Flow


class SmoothQLearning(Flow):
    """Q-learning with softmax exploration, in the limit of small steps.

    If Q_a moves by dQ_a/dt = u_a - Q_a and actions are drawn by x_a proportional to exp(Q_a / tau), every action being
    updated as often as every other, then, with time counted in units of tau,

        dx_a/dt = x_a [u_a - sum_b x_b u_b] - tau x_a [ln x_a - sum_b x_b ln x_b].

    It rests where x = softmax(u / tau), a *quantal response* (logit) equilibrium: in zero-sum games the only one, and
    reached from everywhere inside. As tau goes to 0 it becomes the replicator.

    Sources: K. Tuyls, K. Verbeeck and T. Lenaerts, "A selection-mutation model for Q-learning in multi-agent systems",
    AAMAS 2003; Y. Sato and J. Crutchfield, "Coupled replicator equations for the dynamics of learning in multiagent
    systems", Physical Review E 67 (2003); S. Leonardos, G. Piliouras and K. Spendlove, "Exploration-exploitation in
    multi-agent competition", NeurIPS 2021 (convergence in zero-sum games).

    Parameters
    ----------
    game, starts, seeds, seed
        See ``MatrixDynamics``.

    Examples
    --------
    >>> from marl_edu.games import matching_pennies
    >>> learner = SmoothQLearning(matching_pennies(), starts=[[0.9, 0.2]], temperature=0.5)
    >>> learner.advance(2000)
    >>> learner.frame()["policies"][0, :, 0].round(6).tolist()
    [0.5, 0.5]
    """

    title = "Smooth Q-learning"
    rule = velocities.SMOOTH_Q
    temperature = Real(0.2, 0, 100, "tau, how much agents explore; 0 is the replicator", unit="payoffs")

    @classmethod
    def _numbers(cls, chosen):
        return (chosen.temperature,)

    def _fastest(self) -> float:
        return super()._fastest() + 5 * self.temperature  # near the edge, where ln x is large, the pull is strong
