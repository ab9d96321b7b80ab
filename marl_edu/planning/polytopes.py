"""The best-response polytopes of a bimatrix game, enumerated exactly: where a policy turns the other's best response.

Agent 1 mixes with x, agent 2 is paid x^T B_j for its action j, at best v. All pairs (x, v) with

    x_i >= 0,   sum_i x_i = 1,   v >= x^T B_j   for every action j of agent 2

are the region above an upper envelope. Every inequality is a *label*: label i is tight where action i of agent 1 is not
played, label m + j where action j of agent 2 is a best response. In a corner at least m labels are tight. If more are,
the game is *degenerate*: a policy has more best responses than actions that it mixes.

The corners are found by the double description method: begin with the region for one action j, put in the others one
by one, cut off what is below, and add a corner on every edge that is cut. It is done in whole numbers, so there is no
rounding and a tie is a tie: floating-point methods (Qhull) lose or double corners where many inequalities meet, which
is what happens in games that people write down. Payoffs are read as fractions first (``whole_numbers``).

Legend of axes: m actions of the agent that mixes, n of the other. Tight labels are bits of a whole number.

Sources: B. von Stengel, "Equilibrium computation for two-player games in strategic and extensive form", in Nisan et al.
(eds.), "Algorithmic Game Theory", Cambridge 2007, section 3.3 (polytopes, labels, degeneracy); T. Motzkin et al., "The
double description method", 1953, in the form of K. Fukuda & A. Prodon, LNCS 1120 (1996), with their combinatorial test
of edges.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

EXACT = 1e-12
"""Payoffs that are closer than this, as a share of the agent's range, are the same number."""

TELLING = 10**5
"""How many units of the last digit that can be read the range must have, so that a tie is hardly ever an accident."""

CORNER_LIMIT = 20_000
"""Most corners that an enumeration may meet before it is given up. Random 13 x 13 games have fewer, 14 x 14 more."""

LABEL_LIMIT = 60
"""Most labels, so that they are the bits of one machine word."""


class Corner(NamedTuple):
    """A corner of a best-response polytope.

    Attributes
    ----------
    weights : tuple of m ints
        The policy, times a common factor.
    tight : int
        Its labels, as bits: i where action i is not played, m + j where j is a best response of the other agent.
    """

    weights: tuple[int, ...]
    tight: int

    @property
    def policy(self) -> np.ndarray:
        """The mixed policy, (m,), right to the last digit."""
        total = sum(self.weights)
        return np.array([weight / total for weight in self.weights])


class TooLarge(ValueError):
    """The game has more corners than can be looked at."""


def whole_numbers(table: np.ndarray) -> list[list[int]]:
    """Payoffs as whole numbers, up to a factor and a constant, so that equilibria can be computed without rounding.

    A float stands for what was meant: 1/3 and 0.1 + 0.2 for 1/3 and 3/10. If all payoffs are fractions of the range
    with a denominator up to 1000, counted from the smallest, these are taken, so that unit and zero don't matter. If
    not, a payoff is read as a fraction with such a denominator where there is one, or else as a decimal number. All
    this to within ``EXACT`` of the range or, if payoffs are large and differ by little, as far as rounding lets it.

    >>> whole_numbers(np.array([[1 / 3, 0.1 + 0.2], [0.0, -1.0]]))
    [[40, 39], [30, 0]]
    """
    digit, near, blurred = _last_digit(table)
    apart: dict[float, float] = {}  # of payoffs that are the same number, the smallest
    below = -math.inf
    for payoff in np.unique(table).tolist():  # in ascending order
        apart[payoff] = apart[below] if payoff - below <= near else payoff
        below = payoff
    lowest, highest = Fraction(min(apart)), Fraction(apart[below])
    if highest - lowest <= near:
        return [[0] * table.shape[1] for _ in range(table.shape[0])]

    meant = {payoff: _simple((Fraction(payoff) - lowest) / (highest - lowest), near / (highest - lowest))
             for payoff in apart.values()}  # fmt: skip
    if None in meant.values():
        zero = lowest if blurred else 0
        for payoff in meant:
            exact = Fraction(payoff) - zero
            simple = _simple(exact, near)
            meant[payoff] = round(exact / digit) * digit if simple is None else simple
    factor = math.lcm(*(fraction.denominator for fraction in meant.values()))
    return [[int(meant[apart[payoff]] * factor) for payoff in row] for row in table.tolist()]


def _simple(exact: Fraction, near: Fraction) -> Fraction | None:
    """The fraction with a denominator up to 1000 that is meant, if one is so near."""
    simple = exact.limit_denominator(1000)
    return simple if abs(simple - exact) <= near else None


def _last_digit(table: np.ndarray) -> tuple[Fraction, Fraction, bool]:
    """The last decimal digit of payoffs, how close two are the same number, and whether it is rounding that says so.

    A grid finer than the floats themselves would keep their rounding and break ties, so it has 8 spacings at least: a
    payoff that was computed may be off by one, the difference of two by 2.
    """
    width, spacing = max(float(np.ptp(table)), 1e-290), np.finfo(float).eps * float(np.abs(table).max())
    digit = Fraction(10) ** math.floor(math.log10(width * EXACT))
    least = Fraction(10) ** math.ceil(math.log10(8 * spacing)) if spacing else 0
    return max(digit, least), max(digit, least, Fraction(width) * Fraction(EXACT)), least > digit


def rounding_doubt(tables: Sequence[np.ndarray], agents: Sequence[str]) -> str:
    """Whose payoffs differ by so little, for their size, that rounding may make or break ties; empty if nobody's.

    Parameters
    ----------
    tables : one array per agent
        Its payoffs.
    agents : as many str
        Names.

    Returns
    -------
    str
        A clause for ``EquilibriumSet.reason``.

    Examples
    --------
    >>> rounding_doubt([1e12 + np.eye(2), np.eye(2)], ["Ann", "Bob"])
    "the payoffs of Ann differ by so little, for their size, that ties can't be told from rounding"
    """
    doubtful = [
        agent
        for agent, table in zip(agents, tables, strict=True)
        if 0 < Fraction(float(np.ptp(table))) < TELLING * _last_digit(table)[0]
    ]
    if not doubtful:
        return ""
    named = " and ".join(doubtful)
    return f"the payoffs of {named} differ by so little, for their size, that ties can't be told from rounding"


def corners(payoffs: list[list[int]]) -> list[Corner]:
    """All corners of the polytope of the agent that mixes.

    Parameters
    ----------
    payoffs : n lists of m ints
        ``payoffs[j][i]``: what the *other* agent is paid for its action j against action i of the agent that mixes.

    Returns
    -------
    list of Corner
        Each once.

    Raises
    ------
    TooLarge
        If there are more than ``CORNER_LIMIT`` on the way, or more than ``LABEL_LIMIT`` labels.

    Examples
    --------
    In matching pennies agent 2 is indifferent in the middle:

    >>> for corner in sorted(corners([[-1, 1], [1, -1]])):
    ...     print(corner.policy.tolist(), f"{corner.tight:04b}")
    [0.0, 1.0] 0101
    [1.0, 0.0] 1010
    [0.5, 0.5] 1100
    """
    n, m = len(payoffs), len(payoffs[0])
    if n + m > LABEL_LIMIT:
        raise TooLarge(f"the game has {m} and {n} actions; all equilibria can be found with {LABEL_LIMIT} in all")
    first, *others = sorted(range(n), key=lambda j: (-max(payoffs[j]), j))
    unplayed = (1 << m) - 1
    # above one payoff line the region has a corner over each action, and one ray that goes straight up
    rays = [[int(i == k) for k in range(m)] + [payoffs[first][i]] for i in range(m)] + [[0] * m + [1]]
    tight = [(unplayed ^ (1 << i)) | (1 << (m + first)) for i in range(m)] + [unplayed]
    for j in others:
        rays, tight = _cut(rays, tight, [*payoffs[j], -1], 1 << (m + j), m)
        if len(rays) > CORNER_LIMIT:
            raise TooLarge(
                f"the game has {m} and {n} actions and more than {CORNER_LIMIT:,} corners to look at; "
                "all equilibria can be found up to about 13 and 13"
            )
    return [Corner(tuple(ray[:m]), labels) for ray, labels in zip(rays, tight, strict=True) if any(ray[:m])]


def has_ties(found: list[Corner]) -> bool:
    """Whether some policy has more best responses than actions that it mixes: then some corner has too many labels.

    >>> has_ties(corners([[1, 2], [3, 0]])), has_ties(corners([[1, 2], [1, 0]]))
    (False, True)
    """
    return any(corner.tight.bit_count() > len(corner.weights) for corner in found)


def _cut(rays: list, tight: list[int], line: list[int], label: int, m: int) -> tuple[list, list[int]]:
    """Keep what is not below one more payoff line, ``line . ray <= 0``, and add a corner on each edge that crosses it.

    Two corners are joined by an edge if they share m - 1 labels or more, and no third one has all of these.
    """
    height = [sum(map(int.__mul__, line, ray)) for ray in rays]
    labels = np.array(tight, dtype=np.uint64)
    sign = np.array([(h > 0) - (h < 0) for h in height])
    kept = [ray for ray, h in zip(rays, height, strict=True) if h <= 0]
    kept_labels = [own | label if h == 0 else own for own, h in zip(tight, height, strict=True) if h <= 0]
    above = np.flatnonzero(sign < 0)
    for p in np.flatnonzero(sign > 0):
        common = labels[above] & labels[p]
        enough = np.bitwise_count(common) >= m - 1
        for q, shared in zip(above[enough], common[enough], strict=True):
            if np.count_nonzero((labels & shared) == shared) == 2:
                crossing = [height[p] * u - height[q] * w for u, w in zip(rays[q], rays[p], strict=True)]
                divisor = math.gcd(*crossing)
                kept.append([u // divisor for u in crossing])
                kept_labels.append(int(shared) | label)
    return kept, kept_labels
