"""What a query looks for, and where, beside each other: the two parts of conditional attention.

In: an `EntryAnalysis` of a model whose cross-attention compares contents and places side by side
(Conditional DETR, DAB-DETR). Out: a `Figure` for print, tiles for the site, or the alt text.
"""

from __future__ import annotations

import numpy as np

from generator.analysis.entry_analysis import EntryAnalysis
from generator.analysis.grid import Grid
from generator.figures.colours import query_colours
from generator.figures.image.picture_grid import PictureGrid, dashed_box, grid_tiles, picture_grid
from generator.figures.panels import SCALE_HEIGHT, add_scale, draw_box, draw_image, draw_map, fitted
from generator.figures.redraw import FigureKind
from generator.figures.style import INK, figure_style
from generator.figures.tiles import Tiles
from generator.figures.words import labelled, place, share, spoken
from generator.inference.forward_pass import FloatArray
from generator.project.config import FigureOptions

MOST = 4
"""How many detections are drawn."""
_REMARK = "Last layer, mean of the heads. In each head the attention is the product of both."
_TITLES = ("what: by\ncontent alone", "where: by\nplace alone", "both: the\nattention")


def what_and_where_figure(one: EntryAnalysis, options: FigureOptions) -> PictureGrid:
    """Draws the box and three maps of each of the best detections."""
    found, size_hw, grid = one.detections, one.forward.size_hw, Grid.of(one.forward)
    colours, image = query_colours(found.queries), fitted(one.pixels, 2.0)
    maps = _maps(one)
    with figure_style():
        drawn = picture_grid(
            ("What a query looks for, and where", _REMARK),
            ("box and class\n", *_TITLES),
            [(f"query {query}", colours[query]) for query in found.queries[:MOST].tolist()],
            size_hw,
            foot=SCALE_HEIGHT,
        )
        for row, query in enumerate(found.queries[:MOST].tolist()):
            first, *others = drawn.panels[row]
            draw_image(first, image, size_hw)
            draw_box(first, found.boxes_xyxy[row], colours[query], 1.4)
            drawn.say(row, 0, labelled(found.labels[row], float(found.scores[row]), 14), INK)
            for column, (axes, of_part) in enumerate(zip(others, maps, strict=True)):
                draw_map(axes, of_part[query], grid, size_hw, options.colour_map)
                dashed_box(axes, found.boxes_xyxy[row], "white")
                drawn.say(row, column + 1, f"maximum {share(float(of_part[query].max()))}")
        height = float(drawn.figure.get_size_inches()[1])
        add_scale(drawn.figure, height - SCALE_HEIGHT, options.colour_map)
    return drawn


def what_and_where_tiles(one: EntryAnalysis, options: FigureOptions) -> Tiles:
    """The same for the site."""
    drawn = what_and_where_figure(one, options)
    return Tiles(grid_tiles(drawn, options), _REMARK, options.colour_map, len(drawn.columns))


def what_and_where_alt(one: EntryAnalysis) -> str:
    """Where the maps of each detection have their maximum, in words."""
    found, grid, maps = one.detections, Grid.of(one.forward), _maps(one)
    sentences = ["For each detection, where its query looks by content, by place, and by both."]
    for row, query in enumerate(found.queries[:MOST].tolist()):
        cells = [np.unravel_index(int(of_part[query].argmax()), grid.hw) for of_part in maps]
        places = [place(*grid.centre_of((int(y), int(x)))) for y, x in cells]
        label = spoken(found.labels[row], float(found.scores[row]))
        sentences.append(f"Query {query}, {label}: largest at {', '.join(places)}.")
    return " ".join(sentences)


def _maps(one: EntryAnalysis) -> tuple[FloatArray, FloatArray, FloatArray]:
    return (*one.maps.cross_parts(), one.maps.decoder_cross())


WHAT_AND_WHERE: FigureKind[EntryAnalysis] = FigureKind(
    "what_and_where",
    draw=lambda one, options: what_and_where_figure(one, options).figure,
    alt=what_and_where_alt,
    applies=lambda one: one.forward.decoder_cross.place > 0 and len(one.detections) > 0,
    tiles=what_and_where_tiles,
)
