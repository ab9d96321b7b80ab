"""A panel in which the game itself can be edited: whatever is changed, the whole run is done again at once.

Good for dynamics in small games, where a run takes a few milliseconds: then a number that is dragged takes the
field, the best responses, the equilibria and all trajectories with it.
"""

from __future__ import annotations

import ipywidgets as widgets

from marl_edu.algorithm import HyperparameterError
from marl_edu.games import checks
from marl_edu.learning.dynamics.two_by_two import LARGEST, PAYOFFS, TwoByTwo
from marl_edu.panels import controls as parts
from marl_edu.panels import export
from marl_edu.panels.panel import Panel
from marl_edu.panels.payoff_table import PayoffTable
from marl_edu.recording import record

EDITED = "a game of your own"
"""What the menu of games says once a payoff has been changed."""

FRAMES = 300
"""Moments that are kept of a run: a circle that is drawn through every third of its steps has corners."""


class GamePanel(Panel):
    """A panel with a table of payoffs that can be dragged, and a menu of games.

    Parameters
    ----------
    learner : TwoByTwo
        What is driven; its hyperparameters hold the payoffs.
    views : View or sequence of View
        One to three pictures.
    games : sequence of MarkovGame
        For the menu; two agents with two actions each. The learner's game comes first if it is not among them.
    units : int
        Length of a run, in steps. It is done again at each change, so it must be short: some hundreds. Up to 300 every
        step is drawn.
    controls : sequence of str
        Hyperparameters that get a control besides the payoffs.
    **options
        As ``Panel``: speed, title, guess.

    Raises
    ------
    ValueError
        If the learner is no ``TwoByTwo``, or a game has another shape.

    Examples
    --------
    >>> from marl_edu.games import chicken, matching_pennies
    >>> from marl_edu.views import UnitSquare
    >>> panel = GamePanel(TwoByTwo(chicken(), seeds=4), UnitSquare(), games=[chicken(), matching_pennies()], units=40)
    >>> panel.choose("matching pennies")
    >>> panel.edit(0, 0, 0, 3)
    >>> panel.algorithm.tables[0].tolist()
    [[3.0, -1.0], [-1.0, 1.0]]
    """

    def __init__(self, learner: TwoByTwo, views, games=(), *, units: int,
                 controls=("rule", "integrator", "step_size"), **options):  # fmt: skip
        if not isinstance(learner, TwoByTwo):
            raise ValueError(f"learner is {checks.shown(learner)}; expected a TwoByTwo(game)")
        self._games = {game.name: game for game in [learner.game, *games]}
        self._table = PayoffTable(learner.game, -LARGEST, LARGEST)
        for game in self._games.values():
            TwoByTwo(game)  # says so if it does not suit
        self._menu = widgets.Dropdown(
            options=[*self._games, EDITED],
            value=learner.game.name,
            description="game",
            tooltip="start from a well-known game",
            style={"description_width": parts.NAMES_WIDTH},
            layout=widgets.Layout(width="98%", min_height="28px"),
        )
        self._menu.add_class("marl-game")
        self._due, self._called, self._unanswered = False, learner.game.name, []
        options.setdefault("title", learner.title)  # the game's name would soon be wrong
        super().__init__(learner, views, units=units, controls=controls, **options)
        self._session.frames, self._session.redone = FRAMES, FRAMES + 1  # and the beginning
        self.board.put_above([self._menu, self._table])
        self._table.on_wish(lambda *wish: self._engine.ask(self._wished, *wish))
        self._menu.observe(lambda _: self._engine.ask(self._follow_menu), "value")

    # ---- what can be done, from a cell or with the mouse ------------------------------------------------------------

    def edit(self, agent: int, row: int, column: int, payoff: float) -> None:
        """Change one payoff; all counts begin at 0. The run is done again up to the same moment.

        Raises
        ------
        ValueError
            If there is no such place, or the payoff is no number from -10 to 10. Nothing is changed then.
        """
        at = self._table.place((agent, row, column))
        self._become({PAYOFFS[4 * at[0] + 2 * at[1] + at[2]]: self._table.payoff(at, payoff)}, EDITED)

    def choose(self, name: str) -> None:
        """Take the payoffs of a game in the menu."""
        game = self._games[checks.option("the game", name, self._games)]
        self._become(dict(zip(PAYOFFS, game.rewards[:, 0].ravel().tolist(), strict=True)), name)

    def set(self, **hyperparameters) -> None:
        """Change hyperparameters; the run is done again."""
        for name in hyperparameters:
            self.algorithm.require(name)
        self._become(hyperparameters, EDITED if set(hyperparameters) & set(PAYOFFS) else None)
        for name in set(hyperparameters) & set(self.board.controls):
            parts.put(self.board.controls[name], getattr(self.algorithm, name))

    def run(self) -> GamePanel:
        """Do the rest of the run here and now, without a front end; returns the panel."""
        self._session.finish(FRAMES)
        return super().run()

    def tick(self) -> None:
        """Do the run again if something was changed, once for all changes; then as every panel."""
        self._redo()
        super().tick()
        self._answer()  # only now: a hand that drags is never ahead of the picture by more than one wish

    def describe(self) -> str:
        """What the picture says, in words."""
        self._redo()
        return super().describe()

    def png(self) -> bytes:
        """The present picture."""
        self._redo()
        return super().png()

    # ---- inside -----------------------------------------------------------------------------------------------------

    def _preview(self) -> export.Still:
        units = self._session.units
        self._expect(units)
        return export.Still(self.views, record(self.algorithm.clone(), units, max(1, units // FRAMES)))

    def _become(self, changed: dict, name: str | None) -> None:
        self.algorithm.set(**changed)
        self._table.put(self.algorithm.tables)
        if name is not None:
            self._called = name  # before the menu says so: that is no wish of anybody's
            self._menu.value = name
            if name in self._games:
                self._table.name(self._games[name].actions)
        self._notice = ""
        self._due = True
        if not self._engine.driving:
            self._redo()
        self._changed()

    def _redo(self) -> None:
        if self._due:
            self._due = False
            self._session.redo()

    def _wished(self, at, value, wish=None) -> None:
        """Somebody dragged or typed a payoff."""
        try:
            self.edit(*self._table.place(at), value)
        finally:
            self._unanswered.append(wish)
            if not self._engine.driving:
                self._answer()

    def _answer(self) -> None:
        for wish in self._unanswered:
            self._table.answer(wish)
        self._unanswered.clear()

    def _follow_menu(self) -> None:
        """Take the game that the menu says, unless it is the present one."""
        name = self._menu.value
        if name != self._called and name in self._games:
            self.choose(name)

    def _tuned(self, name: str, value) -> None:
        control, present = self.board.controls[name], getattr(self.algorithm, name)
        if parts.same(control, value, present):
            return
        try:
            self._become({name: value}, None)
        except HyperparameterError:
            parts.put(control, present)
            raise

    def _stale(self) -> str:
        """Nothing is ever out of date here, but for the number of seeds."""
        return super()._stale() if self._wanted_seeds != self.algorithm.seeds else ""
