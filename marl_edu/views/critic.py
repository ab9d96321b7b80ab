"""A critic of a particle world: what it thinks of every force, or choice, that its agent might do at one step.

Legend of axes: K seeds, T steps of an episode, N agents, G points of a grid along each side, A choices or words.
"""

from __future__ import annotations

import numpy as np
from matplotlib.collections import LineCollection

from marl_edu.games import checks
from marl_edu.games.colours import INK, agent_colour
from marl_edu.recording import Recording
from marl_edu.views.base import SMALL, View, in_words
from marl_edu.views.critic_marks import DISC, FLOATING, STAR, show_bars, show_force, show_probe
from marl_edu.views.critic_step import CriticStep
from marl_edu.views.present import seed_index
from marl_edu.views.shapes import afloat, heading, in_data, write

REACH = 1.28
"""The picture shows so far to each side, that marks at the edge of what is possible, [-1, 1]^2, are seen whole."""


class CriticView(View):
    """What agent i's critic thinks of its own force, if all others do what their actors say, at one step of an episode.

    To the right is the force to the right, upwards the force upwards. The star is what the agent's actor does, with
    what the critic thinks of that, Q: the discounted return ahead. Lines and shades say how much more (purple) or less
    (orange) it thinks of other forces; they stand at 0, 0.02, 0.05, 0.1, 0.2, 0.5, 1, ... in every picture. The arrow
    goes uphill from the star: there the policy gradient sends the actor. Small discs are what the others do. A ring is
    the ``probe``, with what the critic thinks there.

    For an agent that acts by choices, or that can't move and says words, there is a bar for each choice or word, with
    how much more or less the critic thinks of it; a star marks what its actor does (of words: the loudest).

    It reads what a ``DeterministicActorCritic`` with ``surface`` > 0 puts into its frames (see its ``frame``).

    Parameters
    ----------
    agent : int or str
        Whose critic: number from 0, or name. May be changed at any time, as all that follows may, but for the title.
    seed : int
        Which of the runs to look at.
    step : int, optional
        Step of the episode, from 0; the last one by default.
    probe : (float, float), optional
        A force, each from -1 to 1, or for bars the number of a choice and anything.
    title : str, optional
        In place of what is worked out.

    Raises
    ------
    ValueError
        When drawing: if no critics' values were recorded, or there is no such agent, seed, step or force.
    """

    title = "Critic"

    def __init__(self, agent: int | str = 0, *, seed: int = 0, step: int | None = None, probe=None, title=None):
        self.agent, self.seed, self.step, self.probe = agent, seed, step, probe
        self.heading = self._words("title", title)

    def proportion(self, recording: Recording) -> float:
        """A square."""
        return 1.0

    def value(self, recording: Recording, t: int = -1, at=None) -> float:
        """What the critic thinks of the force (x, y), or of choice ``at[0]``; by default of what the actor does.

        Between the points of the grid it is interpolated; 'not a number' for a choice that the agent does not have.
        """
        seen = self._seen(recording, self._moment(recording, t))
        at = seen.acted if at is None else at
        if seen.surface is None:
            return float(seen.choices[min(max(round(at[0]), 0), len(seen.choices) - 1)])
        if at is seen.acted:
            return seen.value
        side = np.linspace(-1, 1, len(seen.surface))
        return float(np.interp(at[1], side, [np.interp(at[0], side, row) for row in seen.surface]))

    def acted(self, recording: Recording, t: int = -1) -> tuple[float, float]:
        """What the actor does: its force, or the number of its choice, and 0."""
        return tuple(map(float, self._seen(recording, self._moment(recording, t)).acted))

    def by_force(self, recording: Recording, t: int = -1) -> bool:
        """Whether the agent acts by a force, not by choices or words alone."""
        return self._seen(recording, self._moment(recording, t)).surface is not None

    def decorate(self, ax, recording: Recording) -> dict:
        """The artists of both kinds of picture, of which one is empty."""
        self._seen(recording, 0)
        ax.tick_params(labelsize=SMALL, colors=INK)
        ax.autoscale(False)
        return {
            "areas": in_data(ax, [], linewidths=0),
            "bars": in_data(ax, [], linewidths=0.8, edgecolors=INK),
            "levels": ax.add_collection(LineCollection([], colors=["#666666"], linewidths=0.8), autolim=False),
            "halos": afloat(ax, [], 1.0, ["white"], edge=2.5),
            "numbers": afloat(ax, [], 1.0, [INK]),
            "others": afloat(ax, [DISC], 11.0, ["white"], edge=1.0),
            "other numbers": afloat(ax, [], 1.0, ["white"]),
            "arrow": in_data(ax, [], facecolors=INK, edgecolors="white", linewidths=0.8),
            "star": afloat(ax, [STAR], 9.0, ["white"], edge=1.0),
            "probe": afloat(ax, [DISC], 11.0, ["none"], edge=2.0),
            "said behind": afloat(ax, [], 1.0, ["white"], edge=3.5),
            "said": afloat(ax, [], 1.0, [INK]),
            "heading": heading(ax),
            "set up": None,
        }

    def update(self, ax, artists: dict, recording: Recording, t: int) -> None:
        """Shade the square or draw the bars, and put marks and words in their places."""
        seen = self._seen(recording, t)
        if artists["set up"] != seen.scene:
            artists["set up"] = seen.scene
            self._set_up(ax, seen)
        colour = agent_colour(seen.agent)
        write(artists["heading"], self.heading or f"Critic of {seen.name}, step {seen.step}", colour)
        for name in ("areas", "bars", "arrow", *FLOATING):
            artists[name].set_paths([])  # a shape without a place would be drawn in the corner
        artists["levels"].set_segments([])
        artists["star"].set_facecolor(colour)
        artists["probe"].set_edgecolor(INK)
        probe = None if self.probe is None else self._probe(seen)
        if seen.surface is None:
            show_bars(artists, seen)
        else:
            show_force(ax, artists, seen, probe)
        if probe is not None and seen.surface is not None:  # each bar has its number anyway
            show_probe(artists, probe, self.value(recording, t, probe), seen.value)

    def alt_text(self, recording: Recording, t: int = -1) -> str:
        """What the critic thinks of what its actor does, and what it would rather have."""
        t = self._moment(recording, t)
        seen = self._seen(recording, t)
        told = f"Critic of {seen.name}, {self._at(recording, t)}, seed {self.seed}, step {seen.step}, {seen.sees}: "
        if seen.surface is None:
            told += ", ".join(f"{w} {in_words(q)}" for w, q in zip(seen.words, seen.choices, strict=True))
            told += f"; the actor takes {seen.words[int(seen.acted[0])]} (discounted return ahead)."
        else:
            best = np.unravel_index(seen.surface.argmax(), seen.surface.shape)
            y, x = np.linspace(-1, 1, len(seen.surface))[np.array(best)]
            gain = max(float(seen.surface.max()) - seen.value, 0.0)
            told += (
                f"the actor's force ({seen.acted[0]:.2f}, {seen.acted[1]:.2f}) is worth {in_words(seen.value)} "
                f"(discounted return ahead), the best force on the grid, ({x:.2f}, {y:.2f}), {gain:.2f} more; "
                f"uphill is ({seen.slope[0]:.2f}, {seen.slope[1]:.2f})."
            )
        if self.probe is not None:
            told += f" {self.probed(recording, t)}"
        return told

    def probed(self, recording: Recording, t: int = -1) -> str:
        """What the critic thinks of the probe, in words; '' if there is none."""
        if self.probe is None:
            return ""
        seen = self._seen(recording, self._moment(recording, t))
        at = self._probe(seen)
        worth = self.value(recording, t, at)
        if seen.surface is None:
            what = seen.words[min(max(round(at[0]), 0), len(seen.words) - 1)]
        else:
            what = f"force ({at[0]:.2f}, {at[1]:.2f})"
        gain = worth - seen.value
        more = f"{abs(gain):.2f} {'more' if gain > 0 else 'less'} than what {seen.name} does"
        return f"At the probe, {what}: {in_words(worth)} (discounted return ahead), {more}."

    # ---- inside -----------------------------------------------------------------------------------------------------

    def _set_up(self, ax, seen: CriticStep) -> None:
        """Limits, ticks and labels: only when another kind of agent is looked at, for then all is painted again."""
        if seen.surface is not None:
            ax.set_aspect("equal")
            ax.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH), yticks=[-1, 0, 1])
            ax.set_xticks([-1, 0, 1], ["\N{MINUS SIGN}1", "0", "1"])  # else those of bars would stay
            x, y = "force to the right", f"critic {seen.sees}\nforce upwards"
        else:
            ax.set_aspect("auto")
            n = len(seen.words)
            ax.set(xlim=(-0.6, n - 0.4), ylim=(-1.25, 1.25), xticks=range(n), yticks=[])
            ax.set_xticklabels(seen.words, fontsize=SMALL, parse_math=False)
            x, y = "", f"critic {seen.sees}\nreturn ahead, against the star's"
        ax.set_xlabel(x, fontsize=SMALL, parse_math=False)
        ax.set_ylabel(y, fontsize=SMALL, parse_math=False)

    # ---- what the frame says ----------------------------------------------------------------------------------------

    def _seen(self, recording: Recording, t: int) -> CriticStep:
        if "critic_value" not in recording[0]:
            raise ValueError(
                "CriticView: no array 'critic_value' was recorded; expected a recording of MADDPG or DDPG made with "
                "surface > 0, as in MADDPG(world, surface=13)"
            )
        seed = seed_index(recording, self.seed, "CriticView", "critic_value")
        return CriticStep(recording, recording[t], seed, self.agent, self.step)

    def _probe(self, seen: CriticStep) -> np.ndarray:
        """The probe, (2,): a force within what is possible, or the number of a choice."""
        found = checks.array("CriticView: probe", self.probe)
        if found.shape != (2,):
            raise ValueError(f"CriticView: probe has shape {found.shape}; expected a force (x, y)")
        return found if seen.surface is None else np.clip(found, -1, 1)
