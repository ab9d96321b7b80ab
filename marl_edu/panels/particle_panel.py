"""A panel in which a particle world is played while it is learned, with a critic's values under the mouse.

Everything that a ``Panel`` has, and: the evaluation episode of the moment that is shown moves, one step a picture,
while learning runs; when it stands still, *watch* plays it and a slider goes through its steps. World and critic show
the same step and the same agent, which a button or the mouse over the world chooses.

Legend of axes: K seeds, T steps of an episode, N agents.
"""

from __future__ import annotations

import time

from marl_edu.algorithm import Algorithm
from marl_edu.games import ParticleWorld, checks
from marl_edu.panels import export
from marl_edu.panels.episode_row import EpisodeRow
from marl_edu.panels.panel import Panel
from marl_edu.panels.pointing import Pointing
from marl_edu.panels.stick import place_of
from marl_edu.panels.whole_episode import WholeEpisode, expect_alike
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

POINT = "Point at an agent to see its critic"
PROBE = ", and at the critic (or click here and use arrow keys) to ask what it thinks there."


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
        For the still picture that a notebook keeps: a run of the same learner that is recorded already, which costs
        nothing, or so many updates that are done when the panel is first shown.
    controls : sequence of str, optional
        As of every panel; by default all that are declared but for ``surface``, for views do not come and go.
    **options
        As ``Panel``: speed, title, guess.

    Attributes
    ----------
    episode_step, agent : int
        What is shown: step of the episode, and agent, both from 0. ``look`` changes them.

    Raises
    ------
    ValueError
        If the algorithm learns in no particle world, an option is none of those, or a view or a run that is recorded
        already does not suit the learner.

    Examples
    --------
    >>> from marl_edu.games import simple_spread
    >>> from marl_edu.learning import MADDPG
    >>> panel = ParticlePanel(MADDPG(simple_spread(), surface=9, worlds=8, batch=16, warm_up=32), units=20)
    >>> panel.look(step=7, agent=2)
    >>> panel.episode_step, panel.agent, [view.title for view in panel.views]
    (7, 2, ['Learning curve', 'World', 'Critic'])
    """

    def __init__(self, algorithm, views=None, *, units: int, preview: int | Recording = PREVIEW_UPDATES, controls=None,
                 **options):  # fmt: skip
        world = getattr(algorithm, "game", None)
        if not isinstance(algorithm, Algorithm) or not isinstance(world, ParticleWorld):
            raise ValueError(
                f"algorithm is {checks.shown(algorithm)}; expected a learner in a particle world, as MADDPG(world)"
            )
        if not isinstance(preview, Recording):
            preview = checks.integer("preview", preview, 0)
        with_critic = getattr(algorithm, "surface", 0) > 0
        if views is None:
            views = [LearningCurve(), ParticleView(), *([CriticView()] if with_critic else [])]
        if controls is None:
            controls = [name for name in algorithm.declared() if name != "surface"]
        self._given_preview, self._watching, self._step_due = preview, False, 0.0
        super().__init__(algorithm, views, units=units, controls=controls, **options)
        if isinstance(preview, Recording):
            expect_alike(preview, self.recording)
        self._worlds = [view for view in self.views if isinstance(view, ParticleView)]
        self._critics = [view for view in self.views if isinstance(view, CriticView)]
        self._session.patience, self._session.share = PATIENCE, SHARE
        self._last = self.recording[0]["episode_positions"].shape[1] - 1
        self.episode_step, self.agent = self._last, 0
        hint = POINT + PROBE if self._critics else f"{POINT.split(' to see')[0]} to mark it."
        self._row = EpisodeRow(world.labels, self._last, hint)
        self._row.connect(
            self._engine.ask,
            {
                "watch": self.watch,
                "episode step": self._go_to_step,
                "agent": lambda i: self.look(agent=i),
                "point": self._pointed,
            },
        )
        self._pointing = Pointing(self, self._critics)
        self.board.put_below_picture(self._row.box)
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

        Raises
        ------
        ValueError
            If one of these is otherwise. Nothing is changed then.
        """
        last_agent = len(self._row.agents) - 1
        step = self.episode_step if step is None else checks.integer("step", step, 0, self._last)
        agent = self.agent if agent is None else checks.integer("agent", agent, 0, last_agent)
        probe = None if probe is None else tuple(place_of(probe, "probe").tolist())
        by_choices = self._pointing.by_choices()  # all is in order: from here on things are changed
        self.episode_step, self.agent = step, agent
        for view in (*self._worlds, *self._critics):
            view.step = step
        for view in self._worlds:
            view.highlighted = agent
        for view in self._critics:
            view.agent = agent
            view.probe = view.probe if probe is None else probe
        if probe is None and self._pointing.by_choices() != by_choices:
            self.unprobe()  # a force is no word
        self._show_row()
        if not self.playing:  # while it learns, the next picture is not far
            self._changed()

    def unprobe(self) -> None:
        """Ask no critic any more."""
        for view in self._critics:
            view.probe = None

    def place(self, x: float, y: float):
        """Number of the view, and place in it, of a point of the picture given by shares; None outside of views."""
        return self._painter.place(x, y)

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
        self.unprobe()  # the new learner may act otherwise
        super().reset()
        self.look(step=self._last)

    def run(self) -> ParticlePanel:
        """Do the rest of the run here and now, without a front end; the whole episode is shown."""
        super().run()
        self.look(step=self._last)
        return self

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
        return export.Still(WholeEpisode(self).views, run)

    def _exported(self, form: str):
        """A moving picture is made from views of its own, for those here go on to move."""
        return WholeEpisode(self) if form == "GIF" else self

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
        self._pointing.heard(content)
