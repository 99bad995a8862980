"""The matching between predictions and objects: the pairs on the image, and their costs.

In: pixels, a `Matching` and the `Detections` of the same forward pass. Out: a `Figure`, or its
alt text. A query has the same colour as in the other figures; queries that were matched but
not kept get other colours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import Normal, Stroke

from generator.analysis.boxes import areas
from generator.analysis.detections import Detections
from generator.analysis.matching import Matching
from generator.figures.colours import query_colours
from generator.figures.image.cost_table import UNMATCHED, draw_table, lay_out
from generator.figures.image.labels import chip_sizes, draw_chips, place_chips
from generator.figures.panels import (
    HEADING_HEIGHT,
    MARGIN,
    Pixels,
    add_heading,
    add_panel,
    draw_box,
    draw_image,
    fitted,
    new_figure,
)
from generator.figures.style import INK, SMALL_SIZE, WIDTH, figure_style
from generator.figures.words import enumerated, place, spoken
from generator.measures.digits import in_digits

if TYPE_CHECKING:
    from generator.project.config import FigureOptions

REMARK = (
    "Dashed: what is really there. In colour: the query that was matched with it. "
    "Cells: the cost of a pair; matched ones are framed."
)

# Inches: the space between image and table, the tallest image next to and above the table.
_GAP, _TALLEST_BESIDE, _TALLEST_ABOVE = 0.22, 4.4, 4.2
_SMALLEST = 5.2
_TIMES_TABLE, _LEAST_TALL = 1.4, 2.6
"""The least area of an image next to its table, in square inches; otherwise it goes above."""


def matching_figure(
    pixels: Pixels,
    matching: Matching,
    detections: Detections,
    options: FigureOptions,  # noqa: ARG001  every figure takes them; this one draws no map
) -> Figure:
    """Draws the true boxes and those matched with them, and the costs of the pairs.

    Args:
        pixels: (height, width, 3) RGB, at any resolution.
        matching: of at least one object.
        detections: of the same forward pass; they choose the colours.
        options: the site's figure options.
    """
    image_wh, beside = _image_size(matching)
    room = WIDTH - 2 * MARGIN - (image_wh[0] + _GAP if beside else 0)
    layout = lay_out(matching, room)
    table_wh = layout.size_wh
    colours = matched_colours(matching, detections)
    with figure_style():
        if beside:
            body = max(image_wh[1], table_wh[1])
            left = MARGIN + image_wh[0] + _GAP
            table_left, table_top = left + (room - table_wh[0]) / 2, HEADING_HEIGHT
            image_left = MARGIN
        else:
            body = image_wh[1] + _GAP + table_wh[1]
            image_left = (WIDTH - image_wh[0]) / 2
            table_left, table_top = (WIDTH - table_wh[0]) / 2, HEADING_HEIGHT + image_wh[1] + _GAP
        figure = new_figure(HEADING_HEIGHT + body + MARGIN)
        add_heading(figure, "One query for each object, at the lowest total cost", REMARK)
        image = add_panel(figure, image_left, HEADING_HEIGHT, *image_wh)
        draw_image(image, fitted(pixels, max(image_wh)), matching.truth.size_hw)
        draw_pairs(image, matching, colours)
        _draw_numbers(image, matching, colours, matching.truth.size_hw[1] / (72 * image_wh[0]))
        table = add_panel(figure, table_left, table_top, *table_wh)
        draw_table(table, matching, layout, colours)
    return figure


def matched_colours(matching: Matching, detections: Detections) -> dict[int, str]:
    """The colours of the kept and the matched queries; the kept have those of all figures."""
    kept = detections.queries.tolist()
    return query_colours([*kept, *(q for q in matching.queries if q >= 0 and q not in kept)])


def matching_alt(matching: Matching) -> str:
    """Each object's query and its cost, in words; the first ten in full."""
    height, width = matching.truth.size_hw
    total = matching.costs.total
    items = []
    truth = matching.truth
    for index, (query, label, box) in enumerate(
        zip(matching.queries.tolist(), truth.labels, truth.boxes_xyxy, strict=True)
    ):
        where = place((box[0] + box[2]) / 2 / width, (box[1] + box[3]) / 2 / height)
        what = f"object {index + 1}, {label} at {where}"
        if query < 0:
            items.append(f"{what}, has no query left")
            continue
        says = spoken(matching.labels[query], float(matching.scores[query]))
        cost = in_digits(total[query, index], decimals=2)
        item = f"{what}, with query {query} ({says}) at cost {cost}"
        others = np.delete(np.arange(len(total)), query)
        if len(others):
            nearest = int(others[total[others, index].argmin()])
            cost = in_digits(total[nearest, index], decimals=2)
            item += f" (cheapest other: query {nearest} at {cost})"
        items.append(item)
    objects = "1 object" if len(items) == 1 else f"{len(items)} objects"
    queries = "1 query" if len(total) == 1 else f"{len(total)} queries"
    return f"Matching of {objects} and {queries}: {enumerated(items)}."


def _image_size(matching: Matching) -> tuple[tuple[float, float], bool]:
    """Width and height of the image in inches, and whether it is next to the table."""
    height, width = matching.truth.size_hw
    available = WIDTH - 2 * MARGIN - _GAP
    least, liked = (lay_out(matching, room).size_wh[0] for room in (0, available))
    room = available - max(least, min(available / 2, liked))
    # A large picture would make the figure too high for a page, and a small table small in print.
    tallest = min(_TALLEST_BESIDE, max(_LEAST_TALL, _TIMES_TABLE * lay_out(matching, 0).size_wh[1]))
    scale = min(room / width, tallest / height)
    above = min((WIDTH - 2 * MARGIN) / width, _TALLEST_ABOVE / height)
    if width * height * scale**2 >= _SMALLEST or scale >= 0.8 * above:
        return (width * scale, height * scale), True
    return (width * above, height * above), False


def draw_pairs(axes: Axes, matching: Matching, colours: dict[int, str]) -> None:
    """Draws each object's true box, its query's box, and a line between them."""
    true = matching.truth.boxes_xyxy
    line = float(np.interp(len(matching), (8, 40), (1.8, 1.0)))
    for index in np.argsort(-areas(true), kind="stable"):
        query = int(matching.queries[index])
        if query >= 0:
            colour = colours.get(query, UNMATCHED)
            draw_box(axes, matching.boxes_xyxy[query], colour, line)
            _join(axes, true[index], matching.boxes_xyxy[query], colour)
        _draw_true_box(axes, true[index], line)


def _draw_numbers(
    axes: Axes, matching: Matching, colours: dict[int, str], pixels_per_point: float
) -> None:
    """Writes each object's number and its query's id on chips."""
    true = matching.truth.boxes_xyxy
    numbers = [str(index + 1) for index in range(len(matching))]
    ids = [str(query) if query >= 0 else "none" for query in matching.queries.tolist()]
    sizes = [chip_sizes(texts, SMALL_SIZE) * pixels_per_point for texts in (numbers, ids)]
    apart = 3 * pixels_per_point  # so that a pair of chips is seen as one
    joined = np.stack([sizes[0][:, 0] + sizes[1][:, 0] + apart, sizes[0][:, 1]], axis=1)
    whole = place_chips(true, joined, matching.truth.size_hw)
    left, right = whole.copy(), whole.copy()
    left[:, 2] = right[:, 0] = whole[:, 0] + sizes[0][:, 0]
    right[:, 2] -= apart
    fills = [colours.get(query, UNMATCHED) for query in matching.queries.tolist()]
    draw_chips(axes, left, numbers, ["#ffffff"] * len(numbers), SMALL_SIZE, pixels_per_point)
    draw_chips(axes, right, ids, fills, SMALL_SIZE, pixels_per_point)


def _draw_true_box(axes: Axes, box_xyxy: np.ndarray, line: float) -> None:
    x0, y0, x1, y1 = box_xyxy
    axes.add_patch(
        Rectangle(
            (x0, y0),
            x1 - x0,
            y1 - y0,
            fill=False,
            edgecolor=INK,
            linewidth=0.6 * line,
            linestyle=(0, (4, 3)),
            path_effects=[Stroke(linewidth=1.3 * line, foreground="white"), Normal()],
            clip_on=False,
            zorder=4.5,
            gid="true",
        )
    )


def _join(axes: Axes, true_xyxy: np.ndarray, box_xyxy: np.ndarray, colour: str) -> None:
    """Draws a line from the centre of the object to that of the query's box."""
    ends = [((box[0] + box[2]) / 2, (box[1] + box[3]) / 2) for box in (true_xyxy, box_xyxy)]
    halo = [Stroke(linewidth=3.2, foreground="white"), Normal()]
    (x0, y0), (x1, y1) = ends
    axes.plot([x0, x1], [y0, y1], color=colour, lw=1.4, path_effects=halo, zorder=4.2, gid="join")
    axes.plot([x1], [y1], "o", color=colour, markersize=3.5, path_effects=halo, zorder=4.3)
