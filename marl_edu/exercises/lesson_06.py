"""Lesson 06, independent Q-learning on a gridworld: its exercises, its quiz and what it promises.

from marl_edu.exercises import lesson_06
lesson_06.target.check(td_target)
"""

from marl_edu.exercises import Lesson
from marl_edu.exercises.lesson_06_grid import move, target
from marl_edu.exercises.lesson_06_invent import invent
from marl_edu.exercises.lesson_06_mend import mend
from marl_edu.exercises.lesson_06_partner import partner, tipping
from marl_edu.exercises.lesson_06_quiz import quiz
from marl_edu.exercises.lesson_06_race import Race

__all__ = ["Race", "invent", "lesson", "mend", "move", "partner", "quiz", "target", "tipping"]

lesson = Lesson(
    number="06",
    title="Independent Q-learning on a gridworld",
    minutes=150,
    seconds=60,
    objectives={
        "06.1": "read a gridworld as a Markov game: what each agent sees, does and is paid",
        "06.2": "write independent Q-learning for two agents from scratch, and read its learning curve against "
        "the exact optimum and random play",
        "06.3": "measure non-stationarity: how one agent's best response and its targets move because the other learns",
        "06.4": "explain why independent learners miss the optimum of the climbing and penalty games, and report "
        "how often they do, with an interval and all settings",
        "06.5": "say what hysteretic, lenient and distributed learners believe, when each is misled, and find "
        "the faults of a program that calls itself multi-agent",
    },
    exercises=(move, target, partner, tipping, invent, mend),
    predictions=(
        "06.exploring_curve",
        "06.strangers",
        "06.drift_curve",
        "06.penalty_share",
        "06.climbing_share",
        "06.climbing_curve",
        "06.remedies",
    ),
    quiz=quiz,
    play=("06.play_corridor",),
    builds_on=("03", "04"),
    next="07",
)
