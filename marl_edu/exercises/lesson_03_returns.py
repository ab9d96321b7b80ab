"""Lesson 03, three short exercises: returns computed backwards, the discount at which plans swap, how many episodes.

Legend of axes: T steps, N agents.
"""

from __future__ import annotations

import math

import numpy as np

from marl_edu.exercises import Exercise, Misconception, Property
from marl_edu.exercises.judge import mistake


# --- 03.1 backwards --------------------------------------------------------------------------------------------------
def returns_backwards(rewards, discount, terminated, future):
    """G_t of every agent, and in the last column of the team, for one episode."""
    returns = []
    following = np.zeros(len(future)) if terminated else np.array(future)
    for reward in reversed(rewards):
        following = reward + discount * following
        returns.append([*following, following.sum()])
    return np.array(returns[::-1])


def _backwards(rewards, discount, terminated, future, *, late=False, cut_is_end=False, end_has_future=False,
               raw_future=False, team=np.sum):  # fmt: skip
    """The same with one thing changed."""
    ended = (terminated and not end_has_future) or (not terminated and cut_is_end)
    following = np.zeros(len(future)) if ended else np.array(future)
    if raw_future and not ended:
        following = following / discount
    found = np.zeros((len(rewards), len(future) + 1))
    for t in reversed(range(len(rewards))):
        following = discount * (rewards[t] + following) if late else rewards[t] + discount * following
        found[t] = [*following, team(following)]
    return found


def _forwards(rewards, discount, terminated, future):
    following = np.zeros(len(future)) if terminated else np.array(future)
    found = np.zeros((len(rewards), len(future) + 1))
    for t, reward in enumerate(rewards):
        following = reward + discount * following
        found[t] = [*following, following.sum()]
    return found


def _seen_from_the_start(rewards, discount, terminated, future):
    right = returns_backwards(rewards, discount, terminated, future)
    return right * discount ** np.arange(len(right))[:, np.newaxis]


def _episodes(terminated, agents=(1, 2, 3), longest=6):
    def cases(rng):
        found = []
        for length in (1, 2, 2, 3, 3, 4, 5, longest):
            n = int(rng.choice(agents))
            rewards = rng.integers(-5, 11, (length, n)).astype(float)
            future = rng.integers(1, 20, n).astype(float)  # never 0, so that it shows where it is left out or added
            found.append((rewards, float(rng.choice([0.5, 0.8, 0.9])), terminated, future))
        return found

    return cases


backwards = Exercise(
    name="03.backwards",
    title="All returns of an episode, backwards",
    objective="03.1",
    minutes=8,
    difficulty=2,
    task=(
        "Compute the returns of one episode from its end to its start. `rewards` has the axes (step, agent). `future` "
        "has one number for each agent: what it may expect from the state in which the episode stopped. If "
        "`terminated` is true, the world has ended there, and nothing follows, whatever `future` says; if it is false, "
        "the episode was cut off by a time limit. Return an array with one row for each step: the return of each agent "
        "from there on, and in a last column the return of the team, their sum."
    ),
    stub='''
def returns_backwards(rewards, discount, terminated, future):
    """Return an array (steps, agents + 1): G_t of each agent, then of the team."""
    ...
''',
    solution=returns_backwards,
    properties=[
        Property("of one agent, after an end: the last return is the last reward", _episodes(True, agents=(1,))),
        Property("each agent has a return of its own, and the team the sum", _episodes(True)),
        Property("a time limit is no end: what may be expected after it counts", _episodes(False)),
    ],
    misconceptions=[
        mistake(
            "a time limit is an end",
            "Nobody says that nothing would have come after the last step: the episode was cut off. What may be "
            "expected there is in `future`.",
            lambda *case: _backwards(*case, cut_is_end=True),
        ),
        mistake(
            "the end has a future",
            "After a terminal state nothing is paid, so the recursion starts from 0 there, whatever `future` says.",
            lambda *case: _backwards(*case, end_has_future=True),
        ),
        mistake(
            "the reward of this step is discounted",
            "$R_t$ is paid for the action at $t$ and counts in full in $G_t$; only what comes after it is multiplied "
            "by the discount. This is the return of the step before, without its reward.",
            lambda *case: _backwards(*case, late=True),
        ),
        mistake(
            "one power too many",
            "All of it is multiplied by the discount once too often. The reward paid for the action at step t has the "
            "power 0 in $G_t$: it counts in full.",
            lambda *case: case[1] * returns_backwards(*case),
        ),
        mistake(
            "the future is not discounted",
            "What comes after the last step lies one step further: it is multiplied by the discount like any "
            "$G_{t+1}$.",
            lambda *case: _backwards(*case, raw_future=True),
        ),
        mistake(
            "from the start to the end",
            "This sums up the past. $G_t$ is what is still to come, so the loop has to begin with the last step.",
            _forwards,
        ),
        mistake(
            "all seen from the first step",
            "This discounts to the start of the episode: row t is multiplied by the discount to the power of t. "
            "$G_t$ is seen from step t: its first reward counts in full.",
            _seen_from_the_start,
        ),
        mistake(
            "the team's mean instead of its sum",
            "The return of the team is the sum of what all agents get.",
            lambda *case: _backwards(*case, team=np.mean),
        ),
        Misconception(
            "the team is missing",
            "One column more is asked for: at the end of each row, the sum over all agents.",
            recognise=lambda value, rewards, *rest: np.shape(value) == np.shape(rewards),
        ),
    ],
    hints=[
        "Which return can be written down at once, without knowing any other? That of the last step.",
        "Keep what follows in a variable, one number for each agent. It begins as zeros after an end, and as `future` "
        "after a time limit.",
        "`for t in reversed(range(len(rewards))): following = rewards[t] + discount * following`, and row t is "
        "`[*following, following.sum()]`.",
    ],
)


# --- 03.2 the discount at which plans swap ---------------------------------------------------------------------------
def swap_discount(now, later, delay):
    """The discount at which ``now`` at once is worth as much as ``later`` after ``delay`` steps; 1 if there is none."""
    if now >= later:
        return 1.0
    return (now / later) ** (1 / delay)


def _offers(kind):
    def cases(rng):
        found = [(1.0, 2.0, 1)] if kind == "next" else []
        for delay in (1, 2, 3, 4, 7, 10):
            now = float(rng.integers(1, 9))
            later = max(now - float(rng.integers(0, 5)), 0.5) if kind == "less" else now + float(rng.integers(1, 12))
            found.append((now, later, 1 if kind == "next" else delay))
        return found

    return cases


swap = Exercise(
    name="03.swap",
    title="The discount at which two plans swap places",
    objective="03.2",
    minutes=6,
    difficulty=1,
    task=(
        "One plan pays `now` for the first action and nothing afterwards; the other pays `later`, but only for the "
        "action `delay` steps after the first one. All three are above 0. Return the discount at which both plans are "
        "worth the same: below it the first plan is the better one, above it the second. If `later` is not more than "
        "`now`, waiting never pays for a discount below 1: return 1."
    ),
    stub='''
def swap_discount(now, later, delay):
    """Return the discount at which the two plans are worth the same: one number."""
    ...
''',
    solution=swap_discount,
    properties=[
        Property("one step later: now = discount * later", _offers("next")),
        Property("`delay` steps later the discount counts `delay` times", _offers("more")),
        Property("if waiting does not pay more, it never pays", _offers("less")),
    ],
    misconceptions=[
        mistake(
            "one step too many",
            "The first reward counts in full: the one `delay` steps later is multiplied by the discount `delay` times, "
            "not once more.",
            lambda now, later, delay: 1.0 if now >= later else (now / later) ** (1 / (delay + 1)),
        ),
        mistake(
            "one step too few",
            "If `delay` is 1, the reward comes with the next action and is multiplied by the discount once.",
            lambda now, later, delay: 1.0 if now >= later else (now / later) ** (1 / max(delay - 1, 1)),
        ),
        mistake(
            "the delay is forgotten",
            "This is right for a delay of one step. After `delay` steps the discount has been multiplied in that "
            "often.",
            lambda now, later, delay: 1.0 if now >= later else now / later,
        ),
        mistake(
            "power instead of root",
            "now = discount^delay * later. Solved for the discount, this needs the root, the power 1/delay.",
            lambda now, later, delay: 1.0 if now >= later else (now / later) ** delay,
        ),
        mistake(
            "divided by the delay",
            "Discounting multiplies: each step takes the same *share*, not the same amount.",
            lambda now, later, delay: 1.0 if now >= later else now / later / delay,
        ),
        mistake(
            "a discount above 1",
            "If the later reward is not the larger one, the formula gives 1 or more. No discount below 1 makes waiting "
            "pay: return 1.",
            lambda now, later, delay: (now / later) ** (1 / delay),
        ),
    ],
    hints=[
        "What is the return of each plan at the first step? Write both down for delay = 1, then for delay = 2.",
        "`now` against `discount ** delay * later`. Where are they equal?",
        "`(now / later) ** (1 / delay)`, and 1 if `now >= later`.",
    ],
    equivalent=["now > later"],
)


# --- 03.3 how many episodes ------------------------------------------------------------------------------------------
def episodes_needed(returns, half_width):
    """Fewest episodes for a 95 % interval of the mean that reaches at most ``half_width`` to either side."""
    deviation = np.std(returns, ddof=1)
    return math.ceil((1.96 * deviation / half_width) ** 2)


def _needed(z=1.96, ddof=1, power=2, rounding=math.ceil, share=1.0, less=False, variance=False):
    def wrong(returns, half_width):
        spread = np.var(returns, ddof=ddof) if variance else np.std(returns, ddof=ddof)
        n = rounding((z * spread / (share * half_width)) ** power)
        return n - len(returns) if less else n

    return wrong


def _pilots(sizes, scale):
    def cases(rng):
        found = []
        for size in sizes:
            returns = [float(value) for value in np.round(rng.normal(0, 1, size) * 3 + rng.integers(-5, 9), 1)]
            deviation = float(np.std(returns, ddof=1))
            found.append((returns, float(f"{deviation * rng.uniform(*scale):.2g}")))
        return found

    return cases


episodes = Exercise(
    name="03.episodes",
    title="How many episodes for a wanted precision",
    objective="03.3",
    minutes=7,
    difficulty=2,
    task=(
        "`returns` holds the returns of a few episodes that were played first, to see how widely they are spread. How "
        "many episodes are needed in all, so that the 95 % interval of the mean, $\\bar G \\pm 1.96\\, s / \\sqrt n$, "
        "reaches at most `half_width` to either side? $s$ is the standard deviation of the sample, with n - 1 in the "
        "denominator. Return the smallest such whole number."
    ),
    stub='''
def episodes_needed(returns, half_width):
    """Return how many episodes make the interval as narrow as wanted: an int."""
    ...
''',
    solution=episodes_needed,
    properties=[
        Property("a few returns, a rough estimate", _pilots((3, 4, 5, 6, 8), (0.3, 0.9))),
        Property("a fine one: half the width costs four times the episodes", _pilots((4, 6, 9, 12, 20), (0.01, 0.1))),
    ],
    misconceptions=[
        mistake(
            "the error falls like 1/n",
            "The standard error is s / sqrt(n): for half the error you need four times the episodes, not twice.",
            _needed(power=1),
        ),
        mistake(
            "one standard error instead of the interval",
            "This makes the *standard error* as small as wanted. The 95 % interval reaches 1.96 of them to either "
            "side.",
            _needed(z=1.0),
        ),
        mistake(
            "divided by n instead of n - 1",
            "With few returns this makes the spread look too small: the mean was fitted to the same returns. "
            "`np.std(returns, ddof=1)`.",
            _needed(ddof=0),
        ),
        mistake(
            "rounded to the nearest, and divided by n instead of n - 1",
            "Two things: episodes come whole, so round *up*; and with few returns `np.std(returns)` makes the spread "
            "look too small, `np.std(returns, ddof=1)` does not.",
            _needed(ddof=0, rounding=round),
        ),
        mistake(
            "variance instead of standard deviation",
            "The standard error needs the standard deviation, which is in the unit of the return; its square is not.",
            _needed(variance=True),
        ),
        mistake(
            "rounded down",
            "With that many the interval is still a little wider than wanted. Round up.",
            _needed(rounding=math.floor),
        ),
        mistake(
            "rounded to the nearest",
            "`round` goes down as often as up. Rounded down, the interval is still a little wider than wanted: round "
            "up.",
            _needed(rounding=round),
        ),
        mistake(
            "the whole width instead of half of it",
            "The interval reaches `half_width` to *either* side, so it may be twice as wide as you made it.",
            _needed(share=0.5),
        ),
        mistake(
            "only those that are still missing",
            "Asked for is how many are needed in all, those that were played first included.",
            _needed(less=True),
        ),
        Misconception(
            "not a whole number",
            "Episodes come whole: round up.",
            recognise=lambda value, returns, half_width: value % 1 != 0,
        ),
    ],
    hints=[
        "Solve 1.96 s / sqrt(n) <= half_width for n.",
        "sqrt(n) >= 1.96 s / half_width. Square it, and round up to a whole number.",
        "`s = np.std(returns, ddof=1)`, then `math.ceil((1.96 * s / half_width) ** 2)`.",
    ],
)
