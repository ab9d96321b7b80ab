"""Dynamic programming, sweep by sweep, as algorithms that can be recorded, looked at and rewound.

All but policy iteration apply a map T again and again, V_{k+1} = T V_k, and T brings any two V closer together by the
factor gamma in the largest norm. So on a logarithmic axis the distance to the answer falls along a line of slope
log10(gamma) a sweep, or faster.

    policy evaluation    (TV)^i(s) = sum_a pi(a | s) [R^i(s, a) + gamma sum_s' p(s' | s, a) V^i(s')]
    value iteration      (TV)(s)   = max_a [sum_i R^i(s, a) + gamma sum_s' p(s' | s, a) V(s')]
    Shapley's iteration  (TV)(s)   = value of the zero-sum game with payoffs R^1(s, .) + gamma sum_s' p(s' | s, .) V(s')

Legend of axes: K seeds (these algorithms use no chance, so 1), N agents, S states, J joint actions, A actions.

Sources: Sutton & Barto 2018, sections 4.1 (policy evaluation), 4.3 (policy iteration), 4.4 (value iteration);
L. Shapley, "Stochastic games", PNAS 39 (1953).
"""

from __future__ import annotations

import numpy as np

from marl_edu.algorithm import Algorithm, Frame, HyperparameterError, Real
from marl_edu.games import checks
from marl_edu.games.markov_game import MarkovGame
from marl_edu.games.successors import Successors
from marl_edu.planning.evaluation import evaluate
from marl_edu.planning.induced import induced_chain, induced_mdp
from marl_edu.planning.optimum import TeamOptimum, improve, team_optimum
from marl_edu.planning.zero_sum import require_zero_sum, shapley, sweep

MOST_ENTRIES = 2**22
"""Frames hold values of actions only up to so many entries: what is larger is not looked at number by number."""


NO_CHANCE = "dynamic programming leaves nothing to chance"


class DynamicProgramming(Algorithm):
    """Base of what follows: values of all states, from the model, improved sweep by sweep.

    Parameters
    ----------
    game : MarkovGame
        The world. Its discount is where the hyperparameter ``discount`` starts.
    **hyperparameters
        Those declared below. There is no chance in these algorithms, so there is one seed.
    """

    unit = "sweep"
    chunk = 1
    discount = Real(0.9, 0, 0.9999, "weight of the next step's reward, gamma; sweeps go on for ever, so below 1")

    def __init__(self, game: MarkovGame, *, seeds: int = 1, **options):
        self._game = checks.game(game)
        if seeds != 1:
            raise HyperparameterError(f"seeds is {seeds!r}; expected 1: {NO_CHANCE}")
        super().__init__(seeds=1, **{"discount": game.discount} | options)

    @property
    def game(self) -> MarkovGame:
        """The world."""
        return self._game

    def _inputs(self) -> tuple:
        return (self._game,)

    def reset(self) -> None:
        """Back to values of 0."""
        super().reset()
        self._values = np.zeros(self._shape())
        self._residual = np.nan
        self._exact = self._exact_for = None
        if self.seeds != 1:
            raise HyperparameterError(
                f"seeds is {self.seeds}; expected 1: dynamic programming leaves nothing to chance"
            )

    def _shape(self) -> tuple[int, ...]:
        return (self._game.n_states,)

    def _advance(self, n: int) -> None:
        for _ in range(n):
            ahead = self._sweep(self._values)
            self._residual = float(np.abs(ahead - self._values).max())
            self._values = ahead

    def _sweep(self, values: np.ndarray) -> np.ndarray:
        """TV."""
        raise NotImplementedError

    def _solution(self, game: MarkovGame) -> np.ndarray:
        """The V with V = TV, of the game with the present discount."""
        raise NotImplementedError

    def solution(self) -> np.ndarray:
        """The exact answer for the present discount, of the shape of ``values`` in a frame without its first axis."""
        if self._exact_for != self.discount:
            self._exact = self._solution(self._game.replace(discount=self.discount))
            self._exact_for = self.discount
        return self._exact

    def _learned(self) -> Frame:
        return {"values": self._values[None]}

    def frame(self) -> Frame:
        """Where the sweeps have come to.

        Returns
        -------
        dict of arrays with a leading axis of 1
            ``values`` V_k; ``residual`` max |V_k - V_{k-1}|, NaN before the first sweep; ``error`` max |V_k - V|, the
            distance to the exact answer; ``q`` (1, N, S, A), each agent's values of its own actions, where every agent
            sees the state and the table is not too large; ``start_value`` (1,) or (1, N), the value of the start.
        """
        frame = {
            "values": self._values[None].copy(),
            "residual": np.array([self._residual]),
            "error": np.array([np.abs(self._values - self.solution()).max()]),
            "start_value": np.array([self._values @ self._game.start]),
        }
        if self._looked_at():
            frame["q"] = self._own_action_values()[None]
        return frame

    def _looked_at(self) -> bool:
        game = self._game
        everywhere = np.arange(game.n_states)
        small = game.n_agents * game.n_states * game.n_joint_actions <= MOST_ENTRIES
        return small and bool((game.observations == everywhere).all())

    def _own_action_values(self) -> np.ndarray:
        """What each agent expects of its own actions, (N, S, A), NaN where an agent has fewer actions than others."""
        raise NotImplementedError

    def _padded(self, tables: list[np.ndarray]) -> np.ndarray:
        q = np.full((len(tables), self._game.n_states, max(self._game.n_actions)), np.nan)
        for i, table in enumerate(tables):
            q[i, :, : table.shape[1]] = table
        return q

    def _ahead(self, values: np.ndarray) -> np.ndarray:
        """Discounted mean of what comes after, gamma sum_s' p(s' | s, a) V(s'), (S, A_1, ..., A_N)."""
        found = self._game.successors
        ahead = np.add.reduceat(found.probabilities * values[found.states], found.offsets[:-1])
        return self.discount * ahead.reshape(self._game.n_states, *self._game.n_actions)


class PolicyEvaluation(DynamicProgramming):
    """Values of a joint policy for every agent, by sweeps; ``evaluate`` has the same answer at once.

    ``values`` in its frames are (1, N, S); agent i's ``q`` is that of its action if the others keep to their policies.

    Parameters
    ----------
    game : MarkovGame
        The world.
    policies : list of N policies, or None
        As in ``evaluate``.
    **hyperparameters
        Those declared below.

    Examples
    --------
    >>> from marl_edu.games import climbing
    >>> sweeps = PolicyEvaluation(climbing(discount=0.5, horizon=None), [[1], [1]])
    >>> sweeps.advance(3)
    >>> sweeps.frame()["values"].tolist(), sweeps.frame()["error"].tolist()
    ([[[12.25], [12.25]]], [1.75])
    """

    title = "Policy evaluation"

    def __init__(self, game: MarkovGame, policies=None, **options):
        self._policies = policies
        self._transitions, self._rewards = induced_chain(game, policies)
        super().__init__(game, **options)

    def _inputs(self) -> tuple:
        return (self._game, self._policies)

    def _shape(self) -> tuple[int, int]:
        return (self._game.n_agents, self._game.n_states)

    def _sweep(self, values: np.ndarray) -> np.ndarray:
        return self._rewards + self.discount * (self._transitions @ values.T).T

    def _solution(self, game: MarkovGame) -> np.ndarray:
        return evaluate(game, self._policies)

    def _own_action_values(self) -> np.ndarray:
        problems = [induced_mdp(self._game, i, self._policies) for i in range(self._game.n_agents)]
        tables = []
        for problem, values in zip(problems, self._values, strict=True):
            found = problem.successors
            ahead = np.add.reduceat(found.probabilities * values[found.states], found.offsets[:-1])
            tables.append(problem.rewards[0] + self.discount * ahead.reshape(problem.rewards[0].shape))
        return self._padded(tables)


class ValueIteration(DynamicProgramming):
    """The most that a team can earn together from each state, by sweeps; ``value_iteration`` has the answer at once.

    ``values`` in its frames are (1, S), sums over agents. Agent i's ``q`` is the largest value of the joint actions
    that contain its action: what it can hope for if the others do their part.

    Examples
    --------
    >>> from marl_edu.games import climbing
    >>> sweeps = ValueIteration(climbing(discount=0.5, horizon=None))
    >>> sweeps.advance(2)
    >>> sweeps.frame()["values"].tolist(), sweeps.frame()["error"].round(6).tolist()
    ([[33.0]], [11.0])
    """

    title = "Value iteration"

    def reset(self) -> None:
        """Back to values of 0."""
        super().reset()
        self._team = np.ascontiguousarray(self._game.rewards.sum(axis=0).ravel())
        self._choices = np.zeros(self._game.n_states, dtype=np.int64)

    def _model(self) -> tuple:
        found = self._game.successors
        return (self._team, self.discount, found.offsets, found.states, found.probabilities)

    def _sweep(self, values: np.ndarray) -> np.ndarray:
        ahead = np.empty_like(values)
        improve(values, *self._model(), ahead, self._choices)
        return ahead

    def _solution(self, game: MarkovGame) -> np.ndarray:
        return team_optimum(game, 1e-12).values

    def _own_action_values(self) -> np.ndarray:
        joint = self._team.reshape(self._game.n_states, *self._game.n_actions) + self._ahead(self._values)
        agents = range(self._game.n_agents)
        return self._padded([joint.max(axis=tuple(1 + j for j in agents if j != i)) for i in agents])


class PolicyIteration(ValueIteration):
    """The team's best joint policy, by evaluating a joint policy exactly and then improving it; few rounds do.

    ``values`` in its frames are those of the last joint policy that was evaluated, 0 before the first; ``residual`` is
    how much a greedy choice would add. ``policy_iteration`` has the answer at once.

    Examples
    --------
    >>> from marl_edu.games import climbing
    >>> rounds = PolicyIteration(climbing(discount=0.5, horizon=None))
    >>> rounds.advance(2)
    >>> rounds.frame()["values"].tolist(), rounds.frame()["error"].round(6).tolist()
    ([[44.0]], [0.0])
    """

    title = "Policy iteration"
    unit = "round"

    def _advance(self, n: int) -> None:
        for _ in range(n):
            central = _as_one_agent(self._game, self.discount, self._team)
            self._values = evaluate(central, [self._choices])[0]
            choices, ahead = self._choices.copy(), np.empty_like(self._values)
            self._residual = improve(self._values, *self._model(), ahead, choices)
            kept = self._ahead_of(self._choices)
            size = np.maximum(np.abs(self._team).max(), np.abs(kept))
            better = ahead > kept + 1e-12 * size  # else rounding could go round in circles
            self._choices = np.where(better, choices, self._choices)

    def _ahead_of(self, choices: np.ndarray) -> np.ndarray:
        joint = self._team.reshape(self._game.n_states, *self._game.n_actions) + self._ahead(self._values)
        return joint.reshape(self._game.n_states, -1)[np.arange(self._game.n_states), choices]


def _as_one_agent(game: MarkovGame, discount: float, rewards: np.ndarray) -> MarkovGame:
    """The same world for one mind who chooses joint actions and earns ``rewards`` (S * J,)."""
    found = game.successors
    return MarkovGame(
        Successors(found.offsets, found.states, found.probabilities),
        rewards.reshape(1, game.n_states, -1),
        discount,
        start=game.start,
        terminal=game.terminal,
        states=game.states,
        horizon=game.horizon,
    )


class ShapleyIteration(DynamicProgramming):
    """The value of a two-player zero-sum Markov game, by sweeps; ``shapley`` has the answer at once.

    ``values`` in its frames are (1, S), what agent 1 secures; agent 2's are the negative. ``q`` is each agent's value
    of its actions against the other's stage policy.

    Examples
    --------
    >>> from marl_edu.games import random_game
    >>> sweeps = ShapleyIteration(random_game(2, 3, 2, 0, zero_sum=True, discount=0.5))
    >>> sweeps.advance(40)
    >>> bool(sweeps.frame()["error"] < 1e-9)
    True
    """

    title = "Shapley's iteration"

    def __init__(self, game: MarkovGame, **options):
        require_zero_sum(game)
        super().__init__(game, **options)

    def reset(self) -> None:
        """Back to values of 0."""
        super().reset()
        self._stages = None

    def _sweep(self, values: np.ndarray) -> np.ndarray:
        ahead, self._stages = sweep(self._game.replace(discount=self.discount), values, self._stages)
        return ahead

    def _solution(self, game: MarkovGame) -> np.ndarray:
        return shapley(game, 1e-12).values

    def policies(self) -> list[np.ndarray]:
        """The stage policies of the last sweep, (S, A) and (S, B); uniformly random before the first."""
        if self._stages is None:
            return [np.full((self._game.n_states, n), 1 / n) for n in self._game.n_actions]
        return [np.array([getattr(stage, side) for stage in self._stages]) for side in ("row", "column")]

    def _own_action_values(self) -> np.ndarray:
        payoffs = self._game.rewards[0] + self._ahead(self._values)
        rows, columns = self.policies()
        return self._padded([np.einsum("sab,sb->sa", payoffs, columns), -np.einsum("sab,sa->sb", payoffs, rows)])

    def frame(self) -> Frame:
        """As for all, and ``row`` (1, S, A) and ``column`` (1, S, B), the stage policies."""
        rows, columns = self.policies()
        return super().frame() | {"row": rows[None], "column": columns[None]}


def policy_iteration(game: MarkovGame) -> TeamOptimum:
    """The team optimum by policy iteration: exact up to rounding, in few rounds, each of which solves a linear system.

    Parameters
    ----------
    game : MarkovGame
        The world, with a discount below 1.

    Returns
    -------
    TeamOptimum
        ``sweeps`` counts the rounds.

    Raises
    ------
    ValueError
        If the discount is 1: a joint policy on the way may never end an episode, and then has no value.

    Examples
    --------
    >>> from marl_edu.games import climbing
    >>> policy_iteration(climbing(discount=0.5, horizon=None)).values.tolist()
    [44.0]
    """
    if checks.game(game).discount == 1:
        raise ValueError(
            "discount is 1; expected one below 1 for policy iteration (value_iteration can do with a horizon)"
        )
    rounds, before = PolicyIteration(game), None
    while before is None or (before != rounds._choices).any():
        before = rounds._choices.copy()
        rounds.advance(1)
    values, choices = rounds._values, rounds._choices
    value = float(game.start @ values)
    return TeamOptimum(
        values=values,
        joint_actions=choices,
        actions=np.stack(np.unravel_index(choices, game.n_actions), axis=-1),
        value=value,
        per_agent=value / game.n_agents,
        residual=rounds._residual,
        error_bound=rounds._residual / (1 - game.discount),
        sweeps=rounds.units_done,
    )
