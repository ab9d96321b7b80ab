"""A table of payoffs that can be changed with the mouse or by keyboard: drag a number, type it, or press arrow keys.

Legend of axes: N = 2 agents, A_1 rows (actions of agent 1), A_2 columns (actions of agent 2).
"""

from __future__ import annotations

import numbers
from pathlib import Path

import anywidget
import numpy as np
import traitlets

from marl_edu.games import checks
from marl_edu.games.colours import agent_colour
from marl_edu.games.markov_game import MarkovGame

HERE = Path(__file__).parent
MOST_ACTIONS = 3
"""Actions an agent may have: with more, the boxes would be too narrow to read."""


class PayoffTable(anywidget.AnyWidget):
    """Boxes for the payoffs of two agents, in the agents' colours.

    It changes nothing by itself: what the student wants is told to ``on_wish``, and the boxes show ``values`` only.

    Parameters
    ----------
    game : MarkovGame
        Two agents, one state, at most three actions each: its payoffs and names come first.
    low, high : float
        Range that dragging and arrow keys keep to.
    step : float
        What one arrow key, or four pixels of the mouse, add.

    Raises
    ------
    ValueError
        If the game is another one.

    Examples
    --------
    >>> from marl_edu.games import matching_pennies
    >>> table = PayoffTable(matching_pennies())
    >>> table.values[0]
    [[1, -1], [-1, 1]]
    """

    _esm = HERE / "payoff_table.js"
    _css = HERE / "payoff_table.css"

    values = traitlets.List().tag(sync=True)
    """(N, A_1, A_2) nested lists of numbers; whole numbers are shown without a point."""

    agents = traitlets.List().tag(sync=True)
    actions = traitlets.List().tag(sync=True)
    colours = traitlets.List().tag(sync=True)
    range = traitlets.List().tag(sync=True)
    step = traitlets.Float(0.5).tag(sync=True)

    def __init__(self, game: MarkovGame, low: float = -10.0, high: float = 10.0, step: float = 0.5):
        checks.game(game)
        if game.n_agents != 2 or game.n_states != 1 or max(game.n_actions) > MOST_ACTIONS:
            many = " x ".join(map(str, game.n_actions))
            raise ValueError(
                f"game {game.name!r} has {game.n_states} state{'s' * (game.n_states > 1)}, {game.n_agents} agents and "
                f"{many} actions; expected one state, two agents and at most {MOST_ACTIONS} actions each"
            )
        super().__init__(
            values=in_boxes(game.rewards[:, 0]),
            agents=list(game.agents),
            actions=[list(names) for names in game.actions],
            colours=[agent_colour(0), agent_colour(1)],
            range=[low, high],
            step=step,
        )

    def put(self, tables) -> None:
        """Show these payoffs, (N, A_1, A_2)."""
        self.values = in_boxes(tables)

    def name(self, actions) -> None:
        """Show these names of actions, a list for each agent."""
        self.actions = [list(names) for names in actions]

    def answer(self, wish) -> None:
        """Have the box that sent this wish show ``values`` again, whether it was granted or not."""
        self.send({"answered": wish})

    def on_wish(self, told) -> None:
        """Have ``told(place, value, wish)`` called with what is wanted.

        Place is (agent, row, column), the value as it came; the wish's number is for ``answer`` when all is done.
        """
        self.on_msg(lambda _, content, __: told(content.get("at"), content.get("value"), content.get("wish")))

    def place(self, at) -> tuple[int, int, int]:
        """A place (agent, row, column) in this table; a ``ValueError`` if it is none."""
        shape = np.shape(self.values)
        if not isinstance(at, list | tuple) or len(at) != 3:
            raise ValueError(f"the place is {checks.shown(at)}; expected (agent, row, column)")
        names = ("agent", "row", "column")
        return tuple(checks.integer(n, k, 0, top - 1) for n, k, top in zip(names, at, shape, strict=True))

    def payoff(self, at, value) -> float:
        """A payoff that was asked for, checked; the ``ValueError`` says whose it is, what was typed, what is expected.

        >>> from marl_edu.games import matching_pennies
        >>> PayoffTable(matching_pennies()).payoff([0, 0, 1], "two")
        Traceback (most recent call last):
        ValueError: payoff of agent 1 for (heads, tails) is 'two'; expected a number from -10 to 10
        """
        agent, row, column = self.place(at)
        low, high = self.range
        real = isinstance(value, numbers.Real) and not isinstance(value, bool)
        if not real or not low <= value <= high:
            whose = f"{self.agents[agent]} for ({self.actions[0][row]}, {self.actions[1][column]})"
            raise ValueError(f"payoff of {whose} is {checks.shown(value)}; expected a number from {low:g} to {high:g}")
        return float(value)


def in_boxes(tables) -> list:
    """Numbers as they are shown: rounded to four decimals, whole ones as whole numbers."""
    rounded = np.round(np.asarray(tables, dtype=float), 4).tolist()
    return [[[int(x) if x == int(x) else x for x in row] for row in table] for table in rounded]
