"""Lesson 10, the quiz: five questions, numbers computed by the exercises' own functions."""

import numpy as np

from marl_edu.exercises.lesson_10_targets import maddpg_targets, run
from marl_edu.panels.quiz import Choice, Number, Option, Quiz

TEAM = 8
"""Agents of the question on one-sample gradients."""


def first_target(truncated=True):
    """Agent 1's target in the second question: r_1 + 1/2 (mu_1(o'_1) + mu_2(o'_2)), mu_1(o) = 2 o, mu_2(o) = -o.

    >>> first_target()
    0.5
    """
    batch = {
        "rewards": np.array([[1.0, 3.0]]),
        "next_observations": np.array([[[1.0], [3.0]]]),
        "terminated": np.array([False]),
        "truncated": np.array([truncated]),
    }
    actors, critics = [[2.0], [-1.0]], [[1.0, 1.0, 0.0]] * 2
    return float(run(maddpg_targets, batch, actors, critics, actors, critics, 0.5)[0, 0])


def chance_of_the_right_way(n_agents):
    """Of a one-sample policy gradient, if n agents toss a coin each and the team is paid only if all say yes.

    A team that is paid nothing gets a gradient of 0; one that is paid is told to do just that more often.

    >>> chance_of_the_right_way(3)
    0.125
    """
    return 0.5**n_agents


quiz = Quiz(
    name="10.quiz",
    questions=[
        Choice(
            "Both agents have changed much since a transition was stored. Why does it mislead DDPG's critic "
            "$Q_1(o_1, a_1)$, but not MADDPG's $Q_1(o_1, o_2, a_1, a_2)$?",
            options=[
                Option(
                    "The same o₁, a₁ is followed by something else now; given both actions it is not",
                    "Yes. What agent 2 did is part of the outcome, and it does other things now. The world itself has "
                    "not changed: once everybody's action is known, reward and next observations are as ever.",
                    right=True,
                ),
                Option(
                    "DDPG learns only from what its present policy does",
                    "DDPG learns from a replay as well: what it did itself long ago does no harm. It is the *other* "
                    "agent's change that the critic can't see.",
                ),
                Option(
                    "What DDPG has stored was played with noise",
                    "So was what MADDPG has stored. Noise is no trouble: the action that was played is in the replay.",
                ),
                Option(
                    "MADDPG has more data, since the agents share their replay",
                    "Each critic is given the same transitions in both. What differs is what it sees of them.",
                ),
            ],
            objective="10.1",
        ),
        Number(
            "Two agents; target actors $\\mu_1(o) = 2o$ and $\\mu_2(o) = -o$; agent 1's target critic says "
            "$a_1 + a_2$. In one transition the rewards are 1 for agent 1 and 3 for agent 2, the next observations "
            "$o'_1 = 1$ and $o'_2 = 3$, the discount is 0.5, and the time limit struck. What is the target of agent "
            "1's critic?",
            answer=first_target,
            why="Each on its own next observation: $\\mu_1(1) = 2$ and $\\mu_2(3) = -3$, together -1. So 1 + 0.5 (-1). "
            "A time limit is no end.",
            tolerance=0.001,
            objective="10.2",
            wrong={
                1.5: "Here agent 2's actor acted on what agent 1 sees. It acts on its own: $\\mu_2(3) = -3$.",
                2.5: "Here agent 1's actor acted on what agent 2 sees. It acts on its own: $\\mu_1(1) = 2$.",
                5: "Here agent 1's actor spoke for both. Agent 2 has an actor of its own: $\\mu_2(3) = -3$.",
                1: "That is the reward alone. But a time limit is no end: the future counts.",
                3.5: "The rewards were added. Agent 1's critic learns what agent 1 is paid.",
                0: "The discount was forgotten: the next step counts half.",
                3: "Those are agent 2's reward and no future; agent 1's critic learns what agent 1 is paid.",
            },
        ),
        Number(
            f"A team of {TEAM} is paid 1 if all say yes, else 0; each says yes with chance 1/2. The policy gradient is "
            "estimated from *one* play: reward times the gradient of the log-probability of what was said. What is "
            "the chance that it points the right way at all (that its product with the true gradient is positive)?",
            answer=lambda: chance_of_the_right_way(TEAM),
            why=f"Unless all say yes, the reward is 0 and so is the estimate: 1/2 to the power of {TEAM}. Each further "
            "agent halves it. One play is not enough: what helps is to average over many, as a critic does that was "
            "fitted to them.",
            tolerance=1e-4,
            objective="10.3",
            wrong={
                0.5: "That is the chance of one agent. All of them have to say yes at once.",
                1 / TEAM: "Not one in the number of agents: they toss their coins independently, so chances multiply.",
                1 / (2 * TEAM): "Chances of independent coins multiply; they don't add.",
                0.5 ** (TEAM - 1): "One agent too few: all of them have to say yes, oneself included.",
                1 - 0.5**TEAM: "That is the chance of learning nothing from the play.",
            },
        ),
        Choice(
            "A program for discrete actions keeps the softmax of the noisy logits in its replay instead of the one-hot "
            "action that was played. What is wrong with that?",
            options=[
                Option(
                    "The critic is told of an action that nobody took",
                    "Yes. Reward and next observation came of *one* choice. The critic would learn them as the outcome "
                    "of a mixture, and could not tell the choices apart where it matters.",
                    right=True,
                ),
                Option(
                    "Nothing: a draw from the softmax is the softmax on average",
                    "On average over many draws, yes. But in each transition one choice was made and led to what came. "
                    "If choices differ in what they lead to, the average hides it.",
                ),
                Option(
                    "Nothing: without it no gradient could flow through the action",
                    "A gradient flows only through the action that the actor makes anew when it is updated. Nothing "
                    "flows into the replay.",
                ),
                Option(
                    "The chances must be those without noise",
                    "Those were not played either. The world was given a choice, so the replay keeps the choice.",
                ),
            ],
            objective="10.4",
        ),
        Choice(
            "'MADDPG reaches -15 in simple_spread: MPE2, local_ratio 0.5, per agent, greedy, five seeds, interval "
            "-16 to -14. Random play gets -26, so it is solved.' What do you say?",
            options=[
                Option(
                    "About half-way: doing nothing earns -24, a short controller -6",
                    "Yes. All that belongs to such a number is stated. What is missing is what to hold it against: "
                    "random play is worse than doing nothing, and a controller of a few lines shows what is possible.",
                    right=True,
                ),
                Option(
                    "Five seeds are too few to say anything",
                    "More would be better. But the interval is narrow against the distances to -24 and to -6, so five "
                    "tell what matters here.",
                ),
                Option(
                    "The truth is -45, the sum over the agents",
                    "That is the same result in other units. It must be said which; it is.",
                ),
                Option(
                    "It is solved: the interval is far from random play",
                    "It is better than random play, surely. Random play is a low bar: standing still is better.",
                ),
            ],
            objective="10.5",
        ),
    ],
)
