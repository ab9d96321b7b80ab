"""A quantity through time, with a band over seeds, beside the exact answer and the random baseline.

Legend of axes: T moments, K seeds, N agents, L lines.
"""

from __future__ import annotations

from textwrap import wrap

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.path import Path
from matplotlib.ticker import FuncFormatter, MaxNLocator
from matplotlib.transforms import Affine2D

from marl_edu.games import MarkovGame, checks
from marl_edu.games.colours import INK, agent_colour
from marl_edu.games.particles import ParticleWorld
from marl_edu.recording import Recording
from marl_edu.views.bands import Bands, bands_of, values_of
from marl_edu.views.base import GRID, LARGE, SMALL, in_words, pale
from marl_edu.views.curve_frame import CurveFrame
from marl_edu.views.shapes import afloat, glyphs
from marl_edu.views.steady import SteadyView

WORDS = {
    "greedy_return": ("greedy return", "exact, discounted"),
    "episode_return": ("return while exploring", "sampled, discounted"),
    "td_error": ("size of the TD error", "mean since the last frame"),
}
"""What quantities of a frame are, and how they were got, for labels; of a game whose model is known."""

PLAYED = {"greedy_return": "mean of played episodes", "episode_return": "sampled"}
"""How returns were got in a world without such a model; discounted, but for particle worlds, where they are sums."""

RETURNS = ("greedy_return", "episode_return")
MATTERS = 0.01
"""Weight gamma^T of what comes after the horizon T, from which on it matters that it is missing."""

MOST_POINTS = 400
"""Points of a line that are drawn; there are hardly more pixels."""


class LearningCurve(SteadyView):
    """One quantity of the frames through time: mean over seeds, and the 95 % confidence interval of that mean.

    Levels in ``recording.references`` are drawn beside returns, but not beside sampled ones that a horizon cuts off so
    early that what comes later would still count more than 1 %. What lies after the shown moment is pale.
    In particle worlds levels are means over all agents, and not drawn beside single agents of two sides.

    Parameters
    ----------
    quantity : str
        Name of an array in the frames, (K,) or (K, N).
    agents : {'mean', 'each', 'sum'}
        How the agents' numbers become lines.
    band : {'interval', 'range', None}
        95 % confidence interval of the mean (Student t), smallest to largest seed, or none.
    references : bool, optional
        Whether to draw the recording's reference levels. Default: for returns.
    y_label, title : str, optional
        In place of those that are worked out.

    Attributes
    ----------
    ghosts : list of (str, Recording)
        Earlier runs to compare with, drawn thin and grey; may be changed at any time.
    expected_units : int or None
        How far the horizontal axis should reach at least; may be changed at any time.

    Raises
    ------
    ValueError
        If an argument is none of those above, or, when drawing, if a recording holds no such quantity.

    Examples
    --------
    >>> LearningCurve("td_error", agents="each").title
    'Learning curve'
    """

    title = "Learning curve"

    def __init__(self, quantity="greedy_return", *, agents="mean", band="interval", references=None, y_label=None,
                 title=None):  # fmt: skip
        for name, value, known in (("agents", agents, ("mean", "each", "sum")),
                                   ("band", band, ("interval", "range", None))):  # fmt: skip
            if value not in known:
                raise ValueError(f"LearningCurve: {name} is {value!r}; expected one of {', '.join(map(repr, known))}")
        self.quantity, self.agents, self.band = checks.text("LearningCurve: quantity", quantity), agents, band
        self.y_label, self.heading = self._words("y_label", y_label), self._words("title", title)
        given = references is not None
        self.references = checks.flag("LearningCurve: references", references) if given else self.quantity in RETURNS
        self.ghosts: list[tuple[str, Recording]] = []

    def bands(self, recording: Recording, moments=None) -> Bands:
        """The numbers behind the picture, at these moments or at all."""
        moments = np.arange(len(recording)) if moments is None else moments
        return bands_of(recording, self.quantity, self.agents, self.band, moments)

    def levels(self, recording: Recording) -> dict[str, float]:
        """The reference levels as they are drawn: times the number of agents where agents are summed up."""
        if not self.references or self._cut_off(recording):
            return {}
        if self.agents == "each" and isinstance(recording.game, ParticleWorld) and not _alike(recording.game):
            return {}
        shape = recording[0][self.quantity].shape
        times = shape[1] if self.agents == "sum" and len(shape) == 2 else 1
        return {name: level * times for name, level in recording.references.items() if np.isfinite(level)}

    def decorate(self, ax, recording: Recording) -> dict:
        """Labels and reference levels, and the artists of each line."""
        n_lines = values_of(recording, self.quantity, self.agents, [0]).shape[2]
        ax.set_title(self.heading or recording.algorithm or self.title, fontsize=LARGE, parse_math=False)
        ax.set_xlabel(f"{recording.unit}s", fontsize=SMALL, parse_math=False)
        room = int(1.25 * ax.bbox.height / ax.figure.dpi * 72 / (0.57 * SMALL))
        lines = [line for part in self._what(recording) for line in wrap(part, max(room, 20))]
        ax.set_ylabel(self.y_label or "\n".join(lines), fontsize=SMALL, parse_math=False, labelpad=1)
        ax.tick_params(labelsize=SMALL, colors=INK, pad=2)
        ax.spines[["top", "right"]].set_visible(False)
        ax.grid(axis="y", color=GRID, linewidth=0.6)
        ax.set_axisbelow(True)
        ax.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda units, _: thousands(units, ax.get_xlim()[1])))
        ax.yaxis.set_major_locator(MaxNLocator(5))
        ax.autoscale(False)

        colours = [agent_colour(i) for i in range(n_lines)] if n_lines > 1 else [INK]
        widths = np.linspace(3.6, 1.6, n_lines) if n_lines > 1 else [1.8]  # lines that coincide stay visible
        artists = {}
        for i, colour in enumerate(colours):
            artists[f"later band {i}"] = _band(ax, colour, 0.08)
            artists[f"band {i}"] = _band(ax, colour, 0.22)
        for kind in ("later line", "line"):
            for i, (colour, width) in enumerate(zip(colours, widths, strict=True)):
                shade = colour if kind == "line" else pale(colour)
                artists[f"{kind} {i}"] = ax.add_line(Line2D([], [], color=shade, linewidth=width))
        upright = ax.get_xaxis_transform()
        artists["cursor"] = ax.add_line(Line2D([], [], color=INK, linewidth=0.8, alpha=0.6, transform=upright))
        aside = [Affine2D().translate(i - (n_lines - 1) / 2, 0) for i in range(n_lines)]  # discs stand side by side
        discs = [Path.circle((0, 0), 0.5).transformed(step) for step in aside]
        artists["dots"] = afloat(ax, discs, 11.0 if n_lines > 1 else 7.0, colours, edge=1.0)
        if n_lines > 1:
            numbers = [glyphs(str(i + 1), 0.6).transformed(step) for i, step in enumerate(aside)]
            artists["numbers"] = afloat(ax, numbers, 11.0, ["white"])
        artists["frame"] = CurveFrame(
            ax, self.levels(recording), self._key(recording, colours, widths), self._cut_off(recording)
        )
        for key in ax.artists:  # the names of the levels: no line of the grid runs through them
            key.set_frame_on(True)
            key.get_frame().set(facecolor="white", edgecolor="none", alpha=0.9)
        artists["numbers behind"] = (None, None, None)
        return artists

    def update(self, ax, artists: dict, recording: Recording, t: int) -> None:
        """Move the lines' ends, the cursor and the dots; grow the limits where they must."""
        known, moments, bands = artists["numbers behind"]
        now = (len(recording), int(recording.units[-1]), recording)
        if known is None or known[:2] != now[:2] or known[2] is not recording:
            moments = np.append(np.arange(0, now[0] - 1, -(-now[0] // MOST_POINTS)), now[0] - 1)
            bands = self.bands(recording, moments)
            artists["numbers behind"] = (now, moments, bands)
        present = self.bands(recording, [t])
        artists["frame"].ghosts(self._ghost_bands())
        artists["frame"].fit([bands, present], self.expected_units or 0)

        before, after = np.searchsorted(moments, t), np.searchsorted(moments, t, side="right")
        past = Bands(*(np.concatenate([a[:before], b]) for a, b in zip(bands, present, strict=True)))
        future = Bands(*(np.concatenate([b, a[after:]]) for a, b in zip(bands, present, strict=True)))
        for i in range(present.middle.shape[1]):
            for kind, part in (("", past), ("later ", future if t < now[0] - 1 else future.none())):
                artists[f"{kind}line {i}"].set_data(part.units, part.middle[:, i])
                artists[f"{kind}band {i}"].set_verts(part.outline(i))
        artists["cursor"].set_data([present.units[0]] * 2, [artists["frame"].floor, artists["frame"].ceiling])
        points = np.stack(np.broadcast_arrays(present.units[:, np.newaxis], present.middle), axis=-1)[0]
        for name in ("dots", "numbers"):
            if name in artists:
                artists[name].set_offsets(np.ma.masked_invalid(points))

    def serves(self, one: Recording, other) -> bool:
        """Whether it is the same run, done again, with the same levels; a new run gets axes of its own."""
        return super().serves(one, other) and one.lineage is other.lineage and self.levels(one) == self.levels(other)

    def alt_text(self, recording: Recording, t: int = -1) -> str:
        """The number at moment ``t``, what it is, over which seeds, and the reference levels."""
        t = self._moment(recording, t)
        bands = self.bands(recording, [t])
        what, *how = self._what(recording)
        seeds = _seeds(recording, self.quantity)
        parts = []
        for i, middle in enumerate(bands.middle[0]):
            text = f"{_agent(recording, i)} " if bands.middle.shape[1] > 1 else ""
            text += in_words(middle)
            if np.isfinite(bands.low[0, i]):
                word = "95 % interval" if self.band == "interval" else "seeds from"
                text += f", {word} {in_words(bands.low[0, i])} to {in_words(bands.high[0, i])}"
            parts.append(text)
        exact = {"team optimum": "exact team optimum"}
        levels = [f"{exact.get(name, name)} {in_words(level)}" for name, level in self.levels(recording).items()]
        said = f"{what[0].upper()}{what[1:]} {self._at(recording, t)}: {'; '.join(parts)} ({', '.join([*how, seeds])})"
        levels = levels or ([self._cut_off(recording)] if self._cut_off(recording) else [])
        return f"{said}; {', '.join(levels)}." if levels else f"{said}."

    def _what(self, recording: Recording) -> list[str]:
        """What the number is, and how it came about."""
        name, *how = WORDS.get(self.quantity, (self.quantity.replace("_", " "),))
        if self.quantity in PLAYED and not isinstance(recording.game, MarkovGame):
            summed = isinstance(recording.game, ParticleWorld)
            how = [PLAYED[self.quantity], "undiscounted" if summed else "discounted"]
        shape = recording[0][self.quantity].shape
        if len(shape) == 2 and shape[1] > 1:
            how.append({"mean": "mean over agents", "sum": "sum over agents", "each": "each agent"}[self.agents])
        return [name, ", ".join(how)] if how else [name]

    def _cut_off(self, recording: Recording) -> str:
        """Why there are no levels: sampled returns may stop so early that those of play without end don't compare."""
        game = recording.game
        if self.quantity != "episode_return" or not self.references or not recording.references or game is None:
            return ""
        if game.horizon is None or game.discount == 1 or game.discount**game.horizon <= MATTERS:
            return ""
        return f"cut off after {game.horizon:,} step{'' if game.horizon == 1 else 's'}: no levels"

    def _key(self, recording: Recording, colours, widths) -> list[tuple[Line2D, str]]:
        """Handles and labels of the legend."""
        seeds = _seeds(recording, self.quantity)
        if seeds != "1 seed":
            seeds = "mean of " + seeds
            seeds += {"interval": ", 95 % interval", "range": ", and their range", None: ""}[self.band]
        if len(colours) == 1:
            return [(Line2D([], [], color=INK, linewidth=widths[0]), seeds)]
        lines = [Line2D([], [], color=colour, linewidth=w) for colour, w in zip(colours, widths, strict=True)]
        names = [_agent(recording, i) for i in range(len(colours))]
        return [*zip(lines, names, strict=True), (Patch(color=INK, alpha=0.22, linewidth=0), seeds)]

    def _ghost_bands(self) -> list[tuple[object, str, Bands]]:
        """Earlier runs: what they are known by, labels, numbers (worked out only when a run is new)."""
        kept = getattr(self, "_kept", {})
        self._kept = {}
        for label, recording in self.ghosts:
            known = (str(label), id(recording), len(recording))
            if known not in kept:
                moments = np.unique(np.linspace(0, len(recording) - 1, MOST_POINTS).astype(int))
                kept[known] = bands_of(recording, self.quantity, self.agents, None, moments)
            self._kept[known] = kept[known]
        return [(known, known[0], bands) for known, bands in self._kept.items()]


def _band(ax, colour, alpha: float) -> PolyCollection:
    return ax.add_collection(PolyCollection([], facecolor=colour, alpha=alpha, linewidth=0), autolim=False)


def _seeds(recording: Recording, quantity: str) -> str:
    n_seeds = recording[0][quantity].shape[0]
    return f"{n_seeds} seed{'' if n_seeds == 1 else 's'}"


def _agent(recording: Recording, i: int) -> str:
    game = recording.game
    if game is None:
        return f"agent {i + 1}"
    return game.labels[i] if isinstance(game, ParticleWorld) else game.agents[i]


def _alike(world: ParticleWorld) -> bool:
    """Whether all agents see the same things; in worlds of two sides the sides don't."""
    return len(set(world.observation_sizes)) == 1


def thousands(units: float, most: float) -> str:
    """12,400 as it is, or 12.4k, 1.24M where the axis goes further.

    >>> thousands(2000, 5000), thousands(5000, 20000), thousands(2.5e6, 5e6)
    ('2,000', '5k', '2.5M')
    """
    size, letter = next((pair for pair in ((1e6, "M"), (1e3, "k")) if most >= 10 * pair[0] or most >= 1e6), (1, ""))
    return f"{units / size:,g}{letter if units else ''}"
