"""From points of an image to cells of the feature map's grid, and back to pixels.

In: points as fractions of the image, and grids. Out: cells, boxes, and the reference points of
an image.
"""

from __future__ import annotations

from generator.analysis.boxes import to_fractions, xyxy_to_cxcywh
from generator.analysis.detections import Detections
from generator.analysis.grid import Cell, Grid, Point
from generator.inference.forward_pass import ForwardPass

EXERCISE_POINTS: tuple[Point, ...] = ((0.1875, 0.25), (0.375, 0.35), (0.5625, 0.25), (0.75, 0.55))
"""The four reference points of the original exercise, (x, y) fractions of width and height."""


def cell_of_point(point_xy: Point, grid: Grid) -> Cell:
    """The (row, column) of the cell whose centre is nearest to a point of the image.

    Of two that are equally near, the later one.

    Args:
        point_xy: fractions of the image's width and height, 0 to 1.

    Raises:
        ValueError: the point is outside the image.
    """
    x, y = point_xy
    if not (0 <= x <= 1 and 0 <= y <= 1):
        raise ValueError(
            f"the point ({x:g}, {y:g}) is outside the image: give x and y as fractions "
            "of its width and height, from 0 to 1"
        )
    row, column = (
        int(edges[1:-1].searchsorted(one, side="right"))
        for edges, one in ((grid.edges_y, y), (grid.edges_x, x))
    )
    return row, column


def cell_box_xyxy(
    cell: Cell, grid: Grid, size_hw: tuple[int, int]
) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the cell's footprint, in pixels of an image of `size_hw`."""
    (row, column), (height, width) = cell, size_hw
    x0, x1 = (grid.edges_x[column : column + 2] * width).tolist()
    y0, y1 = (grid.edges_y[row : row + 2] * height).tolist()
    return x0, y0, x1, y1


def reference_points(
    forward: ForwardPass, detections: Detections, points: tuple[Point, ...] | None
) -> tuple[Point, ...]:
    """The points whose encoder attention is drawn, (x, y) fractions of width and height.

    Args:
        forward: gives the grid, which tells points apart.
        detections: of the same image.
        points: the author's choice, returned as it is. None picks the box centres of the
            four best detections; if there are fewer, the exercise's points fill up. No two
            of them share a cell, so a very coarse grid gets fewer than four points.
    """
    if points is not None:
        return points
    boxes = to_fractions(xyxy_to_cxcywh(detections.boxes_xyxy), detections.size_hw)
    centres = [(x, y) for x, y, _, _ in boxes.tolist()]
    grid = Grid.of(forward)
    chosen: dict[Cell, Point] = {}
    for point in (*centres, *EXERCISE_POINTS):
        if len(chosen) == len(EXERCISE_POINTS):
            break
        chosen.setdefault(cell_of_point(point, grid), point)
    return tuple(chosen.values())
