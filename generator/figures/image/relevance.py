"""Attention, rollout and relevance of the same detections, side by side, over the memory's cells.

In: pixels, a forward pass and `CausalTests`. Out: a `Figure`, or its alt text. Relevance is that of
Chefer et al. (arXiv 2103.15679).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from generator.analysis.entry_analysis import EntryAnalysis
from generator.analysis.grid import Grid
from generator.figures.colours import query_colours
from generator.figures.image.picture_grid import (
    PictureGrid,
    box_in_pixels,
    dashed_box,
    grid_tiles,
    picture_grid,
)
from generator.figures.image.tested import has_tested_maps, label_of, tests_of
from generator.figures.panels import SCALE_HEIGHT, add_scale, draw_box, draw_image, draw_map, fitted
from generator.figures.redraw import FigureKind
from generator.figures.style import INK, figure_style
from generator.figures.tiles import Tiles
from generator.figures.words import labelled, place, share, spoken
from generator.measures.rollout import decoder_mixture
from generator.project.config import FigureOptions

MOST = 3
"""How many detections are drawn."""
_REMARK = "All over the cells of the memory. Only relevance asks which class was found."
_OF_STACK = "Over the patches. Only relevance asks which class was found."
_ATTENTION, _ROLLOUT = "attention,\nlast layer", "rollout through\nthe decoder"
_RELEVANCE = "relevance through\nthe decoder"

Maps = npt.NDArray[np.float64]


def relevance_figure(one: EntryAnalysis, options: FigureOptions) -> Figure:
    """Draws three maps of each detection, with its box."""
    return _drawn(one, options).figure


def relevance_tiles(one: EntryAnalysis, options: FigureOptions) -> Tiles:
    """The same for the site."""
    grid = _drawn(one, options)
    return Tiles(grid_tiles(grid, options), _remark(one), options.colour_map, len(grid.columns))


def _drawn(one: EntryAnalysis, options: FigureOptions) -> PictureGrid:
    tests, size_hw = tests_of(one), one.detections.size_hw
    queries = tests.plan.queries[:MOST].tolist()
    colours, image = query_colours(one.detections.queries), fitted(one.pixels, 2.0)
    maps = [_maps(one, row) for row in range(len(queries))]
    count = {2: "Two", 3: "Three"}[len(maps[0])]
    heading = (f"{count} maps of what a detection was made from", _remark(one))
    with figure_style():
        grid = picture_grid(
            heading,
            ("box and class\n", *maps[0]),
            [(f"query {query}", colours[query]) for query in queries],
            size_hw,
            foot=SCALE_HEIGHT,
        )
        for row, query in enumerate(queries):
            first, *others = grid.panels[row]
            box = box_in_pixels(tests.before.boxes_cxcywh[row], size_hw)
            draw_image(first, image, size_hw)
            draw_box(first, box, colours[query], 1.4)
            score = float(tests.before.probability[row])
            grid.say(row, 0, labelled(label_of(one, row), score, 14), INK)
            for column, (axes, weights) in enumerate(zip(others, maps[row].values(), strict=True)):
                of_grid = weights.reshape(one.forward.grid_hw).astype(np.float32)
                draw_map(axes, of_grid, Grid.of(one.forward), size_hw, options.colour_map)
                dashed_box(axes, box, "white")
                grid.say(row, column + 1, f"maximum {share(float(weights.max()))}")
        height = float(grid.figure.get_size_inches()[1])
        add_scale(grid.figure, height - SCALE_HEIGHT, options.colour_map)
    return grid


def relevance_alt(one: EntryAnalysis) -> str:
    """Where the maps of each detection have their maximum, in words."""
    tests, grid = tests_of(one), Grid.of(one.forward)
    sentences = ["Three maps for each detection, from the last layer, by rollout and by relevance."]
    if not one.forward.can_be_followed:
        sentences = ["Two maps for each detection, from the last layer and by relevance."]
    for row, query in enumerate(tests.plan.queries[:MOST].tolist()):
        places = []
        for weights in _maps(one, row).values():
            cell = divmod(int(weights.argmax()), grid.hw[1])
            places.append(place(*grid.centre_of(cell)))
        label = spoken(label_of(one, row), float(tests.before.probability[row]))
        sentences.append(f"Query {query}, {label}: largest at {', '.join(places)}.")
    return " ".join(sentences)


def _remark(one: EntryAnalysis) -> str:
    return _REMARK if one.forward.joint is None else _OF_STACK


def _maps(one: EntryAnalysis, row: int) -> dict[str, Maps]:
    """Attention, rollout if there is one, and relevance, by title; each has a sum of 1.

    Of one stack, attention is the part of a row that lies on the patches.
    """
    tests = tests_of(one)
    query = int(tests.plan.queries[row])
    attention = one.maps.decoder_cross()[query].ravel().astype(np.float64)
    relevance = tests.relevance[row].astype(np.float64)
    found = {_ATTENTION: attention}
    if one.forward.can_be_followed:
        found[_ROLLOUT] = np.asarray(decoder_mixture(one.forward)[query])
    title = _RELEVANCE if one.forward.joint is None else _RELEVANCE.replace("decoder", "stack")
    return found | {title: relevance / (relevance.sum() or 1.0)}


RELEVANCE: FigureKind[EntryAnalysis] = FigureKind(
    "relevance",
    draw=relevance_figure,
    alt=relevance_alt,
    applies=has_tested_maps,
    tiles=relevance_tiles,
)
