"""Lesson 00, Start here: the manifest, and four short exercises about what every later picture and verdict needs.

Each exercise is a reference solution (a plain function, shown by ``solution()``), wrong versions of it that students
write, and the ``Exercise`` that puts them together. Legend of axes: T moments.
"""

from __future__ import annotations

import numpy as np

from marl_edu.exercises import Exercise, Lesson, Misconception, Property
from marl_edu.exercises.lesson_00_quiz import quiz


# ----------------------------------------------------------------------------------------------- 00.1 between two lines
def gap_closed(value, optimum, random_play):
    """The share of the way from random play (0) to the optimum (1) that learning has come."""
    return (value - random_play) / (optimum - random_play)


def _levels(rng, low, high):
    """Cases (value, optimum, random_play) with the share between two bounds; round numbers."""
    found = [(float(low * 10), 10.0, 0.0), (10.0 * high - 5, 5.0, -5.0)]
    for _ in range(12):
        random_play = float(rng.integers(-40, 5))
        length = float(rng.integers(1, 20))
        length += random_play + length == 0  # no optimum of 0: dividing by it is another mistake than that to be named
        share = rng.uniform(low, high)
        found.append((round(random_play + share * length, 2), random_play + length, random_play))
    return found


share = Exercise(
    name="00.share",
    title="Between the dotted and the dashed line",
    objective="00.1",
    minutes=3,
    difficulty=1,
    task=(
        "How good is a return? Only the two lines say. Return the share of the way from the dotted line "
        "(`random_play`) to the dashed line (`optimum`) that `value` has come: 0 on the dotted line, 1 on the dashed "
        "one."
    ),
    stub='''
def gap_closed(value, optimum, random_play):
    """Return 0 if value is that of random play, 1 if it is the optimum."""
    ...
''',
    solution=gap_closed,
    properties=[
        Property("on the dotted line the share is 0", lambda rng: _levels(rng, 0, 0)),
        Property("on the dashed line it is 1", lambda rng: _levels(rng, 1, 1)),
        Property("between the lines it grows evenly", lambda rng: _levels(rng, 0.05, 0.95)),
        Property("below the dotted line it is negative", lambda rng: _levels(rng, -0.9, -0.1)),
    ],
    misconceptions=[
        Misconception(
            "zero is no baseline",
            "You divided by the optimum alone. A return of 0 means nothing by itself: what chance earns is where to "
            "count from, here -25 in one game and 3 in another.",
            wrong=lambda value, optimum, random_play: value / optimum,
        ),
        Misconception(
            "the gap that is left",
            "This is the share that is still missing. It is 1 at the dotted line and 0 at the optimum; turn it round.",
            wrong=lambda value, optimum, random_play: (optimum - value) / (optimum - random_play),
        ),
        Misconception(
            "a distance, not a share",
            "This is how far above random play the value is, in units of return. Divide by the length of the whole "
            "way.",
            wrong=lambda value, optimum, random_play: value - random_play,
        ),
        Misconception(
            "the wrong length",
            "The way goes from random play to the optimum, so its length is their difference, not the optimum itself.",
            wrong=lambda value, optimum, random_play: (value - random_play) / optimum,
        ),
        Misconception(
            "per cent instead of a share",
            "The share should be 1 at the optimum; yours is 100.",
            wrong=lambda value, optimum, random_play: 100 * (value - random_play) / (optimum - random_play),
        ),
    ],
    hints=[
        "Begin with the two ends: which expression is 0 if `value` equals `random_play`?",
        "And by what must you divide it so that it is 1 if `value` equals `optimum`?",
    ],
)


# ------------------------------------------------------------------------------------------------ 00.2 from when on
def settled(units, curve, level):
    """The first of `units` from which on `curve` stays above `level` to the end; None if it ends below."""
    for t in range(len(curve)):
        if all(value > level for value in curve[t:]):
            return units[t]
    return None


def _first_time(units, curve, level):
    return next((unit for unit, value in zip(units, curve, strict=True) if value > level), None)


def _place(units, curve, level):
    found = settled(units, curve, level)
    return None if found is None else units.index(found)


def _last_below(units, curve, level):
    below = [unit for unit, value in zip(units, curve, strict=True) if value <= level]
    return below[-1] if below else None


def _curves(kind):
    """Cases of one kind: lists of steps and of values, and a level that none of the values equals."""

    def cases(rng):
        found = []
        for length in (3, 4, 5, *rng.integers(5, 12, 9)):
            length = int(length)
            rise = int(rng.integers(1, length - 1)) if kind != "never" else length
            curve = [-float(x) for x in rng.integers(1, 20, rise)] + [
                float(x) for x in rng.integers(1, 9, length - rise)
            ]
            if kind == "falls back":
                curve[0] = 2.0
                curve[rise] = -1.0
                curve[-1] = 3.0
            if kind == "never":
                curve[int(rng.integers(0, length - 1))] = 4.0
            shift = float(rng.integers(-20, 20))
            units = np.cumsum(rng.integers(1, 12, length) * int(rng.choice([10, 50]))).tolist()  # not evenly spaced
            found.append((units, [value + shift for value in curve], shift))
        return found

    return cases


settle = Exercise(
    name="00.settled",
    title="From when on?",
    objective="00.2",
    minutes=4,
    difficulty=2,
    task=(
        "You looked for this with the timeline; now let Python look. `units` are the recorded steps (a list, not "
        "always evenly spaced), `curve` the mean return at each of them (a list of the same length). Return the step "
        "from which on the curve *stays* above `level` until the end, and None if it does not end above it. Leave both "
        "lists as they are."
    ),
    stub='''
def settled(units, curve, level):
    """Return the first of units from which on curve stays above level, or None."""
    ...
''',
    solution=settled,
    properties=[
        Property("if it rises once, that is the step", _curves("rises")),
        Property("if it falls back in between, that does not count yet", _curves("falls back")),
        Property("if it ends below, there is none", _curves("never")),
        Property(
            "to be at the level is not to be above it",
            lambda rng: [([5, 10, 30], [1.0, 1.0, 2.0], 1.0), ([2, 5], [3.0, 3.0], 3.0), ([2, 5], [4.0, 4.0], 3.0)],
        ),
    ],
    misconceptions=[
        Misconception(
            "the first time is not for good",
            "This is when the curve is above the level for the first time. Learners fall back; the question was from "
            "when "
            "on it *stays* there.",
            wrong=_first_time,
        ),
        Misconception(
            "the place instead of the step",
            "This is the position in the list. The answer is what stands in `units` at that position.",
            wrong=_place,
        ),
        Misconception(
            "the last moment below",
            "This is the last step at which the curve was not above the level; the one after it is the first good one.",
            wrong=_last_below,
        ),
        Misconception(
            "a truth instead of a step",
            "True or False says whether; asked for is from which step on.",
            recognise=lambda value, *case: isinstance(value, bool | np.bool_),
        ),
    ],
    hints=[
        "Go through the moments t = 0, 1, 2, ... and ask at each: is everything from here to the end above the level?",
        "`all(value > level for value in curve[t:])` asks exactly that. What is left to return if no t will do?",
    ],
    equivalent=["range(len(units))"],
)


# ------------------------------------------------------------------------------------------------ 00.3 a return
def team_return(rewards, discount):
    """The sum of the rewards, in order of time; the reward of step k, from 0, counts discount ** k."""
    return sum(discount**k * reward for k, reward in enumerate(rewards))


def backwards(rewards, discount):
    """A return with a fault, for the lesson to show what a verdict looks like."""
    total = 0
    for reward in rewards:
        total = discount * total + reward
    return total


def _rewards(rng, longest):
    """Cases (rewards, discount), short ones first."""
    lengths = range(1, longest + 1) if longest < 4 else rng.integers(2, longest + 1, 12)
    return [
        ([float(reward) for reward in rng.integers(-5, 11, int(n))], float(rng.choice([0.5, 0.8, 0.9])))
        for n in lengths
    ]


returns = Exercise(
    name="00.return",
    title="The return of one episode",
    objective="00.3",
    minutes=3,
    difficulty=1,
    task=(
        "Write the return: the sum of all rewards of an episode, in which the first reward counts in full, the next "
        "one "
        "`discount` times, the next `discount` squared, and so on. `rewards` is a list of numbers in order of time; "
        "leave it as it is."
    ),
    stub='''
def team_return(rewards, discount):
    """Return the discounted sum of rewards; the first one counts in full."""
    ...
''',
    solution=team_return,
    properties=[
        Property("one reward counts in full", lambda rng: _rewards(rng, 1) + _rewards(rng, 1)),
        Property("the first reward counts in full, the next ones less and less", lambda rng: _rewards(rng, 8)),
        Property("without discount (1) it is the plain sum", lambda rng: [(r, 1.0) for r, _ in _rewards(rng, 6)]),
        Property("an episode without rewards is worth 0", lambda rng: [([], 0.9)]),
        Property("with discount 0 only the first reward counts", lambda rng: [(r, 0.0) for r, _ in _rewards(rng, 5)]),
    ],
    misconceptions=[
        Misconception(
            "time runs backwards",
            "Your last reward counts in full and the first one least. It is the other way round: what comes late is "
            "discounted most.",
            wrong=backwards,
        ),
        Misconception(
            "no discount",
            "This is the plain sum: the discount plays no part in it.",
            wrong=lambda rewards, discount: sum(rewards),
        ),
        Misconception(
            "the first reward is discounted already",
            "Everything counts one step too late: the first reward has the weight discount ** 0, which is 1.",
            wrong=lambda rewards, discount: sum(discount ** (k + 1) * reward for k, reward in enumerate(rewards)),
        ),
        Misconception(
            "the same discount for all",
            "Every reward after the first is discounted once. Each step discounts again: discount ** k after k steps.",
            wrong=lambda rewards, discount: sum(rewards[:1]) + discount * sum(rewards[1:]),
        ),
        Misconception(
            "a weight that grows with the step",
            "The weight of step k is discount ** k (a power), not discount * k (a product).",
            wrong=lambda rewards, discount: sum(discount * k * reward for k, reward in enumerate(rewards)),
        ),
    ],
    hints=[
        "`for k, reward in enumerate(rewards):` gives each reward with its step, counted from 0.",
        "The reward of step k has the weight `discount ** k`. Add the weighted rewards up.",
    ],
)


# ------------------------------------------------------------------------------------------------ 00.4 how far off
def mean_gap(guess, truth):
    """The mean distance between two curves, moment by moment."""
    distances = [abs(g - t) for g, t in zip(guess, truth, strict=True)]
    return sum(distances) / len(distances)


def _pairs(crossing):
    """Cases (guess, truth): above it all along, or on both sides."""

    def cases(rng):
        found = []
        for n in (2, 2, 3, *rng.integers(3, 9, 9)):
            truth = rng.integers(-30, 10, int(n)).astype(float)
            off = rng.integers(1, 9, int(n)).astype(float)
            off *= np.resize([1.0, -1.0], int(n)) if crossing else rng.choice([-1.0, 1.0])
            found.append(((truth + off).tolist(), truth.tolist()))
        return found

    return cases


gap = Exercise(
    name="00.gap",
    title="How far off was the guess?",
    objective="00.4",
    minutes=3,
    difficulty=1,
    task=(
        "After a prediction the picture shows the gap between your curve and what happened. Put a number to it: "
        "return the "
        "mean distance between the two curves. `guess` and `truth` are lists of the same length, one value for each "
        "moment; leave them as they are."
    ),
    stub='''
def mean_gap(guess, truth):
    """Return the mean distance between two curves, moment by moment."""
    ...
''',
    solution=mean_gap,
    properties=[
        Property("a guess that is right has a gap of 0", lambda rng: [(t, t) for _, t in _pairs(False)(rng)]),
        Property("too high or too low: both count the same", _pairs(False)),
        Property("too high here does not make up for too low there", _pairs(True)),
    ],
    misconceptions=[
        Misconception(
            "errors that cancel",
            "Too high at one moment and too low at another cancel in your mean, so a bad guess can have a gap of 0. "
            "Take the distance at each moment first.",
            wrong=lambda guess, truth: sum(g - t for g, t in zip(guess, truth, strict=True)) / len(guess),
        ),
        Misconception(
            "the distance of the means",
            "You averaged first and took the distance then: errors on both sides cancel. Take the distance at each "
            "moment first.",
            wrong=lambda guess, truth: abs(sum(guess) / len(guess) - sum(truth) / len(truth)),
        ),
        Misconception(
            "the largest gap",
            "This is the worst moment. Asked for is the mean over all of them.",
            wrong=lambda guess, truth: max(abs(g - t) for g, t in zip(guess, truth, strict=True)),
        ),
        Misconception(
            "a sum instead of a mean",
            "The distances are added up but not divided by their number; a longer curve would look worse.",
            wrong=lambda guess, truth: sum(abs(g - t) for g, t in zip(guess, truth, strict=True)),
        ),
        Misconception(
            "squares",
            "These are squared distances. They weigh large errors more and are no distance in units of return.",
            wrong=lambda guess, truth: sum((g - t) ** 2 for g, t in zip(guess, truth, strict=True)) / len(guess),
        ),
    ],
    hints=[
        "`zip(guess, truth)` gives the two values of each moment; `abs(...)` makes a distance of their difference.",
        "Add the distances up and divide by `len(guess)`.",
    ],
    equivalent=["abs(t - g)", "strict=False", "/ len(guess)", "/ len(truth)"],
)


lesson = Lesson(
    number="00",
    title="Start here",
    minutes=30,
    seconds=30,
    objectives={
        "00.1": "read a learning curve: its line, its band, the dashed and the dotted line",
        "00.2": "drive a panel: play, pause, go back in time, change one thing, compare; and say from when on "
        "something "
        "holds",
        "00.3": "write a small function, have it checked, and use what the verdict says",
        "00.4": "commit to a guess before a run, and say how far off it was",
    },
    exercises=(returns, share, settle, gap),
    predictions=("00.slow",),
    quiz=quiz,
    play=("00.pennies",),
    builds_on=(),
    next="01",
)
