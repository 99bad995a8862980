"""How far attention reaches over the grid, and maps that depend on distance alone.

In: attention weights over a grid and the places of the rows. Out: distances in cells, and
the control map of the encoder's claims. A cell is a stride wide and high: places are (x, y) in
strides, from the image's upper left corner.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from generator.analysis.grid import Grid
from generator.measures.attention_rows import measured_rows

Weights = npt.NDArray[np.float64]
Places = npt.NDArray[np.float64]


def cell_centres(grid: Grid) -> Places:
    """The (x, y) of every cell's centre in cells, row by row: (h * w, 2)."""
    x, y = np.meshgrid(grid.centres_x, grid.centres_y)
    return np.asarray(np.stack([x.ravel(), y.ravel()], axis=1) * grid.size_wh)


def distances_between(first_xy: Places, second_xy: Places) -> Weights:
    """|p_i - p_j| in cells: (n, 2) and (m, 2) to (n, m)."""
    x, y = (first_xy[:, None, axis] - second_xy[None, :, axis] for axis in (0, 1))
    x *= x
    y *= y
    x += y
    return np.sqrt(x, out=x)


@dataclass(frozen=True, eq=False)
class Distances:
    """How far the measured rows of a grid are from all cells.

    Attributes:
        cells: (rows, N), in cells.
        bins: (rows, N), rounded to whole cells.
        from_all: (rows,), the mean over all cells.
    """

    cells: Weights
    bins: npt.NDArray[np.intp]
    from_all: Weights


@lru_cache(maxsize=1)
def measured_distances(grid: Grid, rows: int) -> Distances:
    """The distances of so many measured rows, for all layers and images of one size; read only."""
    centres = cell_centres(grid)
    cells = distances_between(centres[measured_rows(len(centres))][:rows], centres)
    return Distances(cells, np.rint(cells).astype(np.intp), cells.mean(axis=1))


def mean_distance(weights: npt.NDArray[np.floating], distances: Weights) -> Weights:
    """sum_j A_ij |p_i - p_j|: how far a row looks on average.

    The mean attention distance of ViT, arXiv 2010.11929, figure 11.

    Args:
        weights: (..., n, N), rows that sum to 1.
        distances: (n, N) in cells; divide by the image's diagonal for fractions of it.

    Returns:
        (..., n) in the unit of `distances`; 0 if each place looks at itself alone.
    """
    exact = np.asarray(weights, np.float64)
    return np.asarray(np.einsum("...ij,ij->...i", exact, distances))


class DistanceProfile:
    """The mean weight of a pair of cells as a function of the distance between them.

    A point in an object looks at its own box partly because that is near. To see how much, a
    map weights every cell by its distance alone, as this layer and head do on average over the
    image. This control was made for this handout, after distance-preserving null models.

    Attributes:
        sums: (heads, bins), sums of weights; bin b holds distances that round to b cells.
        pairs: (bins,), the number of pairs of cells in each bin.
    """

    def __init__(self, heads: int, grid: Grid) -> None:
        bins = math.ceil(math.hypot(*grid.hw)) + 1
        self.sums = np.zeros((heads, bins))
        self.pairs = np.zeros(bins)

    def add(self, weights: Weights, distances: Weights) -> None:
        """Adds rows: weights (heads, n, N) and distances (n, N) in cells."""
        self.add_binned(weights, np.rint(distances).astype(np.intp))

    def add_binned(self, weights: Weights, whole: npt.NDArray[np.intp]) -> None:
        """The same with distances that are rounded to whole cells, (n, N)."""
        bins, size = whole.ravel(), len(self.pairs)
        self.pairs += np.bincount(bins, minlength=size)
        for head, of_head in enumerate(weights):
            self.sums[head] += np.bincount(bins, weights=of_head.ravel(), minlength=size)

    def maps(self, distances: Weights) -> Weights:
        """Maps by distance alone: distances (n, N) to (heads, n, N), rows sum to 1."""
        mean = np.divide(self.sums, self.pairs, out=np.zeros_like(self.sums), where=self.pairs > 0)
        maps = mean[:, np.rint(distances).astype(np.int64)]
        return np.asarray(maps / maps.sum(axis=-1, keepdims=True))
