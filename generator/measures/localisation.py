"""How much of a map lies in a box: mass, lift, and the separation of instances.

In: attention maps on a grid and boxes as fractions of the image. Out: numbers. A cell
that a box covers in part counts in part, and a box's share of the image is its share of the cells,
wherever they lie, so that a uniform map has exactly lift 1.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from generator.analysis.boxes import Boxes, cut_off
from generator.analysis.grid import Grid
from generator.measures.layer_rows import remembered

Map = npt.NDArray[np.floating]

_TOUCH = 1e-6
"""A box touches a cell if it covers more of it than this; less is rounding at the edge."""


def box_coverage(boxes_xyxy: Boxes, grid: Grid) -> Map:
    """The share of each cell's footprint that each box covers.

    What an edge of the image cuts off from a footprint cannot be covered and does not count: the
    whole image covers every cell in whole, and holds all mass of every map. A uniform map has one
    weight for every cell, so a box's share of the image is the mean of its coverage, in which a
    narrow cell at the edge counts as much as any other: its lift is exactly 1.

    Args:
        boxes_xyxy: (n, 4), left, top, right, bottom as fractions of width and height.
        grid: where the cells lie.

    Returns:
        (n, h, w) in [0, 1], the same array for the same boxes; nobody may write to it.
    """
    made = _coverages(boxes_xyxy)
    if grid not in made:
        made[grid] = coverage_in_cells(grid.in_cells(cut_off(boxes_xyxy)), grid.hw)
        made[grid].flags.writeable = False
    return made[grid]


@remembered
def _coverages(_of: Boxes) -> dict[Grid, Map]:
    """What was made already of these boxes: each head and layer asks for it."""
    return {}


def coverage_in_cells(boxes_xyxy: npt.NDArray[np.float64], hw: tuple[int, int]) -> Map:
    """The same of boxes in units of cells, as `Grid.in_cells` gives them."""
    h, w = hw
    x = _overlap(boxes_xyxy[:, 0], boxes_xyxy[:, 2], w)  # (n, w)
    y = _overlap(boxes_xyxy[:, 1], boxes_xyxy[:, 3], h)  # (n, h)
    return np.asarray(y[:, :, None] * x[:, None, :])


def _overlap(
    low: npt.NDArray[np.float64], high: npt.NDArray[np.float64], cells: int
) -> npt.NDArray[np.float64]:
    """The part of each unit cell between `low` and `high`: (n,) and (n,) to (n, cells)."""
    start = np.arange(cells)
    shared = np.minimum(high[:, None], start + 1) - np.maximum(low[:, None], start)
    return np.asarray(np.clip(shared, 0, 1))


def mass_in_box(maps: Map, coverage: Map) -> npt.NDArray[np.float64]:
    """The attention that falls into a box: sum over the cells of A_qj times coverage_j.

    The energy-based pointing game of Score-CAM (arXiv 1910.01279), for attention maps.

    Args:
        maps: (n, h, w), each sums to 1.
        coverage: (n, h, w), of the box of each map.

    Returns:
        (n,) in [0, 1].
    """
    return np.asarray((np.asarray(maps, np.float64) * coverage).sum((-2, -1)))


def lift(maps: Map, coverage: Map) -> npt.NDArray[np.float64]:
    """Mass in the box over the box's share of the image's area.

    A uniform map has lift 1; a map that lies in the box alone has 1 / area share.

    Args:
        maps: (n, h, w), each sums to 1.
        coverage: (n, h, w), of the box of each map.

    Returns:
        (n,) from 0 up; NaN if a box has no area.
    """
    cells = coverage.shape[-2] * coverage.shape[-1]
    share = coverage.sum((-2, -1)) / cells
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(share > 0, mass_in_box(maps, coverage) / share, np.nan)


def pairwise_lift(maps: Map, coverage: Map) -> npt.NDArray[np.float64]:
    """The lift of every box in every map.

    Args:
        maps: (..., n, h, w), each sums to 1.
        coverage: (m, h, w), of each box.

    Returns:
        (..., n, m): map i and box j; NaN if a box has no area.
    """
    cells = coverage.shape[-2] * coverage.shape[-1]
    flat = np.asarray(maps, np.float64).reshape(*maps.shape[:-2], cells)
    boxes = coverage.reshape(-1, cells)
    share = boxes.sum(axis=1) / cells
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(share > 0, flat @ boxes.T / share, np.nan))


def largest_lift(coverage: Map) -> npt.NDArray[np.float64]:
    """The lift of a map that lies in the box alone: the most that there can be.

    A box that covers one cell in whole has 1 over its share of the image: 4 if that is a
    quarter. So lifts of boxes of different sizes cannot be compared without it.

    Args:
        coverage: (n, h, w), of each box.

    Returns:
        (n,); NaN if a box has no area.
    """
    cells = coverage.shape[-2] * coverage.shape[-1]
    share = coverage.sum((-2, -1)) / cells
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(share > 0, coverage.max((-2, -1)) / share, np.nan))


def own_and_other_lift(
    maps: Map, coverage: Map, same: npt.NDArray[np.bool_] | None = None
) -> npt.NDArray[np.float64]:
    """For a point in each of several boxes: lift of its own box and mean lift of the others.

    Their ratio is the instance separation that figure 3 of the DETR paper (arXiv 2005.12872)
    shows: 1 if the encoder does not tell the instances apart.

    Args:
        maps: (n, h, w), where a point in box k looks; each sums to 1.
        coverage: (n, h, w), of box k.
        same: (n, n), which other boxes count for which; None counts all.

    Returns:
        (n, 2), own and others; NaN in the second column if no other box counts.
    """
    n = len(maps)
    lifts = pairwise_lift(maps, coverage)
    counted = ~np.eye(n, dtype=bool)
    if same is not None:
        counted &= same
    total = np.where(counted, lifts, 0).sum(1)
    number = counted.sum(1)
    others = np.full(n, np.nan)
    np.divide(total, number, out=others, where=number > 0)
    return np.stack([np.diag(lifts), others], axis=1)


def pairwise_pointing(maps: Map, coverage: Map) -> npt.NDArray[np.float64]:
    """Whether the cell with the largest weight of each map is one that each box touches.

    The pointing game of arXiv 1608.00507. In place of its tolerance of 15 pixels, cells that the
    box covers in part count in full. If several cells have the largest weight, the result is the
    share of them that the box touches. A uniform map thus gets the share of all cells that the
    box touches.

    Args:
        maps: (..., n, h, w).
        coverage: (m, h, w), of each box.

    Returns:
        (..., n, m) in [0, 1], a hit being 1.
    """
    cells = coverage.shape[-2] * coverage.shape[-1]
    flat = largest_cells(maps).reshape(*maps.shape[:-2], cells)
    return np.asarray(flat @ (coverage > _TOUCH).reshape(-1, cells).T)


def touched_cells(coverage: Map) -> npt.NDArray[np.bool_]:
    """The cells that any of some boxes touches: (n, h, w) to (h, w)."""
    return np.asarray((coverage > _TOUCH).any(axis=0))


def largest_cells(maps: Map) -> npt.NDArray[np.float64]:
    """1 at the largest weight of each map, (..., h, w), divided evenly among equals."""
    largest = maps == maps.max((-2, -1), keepdims=True)
    return np.asarray(largest / largest.sum((-2, -1), keepdims=True))


def separation_index(pairs: npt.NDArray[np.float64]) -> float:
    """Instance separation on a scale with ends: (own - other) / (own + other), of mean lifts.

    It is (r - 1) / (r + 1) of their ratio r, which figure 3 of the DETR paper (arXiv 2005.12872)
    shows. It is averaged over images in place of r, so that a single image whose other boxes
    get nothing does not outweigh all the rest.

    Args:
        pairs: (n, 2), from `own_and_other_lift`; rows with a NaN are left out.

    Returns:
        In [-1, 1], no unit: 0 if instances are not told apart; NaN if there is no pair.
    """
    own, other = pairs[~np.isnan(pairs).any(axis=1)].sum(axis=0)
    return float((own - other) / (own + other)) if own + other > 0 else float("nan")
