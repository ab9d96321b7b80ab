"""A tournament as a table: rows are players, columns their opponents, each cell what the player is paid on average.

Not a view of a recording: a tournament is computed at once and has no time in it.

Legend of axes: S strategies.
"""

from __future__ import annotations

import numpy as np
from matplotlib import colormaps
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from marl_edu.games import checks
from marl_edu.games.colours import INK
from marl_edu.learning.tournament import RoundRobin
from marl_edu.views.base import GRID, LARGE, SMALL, in_words
from marl_edu.views.figures import DPI
from marl_edu.views.shapes import in_data, shortened, square, width_of

COLOURS, DARKEST = colormaps["Purples"], 0.6
"""One hue, which no agent has, from white for the lowest pay to this shade for the highest: dark letters suit all."""

GAP = 0.25
"""Room between the opponents and the column of means, in cells."""

MOST = 12
"""Strategies that can be drawn, so that the picture is no wider than a thousand pixels."""

CELL_WIDTH, CELL_HEIGHT = 56, 30
"""Pixels of a cell in ``figure``."""

NAME = 150
"""Points that the name of a player may take."""


class CrossTable:
    """The cross-table of a tournament, best mean first: ``CrossTable()(ax, tournament)``.

    The darker a cell, the higher the row's mean payoff per round against the column. At the right stands the mean over
    all opponents, by which the rows are ordered. Columns have the numbers of the rows.

    Parameters
    ----------
    title : str, optional
        In place of what is worked out.

    Raises
    ------
    ValueError
        When drawing: if it isn't given a ``RoundRobin``, or one of more than 12 strategies.

    Examples
    --------
    >>> from marl_edu.learning import STRATEGIES, iterated_dilemma, round_robin
    >>> pair = {name: STRATEGIES[name] for name in ("always defect", "tit for tat")}
    >>> print(CrossTable().alt_text(round_robin(pair, iterated_dilemma())))  # doctest: +NORMALIZE_WHITESPACE
    Mean payoff per round in the iterated prisoner's dilemma, discount 0.96, best mean first:
    (1) tit for tat, mean -1.52, -1 against 1, -2.04 against 2;
    (2) always defect, mean -1.96, -1.92 against 1, -2 against 2.
    """

    def __init__(self, *, title: str | None = None):
        self.heading = None if title is None else checks.text("CrossTable: title", title)

    def ordered(self, tournament: RoundRobin) -> tuple[list[str], np.ndarray, np.ndarray]:
        """Names, payoffs (S, S) and means (S,), best mean first."""
        if not isinstance(tournament, RoundRobin):
            raise ValueError(f"CrossTable: tournament is {checks.shown(tournament)}; expected what round_robin returns")
        if len(tournament.names) > MOST:
            raise ValueError(f"CrossTable: {len(tournament.names)} strategies; expected at most {MOST}, to be readable")
        names = tournament.ranking
        order = [tournament.names.index(name) for name in names]
        return names, tournament.payoffs[np.ix_(order, order)], tournament.means[order]

    def __call__(self, ax, tournament: RoundRobin) -> None:
        """Draw the table into axes, anew."""
        names, payoffs, means = self.ordered(tournament)
        many = len(names)
        ax.clear()
        ax.set_xlim(-0.52, many + 0.52 + GAP)
        ax.set_ylim(many - 0.48, -0.52)
        ax.spines[:].set_visible(False)
        ax.tick_params(length=0, colors=INK)
        ax.xaxis.tick_top()
        places = [*range(many), many + GAP]
        self._label(ax, names, places)
        cells = {(row, places[column]): number for (row, column), number in np.ndenumerate(payoffs)}
        cells |= {(row, places[-1]): mean for row, mean in enumerate(means)}
        low, high = payoffs.min(), payoffs.max()
        spread = high - low if high - low > 1e-9 * max(abs(low), abs(high)) else 1.0
        shades = COLOURS(DARKEST * (np.array(list(cells.values())) - low) / spread)
        in_data(ax, [square(*cell) for cell in cells], facecolors=shades, edgecolors=GRID, linewidths=0.8)
        words = [two_decimals(number) for number in cells.values()]
        wide = ax.bbox.width / ax.figure.dpi * 72 / (many + 1 + GAP)
        size = SMALL * min(1.0, 0.92 * wide / max(width_of(word, SMALL) for word in words))
        for (row, column), word in zip(cells, words, strict=True):
            weight = "bold" if column == places[-1] else "normal"
            ax.text(column, row, word, ha="center", va="center", fontsize=size, color=INK, weight=weight)

    def _label(self, ax, names: list[str], places: list[float]) -> None:
        """Names of the players in full, of their opponents by number, and what the numbers are."""
        numbered = [f"{shortened(name, SMALL, NAME)}  {k}" for k, name in enumerate(names, 1)]
        ax.set_yticks(range(len(names)), numbered, fontsize=SMALL, parse_math=False)
        ax.set_xticks(places, [*map(str, range(1, len(names) + 1)), "mean"], fontsize=SMALL)
        ax.set_xlabel("what the row is paid per round", fontsize=SMALL)
        ax.xaxis.set_label_position("bottom")
        ax.set_title(self.heading or "Who is paid what against whom", fontsize=LARGE, parse_math=False)

    def figure(self, tournament: RoundRobin) -> Figure:
        """The table as a figure of its own, as large as it needs to be."""
        many = len(self.ordered(tournament)[0])
        left, top, right, bottom = int((NAME + 24) * DPI / 72), 52, 16, 30
        across, down = max(320, int(CELL_WIDTH * (many + 1 + GAP))), CELL_HEIGHT * many
        width, height = left + across + right, top + down + bottom
        drawn = Figure(figsize=(width / DPI, height / DPI), dpi=DPI, facecolor="white")
        FigureCanvasAgg(drawn)
        self(drawn.add_axes((left / width, bottom / height, across / width, down / height)), tournament)
        return drawn

    def alt_text(self, tournament: RoundRobin) -> str:
        """The whole table in words, best mean first."""
        names, payoffs, means = self.ordered(tournament)
        rows = []
        for k, (name, row, mean) in enumerate(zip(names, payoffs, means, strict=True), 1):
            cells = (f"{in_words(paid)} against {j}" for j, paid in enumerate(row, 1))
            rows.append(f"({k}) {name}, mean {in_words(mean)}, {', '.join(cells)}")
        noise = f", noise {tournament.noise:g}" if tournament.noise else ""
        played = f"the {tournament.game}, discount {tournament.discount:g}{noise}"
        return f"Mean payoff per round in {played}, best mean first: {'; '.join(rows)}."


def two_decimals(number: float) -> str:
    """Two decimals, so that a column can be compared at a glance; -0.004 is 0.00.

    >>> two_decimals(-1.0449), two_decimals(-0.004)
    ('−1.04', '0.00')
    """
    return f"{round(number, 2) + 0.0:.2f}".replace("-", "\N{MINUS SIGN}")
