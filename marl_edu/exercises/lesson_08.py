"""Lesson 08, value factorisation: its exercises, its quiz and what it promises.

from marl_edu.exercises import lesson_08
lesson_08.loss.check(vdn_loss)
"""

from marl_edu.exercises import Lesson
from marl_edu.exercises.lesson_08_credit import credit
from marl_edu.exercises.lesson_08_igm import igm
from marl_edu.exercises.lesson_08_invent import invent
from marl_edu.exercises.lesson_08_loss import loss
from marl_edu.exercises.lesson_08_mend import mend
from marl_edu.exercises.lesson_08_mixer import elu, mixer
from marl_edu.exercises.lesson_08_quiz import quiz

__all__ = ["credit", "elu", "igm", "invent", "lesson", "loss", "mend", "mixer", "quiz"]

lesson = Lesson(
    number="08",
    title="Value factorisation",
    minutes=150,
    seconds=60,
    objectives={
        "08.1": "say who caused a team's reward, and what is central in training but not in execution",
        "08.2": "test on a table whether IGM holds, ties included",
        "08.3": "write VDN's target and loss, and say what least squares makes of a table that no sum can represent",
        "08.4": "build QMIX's monotonic mixer, with non-negative weights and free biases, mend one that is faulty, and "
        "say why monotonic is more than additive",
        "08.5": "judge a published claim about factorised values: how they explored, whether the best can't be "
        "represented or training got stuck, over how many seeds, against the exact optimum",
    },
    exercises=(credit, igm, loss, mixer, mend, invent),
    predictions=(
        "08.vdn_table",
        "08.two_step",
        "08.annealed",
        "08.stuck_share",
        "08.projection",
        "08.foraging_curve",
    ),
    quiz=quiz,
    play=("08.play_two_step",),
    builds_on=("06",),
    next="09",
)
