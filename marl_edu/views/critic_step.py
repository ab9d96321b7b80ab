"""What a frame says of one critic at one step of an episode.

Legend of axes: T steps of an episode, N agents, G points of a grid along each side, A choices or words.
"""

from __future__ import annotations

import numpy as np

from marl_edu.algorithm import Frame
from marl_edu.games import ParticleWorld, checks
from marl_edu.recording import Recording


class CriticStep:
    """What one critic thinks at one step of the episode.

    Parameters
    ----------
    recording : Recording
        For the world's names.
    frame : Frame
        Of a ``DeterministicActorCritic`` with ``surface`` > 0.
    seed : int
        Which of the runs; it must be there.
    agent, step
        As for ``CriticView``.

    Attributes
    ----------
    surface : (G, G) array or None
        Where the agent acts by a force; then there are ``slope`` (2,) and everybody's ``forces`` (N, 2), NaN for none.
    choices : (A,) array
        Where it does not; then there are their ``words``, and ``longest``, the scale of their bars.
    acted, value : (2,) array, float
        What the actor does, a force or a choice's number and 0, and what the critic thinks of it.
    scene : tuple
        Whatever labels depend on.
    """

    def __init__(self, recording: Recording, frame: Frame, seed: int, agent, step):
        values, world = frame["critic_value"][seed], recording.game  # T + 1, N
        times, n = values.shape
        names = world.labels if isinstance(world, ParticleWorld) else tuple(f"agent {i + 1}" for i in range(n))
        self.agent = i = checks.index_of("CriticView: agent", agent, names)
        self.name = names[i]
        self.step = step = times - 1 if step is None else checks.integer("CriticView: step", step, 0, times - 1)
        self.value = float(values[step, i])
        known = int(frame["critic_sees"][seed, i])
        self.sees = f"sees all {n} agents" if known == n > 1 else f"sees {known} of {n} agents"
        self.sees = "sees its own agent only" if known == 1 else self.sees
        actions = np.asarray(frame["episode_actions"][seed, step], dtype=float)  # N, A
        surface = frame["critic_surface"][seed, step] if "critic_surface" in frame else None  # N, G, G
        self.surface = None if surface is None or np.isnan(surface[i]).any() else np.asarray(surface[i], dtype=float)
        if self.surface is not None:
            self.acted, self.slope = actions[i, :2], np.asarray(frame["critic_slope"][seed, step, i], dtype=float)
            self.forces = np.where(np.isnan(surface[:, :1, 0]), np.nan, actions[:, :2])
            self.words: list[str] = []
        else:
            choices = np.asarray(frame["critic_choices"][seed, step, i], dtype=float)
            self.choices = choices[np.isfinite(choices)]
            self.acted = np.array([actions[i, : len(self.choices)].argmax(), 0.0])
            self.words = _words(world, i, len(self.choices))
            self.value = float(self.choices[int(self.acted[0])])  # of words a speaker may say a mix
            self.longest = max(self._largest_gain(frame, seed), 1e-9)
        self.scene = (self.surface is not None, tuple(self.words), self.sees)

    def _largest_gain(self, frame: Frame, seed: int) -> float:
        """Of any choice against the one that is taken, at any step of the episode: the scale of all its bars."""
        choices = frame["critic_choices"][seed, :, self.agent, : len(self.choices)]  # T + 1, A
        taken = frame["episode_actions"][seed, :, self.agent, : len(self.choices)].argmax(axis=-1)
        return float(np.abs(choices - np.take_along_axis(choices, taken[:, np.newaxis], axis=1)).max())


def _words(world, i: int, count: int) -> list[str]:
    """Names of an agent's choices: five moves, or words."""
    moves = world.bodies[i].moves if isinstance(world, ParticleWorld) else count == 5
    if moves and count == 5:
        return ["stay", "left", "right", "down", "up"]
    return [f"word {k + 1}" for k in range(count)]
