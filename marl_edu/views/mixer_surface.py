"""How a mixer joins the individual values of two agents in one state: Q_tot as a surface over (Q_1, Q_2).

QMIX: Q_tot = ELU(q W_1 + b_1) . w_2 + b_2, where W_1 and w_2 have no negative entries, so that Q_tot never falls to
the right or upwards; how fast it rises may differ from place to place and from state to state. VDN: Q_tot = Q_1 + Q_2,
whose lines of equal value are straight and alike everywhere.

Legend of axes: K seeds, S states, N = 2 agents, O observations, A actions (most of any agent), H units of the mixer,
G points of the surface along each side.

Source: T. Rashid et al., "QMIX", ICML 2018, section 4.1 and figure 2.
"""

from __future__ import annotations

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.path import Path
from matplotlib.ticker import MaxNLocator

from marl_edu.games import MarkovGame
from marl_edu.games.colours import INK, agent_colour
from marl_edu.recording import Recording
from marl_edu.views.base import LARGE, SMALL, View, in_figures, in_words
from marl_edu.views.contours import contours, numbered
from marl_edu.views.joint_cells import COLOURS, DARKEST, DIGIT
from marl_edu.views.joint_table import acting_state, team_of_two
from marl_edu.views.present import greedy, seed_index
from marl_edu.views.shapes import afloat, glyphs, in_data, width_of

MIXER = ("mixer_w1", "mixer_b1", "mixer_w2", "mixer_b2")
"""Arrays of the frames of a learner with a mixer: (K, S, N, H), (K, S, H), (K, S, H) and (K, S)."""

POINTS = 40
"""Of the surface, along each side."""

LINES = 7
"""Lines of equal value, at most."""

AROUND = 0.3
"""Of the surface beyond the present values, as a share of what these span; the same again when it has to grow."""

DISC = Path.circle((0, 0), 0.5)


def mixed(values: np.ndarray, w1, b1, w2, b2) -> np.ndarray:
    """Q_tot of individual values (..., N) by one state's mixer: ELU(q W_1 + b_1) . w_2 + b_2.

    >>> mixed(np.array([[1.0, 2.0], [-1.0, 0.0]]), np.eye(2), np.zeros(2), np.array([1.0, 10.0]), 0.5).round(3).tolist()
    [21.5, -0.132]
    """
    hidden = values @ w1 + b1
    hidden = np.where(hidden > 0, hidden, np.expm1(np.minimum(hidden, 0)))
    return hidden @ w2 + b2


class MixerSurface(View):
    """Q_tot over the individual values of two agents in one state, with the present values of their actions.

    Thin lines stand at what each agent thinks of each of its actions, in its colour; where two cross is a joint action,
    and the shade and the lines of equal Q_tot say what the mixer makes of it. The greedy joint action has a large disc.

    Parameters
    ----------
    state : int or str
        By number or name.
    seed : int
        Which of the runs to look at.
    title : str, optional
        In place of what is worked out.

    Raises
    ------
    ValueError
        When drawing: if the recording carries no game of two agents, no such state or seed; if no mixer was recorded
        and the recorded ``q_tot`` is not the sum of the individual values either.
    """

    title = "Mixing"

    def __init__(self, state: int | str = 0, *, seed: int = 0, title: str | None = None):
        self.state, self.seed, self.heading = state, seed, self._words("title", title)

    def total(self, recording: Recording, t: int, values: np.ndarray) -> np.ndarray:
        """Q_tot at moment ``t`` of individual values (..., 2), (...)."""
        _, state = self._place(recording)
        frame = recording[t]
        if MIXER[0] not in frame:
            return values.sum(axis=-1)
        return mixed(values, *(np.asarray(frame[name][self.seed, state], dtype=float) for name in MIXER))

    def own(self, recording: Recording, t: int = -1) -> list[np.ndarray]:
        """Each agent's values of its actions in the state at moment ``t``, (A_i,) each."""
        t = self._moment(recording, t)
        game, state = self._place(recording)
        rows = recording[t]["q"][self.seed, np.arange(2), game.observations[:, state]]
        return [np.asarray(rows[i, :count], dtype=float) for i, count in enumerate(game.n_actions)]

    def decorate(self, ax, recording: Recording) -> dict:
        """Labels, and a surface that is still empty."""
        game, state = self._place(recording)
        where = f" in {game.states[state]}" if game.n_states > 1 else ""
        heading = self.heading or f"Q_tot{where}, seed {self.seed}"
        ax.set_title(heading, fontsize=LARGE, parse_math=False)
        ax.autoscale(False)
        for i, axis in enumerate((ax.xaxis, ax.yaxis)):
            axis.set_label_text(f"Q of {game.agents[i]}", fontsize=SMALL, color=agent_colour(i), parse_math=False)
            axis.set_major_locator(MaxNLocator(4))
        ax.tick_params(labelsize=SMALL, colors=INK)
        counts = game.n_actions
        artists = {
            "surface": in_data(ax, [], linewidths=0),
            "levels": ax.add_collection(LineCollection([], colors=["#6a51a3"], linewidths=1.0), autolim=False),
            "lines": ax.add_collection(LineCollection([], linewidths=1.2, alpha=0.9, colors=[
                agent_colour(i) for i, count in enumerate(counts) for _ in range(count)]), autolim=False),
            "halos": afloat(ax, [], 1.0, ["white"], edge=2.5),
            "numbers": afloat(ax, [], 1.0, ["#4a3180"]),
            "pairs": afloat(ax, [DISC], 6.0, ["white"], edge=1.0),
            "greedy": afloat(ax, [DISC], 10.0, [INK], edge=1.2),
        } | {
            f"{kind} {i}": afloat(ax, [], 1.0, [colour], edge=edge)
            for i in range(2) for kind, colour, edge in (("behind", "white", 3.0), ("names", agent_colour(i), 0.0))
        }  # fmt: skip
        artists["pairs"].set_edgecolor(INK)
        artists["limits"] = np.array([[np.inf, -np.inf]] * 2)
        return artists

    def update(self, ax, artists: dict, recording: Recording, t: int) -> None:
        """Shade the surface anew, and move lines, marks and names."""
        own = self.own(recording, t)
        limits = self._grow(ax, artists, own)
        sides = [np.linspace(*limits[i], POINTS) for i in range(2)]
        surface = self.total(recording, t, np.stack(np.meshgrid(*sides), axis=-1))
        upright = [[(x, limits[1, 0]), (x, limits[1, 1])] for x in own[0]]
        artists["lines"].set_segments(upright + [[(limits[0, 0], y), (limits[0, 1], y)] for y in own[1]])
        best = [greedy(values) for values in own]
        artists["pairs"].set_offsets([(x, y) for x in own[0] for y in own[1]])
        artists["greedy"].set_offsets([(x, y) for x in own[0][best[0]] for y in own[1][best[1]]])
        names = self._show_names(ax, artists, recording.game, own, limits)
        self._show_surface(ax, artists, sides, surface, [*artists["pairs"].get_offsets(), *names])

    def alt_text(self, recording: Recording, t: int = -1) -> str:
        """What the mixer makes of each joint action, and how it rises."""
        t = self._moment(recording, t)
        game, state = self._place(recording)
        own = self.own(recording, t)
        totals = self.total(recording, t, np.stack(np.meshgrid(*own, indexing="ij"), axis=-1))
        best = np.outer(*(greedy(values) for values in own))
        told = [
            f"({game.actions[0][a]}, {game.actions[1][b]}) at ({in_words(own[0][a])}, {in_words(own[1][b])}) gives "
            f"{in_words(totals[a, b])}{' (greedy)' if best[a, b] else ''}"
            for a, b in np.ndindex(*totals.shape)
        ]
        how = "by a mixer that never falls" if MIXER[0] in recording[t] else "by their sum"
        where = f" in state {game.states[state]}" if game.n_states > 1 else ""
        return f"Q_tot of the individual values{where} {how}, {self._at(recording, t)}, seed {self.seed}: " + (
            f"{'; '.join(told)}."
        )

    # ---- inside -----------------------------------------------------------------------------------------------------

    def _place(self, recording: Recording) -> tuple[MarkovGame, int]:
        """The game and the state's number, if this view can show them."""
        game = team_of_two(recording, "MixerSurface")
        seed_index(recording, self.seed, "MixerSurface", "q")
        state = acting_state(game, self.state, "MixerSurface")
        frame = recording[0]
        missing = [name for name in MIXER if name not in frame]
        if missing and len(missing) < len(MIXER):
            raise ValueError(f"MixerSurface: no array {missing[0]!r} was recorded; expected all of {', '.join(MIXER)}")
        if missing and not self._is_sum(recording, game, state):
            raise ValueError(
                "MixerSurface: no mixer was recorded, and no 'q_tot' that is the sum of the individual values; "
                f"expected a recording of VDN, or one with {', '.join(MIXER)} (QMIX has them with mixer='published')"
            )
        return game, state

    def _is_sum(self, recording: Recording, game: MarkovGame, state: int) -> bool:
        frame = recording[0]
        if "q_tot" not in frame:
            return False
        rows = frame["q"][self.seed, np.arange(2), game.observations[:, state]]
        added = rows[0, : game.n_actions[0], np.newaxis] + rows[1, : game.n_actions[1]]
        found = frame["q_tot"][self.seed, state]
        return found.shape == added.shape and np.allclose(found, added, rtol=1e-4, atol=1e-4 * np.abs(rows).max())

    def _grow(self, ax, artists: dict, own: list[np.ndarray]) -> np.ndarray:
        """Limits of both axes, (2, 2), in which the present values and some room around them lie; never narrower."""
        limits = artists["limits"]
        for i, set_limits in enumerate((ax.set_xlim, ax.set_ylim)):
            low, high = own[i].min(), own[i].max()
            if limits[i, 0] < low and high < limits[i, 1]:
                continue
            room = AROUND * max(high - low, 0.1 * max(abs(low), abs(high)), 0.1)
            limits[i] = min(limits[i, 0], low - room), max(limits[i, 1], high + room)
            set_limits(*limits[i])
        return limits

    def _show_surface(self, ax, artists: dict, sides, surface: np.ndarray, taken: list) -> None:
        """Shades between lines of equal value, and on each line its number, where there is nothing else."""
        areas, lines = contours(*sides, surface, LINES)
        artists["surface"].set_paths([outline for _, outline in areas])
        artists["surface"].set_facecolor(COLOURS([DARKEST * height for height, _ in areas]))
        artists["levels"].set_segments([line for _, line in lines])
        found = numbered(ax, lines, taken)
        words = [glyphs(in_figures(level), DIGIT * SMALL, "normal") for level, _ in found]
        for name in ("halos", "numbers"):
            artists[name].set_paths(words)
            artists[name].set_offsets([place for _, place in found] or np.zeros((0, 2)))

    def _show_names(self, ax, artists: dict, game: MarkovGame, own: list[np.ndarray], limits: np.ndarray) -> list:
        """Actions beside the upper or right ends of their lines, together where these are too close; where they end."""
        found = []
        for i, values in enumerate(own):
            points = (ax.bbox.width, ax.bbox.height)[i] / ax.figure.dpi * 72 / np.ptp(limits[i])
            rooms = [SMALL + 2 if i else width_of(name, SMALL) + 9 for name in game.actions[i]]
            groups = together(values * points, rooms)
            names = [", ".join(game.actions[i][a] for a in sorted(group)) for group in groups]
            halves = [0.56 * width_of(name, SMALL) + 3 for name in names]  # bold letters are wider
            paths = [
                Path(outline.vertices + ((half, -7) if i == 0 else (-half, 7)), outline.codes)
                for outline, half in zip((glyphs(name, DIGIT * SMALL) for name in names), halves, strict=True)
            ]
            ends = [float(values[group].max()) for group in groups]
            places = [(x, limits[1, 1]) if i == 0 else (limits[0, 1], x) for x in ends]
            for kind in ("behind", "names"):
                artists[f"{kind} {i}"].set_paths(paths)
                artists[f"{kind} {i}"].set_offsets(places)
            found += places
        return found


def together(places: np.ndarray, rooms) -> list[list[int]]:
    """Numbers of places along a line, low to high, in groups of those that are too close to be named apart.

    >>> together(np.array([30.0, 0.0, 4.0]), [10, 10, 10])
    [[1, 2], [0]]
    """
    groups: list[list[int]] = []
    for k in np.argsort(places, kind="stable").tolist():
        if groups and places[k] - places[groups[-1][-1]] < rooms[k]:
            groups[-1].append(k)
        else:
            groups.append([k])
    return groups
