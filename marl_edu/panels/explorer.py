"""A picture that follows sliders: for what has no time in it, and so nothing to play or to rewind.

Drawn anew at each change, in the kernel's event loop, and only for the newest wish: a slider that is dragged fast is
never behind.
"""

from __future__ import annotations

import base64
import html
import io

import ipywidgets as widgets
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from marl_edu.games import checks
from marl_edu.hyperparameters import Choice, Real, Tunable
from marl_edu.panels import controls as parts
from marl_edu.panels.board import STYLE
from marl_edu.panels.engine import Engine
from marl_edu.panels.painter import DPI, HEIGHT, WIDTH


class Explorer:
    """Sliders and menus beside a picture that is drawn from their values.

    Parameters
    ----------
    draw : function
        ``draw(axes, **values)`` draws into empty axes and returns what the picture says, in a sentence or two. ``axes``
        is one Axes, or a list of them if ``columns`` is more than 1.
    title : str
        Heading.
    controls : dict of str to Real or Choice
        What can be changed, in this order, each declared like a hyperparameter; their names are the arguments of
        ``draw``.
    columns : int
        Axes side by side, 1 to 3.
    height : int
        Of the picture, in pixels.

    Raises
    ------
    ValueError
        If a control is not declared by Real or Choice, or has a name that can't be used. What ``draw`` raises when the
        first picture is drawn is raised on.

    Examples
    --------
    >>> def draw(ax, discount):
    ...     ax.bar(range(10), [discount**k for k in range(10)])
    ...     return f"The weight of the reward after nine steps is {discount**9:.2f}."
    >>> explorer = Explorer(draw, "Weights", {"discount": Real(0.5, 0, 1, "weight of the next reward")})
    >>> explorer.set(discount=1)
    >>> explorer.describe()
    'The weight of the reward after nine steps is 1.00.'
    """

    playing = False
    """It never goes on by itself."""

    def __init__(self, draw, title: str, controls: dict, *, columns: int = 1, height: int = HEIGHT):
        if not callable(draw):
            raise ValueError(f"draw is {checks.shown(draw)}; expected a function that draws into axes")
        if not isinstance(controls, dict):
            raise ValueError(f"controls is {checks.shown(controls)}; expected a dict of names and Real or Choice")
        for name, control in controls.items():
            if not str(name).isidentifier() or hasattr(Tunable, str(name)):
                raise ValueError(f"{name!r} can't be a control's name; expected one like 'discount', not taken yet")
            if not isinstance(control, Real | Choice):
                raise ValueError(f"{name} is {checks.shown(control)}; expected a Real or a Choice")
        self.title, self._draw = checks.text("title", title), draw
        self._columns = checks.integer("columns", columns, 1, 3)
        self._height = checks.integer("height", height, 100, 900)
        self._settings = type("Controls", (Tunable,), dict(controls))()
        self._picture, self._words = self._drawn()
        self._dirty, self._drawn_from = False, self.values
        self.controls = {name: parts.control_for(self._settings, name) for name in controls}
        self._make_board()
        self._engine = Engine(self)
        for name, control in self.controls.items():
            control.observe(lambda change, name=name: self._engine.ask(self._tuned, name, change.new), "value")

    def _make_board(self) -> None:
        self._image = parts.picture(WIDTH, self._height)
        self._image.value = self._picture
        self._says = parts.text("marl-words", "44px")
        self._warns = parts.text("marl-notice", "0px")
        self._says.value = html.escape(self._words)
        shape = f".marl-panel .marl-{WIDTH}x{self._height} {{aspect-ratio: {WIDTH} / {self._height}}}"
        tuning = widgets.VBox(list(self.controls.values()), layout=widgets.Layout(width="296px", flex="0 0 auto"))
        tuning.add_class("marl-tuning")
        beside = widgets.HBox([tuning, self._image], layout=widgets.Layout(flex_flow="row nowrap"))
        heading = widgets.HTML(f"<style>{STYLE}{shape}</style><b>{html.escape(self.title)}</b>")
        self.board = widgets.VBox(
            [heading, beside, self._warns, self._says], layout=widgets.Layout(width="100%", max_width="985px")
        )
        self.board.add_class("marl-panel")
        self.board.add_class("marl-explorer")

    def __repr__(self) -> str:
        return f"Explorer({self.title!r})"

    def _repr_mimebundle_(self, include=None, exclude=None):
        """The live widget where there is a front end; beside it the picture and its words."""
        self._engine.start()
        bundle = self.board._repr_mimebundle_() or {}
        view = {key: value for key, value in bundle.items() if "widget" in key}
        still = {"text/plain": f"{self.title}. {self._words}", "image/png": base64.b64encode(self._picture).decode()}
        return view | still, {"image/png": {"alt": self._words}}

    @property
    def values(self) -> dict:
        """What the controls are set to, by name."""
        return self._settings.hyperparameters

    def set(self, **values) -> None:
        """Change controls; a refused value changes nothing."""
        before = self.values
        self._settings.set(**values)
        try:
            self._show()
        except Exception:
            self._settings.set(**before)
            raise
        for name in values:
            parts.put(self.controls[name], self.values[name])

    def describe(self) -> str:
        """What the picture says, in words."""
        return self._words

    def png(self) -> bytes:
        """The present picture."""
        return self._picture

    def close(self) -> None:
        """Free the widgets."""
        self._engine.stop()
        parts.close_all(self.board)

    def _drawn(self) -> tuple[bytes, str]:
        figure = Figure(figsize=(WIDTH / DPI, self._height / DPI), dpi=DPI, facecolor="white", layout="constrained")
        FigureCanvasAgg(figure)
        axes = list(figure.subplots(1, self._columns, squeeze=False)[0])
        words = self._draw(axes[0] if self._columns == 1 else axes, **self.values)
        if not isinstance(words, str) or not words.strip():
            raise ValueError(f"draw returned {checks.shown(words)}; expected what the picture says, in words")
        drawn = io.BytesIO()
        figure.savefig(drawn, format="png", pil_kwargs={"compress_level": 2})
        return drawn.getvalue(), words

    def _show(self) -> None:
        self._picture, self._words = self._drawn()
        self._dirty, self._drawn_from = False, self.values
        self._image.value, self._says.value, self._warns.value = self._picture, html.escape(self._words), ""

    # ---- what the engine calls --------------------------------------------------------------------------------------

    def _tuned(self, name: str, value) -> None:
        if not parts.same(self.controls[name], value, self.values[name]):
            self._settings.set(**{name: value})
            self._dirty = True
            if not self._engine.driving:
                self.tick()

    def idle(self) -> float:
        """Seconds until there is something to do."""
        return 0.0 if self._dirty else float("inf")

    def tick(self) -> None:
        """Draw what was wished for last."""
        if self._dirty:
            self._dirty = False
            self._show()

    def fail(self, error: Exception) -> None:
        """Say what went wrong; the last picture stays, and the controls go back to what it shows."""
        self._dirty = False
        self._settings.set(**self._drawn_from)
        for name, value in self._drawn_from.items():
            parts.put(self.controls[name], value)
        self._warns.value = html.escape(parts.what_failed(error))
