"""The matching as a kind of figure: the figure for print, and for the site a tile and a table.

In: an `EntryAnalysis` with a matching. Out: a `Figure`, `Tiles`, or the alt text. `matching` draws;
here the numbers of objects and queries become marks, and the costs cells of a table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from generator.analysis.entry_analysis import EntryAnalysis
from generator.analysis.matching import Matching
from generator.figures.figure_file import Cell, Mark, Row, Table
from generator.figures.image.box_marks import FONT, PHONE, anchor_of
from generator.figures.image.cost_table import (
    LONGEST,
    UNMATCHED,
    Shade,
    TableLayout,
    lay_out,
    not_shown,
)
from generator.figures.image.labels import chip_sizes, place_chips
from generator.figures.image.matching import (
    REMARK,
    draw_pairs,
    matched_colours,
    matching_alt,
    matching_figure,
)
from generator.figures.panels import draw_image
from generator.figures.redraw import FigureKind
from generator.figures.style import WIDTH, figure_style, ink_on
from generator.figures.tiles import Tile, Tiles, drawn_pixels, picture, whole_size
from generator.figures.words import labelled, printable
from generator.measures.digits import in_digits

if TYPE_CHECKING:
    from generator.project.config import FigureOptions


def matching_of(one: EntryAnalysis) -> Matching:
    """The matching of an image that has one.

    Raises:
        ValueError: nobody said what is in the image.
    """
    if one.matching is None:
        raise ValueError("this image has no matching")
    return one.matching


def matching_tiles(one: EntryAnalysis, options: FigureOptions) -> Tiles:
    """The picture with the pairs, and the table of their costs."""
    matching = matching_of(one)
    colours, size_hw = matched_colours(matching, one.detections), matching.truth.size_hw
    height, width = whole_size(size_hw, options.dpi)
    with figure_style():
        figure = Figure(figsize=(width / options.dpi, height / options.dpi))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        draw_image(axes, picture(one.pixels, (height, width)), size_hw)
        draw_pairs(axes, matching, colours)
        axes.set(xlim=(0, size_hw[1]), ylim=(size_hw[0], 0))
    shown = drawn_pixels(figure, options.dpi)
    marks = _marks(matching, colours)
    tile = Tile(shown, matching_alt(matching), marks=marks, is_large=True)
    return Tiles((tile,), REMARK, table=cost_table(matching, lay_out(matching, WIDTH), colours))


def cost_table(matching: Matching, layout: TableLayout, colours: Mapping[int, str]) -> Table:
    """The costs of the pairs: a row for each query, a column for each object."""
    queries = [*layout.matched, *layout.others]
    costs = matching.costs.total[np.ix_(queries, layout.objects)]
    shade, rows = Shade.of(costs), []
    for query, of_query in zip(queries, costs.tolist(), strict=True):
        colour = colours.get(query, UNMATCHED)
        cells = tuple(
            Cell(
                in_digits(cost, decimals=2),
                shade(cost),
                colour if int(matching.queries[index]) == query else "",
            )
            for index, cost in zip(layout.objects, of_query, strict=True)
        )
        text = labelled(matching.labels[query], float(matching.scores[query]), LONGEST)
        starts = "without an object" if query in layout.others[:1] else ""
        rows.append(Row(str(query), colour, ink_on(colour), text, cells, starts))
    labels = [printable(matching.truth.labels[index], LONGEST) for index in layout.objects]
    headings = tuple((str(index + 1), label) for index, label in enumerate(labels))
    title = "The cost of each pair of a query, one row each, and an object, one column each"
    return Table(title, headings, tuple(rows), not_shown(matching, layout))


def _marks(matching: Matching, colours: Mapping[int, str]) -> tuple[Mark, ...]:
    """For each object its number and, right of it, its query's id, placed for a narrow screen."""
    height, width = matching.truth.size_hw
    numbers = [str(index + 1) for index in range(len(matching))]
    ids = [str(query) if query >= 0 else "none" for query in matching.queries.tolist()]
    sizes = [chip_sizes(texts, FONT) * width / PHONE for texts in (numbers, ids)]
    joined = np.stack([sizes[0][:, 0] + sizes[1][:, 0], sizes[0][:, 1]], axis=1)
    marks = []
    true_boxes = matching.truth.boxes_xyxy
    rectangles = place_chips(true_boxes, joined, matching.truth.size_hw)
    for index, (chip, box) in enumerate(zip(rectangles, true_boxes, strict=True)):
        y, anchor_y = anchor_of(chip[1::2], box[1::2])
        place_xy = (float(chip[0] + sizes[0][index, 0]) / width, y / height)
        colour = colours.get(int(matching.queries[index]), UNMATCHED)
        marks.append(Mark(numbers[index], place_xy, "#ffffff", "black", "", (1, anchor_y)))
        marks.append(Mark(ids[index], place_xy, colour, ink_on(colour), "", (0, anchor_y)))
    return tuple(marks)


def _draw(one: EntryAnalysis, options: FigureOptions) -> Figure:
    return matching_figure(one.pixels, matching_of(one), one.detections, options)


MATCHING: FigureKind[EntryAnalysis] = FigureKind(
    "matching",
    draw=_draw,
    alt=lambda one: matching_alt(one.matching) if one.matching is not None else "",
    applies=lambda one: one.matching is not None and len(one.matching) > 0,
    tiles=matching_tiles,
)
