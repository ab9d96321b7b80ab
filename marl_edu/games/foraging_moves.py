"""What foragers do at the same time: who walks where, who lifts what, and which situations there are.

All rules look at the situation before the step, so that nothing depends on an order of agents.

Legend of axes: N agents, S states, A = 6 actions, J = 6**N joint actions in C order, C cells, M foods.
"""

from __future__ import annotations

import itertools
import math

import numpy as np

from marl_edu.games.grid_moves import ACTIONS as WALKS
from marl_edu.games.grid_moves import destinations

ACTIONS = (*WALKS, "load")
LOAD = ACTIONS.index("load")


class JointForaging:
    """The rules of one field, for many states at once.

    Parameters
    ----------
    walls : (R, K) bool
    foods, food_levels : (M,) int
        Cell and level of each food.
    levels : (N,) int
        Level of each agent.
    """

    def __init__(self, walls: np.ndarray, foods: np.ndarray, food_levels: np.ndarray, levels: np.ndarray):
        self.walls, self.foods, self.food_levels, self.levels = walls, foods, food_levels, levels
        walks = destinations(walls)
        own = np.arange(walls.size)[:, np.newaxis]
        self.leads_to = np.hstack([walks, own]).astype(np.int16)  # who loads stays
        self.beside = (walks[:, 1:, np.newaxis] == foods).any(axis=1) & (own != foods)
        self.joint_actions = np.array(list(itertools.product(range(len(ACTIONS)), repeat=len(levels))))
        self.loading = self.joint_actions == LOAD

    def n_situations(self) -> int:
        """How many ways there are to place all agents in different cells, on all subsets of the foods."""
        free, n_foods = int((~self.walls).sum()), len(self.foods)
        return sum(
            math.comb(n_foods, left) * math.perm(max(free - left, 0), len(self.levels)) for left in range(n_foods + 1)
        )

    def situations(self) -> tuple[np.ndarray, np.ndarray]:
        """All of them: the cell of every agent, (S, N), and which foods are left, (S, M) bool. All foods come first."""
        n_agents = len(self.levels)
        cells = np.flatnonzero(~self.walls)
        placed = np.stack(np.meshgrid(*[cells] * n_agents, indexing="ij"), axis=-1).reshape(-1, n_agents)
        apart = np.ones(len(placed), dtype=bool)
        for i, j in itertools.combinations(range(n_agents), 2):
            apart &= placed[:, i] != placed[:, j]
        placed = placed[apart]
        positions, present = [], []
        for left in itertools.product((True, False), repeat=len(self.foods)):
            off_food = ~np.isin(placed, self.foods[list(left)]).any(axis=1)
            positions.append(placed[off_food])
            present.append(np.tile(left, (off_food.sum(), 1)))
        return np.concatenate(positions), np.concatenate(present)

    def walk(self, positions: np.ndarray, present: np.ndarray) -> np.ndarray:
        """Cells after every joint action, (S, J, N).

        Nobody enters a wall, a food, or a cell in which somebody stands; of several who want one cell nobody gets it.
        """
        states, agents = np.arange(len(positions))[:, np.newaxis], range(len(self.levels))
        taken = np.zeros((len(positions), self.walls.size), dtype=bool)
        taken[states, positions] = True
        taken[:, self.foods] |= present
        here = positions.astype(np.int16)[..., np.newaxis]
        target = self.leads_to[positions]
        target = np.where(taken[states[..., np.newaxis], target], here, target)
        wanted = target[:, agents, self.joint_actions]
        stopped = np.zeros(wanted.shape, dtype=bool)
        for i, j in itertools.combinations(agents, 2):
            same = wanted[..., i] == wanted[..., j]
            stopped[..., i] |= same
            stopped[..., j] |= same
        return np.where(stopped, here[:, np.newaxis, :, 0], wanted)

    def lift(self, positions: np.ndarray, present: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What every joint action lifts.

        Returns
        -------
        aimed : (S, N) int
            The food that an agent's load is for: the first one left beside it, or -1.
        strength : (S, J, M)
            Sum of the levels of all who load a food.
        lifted : (S, J, M) bool
            Whether that was enough.
        """
        near = self.beside[positions] & present[:, np.newaxis]
        aimed = np.where(near.any(axis=-1), near.argmax(axis=-1), -1)
        on_food = aimed[..., np.newaxis] == np.arange(len(self.foods))
        strength = self.loading.astype(np.float32) @ (on_food * self.levels[:, np.newaxis]).astype(np.float32)
        return aimed, strength, (strength >= self.food_levels) & present[:, np.newaxis]

    def pay(self, aimed: np.ndarray, strength: np.ndarray, penalty: float) -> np.ndarray:
        """Each agent's own reward for every joint action, (N, S, J): its share of what it lifts, or the penalty."""
        paid = np.zeros((len(self.levels), *strength.shape[:2]))
        for i, level in enumerate(self.levels):
            state, joint_action = np.nonzero((aimed[:, i, np.newaxis] >= 0) & self.loading[:, i])
            food = aimed[state, i]
            together, needed = strength[state, joint_action, food].astype(float), self.food_levels[food]
            share = level * needed / (together * self.food_levels.sum())
            paid[i, state, joint_action] = np.where(together >= needed, share, -penalty)
        return paid


def reached(next_state: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Which states can be reached from those in ``start`` (S,) bool, when joint actions lead to (S, J)."""
    seen, frontier = start.copy(), np.flatnonzero(start)
    while len(frontier):
        found = np.zeros(len(seen), dtype=bool)
        found[next_state[frontier]] = True
        frontier = np.flatnonzero(found & ~seen)
        seen |= found
    return seen
