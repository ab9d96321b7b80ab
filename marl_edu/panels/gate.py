"""What keeps a panel locked until a guess is committed, and holds the guess against the run when that is over."""

from __future__ import annotations

import html

import numpy as np

from marl_edu.algorithm import Algorithm
from marl_edu.games import checks
from marl_edu.panels.curve_guess import CurveGuess
from marl_edu.panels.guesses import Guess
from marl_edu.recording import Recording
from marl_edu.views.curve_frame import YOUR_GUESS
from marl_edu.views.curves import RETURNS, WORDS, LearningCurve
from marl_edu.views.gap import Truth


class Gate:
    """The guess of one panel.

    Parameters
    ----------
    guess : CurveGuess, MarkerGuess or ChoiceGuess
    views : sequence of View
        Those of the panel. A curve needs a ``LearningCurve`` among them; of several, the one whose quantity the
        guess's vertical axis names.
    algorithm : Algorithm
        What will run.

    Raises
    ------
    ValueError
        If the guess is none, or is a curve that no view can show.
    """

    def __init__(self, guess: Guess, views, algorithm: Algorithm):
        if not isinstance(guess, Guess):
            raise ValueError(f"guess is {checks.shown(guess)}; expected a CurveGuess, MarkerGuess or ChoiceGuess")
        self.guess, self.notice = guess, ""
        self._view = _view_for(guess, views) if isinstance(guess, CurveGuess) else None
        self._unit = algorithm.unit
        self._drawn: Recording | None = None
        self._told: tuple | None = None

    @property
    def locked(self) -> bool:
        """Whether the guess still has to be committed."""
        return not self.guess.committed

    def expect_open(self) -> None:
        """Raise a ``RuntimeError`` while the guess is not committed."""
        if self.locked:
            raise RuntimeError(
                f"this panel is locked: commit your guess first ({self.guess.question!r}), in the picture above or by "
                "guess.commit(...)"
            )

    def changed(self) -> str:
        """Follow the guess; returns the notice, HTML, that the panel should show."""
        old, self._drawn, self._told = self._drawn, None, None
        if not self.locked and self._view is not None:
            self._drawn = self._as_recording()  # while the old one lives, so that the two can't be mistaken
        del old
        question = html.escape(self.guess.question)
        self.notice = f"Commit your guess first, where you are asked: {question}" if self.locked else ""
        return self.notice

    def ghosts(self, view) -> list[tuple[str, Recording]]:
        """The guess as an earlier run, for the view that shows it."""
        return [(YOUR_GUESS, self._drawn)] if view is self._view and self._drawn is not None else []

    def verdict(self, recording: Recording) -> str:
        """How far off a curve was, as HTML, once for each run; '' if there is nothing to tell."""
        known = (id(recording), len(recording))
        if self.locked or self._view is None or self._told == known:
            return ""
        self._told = known
        agents = "sum" if self._view.agents == "sum" else "mean"
        try:
            truth = Truth.of_recording(recording, self._view.quantity, agents)
            return html.escape(self.guess.gap(truth, self._view.quantity in RETURNS).words)
        except ValueError as error:  # a quantity that stayed unknown: the run itself is none the worse
            return html.escape(f"Your guess can't be held against this run: {error}.")

    def _as_recording(self) -> Recording:
        """The curve as a run of one seed."""
        drawn = Recording("guess", self._unit)
        for units, height in zip(self.guess.grid, self.guess.value, strict=True):
            if units >= 0:
                drawn.append(round(units), {self._view.quantity: np.array([height])})
        return drawn


def _view_for(guess: CurveGuess, views) -> LearningCurve:
    curves = [view for view in views if isinstance(view, LearningCurve)]
    named = [view for view in curves if _label(view).lower() in guess.y.label.lower()]
    if not curves or (len(curves) > 1 and not named):
        known = ", ".join(repr(_label(view)) for view in curves) or "none"
        raise ValueError(
            f"guess is a curve of {guess.y.label!r}; expected a LearningCurve of it among the views (there: {known})"
        )
    return (named or curves)[0]


def _label(view: LearningCurve) -> str:
    return view.y_label or WORDS.get(view.quantity, (view.quantity.replace("_", " "),))[0]
