"""Gridworlds from a text drawing: agents walk at the same time, each to a goal, and get into each other's way.

The state is the tuple of positions. First ``_step`` says what happens if the agents really make some joint move;
slipping then only mixes joint moves. All of it works on many states at once.

Legend of axes: N agents, S states, A = 5 actions, J = 5**N joint actions in C order, C cells, M states at a time.
"""

from __future__ import annotations

import itertools
import math
from functools import reduce

import numpy as np

from marl_edu.games import checks
from marl_edu.games.grid_layout import (
    ACTIONS,
    CORRIDOR,
    CROSSING,
    DOORWAY,
    GridLayout,
    destinations,
    read_drawing,
)
from marl_edu.games.markov_game import MarkovGame
from marl_edu.games.successors import Successors

__all__ = ["CORRIDOR", "CROSSING", "DOORWAY", "GridLayout", "gridworld"]

OUTCOME_LIMIT = 2**24
"""Most outcomes that a gridworld may have before it is refused: about half a GiB with three agents."""


def gridworld(
    layout,
    *,
    discount: float = 0.95,
    goal_reward: float = 10.0,
    step_cost: float = 1.0,
    collision: str = "block",
    collision_cost: float = 1.0,
    slip: float = 0.0,
    reward: str = "individual",
    observe: str = "full",
    ends: str = "all",
    horizon: int | None = 100,
    starts: dict | None = None,
    goals: dict | None = None,
    name: str = "gridworld",
) -> MarkovGame:
    """A gridworld for one to six agents, from a drawing.

    Every agent has five actions: stay, north, south, west, east. All move at the same time; a wall or the border
    leaves an agent where it is. An agent that steps onto its own goal has arrived: it stays there, pays nothing more,
    and can't collide, so that several may arrive at a shared goal and others may pass. Two agents *collide* if both
    are still on the way and would stand in the same cell, or would change places. Following into a cell that is being
    left is no collision.

    Parameters
    ----------
    layout : str or list of str
        The drawing, all rows of equal length: ``#`` wall, ``.`` or a space for a free cell, ``1`` to ``6`` the start
        of that agent, ``A`` to ``F`` the goal of agent 1 to 6, ``G`` a goal that serves everybody. A text that begins
        with a line break may be indented.
    discount : float in [0, 1]
        gamma.
    goal_reward : float
        Paid to an agent for the move that takes it onto its goal.
    step_cost : float, at least 0
        Paid by every agent for every step until it has arrived, the last one included.
    collision : {'block', 'pay', 'end', 'pass'}
        What a collision does. ``'block'``: all involved stay where they were, and whoever wanted to follow them into
        their cells is blocked in turn. ``'pay'``: nobody is stopped, they only pay. ``'end'``: the episode is over
        for everybody, and those involved are shown in one cell. ``'pass'``: agents take no notice of each other.
    collision_cost : float, at least 0
        Paid by each agent involved in a collision; nobody collides under ``'pass'``.
    slip : float in [0, 1]
        Probability that a move goes in one of the three other directions instead, each equally likely, for every
        agent on its own. Staying never slips.
    reward : {'individual', 'team'}
        Whether each agent gets its own reward, or all get the *sum* of everybody's.
    observe : {'full', 'own position'}
        Whether an agent sees the state or only the number of its own cell, ``row * columns + column``.
    ends : {'all', 'first'}
        Whether the episode ends when all have arrived or as soon as one has. The final states are terminal.
    horizon : int or None
        Steps after which an episode is truncated.
    starts, goals : dict, optional
        Places given apart from the drawing, so that a start may lie on another agent's goal: ``{'1': (row, column)}``
        and ``{'A': (row, column)}``. They replace what was drawn.
    name : str
        A title.

    Returns
    -------
    MarkovGame
        Its states are the tuples of positions that can be reached, named like ``'(0,1) (2,3)'``; its ``layout`` is a
        ``GridLayout``. Where ``slip`` makes rewards random, each outcome carries its own.

    Raises
    ------
    ValueError
        If the drawing has no start, uneven rows, an unknown character, a start or goal too many or missing, or a goal
        out of reach; if an option is unknown or a number out of range; if the world would be too large.

    Examples
    --------
    >>> game = gridworld(CROSSING, reward="team")
    >>> game
    MarkovGame('gridworld': 2 agents, 240 states, 5 x 5 actions, discount 0.95, cooperative)
    >>> state = game.states.index("(0,0) (0,3)")
    >>> next_state, rewards = game.sample(state, (2, 3), np.random.default_rng(0))
    >>> game.states[next_state], rewards.tolist()
    ('(1,0) (0,2)', [-2.0, -2.0])
    """
    checks.option("collision", collision, ("block", "pay", "end", "pass"))
    checks.option("reward", reward, ("individual", "team"))
    checks.option("observe", observe, ("full", "own position"))
    checks.option("ends", ends, ("all", "first"))
    goal_reward = checks.number("goal_reward", goal_reward)
    step_cost = checks.number("step_cost", step_cost, 0)
    collision_cost = checks.number("collision_cost", collision_cost, 0)
    slip = checks.number("slip", slip, 0, 1)
    walls, start, goal_mask = read_drawing(layout, starts, goals)
    if collision in ("block", "end") and len(set(start)) < len(start):
        raise ValueError(
            f"two agents start in one cell, which collision={collision!r} rules out; expected different cells"
        )

    world = _Moves(destinations(walls), goal_mask, collision, ends)
    _refuse_if_too_large(int((~walls).sum()), len(start), slip)
    positions = _reachable(world, start, walls.size)
    if not world.arrived(positions).any():
        raise ValueError(f"no way brings the agents home under collision={collision!r}; expected one from the starts")
    successors, collided = world.step(positions)

    arriving = goal_mask[np.arange(len(start)), successors] & ~world.home(positions)[:, np.newaxis]
    paid = goal_reward * arriving - collision_cost * collided
    paid -= step_cost * (~world.home(positions))[:, np.newaxis]
    paid[world.over(positions)] = 0
    paid += 0.0  # no minus zero in anybody's table
    if reward == "team":
        paid = np.broadcast_to(paid.sum(axis=-1, keepdims=True), paid.shape)

    state_at = np.full((walls.size,) * len(start), -1, dtype=np.int32)
    state_at[tuple(positions.T)] = np.arange(len(positions))
    next_state = state_at[tuple(np.moveaxis(successors, -1, 0))]
    transitions, rewards = _slipping(next_state, np.moveaxis(paid, -1, 0), _effects(slip, len(start)))
    shape = (len(start), len(positions), *(len(ACTIONS),) * len(start))
    return MarkovGame(
        transitions=transitions,
        rewards=rewards.reshape(shape),
        discount=discount,
        start=int(state_at[start]),
        terminal=world.over(positions),
        states=_names(positions, walls.shape[1]),
        actions=ACTIONS,
        observations=positions.T if observe == "own position" else None,
        horizon=horizon,
        name=name,
        layout=GridLayout(walls, start, goal_mask, positions, state_at, observe),
    )


class _Moves:
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

    def over(self, cells: np.ndarray) -> np.ndarray:
        """Whether the state is terminal, (...) bool."""
        over = self.arrived(cells)
        if self.collision == "end":
            over = over | self._clashes(cells, cells).any(axis=-1)
        return over

    def step(self, here: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where every joint move leads from cells ``here`` (M, N), and who collides: both (M, J, N)."""
        resting = (self.home(here) | self.over(here)[:, np.newaxis])[:, np.newaxis]
        here = here[:, np.newaxis]
        target = np.where(resting, here, self.leads_to[here, self.joint_actions])
        collided = np.zeros(target.shape, dtype=bool)
        if self.collision == "pass":
            return target, collided
        while True:
            clash = self._clashes(here, target)
            collided |= clash
            blocked = clash & (target != here)
            if self.collision != "block" or not blocked.any():
                break
            target = np.where(blocked, here, target)
        if self.collision == "end":
            self._meet(here, target)
        return target, collided

    def _clashes(self, here: np.ndarray, target: np.ndarray) -> np.ndarray:
        """Who would share a cell or change places with another agent that is on the way as well."""
        on_the_way = ~self.home(target)
        clash = np.zeros(target.shape, dtype=bool)
        for i, j in itertools.combinations(self.agents, 2):
            same = target[..., i] == target[..., j]
            swap = (target[..., i] == here[..., j]) & (target[..., j] == here[..., i])
            both = (same | swap) & on_the_way[..., i] & on_the_way[..., j]
            clash[..., i] |= both
            clash[..., j] |= both
        return clash

    def _meet(self, here: np.ndarray, target: np.ndarray) -> None:
        """Show agents that crash while changing places in one cell, so that the state says that it is over."""
        on_the_way = ~self.home(target)
        for i, j in itertools.combinations(self.agents, 2):
            swap = (target[..., i] == here[..., j]) & (target[..., j] == here[..., i])
            swap &= on_the_way[..., i] & on_the_way[..., j]
            target[..., j] = np.where(swap, here[..., j], target[..., j])


def _reachable(world: _Moves, start: tuple[int, ...], n_cells: int) -> np.ndarray:
    """Positions of all states that can be reached, (S, N), in order of cell numbers."""
    radix = n_cells ** np.arange(len(start))[::-1]
    seen = np.zeros(n_cells ** len(start), dtype=bool)
    frontier = np.array([np.dot(start, radix)])
    while len(frontier):
        seen[frontier] = True
        reached, _ = world.step(frontier[:, np.newaxis] // radix % n_cells)
        reached = np.unique(reached @ radix)
        frontier = reached[~seen[reached]]
    return np.flatnonzero(seen)[:, np.newaxis] // radix % n_cells


def _effects(slip: float, n_agents: int) -> np.ndarray:
    """Probability that a chosen joint action (row) becomes a joint move (column), (J, J)."""
    one = np.eye(len(ACTIONS))
    one[1:, 1:] = np.where(np.eye(4, dtype=bool), 1 - slip, slip / 3)
    return reduce(np.kron, [one] * n_agents)


def _slipping(next_state: np.ndarray, paid: np.ndarray, effects: np.ndarray) -> tuple[Successors, np.ndarray]:
    """Mix joint moves (S, J) and their rewards (N, S, J) into outcomes of joint actions."""
    n_agents, n_states, n_joint = paid.shape
    chosen, moved = np.nonzero(effects)
    per_state = np.bincount(chosen, minlength=n_joint)
    offsets = np.concatenate(([0], np.cumsum(np.tile(per_state, n_states)))).astype(np.int64)
    probabilities = np.tile(effects[chosen, moved], n_states)
    if len(moved) == n_joint:
        # Nothing is random unless slip is 1, and then only which way.
        return Successors(offsets, next_state[:, moved].ravel(), probabilities), paid.reshape(n_agents, -1)
    outcomes = Successors(offsets, next_state[:, moved].ravel(), probabilities, paid[:, :, moved].reshape(n_agents, -1))
    return outcomes, outcomes.expected_rewards()


def _names(positions: np.ndarray, columns: int) -> list[str]:
    """``'(0,1) (2,3)'`` for every state."""
    cells = [f"({cell // columns},{cell % columns})" for cell in range(positions.max() + 1)]
    return [" ".join([cells[cell] for cell in state]) for state in positions.tolist()]


def _refuse_if_too_large(n_free: int, n_agents: int, slip: float) -> None:
    per_agent = 5 if slip == 0 else 17
    most = (n_free * per_agent) ** n_agents
    if most > OUTCOME_LIMIT:
        raise ValueError(
            f"{n_agents} agents on {n_free} free cells make up to {most:,} outcomes; expected at most {OUTCOME_LIMIT:,} "
            "(fewer cells, fewer agents, or slip=0)"
        )
