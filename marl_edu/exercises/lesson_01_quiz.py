"""Lesson 01, the quiz."""

from marl_edu.panels.quiz import Choice, Number, Option, Quiz

quiz = Quiz(
    "01.quiz",
    [
        Choice(
            "Three agents act in one world. How often does the world move in one turn, and on what?",
            [
                Option("Once, on the joint action", "Yes: all three act, then the world moves once.", right=True),
                Option(
                    "Three times, on one action each",
                    "Then agent 3 would act in a world in which agents 1 and 2 have already moved: another game.",
                ),
                Option(
                    "Once, on the action of the agent whose turn it is",
                    "Such games exist (chess), but here all act at the same time.",
                ),
                Option(
                    "Once for each agent, in a copy of the world of its own",
                    "In copies they could not get in each other's way, and nothing would be multi-agent about it.",
                ),
            ],
            objective="01.1",
        ),
        Number(
            "A policy network has 4 numbers as input, 16 hidden units and 3 actions, with biases. How many parameters?",
            131,
            "4 x 16 + 16 = 80 in the first layer, 16 x 3 + 3 = 51 in the second.",
            tolerance=0,
            objective="01.2",
            wrong={
                112: "These are the weights. Each hidden unit and each action has a bias as well: 16 + 3 more.",
                128: "The 3 biases of the actions are missing.",
                115: "The 16 biases of the hidden units are missing.",
                192: "Layers don't multiply: 4 x 16 weights, then 16 x 3, and the biases.",
            },
        ),
        Number(
            "Six agents with 10 actions each, 100 states. How many entries does the centre's table have, in millions?",
            100,
            "100 x 10^6 = 100 million. Six tables of their own have 6 x 100 x 10 = 6,000 entries together.",
            tolerance=0,
            objective="01.3",
            wrong={
                1: "That is the number of joint actions, 10^6. There is an entry for each of them in *each state*.",
                0.006: "That is the sum of six separate tables. Joint actions multiply.",
                100_000_000: "The right count, but the question asks for millions.",
            },
        ),
        Choice(
            "Two agents see a lamp each. A centre wins the game of section 5 always; the best decentralised agents win "
            "in three of four cases. What would help them?",
            [
                Option(
                    "That one tells the other what its lamp shows",
                    "Yes: then agent 2 knows both lamps, and agent 1's action from their agreement.",
                    right=True,
                ),
                Option(
                    "A coin that both see",
                    "With a common coin they mix pairs of policies, and a mean of values is never above the best of "
                    "them: no gain.",
                ),
                Option(
                    "More training",
                    "All 16 pairs of policies were tried. What is missing is information, not learning.",
                ),
                Option(
                    "To act one after the other without seeing what the other did",
                    "An order that nobody observes tells nobody anything.",
                ),
            ],
            objective="01.4",
        ),
        Choice(
            "In a game the payoffs of two agents have the correlation -1. What follows?",
            [
                Option(
                    "What is good for one is bad for the other, joint action by joint action",
                    "Yes. In suitable units the two payoffs add up to zero everywhere.",
                    right=True,
                ),
                Option(
                    "The payoffs add up to zero",
                    "Not in the units as they stand: add 10 to all payoffs of agent 1; the correlation is the same.",
                ),
                Option(
                    "The agents are selfish",
                    "They may be so in any game. The map says how their interests lie, not what they care for.",
                ),
                Option(
                    "One of them always loses",
                    "Someone gets less than the other would wish, but a tie may be the outcome, as in "
                    "rock-paper-scissors.",
                ),
            ],
            objective="01.5",
        ),
    ],
)
