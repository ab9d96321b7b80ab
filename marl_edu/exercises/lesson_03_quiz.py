"""Lesson 03, the quiz: five questions, numbers computed by the package."""

import numpy as np

from marl_edu.exercises.lesson_03_returns import returns_backwards
from marl_edu.panels.quiz import Choice, Number, Option, Quiz

two_steps = returns_backwards(np.array([[2.0, -1.0], [4.0, 6.0]]), 0.5, False, np.array([8.0, 0.0]))
quarter = 4 * 100

quiz = Quiz(
    name="03.quiz",
    questions=[
        Number(
            "Discount 0.5. Agent 1 is paid 2 for its first action and 4 for its second. Then a time limit strikes, in "
            "a state from which it may expect 8. What is its return at the first action?",
            answer=float(two_steps[0, 0]),
            why="Backwards: at the second action 4 + 0.5 * 8 = 8, at the first 2 + 0.5 * 8 = 6.",
            tolerance=0,
            objective="03.1",
            wrong={
                4: "This is 2 + 0.5 * 4: the time limit was taken for an end. What may be expected after it counts.",
                8: "This is the return at the second action, or 8 was discounted once only.",
                3: "The first reward counts in full, so the whole was discounted once too often.",
                14: "This is the sum without a discount.",
            },
        ),
        Choice(
            "Sutton and Barto write G_t = R_{t+1} + gamma R_{t+2} + ... Here it is G_t = R_t + gamma R_{t+1} + ... "
            "Which return is larger?",
            options=[
                Option(
                    "Neither: they name the same reward differently",
                    "Yes. What is paid for the action at t is called R_t here and R_{t+1} there; the number "
                    "is the same.",
                    right=True,
                ),
                Option(
                    "Ours, because it has one reward more",
                    "It has the same rewards: in the other convention there is no reward with the name R_0.",
                ),
                Option(
                    "Theirs, because ours is discounted once more",
                    "In both the reward for the first action counts in full. It would be different if the names were "
                    "changed but the powers kept: that is the bug called off by one.",
                ),
            ],
            objective="03.1",
        ),
        Choice(
            "The discount is 0.99. What is the effective horizon, and what does it mean?",
            options=[
                Option(
                    "100 steps, and about two thirds of the weight lie within it",
                    "Yes: 1 / (1 - 0.99) = 100, and 1 - 0.99^100 is about 0.63.",
                    right=True,
                ),
                Option(
                    "100 steps, and what comes later does not count",
                    "It does: more than a third of the weight lies beyond. The horizon is a scale, not a border.",
                ),
                Option("99 steps, because 0.99 is 99 %", "The horizon is 1 / (1 - discount), the sum of all weights."),
                Option(
                    "It has none: a discount below 1 reaches for ever",
                    "Every reward has some weight, but the sum of all weights is finite: 1 / (1 - discount).",
                ),
            ],
            objective="03.2",
        ),
        Number(
            "After 100 episodes the 95 % interval of the mean reaches 0.8 to either side. About how many episodes in "
            "all make it 0.4?",
            answer=quarter,
            why="The standard error falls like 1/sqrt(n): half the error costs four times the episodes.",
            tolerance=4,
            objective="03.3",
            wrong={
                200: "Twice the episodes make it smaller by sqrt(2) only.",
                300: "Those are the additional ones; asked for is how many in all.",
                1600: "For a quarter of the width it would be 16 times as many.",
            },
        ),
        Choice(
            "Two learners play the prisoner's dilemma. Agent 2 is paid what the team earns, agent 1 only its own "
            "reward. Where do they end?",
            options=[
                Option(
                    "Agent 1 defects, agent 2 cooperates",
                    "Yes. To defect is best for agent 1 whatever the other does; and then the team has 5 if agent 2 "
                    "cooperates and 2 if it doesn't, so it goes on cooperating, for nothing.",
                    right=True,
                ),
                Option(
                    "Both cooperate, because one of them cares for the team",
                    "What agent 2 is paid for does not change what is best for agent 1: to defect.",
                ),
                Option(
                    "Both defect, because nobody wants to be exploited",
                    "Agent 2 is not paid for its own reward, so being exploited is no reason for it: the team has more "
                    "if it cooperates.",
                ),
            ],
            objective="03.4",
        ),
    ],
)
