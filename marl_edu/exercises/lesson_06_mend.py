"""Lesson 06, find the bugs: the circulating listing is mended, and judged by what it does to a world that watches it.

The world and the watching are in ``lesson_06_race.py``.
"""

from __future__ import annotations

import numpy as np

from marl_edu.exercises import Exercise, Misconception, Property
from marl_edu.exercises.lesson_06_race import FAULTS, run


def act(values, epsilon, rng):
    """With chance epsilon any action, else a best one; ties are broken by lot."""
    coin, pick = rng.random(), rng.random()
    near_best = values >= values.max() - 1e-9 * max(1, abs(values.max()))
    choices = np.arange(len(values)) if coin < epsilon else np.flatnonzero(near_best)
    return int(choices[int(pick * len(choices))])


def circulating(world, episodes, rng, step_size=0.1, discount=0.9, epsilon=0.1):
    """The listing, mended: one reset, one step for both, one end for both, and no future after it."""
    table_1, table_2 = np.zeros((2, world.size, world.size, 4))
    for _ in range(episodes):
        state_1, state_2 = world.reset()
        over = False
        while not over:
            action_1 = act(table_1[state_1], epsilon, rng)
            action_2 = act(table_2[state_2], epsilon, rng)
            places, rewards, arrived, time_is_up = world.step((action_1, action_2))
            next_1, next_2 = places
            ended = any(arrived)
            future_1 = 0 if ended else table_1[next_1].max()
            future_2 = 0 if ended else table_2[next_2].max()
            target_1 = rewards[0] + discount * future_1
            target_2 = rewards[1] + discount * future_2
            table_1[state_1][action_1] += step_size * (target_1 - table_1[state_1][action_1])
            table_2[state_2][action_2] += step_size * (target_2 - table_2[state_2][action_2])
            state_1, state_2 = next_1, next_2
            over = ended or time_is_up
    return table_1, table_2


def _faulty(fault):
    """A program with one fault left, for those that students leave most often."""

    def program(world, episodes, rng, step_size=0.1, discount=0.9, epsilon=0.1):
        size = 4 if fault == "size" else world.size
        tables = np.zeros((2, size, size, 4))
        for _ in range(episodes):
            states, over = world.reset(), False
            if fault == "two resets":
                states = world.reset()
            while not over:
                explores = epsilon if fault != "one coin" else float(rng.random() < epsilon)
                actions = [act(tables[i][states[i]], explores, rng) for i in range(2)]
                if fault == "two steps":
                    world.step(actions[0])
                places, rewards, arrived, time_is_up = world.step(actions)
                ended = arrived[1] if fault == "second end" else any(arrived)
                looks_ahead = fault == "future" or not (ended or (fault == "limit" and time_is_up))
                for i in range(2):
                    target = rewards[i] + discount * tables[i][places[i]].max() * looks_ahead
                    tables[i][states[i]][actions[i]] += step_size * (target - tables[i][states[i]][actions[i]])
                states, over = places, ended or time_is_up
        return tables

    return program


# --- the exercise --------------------------------------------------------------------------------------------------
def _races(epsilon=None):
    """Cases: size, time limit, episodes, settings, seed."""

    def cases(rng):
        found = []
        for size, limit, episodes in ((2, 9, 3), (2, 3, 12), (3, 8, 12), (3, 30, 25), (4, 12, 20)):
            step_size, discount, explore = (float(x) for x in np.round(rng.uniform(0.2, 0.9, size=3), 2))
            settings = (step_size, discount, explore if epsilon is None else epsilon)
            found.append((size, limit, episodes, settings, int(rng.integers(10**6))))
        return found

    return cases


def _never(*faults):
    def holds(found, *case):
        wrong = found["what it does"]
        return f"the program {wrong}" if wrong in [FAULTS[fault] for fault in faults] else None

    return holds


def _if_it_ran(judge):
    """A judgement that waits until the faults before it have been mended."""
    return lambda found, *case: None if found["what it does"] else judge(found, *case)


@_if_it_ran
def _all_races(found, size, limit, episodes, settings, seed):
    return None if found["races"] == episodes else f"{found['races']} races were run, not {episodes}"


@_if_it_ran
def _sized(found, size, *rest):
    shape, wanted = found["shape of the tables"], (2, size, size, 4)
    if shape is None:
        return "what was returned are no two arrays; expected both tables as arrays, with axes (row, column, action)"
    return None if shape == wanted else f"in a world of size {size} the tables have the shape {shape}, not {wanted}"


@_if_it_ran
def _reasonable(found, *case):
    wrong = found["actions that look wrong"]
    return (
        f"with epsilon 0, {wrong} of {found['actions']} actions were not the best of the agent's table"
        if wrong
        else None
    )


@_if_it_ran
def _explores(found, *case):
    if found["share of the rarest"] < 0.18:
        return "with epsilon 1, an agent hardly ever takes one of its four actions"
    return "with epsilon 1, the two agents do the same" if found["share done by both"] > 0.5 else None


def _wild(rng):
    return [(3, 60, 60, (0.5, 0.9, 1.0), int(rng.integers(10**6)))]


def _halfway(rng):
    return [(4, 40, 120, (0.37, 0.9, 0.5), int(rng.integers(10**6)))]


def _own(rng):
    return [(4, 40, 120, None, int(rng.integers(10**6)))]


@_if_it_ran
def _each_for_itself(found, *case):
    """At epsilon 0.5 three in eight actions are not the best one, for each agent, whatever the other does."""
    seen, share = found["explores"], 0.5 * 3 / 4
    for who in ("agent 1", "agent 2"):
        if abs(seen[who] - share) > 0.07:
            return (
                f"with epsilon 0.5, {who} left its best action in {100 * seen[who]:.0f} % of {seen['turns']} turns; "
                f"with chance 0.5 any of four makes it {100 * share:.1f} %"
            )
    together = seen["agent 1"] * seen["agent 2"]
    if abs(seen["both"] - together) > 0.06:
        return (
            f"with epsilon 0.5, both left their best action in {100 * seen['both']:.0f} % of the turns; with a coin "
            f"each it would be {100 * together:.0f} %"
        )
    return None


def _one_coin(found, *case):
    seen = found.get("explores", {"turns": 0})
    return seen["turns"] > 500 and seen["both"] > seen["agent 1"] * seen["agent 2"] + 0.06


@_if_it_ran
def _settings_kept(found, *case):
    wrong = _correct(found, *case)
    if wrong:
        return wrong
    if found["own epsilon"] not in (None, 0.1):
        return f"epsilon is {found['own epsilon']:g} if nobody gives one; it was 0.1"
    seen = found["explores"]
    share = (seen["agent 1"] + seen["agent 2"]) / 2
    if abs(share - 0.075) > 0.035:
        return f"without settings, {100 * share:.1f} % of the actions are not the best; epsilon 0.1 makes it 7.5 %"
    return None


@_if_it_ran
def _correct(found, *case):
    if found["learns"] == "by Q-learning":
        return None
    return "the tables are not what Q-learning makes of the turns that were played"


def _learns(*programs):
    return lambda found, *case: found.get("learns") in programs


def _does(*faults):
    return lambda found, *case: found["what it does"] in [FAULTS[fault] for fault in faults]


STUB = """
def circulating(world, episodes, rng, step_size=0.1, discount=0.9, epsilon=0.1):
    table_1, table_2 = np.zeros((2, 4, 4, 4))
    for _ in range(episodes):
        state_1 = world.reset()
        state_2 = world.reset()
        done = False
        while not done:
            action_1 = act(table_1[state_1], epsilon, rng)
            action_2 = act(table_2[state_2], epsilon, rng)
            next_1, reward_1, done = world.step(action_1)
            next_2, reward_2, done = world.step(action_2)
            target_1 = reward_1 + discount * table_1[next_1].max()
            target_2 = reward_2 + discount * table_2[next_2].max()
            table_1[state_1][action_1] += step_size * (
                target_1 - table_1[state_1][action_1]
            )
            table_2[state_2][action_2] += step_size * (
                target_2 - table_2[state_2][action_2]
            )
            state_1, state_2 = next_1, next_2
    return table_1, table_2
"""

mend = Exercise(
    name="06.mend",
    title="Find the bugs",
    objective="06.5",
    minutes=15,
    difficulty=3,
    task=(
        "Mend the listing until it is independent Q-learning for two agents. The world is mended already: a "
        "`Race` has two tokens. `places = world.reset()` puts both back; `places, rewards, arrived, time_is_up = "
        "world.step((action_1, action_2))` moves both at once. `places`, `rewards` and `arrived` have an entry "
        "for each agent. The race is over for both as soon as one has arrived; it is cut off when time is up. "
        "The board may have any size (`world.size`). Change no setting, and keep what is right: like the listing, "
        "return both tables as arrays, with the axes (row, column, action)."
    ),
    stub=STUB,
    solution=circulating,
    call=run,
    properties=[
        Property(
            "one reset, once for each race, puts both back", _races(), holds=_never("reset again", "reset on the way")
        ),
        Property("one step moves both", _races(), holds=_never("one at a time")),
        Property("the race is over as soon as one has arrived", _races(), holds=_never("went on after the end")),
        Property("when time is up the race is cut off", _races(), holds=_never("went on after the time limit")),
        Property("as many races are run as were asked for", _races(), holds=_all_races),
        Property("the tables are as large as the world", _races(), holds=_sized),
        Property("each acts on its own table, at its own place", _races(epsilon=0.0), holds=_reasonable),
        Property("each explores with a coin of its own", _wild, holds=_explores),
        Property("each table holds what Q-learning makes of the turns that were played", _races(), holds=_correct),
        Property("with chance epsilon each takes any, whatever the other does", _halfway, holds=_each_for_itself),
        Property("the settings that nobody asked to change are as they were", _own, holds=_settings_kept),
    ],
    misconceptions=[
        Misconception(
            "both agents reset the world",
            "There is one world. The second reset undoes whatever has happened since the first; one reset puts "
            "both tokens back and says where both are.",
            wrong=_faulty("two resets"),
            recognise=_does("reset again", "reset on the way"),
        ),
        Misconception(
            "the world is stepped once per agent",
            "Two steps are two turns. In a Markov game both choose, and then the world moves once, by the joint "
            "action.",
            wrong=_faulty("two steps"),
            recognise=_does("one at a time"),
        ),
        Misconception(
            "one agent's end is overlooked",
            "The race went on although one agent had arrived: one `done` replaces the other, or both are waited "
            "for. It is over when *any* of them has arrived.",
            wrong=_faulty("second end"),
            recognise=_does("went on after the end"),
        ),
        Misconception(
            "nobody looks at the clock",
            "Time was up and the loop went on. A time limit stops the race, though it is no end of the world.",
            recognise=_does("went on after the time limit"),
        ),
        Misconception(
            "the size is written into the code",
            "The text says 2 x 2, the code 4 x 4: what is written twice differs sooner or later. `world.size` knows.",
            wrong=_faulty("size"),
            recognise=lambda found, size, *rest: found.get("shape of the tables") == (2, 4, 4, 4) and size != 4,
        ),
        Misconception(
            "the end has a future",
            "After the race nothing follows, for neither of the two, so the value of the place where an agent "
            "stands when it ends must not be added: not for the one who has arrived, and not for the other one "
            "either.",
            wrong=_faulty("future"),
            recognise=_learns("with a future after the end"),
        ),
        Misconception(
            "a time limit is an end",
            "When time is up the race is cut off, but the world did not end: the target still counts what would "
            "have come.",
            wrong=_faulty("limit"),
            recognise=_learns("with an end at the time limit", "with an end at the time limit and none else"),
        ),
        Misconception(
            "one coin for the whole team",
            "Both explore in the same turns: one coin is tossed for both. Each agent acts for itself, so each tosses "
            "its own.",
            wrong=_faulty("one coin"),
            recognise=_one_coin,
        ),
        Misconception(
            "one table for two agents",
            "Both agents write into the same table. Independent learners have a table each.",
            recognise=_learns("in one table for both"),
        ),
    ],
    hints=[
        "Follow one turn with a pencil: where does each token stand, who has been told, and what does `done` say?",
        "There are five faults: how often the world is reset; how often it is stepped; what becomes of the first "
        "`done`; what is added after the end; and a size.",
        "`state_1, state_2 = world.reset()` once, and `places, rewards, arrived, time_is_up = "
        "world.step((action_1, action_2))` once per turn. The loop stops when `any(arrived)` or `time_is_up`.",
        "`future_1 = 0 if any(arrived) else table_1[next_1].max()`: the end takes the future away, the time "
        "limit does not.",
    ],
)
