"""Saving what a panel shows: a picture, a moving picture, or the numbers."""

from __future__ import annotations

import base64
import csv
import io
import re

import numpy as np
from PIL import Image

from marl_edu.panels.painter import Painter
from marl_edu.recording import Recording

FORMS = ("PNG", "GIF", "CSV")
TYPES = {"PNG": "image/png", "GIF": "image/gif", "CSV": "text/csv", "JSON": "application/json"}
GIF_FRAMES = 60
GIF_SECONDS = 6


class Still:
    """A recording and the views to look at it with, at its last moment, without any widget."""

    def __init__(self, views, recording: Recording):
        self.views, self.recording, self.moment = views, recording, len(recording) - 1
        self._painter = Painter(views, recording)

    def png(self) -> bytes:
        """The picture."""
        return self._painter.png(self.recording, self.moment)

    def describe(self) -> str:
        """The picture in words."""
        return self._painter.alt_text(self.recording, self.moment)


def in_steps(form: str, panel):
    """Make an export step by step: yields lines about its progress and at last the bytes."""
    if form == "PNG":
        yield panel.png()
    elif form == "CSV":
        yield csv_of(panel.recording).encode()
    else:
        yield from _gif(panel)


def all_at_once(form: str, panel) -> bytes:
    """Make an export here and now."""
    *_, made = in_steps(form, panel)
    return made


def _gif(panel):
    recording, painter = panel.recording, Painter(panel.views, panel.recording)
    moments = np.unique(np.linspace(0, len(recording) - 1, GIF_FRAMES).astype(int))
    pictures = []
    for number, t in enumerate(moments):
        yield f"making a moving picture: {number + 1} of {len(moments)}"
        pictures.append(painter.image(recording, int(t)).quantize(64, dither=Image.Dither.NONE))
    buffer = io.BytesIO()
    pictures[0].save(
        buffer, "gif", save_all=True, append_images=pictures[1:], duration=1000 * GIF_SECONDS // len(pictures), loop=0
    )
    yield buffer.getvalue()


def csv_of(recording: Recording) -> str:
    """The numbers of a recording: a row for each moment, seed and agent, a column for each array (K, N) or (K,).

    Examples
    --------
    >>> recording = Recording("example", "step")
    >>> recording.append(0, {"level": np.array([[0.5, 1.0]])})
    >>> print(csv_of(recording).replace(chr(13), ""))
    step,seed,agent,level
    0,0,1,0.5
    0,0,2,1.0
    <BLANKLINE>
    """
    tables = {name: recording.series(name) for name, values in recording[0].items() if values.ndim in (1, 2)}
    names = [name for name, values in tables.items() if values.ndim == 3 and name != "trace"]
    perseed = [name for name, values in tables.items() if values.ndim == 2]
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([recording.unit.replace(" ", "_"), "seed", "agent", *names, *perseed])
    if names:
        moments, seeds, agents = tables[names[0]].shape
        for t, k, i in np.ndindex(moments, seeds, agents):
            numbers = [float(tables[name][t, k, i]) for name in names] + [float(tables[name][t, k]) for name in perseed]
            writer.writerow([int(recording.units[t]), k, i + 1, *numbers])
    return buffer.getvalue()


def link(form: str, data: bytes, title: str) -> str:
    """HTML of a link that saves the data; nothing leaves the page."""
    name = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") + "." + form.lower()
    source = f"data:{TYPES[form]};base64,{base64.b64encode(data).decode()}"
    return f'Ready: <a class="marl-link" download="{name}" href="{source}">save {name}</a> ({len(data) / 1000:.0f} kB)'
