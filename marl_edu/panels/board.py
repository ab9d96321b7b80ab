"""The widgets of a panel: which there are, where they stand, and how they show where a session stands.

All panels look like this one: same places, same words. Nothing in here learns or paints.
"""

from __future__ import annotations

import html

import ipywidgets as widgets

from marl_edu.algorithm import Algorithm
from marl_edu.panels import controls as parts
from marl_edu.panels import export
from marl_edu.panels.session import Session

STYLE = """
.marl-panel .marl-picture {border: 2px solid transparent; max-width: 100%; min-width: 0; flex: 0 1 auto;
  height: auto; align-self: flex-start}
.marl-panel .marl-picture.marl-stale {border: 2px dashed #b45309}
.marl-panel .marl-progress, .marl-panel .marl-progress * {line-height: 8px; height: 8px}
.marl-panel .marl-progress * {width: 100%; box-sizing: border-box}
.marl-panel .marl-notice {color: #92400e; color: color-mix(in srgb, #d97706 60%, var(--jp-ui-font-color1, #222))}
.marl-panel .marl-notice > .widget-html-content {line-height: 1.35}
.marl-panel .marl-words, .marl-panel .marl-status {color: var(--jp-ui-font-color1, #222); line-height: 1.35}
.marl-panel .marl-tuning .widget-readout {min-width: 46px; width: 46px}
"""


class Board:
    """The widgets of one panel.

    Parameters
    ----------
    title : str
        Heading.
    algorithm : Algorithm
        Whose hyperparameters get controls.
    names : list of str
        Which of them, in this order.
    session : Session
        For the first values of speed and timeline.
    size : (int, int)
        Width and height of the picture in pixels.
    """

    def __init__(self, title: str, algorithm: Algorithm, names: list[str], session: Session, size: tuple[int, int]):
        step, unit = f"one {algorithm.unit} further", algorithm.unit
        self.buttons = {
            "play": parts.button("play", "play", "learn, or replay what was recorded (and pause)"),
            "step": parts.button("step", "step-forward", step, "66px"),
            "reset": parts.button("reset", "undo", "start afresh with the controls as they are", "70px"),
            "pin": parts.button("pin", "thumb-tack", "keep this curve for comparison", "62px"),
            "unpin": parts.button("unpin", "times", "remove the pinned curves", "76px"),
        } | {form: parts.button(form, "", f"save as {form}", "48px") for form in export.FORMS}
        self.speed = parts.speed_slider(unit, session.speed)
        self.seeds = parts.seeds_menu(algorithm.seeds)
        self.timeline = parts.timeline_slider(unit, session.goal)
        self.controls = {name: parts.control_for(algorithm, name) for name in names}
        self.picture = parts.picture(*size)
        self.status = parts.text("marl-status", width="330px")
        self.progress = parts.text("marl-progress", "12px")
        self.notice = parts.text("marl-notice", "24px")
        self.words = parts.text("marl-words", "44px")
        self.moving_timeline = False
        self.box = self._arranged(title, size)

    def _arranged(self, title: str, size: tuple[int, int]) -> widgets.VBox:
        shape = (
            f".marl-panel .marl-{size[0]}x{size[1]} {{aspect-ratio: {size[0]} / {size[1]}}}"  # no jump while it loads
        )
        first, second = ["play", "step", "reset"], ["pin", "unpin", *export.FORMS]
        pressed = [self.buttons[word] for word in first], [self.buttons[word] for word in second]
        self.tuning = widgets.VBox(list(self.controls.values()), layout=widgets.Layout(width="296px", flex="0 0 auto"))
        self.tuning.add_class("marl-tuning")
        across = widgets.Layout(width="100%", align_items="center")
        self.time = widgets.HBox([self.timeline, self.status], layout=across)
        box = widgets.VBox(
            [
                widgets.HTML(f"<style>{STYLE}{shape}</style><b>{html.escape(title)}</b>"),
                widgets.HBox(
                    [*pressed[0], self.speed, self.seeds, *pressed[1]],
                    layout=widgets.Layout(flex_flow="row wrap", align_items="center", width="100%"),
                ),
                widgets.HBox(
                    [self.tuning, self.picture] if self.controls else [self.picture],
                    layout=widgets.Layout(flex_flow="row nowrap"),
                ),
                self.time,
                self.progress,
                self.notice,
                self.words,
            ],
            layout=widgets.Layout(width="100%", max_width="985px"),
        )
        box.add_class("marl-panel")
        return box

    def connect(self, ask, actions: dict) -> None:
        """Have every widget ask for its action: ``ask(action, *arguments)``, by the names in ``actions``.

        Buttons are named by their word; 'speed', 'seeds' and 'timeline' get the new value, 'tuned' a name and a value.
        """
        for word, widget in self.buttons.items():
            widget.on_click(lambda _, word=word: ask(actions[word]))
        self.speed.observe(lambda change: ask(actions["speed"], change.new), "value")
        self.seeds.observe(lambda change: ask(actions["seeds"], change.new), "value")
        self.timeline.observe(
            lambda change: None if self.moving_timeline else ask(actions["timeline"], change.new), "value"
        )
        for name, control in self.controls.items():
            control.observe(lambda change, name=name: ask(actions["tuned"], name, change.new), "value")

    def put_above(self, extra: list[widgets.Widget]) -> None:
        """Put more widgets above the controls of hyperparameters, of which there must be one at least."""
        self.tuning.children = (*extra, *self.tuning.children)

    def put_below_picture(self, extra: widgets.Widget) -> None:
        """Put one more widget between the picture and the timeline."""
        at = self.box.children.index(self.time)
        self.box.children = (*self.box.children[:at], extra, *self.box.children[at:])

    def lock(self, locked: bool) -> None:
        """Whether a guess has to be committed before anything can be played."""
        for word in ("play", "step"):
            self.buttons[word].disabled = locked
        self.notice.layout.min_height = "64px"  # room for how far off the guess was, so that nothing jumps

    def show_picture(self, form: str, data: bytes) -> None:
        """Replace the picture, without an instant in which format and data differ."""
        with self.picture.hold_sync():
            self.picture.format = form
            self.picture.value = data

    def move_timeline(self, units: int, goal: int) -> None:
        """Put the timeline's handle somewhere without taking that for the student's wish."""
        self.moving_timeline = True
        self.timeline.max = max(goal, units)
        self.timeline.value = units
        self.moving_timeline = False

    def show_state(self, session: Session, words: str, notice: str, stale: str) -> None:
        """Bring everything around the picture up to date.

        Parameters
        ----------
        session : Session
            Where things stand.
        words : str
            What the picture says.
        notice : str
            HTML of what the student should know now; '' to show ``stale`` in its place.
        stale : str
            Which controls no longer match the picture; '' if all do.
        """
        algorithm, recording = session.algorithm, session.recording
        done, shown = algorithm.units_done, int(recording.units[session.moment])
        play = self.buttons["play"]
        play.description, play.icon = ("pause", "pause") if session.playing else ("play", "play")
        if session.shown is None or session.playing:
            self.move_timeline(shown, session.goal)
        share = done / session.goal
        self.progress.value = f'<progress value="{share:.4f}" aria-label="share of the run done"></progress>'
        left = f", {session.seconds_left:.0f} s left" if session.playing and session.seconds_left else ""
        back = f"showing {shown:,} &middot; " if session.shown is not None else ""
        self.status.value = f"{back}{done:,} of {session.goal:,} {algorithm.unit.split()[-1]}s{left}"
        self.words.value = html.escape(words)
        for name, control in self.controls.items():
            control.disabled = not algorithm.plays_a_part(name)
        (self.picture.add_class if stale else self.picture.remove_class)("marl-stale")
        self.notice.value = notice or html.escape(stale)

    def close(self) -> None:
        """Free all widgets."""
        parts.close_all(self.box)
