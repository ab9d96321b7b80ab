"""Lesson 00: the quiz, three questions on reading a learning curve and one that needs the timeline."""

from marl_edu.panels.quiz import Choice, Number, Option, Quiz

quiz = Quiz(
    name="00.quiz",
    questions=[
        Choice(
            "A learning curve has a grey band around its line. What does the band say?",
            options=[
                Option(
                    "How surely the mean over the runs is known: a 95 % interval for it",
                    "Yes. More runs make it narrower.",
                    right=True,
                ),
                Option(
                    "Between which returns 95 % of the runs lie",
                    "Single runs can lie far outside: the band is about their *mean*. With more runs it gets narrower, "
                    "and the runs themselves spread as before.",
                ),
                Option(
                    "How much one run jumps from step to step",
                    "A single run may jump a lot in a narrow band. The band compares runs at the same step.",
                ),
                Option(
                    "How much the agents explore",
                    "The curve shows greedy returns: what the agents would earn without exploring. The band comes from "
                    "runs that differ.",
                ),
            ],
            objective="00.1",
        ),
        Choice(
            "The line of a curve ends a little below the dashed line. What do you know?",
            options=[
                Option(
                    "The learners do not get all that is possible",
                    "Yes. The dashed line is computed exactly from the rules of the game: no two agents can expect a "
                    "larger mean over both. (Where they are not paid alike, one of them alone may earn more.)",
                    right=True,
                ),
                Option(
                    "They need more steps",
                    "Perhaps; but learners can stay below for good. The line says what is possible, not what comes "
                    "next.",
                ),
                Option(
                    "They are better than another algorithm",
                    "The dashed line is no other algorithm. It is the exact answer, computed without learning.",
                ),
            ],
            objective="00.1",
        ),
        Choice(
            "A curve lies on the dotted line. What have the agents learned so far?",
            options=[
                Option(
                    "Nothing that shows: they earn what chance earns",
                    "Yes. The dotted line is the return of agents that act at random.",
                    right=True,
                ),
                Option(
                    "The optimum",
                    "That is the dashed line. Dotted is random play, in every lesson.",
                ),
                Option(
                    "Less than nothing: the dotted line is the worst that is possible",
                    "Random play is not the worst. Curves can be below it: at the beginning of the first panel greedy "
                    "agents repeat one move for ever, against a wall or against each other.",
                ),
            ],
            objective="00.1",
        ),
        Number(
            "In the first panel, with step size 0.2 and epsilon 0.1: from which step on does the mean greedy return "
            "stay "
            "above 0? Reset, play to the end, then drag the timeline.",
            answer=750,
            tolerance=60,
            why="From about 700 to 800 steps on, depending on which moments the panel kept.",
            objective="00.2",
            wrong={
                0: "At step 0 nothing is learned yet, and the return is far below 0. Drag the timeline and read the "
                "words.",
                610: "At about that step the line is above 0 for the first time, and the first time is not for good: "
                "it falls below 0 once more. Drag on, and look where it *stays* above.",
                4000: "This is the end of the run. Drag the timeline back until the line crosses 0.",
            },
            unit="environment steps",
        ),
    ],
)
