"""Two learners in a repeated 2 x 2 game: each climbs its own exact value, foreseeing the other's step or not.

Each agent has five logits, whose sigmoids are the probabilities of a memory-one strategy (``memory_one.py``). Its value
is the discounted sum of its payoffs, V^i(theta^1, theta^2) = P_0 (I - gamma P)^-1 . u^i, and its gradient is exact.
A *naive* learner follows grad_i V^i, as if the other stood still. A learner *with opponent-learning awareness* (LOLA)
expects the other to take a naive step, and adds what changing its own theta^i changes in that step, and so in V^i:

    naive   theta^i += alpha  grad_i V^i
    LOLA    theta^i += alpha [grad_i V^i + eta (grad_j V^i)^T grad_i grad_j V^j].

As in the paper, grad_j V^i counts as a constant there, and each expects a naive step, though the other looks ahead too.

Legend of axes: K seeds, 2 agents, 5 logits (start, then after CC, CD, DC, DD, one's own action first), 4 outcomes.

Source: J. Foerster, R. Chen, M. Al-Shedivat, S. Whiteson, P. Abbeel and I. Mordatch, "Learning with opponent-learning
awareness", AAMAS 2018, section 4, with exact gradients.
"""

from __future__ import annotations

import numpy as np
import torch

from marl_edu.algorithm import Algorithm, Choice, Frame, Real
from marl_edu.games.markov_game import MarkovGame
from marl_edu.learning.memory_one import (
    discount_of,
    iterated_dilemma,
    memory_one_play,
    outcome_chances,
    two_action_tables,
)
from marl_edu.learning.networks import one_thread


def values(logits: torch.Tensor, tables: torch.Tensor, discount: float) -> torch.Tensor:
    """Discounted sums of payoffs V^i, (K, 2), of logits (K, 2, 5), for tables (2, 4): u^i of CC, CD, DC, DD.

    >>> halves = torch.zeros(1, 2, 5, dtype=torch.double)
    >>> values(halves, torch.tensor([[-1, -3, 0, -2], [-1, 0, -3, -2]]), discount=0.9).round(decimals=6).tolist()
    [[-15.0, -15.0]]
    """
    first, second = torch.sigmoid(logits).unbind(dim=1)
    chances = torch.stack(outcome_chances(first, second), dim=-1)  # K, start and outcomes, next outcome
    start, moves = chances[:, 0], chances[:, 1:]
    visits = torch.linalg.solve(torch.eye(4, dtype=moves.dtype) - discount * moves.mT, start)
    return (visits[:, None] * tables).sum(dim=-1)


def naive(logits: torch.Tensor, value: torch.Tensor, eta: float) -> torch.Tensor:
    """Each agent's gradient of its own value, (K, 2, 5); nothing is expected of the other, so eta plays no part."""
    slopes = [_gradient(value[:, i], logits) for i in (0, 1)]  # of V^1 and V^2, by all logits
    steps = []
    for i in (0, 1):
        steps.append(slopes[i][:, i])
    return torch.stack(steps, dim=1)


def lola(logits: torch.Tensor, value: torch.Tensor, eta: float) -> torch.Tensor:
    """The same, with what one's own logits do to the other's next step and thereby to one's own value, (K, 2, 5)."""
    slopes = [_gradient(value[:, i], logits) for i in (0, 1)]  # of V^1 and V^2, by all logits
    steps = []
    for i in (0, 1):
        j = 1 - i
        gain = slopes[i][:, j].detach() * (eta * slopes[j][:, j])  # V^i along the step that j is expected to take
        steps.append(slopes[i][:, i] + _gradient(gain, logits)[:, i])
    return torch.stack(steps, dim=1)


def _gradient(of: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
    """Derivatives of a sum by all logits, (K, 2, 5); seeds don't meet, so each seed's are those of its own terms."""
    return torch.autograd.grad(of.sum(), logits, create_graph=True)[0]


LOOK_AHEADS = {"none": naive, "lola": lola}
"""All the difference between the two learners."""


class LOLA(Algorithm):
    """Two agents that climb their exact values in a repeated game, naively or with opponent-learning awareness.

    Both agents are of the same kind and step at once. Seed k begins with logits drawn from N(0, 1).

    Parameters
    ----------
    game : MarkovGame, optional
        Two agents, one state, two actions each, a discount above 0 and below 1. Default: the paper's iterated
        prisoner's dilemma, payoffs -1, -3, 0, -2 and discount 0.96.
    seeds, seed
        See ``Algorithm``.
    **hyperparameters
        Those declared below; their defaults are the paper's settings, of which it makes 200 updates.

    Raises
    ------
    ValueError
        If the game is another one, or its discount is 0 or 1.

    Examples
    --------
    Naive learners come to defect, which pays -2; those that look ahead come to cooperate, which pays -1:

    >>> for look_ahead in ("none", "lola"):
    ...     learner = LOLA(seeds=10, look_ahead=look_ahead)
    ...     learner.advance(200)
    ...     print(f"{learner.frame()['payoffs'].mean():.1f}")
    -2.0
    -1.0
    """

    title = "Learning in a repeated game"
    unit = "update"
    chunk = 10
    look_ahead = Choice("lola", LOOK_AHEADS, "whether agents foresee how their own change changes the other's step")
    step_size = Real(1.0, 1e-3, 10, "alpha, what multiplies the gradient of the discounted sum", scale="log")
    look_ahead_step = Real(
        1.0, 0, 10, "eta, the step size that an agent expects of the other; 0 is naive", when=("look_ahead", "lola")
    )

    def __init__(self, game: MarkovGame | None = None, *, seeds: int = 1, seed: int = 0, **options):
        self._game = iterated_dilemma() if game is None else game
        self._tables = torch.tensor(two_action_tables(self._game).reshape(2, 4), dtype=torch.double)
        self._discount = discount_of(self._game)
        if self._discount == 0:
            raise ValueError(
                f"discount of game {self._game.name!r} is 0, so that only the first round counts; expected one between "
                "0 and 1 for a repeated game, such as game.replace(discount=0.96)"
            )
        super().__init__(seeds=seeds, seed=seed, **options)

    @property
    def game(self) -> MarkovGame:
        """The game of one round, with its discount."""
        return self._game

    def _inputs(self) -> tuple:
        return (self._game,)

    def reset(self) -> None:
        """Back to the logits drawn first."""
        super().reset()
        self._logits = torch.tensor(np.array([rng.standard_normal((2, 5)) for rng in self.generators()]))
        self._updated = 0

    def _advance(self, n: int) -> None:
        self._updated, slopes_of = 0, LOOK_AHEADS[self.look_ahead]
        with one_thread():
            for _ in range(n):
                logits = self._logits.requires_grad_()
                value = values(logits, self._tables, self._discount)
                slopes = slopes_of(logits, value, self.look_ahead_step)
                self._logits = (logits + self.step_size * slopes).detach()
                self._updated += 1

    def _finished(self, n: int) -> int:
        return self._updated

    def references(self) -> dict[str, float]:
        """The best mean of both agents' payoffs, and that of two who toss coins; per round."""
        means = self._game.rewards[:, 0].mean(axis=0)
        return {"team optimum": float(means.max()), "random play": float(means.mean())}

    def _learned(self) -> Frame:
        return {"logits": self._logits.detach().numpy()}

    def frame(self) -> Frame:
        """Where the learners stand.

        ============== ========== ==============================================================================
        array          shape      meaning
        ============== ========== ==============================================================================
        logits         (K, 2, 5)  what is learned: start, then after CC, CD, DC, DD, one's own action first
        policies       (K, 2, 5)  their sigmoids, the probabilities of the first action ("cooperate")
        payoffs        (K, 2)     mean payoff per round, (1 - gamma) V^i
        joint_play     (K, 2, 2)  share of each joint action in that mean
        ============== ========== ==============================================================================
        """
        logits = self._logits.detach()
        policies = torch.sigmoid(logits).numpy()
        play = memory_one_play(policies[:, 0], policies[:, 1], self._discount)
        payoffs = np.einsum("kab,iab->ki", play, self._game.rewards[:, 0])
        return {"logits": logits.numpy().copy(), "policies": policies, "payoffs": payoffs, "joint_play": play}
