"""Lesson 10, MADDPG: its exercises, its quiz and what it promises.

from marl_edu.exercises import lesson_10
lesson_10.targets.check(maddpg_targets)
"""

from marl_edu.exercises import Lesson
from marl_edu.exercises.lesson_10_gradient import gradient
from marl_edu.exercises.lesson_10_gumbel import gumbel
from marl_edu.exercises.lesson_10_mend import mend
from marl_edu.exercises.lesson_10_quiz import quiz
from marl_edu.exercises.lesson_10_returns import returns
from marl_edu.exercises.lesson_10_steer import steering
from marl_edu.exercises.lesson_10_targets import targets

__all__ = ["gradient", "gumbel", "lesson", "mend", "quiz", "returns", "steering", "targets"]

lesson = Lesson(
    number="10",
    title="MADDPG",
    minutes=150,
    seconds=60,
    objectives={
        "10.1": "put DDPG's update together from actor, critic and slow target networks, mend one for several agents "
        "that is faulty, and say why a critic that sees only its own agent is misled when all learn",
        "10.2": "write the target of a centralised critic, with each target actor on its own next observation",
        "10.3": "derive an actor's gradient through a critic that sees all actions, the others' from the replay as in "
        "the paper or computed anew, and say what becomes of a one-sample policy gradient as teams grow",
        "10.4": "draw a discrete action by Gumbel noise, and let a gradient straight through it",
        "10.5": "judge a result in a particle world: which convention of returns, greedy or exploring, how many seeds "
        "and what interval, and how far from a controller, doing nothing and random play",
    },
    exercises=(returns, targets, gradient, gumbel, mend, steering),
    predictions=(
        "10.baselines",
        "10.variance",
        "10.curve",
        "10.ddpg_or_maddpg",
    ),
    quiz=quiz,
    play=("10.play_spread", "10.fly_with_learned"),
    builds_on=("06", "08"),
    next="11",
)
