"""Weighted QMIX: a monotonic mixer that cares most about the joint actions that could be best.

Trained by plain least squares, QMIX gives up a good joint action for the sake of the many bad ones around it. Here an
error counts fully only where the joint action may be better than it looks, and little (alpha) where it looks too good:

    Q*(s, a)   a network of state and joint action that is bound by nothing, and makes all targets:
    y     = r + gamma (1 - terminated) Q*^-(s', a'),   a'_i = argmax_a Q_i(o'_i, a),
    loss  = mean over the batch of w (y - Q_tot(s, a))^2 + (y - Q*(s, a))^2,

    optimistic   w = 1 if Q_tot(s, a) < y, else alpha,
    central      w = 1 if y > Q*(s, a^) or a = a^, else alpha,   with a^_i = argmax_a Q_i(o_i, a).

In the paper Q* is made of agents' networks and an unrestricted mixer, because its agents remember what they saw. Here
it is a network of the state and the joint action.

Legend of axes: K seeds, B batch, N agents.

Source: T. Rashid, G. Farquhar, B. Peng and S. Whiteson, "Weighted QMIX: Expanding monotonic value function
factorisation for deep multi-agent reinforcement learning", NeurIPS 2020, section 5.
"""

from __future__ import annotations

import torch

from marl_edu.algorithm import Choice, Real
from marl_edu.learning.factorisation import QMIX, JointTargets
from marl_edu.learning.team_batch import Batch, at, best_actions


class WeightedQMIX(JointTargets, QMIX):
    """QMIX with weights in its loss, and a second, unrestricted estimate that makes the targets.

    Frames of small games hold that estimate too: ``q_joint`` (K, S, A_1, ..., A_N), beside ``q_tot``, by whose parts
    the agents act.

    Examples
    --------
    >>> from marl_edu.games import two_step
    >>> learner = WeightedQMIX(two_step(), seeds=3, weighting="central", alpha=0.2)
    >>> learner.advance(10)
    >>> learner.frame()["q_joint"].shape
    (3, 4, 2, 2)
    """

    title = "Weighted QMIX"
    weighting = Choice("optimistic", ("optimistic", "central"), "which errors count fully")
    alpha = Real(0.1, 0, 1, "weight of all others; 1 is as if there were no weights")

    def _losses(self, batch: Batch) -> torch.Tensor:
        values = self._values(self._nets, batch.observations)
        targets = self._targets(batch)[..., 0]
        q_tot = self.mix(self._nets, at(values, batch.actions), batch.states)[..., 0]
        q_joint = self._nets["joint"](batch.actions, batch.states)
        weights = self.weigh(targets, q_tot.detach(), best_actions(values, batch.available), batch)
        return (weights * (targets - q_tot).square() + (targets - q_joint).square()).mean(dim=1)

    @torch.no_grad()
    def weigh(self, targets, q_tot, best, batch: Batch) -> torch.Tensor:
        """w, (K, B), of targets (K, B), values (K, B) and the agents' best actions (K, B, N)."""
        if self.weighting == "optimistic":
            counts = q_tot < targets
        else:
            is_best = (batch.actions == best).all(dim=-1)
            counts = (targets > self._nets["joint"](best, batch.states)) | is_best
        return torch.where(counts, 1.0, self.alpha)
