"""The drawing of a gridworld: reading it from text, and what a picture of it needs to know.

Legend of axes: N agents, S states, R rows, K columns, C = R * K cells. Cell number = row * K + column.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np

from marl_edu.games import checks
from marl_edu.games.cells import Cells, rows_of
from marl_edu.games.grid_moves import ACTIONS, MOVES, destinations

START_SIGNS, GOAL_SIGNS, SHARED_GOAL = "123456", "ABCDEF", "G"

CORRIDOR = """
1B...A2
###.###
"""
"""Each must get past the other to a goal next to the far end, and they can't change places.

The quickest way, 7 steps, is that one steps down into the bay under the middle while the other passes. It also works,
in 10 steps, that one waits at its end until the other has arrived: who has arrived is in nobody's way.
"""

CROSSING = """
1..2
....
....
B..A
"""
"""Each agent walks to the diagonally opposite corner; the straight ways cross in the middle."""

DOORWAY = """
1.#.2
..#..
.....
..#..
B.#.A
"""
"""Two rooms and one door: the agents change rooms, and only one fits through at a time."""


@dataclass(frozen=True, eq=False, repr=False)
class GridLayout(Cells):
    """A gridworld's drawing, and the place of every agent in every state.

    Parameters
    ----------
    walls : (R, K) bool
        Where nobody can stand.
    starts : (N,) tuple of int
        Cell in which each agent starts.
    goals : (N, C) bool
        Whether a cell is a goal of an agent. A cell may serve several agents, an agent may have several goals.
    positions : (S, N) int
        Cell of every agent in every state.
    state_at : (C, ..., C) int, N axes
        Number of the state in which agent i stands in cell c_i, or -1 where there is none.
    observe : {'full', 'own position'}
        What an agent sees: the state's number, or its own cell's number.
    actions : tuple of str
        Names of the five actions.
    moves : (5, 2) int
        Rows and columns that each action moves by.
    """

    walls: np.ndarray
    starts: tuple[int, ...]
    goals: np.ndarray
    positions: np.ndarray
    state_at: np.ndarray
    observe: str
    actions: tuple[str, ...] = ACTIONS
    moves: np.ndarray = field(default_factory=MOVES.copy)

    def __post_init__(self):
        for table in (self.walls, self.goals, self.positions, self.state_at, self.moves):
            table.flags.writeable = False

    def __repr__(self) -> str:
        return f"GridLayout({self.rows} x {self.columns} cells, {self.n_agents} agents, sees {self.observe!r})"

    @property
    def n_agents(self) -> int:
        """Number of agents, N."""
        return len(self.starts)

    def home(self, state: int) -> np.ndarray:
        """Which agents have arrived at a goal of theirs, (N,) bool."""
        return self.goals[np.arange(self.n_agents), self.positions[state]]

    def observation_on_cells(self, agent: int, state: int) -> np.ndarray:
        """What an agent would see if it stood in each cell while the others stay where they are in ``state``.

        A picture of one agent's values on the map is ``Q[agent][observations[cell]]``. With ``'own position'`` the
        answer is the same in every state; with ``'full'`` it moves with the others.

        Returns
        -------
        (C,) int array
            Observation numbers; -1 at walls and where there is no such state.

        Examples
        --------
        >>> from marl_edu.games import gridworld
        >>> layout = gridworld(["1.B", "2#A"], observe="own position").layout
        >>> layout.observation_on_cells(agent=0, state=0)
        array([ 0,  1,  2,  3, -1,  5])
        """
        if self.observe == "own position":
            return np.where(self.walls.ravel(), -1, np.arange(self.n_cells))
        others = [int(cell) for cell in self.positions[state]]
        others[agent] = slice(None)
        return self.state_at[tuple(others)].astype(np.int64)


def read_drawing(layout, starts=None, goals=None) -> tuple[np.ndarray, tuple[int, ...], np.ndarray]:
    """Walls (R, K), starts (N,) and goals (N, C) of a drawing; see ``gridworld`` for its alphabet."""
    rows = rows_of(layout)
    signs = _signs(rows)
    walls = np.array([[sign == "#" for sign in row] for row in rows])
    _override(signs, "starts", starts, START_SIGNS, walls)
    _override(signs, "goals", goals, GOAL_SIGNS + SHARED_GOAL, walls)

    numbers = [i for i, sign in enumerate(START_SIGNS) if signs.get(sign)]
    if not numbers:
        raise ValueError("layout has no start; expected '1' for agent 1, '2' for agent 2, and so on")
    n_agents = numbers[-1] + 1
    missing = set(range(n_agents)) - set(numbers)
    if missing:
        raise ValueError(
            f"layout has a start '{n_agents}' but no '{min(missing) + 1}'; expected agents 1 to {n_agents}"
        )
    for sign in START_SIGNS[:n_agents]:
        if len(signs[sign]) > 1:
            raise ValueError(
                f"layout has the start {sign!r} {len(signs[sign])} times, {_places(signs[sign])}; expected once"
            )
    for sign in GOAL_SIGNS[n_agents:]:
        if signs.get(sign):
            agent = GOAL_SIGNS.index(sign) + 1
            raise ValueError(
                f"layout has a goal {sign!r} {_places(signs[sign])} but no agent {agent}; expected a start '{agent}'"
            )

    columns = walls.shape[1]
    goal_mask = np.zeros((n_agents, walls.size), dtype=bool)
    for i in range(n_agents):
        own = signs.get(GOAL_SIGNS[i], []) + signs.get(SHARED_GOAL, [])
        if not own:
            raise ValueError(f"layout has no goal for agent {i + 1}; expected '{GOAL_SIGNS[i]}', or 'G' for everybody")
        goal_mask[i, [row * columns + column for row, column in own]] = True
        if signs[START_SIGNS[i]][0] in own:
            raise ValueError(
                f"agent {i + 1} starts {_places(signs[START_SIGNS[i]])}, its own goal; expected another cell"
            )
    cells = tuple(row * columns + column for row, column in (signs[sign][0] for sign in START_SIGNS[:n_agents]))
    _reachable_goals(walls, cells, goal_mask)
    return walls, cells, goal_mask


def _signs(rows: list[str]) -> dict[str, list[tuple[int, int]]]:
    """Where each start and goal is drawn."""
    signs: dict[str, list[tuple[int, int]]] = {}
    for row, text in enumerate(rows):
        for match in re.finditer(r"[^#. ]", text):
            sign, column = match.group(), match.start()
            if sign not in START_SIGNS + GOAL_SIGNS + SHARED_GOAL:
                raise ValueError(
                    f"layout has the unknown character {sign!r} in row {row}, column {column}; expected '#' for a "
                    "wall, '.' or ' ' for a free cell, '1' to '6' for starts, 'A' to 'F' for goals, 'G' for everybody's"
                )
            signs.setdefault(sign, []).append((row, column))
    return signs


def _override(signs: dict, field: str, given, allowed: str, walls: np.ndarray) -> None:
    """Replace what was drawn by places given apart from the drawing."""
    if given is None:
        return
    if not isinstance(given, dict):
        raise ValueError(f"{field} is {checks.shown(given)}; expected a dict such as {{{allowed[0]!r}: (0, 2)}}")
    for sign, place in given.items():
        if sign not in list(allowed):
            known = ", ".join(map(repr, allowed))
            raise ValueError(f"{field} has the key {checks.shown(sign)}; expected one of {known}")
        if checks.length(place) != 2:
            raise ValueError(f"{field}[{sign!r}] is {checks.shown(place)}; expected (row, column)")
        row = checks.integer(f"{field}[{sign!r}] row", place[0], 0, walls.shape[0] - 1)
        column = checks.integer(f"{field}[{sign!r}] column", place[1], 0, walls.shape[1] - 1)
        if walls[row, column]:
            raise ValueError(f"{field}[{sign!r}] is in the wall at row {row}, column {column}; expected a free cell")
        signs[sign] = [(row, column)]


def _reachable_goals(walls: np.ndarray, starts: tuple[int, ...], goals: np.ndarray) -> None:
    """Every agent must be able to walk to a goal of its own, were it alone."""
    leads_to = destinations(walls)
    for i, start in enumerate(starts):
        seen = np.zeros(walls.size, dtype=bool)
        seen[start] = True
        while not seen[leads_to[seen]].all():
            seen[leads_to[seen]] = True
        if not (seen & goals[i]).any():
            goal = divmod(int(np.flatnonzero(goals[i])[0]), walls.shape[1])
            start = divmod(start, walls.shape[1])
            raise ValueError(
                f"agent {i + 1} can't reach its goal at {goal} from its start at {start}; expected a way there"
            )


def _places(places: list[tuple[int, int]]) -> str:
    return "at " + " and ".join(f"row {row}, column {column}" for row, column in places)
