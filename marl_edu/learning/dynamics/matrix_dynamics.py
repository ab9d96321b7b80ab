"""What all dynamics in matrix games share: starting points, joint play so far, and the frame that is made of them.

Whatever a rule does, only two things are kept of it: the policies now, and the average joint play so far, z(a, b): how
much of the time row a met column b. All else follows, for the payoffs now in force: the average policies are the
margins of z, the average payoffs sum_ab z(a, b) u^i(a, b), and agent i's average external regret is

    max_a sum_b z^-i(b) u^i(a, b) - sum_ab z(a, b) u^i(a, b),   z^-i the other's average policy.

Legend of axes: K seeds (starting points), 2 agents, A actions (the larger number of the two), A_1 and A_2 actions of
agents 1 and 2.
"""

from __future__ import annotations

import copy

import numpy as np

from marl_edu.algorithm import Algorithm, Frame
from marl_edu.games import checks
from marl_edu.games.markov_game import MarkovGame
from marl_edu.learning.dynamics.measures import look
from marl_edu.learning.dynamics.starts import starting_points
from marl_edu.learning.dynamics.velocities import ACTION_BITS

DRAWN_AHEAD = 1024
"""Plays for which random numbers are drawn at once: a generator is slow to hand to a compiled loop."""

LARGEST_PAYOFF = 1e6
"""Payoffs may be so large; steps are measured in time times payoff, and would have to be too small."""


class MatrixDynamics(Algorithm):
    """Base of the rules by which two agents in a matrix game change their policies, from many starting points.

    Parameters
    ----------
    game : MarkovGame
        Two agents and one state; its discount plays no part.
    starts : sequence of starting points, optional
        Of seed 0, 1, ...: each holds a policy for each agent, (A_1,) and (A_2,) probabilities that sum to 1; where
        both have two actions, the two probabilities of the first actions will do. Seeds beyond are drawn uniformly
        from all policies.
    seeds : int, optional
        How many runs side by side. Default: as many as ``starts``, or 1.
    seed : int
        Base of the random streams, see ``Algorithm``.
    **hyperparameters
        Those declared below.

    Raises
    ------
    ValueError
        If the game has more than one state, other than two agents, more than 30 actions or payoffs above a million,
        or if a start is no pair of policies; the message names what was found.
    """

    unit = "step"

    def __init__(self, game: MarkovGame, starts=None, *, seeds: int | None = None, seed: int = 0, **options):
        self._game = checks.game(game)
        if game.n_states != 1 or game.n_agents != 2:
            raise ValueError(
                f"game {game.name!r} has {game.n_agents} agents and {game.n_states} states; expected a matrix game of "
                "two agents, with one state"
            )
        if max(game.n_actions) > ACTION_BITS:
            raise ValueError(f"game {game.name!r} has {game.n_actions} actions; expected at most {ACTION_BITS} each")
        self._put(self._checked_tables(game.rewards[:, 0]))
        self._starts = starting_points(starts, game.n_actions)
        default = 1 if self._starts is None else len(self._starts)
        super().__init__(seeds=default if seeds is None else seeds, seed=seed, **options)

    @property
    def game(self) -> MarkovGame:
        """The game, with the payoffs in force."""
        if self._game is None:
            self._game = self._first_game.replace(rewards=self._tables[:, None])
        return self._game

    def _inputs(self) -> tuple:
        return self.game, self._starts

    def set_payoffs(self, tables) -> None:
        """Let other payoffs be in force from now on: the run goes on from where it stands, or can be reset.

        Averages in a frame say what the play so far is worth under these payoffs.

        Parameters
        ----------
        tables : (2, A_1, A_2) array
            Of the shape of the payoffs before.

        Raises
        ------
        ValueError
            If it is not. Nothing is changed then.
        """
        tables = self._checked_tables(tables)
        if tables.shape != self._tables.shape:
            raise ValueError(f"payoffs have shape {tables.shape}; expected {self._tables.shape}, as before")
        if self._game is not None:
            self._first_game = self._game
        self._put(tables)
        self._game = None

    def _put(self, tables: np.ndarray) -> None:
        self._tables = tables
        self._range = max(map(float, np.ptp(tables, axis=(1, 2))))  # the larger of both agents'
        self._shown_tables = None

    def _checked_tables(self, tables) -> np.ndarray:
        """Payoffs that this rule can be used with, (2, A_1, A_2)."""
        tables = np.ascontiguousarray(checks.array("payoffs", tables))
        if tables.ndim != 3 or len(tables) != 2:
            raise ValueError(f"payoffs have shape {tables.shape}; expected (2, A_1, A_2): a table for each agent")
        if np.abs(tables).max() > LARGEST_PAYOFF:
            raise ValueError(
                f"payoffs go up to {np.abs(tables).max():g}; expected at most {LARGEST_PAYOFF:g} in size: dividing all "
                "of them by the same number changes no equilibrium"
            )
        return tables

    def reset(self) -> None:
        """Back to the starting points and the first random number."""
        super().reset()
        n_actions, most = self._tables.shape[1:], max(self._tables.shape[1:])
        self._policies = np.zeros((self.seeds, 2, most))
        self._luck = [(np.empty((0, 2)), np.zeros(1, dtype=np.int64), rng) for rng in self.generators()]
        for k, (_, _, rng) in enumerate(self._luck):
            drawn = [rng.dirichlet(np.ones(n)) for n in n_actions]
            given = self._starts is not None and k < len(self._starts)
            for i, n in enumerate(n_actions):
                self._policies[k, i, :n] = self._starts[k][i] if given else drawn[i]
        self._shown_tables = None
        self._joint = np.zeros((self.seeds, *n_actions))  # sums or integrals of play
        self._steps = np.zeros(self.seeds, dtype=np.int64)
        self._work = np.zeros((2, 2, most))

    def _advance(self, n: int) -> None:
        goal, prepared = self.units_done + n, self._prepared()
        for k in range(self.seeds):
            self._play(goal - int(self._steps[k]), k, *prepared)  # other than n after an interrupted advance

    def _finished(self, n: int) -> int:
        """Bring all seeds to the end of the interrupted chunk; interrupted again, the next advance does."""
        self._advance(n)
        return n

    def _prepared(self) -> tuple:
        """What ``_play`` needs and is the same, or made at once, for all seeds."""
        return ()

    def _play(self, n: int, k: int, *prepared) -> None:
        """Do n steps with seed k; n may be 0. Flows do all seeds at once instead."""
        raise NotImplementedError

    def _coins(self, n: int, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Seed k's random numbers for n plays at least, (plays, 2) in [0, 1), and how many rows are used up, (1,).

        Loops count on the latter. What is drawn ahead replaces generator and numbers at once, so that no interruption
        loses any: the same seed plays the same in one piece or in many.
        """
        coins, used, rng = self._luck[k]
        if len(coins) - used[0] < n:
            rng = copy.deepcopy(rng)
            coins = np.concatenate([coins[used[0] :], rng.random((max(n, DRAWN_AHEAD), 2))])
            used = np.zeros(1, dtype=np.int64)
            self._luck[k] = coins, used, rng
        return coins, used

    def _state(self, k: int) -> tuple[np.ndarray, ...]:
        """What a loop of seed k writes to: policies (2, A), the sum of joint play (A_1, A_2), steps done (1,)."""
        return self._policies[k], self._joint[k], self._steps[k : k + 1]

    def _weights(self) -> np.ndarray:
        """How much play ``_joint`` is the sum of, (K,): the number of plays, or for flows time."""
        return self._steps

    def _joint_play(self) -> np.ndarray:
        """z, (K, A_1, A_2): the average of play so far; at the beginning the starting point's."""
        if self._steps.all():
            return self._joint / self._weights()[:, None, None]
        n_rows, n_columns = self._tables.shape[1:]
        x, y = self._policies[:, 0, :n_rows, None], self._policies[:, 1, None, :n_columns]
        return np.ascontiguousarray(x * y)

    def frame(self) -> Frame:
        """Where the run stands, by the payoffs now in force.

        ====================== ================ ====================================================================
        array                  shape            meaning
        ====================== ================ ====================================================================
        policies               (K, 2, A)        the mixed policies now; NaN where an agent has fewer actions
        averages               (K, 2, A)        their averages over time, NaN likewise
        payoffs                (K, 2)           expected payoffs of the policies now
        average_payoffs        (K, 2)           average payoffs of the play so far
        regret                 (K, 2)           average external regret of the play so far, in payoffs
        exploitability         (K,)             mean over agents of what a best response would gain now
        average_exploitability (K,)             the same for the average policies
        joint_play             (K, A_1, A_2)    average joint play: of policies their product, of actions their counts
        tables                 (K, 2, A_1, A_2) the payoffs in force
        ====================== ================ ====================================================================

        Flows add ``time`` (K,), the sum of the step sizes so far; fictitious play adds ``beliefs`` (K, 2, A), what each
        agent's opponent expects of it.
        """
        joint_play = self._joint_play()
        if self._shown_tables is None:
            self._shown_tables = np.broadcast_to(self._tables, (self.seeds, *self._tables.shape))  # never written to
        shape = self._policies.shape
        policies, averages = self._policies.copy(), np.zeros(shape)
        numbers = np.empty((3, *shape[:2]))  # payoffs, average payoffs, regret
        exploitabilities = np.empty((2, shape[0]))
        look(self._tables, policies, joint_play, averages, numbers, exploitabilities, self._work)
        return {
            "policies": self._blank(policies),
            "averages": self._blank(averages),
            "payoffs": numbers[0],
            "average_payoffs": numbers[1],
            "regret": numbers[2],
            "exploitability": exploitabilities[0],
            "average_exploitability": exploitabilities[1],
            "joint_play": joint_play,
            "tables": self._shown_tables,
        } | self._more()

    def _more(self) -> Frame:
        """What a rule's frame has besides; rules don't extend ``frame``, since it would then be checked twice."""
        return {}

    def _blank(self, policies: np.ndarray) -> np.ndarray:
        """The same, (K, 2, A), with NaN where an agent has fewer actions."""
        for i, n in enumerate(self._tables.shape[1:]):
            policies[:, i, n:] = np.nan
        return policies
