"""The widgets of a steering panel: which there are, where they stand, and how they show where a flight stands."""

from __future__ import annotations

import html

import ipywidgets as widgets

from marl_edu.games.colours import agent_colour
from marl_edu.learning import Flight
from marl_edu.panels import controls as parts
from marl_edu.panels.stick import Stick

STYLE = """
.marl-steer .marl-picture {max-width: 100%; min-width: 0; height: auto; align-self: flex-start; touch-action: none;
  cursor: crosshair; user-select: none}
.marl-steer .marl-side {padding-left: 12px; box-sizing: border-box}
.marl-steer .marl-notice {color: #92400e}
[data-jp-theme-light="false"] .marl-steer .marl-notice {color: #fbbf24}
.marl-steer .marl-words, .marl-steer .marl-status, .marl-steer .marl-table {color: var(--jp-ui-font-color1, #222)}
.marl-steer .widget-html-content {line-height: 1.4}
.marl-steer button:focus-visible {outline: 3px solid var(--jp-brand-color1, #1976d2); outline-offset: 1px}
.marl-steer .marl-you {display: inline-block; width: 0.8em; height: 0.8em; border-radius: 50%; vertical-align: -0.05em}
.marl-steer .marl-outcomes {border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 0}
.marl-steer .marl-outcomes caption {text-align: left; padding: 2px 0; caption-side: top;
  color: var(--jp-ui-font-color1, #222)}
.marl-steer .marl-outcomes :is(th, td) {padding: 2px 10px 2px 0; text-align: right; min-width: 56px; height: 20px;
  vertical-align: bottom}
.marl-steer .marl-outcomes th:first-child {text-align: left}
.marl-steer .marl-outcomes tr:last-child :is(th, td) {border-top: 1px solid var(--jp-border-color0, #888);
  font-weight: 600}
"""
PACES = ("real time", "step by step")
SPEEDS = (1, 2, 3, 4, 6, 8, 10, 15)
"""Steps a second."""

HINTS = {
    "real time": "hold arrow keys or WASD, or hold the mouse button on the picture. Space starts and pauses.",
    "step by step": "press an arrow key or W, A, S, D, or click on the picture: one step each. "
    "Space: a step without force.",
}


class SteerBoard:
    """The widgets of one steering panel.

    Parameters
    ----------
    title : str
        Heading.
    flight : Flight
        For the student's name and colour.
    moments : int
        Length of the timeline.
    size : (int, int)
        Width and height of the picture in pixels.
    pace : {'real time', 'step by step'}
    speed : int
        Steps a second in real time.
    """

    def __init__(self, title: str, flight: Flight, moments: int, size: tuple[int, int], pace: str, speed: int):
        self.buttons = {
            "start": parts.button("start", "play", "start or pause time, or go on to the next episode", "128px"),
            "again": parts.button("again", "repeat", "fly the same episodes once more, from the first on", "82px"),
            "others": parts.button("new episodes", "random", "fly episodes with other beginnings", "126px"),
        }
        self.pace = widgets.ToggleButtons(
            options=PACES, value=pace, tooltips=["time runs while you steer", "time stands until you press"],
            style={"button_width": "104px"}, layout=widgets.Layout(width="auto"),
        )  # fmt: skip
        self.pace.add_class("marl-pace")
        self.speed = widgets.SelectionSlider(
            options=[(f"{n}/s", n) for n in sorted({*SPEEDS, speed})], value=speed, description="speed",
            tooltip="steps a second in real time", style={"description_width": "44px"},
            layout=widgets.Layout(width="180px"),
        )  # fmt: skip
        self.speed.add_class("marl-speed")
        self.stick = Stick(pace=pace, hint=HINTS[pace])
        self.timeline = parts.timeline_slider("step", moments - 1)
        self.picture = parts.picture(*size)
        self.status = parts.text("marl-status", "60px")
        self.table = parts.text("marl-table", "130px")
        self.shown = parts.text("marl-shown", width="210px")
        self.notice = parts.text("marl-notice", "24px")
        self.words = parts.text("marl-words", "44px")
        self.quiet = False
        self.box = self._arranged(title, flight, size)

    def _arranged(self, title: str, flight: Flight, size: tuple[int, int]) -> widgets.VBox:
        shape = f".marl-steer .marl-{size[0]}x{size[1]} {{aspect-ratio: {size[0]} / {size[1]}}}"
        dot = f'<span class="marl-you" style="background:{agent_colour(flight.seat)}"></span>'
        you = html.escape(flight.game.labels[flight.seat])
        wrapped = widgets.Layout(flex_flow="row wrap", align_items="center", width="100%")
        side = widgets.VBox(
            [
                widgets.HBox(list(self.buttons.values()), layout=wrapped),
                widgets.HBox([self.pace, self.speed], layout=wrapped),
                self.stick, self.status, self.table,
            ],
            layout=widgets.Layout(flex="1 1 240px", min_width="240px"),
        )  # fmt: skip
        side.add_class("marl-side")
        box = widgets.VBox(
            [
                widgets.HTML(f"<style>{STYLE}{shape}</style><b>{html.escape(title)}</b> &middot; {dot} you are {you}"),
                widgets.HBox([self.picture, side], layout=widgets.Layout(width="100%", align_items="flex-start")),
                widgets.HBox([self.timeline, self.shown], layout=widgets.Layout(width="100%", align_items="center")),
                self.notice,
                self.words,
            ],
            layout=widgets.Layout(width="100%", max_width="985px"),
        )
        box.add_class("marl-steer")
        return box

    def connect(self, ask, actions: dict) -> None:
        """Have every widget ask for its action: ``ask(action, *arguments)``, by the names in ``actions``."""
        self.stick.on_msg(lambda _, content, __: ask(actions["stick"], content))
        for word, widget in self.buttons.items():
            widget.on_click(lambda _, word=word: ask(actions[word]))
        for name, widget in (("timeline", self.timeline), ("pace", self.pace), ("speed", self.speed)):
            widget.observe(lambda change, name=name: None if self.quiet else ask(actions[name], change.new), "value")

    def show(self, picture: bytes, *, moment: int, at: int, pace: str, speed: int, start: tuple[str, str], status: str,
             shown: str, table: str, notice: str, words: str, says: str, window) -> None:  # fmt: skip
        """Bring everything up to date, without taking that for the student's wish."""
        self.picture.value = picture
        self.quiet = True
        self.timeline.value, self.pace.value, self.speed.value = moment, pace, speed
        self.quiet = False
        self.buttons["start"].description, self.buttons["start"].icon = start
        self.speed.disabled = pace != "real time"
        self.table.value, self.shown.value, self.notice.value = table, html.escape(shown), html.escape(notice)
        self.words.value = html.escape(words)
        with self.stick.hold_sync():
            self.stick.pace, self.stick.hint, self.stick.says = pace, HINTS[pace], says
            self.stick.window = list(window)
        self.status.value = status
        self.stick.at = at  # last: the page answers when it has seen all the rest

    def let_go(self) -> None:
        """Have the page forget what is held."""
        self.stick.round += 1

    def close(self) -> None:
        """Free all widgets."""
        parts.close_all(self.box)
