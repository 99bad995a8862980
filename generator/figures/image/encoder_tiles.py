"""The encoder's maps for the site: the image with its points, and a tile for the map of each.

In: pixels, maps and points. Out: `Tiles`. `encoder` draws the same for print.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from generator.analysis.cells import cell_box_xyxy
from generator.analysis.grid import Cell, Grid, Point
from generator.figures.colours import point_colours
from generator.figures.panels import Pixels, SizeHW
from generator.figures.tiles import Tile, boxed, map_picture, mark, picture, tile_size
from generator.inference.forward_pass import FloatArray

if TYPE_CHECKING:
    from generator.project.config import FigureOptions


def point_tiles(
    pixels: Pixels,
    points: tuple[Point, ...],
    maps: list[tuple[Cell, FloatArray, str, str]],
    grid: Grid,
    of_hw: SizeHW,
    options: FigureOptions,
) -> tuple[Tile, ...]:
    """Makes the image's tile and one for each map.

    Args:
        pixels: (height, width, 3) RGB, the image at any resolution.
        points: (x, y) fractions of width and height.
        maps: for each point its cell, its map, what is printed beside it, and its alt text.
        of_hw: the image's height and width in pixels.
    """
    colours, small = point_colours(len(points)), tile_size(of_hw, options.dpi)
    large = small[0] * 2, small[1] * 2
    marks = tuple(
        mark(str(number), point, colour)
        for number, (point, colour) in enumerate(zip(points, colours, strict=True), start=1)
    )
    alt = f"The image with {len(points)} numbered point{'' if len(points) == 1 else 's'}."
    tiles = [Tile(picture(pixels, large), alt, marks=marks, is_large=True)]
    line = options.dpi / 72
    for index, (cell, weights, text, words) in enumerate(maps):
        shown = map_picture(weights, grid, small, options.colour_map)
        outline = np.array(cell_box_xyxy(cell, grid, of_hw))
        shown = boxed(shown, [(outline, colours[index])], of_hw, line)
        title = str(index + 1)
        tiles.append(Tile(shown, f"{words}.", title, text, colours[index], is_flat=True))
    return tuple(tiles)
