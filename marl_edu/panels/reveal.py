"""What happened, hidden until the guess is committed: a place of the same height, then a picture and words."""

from __future__ import annotations

import html
import threading

import ipywidgets as widgets

from marl_edu.panels import sketch
from marl_edu.panels.controls import close_all

NEUTRAL = "The result, beside your guess."
"""First line of the text: a front end shows it of an output that is folded, and it must not give the answer away."""

LOCKED = "Commit your guess above first; the result then appears here at once."

STYLE = f"""
.marl-reveal {{max-width: {sketch.WIDTH + 8}px; overflow: hidden}}
.marl-reveal .widget-html-content {{line-height: 1.4; width: 100%; white-space: normal}}
.marl-reveal .marl-outcome img, .marl-reveal .marl-locked {{width: 100%; max-width: {sketch.WIDTH}px; height: auto;
  box-sizing: border-box; display: flex; margin: 0}}
.marl-reveal .marl-locked {{border: 2px dashed var(--jp-border-color0, #888); border-radius: 6px; padding: 8px;
  align-items: center; justify-content: center; text-align: center; color: var(--jp-ui-font-color1, #222)}}
.marl-reveal .marl-outcome, .marl-reveal .marl-gap {{margin: 0}}
.marl-reveal .marl-marked {{color: var(--jp-ui-font-color1, #222); box-sizing: border-box; padding: 4px 0}}
.marl-reveal .marl-marked div {{display: flex; gap: 6px}}
.marl-reveal .marl-marked span:first-child {{flex: 0 0 1.1em}}
.marl-reveal .marl-marked .marl-happened {{font-weight: 600}}
.marl-reveal .marl-gap {{color: var(--jp-ui-font-color1, #222); min-height: 5.8em; max-width: {sketch.WIDTH}px}}
"""

_drawing = threading.RLock()
"""Buttons may be handled on several threads; pictures are made one at a time."""


class Reveal:
    """What ``guess.reveal(...)`` gives: put it at the end of a cell.

    Parameters
    ----------
    guess : Guess
        It unlocks this when it is committed, and locks it again when it is withdrawn.
    tell : callable
        Returns what happened in words, beside the guess if that is committed.
    draw : callable or None
        Returns a figure and its description likewise.
    height : int
        Of the picture, or of what stands in its place, in pixels.
    mark : callable or None
        Where there is no picture, returns HTML that stands in its place.
    """

    def __init__(self, guess, tell, draw, height: int, mark=None):
        self.guess, self._tell, self._draw, self._height, self._mark = guess, tell, draw, height, mark
        self._box = None
        guess.tell(self)
        if guess.committed:
            tell()  # what was guessed and what happened is kept, also where nobody looks at it

    def __repr__(self) -> str:
        return f"Reveal of {self.guess.name!r}: {LOCKED if self.locked else self.words}"

    @property
    def locked(self) -> bool:
        """Whether the guess still has to be committed."""
        return not self.guess.committed

    @property
    def words(self) -> str:
        """What happened, beside what was guessed; while it is locked, what to do."""
        return LOCKED if self.locked else self._tell()

    def png(self, sharp: int = 1) -> bytes:
        """The picture of what happened, with the guess if it is committed.

        Raises
        ------
        ValueError
            If an outcome that was chosen has no picture.
        """
        if self._draw is None:
            raise ValueError("an outcome that was chosen has no picture; expected a curve or a marker")
        with _drawing:
            return sketch.png(self._draw()[0], sharp)

    def alt_text(self) -> str:
        """The picture in words, '' where there is none."""
        return self._draw()[1] if self._draw else ""

    def guess_changed(self) -> None:
        """Lock or unlock what is shown; may be called on any thread."""
        if self._box is not None:  # one that was closed must not keep its words over those of a newer one
            self._show()

    @property
    def board(self) -> widgets.VBox:
        """The widget, made when it is first asked for."""
        if self._box is None:
            self._outcome, self._words = widgets.HTML(), widgets.HTML()
            self._outcome.add_class("marl-outcome")
            self._words.add_class("marl-gap")
            style = widgets.HTML(f"<style>{STYLE}</style>", layout=widgets.Layout(height="0", margin="0"))
            self._box = widgets.VBox([style, self._outcome, self._words], layout=widgets.Layout(width="100%"))
            self._box.add_class("marl-reveal")
            self._box.reveal = self  # as long as it is shown, it follows the guess
            self._show()
        return self._box

    def _show(self) -> None:
        with _drawing:
            shape = f"aspect-ratio: {sketch.WIDTH} / {self._height}" if self._draw else f"min-height: {self._height}px"
            if self.locked:
                self._outcome.value = f'<div class="marl-locked" style="{shape}">{LOCKED}</div>'
                self._words.value = ""
                return
            words = html.escape(self._tell())
            if self._draw is None:
                self._outcome.value = f'<div class="marl-marked" style="{shape}">{self._mark()}</div>'
            else:
                figure, alt = self._draw()
                address = sketch.as_address(sketch.png(figure, sketch.SHARP))
                self._outcome.value = f'<img style="{shape}" src="{address}" alt="{html.escape(alt)}">'
            self._words.value = f'<div role="status">{words}</div>'

    def close(self) -> None:
        """Free the widgets."""
        if self._box is not None:
            close_all(self._box)
            self._box = None

    def _repr_mimebundle_(self, include=None, exclude=None):
        """The live widget; beside it, for pages without one, what happened."""
        data = sketch.widget_view(self, self.board) | {"text/plain": f"{NEUTRAL}\n{self._tell()}"}
        if self._draw is None:
            return data, {}
        return data | {"image/png": sketch.base64_of(self.png())}, {"image/png": {"alt": self.alt_text()}}
