"""The widgets of a play panel: which there are, where they stand, and how they show where a match stands."""

from __future__ import annotations

import html
from pathlib import Path

import anywidget
import ipywidgets as widgets
import traitlets

from marl_edu.games.colours import agent_colour
from marl_edu.learning import Match
from marl_edu.panels import controls as parts
from marl_edu.panels.play_words import key_of

STYLE = """
.marl-play .marl-picture {max-width: calc(100% - 4px); min-width: 0; height: auto; align-self: flex-start;
  margin-top: 6px}
.marl-play .marl-notice {color: #92400e}
[data-jp-theme-light="false"] .marl-play .marl-notice {color: #fbbf24}
.marl-play .marl-words, .marl-play .marl-status {color: var(--jp-ui-font-color1, #222)}
.marl-play .widget-html-content {line-height: 1.4}
.marl-play .marl-status .widget-html-content {line-height: 28px}
.marl-play .marl-status {padding-left: 8px; box-sizing: border-box}
.marl-play .marl-choice {border-bottom: 3px solid var(--marl-you)}
.marl-play .marl-choice.marl-idle {opacity: 0.45}
.marl-play button:focus-visible {outline: 3px solid var(--jp-brand-color1, #1976d2); outline-offset: 1px}
.marl-play .marl-you {display: inline-block; width: 0.8em; height: 0.8em; border-radius: 50%; vertical-align: -0.05em}
"""
HERE = Path(__file__).parent


class Pad(anywidget.AnyWidget):
    """A place that takes keys: it sends ``{'key': name}`` for each one that means something."""

    _esm = HERE / "pad.js"
    _css = HERE / "pad.css"
    meanings = traitlets.Dict().tag(sync=True)
    hint = traitlets.Unicode().tag(sync=True)
    says = traitlets.Unicode().tag(sync=True)


class PlayBoard:
    """The widgets of one play panel.

    Parameters
    ----------
    title : str
        Heading.
    match : Match
        Whose actions get buttons.
    keys : dict of str to int
        Which key stands for which action.
    tunable : list of str
        Hyperparameters of the match that get a slider.
    turns : int
        Length of the match.
    size : (int, int)
        Width and height of the picture in pixels.
    offered : sequence of str
        Which of the buttons ``'forget'`` and ``'reveal'`` (show or hide beliefs) are there: beside a partner that
        learns nothing, or believes nothing, they would do nothing.
    """

    def __init__(self, title: str, match: Match, keys: dict, tunable: list[str], turns: int, size: tuple[int, int],
                 offered=("forget", "reveal")):  # fmt: skip
        self.choices = []
        for a, name in enumerate(match.actions):
            key = key_of(a, keys)
            made = widgets.Button(
                description=f"{name} ({key})" if key else name,
                tooltip=f"choose {name}",
                layout=widgets.Layout(width="auto", min_width="72px"),
            )
            made.add_class("marl-choice")
            made.add_class(f"marl-choice-{a}")
            self.choices.append(made)
        kept = "; the partner keeps what it learned" if "forget" in offered else ""
        self.buttons = {"again": parts.button("new match", "repeat", f"play again{kept}", "118px")}
        if "forget" in offered:
            forgets = "play again; the partner forgets what it learned"
            self.buttons["forget"] = parts.button("forget", "undo", forgets, "84px")
        self.buttons["again"].add_class("marl-again")
        self.reveal = widgets.ToggleButton(
            description="show beliefs", icon="eye", tooltip="show or hide what the partner believes",
            layout=widgets.Layout(width="128px"),
        )  # fmt: skip
        self.reveal.add_class("marl-reveal-beliefs")
        self.pad = Pad(meanings=keys, hint=", ".join(_told(keys, match.actions)))
        self.controls = {name: parts.control_for(match, name) for name in tunable}
        self.timeline = parts.timeline_slider("turn", turns)
        self.picture = parts.picture(*size)
        self.status = parts.text("marl-status", width="330px")
        self.notice = parts.text("marl-notice", "24px")
        self.words = parts.text("marl-words", "44px")
        self.quiet = False
        above = [*self.buttons.values(), *([self.reveal] if "reveal" in offered else [])]
        self.box = self._arranged(title, match, size, above)

    def _arranged(self, title: str, match: Match, size: tuple[int, int], above: list) -> widgets.VBox:
        shape = f".marl-play .marl-{size[0]}x{size[1]} {{aspect-ratio: {size[0]} / {size[1]}}}"
        colour = agent_colour(match.seat)
        you = f"<style>.marl-play .marl-seat-{match.seat} {{--marl-you: {colour}}}</style>"
        dot = f'<span class="marl-you" style="background:{colour}"></span>'
        heading = f"<b>{html.escape(title)}</b> &middot; {dot} you are {html.escape(match.game.agents[match.seat])}"
        wrapped = widgets.Layout(flex_flow="row wrap", align_items="center", width="100%")
        choices = widgets.HBox([*self.choices, self.pad], layout=wrapped)
        choices.add_class(f"marl-seat-{match.seat}")
        tuning = [widgets.HBox(list(self.controls.values()), layout=wrapped)] if self.controls else []
        box = widgets.VBox(
            [
                widgets.HTML(f"<style>{STYLE}{shape}</style>{you}{heading}"),
                widgets.HBox(above, layout=wrapped),
                choices,
                *tuning,
                self.picture,
                widgets.HBox([self.timeline, self.status], layout=widgets.Layout(width="100%", align_items="center")),
                self.notice,
                self.words,
            ],
            layout=widgets.Layout(width="100%", max_width="985px"),
        )
        box.add_class("marl-play")
        return box

    def connect(self, ask, actions: dict) -> None:
        """Have every widget ask for its action: ``ask(action, *arguments)``, by the names in ``actions``."""
        for a, widget in enumerate(self.choices):
            widget.on_click(lambda _, a=a: ask(actions["press"], a))
        self.pad.on_msg(lambda _, content, __: ask(actions["key"], content))
        for word, widget in self.buttons.items():
            widget.on_click(lambda _, word=word: ask(actions[word]))
        for name, widget in (("timeline", self.timeline), ("reveal", self.reveal)):
            widget.observe(lambda change, name=name: None if self.quiet else ask(actions[name], change.new), "value")
        for name, control in self.controls.items():
            control.observe(lambda change, name=name: ask(actions["tuned"], name, change.new), "value")

    def show(self, picture: bytes, *, shown: int, turns: int, revealed: bool, over: bool, status: str, notice: str,
             words: str) -> None:  # fmt: skip
        """Bring everything up to date, without taking that for the student's wish."""
        self.picture.value = picture
        self.quiet = True
        self.timeline.max = max(turns, 1)
        self.timeline.value = shown
        self.reveal.value = revealed
        self.reveal.description, self.reveal.icon = (
            ("hide beliefs", "eye-slash") if revealed else ("show beliefs", "eye")
        )
        self.quiet = False
        for widget in self.choices:
            # not disabled: that would take the focus away, and the next key would reach the notebook
            (widget.add_class if over else widget.remove_class)("marl-idle")
        self.words.value, self.notice.value = html.escape(words), html.escape(notice)
        self.pad.says = f"{words} {notice}".strip()
        self.status.value = html.escape(status)  # last: whoever sees the new turn in it sees all the rest as well

    def close(self) -> None:
        """Free all widgets."""
        parts.close_all(self.box)
        self.reveal.close()  # where it is not offered it is not in the box


def _told(keys: dict[str, int], actions: tuple[str, ...]) -> list[str]:
    """What keys there are, short."""
    arrows = [key for key in keys if key.startswith("Arrow")]
    told = ["arrow keys move"] if arrows else []
    letters = [key for key in keys if len(key) == 1 and key.isalpha()]
    if " " in keys:
        told.append("space stays")
    if letters:
        told.append(f"press {' or '.join(letters)}")
    elif not arrows:
        told.append(f"press 1 to {min(9, len(actions))}" if len(actions) > 1 else "press 1")
    return told
