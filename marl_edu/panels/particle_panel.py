"""A panel in which a particle world is played while it is learned, with a critic's values under the mouse.

Everything that a ``Panel`` has, and: the evaluation episode of the moment that is shown moves, one step a picture,
while learning runs; when it stands still, *watch* plays it and a slider goes through its steps. World and critic show
the same step and the same agent, which a button or the mouse over the world chooses.

Legend of axes: K seeds, T steps of an episode, N agents.
"""

from __future__ import annotations

import copy
import time
from pathlib import Path

import numpy as np

from marl_edu.games import ParticleWorld, checks
from marl_edu.panels import export
from marl_edu.panels.episode_row import EpisodeRow
from marl_edu.panels.panel import Panel
from marl_edu.recording import Recording, record
from marl_edu.views import CriticView, LearningCurve, ParticleView

STEPS_A_SECOND = 12
"""Of an episode that is watched."""

PATIENCE, SHARE = 0.4, 0.4
"""Seconds between the frames of learning, at least: an episode is played on in the meantime. And the largest share of
the time that may go into pictures: what moves must not stop and go on a slow machine.
"""

PREVIEW_UPDATES, PREVIEW_MOMENTS = 200, 10
"""Learning that is done for the still picture where no finished run is given: some seconds, and no more."""

NEAR = 0.3
"""How near the mouse must come to an agent to choose it; a click chooses the nearest, however far."""

NUDGE = 0.1
"""Force by which an arrow key moves the probe."""

POINT = "Point at an agent to see its critic"
PROBE = ", and at the critic (or click here and use arrow keys) to ask what it thinks there."
NO_SURFACE = "There is no critic here: this learner has surface=0; one with surface=13 keeps what critics think."


class ParticlePanel(Panel):
    """A learner in a particle world: its curve, the world in motion, and the critic of one agent.

    Parameters
    ----------
    algorithm : ParticleLearner
        Such as ``MADDPG(simple_spread(), surface=13)``; with ``surface=0`` there is no critic to be seen.
    views : View or sequence of View, optional
        One to three pictures; by default learning curve, world and, where there is a surface, critic.
    units : int
        Length of a run, in updates.
    preview : int or Recording
        For the still picture that a notebook keeps: a run that is recorded already, which costs nothing, or so many
        updates that are done when the panel is first shown.
    **options
        As ``Panel``: controls, speed, title, guess.

    Attributes
    ----------
    episode_step, agent : int
        What is shown: step of the episode, and agent, both from 0. ``look`` changes them.

    Raises
    ------
    ValueError
        If the algorithm learns in no particle world, an option is none of those, or a view does not suit the learner.

    Examples
    --------
    >>> from marl_edu.games import simple_spread
    >>> from marl_edu.learning import MADDPG
    >>> panel = ParticlePanel(MADDPG(simple_spread(), surface=9, worlds=8, batch=16, warm_up=32), units=20)
    >>> panel.look(step=7, agent=2)
    >>> panel.episode_step, panel.agent, [view.title for view in panel.views]
    (7, 2, ['Learning curve', 'World', 'Critic'])
    """

    def __init__(self, algorithm, views=None, *, units: int, preview: int | Recording = PREVIEW_UPDATES, **options):
        world = getattr(algorithm, "game", None)
        if not isinstance(world, ParticleWorld):
            raise ValueError(
                f"algorithm is {checks.shown(algorithm)}; expected a learner in a particle world, as MADDPG(world)"
            )
        if not isinstance(preview, Recording):
            preview = checks.integer("preview", preview, 0)
        with_critic = getattr(algorithm, "surface", 0) > 0
        if views is None:
            views = [LearningCurve(), ParticleView(), *([CriticView()] if with_critic else [])]
        self._given_preview, self._watching, self._step_due = preview, False, 0.0
        super().__init__(algorithm, views, units=units, **options)
        self._worlds = [view for view in self.views if isinstance(view, ParticleView)]
        self._critics = [view for view in self.views if isinstance(view, CriticView)]
        self._session.patience, self._session.share = PATIENCE, SHARE
        self._last = self.recording[0]["episode_positions"].shape[1] - 1
        self.episode_step, self.agent = self._last, 0
        hint = POINT + PROBE if self._critics else f"{POINT.split(' to see')[0]} to mark it. {NO_SURFACE}"
        self._row = EpisodeRow(world.agents, self._last, hint)
        self._row.connect(
            self._engine.ask,
            {
                "watch": self.watch,
                "episode step": self._go_to_step,
                "agent": lambda i: self.look(agent=i),
                "point": self._pointed,
            },
        )
        above, below = self.board.box.children[:3], self.board.box.children[3:]
        self.board.box.children = (*above, self._row.box, *below)
        self.look(agent=0)

    # ---- what can be done, from a cell, by a button or with the mouse -----------------------------------------------

    @property
    def watching(self) -> bool:
        """Whether the episode of the moment that is shown is being played."""
        return self._watching

    @property
    def probe(self) -> tuple[float, float] | None:
        """The force that the critic is asked about; ``look`` changes it."""
        return self._critics[0].probe if self._critics else None

    def look(self, *, step: int | None = None, agent: int | None = None, probe=None) -> None:
        """Show a step of the episode, an agent, or what its critic thinks of a force; what is None stays as it is.

        Parameters
        ----------
        step, agent : int, optional
            From 0.
        probe : (float, float), optional
            Each from -1 to 1; of an agent without a force the number of a choice, and anything.
        """
        if step is not None:
            self.episode_step = checks.integer("step", step, 0, self._last)
        if agent is not None:
            self.agent = checks.integer("agent", agent, 0, len(self._row.agents) - 1)
        by_choices = self._by_choices()
        for view in (*self._worlds, *self._critics):
            view.step = self.episode_step
        for view in self._worlds:
            view.highlighted = self.agent
        for view in self._critics:
            view.agent = self.agent
            if probe is not None:
                view.probe = tuple(map(float, probe))
            elif self._by_choices() != by_choices:
                view.probe = None  # a force is no word
        self._show_row()
        if not self.playing:  # while it learns, the next picture is not far
            self._changed()

    def watch(self) -> None:
        """Play the episode of the moment that is shown, from where it stands or from its beginning; or stop that."""
        if self._watching:
            self._watching = False
        else:
            if self.playing:
                super().pause()
            self._watching, self._step_due = True, time.perf_counter() + 1 / STEPS_A_SECOND
            if self.episode_step == self._last:
                self.look(step=0)
        self._show_row()
        self._changed()

    def play(self) -> None:
        """Learn on, with the world in motion; as every panel."""
        super().play()
        self._watching = False
        if self.episode_step == self._last:
            self.look(step=0)

    def step(self) -> None:
        """One unit further, as every panel."""
        self._watching = False
        super().step()

    def reset(self) -> None:
        """Start afresh, as every panel; the whole episode is shown."""
        self._watching = False
        super().reset()
        self.look(step=self._last)

    def run(self) -> ParticlePanel:
        """Do the rest of the run here and now, without a front end; the whole episode is shown."""
        super().run()
        self.look(step=self._last)
        return self

    def export(self, path) -> Path:
        """Write picture, moving picture or numbers, as every panel; a moving picture shows whole episodes."""
        path = Path(path)
        if path.suffix.lower() != ".gif":
            return super().export(path)
        path.write_bytes(export.all_at_once("GIF", self._whole()))
        return path

    # ---- what the engine calls --------------------------------------------------------------------------------------

    def idle(self) -> float:
        """Seconds until there is something to do."""
        until = super().idle()
        return min(until, max(0.0, self._step_due - time.perf_counter())) if self._watching else until

    def tick(self) -> None:
        """Do one slice of what is to be done, and show it."""
        if self._watching and time.perf_counter() >= self._step_due:
            self._step_due = time.perf_counter() + 1 / STEPS_A_SECOND
            self._watching = self.episode_step + 1 < self._last
            self.look(step=min(self.episode_step + 1, self._last))
        super().tick()

    def fail(self, error: Exception) -> None:
        """Something went wrong: say so, stand still, keep what was recorded."""
        self._watching = False
        super().fail(error)

    # ---- inside -----------------------------------------------------------------------------------------------------

    def _show(self, moved: bool) -> None:
        if moved:  # one step a picture, from the beginning again at the end; when a run is over, the whole episode
            self.look(step=(self.episode_step + 1) % (self._last + 1) if self.playing else self._last)
        super()._show(moved)

    def _say(self) -> None:
        super()._say()
        self._show_row()

    def _show_row(self) -> None:
        says = self._critics[0].probed(self.recording, self.moment) if self._critics else ""
        self._row.show(self.episode_step, self.agent, self._watching, says)

    def _preview(self) -> export.Still:
        if isinstance(self._given_preview, Recording):
            run = self._given_preview
        else:
            updates = min(self._session.units, self._given_preview)
            run = record(self.algorithm.clone(), updates, max(1, -(-updates // PREVIEW_MOMENTS)))
        self._expect(int(run.units[-1]))
        return export.Still(self._whole().views, run)

    def _whole(self) -> _Whole:
        return _Whole(self)

    def _offer(self, form: str) -> None:
        """As every panel; a moving picture is made from views of its own, for those here go on to move."""
        self._job = (form, export.in_steps(form, self._whole() if form == "GIF" else self))

    def _look_at(self, units: int) -> None:
        super()._look_at(units)
        self._show_row()

    def _go_to_step(self, step: int) -> None:
        """Somebody dragged the slider."""
        if self.playing:
            super().pause()
        self._watching = False
        self.look(step=step)

    def _pointed(self, content: dict) -> None:
        """The mouse is somewhere over the picture, or has gone, or an arrow key moves the probe."""
        if "move" in content:
            self._nudge(*content["move"])
        elif content.get("gone"):
            self._unprobe()
        else:
            self._point_at(self._painter.place(content["x"], content["y"]), bool(content.get("click")))

    def _point_at(self, place, clicked: bool) -> None:
        view, x, y = (self.views[place[0]], *place[1:]) if place else (None, 0.0, 0.0)
        if isinstance(view, CriticView):
            self.look(probe=(x, y) if self._by_choices() else np.clip((x, y), -1, 1))
            return
        self._unprobe()
        if isinstance(view, ParticleView):
            there = self.recording[self.moment]["episode_positions"][view.seed, self.episode_step]
            away = np.hypot(*(there - (x, y)).T)
            if (clicked or away.min() < NEAR) and away.argmin() != self.agent:
                self.look(agent=int(away.argmin()))

    def _nudge(self, right: float, up: float) -> None:
        """Move the probe a little, from what the actor does if there is none yet."""
        for view in self._critics[:1]:
            at = np.array(view.probe if view.probe is not None else view.acted(self.recording, self.moment))
            if self._by_choices():
                self.look(probe=(max(at[0] + right, 0.0), 0.0))
            else:
                self.look(probe=np.clip(at + NUDGE * np.array([right, up]), -1, 1))

    def _by_choices(self) -> bool:
        """Whether the agent has choices or words where others have a force."""
        return bool(self._critics) and not self._critics[0].by_force(self.recording, self.moment)

    def _unprobe(self) -> None:
        if self.probe is None:
            return
        for view in self._critics:
            view.probe = None
        self.look()


class _Whole:
    """A panel for an export: the same run, seen by copies of its views that show whole episodes."""

    def __init__(self, panel: ParticlePanel):
        self.recording, self.moment = panel.recording, panel.moment
        self.views = tuple(copy.copy(view) for view in panel.views)
        for view in self.views:
            if isinstance(view, ParticleView | CriticView):
                view.step = None
            if isinstance(view, CriticView):
                view.probe = None
