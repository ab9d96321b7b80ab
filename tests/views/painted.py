"""What several tests of views need: a recording as it was earlier, a view's artists by name, what holds for all."""

import numpy as np

from marl_edu.recording import Recording
from marl_edu.views import figure


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


def walked(view, drawn, recording, way) -> np.ndarray:
    """What the first axes of a figure show after a walk through some moments."""
    for t in way:
        view(drawn.axes[0], recording, t)
    drawn.canvas.draw()
    return pixels(drawn)


def expect_the_same_artists(view, ax, recording) -> None:
    """A second call moves the artists of the first, and they are all in the axes given."""
    first = view(ax, recording, 0)
    assert first and view(ax, recording, -1) == first
    assert all(artist.axes is ax for artist in first)


def expect_blitting_as_redrawn(view, ax, recording, moments) -> None:
    """The still part with the moving artists on top is, to the pixel, what a full redraw paints."""
    drawn = ax.figure
    animate(view(ax, recording, -1))
    for t in moments:
        artists = view(ax, recording, t)
        drawn.canvas.draw()  # the still part
        drawn.canvas.restore_region(drawn.canvas.copy_from_bbox(drawn.bbox))
        for artist in artists:
            ax.draw_artist(artist)
        blitted = pixels(drawn)
        animate(artists, False)
        drawn.canvas.draw()
        np.testing.assert_array_equal(blitted, pixels(drawn))
        animate(artists)


def expect_still_while_scrubbing(view, ax, recording, seen=(-1,)) -> None:
    """Going through the moments leaves the still part alone, once those in ``seen`` have been drawn."""
    drawn = ax.figure
    for t in seen:
        artists = view(ax, recording, t)
    animate(artists)
    drawn.canvas.draw()
    assert not drawn.stale
    for t in range(0, len(recording), 7):
        view(ax, recording, t)
        assert not drawn.stale


def redraws_while_growing(view, ax, recording) -> int:
    """How often all must be painted again while a recording grows to what it is."""
    early, drawn, redrawn = up_to(recording, 1), ax.figure, 0
    for moments in range(1, len(recording) + 1):
        extend(early, recording, moments)
        animate(view(ax, early, -1))
        if drawn.stale:
            drawn.canvas.draw()
            redrawn += 1
    return redrawn


def expect_all_within(view, recording) -> None:
    """Words and labels stay within their part of the picture, with one to three views in it."""
    for n_views in (1, 2, 3):
        drawn = figure([view] * n_views, recording, len(recording) // 2)
        drawn.canvas.draw()
        width = drawn.bbox.width / n_views
        for k, ax in enumerate(drawn.axes):
            box = ax.get_tightbbox()
            assert box.x0 >= k * width and box.x1 <= (k + 1) * width, (n_views, box)
            assert box.y0 >= 0 and box.y1 <= drawn.bbox.height, (n_views, box)


def animate(artists, animated=True) -> None:
    """Say of artists that they are painted on top of the rest, later."""
    for artist in artists:
        artist.set_animated(animated)
