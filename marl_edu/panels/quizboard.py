"""The widgets of a quiz: one block for each question, with radio buttons or a field, a check button and its feedback.

Nothing in here knows what is right: an answer goes out, feedback comes in.
"""

from __future__ import annotations

import html
import re
from pathlib import Path

import anywidget
import ipywidgets as widgets

from marl_edu.panels import controls as parts
from marl_edu.panels.keys import OwnKeys
from marl_edu.panels.questions import Choice

STYLE = """
.marl-quiz {color: var(--jp-ui-font-color1, #222); font-size: var(--jp-content-font-size1, 14px)}
.marl-quiz .marl-question {border-top: 1px solid var(--jp-border-color2, #ccc); padding: 8px 0 6px; overflow: visible}
.marl-quiz .widget-html-content, .marl-quiz .widget-htmlmath-content {line-height: 1.45; color: inherit;
  font-size: inherit; white-space: normal}
.marl-quiz .widget-html, .marl-quiz .widget-htmlmath {height: auto; min-height: 0; font-size: inherit}
.marl-quiz .widget-radio {width: 100%; height: auto}
.marl-quiz .widget-radio-box {margin: 0; height: auto; width: 100%; padding: 0}
.marl-quiz .widget-radio-box label {display: flex; align-items: baseline; gap: 9px; height: auto; min-height: 24px;
  line-height: 1.4; white-space: normal; margin: 0; padding: 3px 6px; width: 100%; max-width: 100%; font-size: inherit;
  box-sizing: border-box; cursor: pointer; color: inherit; overflow: visible}
.marl-quiz .widget-radio-box input {order: -1; float: none; flex: none; margin: 0; height: auto;
  position: relative; top: 2px}
.marl-quiz .widget-radio-box label:hover {background: var(--jp-layout-color2, #eee)}
.marl-quiz label:focus-within {outline: 2px solid var(--jp-brand-color1, #1976d2); outline-offset: -2px}
.marl-quiz button:focus-visible, .marl-quiz input:focus-visible {
  outline: 2px solid var(--jp-brand-color1, #1976d2); outline-offset: 1px}
.marl-quiz .marl-says {padding: 3px 10px; border-left: 4px solid var(--jp-border-color1, #888);
  background: var(--jp-layout-color2, #f3f3f3)}
.marl-quiz .marl-says-right {border-left-color: var(--jp-success-color1, #2e7d32)}
.marl-quiz .marl-says-changed {opacity: .75}
.marl-quiz .marl-says-wrong {border-left-color: var(--jp-error-color1, #c62828)}
"""


CHANGED = "Your answer has changed since it was checked: check it again."


class Presses(anywidget.AnyWidget):
    """An invisible widget that sends each answer together with the press of its check button."""

    _esm = Path(__file__).parent / "quiz.js"


class QuizBoard:
    """The widgets of one quiz.

    Parameters
    ----------
    questions : sequence of Choice or Number
        What is asked.
    answer : function
        Called as ``answer(number, given)`` when a check button is pressed.
    start_over : function
        Called when that button is pressed.
    """

    def __init__(self, questions, answer, start_over):
        self.fields, self.says, self.blocks = [], [], []
        self._answer = answer
        self._verdicts: list[tuple[str, object]] = []  # what is said to each question, and about which answer
        for number, question in enumerate(questions, start=1):
            self._add_block(number, question)
        self.score = parts.text("marl-score", flex="1 1 auto")
        over = parts.button("start over", "undo", "forget the answers to this quiz", "104px")
        over.on_click(lambda _: start_over())
        last = widgets.HBox([self.score, over], layout=widgets.Layout(width="100%", align_items="center"))
        presses = Presses(layout=widgets.Layout(display="none"))
        presses.on_msg(lambda _, content, buffers: self._heard(content))
        style = widgets.HTML(f"<style>{STYLE}</style>", layout=widgets.Layout(display="none"))
        self.box = widgets.VBox(
            [style, *self.blocks, last, OwnKeys(".marl-quiz"), presses],
            layout=widgets.Layout(width="100%", max_width="985px", overflow="visible"),
        )
        self.box.add_class("marl-quiz")

    def _add_block(self, number: int, question) -> None:
        asked = widgets.HTMLMath(f"<b>{number}.</b> {in_html(question.text)}", layout=widgets.Layout(width="98%"))
        check = parts.button("check", "check", f"check the answer to question {number}", "82px")
        check.on_click(lambda _: self._pressed(number))
        says = widgets.HTMLMath(layout=widgets.Layout(width="98%"))
        says.add_class("marl-feedback")
        if isinstance(question, Choice):
            options = [
                (without_marks(line), each.text) for line, each in zip(question.lines(), question.shown, strict=True)
            ]
            field = widgets.RadioButtons(options=options, index=None, layout=widgets.Layout(width="98%"))
            middle = [field, check]
        else:
            field = widgets.Text(placeholder="a number", layout=widgets.Layout(width="130px"))
            field.tooltip = f"answer to question {number}: {question.lines()[0]}"
            behind = widgets.HTML(f"{html.escape(question.unit)} <small>({question.stated_tolerance()})</small>")
            middle = [widgets.HBox([field, behind, check], layout=widgets.Layout(align_items="center"))]
        block = widgets.VBox([asked, *middle, says], layout=widgets.Layout(width="100%"))
        block.add_class("marl-question")
        self._verdicts.append(("", None))
        field.observe(lambda _: self._look(number), "value")
        self.fields.append(field)
        self.says.append(says)
        self.blocks.append(block)

    def _heard(self, content) -> None:
        """A press in the page: which question, and the text or the place of the option that stood there just then."""
        number, given = content.get("number"), content.get("given")
        if type(number) is not int or not 1 <= number <= len(self.fields):
            return
        field = self.fields[number - 1]
        if isinstance(field, widgets.RadioButtons):
            known = type(given) is int and 0 <= given < len(field.options)
            given = field.options[given][1] if known else None
        self._take(number, given if isinstance(given, str) else None)

    def _pressed(self, number: int) -> None:
        """A press from Python, or in a page without our script."""
        self._take(number, self.fields[number - 1].value)

    def _take(self, number: int, given) -> None:
        if given is None or not given.strip():
            self.says[number - 1].value = says(
                "", "Choose one of the options first." if given is None else "Type a number first."
            )
        else:
            self._verdicts[number - 1] = ("", given)
            self._answer(number, given)

    def restore(self, number: int, given) -> None:
        """Put an answer that was kept (or ``None``) into its field."""
        field = self.fields[number - 1]
        if isinstance(field, widgets.Text):
            given = "" if given is None else f"{given:.10g}"
        self._verdicts[number - 1] = (self._verdicts[number - 1][0], given)
        field.value = given
        self._look(number)

    def show(self, number: int, feedback, score: str) -> None:
        """Show what is said to an answer (``None``: nothing), and the score."""
        said = "" if feedback is None else says(feedback.outcome, feedback.text)
        self._verdicts[number - 1] = (said, self._verdicts[number - 1][1])
        self.says[number - 1].value = said
        self.score.value = html.escape(score)

    def _look(self, number: int) -> None:
        """What was said counts only as long as the answer is the one that it was said about."""
        said, about = self._verdicts[number - 1]
        same = not said or self.fields[number - 1].value == about
        self.says[number - 1].value = said if same else says("changed", CHANGED)

    def close(self) -> None:
        """Free all widgets."""
        parts.close_all(self.box)


def says(outcome: str, words: str) -> str:
    """HTML of a line of feedback; screen readers speak it when it appears."""
    kind = outcome.replace(" ", "-")
    return f'<div role="alert" class="marl-says marl-says-{kind}">{in_html(words)}</div>'


def in_html(words: str) -> str:
    r"""Words with `code`, *emphasis*, **weight** and $formulas$ as HTML; formulas are left to the page.

    >>> in_html("`q[s]` is *less* than $a_1 * b * c$ & **not** 3 * 4 * 5")
    '<code>q[s]</code> is <em>less</em> than $a_1 * b * c$ &amp; <b>not</b> 3 * 4 * 5'
    """
    made = []
    for part in re.split(r"(`[^`\n]+`|\$[^$\n]+\$)", words):
        escaped = html.escape(part)
        if part.startswith("`") and len(part) > 2:
            made.append(f"<code>{escaped[1:-1]}</code>")
        elif part.startswith("$") and len(part) > 2:
            made.append(escaped)
        else:
            escaped = re.sub(r"\*\*(?=\S)([^*]+)(?<=\S)\*\*", r"<b>\1</b>", escaped)
            made.append(re.sub(r"(?<!\w)\*(?=\S)([^*]+)(?<=\S)\*(?!\w)", r"<em>\1</em>", escaped))
    return "".join(made)


def without_marks(words: str) -> str:
    """Words without the marks of `code` and *emphasis*, for places that show text as it is.

    >>> without_marks("`q[s]` is *less*")
    'q[s] is less'
    """
    return re.sub(r"`([^`\n]+)`|(?<!\w)\*{1,2}(?=\S)([^*]+)(?<=\S)\*{1,2}(?!\w)", lambda m: m[1] or m[2], words)
