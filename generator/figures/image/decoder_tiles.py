"""The decoder's maps for the site: a tile for each kept query, its map above its box.

In: pixels, `Detections` and a map for each query. Out: `Tiles`. `decoder` draws the same for print.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from generator.analysis.detections import Detections
from generator.analysis.grid import Grid
from generator.figures.colours import query_colours
from generator.figures.panels import Pixels, faded
from generator.figures.tiles import (
    Tile,
    Tiles,
    boxed,
    map_picture,
    picture,
    stacked,
    tile_size,
)
from generator.figures.words import labelled, limit, place, share, spoken
from generator.inference.forward_pass import FloatArray

if TYPE_CHECKING:
    from generator.project.config import FigureOptions

_GAP = 0.06
"""White between a map and a box, in inches."""


def query_tiles(
    pixels: Pixels,
    detections: Detections,
    weights: FloatArray,
    grid: Grid,
    options: FigureOptions,
    remark: str,
) -> Tiles:
    """Makes a tile for each kept query; a single one with a sentence if there is none.

    Args:
        pixels: (height, width, 3) RGB, the image of the detections at any resolution.
        weights: (queries, h, w), the maps.
        remark: what is said of all maps.
    """
    size_hw = tile_size(detections.size_hw, options.dpi)
    image = picture(pixels, size_hw)
    if not len(detections):
        text = f"No query scores above {limit(detections.threshold)}: there is no map to draw."
        pale = faded(image, np.zeros(4), detections.size_hw)
        return Tiles((Tile(pale, f"The picture, bleached. {text}", text=text),))
    colours, tiles = query_colours(detections.queries), []
    words = query_words(detections, weights, grid)
    for index, query in enumerate(detections.queries.tolist()):
        box_xyxy, colour = detections.boxes_xyxy[index], colours[query]
        lower = faded(image, box_xyxy, detections.size_hw)
        lower = boxed(lower, [(box_xyxy, colour)], detections.size_hw, options.dpi / 45)
        upper = map_picture(weights[query], grid, size_hw, options.colour_map)
        label = labelled(detections.labels[index], float(detections.scores[index]))
        text = f"{label}; maximum {share(float(weights[query].max()))}"
        shown = stacked(upper, lower, round(_GAP * options.dpi))
        tiles.append(Tile(shown, f"{words[index]}.", f"query {query}", text, colour))
    return Tiles(tuple(tiles), remark, options.colour_map)


def query_words(detections: Detections, weights: FloatArray, grid: Grid) -> list[str]:
    """Where the map of each kept query is strongest; of maps of all queries, (queries, h, w)."""
    items = []
    for query, label, score in zip(
        detections.queries.tolist(), detections.labels, detections.scores.tolist(), strict=True
    ):
        where = place(*grid.centre_of(divmod(int(weights[query].argmax()), grid.hw[1])))
        peak = share(float(weights[query].max()))
        items.append(
            f"query {query} ({spoken(label, score)}) looks most at {where}, {peak} in one cell"
        )
    return items
