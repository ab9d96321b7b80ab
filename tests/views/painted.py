"""What several tests of views need: a recording as it was earlier, a view's artists by name, pixels."""

import numpy as np

from marl_edu.recording import Recording


def up_to(recording: Recording, moments: int) -> Recording:
    """The same recording when it had only so many moments."""
    early = Recording(recording.algorithm, recording.unit, recording.references, recording.game)
    extend(early, recording, moments)
    return early


def extend(early: Recording, recording: Recording, moments: int) -> None:
    """Append what comes next, up to so many moments."""
    for t in range(len(early), moments):
        early.append(int(recording.units[t]), recording[t], recording.hyperparameters(t))


def pixels(figure) -> np.ndarray:
    """The picture as it stands on the canvas."""
    return np.asarray(figure.canvas.buffer_rgba()).copy()


def parts(view, ax, recording, t) -> dict:
    """A view's artists by name after drawing moment ``t``."""
    view(ax, recording, t)
    return ax._marl_edu_scene[2]
