"""Lesson 08, the quiz: five questions, the number computed by the package."""

from marl_edu.games import two_step
from marl_edu.panels.quiz import Choice, Number, Option, Quiz
from marl_edu.planning.projections import additive_projection

GAME = two_step()
RISKY = GAME.rewards[0, GAME.states.index("2B")]

quiz = Quiz(
    name="08.quiz",
    questions=[
        Choice(
            "A team was trained with QMIX, in a simulator that shows the state of the world. Now it has to act. What "
            "does an agent need for that?",
            options=[
                Option(
                    "Its own network and its own observations",
                    "Yes. Its best action is the one with its own largest value; the mixer never turns that order "
                    "round, so nobody has to ask it. Training was central, execution is not.",
                    right=True,
                ),
                Option(
                    "The mixer, to weigh its value against the others'",
                    "The mixer says what the team's value is. Which action is best for an agent it does not change: "
                    "weights are non-negative. It stays behind with the training.",
                ),
                Option(
                    "The state, since the mixer's weights depend on it",
                    "The weights are needed to compute the joint value, in the loss. To compare its own actions an "
                    "agent needs its own values only.",
                ),
                Option(
                    "The others' values, since the best joint action has to be found",
                    "That is what IGM is for: the best joint action is put together from individual best ones, each "
                    "found without the others.",
                ),
            ],
            objective="08.1",
        ),
        Number(
            "In state 2B of the two-step game the team is paid 0 for (A, A), 1 for (A, B) and (B, A), 8 for (B, B). "
            "All joint actions are seen equally often. What does the best VDN make of (B, B)?",
            answer=lambda: float(additive_projection(RISKY).table[1, 1]),
            why="Mean of the row plus mean of the column, less the mean of all: 4.5 + 4.5 - 2.5. What the sum lacks at "
            "(B, B) is missing from the value of the whole state: that is why 2B looks worse than a safe 7.",
            tolerance=0.01,
            objective="08.3",
            wrong={
                8: "For that the table must be a sum, and then (A, A) + (B, B) = (A, B) + (B, A). But 8 is not 2.",
                9: "The mean of all was counted twice, in the row's mean and in the column's: take it away once.",
                4.5: "That is the mean of the row. The column's mean tells something as well.",
                2.5: "That is the mean of all, which is what the best VDN makes of (A, B) and of (B, A).",
                -1.5: "That is (A, A), which the sum makes too small as well.",
            },
        ),
        Choice(
            "'Monotonic means that the joint value is the sum of the individual ones.' What is right?",
            options=[
                Option(
                    "A sum is monotonic, but most monotonic functions are no sums",
                    "Yes. The table of 2B rises in every direction and is no sum: what agent 2 adds by B depends on "
                    "what agent 1 does. QMIX holds it, VDN does not.",
                    right=True,
                ),
                Option(
                    "It is right: both say that no agent's value may count negatively",
                    "That is what monotonic says. A sum says more: what one agent adds does not depend on the others.",
                ),
                Option(
                    "Nearly: it is a sum with weights that are not negative",
                    "Such a sum holds no more than VDN's, since a weight can go into the individual values. QMIX bends "
                    "in between (ELU), and that makes the difference.",
                ),
                Option(
                    "Neither includes the other",
                    "Every sum is monotonic: if one agent's value rises, so does the sum. The other way it fails.",
                ),
            ],
            objective="08.4",
        ),
        Choice(
            "'In the two-step game VDN earns 7 and QMIX 8.' What do you have to know about that claim?",
            options=[
                Option(
                    "How they explored: it is so if all joint actions are seen equally often",
                    "Yes. With epsilon 1 throughout, VDN has to fit all four entries of 2B and gets (B, B) wrong. With "
                    "an epsilon that falls, it sees (B, B) more and more often, fits it better, and finds 8 too.",
                    right=True,
                ),
                Option(
                    "Nothing: a sum can't represent 2B, so VDN always finds 7",
                    "It can't represent the whole table. It need not: to find 8 it has to be right where it goes, and "
                    "where that is depends on how it explores.",
                ),
                Option(
                    "Only how many seeds there were",
                    "Seeds and an interval belong to every such claim. But no number of seeds turns the result of one "
                    "kind of exploration into that of another.",
                ),
                Option(
                    "Only the discount, since 8 comes later than 7",
                    "Both are paid in the second step, so the discount treats them alike.",
                ),
            ],
            objective="08.5",
        ),
        Choice(
            "'QMIX cannot represent QTRAN's matrix: it is not monotonic. So it must lose the 8.' What is right?",
            options=[
                Option(
                    "It can't hold every entry, but its nearest monotone table keeps the 8; training gets stuck",
                    "Yes. The best least-squares fit among all monotone tables has the 8 on top. Trained by gradient, "
                    "QMIX tends to end in the best fit of another order of the actions, a local optimum.",
                    right=True,
                ),
                Option(
                    "All of it: what is not monotonic is lost",
                    "Only what the fit gives up is lost, and here it gives up the difference between 0 and -12, not "
                    "the 8. In the climbing game it is otherwise: there the nearest monotone table loses the 11.",
                ),
                Option(
                    "None of it: a mixer with enough hidden units holds every table",
                    "However large it is, it never falls when a value rises, and this table does in every order of the "
                    "actions.",
                ),
                Option(
                    "Only the first half: in training QMIX always finds the 8",
                    "It could, but gradient descent from a random start may put action a at the bottom, where it "
                    "stays. How often it does is to be counted, over many seeds.",
                ),
            ],
            objective="08.5",
        ),
    ],
)
