"""The card that shows a verdict, with buttons for the next hint and for the solution.

It looks the same in a light and a dark theme; sign, word and colour say the same three times.
"""

from __future__ import annotations

import html
import re

import ipywidgets as widgets

from marl_edu.exercises.verdict import HEADS, SIGNS, Part
from marl_edu.exercises.words import Words
from marl_edu.panels.controls import button

SURE = "show it: sure?"
STYLE = """
.marl-exercise {border: 1px solid var(--jp-border-color2, #bbb); border-left: 6px solid #475569; border-radius: 4px;
  padding: 8px 12px; color: var(--jp-ui-font-color1, #222); background: var(--jp-layout-color1, #fff);
  box-sizing: border-box}
.marl-exercise.marl-outcome-right {border-left-color: #15803d}
.marl-exercise.marl-outcome-wrong {border-left-color: #b45309}
.marl-exercise.marl-outcome-crashed {border-left-color: #b91c1c}
.marl-exercise .widget-html-content {line-height: 1.45; color: var(--jp-ui-font-color1, #222)}
.marl-exercise .marl-head {font-size: 115%; margin-bottom: 6px}
.marl-exercise .marl-badge {color: #fff; background: #475569; border-radius: 3px; padding: 1px 9px; margin-right: 8px;
  font-weight: 600; white-space: nowrap}
.marl-outcome-right .marl-badge {background: #15803d}
.marl-outcome-wrong .marl-badge {background: #b45309}
.marl-outcome-crashed .marl-badge {background: #b91c1c}
.marl-exercise .marl-part {display: grid; grid-template-columns: 118px minmax(0, 1fr); column-gap: 12px; margin: 3px 0}
.marl-exercise .marl-whole {margin: 3px 0; overflow-wrap: anywhere}
.marl-exercise .marl-label {text-align: right; color: var(--jp-ui-font-color1, #222); opacity: .8}
.marl-exercise pre, .marl-exercise code {font-family: var(--jp-code-font-family, monospace); font-size: 92%;
  color: inherit; background: var(--jp-layout-color2, #eee); border-radius: 3px; padding: 1px 5px; margin: 0}
.marl-exercise pre {white-space: pre-wrap; overflow-wrap: anywhere; justify-self: start; max-width: 100%;
  line-height: 1.4; box-sizing: border-box}
.marl-exercise .marl-more pre {padding: 6px 10px; margin-top: 4px; width: fit-content}
.marl-exercise button:focus-visible {outline: 2px solid var(--jp-brand-color1, #1976d2); outline-offset: 1px}
"""


class Card:
    """The widgets of one verdict; ``box`` holds them.

    Parameters
    ----------
    verdict : Verdict
        What is shown. Its exercise gives the hints and the solution.
    """

    def __init__(self, verdict):
        self.exercise = verdict.exercise
        self.buttons = {
            "hint": button("hint", "lightbulb-o", "the next hint", "92px"),
            "solution": button("solution", "key", "one right answer, as source code", "140px"),
        }
        self.buttons["hint"].on_click(lambda _: self.hint())
        self.buttons["solution"].on_click(lambda _: self.solution())
        self.more = widgets.HTML()
        self.more.add_class("marl-more")
        says = widgets.HTML(f"<style>{STYLE}</style>{_live(_head(verdict) + ''.join(map(_part, verdict.parts)))}")
        says.add_class("marl-verdict")
        row = widgets.HBox(list(self.buttons.values()))
        self.box = widgets.VBox([says, row, self.more], layout=widgets.Layout(width="100%", max_width="985px"))
        self.box.add_class("marl-exercise")
        self.box.add_class(f"marl-outcome-{verdict.outcome.replace(' ', '-')}")

    def hint(self) -> None:
        """Show the next hint."""
        self._show(self.exercise.hint())

    def solution(self) -> None:
        """Show the solution; who hasn't tried yet is asked first whether they are sure."""
        pressed = self.buttons["solution"]
        tried = self.exercise.attempts or self.exercise.facts().get("attempts", 0)
        if not tried and pressed.description != SURE:
            pressed.description = SURE
            return
        pressed.description = "solution"
        self._show(self.exercise.solution())

    def _show(self, words: Words) -> None:
        body = f"<pre>{html.escape(words.code)}</pre>" if words.code else rich(words.text)
        self.more.value = _live(f"<b>{html.escape(words.head)}.</b> {body}")


def _live(inner: str) -> str:
    """HTML that a screen reader speaks when it appears."""
    return f'<div role="status" aria-live="polite">{inner}</div>'


def _head(verdict) -> str:
    sign, word = SIGNS[verdict.outcome], HEADS[verdict.outcome]
    badge = f'<span class="marl-badge"><span aria-hidden="true">{sign}</span> {word}</span>'
    return f'<div class="marl-head">{badge}<b>{html.escape(verdict.exercise.title)}</b></div>'


def _part(part: Part) -> str:
    body = f"<pre>{html.escape(part.body)}</pre>" if part.code else f"<span>{rich(part.body)}</span>"
    if not part.label:
        return f'<div class="marl-whole">{body}</div>'
    return f'<div class="marl-part"><span class="marl-label">{html.escape(part.label)}</span>{body}</div>'


def rich(text: str) -> str:
    """Escaped HTML of a text in which only `code`, **bold** and *emphasis* mean something.

    >>> rich("use `a < b`, *always*")
    'use <code>a &lt; b</code>, <i>always</i>'
    """
    pieces = re.split(r"`([^`\n]+)`", text)
    made = [html.escape(piece, quote=False) for piece in pieces]
    for k, piece in enumerate(made):
        if k % 2:
            made[k] = f"<code>{piece}</code>"
        else:
            piece = re.sub(r"\*\*(\S(?:[^*]*\S)?)\*\*", r"<b>\1</b>", piece)
            made[k] = re.sub(r"(?<![\w*])\*([^\s*](?:[^*]*[^\s*])?)\*(?![\w*])", r"<i>\1</i>", piece)
    return "".join(made)
