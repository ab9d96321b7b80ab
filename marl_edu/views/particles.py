"""A particle world: where everybody went in an episode, who bumped into whom, and what was said.

Legend of axes: K seeds, T steps, N agents, L landmarks, C words.
"""

from __future__ import annotations

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba
from matplotlib.path import Path

from marl_edu.algorithm import Frame
from marl_edu.games import ParticleWorld, checks
from marl_edu.games.colours import INK, agent_colour
from marl_edu.games.particles.physics import distances
from marl_edu.recording import Recording
from marl_edu.views.base import View, pale
from marl_edu.views.present import seed_index
from marl_edu.views.shapes import fade, glyphs, heading, in_data, write

REACH = 1.5
"""The picture shows [-1.5, 1.5]^2, always: what moves must not seem to move because the limits do."""

LEAST_SIZE = 0.09
"""Smallest radius drawn; smaller agents are drawn this large."""

OBSTACLE, MARK = {"facecolors": "#b0b0b0"}, {"facecolors": "none", "edgecolors": "#555555", "linewidths": 1.6}
GOAL = "#E69F00"


class ParticleView(View):
    """One evaluation episode: agents as numbered discs where they end, their trails, landmarks, collisions and words.

    Agents have their colours and, where that can be seen, their true size; adversaries have a dark edge. A ring shows
    where each began. Landmarks are diamonds that an agent fits into, obstacles grey discs; a goal is a yellow ring. A
    black x is where two solid agents overlapped in some step. The digit at the upper right of a speaker is the word it
    says, from 1 on. Who has left the picture is drawn at its edge.

    It reads ``episode_positions`` (K, T + 1, N, 2) and ``episode_landmarks`` (K, L, 2) from the frame and, if they are
    there, ``episode_goals`` (K,) and ``episode_words`` (K, T + 1, N, C).

    Parameters
    ----------
    world : ParticleWorld, optional
        Names, sizes, goals and who speaks; by default the recording's game. Without any, agents are "agent 1", ..., are
        drawn as points of one size, and no collisions are known.
    seed : int
        Which of the runs to look at.
    step : int, optional
        Step of the episode up to which it is shown, from 0, the beginning, on; the last one by default. It may be
        changed at any time.
    highlighted : int, optional
        An agent, by number from 0, that gets a ring. It may be changed at any time.
    title : str, optional
        In place of what is worked out.

    Raises
    ------
    ValueError
        If an argument is otherwise; when drawing, if the frames have no such arrays, another number of agents than the
        world, or no such seed or step.
    """

    title = "World"

    def __init__(
        self,
        world: ParticleWorld | None = None,
        *,
        seed: int = 0,
        step: int | None = None,
        highlighted: int | None = None,
        title: str | None = None,
    ):
        if world is not None and not isinstance(world, ParticleWorld):
            raise ValueError(f"ParticleView: world is {checks.shown(world)}; expected a ParticleWorld or None")
        self.world, self.seed, self.step, self.heading = world, seed, step, self._words("title", title)
        self.highlighted = highlighted

    def proportion(self, recording: Recording) -> float:
        """A square."""
        return 1.0

    def decorate(self, ax, recording: Recording) -> dict:
        """The square, and the artists from the ground up."""
        world, (positions, *_) = self._world(recording), self._episode(recording, 0)
        ax.set_xlim(-REACH, REACH)
        ax.set_ylim(-REACH, REACH)
        ax.set_aspect("equal")
        ax.set_xticks([-1, 0, 1])
        ax.set_yticks([-1, 0, 1])
        colours = [agent_colour(i) for i in range(positions.shape[1])]
        edges = ["white" if world is None or not world.adversaries[i] else INK for i in range(len(colours))]
        obstacles = self._obstacles(recording)
        return {
            "landmarks": in_data(ax, [], **(OBSTACLE if obstacles else MARK)),
            "goal": in_data(ax, [], facecolors="none", edgecolors=GOAL, linewidths=2.6),
            "starts": in_data(ax, [], facecolors="none", edgecolors=[pale(c, 0.4) for c in colours], linewidths=1.4),
            "trails": ax.add_collection(LineCollection([], linewidths=2.4, capstyle="round"), autolim=False),
            "ring": in_data(ax, [], facecolors="none", edgecolors=INK, linewidths=2.0),
            "discs": in_data(ax, [], facecolors=[to_rgba(c, 0.75) for c in colours], edgecolors=edges, linewidths=1.2),
            "numbers": in_data(ax, [], facecolors="white", linewidths=0),
            "words": in_data(ax, [], facecolors=INK, linewidths=0),
            "bumps": in_data(ax, [], facecolors="none", edgecolors=INK, linewidths=1.8),
            "heading": heading(ax),
        }

    def update(self, ax, artists: dict, recording: Recording, t: int) -> None:
        """Lay out the episode."""
        positions, landmarks, goal, words = self._episode(recording, t)
        shown = np.clip(positions, -REACH, REACH)
        write(artists["heading"], self._called(len(positions) - 1, self._last(recording)))
        radii = self._radii(recording, positions.shape[1])
        if self._obstacles(recording):
            marks = [Path.circle(place, self._world(recording).landmark_size) for place in landmarks]
        else:
            marks = [_diamond(place, 1.35 * radii.max()) for place in landmarks]
        artists["landmarks"].set_paths(marks)
        artists["goal"].set_paths([] if goal is None else [Path.circle(landmarks[goal], 1.5 * radii.max())])
        artists["starts"].set_paths([Path.circle(place, 0.04) for place in shown[0]])
        fade(artists["trails"], shown, 0.8)
        artists["discs"].set_paths([Path.circle(place, r) for place, r in zip(shown[-1], radii, strict=True)])
        chosen = self._chosen(len(radii))
        artists["ring"].set_paths([Path.circle(shown[-1, i], radii[i] + 0.055) for i in chosen])
        artists["numbers"].set_paths(
            [_digit(i + 1, place, 1.1 * r) for i, (place, r) in enumerate(zip(shown[-1], radii, strict=True))]
        )
        said = [] if words is None else np.flatnonzero(words.any(axis=-1))
        above = radii[:, np.newaxis] + 0.08
        artists["words"].set_paths([_digit(words[i].argmax() + 1, (shown[-1] + above)[i], 0.16) for i in said])
        artists["bumps"].set_paths([_cross(place, 0.05) for place in self._bumps(recording, shown, positions)])

    def alt_text(self, recording: Recording, t: int = -1) -> str:
        """Where everybody is, how far from the goal or the landmarks, collisions and words."""
        t = self._moment(recording, t)
        positions, landmarks, goal, words = self._episode(recording, t)
        names = self._names(recording, positions.shape[1])
        at = [f"{name} is at ({x:.1f}, {y:.1f})" for name, (x, y) in zip(names, positions[-1], strict=True)]
        told = f"Seed {self.seed} {self._at(recording, t)}, step {len(positions) - 1} of an evaluation episode: "
        told += f"{', '.join(at)}. "
        gaps = distances(landmarks, positions[-1])
        if goal is not None:
            told += "Distance to the goal: "
            told += ", ".join(f"{name} {gap:.2f}" for name, gap in zip(names, gaps[goal], strict=True)) + "."
        elif len(landmarks):
            told += "Distance from each landmark to the nearest agent: "
            told += ", ".join(f"{gap:.2f}" for gap in gaps.min(axis=1)) + "."
        n_bumps = len(self._bumps(recording, positions, positions))
        if n_bumps:
            told += f" Pairs of agents overlapped in {n_bumps} step{'' if n_bumps == 1 else 's'}."
        for i in [] if words is None else np.flatnonzero(words.any(axis=-1)):
            told += f" {names[i]} says word {words[i].argmax() + 1}."
        return told

    def _called(self, step: int, last: int) -> str:
        """The heading: it says the step only if one was asked for."""
        at = "" if self.step is None else f", step {step} of {last}"
        return self.heading or f"World, seed {self.seed}{at}"

    def _chosen(self, n: int) -> list[int]:
        """The agent with a ring, if any."""
        if self.highlighted is None:
            return []
        return [checks.integer("ParticleView: highlighted", self.highlighted, 0, n - 1)]

    # --- what the frame and the world say ----------------------------------------------------------------------------

    def _episode(self, recording: Recording, t: int) -> tuple:
        """Positions up to the step shown (T + 1, N, 2), landmarks (L, 2), goal or None, words (N, C) or None."""
        frame: Frame = recording[t]
        for array in ("episode_positions", "episode_landmarks"):
            seed = seed_index(recording, self.seed, "ParticleView", array)
        positions, landmarks = frame["episode_positions"][seed], frame["episode_landmarks"][seed]
        world = self._world(recording)
        if world is not None and (positions.shape[1], len(landmarks)) != (world.n_agents, world.n_landmarks):
            raise ValueError(
                f"ParticleView: the frames have {positions.shape[1]} agents and {len(landmarks)} landmarks; "
                f"expected {world.n_agents} and {world.n_landmarks} as in {world.name}"
            )
        last = len(positions) - 1
        step = last if self.step is None else checks.integer("ParticleView: step", self.step, 0, last)
        with_goal = "episode_goals" in frame and (world is None or world.has_goal)
        goal = int(frame["episode_goals"][seed]) if with_goal else None
        words = frame["episode_words"][seed, step] if "episode_words" in frame else None
        return positions[: step + 1], landmarks, goal, words

    def _last(self, recording: Recording) -> int:
        """Number of an episode's last step."""
        return recording[0]["episode_positions"].shape[1] - 1

    def _world(self, recording: Recording) -> ParticleWorld | None:
        given = self.world if self.world is not None else recording.game
        return given if isinstance(given, ParticleWorld) else None

    def _names(self, recording: Recording, n: int) -> tuple[str, ...]:
        world = self._world(recording)
        return tuple(f"agent {i + 1}" for i in range(n)) if world is None else world.labels

    def _radii(self, recording: Recording, n: int) -> np.ndarray:
        world = self._world(recording)
        return np.full(n, LEAST_SIZE) if world is None else np.maximum(world.sizes, LEAST_SIZE)

    def _obstacles(self, recording: Recording) -> bool:
        world = self._world(recording)
        return world is not None and world.solid_landmarks

    def _solid(self, recording: Recording) -> np.ndarray | None:
        """Distances below which pairs of solid agents overlap, (N, N), each pair once; None where none can."""
        world = self._world(recording)
        if world is None or not any(body.solid for body in world.bodies):
            return None
        solid = np.array([body.solid for body in world.bodies])
        return np.triu((world.sizes[:, np.newaxis] + world.sizes) * (solid[:, np.newaxis] & solid), 1)

    def _bumps(self, recording: Recording, shown: np.ndarray, positions: np.ndarray) -> np.ndarray:
        """Midpoints of all overlaps in the episode, (anything, 2)."""
        reach = self._solid(recording)
        if reach is None:
            return np.zeros((0, 2))
        steps, ones, others = np.nonzero(distances(positions, positions) < reach)
        return (shown[steps, ones] + shown[steps, others]) / 2


def _cross(place: np.ndarray, size: float) -> Path:
    """An x."""
    ends = np.array([(-1, -1), (1, 1), (-1, 1), (1, -1)]) * size + place
    return Path(ends, [Path.MOVETO, Path.LINETO, Path.MOVETO, Path.LINETO])


def _diamond(place: np.ndarray, size: float) -> Path:
    """A square on its corner."""
    return Path(np.array([(1, 0), (0, 1), (-1, 0), (0, -1), (1, 0)]) * size + place, closed=True)


def _digit(number: int, place: np.ndarray, height: float) -> Path:
    """A number at a place."""
    outline = glyphs(str(number), height)
    return Path(outline.vertices + place, outline.codes)
