"""The field of foragers: its drawing, where everybody is in every state, and what each agent sees of it.

What an agent sees is a list of *parts*, each one of a few values: its row, its column, what it knows about every food,
and where every other agent is. An observation's number and its features for a network are two ways to write the parts.

Legend of axes: N agents, S states, R rows, K columns, C = R * K cells, M foods, P parts, F features of an observation,
G features of a state. Cell number = row * K + column.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from marl_edu.games import checks
from marl_edu.games.cells import Cells, rows_of
from marl_edu.games.foraging_moves import ACTIONS

CLEARING = """
....
.2..
...1
....
"""
"""A food of level 2, which takes two agents of level 1 at the same time, and one of level 1, which takes one."""


@dataclass(frozen=True, eq=False, repr=False)
class ForagingLayout(Cells):
    """A field with foods: where everybody is in every state, and what each agent sees of it.

    Parameters
    ----------
    walls : (R, K) bool
        Where nobody can stand.
    foods, food_levels : (M,) int
        Cell and level of each food, in the order of the drawing.
    levels : (N,) int
        Level of each agent.
    sight : int
        How many rows and columns away an agent sees.
    positions : (S, N) int
        Cell of every agent in every state.
    present : (S, M) bool
        Which foods are left in every state.
    actions : tuple of str
        Names of the six actions.

    Attributes
    ----------
    observations : (N, S) int
        What every agent sees in every state, numbered from 0. The same number means the same to all agents.
    observation_features : (N, S, F) float32
        The same for a network: every part as 1 out of its values, as ``feature_names`` says.
    feature_names : (F,) tuple of str
        What each feature says if it is 1.
    state_features : (S, G) float32
        The state for a network: row and column of every agent, 1 out of R and 1 out of K, and 1 for every food left.
    """

    walls: np.ndarray
    foods: np.ndarray
    food_levels: np.ndarray
    levels: np.ndarray
    sight: int
    positions: np.ndarray
    present: np.ndarray
    actions: tuple[str, ...] = ACTIONS
    observations: np.ndarray = field(init=False)
    observation_features: np.ndarray = field(init=False)
    feature_names: tuple[str, ...] = field(init=False)
    state_features: np.ndarray = field(init=False)

    def __post_init__(self):
        values = self._values()
        parts = np.stack([self._parts(i) for i in range(self.n_agents)])
        sizes = [len(names) for names in values]
        packed = np.ravel_multi_index(tuple(np.moveaxis(parts, -1, 0)), sizes)
        _, numbers = np.unique(packed, return_inverse=True)
        own = self._rows_and_columns(self.positions)
        computed = {
            "observations": numbers.reshape(packed.shape),
            "observation_features": _one_hot(parts, sizes),
            "feature_names": tuple(name for names in values for name in names),
            "state_features": np.hstack(
                [_one_hot(own.reshape(len(own), -1), [self.rows, self.columns] * self.n_agents), self.present],
                dtype=np.float32,
            ),
        }
        for name, value in computed.items():
            object.__setattr__(self, name, value)
        for value in vars(self).values():
            if isinstance(value, np.ndarray):
                value.flags.writeable = False

    def __repr__(self) -> str:
        foods = " and ".join(map(str, self.food_levels.tolist()))
        return (
            f"ForagingLayout({self.rows} x {self.columns} cells, {self.n_agents} agents, foods of level {foods}, "
            f"sight {self.sight})"
        )

    @property
    def n_agents(self) -> int:
        """Number of agents, N."""
        return len(self.levels)

    def sees(self, cell: int) -> np.ndarray:
        """Which cells an agent sees from one cell, (C,) bool: a square around it, also across walls."""
        places = self._rows_and_columns(np.arange(self.n_cells))
        return (np.abs(places - places[cell]) <= self.sight).all(axis=1)

    def _rows_and_columns(self, cells: np.ndarray) -> np.ndarray:
        return np.stack(np.divmod(cells, self.columns), axis=-1)

    @property
    def _reach(self) -> tuple[int, int]:
        """How many rows and columns away anything can be seen."""
        return min(self.sight, self.rows - 1), min(self.sight, self.columns - 1)

    def _values(self) -> list[list[str]]:
        """What each part of an observation may be, in words."""
        values = [[f"in row {row}" for row in range(self.rows)]]
        values += [[f"in column {column}" for column in range(self.columns)]]
        for cell, level in zip(self.foods, self.food_levels, strict=True):
            food = f"food {level} at {self.place(cell)}"
            values += [[f"{food} {what}" for what in ("out of sight", "gone", "there")]]
        for other in range(1, self.n_agents):
            for reach, ahead, back in zip(self._reach, ("south", "east"), ("north", "west"), strict=True):
                line = "row" if ahead == "south" else "column"
                steps = [
                    f"{abs(step)} {ahead if step > 0 else back}" if step else f"in the same {line}"
                    for step in range(-reach, reach + 1)
                ]
                values += [[f"other {other} {what}" for what in ("out of sight", *steps)]]
        return values

    def _parts(self, agent: int) -> np.ndarray:
        """What an agent sees in every state, (S, P) int, each part below the number of its values."""
        own = self._rows_and_columns(self.positions[:, agent])
        parts = [own]
        for food, cell in enumerate(self.foods):
            near = (np.abs(own - self.place(cell)) <= self.sight).all(axis=1)
            parts += [np.where(near, 1 + self.present[:, food], 0)[:, np.newaxis]]
        for other in range(self.n_agents):
            if other != agent:
                away = self._rows_and_columns(self.positions[:, other]) - own
                near = (np.abs(away) <= self.sight).all(axis=1, keepdims=True)
                parts += [np.where(near, 1 + away + self._reach, 0)]
        return np.hstack(parts)


def _one_hot(parts: np.ndarray, sizes: list[int]) -> np.ndarray:
    """Each part (..., P) as 1 out of its size, side by side, (..., sum of sizes) float32."""
    return np.concatenate([np.eye(size, dtype=np.float32)[parts[..., k]] for k, size in enumerate(sizes)], axis=-1)


def read_field(layout) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Walls (R, K), and cell and level of every food (M,), of a drawing; see ``foraging`` for its alphabet."""
    rows = rows_of(layout)
    for row, text in enumerate(rows):
        for column, sign in enumerate(text):
            if sign not in "#. 123456789":
                raise ValueError(
                    f"layout has the unknown character {sign!r} in row {row}, column {column}; expected '#' for a "
                    "wall, '.' or ' ' for a free cell, '1' to '9' for a food of that level"
                )
    signs = np.array([list(text) for text in rows])
    foods = np.flatnonzero(np.char.isdigit(signs))
    if not len(foods):
        raise ValueError("layout has no food; expected a level from '1' to '9' in at least one cell")
    return signs == "#", foods, signs.ravel()[foods].astype(int)


def start_cells(starts, walls: np.ndarray, foods: np.ndarray, n_agents: int) -> np.ndarray:
    """One cell for each agent, (N,), from places that were given."""
    if checks.length(starts) != n_agents:
        raise ValueError(f"starts is {checks.shown(starts)}; expected (row, column) for each of {n_agents} agents")
    cells: list[int] = []
    for i, place in enumerate(starts):
        if checks.length(place) != 2:
            raise ValueError(f"starts[{i}] is {checks.shown(place)}; expected (row, column)")
        row = checks.integer(f"starts[{i}] row", place[0], 0, walls.shape[0] - 1)
        column = checks.integer(f"starts[{i}] column", place[1], 0, walls.shape[1] - 1)
        cell = row * walls.shape[1] + column
        if walls[row, column] or cell in foods or cell in cells:
            what = "a wall" if walls[row, column] else "a food" if cell in foods else "another agent"
            raise ValueError(f"starts[{i}] is where {what} is, in row {row}, column {column}; expected a free cell")
        cells.append(cell)
    return np.array(cells)
