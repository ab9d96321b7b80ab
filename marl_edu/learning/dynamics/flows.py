"""Rules that are flows: policies that move with a velocity, and the learners' steps of which they are the limit.

Legend of axes: K seeds, 2 agents, A actions (the larger number of the two), A_1 and A_2 actions of agents 1 and 2.
"""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np

from marl_edu.algorithm import Choice, Frame, HyperparameterError, Real
from marl_edu.games import checks
from marl_edu.learning.dynamics.integrate import WORK, field, run
from marl_edu.learning.dynamics.matrix_dynamics import MatrixDynamics

SMALL = 0.05
"""Longest part of a step that the Runge-Kutta method takes at once, in time times the largest rate of change."""

MOST_PARTS = 100_000
"""Parts that one step may have."""


class Flow(MatrixDynamics):
    """Base of the rules that are differential equations; one unit of work is one step of all starting points.

    A subclass names its ``rule`` (see ``velocities.py``), which gives the velocity dx/dt, and in ``_numbers`` the
    settings that this reads.

    Parameters
    ----------
    game, starts, seeds, seed
        See ``MatrixDynamics``.

    Notes
    -----
    Both integrators advance by ``step_size`` of time a step, in which payoffs are units of 1 / time.
    """

    rule = None
    """Number of the velocity in ``velocities.py``."""

    integrator = Choice(
        "flow",
        ("flow", "steps"),
        "the differential equation itself (Runge-Kutta), or a learner's steps along the velocity (Euler)",
    )
    step_size = Real(0.05, 1e-4, 10, "time that a step takes; of a learner, what multiplies the velocity", scale="log")

    def reset(self) -> None:
        """Back to the starting points and to time 0."""
        super().reset()
        self._times = np.zeros(self.seeds)
        self._work_of_steps = np.zeros((WORK, *self._policies.shape[1:]))

    @classmethod
    def velocity(cls, tables, policies, **settings) -> np.ndarray:
        """How fast the policies change, dx/dt: what the learner follows, and what a picture of its field shows.

        Parameters
        ----------
        tables : (..., 2, A_1, A_2) array
            Payoffs.
        policies : (..., 2, A) array
            Mixed policies, A the larger of A_1 and A_2; what lies beyond an agent's actions is ignored.
        **settings
            Hyperparameters by name, so that ``**learner.hyperparameters`` will do; by default as declared. Integrator
            and step size make no difference.

        Returns
        -------
        (..., 2, A) array
            Per unit of time; NaN beyond an agent's actions.

        Raises
        ------
        ValueError
            If the shapes don't fit each other, or a setting is out of range.
        """
        tables, policies = np.asarray(tables, dtype=float), np.asarray(policies, dtype=float)
        n_actions = tables.shape[-2:]
        if tables.ndim < 3 or tables.shape[-3] != 2 or policies.shape[-2:] != (2, max(n_actions)):
            raise ValueError(
                f"tables have shape {tables.shape} and policies {policies.shape}; expected (..., 2, A_1, A_2) and "
                "(..., 2, A), A the larger of A_1 and A_2"
            )
        declared = cls.declared()
        chosen = SimpleNamespace(**{name: trait.default_value for name, trait in declared.items()})
        for name, value in settings.items():
            checks.option(f"{cls.__name__}.velocity: a setting", name, declared)
            setattr(chosen, name, declared[name].validate(None, value))
        leading = np.broadcast_shapes(tables.shape[:-3], policies.shape[:-2])
        many_tables, many_policies = (
            np.array(np.broadcast_to(given, leading + given.shape[-axes:]), order="C").reshape(-1, *given.shape[-axes:])
            for given, axes in ((tables, 3), (policies, 2))
        )
        velocity = np.full(many_policies.shape, np.nan)
        cls._expect_suitable(tables, chosen)
        numbers, work = np.array(cls._numbers(chosen), dtype=float), np.zeros(policies.shape[-2:])
        field(cls._rule(chosen), many_tables, many_policies, numbers, velocity, work)
        return velocity.reshape(leading + policies.shape[-2:])

    @classmethod
    def _rule(cls, chosen) -> int:
        return cls.rule

    @classmethod
    def _numbers(cls, chosen) -> tuple[float, ...]:
        """The settings that the velocity reads, in its order; ``chosen`` has the hyperparameters as attributes."""
        return ()

    @classmethod
    def _expect_suitable(cls, tables: np.ndarray, chosen) -> None:
        """Raise a ``ValueError`` if the rule is not for such payoffs."""

    def _fastest(self) -> float:
        """The size of what the velocity is made of, to which the parts of a step are fitted: the payoffs' range."""
        return self._range

    def _parts(self) -> int:
        """Parts of a step, for the Runge-Kutta method to be exact; 0 for plain steps."""
        if self.integrator == "steps":
            return 0
        wanted = self.step_size * self._fastest() / SMALL
        if wanted > MOST_PARTS:
            raise HyperparameterError(
                f"step_size is {self.step_size:g} and the payoffs' range {self._fastest():g}; expected a product of "
                f"at most {MOST_PARTS * SMALL:g} to follow the flow (a smaller step size, or smaller payoffs)"
            )
        return max(1, math.ceil(wanted))

    def _advance(self, n: int) -> None:
        self._expect_suitable(self._tables, self)
        rule, numbers = self._rule(self), np.array(self._numbers(self), dtype=float)
        state, goal = (self._policies, self._joint, self._steps, self._times), self.units_done + n
        run(rule, self._tables, *state, goal, numbers, self.step_size, self._parts(), self._work_of_steps)

    def _weights(self) -> np.ndarray:
        return self._times

    def _more(self) -> Frame:
        return {"time": self._times.copy()}
