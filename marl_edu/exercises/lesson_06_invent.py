"""Lesson 06, open-ended: a correction of one's own, judged by how often pairs of agents find the best joint action.

Pairs play partially stochastic climbing, its actions in another order and its payoffs in another unit than in the
lesson (the same ones at each check). All pairs play side by side: the correction gets arrays with one number for each
agent.

Legend of axes: K pairs, A = 3 actions.
"""

from __future__ import annotations

import numpy as np

from marl_edu.exercises import Exercise, Misconception, Property
from marl_edu.games import climbing

PLAYS, PAIRS, LEAST = 3_000, 200, 85
"""Plays of each pair, number of pairs, and the percentage that the interval's lower end has to pass."""


def my_correction(value, target, visits, rng):
    """Hysteretic with small steps: so slow that luck averages out, and ten times slower for bad news."""
    return value + np.where(target >= value, 0.02, 0.002) * (target - value)


def wilson_low(found: int, n: int, z: float = 1.959964) -> float:
    """Lower end, in %, of the 95 % Wilson interval for ``found`` of ``n``.

    >>> round(wilson_low(270, 300), 1)
    86.1
    """
    share = found / n
    middle = share + z * z / (2 * n)
    half = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return float(100 * (middle - half) / (1 + z * z / n))


def play(correction, lucky, orders, unit, seed):
    """Let pairs with this correction play climbing, with softmax exploration as in the lesson; return where they ended.

    ``lucky``: (b, b) pays double or nothing; ``orders``: each agent's actions in a new order; ``unit``: factor on the
    payoffs. The result is a dict: % of pairs at the optimum and the lower end of its interval, % at (b, b), what b is
    believed to be worth, and the shares of good and of bad news that the correction follows after 500 visits.
    """
    rng, everybody, agents = np.random.default_rng(seed), np.arange(2 * PAIRS), 2 * PAIRS
    payoffs = unit * climbing().rewards[0, 0][np.ix_(*orders)]
    b = tuple(list(order).index(1) for order in orders)
    values, visits = np.zeros((3, agents)), np.zeros((3, agents), dtype=int)  # agents 1 of all pairs, then agents 2
    colder = unit * np.maximum(5_000 * 0.997 ** np.arange(PLAYS), 1e-3)
    for temperature, coins, luck in zip(colder, rng.random((PLAYS, agents)), rng.random((PLAYS, PAIRS)), strict=True):
        weights = np.exp((values - values.max(axis=0)) / temperature)
        pick, both = coins * (weights[0] + weights[1] + weights[2]), weights[0] + weights[1]
        actions = (pick > weights[0]).astype(int) + (pick > both)
        paid = payoffs[actions[:PAIRS], actions[PAIRS:]]
        if lucky:
            gamble = (actions[:PAIRS] == b[0]) & (actions[PAIRS:] == b[1])
            paid = np.where(gamble, 2 * paid * (luck < 0.5), paid)
        at = actions, everybody
        new = correction(values[at], np.concatenate([paid, paid]), visits[at], rng)
        if np.shape(new) != (agents,):
            return {"trouble": f"a correction of shape {np.shape(new)}; expected {(agents,)}, like `value`"}
        if not np.isfinite(new).all():
            return {"trouble": "a value that is no finite number"}
        values[at] = new
        visits[at] += 1
    greedy = values.argmax(axis=0).reshape(2, PAIRS)
    found = int((payoffs[greedy[0], greedy[1]] == payoffs.max()).sum())
    at_b = float(100 * ((greedy[0] == b[0]) & (greedy[1] == b[1])).mean())
    thinks_b = greedy[0] == b[0]
    belief = float(values[b[0], :PAIRS][thinks_b].mean() / unit) if thinks_b.any() else np.nan
    return {
        "% at the optimum": 100 * found / PAIRS,
        "interval from": wilson_low(found, PAIRS),
        "% at (b, b)": at_b,
        "b is believed to be worth": belief,
        "follows good news by": follow(correction, unit, 1.0, rng),
        "follows bad news by": follow(correction, unit, -1.0, rng),
    }


def follow(correction, unit, error, rng):
    """Share of an error that a correction follows on average, after 500 visits."""
    value, visits = np.full(PAIRS, 5.0 * unit), np.full(PAIRS, 500)
    new = correction(value.copy(), value + error * unit, visits, rng)
    return float((np.asarray(new, dtype=float) - value).mean() / (error * unit))


def _trials(lucky):
    def cases(rng):
        orders = tuple(tuple(map(int, rng.permutation(3))) for _ in range(2))
        return [(lucky, orders, float(np.round(rng.uniform(0.5, 2), 1)), int(rng.integers(10**6)))]

    return cases


def _often_enough(found, *trial):
    if "trouble" in found:
        return found["trouble"]
    if found["interval from"] > LEAST:
        return None
    share, low = found["% at the optimum"], found["interval from"]
    return f"{share:.1f} % of {PAIRS} pairs end at the optimum, and the interval begins at {low:.1f} %"


def _up_and_down(found):
    return found.get("follows good news by", np.nan), found.get("follows bad news by", np.nan)


def _gullible(found, lucky, *trial):
    up, down = _up_and_down(found)
    return lucky and up > 1e-9 and down <= 0.5 * up and found["b is believed to be worth"] > 9


invent = Exercise(
    name="06.invent",
    title="A correction of your own",
    objective="06.5",
    minutes=20,
    difficulty=3,
    task=(
        "Write a correction that finds the optimum of *partially stochastic climbing* more reliably than any of "
        f"the five learners above: the lower end of the 95 % interval, over {PAIRS} pairs, must be above {LEAST} "
        "%. And climbing without chance must not get worse than that either. `value` is what an agent believes "
        "of the action it has taken, `target` what it was paid, `visits` how often it had taken that action "
        "before: arrays with one number for each agent (so `np.where` in place of `if`). Return the new values. "
        "Exploration and number of plays are those of the table above. In the check the actions have other places and "
        "the payoffs another unit than in the lesson, so it is of no use to know the payoffs."
    ),
    stub='''
def my_correction(value, target, visits, rng):
    """Return the new values, an array like `value`."""
    ...
''',
    solution=my_correction,
    call=play,
    properties=[
        Property(
            f"climbing: the interval for the share of pairs at the optimum is above {LEAST} %",
            _trials(lucky=False),
            holds=_often_enough,
        ),
        Property(
            f"partially stochastic climbing: the interval is above {LEAST} % too",
            _trials(lucky=True),
            holds=_often_enough,
        ),
    ],
    misconceptions=[
        Misconception(
            "bad news counts in full",
            "Penalties that a random partner causes early on are believed as much as good news, so the pairs "
            "retreat from the optimum, as independent learners do. Give bad news less weight.",
            wrong=lambda value, target, visits, rng: value + 0.1 * (target - value),
            recognise=lambda found, *trial: _up_and_down(found)[1] > 0.5 * _up_and_down(found)[0] > 1e-9,
        ),
        Misconception(
            "the lucky draw is believed",
            "b is thought to be worth nearly 14, the best it ever paid, though half of the time it pays 0. That "
            "is too much optimism: bad news has to count a little.",
            wrong=lambda value, target, visits, rng: np.maximum(value, target),
            recognise=_gullible,
        ),
        Misconception(
            "one number for all agents",
            "`value`, `target` and `visits` have one number for each agent, and so must what is returned.",
            recognise=lambda found, *trial: "of shape" in found.get("trouble", ""),
        ),
        Misconception(
            "values that run away",
            "A value left the finite numbers. A correction moves a value *towards* the target by a share of the "
            "difference; if it moves further than the target, the difference grows.",
            recognise=lambda found, *trial: "finite" in found.get("trouble", ""),
        ),
        Misconception(
            "nothing is learned",
            "A target above the value has to raise the value; here it leaves it as it is, or lowers it.",
            wrong=lambda value, target, visits, rng: value,
            recognise=lambda found, *trial: _up_and_down(found)[0] <= 1e-9,
        ),
    ],
    hints=[
        "Begin with the hysteretic correction: `value + np.where(target >= value, 0.1, 0.01) * (target - "
        "value)`. How far does it get?",
        "It believes (b, b) to be worth more than 7, for two reasons: optimism, which is wanted, and chance, "
        "since one lucky 14 moves the value far. Which of the two can you make smaller, and what does it cost?",
        "Three thousand plays are many. What happens to the spread of a value if both step sizes become five times "
        "smaller?",
    ],
)
