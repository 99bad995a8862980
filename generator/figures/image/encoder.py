"""Encoder self-attention at reference points: the image and, around it, a map for each point.

In: pixels, `AttentionMaps` and points. Out: a `Figure`, or its alt text. There are two
directions that must not be mixed up: a row of the matrix is where the point looks, a column
is which cells look at the point.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from generator.analysis.attention import AttentionMaps
from generator.analysis.cells import cell_box_xyxy, cell_of_point
from generator.analysis.entry_analysis import EntryAnalysis
from generator.analysis.grid import Cell, Grid, Point
from generator.figures.colours import point_colours
from generator.figures.image.arrangement import Arrangement, arrange
from generator.figures.image.encoder_tiles import point_tiles
from generator.figures.image.labels import chip_sizes, draw_chips, place_chips
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
    fitted,
    new_figure,
)
from generator.figures.redraw import FigureKind
from generator.figures.style import GREY, SMALL_SIZE, TEXT_SIZE, WIDTH, figure_style, ink_on
from generator.figures.tiles import Tiles
from generator.figures.words import attention_name, enumerated, layer_and_head, place, share
from generator.inference.forward_pass import FloatArray

if TYPE_CHECKING:
    from generator.project.config import FigureOptions

Direction = Literal["row", "column"]

_TITLES = {
    "row": "{name}: where each point looks",
    "column": "{name}: who looks at each point",
}
_REMARKS = {
    "row": "Each map is one row of the attention matrix ({which}); its cells sum to 1.",
    "column": "Each map is one column of the attention matrix ({which}); "
    "its sum is printed, 1 on average.",
}

_REMARKS_OF_ONE_STACK = {
    "row": "Each map is a part of one row ({which}) and sums to less than 1; other tokens have the "
    "rest.",
    "column": "Each map is a part of one column ({which}); its sum is printed.",
}
"""Where patches share their softmax with other tokens."""

# Inches: space between maps, the line above each, the narrowest column that holds such a
# line, and the tallest block of image and maps.
_GAP, _TITLE, _NARROWEST, _TALLEST = 0.12, 0.24, 0.86, 8.2
_TWO_LINES, _ROOM_FOR_ONE_LINE = 0.38, 1.5


@dataclass(frozen=True)
class _Frame:
    """The arrangement in inches; the image and the maps are centred in their places."""

    arrangement: Arrangement
    left: float
    title: float
    pitch_xy: tuple[float, float]
    aspect: float

    def panel(self, place_cr: tuple[float, float], span: int) -> tuple[float, float, float, float]:
        """Left, top, width and height of the panel at (column, row)."""
        room_w = span * self.pitch_xy[0] - _GAP
        room_h = span * self.pitch_xy[1] - self.title - _GAP
        width = min(room_w, room_h * self.aspect)
        height = width / self.aspect
        left = self.left + place_cr[0] * self.pitch_xy[0] + (room_w - width) / 2
        top = HEADING_HEIGHT + place_cr[1] * self.pitch_xy[1] + self.title
        return left, top + (room_h - height) / 2, width, height

    @property
    def height(self) -> float:
        """Of the whole figure."""
        return HEADING_HEIGHT + self.arrangement.rows * self.pitch_xy[1] + SCALE_HEIGHT


def encoder_figure(
    pixels: Pixels,
    maps: AttentionMaps,
    points: tuple[Point, ...],
    options: FigureOptions,
    *,
    direction: Direction,
    layer: int = -1,
    head: int | None = None,
) -> Figure:
    """Draws the image with its numbered points, and each point's map around it.

    Args:
        pixels: (height, width, 3) RGB, the image of the maps at any resolution.
        maps: the attention of the image.
        points: (x, y) fractions of width and height; each stands for the cell that is nearest.
        options: the site's figure options.
        direction: "row" is where the point looks, "column" which cells look at it.
        layer: encoder layer, from 0, or from the last one with -1.
        head: from 0; None draws the mean over the heads.

    Raises:
        IndexError: the encoder has no such layer or head.
        ValueError: a point is outside the image.
    """
    layers, heads = maps.forward.encoder_self.q.shape[:2]
    cells, weights = _point_maps(maps, points, direction, layer, head)
    size_hw, grid = maps.forward.size_hw, Grid.of(maps.forward)
    frame = _frame(len(points), size_hw[1] / size_hw[0], direction)
    colours = point_colours(len(points))
    with figure_style():
        figure = new_figure(frame.height)
        which = layer_and_head(layer, layers, head, heads)
        title = _TITLES[direction].format(name=attention_name("encoder_self", maps.forward))
        add_heading(figure, title, _remark(maps, direction, which))
        panel = frame.panel(frame.arrangement.image, frame.arrangement.span)
        image_axes = add_panel(figure, *panel)
        draw_image(image_axes, fitted(pixels, max(panel[2:])), size_hw)
        _draw_points(image_axes, points, colours, size_hw, size_hw[1] / (72 * panel[2]))
        for number, (slot, cell) in enumerate(zip(frame.arrangement.slots, cells, strict=True)):
            panel = frame.panel(slot, 1)
            axes = add_panel(figure, *panel)
            draw_map(axes, weights[number], grid, size_hw, options.colour_map)
            pixels_per_point = size_hw[1] / (72 * panel[2])
            outline = np.array(cell_box_xyxy(cell, grid, size_hw))
            outline += np.array([-1, -1, 1, 1]) * pixels_per_point  # leaves the cell itself free
            draw_box(axes, outline, colours[number], 1.0)
            text = _scale_text(weights[number], direction)
            _add_title(figure, frame, slot, number + 1, colours[number], text)
        add_scale(figure, frame.height - SCALE_HEIGHT, options.colour_map)
    return figure


def _remark(maps: AttentionMaps, direction: Direction, which: str) -> str:
    """What a map is a part of, and what it sums to."""
    remarks = _REMARKS if maps.forward.joint is None else _REMARKS_OF_ONE_STACK
    return remarks[direction].format(which=which)


def encoder_alt(
    maps: AttentionMaps,
    points: tuple[Point, ...],
    *,
    direction: Direction,
    layer: int = -1,
    head: int | None = None,
) -> str:
    """Where each point is and where its map is strongest, in words.

    Raises:
        IndexError: the encoder has no such layer or head.
        ValueError: a point is outside the image.
    """
    _, weights = _point_maps(maps, points, direction, layer, head)
    items = _point_words(points, weights, Grid.of(maps.forward), direction)
    what = "where each looks" if direction == "row" else "who looks at each"
    noun = "point" if len(items) == 1 else "points"
    name = attention_name("encoder_self", maps.forward)
    name = name[0].lower() + name[1:]
    start = f"Image with {len(items)} numbered {noun} and maps of {what}, {name}"
    return f"{start}: {enumerated(items, 12)}." if items else f"{start}."


def encoder_tiles(one: EntryAnalysis, options: FigureOptions, direction: Direction) -> Tiles:
    """The maps of the last layer, mean of the heads, for the site."""
    cells, weights = _point_maps(one.maps, one.points, direction, -1, None)
    grid, size_hw = Grid.of(one.forward), one.forward.size_hw
    texts = [_scale_text(each, direction) for each in weights]
    words = _point_words(one.points, weights, grid, direction)
    maps = list(zip(cells, weights, texts, words, strict=True))
    layers, heads = one.forward.encoder_self.q.shape[:2]
    which = layer_and_head(-1, layers, None, heads)
    tiles = point_tiles(one.pixels, one.points, maps, grid, size_hw, options)
    return Tiles(tiles, _remark(one.maps, direction, which), options.colour_map)


def _point_words(
    points: tuple[Point, ...], weights: list[FloatArray], grid: Grid, direction: Direction
) -> list[str]:
    """Where each point is, and where its map is strongest."""
    items = []
    for number, (point, one_map) in enumerate(zip(points, weights, strict=True), start=1):
        where = place(*grid.centre_of(divmod(int(one_map.argmax()), grid.hw[1])))
        verb = "looks most at" if direction == "row" else "is looked at most from"
        items.append(f"point {number} at {place(*point)} {verb} {where}")
    return items


def _point_maps(
    maps: AttentionMaps,
    points: tuple[Point, ...],
    direction: Direction,
    layer: int,
    head: int | None,
) -> tuple[list[Cell], list[FloatArray]]:
    """Each point's cell and (h, w) map."""
    of_cell = maps.encoder_row if direction == "row" else maps.encoder_column
    cells = [cell_of_point(point, Grid.of(maps.forward)) for point in points]
    return cells, [of_cell(cell, layer, head) for cell in cells]


def _frame(n: int, aspect: float, direction: Direction) -> _Frame:
    """Makes the maps as large as the figure's width and the tallest block allow."""
    arrangement = arrange(n, aspect)
    widest = (WIDTH - 2 * MARGIN + _GAP) / arrangement.columns - _GAP
    title = _TITLE
    for title in (_TITLE, _TWO_LINES):
        tallest = _TALLEST / arrangement.rows - title - _GAP
        width = min(widest, tallest * aspect)
        column = min(max(width, _NARROWEST), widest)
        if direction == "row" or column >= _ROOM_FOR_ONE_LINE:
            break
    pitch_xy = column + _GAP, width / aspect + title + _GAP
    left = (WIDTH - arrangement.columns * pitch_xy[0] + _GAP) / 2
    return _Frame(arrangement, left, title, pitch_xy, aspect)


def _draw_points(
    axes: Axes,
    points: tuple[Point, ...],
    colours: tuple[str, ...],
    size_hw: SizeHW,
    pixels_per_point: float,
) -> None:
    """Draws a dot at each point and, next to it and away from other dots, its number."""
    centres = np.array(points).reshape(-1, 2) * np.array(size_hw[::-1])
    for (x, y), colour in zip(centres, colours, strict=True):
        edge: dict[str, Any] = {"markeredgecolor": "white", "markeredgewidth": 0.9}
        axes.plot([x], [y], "o", color=colour, markersize=5.5, clip_on=False, zorder=5, **edge)
    numbers = [str(number) for number in range(1, len(points) + 1)]
    half = 3.5 * pixels_per_point
    dots = np.concatenate([centres - half, centres + half], axis=1)
    sizes_wh = chip_sizes(numbers, TEXT_SIZE) * pixels_per_point
    rectangles = place_chips(dots, sizes_wh, size_hw)
    draw_chips(axes, rectangles, numbers, colours, TEXT_SIZE, pixels_per_point)


def _scale_text(weights: FloatArray, direction: Direction) -> str:
    """What the colours of a map do not show: its maximum and, for a column, its sum."""
    text = f"max {share(float(weights.max()))}"
    if direction == "row":
        return text
    total = float(weights.sum())
    return f"{text}, sum {total:.2f}" if total < 10 else f"{text}, sum {total:.0f}"


def _add_title(
    figure: Figure, frame: _Frame, slot: tuple[float, float], number: int, colour: str, text: str
) -> None:
    """Writes a point's number and a text above the place of its map."""
    left = frame.left + slot[0] * frame.pitch_xy[0]
    middle = HEADING_HEIGHT + slot[1] * frame.pitch_xy[1] + frame.title / 2 - 0.01
    chip = {"boxstyle": "round,pad=0.25", "facecolor": colour, "edgecolor": "none"}
    line = {"va": "center_baseline", "fontsize": TEXT_SIZE, "color": ink_on(colour)}
    add_text(figure, left + 0.03, middle, str(number), bbox=chip, **line)
    if frame.title == _TWO_LINES:
        text = text.replace(", ", "\n")
    style = {"va": "center", "fontsize": SMALL_SIZE, "color": GREY, "linespacing": 1.1}
    add_text(figure, left + 0.27, middle, text, **style)


ENCODER_ROW: FigureKind[EntryAnalysis] = FigureKind(
    "encoder_row",
    draw=lambda one, options: encoder_figure(
        one.pixels, one.maps, one.points, options, direction="row"
    ),
    alt=lambda one: encoder_alt(one.maps, one.points, direction="row"),
    applies=lambda one: len(one.forward.encoder_self) > 0,
    tiles=lambda one, options: encoder_tiles(one, options, "row"),
)
ENCODER_COLUMN: FigureKind[EntryAnalysis] = FigureKind(
    "encoder_column",
    draw=lambda one, options: encoder_figure(
        one.pixels, one.maps, one.points, options, direction="column"
    ),
    alt=lambda one: encoder_alt(one.maps, one.points, direction="column"),
    applies=lambda one: len(one.forward.encoder_self) > 0,
    tiles=lambda one, options: encoder_tiles(one, options, "column"),
)
