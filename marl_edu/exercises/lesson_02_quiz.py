"""Lesson 02, the quiz: five questions, numbers computed."""

from marl_edu.panels.quiz import Choice, Number, Option, Quiz

STATES, ACTIONS, AGENTS = 10, 4, 3
ENTRIES = STATES * ACTIONS**AGENTS * STATES

quiz = Quiz(
    name="02.quiz",
    questions=[
        Number(
            f"A game has {STATES} states and {AGENTS} agents with {ACTIONS} actions each. How many numbers does the "
            "array of transitions hold?",
            answer=ENTRIES,
            why=f"{STATES} states times {ACTIONS} x {ACTIONS} x {ACTIONS} = {ACTIONS**AGENTS} joint actions times "
            f"{STATES} next states.",
            tolerance=0,
            objective="02.1",
            wrong={
                STATES * ACTIONS**AGENTS: "These are the rows. Each row holds one number for every next state.",
                STATES * ACTIONS * AGENTS * STATES: "Actions of different agents are combined: their numbers are "
                "multiplied with each other, not added.",
                AGENTS * ENTRIES: "The transitions are the same for all agents; it is the rewards that have one table "
                "for each.",
                AGENTS * STATES * ACTIONS**AGENTS: "These are the rewards: one for each agent, state and joint action.",
            },
        ),
        Choice(
            "In one step agent 1 fishes and agent 2 spares. What decides the next state of the lake?",
            options=[
                Option(
                    "One row, chosen by the state and both actions together, and chance",
                    "Yes: p(. | s, a1, a2). There is one row for each joint action.",
                    right=True,
                ),
                Option(
                    "First agent 1's action moves the lake, then agent 2's",
                    "Both act at the same time. The world moves once, for the joint action.",
                ),
                Option(
                    "The average of a row for agent 1 and a row for agent 2",
                    "No agent has a row of its own. What both do together may be quite unlike an average of what each "
                    "would do.",
                ),
                Option(
                    "The state alone; actions only decide the rewards",
                    "That would be a lake that cares for nobody. Its row is different for each joint action.",
                ),
            ],
            objective="02.2",
        ),
        Choice(
            "A table of estimated transitions has the axes (state, action 1, action 2, next state). Which sums must be "
            "1?",
            options=[
                Option(
                    "Over the last axis, for each state and joint action",
                    "Yes: after each joint action in each state, some next state follows.",
                    right=True,
                ),
                Option(
                    "Over the first axis, for each next state",
                    "These sums say how easily a state is reached from anywhere. They can be 0, or more than 1.",
                ),
                Option(
                    "Over the two axes of actions",
                    "Agents choose actions; p does not say how often. These sums need not be 1.",
                ),
                Option(
                    "Over the whole table",
                    "The whole table sums to the number of its rows.",
                ),
            ],
            objective="02.3",
        ),
        Choice(
            "What makes a matrix game, a repeated game and a stochastic game one family?",
            options=[
                Option(
                    "The same arrays: the first two have one state, and the first a discount of 0",
                    "Yes. One state leads back to itself; with discount 0 only the first step counts.",
                    right=True,
                ),
                Option(
                    "In all three, rewards of the agents sum to 0",
                    "That is the zero-sum setting. Any of the three may have it or not.",
                ),
                Option(
                    "In all three, the agents see the same state",
                    "What agents see is one more array, and it may be different for each agent.",
                ),
                Option(
                    "A repeated game needs a state for each round",
                    "It may be written so, but one state that leads back to itself is enough.",
                ),
            ],
            objective="02.4",
        ),
        Choice(
            "In Dec-Tiger each agent hears the tiger with its own ears. Why is the team worse off if they can't talk, "
            "although each hears as well as before?",
            options=[
                Option(
                    "Neither knows what the other has heard, so neither knows what the other will do",
                    "Yes: each must act on its own ears, and to open different doors is punished hard.",
                    right=True,
                ),
                Option(
                    "Each agent hears less often",
                    "Each hears exactly as often as before. What is missing is the other's observation.",
                ),
                Option(
                    "Their rewards differ, so they work against each other",
                    "They are a team: both are paid the same for every joint action.",
                ),
                Option(
                    "The tiger moves more often",
                    "The transitions are the same. One more array says who hears what.",
                ),
            ],
            objective="02.5",
        ),
    ],
)
