"""Controls made from declared hyperparameters, and the other widgets that every panel has in the same place."""

from __future__ import annotations

import base64
import math

import ipywidgets as widgets

from marl_edu.algorithm import Algorithm, Choice

NAMES_WIDTH = "122px"
SPEEDS = (1, 2, 5, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000)
SEEDS = (1, 3, 10, 30)
BLANK = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNgYGBgAAAABQABeqhXUAAAAABJRU5ErkJggg=="
)
"""One transparent pixel, as PNG."""


def names_of(controls, algorithm: Algorithm) -> list[str]:
    """The hyperparameters that get a control."""
    if controls is None:
        return list(algorithm.declared())
    names = [controls] if isinstance(controls, str) else controls
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"controls is {controls!r:.80}; expected a list of names of hyperparameters")
    for name in names:
        algorithm.require(name)
    return list(names)


def control_for(algorithm: Algorithm, name: str) -> widgets.Widget:
    """A slider or a menu for one hyperparameter, with its meaning as tooltip."""
    trait = algorithm.declared()[name]
    label = name.replace("_", " ")
    common = {
        "description": label,
        "tooltip": f"{label}: {trait.help}",
        "style": {"description_width": NAMES_WIDTH},
        "layout": widgets.Layout(width="98%", min_height="28px"),
    }
    value, choices = getattr(algorithm, name), trait.metadata.get("choices")
    if trait.metadata["scale"] == "log":
        choices = one_two_five(trait.min, trait.max)
    if isinstance(trait, Choice):
        control = widgets.Dropdown(options=list(choices), value=value, **common)
    elif choices:
        control = widgets.SelectionSlider(options=_labelled({*choices, value}), value=value, **common)
    else:
        step = (trait.max - trait.min) / 100
        common["readout_format"] = ".3g"
        control = widgets.FloatSlider(value=value, min=trait.min, max=trait.max, step=step, **common)
    control.add_class(f"marl-{name.replace('_', '-')}")
    return control


def put(control: widgets.Widget, value) -> None:
    """Set a control to a value, which need not be one that it offered before."""
    if isinstance(control, widgets.SelectionSlider) and value not in [option for _, option in control.options]:
        control.options = _labelled({*(option for _, option in control.options), value})
    control.value = value


def same(control: widgets.Widget, value, present) -> bool:
    """Whether a value that came from the browser is the present one, but for rounding to the slider's grid."""
    if isinstance(control, widgets.FloatSlider) and present != round(present / control.step) * control.step:
        return abs(value - present) <= 0.501 * control.step
    return value == present


def one_two_five(low: float, high: float) -> list[float]:
    """The numbers 1, 2, 5, 10, 20, ... and their fractions from ``low`` to ``high``.

    >>> one_two_five(0.05, 10)
    [0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0]
    """
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    numbers = [float(f"{digit}e{power}") for power in powers for digit in (1, 2, 5)]
    return [number for number in numbers if low <= number <= high]


def _labelled(values: set[float]) -> list[tuple[str, float]]:
    return [(f"{value:,g}", value) for value in sorted(values)]


def button(word: str, icon: str, tooltip: str, width: str = "78px") -> widgets.Button:
    """A button with a word, a sign and a tooltip; its class is ``marl-<word>``."""
    made = widgets.Button(description=word, icon=icon, tooltip=tooltip, layout=widgets.Layout(width=width))
    made.add_class(f"marl-{word.split()[0]}")
    return made


def speed_slider(unit: str, speed: float) -> widgets.SelectionSlider:
    """Units a second; the last one is as fast as it goes (0)."""
    options = [(f"{value:,}/s", value) for value in sorted({*SPEEDS, *([speed] if speed else [])})] + [("fastest", 0)]
    made = widgets.SelectionSlider(
        options=options,
        value=speed,
        description="speed",
        tooltip=f"{unit}s a second",
        style={"description_width": "44px"},
        layout=widgets.Layout(width="196px"),
    )
    made.add_class("marl-speed")
    return made


def seeds_menu(seeds: int) -> widgets.Dropdown:
    """How many runs side by side."""
    made = widgets.Dropdown(
        options=[(str(k), k) for k in sorted({*SEEDS, seeds})],
        value=seeds,
        description="seeds",
        tooltip="independent runs side by side, from the next reset on",
        style={"description_width": "44px"},
        layout=widgets.Layout(width="104px"),
    )
    made.add_class("marl-seeds")
    return made


def timeline_slider(unit: str, units: int) -> widgets.IntSlider:
    """Where in the recording we look; drag it back to rewind."""
    made = widgets.IntSlider(
        value=0,
        min=0,
        max=max(1, units),
        description="timeline",
        tooltip=f"drag back to see an earlier {unit}; drag to the right end to follow again",
        readout=False,
        continuous_update=True,
        style={"description_width": "60px"},
        layout=widgets.Layout(flex="1 1 auto"),
    )
    made.add_class("marl-timeline")
    return made


def text(class_name: str, height: str = "24px", **layout) -> widgets.HTML:
    """A line of words that keeps its height."""
    made = widgets.HTML(layout=widgets.Layout(min_height=height, **layout))
    made.add_class(class_name)
    return made


def picture(width: int, height: int) -> widgets.Image:
    """A place for a picture of that many pixels, with a blank one in it until the first comes.

    Without the blank one the page tries to show nothing, fails, and now and then (seen in Chromium) gives no room to
    what comes after it.
    """
    made = widgets.Image(value=BLANK, format="png", layout=widgets.Layout(width=f"{width}px"))
    made.add_class("marl-picture")
    made.add_class(f"marl-{width}x{height}")
    return made


def close_all(box) -> None:
    """Free a widget and all within."""
    todo = [box]
    while todo:
        widget = todo.pop()
        todo += getattr(widget, "children", ())
        widget.close()


def what_failed(error: Exception) -> str:
    """An error in words: its message, and of what kind it is unless it says what was given and what expected.

    >>> what_failed(ValueError("discount is 2; expected a number from 0 to 1")), what_failed(KeyError("worn"))
    ('discount is 2; expected a number from 0 to 1', "KeyError: 'worn'")
    """
    kind, words = type(error).__name__, str(error)
    return words if words and isinstance(error, ValueError) else f"{kind}: {words}" if words else kind
