"""A flight in a particle world: what ParticleView shows of an episode, up to the present step, and who the student is.

Legend of axes: N agents, L landmarks, T steps.
"""

from __future__ import annotations

import numpy as np
from matplotlib.path import Path

from marl_edu.games import ParticleWorld, checks
from marl_edu.games.colours import INK
from marl_edu.recording import Recording
from marl_edu.views.particles import REACH, ParticleView
from marl_edu.views.present import game_of
from marl_edu.views.shapes import arrow, glyphs, in_data

ARROW, RING = 0.45, 0.06
"""Length of the arrow of a full force, and how far from the disc it begins."""

NEEDED = ("seat", "goal_known", "step", "over", "force")


class FlightView(ParticleView):
    """The episode that is being flown: a ring marks the student's agent, an arrow the force on it.

    Reads the recording of a ``Flight``. Trails, landmarks and overlaps are as in ``ParticleView``, up to the step at
    which the flight stands. A goal that the student's agent can't see is not shown before the episode is over.

    Parameters
    ----------
    height : int
        Of the picture in pixels.
    title : str, optional
        In place of what is worked out.

    Raises
    ------
    ValueError
        If an argument is otherwise; when drawing, if the recording is of no flight.
    """

    title = "Flight"

    def __init__(self, *, height: int = 480, title: str | None = None):
        super().__init__(title=title)
        self._given = self.heading
        self.tall = checks.integer("FlightView: height", height, 100, 2000)
        self._ax = None

    def decorate(self, ax, recording: Recording) -> dict:
        """What ParticleView has, and the marks of the student's agent."""
        self._flown(recording)
        self._ax = ax
        return super().decorate(ax, recording) | {
            "stick": in_data(ax, [], facecolors=INK, edgecolors="white", linewidths=0.8),
            "you": in_data(ax, [], facecolors=INK, edgecolors="white", linewidths=0.3),
        }

    def update(self, ax, artists: dict, recording: Recording, t: int) -> None:
        """Lay out the episode up to its present step, and mark the student's agent."""
        world, self.highlighted = self._flown(recording)
        frame = recording[t]
        self.step = int(frame["step"][0])
        at = f"Episode {frame['episode'][0]}, step {self.step} of {world.max_steps}"
        self.heading = self._given or f"{at}; you are {self.highlighted + 1}"
        super().update(ax, artists, recording, t)
        if self._hidden(recording, t):
            artists["goal"].set_paths([])
        place = np.clip(frame["episode_positions"][0, self.step, self.highlighted], -REACH, REACH)
        away = self._radii(recording, world.n_agents)[self.highlighted] + RING
        force = np.nan_to_num(frame["force"][0]) if self.step and not frame["over"][0] else np.zeros(2)
        tail = place + away * _unit(force)
        pushed = [arrow(tail, tail + ARROW * force, 0.018, 0.16, 0.09)] if force.any() else []
        artists["stick"].set_paths(pushed)
        below = place[1] - away > 0.2 - REACH and (force[1] >= 0 or place[1] + away > REACH - 0.2)
        letters, offset = glyphs("you", 0.1), np.array([0, (-1 if below else 1) * (away + 0.1)])
        artists["you"].set_paths([Path(letters.vertices + place + offset, letters.codes)])

    def window(self) -> tuple[float, float, float, float]:
        """Left, right, top and bottom of the plane drawn last, as shares of the picture from its upper left corner.

        Raises
        ------
        ValueError
            If nothing was drawn yet.
        """
        if self._ax is None:
            raise ValueError("FlightView: nothing was drawn yet; window() tells where the plane was drawn last")
        box, (width, height) = self._ax.get_window_extent(), self._ax.figure.get_size_inches() * self._ax.figure.dpi
        return box.x0 / width, box.x1 / width, 1 - box.y1 / height, 1 - box.y0 / height

    def alt_text(self, recording: Recording, t: int = -1) -> str:
        """Where the student's agent is and how it moves, and where everything else lies as seen from there."""
        t = self._moment(recording, t)
        world, seat = self._flown(recording)
        frame = recording[t]
        step = int(frame["step"][0])
        positions, landmarks = frame["episode_positions"][0], frame["episode_landmarks"][0]
        here = positions[step, seat]
        said = [f"You, {world.labels[seat]}, are at ({here[0]:.1f}, {here[1]:.1f})."]
        others = [i for i in range(world.n_agents) if i != seat]
        around = [f"{world.labels[i]} {seen_from(here, positions[step, i])}" for i in others]
        goal = None if self._hidden(recording, t) or not world.has_goal else int(frame["episode_goals"][0])
        kind = "obstacle" if world.solid_landmarks else "landmark"
        for k, place in enumerate(landmarks):
            what = f"the goal, {kind} {k + 1}," if k == goal else f"{kind} {k + 1}"
            around.append(f"{what} {seen_from(here, place)}")
        said.append(f"From you: {'; '.join(around)}." if around else "")
        words = frame["episode_words"][0, step] if "episode_words" in frame else np.zeros((0, 1))
        said += [f"{world.labels[i]} says word {words[i].argmax() + 1}." for i in np.flatnonzero(words.any(axis=-1))]
        return " ".join(filter(None, said))

    def _flown(self, recording: Recording) -> tuple[ParticleWorld, int]:
        """The world and the student's seat."""
        world = game_of(recording, "FlightView")
        if not isinstance(world, ParticleWorld) or not all(name in recording[0] for name in NEEDED):
            raise ValueError("FlightView: expected the recording of a Flight in a particle world")
        return world, int(recording[0]["seat"][0])

    def _hidden(self, recording: Recording, t: int) -> bool:
        """Whether the goal must not be told at this moment."""
        return not (recording[t]["goal_known"][0] or recording[t]["over"][0])


def seen_from(here: np.ndarray, there: np.ndarray) -> str:
    """How far away something is, and in which direction, in words.

    >>> seen_from(np.zeros(2), np.array([0.3, 0.4])), seen_from(np.zeros(2), np.array([-1.0, 0.1]))
    ('0.50 up right', '1.00 left')
    """
    gap = float(np.hypot(*(there - here)))
    return f"{gap:.2f} {direction(there - here)}" if gap > 0.005 else "here"


def direction(along: np.ndarray) -> str:
    """The nearest of eight directions, in words; '' of no length.

    >>> direction(np.array([0.0, -1.0])), direction(np.array([-1.0, 0.5])), direction(np.zeros(2))
    ('down', 'up left', '')
    """
    x, y = np.abs(along) > 0.4 * np.hypot(*along)  # about 22 degrees
    ways = [("up" if along[1] > 0 else "down") if y else "", ("right" if along[0] > 0 else "left") if x else ""]
    return " ".join(filter(None, ways))


def _unit(force: np.ndarray) -> np.ndarray:
    return force / max(np.hypot(*force), 1e-9)
