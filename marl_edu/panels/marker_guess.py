"""A number that is guessed: a marker placed on an axis, held against the number and its interval."""

from __future__ import annotations

import numpy as np

from marl_edu.games import checks
from marl_edu.panels import gap_words, sketch
from marl_edu.panels.drawn_guess import DrawnGuess, axis_json
from marl_edu.panels.guesses import Axis, levels
from marl_edu.panels.reveal import Reveal
from marl_edu.views import gap
from marl_edu.views.base import in_words

NOTHING = "There is no marker yet: click on the axis, then commit."


class MarkerGuess(DrawnGuess):
    """Where a number will be, placed on an axis.

    Parameters
    ----------
    name, question : str
        As for ``CurveGuess``.
    axis : (float, float, str)
        Lower end, upper end and label; a unit in brackets at its end is said with every number.
    references : dict of str to float, optional
        Levels that are drawn in.
    step : float, optional
        What the marker moves by in the page; by default about a hundredth of the axis.

    Examples
    --------
    >>> guess = MarkerGuess("doctest.marker", "How many?", axis=(0, 100, "pairs at the optimum (%)"))
    >>> guess.commit(40)
    >>> guess.reveal(55, low=48, high=62).words.split(".")[0]
    'You expected 40 %; it is 55 % (95 % interval 48 to 62)'
    >>> guess.withdraw()
    """

    mode = "marker"

    def __init__(self, name: str, question: str, *, axis, references=None, step: float | None = None):
        super().__init__(name, question)
        self.axis = Axis.of("axis", axis)
        self.references = levels("references", references)
        width = self.axis.high - self.axis.low
        self.step = None if step is None else checks.number("step", step, 1e-9 * width, width)
        self._join()

    def _what(self) -> tuple:
        return ("marker", self.axis[:2])

    def _checked(self, value) -> float:
        value = value.item() if isinstance(value, np.ndarray) and value.size == 1 else value
        return checks.number("value", value, self.axis.low, self.axis.high)

    def from_page(self, values) -> float:
        """The marker's place from what the page holds."""
        if not values or values[0] is None:
            raise ValueError(NOTHING)
        return float(np.clip(values[0], self.axis.low, self.axis.high))

    def _seen(self) -> list:
        return [self.value] if self.committed else []

    def _figure(self):
        figure = sketch.blank(marker=True)
        gap.decorate_line(figure.axes[0], self.axis, self.references)
        return figure

    def _geometry(self) -> dict:
        axis = axis_json(self.axis) | {"snap": self.step or self.axis.step}
        return {"width": sketch.WIDTH, "height": sketch.MARKER_HEIGHT, "box": list(sketch.box_of(marker=True)),
                "x": axis, "y": {"low": 0, "high": 1, "label": "", "step": 1, "decimals": 0}}  # fmt: skip

    def _alt(self) -> str:
        low, high, label = self.axis
        return (
            f"An axis to place a guess on: {label} from {in_words(low)} to {in_words(high)}."
            f"{gap.levels_in_words(self.references)}"
        )

    def said(self) -> str:
        """The committed guess in a few words."""
        return gap_words.measured(self.axis, self.value)

    def reveal(self, truth: float, low: float | None = None, high: float | None = None) -> Reveal:
        """What happened, hidden until the guess is committed.

        Parameters
        ----------
        truth : float
            The number.
        low, high : float, optional
            Ends of its 95 % interval; both or none.

        Raises
        ------
        ValueError
            If one of these is not a finite number, or the truth is outside of its interval.
        """
        truth = checks.number("truth", truth)
        if (low is None) != (high is None):
            raise ValueError(f"low is {low} and high is {high}; expected both ends of the interval, or none")
        if low is not None:
            low = checks.number("low", low, high=truth + 1e-9 * abs(truth))
            high = checks.number("high", high, low=truth - 1e-9 * abs(truth))

        def tell() -> str:
            if not self.committed:
                found = gap_words.measured(self.axis, truth)
                return f"What happened: {found}{gap_words.interval(low, high)}."
            words = gap_words.of_markers(self.value, truth, low, high, self.axis)
            self.compare({"truth": truth, "low": low, "high": high}, words)
            return words

        def draw():
            figure = sketch.blank(marker=True)
            gap.draw_markers(figure.axes[0], self.axis, truth, low, high, self.value, self.references)
            return figure, f"{self.axis.label}: {tell()}{gap.levels_in_words(self.references)}"

        return Reveal(self, tell, draw, sketch.MARKER_HEIGHT)
