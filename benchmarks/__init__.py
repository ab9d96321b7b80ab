"""Measurements of speed and size, as ratios within one run: ``python -m benchmarks``, or ``make bench``.

A module ``bench_*.py`` here has a function ``measure()`` that returns a list of ``Figure``.
"""

from typing import NamedTuple


class Figure(NamedTuple):
    """One measured number, and what it must reach.

    Parameters
    ----------
    name : str
        What was measured, with its unit.
    value : float or None
        What came out; None where it could not be measured here, and ``note`` says why.
    at_least, at_most : float, optional
        What is required.
    note : str
        Anything a reader has to know.
    """

    name: str
    value: float | None
    at_least: float | None = None
    at_most: float | None = None
    note: str = ""

    @property
    def verdict(self) -> str:
        """``'ok'``, ``'MISSED'``, ``'left out'``, or nothing where nothing is required."""
        if self.value is None:
            return "left out"
        if self.at_least is None and self.at_most is None:
            return ""
        low, high = self.at_least, self.at_most
        fine = (low is None or self.value >= low) and (high is None or self.value <= high)
        return "ok" if fine else "MISSED"

    def __str__(self) -> str:
        value = "" if self.value is None else f"{self.value:.3g}" if self.value < 1000 else f"{self.value:,.0f}"
        bounds = [
            f"{sign} {bound:g}" for sign, bound in ((">=", self.at_least), ("<=", self.at_most)) if bound is not None
        ]
        return f"{self.name:<52}{value:>10}  {' '.join(bounds):<10}{self.verdict:<9}{self.note}".rstrip()
