"""How far off the mean of a table may be whose entries are not independent: seeds of one side against seeds of another.

In a K x M table of cross-play (``meetings.py``) a good seed of hunters lifts a whole row, a good seed of prey lowers a
whole column. How far the mean may be off is said by how the means of rows differ, and those of columns.

Legend of axes: K seeds in the rows of a table, M in its columns.

Source: B. L. Welch, "The generalization of 'Student's' problem when several different population variances are
involved", Biometrika 34 (1947), for the number of degrees of freedom.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit

from marl_edu.games import checks


class Interval(NamedTuple):
    """A mean and its 95 % confidence interval."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.1f} [{self.low:.1f}, {self.high:.1f}]"


def mean_interval(table, *, same_runs: bool = False) -> Interval:
    """The mean of a table of cross-play, and its 95 % confidence interval for *new* seeds of both sides.

    If every entry is mu + a_k + b_m + e_km with independent effects, the variance of the mean is

        var a / K + var b / M + var e / (K M),

    and (variance of the row means) / K + (variance of the column means) / M is a little more in expectation: it counts
    e twice, so that the interval is a little wide. Student's t has Welch's degrees of freedom. A side with a single row
    or column counts as the opponent that is meant. Where a learner meets itself, a good a_k may come with a good b_k:
    then the runs are the only draws, and the variance is (variance of a run's row mean + column mean) / K.

    Parameters
    ----------
    table : (K, M) array
        One number for each pair of seeds, such as ``played.returns[..., 0]``. K or M is two at least.
    same_runs : bool
        Whether the rows are the same runs as the columns, so that K = M.

    Examples
    --------
    Two seeds that differ by 2, against opponents that are all alike: the t interval of two numbers.

    >>> print(mean_interval([[1, 1, 1], [3, 3, 3]]))
    2.0 [-10.7, 14.7]
    """
    table = _table("table", table)
    rows, columns = table.mean(axis=1), table.mean(axis=0)
    if not checks.flag("same_runs", same_runs):
        return _interval(table.mean(), rows, columns)
    if len(rows) != len(columns):
        raise ValueError(f"table has shape {table.shape}; expected as many columns as rows, if they are the same runs")
    return _interval(table.mean(), rows + columns)


def difference_interval(first, second) -> Interval:
    """By how much the mean of one table is above that of another with the *same opponents* in its columns.

    What opponents are hard for both falls out of the difference, so that it is known better than by comparing two
    intervals by eye. For the same opponents in rows, give the transposed tables.

    Parameters
    ----------
    first, second : (K, M) and (K', M) arrays
        Column m of both: against the same seed of the same opponents, and in the same beginnings.

    Examples
    --------
    Opponents that differ by far, and equally for both:

    >>> print(difference_interval([[2, 52], [3, 53]], [[0, 50], [1, 51]]))
    2.0 [-1.0, 5.0]
    """
    first, second = _table("first", first), _table("second", second)
    if first.shape[1] != second.shape[1]:
        raise ValueError(
            f"first has shape {first.shape} and second {second.shape}; expected as many columns, one for each opponent"
        )
    columns = first.mean(axis=0) - second.mean(axis=0)
    return _interval(columns.mean(), first.mean(axis=1), second.mean(axis=1), columns)


def _interval(mean: float, *effects: np.ndarray) -> Interval:
    """A mean whose variance is the sum of those of the means of independent groups of numbers (Welch, 1947)."""
    groups = [group for group in effects if len(group) > 1]
    if not groups:
        raise ValueError("there is one seed on every side; expected two at least of one, to see how far seeds differ")
    shares = np.array([group.var(ddof=1) / len(group) for group in groups])
    if not shares.any():
        return Interval(float(mean), float(mean), float(mean))
    freedom = shares.sum() ** 2 / (shares**2 / [len(group) - 1 for group in groups]).sum()
    half = stdtrit(freedom, 0.975) * np.sqrt(shares.sum())
    return Interval(float(mean), float(mean - half), float(mean + half))


def _table(name: str, given) -> np.ndarray:
    table = checks.array(name, given)
    if table.ndim != 2 or not table.size:
        raise ValueError(
            f"{name} has shape {table.shape}; expected two axes, seeds by seeds, as played.returns[..., i] has them"
        )
    return table
