"""Decoder cross-attention: where each query looked, above the box and class it predicted.

In: pixels, `Detections` and `AttentionMaps`. Out: a `Figure`, or its alt text. The kept queries
are side by side, best score first, in as many rows as they need; the other queries are not
drawn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from generator.analysis.attention import AttentionMaps
from generator.analysis.detections import Detections
from generator.analysis.entry_analysis import EntryAnalysis
from generator.analysis.grid import Grid
from generator.figures.colours import query_colours
from generator.figures.image.decoder_tiles import query_tiles, query_words
from generator.figures.panels import (
    HEADING_HEIGHT,
    MARGIN,
    SCALE_HEIGHT,
    Pixels,
    SizeHW,
    add_heading,
    add_panel,
    add_scale,
    add_text,
    draw_box,
    draw_image,
    draw_map,
    faded,
    fitted,
    new_figure,
)
from generator.figures.redraw import FigureKind
from generator.figures.style import GREY, SMALL_SIZE, TEXT_SIZE, WIDTH, figure_style, ink_on
from generator.figures.tiles import Tiles
from generator.figures.words import (
    attention_name,
    enumerated,
    labelled,
    layer_and_head,
    limit,
    share,
)
from generator.inference.forward_pass import FloatArray
from generator.measures.rollout import query_rollout

if TYPE_CHECKING:
    from generator.project.config import FigureOptions

Box = npt.NDArray[np.float64]

_MOST_COLUMNS = 5

# Inches: space between columns; lines above and below the two panels of a query; bounds of
# a panel; and of the figure, so that a hundred queries still fit one file.
_GAP, _TITLE, _PEAK, _LABEL = 0.14, 0.26, 0.2, 0.34
_TALLEST_PANEL, _LOWEST_PANEL, _TALLEST_SHEET = 2.0, 0.45, 50.0


@dataclass(frozen=True)
class _Sheet:
    """How the queries are wrapped; lengths in inches."""

    columns: int
    rows: int
    pitch: float
    panel_wh: tuple[float, float]

    @property
    def row_height(self) -> float:
        return 2 * self.panel_wh[1] + _TITLE + _PEAK + _LABEL


@dataclass(frozen=True)
class _Kept:
    """One kept query, ready to be drawn."""

    query: int
    colour: str
    text: str
    box_xyxy: Box
    weights: FloatArray


def decoder_figure(
    pixels: Pixels,
    detections: Detections,
    maps: AttentionMaps,
    options: FigureOptions,
    layer: int = -1,
    head: int | None = None,
) -> Figure:
    """Draws each kept query's map, and below it its box and class.

    Args:
        pixels: (height, width, 3) RGB, the image of the detections at any resolution.
        detections: of the same forward pass as `maps`.
        maps: the attention of the image.
        options: the site's figure options.
        layer: decoder layer of the maps, from 0, or from the last one with -1.
        head: from 0; None draws the mean over the heads.

    Raises:
        IndexError: the decoder has no such layer or head.
    """
    weights = maps.decoder_cross(layer, head)  # (queries, h, w)
    layers, heads = maps.forward.decoder_cross.q.shape[:2]
    which = layer_and_head(layer, layers, head, heads)
    heading = (
        f"{attention_name('decoder_cross', maps.forward)} of the kept queries",
        f"Above: where the query looks ({which}). Below: the box and class it predicts.",
    )
    return _query_maps(pixels, detections, weights, Grid.of(maps.forward), heading, options)


def rollout_figure(
    pixels: Pixels,
    detections: Detections,
    weights: FloatArray,
    grid: Grid,
    options: FigureOptions,
) -> Figure:
    """Draws each kept query's rollout in the same way as `decoder_figure` draws raw attention.

    Args:
        weights: (queries, h, w), each map sums to 1.
        grid: where their cells lie.
        pixels, detections, options: as for `decoder_figure`.
    """
    heading = (
        "Attention rollout of the kept queries",
        "Above: what the query's answer is mixed from, through all layers. Below: its box.",
    )
    return _query_maps(pixels, detections, weights, grid, heading, options)


def _query_maps(
    pixels: Pixels,
    detections: Detections,
    weights: FloatArray,
    grid: Grid,
    heading: tuple[str, str],
    options: FigureOptions,
) -> Figure:
    """Draws the map of each kept query, (queries, h, w), and below it its box and class."""
    if not len(detections):
        return _empty_figure(pixels, detections)
    sheet = _wrap(len(detections), detections.size_hw)
    image = fitted(pixels, max(sheet.panel_wh))
    height = HEADING_HEIGHT + sheet.rows * sheet.row_height + SCALE_HEIGHT
    with figure_style():
        figure = new_figure(height)
        add_heading(figure, *heading)
        for position, kept in enumerate(_kept(detections, weights)):
            row, column = divmod(position, sheet.columns)
            middle = MARGIN + column * sheet.pitch + (sheet.pitch - _GAP) / 2
            top = HEADING_HEIGHT + row * sheet.row_height
            upper, lower = _add_query(figure, middle, top, sheet, kept)
            draw_map(upper, kept.weights, grid, detections.size_hw, options.colour_map)
            draw_image(lower, faded(image, kept.box_xyxy, detections.size_hw), detections.size_hw)
            draw_box(lower, kept.box_xyxy, kept.colour, 1.4)
        add_scale(figure, height - SCALE_HEIGHT, options.colour_map)
    return figure


def decoder_alt(
    detections: Detections, maps: AttentionMaps, layer: int = -1, head: int | None = None
) -> str:
    """Where each kept query looks most, in words; the ten best in full.

    Raises:
        IndexError: the decoder has no such layer or head.
    """
    weights = maps.decoder_cross(layer, head)
    if not len(detections):
        return f"No attention maps: no query scores above {limit(detections.threshold)}."
    items = query_words(detections, weights, Grid.of(maps.forward))
    noun = "map" if len(items) == 1 else "maps"
    name = attention_name("decoder_cross", maps.forward)
    return f"{name}, {len(items)} {noun}: {enumerated(items)}."


def rollout_alt(detections: Detections, weights: FloatArray, grid: Grid) -> str:
    """Which rollouts there are and where each is strongest, in words.

    Args:
        weights: of all queries, (queries, h, w).
    """
    if not len(detections):
        return f"No rollout: no query scores above {limit(detections.threshold)}."
    items = query_words(detections, weights, grid)
    noun = "map" if len(items) == 1 else "maps"
    return f"Attention rollout through all layers, {len(items)} {noun}: {enumerated(items)}."


def _kept(detections: Detections, weights: FloatArray) -> list[_Kept]:
    colours = query_colours(detections.queries)
    return [
        _Kept(query, colours[query], labelled(label, score, 16), box_xyxy, weights[query])
        for query, label, score, box_xyxy in zip(
            detections.queries.tolist(),
            detections.labels,
            detections.scores.tolist(),
            detections.boxes_xyxy,
            strict=True,
        )
    ]


def _wrap(n: int, size_hw: SizeHW) -> _Sheet:
    """Wraps n queries into even rows; wide images get fewer columns, to stay readable."""
    aspect = size_hw[1] / size_hw[0]
    sheets = []
    for most in range(min(n, _MOST_COLUMNS), 0, -1):
        rows = math.ceil(n / most)
        columns = math.ceil(n / rows)
        pitch = (WIDTH - 2 * MARGIN + _GAP) / columns
        row_height = (_TALLEST_SHEET - HEADING_HEIGHT - SCALE_HEIGHT) / rows
        room = (row_height - _TITLE - _PEAK - _LABEL) / 2
        height = min((pitch - _GAP) / aspect, _TALLEST_PANEL, max(room, 0.1))
        sheets.append(_Sheet(columns, rows, pitch, (height * aspect, height)))
    return max(sheets, key=lambda sheet: min(sheet.panel_wh[1], _LOWEST_PANEL))


def _add_query(
    figure: Figure, middle: float, top: float, sheet: _Sheet, kept: _Kept
) -> tuple[Axes, Axes]:
    """Adds a query's texts and its two empty panels, one above the other."""
    width, height = sheet.panel_wh
    chip = {"boxstyle": "round,pad=0.25", "facecolor": kept.colour, "edgecolor": "none"}
    centred = {"ha": "center", "va": "center_baseline"}
    title = f"query {kept.query}"
    add_text(figure, middle, top + 0.12, title, color=ink_on(kept.colour), bbox=chip, **centred)
    upper = add_panel(figure, middle - width / 2, top + _TITLE, width, height)
    peak = f"maximum {share(float(kept.weights.max()))}"
    top += _TITLE + height
    add_text(figure, middle, top + _PEAK / 2, peak, fontsize=SMALL_SIZE, color=GREY, **centred)
    lower = add_panel(figure, middle - width / 2, top + _PEAK, width, height)
    top += _PEAK + height
    add_text(figure, middle, top + 0.12, kept.text, fontsize=TEXT_SIZE, **centred)
    return upper, lower


def _empty_figure(pixels: Pixels, detections: Detections) -> Figure:
    """The bleached image and a sentence: there is no query to draw a map for."""
    height, width = detections.size_hw
    scale = min((WIDTH - 2 * MARGIN) / width, _TALLEST_PANEL / height)
    with figure_style():
        figure = new_figure(MARGIN + height * scale + _LABEL)
        left = (WIDTH - width * scale) / 2
        axes = add_panel(figure, left, MARGIN, width * scale, height * scale)
        image = fitted(pixels, max(height, width) * scale)
        draw_image(axes, faded(image, np.zeros(4), detections.size_hw), detections.size_hw)
        text = f"No query scores above {limit(detections.threshold)}: there is no map to draw."
        add_text(figure, WIDTH / 2, MARGIN + height * scale + 0.1, text, ha="center")
    return figure


def decoder_tiles(one: EntryAnalysis, options: FigureOptions) -> Tiles:
    """The maps of the last layer, mean of the heads, for the site."""
    layers, heads = one.forward.decoder_cross.q.shape[:2]
    which = layer_and_head(-1, layers, None, heads)
    weights, grid = one.maps.decoder_cross(), Grid.of(one.forward)
    return query_tiles(one.pixels, one.detections, weights, grid, options, f"Maps: {which}.")


def rollout_tiles(one: EntryAnalysis, options: FigureOptions) -> Tiles:
    """The rollouts for the site."""
    weights, grid = query_rollout(one.forward), Grid.of(one.forward)
    return query_tiles(one.pixels, one.detections, weights, grid, options, "Through all layers.")


DECODER: FigureKind[EntryAnalysis] = FigureKind(
    "decoder",
    draw=lambda one, options: decoder_figure(one.pixels, one.detections, one.maps, options),
    alt=lambda one: decoder_alt(one.detections, one.maps),
    applies=lambda one: one.forward.has_maps,
    tiles=decoder_tiles,
)
ROLLOUT: FigureKind[EntryAnalysis] = FigureKind(
    "rollout",
    draw=lambda one, options: rollout_figure(
        one.pixels, one.detections, query_rollout(one.forward), Grid.of(one.forward), options
    ),
    alt=lambda one: rollout_alt(one.detections, query_rollout(one.forward), Grid.of(one.forward)),
    applies=lambda one: one.forward.can_be_followed,
    tiles=rollout_tiles,
)
