"""Whether the attention within a box lies at its edge: the extremity index.

In: maps over a grid and boxes. Out: one number per box. The DETR paper (arXiv 2005.12872,
figure 6) says that the decoder attends to the extremities of objects; this measures it. An
object seldom fills the corners of its box, so its own extremities are a part of the ring.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from generator.analysis.boxes import Boxes, cut_off, cxcywh_to_xyxy, xyxy_to_cxcywh
from generator.analysis.grid import Grid
from generator.measures.localisation import Map, box_coverage, coverage_in_cells

RING_SHARE = 0.5
"""The outer ring's share of the box's area."""
FEWEST_CELLS = 3.0
"""A box with a side of fewer cells is too coarse to have an edge and a middle."""


def ring_coverage(boxes_xyxy: Boxes, grid: Grid, ring_share: float = RING_SHARE) -> Map:
    """The share of each cell that the outer ring of each box covers.

    The ring is the box without the box of the same centre and proportions that has
    `1 - ring_share` of its area, so its width is (1 - sqrt(1 - ring_share)) / 2 of each side:
    0.146 for one half. Boxes are first cut at the edges of the image. All lengths are in cells, so
    that the ring has its share of what the box covers where cells are narrow or wide, too.

    Args:
        boxes_xyxy: (n, 4), fractions of width and height.

    Returns:
        (n, h, w) in [0, 1].
    """
    boxes = grid.in_cells(cut_off(boxes_xyxy))
    inner = xyxy_to_cxcywh(boxes)
    inner[:, 2:] *= math.sqrt(1 - ring_share)
    within = coverage_in_cells(cxcywh_to_xyxy(inner), grid.hw)
    return np.asarray(np.clip(coverage_in_cells(boxes, grid.hw) - within, 0, 1))


def extremity_index(
    maps: Map, boxes_xyxy: Boxes, grid: Grid, ring_share: float = RING_SHARE
) -> npt.NDArray[np.float64]:
    """The outer ring's share of the mass in the box over its share of the box's area.

    (sum_j A_qj ring_j / sum_j A_qj box_j) / (sum_j ring_j / sum_j box_j), with coverages in
    parts of cells. Made for this handout, to put a number to figure 6 of arXiv 2005.12872.

    Args:
        maps: (..., n, h, w).
        boxes_xyxy: (n, 4), the box of each map, fractions of width and height.

    Returns:
        (..., n) in [0, 1 / ring_share], no unit: 1 for a map that is even within its box,
        larger where its edge gets more. NaN for a box with a side of fewer than
        `FEWEST_CELLS` cells, or with no mass in it.
    """
    box, ring = box_coverage(boxes_xyxy, grid), ring_coverage(boxes_xyxy, grid, ring_share)
    boxes = grid.in_cells(cut_off(boxes_xyxy))
    sides = boxes[:, 2:] - boxes[:, :2]
    exact = np.asarray(maps, np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        of_mass = (exact * ring).sum((-2, -1)) / (exact * box).sum((-2, -1))
        of_area = ring.sum((-2, -1)) / box.sum((-2, -1))
        index = of_mass / of_area
    # A hair less than the limit counts: 0.3 of ten cells are 2.9999999999999996.
    large = (sides >= FEWEST_CELLS - 1e-9).all(axis=1)
    return np.asarray(np.where(large & np.isfinite(index), index, np.nan))
