"""Play: the student is one agent of a game, beside or against learners whose beliefs can be seen.

Widgets (``playboard.py``) only say what is wanted; a task in the kernel's event loop (``engine.py``) does it. A turn is
a moment of a ``Recording``, so the timeline rewinds the match over all views.
"""

from __future__ import annotations

import copy

from marl_edu.games import GridLayout, checks
from marl_edu.learning import Match, Partner
from marl_edu.panels import play_words
from marl_edu.panels.controls import names_of, put, same
from marl_edu.panels.engine import Engine
from marl_edu.panels.painter import Painter
from marl_edu.panels.playboard import PlayBoard
from marl_edu.panels.turns import BUDGET, Turns
from marl_edu.recording import Recording, record
from marl_edu.views import BeliefView, GridWorldView, LearningCurve, PlayedActions, ScoreView, View
from marl_edu.views.belief import Covered

WIDTH = 960
"""Width of the picture in pixels."""

MOST_TURNS = 1000
"""Turns of a match; a recording keeps every one of so many."""


class Play(Turns):
    """A match in which the student chooses one agent's actions, by buttons or keys, with a timeline.

    Parameters
    ----------
    match : Match
        Who plays what. The panel starts it afresh.
    views : View or list of View, optional
        One to three pictures. Default: on grids the world with the partner's values, and its beliefs; in matrix games
        of two the score, the payoffs with what was played, and the partner's beliefs; elsewhere score and beliefs.
        Beside partners that keep neither values nor a model there is no picture of beliefs, and on grids the score
        stands in its place.
    name : str, optional
        Under what the result is kept in the student's progress, such as ``'06.play_corridor'``.
    turns : int
        Length of a match, at most 1,000.
    show : {'live', 'after'}
        Whether beliefs are seen from the start, or only when the last turn was played, and then for all turns. Live, a
        partner that explores little can be read like an open book: against an opponent choose ``'after'``.
    controls : sequence of str, optional
        Hyperparameters of the match that get a slider; by default none.
    title : str, optional
        Heading.

    Raises
    ------
    ValueError
        If one of these is otherwise, or a view does not suit the game.

    Examples
    --------
    >>> from marl_edu.games import matching_pennies
    >>> from marl_edu.learning import ModelPartner
    >>> play = Play(Match(matching_pennies(), ModelPartner(explores=False)), turns=3, show="after")
    >>> for side in ("heads", "heads", "tails"):
    ...     play.press(side)
    >>> play.over, play.recording.units.tolist(), int(play.recording[-1]["earned"].sum())
    (True, [0, 1, 2, 3], 0)
    """

    def __init__(self, match: Match, views=None, *, name: str | None = None, turns: int = 30, show: str = "live",
                 controls=(), title: str | None = None):  # fmt: skip
        if not isinstance(match, Match):
            raise ValueError(f"match is {checks.shown(match)}; expected a Match, such as Match(game, QPartner())")
        self.match, self.turns = match, checks.integer("turns", turns, 1, MOST_TURNS)
        self.name = None if name is None else checks.text("name", name)
        self.show = checks.option("show", show, ("live", "after"))
        given = default_views(match) if views is None else views
        given = tuple(given) if isinstance(given, list | tuple) else (given,)
        if not all(isinstance(view, View) for view in given):
            raise ValueError(f"views is {checks.shown(views)}; expected a View such as ScoreView(), or a list of them")
        tunable = names_of(controls, match)
        others = ", ".join(f"{match.game.agents[i]} ({who.title})" for i, who in match.partners.items())
        self.title = str(title or "") or f"Play {match.game.name} with {others}"
        self.views = tuple(copy.copy(view) for view in given)
        for view in self.views:
            view.expected_units = self.turns
        match.reset()
        self._begin()
        self._hidden = (
            f"what {others}\nbelieves is shown when\nthe last turn was played" if show == "after" else "hidden"
        )
        self._painters: dict[bool, Painter] = {}
        self.painter(True)  # views that don't suit the game say so here and now
        self._keys = play_words.keys_for(match.actions)
        size = (self.painter(True).width, self.painter(True).height)
        self._learning = any(type(partner).learn is not Partner.learn for partner in match.partners.values())
        offered = [
            name
            for name, useful in (("forget", self._learning), ("reveal", any(_tells(view) for view in self.views)))
            if useful
        ]
        self.board = PlayBoard(self.title, match, self._keys, tunable, self.turns, size, offered)
        self._engine = Engine(self)
        actions = {"press": self.press, "key": self._key, "again": self.new_match, "forget": self.forget,
                   "timeline": self.look_at, "reveal": self.reveal, "tuned": self._tuned}  # fmt: skip
        self.tick()
        self.board.connect(self._engine.ask, actions)

    def painter(self, revealed: bool) -> Painter:
        """What paints the views, with what is believed or without."""
        if revealed not in self._painters:
            views = self.views if revealed else [_covered(copy.copy(view), self._hidden) for view in self.views]
            self._painters[revealed] = Painter(views, self.recording, WIDTH)
            self._painters[revealed].paint(self.recording, 0)
        return self._painters[revealed]

    def _begin(self) -> None:
        """A new recording of a match that has just begun."""
        self.recording = Recording.of(self.match, BUDGET)
        self._keep()
        self.shown: int | None = None
        self.revealed = self.show == "live"
        self._notice, self._dirty = "", True

    def _keep(self) -> None:
        self.recording.append(self.match.units_done, self.match.frame(), self.match.hyperparameters)

    def __repr__(self) -> str:
        return f"Play({self.title!r}, {self.turns:,} turns)"

    def _still(self) -> tuple[Painter, Recording, str]:
        if self.turn:
            return self.painter(self.revealed), self.recording, self.describe()
        match = self.match.clone()
        recording = record(match, self.turns, 1)
        how = f"A stand-in for you played {self.turns:,} turns."
        return self.painter(True), recording, f"{how} {play_words.summary(match, recording)}"

    # ---- what can be done, from a cell or by a button -----------------------------------------------------------

    @property
    def turn(self) -> int:
        """Turns played."""
        return self.match.units_done

    @property
    def over(self) -> bool:
        """Whether the last turn was played."""
        return self.turn >= self.turns

    @property
    def moment(self) -> int:
        """Position in the recording that is shown: the newest, unless the student went back."""
        return len(self.recording) - 1 if self.shown is None else self.recording.position_of(self.shown)

    @property
    def playing(self) -> bool:
        """A match stands still until somebody chooses."""
        return False

    def press(self, action: int | str) -> None:
        """Choose an action, by number from 0 or by name: one turn is played, from the newest moment on."""
        action = checks.index_of("action", action, self.match.actions)
        if self.over:
            self._say(f"All {self.turns:,} turns are played. Begin a new match, or look back by the timeline.")
            return
        if self.turn != self.recording.units[-1]:
            raise ValueError(
                f"this match stands at turn {self.turn:,}, but this panel left it at {self.recording.units[-1]:,}: "
                "another cell or panel has moved it; begin a new match here"
            )
        went_back, self.shown = self.shown, None
        self.match.choose(action)
        self._play_on()
        told = (
            f"turn {went_back:,} was shown; your choice was played as turn {self.turn:,}"
            if went_back is not None
            else ""
        )
        self._say(f"An earlier {told}." if told else "")

    def run(self) -> Play:
        """Have the stand-in play the rest of the match; returns the panel."""
        self.shown = None
        while not self.over:
            self._play_on()
        self._say("")
        return self

    def new_match(self) -> None:
        """Begin a new match; the partners keep what they learned."""
        self.match.rematch()
        self._begin()
        self._say("A new match; what was learned before is kept." if self._learning else "A new match.")

    def forget(self) -> None:
        """Begin a new match; the partners forget what they learned, and have other luck than last time."""
        self.match.restart(seed=self.match.seed + 1)
        self._begin()
        self._say("A new match; everything is forgotten." if self._learning else "A new match.")

    def look_at(self, turn: int) -> None:
        """Show the moment after a turn; at or past the newest, follow it again."""
        turn = checks.integer("turn", turn, 0)
        self.shown = turn if turn < self.turn else None
        self._say("An earlier turn is shown; a choice goes on from the newest one." if self.shown is not None else "")

    def reveal(self, wanted: bool = True) -> None:
        """Show or hide what the partners believe; with ``show='after'`` not before the last turn."""
        wanted = checks.flag("wanted", wanted)
        too_early = wanted and self.show == "after" and not self.over
        self.revealed = wanted and not too_early
        self._say("What is believed is shown after the last turn." if too_early else "")

    def png(self) -> bytes:
        """The present picture."""
        return self.painter(self.revealed).png(self.recording, self.moment)

    def describe(self) -> str:
        """What happened in the turn that is shown, and at the end of the match how it went."""
        said = play_words.turn(self.recording, self.moment, self.turns)
        if self.over and self.shown is None:
            said += f" {play_words.summary(self.match, self.recording)}"
        return said

    # ---- what the engine calls ------------------------------------------------------------------------------------

    def idle(self) -> float:
        """Seconds until there is something to do."""
        return 0.0 if self._dirty else float("inf")

    def tick(self) -> None:
        """Show where things stand, if that has changed."""
        if not self._dirty:
            return
        self._dirty = False
        t = self.moment
        shown = int(self.recording.units[t])
        back = f"showing {shown:,} · " if self.shown is not None else ""
        self.board.show(
            self.png(), shown=shown, turns=self.turns, revealed=self.revealed, over=self.over, notice=self._notice,
            words=self.describe(),
            status=f"{back}turn {self.turn:,} of {self.turns:,} · {play_words.score(self.recording, t)}",
        )  # fmt: skip

    def _play_on(self) -> None:
        self.match.advance(1)
        self._keep()
        if self.over:
            self.revealed = True
            self._note()

    def _note(self) -> None:
        """Keep the result in the student's progress."""
        if self.name is None:
            return
        from marl_edu.progress import progress

        earned = float(self.recording[-1]["earned"][0, self.match.seat])
        progress().note("play", self.name, turns=self.turn, earned=earned)

    def _key(self, content) -> None:
        key = content.get("key") if isinstance(content, dict) else None
        if isinstance(key, str) and key in self._keys:
            self.press(self._keys[key])

    def _tuned(self, name: str, value) -> None:
        control, present = self.board.controls[name], getattr(self.match, name)
        if same(control, value, present):
            return
        try:
            self.match.set(**{name: value})
        except ValueError:
            put(control, present)  # the control must not lie
            raise
        self._say("")


def default_views(match: Match) -> list[View]:
    """What suits the kind of game, and a partner that has beliefs to show or none."""
    believers = [i for i, partner in match.partners.items() if believes(partner)]
    beliefs = bool(believers) and "model" in match.frame()
    first = min(believers) if beliefs else min(match.partners)
    if isinstance(match.game.layout, GridLayout):
        valued = match.partners[first].values() is not None and beliefs
        told = f"Values of {match.game.agents[first]}" if valued else "World"
        world = GridWorldView(first if valued else None, title=told)
        return [world, BeliefView(first)] if beliefs else [world, ScoreView()]
    played = [PlayedActions()] if match.game.n_states == 1 and match.game.n_agents == 2 else []
    if not beliefs:
        return [ScoreView(), *played]
    return [ScoreView(), *played, BeliefView(first)]


def believes(partner: Partner) -> bool:
    """Whether a partner that has sat down keeps values or a model, so that there are beliefs to show."""
    return partner.values() is not None or partner.model() is not None


def _tells(view: View) -> bool:
    """Whether a view shows what partners believe."""
    if isinstance(view, GridWorldView):
        return view.agent is not None
    open_to_all = isinstance(view, PlayedActions) or (
        isinstance(view, LearningCurve) and view.quantity not in ("q", "policy", "model", "expected")
    )
    return not open_to_all


def _covered(view: View, words: str) -> View:
    """The view without what partners believe."""
    if not isinstance(view, GridWorldView):
        return Covered(view, words) if _tells(view) else view
    world = copy.copy(view)
    world.agent, world.heading = None, "World"
    return world
