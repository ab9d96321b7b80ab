"""A stick: what the student holds or presses, by keys, mouse or buttons, and which force that is.

What is held is a dict: ``{'force': array (2,)}``, or ``{'target': array (2,)}``, a place in the plane to be pushed to.
"""

from __future__ import annotations

from pathlib import Path

import anywidget
import numpy as np
import traitlets

from marl_edu.games import ParticleWorld, checks
from marl_edu.learning.flight import checked_force
from marl_edu.panels.steer_words import DIRECTIONS
from marl_edu.views.particles import REACH

HERE = Path(__file__).parent
STIFFNESS, DAMPING = 5.0, 1.0
"""How the mouse steers: force per unit of distance and of velocity, as in the controller of ``simple_spread``."""


class Stick(anywidget.AnyWidget):
    """Keys, mouse and buttons. It sends what is held, what was pressed, and which moment the page has seen.

    Messages are ``{'hold': held}``, ``{'press': held, 'at': n}``, ``{'seen': n}``, ``{'start': True}`` (to start or
    pause) and ``{'away': True}`` (nobody looks any more).

    Attributes
    ----------
    at : int
        Number of the newest moment: the page sends it back as ``seen``, and with each press.
    round : int
        When it changes, all that is held is let go.
    window, reach : list of float, float
        Where in the picture the plane [-reach, reach]^2 is: left, right, top, bottom, as shares.
    """

    _esm = HERE / "steer.js"
    _css = HERE / "steer.css"
    pace = traitlets.Unicode().tag(sync=True)
    hint = traitlets.Unicode().tag(sync=True)
    says = traitlets.Unicode().tag(sync=True)
    at = traitlets.Int(0).tag(sync=True)
    round = traitlets.Int(0).tag(sync=True)
    window = traitlets.List([0.0, 1.0, 0.0, 1.0]).tag(sync=True)
    reach = traitlets.Float(REACH).tag(sync=True)


def nothing() -> dict:
    """What is held where nothing is."""
    return {"force": np.zeros(2)}


def held(said) -> dict:
    """What a message of the page says is held, or a ``ValueError``."""
    if isinstance(said, dict) and "target" in said:
        return {"target": place_of(said["target"])}
    return {"force": checked_force("force", said.get("force") if isinstance(said, dict) else said)}


def force_of(force) -> np.ndarray:
    """A force given by two numbers or by the name of a direction.

    >>> force_of("down left"), force_of([0.5, 0])
    (array([-1., -1.]), array([0.5, 0. ]))
    """
    if isinstance(force, str):
        return np.array(DIRECTIONS[checks.option("force", force, DIRECTIONS)], dtype=float)
    return checked_force("force", force)


def place_of(place, field: str = "place") -> np.ndarray:
    """A place in the plane given by two numbers."""
    found = checks.array(field, place)
    if found.shape != (2,):
        raise ValueError(f"{field} is {checks.shown(place)}; expected two numbers, x and y")
    return found


def understood(content) -> dict:
    """A message of the page, with what is held or pressed as a dict of an array; nothing if it can't be read.

    >>> understood({"press": {"force": [0, 1]}, "at": 3}), understood({"hold": None}), understood("hold")
    ({'press': {'force': array([0., 1.])}, 'at': 3}, {}, {})
    """
    said = content if isinstance(content, dict) else {}
    try:
        return said | {word: held(said[word]) for word in ("hold", "press") if word in said}
    except ValueError:
        return {}


def force_now(hand: dict, world: ParticleWorld, seat: int) -> np.ndarray:
    """The force that is held, or that pushes an agent towards where the mouse is held."""
    if "force" in hand:
        return hand["force"]
    pull = STIFFNESS * (hand["target"] - world.positions[seat]) - DAMPING * world.velocities[seat]
    return np.clip(pull, -1, 1)
