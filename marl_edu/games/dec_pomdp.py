"""A team that sees only hints: the Dec-POMDP, a Markov game with one more array.

After the joint action a has led to s', agent i receives an observation o^i, all of them together with probability
O(o^1, ..., o^N | a, s'). Nobody sees the state, nor what the others have observed.

Legend of axes: N agents, S states, A_i actions and O_i observations of agent i.

Sources: D. Bernstein, R. Givan, N. Immerman & S. Zilberstein, "The complexity of decentralized control of Markov
decision processes", Mathematics of Operations Research 27 (2002); R. Nair et al., "Taming decentralized POMDPs", IJCAI
2003 (tiger).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from marl_edu.games import checks
from marl_edu.games.markov_game import MarkovGame

MOST_HISTORIES = 10_000
"""Of observations, for which policies are still counted."""


@dataclass(frozen=True, init=False, eq=False, repr=False)
class DecPOMDP:
    """A cooperative Markov game in which agents get observations instead of the state.

    Parameters
    ----------
    game : MarkovGame
        States, joint actions, transitions, the team's reward (the same for every agent), discount and start.
    observation_probabilities : (A_1, ..., A_N, S, O_1, ..., O_N) array
        O(o^1, ..., o^N | a, s'), with s' the state that a has led to.
    observations : sequence of sequences of str, optional
        Names of each agent's observations.

    Raises
    ------
    ValueError
        Names the field, the index, what was found and what was expected.

    Examples
    --------
    >>> tiger = dec_tiger()
    >>> tiger
    DecPOMDP('Dec-Tiger': 2 agents, 2 states, 3 x 3 actions, 2 x 2 observations)
    >>> tiger.observation_probabilities[0, 0, 0].round(4).tolist()
    [[0.7225, 0.1275], [0.1275, 0.0225]]
    """

    game: MarkovGame
    observation_probabilities: np.ndarray
    observations: tuple[tuple[str, ...], ...]

    def __init__(self, game: MarkovGame, observation_probabilities, observations=None):
        checks.game(game)
        if game.setting != "cooperative":
            raise ValueError(f"the game is {game.setting}; expected a cooperative one, in which all rewards are equal")
        table = checks.numeric("observation_probabilities", observation_probabilities)
        given = (*game.n_actions, game.n_states)
        if table.ndim != 2 * game.n_agents + 1 or table.shape[: len(given)] != given or 0 in table.shape:
            raise ValueError(
                f"observation_probabilities has shape {table.shape}; expected {given} (joint action, next state) "
                f"and one axis of observations for each of the {game.n_agents} agents"
            )
        _expect_probabilities(table, len(given))
        counts = table.shape[len(given) :]
        if observations is not None and checks.length(observations) != game.n_agents:
            raise ValueError(f"observations is {checks.shown(observations)}; expected names for each agent")
        names = [None] * game.n_agents if observations is None else observations
        made = tuple(
            checks.names(f"observations[{i}]", given, count, "o{}")
            for i, (given, count) in enumerate(zip(names, counts, strict=True))
        )
        table.flags.writeable = False
        object.__setattr__(self, "game", game)
        object.__setattr__(self, "observation_probabilities", table)
        object.__setattr__(self, "observations", made)

    def __repr__(self) -> str:
        game, seen = self.game, " x ".join(map(str, self.n_observations))
        acts = " x ".join(map(str, game.n_actions))
        return (
            f"DecPOMDP({game.name!r}: {game.n_agents} agents, {game.n_states} states, {acts} actions, "
            f"{seen} observations)"
        )

    @property
    def n_observations(self) -> tuple[int, ...]:
        """Number of observations of each agent."""
        return self.observation_probabilities.shape[self.game.n_agents + 1 :]

    def n_policies(self, agent: int, horizon: int) -> int:
        """How many deterministic policies an agent has for so many steps: A^((O^h - 1) / (O - 1)).

        >>> [dec_tiger().n_policies(0, horizon) for horizon in (1, 2, 3, 4)]
        [3, 27, 2187, 14348907]
        """
        agent = self.game.agent_index(agent)
        horizon = checks.integer("horizon", horizon, 1)
        acts, seen, histories = self.game.n_actions[agent], self.n_observations[agent], 0
        for t in range(horizon):
            histories += seen**t
            if histories > MOST_HISTORIES:
                raise ValueError(
                    f"horizon {horizon} means more than {MOST_HISTORIES:,} histories, with {acts} actions for each: "
                    "too many policies to count; expected a shorter horizon"
                )
        return acts**histories

    def sample(self, state: int, joint_action, rng: np.random.Generator) -> tuple[int, np.ndarray, tuple[int, ...]]:
        """Draw one step: the next state, the reward of every agent, (N,), and what every agent observes."""
        then, rewards = self.game.sample(state, joint_action, rng)
        chances = self.observation_probabilities[(*map(int, joint_action), then)]
        drawn = np.searchsorted(np.cumsum(chances), rng.random() * chances.sum(), side="right")
        seen = np.unravel_index(min(int(drawn), chances.size - 1), chances.shape)
        return then, rewards, tuple(map(int, seen))


def _expect_probabilities(table: np.ndarray, leading: int) -> None:
    bad = ~(np.isfinite(table) & (table >= 0))
    if bad.any():
        index = tuple(np.argwhere(bad)[0].tolist())
        raise ValueError(f"observation_probabilities{list(index)} is {table[index]}; expected a probability")
    totals = table.sum(axis=tuple(range(leading, table.ndim)))
    off = np.abs(totals - 1) > 1e-9
    if off.any():
        index = tuple(np.argwhere(off)[0].tolist())
        raise ValueError(f"observation_probabilities{list(index)} sums to {totals[index]:.6g}; expected 1")


def dec_tiger() -> DecPOMDP:
    """Two agents before two doors, a tiger behind one of them; each hears the tiger with its own ears.

    Both listening costs 2, and each then hears the right side with probability .85, independently of the other. Opening
    resets the tiger. Rewards: both open the door without the tiger +20, the tiger's -50; different doors -100; one
    opens the tiger's door while the other listens -101, the other door +9. Undiscounted.

    Source: Nair et al. 2003, table 1.
    """
    listen, left, right = range(3)
    rewards = np.zeros((2, 3, 3))  # tiger's door (0: left), action of agent 1, action of agent 2
    for tiger in (0, 1):
        deadly, safe = (left, right) if tiger == 0 else (right, left)
        rewards[tiger, listen, listen] = -2
        rewards[tiger, deadly, deadly], rewards[tiger, safe, safe] = -50, 20
        rewards[tiger, deadly, safe] = rewards[tiger, safe, deadly] = -100
        rewards[tiger, deadly, listen] = rewards[tiger, listen, deadly] = -101
        rewards[tiger, safe, listen] = rewards[tiger, listen, safe] = 9
    transitions = np.full((2, 3, 3, 2), 0.5)
    transitions[:, listen, listen] = np.eye(2)
    heard = np.full((3, 3, 2, 2, 2), 0.25)
    for tiger in (0, 1):
        own = np.where(np.arange(2) == tiger, 0.85, 0.15)
        heard[listen, listen, tiger] = np.outer(own, own)
    game = MarkovGame(
        transitions,
        [rewards, rewards],
        discount=1,
        start=[0.5, 0.5],
        states=["tiger left", "tiger right"],
        actions=["listen", "open left", "open right"],
        name="Dec-Tiger",
    )
    return DecPOMDP(game, heard, [["hear left", "hear right"]] * 2)
