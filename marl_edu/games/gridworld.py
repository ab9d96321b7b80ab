"""Gridworlds from a text drawing: agents walk at the same time, each to a goal, and get into each other's way.

The state is the tuple of positions.

Legend of axes: N agents, S states, A = 5 actions, J = 5**N joint actions in C order, C cells.
"""

from __future__ import annotations

import numpy as np

from marl_edu.games import checks
from marl_edu.games.grid_layout import CORRIDOR, CROSSING, DOORWAY, GridLayout, read_drawing
from marl_edu.games.grid_moves import ACTIONS, JointMoves, destinations, outcomes, reachable, slips
from marl_edu.games.markov_game import MarkovGame
from marl_edu.games.successors import OUTCOME_LIMIT

__all__ = ["CORRIDOR", "CROSSING", "DOORWAY", "GridLayout", "gridworld"]


def gridworld(
    layout,
    *,
    discount: float = 0.95,
    goal_reward: float = 10.0,
    step_cost: float = 1.0,
    collision: str = "block",
    collision_cost: float = 1.0,
    slip: float = 0.0,
    reward: str = "team",
    observe: str = "full",
    ends: str = "all",
    horizon: int | None = 100,
    starts: dict | None = None,
    goals: dict | None = None,
    name: str = "gridworld",
) -> MarkovGame:
    """A gridworld for one to six agents, from a drawing.

    Every agent has five actions: stay, north, south, west, east. All move at the same time; a wall or the border
    leaves an agent where it is. Two agents *collide* if they would change places, or if they would stand in the same
    cell and neither has arrived. An agent that steps onto its own goal has arrived, even if somebody stands there: it
    stays, pays nothing more and is in nobody's way, so that several may arrive at a shared goal and others may walk
    over it. Following into a cell that is being left is no collision.

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
        their cells is blocked in turn. ``'pay'``: nobody is stopped, they only pay. ``'end'``: they crash and don't
        arrive, and the episode is over for everybody. ``'pass'``: agents take no notice of each other.
    collision_cost : float, at least 0
        Paid by each agent involved in a collision; nobody collides under ``'pass'``.
    slip : float in [0, 1]
        Probability that a move goes in one of the three other directions instead, each equally likely, for every
        agent on its own. Staying never slips.
    reward : {'team', 'individual'}
        Whether all agents get the *sum* of everybody's rewards, or each gets its own.
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
        Its states are the tuples of positions that can be reached, named like ``'(0,1) (2,3)'``, after a crash
        ``'(0,1) (0,1) crash'``; its ``layout`` is a ``GridLayout``. Where ``slip`` makes rewards random, each outcome
        carries its own.

    Raises
    ------
    ValueError
        If the drawing has no start, uneven rows, an unknown character, a start or goal too many or missing, or a goal
        out of reach; if an option is unknown or a number out of range; if the world would be too large.

    Examples
    --------
    >>> game = gridworld(CROSSING)
    >>> game
    MarkovGame('gridworld': 2 agents, 242 states, 5 x 5 actions, discount 0.95, cooperative)
    >>> state = game.states.index("(0,0) (0,3)")
    >>> next_state, rewards = game.sample(state, (2, 3), np.random.default_rng(0))
    >>> game.states[next_state], rewards.tolist()
    ('(1,0) (0,2)', [-2.0, -2.0])
    """
    checks.option("collision", collision, ("block", "pay", "end", "pass"))
    checks.option("reward", reward, ("team", "individual"))
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

    world = JointMoves(destinations(walls), goal_mask, collision, ends)
    _refuse_if_too_large(walls, len(start), slip)
    positions, crashed = reachable(world, start, walls.size)
    if not (world.arrived(positions) & ~crashed).any():
        raise ValueError(f"no way brings the agents home under collision={collision!r}; expected one from the starts")
    terminal = world.arrived(positions) | crashed
    successors, collided = world.step(positions, final=crashed)
    crash = world.crash(collided)

    walking = ~world.home(positions)[:, np.newaxis]
    arriving = walking & world.home(successors) & ~(crash[..., np.newaxis] & collided)
    paid = goal_reward * arriving - step_cost * walking - collision_cost * collided
    paid[terminal] = 0
    paid += 0.0  # turns minus zeros into zeros
    if reward == "team":
        paid = np.broadcast_to(paid.sum(axis=-1, keepdims=True), paid.shape)

    state_at = np.full((2, *(walls.size,) * len(start)), -1, dtype=np.int32)
    state_at[(crashed.astype(int), *positions.T)] = np.arange(len(positions))
    next_state = state_at[(crash.astype(int), *np.moveaxis(successors, -1, 0))]
    next_state[crashed] = np.flatnonzero(crashed)[:, np.newaxis]
    state_at = np.where(state_at[0] < 0, state_at[1], state_at[0])
    transitions, rewards = outcomes(next_state, collided, paid, slips(slip, len(start)))
    shape = (len(start), len(positions), *(len(ACTIONS),) * len(start))
    return MarkovGame(
        transitions=transitions,
        rewards=rewards.reshape(shape),
        discount=discount,
        start=int(state_at[start]),
        terminal=terminal,
        states=_names(positions, crashed, walls.shape[1]),
        actions=ACTIONS,
        observations=positions.T if observe == "own position" else None,
        horizon=horizon,
        name=name,
        layout=GridLayout(walls, start, goal_mask, positions, state_at, observe),
    )


def _names(positions: np.ndarray, crashed: np.ndarray, columns: int) -> list[str]:
    """``'(0,1) (2,3)'`` for every state, and what sets a crash apart."""
    cells = [f"({cell // columns},{cell % columns})" for cell in range(positions.max() + 1)]
    ends = [" crash" if over else "" for over in crashed.tolist()]
    return [" ".join(cells[cell] for cell in state) + end for state, end in zip(positions.tolist(), ends, strict=True)]


def _refuse_if_too_large(walls: np.ndarray, n_agents: int, slip: float) -> None:
    n_free = int((~walls).sum())
    per_cell = len(ACTIONS) if slip == 0 else 1 + 4 * 4
    most = max(n_free * per_cell, walls.size) ** n_agents
    if most > OUTCOME_LIMIT:
        raise ValueError(
            f"{n_agents} agents on {n_free} free cells make up to {most:,} outcomes; expected at most "
            f"{OUTCOME_LIMIT:,} (use fewer cells, fewer agents or slip=0)"
        )
