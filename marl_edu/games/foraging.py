"""Level-based foraging: agents gather foods in a field, some of which only several of them together can lift.

The state is where everybody is and which foods are left; an agent sees only what is near.

Legend of axes: N agents, S states, A = 6 actions, J = 6**N joint actions in C order, C cells, M foods.

Sources: S. Albrecht and S. Ramamoorthy, "A game-theoretic model and best-response learning method for ad hoc
coordination in multiagent systems", AAMAS 2013; the rewards as in F. Christianos, L. Schäfer and S. Albrecht, "Shared
experience actor-critic for multi-agent reinforcement learning", NeurIPS 2020. Fields of this size, a team's reward, and
moves that are blocked by where others stand before the step, are choices of this version.
"""

from __future__ import annotations

import numpy as np

from marl_edu.games import checks
from marl_edu.games.foraging_layout import CLEARING, ForagingLayout, read_field, start_cells
from marl_edu.games.foraging_moves import ACTIONS, JointForaging, reached
from marl_edu.games.markov_game import MarkovGame
from marl_edu.games.successors import OUTCOME_LIMIT, Successors

__all__ = ["CLEARING", "ForagingLayout", "foraging"]

MOST_AGENTS = 6


def foraging(
    layout=CLEARING,
    *,
    levels=(1, 1),
    sight: int = 2,
    penalty: float = 0.2,
    step_cost: float = 0.01,
    reward: str = "team",
    discount: float = 0.9,
    starts=None,
    horizon: int | None = 25,
    name: str = "foraging",
) -> MarkovGame:
    """A field in which one to six agents gather foods, the large ones only together.

    Every agent has six actions: stay, north, south, west, east, load. All act at the same time. A move into a wall, a
    food or a cell in which somebody stands leaves an agent where it is, and so does one into a cell that another wants
    as well. A load is for the food next to the agent (north, south, west or east of it), the first in the drawing if
    there are several; with no food there it does nothing. A food is lifted, and gone, if the levels of all agents that
    load it at this step sum to its own level or more. When all are gone the episode ends.

    Parameters
    ----------
    layout : str or list of str
        The drawing, all rows of equal length: ``#`` wall, ``.`` or a space for a free cell, ``1`` to ``9`` a food of
        that level. A text that begins with a line break may be indented.
    levels : sequence of int in [1, 9]
        Level of each agent; there are as many agents.
    sight : int, at least 0
        An agent sees its own place, and the foods and agents that are at most so many rows and columns away. It knows
        the map, so foods are told apart by their place: each is there, gone, or out of sight. In the default field that
        is less than the state, and yet rules without memory can come within 0.1 % of the team optimum.
    penalty : float, at least 0
        Paid by each agent that loads a food which is not lifted. Beside the large food of the default field and with a
        partner who acts at random, loading brings less at once than not loading if the penalty is above 1/6.
    step_cost : float, at least 0
        Paid by every agent at every step until all food is gone.
    reward : {'team', 'individual'}
        A food of level f that loaders of levels l_1, l_2, ... lift pays loader i l_i f / (sum of l) / (sum of the
        levels of all foods in the drawing). All agents get the *sum* of everybody's rewards, or each gets its own. All
        foods together pay 1.
    discount : float in [0, 1]
        gamma.
    starts : sequence of (row, column), optional
        Where each agent starts. Default: in free cells drawn at random, all arrangements equally likely.
    horizon : int or None
        Steps after which an episode is truncated.
    name : str
        A title.

    Returns
    -------
    MarkovGame
        Its states are named like ``'(0,1) (2,3) 2.'``: where the agents are, and the level of each food or a dot where
        it is gone. Its ``layout`` is a ``ForagingLayout`` with features for networks.

    Raises
    ------
    ValueError
        If the drawing has no food, uneven rows or an unknown character; if agents can't gather everything, because of
        levels or walls; if an option is unknown or a number out of range; if the world would be too large.

    Examples
    --------
    >>> game = foraging()
    >>> game
    MarkovGame('foraging': 2 agents, 692 states, 6 x 6 actions, discount 0.9, cooperative)
    >>> state = game.states.index("(0,1) (2,1) 21")
    >>> next_state, rewards = game.sample(state, (5, 5), np.random.default_rng(0))  # both load
    >>> game.states[next_state], rewards.round(3).tolist()
    ('(0,1) (2,1) .1', [0.647, 0.647])
    >>> game.layout.observation_features.shape
    (2, 692, 26)
    """
    checks.option("reward", reward, ("team", "individual"))
    penalty, step_cost = checks.number("penalty", penalty, 0), checks.number("step_cost", step_cost, 0)
    sight = checks.integer("sight", sight, 0)
    walls, foods, food_levels = read_field(layout)
    world = JointForaging(walls, foods, food_levels, _levels(levels))
    _refuse_if_too_large(world)
    positions, present = world.situations()
    start = present.all(axis=1)
    if starts is not None:
        start &= (positions == start_cells(starts, walls, foods, len(world.levels))).all(axis=1)
    if not start.any():
        raise ValueError(f"{len(world.levels)} agents find no free cells to start in; expected a larger field")

    state_at = np.full((2 ** len(foods), *(walls.size,) * len(world.levels)), -1, dtype=np.int32)
    bits = 2 ** np.arange(len(foods))
    state_at[(present @ bits, *positions.T)] = np.arange(len(positions))
    aimed, strength, lifted = world.lift(positions, present)
    left = present[:, np.newaxis] & ~lifted
    next_state = state_at[(left @ bits, *np.moveaxis(world.walk(positions, present), -1, 0))]
    over = ~present.any(axis=1)
    next_state[over] = np.flatnonzero(over)[:, np.newaxis]
    paid = world.pay(aimed, strength, penalty) - step_cost * ~over[:, np.newaxis]
    if reward == "team":
        paid = np.broadcast_to(paid.sum(axis=0), paid.shape)

    kept = reached(next_state, start)
    if not (kept & over).any():
        raise ValueError(
            f"agents of levels {world.levels.tolist()} can't gather all food of this field; expected higher levels, "
            "more agents, or fewer walls"
        )
    number = (np.cumsum(kept) - 1).astype(np.int32)
    next_state = number[next_state[kept]].ravel()
    seen = ForagingLayout(walls, foods, food_levels, world.levels, sight, positions[kept], present[kept])
    return MarkovGame(
        transitions=Successors(np.arange(len(next_state) + 1), next_state, np.ones(len(next_state))),
        rewards=paid[:, kept].reshape(len(world.levels), -1, *(len(ACTIONS),) * len(world.levels)),
        discount=discount,
        start=start[kept] / start.sum(),
        terminal=over[kept],
        states=_names(seen),
        actions=ACTIONS,
        observations=seen.observations,
        horizon=horizon,
        name=name,
        layout=seen,
    )


def _levels(levels) -> np.ndarray:
    """The level of each agent, (N,)."""
    count = checks.length(levels)
    if count is None or not 1 <= count <= MOST_AGENTS:
        raise ValueError(f"levels is {checks.shown(levels)}; expected a level for each of 1 to {MOST_AGENTS} agents")
    return np.array([checks.integer(f"levels[{i}]", level, 1, 9) for i, level in enumerate(levels)])


def _names(layout: ForagingLayout) -> list[str]:
    """``'(0,1) (2,3) 2.'`` for every state."""
    cells = [f"({cell // layout.columns},{cell % layout.columns})" for cell in range(layout.n_cells)]
    left = np.where(layout.present, layout.food_levels.astype(str), ".")
    return [
        " ".join(cells[cell] for cell in where) + " " + "".join(foods)
        for where, foods in zip(layout.positions.tolist(), left.tolist(), strict=True)
    ]


def _refuse_if_too_large(world: JointForaging) -> None:
    most = world.n_situations() * len(world.joint_actions)
    if most > OUTCOME_LIMIT:
        raise ValueError(
            f"{len(world.levels)} agents and {len(world.foods)} foods on {(~world.walls).sum()} cells make up to "
            f"{most:,} outcomes; expected at most {OUTCOME_LIMIT:,} (use fewer cells, agents or foods)"
        )
