"""Painting views fast: everything that stands still is drawn once and kept, what moves is drawn on top of it.

A full matplotlib redraw takes tens of milliseconds; redrawing the moving artists alone takes a few.
"""

from __future__ import annotations

import io

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from marl_edu.recording import Recording

DPI = 96
WIDTH = 680
"""Width of a picture in pixels: with the controls beside it, it fits 1000."""

HEIGHT = 330
"""Height in pixels of one view, or of two side by side."""

WIDER = 1.4
"""How much wider than its neighbour a view is that wants to be tall."""

TOP, LABELS, LOWER = 215, 72, (150, 285)
"""Of three views, one is above the other two: height of the upper one, of the labels of the lower ones, and the range
of the lower ones with their labels."""


class Painter:
    """Draws moments of a recording with some views into one picture.

    Parameters
    ----------
    views : sequence of View
        One to three: side by side, or the first above the other two.
    recording : Recording
        One of those that are to be drawn, to fit the picture's height to its world.
    width : int
        Pixels.
    """

    def __init__(self, views, recording: Recording, width: int = WIDTH):
        self.views = tuple(views)
        if not 1 <= len(self.views) <= 3:
            raise ValueError(f"a panel shows one to three views; got {len(self.views)}")
        self.width, lower = width, self._lower(recording, width)
        self.height = TOP + lower if len(self.views) == 3 else max(view.tall or HEIGHT for view in self.views)
        self._figure = Figure(figsize=(width / DPI, self.height / DPI), dpi=DPI, facecolor="white")
        self._canvas = FigureCanvasAgg(self._figure)
        names = {1: [["0"]], 2: [["0", "1"]], 3: [["0", "0"], ["1", "2"]]}[len(self.views)]
        ratios = {"height_ratios": [TOP, lower]} if len(self.views) == 3 else {}
        if len(self.views) == 2:
            ratios["width_ratios"] = [WIDER if view.tall else 1 for view in self.views]
        self._axes = list(self._figure.subplot_mosaic(names, **ratios).values())
        self._background = self._laid_out_for = None
        self._moving = []

    def _lower(self, recording: Recording, width: int) -> int:
        """Height of the lower two of three views, in pixels."""
        wanted = [view.proportion(recording) for view in self.views[1:]]
        least, most = LOWER
        tallest = max((most if share is None else share * (width / 2 - 40) for share in wanted), default=most)
        return int(min(max(tallest, least - LABELS), most - LABELS)) + LABELS

    def paint(self, recording: Recording, t: int) -> np.ndarray:
        """Draw moment ``t``; the picture as (height, width, 4) bytes, RGBA, valid until the next call."""
        moving = self._update(recording, t)
        if self._background is None or self._figure.stale or moving != self._moving:
            self._lay_out(recording, t)
            self._canvas.draw()
            self._figure.stale = False
            self._background = self._canvas.copy_from_bbox(self._figure.bbox)
            self._moving = moving
        self._canvas.restore_region(self._background)
        for ax, artists in moving:
            for artist in sorted(artists, key=lambda artist: artist.get_zorder()):
                ax.draw_artist(artist)
        return np.asarray(self._canvas.buffer_rgba())

    def _update(self, recording: Recording, t: int) -> list[tuple]:
        moving = [(ax, view(ax, recording, t)) for ax, view in zip(self._axes, self.views, strict=True)]
        for _, artists in moving:
            for artist in artists:
                artist.set_animated(True)
        return moving

    def _lay_out(self, recording: Recording, t: int) -> None:
        """Make room for labels, which is slow, so only where they may have become wider; then leave it so."""
        wanted = self._laid_out()
        if wanted == self._laid_out_for:
            return
        self._figure.set_layout_engine("constrained")
        for _ in range(2):  # the second time with what views fitted into the room that the first one left
            self._figure.draw_without_rendering()
            self._update(recording, t)
        self._figure.set_layout_engine("none")
        self._laid_out_for = self._laid_out()

    def _laid_out(self) -> tuple:
        """What the room for labels depends on: axes that were decorated anew, and their limits.

        The scenes are kept, so that no new one can have the number of an old one.
        """
        self._scenes = [getattr(ax, "_marl_edu_scene", (None, None, None))[2] for ax in self._axes]
        return tuple((id(scene), ax.get_ylim()) for scene, ax in zip(self._scenes, self._axes, strict=True))

    def place(self, across: float, down: float) -> tuple[int, float, float] | None:
        """Which view is at a place of the picture, and where in it, in data units; None where there is none.

        Parameters
        ----------
        across, down : float
            Shares of the picture's width and height, from its upper left corner.
        """
        pixel = (across * self.width, (1 - down) * self.height)
        for k, ax in enumerate(self._axes):
            if ax.bbox.contains(*pixel):
                return (k, *map(float, ax.transData.inverted().transform(pixel)))
        return None

    def jpeg(self, recording: Recording, t: int) -> bytes:
        """The picture as JPEG: quick to make, for pictures that are gone in a moment."""
        pixels = self.paint(recording, t)
        picture = Image.frombuffer("RGBX", (pixels.shape[1], pixels.shape[0]), pixels, "raw", "RGBX", 0, 1)
        return _encoded(picture, "jpeg", quality=88, subsampling=0)

    def png(self, recording: Recording, t: int) -> bytes:
        """The picture as PNG: sharp, for pictures that stay."""
        return _encoded(self.image(recording, t), "png", compress_level=4)

    def image(self, recording: Recording, t: int) -> Image.Image:
        """The picture as a Pillow image of its own."""
        return Image.fromarray(self.paint(recording, t)).convert("RGB")

    def alt_text(self, recording: Recording, t: int) -> str:
        """What the views say at moment ``t``, in words."""
        return " ".join(view.alt_text(recording, t) for view in self.views)


def _encoded(picture: Image.Image, form: str, **options) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()
