"""The stepper: the student chooses the actions of all agents, sees the row p(. | s, a), steps, and steps back.

Legend of axes: N agents, S states.
"""

from __future__ import annotations

import base64
import html
import io
from collections import Counter
from dataclasses import dataclass

import ipywidgets as widgets
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from marl_edu.games import MarkovGame, checks
from marl_edu.games.colours import agent_colour
from marl_edu.panels import controls as parts
from marl_edu.panels import play_words
from marl_edu.panels.engine import Engine
from marl_edu.panels.painter import DPI
from marl_edu.panels.playboard import STYLE, Pad
from marl_edu.views import transition
from marl_edu.views.base import LARGE, in_words

WIDTH, HEIGHT = 960, 300
KEYS = ("hjkl", "uiop")
"""Keys of agents 2 and 3, for up to four actions each; agent 1 has those of a game that is played (``keys_of``)."""

PLACES = ((0.01, 0.06, 0.31, 0.82), (0.42, 0.17, 0.25, 0.71), (0.79, 0.17, 0.18, 0.71))
"""Of the three pictures: left, bottom, width and height as shares of the whole."""

MOST_STEPS = 1_000


def keys_of(game: MarkovGame) -> dict[str, tuple[int, int]]:
    """Which key stands for which agent's which action; n and b, which go on and back, are no agent's.

    Agent 1's are those of ``Play``, so that a letter means the same in both: initials where unique, or numbers.

    >>> from marl_edu.games import stag_hunt
    >>> keys_of(stag_hunt())
    {'s': (0, 0), '1': (0, 0), '2': (0, 1), 'h': (1, 0), 'j': (1, 1)}
    """
    others = {
        key: (i, a)
        for i, keys in enumerate(KEYS[: game.n_agents - 1], 1)
        for a, key in enumerate(keys[: game.n_actions[i]])
    }
    own = play_words.keys_for(game.actions[0])
    return {key: (0, a) for key, a in own.items() if key not in {"n", "b", *others}} | others


def draw_payments(ax, game: MarkovGame, state: int, joint_action: tuple[int, ...]) -> None:
    """What the joint action pays each agent, and all together unless they are a team: all its members are paid the same
    reward, which is the team's, and a sum over them would count it more than once.
    """
    transition.draw_rewards(ax, game, state, joint_action)
    if game.setting == "cooperative":
        ax.patches[-1].remove()  # the sum stands last
        ax.texts[-1].remove()
        ax.set_yticks(ax.get_yticks()[:-1], [label.get_text() for label in ax.get_yticklabels()[:-1]], parse_math=False)
        low, high = min(0, game.rewards.min()), max(0, game.rewards.max())
        pad = 0.3 * (high - low or 1)
        ax.set(xlim=(low - pad * (low < 0), high + pad), ylim=(game.n_agents - 0.4, -0.6))


@dataclass(frozen=True)
class Moment:
    """Where a walk stands: the state, how it came there, and what everybody has earned so far."""

    state: int
    joint_action: tuple[int, ...] | None
    rewards: np.ndarray | None
    earned: np.ndarray


class Stepper:
    """Buttons for the joint action, a picture of its row and its rewards, and a way forwards and back.

    A step draws the next state anew, also after stepping back: whoever goes back and forth sees how often which state
    follows, beside the probabilities.

    Parameters
    ----------
    game : MarkovGame
        At most 7 states, or at most 6 that may follow any joint action; at most 4 agents.
    seed : int
        Of the draws.
    title : str, optional
        Heading.

    Raises
    ------
    ValueError
        If the game has more agents or successors than can be drawn.

    Examples
    --------
    >>> from marl_edu.games import stag_hunt
    >>> stepper = Stepper(stag_hunt(discount=0.9))
    >>> stepper.choose("stag", "hare")
    >>> stepper.step()
    >>> stepper.steps, stepper.earned.tolist()
    (1, [0.0, 1.0])
    >>> stepper.back()
    >>> stepper.steps
    0
    """

    playing = False
    """It never goes on by itself."""

    def __init__(self, game: MarkovGame, *, seed: int = 0, title: str | None = None):
        self.game = checks.game(game)
        most = int(np.diff(game.successors.offsets).max())
        if game.n_agents > 4 or (game.n_states > transition.MOST_SHOWN and most >= transition.MOST_SHOWN):
            raise ValueError(
                f"Stepper: {game.n_agents} agents, {game.n_states} states and up to {most} next states; expected at "
                f"most 4 agents, and {transition.MOST_SHOWN} states or fewer next states than that"
            )
        self.title = str(title or "") or f"Step through {game.name}"
        self._rng = np.random.default_rng(checks.integer("seed", seed, 0))
        self.joint_action = (0,) * game.n_agents
        self._seen: dict[tuple[int, int], Counter] = {}
        self._begin()
        self._notice, self._dirty = "", False
        self._png: bytes | None = None
        self._displayed = False  # nothing is painted for nobody
        self._make_board()
        self._engine = Engine(self)
        self._connect()
        self._show()

    def _begin(self) -> None:
        first = int(np.searchsorted(np.cumsum(self.game.start), self._rng.random(), side="right"))
        first = min(first, self.game.n_states - 1)
        self._way, self._at = [Moment(first, None, None, np.zeros(self.game.n_agents))], 0

    # ---- from a cell or by a button ----------------------------------------------------------------------------------

    @property
    def state(self) -> int:
        """The state that is shown, by number."""
        return self._way[self._at].state

    @property
    def steps(self) -> int:
        """Steps from the start to the moment that is shown."""
        return self._at

    @property
    def earned(self) -> np.ndarray:
        """What every agent has earned up to the moment that is shown, undiscounted, (N,)."""
        return self._way[self._at].earned.copy()

    @property
    def row(self) -> np.ndarray:
        """The row p(. | s, a) of the present state and the chosen joint action, (S,)."""
        return transition.row_of(self.game, self.state, self.joint_action)

    def choose(self, *actions: int | str) -> None:
        """Choose the joint action, one action for each agent, by number or by name.

        Raises
        ------
        ValueError
            If there is no such action, or not one for each agent.
        """
        names = self.game.actions
        if len(actions) != len(names):
            raise ValueError(f"{len(actions)} actions; expected {len(names)}, one for each agent")
        self.joint_action = tuple(
            checks.index_of(f"action of {self.game.agents[i]}", action, names[i]) for i, action in enumerate(actions)
        )
        self._changed()

    def step(self) -> None:
        """Let the world move once; from an earlier moment, what came after it is replaced."""
        if self.game.terminal[self.state]:
            self._changed("The episode is over: there is no way on from here. Go back, or start again.")
            return
        if self._at >= MOST_STEPS:
            self._changed(f"These are {MOST_STEPS:,} steps, which is enough. Go back, or start again.")
            return
        then, rewards = self.game.sample(self.state, self.joint_action, self._rng)
        self._tally()[then] += 1
        moment = Moment(then, self.joint_action, rewards, self.earned + rewards)
        self._way, self._at = [*self._way[: self._at + 1], moment], self._at + 1
        self._changed()

    def back(self) -> None:
        """One step back, with the joint action that was taken there."""
        if self._at == 0:
            self._changed("This is the start.")
        else:
            self.look_at(self._at - 1)

    def look_at(self, step: int) -> None:
        """Show the moment after so many steps, and the joint action that was taken there."""
        self._at = min(checks.integer("step", step, 0), len(self._way) - 1)
        if self._at + 1 < len(self._way):
            self.joint_action = self._way[self._at + 1].joint_action
        self._changed()

    def restart(self) -> None:
        """Back to a start; what was seen of the rows is kept."""
        self._begin()
        self._changed()

    def describe(self) -> str:
        """What the picture says, in words."""
        game, now = self.game, self._way[self._at]
        came = ""
        if now.joint_action is not None:
            paid = ", ".join(f"{n} {in_words(float(r))}" for n, r in zip(game.agents, now.rewards, strict=True))
            acted = ", ".join(game.actions[i][a] for i, a in enumerate(now.joint_action))
            came = f"Step {self._at}: ({acted}) led to {game.states[now.state]} and paid {paid}. "
        if game.terminal[now.state]:
            return f"{came}State {game.states[now.state]} is terminal: the episode is over."
        return came + transition.step_in_words(game, now.state, self.joint_action)

    def png(self) -> bytes:
        """The present picture."""
        if self._png is not None:
            return self._png
        figure = Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI, facecolor="white")
        FigureCanvasAgg(figure)
        left, middle, right = (figure.add_axes(place) for place in PLACES)
        game, state = self.game, self.state
        before = self._way[self._at - 1].state if self._at else None
        transition.draw_states(left, game, state, self.joint_action, before)
        names = ", ".join(game.actions[i][a] for i, a in enumerate(self.joint_action))
        left.set_title(f"s = {game.states[state]}, a = ({names})", fontsize=LARGE, loc="left", parse_math=False)
        if game.terminal[state]:
            for ax in (middle, right):
                ax.axis("off")
            middle.text(0, 0.5, "terminal: the episode is over", transform=middle.transAxes, fontsize=LARGE)
        else:
            transition.draw_row(middle, game, state, self.joint_action, self._tally())
            draw_payments(right, game, state, self.joint_action)
        drawn = io.BytesIO()
        figure.savefig(drawn, format="png", pil_kwargs={"compress_level": 2})
        self._png = drawn.getvalue()
        return self._png

    def close(self) -> None:
        """Stop for good and free the widgets."""
        self._engine.stop()
        parts.close_all(self.board)

    def __repr__(self) -> str:
        return f"Stepper({self.title!r}, {self._at} steps)"

    def _repr_mimebundle_(self, include=None, exclude=None):
        """The live widget where there is a front end; beside it the picture and its words."""
        self._engine.start()
        self._displayed = True
        self._show()
        bundle = self.board._repr_mimebundle_() or {}
        view = {key: value for key, value in bundle.items() if "widget" in key}
        still = {"text/plain": f"{self.title}. {self.describe()}",
                 "image/png": base64.b64encode(self.png()).decode()}  # fmt: skip
        return view | still, {"image/png": {"alt": self.describe()}}

    def _tally(self) -> Counter:
        """How often each state has followed the present state and joint action."""
        return self._seen.setdefault((self.state, self.game.joint_index(self.joint_action)), Counter())

    # ---- the widgets -------------------------------------------------------------------------------------------------

    def _make_board(self) -> None:
        game = self.game
        self._keys = keys_of(game)
        signs = {place: play_words.SHOWN.get(key, key) for key, place in reversed(self._keys.items())}
        self.choices, rows = [], []
        for i, names in enumerate(game.actions):
            options = [(f"{n} ({signs[i, a]})" if (i, a) in signs else n, a) for a, n in enumerate(names)]
            made = widgets.ToggleButtons(options=options, value=0, style={"button_width": "auto"})
            made.add_class(f"marl-agent-{i}")
            dot = f'<span class="marl-you" style="background:{agent_colour(i)}"></span>'
            label = widgets.HTML(f"{dot} {html.escape(game.agents[i])}", layout=widgets.Layout(min_width="90px"))
            self.choices.append(made)
            rows.append(widgets.HBox([label, made], layout=widgets.Layout(align_items="center")))
        self.buttons = {
            "back": parts.button("back (b)", "step-backward", "one step back", "100px"),
            "step": parts.button("step (n)", "step-forward", "let the world move once", "100px"),
            "restart": parts.button("start again", "undo", "back to the start; what was seen is kept", "118px"),
        }
        self.buttons["step"].button_style = "primary"
        means = dict.fromkeys([*self._keys, "n", "b"], 1)
        own = " and ".join("/".join(k for (j, _), k in sorted(signs.items()) if j == i) for i in range(len(KEYS) + 1)
                           if i < game.n_agents)  # fmt: skip
        self.pad = Pad(meanings=means, hint=f"{own} choose, n steps, b goes back")
        self.timeline = parts.timeline_slider("step", 1)
        self.status, self.words, self.notice = (
            parts.text("marl-status", width="330px"), parts.text("marl-words", "44px"), parts.text("marl-notice", "0px")
        )  # fmt: skip
        self.picture = widgets.Image(format="png", layout=widgets.Layout(width=f"{WIDTH}px"))
        self.picture.add_class("marl-picture")
        size = f"marl-{WIDTH}x{HEIGHT}"
        self.picture.add_class(size)
        shape = f".marl-play .{size} {{aspect-ratio: {WIDTH} / {HEIGHT}}}"
        wrapped = widgets.Layout(flex_flow="row wrap", align_items="center", width="100%")
        self.board = widgets.VBox(
            [
                widgets.HTML(f"<style>{STYLE}{shape}</style><b>{html.escape(self.title)}</b>"),
                *rows,
                widgets.HBox([*self.buttons.values(), self.pad], layout=wrapped),
                self.picture,
                widgets.HBox([self.timeline, self.status], layout=widgets.Layout(width="100%", align_items="center")),
                self.notice,
                self.words,
            ],
            layout=widgets.Layout(width="100%", max_width="985px"),
        )
        self.board.add_class("marl-play")
        self.board.add_class("marl-stepper")
        self._quiet = False

    def _connect(self) -> None:
        ask = self._engine.ask
        for i, widget in enumerate(self.choices):
            widget.observe(lambda change, i=i: None if self._quiet else ask(self._pick, i, change.new), "value")
        for word, widget in self.buttons.items():
            widget.on_click(lambda _, word=word: ask(getattr(self, word)))
        self.pad.on_msg(lambda _, content, __: ask(self._key, content))
        self.timeline.observe(lambda change: None if self._quiet else ask(self.look_at, change.new), "value")

    def _pick(self, agent: int, action: int) -> None:
        self.choose(*(action if i == agent else a for i, a in enumerate(self.joint_action)))

    def _key(self, content) -> None:
        key = content.get("key") if isinstance(content, dict) else None
        if key in self._keys:
            self._pick(*self._keys[key])
        elif key in ("n", "b"):
            self.step() if key == "n" else self.back()

    def _changed(self, notice: str = "") -> None:
        self._notice, self._dirty, self._png = notice, True, None
        if not self._engine.driving:
            self.tick()
        else:
            self._engine.wake()

    def _show(self) -> None:
        if self._displayed:
            self.picture.value = self.png()
        self._quiet = True
        for widget, action in zip(self.choices, self.joint_action, strict=True):
            widget.value = action
        self.timeline.max = max(1, len(self._way) - 1)
        self.timeline.value = self._at
        self._quiet = False
        words = self.describe()
        self.words.value, self.notice.value = html.escape(words), html.escape(self._notice)
        self.pad.says = f"{words} {self._notice}".strip()
        earned = ", ".join(f"{n} {in_words(float(r))}" for n, r in zip(self.game.agents, self.earned, strict=True))
        self.status.value = html.escape(f"step {self._at} of {len(self._way) - 1} · earned: {earned}")

    # ---- what the engine calls ---------------------------------------------------------------------------------------

    def idle(self) -> float:
        """Seconds until there is something to do."""
        return 0.0 if self._dirty else float("inf")

    def tick(self) -> None:
        """Show where things stand, if that has changed."""
        if self._dirty:
            self._dirty = False
            self._show()

    def fail(self, error: Exception) -> None:
        """Say what went wrong; the rest stays."""
        self._changed(parts.what_failed(error))
