"""Attention sinks: how much every cell is read, in each layer of the encoder, over the image.

In: pixels and a `ForwardPass`. Out: a `Figure`, or its alt text. What is drawn are the sums of
the columns of the attention matrix, mean of the heads; the most-read cells are outlined.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from generator.analysis.cells import cell_box_xyxy
from generator.analysis.entry_analysis import EntryAnalysis
from generator.analysis.grid import Grid
from generator.figures.panels import (
    HEADING_HEIGHT,
    MARGIN,
    SCALE_HEIGHT,
    Pixels,
    add_heading,
    add_panel,
    add_scale,
    add_text,
    draw_box,
    draw_image,
    draw_map,
    fitted,
    new_figure,
)
from generator.figures.redraw import FigureKind
from generator.figures.style import GREY, SMALL_SIZE, TEXT_SIZE, WIDTH, figure_style
from generator.figures.tiles import Tile, Tiles, boxed, coloured, picture, spread, tile_size
from generator.figures.words import attention_name, enumerated, place, share
from generator.inference.forward_pass import FloatArray, ForwardPass
from generator.measures.most_read import Sinks, find_sinks

if TYPE_CHECKING:
    from generator.project.config import FigureOptions

# Inches: space between panels, height and width of the two lines above each, the tallest panel.
_GAP, _TITLE, _TEXT_WIDTH, _TALLEST_PANEL = 0.14, 0.4, 2.2, 3.0
_SEE_THROUGH = 0.5
"""The picture shines through this much where a map is 0, and not at all at its maximum."""
_OUTLINE = "#d1006f"


def sinks_figure(pixels: Pixels, forward: ForwardPass, options: FigureOptions) -> Figure:
    """Draws a panel for each encoder layer: the image in grey, and how much each cell is read.

    Args:
        pixels: (height, width, 3) RGB, the image at any resolution.
        forward: of the same image.
        options: the site's figure options.
    """
    sinks, grid, size_hw = find_sinks(forward), Grid.of(forward), forward.size_hw
    layers = len(sinks.cells)
    columns, width, height = _panels(layers, size_hw[1] / size_hw[0])
    row_height, pitch = height + _TITLE + _GAP, (WIDTH - 2 * MARGIN + _GAP) / columns
    picture = _grey(fitted(pixels, max(width, height)))
    rows = math.ceil(layers / columns)
    with figure_style():
        figure = new_figure(HEADING_HEIGHT + rows * row_height + SCALE_HEIGHT)
        add_heading(
            figure,
            f"{attention_name('encoder_self', forward)}: how much each cell is read by all cells",
            _outlined(sinks),
        )
        for layer in range(layers):
            row, column = divmod(layer, columns)
            left = MARGIN + column * pitch + (pitch - _GAP - width) / 2
            top = HEADING_HEIGHT + row * row_height
            start = min(left, MARGIN + (column + 1) * pitch - _TEXT_WIDTH)
            add_text(figure, start, top, f"Layer {layer + 1} of {layers}", fontsize=TEXT_SIZE)
            remark = {"fontsize": SMALL_SIZE, "color": GREY}
            add_text(figure, start, top + 0.17, _remark(sinks, layer), **remark)
            axes = add_panel(figure, left, top + _TITLE, width, height)
            draw_image(axes, picture, size_hw)
            received = sinks.received[layer, 0].reshape(sinks.grid_hw).astype(np.float32)
            opacity = _SEE_THROUGH + (1 - _SEE_THROUGH) * received / received.max()
            draw_map(axes, received, grid, size_hw, options.colour_map, opacity=opacity)
            for row_and_column in _places(sinks, layer):
                box = np.array(cell_box_xyxy(row_and_column, grid, size_hw))
                draw_box(axes, box, _OUTLINE, 0.8)
        add_scale(figure, figure.get_size_inches()[1] - SCALE_HEIGHT, options.colour_map)
    return figure


def sinks_alt(forward: ForwardPass) -> str:
    """How much the most-read cells of each layer take in, and where the first of them is."""
    items = _layer_words(find_sinks(forward), Grid.of(forward))
    name = attention_name("encoder_self", forward)
    name = name[0].lower() + name[1:]
    return f"The image and how much each cell is read, {name}: {enumerated(items)}."


def sinks_tiles(pixels: Pixels, forward: ForwardPass, options: FigureOptions) -> Tiles:
    """The same for the site: a tile for each layer."""
    sinks, grid, of_hw = find_sinks(forward), Grid.of(forward), forward.size_hw
    size_hw, tiles = tile_size(of_hw, options.dpi), []
    grey = _grey(picture(pixels, size_hw)).astype(np.float32)
    layers, words = len(sinks.cells), _layer_words(sinks, grid)
    for layer in range(layers):
        received = sinks.received[layer, 0].reshape(sinks.grid_hw)
        opacity = _SEE_THROUGH + (1 - _SEE_THROUGH) * received / received.max()
        colours = coloured(received, options.colour_map) * opacity[..., None]
        clear: FloatArray = spread((1 - opacity)[..., None].astype(np.float32), grid, size_hw)
        shown = grey * clear + spread(colours.astype(np.float32), grid, size_hw)
        cells = _places(sinks, layer)
        boxes = [(np.array(cell_box_xyxy(cell, grid, of_hw)), _OUTLINE) for cell in cells]
        shown = boxed(np.round(shown).astype(np.uint8), boxes, of_hw, options.dpi / 100)
        title = f"Layer {layer + 1} of {layers}"
        tiles.append(Tile(shown, f"{words[layer]}.", title, _remark(sinks, layer)))
    return Tiles(tuple(tiles), _outlined(sinks), options.colour_map)


def _layer_words(sinks: Sinks, grid: Grid) -> list[str]:
    """How much the most-read cells of each layer take in, and where the first of them is."""
    items = []
    for layer in range(len(sinks.cells)):
        cell = divmod(int(sinks.received[layer, 0].argmax()), grid.hw[1])
        items.append(
            f"layer {layer + 1}: the most-read {_cells(sinks)} {_takes(sinks)} "
            f"{share(_share(sinks, layer))} of all weight, the first of them at "
            f"{place(*grid.centre_of(cell))} with {_peak(sinks, layer)} times the mean"
        )
    return items


def _outlined(sinks: Sinks) -> str:
    return (
        "Column sums, mean of the heads; 1 on average. Outlined, with their share: the "
        f"most-read {_cells(sinks)}."
    )


def _panels(layers: int, aspect: float) -> tuple[int, float, float]:
    """Columns, and width and height of a panel in inches."""
    columns = min(layers, 3 if layers != 4 else 2)
    width = min((WIDTH - 2 * MARGIN + _GAP) / columns - _GAP, _TALLEST_PANEL * aspect)
    return columns, width, width / aspect


def _grey(pixels: Pixels) -> Pixels:
    """The picture without its colours, which would mix with those of the map."""
    return np.asarray(Image.fromarray(pixels).convert("L").convert("RGB"))


def _places(sinks: Sinks, layer: int) -> list[tuple[int, int]]:
    """The most-read cells of the mean map, (row, column)."""
    return [divmod(cell, sinks.grid_hw[1]) for cell in sinks.cells[layer, 0].tolist()]


def _cells(sinks: Sinks) -> str:
    number, tokens = sinks.cells.shape[-1], sinks.received.shape[-1]
    return f"{number} of {tokens} cells" if number > 1 else f"cell of {tokens}"


def _takes(sinks: Sinks) -> str:
    return "take" if sinks.cells.shape[-1] > 1 else "takes"


def _remark(sinks: Sinks, layer: int) -> str:
    """The end of the scale, and the weight of the outlined cells."""
    return f"max {_peak(sinks, layer)} × the mean; outlined {share(_share(sinks, layer))}"


def _peak(sinks: Sinks, layer: int) -> str:
    peak = float(sinks.received[layer, 0].max())
    return f"{peak:.1f}" if peak < 9.95 else f"{peak:.0f}"


def _share(sinks: Sinks, layer: int) -> float:
    received = sinks.received[layer, 0]
    return float(received[sinks.cells[layer, 0]].sum() / len(received))


SINKS: FigureKind[EntryAnalysis] = FigureKind(
    "sinks",
    draw=lambda one, options: sinks_figure(one.pixels, one.forward, options),
    alt=lambda one: sinks_alt(one.forward),
    applies=lambda one: len(one.forward.encoder_self) > 0,
    tiles=lambda one, options: sinks_tiles(one.pixels, one.forward, options),
)
