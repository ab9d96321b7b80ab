"""A curve that is guessed: drawn by hand before the run, and held against the mean over seeds after it.

Legend of axes: T moments, K seeds, G points of the grid.
"""

from __future__ import annotations

import numpy as np

from marl_edu.games import checks
from marl_edu.panels import gap_words, sketch
from marl_edu.panels.drawn_guess import DrawnGuess, axis_json
from marl_edu.panels.guesses import GRID_POINTS, Axis, curve, levels
from marl_edu.panels.reveal import Reveal
from marl_edu.recording import Recording
from marl_edu.views import gap
from marl_edu.views.base import in_words
from marl_edu.views.curves import RETURNS, LearningCurve

NOTHING = "There is nothing drawn yet: draw a curve, then commit."


class CurveGuess(DrawnGuess):
    """How a curve will run, drawn before it does.

    Parameters
    ----------
    name : str
        ``"<lesson>.<word>"``; guesses of one name are one guess, and it is kept under this name.
    question : str
        What is asked.
    x, y : (float, float, str)
        Lower end, upper end and label of the axes; the label of ``x`` in the plural.
    references : dict of str to float, optional
        Levels that are drawn in, such as ``{"team optimum": 4.9, "random play": -33.7}``.

    Attributes
    ----------
    grid : array (G,)
        Places at which a curve is kept.
    value : array (G,) or None
        The committed curve.

    Raises
    ------
    ValueError
        If one of these is otherwise.

    Examples
    --------
    >>> guess = CurveGuess("doctest.curve", "How?", x=(0, 100, "steps"), y=(0, 10, "return"))
    >>> guess.reveal([0, 100], [[2, 4], [7, 9]]).locked
    True
    >>> guess.commit([(0, 2), (100, 6)])
    >>> guess.committed, guess.value[-1].item()
    (True, 6.0)
    >>> print(guess.reveal([0, 100], [[3, 3], [8, 8]]).words)  # doctest: +NORMALIZE_WHITESPACE
    You expected the curve to end at 6; it ends at 8 (mean of 2 seeds, 95 % interval 8 to 8). The largest gap is 2,
    near 100 steps, where you drew too low; on average the two curves are 1.50 apart.
    >>> guess.withdraw()
    """

    def __init__(self, name: str, question: str, *, x, y, references=None):
        super().__init__(name, question)
        self.x, self.y = Axis.of("x", x), Axis.of("y", y)
        self.references = levels("references", references)
        self.grid = np.linspace(self.x.low, self.x.high, GRID_POINTS)
        self._join()

    def _what(self) -> tuple:
        return ("curve", self.x[:2], self.y[:2])

    def _checked(self, value) -> np.ndarray:
        return curve("value", value, self.x, self.y)

    def _to_json(self, value) -> dict:
        return {"x": [self.x.low, self.x.high], "heights": [float(f"{height:.6g}") for height in value]}

    def _from_json(self, kept):
        if tuple(kept["x"]) != self.x[:2]:
            raise ValueError("it was drawn on another axis")
        return np.clip(kept["heights"], self.y.low, self.y.high) if self._fits(kept["heights"]) else None

    def _fits(self, heights) -> bool:
        """Whether kept heights are on this axis, but for rounding."""
        slack = 1e-4 * (self.y.high - self.y.low)
        return min(heights) >= self.y.low - slack and max(heights) <= self.y.high + slack

    def from_page(self, values) -> np.ndarray:
        """The curve (G,) from what the page holds: straight across gaps, flat at the ends, as it is shown there."""
        heights = np.array([np.nan if v is None else v for v in values or ()], dtype=float)
        known = np.flatnonzero(np.isfinite(heights))
        if not known.size:
            raise ValueError(NOTHING)
        return np.clip(np.interp(np.arange(len(heights)), known, heights[known]), self.y.low, self.y.high)

    def _seen(self) -> list:
        return self._shared.value.tolist() if self.committed else [None] * GRID_POINTS

    def _figure(self):
        figure = sketch.blank()
        gap.decorate(figure.axes[0], self.x, self.y, self.references)
        return figure

    def _geometry(self) -> dict:
        return {
            "width": sketch.WIDTH, "height": sketch.CURVE_HEIGHT, "box": list(sketch.box_of(marker=False)),
            "x": axis_json(self.x), "y": axis_json(self.y),
        }  # fmt: skip

    def _alt(self) -> str:
        (low, high, label), (bottom, top, height) = self.x, self.y
        return (
            f"Empty axes to draw a guess in: {height} from {in_words(bottom)} to {in_words(top)} against {label} from "
            f"{in_words(low)} to {in_words(high)}.{gap.levels_in_words(self.references)}"
        )

    def said(self) -> str:
        """The committed guess in a few words."""
        first, last = self._shared.value[[0, -1]]
        return f"a curve from {gap_words.drawn_at(self.y, first)} to {gap_words.drawn_at(self.y, last)}"

    def gap(self, truth: gap.Truth, learning: bool = False) -> gap_words.Gap:
        """The committed guess held against what happened; kept in the student's progress."""
        found = gap_words.of_curves(self._shared.value, truth, self.x, self.y, learning)
        mean = np.interp(self.grid, truth.places, truth.middle)
        known = (self.grid >= truth.places[0]) & (self.grid <= truth.places[-1])
        heights = [float(f"{v:.6g}") if there else None for v, there in zip(mean, known, strict=True)]
        self.compare({"x": [self.x.low, self.x.high], "heights": heights, "seeds": truth.seeds}, found.words)
        return found

    def reveal(self, x, values=None, *, quantity: str = "greedy_return", agents: str = "mean") -> Reveal:
        """What happened, hidden until the guess is committed.

        Parameters
        ----------
        x : Recording or array (T,)
            What was recorded; or places on the x-axis, from left to right.
        values : array (T, K) or (T,), optional
            With places: the values of K seeds. With a recording, the name of a quantity may stand here.
        quantity : str
            Name of an array in the recording's frames, a number per seed, or per seed and agent.
        agents : {'mean', 'sum'}
            How agents' numbers become one.

        Raises
        ------
        ValueError
            If nothing was recorded, or no such quantity, or it lies beside the axes.
        """
        references, learning = self.references, False
        if isinstance(x, Recording):
            quantity = values if isinstance(values, str) else quantity
            truth, learning = gap.Truth.of_recording(x, quantity, agents), quantity in RETURNS
            references = references or LearningCurve(quantity, agents=agents).levels(x)
        elif values is None:
            raise ValueError(f"reveal got {checks.shown(x)} alone; expected a Recording, or places and values")
        else:
            truth = gap.Truth.of_values(x, values)
        gap_words.expect_overlap(truth, self.x)

        def tell() -> str:
            return self.gap(truth, learning).words if self.committed else gap_words.what_happened(truth, self.x, self.y)

        def draw():
            figure, drawn = sketch.blank(), (self.grid, self.value) if self.committed else None
            gap.draw_curves(figure.axes[0], self.x, self.y, truth, drawn, references)
            return figure, gap.alt_text(self.x, self.y, truth, drawn, references)

        return Reveal(self, tell, draw, sketch.CURVE_HEIGHT)
