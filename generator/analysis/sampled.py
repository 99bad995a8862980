"""What one query, or one cell, reads by sampled attention.

In: `SampledPoints`. Out: `LevelPoints` of one query, and what lies in a box. It draws nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from generator.analysis.grid import Point
from generator.inference.sampled_points import SampledPoints

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LevelPoints:
    """The points that one query reads in one layer.

    Attributes:
        places: (heads, levels, points, 2), x and y as fractions of the image.
        weights: (heads, levels, points); they sum to 1 for each head.
    """

    places: Floats
    weights: Floats

    @property
    def middle(self) -> Floats:
        """The weighted mean of all points, heads alike, (x, y)."""
        total = (self.weights[..., None] * self.places).sum(axis=(0, 1, 2))
        return np.asarray(total / len(self.weights))


def points_of(points: SampledPoints, layer: int, query: int) -> LevelPoints:
    """What a query reads in a layer; -1 is the last one.

    Raises:
        IndexError: there is no such layer or query.
    """
    return LevelPoints(
        points.places[layer, query].astype(np.float64),
        points.weights[layer, query].astype(np.float64),
    )


def lie_in(places: Floats, boxes_xyxy: Floats) -> npt.NDArray[np.bool_]:
    """Which places, (..., 2), lie in boxes, (..., 4), or on their border; in one unit."""
    low, high = places >= boxes_xyxy[..., :2], places <= boxes_xyxy[..., 2:]
    return np.asarray((low & high).all(axis=-1))


def cell_of_level(point_xy: Point, levels_hw: Sequence[tuple[int, int]], level: int) -> int:
    """The encoder's token whose cell on a level a point of the image lies in.

    Levels follow each other, each row by row; the cells of a level divide the image evenly, as the
    model itself places them.
    """
    (x, y), (h, w) = point_xy, levels_hw[level]
    before = sum(rows * columns for rows, columns in levels_hw[:level])
    return before + min(int(y * h), h - 1) * w + min(int(x * w), w - 1)
