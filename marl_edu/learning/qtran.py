"""QTRAN: learn the team's value without any structure, and agents' values whose sum points to its best joint action.

A network Q_joint(s, a) of state and joint action is bound by nothing. The agents' values and a correction V(s) need not
equal it everywhere, only at the joint action a^ that the agents choose, a^_i = argmax_a Q_i(o_i, a), and must not be
below it elsewhere (theorem 1):

    sum_i Q_i(o_i, a_i) - Q_joint(s, a) + V(s)   = 0 for a = a^,   >= 0 for every other a.

So a^ is then the best joint action of Q_joint, whatever Q_joint is. The loss has one part for each of the three:

    y      = r + gamma (1 - terminated) Q_joint^-(s', a'),   a'_i = argmax_a Q_i(o'_i, a),
    L_td   = (Q_joint(s, a) - y)^2,
    L_opt  = (sum_i Q_i(o_i, a^_i) - [Q_joint(s, a^)] + V(s))^2,
    L_nopt = min(sum_i Q_i(o_i, a_i) - [Q_joint(s, a)] + V(s), 0)^2,

averaged over the batch; what stands in brackets counts as a constant. This is the paper's QTRAN-base. Its Q_joint takes
what the agents' networks remember; here it is a network of the state and the joint action.

Legend of axes: K seeds, B batch, N agents.

Source: K. Son, D. Kim, W. J. Kang, D. E. Hostallero and Y. Yi, "QTRAN: Learning to factorize with transformation for
cooperative multi-agent reinforcement learning", ICML 2019, theorem 1 and section 4.
"""

from __future__ import annotations

import torch

from marl_edu.algorithm import Real
from marl_edu.learning.factorisation import JointTargets
from marl_edu.learning.networks import StackedMLP
from marl_edu.learning.team_batch import Batch, at, best_actions


class QTRAN(JointTargets):
    """Values of agents that are bound to an unrestricted value of the team by two conditions.

    Frames of small games hold both: ``q_joint``, unrestricted, and ``q_tot`` = sum_i Q_i + V, by whose parts the agents
    act; (K, S, A_1, ..., A_N).

    Examples
    --------
    >>> from marl_edu.games import two_step
    >>> learner = QTRAN(two_step(), seeds=3)
    >>> learner.advance(10)
    >>> learner.frame()["q_joint"].shape
    (3, 4, 2, 2)
    """

    title = "QTRAN"
    opt_weight = Real(1.0, 0, 100, "weight of L_opt, equality at the agents' best joint action")
    nopt_weight = Real(1.0, 0, 100, "weight of L_nopt, no smaller elsewhere")

    def _networks(self, generators):
        state_value = StackedMLP(generators, 1, (self._world.n_state_features, int(self.hidden), 1))
        return {**super()._networks(generators), "state_value": state_value}

    def mix(self, nets, values, states):
        """The sum, and a correction by the state."""
        return values.sum(dim=-1, keepdim=True) + nets["state_value"](states.unsqueeze(1))[:, 0]

    def _losses(self, batch: Batch) -> torch.Tensor:
        values = self._values(self._nets, batch.observations)
        best = best_actions(values, batch.available)
        q_taken = self.mix(self._nets, at(values, batch.actions), batch.states)[..., 0]
        q_best = self.mix(self._nets, at(values, best), batch.states)[..., 0]
        joint_taken = self._nets["joint"](batch.actions, batch.states)
        with torch.no_grad():
            joint_best = self._nets["joint"](best, batch.states)

        td = (joint_taken - self._targets(batch)[..., 0]).square()
        opt = (q_best - joint_best).square()
        nopt = (q_taken - joint_taken.detach()).clamp(max=0).square()
        return (td + self.opt_weight * opt + self.nopt_weight * nopt).mean(dim=1)
