"""The widgets below a particle world's picture: watch the episode, its step, whose critic, what is pointed at."""

from __future__ import annotations

from pathlib import Path

import anywidget
import ipywidgets as widgets
import traitlets

from marl_edu.games.colours import agent_colour
from marl_edu.panels import controls as parts

HERE = Path(__file__).parent
STYLE = """
.marl-panel .marl-agent {border-bottom: 3px solid var(--marl-own)}
.marl-panel .marl-agent.marl-chosen {font-weight: 700; outline: 2px solid var(--marl-own); outline-offset: -1px}
.marl-panel .marl-agent:focus-visible {outline: 3px solid var(--jp-brand-color1, #1976d2); outline-offset: 1px}
.marl-panel .marl-whose {color: var(--jp-ui-font-color1, #222); margin: 0 4px 0 10px}
"""


class Pointer(anywidget.AnyWidget):
    """Says where the mouse is over the panel's picture, and takes arrow keys; shows in words what is there.

    It sends ``{'x': share, 'y': share}`` from the picture's upper left corner, with ``'click': True`` where the button
    was pressed; ``{'gone': True}``; and ``{'move': [right, up]}`` for an arrow key.
    """

    _esm = HERE / "pointer.js"
    _css = HERE / "pointer.css"
    hint = traitlets.Unicode().tag(sync=True)
    says = traitlets.Unicode().tag(sync=True)


class EpisodeRow:
    """Two rows of widgets.

    Parameters
    ----------
    agents : sequence of str
        Names; each gets a button in the agent's colour.
    steps : int
        Number of the episode's last step.
    hint : str
        What the mouse and the arrow keys do.
    """

    def __init__(self, agents, steps: int, hint: str):
        self.watch = parts.button("watch", "film", "play the episode of the moment that is shown", "84px")
        self.step = widgets.IntSlider(
            value=steps, min=0, max=steps, description="step",
            tooltip="step of the evaluation episode", continuous_update=True,
            style={"description_width": "36px"}, layout=widgets.Layout(width="270px"),
        )  # fmt: skip
        self.step.add_class("marl-episode-step")
        self.agents = [
            widgets.Button(description=name, tooltip=f"look at {name}", layout=widgets.Layout(width="auto"))
            for name in agents
        ]
        for i, made in enumerate(self.agents):
            made.add_class("marl-agent")
            made.add_class(f"marl-agent-{i}")
        colours = "".join(
            f".marl-panel .marl-agent-{i} {{--marl-own: {agent_colour(i)}}}" for i in range(len(self.agents))
        )
        style = widgets.HTML(f"<style>{STYLE}{colours}</style>", layout=widgets.Layout(height="0", margin="0"))
        whose = widgets.HTML("agent")
        whose.add_class("marl-whose")
        self.pointer = Pointer(hint=hint, layout=widgets.Layout(width="100%"))
        self.quiet = False
        row = widgets.HBox(
            [self.watch, self.step, whose, *self.agents],
            layout=widgets.Layout(flex_flow="row wrap", align_items="center", width="100%"),
        )
        self.box = widgets.VBox([style, row, self.pointer], layout=widgets.Layout(width="100%"))

    def connect(self, ask, actions: dict) -> None:
        """Have every widget ask for its action, as ``Board.connect``: 'watch', 'episode step', 'agent', 'point'."""
        self.watch.on_click(lambda _: ask(actions["watch"]))
        self.step.observe(lambda change: None if self.quiet else ask(actions["episode step"], change.new), "value")
        for i, made in enumerate(self.agents):
            made.on_click(lambda _, i=i: ask(actions["agent"], i))
        self.pointer.on_msg(lambda _, content, __: ask(actions["point"], content))

    def show(self, step: int, agent: int, watching: bool, says: str) -> None:
        """Bring everything up to date, without taking that for the student's wish."""
        self.quiet = True
        self.step.value = step
        self.quiet = False
        word, icon = ("stop", "stop") if watching else ("watch", "film")
        self.watch.description, self.watch.icon = word, icon
        for i, made in enumerate(self.agents):
            (made.add_class if i == agent else made.remove_class)("marl-chosen")
        self.pointer.says = says
