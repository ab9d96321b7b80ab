"""The panel: an algorithm that a student can play, pause, rewind, change while it learns, and compare with itself.

Widgets (``board.py``) only say what is wanted; a task in the kernel's event loop (``engine.py``) does it, in slices
short enough that buttons answer at once. What is done is in ``session.py``, how it is painted in ``painter.py``.
"""

from __future__ import annotations

import base64
import copy
import html
import time
from pathlib import Path

from marl_edu.algorithm import Algorithm
from marl_edu.games.checks import integer, number
from marl_edu.panels import export
from marl_edu.panels.board import Board
from marl_edu.panels.controls import names_of, put, same, what_failed
from marl_edu.panels.engine import Engine
from marl_edu.panels.gate import Gate
from marl_edu.panels.painter import Painter
from marl_edu.panels.session import Session, in_words
from marl_edu.recording import Recording, record
from marl_edu.views import View

PREVIEW_FRAMES = 60
PREVIEW_UNITS = 100_000
"""Longest run, in units, that is done for the still picture."""

LONGEST = 10**15
"""Largest number of units of a run."""

SHARP_AFTER = 0.25
"""Seconds of standing still after which the picture is sent again, sharp."""

WORDS_EVERY = 0.2
"""Seconds between updates of the words around a moving picture."""


class Panel:
    """A picture of an algorithm that moves while it learns, with its controls and a timeline.

    Parameters
    ----------
    algorithm : Algorithm
        What is driven. The panel starts it afresh.
    views : View or sequence of View
        One to three pictures.
    units : int
        Length of a run, in the algorithm's units.
    controls : sequence of str, optional
        Hyperparameters that get a control, in this order; by default all that are declared.
    speed : float
        Units a second; 0 is as fast as it goes.
    title : str, optional
        Heading; by default the algorithm's and the game's name.
    guess : CurveGuess, MarkerGuess or ChoiceGuess, optional
        Must be committed before the panel plays or steps. A curve is drawn beside the learning curve whose label it
        has, and after the run the panel says how far it was off.

    Examples
    --------
    >>> from marl_edu.games import climbing
    >>> from marl_edu.learning import IndependentQLearning
    >>> from marl_edu.views import LearningCurve
    >>> panel = Panel(IndependentQLearning(climbing(), seeds=3), LearningCurve(), units=200)
    >>> panel.run().recording.units[-1]
    np.int64(200)
    """

    def __init__(self, algorithm: Algorithm, views, *, units: int, controls=None, speed: float = 0, title=None,
                 guess=None):  # fmt: skip
        if not isinstance(algorithm, Algorithm):
            raise ValueError(f"algorithm is {type(algorithm).__name__}; expected an Algorithm such as a learner")
        given = tuple(views) if isinstance(views, list | tuple) else (views,)
        if not all(isinstance(view, View) for view in given):
            raise ValueError(
                f"views is {views!r:.80}; expected a View such as LearningCurve() (with brackets), or a list of them"
            )
        self.views = tuple(copy.copy(view) for view in given)  # what is pinned here must not show in another panel
        names = names_of(controls, algorithm)
        self._session = Session(algorithm, integer("units", units, 1, LONGEST), number("speed", speed, 0, 1e9))
        self._painter = Painter(self.views, self.recording)
        self._painter.paint(self.recording, 0)  # views that don't suit the game say so here and now
        world = algorithm.game
        self.title = str(title or "") or (f"{algorithm.title} on {world.name}" if world else algorithm.title)
        self.pins: list[tuple[str, Recording]] = []
        self._gate = Gate(guess, self.views, algorithm) if guess is not None else None
        self._wanted_seeds = algorithm.seeds
        self._notice = ""
        self._dirty, self._sharp_due, self._words_due = True, 0.0, 0.0
        self._job = None
        size = (self._painter.width, self._painter.height)
        self.board = Board(self.title, algorithm, names, self._session, size)
        self._engine = Engine(self)
        self.board.connect(self._engine.ask, self._actions())
        if self._gate is not None:
            guess.tell(self)
            self._follow_guess()

    def _actions(self) -> dict:
        offers = {form: lambda form=form: self._offer(form) for form in export.FORMS}
        return offers | {
            "play": self.toggle,
            "step": self.step,
            "reset": self.reset,
            "pin": self.pin,
            "unpin": self.unpin,
            "speed": self._session.set_speed,
            "seeds": self._want_seeds,
            "timeline": self._look_at,
            "tuned": self._tuned,
        }

    def _repr_mimebundle_(self, include=None, exclude=None):
        """The live widget where there is a front end; beside it a still picture and a line of text of a whole run."""
        still = self if self.recording.units[-1] > 0 else self._preview()
        picture, words = still.png(), still.describe()
        self._engine.start()
        self._dirty = True
        bundle = self.board.box._repr_mimebundle_() or {}
        view = {key: value for key, value in bundle.items() if "widget" in key}
        data = view | {"text/plain": f"{self.title}. {words}", "image/png": base64.b64encode(picture).decode()}
        return data, {"image/png": {"alt": words}}

    def _preview(self) -> export.Still:
        units = min(self._session.units, PREVIEW_UNITS)
        recording = record(self.algorithm.clone(), units, -(-units // PREVIEW_FRAMES))
        self._expect(units)
        return export.Still(self.views, recording)

    def __repr__(self) -> str:
        return f"Panel({self.title!r}, {self._session.units:,} {self.algorithm.unit}s)"

    # ---- what can be done, from a cell or by a button -----------------------------------------------------------

    @property
    def algorithm(self) -> Algorithm:
        """What is driven."""
        return self._session.algorithm

    @property
    def recording(self) -> Recording:
        """The present run, up to now."""
        return self._session.recording

    @property
    def moment(self) -> int:
        """Position in the recording that the picture shows."""
        return self._session.moment

    @property
    def playing(self) -> bool:
        """Whether it is learning or replaying."""
        return self._session.playing

    def toggle(self) -> None:
        """Play, or pause if it plays."""
        self.pause() if self.playing else self.play()

    def play(self) -> None:
        """Learn on; if an earlier moment is shown, first replay what was recorded.

        Raises ``RuntimeError`` as long as a guess has to be committed first.
        """
        self._expect_guess()
        self._session.play()
        self._changed()

    def pause(self) -> None:
        """Stand still."""
        self._session.pause()
        self._changed()

    def step(self) -> None:
        """One unit further, or one recorded moment if an earlier one is shown; locked as ``play`` is."""
        self._expect_guess()
        self._session.step()
        self._changed()

    def reset(self) -> None:
        """Start afresh, with the controls as they are. Pinned curves stay."""
        self._session.reset(seeds=self._wanted_seeds)
        self._notice = self._gate.notice if self._gate else ""
        self._changed()

    def seek(self, units: int) -> None:
        """Show the moment at ``units`` and stand still."""
        self._look_at(integer("units", units, 0))
        self.board.move_timeline(min(units, self.algorithm.units_done), self._session.goal)

    def set(self, **hyperparameters) -> None:
        """Change hyperparameters, as the controls do; the controls follow."""
        self._session.set(**hyperparameters)
        for name in set(hyperparameters) & set(self.board.controls):
            put(self.board.controls[name], getattr(self.algorithm, name))
        self._changed()

    def pin(self) -> None:
        """Keep the present curve for comparison with later runs."""
        label = f"pin {len(self.pins) + 1}: {', '.join(self._session.settings()) or 'as given'}"
        self.pins.append((label, self.recording.only_small()))
        self._show_pins()

    def unpin(self) -> None:
        """Remove all pinned curves."""
        self.pins.clear()
        self._show_pins()

    def run(self) -> Panel:
        """Do the rest of the run here and now, without a front end; returns the panel."""
        self._session.finish(PREVIEW_FRAMES)
        self._look_at(self._session.goal)
        self._tell_gap()
        return self

    async def finished(self) -> None:
        """Wait until it plays no more."""
        await self._engine.finished()

    def png(self) -> bytes:
        """The present picture."""
        return self._painter.png(self.recording, self.moment)

    def describe(self) -> str:
        """What the picture says, in words."""
        return self._painter.alt_text(self.recording, self.moment)

    def export(self, path) -> Path:
        """Write the picture (.png), the run as a moving picture (.gif) or its numbers (.csv) to a file."""
        path = Path(path)
        form = path.suffix.lstrip(".").upper()
        if form not in export.FORMS:
            raise ValueError(f"can't export {path.name!r}; expected a name that ends in .png, .gif or .csv")
        path.write_bytes(export.all_at_once(form, self._exported(form)))
        return path

    def close(self) -> None:
        """Stop for good and free the widgets."""
        self._session.pause()
        self._engine.stop()
        self.board.close()

    # ---- what the engine calls ------------------------------------------------------------------------------------

    def idle(self) -> float:
        """Seconds until there is something to do."""
        if self._dirty or self._job is not None:
            return 0.0
        until_sharp = self._sharp_due - time.perf_counter() if self._sharp_due else float("inf")
        return max(0.0, min(self._session.idle(), until_sharp))

    def tick(self) -> None:
        """Do one slice of what is to be done, and show it."""
        moved = self._session.work()
        if moved or self._dirty:
            self._tell_gap()
            self._show(moved)
        elif self._job is not None:
            self._next_of_job()
        elif self._sharp_due and time.perf_counter() >= self._sharp_due:
            self._sharp_due = 0.0
            self.board.show_picture("png", self.png())

    def fail(self, error: Exception) -> None:
        """Something went wrong: say so, stand still, keep what was recorded."""
        self._session.playing = self._dirty = False
        self._job, self._sharp_due = None, 0.0
        self._notice = html.escape(what_failed(error))
        self._say()

    def _changed(self) -> None:
        self._dirty = True
        self._engine.wake()

    def _show(self, moved: bool) -> None:
        began = time.perf_counter()
        self._dirty = False
        self._expect(self._session.goal)
        self.board.show_picture("jpeg", self._painter.jpeg(self.recording, self.moment))
        now = time.perf_counter()
        if not self.playing or now >= self._words_due:
            self._words_due = now + WORDS_EVERY
            self._say()
        self._sharp_due = 0.0 if self.playing else now + SHARP_AFTER
        self._session.shown_now(time.perf_counter() - began, moved)

    def _say(self) -> None:
        words = self.views[0].alt_text(self.recording, self.moment)
        self.board.show_state(self._session, words, self._notice, self._stale())

    def _expect(self, units: int) -> None:
        """Tell curves how long the run will be, so that their time axis fits it from the start."""
        for view in self.views:
            view.expected_units = units

    def _stale(self) -> str:
        """In words, which controls no longer match the picture."""
        then = self.recording.hyperparameters(self.moment)
        marks = [in_words(name, then[name]) for name in self._session.changed_since(self.moment)]
        if self.algorithm.units_done == 0:
            marks = [mark for mark in marks if mark.startswith("initial value")]  # the rest has had no effect yet
        says = f"The picture was made with {', '.join(marks)}; play goes on with the controls." if marks else ""
        if self._wanted_seeds != self.algorithm.seeds:
            says += f" Press reset for {self._wanted_seeds} seed{'' if self._wanted_seeds == 1 else 's'}."
        return says.strip()

    # ---- what widgets ask for, besides the above ------------------------------------------------------------------

    def _look_at(self, units: int) -> None:
        self._session.seek(units)
        self._changed()

    def _tuned(self, name: str, value) -> None:
        control, present = self.board.controls[name], getattr(self.algorithm, name)
        if same(control, value, present):
            return
        try:
            self._session.set(**{name: value})
        except ValueError:
            put(control, present)  # the control must not lie
            raise
        self._notice, self._words_due = self._gate.notice if self._gate else "", 0.0
        self._changed()

    def _want_seeds(self, value: int) -> None:
        self._wanted_seeds = value
        self._changed()

    def _show_pins(self) -> None:
        for view in self.views:
            view.ghosts = [*self.pins, *(self._gate.ghosts(view) if self._gate else [])]
        self._changed()

    # ---- the guess that comes before the run ----------------------------------------------------------------------

    def guess_changed(self) -> None:
        """The guess was committed or withdrawn; may be called on any thread."""
        self._engine.ask(self._follow_guess)

    def _follow_guess(self) -> None:
        if self._gate.locked:
            self._session.pause()
        self._notice = self._gate.changed()
        self.board.lock(self._gate.locked)
        self._show_pins()

    def _expect_guess(self) -> None:
        if self._gate is not None:
            self._gate.expect_open()

    def _tell_gap(self) -> None:
        """At the end of a run, how far off the guess was."""
        if self._gate is not None and not self.playing and self.algorithm.units_done >= self._session.units:
            self._notice = self._gate.verdict(self.recording) or self._notice

    def _offer(self, form: str) -> None:
        """Make an export in the background and offer it as a link."""
        self._job = (form, export.in_steps(form, self._exported(form)))

    def _exported(self, form: str):
        """What an export is made from: something with a recording, a moment and views; for a PNG, a panel."""
        return self

    def _next_of_job(self) -> None:
        form, steps = self._job
        made = next(steps)
        if isinstance(made, str):
            self.board.notice.value = made
            return
        self._job = None
        self._notice = export.link(form, made, self.title)
        self._say()
