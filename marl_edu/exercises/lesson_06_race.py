"""Lesson 06, the world of the mended listing, and how a program in it is watched.

``Race`` is the world, ``Watched`` the same one that notes every turn and refuses what makes no sense. The tables that a
program returns are compared with what the rule makes of the turns that were *played*, so that any way of drawing random
numbers is as good as any other.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field

import numpy as np

MOVES = [(-1, 0), (1, 0), (0, -1), (0, 1)]


class Race:
    """Two tokens walk from the top left corner to the bottom right one; the race is over when one of them is there.

    >>> race = Race(size=2)
    >>> race.reset()
    ((0, 0), (0, 0))
    >>> race.step((1, 3))  # agent 1 goes down, agent 2 to the right
    (((1, 0), (0, 1)), (-1, -1), (False, False), False)
    """

    def __init__(self, size=2, limit=20):
        self.size, self.limit = size, limit
        self.places, self.turns = ((0, 0), (0, 0)), 0

    def __repr__(self):
        return f"Race(size={self.size}, limit={self.limit})"

    def reset(self):
        """Put both tokens back; return both places."""
        self.places, self.turns = ((0, 0), (0, 0)), 0
        return self.places

    def step(self, actions):
        """Move both tokens at once; return both places, both rewards, who has arrived, and whether time is up."""
        last = self.size - 1
        moved = [
            (row + MOVES[a][0], column + MOVES[a][1]) for (row, column), a in zip(self.places, actions, strict=True)
        ]
        self.places = tuple((min(max(row, 0), last), min(max(column, 0), last)) for row, column in moved)
        self.turns += 1
        arrived = tuple(place == (last, last) for place in self.places)
        rewards = tuple(10 if home else -1 for home in arrived)
        return self.places, rewards, arrived, self.turns == self.limit and not any(arrived)


# --- watching a program --------------------------------------------------------------------------------------------
class Misused(Exception):
    """A program did to the world what makes no sense there; the run ends here."""


@dataclass
class Watched(Race):
    """A race that notes every turn and every reset, and refuses what makes no sense."""

    size: int
    limit: int
    resets: int = 0
    turns: int = 0
    over: bool = True
    places: tuple = ((0, 0), (0, 0))
    played: list = field(default_factory=list)

    def reset(self):
        """Put both back, unless a race is on."""
        if not self.over:
            raise Misused("reset again" if self.turns == 0 else "reset on the way")
        self.resets += 1
        self.over = False
        return super().reset()

    def step(self, *actions):
        """Move both at once, unless the race is over or one agent is missing."""
        if len(actions) == 1 and np.ndim(actions[0]) == 1:
            (actions,) = actions
        if len(actions) != 2:
            raise Misused("one at a time")
        if self.over:
            raise Misused("went on after the end" if any(self._arrived()) else "went on after the time limit")
        actions = tuple(int(action) for action in actions)
        before = self.places
        places, rewards, arrived, time_is_up = super().step(actions)
        self.over = any(arrived) or time_is_up
        self.played.append((before, actions, places, rewards, any(arrived), self.turns))
        return places, rewards, arrived, time_is_up

    def _arrived(self):
        return [place == (self.size - 1,) * 2 for place in self.places]


FAULTS = {
    "reset again": "resets the world twice before anybody moves",
    "reset on the way": "resets the world while a race is on",
    "one at a time": "moves one agent at a time",
    "went on after the end": "goes on after one agent has arrived",
    "went on after the time limit": "goes on after time was up",
}


def run(program, size, limit, episodes, settings, seed):
    """Let a program learn in a watched race, and say what it did: a dict of plain values.

    ``settings`` are step size, discount and epsilon, or None for the program's own.
    """
    world = Watched(size, limit)
    named = {} if settings is None else dict(zip(("step_size", "discount", "epsilon"), settings, strict=True))
    try:
        tables = program(world, episodes, np.random.default_rng(seed), **named)
    except Misused as fault:
        return {"what it does": FAULTS[str(fault)]}
    try:
        tables = np.array(tables, dtype=float)
    except (TypeError, ValueError):
        tables = None
    look = Look()
    made = replay(world, settings, look=look)
    actions = np.array([turn[1] for turn in world.played]).reshape(-1, 2)
    return {
        "what it does": "",
        "races": world.resets,
        "shape of the tables": None if tables is None else tables.shape,
        "learns": _like(world, tables, made, settings),
        "actions that look wrong": look.unreasonable,
        "explores": look.exploring(),
        "own epsilon": _default(program, "epsilon"),
        "actions": 2 * len(actions),
        "share of the rarest": min(float((column == a).mean()) for column in actions.T for a in range(4))
        if len(actions)
        else 0.0,
        "share done by both": float((actions[:, 0] == actions[:, 1]).mean()) if len(actions) else 0.0,
    }


def _default(program, name):
    """What a program takes for a setting that nobody gives; None if that can't be read."""
    try:
        value = inspect.signature(program).parameters[name].default
    except (KeyError, TypeError, ValueError):
        return None
    return float(value) if isinstance(value, int | float) else None


def _like(world, tables, made, settings):
    """Which of the known programs makes these tables of the turns that were played; ``made`` are Q-learning's."""
    for name, changes in PROGRAMS.items():
        made = replay(world, settings, **changes) if changes else made
        if tables is not None and tables.shape == made.shape and np.allclose(tables, made, rtol=0, atol=1e-9):
            return name
    return "something else"


PROGRAMS = {
    "by Q-learning": {},
    "with a future after the end": {"end_has_future": True},
    "with an end at the time limit": {"limit_is_end": True},
    "with an end at the time limit and none else": {"limit_is_end": True, "end_has_future": True},
    "in one table for both": {"shared": True},
}


def replay(world, settings, *, end_has_future=False, limit_is_end=False, shared=False, look=None):
    """What Q-learning makes of the turns that were played, (2, size, size, 4), or the same with one thing changed.

    ``look(tables, before, actions)`` is called before each correction.
    """
    step_size, discount, _ = settings or (0.1, 0.9, 0.1)
    tables = np.zeros((2, world.size, world.size, 4))
    if shared:
        tables[1:] = np.nan
    for before, actions, places, rewards, ended, turns in world.played:
        if look:
            look(tables, before, actions)
        for i in range(2):
            table = tables[0 if shared else i]
            nothing = ended and not end_has_future
            nothing = nothing or (limit_is_end and turns == world.limit)
            future = 0.0 if nothing else table[places[i]].max()
            error = rewards[i] + discount * future - table[before[i]][actions[i]]
            table[before[i]][actions[i]] += step_size * error
    return np.stack([tables[0]] * 2) if shared else tables


class Look:
    """Notes, while turns are replayed, what the agents did beside what their own tables held for best.

    ``unreasonable`` counts the actions that were none of the best; meant for epsilon 0. ``left`` has, for each turn in
    which both had one best action only, whether agent 1 and whether agent 2 left it.
    """

    def __init__(self):
        self.unreasonable, self.left = 0, []

    def __call__(self, tables, before, actions):
        """Look at one turn: the tables before it, both places, both actions."""
        left, sure = [], True
        for i in range(2):
            row = tables[i][before[i]].tolist()
            best = max(row)
            left.append(row[actions[i]] < best - 1e-9)
            sure = sure and sum(value >= best - 1e-9 for value in row) == 1
        self.unreasonable += sum(left)
        if sure:
            self.left.append(left)

    def exploring(self):
        """How many turns ``left`` has, and the share of them in which agent 1 left its best action, 2 did, both did."""
        one, two = np.array(self.left or [[0, 0]], dtype=float).T
        shares = {"agent 1": one, "agent 2": two, "both": one * two}
        return {"turns": len(self.left)} | {who: float(share.mean()) for who, share in shares.items()}
