"""A picture that follows a table: payoffs of a team of two that are dragged or typed, and what is worked out from them.

Like an ``Explorer`` with a table in the place of sliders: drawn anew at each change, in the kernel's event loop, and
only for the newest wish.

Legend of axes: A_1 rows (actions of agent 1), A_2 columns (actions of agent 2).
"""

from __future__ import annotations

import html

import ipywidgets as widgets
import numpy as np

from marl_edu.games import checks
from marl_edu.games.markov_game import MarkovGame
from marl_edu.panels import controls as parts
from marl_edu.panels.explorer import Explorer
from marl_edu.panels.painter import HEIGHT
from marl_edu.panels.payoff_table import MOST_ACTIONS
from marl_edu.panels.team_table import TeamTable

EDITED = "a table of your own"
"""What the menu says once a number has been changed."""


class TablePanel(Explorer):
    """An editable payoff table and a menu of tables beside a picture that is drawn from the payoffs.

    Parameters
    ----------
    draw : function
        ``draw(axes, payoffs)`` draws into empty axes and returns what the picture says, in a sentence or two.
        ``payoffs`` is (A_1, A_2); ``axes`` is one Axes, or a list of them if ``columns`` is more than 1.
    title : str
        Heading.
    presets : dict of str to array or MarkovGame
        For the menu, the first to begin with: tables (A_1, A_2) of at most three actions each, or cooperative matrix
        games, whose names of actions are used. They need not have the same size.
    low, high, step : float
        Range of a payoff, and what an arrow key or four pixels of the mouse add.
    columns : int
        Axes side by side, 1 to 3.
    height : int
        Of the picture, in pixels.

    Raises
    ------
    ValueError
        If one of these is otherwise. What ``draw`` raises when the first picture is drawn is raised on.

    Examples
    --------
    >>> def draw(ax, payoffs):
    ...     ax.imshow(payoffs)
    ...     return f"The best joint action pays {payoffs.max():g}."
    >>> panel = TablePanel(draw, "The best", {"small": [[1, 0], [0, 2]], "large": [[0, 5, 0], [0, 0, 9]]})
    >>> panel.edit(0, 0, 3)
    >>> panel.describe()
    'The best joint action pays 3.'
    >>> panel.choose("large")
    >>> panel.describe(), panel.payoffs.shape
    ('The best joint action pays 9.', (2, 3))
    """

    def __init__(self, draw, title: str, presets: dict, *, low: float = -100.0, high: float = 100.0, step: float = 1.0,
                 columns: int = 1, height: int = HEIGHT):  # fmt: skip
        self._range = checks.number("low", low), checks.number("high", high, low), checks.number("step", step, 1e-6)
        if not isinstance(presets, dict) or not presets:
            raise ValueError(f"presets is {checks.shown(presets)}; expected a dict of names and tables")
        self._presets = {
            checks.text("a preset's name", name): self._table_of(name, given) for name, given in presets.items()
        }
        self._called = next(iter(self._presets))
        self._payoffs, self.actions = self._presets[self._called]
        self._boxes: dict[tuple, TeamTable] = {}
        self._unanswered: list = []
        super().__init__(draw, title, {}, columns=columns, height=height)
        self._drawn_state = self._state
        self._menu.observe(lambda _: self._engine.ask(self._follow_menu), "value")

    def _table_of(self, name: str, given) -> tuple[np.ndarray, tuple]:
        """A preset's payoffs and names of actions, checked."""
        if isinstance(given, MarkovGame):
            if given.n_agents != 2 or given.n_states != 1 or given.setting != "cooperative":
                raise ValueError(f"presets[{name!r}] is {given}; expected a cooperative matrix game of two agents")
            return self._checked(f"presets[{name!r}]", given.rewards[0, 0]), given.actions
        payoffs = self._checked(f"presets[{name!r}]", given)
        return payoffs, letters(payoffs.shape)

    def _checked(self, field: str, given) -> np.ndarray:
        payoffs, (low, high, _) = checks.array(field, given), self._range
        if payoffs.ndim != 2 or not payoffs.size or max(payoffs.shape) > MOST_ACTIONS:
            raise ValueError(f"{field} has shape {payoffs.shape}; expected (A_1, A_2), each at most {MOST_ACTIONS}")
        if payoffs.min() < low or payoffs.max() > high:
            wrong = payoffs.min() if payoffs.min() < low else payoffs.max()
            raise ValueError(f"{field} has the entry {wrong:g}; expected numbers from {low:g} to {high:g}")
        return payoffs

    def _make_board(self) -> None:
        super()._make_board()
        self.board.add_class("marl-table-panel")
        self._menu = widgets.Dropdown(
            options=[*self._presets, EDITED],
            value=self._called,
            description="table",
            tooltip="start from a well-known table",
            style={"description_width": "52px"},
            layout=widgets.Layout(width="98%", min_height="28px"),
        )
        self._menu.add_class("marl-game")
        self._tuning = self.board.children[1].children[0]
        self._put_boxes()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.title!r})"

    # ---- what can be done, from a cell or with the mouse ------------------------------------------------------------

    @property
    def payoffs(self) -> np.ndarray:
        """The present table, (A_1, A_2), a copy."""
        return self._payoffs.copy()

    @property
    def values(self) -> dict:
        """What the picture is drawn from, by name."""
        return {"payoffs": self.payoffs}

    def edit(self, row: int, column: int, payoff: float) -> None:
        """Change one payoff; counts begin at 0. What is refused changes nothing."""
        self.set(self._with((0, row, column), payoff))

    def set(self, payoffs) -> None:
        """Take another table; its size may differ. What is refused, or can't be drawn, changes nothing."""
        payoffs = self._checked("payoffs", payoffs)
        self._take(payoffs, self.actions if payoffs.shape == self._payoffs.shape else letters(payoffs.shape), EDITED)

    def choose(self, name: str) -> None:
        """Take a table of the menu."""
        self._take(*self._presets[checks.option("the table", name, self._presets)], name)

    def close(self) -> None:
        """Free the widgets."""
        super().close()
        for boxes in self._boxes.values():
            boxes.close()

    # ---- inside -----------------------------------------------------------------------------------------------------

    @property
    def _state(self) -> tuple:
        return self._payoffs, self.actions, self._called

    def _take(self, payoffs: np.ndarray, actions: tuple, name: str) -> None:
        """Change the table and draw it now, or change nothing."""
        before = self._state
        self._become(payoffs, actions, name)
        try:
            self._show()
        except Exception:
            self._become(*before)
            self._dirty = False
            raise

    def _become(self, payoffs: np.ndarray, actions: tuple, name: str) -> None:
        """Change the table, its boxes and what the menu says; the picture comes later."""
        self._payoffs, self.actions, self._called, self._dirty = payoffs, actions, name, True
        self._put_boxes()
        self._menu.value = name

    def _put_boxes(self) -> None:
        """Have the boxes of the present size show the present table; each size has its own, made when needed."""
        shape = self._payoffs.shape
        if shape not in self._boxes:
            self._boxes[shape] = TeamTable(self._payoffs, *self._range)
            self._boxes[shape].on_wish(lambda *wish: self._engine.ask(self._wished, shape, *wish))
        self._table = self._boxes[shape]
        self._table.put([self._payoffs])
        self._table.name(self.actions)
        if self._tuning.children != (self._menu, self._table):
            self._tuning.children = (self._menu, self._table)

    def _with(self, at, value) -> np.ndarray:
        """The present table with one payoff changed."""
        _, row, column = self._table.place(at)
        payoffs = self.payoffs
        payoffs[row, column] = self._table.payoff(at, value)
        return payoffs

    def _wished(self, shape, at, value, wish=None) -> None:
        """Somebody dragged or typed a payoff."""
        try:
            if shape == self._payoffs.shape:  # else another table was chosen since
                self._become(self._with(at, value), self.actions, EDITED)
                self._draw_if_alone()
        finally:
            self._unanswered.append((self._boxes[shape], wish))
            if not self._engine.driving:
                self._answer()

    def _follow_menu(self) -> None:
        """Take the table that the menu says, unless it is the present one."""
        name = self._menu.value
        if name != self._called and name in self._presets:
            self._become(*self._presets[name], name)
            self._draw_if_alone()

    def _draw_if_alone(self) -> None:
        if not self._engine.driving:
            self.tick()

    def _answer(self) -> None:
        for boxes, wish in self._unanswered:
            boxes.answer(wish)
        self._unanswered.clear()

    def _show(self) -> None:
        super()._show()
        self._drawn_state = self._state

    def tick(self) -> None:
        """Draw what was wished for last; only then may the hand that drags send its next wish."""
        try:
            super().tick()
        finally:
            self._answer()

    def fail(self, error: Exception) -> None:
        """Say what went wrong; the last picture stays, and the table goes back to what it shows."""
        if not self._dirty:  # else a wish that was refused must not undo one that is not drawn yet
            self._become(*self._drawn_state)
            self._dirty = False
        self._warns.value = html.escape(parts.what_failed(error))


def letters(shape: tuple[int, ...]) -> tuple[tuple[str, ...], ...]:
    """Names for actions that have none.

    >>> letters((2, 3))
    (('a', 'b'), ('a', 'b', 'c'))
    """
    return tuple(tuple("abcdefghij"[:count]) for count in shape)
