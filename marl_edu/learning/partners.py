"""Who sits on the other seats of a match: learners in plain Python, one turn at a time, whose beliefs can be looked at.

A match (``match.py``) asks a partner for its action before anybody else's is known, and tells it afterwards what
happened. To write another one, subclass ``Partner`` and write ``act``; the rest is optional. Tit for tat, complete:

>>> class TitForTat(Partner):
...     title = "tit for tat"
...     def begin(self, game, seat, student):
...         super().begin(game, seat, student)
...         self.next = 0  # cooperate first
...     def act(self, observation, coin, pick):
...         return self.next
...     def learn(self, turn):
...         self.next = turn.joint_action[self.student]

Legend of axes: O observations of this seat, A its actions, B actions of the student, J joint actions.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from marl_edu.games import MarkovGame, checks, model_checks
from marl_edu.learning.rules import tie_bar


class Turn(NamedTuple):
    """What a partner is told when a turn is over."""

    observation: int
    """What it saw before it acted."""
    joint_action: tuple[int, ...]
    """What everybody did, by seat."""
    reward: float
    """What it was paid."""
    next_observation: int
    """What it sees now: where an episode was cut off, what it saw last."""
    terminated: bool
    """Whether the world has ended the episode, so that there is no future."""
    truncated: bool
    """Whether a time limit cut it off; the future counts all the same."""


class Partner:
    """Base of everything that can sit on a seat. A subclass writes ``act``; what it believes, it may say.

    Attributes
    ----------
    game, seat, student : MarkovGame, int, int
        The world, the own seat and the student's one; there from ``begin`` on.
    step_size, epsilon : float
        The match keeps these equal to its own hyperparameters.
    """

    title = "partner"
    """What people call it."""

    uses: tuple[str, ...] = ()
    """Which of ``'step_size'`` and ``'epsilon'`` play a part."""

    game: MarkovGame
    seat = student = 0
    step_size = epsilon = 0.1

    def begin(self, game: MarkovGame, seat: int, student: int) -> None:
        """Forget everything and take a seat. Subclasses extend this."""
        self.game, self.seat, self.student = game, seat, student

    def act(self, observation: int, coin: float, pick: float) -> int:
        """An action, given what this seat sees and two uniform numbers in [0, 1) of its own for this turn."""
        raise NotImplementedError(f"{type(self).__name__} has no act(observation, coin, pick); expected one")

    def learn(self, turn: Turn) -> None:
        """Take in what happened."""

    def values(self) -> np.ndarray | None:
        """What it expects of each of its actions, (O, A) in units of return; None if it has no such thing."""

    def policy(self) -> np.ndarray | None:
        """Chance of each of its actions in the next turn, exploration included, (O, A); None if it doesn't say."""

    def model(self) -> np.ndarray | None:
        """Chance it gives each of the student's actions in the next turn, (O, B); None if it has no model."""

    def context(self, observation: int):
        """What its model of the student depends on now; the match counts the student's true choices by this."""
        return observation

    @property
    def shape(self) -> tuple[int, int]:
        """(O, A) of this seat."""
        return self.game.n_observations[self.seat], self.game.n_actions[self.seat]


class QPartner(Partner):
    """Independent Q-learning with epsilon-greedy exploration, as in ``IndependentQLearning``.

    Q(o, a) <- Q(o, a) + step_size (r + gamma max_b Q(o', b) - Q(o, a)). A terminal state has no future; a time limit
    is not an end, so there the target looks ahead as ever (F. Pardo et al., "Time limits in reinforcement learning",
    ICML 2018).

    Parameters
    ----------
    table : (O, A) array, optional
        Values to begin with, such as ``learner.q[seed, seat]`` of an ``IndependentQLearning`` that trained before.
    initial_value : float
        Where every value begins if there is no table.
    explores : bool
        False: it always takes what it holds for best, whatever epsilon is.

    Source: M. Tan, "Multi-agent reinforcement learning: independent vs. cooperative agents", ICML 1993.
    """

    title = "Q-learner"
    uses = ("step_size", "epsilon")

    def __init__(self, table=None, *, initial_value: float = 0.0, explores: bool = True):
        self.table = None if table is None else checks.numeric("QPartner: table", table).astype(float)
        self.initial_value = checks.number("QPartner: initial_value", initial_value)
        self.explores = checks.flag("QPartner: explores", explores)
        self.uses = ("step_size", "epsilon") if explores else ("step_size",)

    def begin(self, game, seat, student):
        """Back to the table that was given."""
        super().begin(game, seat, student)
        if self.table is None:
            self.q = np.full(self.shape, self.initial_value)
        else:
            self.q = _cut_to(self.shape, self.table)

    def act(self, observation, coin, pick):
        """Any action with chance epsilon, else a greedy one; one coin decides, ties are drawn."""
        if self.explores and coin < self.epsilon:
            return int(pick * self.shape[1])
        return greedy_choice(self.q[observation], pick)

    def learn(self, turn):
        """Move one value towards its target."""
        future = 0.0 if turn.terminated else self.q[turn.next_observation].max()
        target = turn.reward + self.game.discount * future
        entry = turn.observation, turn.joint_action[self.seat]
        self.q[entry] += self.step_size * (target - self.q[entry])

    def values(self):
        """The table."""
        return self.q

    def policy(self):
        """Epsilon-greedy."""
        return epsilon_greedy(self.q, self.epsilon if self.explores else 0.0)


class FixedPartner(Partner):
    """Keeps to a policy and learns nothing.

    Parameters
    ----------
    policy : (O, A) array, (O,) array of action numbers, or None
        Chances of actions; None for uniformly random. In a game with one observation the A chances will do.
    """

    title = "fixed policy"

    def __init__(self, policy=None):
        self.given = policy

    def begin(self, game, seat, student):
        """Check the policy against the game."""
        super().begin(game, seat, student)
        given, (n_seen, n_actions) = self.given, self.shape
        if n_seen == 1 and np.shape(given) == (n_actions,) and n_actions > 1:
            given = [given]
        table = model_checks.policies([given], (n_seen,), (n_actions,))[0]
        self.chances = table / table.sum(axis=1, keepdims=True)

    def act(self, observation, coin, pick):
        """Draw from the policy."""
        return drawn_from(self.chances[observation], pick)

    def policy(self):
        """The one that was given."""
        return self.chances


def greedy_choice(values: np.ndarray, pick: float) -> int:
    """The action of largest value; among near-equals the one at share ``pick`` of them.

    >>> [greedy_choice(np.array([1.0, 3.0, 3.0]), pick) for pick in (0.2, 0.7)]
    [1, 2]
    """
    best = np.flatnonzero(values >= tie_bar.py_func(values.max()))
    return int(best[int(pick * len(best))])


def epsilon_greedy(values: np.ndarray, epsilon: float) -> np.ndarray:
    """Chance of each action (last axis): 1 - epsilon shared among the best ones, epsilon among all.

    >>> epsilon_greedy(np.array([[1.0, 3.0, 3.0, 0.0]]), 0.2).round(2).tolist()
    [[0.05, 0.45, 0.45, 0.05]]
    """
    best = values >= tie_bar.py_func(values.max(axis=-1, keepdims=True))
    return (1 - epsilon) * best / best.sum(axis=-1, keepdims=True) + epsilon / values.shape[-1]


def drawn_from(chances: np.ndarray, pick: float) -> int:
    """The action on which the uniform number ``pick`` falls.

    >>> [drawn_from(np.array([0.5, 0.0, 0.5]), pick) for pick in (0.49, 0.5, 0.99)]
    [0, 2, 2]
    """
    return min(int(np.searchsorted(np.cumsum(chances), pick, side="right")), int(np.flatnonzero(chances)[-1]))


def _cut_to(shape: tuple[int, int], table: np.ndarray) -> np.ndarray:
    """A copy of a table of values, without rows and columns that only other agents have (NaN in learners' tables)."""
    fits = table.ndim == 2 and table.shape[0] >= shape[0] and table.shape[1] >= shape[1]
    surplus = fits and (np.isfinite(table[shape[0] :]).any() or np.isfinite(table[:, shape[1] :]).any())
    if not fits or surplus or not np.isfinite(table[: shape[0], : shape[1]]).all():
        raise ValueError(
            f"QPartner: table has shape {table.shape}; expected {shape} finite values: a row for each observation of "
            "this seat and a column for each action, as learner.q[seed, seat] has"
        )
    return table[: shape[0], : shape[1]].copy()
