"""Deep deterministic policy gradient, one learner for each agent: the others are part of its world.

The algorithm is in ``deterministic.py``; the difference from MADDPG (``maddpg.py``) is the one function below.

Legend of axes: K seeds, N agents, B batch, F entries of an observation, A of an action; P = F + A.

Source: T. Lillicrap et al., "Continuous control with deep reinforcement learning", ICLR 2016, algorithm 1.
"""

from __future__ import annotations

import torch

from marl_edu.learning.deterministic import DeterministicActorCritic


class DDPG(DeterministicActorCritic):
    """Each critic judges what its own agent saw and did, Q_i(o_i, a_i), as if it were alone.

    What the others do changes the reward, and as they learn, it changes differently: the target moves for a reason
    that the critic can't see.

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
    >>> from marl_edu.games import simple_spread
    >>> learner = DDPG(simple_spread(), seeds=2, worlds=8, batch=16, warm_up=32)
    >>> learner.advance(10)
    >>> learner.frame()["greedy_return"].shape  # seeds, agents
    (2, 3)
    """

    title = "DDPG"

    def critics_see(self, pairs: torch.Tensor) -> torch.Tensor:
        """(o_i, a_i): of the pairs (K, N, B, N, P) only slot 0, one's own."""
        return pairs[..., 0, :]
