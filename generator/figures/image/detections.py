"""The image with its detections: box, label and score, coloured by query.

In: pixels and `Detections`. Out: a `Figure`, or its alt text. If labels would hide one another,
the boxes have their queries' ids instead, and a key below the image names them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from generator.analysis.boxes import areas
from generator.analysis.detections import Detections
from generator.analysis.entry_analysis import EntryAnalysis
from generator.figures.colours import query_colours
from generator.figures.image.box_marks import named_marks_of
from generator.figures.image.labels import chip_sizes, draw_chips, place_chips, worst_overlap
from generator.figures.panels import (
    MARGIN,
    Pixels,
    add_panel,
    add_text,
    draw_box,
    draw_image,
    fitted,
    new_figure,
)
from generator.figures.redraw import FigureKind
from generator.figures.style import SMALL_SIZE, TEXT_SIZE, WIDTH, figure_style, ink_on
from generator.figures.tiles import Tile, Tiles, boxed, picture, whole_size
from generator.figures.words import enumerated, labelled, limit, place, spoken

if TYPE_CHECKING:
    from generator.project.config import FigureOptions

TALLEST, TALLEST_IN_PRINT = 7.0, 3.9
"""The largest height of the image in inches. On paper it shares a page, and a lower image keeps
its labels from being shrunk."""

# Inches: a line of the key, the note that nothing was found.
_KEY_LINE, _NOTE = 0.19, 0.3
_KEY_COLUMNS = 4

# Ids and a key replace names that would cover more than these parts of one another, or of
# the image.
_MOST_OVERLAP, _MOST_COVERED = 0.1, 0.2


def detections_figure(
    pixels: Pixels,
    detections: Detections,
    options: FigureOptions,  # noqa: ARG001  every figure takes them; this one draws no map
    tallest: float = TALLEST,
) -> Figure:
    """Draws every detection on the image.

    Args:
        pixels: (height, width, 3) RGB, the image of the detections at any resolution.
        detections: what to draw, in pixels of `detections.size_hw`.
        options: the site's figure options.
        tallest: the largest height of the image, in inches.
    """
    height, width = detections.size_hw
    scale = min((WIDTH - 2 * MARGIN) / width, tallest / height)  # inches per pixel
    texts, rectangles, font_size = _chips(detections, 1 / (72 * scale))
    keyed = bool(len(detections)) and texts[0] == str(detections.queries[0])
    below = key_height(detections) if keyed else 0.0
    note_height = 0.0 if len(detections) else _NOTE
    with figure_style():
        bottom = MARGIN + height * scale
        figure = new_figure(bottom + MARGIN + below + note_height)
        left = (WIDTH - width * scale) / 2
        axes = add_panel(figure, left, MARGIN, width * scale, height * scale)
        draw_image(axes, fitted(pixels, max(height, width) * scale), detections.size_hw)
        _draw_boxes(axes, detections)
        colours = list(query_colours(detections.queries).values())
        draw_chips(axes, rectangles, texts, colours, font_size, 1 / (72 * scale))
        if keyed:
            add_key(figure, bottom + 0.12, detections)
        if not len(detections):
            note = f"No query scores above {limit(detections.threshold)}."
            add_text(figure, WIDTH / 2, bottom + 0.1, note, ha="center")
    return figure


def detections_tiles(one: EntryAnalysis, options: FigureOptions) -> Tiles:
    """The same for the site: a single tile, on which the page writes the names."""
    detections = one.detections
    size_hw = whole_size(detections.size_hw, options.dpi)
    colours = query_colours(detections.queries)
    boxes = [
        (detections.boxes_xyxy[index], colours[int(detections.queries[index])])
        for index in np.argsort(-areas(detections.boxes_xyxy), kind="stable")
    ]
    line = float(np.interp(len(detections), (10, 60), (1.8, 1.0))) * options.dpi / 72
    shown = boxed(picture(one.pixels, size_hw), boxes, detections.size_hw, line)
    text = "" if len(detections) else f"No query scores above {limit(detections.threshold)}."
    alt, marks = detections_alt(detections), named_marks_of(detections)
    return Tiles((Tile(shown, alt, text=text, marks=marks, is_large=True),))


def detections_alt(detections: Detections) -> str:
    """What was found and where, in words; the ten best in full."""
    above = f"above {limit(detections.threshold)}"
    if not len(detections):
        return f"Image without boxes: no query scores {above}."
    height, width = detections.size_hw
    items = []
    for query, label, score, (x0, y0, x1, y1) in zip(
        detections.queries,
        detections.labels,
        detections.scores,
        detections.boxes_xyxy,
        strict=True,
    ):
        where = place((x0 + x1) / 2 / width, (y0 + y1) / 2 / height)
        items.append(f"{spoken(label, score)} (query {query}) at {where}")
    noun = "detection" if len(items) == 1 else "detections"
    return f"Image with {len(items)} {noun} {above}: {enumerated(items)}."


def _chips(detections: Detections, pixels_per_point: float) -> tuple[list[str], np.ndarray, float]:
    """Texts, rectangles and font size: names if they have room, else the queries' ids."""
    names = [labelled(n, s) for n, s in zip(detections.labels, detections.scores, strict=True)]
    ids = [str(query) for query in detections.queries]
    for texts, font_size in ((names, TEXT_SIZE), (names, SMALL_SIZE), (ids, SMALL_SIZE)):
        sizes_wh = chip_sizes(texts, font_size) * pixels_per_point
        rectangles = place_chips(detections.boxes_xyxy, sizes_wh, detections.size_hw)
        fits = bool((sizes_wh <= np.array(detections.size_hw[::-1])).all())
        covered = sizes_wh.prod(axis=1).sum() / math.prod(detections.size_hw)
        if fits and worst_overlap(rectangles) <= _MOST_OVERLAP and covered <= _MOST_COVERED:
            break
    return texts, rectangles, font_size


def _draw_boxes(axes: Axes, detections: Detections) -> None:
    """Draws the boxes, large ones first, with thinner lines if there are many."""
    colours = query_colours(detections.queries)
    line = float(np.interp(len(detections), (10, 60), (1.8, 1.0)))
    for index in np.argsort(-areas(detections.boxes_xyxy), kind="stable"):
        colour = colours[int(detections.queries[index])]
        draw_box(axes, detections.boxes_xyxy[index], colour, line)


def key_height(detections: Detections) -> float:
    """The height of the key in inches."""
    return _KEY_LINE * math.ceil(len(detections) / _KEY_COLUMNS) + 0.1


def add_key(figure: Figure, top: float, detections: Detections) -> None:
    """Names each query below the image, by id, down one column after the other."""
    colours = query_colours(detections.queries)
    lines = math.ceil(len(detections) / _KEY_COLUMNS)
    pitch = (WIDTH - 2 * MARGIN) / _KEY_COLUMNS
    for position, index in enumerate(np.argsort(detections.queries)):
        column, line = divmod(position, lines)
        query, left = int(detections.queries[index]), MARGIN + column * pitch
        middle = top + (line + 0.5) * _KEY_LINE
        chip = {"boxstyle": "round,pad=0.2", "facecolor": colours[query], "edgecolor": "none"}
        style = {"fontsize": SMALL_SIZE, "va": "center_baseline"}
        ink = ink_on(colours[query])
        add_text(
            figure, left + 0.16, middle, str(query), ha="center", color=ink, bbox=chip, **style
        )
        text = labelled(detections.labels[index], float(detections.scores[index]), 18)
        add_text(figure, left + 0.36, middle, text, **style)


DETECTIONS: FigureKind[EntryAnalysis] = FigureKind(
    "detections",
    draw=lambda one, options: detections_figure(one.pixels, one.detections, options),
    alt=lambda one: detections_alt(one.detections),
    tiles=detections_tiles,
    draw_for_print=lambda one, options: detections_figure(
        one.pixels, one.detections, options, TALLEST_IN_PRINT
    ),
)
