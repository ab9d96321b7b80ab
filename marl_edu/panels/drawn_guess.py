"""What guesses share that are made on a picture: the widget, its buttons, and what pages without widgets show."""

from __future__ import annotations

import ipywidgets as widgets

from marl_edu.panels import sketch
from marl_edu.panels.guesses import Axis, Guess

OPEN = "Commit your guess before you run what follows."
DONE = "Committed{on}: {words}. What follows is unlocked."


class DrawnGuess(Guess):
    """A guess made on a picture."""

    mode = "curve"
    _sketch: sketch.Sketch | None = None

    def _figure(self):
        raise NotImplementedError

    def _geometry(self) -> dict:
        raise NotImplementedError

    def _seen(self) -> list:
        """What the page draws for the present state."""
        raise NotImplementedError

    def _alt(self) -> str:
        raise NotImplementedError

    @property
    def board(self) -> widgets.VBox:
        """The widget, made when it is first asked for."""
        if self._sketch is None:
            self._sketch = sketch.Sketch(
                mode=self.mode, question=self.question, geometry=self._geometry(), alt=self._alt(),
                picture=sketch.as_address(sketch.png(self._figure(), sketch.SHARP)),
            )  # fmt: skip
            self._sketch.on_msg(self._pressed)
            self._sketch.observe(self._drawn_on, "values")
            self._box = widgets.VBox([self._sketch], layout=widgets.Layout(width="100%"))
            self._box.add_class("marl-predict")
            self.guess_changed()
        return self._box

    def _drawn_on(self, change) -> None:
        """What was said about an empty picture is no longer so."""
        if not self.committed and any(value is not None for value in change.new):
            self._sketch.says = OPEN

    def _pressed(self, _widget, message: dict, _buffers) -> None:
        """A button of the page; whatever is wrong is said below the buttons."""
        word = message.get("do") if isinstance(message, dict) else None
        try:
            if word == "commit":
                self.commit(self.from_page(message.get("values")))
            elif word == "again":
                self.withdraw()
            elif word == "clear":
                self._sketch.says = OPEN
        except (TypeError, ValueError) as error:
            self._sketch.says = str(error)

    def from_page(self, values):
        """What is to be committed, from the values that the page holds; ``ValueError`` if there is nothing."""
        raise NotImplementedError

    def guess_changed(self) -> None:
        """Show the present state in the page."""
        if self._sketch is None:
            return
        with self._sketch.hold_sync():
            self._sketch.committed = self.committed
            if self.committed or not self._sketch.values:  # what was drawn and taken back may be drawn on
                self._sketch.values = self._seen()
            self._sketch.says = sentence(self)

    def close(self) -> None:
        """Free the widgets."""
        if self._sketch is not None:
            self._box.close()
            self._sketch.close()
            self._sketch = None

    def _repr_mimebundle_(self, include=None, exclude=None):
        words = self._alt()
        data = {"text/plain": plain(self, words), "image/png": sketch.base64_of(sketch.png(self._figure()))}
        return sketch.widget_view(self, self.board) | data, {"image/png": {"alt": words}}


def axis_json(axis: Axis) -> dict:
    """An axis as the page needs it."""
    return axis._asdict() | {"step": axis.step, "decimals": axis.decimals}


def sentence(guess: Guess) -> str:
    """The sentence below the buttons."""
    if not guess.committed:
        return OPEN
    return DONE.format(on=f" on {guess.when}" if guess.when else "", words=guess.said())


def plain(guess: Guess, words: str) -> str:
    """What a page without widgets says."""
    state = f"Your guess: {guess.said()}." if guess.committed else "Guess before you read on."
    return f"Your prediction: {guess.question} {words}\n{state}"
