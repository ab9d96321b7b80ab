"""What the mouse over a particle world means, or an arrow key: which agent to look at, what to ask its critic.

Legend of axes: K seeds, T steps of an episode, N agents.
"""

from __future__ import annotations

import numpy as np

from marl_edu.views import CriticView, ParticleView

NEAR = 0.3
"""How near the mouse must come to an agent to choose it; a click chooses the nearest, however far."""

NUDGE = 0.1
"""Force by which an arrow key moves the probe."""


class Pointing:
    """Hears the messages of an ``EpisodeRow``'s pointer, and has the panel look where they say.

    Parameters
    ----------
    panel : ParticlePanel
        Whose ``look`` is called.
    critics : list of CriticView
        Of its views, those that have a probe.
    """

    def __init__(self, panel, critics: list[CriticView]):
        self._panel, self._critics = panel, critics

    def heard(self, content: dict) -> None:
        """The mouse is somewhere over the picture, or has gone, or an arrow key moves the probe."""
        if "move" in content:
            self._nudge(*content["move"])
        elif content.get("gone"):
            self._unprobe()
        else:
            self._point_at(self._panel.place(content["x"], content["y"]), bool(content.get("click")))

    def by_choices(self) -> bool:
        """Whether the agent has choices or words where others have a force."""
        panel = self._panel
        return bool(self._critics) and not self._critics[0].by_force(panel.recording, panel.moment)

    def _point_at(self, place, clicked: bool) -> None:
        panel = self._panel
        view, x, y = (panel.views[place[0]], *place[1:]) if place else (None, 0.0, 0.0)
        if isinstance(view, CriticView):
            panel.look(probe=(x, y) if self.by_choices() else np.clip((x, y), -1, 1))
            return
        self._unprobe()
        if isinstance(view, ParticleView):
            there = panel.recording[panel.moment]["episode_positions"][view.seed, panel.episode_step]
            away = np.hypot(*(there - (x, y)).T)
            if (clicked or away.min() < NEAR) and away.argmin() != panel.agent:
                panel.look(agent=int(away.argmin()))

    def _nudge(self, right: float, up: float) -> None:
        """Move the probe a little, from what the actor does if there is none yet."""
        panel = self._panel
        for view in self._critics[:1]:
            at = np.array(view.probe if view.probe is not None else view.acted(panel.recording, panel.moment))
            if self.by_choices():
                panel.look(probe=(max(at[0] + right, 0.0), 0.0))
            else:
                panel.look(probe=np.clip(at + NUDGE * np.array([right, up]), -1, 1))

    def _unprobe(self) -> None:
        if self._panel.probe is not None:
            self._panel.unprobe()
            self._panel.look()
