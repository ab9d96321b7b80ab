"""Small pictures of a game's state, as pixels or as words, for environments that other libraries drive."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from marl_edu.games.cells import Cells
from marl_edu.games.colours import INK, agent_colour
from marl_edu.games.foraging_layout import ForagingLayout
from marl_edu.games.grid_layout import GOAL_SIGNS, SHARED_GOAL, START_SIGNS, GridLayout
from marl_edu.games.markov_game import MarkovGame

PAPER, WALL, LINE, FOOD = "#FFFFFF", "#555555", "#CCCCCC", "#F6E3A1"
CELL = 48
"""Side of a cell in pixels."""

SHARPNESS = 3
"""Everything is drawn this much larger and then reduced, for smooth edges."""


def picture(game: MarkovGame, state: int, joint_action: Sequence[int] | None = None, rewards=None) -> np.ndarray:
    """One picture of a state: the map of a gridworld or of foragers, or else its name, the last actions and rewards.

    Parameters
    ----------
    game : MarkovGame
        The world.
    state : int
        Number of the state shown.
    joint_action : sequence of int, optional
        What the agents did last.
    rewards : (N,) array, optional
        What they got for it.

    Returns
    -------
    (height, width, 3) uint8 array
        Of the same size for every state of a game.

    Examples
    --------
    >>> from marl_edu.games import gridworld
    >>> picture(gridworld(["1..", "..A"]), state=0).shape
    (96, 144, 3)
    """
    if isinstance(game.layout, GridLayout):
        return _map(game.layout, state)
    if isinstance(game.layout, ForagingLayout):
        return _field(game.layout, state)
    return _card(game, state, joint_action, rewards)


def words(game: MarkovGame, state: int, joint_action: Sequence[int] | None = None, rewards=None) -> str:
    """The same as text: a drawing in the alphabet of ``gridworld`` (``*`` for several agents), or a few lines.

    Foragers are letters, ``a`` for agent 1, in the alphabet of ``foraging``.

    Examples
    --------
    >>> from marl_edu.games import gridworld, prisoners_dilemma
    >>> game = gridworld(["1..", "..A"])
    >>> print(words(game, state=game.states.index("(0,1)")))
    .1.
    ..A
    >>> print(words(prisoners_dilemma(), 0, (0, 1), (0, 5)))
    prisoner's dilemma
    state s0
    agent 1: cooperate, reward 0
    agent 2: defect, reward 5
    """
    layout = game.layout
    if isinstance(layout, ForagingLayout):
        return _drawn(layout, state)
    if not isinstance(layout, GridLayout):
        return "\n".join([game.name, f"state {game.states[state]}", *_reports(game, joint_action, rewards)])
    signs = np.where(layout.walls.ravel(), "#", ".")
    for cell in np.flatnonzero(layout.goals.any(axis=0)):
        signs[cell] = _goal_sign(layout, cell)
    for cell in layout.positions[state]:
        there = np.flatnonzero(layout.positions[state] == cell)
        signs[cell] = START_SIGNS[there[0]] if len(there) == 1 else "*"
    return "\n".join("".join(row) for row in signs.reshape(layout.walls.shape))


def _drawn(layout: ForagingLayout, state: int) -> str:
    """The field as text, with levels of foods and letters of agents."""
    signs = np.where(layout.walls.ravel(), "#", ".")
    left = layout.present[state]
    signs[layout.foods[left]] = layout.food_levels[left]
    signs[layout.positions[state]] = list("abcdef")[: layout.n_agents]
    return "\n".join("".join(row) for row in signs.reshape(layout.walls.shape))


def _goal_sign(layout: GridLayout, cell: int) -> str:
    served = np.flatnonzero(layout.goals[:, cell])
    return GOAL_SIGNS[served[0]] if len(served) == 1 else SHARED_GOAL


def _reports(game: MarkovGame, joint_action, rewards) -> list[str]:
    """What each agent did and got, one line each."""
    if joint_action is None:
        return [f"{agent}: no action yet" for agent in game.agents]
    return [
        f"{agent}: {game.actions[i][joint_action[i]]}, reward {rewards[i]:g}" for i, agent in enumerate(game.agents)
    ]


def _ground(walls: np.ndarray) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """Cells and walls."""
    side = CELL * SHARPNESS
    image = Image.new("RGB", (walls.shape[1] * side, walls.shape[0] * side), PAPER)
    draw = ImageDraw.Draw(image)
    for (row, column), wall in np.ndenumerate(walls):
        box = (column * side, row * side, (column + 1) * side - 1, (row + 1) * side - 1)
        draw.rectangle(box, fill=WALL if wall else PAPER, outline=LINE, width=SHARPNESS)
    return image, draw


def _map(layout: GridLayout, state: int) -> np.ndarray:
    side = CELL * SHARPNESS
    image, draw = _ground(layout.walls)
    letters = ImageFont.load_default(side * 0.45)
    for cell in np.flatnonzero(layout.goals.any(axis=0)):
        row, column = layout.place(cell)
        served = np.flatnonzero(layout.goals[:, cell])
        ink = agent_colour(served[0]) if len(served) == 1 else INK
        box = (column * side, row * side, (column + 1) * side - 1, (row + 1) * side - 1)
        inner = tuple(np.add(box, (4 * SHARPNESS, 4 * SHARPNESS, -4 * SHARPNESS, -4 * SHARPNESS)))
        draw.rectangle(inner, outline=ink, width=3 * SHARPNESS)
        middle = ((column + 0.5) * side, (row + 0.5) * side)
        draw.text(middle, _goal_sign(layout, cell), fill=ink, font=letters, anchor="mm")
    for agent, cell in enumerate(layout.positions[state]):
        _disc(draw, layout, agent, cell, np.flatnonzero(layout.positions[state] == cell).tolist())
    return np.asarray(image.reduce(SHARPNESS)).copy()


def _field(layout: ForagingLayout, state: int) -> np.ndarray:
    """Foods as diamonds with their levels; agents as on a map, with their levels in small diamonds."""
    side = CELL * SHARPNESS
    image, draw = _ground(layout.walls)
    for cell, level, left in zip(layout.foods, layout.food_levels, layout.present[state], strict=True):
        if left:
            _diamond(draw, (np.array(layout.place(cell))[::-1] + 0.5) * side, 0.4 * side, level)
    for agent, cell in enumerate(layout.positions[state]):
        _disc(draw, layout, agent, cell, [agent])
        _diamond(draw, (np.array(layout.place(cell))[::-1] + 0.77) * side, 0.22 * side, layout.levels[agent])
    return np.asarray(image.reduce(SHARPNESS)).copy()


def _diamond(draw: ImageDraw.ImageDraw, middle: np.ndarray, half: float, level: int) -> None:
    corners = middle + half * np.array([(0, -1), (1, 0), (0, 1), (-1, 0)])
    draw.polygon([tuple(corner) for corner in corners], fill=FOOD, outline=INK, width=SHARPNESS)
    draw.text(tuple(middle), str(level), fill=INK, font=ImageFont.load_default(half), anchor="mm")


def _disc(draw: ImageDraw.ImageDraw, layout: Cells, agent: int, cell: int, company: list[int]) -> None:
    """An agent; those who share a cell stand in a ring in it."""
    side = CELL * SHARPNESS
    middle = (np.array(layout.place(cell))[::-1] + 0.5) * side
    radius = 0.36 * side
    if len(company) > 1:
        angle = 2 * np.pi * company.index(agent) / len(company)
        middle = middle + 0.24 * side * np.array([-np.cos(angle), np.sin(angle)])
        radius = 0.2 * side
    draw.ellipse((*(middle - radius), *(middle + radius)), fill=agent_colour(agent), outline=PAPER, width=SHARPNESS)
    draw.text(tuple(middle), str(agent + 1), fill=PAPER, font=ImageFont.load_default(radius * 1.1), anchor="mm")


def _card(game: MarkovGame, state: int, joint_action, rewards) -> np.ndarray:
    """Name, state and what each agent did and got, as lines of text."""
    line = 24 * SHARPNESS
    image = Image.new("RGB", (480 * SHARPNESS, line * (game.n_agents + 3)), PAPER)
    draw = ImageDraw.Draw(image)
    lines = [(game.name, INK), (f"state {game.states[state]}", INK)]
    lines += [(report, agent_colour(i)) for i, report in enumerate(_reports(game, joint_action, rewards))]
    for number, (text, ink) in enumerate(lines):
        draw.text((line / 2, line * (number + 0.5)), text, fill=ink, font=ImageFont.load_default(line * 0.6))
    return np.asarray(image.reduce(SHARPNESS)).copy()
