"""How fast something falls: both axes logarithmic, with the theoretical rate or bound drawn in.

On such axes c t^r is a straight line of slope r, whatever c: what falls as fast as it should runs beside that line.

Legend of axes: T moments, K seeds, N agents, L lines.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.path import Path

from marl_edu.games import checks
from marl_edu.games.colours import INK, agent_colour
from marl_edu.recording import Recording
from marl_edu.views.bands import Bands, bands_of, values_of
from marl_edu.views.base import LARGE, REFERENCE_STYLES, SMALL, in_words, pale
from marl_edu.views.rate_frame import LogFrame
from marl_edu.views.shapes import afloat
from marl_edu.views.steady import SteadyView

MOST_POINTS = 300
"""Points of a line that are drawn, evenly spread on the logarithmic axis."""


class RateView(SteadyView):
    """A quantity against time, both logarithmic: mean over seeds, a band, and how fast it should fall, in dashes.

    A rate r is drawn as c t^r with the smallest c such that no recorded mean lies above it. A callable is drawn as it
    is: a bound. What is not above 0 has no logarithm and is left out; what lies after the shown moment is pale.

    Parameters
    ----------
    quantity : str
        Name of an array in the frames, (K,) or (K, N).
    rate : float, callable or None
        The slope r, or ``rate(units)``, which gives for units of work (P,) what is promised there, (P,).
    label : str, optional
        Of the dashed line; by default it says the slope, or "bound".
    agents : {'mean', 'each', 'sum'}
        How the agents' numbers become lines.
    band : {'range', 'interval', None}
        Smallest to largest seed, 95 % confidence interval of the mean (Student t), or none.
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
        If an argument is none of those above, or, when drawing, if a recording holds no such quantity, or the callable
        gives something else than one number each.

    Examples
    --------
    >>> RateView("regret").label, RateView("regret", lambda t: 2 / t).label
    ('slope −1/2', 'bound')
    """

    title = "Rate"

    def __init__(self, quantity: str = "regret", rate=-0.5, label: str | None = None, *, agents: str = "mean",
                 band: str | None = "range", y_label: str | None = None, title: str | None = None):  # fmt: skip
        self.quantity = checks.text("RateView: quantity", quantity)
        self.rate = rate if rate is None or callable(rate) else checks.number("RateView: rate", rate, -100, 100)
        self.agents = checks.option("RateView: agents", agents, ("mean", "each", "sum"))
        self.band = None if band is None else checks.option("RateView: band", band, ("range", "interval"))
        label, self.y_label = self._words("label", label), self._words("y_label", y_label)
        self.label = label or ("bound" if callable(rate) else "" if rate is None else _slope(self.rate))
        self.heading = self._words("title", title)
        self.ghosts: list[tuple[str, Recording]] = []

    def bands(self, recording: Recording) -> Bands:
        """Mean and band at moments spread evenly on the logarithmic axis, the first and last among them."""
        return self._at_moments(recording, np.arange(len(recording)))

    def promised(self, recording: Recording, units: np.ndarray) -> np.ndarray:
        """What the dashed line says at these units of work, (P,); NaN if there is none."""
        return self._promised(self.bands(recording), np.asarray(units, dtype=float))

    def _promised(self, bands: Bands, units: np.ndarray) -> np.ndarray:
        if callable(self.rate):
            found = np.asarray(self.rate(units), dtype=float)
            if found.shape != units.shape:
                raise ValueError(f"RateView: rate gave an array of shape {found.shape}; expected {units.shape}")
            return found
        known = (bands.middle > 0).any(axis=1) & (bands.units > 0)
        if self.rate is None or not known.any():
            return np.full(len(units), np.nan)
        logs = np.log(np.nanmax(bands.middle[known], axis=1)) - self.rate * np.log(bands.units[known])
        return np.exp(logs.max() + self.rate * np.log(units))

    def _at_moments(self, recording: Recording, moments: np.ndarray) -> Bands:
        units = np.asarray(recording.units)[moments]
        moments = moments[units > 0]
        if len(moments) > MOST_POINTS:
            places = np.geomspace(units[units > 0][0], units[-1], MOST_POINTS)
            moments = moments[np.unique(np.searchsorted(units[units > 0], places).clip(max=len(moments) - 1))]
        if not len(moments):
            lines = values_of(recording, self.quantity, self.agents, [0]).shape[2]
            return Bands(np.zeros(0), *(np.zeros((0, lines)) for _ in range(3)))
        return bands_of(recording, self.quantity, self.agents, self.band, moments)

    # ---- drawing ------------------------------------------------------------------------------------------------

    def decorate(self, ax, recording: Recording) -> dict:
        """Logarithmic axes, labels, and empty lines."""
        lines = values_of(recording, self.quantity, self.agents, [0]).shape[2]
        frame = LogFrame(ax)
        ax.set_title(self.heading or recording.algorithm or self.title, fontsize=LARGE, parse_math=False)
        ax.set_xlabel(f"{recording.unit}s", fontsize=SMALL, parse_math=False)
        ax.set_ylabel(
            self.y_label or self._what(recording).replace(", ", ",\n"), fontsize=SMALL, parse_math=False, labelpad=1
        )
        colours = [agent_colour(i) for i in range(lines)] if lines > 1 else [INK]
        artists = {"promise": ax.add_line(Line2D([], [], color=INK, linewidth=1.3))}
        artists["promise"].set_linestyle(REFERENCE_STYLES["team optimum"])
        for i, colour in enumerate(colours):
            area = PolyCollection([], facecolor=colour, alpha=0.22, linewidth=0)
            artists[f"band {i}"] = ax.add_collection(area, autolim=False)
        for kind in ("later", "line"):
            for i, (colour, width) in enumerate(zip(colours, np.linspace(3.2, 1.8, lines), strict=True)):
                shade = colour if kind == "line" else pale(colour)
                artists[f"{kind} {i}"] = ax.add_line(Line2D([], [], color=shade, linewidth=width if lines > 1 else 1.8))
        artists["dots"] = afloat(ax, [Path.circle((0, 0), 0.5)], 7.0, colours, edge=1.0)
        artists["frame"], artists["numbers behind"] = frame, (None, None, None)
        return artists

    def update(self, ax, artists: dict, recording: Recording, t: int) -> None:
        """Move the ends of the lines; widen the axes where they must be."""
        now = (len(recording), int(recording.units[-1]))
        before, then, bands = artists["numbers behind"]
        if before is not recording or then != now:
            bands = self.bands(recording)
            artists["numbers behind"] = (recording, now, bands)
        known = tuple((str(label), id(run), len(run)) for label, run in self.ghosts)
        if known != artists.get("known ghosts"):
            artists["known ghosts"] = known
            ghosts = [(str(label), self.bands(run)) for label, run in self.ghosts]
            artists["frame"].write(self._entries(recording, artists), ghosts)
        if before is not recording:
            artists["frame"].begin()
        artists["frame"].fit(bands, lambda units: self._promised(bands, units), now[1], self.expected_units or 0)
        floor = ax.get_ylim()[0]
        right = ax.get_xlim()[1]
        places = np.geomspace(1, right, 60) if callable(self.rate) else np.array([1.0, right])
        artists["promise"].set_data(places, self._promised(bands, places))
        units = int(recording.units[t])
        past, future = bands.units <= units, bands.units >= units
        here = self._at_moments(recording, np.array([t])).middle
        for i in range(bands.middle.shape[1]):
            heights = np.where(bands.middle[:, i] > 0, bands.middle[:, i], np.nan)
            ends = (np.append(bands.units[past], units), np.append(heights[past], here[:, i] if len(here) else np.nan))
            artists[f"line {i}"].set_data(*ends)
            artists[f"later {i}"].set_data(bands.units[future], heights[future])
            low, high = (np.maximum(end[:, i : i + 1], floor / 10) for end in (bands.low, bands.high))
            artists[f"band {i}"].set_verts(Bands(bands.units, low, low, high).outline(0))
        points = np.column_stack([np.full(here.size, float(units)), here.ravel()])
        artists["dots"].set_offsets(np.ma.masked_where(~(points > 0), points))

    def _entries(self, recording: Recording, artists: dict) -> list[tuple[object, str]]:
        """Handles and labels of the legend, without earlier runs."""
        seeds = recording[0][self.quantity].shape[0]
        words = "1 seed" if seeds == 1 else f"{seeds} seeds: mean"
        spread = {"range": " and range", "interval": ", 95 % interval", None: ""}[self.band if seeds > 1 else None]
        lines = [artists[name] for name in artists if name.startswith("line ")]
        if len(lines) == 1:
            entries: list = [(lines[0], words + spread)]
        else:
            agents = (
                recording.game.agents if recording.game is not None else [f"agent {i + 1}" for i in range(len(lines))]
            )
            band = Patch(color=INK, alpha=0.22 if spread else 0.0, linewidth=0)
            entries = [*zip(lines, agents, strict=True), (band, words + spread)]
        return [*entries, (artists["promise"], self.label)] if self.rate is not None else entries

    def alt_text(self, recording: Recording, t: int = -1) -> str:
        """The number, the slope it has fallen with lately, and what the dashed line says there."""
        t = self._moment(recording, t)
        units, said = np.asarray(recording.units), []
        before = int(np.searchsorted(units, max(units[t] / 10, 1)))
        here = self._at_moments(recording, np.array([t])).middle
        there = self._at_moments(recording, np.array([before])).middle
        for i in range(values_of(recording, self.quantity, self.agents, [0]).shape[2]):
            height = here[0, i] if len(here) else np.nan
            text = f"agent {i + 1} {in_words(height)}" if here.shape[1] > 1 else in_words(height)
            if len(there) and before < t and there[0, i] > 0 and height > 0:
                slope = np.log(height / there[0, i]) / np.log(units[t] / units[before])
                text += f", fallen with slope {slope:.2f}".replace("-", "\N{MINUS SIGN}")
                text += f" since {units[before]:,} {recording.unit}{'' if units[before] == 1 else 's'}"
            said.append(text)
        seeds = recording[0][self.quantity].shape[0]
        over = f"mean of {seeds} seeds" if seeds > 1 else "1 seed"
        text = f"{self._what(recording).capitalize()} {self._at(recording, t)} ({over}): {'; '.join(said)}"
        if self.rate is not None and units[t] > 0:
            level = float(self.promised(recording, units[t : t + 1])[0])
            text += f"; the dashed line ({self.label}) is at {in_words(level)}"
        return text + "."

    def _what(self, recording: Recording) -> str:
        """What the number is."""
        shape = recording[0][self.quantity].shape
        agents = "" if len(shape) == 1 or self.agents == "each" else f", {self.agents} over agents"
        return self.quantity.replace("_", " ") + agents


def _slope(rate: float) -> str:
    """A slope in words.

    >>> _slope(-0.5), _slope(-1.0), _slope(-0.37)
    ('slope −1/2', 'slope −1', 'slope −0.37')
    """
    simple = Fraction(rate).limit_denominator(12)
    text = str(simple) if abs(float(simple) - rate) < 1e-9 else f"{rate:g}"
    return f"slope {text}".replace("-", "\N{MINUS SIGN}")
