"""An outcome that is guessed: one of a few, chosen before the run."""

from __future__ import annotations

import html

import ipywidgets as widgets

from marl_edu.games import checks
from marl_edu.panels import sketch
from marl_edu.panels.controls import close_all
from marl_edu.panels.drawn_guess import OPEN, plain, sentence
from marl_edu.panels.guesses import Guess
from marl_edu.panels.reveal import Reveal

STYLE = """
.marl-predict .marl-question {font-weight: 600; line-height: 1.4; color: var(--jp-ui-font-color1, #222)}
.marl-predict .marl-says {color: var(--jp-ui-font-color1, #222); line-height: 1.4; min-height: 2.8em}
.marl-predict .marl-options label {display: flex; flex-direction: row-reverse; justify-content: flex-end;
  align-items: flex-start; gap: 6px; white-space: normal; height: auto; line-height: 1.4; padding: 3px 0}
.marl-predict .marl-options label input {flex: none; margin: 2px 2px 0}
.marl-predict .marl-options input:focus-visible, .marl-predict button:focus-visible {outline: 3px solid #1a73e8;
  outline-offset: 1px}
"""


class ChoiceGuess(Guess):
    """Which of a few outcomes it will be.

    Parameters
    ----------
    name, question : str
        As for ``CurveGuess``.
    options : sequence of str
        Two or more different outcomes.

    Examples
    --------
    >>> guess = ChoiceGuess("doctest.choice", "Who waits?", options=["agent 1", "agent 2", "nobody"])
    >>> guess.commit("agent 1")
    >>> guess.value, guess.reveal("nobody", because="they collide.").words
    (0, 'You chose "agent 1"; what happened is "nobody": they collide.')
    >>> guess.withdraw()
    """

    def __init__(self, name: str, question: str, options):
        super().__init__(name, question)
        if checks.length(options) is None or len(options) < 2 or not all(isinstance(o, str) for o in options):
            raise ValueError(f"options is {checks.shown(options)}; expected a list of two or more texts")
        self.options = checks.names("options", list(options), len(options), "")
        self._box = None
        self._join()

    def _what(self) -> tuple:
        return ("choice", self.options)

    def _checked(self, value) -> int:
        return checks.index_of("value", value, self.options)

    def _to_json(self, value) -> str:
        return self.options[value]

    def said(self) -> str:
        """The committed guess in a few words."""
        return f'"{self.options[self.value]}"'

    @property
    def board(self) -> widgets.VBox:
        """The widget, made when it is first asked for."""
        if self._box is None:
            self._radio = widgets.RadioButtons(options=[(o, k) for k, o in enumerate(self.options)], value=None,
                                               layout=widgets.Layout(width="100%"))  # fmt: skip
            self._radio.add_class("marl-options")
            self._radio.observe(lambda _: None if self.committed else self._say(OPEN), "value")
            self._commit = _button("commit", "stand by this guess; then the result appears", self._pressed)
            self._again = _button(
                "guess again", "take the guess back; the result locks again", lambda _: self.withdraw()
            )
            self._says = widgets.HTML()
            self._says.add_class("marl-says")
            style = f"<style>{STYLE}</style><div class='marl-question'>{html.escape(self.question)}</div>"
            self._box = widgets.VBox(
                [widgets.HTML(style), self._radio, widgets.HBox([self._commit, self._again]), self._says],
                layout=widgets.Layout(width="100%", max_width=f"{sketch.WIDTH}px"),
            )
            self._box.add_class("marl-predict")
            self.guess_changed()
        return self._box

    def _pressed(self, _) -> None:
        if self._radio.value is None:
            self._say("Nothing is chosen yet: choose one, then commit.")
        else:
            self.commit(self._radio.value)

    def _taken_back(self, _) -> None:
        self.withdraw()

    def _say(self, text: str) -> None:
        self._says.value = f"<div role='status'>{html.escape(text)}</div>"

    def guess_changed(self) -> None:
        """Show the present state in the page."""
        if self._box is None:
            return
        if self.committed:
            self._radio.value = self.value
        self._radio.disabled = self._commit.disabled = self.committed
        self._commit.button_style = "" if self.committed else "primary"
        self._again.disabled = not self.committed
        self._say(sentence(self))

    def close(self) -> None:
        """Free the widgets."""
        if self._box is not None:
            close_all(self._box)
            self._box = None

    def _repr_mimebundle_(self, include=None, exclude=None):
        options = "".join(f"\n  - {option}" for option in self.options)
        return sketch.widget_view(self, self.board) | {"text/plain": plain(self, f"Choose one:{options}")}, {}

    def reveal(self, option: int | str, because: str = "") -> Reveal:
        """What happened, by number or text, and why; hidden until the guess is committed.

        Raises
        ------
        ValueError
            If there is no such option.
        """
        truth = checks.index_of("option", option, self.options)
        because = checks.text("because", because).strip()
        reason = f": {because}" if because else "."

        def tell() -> str:
            if not self.committed:
                return f'What happened: "{self.options[truth]}"{reason}'
            mine = self.value
            words = f'You chose "{self.options[mine]}"; ' + (
                f"and so it happened{reason}" if mine == truth else f'what happened is "{self.options[truth]}"{reason}'
            )
            words = words.replace("; and", ", and")
            self.compare(self.options[truth], words)
            return words

        return Reveal(self, tell, None, 24 * len(self.options) + 8, lambda: self._marked(truth))

    def _marked(self, truth: int) -> str:
        """The options as HTML, with a sign and a word at what was guessed and at what happened."""
        rows = []
        for k, option in enumerate(self.options):
            marks = [mark for mark, here in (("your guess", k == self.value), ("what happened", k == truth)) if here]
            sign = "&#10003;" if k == truth else "&#10007;" if k == self.value else "&nbsp;"
            name = " class='marl-happened'" if k == truth else ""
            said = f" &larr; {' and '.join(marks)}" if marks else ""
            rows.append(f"<div{name}><span>{sign}</span><span>{html.escape(option)}{said}</span></div>")
        return "".join(rows)


def _button(word: str, tooltip: str, action) -> widgets.Button:
    made = widgets.Button(description=word, tooltip=tooltip, layout=widgets.Layout(width="auto", min_width="84px"))
    made.add_class(f"marl-{word.split()[0]}")
    made.on_click(action)
    return made
