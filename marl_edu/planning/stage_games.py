"""Zero-sum games of one stage: the value that each side can secure by itself, and how.

Agent 1 chooses a row and is paid A[a, b], agent 2 a column and pays it. A mixed policy x of agent 1 secures
min_b (x A)_b whatever agent 2 does, a policy y of agent 2 caps it at max_a (A y)_a, and the best of both meet:

    max_x min_b (x A)_b = v = min_y max_a (A y)_a.

Legend of axes: A rows, B columns.

Sources: J. von Neumann, "Zur Theorie der Gesellschaftsspiele", Mathematische Annalen 100 (1928); the linear programme
and the formula for 2 x 2 are those of G. Owen, "Game Theory", 3rd edition, Academic Press 1995.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

from marl_edu.games import checks

EXACT = 1e-12
"""Gap between what both sides secure, as a share of the payoffs' range, at which a solution counts as exact."""

FINEST = 1e-10
"""Smallest tolerance that HiGHS takes. Its own, 1e-7, lets it stop at a wrong support where payoffs nearly tie."""


@dataclass(frozen=True, eq=False)
class StageSolution:
    """A solution of a zero-sum matrix game.

    Attributes
    ----------
    value : float
        v, what agent 1 gets on average, in units of payoff.
    row, column : (A,) and (B,) arrays
        A policy of agent 1 that secures v, and one of agent 2 that lets through no more.
    gap : float
        What the column lets through less what the row secures, at least 0: v is between the two.
    """

    value: float
    row: np.ndarray
    column: np.ndarray
    gap: float


def solve_stage(payoffs, guess: StageSolution | None = None) -> StageSolution:
    """Value and policies of the zero-sum game in which agent 1 is paid ``payoffs``.

    A saddle point is looked up, a 2 x 2 game without one is solved by its formula, everything else by linear
    programming (HiGHS), after which the equations of the found support are solved once more, to the last digit.

    Parameters
    ----------
    payoffs : (A, B) array
        What agent 2 pays agent 1; finite numbers.
    guess : StageSolution, optional
        A solution of a similar game of the same shape: if the same actions are mixed here, no programme is needed.

    Returns
    -------
    StageSolution

    Raises
    ------
    ValueError
        If ``payoffs`` is no table of finite numbers.

    Examples
    --------
    >>> pennies = solve_stage([[1, -1], [-1, 1]])
    >>> pennies.value, pennies.row.tolist()
    (0.0, [0.5, 0.5])
    """
    payoffs = checks.numeric("payoffs", payoffs)
    if payoffs.ndim != 2 or not payoffs.size:
        raise ValueError(f"payoffs has shape {payoffs.shape}; expected a table (rows, columns)")
    if not np.isfinite(payoffs).all():
        row, column = np.argwhere(~np.isfinite(payoffs))[0]
        raise ValueError(f"payoffs[{row}, {column}] is {payoffs[row, column]}; expected a finite number")
    if np.abs(payoffs).max() > checks.LARGEST:
        raise ValueError(f"payoffs go up to {np.abs(payoffs).max():g}; expected at most {checks.LARGEST:g} in size")
    middle = (payoffs.max() + payoffs.min()) / 2  # what all payoffs share would cost digits
    found = _solved(payoffs - middle, guess)
    return StageSolution(found.value + float(middle), found.row, found.column, found.gap)


def _solved(payoffs: np.ndarray, guess: StageSolution | None) -> StageSolution:
    enough = EXACT * max(np.ptp(payoffs), 1e-300)
    found = _saddle_point(payoffs)
    if found is None and payoffs.shape == (2, 2):
        found = _two_by_two(payoffs)
    if found is None and guess is not None and (len(guess.row), len(guess.column)) == payoffs.shape:
        found = _on_support(payoffs, guess.row > 0, guess.column > 0)
        found = found if found is not None and found.gap <= enough else None
    return _by_programme(payoffs) if found is None else found


def _judged(payoffs: np.ndarray, row: np.ndarray, column: np.ndarray) -> StageSolution:
    """What two policies secure, as a solution."""
    secured, let_through = (row @ payoffs).min(), (payoffs @ column).max()
    return StageSolution(float(secured + let_through) / 2, row, column, max(float(let_through - secured), 0.0))


def _saddle_point(payoffs: np.ndarray) -> StageSolution | None:
    """An entry that is the least of its row and the largest of its column, if there is one."""
    worst = payoffs.min(axis=1)
    row = int(worst.argmax())
    column = int(payoffs.max(axis=0).argmin())
    if payoffs[row, column] == worst[row] == payoffs[:, column].max():
        n_rows, n_columns = payoffs.shape
        return StageSolution(float(worst[row]), np.eye(n_rows)[row], np.eye(n_columns)[column], 0.0)
    return None


def _two_by_two(payoffs: np.ndarray) -> StageSolution:
    """Without a saddle point both mix: x_1 = (d - c) / (a + d - b - c), y_1 = (d - b) / (a + d - b - c)."""
    (a, b), (c, d) = payoffs
    total = (a - b) + (d - c)
    x, y = (d - c) / total, (d - b) / total
    return _judged(payoffs, np.array([x, 1 - x]), np.array([y, 1 - y]))


def _on_support(payoffs: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> StageSolution | None:
    """Both mix these actions so that the other is indifferent among its own; None if that can't be."""
    size = int(rows.sum())
    if size != columns.sum():
        return None
    block = payoffs[np.ix_(rows, columns)]
    system = np.zeros((size + 1, size + 1))  # block y - v = 0, sum y = 1
    system[:size, :size], system[:size, size], system[size, :size] = block, -1, 1
    right = np.append(np.zeros(size), 1.0)
    try:
        mixed_columns = np.linalg.solve(system, right)[:size]
        system[:size, :size] = block.T
        mixed_rows = np.linalg.solve(system, right)[:size]
    except np.linalg.LinAlgError:
        return None
    if not (np.isfinite(mixed_rows).all() and np.isfinite(mixed_columns).all()):
        return None
    if min(mixed_rows.min(), mixed_columns.min()) < 0:
        return None
    row, column = np.zeros(len(rows)), np.zeros(len(columns))
    row[rows], column[columns] = mixed_rows / mixed_rows.sum(), mixed_columns / mixed_columns.sum()
    return _judged(payoffs, row, column)


def _by_programme(payoffs: np.ndarray) -> StageSolution:
    """Find the largest v such that (x A)_b >= v for all b, x a policy; its dual variables are y."""
    n_rows, n_columns = payoffs.shape
    middle, size = payoffs.mean(), max(np.ptp(payoffs), 1e-300)  # HiGHS' tolerances are absolute
    scaled = (payoffs - middle) / size
    programme = linprog(
        c=np.append(np.zeros(n_rows), -1.0),
        A_ub=np.hstack([-scaled.T, np.ones((n_columns, 1))]),
        b_ub=np.zeros(n_columns),
        A_eq=np.append(np.ones(n_rows), 0.0)[None],
        b_eq=[1.0],
        bounds=[(0, None)] * n_rows + [(None, None)],
        method="highs-ds",
        options={"primal_feasibility_tolerance": FINEST, "dual_feasibility_tolerance": FINEST},
    )
    if programme.status != 0:
        raise RuntimeError(f"no solution of the linear programme: {programme.message}")
    row = np.clip(programme.x[:n_rows], 0, None)
    column = np.clip(-programme.ineqlin.marginals, 0, None)
    rough = _judged(payoffs, row / row.sum(), column / column.sum())
    exact = _on_support(payoffs, rough.row > 1e-9, rough.column > 1e-9)
    return exact if exact is not None and exact.gap <= rough.gap else rough
