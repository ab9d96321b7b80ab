"""How a critic's values are drawn: lines and shades over forces, or bars over choices, with marks and words on them.

Each function puts things into the artists of a ``CriticView``.

Legend of axes: N agents, G points of a grid along each side, A choices or words.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import to_rgba
from matplotlib.path import Path

from marl_edu.games.colours import agent_colour
from marl_edu.views.base import in_figures, pale
from marl_edu.views.contours import contours, numbered
from marl_edu.views.critic_step import CriticStep
from marl_edu.views.shapes import arrow, lettering

STEPS = (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
LEVELS = np.array([-1e9, *(-step for step in reversed(STEPS)), 0, *STEPS, 1e9])
"""Of the lines: return ahead, more or less than where the actor acts. Alike in all pictures, so that nothing flickers
from step to step, a shade always means the same, and both a gentle slope and a steep one have lines.
"""

SHORTEST, LONGEST, LEAST_SLOPE = 0.3, 0.6, 0.01
"""Of the shortest and the longest arrow; and the slope, in return per unit of force, below which there is none."""

FLOATING = ("halos", "numbers", "others", "other numbers", "probe", "said behind", "said")
"""Artists that are there at some steps only."""

STAR, DISC = Path.unit_regular_star(5, 0.45), Path.circle((0, 0), 0.5)
ABOVE, BELOW = (0, 13), (0, -13)
ASIDE = np.array([BELOW, ABOVE, (-34, 0), (34, 0)])
"""Where words may stand, in points from what they belong to."""


def show_force(ax, artists: dict, seen: CriticStep, probe: np.ndarray | None) -> None:
    """What it thinks of every force: lines, shades, the star and its arrow; ``probe`` (2,) keeps its room."""
    side, gain = np.linspace(-1, 1, len(seen.surface)), seen.surface - seen.value
    areas, lines = contours(side, side, gain, levels=LEVELS)
    artists["areas"].set_paths([outline for _, outline in areas])
    artists["areas"].set_facecolor([_shade(round(height * (len(LEVELS) - 2))) for height, _ in areas])
    artists["levels"].set_segments([line for _, line in lines])
    artists["levels"].set_linewidths([1.8 if level == 0 else 0.8 for level, _ in lines] or [0.8])
    artists["star"].set_offsets([seen.acted])
    steep = float(np.hypot(*seen.slope))
    if steep > LEAST_SLOPE:
        length = SHORTEST + (LONGEST - SHORTEST) * steep / (steep + 1)
        uphill = arrow(seen.acted, seen.acted + seen.slope / steep * length, 0.028, 0.13, 0.084)
        artists["arrow"].set_paths([uphill])
    if probe is None:  # else its own words, which are about both, have the room
        _say(artists, [(f"Q {in_figures(seen.value)}", seen.acted, _free(ax, seen.acted, seen.slope))])
    taken = [seen.acted, *_show_others(artists, seen), *([] if probe is None else [probe])]
    _number(artists, numbered(ax, [line for line in lines if line[0]], taken))


def _show_others(artists: dict, seen: CriticStep) -> np.ndarray:
    """Discs for the forces of all others who have one; returns their places, (anything up to N - 1, 2)."""
    others = np.delete(seen.forces, seen.agent, axis=0)
    who = np.flatnonzero(np.isfinite(others).all(axis=1))
    numbers, places = np.delete(np.arange(len(seen.forces)), seen.agent)[who], others[who].reshape(-1, 2)
    artists["others"].set_paths([DISC] * len(places))
    artists["others"].set_offsets(places)
    artists["others"].set_facecolor([to_rgba(pale(agent_colour(i), 0.25)) for i in numbers] or ["white"])
    artists["other numbers"].set_paths([lettering(str(i + 1), 7.0) for i in numbers])
    artists["other numbers"].set_offsets(places)
    return places


def show_bars(artists: dict, seen: CriticStep) -> None:
    """What it thinks of every choice or word, against the one that is taken."""
    gain = seen.choices - seen.value
    heights = gain / seen.longest
    outlines = [np.array([(k - 0.36, 0), (k - 0.36, h), (k + 0.36, h), (k + 0.36, 0), (k - 0.36, 0)])
                for k, h in enumerate(heights)]  # fmt: skip
    artists["bars"].set_paths([Path(outline, closed=True) for outline in outlines])
    artists["bars"].set_facecolor([_shade(_rank(amount)) for amount in gain])
    artists["levels"].set_segments([[(-0.6, 0), (len(gain) - 0.4, 0)]])
    artists["levels"].set_linewidths([0.8])
    chosen = int(seen.acted[0])
    artists["star"].set_offsets([(chosen, heights[chosen])])
    ends = [(_signed(g), (k, h), (0, 9 if h >= 0 else -9))
            for k, (g, h) in enumerate(zip(gain, heights, strict=True)) if k != chosen]  # fmt: skip
    up = (0, 17) if heights[chosen] >= 0 else (0, -17)
    _say(artists, [*ends, (f"Q {in_figures(seen.choices[chosen])}", (chosen, heights[chosen]), up)])


def show_probe(artists: dict, at: np.ndarray, worth: float, value: float) -> None:
    """A ring at a force, with what it is worth and how much more that is than ``value``, of the star."""
    artists["probe"].set_paths([DISC])
    artists["probe"].set_offsets([at])
    side, away = np.clip(at[0], -0.62, 0.62), ABOVE if at[1] < 0.75 else BELOW
    _say(artists, [(f"Q {in_figures(worth)} ({_signed(worth - value)})", (side, at[1]), away)])


def _say(artists: dict, words: list[tuple]) -> None:
    """Put words at places (x, y), some points away."""
    outlines = [(lettering(text, 7.4), away) for text, _, away in words]
    for name in ("said behind", "said"):
        artists[name].set_paths([Path(outline.vertices + away, outline.codes) for outline, away in outlines])
        artists[name].set_offsets([place for _, place, _ in words])


def _number(artists: dict, found: list) -> None:
    """Write levels, pairs of a number and a place, beside their lines."""
    words = [lettering(f"{level:+g}".replace("-", "\N{MINUS SIGN}"), 6.6, "normal") for level, _ in found]
    for name in ("halos", "numbers"):
        artists[name].set_paths(words)
        artists[name].set_offsets([place for _, place in found] or np.zeros((0, 2)))


@lru_cache(maxsize=len(LEVELS))
def _shade(rank: int) -> tuple:
    """Orange for less, purple for more, of what lies between level ``rank`` and the next."""
    return colormaps["PuOr"](0.08 + 0.84 * rank / (len(LEVELS) - 2))


def _rank(amount: float) -> int:
    """The highest level below an amount."""
    return int(np.searchsorted(LEVELS, amount)) - 1


def _signed(amount: float) -> str:
    """As people write what is more or less: two decimals.

    >>> _signed(0.034), _signed(-12.3), _signed(-0.001)
    ('+0.03', '−12.30', '0.00')
    """
    return "0.00" if abs(amount) < 0.005 else f"{amount:+.2f}".replace("-", "\N{MINUS SIGN}")


def _free(ax, place: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """Where words beside the star stand, in points from it: on the side where the arrow is not, inside the picture."""
    scale = ax.figure.dpi / 72
    middle = (ax.transData.transform(place) - ax.bbox.min) / scale + ASIDE
    room = np.minimum(middle, np.array(ax.bbox.size) / scale - middle) > (26, 6)
    along = ASIDE @ slope / (np.linalg.norm(ASIDE, axis=1) * max(np.hypot(*slope), 1e-9))
    return ASIDE[np.argmin(along + 9 * ~room.all(axis=1))]
