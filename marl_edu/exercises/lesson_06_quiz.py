"""Lesson 06, the quiz: five questions, numbers computed by the package."""

from marl_edu.exercises.lesson_06_grid import joint_move
from marl_edu.panels.quiz import Choice, Number, Option, Quiz


def resting_value(good, bad, chance, step_size, negative_step_size):
    """Where a hysteretic value stands still on average, if an action pays ``good`` with this chance, else ``bad``.

    There, what good news adds is what bad news takes: chance a (good - q) = (1 - chance) b (q - bad).

    >>> round(resting_value(14, 0, 0.5, 0.1, 0.01), 2)
    12.73
    >>> resting_value(14, 0, 0.5, 0.1, 0.1)
    7.0
    """
    up, down = chance * step_size, (1 - chance) * negative_step_size
    return (up * good + down * bad) / (up + down)


swap = joint_move(here=(2, 3), wanted=(3, 2), goals=(5, 1))
belief = resting_value(good=14, bad=0, chance=0.5, step_size=0.1, negative_step_size=0.01)

quiz = Quiz(
    name="06.quiz",
    questions=[
        Number(
            "In the corridor agent 1 stands in column 2 and goes east, agent 2 stands in column 3 and goes west. "
            "Neither has arrived. What is the reward of the team?",
            answer=swap[2],
            why="They want to change places, which is a collision: each pays 1 for the step and 1 for the collision, "
            "and everybody gets the sum. Both stay where they were.",
            tolerance=0,
            objective="06.1",
            wrong={
                -2: "That is the price of the step, for two agents. To change places is a collision as well.",
                -1: "That is one agent's step. The team gets the sum, and a collision costs each of them 1 more.",
                -3: "Both agents collide, so the collision is paid twice.",
                4: "The size is right, but costs count as negative rewards.",
            },
        ),
        Choice(
            "Two untrained tables are all 0. Why must the agents break ties by lot, and not take the first of "
            "several equal actions?",
            options=[
                Option(
                    "They would agree on an action by an accident of numbering",
                    "Yes. Both would play the same number of action, and if that happens to be a good pair, the "
                    "program looks as if it had learned to coordinate.",
                    right=True,
                ),
                Option(
                    "The first action is usually a bad one",
                    "It may be good or bad; what matters is that all agents take the *same* one without having "
                    "learned it.",
                ),
                Option(
                    "Q-learning only converges with random ties",
                    "For one agent, ties play no part in the proof. The trouble comes with the second agent.",
                ),
                Option(
                    "Otherwise they would never explore",
                    "Exploring is epsilon's business. With ties broken in order they would still explore with "
                    "chance epsilon.",
                ),
            ],
            objective="06.2",
        ),
        Choice(
            "Agent 2 learns no more, but still takes a random action now and then (epsilon 0.1). What does agent "
            "1 live in?",
            options=[
                Option(
                    "A world with fixed transitions, in which its targets are noisy",
                    "Yes. The partner's policy is fixed, so the induced transitions are. What the partner's coin "
                    "decides shows up as chance.",
                    right=True,
                ),
                Option(
                    "A non-stationary world, since its targets change from step to step",
                    "They vary, but chance in a fixed world is no change of the world. And as its own table changes, "
                    "its targets move too, as those of a learner that is alone. Non-stationary would be: what an "
                    "action leads to, or pays on average, changes.",
                ),
                Option(
                    "A world without chance, since the corridor has none",
                    "The corridor has none, but agent 1 does not see what agent 2 is about to do. To agent 1 "
                    "that is chance.",
                ),
                Option(
                    "The same world as with a greedy partner, since both partners have the same table",
                    "What counts is what the partner does, not what it believes. A partner that explores gets in "
                    "the way more often, and the best response is worth less.",
                ),
            ],
            objective="06.3",
        ),
        Choice(
            "'Our learners find the optimum of the penalty game in 97 % of the runs.' What do you have to know "
            "before you compare that with your own learners?",
            options=[
                Option(
                    "Penalty, step size, exploration and its cooling, number of plays, number of runs and interval",
                    "Yes. In this lesson the same algorithm on the same game got from hardly ever to nearly "
                    "always, by its step size and its cooling alone.",
                    right=True,
                ),
                Option(
                    "Only the number of runs",
                    "The interval says how sure the 97 % are *for these settings*. With another step size it "
                    "would be another percentage.",
                ),
                Option(
                    "Only the penalty, which makes the game easy or hard",
                    "It matters much, but with one and the same penalty the settings made all the difference.",
                ),
                Option(
                    "Nothing: a percentage of optimal runs has no unit",
                    "It has no unit, but it is a property of algorithm, settings and game together.",
                ),
            ],
            objective="06.4",
        ),
        Number(
            "An action pays 14 or 0, each half of the time. A hysteretic learner has step size 0.1 for good news "
            "and 0.01 for bad news. Around which value does its table come to rest? (On average the steps up and "
            "the steps down must be equally large.)",
            answer=belief,
            why="Up: 0.5 x 0.1 x (14 - q); down: 0.5 x 0.01 x q. They are equal at 140 / 11, far above the mean of 7 "
            "and above the 11 that the best joint action of climbing pays for certain. That is how optimism is misled.",
            tolerance=0.1,
            objective="06.5",
            wrong={
                resting_value(
                    14, 0, 0.5, 0.1, 0.1
                ): "That is the mean, which a learner with one step size believes. Good "
                "news counts ten times as much here.",
                14: "Only a learner that ignores bad news altogether, such as a distributed one, believes that.",
                resting_value(14, 0, 0.5, 0.01, 0.1): "The step sizes are mixed up: the larger one is for good news.",
                14 * 0.9: "Nearly: weigh 14 with 0.1 and 0 with 0.01, and divide by the sum of the weights, 0.11.",
            },
        ),
    ],
)
