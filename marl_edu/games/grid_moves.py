"""How agents on a grid move at the same time: where joint moves lead, who collides, and what slipping adds.

``JointMoves.step`` says what happens if the agents really make some joint move, for many states at once; slipping
then only mixes joint moves.

Legend of axes: N agents, S states, A = 5 actions, J = 5**N joint actions in C order, C cells, M states at a time.
"""

from __future__ import annotations

import itertools
from functools import reduce

import numpy as np

from marl_edu.games.successors import Successors

ACTIONS = ("stay", "north", "south", "west", "east")
MOVES = np.array([(0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)])
"""Displacement of each action, (5, 2): rows count downwards, so north is (-1, 0)."""


def destinations(walls: np.ndarray) -> np.ndarray:
    """Cell that each action leads to when nobody is in the way, (C, 5): walls and borders leave one where one is."""
    rows, columns = walls.shape
    place = np.stack(np.divmod(np.arange(walls.size), columns), axis=-1)
    target = place[:, np.newaxis] + MOVES
    inside = ((target >= 0) & (target < (rows, columns))).all(axis=-1)
    cell = np.where(inside, target @ (columns, 1), 0)
    free = inside & ~walls.ravel()[cell]
    return np.where(free, cell, np.arange(walls.size)[:, np.newaxis])


class JointMoves:
    """What joint moves do, for many states at once."""

    def __init__(self, leads_to: np.ndarray, goals: np.ndarray, collision: str, ends: str):
        self.leads_to, self.goals, self.collision, self.ends = leads_to, goals, collision, ends
        self.agents = range(len(goals))
        self.joint_actions = np.array(list(itertools.product(range(len(ACTIONS)), repeat=len(goals))))

    def home(self, cells: np.ndarray) -> np.ndarray:
        """Which agents stand on a goal of theirs, (..., N) bool, for cells (..., N)."""
        return np.stack([self.goals[i, cells[..., i]] for i in self.agents], axis=-1)

    def arrived(self, cells: np.ndarray) -> np.ndarray:
        """Whether enough agents are home, (...) bool."""
        home = self.home(cells)
        return home.all(axis=-1) if self.ends == "all" else home.any(axis=-1)

    def step(self, here: np.ndarray, final=False) -> tuple[np.ndarray, np.ndarray]:
        """Where every joint move leads from cells ``here`` (M, N), and who collides: both (M, J, N).

        In states that are ``final`` (M,), or in which enough agents have arrived, nobody moves any more.
        """
        final = final | self.arrived(here)
        resting = (self.home(here) | final[:, np.newaxis])[:, np.newaxis]
        here = here[:, np.newaxis]
        target = np.where(resting, here, self.leads_to[here, self.joint_actions])
        collided = np.zeros(target.shape, dtype=bool)
        if self.collision == "pass":
            return target, collided
        while True:
            clash = self._clashes(here, target) & ~final[:, np.newaxis, np.newaxis]
            collided |= clash
            blocked = clash & (target != here)
            if self.collision != "block" or not blocked.any():
                break
            target = np.where(blocked, here, target)
        if self.collision == "end":
            self._meet(here, target)
        return target, collided

    def crash(self, collided: np.ndarray) -> np.ndarray:
        """Whether a joint move, after which these agents (..., N) have collided, ends the episode, (...) bool."""
        return collided.any(axis=-1) & (self.collision == "end")

    def _clashes(self, here: np.ndarray, target: np.ndarray) -> np.ndarray:
        """Who would change places with another agent, or share a cell with one while neither is home."""
        on_the_way = ~self.home(target)
        clash = np.zeros(target.shape, dtype=bool)
        for i, j in itertools.combinations(self.agents, 2):
            meet = (target[..., i] == target[..., j]) & on_the_way[..., i] & on_the_way[..., j]
            both = meet | _exchange(here, target, i, j)
            clash[..., i] |= both
            clash[..., j] |= both
        return clash

    def _meet(self, here: np.ndarray, target: np.ndarray) -> None:
        """Show agents that crash while changing places in one cell; if possible, in one that is no goal of theirs."""
        home = self.home(target)
        for i, j in itertools.combinations(self.agents, 2):
            exchange = _exchange(here, target, i, j)
            target[..., j] = np.where(exchange & ~home[..., i], here[..., j], target[..., j])
            target[..., i] = np.where(exchange & home[..., i], here[..., i], target[..., i])


def _exchange(here: np.ndarray, target: np.ndarray, i: int, j: int) -> np.ndarray:
    """Whether agents i and j, who stand apart, each go where the other one is."""
    crossed = (target[..., i] == here[..., j]) & (target[..., j] == here[..., i])
    return crossed & (here[..., i] != here[..., j])


def reachable(world: JointMoves, start: tuple[int, ...], n_cells: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions (S, N) of all states that can be reached, in order of cell numbers, and which are crashes, (S,) bool.

    A crash is a state of its own, for the same cells may also be reached without one.
    """
    radix = n_cells ** np.arange(len(start))[::-1]
    n_places = n_cells ** len(start)
    seen = np.zeros(n_places * (2 if world.collision == "end" else 1), dtype=bool)
    frontier = np.array([np.dot(start, radix)])
    while len(frontier):
        seen[frontier] = True
        going_on = frontier[frontier < n_places]
        reached, collided = world.step(going_on[:, np.newaxis] // radix % n_cells)
        reached = np.unique(reached @ radix + n_places * world.crash(collided))
        frontier = reached[~seen[reached]]
    crashed, places = np.divmod(np.flatnonzero(seen), n_places)
    return places[:, np.newaxis] // radix % n_cells, crashed.astype(bool)


def slips(slip: float, n_agents: int) -> np.ndarray:
    """Probability that a chosen joint action (row) becomes a joint move (column), (J, J)."""
    one = np.eye(len(ACTIONS))
    one[1:, 1:] = np.where(np.eye(4, dtype=bool), 1 - slip, slip / 3)
    return reduce(np.kron, [one] * n_agents)


def outcomes(
    next_state: np.ndarray, collided: np.ndarray, paid: np.ndarray, effects: np.ndarray
) -> tuple[Successors, np.ndarray]:
    """Outcomes of joint actions, and mean rewards (N, S * J), from joint moves.

    A joint move leads to ``next_state`` (S, J), with ``collided`` (S, J, N) and ``paid`` (S, J, N).
    """
    n_states, n_joint, n_agents = paid.shape
    paid = paid.reshape(-1, n_agents).T
    chosen, moved = np.nonzero(effects)
    if len(chosen) == n_joint:
        # Nothing slips: a joint action is a joint move, and its reward is certain.
        return Successors(np.arange(n_states * n_joint + 1), next_state.ravel(), np.ones(next_state.size)), paid
    pair = (np.arange(n_states)[:, np.newaxis] * n_joint + chosen).ravel()
    move = (np.arange(n_states)[:, np.newaxis] * n_joint + moved).ravel()

    # Joint moves that end alike, say all those into one wall, become one outcome of the joint action.
    ending = next_state * 2**n_agents + collided @ (2 ** np.arange(n_agents))
    key = pair * (n_states * 2**n_agents) + ending.ravel()[move]
    order = np.argsort(key, kind="stable")
    first = np.flatnonzero(np.diff(key[order], prepend=-1))
    move, pair = move[order[first]], pair[order[first]]
    mixed = Successors(
        offsets=np.concatenate(([0], np.cumsum(np.bincount(pair)))),
        states=next_state.ravel()[move],
        probabilities=np.add.reduceat(np.tile(effects[chosen, moved], n_states)[order], first),
        rewards=paid[:, move],
    )
    return mixed, mixed.expected_rewards()
