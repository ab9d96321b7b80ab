"""Steer: the student pushes one agent of a particle world about, by keys, mouse or buttons, in real time or in steps.

Widgets (``steerboard.py``) only say what is held or wanted; a task in the kernel's event loop (``engine.py``) makes the
steps of what is flown (``flown.py``). It makes none to catch up, and waits for the page to have seen the last one:
neither a slow kernel nor a slow page has steps waiting, and none is made for a page that is gone. A step is a moment of
a ``Recording``.
"""

from __future__ import annotations

from marl_edu.games import checks
from marl_edu.learning import Flight
from marl_edu.panels import steer_words, stick
from marl_edu.panels.engine import Engine
from marl_edu.panels.flown import Flown
from marl_edu.panels.metronome import Metronome
from marl_edu.panels.painter import Painter
from marl_edu.panels.steerboard import PACES, SteerBoard
from marl_edu.panels.turns import Turns
from marl_edu.recording import Recording
from marl_edu.views import FlightView

SIZE = 480
"""Width and height of the picture in pixels."""

GRACE = 0.7
"""Seconds after the end of an episode in which a key doesn't go on: it was meant for the old one."""


class Steer(Turns):
    """Episodes of a particle world in which the student steers one agent, with a timeline over all steps.

    Parameters
    ----------
    flight : Flight
        In which world, and with whom. The panel starts it afresh.
    name : str, optional
        Under what the result is kept in the student's progress, such as ``'10.play_spread'``.
    episodes : int
        How many are flown; their steps are at most 2,000 in all.
    pace : {'real time', 'step by step'}
        Whether time runs while the student steers, or every press is a step. It can be changed in the panel.
    speed : int
        Steps a second in real time, from 1 to 30.
    title : str, optional
        Heading.

    Raises
    ------
    ValueError
        If one of these is otherwise.

    Examples
    --------
    >>> from marl_edu.games import simple_spread
    >>> from marl_edu.games.particles.controllers import spread_out
    >>> steer = Steer(Flight(simple_spread(max_steps=2), spread_out), episodes=1)
    >>> steer.press("up right")
    >>> steer.press((0, -0.5))
    >>> steer.over, steer.moment, steer.flight.chosen
    (True, 2, 2)
    """

    def __init__(self, flight: Flight, *, name: str | None = None, episodes: int = 3, pace: str = PACES[0],
                 speed: int = 6, title: str | None = None):  # fmt: skip
        self.name = None if name is None else checks.text("name", name)
        self.pace = checks.option("pace", pace, PACES)
        self.metronome = Metronome(checks.integer("speed", speed, 1, 30))
        self._flown = Flown(flight, episodes)  # last, for it starts the flight afresh
        self.title = str(title or "") or steer_words.heading(flight, flight.game)
        self.view = FlightView(height=SIZE)
        self._begin()
        self._painter = Painter([self.view], self.recording, SIZE)
        self.board = SteerBoard(self.title, flight, self.episodes * self._flown.moments_each, (SIZE, SIZE), pace, speed)
        self._engine = Engine(self)
        actions = {"stick": self._heard, "start": self.toggle, "again": self.new_match, "others": self.other_beginnings,
                   "timeline": self.look_at, "pace": self.set_pace, "speed": self._set_speed}  # fmt: skip
        self.tick()
        self.board.connect(self._engine.ask, actions)

    def _begin(self) -> None:
        """Follow the newest moment, with nothing held and time standing."""
        self.shown: int | None = None
        self.metronome.stop()
        self._dirty, self._notice = True, ""
        self._hand, self._ended = stick.nothing(), -GRACE

    def __repr__(self) -> str:
        return f"Steer({self.title!r}, {self.episodes} episode{'' if self.episodes == 1 else 's'})"

    def _still(self) -> tuple[Painter, Recording, str]:
        begun = self.flight.units_done > 0
        return self._painter, *((self.recording, self.describe()) if begun else self._flown.by_the_policy())

    # ---- what can be done, from a cell or by a button -----------------------------------------------------------

    @property
    def flight(self) -> Flight:
        """What is flown."""
        return self._flown.flight

    @property
    def episodes(self) -> int:
        """How many are flown."""
        return self._flown.episodes

    @property
    def recording(self) -> Recording:
        """All steps up to now, since the first episode began."""
        return self._flown.recording

    @property
    def over(self) -> bool:
        """Whether the last episode is over."""
        return self._flown.over

    @property
    def playing(self) -> bool:
        """Whether time runs."""
        return self.metronome.running

    @property
    def moment(self) -> int:
        """Position in the recording that is shown: the newest, unless the student went back."""
        return self._flown.newest if self.shown is None else self.shown

    def press(self, force) -> None:
        """Make one step with a force on the student's agent; after the end of an episode, go on to the next instead.

        ``force`` is two numbers from -1 to 1, or a direction such as ``'up'``, ``'down left'`` or ``'none'``.
        """
        force = stick.force_of(force)
        self._to_newest()
        if self.over:
            self._say(f"All {self.episodes} episodes are flown. Fly again, or look back by the timeline.")
        elif self.flight.over:
            self.next_episode()
        else:
            self._step(force)
            self._say("")

    def hold(self, force) -> None:
        """Hold a force from now on, as a key does: time begins to run if it should; all zeros lets go."""
        self._hold({"force": stick.force_of(force)})

    def aim(self, place) -> None:
        """Push the student's agent towards a place in the plane from now on, as the mouse does."""
        self._hold({"target": stick.place_of(place)})

    def start(self) -> None:
        """Let time run, if it is real time, from the newest moment on; between two episodes, go on to the next."""
        self._to_newest()
        if self.over:
            self._say(f"All {self.episodes} episodes are flown. Fly again, or look back by the timeline.")
        elif self.flight.over:
            self.next_episode()
        elif self.pace == PACES[0]:
            self.metronome.start(self._flown.newest)
            self._say("")
        else:
            self._say("Step by step, time stands until you press a direction.")

    def pause(self) -> None:
        """Stop time."""
        self.metronome.stop()
        self._say("")

    def toggle(self) -> None:
        """Start or pause."""
        self.pause() if self.playing else self.start()

    def next_episode(self) -> None:
        """Show the beginning of the next episode; time stands."""
        self._flown.next_episode()
        self._let_go()
        self._say("")

    def run(self) -> Steer:
        """Have the policy fly the rest in the student's place; returns the panel. No result is kept in progress."""
        self._to_newest()
        while not self.over:
            if self.flight.over:
                self.next_episode()
            self._step(None)
        self._say("")
        return self

    def new_match(self) -> None:
        """Fly the same episodes from the first on."""
        self.flight.reset()
        self._afresh("From the first episode on, with the same beginnings.")

    def other_beginnings(self) -> None:
        """Fly episodes with other beginnings."""
        self.flight.restart(seed=self.flight.seed + 1)
        self._afresh("Other beginnings.")

    def look_at(self, moment: int) -> None:
        """Show an earlier moment, by its number from 0, and stop time; at or past the newest, follow it again."""
        moment = checks.integer("moment", moment, 0)
        self.metronome.stop()
        self.shown = moment if moment < self._flown.newest else None
        self._say("An earlier step is shown; steering goes on from the newest one." if self.shown is not None else "")

    def set_pace(self, pace: str) -> None:
        """Let time run while the student steers (``'real time'``), or make each press a step (``'step by step'``)."""
        self.pace = checks.option("pace", pace, PACES)
        self.metronome.stop()
        self._let_go()
        self._say("")

    def png(self) -> bytes:
        """The present picture."""
        return self._painter.png(self.recording, self.moment)

    def describe(self) -> str:
        """What happened in the step that is shown, and at the end how all went."""
        said = steer_words.step(self.recording, self.moment, self.episodes)
        return f"{said} {steer_words.summary(self.flight)}" if self.over and self.shown is None else said

    def close(self) -> None:
        """Stop for good and free the widgets."""
        self.metronome.stop()
        super().close()

    # ---- what the engine calls ------------------------------------------------------------------------------------

    def idle(self) -> float:
        """Seconds until there is something to do."""
        return 0.0 if self._dirty else self.metronome.wait(self._flown.newest)

    def tick(self) -> None:
        """Make a step if one is due, and show where things stand if that has changed."""
        if self.metronome.due(self._flown.newest):
            self._step(stick.force_now(self._hand, self.flight.game, self.flight.seat))
            self._changed()
        elif self.metronome.alone(self._flown.newest):
            self._let_go()
            self.pause()
            self._say("Time was stopped: the page did not answer.")
        if self._dirty:
            self._dirty = False
            self._show()

    def fail(self, error: Exception) -> None:
        """Something went wrong: time stops, what was recorded is kept."""
        self.metronome.stop()
        super().fail(error)

    def _step(self, force) -> None:
        """One step, with the policy's force where there is none, and what follows from it."""
        self._flown.step(force)
        if self.flight.over:
            self.metronome.stop()
            self._ended = self.metronome.clock()
            self._let_go()
            if self.name is not None:
                self._flown.note(self.name)

    # ---- what the page says ---------------------------------------------------------------------------------------

    def _heard(self, content) -> None:
        """A message of the stick; what can't be read is left alone."""
        said = stick.understood(content)
        if isinstance(said.get("seen"), int):
            self.metronome.seen(said["seen"], self._flown.newest)
        elif "hold" in said:
            self._hold(said["hold"])
        elif "press" in said and said.get("at") == self._flown.newest:  # else it answers an older picture
            self.press(stick.force_now(said["press"], self.flight.game, self.flight.seat))
        elif said.get("start"):
            self.toggle()
        elif said.get("away") and self.playing:
            self._let_go()
            self.pause()

    def _hold(self, hand: dict) -> None:
        if self.pace != PACES[0]:
            return
        self._hand = hand
        pushes = "target" in hand or hand["force"].any()
        if pushes and not self.playing and self.metronome.clock() - self._ended >= GRACE:
            self.start()

    def _let_go(self) -> None:
        """Nothing is held any more, whatever key may still be down."""
        self._hand = stick.nothing()
        self.board.let_go()

    def _set_speed(self, speed: int) -> None:
        self.metronome.speed = checks.integer("speed", speed, 1, 30)

    # ---- showing --------------------------------------------------------------------------------------------------

    def _to_newest(self) -> None:
        """Go on from the newest moment, which must be where the flight stands."""
        self._flown.expect_unmoved()
        self.shown = None

    def _afresh(self, notice: str) -> None:
        self._flown.record()
        self._begin()
        self._let_go()
        self._say(notice)

    def _show(self) -> None:
        t, last = self.moment, self._flown.moments_each - 1
        words = self.describe() if not self.playing else f"Time runs, {self.metronome.speed} steps a second."
        frame = self.recording[t]
        near = "" if self.playing else f" {self.view.alt_text(self.recording, t)}"
        where = f"episode {frame['episode'][0]} of {self.episodes} · step {frame['step'][0]} of {last}"
        follows = ("next episode", "forward") if self._flown.between else ("start", "play")
        self.board.show(
            self.png(), moment=t, at=self._flown.newest, pace=self.pace, speed=self.metronome.speed,
            start=("pause", "pause") if self.playing else follows,
            status=f"{where}<br>{steer_words.score(self.recording, t)}",
            shown="an earlier step is shown" if self.shown is not None else "",
            table=steer_words.table(self.flight, self.episodes), notice=self._notice, words=words,
            says=f"{words}{near} {self._notice}".strip(), window=self.view.window(),
        )  # fmt: skip
