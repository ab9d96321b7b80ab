"""What all tabular learners share: seeds, schedules, and the frame that says where they stand.

Legend of axes: K seeds, N agents, O observations (most of any agent), A actions (most of any agent), L trace.
"""

from __future__ import annotations

import math

import numpy as np

from marl_edu.algorithm import Algorithm, Choice, Frame, HyperparameterError, Real
from marl_edu.games import MarkovGame
from marl_edu.learning.loop import EPSILON_GREEDY, RUN, SOFTMAX, Schedule, learn, new_notes, world_of
from marl_edu.learning.rules import BLANK, RULES, Tables, tie_bar

TRACE = 24
"""How many of the latest states a frame remembers."""

LARGEST = 2**27
"""Entries that a table may have, all seeds together (1 GiB), before a learner refuses."""

DECAYS = (0.9, 0.97, 0.99, 0.997, 0.999, 0.9997, 0.9999, 0.99997, 1.0)
SCHEDULED = ("step_size", "epsilon", "temperature")
EXPLORATIONS = {"epsilon-greedy": EPSILON_GREEDY, "softmax": SOFTMAX}

GREEDY, SOFT = ("exploration", "epsilon-greedy"), ("exploration", "softmax")
"""When epsilon and when the temperature play a part."""


class TabularLearner(Algorithm):
    """Base of learners that keep tables; one unit of work is one environment step of every seed.

    A subclass names its ``rule`` (see ``rules.py``). Where the rule keeps more than the values, it makes that in
    ``_make_tables`` and hands it over in ``_tables``; numbers that the rule needs are its ``_settings``.

    Parameters
    ----------
    game : MarkovGame
        The world. Its discount and horizon are used: a horizon truncates an episode, and truncation bootstraps.
    seeds, seed : int
        See ``Algorithm``.

    Notes
    -----
    After t steps a schedule gives max(floor, value decay^t), with t counted from when the value was last changed.
    """

    unit = "environment step"
    rule = None
    """Number of the correction in ``rules.py``."""

    step_size = Real(0.1, 0, 1, "share of the error by which a value is corrected", scale="linear")
    step_size_decay = Real(1.0, 0, 1, "factor on the step size with each environment step", choices=DECAYS)
    step_size_floor = Real(0.0, 0, 1, "the step size never falls below this")
    exploration = Choice("epsilon-greedy", EXPLORATIONS, "how an agent picks an action from its values")
    epsilon = Real(0.1, 0, 1, "chance of a uniformly random action, one coin per agent", when=GREEDY)
    epsilon_decay = Real(1.0, 0, 1, "factor on epsilon with each environment step", choices=DECAYS, when=GREEDY)
    epsilon_floor = Real(0.0, 0, 1, "epsilon never falls below this", when=GREEDY)
    temperature = Real(
        1.0, 1e-3, 1e5, "values this far apart differ e-fold in chance", unit="reward", scale="log", when=SOFT
    )
    temperature_decay = Real(
        1.0, 0, 1, "factor on the temperature with each environment step", choices=DECAYS, when=SOFT
    )
    temperature_floor = Real(
        1e-3, 1e-6, 1e5, "the temperature never falls below this", unit="reward", scale="log", when=SOFT
    )
    initial_value = Real(0.0, -1e4, 1e4, "every table entry at the start; takes effect at a reset", unit="return")

    def __init__(self, game: MarkovGame, *, seeds: int = 1, seed: int = 0, **hyperparameters):
        if not isinstance(game, MarkovGame):
            raise HyperparameterError(f"game is {type(game).__name__}; expected a MarkovGame")
        if game.discount == 1 and game.horizon is None:
            raise HyperparameterError(
                "the game has discount 1 and no horizon, so that a return may have no end; expected a discount below "
                "1 or a horizon"
            )
        if type(self.rule) is not int or not 0 <= self.rule < len(RULES):
            raise ValueError(
                f"{type(self).__name__}.rule is {self.rule!r}; expected one of the numbers in learning/rules.py, such "
                "as rules.INDEPENDENT"
            )
        self._game = game
        self._world = world_of(game)
        super().__init__(seeds=seeds, seed=seed, **hyperparameters)

    @property
    def game(self) -> MarkovGame:
        """The world that is learned in."""
        return self._game

    def _inputs(self):
        return (self._game,)

    @property
    def q(self) -> np.ndarray:
        """Each agent's table Q^i(o^i, a^i), (K, N, O, A), read-only; NaN where an agent has fewer rows or columns."""
        shown = np.where(self._exists, self._q, np.nan)
        shown.flags.writeable = False
        return shown

    @property
    def preferences(self) -> np.ndarray:
        """The table that agents act on, (K, N, O, A), read-only; for most learners the values themselves."""
        shown = np.where(self._exists, self._preferences, np.nan)
        shown.flags.writeable = False
        return shown

    def _make_tables(self) -> None:
        """Make what the rule keeps beside the values, (K, ...): at a reset."""

    def _tables(self, k: int) -> Tables:
        """What the agents of seed k keep, for the loop."""
        return Tables(self._preferences[k], self._q[k], BLANK, BLANK, BLANK)

    def _settings(self) -> tuple[float, ...]:
        """The numbers that the rule needs besides the step size, in the order in which ``rules.correct`` reads them."""
        return ()

    def _table_shape(self) -> tuple[int, ...]:
        """Shape of the largest table, (K, ...)."""
        game = self._game
        return self.seeds, game.n_agents, max(game.n_observations), max(game.n_actions)

    def reset(self) -> None:
        """Back to fresh tables and the first random number.

        Raises
        ------
        HyperparameterError
            If the tables of all seeds would be too large; nothing is changed then.
        """
        if math.prod(self._table_shape()) > LARGEST:
            raise HyperparameterError(
                f"{self.seeds} seeds need a table of shape {self._table_shape()}; expected at most {LARGEST:,} entries "
                "(fewer seeds, agents or observations)"
            )
        super().reset()
        game, k = self._game, self.seeds
        self._exists = np.zeros((game.n_agents, max(game.n_observations), max(game.n_actions)), dtype=bool)
        for i in range(game.n_agents):
            self._exists[i, : game.n_observations[i], : game.n_actions[i]] = True
        self._q = np.where(self._exists, self.initial_value, 0.0) * np.ones((k, 1, 1, 1))
        self._runs = np.zeros(k, dtype=RUN)
        self._runs["over"] = True
        self._rngs = self.generators()
        self._notes = [new_notes(game.n_agents, TRACE) for _ in range(k)]
        self._last_return = np.full((k, game.n_agents), np.nan)
        self._last_error = np.zeros((k, game.n_agents))
        self._scheduled = {}
        self._preferences = self._q
        self._make_tables()

    def _start_schedules(self) -> None:
        """A newly set value starts its schedule afresh; setting the same value again does not."""
        for name in SCHEDULED:
            value = getattr(self, name)
            if self._scheduled.get(name) != value:
                self._scheduled[name] = value
                self._runs[name] = value

    def _advance(self, n: int) -> None:
        self._start_schedules()
        schedule = Schedule(
            EXPLORATIONS[self.exploration],
            self.step_size_decay,
            self.step_size_floor,
            self.epsilon_decay,
            self.epsilon_floor,
            self.temperature_decay,
            self.temperature_floor,
        )
        settings = np.array(self._settings(), dtype=float)
        for k, rng in enumerate(self._rngs):
            left = self.units_done + n - int(self._runs["clock"][k])  # other than n after an interrupted advance
            learn(left, rng, self.rule, self._world, self._runs[k], schedule, self._notes[k], self._tables(k), settings)

    def _finished(self, n: int) -> int:
        """Bring all seeds to the end of the interrupted chunk; interrupted again, the next advance does."""
        self._advance(n)
        return n

    def _learned(self):
        return {"q": self._q}

    def greedy_actions(self) -> np.ndarray:
        """A greedy action for each seed, agent and observation, (K, N, O); ties are drawn from at random.

        The draw depends on seed and time only, and does not touch the streams that learning uses.
        """
        table = np.where(self._exists, self._preferences, -np.inf)
        best = table.max(axis=-1, keepdims=True)
        best = np.where(np.isfinite(best), best, 0.0)
        tied = table >= tie_bar.py_func(best)
        coins = np.stack(
            [
                np.random.default_rng([self.seed, k, self.units_done, 1]).random(table.shape[1:])
                for k in range(self.seeds)
            ]
        )
        return np.where(tied, coins, -1.0).argmax(axis=-1)

    def greedy_returns(self) -> np.ndarray:
        """Exact expected discounted return of the joint greedy policy from the start, (K, N)."""
        from marl_edu.planning import deterministic_returns

        return deterministic_returns(self._game, self.greedy_actions())

    def frame(self) -> Frame:
        """Where learning stands now.

        ============== ============ ====================================================================
        array          shape        meaning
        ============== ============ ====================================================================
        q              (K, N, O, A) the tables, NaN where an entry does not exist
        preferences    (K, N, O, A) what agents act on; left out where that is ``q`` itself
        greedy_return  (K, N)       exact expected discounted return of the greedy joint policy
        episode_return (K, N)       mean discounted return of the exploring episodes that ended since the
                                    last frame (before the first end: NaN)
        td_error       (K, N)       mean absolute difference of target and value since the last frame
        trace          (K, L)       states just visited, oldest first; -1 where there was none yet
        ============== ============ ====================================================================

        And ``step_size``, ``epsilon`` and ``temperature``, (K,): what the schedules give for the next step.
        """
        for k, (notes, run) in enumerate(zip(self._notes, self._runs, strict=True)):
            if run["episodes"]:
                self._last_return[k] = notes.return_sum / run["episodes"]
            if run["steps"]:
                self._last_error[k] = notes.error_sum / run["steps"]
            notes.return_sum[:] = notes.error_sum[:] = 0
            run["episodes"] = run["steps"] = 0
        traces = [
            np.roll(notes.trace, -int(run["clock"]) % TRACE) for notes, run in zip(self._notes, self._runs, strict=True)
        ]
        with np.errstate(over="ignore"):  # too large a number is refused in a sentence of its own
            q = self.q.astype(np.float32)
        frame = {
            "q": q,
            "greedy_return": self.greedy_returns(),
            "episode_return": self._last_return.copy(),
            "td_error": self._last_error.copy(),
            "trace": np.array(traces, dtype=np.int32),
        }
        self._start_schedules()
        for name in SCHEDULED:
            frame[name] = np.maximum(self._runs[name], getattr(self, f"{name}_floor"))
        if self._preferences is not self._q:
            frame["preferences"] = self.preferences.astype(np.float32)
        return frame

    def references(self) -> dict[str, float]:
        """Exact levels for the pictures: the team optimum and uniformly random play, mean over agents."""
        from marl_edu.planning import reference_returns

        return reference_returns(self._game)
