"""Joint values of a team of two: as they are learned, beside the exact ones, and several tables side by side.

What the frames and small figures mean stands at the top of ``joint_cells``.

Legend of axes: K seeds, S states, N = 2 agents, O observations, A actions (most of any agent), A_i actions of agent i.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from marl_edu.games import MarkovGame, checks
from marl_edu.planning import igm
from marl_edu.planning.optimum import team_optimum
from marl_edu.recording import Recording
from marl_edu.views import joint_cells
from marl_edu.views.base import View
from marl_edu.views.figures import DPI
from marl_edu.views.joint_cells import JointCells, figures
from marl_edu.views.present import game_of, greedy, seed_index

WIDTH, HEIGHT = 310, 270
"""Pixels of each of several tables side by side."""


class JointTable(View):
    """What a team of two has learned of each joint action in one state, with each agent's own values at the margins.

    The joint action that is greedy by the agents' own values has a bold frame; the best one by the exact numbers,
    which stand small beneath the learned ones, a dashed frame.

    Parameters
    ----------
    state : int or str
        By number or name.
    quantity : str
        Which array of the frames, (K, S, A_1, A_2).
    seed : int
        Which of the runs to look at.
    exact : None, 'payoffs', 'optimum', or array
        What to compare with: nothing; what is paid now; what is earned from then on if the team goes on as well as it
        can (for discounts below 1); or numbers for this state, (A_1, A_2).
    title : str, optional
        In place of what is worked out.

    Raises
    ------
    ValueError
        When drawing: if the recording carries no game of two agents, no such array, or has no such state or seed; or if
        the exact numbers don't fit.
    """

    title = "Joint values"

    def __init__(self, state: int | str = 0, quantity: str = "q_tot", *, seed: int = 0, exact=None,
                 title: str | None = None):  # fmt: skip
        self.state, self.seed, self.heading = state, seed, self._words("title", title)
        self.quantity = checks.text("JointTable: quantity", quantity)
        if exact is None or isinstance(exact, str):
            self.exact = None if exact is None else checks.option("JointTable: exact", exact, ("payoffs", "optimum"))
        else:
            self.exact = checks.array("JointTable: exact", exact)
        self._known = (None, None, None)  # game, state and exact numbers, worked out once

    def shown(self, recording: Recording, t: int = -1) -> JointCells:
        """What stands in the table at moment ``t``."""
        t = self._moment(recording, t)
        game, state = self._place(recording)
        frame = recording[t]
        values = np.asarray(frame[self.quantity][self.seed, state], dtype=float)
        seen = game.observations[:, state]
        rows = np.asarray(frame["q"][self.seed, np.arange(2), seen], dtype=float)
        best = greedy(rows)
        own = tuple(rows[i, :count] for i, count in enumerate(game.n_actions))
        chosen = np.outer(best[0, : game.n_actions[0]], best[1, : game.n_actions[1]])
        exact = self._exact(game, state)
        return JointCells(values, chosen, own, exact, None if exact is None else igm.best_joint(exact, 2))

    def decorate(self, ax, recording: Recording) -> dict:
        """Names of agents and actions, and an empty table."""
        game, state = self._place(recording)
        small = "" if self.exact is None else "; small: exact"
        title = self.heading or f"{self._called(game, state)}, seed {self.seed}{small}"
        return joint_cells.decorate(ax, self.shown(recording, 0), game.agents, game.actions, title)

    def update(self, ax, artists: dict, recording: Recording, t: int) -> None:
        """Write the numbers, shade the cells and frame the greedy ones."""
        joint_cells.update(artists, self.shown(recording, t))

    def alt_text(self, recording: Recording, t: int = -1) -> str:
        """The whole table in words, and each agent's own values."""
        t = self._moment(recording, t)
        game, state = self._place(recording)
        shown = self.shown(recording, t)
        own = "; ".join(
            f"{agent}: " + ", ".join(f"{name} {figures(x)}" for name, x in zip(names, values, strict=True))
            for agent, names, values in zip(game.agents, game.actions, shown.own, strict=True)
        )
        told = f"{self._called(game, state)} {self._at(recording, t)}, seed {self.seed}: "
        told += f"{joint_cells.in_words(shown, game.actions)}. Individual values of {own}."
        return told.replace("\N{MINUS SIGN}", "-")

    def _called(self, game: MarkovGame, state: int) -> str:
        name = {"q_tot": "Q_tot"}.get(self.quantity, self.quantity)
        return f"{name} in {game.states[state]}" if game.n_states > 1 else name

    def _place(self, recording: Recording) -> tuple[MarkovGame, int]:
        """The game and the state's number, if this view can show them."""
        game = team_of_two(recording, "JointTable")
        for array in (self.quantity, "q"):
            seed_index(recording, self.seed, "JointTable", array)
        state = acting_state(game, self.state, "JointTable")
        wanted, found = (game.n_states, *game.n_actions), recording[0][self.quantity].shape[1:]
        if found != wanted:
            raise ValueError(
                f"JointTable: the array {self.quantity!r} has shape {found} for each seed; expected (states, actions "
                f"of agent 1, actions of agent 2), {wanted}"
            )
        return game, state

    def _exact(self, game: MarkovGame, state: int) -> np.ndarray | None:
        if self.exact is None:
            return None
        known, place, numbers = self._known
        if known is not game or place != state:
            numbers = exact_values(game, state, self.exact)
            self._known = (game, state, numbers)
        return numbers


def team_of_two(recording: Recording, who: str) -> MarkovGame:
    """The game of a recording; a ``ValueError`` if it is none of two agents."""
    game = game_of(recording, who)
    if game.n_agents != 2:
        raise ValueError(f"{who}: the game {game.name!r} has {game.n_agents} agents; expected two")
    return game


def acting_state(game: MarkovGame, state: int | str, who: str) -> int:
    """A state's number; a ``ValueError`` if there is none, or nobody acts there and so nothing has a value."""
    number = checks.index_of(f"{who}: state", state, game.states)
    if game.terminal[number]:
        raise ValueError(f"{who}: state {game.states[number]!r} is terminal; expected one in which agents act")
    return number


def exact_values(game: MarkovGame, state: int, kind: str | np.ndarray) -> np.ndarray:
    """The numbers that ``JointTable``'s ``exact`` means, (A_1, A_2), in a game in which all are paid the same.

    >>> from marl_edu.games import two_step
    >>> exact_values(two_step(), 0, "optimum").round(2).tolist()
    [[6.93, 6.93], [7.92, 7.92]]
    """
    if not isinstance(kind, str):
        if kind.shape != game.n_actions:
            raise ValueError(f"JointTable: exact has shape {kind.shape}; expected (A_1, A_2), {game.n_actions}")
        return kind
    if game.setting != "cooperative":
        raise ValueError(f"JointTable: {kind!r} of the {game.setting} game {game.name!r}; expected a cooperative one")
    paid = game.rewards[0, state]
    if kind == "payoffs":
        return paid
    if game.discount == 1:
        raise ValueError("JointTable: exact='optimum' with discount 1; expected a discount below 1, or an array")
    ahead = game.successors.expectation(team_optimum(game).values / game.n_agents)
    return paid + game.discount * ahead.reshape(game.n_states, *game.n_actions)[state]


def joint_table_figure(tables, titles: Sequence[str], *, own=None, exact=None, agents=("agent 1", "agent 2"),
                       actions=None) -> Figure:  # fmt: skip
    """Tables of joint values side by side, such as the payoffs and what is learned of them.

    Parameters
    ----------
    tables : sequence of 1 to 4 (A_1, A_2) arrays
        In large figures.
    titles : sequence of str
        One for each.
    own : sequence of (pair of (A_i,) arrays, or None), optional
        Individual values, for the margins of each table. Greedy joint actions follow from them; in a table without,
        they are those of its highest value.
    exact : (A_1, A_2) array, optional
        In small figures beneath, but for a table that is the same; its best joint actions have a dashed frame in all.
    agents, actions : names
        Two, and a list for each agent; by default a, b, c, ...

    Returns
    -------
    matplotlib.figure.Figure
        For ``marl_edu.views.show``, with ``joint_table_words`` of the same arguments.

    Raises
    ------
    ValueError
        If shapes or numbers of these differ.
    """
    cells, titles, actions = joint_table_cells(tables, titles, own, exact, actions)
    figure = Figure(figsize=(WIDTH * len(cells) / DPI, HEIGHT / DPI), dpi=DPI, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    for ax, shown, title in zip(figure.subplots(1, len(cells), squeeze=False)[0], cells, titles, strict=True):
        joint_cells.update(joint_cells.decorate(ax, shown, agents, actions, title), shown)
    return figure


def joint_table_words(tables, titles, *, own=None, exact=None, agents=None, actions=None) -> str:
    """The same in words.

    >>> print(joint_table_words([[[0, 1], [1, 8]]], ["state 2B"], actions=["AB", "AB"]))
    state 2B: (A, A) 0; (A, B) 1; (B, A) 1; (B, B) 8 (greedy).
    """
    cells, titles, actions = joint_table_cells(tables, titles, own, exact, actions)
    told = (f"{title}: {joint_cells.in_words(shown, actions)}." for title, shown in zip(titles, cells, strict=True))
    return " ".join(told)


def joint_table_cells(tables, titles, own, exact, actions) -> tuple[list[JointCells], list[str], list[list[str]]]:
    """Arguments of ``joint_table_figure``, checked, with names of actions."""
    if checks.length(tables) is None or not 1 <= len(tables) <= 4:
        raise ValueError(f"tables is {checks.shown(tables)}; expected a list of one to four")
    tables = [checks.array(f"tables[{k}]", table) for k, table in enumerate(tables)]
    counts = tables[0].shape
    exact = None if exact is None else checks.array("exact", exact)
    for field, table in [*((f"tables[{k}]", table) for k, table in enumerate(tables)), ("exact", exact)]:
        if table is not None and (table.ndim != 2 or table.shape != counts or not table.size):
            raise ValueError(f"{field} has shape {table.shape}; expected (A_1, A_2), the same for all")
    titles = list(checks.names("titles", titles, len(tables), ""))
    letters = [[chr(97 + a) for a in range(count)] for count in counts]
    given = letters if actions is None else [list(names) for names in actions]
    actions = [checks.names(f"actions[{i}]", names, counts[i], "") for i, names in enumerate(given)]
    own = [None] * len(tables) if own is None else own
    if checks.length(own) != len(tables):
        raise ValueError(f"own is {checks.shown(own)}; expected {len(tables)} entries, one for each table")
    best = None if exact is None else igm.best_joint(exact, 2)
    cells = []
    for k, (table, values) in enumerate(zip(tables, own, strict=True)):
        values = None if values is None else tuple(checks.array(f"own[{k}]", each) for each in values)
        if values is not None and tuple(each.shape for each in values) != tuple((count,) for count in counts):
            raise ValueError(f"own[{k}] has shapes {[each.shape for each in values]}; expected a value for each action")
        chosen = igm.best_joint(table, 2) if values is None else igm.greedy_joint(values)
        beneath = None if exact is None or (table == exact).all() else exact
        cells.append(JointCells(table, chosen, values, beneath, best))
    return cells, titles, actions
