"""Lesson 02, Markov games: its exercises, its quiz and what it promises.

from marl_edu.exercises import lesson_02
lesson_02.build.check(build_door)
"""

from marl_edu.exercises import Lesson
from marl_edu.exercises.lesson_02_belief import belief
from marl_edu.exercises.lesson_02_build import build, number
from marl_edu.exercises.lesson_02_lake import lake
from marl_edu.exercises.lesson_02_mend import mend
from marl_edu.exercises.lesson_02_own import own
from marl_edu.exercises.lesson_02_quiz import quiz
from marl_edu.exercises.lesson_02_steps import sample

__all__ = ["belief", "build", "lake", "lesson", "mend", "number", "own", "quiz", "sample"]

lesson = Lesson(
    number="02",
    title="Markov games",
    minutes=130,
    seconds=30,
    objectives={
        "02.1": "write a Markov game down as arrays, and use what the check says when they don't fit",
        "02.2": "read and write p(s' | s, a) for joint actions a = (a^1, ..., a^N), and number joint actions",
        "02.3": "draw a step from the rows, and estimate the rows from steps",
        "02.4": "tell matrix, repeated and stochastic games apart, and team rewards from individual ones",
        "02.5": "say what each agent sees, what a Dec-POMDP adds, and what it costs a team not to share",
    },
    exercises=(build, number, sample, mend, own, belief),
    predictions=("02.years", "02.habits", "02.sharing"),
    quiz=quiz,
    play=("02.play_lake",),
    builds_on=("01",),
    next="03",
)
