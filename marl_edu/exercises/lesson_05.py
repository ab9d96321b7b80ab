"""Lesson 05, Nash equilibrium and convergence: its exercises, its quiz and what it promises.

from marl_edu.exercises import lesson_05
lesson_05.nash.check(is_nash)
"""

from marl_edu.exercises import Lesson
from marl_edu.exercises.lesson_05_climb import climb
from marl_edu.exercises.lesson_05_invent import invent
from marl_edu.exercises.lesson_05_mend import mend
from marl_edu.exercises.lesson_05_mixed import mixed
from marl_edu.exercises.lesson_05_nash import nash
from marl_edu.exercises.lesson_05_quiz import quiz
from marl_edu.exercises.lesson_05_regret import regret

__all__ = ["climb", "invent", "lesson", "mend", "mixed", "nash", "quiz", "regret"]

lesson = Lesson(
    number="05",
    title="Nash equilibrium and convergence",
    minutes=150,
    seconds=60,
    objectives={
        "05.1": "say what a best response and a Nash equilibrium are, and test whether a joint policy is one, with a "
        "tolerance that suits the payoffs",
        "05.2": "find all equilibria of a small game: pure, mixed, dominated, degenerate; say which is payoff- and "
        "which risk-dominant; minimax value; correlated equilibrium",
        "05.3": "write learning rules (gradient ascent, fictitious play, regret matching) as a few lines of code "
        "beside their equation",
        "05.4": "tell apart convergence of play, convergence of averages and cycling, and say for a given rule and "
        "game which happens, with its rate",
        "05.5": 'say what is right and what is wrong about "convergence = Nash", and what changes when a learner takes '
        "into account that the others learn",
    },
    exercises=(nash, mixed, climb, invent, mend, regret),
    predictions=("05.pennies", "05.steps", "05.shapley", "05.rate", "05.lola"),
    quiz=quiz,
    play=("05.play_pennies", "05.play_dilemma", "05.play_battle"),
    builds_on=("04",),
    next="06",
)
