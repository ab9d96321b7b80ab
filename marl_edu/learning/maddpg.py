"""Multi-agent deep deterministic policy gradient: critics see what everyone saw and did, actors see only their own.

*Centralised training, decentralised execution*: once all actions are known, the world does not change as the others
learn. The algorithm is in ``deterministic.py``; the difference from DDPG (``ddpg.py``) is the one function below.

Legend of axes: K seeds, N agents, B batch, F entries of an observation, A of an action; P = F + A.

Source: R. Lowe, Y. Wu, A. Tamar, J. Harb, P. Abbeel and I. Mordatch, "Multi-agent actor-critic for mixed
cooperative-competitive environments", NeurIPS 2017, algorithm 1 and equations 5 and 6.
"""

from __future__ import annotations

import torch

from marl_edu.learning.deterministic import DeterministicActorCritic


class MADDPG(DeterministicActorCritic):
    """Each critic judges what all agents saw and did, Q_i(x, a_1, ..., a_N), x = (o_1, ..., o_N).

    Critics of different agents differ, because rewards do: agents may work together, or against each other.

    Parameters
    ----------
    world : ParticleWorld
        Such as ``simple_spread()``.
    device : str
        'cpu', 'cuda', or another device that PyTorch has here.
    seeds, seed : int
        See ``Algorithm``.
    **hyperparameters
        Those declared below.

    Examples
    --------
    >>> from marl_edu.games import simple_tag
    >>> learner = MADDPG(simple_tag(), seeds=2, worlds=8, batch=16, warm_up=32)
    >>> learner.advance(10)
    >>> learner.frame()["greedy_return"].shape  # seeds, agents
    (2, 4)
    """

    title = "MADDPG"

    def critics_see(self, pairs: torch.Tensor) -> torch.Tensor:
        """(o_1, a_1, ..., o_N, a_N): all pairs (K, N, B, N, P), end to end, one's own first."""
        return pairs.flatten(-2)
