"""From points of an image to cells of the feature map's grid, and back to pixels.

In: points as fractions of the image, and grids. Out: cells, boxes, and the reference points of
an image.
"""

from __future__ import annotations

from generator.analysis.boxes import to_fractions, xyxy_to_cxcywh
from generator.analysis.detections import Detections
from generator.inference.forward_pass import ForwardPass

Cell = tuple[int, int]
Point = tuple[float, float]

EXERCISE_POINTS: tuple[Point, ...] = ((0.1875, 0.25), (0.375, 0.35), (0.5625, 0.25), (0.75, 0.55))
"""The four reference points of the original exercise, (x, y) fractions of width and height."""


def cell_of_point(point_xy: Point, grid_hw: tuple[int, int]) -> Cell:
    """The (row, column) of the grid that a point of the image falls into.

    Args:
        point_xy: fractions of the image's width and height, 0 to 1.
        grid_hw: rows and columns of the feature map. The stride would not do: with padding
            in the convolutions 1066 pixels give 34 cells of 31.35 pixels.

    Raises:
        ValueError: the point is outside the image.
    """
    (x, y), (rows, columns) = point_xy, grid_hw
    if not (0 <= x <= 1 and 0 <= y <= 1):
        raise ValueError(
            f"the point ({x:g}, {y:g}) is outside the image: give x and y as fractions "
            "of its width and height, from 0 to 1"
        )
    return min(int(y * rows), rows - 1), min(int(x * columns), columns - 1)


def cell_box_xyxy(
    cell: Cell, grid_hw: tuple[int, int], size_hw: tuple[int, int]
) -> tuple[float, float, float, float]:
    """The cell's left, top, right and bottom, in pixels of an image of `size_hw`."""
    (row, column), (height, width) = cell, size_hw
    step_y, step_x = height / grid_hw[0], width / grid_hw[1]
    return column * step_x, row * step_y, (column + 1) * step_x, (row + 1) * step_y


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
    chosen: dict[Cell, Point] = {}
    for point in (*centres, *EXERCISE_POINTS):
        if len(chosen) == len(EXERCISE_POINTS):
            break
        chosen.setdefault(cell_of_point(point, forward.grid_hw), point)
    return tuple(chosen.values())
