"""The two tables of an image: its detections, and its reference points.

In: what was detected, and points. Out: rows of words and numbers, for the page and for `detect`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from generator.analysis.cells import cell_of_point
from generator.analysis.detections import Detections, rounded_down
from generator.analysis.grid import Grid, Point
from generator.figures.colours import point_colours, query_colours
from generator.pages.contents import Shapes


def detection_rows(found: Detections) -> list[dict[str, Any]]:
    """The table of detections; scores are rounded down, so that none reads as certain.

    `further` has the other classes of a query that score above the threshold, with their scores.
    """
    colours = query_colours(found.queries)
    return [
        {
            "query": int(query),
            "colour": colours[int(query)],
            "label": label,
            "score": _score(score),
            "further": [
                {"label": one.label, "score": _score(one.score)}
                for one in found.further
                if one.query == query
            ],
            "box": ", ".join(str(round(float(side))) for side in box_xyxy),
        }
        for query, label, score, box_xyxy in zip(
            found.queries, found.labels, found.scores, found.boxes_xyxy, strict=True
        )
    ]


def _score(score: float) -> str:
    return f"{rounded_down(float(score)):.3f}"


def point_rows(points: Sequence[Point], shapes: Shapes) -> list[dict[str, Any]]:
    """The reference points in pixels of the image and cells of the grid."""
    height, width = shapes.size_hw
    grid = Grid(shapes.grid_hw, shapes.input_hw, shapes.stride, shapes.first_centre)
    rows = []
    for number, ((x, y), colour) in enumerate(
        zip(points, point_colours(len(points)), strict=True), start=1
    ):
        row, column = cell_of_point((x, y), grid)
        pixel_xy = min(int(x * width), width - 1), min(int(y * height), height - 1)
        rows.append(
            {
                "number": number,
                "colour": colour,
                "pixel": f"{pixel_xy[0]}, {pixel_xy[1]}",
                "pixel_xy": pixel_xy,
                "row": row,
                "column": column,
            }
        )
    return rows
