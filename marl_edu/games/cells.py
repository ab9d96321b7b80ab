"""A world of cells that is drawn as text: its rows and columns, and the text.

Legend of axes: R rows, K columns, C = R * K cells. Cell number = row * K + column.
"""

from __future__ import annotations

import numpy as np

from marl_edu.games import checks


class Cells:
    """Base of drawings: a subclass has ``walls``, (R, K) bool, where nobody can stand."""

    walls: np.ndarray

    @property
    def rows(self) -> int:
        """Number of rows, R."""
        return self.walls.shape[0]

    @property
    def columns(self) -> int:
        """Number of columns, K."""
        return self.walls.shape[1]

    @property
    def n_cells(self) -> int:
        """Number of cells, walls included, C."""
        return self.walls.size

    def place(self, cell: int) -> tuple[int, int]:
        """Row and column of a cell."""
        return divmod(int(cell), self.columns)


def rows_of(layout) -> list[str]:
    """Rows of equal length. A text that begins with a line break may be indented, as in a triple-quoted string."""
    if isinstance(layout, str):
        rows = layout.splitlines()
        if len(rows) > 1 and not rows[0].strip():
            rows = rows[1:] if rows[-1].strip() else rows[1:-1]
            indent = min((len(row) - len(row.lstrip()) for row in rows if row.strip()), default=0)
            rows = [row[indent:] for row in rows]
    elif isinstance(layout, list | tuple) and all(isinstance(row, str) for row in layout):
        rows = list(layout)
    else:
        raise ValueError(
            f"layout is {checks.shown(layout)}; expected a drawing: one text with line breaks, or a list of rows"
        )
    if not rows or not any(rows):
        raise ValueError("layout is empty; expected a drawing such as ['1..', '..A']")
    for number, row in enumerate(rows):
        if len(row) != len(rows[0]):
            raise ValueError(f"layout row {number} has {len(row)} characters; expected {len(rows[0])} as in row 0")
    return rows
