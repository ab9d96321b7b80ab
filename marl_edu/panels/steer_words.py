"""What a flight says in words: the latest step, the end of an episode, how all went beside who else might have flown.

Legend of axes: N agents, E episodes; the three ways to fly are the student, the policy, and nobody.
"""

from __future__ import annotations

import html

import numpy as np

from marl_edu.games import ParticleWorld
from marl_edu.learning import Flight
from marl_edu.recording import Recording
from marl_edu.views.base import in_figures, in_words
from marl_edu.views.flight import direction

DIRECTIONS = {
    "up left": (-1, 1), "up": (0, 1), "up right": (1, 1),
    "left": (-1, 0), "none": (0, 0), "right": (1, 0),
    "down left": (-1, -1), "down": (0, -1), "down right": (1, -1),
}  # fmt: skip
"""Full forces by name, in the order of a telephone's keys."""


def told(recording: Recording, t: int) -> bool:
    """Whether rewards may be told: they would give away a goal that the student's agent can't see."""
    return bool(recording[t]["goal_known"][0] or recording[t]["over"][0])


def step(recording: Recording, t: int, episodes: int) -> str:
    """What happened in the step that led to moment ``t``."""
    frame, world = recording[t], recording.game
    seat, episode, done = (int(frame[name][0]) for name in ("seat", "episode", "step"))
    where = f"Episode {episode} of {episodes}, step {done} of {world.max_steps}"
    if not done:
        told_later = " Your agent can't see which landmark is the goal: you are told at the end."
        return f"{where}: nobody has moved yet.{'' if frame['goal_known'][0] else told_later}"
    said = f"{where}: you {pushed(frame['force'][0])}"
    if not told(recording, t):
        return f"{said}."
    said += f", your agent was paid {in_words(frame['rewards'][0, seat])}."
    if frame["over"][0]:
        return f"{said} Episode {episode} is over: your return is {in_words(frame['return_so_far'][0, seat])}."
    return f"{said} Its return so far is {in_words(frame['return_so_far'][0, seat])}."


def pushed(force: np.ndarray) -> str:
    """What the student did, in words.

    >>> pushed(np.array([1.0, 0.0])), pushed(np.array([-0.3, 0.4])), pushed(np.zeros(2))
    ('pushed right', 'pushed up left with 40 % of the force', 'did not push')
    """
    size = float(np.abs(force).max())
    if size < 0.005:
        return "did not push"
    return f"pushed {direction(force)}" + ("" if size > 0.995 else f" with {100 * size:.0f} % of the force")


def score(recording: Recording, t: int) -> str:
    """The returns so far, short: the student's, and the others' where they are not the same."""
    frame, world = recording[t], recording.game
    if not told(recording, t):
        return "returns are told at the end"
    so_far, seat = frame["return_so_far"][0], int(frame["seat"][0])
    others = [f"{world.labels[i]} {in_figures(so_far[i])}" for i in range(world.n_agents) if i != seat]
    return f"return so far: <b>you {in_figures(so_far[seat])}</b>" + "".join(f", {each}" for each in others)


def earned(flight: Flight) -> np.ndarray:
    """The student's return in each finished episode, the policy's in that place, nobody's: (E, 3)."""
    return np.array([[way[flight.seat] for way in outcome] for outcome in flight.outcomes]).reshape(-1, 3)


def table(flight: Flight, episodes: int) -> str:
    """All episodes as HTML; who else might have flown is told when all are over."""
    rows, over = earned(flight), len(flight.outcomes) >= episodes
    heads = ["you", f"{html.escape(flight.called)} in your place", "nobody at your stick"]
    lines = ["<tr><th scope='col'>episode</th>" + "".join(f"<th scope='col'>{head}</th>" for head in heads) + "</tr>"]
    for e in range(episodes):
        found = [in_figures(value) for value in rows[e]] if e < len(rows) else [""] * 3
        lines.append(_row(str(e + 1), found if over else [found[0], "", ""]))
    sums = [in_figures(value) for value in rows.sum(axis=0)] if over else [""] * 3
    lines.append(_row("sum", sums))
    caption = "return of your agent" + ("" if over else " (who else might have flown is told at the end)")
    return f"<table class='marl-outcomes'><caption>{caption}</caption>{''.join(lines)}</table>"


def _row(head: str, cells: list[str]) -> str:
    return f"<tr><th scope='row'>{head}</th>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def summary(flight: Flight) -> str:
    """How all episodes went beside the policy in the student's place and nobody at the stick."""
    rows = earned(flight)
    n, (you, policy, nobody) = len(rows), rows.sum(axis=0)
    within = f"In {n} episodes together" if n > 1 else "In one episode"
    said = f"{within} you earned {in_words(you)}; from the same beginnings {flight.called} in your place would have "
    said += f"earned {in_words(policy)}, and nobody at your stick {in_words(nobody)}."
    return f"{said} {_verdict(you, policy, nobody, flight.called)}"


def _verdict(you: float, policy: float, nobody: float, called: str) -> str:
    """One sentence about three sums.

    >>> _verdict(-8.0, -6.0, -12.0, "the controller")
    'Of the 6 between nobody and the controller, you made 67 %.'
    >>> _verdict(-5.0, -6.0, -12.0, "it"), _verdict(-13.0, -6.0, -12.0, "it"), _verdict(1.0, 0.0, 0.0, "it")
    ('You did better than it would have.', 'Nobody at the stick would have done better.', 'You did better than both.')
    """
    gain, near = policy - nobody, 1e-9 * max(1.0, abs(policy), abs(nobody))
    if abs(you - policy) <= near:
        return f"You did exactly as well as {called} would have."
    if you > max(policy, nobody):
        return "You did better than both." if gain <= near else f"You did better than {called} would have."
    if you < nobody - near:
        return "Nobody at the stick would have done better."
    if gain <= near:
        return f"You did no worse than nobody at the stick, and {'better' if you > policy else 'worse'} than {called}."
    share = (you - nobody) / gain
    return f"Of the {in_words(gain)} between nobody and {called}, you made {100 * share:.0f} %."


def heading(flight: Flight, world: ParticleWorld) -> str:
    """A title where none was given."""
    others = [name for i, name in enumerate(world.labels) if i != flight.seat]
    return f"Steer in {world.name}" + (f", {', '.join(others)} steered by {flight.called}" if others else "")
