"""One knows and can't move, one moves and doesn't know (MPE2 ``simple_speaker_listener_v4``)."""

from __future__ import annotations

import numpy as np

from marl_edu.games.particles.physics import lengths
from marl_edu.games.particles.state import Body
from marl_edu.games.particles.world import ParticleWorld

SPEAKER, LISTENER = 0, 1


class SimpleSpeakerListener(ParticleWorld):
    """The speaker sees which of three landmarks is the goal and says a word; the listener hears it and goes there.

    **Forces.** Nothing is solid; only the listener moves. The speaker's action is the word: three numbers in [0, 1].

    **Reward.** Both get minus the *squared* distance from the listener to the goal.

    **Observation.** Speaker: the goal's colour, 3 numbers, 0.65 for the goal and 0.15 for the two others. Listener: own
    velocity, the landmarks relative to itself, and the 3 numbers that the speaker said in the step before; it can't see
    where it is, nor where the speaker is.

    Parameters
    ----------
    max_steps : int
        Length of an episode.

    Examples
    --------
    >>> world = SimpleSpeakerListener()
    >>> world.agents, world.action_sizes, world.observation_sizes
    (('speaker_0', 'listener_0'), (3, 2), (3, 11))
    """

    name = "simple_speaker_listener"

    def __init__(self, *, max_steps: int = 25):
        speaker = Body("speaker_0", size=0.075, solid=False, moves=False, speaks=True)
        listener = Body("listener_0", size=0.075, solid=False)
        landmarks = {"n_landmarks": 3, "landmark_size": 0.04, "has_goal": True}
        super().__init__([speaker, listener], **landmarks, vocabulary=3, max_steps=max_steps)

    def rewards(self) -> np.ndarray:
        """Minus the squared distance from the listener to the goal, for both."""
        away = lengths(self.positions[..., LISTENER, :] - self.goal_positions()[..., 0, :])
        return np.stack([-(away**2), -(away**2)], axis=-1)

    def sees(self, i: int) -> list[np.ndarray]:
        """The speaker sees the goal's colour; the listener what lies around it, and what was said."""
        if i == SPEAKER:
            return [0.15 + 0.5 * np.eye(self.n_landmarks)[self.goals]]
        return [self.velocities[..., i, :], self.from_agent(i, self.landmarks), self.words[..., SPEAKER, :]]
