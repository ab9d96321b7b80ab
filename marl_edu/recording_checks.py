"""What may go into a recording: frames that fit each other, and plain settings and levels beside them."""

from __future__ import annotations

import numbers

import numpy as np

from marl_edu.games import checks

Frame = dict[str, np.ndarray]


def levels(field: str, given) -> dict[str, float]:
    """Numbers by name, NaN and infinity included."""
    return {name: float(level) for name, level in _named(field, given, numbers.Real, "a number").items()}


def settings(field: str, given) -> dict:
    """Numbers and words by name."""
    return _named(field, given, numbers.Real | str, "a number or a word")


def _named(field: str, given, kinds, words: str) -> dict:
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise ValueError(f"{field} is {checks.shown(given)}; expected a dict from names to values")
    for name, value in given.items():
        if not isinstance(value, kinds):
            raise ValueError(f"{field}[{name!r}] is {checks.shown(value)}; expected {words}")
    return {str(name): value for name, value in given.items()}


def frozen(frame: Frame) -> Frame:
    """A copy of a frame that can't be written to."""
    if not isinstance(frame, dict) or not frame:
        raise ValueError(f"frame is {type(frame).__name__}; expected a dict of named arrays")
    copy = {str(name): np.array(values) for name, values in frame.items()}
    for name, values in copy.items():
        if values.dtype.kind not in "biuf":
            raise ValueError(f"frame array {name!r} has entries of type {values.dtype}; expected numbers")
        values.flags.writeable = False
    return copy


def expect_same_shapes(frame: Frame, first: Frame) -> None:
    """Refuse a frame with other names or shapes than the first one."""
    shapes, wanted = ({name: values.shape for name, values in each.items()} for each in (frame, first))
    if shapes != wanted:
        odd = sorted(set(shapes.items()) ^ set(wanted.items()))[0][0]
        raise ValueError(
            f"frame array {odd!r} has shape {shapes.get(odd)}; expected {wanted.get(odd)} as in the frames before"
        )
