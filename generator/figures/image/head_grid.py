"""Every layer's and head's map of one query, and of one point: layers down, heads across.

In: an `EntryAnalysis`. Out: a `Figure` for print, a tile for the site, or the alt text. The query
is the most confident one, kept or not; the point is the first. The maps are composed to one
picture: axes for each would cost more than all else in a figure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from generator.analysis.boxes import pixel_boxes
from generator.analysis.cells import cell_box_xyxy, cell_of_point
from generator.analysis.entry_analysis import EntryAnalysis
from generator.analysis.grid import Grid
from generator.figures.colours import point_colours, query_colours
from generator.figures.panels import (
    HEADING_HEIGHT,
    MARGIN,
    SCALE_HEIGHT,
    Pixels,
    add_heading,
    add_panel,
    add_scale,
    add_text,
    new_figure,
)
from generator.figures.redraw import FigureKind
from generator.figures.style import SMALL_SIZE, WIDTH, figure_style
from generator.figures.tiles import Box, Tile, Tiles, boxed, map_picture, mark
from generator.figures.words import attention_name, enumerated, place, spoken
from generator.inference.forward_pass import FloatArray

if TYPE_CHECKING:
    from generator.project.config import FigureOptions

# Inches: the room of the rows' and columns' numbers, the space between maps, the tallest grid.
_SIDE, _TOP, _GAP, _TALLEST = 0.36, 0.3, 0.05, 5.4
_ON_PAPER_SIDE = 0.55
_UNKEPT = "#595959"


@dataclass(frozen=True, eq=False)
class HeadGrid:
    """The maps of one query or point.

    Attributes:
        what: "query 17 (person 99 %)", "point 1".
        title, remark: the heading on paper, and what is said of the maps.
        maps: by layer, the map of each head and their mean, (layers, heads + 1, h, w).
        outline_xyxy, colour: what is drawn on each map, in pixels of the image.
    """

    what: str
    title: str
    remark: str
    maps: FloatArray
    outline_xyxy: Box
    colour: str


def grid_of_query(one: EntryAnalysis) -> HeadGrid:
    """The cross-attention of the query that is surest of its class."""
    forward, found = one.forward, one.detections
    probabilities = forward.scores()  # (Q, C)
    query = int(probabilities.max(axis=1).argmax())
    category = int(probabilities[query].argmax())
    label = spoken(forward.category_names[category], float(probabilities[query, category]))
    is_kept = query in found.queries
    layers, heads = forward.decoder_cross.q.shape[:2]
    return HeadGrid(
        f"query {query} ({label})",
        f"{attention_name('decoder_cross', forward)} of query {query}, layer by layer "
        "and head by head",
        f"The query that is surest of its class: {label}{'' if is_kept else ', not kept'}.",
        _maps(layers, heads, lambda layer, head: one.maps.decoder_cross(layer, head)[query]),
        pixel_boxes(forward.boxes_cxcywh[-1, query][None], forward.size_hw)[0],
        query_colours(found.queries)[query] if is_kept else _UNKEPT,
    )


def grid_of_point(one: EntryAnalysis) -> HeadGrid:
    """The rows of the encoder's self-attention that belong to the first point."""
    forward, grid = one.forward, Grid.of(one.forward)
    cell = cell_of_point(one.points[0], grid)
    layers, heads = forward.encoder_self.q.shape[:2]
    return HeadGrid(
        "point 1",
        f"{attention_name('encoder_self', forward)} of point 1, layer by layer and head by head",
        f"Where the point at {place(*one.points[0])} looks: rows of the matrix.",
        _maps(layers, heads, lambda layer, head: one.maps.encoder_row(cell, layer, head)),
        np.array(cell_box_xyxy(cell, grid, forward.size_hw)),
        point_colours(1)[0],
    )


def head_grid_figure(of: HeadGrid, one: EntryAnalysis, options: FigureOptions) -> Figure:
    """Draws the grid for print, as one picture with numbers around it."""
    layers, columns = of.maps.shape[:2]
    pitch_wh = _pitch(of, one, WIDTH - 2 * MARGIN - _ON_PAPER_SIDE)
    left = MARGIN + _ON_PAPER_SIDE
    top, height = HEADING_HEIGHT + _TOP, layers * pitch_wh[1]
    with figure_style():
        figure = new_figure(top + height + SCALE_HEIGHT)
        add_heading(figure, of.title, of.remark)
        axes = add_panel(figure, left, top, columns * pitch_wh[0] - _GAP, height - _GAP)
        pixels = _mosaic(of, one, options, pitch_wh)
        axes.imshow(pixels, aspect="auto", interpolation="none")
        small = {"fontsize": SMALL_SIZE, "va": "center"}
        for column in range(columns):
            text = f"head {column + 1}" if column < columns - 1 else "mean"
            middle = left + column * pitch_wh[0] + (pitch_wh[0] - _GAP) / 2
            add_text(figure, middle, top - 0.1, text, ha="center", **small)
        for layer in range(layers):
            middle = top + layer * pitch_wh[1] + (pitch_wh[1] - _GAP) / 2
            add_text(figure, MARGIN, middle, f"layer {layer + 1}", **small)
        add_scale(figure, top + height, options.colour_map)
    return figure


def head_grid_tiles(of: HeadGrid, one: EntryAnalysis, options: FigureOptions) -> Tiles:
    """The same for the site: one picture with white at its edges, where the page writes numbers."""
    layers, columns = of.maps.shape[:2]
    pitch_wh = _pitch(of, one, WIDTH - _SIDE)
    mosaic = _mosaic(of, one, options, pitch_wh)
    side, top = round(_SIDE * options.dpi), round(_TOP * options.dpi)
    white = np.full((top + mosaic.shape[0], side + mosaic.shape[1], 3), 255, np.uint8)
    white[top:, side:] = mosaic
    height, width = white.shape[:2]
    marks = [
        mark(
            str(column + 1) if column < columns - 1 else "mean",
            ((side + _middle(column, columns, mosaic.shape[1])) / width, top / 2 / height),
            "#ffffff",
        )
        for column in range(columns)
    ]
    marks += [
        mark(
            str(layer + 1),
            (side / 2 / width, (top + _middle(layer, layers, mosaic.shape[0])) / height),
            "#ffffff",
        )
        for layer in range(layers)
    ]
    remark = f"{of.remark} Rows are layers, columns heads, and last their mean."
    tile = Tile(white, head_grid_alt(of, one), marks=tuple(marks), is_large=True, is_flat=True)
    return Tiles((tile,), remark, options.colour_map)


def head_grid_alt(of: HeadGrid, one: EntryAnalysis) -> str:
    """Where the heads of each layer look most, in words."""
    layers, columns = of.maps.shape[:2]
    grid, items = Grid.of(one.forward), []
    for layer in range(layers):
        cells = of.maps[layer].reshape(columns, -1).argmax(axis=1).tolist()
        places = [place(*grid.centre_of(divmod(cell, grid.hw[1]))) for cell in cells]
        heads = [f"{where} ({count})" for where, count in Counter(places[:-1]).most_common()]
        items.append(f"layer {layer + 1}, {', '.join(heads)}, their mean at {places[-1]}")
    return (
        f"A grid of maps of {of.what}, {_count(layers, 'layer')} by {_count(columns - 1, 'head')} "
        "and their mean. "
        f"Where they are strongest, with the number of heads: {enumerated(items)}."
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _maps(layers: int, heads: int, map_of: Callable[[int, int], FloatArray]) -> FloatArray:
    by_head = np.stack([[map_of(layer, head) for head in range(heads)] for layer in range(layers)])
    return np.concatenate([by_head, by_head.mean(axis=1, keepdims=True)], axis=1)


def _pitch(of: HeadGrid, one: EntryAnalysis, room: float) -> tuple[float, float]:
    """Width and height in inches of a map and the space after it."""
    layers, columns = of.maps.shape[:2]
    aspect = one.forward.size_hw[1] / one.forward.size_hw[0]
    width = min((room + _GAP) / columns - _GAP, (_TALLEST / layers - _GAP) * aspect)
    return width + _GAP, width / aspect + _GAP


def _mosaic(
    of: HeadGrid, one: EntryAnalysis, options: FigureOptions, pitch_wh: tuple[float, float]
) -> Pixels:
    """All maps in one array, with white between them."""
    grid, size_hw, gap = Grid.of(one.forward), one.forward.size_hw, round(_GAP * options.dpi)
    width, height = (max(1, round((pitch - _GAP) * options.dpi)) for pitch in pitch_wh)
    layers, columns = of.maps.shape[:2]
    white = (layers * (height + gap) - gap, columns * (width + gap) - gap, 3)
    mosaic = np.full(white, 255, np.uint8)
    for layer, row in enumerate(of.maps):
        for column, weights in enumerate(row):
            shown = map_picture(weights, grid, (height, width), options.colour_map)
            shown = boxed(shown, [(of.outline_xyxy, of.colour)], size_hw, options.dpi / 72)
            top, left = layer * (height + gap), column * (width + gap)
            mosaic[top : top + height, left : left + width] = shown
    return mosaic


def _middle(index: int, count: int, length: int) -> float:
    """The middle of one of several equal parts of a length."""
    return (index + 0.5) * length / count


QUERY_HEADS: FigureKind[EntryAnalysis] = FigureKind(
    "query_heads",
    draw=lambda one, options: head_grid_figure(grid_of_query(one), one, options),
    alt=lambda one: head_grid_alt(grid_of_query(one), one),
    applies=lambda one: one.forward.has_maps,
    tiles=lambda one, options: head_grid_tiles(grid_of_query(one), one, options),
)
POINT_HEADS: FigureKind[EntryAnalysis] = FigureKind(
    "point_heads",
    draw=lambda one, options: head_grid_figure(grid_of_point(one), one, options),
    alt=lambda one: head_grid_alt(grid_of_point(one), one),
    applies=lambda one: len(one.points) > 0 and len(one.forward.encoder_self) > 0,
    tiles=lambda one, options: head_grid_tiles(grid_of_point(one), one, options),
)
