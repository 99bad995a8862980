"""What sampled attention reads: points over the picture, sized by weight, coloured by head.

In: an `EntryAnalysis` of a model with deformable attention. Out: a `Figure` for print, tiles for
the site, or the alt text; one of queries, and one of the encoder's cells. A row is a query or a
point of the image, a column a level of the feature maps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from generator.analysis.entry_analysis import EntryAnalysis
from generator.analysis.sampled import LevelPoints, cell_of_level, points_of
from generator.figures.colours import point_colours, query_colours
from generator.figures.image.picture_grid import PictureGrid, dashed_box, grid_tiles, picture_grid
from generator.figures.panels import MARGIN, SizeHW, add_text, draw_image, fitted
from generator.figures.redraw import FigureKind
from generator.figures.style import GREY, INK, SMALL_SIZE, figure_style
from generator.figures.tiles import Tiles
from generator.figures.words import enumerated, labelled, place, share
from generator.project.config import FigureOptions

MOST = 4
"""How many queries are drawn, the best ones."""
_FOOT = 0.3
_LARGEST = 4.2
"""Diameter of a point that has all of a head's weight, in points of print, at a panel's width of
one inch; areas grow with weights."""
_PALE = 0.4


@dataclass(frozen=True, eq=False)
class _Row:
    """A query, or a point of the image, and what it reads.

    Attributes:
        label: what is written below its first panel.
        start: the box, (4,) in pixels, or the point, (2,), that it belongs to.
    """

    name: str
    label: str
    colour: str
    start: npt.NDArray[np.float64]
    read: LevelPoints


def sampled_figure(rows: list[_Row], title: str, one: EntryAnalysis, stack: str) -> PictureGrid:
    """Draws a row of panels for each: all levels, then each level."""
    points, size_hw = one.forward.points[stack], one.forward.size_hw
    image = _pale(fitted(one.pixels, 2.0))
    columns = [
        f"level {number}\n{h} × {w} cells"
        for number, (h, w) in enumerate(points.levels_hw, start=1)
    ]
    with figure_style():
        drawn = picture_grid(
            (title, _remark(points.heads, points.weights.shape[-1])),
            ("all levels\n", *columns),
            [(row.name, row.colour) for row in rows],
            size_hw,
            foot=_FOOT,
        )
        for number, row in enumerate(rows):
            of_levels = row.read.weights.sum(axis=(0, 2)) / points.heads
            for column, axes in enumerate(drawn.panels[number]):
                draw_image(axes, image, size_hw)
                _draw_start(axes, row)
                chosen = slice(None) if column == 0 else slice(column - 1, column)
                width = axes.get_position().width * float(drawn.figure.get_size_inches()[0])
                _draw_points(axes, row.read, chosen, size_hw, width)
                text = row.label if column == 0 else f"{share(float(of_levels[column - 1]))} of it"
                drawn.say(number, column, text, INK if column == 0 else GREY)
        _add_heads(drawn, points.heads)
    return drawn


def _remark(heads: int, points: int) -> str:
    return (
        f"Last layer. Each of {heads} heads reads {points} points a level; a point's area is its "
        "weight, its colour the head."
    )


def _pale(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    grey = pixels.mean(axis=2, keepdims=True)
    return np.asarray(255 - _PALE * (255 - np.repeat(grey, 3, axis=2)), np.uint8)


def _draw_start(axes: Axes, row: _Row) -> None:
    """The query's box, or the point, that what it reads belongs to."""
    if len(row.start) == 4:
        dashed_box(axes, row.start, row.colour)
    else:
        axes.plot(*row.start, "+", color=INK, markersize=6, markeredgewidth=1.1, zorder=6)


def _draw_points(
    axes: Axes, read: LevelPoints, levels: slice, size_hw: SizeHW, inches: float
) -> None:
    """The points of some levels on axes of a width; what lies outside the image is not drawn."""
    height, width = size_hw
    heads = read.weights.shape[0]
    colours = point_colours(heads)
    for head in range(heads):
        xy = read.places[head, levels].reshape(-1, 2) * (width, height)
        weights = read.weights[head, levels].ravel()
        axes.scatter(
            xy[:, 0], xy[:, 1], s=(_LARGEST * inches * 2) ** 2 * weights, color=colours[head],
            alpha=0.8, edgecolors="white", linewidths=0.3, zorder=5,
        )  # fmt: skip
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)


def _add_heads(drawn: PictureGrid, heads: int) -> None:
    """The colours of the heads, at the foot."""
    height = float(drawn.figure.get_size_inches()[1])
    for head, colour in enumerate(point_colours(heads)):
        left = MARGIN + 0.62 * head
        add_text(drawn.figure, left, height - 0.16, f"● head {head + 1}", color=colour,
                 fontsize=SMALL_SIZE, va="center")  # fmt: skip


def _queries(one: EntryAnalysis) -> list[_Row]:
    """The best detections; without one, the query that is surest of its class."""
    found, forward = one.detections, one.forward
    colours = query_colours(found.queries)
    return [
        _Row(
            f"query {query}",
            labelled(found.labels[row], float(found.scores[row]), 14),
            colours[query],
            found.boxes_xyxy[row],
            points_of(forward.points["decoder_cross"], -1, query),
        )
        for row, query in enumerate(found.queries[:MOST].tolist())
    ]


def _cells(one: EntryAnalysis) -> list[_Row]:
    """The finest level's cells at the reference points."""
    points, (height, width) = one.forward.points["encoder_self"], one.forward.size_hw
    colours = point_colours(len(one.points))
    rows = []
    for number, (point, colour) in enumerate(zip(one.points, colours, strict=True), start=1):
        token = cell_of_level(point, points.levels_hw, 0)
        start = np.array(point) * (width, height)
        read = points_of(points, -1, token)
        rows.append(_Row(f"point {number}", place(*point), colour, start, read))
    return rows


def _alt(rows: list[_Row], what: str) -> str:
    """How far what is read is spread, and on which levels, in words."""
    items = []
    for row in rows:
        levels = row.read.weights.sum(axis=(0, 2)) / len(row.read.weights)
        most = int(levels.argmax())
        where = place(*np.clip(row.read.middle, 0, 1).tolist())
        items.append(
            f"{row.name} ({row.label}) reads around {where}, most of it, "
            f"{share(float(levels[most]))}, on level {most + 1}"
        )
    return f"Sampling points of {what}: {enumerated(items)}."


def _tiles(drawn: PictureGrid, one: EntryAnalysis, stack: str, options: FigureOptions) -> Tiles:
    points = one.forward.points[stack]
    heads = enumerated([
        f"head {head + 1} {_colour_name(head)}" for head in range(points.heads)
    ])  # fmt: skip
    remark = f"{_remark(points.heads, points.weights.shape[-1])} Colours: {heads}."
    return Tiles(grid_tiles(drawn, options), remark, "", len(drawn.columns))


def _colour_name(head: int) -> str:
    names = ("blue", "yellow", "red", "light blue", "purple", "indigo", "pink", "brown")
    return names[head] if head < len(names) else "another"


_QUERIES_TITLE = "Sampled cross-attention: what each query reads"
_CELLS_TITLE = "Sampled encoder attention: what the cell at each point reads"

QUERY_POINTS: FigureKind[EntryAnalysis] = FigureKind(
    "query_points",
    draw=lambda one, _: sampled_figure(
        _queries(one), _QUERIES_TITLE, one, "decoder_cross"
    ).figure,
    alt=lambda one: _alt(_queries(one), "the kept queries"),
    applies=lambda one: "decoder_cross" in one.forward.points and len(one.detections) > 0,
    tiles=lambda one, options: _tiles(
        sampled_figure(_queries(one), _QUERIES_TITLE, one, "decoder_cross"),
        one, "decoder_cross", options,
    ),
)  # fmt: skip
ENCODER_POINTS: FigureKind[EntryAnalysis] = FigureKind(
    "encoder_points",
    draw=lambda one, _: sampled_figure(_cells(one), _CELLS_TITLE, one, "encoder_self").figure,
    alt=lambda one: _alt(_cells(one), "the finest level's cells"),
    applies=lambda one: "encoder_self" in one.forward.points and len(one.points) > 0,
    tiles=lambda one, options: _tiles(
        sampled_figure(_cells(one), _CELLS_TITLE, one, "encoder_self"),
        one, "encoder_self", options,
    ),
)  # fmt: skip
