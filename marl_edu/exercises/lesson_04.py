"""Lesson 04, value functions: its exercises, its quiz and what it promises.

from marl_edu.exercises import lesson_04
lesson_04.sweep.check(backup)
"""

from marl_edu.exercises import Lesson
from marl_edu.exercises.lesson_04_lead import invent
from marl_edu.exercises.lesson_04_moved import other
from marl_edu.exercises.lesson_04_plan import plan
from marl_edu.exercises.lesson_04_quiz import quiz
from marl_edu.exercises.lesson_04_stage import stage
from marl_edu.exercises.lesson_04_values import q_values, sweep

__all__ = ["invent", "lesson", "other", "plan", "q_values", "quiz", "stage", "sweep"]

lesson = Lesson(
    number="04",
    title="Value functions",
    minutes=140,
    seconds=30,
    objectives={
        "04.1": "write the Bellman equation of a joint policy as code, and solve it exactly and by sweeps",
        "04.2": "go from V to Q and back: V is the mean of Q under the joint policy",
        "04.3": "compute centralised and decentralised values of actions, say why one agent's move when another "
        "changes, and find a best response",
        "04.4": "compute the best that a team can do, and say how fast sweeps get there",
        "04.5": "solve a two-agent zero-sum game by Shapley's iteration, with a stage game at every state",
    },
    exercises=(sweep, q_values, other, invent, plan, stage),
    predictions=("04.error_curve", "04.own_value", "04.answer", "04.rounds", "04.wing"),
    quiz=quiz,
    builds_on=("03",),
    next="05",
)
