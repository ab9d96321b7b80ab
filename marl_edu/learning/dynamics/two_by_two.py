"""Any rule in any game of two agents with two actions each: rule and payoffs are hyperparameters like all others.

So a panel can change them while it shows what follows, and a recording remembers which were in force.

Legend of axes: K seeds (starting points), 2 agents, 2 actions.
"""

from __future__ import annotations

import numpy as np

from marl_edu.algorithm import Algorithm, Choice, Frame, HyperparameterError, Real
from marl_edu.games import checks
from marl_edu.games.markov_game import MarkovGame
from marl_edu.learning.dynamics.gradient import GradientAscent, WoLFGradient
from marl_edu.learning.dynamics.matrix_dynamics import MatrixDynamics
from marl_edu.learning.dynamics.play import BestResponseDynamics, FictitiousPlay
from marl_edu.learning.dynamics.regret import RegretMatching
from marl_edu.learning.dynamics.replicator import Replicator
from marl_edu.learning.dynamics.smooth_q import SmoothQLearning
from marl_edu.learning.dynamics.weights import MultiplicativeWeights

DYNAMICS: dict[str, type[MatrixDynamics]] = {
    "gradient ascent": GradientAscent,
    "WoLF gradient": WoLFGradient,
    "replicator": Replicator,
    "smooth Q-learning": SmoothQLearning,
    "best response": BestResponseDynamics,
    "fictitious play": FictitiousPlay,
    "regret matching": RegretMatching,
    "multiplicative weights": MultiplicativeWeights,
}
"""The rules that a panel offers, by the names that a student reads."""


def _reading(name: str) -> tuple[str, ...]:
    """The rules that always read a hyperparameter of this name, by their names."""
    declared = {rule: kind.declared().get(name) for rule, kind in DYNAMICS.items()}
    return tuple(rule for rule, trait in declared.items() if trait is not None and trait.metadata["when"] is None)


PAYOFFS = tuple(f"{table}{row}{column}" for table in "ab" for row in "12" for column in "12")
"""Names of the payoffs as hyperparameters: a12 is what agent 1 gets for (its first action, agent 2's second)."""

LARGEST = 10.0
"""Payoffs are from minus this to this, so that the default step suits them."""


def _payoff(agent: int, row: int, column: int) -> Real:
    return Real(0.0, -LARGEST, LARGEST, f"what agent {agent} gets if 1 plays action {row} and 2 plays action {column}")


class TwoByTwo(Algorithm):
    """A rule of choice in a game of choice, from many starting points.

    Payoffs may be changed at any time, as with ``MatrixDynamics.set_payoffs``; another rule takes effect at a reset.
    Where a rule allows no step as large as ``step_size`` (best responses: 1, all the way), it takes its largest.

    Parameters
    ----------
    game : MarkovGame
        Two agents, one state, two actions each; its payoffs come first.
    starts, seeds, seed
        See ``MatrixDynamics``.
    **hyperparameters
        Those declared below; payoffs win over those of ``game``.

    Raises
    ------
    ValueError
        If the game is another one, or a payoff is beyond -10 to 10.

    Examples
    --------
    Ten steps of length 0.05 take matching pennies' gradient ascent a good part of its way around the middle:

    >>> from marl_edu.games import matching_pennies
    >>> learner = TwoByTwo(matching_pennies(), starts=[[0.5, 0.75]])
    >>> learner.advance(10)
    >>> learner.frame()["policies"][0, :, 0].round(3).tolist()
    [0.727, 0.396]
    """

    title = "Learning in a 2 x 2 game"
    unit = "step"
    rule = Choice("gradient ascent", DYNAMICS, "how both agents learn, from the beginning of a run on")
    integrator = Choice(
        "flow",
        ("flow", "steps"),
        "follow the differential equation, or take a learner's steps",
        when=("rule", _reading("integrator")),
    )
    step_size = Real(
        0.05,
        1e-3,
        2,
        "time that a step takes; of a learner, what multiplies the velocity",
        scale="log",
        when=("rule", _reading("step_size")),
    )
    a11, a12 = _payoff(1, 1, 1), _payoff(1, 1, 2)
    a21, a22 = _payoff(1, 2, 1), _payoff(1, 2, 2)
    b11, b12 = _payoff(2, 1, 1), _payoff(2, 1, 2)
    b21, b22 = _payoff(2, 2, 1), _payoff(2, 2, 2)

    def __init__(self, game: MarkovGame, starts=None, *, seeds: int | None = None, seed: int = 0, **options):
        if checks.game(game).n_states != 1 or tuple(game.n_actions) != (2, 2):
            many = " x ".join(map(str, game.n_actions))
            raise ValueError(
                f"game {game.name!r} has {game.n_states} state{'s' * (game.n_states > 1)} and {many} actions; expected "
                "one state and two agents with two actions each"
            )
        self._given, self._starts = game, starts
        probe = GradientAscent(game, starts, seeds=seeds)
        payoffs = dict(zip(PAYOFFS, game.rewards[:, 0].ravel().tolist(), strict=True))
        super().__init__(seeds=probe.seeds, seed=seed, **payoffs | options)

    def _inputs(self) -> tuple:
        return self._given, self._starts

    @property
    def game(self) -> MarkovGame:
        """The game, with the payoffs in force."""
        self._follow()
        return self._learner.game

    @property
    def tables(self) -> np.ndarray:
        """The payoffs, (2, 2, 2)."""
        return np.array([getattr(self, name) for name in PAYOFFS]).reshape(2, 2, 2)

    def set_payoffs(self, tables) -> None:
        """Set all payoffs, (2, 2, 2), at once."""
        tables = checks.array("payoffs", tables)
        if tables.shape != (2, 2, 2):
            raise HyperparameterError(f"payoffs have shape {tables.shape}; expected (2, 2, 2): a table for each agent")
        self.set(**dict(zip(PAYOFFS, tables.ravel().tolist(), strict=True)))

    def reset(self) -> None:
        """Back to the starting points, with the rule that is chosen."""
        super().reset()
        game = self._given.replace(rewards=self.tables[:, None])
        self._learner = DYNAMICS[self.rule](game, self._starts, seeds=self.seeds, seed=self.seed)
        self._shared = [name for name in ("integrator", "step_size") if name in self._learner.declared()]
        self._handed_on = None
        self._follow()

    def _follow(self) -> None:
        """Hand on what was changed."""
        present = [getattr(self, name) for name in (*PAYOFFS, *self._shared)]
        if present == self._handed_on:
            return
        self._learner.set_payoffs(self.tables)
        shared = {name: getattr(self, name) for name in self._shared}
        if "step_size" in shared:
            shared["step_size"] = min(self.step_size, self._learner.declared()["step_size"].max)
        self._learner.set(**shared)
        self._handed_on = present

    def _advance(self, n: int) -> None:
        self._follow()
        self._learner.advance(n)

    def frame(self) -> Frame:
        """As of the rule that is chosen, see ``MatrixDynamics.frame``."""
        self._follow()
        return self._learner.frame()

    @staticmethod
    def velocity(tables, policies, rule: str = "gradient ascent", **settings) -> np.ndarray:
        """Where the rule drives play, as ``Flow.velocity``.

        A rule that is no flow is shown by its direction of learning: towards best responses.
        """
        checks.option("rule", rule, DYNAMICS)
        flow = DYNAMICS[rule]
        if hasattr(flow, "velocity"):
            known = {name: value for name, value in settings.items() if name in flow.declared()}
            return flow.velocity(tables, policies, **known)
        return _towards_best_responses(np.asarray(tables, dtype=float), np.asarray(policies, dtype=float))


def _towards_best_responses(tables: np.ndarray, policies: np.ndarray) -> np.ndarray:
    """dx/dt = best response to y, less x; the middle of all that are best."""
    against = np.stack(
        [
            np.einsum("...ab,...b->...a", tables[..., 0, :, :], policies[..., 1, :]),
            np.einsum("...ab,...a->...b", tables[..., 1, :, :], policies[..., 0, :]),
        ],
        axis=-2,
    )
    best = against >= against.max(axis=-1, keepdims=True) - 1e-12
    return best / best.sum(axis=-1, keepdims=True) - policies
