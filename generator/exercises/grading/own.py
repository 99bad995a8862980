"""A class's run -> its own tensors, in the shapes in which they are compared.

In: a `Run` and the class's codes. Out: matrices with a row for each cell, (N, d), or nothing.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from generator.exercises.grading.observation import Array, Observation, Run

Numbers = npt.NDArray[np.float64]


def own_cells(run: Run) -> Numbers | None:
    """What the class's convolution gave, cell by cell: (N, d)."""
    grid = run.projected
    if grid is None or grid.numbers is None or len(grid.shape) != 4 or grid.shape[0] != 1:
        return None
    cells: Numbers = grid.values[0].reshape(grid.shape[1], -1).T
    return cells


def own_source(run: Run) -> Numbers | None:
    """What went into its encoder, (N, d); None if it has not the shape (N, 1, d)."""
    cells = own_cells(run)
    if cells is None or run.source is None or run.source.numbers is None:
        return None
    wanted = (cells.shape[0], 1, cells.shape[1])
    return run.source.values[:, 0] if run.source.shape == wanted else None


def own_positions(run: Run) -> Numbers | None:
    """What its method `positions` returned, (N, d); None if it has none or another shape."""
    cells = own_cells(run)
    if cells is None or run.positions is None or run.positions.numbers is None:
        return None
    count, width = cells.shape
    if tuple(one for one in run.positions.shape if one != 1) == (count, width):
        return run.positions.values.reshape(count, width)
    return None


def grid_codes(run: Run, seen: Observation) -> dict[str, Numbers] | None:
    """The codes of rows and of columns along either axis, each (N, d / 2).

    The keys are "columns x", "columns y", "rows x" and "rows y"; the first and the last are right.
    """
    cells, grid = own_cells(run), run.projected
    rows, columns = seen.codes.get("row_embed"), seen.codes.get("col_embed")
    if cells is None or grid is None or not (_fits(rows, cells) and _fits(columns, cells)):
        return None
    assert rows is not None
    assert columns is not None
    h, w = grid.shape[2:]
    y, x = (index.ravel() for index in np.mgrid[:h, :w])
    if max(h, w) > min(rows.shape[0], columns.shape[0]):
        return None
    return {
        f"{of} {axis}": table.values[index]
        for of, table in (("columns", columns), ("rows", rows))
        for axis, index in (("x", x), ("y", y))
    }


def _fits(codes: Array | None, cells: Numbers) -> bool:
    return (
        codes is not None
        and codes.numbers is not None
        and len(codes.shape) == 2
        and codes.shape[1] * 2 == cells.shape[1]
    )
