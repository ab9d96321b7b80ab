"""All pairs of mixed policies of two agents with two actions each: a square, with the dynamics drawn into it.

Across is the chance of agent 1's first action, x, upwards that of agent 2's, y. Agent 1's payoff is linear in x, with
slope d(y) = (A y)_1 - (A y)_2: its best response is 1 where d is positive, 0 where it is negative, and anything where
it is 0. Likewise agent 2's. Where both curves meet is an equilibrium.

Legend of axes: T moments, K seeds, N = 2 agents, G arrows.

Source: the picture is that of S. Singh, M. Kearns & Y. Mansour, "Nash convergence of gradient dynamics in general-sum
games", UAI 2000.
"""

from __future__ import annotations

import numpy as np
from matplotlib.lines import Line2D

from marl_edu.games.colours import INK, agent_colour
from marl_edu.recording import Recording
from marl_edu.views.base import GRID, SMALL, in_words, pale
from marl_edu.views.placed import in_points
from marl_edu.views.plane import StrategyPlane
from marl_edu.views.shapes import in_data, shortened, square, width_of
from marl_edu.views.strategies import answers_to, names, runs

NEAR = 1e-12
"""Share of an agent's range of payoffs that counts as none."""

INSIDE = 1e-9
"""Least chance of an action where the field is asked."""

ACROSS = {"arrows": 13, "streamlines": 9}
"""Arrows, or places where curves may begin, in a row."""

WIDTHS = (4.6, 2.2)
"""Of the two best-response curves: where they coincide, both stay visible."""


class UnitSquare(StrategyPlane):
    """Chance of agent 1's first action against that of agent 2's: field, best responses, equilibria, runs, averages.

    An agent's best response is a thick line in its colour (a tint over all, if anything is best against anything). All
    equilibria are diamonds; where there is a continuum of them, a thick line or an area. Solid lines are the runs
    (at most 40) up to the shown moment, dashed ones the averages of their policies. Arrows point where the field
    drives play, longer and darker is faster; or curves run along it, darker is faster on average.

    Parameters
    ----------
    field : callable, optional
        ``field(tables, policies, **settings)``, with payoffs (G, N, A_1, A_2) and policies (G, N, A), gives velocities
        (G, N, A). Arguments that have the name of a recorded hyperparameter get what was in force, ``**`` gets all of
        them: the ``velocity`` of a flow in ``marl_edu.learning.dynamics`` will do. Default: none is drawn.
    settings : dict, optional
        Further arguments of ``field``; these win over what was recorded.
    flow : {'arrows', 'streamlines'}
        Whether the field is drawn as arrows on a grid or as curves along it.
    play : {'line', 'now'}
        Whether to draw the way of the policies, or only where they are now, for play that jumps about.
    averages, answers : bool
        Whether to draw the averages, and best responses with equilibria.
    title : str, optional
        In place of the algorithm's.

    Raises
    ------
    ValueError
        If an argument is none of those above, or, when drawing, if the recording is not one of two agents with two
        actions each in one state, holds no ``policies`` (K, N, A), or the field gives something else than velocities.

    Examples
    --------
    >>> UnitSquare().curve(np.array([[1.0, -1.0], [-1.0, 1.0]])).tolist()
    [[0.0, 0.0], [0.0, 0.5], [1.0, 0.5], [1.0, 1.0]]
    """

    title = "Policies"
    spacing = 1 / 13
    corners = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])

    def tables(self, recording: Recording, t: int) -> np.ndarray:
        """The payoffs in force, (2, 2, 2)."""
        tables = super().tables(recording, t)
        if tables.shape != (2, 2, 2):
            many = " and ".join(map(str, tables.shape[1:]))
            raise ValueError(
                f"{type(self).__name__}: the agents have {many} actions; expected two each (a Simplex shows three)"
            )
        return tables

    def where(self, policies: np.ndarray) -> np.ndarray:
        """(x, y): the chances of both first actions."""
        return policies[..., 0]

    def places(self) -> np.ndarray:
        """The middles of equal cells."""
        across = ACROSS[self.flow]
        ticks = (np.arange(across) + 0.5) / across
        return np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)

    def policies(self, places: np.ndarray, recording: Recording, t: int) -> np.ndarray:
        """(x, 1 - x) and (y, 1 - y), never quite pure: at the edge itself a field may be held back."""
        first = np.minimum(np.maximum(places, INSIDE), 1 - INSIDE)
        return np.stack([first, 1 - first], axis=-1)

    @staticmethod
    def curve(own: np.ndarray) -> np.ndarray | None:
        """The best responses of an agent with payoffs (own action, other's action).

        Corners (P, 2) of a line of points (own chance, other's chance), or None if anything is best against anything.
        """
        slopes = own[0] - own[1]  # against the other's first and second action
        slopes = np.where(np.abs(slopes) <= NEAR * np.ptp(own), 0.0, slopes)
        at_one, at_zero = slopes
        if at_one == at_zero == 0:
            return None
        if at_one * at_zero > 0:
            best = float(at_one > 0)
            return np.array([[best, 0.0], [best, 1.0]])
        tie = at_zero / (at_zero - at_one)  # the other's chance that makes both actions equally good
        below = float(at_zero > 0 if at_zero else at_one < 0)
        return np.array([[below, 0.0], [below, tie], [1 - below, tie], [1 - below, 1.0]])

    def _decorate(self, ax, recording: Recording, artists: dict) -> list:
        for i, axis in enumerate((ax.xaxis, ax.yaxis)):
            axis.set_ticks([0, 0.5, 1], ["0", "0.5", "1"], fontsize=SMALL)
            axis.set_label_text("chance", fontsize=SMALL, color=agent_colour(i), parse_math=False)
        ax.tick_params(length=0)
        in_data(ax, [square(0.5, 0.5)], facecolors="white", edgecolors=INK, linewidths=0.8)
        for at in ([[0.5, 0.5], [0, 1]], [[0, 1], [0.5, 0.5]]):
            ax.add_line(Line2D(*at, color=GRID, linewidth=0.8, zorder=1.5))
        if not self.answers:
            return []
        looks = {"solid_joinstyle": "miter", "solid_capstyle": "butt", "clip_on": False}
        for i in (0, 1):
            artists[f"any {i}"] = in_data(ax, [], facecolors=pale(agent_colour(i), 0.5), alpha=0.35, linewidths=0)
        lines = [Line2D([], [], color=agent_colour(i), linewidth=WIDTHS[i], **looks) for i in (0, 1)]
        for i, line in enumerate(lines):
            artists[f"best {i}"] = ax.add_line(line)
        samples = tuple(Line2D([], [], color=agent_colour(i), linewidth=WIDTHS[i]) for i in (0, 1))
        return [(samples, "best responses", "best responses")]

    def _fit_labels(self, ax, artists: dict, recording: Recording) -> None:
        agents, actions = names(recording, self.tables(recording, 0))
        for i, axis in enumerate((ax.xaxis, ax.yaxis)):
            room = in_points(ax)[i]
            named = [f"{words}{actions[i][0]}, {agents[i]}" for words in ("chance of ", "")]
            axis.set_label_text(shortened(named[int(width_of(named[0], SMALL) > room)], SMALL, room))

    def _show_answers(self, recording: Recording, artists: dict, tables: np.ndarray) -> None:
        for i, own in enumerate((tables[0], tables[1].T)):
            corners = self.curve(own)
            artists[f"any {i}"].set_paths([square(0.5, 0.5)] if corners is None else [])
            corners = np.zeros((0, 2)) if corners is None else corners
            artists[f"best {i}"].set_data(*(corners.T if i == 0 else corners.T[::-1]))

    def alt_text(self, recording: Recording, t: int = -1) -> str:
        """Where the runs and their averages are, on average and at most, and the equilibria."""
        t = self._moment(recording, t)
        tables = self.tables(recording, t)
        agents, actions = names(recording, tables)
        said = []
        for array, verb in (("policies", "plays"), ("averages", "has played")):
            if array == "averages" and (array not in recording[t] or not self.averages):
                continue
            points = self.where(runs(recording, array, t, type(self).__name__)[-1])
            parts = [f"{agents[i]} {verb} {actions[i][0]} with chance {_spread(points[:, i])}" for i in (0, 1)]
            said.append(" and ".join(parts) + (" on average over time" if array == "averages" else ""))
        count = recording[t]["policies"].shape[0]
        text = f"{self._at(recording, t).capitalize()} ({count} run{'' if count == 1 else 's'}): {'; '.join(said)}."
        return f"{text} {answers_to(recording, tables).words}" if self.answers else text


def _spread(chances: np.ndarray) -> str:
    """A chance, or the smallest and largest of several.

    >>> _spread(np.array([0.5, 0.5])), _spread(np.array([0.25, 1.0]))
    ('0.50', '0.25 to 1')
    """
    low, high = (in_words(round(float(chance), 2)) for chance in (np.nanmin(chances), np.nanmax(chances)))
    return low if low == high else f"{low} to {high}"
