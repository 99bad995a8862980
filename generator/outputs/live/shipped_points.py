"""One layer of sampled attention, made small enough to be loaded by a page.

In: `SampledPoints`. Out: a `ShippedPoints` with places and weights in 16 bits, and which of the
points lie in their query's box; how far rounded numbers are from the exact ones.

A decoder's layer of 300 queries, 8 heads, 4 levels and 4 points takes 0.32 MB as a script. An
encoder's has a row for each cell of each level, 17.6 MB for 17,200 of them, so only its coarsest
levels are shipped.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from generator.analysis.sampled import lie_in
from generator.inference.sampled_points import SampledPoints

Words = npt.NDArray[np.uint16]
Floats = npt.NDArray[np.floating]

MOST_BYTES_OF_CELLS = 400_000
"""An encoder's layer has no more levels than fit into a script of this size."""
LEAST, MOST = -1.0, 2.0
"""Places beyond these, in sides of the image, are moved there: outside, they read zeros anyway."""
_STEPS = 65535
PLACE_ERROR = (MOST - LEAST) / _STEPS / 2
"""How far a place within them may be from the exact one, in sides of the image."""


@dataclass(frozen=True, eq=False)
class ShippedPoints:
    """What queries, or cells, read in one layer, as a page gets it.

    Attributes:
        places: (queries, heads, levels, points, 2); 0 is `LEAST`, the largest number `MOST`.
        weights: (queries, heads, levels, points); 0 is 0, the largest number 1.
        references: (queries, 2), as places.
        inside: (queries, heads, levels, points), whether a point lies in its query's last box;
            None of cells, which have no box.
        largest_error: how far a weight is from the exact one.
    """

    places: Words
    weights: Words
    references: Words
    inside: npt.NDArray[np.bool_] | None
    largest_error: float


def shipped_points(
    points: SampledPoints, layer: int, first: int = 0, boxes_xyxy: Floats | None = None
) -> ShippedPoints:
    """Rounds a layer's points.

    Args:
        first: the queries or cells before this one are left out.
        boxes_xyxy: (queries, 4), fractions of the image.
    """
    places, weights = points.places[layer, first:], points.weights[layer, first:]
    rounded = np.rint(weights.astype(np.float64) * _STEPS).astype(np.uint16)
    error = float(np.abs(rounded / _STEPS - weights).max(initial=0.0))
    inside = None
    if boxes_xyxy is not None:
        boxes = boxes_xyxy.astype(np.float64)[:, None, None, None]
        inside = lie_in(places.astype(np.float64), boxes)
    references = _rounded(points.references[layer, first:])
    return ShippedPoints(_rounded(places), rounded, references, inside, error)


def first_level(points: SampledPoints) -> int:
    """The first level from which on cells are shipped; the number of levels if none are."""
    of_cell = (6 * math.prod(points.weights.shape[2:]) + 4) * 4 / 3  # bytes, as base64
    left = MOST_BYTES_OF_CELLS
    for level in range(len(points.levels_hw) - 1, -1, -1):
        left -= math.ceil(math.prod(points.levels_hw[level]) * of_cell)
        if left < 0:
            return level + 1
    return 0


def _rounded(places: Floats) -> Words:
    shares = (places.astype(np.float64).clip(LEAST, MOST) - LEAST) / (MOST - LEAST)
    return np.asarray(np.rint(shares * _STEPS), np.uint16)
