"""Lesson 01: the agent-environment loop as something that can be played, rewound and looked at, and its exercise.

One turn of the loop has three moments: everybody observes, everybody acts, the world moves and pays.

Legend of axes: K seeds, N agents, L the latest turns.
"""

from __future__ import annotations

import numpy as np

from marl_edu.algorithm import Algorithm, Frame, Real
from marl_edu.exercises import Exercise, Misconception, Property
from marl_edu.games import checks
from marl_edu.games.gridworld import GridLayout

SEE, ACT, PAID = range(3)
"""The moments of a turn."""

LATEST = 3
"""Turns that a frame remembers."""


class Interaction(Algorithm):
    """Agents with fixed policies in a gridworld, moment by moment: observe, act, be paid. Nobody learns.

    Parameters
    ----------
    game : MarkovGame
        A gridworld in which agents see their own position.
    policies : sequence of functions
        One for each agent: ``policy(row, column)`` is the name of an action.
    """

    unit = "moment"
    title = "The loop"
    epsilon = Real(0.0, 0, 1, "chance that an agent takes any action instead of its policy's")

    def __init__(self, game, policies, *, seeds: int = 1, **options):
        self._game = checks.game(game)
        if not isinstance(game.layout, GridLayout) or game.layout.observe != "own position":
            raise ValueError(f"game is {game!r:.60}; expected gridworld(..., observe='own position')")
        if checks.length(policies) != game.n_agents or not all(map(callable, policies)):
            raise ValueError(f"policies is {checks.shown(policies)}; expected {game.n_agents} functions, one per agent")
        self._policies = tuple(policies)
        self._tables = [[self._named(i, cell) for cell in range(game.layout.n_cells)] for i in range(game.n_agents)]
        super().__init__(seeds=seeds, **options)

    def _named(self, i: int, cell: int) -> int:
        """What agent i's policy does in a cell, by number."""
        action = self._policies[i](*self._game.layout.place(cell))
        return checks.index_of(f"the action of policies[{i}] in cell {self._game.layout.place(cell)}", action,
                               self._game.actions[i])  # fmt: skip

    @property
    def game(self):
        """The world."""
        return self._game

    def _inputs(self):
        return self._game, self._policies

    def reset(self) -> None:
        """Everybody at the start, nothing observed yet but the start."""
        super().reset()
        k, n = self.seeds, self._game.n_agents
        self._rngs = self.generators()
        self._time = np.zeros(k, dtype=int)
        self._state = np.full(k, int(self._game.start.argmax()))
        self._action = np.full((k, n), -1)
        self._reward = np.full((k, n), np.nan)
        self._earned = np.zeros((k, n))
        self._latest = np.full((k, LATEST, 1 + 3 * n), np.nan)
        self._seen = self._observed()

    def _observed(self) -> np.ndarray:
        return self._game.observations[:, self._state].T.copy()

    def _advance(self, n: int) -> None:
        for done in range(self._units_done + 1, self._units_done + n + 1):
            for k in range(self.seeds):
                (self._see, self._act, self._pay)[done % 3](k)

    def _see(self, k: int) -> None:
        self._time[k] += 1
        if self._game.terminal[self._state[k]]:  # everybody is home: the next turn begins a new episode
            self._time[k], self._earned[k] = 0, 0
            self._state[k] = int(self._game.start.argmax())
        self._seen[k] = self._game.observations[:, self._state[k]]
        self._action[k], self._reward[k] = -1, np.nan

    def _act(self, k: int) -> None:
        for i, table in enumerate(self._tables):
            coin, pick = self._rngs[k].random(2)
            chance = coin < self.epsilon
            self._action[k, i] = int(pick * len(self._game.actions[i])) if chance else table[self._seen[k, i]]

    def _pay(self, k: int) -> None:
        self._state[k], self._reward[k] = self._game.sample(self._state[k], self._action[k], self._rngs[k])
        self._earned[k] += self._reward[k]
        turn = [self._time[k], *self._seen[k], *self._action[k], *self._reward[k]]
        self._latest[k] = [*self._latest[k, 1:], turn]

    def frame(self) -> Frame:
        """Where the loop stands.

        Returns
        -------
        dict of arrays with a leading axis K
            ``moment`` (0 observe, 1 act, 2 paid), ``time`` t, ``state``; ``observation``, ``action`` (-1: none yet),
            ``reward`` (NaN: none yet) and ``earned`` in this episode, (K, N); ``latest`` (K, L, 1 + 3 N), the turns
            before: t, observations, actions, rewards.
        """
        return {
            "moment": np.full(self.seeds, self._units_done % 3),
            "time": self._time.copy(),
            "state": self._state.copy(),
            "observation": self._seen.copy(),
            "action": self._action.copy(),
            "reward": self._reward.copy(),
            "earned": self._earned.copy(),
            "latest": self._latest.copy(),
        }


# --- 01.1 find the bug ---------------------------------------------------------------------------------------------
def collect(next_state, rewards, sees, policies, steps):
    """One (observations, actions, rewards) for each step, from state 0 on."""
    state, trace = 0, []
    for _ in range(steps):
        seen = [sees[i][state] for i in range(2)]
        actions = [policies[i][seen[i]] for i in range(2)]
        paid = [rewards[i][state][actions[0]][actions[1]] for i in range(2)]
        state = next_state[state][actions[0]][actions[1]]
        trace.append((seen, actions, paid))
    return trace


def _loop(next_state, rewards, sees, policies, steps, *, first=False, after=False, late=False, turns=False):
    """The loop with any of its faults."""
    state, trace = 0, []
    for _ in range(steps):
        seen = [sees[0 if first else i][state] for i in range(2)]
        actions = [policies[i][seen[i]] for i in range(2)]
        before, joint = state, (actions[0], actions[1])
        if turns:  # agent 2 looks when agent 1 has moved, as if the world moved in between
            middle = next_state[state][joint[0]][0]
            seen[1] = sees[1][middle]
            actions[1] = policies[1][seen[1]]
            joint = (actions[0], actions[1])
        state = next_state[state][joint[0]][joint[1]]
        paid = [rewards[i][state if late else before][joint[0]][joint[1]] for i in range(2)]
        noted = [sees[0 if first else i][state] for i in range(2)] if after else seen
        trace.append((noted, actions, paid))
    return trace


def _worlds(rng):
    sizes = ((2, 2, 1), (2, 2, 3), (3, 2, 4), (4, 3, 6), (5, 3, 8))
    return [_world(rng, *size) for size in sizes for _ in range(4)]


def _world(rng, n_states, n_actions, steps):
    def numbers(high, *shape):
        return rng.integers(high, size=shape).tolist()

    sees = [rng.permutation(n_states).tolist(), rng.permutation(n_states).tolist()]
    rewards = rng.permutation(2 * n_states * n_actions**2).reshape(2, n_states, n_actions, n_actions).tolist()
    return (numbers(n_states, n_states, n_actions, n_actions), rewards, sees, numbers(n_actions, 2, n_states), steps)


def _length(value, next_state, rewards, sees, policies, steps):
    if not isinstance(value, list | tuple) or len(value) != steps:
        return f"expected a list with {steps} entries, one for each step"
    return None


def _fault(name, explains, **faults):
    return Misconception(name, explains, wrong=lambda p, r, s, pi, n: _loop(p, r, s, pi, n, **faults))


STUB = """
def collect(next_state, rewards, sees, policies, steps):
    state, trace = 0, []
    for _ in range(steps):
        seen = [sees[0][state] for i in range(2)]
        actions = [policies[i][seen[i]] for i in range(2)]
        state = next_state[state][actions[0]][actions[1]]
        paid = [rewards[i][state][actions[0]][actions[1]] for i in range(2)]
        seen = [sees[0][state] for i in range(2)]
        trace.append((seen, actions, paid))
    return trace
"""

loop = Exercise(
    name="01.loop",
    title="Find the bugs: a loop that looks right",
    objective="01.1",
    minutes=8,
    difficulty=2,
    task=(
        "Mend the loop. All inputs are nested lists of whole numbers: `next_state[s][a1][a2]`, "
        "`rewards[i][s][a1][a2]`, `sees[i][s]` (what agent i observes in state s) and `policies[i][o]` (what agent i "
        "does when it observes o). It starts in state 0. For each step the trace holds what everybody saw "
        "**when it chose**, what everybody did, and what everybody was paid **for that**."
    ),
    stub=STUB,
    solution=collect,
    properties=[
        Property("the trace has one entry for each step", _worlds, holds=_length),
        Property("each entry holds what was seen, what was done on seeing it, and what that paid", _worlds),
    ],
    misconceptions=[
        Misconception(
            "nothing mended yet",
            "This still behaves like the loop as it was given. Follow one step with a pencil: whose observation does "
            "agent 2 act on? Of which moment are the observations and the rewards that are stored?",
            wrong=lambda p, r, s, pi, n: _loop(p, r, s, pi, n, first=True, after=True, late=True),
        ),
        _fault(
            "everybody sees what agent 1 sees",
            "Agent 2 acts on agent 1's observation. Each agent i has its own: `sees[i][state]`.",
            first=True,
        ),
        _fault(
            "the observation of the next moment is stored",
            "What is stored was seen *after* the step. Who learns from this trace believes that the action was chosen "
            "on seeing what it has led to.",
            after=True,
        ),
        _fault(
            "paid for the state that was reached",
            "R(s, a) is paid for the action in the state in which it was *taken*. Here the state had already moved on.",
            late=True,
        ),
        _fault(
            "everybody sees what agent 1 sees, and the observation of the next moment is stored",
            "The rewards are right. But agent 2 still acts on agent 1's observation, and what is stored was seen after "
            "the step.",
            first=True,
            after=True,
        ),
        _fault(
            "everybody sees what agent 1 sees, and is paid for the state that was reached",
            "What is stored is of the right moment. But agent 2 still acts on agent 1's observation, and R(s, a) is "
            "looked up in the state after the step.",
            first=True,
            late=True,
        ),
        _fault(
            "stored and paid one moment late",
            "Everybody acts on its own observation now. But observations and rewards are still those of the state "
            "after the step.",
            after=True,
            late=True,
        ),
        _fault(
            "agent 2 moves after agent 1",
            "Agents act at the same time: agent 2 can't see a world in which agent 1 has already moved.",
            turns=True,
        ),
    ],
    hints=[
        "There are three faults: one is about *whose* observation, two are about *when*.",
        "Give each agent its own observation, `sees[i][state]`, and look the rewards up before `state` changes.",
        "The second `seen = ...` overwrites what was seen when the actions were chosen. It is not needed.",
    ],
)
