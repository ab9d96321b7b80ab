"""Lesson 05, the quiz: five questions, numbers computed by the lesson's own functions."""

import numpy as np

from marl_edu.exercises.lesson_05_climb import step
from marl_edu.exercises.lesson_05_mixed import mixed_equilibrium
from marl_edu.panels.quiz import Choice, Number, Option, Quiz

PENNIES = np.array([[1, -1], [-1, 1]])
BATTLE = np.array([[4, 0], [0, 1]]), np.array([[1, 0], [0, 4]])

quiz = Quiz(
    name="05.quiz",
    questions=[
        Choice(
            "In the equilibrium of matching pennies both toss a fair coin. Agent 1 decides to show heads every time, "
            "agent 2 keeps tossing. What is right?",
            options=[
                Option(
                    "Agent 1 loses nothing, but (heads, coin) is no equilibrium",
                    "Yes. Against a fair coin everything is a best response, heads too. But now agent 2 gains by "
                    "always showing tails, so the pair is no equilibrium any more.",
                    right=True,
                ),
                Option(
                    "Agent 1 loses by it, since the equilibrium policy is the only best response",
                    "Against a fair coin heads and tails pay the same. That is why agent 1 is willing to mix at all.",
                ),
                Option(
                    "It is another equilibrium, since agent 1 gains nothing by going back",
                    "Neither may gain. Agent 2 does: against heads it would rather show tails every time.",
                ),
                Option(
                    "Agent 1 gains by it, since agent 2 does not react",
                    "Against a fair coin no policy of agent 1 pays more than 0.",
                ),
            ],
            objective="05.1",
        ),
        Number(
            "Two agents want to meet: both at the first place pays them (4, 1), both at the second (1, 4), and if they "
            "miss each other both get 0. In the mixed equilibrium, with which chance does agent 1 go to the first "
            "place?",
            answer=mixed_equilibrium(*BATTLE)[0],
            why="x makes agent 2 indifferent: its first place pays 1 x, its second 4 (1 - x). They are equal at 4/5.",
            tolerance=1e-6,
            objective="05.2",
            wrong={
                mixed_equilibrium(*BATTLE)[1]: "That is agent 2's chance: it makes agent 1 indifferent. Agent 1's own "
                "payoffs do not determine agent 1's mixture.",
                0.5: "Against a fair coin agent 2 would always go to the second place, since 4 is more than 1.",
                1: "That is one of the two equilibria in which nobody mixes. The mixed one is asked for.",
                0: "That is one of the two equilibria in which nobody mixes. The mixed one is asked for.",
            },
        ),
        Number(
            "Matching pennies: agent 1 gets 1 if both show the same, else -1, and agent 2 the opposite. Now x = 0.5 "
            "and y = 0.75 are the chances of heads. What is x after one step of gradient ascent with step size 0.1?",
            answer=step(0.5, 0.75, PENNIES, -PENNIES, 0.1)[0],
            why="Heads pays agent 1 0.75 - 0.25 = 0.5, tails -0.5. The slope is the difference, 1, and 0.1 of it is "
            "added to 0.5.",
            tolerance=1e-6,
            objective="05.3",
            wrong={
                0.4: "Downhill: against y = 0.75 heads pays more than tails, so x must grow.",
                0.55: "0.5 is what heads pays. The slope is what it pays *more than tails*, which pays -0.5.",
                0.8: "The slope is 4 y - 2, not 4 y: with the constant part.",
                0.5: "x moves: its slope depends on y, and against y = 0.75 heads pays more. It is y that stays.",
                0.525: "The factor x (1 - x) belongs to the replicator.",
                1.5: "The step size is missing: only 0.1 of the slope is added.",
            },
        ),
        Choice(
            "Both play matching pennies by fictitious play for 10 000 plays. What converges to one half?",
            options=[
                Option(
                    "The share of heads among all plays so far, and slowly",
                    "Yes. The plays themselves run in ever longer streaks, while their averages converge; the gap "
                    "shrinks like one over the square root of the number of plays.",
                    right=True,
                ),
                Option(
                    "The chance with which heads is shown at the next play",
                    "Each play is a best response to what was seen: heads for certain or tails for certain, but for "
                    "ties. Nobody ever tosses a coin on purpose.",
                ),
                Option(
                    "Both: in zero-sum games fictitious play finds the equilibrium",
                    "What is found is the equilibrium of the *averages*. The plays keep cycling.",
                ),
                Option(
                    "Neither: fictitious play cycles in matching pennies",
                    "Play cycles, but its averages converge in every zero-sum game. In Shapley's game not even "
                    "they do.",
                ),
            ],
            objective="05.4",
        ),
        Choice(
            "'If one agent changes its policy the others change theirs, so learning together can't converge; and if it "
            "does converge, then to a Nash equilibrium.' What is right about it?",
            options=[
                Option(
                    "Neither half, as it stands",
                    "Yes. In many games the changes shrink and play settles. Where best responses or gradient ascent "
                    "rest, that is a Nash equilibrium; but averages may settle elsewhere, as those of regret matching "
                    "(coarse correlated equilibria), and so may learners with another aim, as smooth Q-learning.",
                    right=True,
                ),
                Option(
                    "Only the first half",
                    "In the prisoner's dilemma gradient ascent settles from every start, though each agent's change "
                    "changes the other's payoffs. That others change makes convergence uncertain, not impossible.",
                ),
                Option(
                    "Only the second half",
                    "It holds for play that rests under best responses or gradient ascent. But smooth Q-learning rests "
                    "at mixtures that its temperature decides, and regret matching's average play need be no Nash "
                    "equilibrium at all.",
                ),
                Option(
                    "Both halves",
                    "In stag hunt gradient ascent settles from almost every start, so the first half fails; and what "
                    "converges may be an average that is no Nash equilibrium, so the second one does too.",
                ),
            ],
            objective="05.5",
        ),
    ],
)
