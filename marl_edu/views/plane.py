"""What pictures of two agents' mixed policies share: a field, runs with their averages, the equilibria.

A subclass says where a pair of policies is in the picture, where arrows stand, and what the best answers look like.

Legend of axes: T moments, K seeds, N agents, A actions (most of any agent), G arrows or seeds of curves, E equilibria.
"""

from __future__ import annotations

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.lines import Line2D
from matplotlib.path import Path

from marl_edu.games import checks
from marl_edu.games.colours import INK
from marl_edu.recording import Recording
from marl_edu.views.base import LARGE, SMALL
from marl_edu.views.placed import Placed
from marl_edu.views.polygons import hull_of
from marl_edu.views.shapes import afloat
from marl_edu.views.steady import SteadyView
from marl_edu.views.strategies import Answers, answers_to, arrows, as_one_line, runs, settings_of, tables_in_force
from marl_edu.views.streamlines import heads, streamlines

PAINTED = ["field", "any 0", "any 1", "continuum", "rim", "join", "best 0", "best 1", "bounds", "early", "run",
           "average", "label rim", "label", "run heads", "average heads", "equilibria"]  # fmt: skip
"""What lies above what, lowest first."""

EQUILIBRIUM = "#F0E442"
"""Fill of what marks an equilibrium; its rim is ink, so that it is seen on everything."""

AVERAGE_DASHES = (0, (3, 1.5))

SLOW_TO_FAST = LinearSegmentedColormap.from_list("slow to fast", ["#d9d9d9", "#6f6f6f"])

HEAD = 5.0
"""Length of the head of a curve, in points."""

TALL = 400
"""Height of a panel's picture with a plane in it, in pixels: what is square or a triangle needs it to be large."""

RECENT = 8
"""The last of so many parts of each run is drawn strong, the rest faint: where runs circle, all would be black."""

DIAMOND = Path(np.array([(0, -1), (1, 0), (0, 1), (-1, 0), (0, -1)]) * 0.5, closed=True)
DISC = Path.circle((0, 0), 0.5)


class StrategyPlane(SteadyView):
    """Base of ``UnitSquare`` and ``Simplex``.

    Parameters
    ----------
    field : callable, optional
        ``field(tables, policies, **settings)``, with payoffs (G, N, A_1, A_2) and policies (G, N, A), gives velocities
        (G, N, A). Arguments that have the name of a recorded hyperparameter get what was in force, ``**`` gets all of
        them. Default: no arrows.
    settings : dict, optional
        Further arguments of ``field``; these win over what was recorded.
    flow : {'arrows', 'streamlines'}
        Whether the field is drawn as arrows on a grid or as curves along it.
    play : {'line', 'now'}
        Whether to draw the way of the policies, or only where they are now, for play that jumps about.
    averages : bool
        Whether to draw the averages over time, where they are recorded.
    answers : bool
        Whether to draw best responses and equilibria.
    title : str, optional
        In place of what is worked out.
    """

    tall = TALL
    size, margins = (1.0, 1.0), (9.0, 9.0, 9.0, 9.0)
    """Width and height in data units, and points to keep free at the left, right, bottom and top."""

    spacing = 0.1
    """Distance between arrows, in data units."""

    apart = 0.065
    """Distance from other curves at which one may begin, in data units."""

    corners = np.zeros((0, 2))
    """Of the plane, anticlockwise, in data units."""

    def __init__(self, field=None, *, settings=None, flow: str = "arrows", play: str = "line", averages: bool = True,
                 answers: bool = True, title: str | None = None):  # fmt: skip
        who = type(self).__name__
        if field is not None and not callable(field):
            raise ValueError(f"{who}: field is {checks.shown(field)}; expected a function of payoffs and policies")
        if settings is not None and not isinstance(settings, dict):
            raise ValueError(f"{who}: settings is {checks.shown(settings)}; expected a dict of arguments of the field")
        self.field, self.settings = field, dict(settings or {})
        self.flow = checks.option(f"{who}: flow", flow, ("arrows", "streamlines"))
        self.play = checks.option(f"{who}: play", play, ("line", "now"))
        self.averages, self.answers = (checks.flag(f"{who}: {name}", value)
                                       for name, value in (("averages", averages), ("answers", answers)))  # fmt: skip
        self.heading = self._words("title", title)

    # ---- what a subclass says -----------------------------------------------------------------------------------

    def tables(self, recording: Recording, t: int) -> np.ndarray:
        """The payoffs in force at moment ``t``, (2, A_1, A_2), if this view can show such a game."""
        return tables_in_force(recording, t, type(self).__name__)

    def where(self, policies: np.ndarray) -> np.ndarray:
        """Where policies (..., N, A) are in the picture, (..., 2)."""
        raise NotImplementedError

    def places(self) -> np.ndarray:
        """Where arrows stand or curves may begin, (G, 2)."""
        raise NotImplementedError

    def policies(self, places: np.ndarray, recording: Recording, t: int) -> np.ndarray:
        """The policies (G, N, A) at places (G, 2) at moment ``t``; at places outside, those of a place at the edge."""
        raise NotImplementedError

    def _decorate(self, ax, recording: Recording, artists: dict) -> list:
        """Frame, labels, and artists of the best responses; returns entries of the legend."""
        raise NotImplementedError

    def _fit_labels(self, ax, artists: dict, recording: Recording) -> None:
        """Write labels as long as they fit; called when the axes have another size."""

    def _show_answers(self, recording: Recording, artists: dict, tables: np.ndarray) -> None:
        """Move the best responses; called when the payoffs have changed."""
        raise NotImplementedError

    # ---- drawing ------------------------------------------------------------------------------------------------

    def decorate(self, ax, recording: Recording) -> dict:
        """The frame with its legend, and empty artists."""
        self.tables(recording, 0)
        runs(recording, "policies", 0, type(self).__name__)
        ax.set_title(self.heading or recording.algorithm or self.title, fontsize=LARGE, parse_math=False)
        ax.tick_params(labelsize=SMALL, colors=INK, pad=2)
        ax.spines[:].set_visible(False)
        ax.autoscale(False)
        artists = {}
        if self.field is not None:
            artists["field"] = self._decorate_field(ax)
        if self.answers:
            area = PolyCollection([], facecolors=EQUILIBRIUM, alpha=0.7)
            artists["continuum"] = ax.add_collection(area, autolim=False)
            for name, colour, width in (("rim", INK, 11), ("join", EQUILIBRIUM, 9.5)):
                artists[name] = ax.add_collection(
                    LineCollection([], colors=colour, linewidths=width, capstyle="round"), autolim=False
                )
                artists[name].set_clip_on(False)
        best = self._decorate(ax, recording, artists)
        entries = self._decorate_runs(ax, recording, artists) + best
        if self.answers:
            artists["equilibria"] = afloat(ax, [DIAMOND], 11.0, [EQUILIBRIUM], edge=1.2)
            artists["equilibria"].set_edgecolor(INK)
            mark = Line2D([], [], color=EQUILIBRIUM, marker="D", markersize=7.5, markeredgecolor=INK, linestyle="none")
            entries.append((mark, "Nash equilibrium", "equilibrium"))
        for name in sorted(set(artists) & set(PAINTED), key=PAINTED.index):
            artists[name] = artists.pop(name)
        artists["placed"] = Placed(ax, self.margins, entries)
        artists["known"] = {}
        return artists

    def _decorate_field(self, ax):
        if self.flow == "streamlines":
            return ax.add_collection(LineCollection([], linewidths=1.0, clip_on=False), autolim=False)
        nothing = np.zeros(len(self.places()))
        field = ax.quiver(nothing, nothing, nothing, nothing, nothing, cmap=SLOW_TO_FAST, pivot="mid", angles="xy",
                          scale_units="xy", scale=1, units="dots", width=1.3, headwidth=4, headlength=4,
                          headaxislength=3.6, minlength=0.5, clip_on=False)  # fmt: skip
        field.set_clim(0, 1)
        return field

    def _decorate_runs(self, ax, recording: Recording, artists: dict) -> list:
        entries = []
        kinds = [("policies", "run", "play, now", "play"), ("averages", "average", "its average so far", "average")]
        for array, name, words, short in kinds:
            if array not in recording[0] or (name == "average" and not self.averages):
                continue
            dashed = name == "average"
            looks = {"color": INK, "linewidth": 1.0 if dashed else 1.5, "linestyle": AVERAGE_DASHES if dashed else "-"}
            if name == "run":
                looks["linestyle"] = "-" if self.play == "line" else "none"
                artists["early"] = ax.add_line(Line2D([], [], clip_on=False, color=INK, linewidth=1.1, alpha=0.85))
            artists[name] = ax.add_line(Line2D([], [], clip_on=False, **looks))
            rim, fill = ("white", INK) if name == "run" else (INK, "white")
            artists[f"{name} heads"] = afloat(ax, [DISC], 7.5, [fill], edge=1.2)
            artists[f"{name} heads"].set_edgecolor(rim)
            mark = Line2D([], [], marker="o", markersize=6, markerfacecolor=fill, markeredgecolor=rim, **looks)
            entries.append((mark, words, short))
        return entries

    def update(self, ax, artists: dict, recording: Recording, t: int) -> None:
        """Redraw what depends on the payoffs where these have changed, and let the runs grow."""
        resized, known = artists["placed"].fit((0, 0, *self.size)), artists["known"]
        if resized:
            self._fit_labels(ax, artists, recording)
        tables = self.tables(recording, t)
        if self.answers and (resized or known.get("tables") != tables.tobytes()):
            self._show_answers(recording, artists, tables)
            self._show_equilibria(artists, answers_to(recording, tables))
        known["tables"] = tables.tobytes()
        if self.field is not None:
            self._show_field(artists, recording, t, tables, resized)
        for array, name in (("policies", "run"), ("averages", "average")):
            if name in artists:
                points = self.where(runs(recording, array, t, type(self).__name__))
                artists[f"{name} heads"].set_offsets(np.ma.masked_invalid(points[-1]))
                if name == "run" and self.play == "now":
                    continue
                if name == "run":
                    artists["early"].set_data(*as_one_line(points).T)
                    points = points[-max(2, -(-len(points) // RECENT)) :]
                artists[name].set_data(*as_one_line(points).T)

    def _show_field(self, artists: dict, recording: Recording, t: int, tables: np.ndarray, resized: bool) -> None:
        settings = settings_of(self.field, self.settings, recording.hyperparameters(t))
        places, known = self.places(), artists["known"]
        at = self.policies(places, recording, t)
        now = (tables.tobytes(), repr(settings), at.tobytes())
        if known.get("field") == now and not resized:
            return
        known["field"] = now

        def drive(points):
            policies = self.policies(points, recording, t)
            return self.where(arrows(self.field, tables, policies, settings, type(self).__name__))  # where() is linear

        if self.flow == "streamlines":
            self._show_streamlines(artists, streamlines(drive, places, self.corners, self.apart))
        else:
            self._show_arrows(artists, places, drive(places))

    def _show_arrows(self, artists: dict, places: np.ndarray, steps: np.ndarray) -> None:
        speed = np.hypot(*steps.T)
        share = np.sqrt(speed / max(speed.max(), 1e-300))  # slow parts stay visible
        longest = 0.95 * self.spacing
        steps = steps * (longest * share / np.maximum(speed, 1e-300))[:, np.newaxis]
        artists["field"].set_offsets(places)
        artists["field"].set_UVC(*steps.T, share)

    def _show_streamlines(self, artists: dict, lines: list) -> None:
        """The curves, then their heads, which alone are filled."""
        speed = np.array([line.speed for line in lines])
        colours = SLOW_TO_FAST(0.15 + 0.5 * np.sqrt(speed / speed.max(initial=1e-300)))
        points = HEAD / artists["placed"].scale[0]
        artists["field"].set_segments([*(line.points for line in lines), *heads(lines, points)])
        artists["field"].set_edgecolors(np.concatenate([colours, colours]))
        artists["field"].set_facecolors(np.concatenate([colours * (1, 1, 1, 0), colours]))

    def _show_equilibria(self, artists: dict, found: Answers) -> None:
        """Marks, and thick lines or areas where there is a continuum."""
        places = self.where(found.policies)
        spans = [hull_of(places[list(subset)]) for subset in found.subsets if len(subset) > 1]
        for name in ("rim", "join"):
            artists[name].set_segments([span for span in spans if len(span) == 2])
        artists["continuum"].set_verts([span for span in spans if len(span) > 2])
        artists["equilibria"].set_offsets(places)
