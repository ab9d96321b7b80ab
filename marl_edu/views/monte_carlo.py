"""Two pictures of Monte Carlo evaluation: how far the running means are off, and how returns and means are spread.

Legend of axes: K seeds, C columns (the agents and then the team), L rungs, B bins.
"""

from __future__ import annotations

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.lines import Line2D
from matplotlib.path import Path
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator
from scipy.stats import chi2

from marl_edu.games import checks
from marl_edu.games.colours import INK, agent_colour
from marl_edu.planning.monte_carlo import RUNGS, bin_edges
from marl_edu.recording import Recording
from marl_edu.views.base import GRID, LARGE, SMALL, View, in_words, pale, step_up
from marl_edu.views.curve_frame import HANDLE, KEY, plain
from marl_edu.views.shapes import afloat

LINES = 12
"""Single seeds that are drawn beside all together."""


class _OfReturns(View):
    """What both share: whose return is looked at, and that there must be a run of ``MonteCarlo`` to look at."""

    def __init__(self, agent: int | str = "team", *, title: str | None = None):
        if agent != "team":
            agent = checks.integer(f"{type(self).__name__}: agent (a number from 0, or 'team')", agent, 0)
        self.agent, self.heading = agent, self._words("title", title)

    def column(self, recording: Recording) -> int:
        """Where the agent, or the team, stands in the frames."""
        if "ladder" not in recording[0]:
            raise ValueError(
                f"{type(self).__name__}: no array 'ladder' was recorded; expected a recording of a MonteCarlo algorithm"
            )
        columns = recording[0]["ladder"].shape[1]
        if self.agent == "team":
            return columns - 1
        return checks.integer(f"{type(self).__name__}: agent", self.agent, 0, columns - 2)

    def whose(self) -> str:
        """Whose return it is, in words."""
        return "the team" if self.agent == "team" else f"agent {self.agent + 1}"

    def colour(self):
        """That of the agent, or ink."""
        return INK if self.agent == "team" else agent_colour(self.agent)

    def _looks(self, ax, x_label: str, y_label: str) -> None:
        ax.set_title(self.heading or self.title, fontsize=LARGE, parse_math=False)
        ax.set_xlabel(x_label, fontsize=SMALL)
        ax.set_ylabel(y_label, fontsize=SMALL, labelpad=1)
        ax.tick_params(labelsize=SMALL, colors=INK, pad=2)
        ax.spines[["top", "right"]].set_visible(False)
        ax.set_axisbelow(True)
        ax.autoscale(False)


class MonteCarloError(_OfReturns):
    """How far running means are from the exact value, against the number of episodes, both axes logarithmic.

    Thin lines: single seeds. Thick line: the root mean square over all seeds, with its 95 % interval (chi-square).
    Dashed line: what it should be, sigma / sqrt(n), of slope -1/2.

    Parameters
    ----------
    agent : int or 'team'
        Whose return.
    title : str, optional
        In place of "Error of the mean".

    Examples
    --------
    >>> MonteCarloError().title
    'Error of the mean'
    """

    title = "Error of the mean"

    def errors(self, recording: Recording, t: int = -1) -> tuple[np.ndarray, np.ndarray]:
        """Numbers of episodes (P,), and the errors of all seeds there (K, P), up to moment ``t``."""
        t = self._moment(recording, t)
        c, frame, done = self.column(recording), recording[t], int(recording.units[t])
        there = done >= RUNGS
        places, errors = RUNGS[there], frame["ladder"][:, c, : there.sum()].astype(float)
        if done and done not in RUNGS:
            places, errors = np.append(places, done), np.column_stack([errors, frame["error"][:, c]])
        return places, errors

    def decorate(self, ax, recording: Recording) -> dict:
        """Axes, the line that it should be, and the artists of what it is."""
        self.column(recording)
        self._looks(ax, "episodes", f"off the exact mean, {self.whose()}")
        ax.set_xscale("log")
        ax.set_yscale("log")
        ax.xaxis.set_major_locator(LogLocator(10))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda n, _: f"{n:,g}"))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda e, _: f"{e:,g}"))
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_minor_locator(NullLocator())  # they cost half of the time to paint
        ax.grid(color=GRID, linewidth=0.6)
        theory = ax.add_line(Line2D([], [], color=INK, linewidth=1.2, linestyle=(0, (6, 3)), zorder=2.1))
        single = ax.add_collection(LineCollection([], colors=[pale(self.colour(), 0.6)], linewidths=0.7), autolim=False)
        band = ax.add_collection(
            PolyCollection([], facecolors=[self.colour()], alpha=0.25, linewidths=0), autolim=False
        )
        line = ax.add_line(Line2D([], [], color=self.colour(), linewidth=2.0))
        dot = afloat(ax, [Path.circle((0, 0), 0.5)], 7.0, [self.colour()], edge=1.0)
        seeds = recording[0]["ladder"].shape[0]
        names = [f"all {seeds} seeds (RMS), 95 % interval", f"{min(seeds, LINES)} single seeds"]
        thin = Line2D([], [], color=pale(self.colour(), 0.6), linewidth=0.9)
        key = ax.legend([line, thin, theory], [*names, "sigma / sqrt(n), slope \N{MINUS SIGN}1/2"],
                        loc="lower left", handlelength=2 * HANDLE, **KEY)  # fmt: skip
        plain(key).set_zorder(2.4)
        return {"single": single, "band": band, "line": line, "dot": dot, "still": theory, "limits": [None]}

    def update(self, ax, artists: dict, recording: Recording, t: int) -> None:
        """Let the lines grow to where the run is."""
        c, frame = self.column(recording), recording[t]
        sigma, most = float(frame["deviation"][0, c]), max(self.expected_units or 0, int(recording.units[-1]), 10)
        if artists["limits"][0] != (sigma, most):
            artists["limits"][0] = (sigma, most)
            top = sigma if sigma > 0 else 1.0
            ax.set_xlim(0.9, 1.1 * most)
            ax.set_ylim(0.004 * top / most**0.5, 5 * top)
            artists["still"].set_data([1, most], [sigma, sigma / most**0.5])
        places, errors = self.errors(recording, t)
        low = ax.get_ylim()[0]
        sizes = np.maximum(np.abs(errors), low / 10)
        middle = np.sqrt((errors**2).mean(axis=0)) if len(places) else np.zeros(0)
        artists["single"].set_segments([np.column_stack([places, row]) for row in sizes[:LINES]] if len(places) else [])
        artists["line"].set_data(places, np.maximum(middle, low / 10))
        artists["dot"].set_offsets(np.column_stack([places[-1:], np.maximum(middle[-1:], low)]).reshape(-1, 2))
        seeds = len(errors)
        artists["band"].set_verts([])
        if len(places) > 1 and seeds > 1:
            ends = [np.maximum(middle * np.sqrt(seeds / chi2.ppf(q, seeds)), low / 10) for q in (0.975, 0.025)]
            there, back = np.column_stack([places, ends[0]]), np.column_stack([places, ends[1]])[::-1]
            artists["band"].set_verts([np.concatenate([there, back])])

    def alt_text(self, recording: Recording, t: int = -1) -> str:
        """The root mean square error beside what it should be."""
        t = self._moment(recording, t)
        places, errors = self.errors(recording, t)
        if not len(places):
            return f"How far the running mean return of {self.whose()} is off: no episode was played yet."
        should = recording[t]["deviation"][0, self.column(recording)] / places[-1] ** 0.5
        return (
            f"{self._at(recording, t).capitalize()} the running mean return of {self.whose()} is off by "
            f"{in_words(np.sqrt((errors[:, -1] ** 2).mean()))} (root mean square of {len(errors)} seeds); sigma / "
            f"sqrt(n) is {in_words(should)}."
        )


class ReturnDistribution(_OfReturns):
    """How the returns of single episodes are spread, and below how the seeds' running means are.

    Bars: share of all episodes so far, all seeds. Dots: the running mean of each seed, scattered up and down so that
    they can be told apart. Dashed line: the exact expected return. What lies beyond the axis is in the last bars.

    Parameters
    ----------
    agent : int or 'team'
        Whose return.
    title : str, optional
        In place of "Returns, and their means".
    """

    title = "Returns, and their means"

    def decorate(self, ax, recording: Recording) -> dict:
        """Axes, the exact value, and the artists."""
        self.column(recording)
        self._looks(ax, f"return of {self.whose()}", "share of episodes (%)")
        exact = ax.add_line(Line2D([], [], color=INK, linewidth=1.2, linestyle=(0, (6, 3)), zorder=2.1))
        ax.add_line(Line2D([0, 1], [0, 0], color=INK, linewidth=0.8, transform=ax.get_yaxis_transform(), zorder=2.1))
        bars = ax.add_collection(
            PolyCollection([], facecolors=[pale(self.colour(), 0.5)], edgecolors="white", linewidths=0.4), autolim=False
        )
        means = afloat(ax, [Path.circle((0, 0), 0.5)], 4.5, [self.colour()], edge=0.3)
        handles = [
            PolyCollection([], facecolors=[pale(self.colour(), 0.5)]),
            Line2D([], [], color=self.colour(), marker="o", linestyle="", markersize=4),
            exact,
        ]
        key = ax.legend(handles, ["single episodes", "running mean of each seed", "exact"], loc="upper left",
                        handlelength=2 * HANDLE, **KEY)  # fmt: skip
        plain(key).set_zorder(2.4)
        return {"bars": bars, "means": means, "still": exact, "limits": [None]}

    def update(self, ax, artists: dict, recording: Recording, t: int) -> None:
        """Bars and dots of this moment."""
        c, frame = self.column(recording), recording[t]
        exact, sigma = (float(frame[name][0, c]) for name in ("exact", "deviation"))
        edges = exact + bin_edges(sigma)
        counts = recording[-1]["counts"][:, c].sum(axis=0)
        highest = step_up(max(100 * counts.max() / max(counts.sum(), 1), 10.0))
        if artists["limits"][0] is None or artists["limits"][0] != (exact, sigma, highest):
            artists["limits"][0] = (exact, sigma, highest)
            ax.set_xlim(edges[0], edges[-1])
            ax.set_ylim(-0.3 * highest, 1.45 * highest)
            ax.set_yticks([tick for tick in ax.get_yticks() if 0 <= tick <= highest])
            artists["still"].set_data([exact, exact], [-0.3 * highest, 1.1 * highest])
        counts = frame["counts"][:, c].sum(axis=0)
        share = 100 * counts / max(counts.sum(), 1)
        artists["bars"].set_verts([
            [(left, 0), (left, height), (right, height), (right, 0)]
            for left, right, height in zip(edges, edges[1:], share, strict=False) if height > 0
        ])  # fmt: skip
        means = exact + frame["error"][:, c]
        known = np.isfinite(means)
        heights = -highest * (0.06 + 0.2 * (np.arange(len(means)) * 0.618034 % 1))
        dots = np.column_stack([np.clip(means, edges[0], edges[-1]), heights])[known]
        artists["means"].set_offsets(dots.reshape(-1, 2))

    def alt_text(self, recording: Recording, t: int = -1) -> str:
        """Where the returns are, and where the means."""
        t = self._moment(recording, t)
        c, frame = self.column(recording), recording[t]
        exact, sigma, error = (frame[name][:, c] for name in ("exact", "deviation", "error"))
        words = (
            f"Returns of {self.whose()} {self._at(recording, t)}: exact expectation {in_words(exact[0])}, standard "
            f"deviation {in_words(sigma[0])}"
        )
        if not np.isfinite(error).any():
            return words + "."
        low, high = exact[0] + np.nanmin(error), exact[0] + np.nanmax(error)
        return f"{words}; running means of {len(error)} seeds from {in_words(low)} to {in_words(high)}."
