"""Policy iteration for a team: evaluate a joint policy exactly, improve it everywhere, again until nothing changes.

Legend of axes: N agents, S states, J joint actions.

Source: Sutton & Barto 2018, section 4.3.
"""

from __future__ import annotations

import numpy as np

from marl_edu.games import checks
from marl_edu.games.markov_game import MarkovGame
from marl_edu.games.successors import Successors
from marl_edu.planning.evaluation import evaluate
from marl_edu.planning.iterations import ValueIteration
from marl_edu.planning.optimum import TeamOptimum, improve


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
    # The sweep that the residual comes from is off by rounding, and so are the sums of the agents' rewards.
    terms = int(np.diff(game.successors.offsets).max()) + 2
    sizes = 2 * terms * np.abs(values).max() + game.n_agents * np.abs(game.rewards).sum(axis=0).max()
    rounding = np.finfo(float).eps * sizes
    value = float(game.start @ values)
    return TeamOptimum(
        values=values,
        joint_actions=choices,
        actions=np.stack(np.unravel_index(choices, game.n_actions), axis=-1),
        value=value,
        per_agent=value / game.n_agents,
        residual=rounds._residual,
        error_bound=(rounds._residual + rounding) / (1 - game.discount),
        sweeps=rounds.units_done,
    )
