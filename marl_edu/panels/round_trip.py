"""Do buttons reach Python? A question to the page, and a line of words that changes when the page answers.

Nothing waits: without a front end no answer comes, and the line stays as it is.
"""

from __future__ import annotations

from pathlib import Path

import anywidget
import ipywidgets as widgets
import traitlets

WAITING = (
    "Buttons: waiting for this page to answer. If this line is still here after ten seconds, they don't reach Python."
)
ANSWERED = "Buttons: they reach Python."
MEND = (
    "Mend: reload the page in the browser; then choose Kernel > Restart Kernel and run this cell again. If it stays, "
    "widgets are missing where JupyterLab runs. In a terminal: "
)
STYLE = "color: var(--jp-ui-font-color1, #222); line-height: 1.5"


class Question(anywidget.AnyWidget):
    """An invisible widget whose answer is set by the page that shows it."""

    _esm = Path(__file__).parent / "round_trip.js"
    question = traitlets.Int(1).tag(sync=True)
    answer = traitlets.Int(0).tag(sync=True)


class RoundTrip:
    """One line: whether the page that shows it can reach Python, by both kinds of widgets that the course uses.

    Parameters
    ----------
    mend : str
        Command to give where no answer comes.
    """

    def __init__(self, mend: str = ""):
        self.line = widgets.HTML(f"<div style='{STYLE}'>&hellip; {WAITING}<br>{MEND}<code>{mend}</code></div>")
        self.line.add_class("marl-round-trip")
        self.line.layout.margin = "0"
        self._question = Question(layout=widgets.Layout(display="none"))
        # A Play control counts in the page once it is told to: then the standard controls work too.
        self._count = widgets.Play(value=0, max=1, interval=50, layout=widgets.Layout(display="none"))
        self._question.observe(self._heard, "answer")
        self._count.observe(self._heard, "value")
        self.box = widgets.VBox([self.line, self._question, self._count])

    @property
    def answered(self) -> bool:
        """Whether both have answered."""
        return self._question.answer == self._question.question and self._count.value > 0

    def _heard(self, _change) -> None:
        if self.answered:
            self.line.value = f"<div style='{STYLE}'><b>&#10003;</b> {ANSWERED}</div>"
        else:
            self._count.playing = True
