"""Lesson 03, returns: its exercises, its quiz and what it promises.

from marl_edu.exercises import lesson_03
lesson_03.backwards.check(returns_backwards)
"""

from marl_edu.exercises import Lesson
from marl_edu.exercises.lesson_03_pictures import (
    draw_plans,
    draw_returns,
    draw_rewards,
    draw_teams,
    draw_weights,
    folded,
)
from marl_edu.exercises.lesson_03_quiz import quiz
from marl_edu.exercises.lesson_03_returns import backwards, episodes, swap
from marl_edu.exercises.lesson_03_share import equilibria, share
from marl_edu.exercises.lesson_03_stream import stream
from marl_edu.exercises.lesson_03_yard import careless_policies, play_episode

__all__ = [
    "backwards", "careless_policies", "draw_plans", "draw_returns", "draw_rewards", "draw_teams", "draw_weights",
    "episodes", "equilibria", "folded", "lesson", "play_episode", "quiz", "share", "stream", "swap",
]  # fmt: skip

lesson = Lesson(
    number="03",
    title="Returns",
    minutes=120,
    seconds=30,
    objectives={
        "03.1": "compute the return of each agent and of the team, in either index convention, backwards through ends "
        "and time limits",
        "03.2": "say what a discount means: its horizon, and at which discount two plans swap places",
        "03.3": "estimate an expected return from episodes, with its standard error, and say how many "
        "episodes are needed",
        "03.4": "explain what happens to the return of the team, and of each agent, when one of them is rewarded "
        "individually",
    },
    exercises=(backwards, stream, swap, episodes, share),
    predictions=("03.swap_discount", "03.error_curve", "03.one_selfish"),
    quiz=quiz,
    play=("03.play_mirror",),
    builds_on=("02",),
    next="04",
)
