"""All kept queries' cross-attention over one picture, each in its own colour, as in DETR's Fig. 6.

In: pixels, `Detections` and `AttentionMaps`. Out: a `Figure` for print, a tile for the site, or the
alt text. The picture keeps all of its pixels. Where maps overlap, the colour of the one that is
stronger there wins. Without a detection there is no colour to show, and so no figure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import Image

from generator.analysis.attention import AttentionMaps
from generator.analysis.detections import Detections
from generator.analysis.entry_analysis import EntryAnalysis
from generator.analysis.grid import Grid
from generator.figures.colours import query_colours
from generator.figures.image.box_marks import marks_of
from generator.figures.image.detections import add_key, key_height
from generator.figures.image.labels import chip_sizes, draw_chips, place_chips
from generator.figures.panels import (
    HEADING_HEIGHT,
    MARGIN,
    Pixels,
    add_heading,
    add_panel,
    draw_box,
    draw_image,
    new_figure,
)
from generator.figures.redraw import FigureKind
from generator.figures.style import SMALL_SIZE, WIDTH, figure_style
from generator.figures.tiles import Tile, Tiles, boxed, picture, spread
from generator.figures.words import attention_name, enumerated, layer_and_head, place, spoken
from generator.inference.forward_pass import FloatArray

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.project.config import FigureOptions

_SHORTEST, _LONGEST = 1050, 1600
"""Bounds of the picture's long side in pixels; between them it keeps its own."""
_STRONGEST = 0.78
"""How opaque a colour is where its map has its maximum."""
_TALLEST = 4.6
"""The largest height of the picture on paper, in inches."""


def blended(pixels: Pixels, weights: FloatArray, colours: Mapping[int, str], grid: Grid) -> Pixels:
    """A grey picture with each query's map in its colour, each from 0 to its own maximum.

    With a_q the map of query q over its maximum, a pixel takes max_q a_q of its colour from the
    queries, as their mean weighted by a_q^2: a formula that asks for no order of the queries.

    Args:
        pixels: (H, W, 3) RGB.
        weights: (Q, h, w), the maps of all queries.
        colours: of the queries to be drawn, at least one.
    """
    grey = np.asarray(Image.fromarray(pixels).convert("L"), np.float32)
    pale = 255 - 0.7 * (255 - grey)
    shown = np.repeat(pale[..., None], 3, axis=2)
    maps = weights[list(colours)]  # (n, h, w)
    strength = maps / maps.max(axis=(1, 2), keepdims=True)
    rgb = np.array([to_rgb(one) for one in colours.values()], np.float32) * 255  # (n, 3)
    squares = np.maximum(strength.astype(np.float32) ** 2, 1e-12)
    mixed = np.einsum("nhw,nc->hwc", squares, rgb) / squares.sum(axis=0)[..., None]
    opacity = _STRONGEST * strength.max(axis=0)[..., None]  # (h, w, 1)
    size_hw = (pixels.shape[0], pixels.shape[1])
    shown *= 1 - spread(opacity, grid, size_hw)
    shown += spread((mixed * opacity).astype(np.float32), grid, size_hw)
    return np.asarray(np.round(shown), np.uint8)


def overlay_figure(
    pixels: Pixels,
    detections: Detections,
    maps: AttentionMaps,
    options: FigureOptions,  # noqa: ARG001
) -> Figure:
    """Draws the maps over the picture, with boxes and ids, and a key below it.

    Args:
        pixels: (height, width, 3) RGB, the image of the detections at any resolution.
        detections: of the same forward pass as `maps`.
    """
    size_hw, colours = detections.size_hw, query_colours(detections.queries)
    height, width = size_hw
    scale = min((WIDTH - 2 * MARGIN) / width, _TALLEST / height)  # inches per pixel
    bottom = HEADING_HEIGHT + height * scale
    with figure_style():
        figure = new_figure(bottom + MARGIN + key_height(detections))
        add_heading(
            figure,
            f"{attention_name('decoder_cross', maps.forward)} of all kept queries",
            _remark(maps),
        )
        left = (WIDTH - width * scale) / 2
        axes = add_panel(figure, left, HEADING_HEIGHT, width * scale, height * scale)
        draw_image(axes, _picture(pixels, detections, maps), size_hw)
        for box_xyxy, colour in zip(detections.boxes_xyxy, colours.values(), strict=True):
            draw_box(axes, box_xyxy, colour, 1.0)
        ids = [str(query) for query in detections.queries.tolist()]
        sizes = chip_sizes(ids, SMALL_SIZE) / (72 * scale)
        rectangles = place_chips(detections.boxes_xyxy, sizes, size_hw)
        draw_chips(axes, rectangles, ids, list(colours.values()), SMALL_SIZE, 1 / (72 * scale))
        add_key(figure, bottom + 0.12, detections)
    return figure


def overlay_tiles(
    pixels: Pixels, detections: Detections, maps: AttentionMaps, options: FigureOptions
) -> Tiles:
    """The same for the site: a single tile, whose key is text."""
    colours, size_hw = query_colours(detections.queries), detections.size_hw
    shown = _picture(pixels, detections, maps)
    line = 1.2 * options.dpi / 72
    boxes = list(zip(detections.boxes_xyxy, colours.values(), strict=True))
    shown = boxed(shown, boxes[::-1], size_hw, line)
    tile = Tile(shown, overlay_alt(detections, maps), "", "", "", marks_of(detections), True)
    return Tiles((tile,), _remark(maps))


def overlay_alt(detections: Detections, maps: AttentionMaps) -> str:
    """Which queries there are and where the map of each is strongest, in words."""
    grid, weights = Grid.of(maps.forward), maps.decoder_cross()
    items = []
    for query, label, score in zip(
        detections.queries.tolist(), detections.labels, detections.scores, strict=True
    ):
        where = place(*grid.centre_of(divmod(int(weights[query].argmax()), grid.hw[1])))
        items.append(f"query {query} ({spoken(label, score)}) at {where}")
    noun = "query" if len(items) == 1 else "queries"
    return (
        f"The picture in grey, and over it in colours where {len(items)} kept {noun} "
        f"{'looks' if len(items) == 1 else 'look'} most: {enumerated(items)}."
    )


def _picture(pixels: Pixels, detections: Detections, maps: AttentionMaps) -> Pixels:
    """The blended picture in its own resolution, as far as screens and paper can show it."""
    longest = max(pixels.shape[:2])
    scale = min(max(longest, _SHORTEST), _LONGEST) / longest
    size_hw = (max(1, round(pixels.shape[0] * scale)), max(1, round(pixels.shape[1] * scale)))
    own = picture(pixels, size_hw) if scale != 1 else pixels
    colours = query_colours(detections.queries)
    return blended(own, maps.decoder_cross(), colours, Grid.of(maps.forward))


def _remark(maps: AttentionMaps) -> str:
    layers, heads = maps.forward.decoder_cross.q.shape[:2]
    which = layer_and_head(-1, layers, None, heads)
    return f"Each query in its colour, strongest where its own map has its maximum ({which})."


OVERLAY: FigureKind[EntryAnalysis] = FigureKind(
    "overlay",
    draw=lambda one, options: overlay_figure(one.pixels, one.detections, one.maps, options),
    alt=lambda one: overlay_alt(one.detections, one.maps),
    applies=lambda one: len(one.detections) > 0 and one.forward.has_maps,
    tiles=lambda one, options: overlay_tiles(one.pixels, one.detections, one.maps, options),
)
