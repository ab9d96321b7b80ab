"""Lesson 01, from one agent to many: its exercises, its quiz and what it promises.

from marl_edu.exercises import lesson_01
lesson_01.network.check(network_policy)
"""

from marl_edu.exercises import Lesson
from marl_edu.exercises.lesson_01_gain import gain
from marl_edu.exercises.lesson_01_invent import invent
from marl_edu.exercises.lesson_01_lamps import lamps_table, value_with_messages
from marl_edu.exercises.lesson_01_loop import Interaction
from marl_edu.exercises.lesson_01_map import alignment as correlation
from marl_edu.exercises.lesson_01_map import in_others_hands, place
from marl_edu.exercises.lesson_01_mend import loop
from marl_edu.exercises.lesson_01_network import network
from marl_edu.exercises.lesson_01_network import network_policy as action_probabilities
from marl_edu.exercises.lesson_01_pictures import (
    CurveBeside,
    draw_fields,
    draw_lamps,
    draw_payoffs,
    draw_places,
    draw_race,
    draw_tables,
)
from marl_edu.exercises.lesson_01_quiz import quiz
from marl_edu.exercises.lesson_01_tables import tables

__all__ = [
    "CurveBeside",
    "Interaction",
    "action_probabilities",
    "correlation",
    "draw_fields",
    "draw_lamps",
    "draw_payoffs",
    "draw_places",
    "draw_race",
    "draw_tables",
    "gain",
    "in_others_hands",
    "invent",
    "lamps_table",
    "lesson",
    "loop",
    "network",
    "place",
    "quiz",
    "tables",
    "value_with_messages",
]

lesson = Lesson(
    number="01",
    title="From one agent to many",
    minutes=120,
    seconds=30,
    objectives={
        "01.1": "read the loop of one agent and of many, and find the faults of a loop in code",
        "01.2": "write a policy as a function and as a network, and count its parameters",
        "01.3": "count joint actions and the entries of tables exactly, and say where the machine gives up",
        "01.4": "say what a central controller can do that decentralised ones can't, and compute what it is worth",
        "01.5": "place a game on the map from cooperative to competitive by the correlation of its payoffs",
    },
    exercises=(loop, network, tables, gain, place, invent),
    predictions=("01.joint_table", "01.two_lamps", "01.who_learns"),
    quiz=quiz,
    play=(),
    builds_on=("00",),
    next="02",
)
