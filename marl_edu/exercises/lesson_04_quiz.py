"""Lesson 04, the quiz: five questions, numbers computed by the package."""

import math

from marl_edu.exercises.lesson_04_stage import stage_value
from marl_edu.panels.quiz import Choice, Number, Option, Quiz


def sweeps_for(factor, discount):
    """How many sweeps are enough to make any error smaller by this factor.

    >>> sweeps_for(1000, 0.9), sweeps_for(1000, 0.99)
    (66, 688)
    """
    return math.ceil(math.log(factor) / -math.log(discount))


quiz = Quiz(
    name="04.quiz",
    questions=[
        Number(
            "One Bellman backup, discount 0.9. In state s the joint policy plays a with chance 0.3: that pays 4 and "
            "leads to a state with old value 10. With chance 0.7 it plays a': that pays 0 and leads to a state with "
            "old value -2. What is the new value of s?",
            answer=0.3 * (4 + 0.9 * 10) + 0.7 * (0 + 0.9 * -2),
            why="What a is worth is 4 + 0.9 x 10 = 13, what a' is worth is 0 + 0.9 x (-2) = -1.8; the new value is "
            "their mean under the joint policy, 0.3 x 13 + 0.7 x (-1.8).",
            tolerance=1e-6,
            objective="04.1",
            wrong={
                13: "That is what the better joint action is worth. V belongs to the policy that is played, good and "
                "bad actions alike.",
                5.6: "That is the mean with equal weights; the policy plays a' more often.",
                -1.8: "That is what the likelier joint action is worth. The other one counts too, with its chance.",
                2.8: "The discount is missing: what comes one step later counts 0.9 times as much.",
                2.52: "The reward is paid for this step and counts in full; only what comes after it is discounted.",
                1.44: "That is what comes later. The reward of this step is missing.",
                1.2: "That is the mean reward of this step. What comes later is missing.",
            },
        ),
        Choice(
            "You know V of a joint policy for agent 1. What else do you need to compute Q(s, a) for agent 1?",
            options=[
                Option(
                    "Rewards of agent 1, transitions, discount",
                    "Yes. The joint action is given, so no policy is needed: it is already in V.",
                    right=True,
                ),
                Option(
                    "The policies of both agents as well",
                    "The joint action of this step is given, and the policies of all later steps are in V.",
                ),
                Option(
                    "V of agent 2 as well",
                    "What agent 2 earns does not enter agent 1's Q. What agent 2 *does* enters by V of agent 1.",
                ),
                Option("Nothing: Q(s, a) = V(s)", "V(s) is the mean of Q(s, .) over joint actions, not each of them."),
            ],
            objective="04.2",
        ),
        Choice(
            "Agent 2 changes its policy, agent 1 does not, nor does the world. Which of these may change?",
            options=[
                Option(
                    "Both the centralised Q of agent 1 and its decentralised Q",
                    "Yes. The decentralised Q averages over agent 2's action now *and* over what it does later; the "
                    "centralised one knows the present joint action, but later agent 2 acts by its new policy too.",
                    right=True,
                ),
                Option(
                    "Only the decentralised Q",
                    "It moves most. But Q(s, a) of a joint policy also counts what comes after this step, and "
                    "there agent 2 acts by its new policy.",
                ),
                Option(
                    "Only the transitions p(s' | s, a)",
                    "They belong to the world and stay. What changes is what agent 1 *sees* of them, averaged over "
                    "agent 2's action.",
                ),
                Option(
                    "Nothing, since agent 1 did nothing new",
                    "Agent 1's values are expectations over everybody's actions. That is the point of this lesson.",
                ),
            ],
            objective="04.3",
        ),
        Number(
            "Discount 0.9, values start at 0. After how many sweeps is the largest error certainly at most a "
            "thousandth of the first one? (The smallest such number.)",
            answer=sweeps_for(1000, 0.9),
            why="Each sweep multiplies the largest error by 0.9 at most, and 0.9 to the power of 66 is the first below "
            "1/1000.",
            tolerance=0.5,
            objective="04.4",
            wrong={
                sweeps_for(1000, 0.99): "That would be discount 0.99, where it takes ten times as long.",
                10: "That is the horizon 1 / (1 - 0.9): after so many sweeps about a third of the error is left.",
                sweeps_for(100, 0.9): "That is enough for a hundredth.",
                65: "Nearly: 0.9 to the power of 65 is still a little above 1/1000.",
            },
        ),
        Number(
            "A zero-sum stage game pays agent 1: first row 3 and 0, second row 1 and 2. What is its value?",
            answer=stage_value([[3, 0], [1, 2]]),
            why="No saddle point: the rows secure 0 and 1, the columns let through 3 and 2. Mixed, the value is "
            "(3 x 2 - 0 x 1) / (3 + 2 - 0 - 1) = 6 / 4.",
            tolerance=1e-6,
            objective="04.5",
            wrong={
                1: "That is what the second row alone secures. Mixing secures more.",
                2: "That is what the second column alone lets through. Agent 2 can hold agent 1 lower by mixing.",
                0.25: "That is the chance with which agent 1 plays the first row.",
                -1.5: "The size is right; the payoffs are agent 1's.",
            },
        ),
    ],
)
