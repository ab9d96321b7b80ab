"""The panel: an algorithm that a student can play, pause, rewind, change while it learns, and compare with itself.

Widgets only say what is wanted; a task in the kernel's event loop does it, in slices short enough that buttons answer
at once (see ``engine.py``). What is done is in ``session.py``, how it is painted in ``painter.py``.
"""

from __future__ import annotations

import base64
import html
import time
from pathlib import Path

import ipywidgets as widgets

from marl_edu.algorithm import Algorithm
from marl_edu.games.checks import integer
from marl_edu.panels import controls as parts
from marl_edu.panels import export
from marl_edu.panels.engine import Engine
from marl_edu.panels.painter import Painter
from marl_edu.panels.session import Session
from marl_edu.recording import Recording, record
from marl_edu.views import View

PREVIEW_FRAMES = 60
PREVIEW_UNITS = 100_000
"""Longest run, in units, that is done for the still picture."""

SHARP_AFTER = 0.25
"""Seconds of standing still after which the picture is sent again, sharp."""

WORDS_EVERY = 0.2
"""Seconds between updates of the words around a moving picture."""

STYLE = """<style>
.marl-panel .marl-picture {border: 2px solid transparent; min-width: 0; flex: 0 1 auto;
  height: auto; align-self: flex-start}
.marl-panel .marl-picture.marl-stale {border: 2px dashed #b45309}
.marl-panel .marl-progress, .marl-panel .marl-progress * {line-height: 8px; width: 100%; height: 8px}
.marl-panel .marl-notice {color: #92400e; line-height: 1.35}
.marl-panel .marl-words, .marl-panel .marl-status {color: var(--jp-ui-font-color1, #222); line-height: 1.35}
</style>"""


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

    Examples
    --------
    >>> from marl_edu.games import climbing
    >>> from marl_edu.learning import IndependentQLearning
    >>> from marl_edu.views import LearningCurve
    >>> panel = Panel(IndependentQLearning(climbing(), seeds=3), LearningCurve(), units=200)
    >>> panel.run().recording.units[-1]
    np.int64(200)
    """

    def __init__(self, algorithm: Algorithm, views, *, units: int, controls=None, speed: float = 0, title=None):
        self.views = tuple(views) if isinstance(views, list | tuple) else (views,)
        if not isinstance(algorithm, Algorithm):
            raise ValueError(f"algorithm is {type(algorithm).__name__}; expected an Algorithm such as a learner")
        if isinstance(units, bool) or not isinstance(units, int) or units < 1:
            raise ValueError(f"units is {units!r}; expected a whole number of {algorithm.unit}s from 1 up")
        if isinstance(speed, bool) or not isinstance(speed, int | float) or not 0 <= speed < float("inf"):
            raise ValueError(f"speed is {speed!r}; expected {algorithm.unit}s a second, or 0 for as fast as it goes")
        if not all(isinstance(view, View) for view in self.views):
            raise ValueError(f"views is {views!r:.80}; expected a View such as LearningCurve(), or a list of them")
        names = (
            [controls] if isinstance(controls, str) else list(algorithm.declared() if controls is None else controls)
        )
        for name in names:
            algorithm.require(name)
        self._session = Session(algorithm, units, speed)
        self._painter = Painter(self.views, self.recording)
        self._painter.paint(self.recording, 0)  # views that don't suit the game say so here and now
        self._initial = algorithm.hyperparameters
        self.title = title or " on ".join(
            [algorithm.title, *([algorithm.game.name] if getattr(algorithm, "game", None) else [])]
        )
        self._notice = ""
        self._sharp_due = self._words_due = 0.0
        self._dirty, self._moving_timeline = True, False
        self._job = None
        self._wanted_seeds = algorithm.seeds
        self.pins: list[tuple[str, Recording]] = []
        self._build(names)
        self._engine = Engine(self)

    # ---- what the student sees -------------------------------------------------------------------------------

    def _build(self, names: list[str]) -> None:
        algorithm, session = self.algorithm, self._session
        self.play_button = parts.button("play", "play", "learn, or replay what was recorded (and pause)")
        step = parts.button("step", "step-forward", f"one {algorithm.unit} further", "66px")
        reset = parts.button("reset", "undo", "start afresh with the controls as they are", "70px")
        pin = parts.button("pin", "thumb-tack", "keep this curve for comparison", "62px")
        unpin = parts.button("unpin", "times", "remove the pinned curves", "76px")
        saves = [parts.button(form, "", f"save as {form}", "48px") for form in export.FORMS]
        self.speed = parts.speed_slider(algorithm.unit, session.speed)
        self.seeds = parts.seeds_menu(algorithm.seeds)
        self.timeline = parts.timeline_slider(algorithm.unit, session.goal)
        self.controls = {name: parts.control_for(algorithm, name) for name in names}
        self.picture = widgets.Image(format="png", layout=widgets.Layout(width=f"{self._painter.width}px"))
        self.picture.add_class("marl-picture")
        self.status = parts.text("marl-status", width="330px")
        self.progress = parts.text("marl-progress", "12px")
        self.notice = parts.text("marl-notice", "24px")
        self.words = parts.text("marl-words", "44px")

        row = widgets.Layout(flex_flow="row wrap", align_items="center", width="100%")
        tuning = widgets.VBox(list(self.controls.values()), layout=widgets.Layout(width="280px", flex="0 0 auto"))
        self.box = widgets.VBox(
            [
                widgets.HTML(f"{STYLE}<b>{html.escape(self.title)}</b>"),
                widgets.HBox([self.play_button, step, reset, self.speed, self.seeds, pin, unpin, *saves], layout=row),
                widgets.HBox(
                    [tuning, self.picture] if names else [self.picture],
                    layout=widgets.Layout(flex_flow="row nowrap", min_height=f"{self._painter.height + 4}px"),
                ),
                widgets.HBox([self.timeline, self.status], layout=widgets.Layout(width="100%", align_items="center")),
                self.progress,
                self.notice,
                self.words,
            ],
            layout=widgets.Layout(width="100%", max_width="985px"),
        )
        self.box.add_class("marl-panel")
        clicks = [
            (self.play_button, self.toggle),
            (step, self.step),
            (reset, self.reset),
            (pin, self.pin),
            (unpin, self.unpin),
        ]
        clicks += [(save, lambda form=form: self._offer(form)) for save, form in zip(saves, export.FORMS, strict=True)]
        for widget, action in clicks:
            widget.on_click(lambda _, action=action: self._engine.ask(action))
        self.speed.observe(lambda change: self._engine.ask(self._set_speed, change.new), "value")
        self.seeds.observe(lambda change: self._engine.ask(self._want_seeds, change.new), "value")
        self.timeline.observe(self._dragged, "value")
        for name, control in self.controls.items():
            control.observe(lambda change, name=name: self._engine.ask(self._tuned, name, change.new), "value")

    def _repr_mimebundle_(self, include=None, exclude=None):
        """The live widget where there is a front end; beside it a still picture and a line of text of a whole run."""
        still = self if self.recording.units[-1] > 0 else self._preview()
        picture, words = still.png(), still.describe()
        self._engine.start()
        self._dirty = True
        bundle = self.box._repr_mimebundle_() or {}
        view = {key: value for key, value in bundle.items() if "widget" in key}
        data = view | {"text/plain": f"{self.title}. {words}", "image/png": base64.b64encode(picture).decode()}
        return data, {"image/png": {"alt": words}}

    def __repr__(self) -> str:
        return f"Panel({self.title!r}, {self._session.units:,} {self.algorithm.unit}s)"

    def _preview(self):
        units = min(self._session.units, PREVIEW_UNITS)
        recording = record(self.algorithm.clone(), units, -(-units // PREVIEW_FRAMES))
        self._expect(units)
        return export.Still(self.views, recording)

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
        """Learn on; if an earlier moment is shown, first replay what was recorded."""
        self._session.play()
        self._changed()

    def pause(self) -> None:
        """Stand still."""
        self._session.pause()
        self._changed()

    def step(self) -> None:
        """One unit further, or one recorded moment if an earlier one is shown."""
        self._session.step()
        self._changed()

    def reset(self) -> None:
        """Start afresh, with the controls as they are. Pinned curves stay."""
        self._session.reset(seeds=self._wanted_seeds)
        self._session.pause()
        self._notice = ""
        self._changed()

    def seek(self, units: int) -> None:
        """Show the moment at ``units`` and stand still."""
        checked = integer("units", units, 0)
        self._look_at(checked)
        self._move_timeline(min(checked, self.algorithm.units_done))

    def set(self, **hyperparameters) -> None:
        """Change hyperparameters, as the controls do; the controls follow."""
        self.algorithm.set(**hyperparameters)
        for name in set(hyperparameters) & set(self.controls):
            self.controls[name].value = hyperparameters[name]
        self._changed()

    def pin(self) -> None:
        """Keep the present curve for comparison with later runs."""
        now = self.algorithm.hyperparameters
        changed = [f"{name.replace('_', ' ')} {now[name]:g}" if isinstance(now[name], float) else f"{now[name]}"
                   for name in now if now[name] != self._initial[name]]  # fmt: skip
        label = f"pin {len(self.pins) + 1}: {', '.join(changed) or 'as given'}"
        self.pins.append((label, self.recording.only_small()))
        self._show_pins()

    def unpin(self) -> None:
        """Remove all pinned curves."""
        self.pins.clear()
        self._show_pins()

    def run(self) -> Panel:
        """Do the rest of the run here and now, without a front end; returns the panel."""
        session = self._session
        todo = session.goal - self.algorithm.units_done
        if todo > 0:
            record(self.algorithm, todo, max(1, todo // PREVIEW_FRAMES), self.recording)
        session.seek(session.goal)
        self._changed()
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
        path.write_bytes(export.all_at_once(form, self))
        return path

    def close(self) -> None:
        """Stop for good and free the widgets."""
        self._session.playing = False
        self._engine.stop()
        self.box.close_all() if not hasattr(self.box, "children") else _close(self.box)

    # ---- what the engine calls ------------------------------------------------------------------------------------

    def idle(self) -> float:
        """Seconds until there is something to do."""
        if self._dirty or self._job is not None:
            return 0.0
        waits = [self._session.idle()]
        if self._sharp_due:
            waits.append(max(0.0, self._sharp_due - time.perf_counter()))
        return min(waits)

    def tick(self) -> None:
        """Do one slice of what is to be done, and show it."""
        if self._session.work() or self._dirty:
            self._show()
        elif self._job is not None:
            self._next_of_job()
        elif self._sharp_due and time.perf_counter() >= self._sharp_due:
            self._sharp_due = 0.0
            self._send("png", self.png())

    def fail(self, error: Exception) -> None:
        """Something went wrong: say so, stand still, keep what was recorded."""
        self._session.playing = False
        self._job = None
        self._notice = str(error) or type(error).__name__
        self._around()

    def _changed(self) -> None:
        self._dirty = True
        self._engine.wake()

    def _show(self) -> None:
        began = time.perf_counter()
        self._dirty = False
        self._expect(self._session.goal)
        self._send("jpeg", self._painter.jpeg(self.recording, self.moment))
        now = time.perf_counter()
        if not self.playing or now >= self._words_due:
            self._words_due = now + WORDS_EVERY
            self._around()
        self._sharp_due = 0.0 if self.playing else now + SHARP_AFTER
        self._session.shown_now(time.perf_counter() - began)

    def _expect(self, units: int) -> None:
        """Tell curves how long the run will be, so that their time axis fits it from the start."""
        for view in self.views:
            if hasattr(view, "expected_units"):
                view.expected_units = units

    def _send(self, form: str, data: bytes) -> None:
        with self.picture.hold_sync():
            self.picture.format = form
            self.picture.value = data

    def _around(self) -> None:
        """Bring everything around the picture up to date."""
        session = self._session
        done, shown = self.algorithm.units_done, int(self.recording.units[self.moment])
        self.play_button.description, self.play_button.icon = ("pause",) * 2 if self.playing else ("play",) * 2
        self._move_timeline(shown if session.shown is None or self.playing else self.timeline.value)
        share = done / session.goal
        self.progress.value = f'<progress value="{share:.4f}" aria-label="share of the run done"></progress>'
        left = f", {session.seconds_left:.0f} s left" if self.playing and session.seconds_left else ""
        back = f"showing {shown:,} &middot; " if session.shown is not None else ""
        self.status.value = f"{back}{done:,} of {session.goal:,} {self.algorithm.unit.split()[-1]}s{left}"
        self.words.value = html.escape(self.views[0].alt_text(self.recording, self.moment))
        stale = self._stale()
        (self.picture.add_class if stale else self.picture.remove_class)("marl-stale")
        self.notice.value = self._notice or html.escape(stale)

    def _stale(self) -> str:
        """In words, which controls no longer match the picture."""
        then = self.recording.hyperparameters(self.moment)
        marks = [
            f"{name.replace('_', ' ')} {then[name]:g}" if isinstance(then[name], float) else f"{then[name]}"
            for name in self._session.changed_since(self.moment)
        ]
        says = f"The picture was made with {', '.join(marks)}; the controls now say otherwise." if marks else ""
        if self._wanted_seeds != self.algorithm.seeds:
            says += f" Press reset for {self._wanted_seeds} seeds."
        return says.strip()

    # ---- what widgets ask for ---------------------------------------------------------------------------------------

    def _look_at(self, units: int) -> None:
        self._session.seek(units)
        self._changed()

    def _tuned(self, name: str, value) -> None:
        self._session.set(name, value)
        self._notice = ""
        self._words_due = 0.0
        self._changed()

    def _set_speed(self, value: float) -> None:
        self._session.speed = value
        self._session.play() if self.playing else None

    def _want_seeds(self, value: int) -> None:
        self._wanted_seeds = value
        self._changed()

    def _move_timeline(self, units: int) -> None:
        """Put the timeline's handle somewhere without taking that for the student's wish."""
        self._moving_timeline = True
        self.timeline.max = max(self._session.goal, units)
        self.timeline.value = units
        self._moving_timeline = False

    def _dragged(self, change) -> None:
        if not self._moving_timeline:
            self._engine.ask(self._look_at, change.new)

    def _show_pins(self) -> None:
        for view in self.views:
            if hasattr(view, "ghosts"):
                view.ghosts = list(self.pins)
        self._changed()

    def _offer(self, form: str) -> None:
        """Make an export in the background and offer it as a link."""
        self._job = (form, export.in_steps(form, self))

    def _next_of_job(self) -> None:
        form, steps = self._job
        made = next(steps)
        if isinstance(made, str):
            self.notice.value = made
            return
        self._job = None
        self._notice = export.link(form, made, self.title)
        self._around()


def _close(widget) -> None:
    for child in getattr(widget, "children", ()):
        _close(child)
    widget.close()
