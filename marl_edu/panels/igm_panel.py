"""The panel of IGM: edit a joint value, see whether individual values can agree with it, and what sums and monotone
functions make of it.

Legend of axes: A_1 rows (actions of agent 1), A_2 columns (actions of agent 2).
"""

from __future__ import annotations

import numpy as np

from marl_edu.games import climbing, matrix_game, penalty, qtran_matrix, two_step
from marl_edu.panels.table_panel import TablePanel
from marl_edu.planning import igm
from marl_edu.planning.projections import additive_projection, monotonic_projection
from marl_edu.views import joint_cells
from marl_edu.views.base import LARGE, in_words
from marl_edu.views.joint_cells import JointCells


def presets() -> dict:
    """Tables that tell the three apart: IGM at all, a sum, a monotone function."""
    game = two_step()
    second = game.rewards[0, game.states.index("2B")]
    return {
        "QTRAN matrix": qtran_matrix(),
        "two-step game, state 2B": matrix_game(second, actions=["A", "B"]),
        "climbing game": climbing(),
        "penalty game, k = -100": penalty(-100),
        "two best, no product": matrix_game([[1, 0], [0, 1]], actions=["a", "b"]),
        "one is enough": matrix_game([[0, 1], [1, 1]], actions=["a", "b"]),
        "a sum": matrix_game([[0, 1, 3], [2, 3, 5], [3, 4, 6]], actions=["a", "b", "c"]),
    }


class IGMPanel(TablePanel):
    """Edit Q_tot of a team of two in one state; beside it stand its nearest sum and its nearest monotone table.

    Left the given table: a dashed frame is round its best joint actions, a cross in those that break IGM. Then the
    nearest sum (what VDN can represent) and the nearest monotone table, in uniformly weighted least squares, each with
    individual values at its margins and a bold frame round the joint actions that are greedy by these. QMIX's published
    mixer represents monotone tables only, but not all of them (``marl_edu.learning.mixers`` says which).

    Examples
    --------
    >>> panel = IGMPanel()
    >>> panel.choose("two best, no product")
    >>> print(panel.describe().split(". ")[0])  # doctest: +NORMALIZE_WHITESPACE
    Q_tot is largest at (a, a) and (b, b), which are no product of sets: whoever lets each agent take any of its parts
    also gets (a, b) and (b, a), so no individual values satisfy IGM
    """

    def __init__(self):
        super().__init__(
            self._compare, "Q_tot, and what a sum or a monotone function can hold of it", presets(), columns=3
        )

    def _compare(self, axes, payoffs: np.ndarray) -> str:
        """Draw the three tables; returns what they say."""
        best = igm.best_joint(payoffs, 2)
        axes[0].get_gridspec().set_width_ratios([0.75, 1, 1])  # it has no margins
        told = [self._given(axes[0], payoffs, best)]
        added, monotone = additive_projection(payoffs), monotonic_projection(payoffs)
        losses = [loss(payoffs, igm.greedy_joint(monotone.parts(k))) for k in range(len(monotone.tables))]
        fits = [
            ("sum", added.table, added.parts, [loss(payoffs, igm.greedy_joint(added.parts))]),
            ("monotone table", monotone.tables[0], monotone.parts(), losses),
        ]
        for ax, (kind, table, own, lost) in zip(axes[1:], fits, strict=True):
            greedy = igm.greedy_joint(own)
            shown = JointCells(table, greedy, tuple(own), payoffs, best)
            title = f"nearest {kind}\ngreedy {'loses ' + _either(lost) if any(lost) else 'is best'}"
            joint_cells.update(joint_cells.decorate(ax, shown, ("agent 1", "agent 2"), self.actions, title), shown)
            ax.set_ylabel("")  # said at the left; the cells need the room
            told.append(self._fitted(kind, payoffs, table, greedy))
        told.append("The margins of the monotone table say in which order it puts the actions, 0 lowest.")
        if len(losses) > 1:
            told.append(f"{len(losses)} monotone tables are equally near; greedy by them loses {_either(losses)}.")
        return " ".join(told)

    def _given(self, ax, payoffs: np.ndarray, best: np.ndarray) -> str:
        """Draw the given table; returns what IGM says about it."""
        shown = JointCells(payoffs, np.zeros_like(best), best=best)
        strays = igm.stray_actions(payoffs)
        title = f"given Q_tot\n{'IGM is impossible' if strays else 'IGM is possible'}"
        joint_cells.update(joint_cells.decorate(ax, shown, ("agent 1", "agent 2"), self.actions, title), shown)
        for row, column in strays:
            ax.text(
                column + 0.42,
                row + 0.38,
                "\N{MULTIPLICATION SIGN}",
                ha="right",
                va="bottom",
                fontsize=LARGE + 3,
                weight="bold",
            )
        at = f"Q_tot is largest at {self._named(np.argwhere(best))}"
        if strays:
            return (
                f"{at}, which are no product of sets: whoever lets each agent take any of its parts also gets "
                f"{self._named(strays)}, so no individual values satisfy IGM."
            )
        sets = igm.consistent_actions(payoffs)
        names = [" or ".join(self.actions[i][a] for a in own) for i, own in enumerate(sets)]
        return (
            f"{at}: individual values satisfy IGM if they are largest at {names[0]} for agent 1 and at {names[1]} for "
            "agent 2, whatever the other numbers are."
        )

    def _fitted(self, kind: str, payoffs: np.ndarray, table: np.ndarray, greedy: np.ndarray) -> str:
        """What a nearest table is worth to those who act greedily by its parts."""
        off = float(np.sqrt(np.mean((table - payoffs) ** 2)))
        exactly = off <= 1e-9 * max(np.abs(payoffs).max(), 1e-300)
        how = f"Q_tot is {'a sum' if kind == 'sum' else 'monotone'} itself" if exactly else (
            f"The nearest {'sum' if kind == 'sum' else 'monotone table'} is off by {in_words(off)} (root mean square)"
        )  # fmt: skip
        lost = loss(payoffs, greedy)
        pays = f"{'pay' if greedy.sum() > 1 else 'pays'} {in_words(payoffs[greedy].mean())}"
        mean = " on average" if greedy.sum() > 1 and np.ptp(payoffs[greedy]) > 0 else ""
        less = f", {in_words(lost)} less than the best" if lost else ", the best"
        return f"{how}; greedy by its parts: {self._named(np.argwhere(greedy))}, which {pays}{mean}{less}."

    def _named(self, cells) -> str:
        """Joint actions by the names of their parts."""
        words = [f"({self.actions[0][a]}, {self.actions[1][b]})" for a, b in cells]
        return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _either(losses) -> str:
    """Different losses, in words: '0 or 1'."""
    return " or ".join(in_words(lost) for lost in sorted(set(np.round(losses, 9).tolist())))


def loss(payoffs: np.ndarray, greedy: np.ndarray) -> float:
    """What greedy play earns less than the best joint action, ties broken at random by each agent for itself.

    >>> loss(np.array([[8, 0], [0, 4]]), np.array([[True, False], [True, False]]))
    4.0
    """
    lost = float(payoffs.max() - payoffs[greedy].mean())
    return lost if lost > 1e-9 * np.ptp(payoffs) else 0.0
