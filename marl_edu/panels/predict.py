"""Predict, run, compare: the student commits a guess, and only then sees what happens, with the gap in words.

A guess is a curve drawn by hand, a marker on an axis, or one of a few outcomes. What they have in common, and how it is
kept, is in ``guesses.py``; ``sketch.py`` is what is drawn on, ``reveal.py`` shows what happened, ``gap_words.py`` says
how far off the guess was, and ``gate.py`` keeps a panel locked until there is one.
"""

from marl_edu.panels.choice_guess import ChoiceGuess
from marl_edu.panels.curve_guess import CurveGuess
from marl_edu.panels.marker_guess import MarkerGuess
from marl_edu.panels.reveal import Reveal

__all__ = ["ChoiceGuess", "CurveGuess", "MarkerGuess", "Reveal"]
