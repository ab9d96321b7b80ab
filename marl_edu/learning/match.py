"""A match: a student on one seat of a game, learners on the others, one turn after the other.

It is an algorithm like any other, so that a recording keeps it, views draw it and a timeline rewinds it.

Legend of axes: K = 1 seed, N agents, O observations and A actions (most of any agent), J joint actions, L trace.
"""

from __future__ import annotations

import copy
from collections import deque

import numpy as np

from marl_edu.algorithm import Algorithm, Frame, HyperparameterError, Real
from marl_edu.games import MarkovGame, checks
from marl_edu.learning.beliefs import beliefs, said
from marl_edu.learning.loop import world_of
from marl_edu.learning.partners import Partner, Turn
from marl_edu.learning.stand_in import Asked, stand_in_for
from marl_edu.learning.tabular import TRACE


class Match(Algorithm):
    """The student plays a game beside or against partners; a unit of work is one turn, in which all act at once.

    A turn needs the student's action: the oldest one that was passed to ``choose``, or else a stand-in's. The others
    act without knowing it. When an episode ends, its last state stays in the frame until the next turn begins a new
    one.

    Parameters
    ----------
    game : MarkovGame
        Matrix game, repeated game, gridworld or any other with at least two agents.
    partners : Partner or list of Partner
        Who sits on the other seats, in their order. They are copied, so that one may be used in several matches;
        those of this match are in ``partners``, by seat.
    seat : int or str
        The student's agent.
    stand_in : {'random', 'greedy'}, Partner or callable
        Who acts where the student has chosen nothing: uniformly random; a Q-learner that never explores; a partner; or
        ``policy(observation, rng)``, which gives an action by number or name.
    seed : int
        Base of the random streams. Every turn draws two numbers for each seat, whether used or not, so within an
        episode nobody's luck depends on what the student does. Where an episode ends one more is drawn, for the next
        start (as the learners draw, so that a match gives their numbers); if the student's choice ends an episode at
        another turn, what is drawn later is used for other things.

    Raises
    ------
    ValueError
        If one of these doesn't fit the game.

    Examples
    --------
    >>> from marl_edu.games import matching_pennies
    >>> from marl_edu.learning import ModelPartner
    >>> match = Match(matching_pennies(), ModelPartner(explores=False))
    >>> for side in ("heads", "heads", "heads"):
    ...     match.choose(side)
    >>> match.advance(3)
    >>> match.partners[1].model()[0].tolist()  # three heads, and one of each from the prior
    [0.8, 0.2]
    """

    unit = "turn"
    title = "Match"
    chunk = 1

    step_size = Real(0.1, 0, 1, "share of the error by which a partner corrects a value")
    epsilon = Real(0.1, 0, 1, "chance that a partner takes a uniformly random action")

    def __init__(self, game: MarkovGame, partners, seat: int | str = 0, stand_in="random", *, seeds: int = 1,
                 seed: int = 0, **hyperparameters):  # fmt: skip
        self._game = checks.game(game)
        if game.n_agents < 2:
            raise ValueError(f"Match: the game {game.name!r} has one agent; expected at least two")
        if game.discount == 1 and game.horizon is None:
            raise ValueError("Match: the game has discount 1 and no horizon; expected a discount below 1 or a horizon")
        self._seat = checks.index_of("Match: seat", seat, game.agents)
        self._given = partners, stand_in
        self._sitting = self._seated(partners) | {self._seat: stand_in_for(stand_in)}
        self._world = world_of(game)
        self._queue: deque[int] = deque()
        self._forgets = True
        super().__init__(seeds=seeds, seed=seed, **hyperparameters)

    def _inputs(self):
        return (self._game, self._given[0], self._seat, self._given[1])

    def _seated(self, partners) -> dict[int, Partner]:
        """Copies of the partners by seat."""
        given = list(partners) if isinstance(partners, list | tuple) else [partners]
        others = [i for i in range(self._game.n_agents) if i != self._seat]
        for partner in given:
            if not isinstance(partner, Partner):
                raise ValueError(
                    f"Match: partners has {checks.shown(partner)}; expected partners such as QPartner() (with brackets)"
                )
        if len(given) != len(others):
            names = ", ".join(self._game.agents[i] for i in others)
            raise ValueError(f"Match: {len(given)} partners; expected {len(others)}, one each for {names}")
        return {i: copy.deepcopy(partner) for i, partner in zip(others, given, strict=True)}

    @property
    def game(self) -> MarkovGame:
        """The world."""
        return self._game

    @property
    def seat(self) -> int:
        """Number of the student's agent."""
        return self._seat

    @property
    def partners(self) -> dict[int, Partner]:
        """Those who sit on the other seats, by seat."""
        return {i: partner for i, partner in self._sitting.items() if i != self._seat}

    @property
    def actions(self) -> tuple[str, ...]:
        """Names of the student's actions."""
        return self._game.actions[self._seat]

    @property
    def waiting(self) -> int:
        """Number of choices that no turn has used yet."""
        return len(self._queue)

    @property
    def over(self) -> bool:
        """Whether the latest turn ended an episode."""
        return self._terminated or self._truncated

    def choose(self, action: int | str) -> None:
        """Put down the student's action for the next turn without one, by number from 0 or by name.

        Raises
        ------
        ValueError
            If there is no such action; the message lists those there are.
        """
        self._queue.append(checks.index_of(f"action of {self._game.agents[self._seat]}", action, self.actions))

    def rematch(self) -> None:
        """Begin a new match from turn 0; the partners keep what they learned, and their luck goes on."""
        self._forgets = False
        try:
            self.reset()
        finally:
            self._forgets = True

    def reset(self) -> None:
        """Back to the beginning: the partners forget what they learned here."""
        if self.seeds != 1:
            raise HyperparameterError(f"seeds is {self.seeds}; expected 1: there is one student")
        super().reset()
        game, n = self._game, self._game.n_agents
        self._queue.clear()
        if self._forgets or not hasattr(self, "_rng"):
            self._rng = self.generators()[0]
            self._own_rng = np.random.default_rng([self.seed, 0, 1])  # of a stand-in that wants a generator
            for i, partner in self._sitting.items():
                partner.begin(game, i, self._seat)
            if isinstance(self._sitting[self._seat], Asked):
                self._sitting[self._seat].rng = self._own_rng
        self._terminated = self._truncated = False
        self._joint_action, self._rewards = np.full(n, -1), np.full(n, np.nan)
        self._earned, self._return, self._returns = np.zeros(n), np.zeros(n), np.full(n, np.nan)
        self._return_sum, self._expected, self._expected_sum = np.zeros(n), np.full(n, np.nan), np.zeros(n)
        self._expected_sum[self._seat] = np.nan
        self._episode, self._age, self._finished_episodes = 1, 0, 0
        self._played = np.zeros(game.n_joint_actions, dtype=np.int32)
        self._chosen: list[dict] = [{} for _ in range(n)]
        self._state = self._before = self._begins = self._first_state()
        self._trace = self._fresh_trace()

    def _first_state(self) -> int:
        found = np.searchsorted(self._world.start, self._rng.random(), side="right")
        return min(int(found), self._game.n_states - 1)

    def _fresh_trace(self) -> np.ndarray:
        """No state visited yet; where a start is one of several, it is the first (views know a certain one)."""
        trace = np.full(TRACE, -1, dtype=np.int32)
        if self._game.start[self._begins] < 1:
            trace[-1] = self._begins
        return trace

    def _advance(self, n: int) -> None:
        for _ in range(n):
            self._turn()

    def _turn(self) -> None:
        """Everybody looks, everybody acts at once, the world moves, everybody learns."""
        game, world = self._game, self._world
        self._tune()
        if self.over:
            self._episode, self._age, self._return = self._episode + 1, 0, np.zeros(game.n_agents)
            self._state, self._terminated, self._truncated = self._begins, False, False
            self._trace = self._fresh_trace()
        self._before = self._state
        seen = game.observations[:, self._state]
        contexts = {i: partner.context(int(seen[i])) for i, partner in self.partners.items()}
        expected = {i: said(partner, "model", self._seat) for i, partner in self.partners.items()}
        joint_action = self._chosen_by_all(seen)
        own = joint_action[self._seat]

        pair = self._state * game.n_joint_actions + int(np.dot(joint_action, world.strides))
        first, last = world.offsets[pair : pair + 2]
        outcome = first + np.searchsorted(world.cumulative[first:last], self._rng.random(), side="right")
        outcome = min(int(outcome), int(last) - 1)
        rewards = world.rewards[outcome if world.paid_by_outcome else pair].copy()
        self._state = int(world.successors[outcome])
        self._return = self._return + game.discount**self._age * rewards
        self._age += 1
        self._terminated = bool(game.terminal[self._state])
        self._truncated = not self._terminated and self._age == game.horizon
        self._joint_action, self._rewards = np.array(joint_action), rewards
        self._earned = self._earned + rewards
        self._played[int(np.dot(joint_action, world.strides))] += 1
        self._trace = np.append(self._trace[1:], np.int32(self._state))
        for i, context in contexts.items():
            counts = self._chosen[i].setdefault(context, np.zeros(len(self.actions)))
            counts[own] += 1
            self._expected[i] = np.nan if expected[i] is None else expected[i][seen[i], own]
            self._expected_sum[i] += self._expected[i]
        self._end_turn(seen, joint_action)

    def _end_turn(self, seen: np.ndarray, joint_action: tuple[int, ...]) -> None:
        """Close an episode that is over, and tell everybody what happened."""
        if self.over:
            self._returns = self._return
            self._return_sum, self._finished_episodes = self._return_sum + self._return, self._finished_episodes + 1
        sees = self._game.observations[:, self._state]
        for i, partner in self._sitting.items():
            reward = float(self._rewards[i])
            partner.learn(Turn(int(seen[i]), joint_action, reward, int(sees[i]), self._terminated, self._truncated))
        self._begins = self._first_state() if self.over else self._state

    def _chosen_by_all(self, seen: np.ndarray) -> tuple[int, ...]:
        """The joint action. The partners don't know what the student chose, and have the same luck whatever it was."""
        own = self._queue.popleft() if self._queue else None
        chosen = []
        for i in range(self._game.n_agents):
            coin, pick = self._rng.random(), self._rng.random()
            if i == self._seat and own is not None:
                chosen.append(own)
                continue
            action = self._sitting[i].act(int(seen[i]), coin, pick)
            name = f"{type(self._sitting[i]).__name__}.act(), for {self._game.agents[i]},"
            chosen.append(checks.index_of(name, action, self._game.actions[i]))
        return tuple(chosen)

    def _tune(self) -> None:
        """Hand the hyperparameters on."""
        for partner in self._sitting.values():
            partner.step_size, partner.epsilon = self.step_size, self.epsilon

    def frame(self) -> Frame:
        """Where the match stands now.

        ============== ============ ==========================================================================
        array          shape        meaning
        ============== ============ ==========================================================================
        seat           (1,)         the student's agent
        state          (1,)         where the world stands; after the end of an episode its last state
        before         (1,)         where it stood before the latest turn
        begins         (1,)         where the next turn begins: the same, or the start of a new episode
        joint_action   (1, N)       what was done in the latest turn; -1 before the first
        rewards        (1, N)       what was paid for it; NaN before the first
        expected       (1, N)       chance that each partner gave the student's action in that turn; NaN without a model
        foreseen       (1, N)       mean of that over all turns
        earned         (1, N)       sum of all rewards, not discounted
        return_so_far  (1, N)       discounted return of the present episode
        episode_return (1, N)       the same of the latest episode that is over; NaN before
        mean_return    (1, N)       mean of that over all episodes that are over; NaN before
        episode        (1,)         number of the present episode, from 1
        episodes       (1,)         episodes that are over
        age            (1,)         turns in the present episode
        terminated     (1,) bool    whether the latest turn ended the episode
        truncated      (1,) bool    whether the time limit cut it off
        trace          (1, L)       states visited in this episode, oldest first; -1 where there was none yet
        played         (1, J)       how often each joint action was played
        q              (1, N, O, A) what partners expect of their actions; NaN: not there (the student's row, say)
        policy         (1, N, A)    chance that they choose each action in the next turn
        model          (1, N, A)    chance that they give each of the *student's* actions in the next turn
        chosen         (1, N, A)    how often the student chose each, in the same situation of that partner
        ============== ============ ==========================================================================
        """
        self._tune()
        numbers = {
            "seat": self._seat, "state": self._state, "before": self._before, "begins": self._begins,
            "joint_action": self._joint_action, "rewards": self._rewards, "expected": self._expected,
            "foreseen": self._expected_sum / (self.units_done or np.nan), "earned": self._earned,
            "return_so_far": self._return, "episode_return": self._returns,
            "mean_return": self._return_sum / (self._finished_episodes or np.nan), "episode": self._episode,
            "episodes": self._finished_episodes, "age": self._age, "terminated": self._terminated,
            "truncated": self._truncated, "trace": self._trace, "played": self._played,
        }  # fmt: skip
        return {
            name: np.array(value)[np.newaxis]
            for name, value in (numbers | beliefs(self._game, self.partners, self._begins, self._chosen)).items()
        }

    def references(self) -> dict[str, float]:
        """Exact levels for the pictures: the team optimum and uniformly random play, mean over agents."""
        from marl_edu.planning import reference_returns

        return reference_returns(self._game)
