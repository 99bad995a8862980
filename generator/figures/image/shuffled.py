"""What is left of a map when the weights are shuffled (arXiv 1810.03292).

In: pixels, a forward pass and `CausalTests`. Out: a `Figure`, or its alt text.
"""

from __future__ import annotations

import numpy as np
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
from generator.figures.panels import SCALE_HEIGHT, add_scale, draw_map
from generator.figures.redraw import FigureKind
from generator.figures.style import figure_style
from generator.figures.tiles import Tiles
from generator.measures.causal.shuffling import Map, rank_correlations
from generator.measures.digits import in_digits
from generator.project.config import FigureOptions

MOST = 2
"""How many detections are drawn."""
_REMARK = "The numbers of each matrix, shuffled. r: rank correlation with the map as learned."
_STAGES = ("the decoder\nshuffled", "decoder and\nencoder shuffled")
_OF_STACK = ("the stack\nshuffled",)


def shuffled_figure(one: EntryAnalysis, options: FigureOptions) -> Figure:
    """Draws attention and relevance before and after; below, how alike they are."""
    return _drawn(one, options).figure


def shuffled_tiles(one: EntryAnalysis, options: FigureOptions) -> Tiles:
    """The same for the site."""
    grid = _drawn(one, options)
    return Tiles(grid_tiles(grid, options), _REMARK, options.colour_map, len(grid.columns))


def _drawn(one: EntryAnalysis, options: FigureOptions) -> PictureGrid:
    tests, size_hw = tests_of(one), one.detections.size_hw
    queries = tests.plan.queries[:MOST].tolist()
    colours = query_colours(one.detections.queries)
    heading = ("What is left of a map if the weights are shuffled", _REMARK)
    with figure_style():
        grid = picture_grid(
            heading, _titles(one), [(f"query {query}", colours[query]) for query in queries],
            size_hw, foot=SCALE_HEIGHT,
        )  # fmt: skip
        for row in range(len(queries)):
            box = box_in_pixels(tests.before.boxes_cxcywh[row], size_hw)
            for column, (weights, like) in enumerate(_maps(one, row)):
                axes = grid.panels[row][column]
                of_grid = weights.reshape(one.forward.grid_hw).astype(np.float32)
                draw_map(axes, of_grid, Grid.of(one.forward), size_hw, options.colour_map)
                dashed_box(axes, box, "white")
                if like is not None:
                    grid.say(row, column, f"r = {in_digits(like, decimals=2)}")
        height = float(grid.figure.get_size_inches()[1])
        add_scale(grid.figure, height - SCALE_HEIGHT, options.colour_map)
    return grid


def shuffled_alt(one: EntryAnalysis) -> str:
    """How alike the maps are before and after, in words."""
    sentences = ["Maps as learned and after the weights were shuffled, with rank correlations."]
    for row, query in enumerate(tests_of(one).plan.queries[:MOST].tolist()):
        likes = [in_digits(like, decimals=2) for _, like in _maps(one, row) if like is not None]
        half = len(likes) // 2
        attention, relevance = " and ".join(likes[:half]), " and ".join(likes[half:])
        what = "with the decoder and with both shuffled" if half > 1 else "with the stack shuffled"
        sentences.append(
            f"Query {query} ({label_of(one, row)}): attention {attention}, {what}; "
            f"relevance {relevance}."
        )
    return " ".join(sentences)


def _titles(one: EntryAnalysis) -> list[str]:
    stages = _STAGES if one.forward.joint is None else _OF_STACK
    return [title for of in ("attention", "relevance") for title in (f"{of},\nas learned", *stages)]


def _maps(one: EntryAnalysis, row: int) -> list[tuple[Map, float | None]]:
    """Attention, then relevance: as learned, then after each stage of the first shuffle."""
    tests = tests_of(one)
    query = int(tests.plan.queries[row])
    attention = one.maps.decoder_cross()[query].ravel()
    found: list[tuple[Map, float | None]] = []
    for before, after in (
        (attention, tests.shuffled_attention),
        (tests.relevance[row], tests.shuffled_relevance),
    ):
        found.append((before, None))
        for stage in after[:, 0, row]:
            if np.isnan(stage).all():  # one stack has no decoder of its own
                continue
            found.append((stage, float(rank_correlations(before[None], stage[None])[0, 0])))
    return found


SHUFFLED_MAPS: FigureKind[EntryAnalysis] = FigureKind(
    "shuffled",
    draw=shuffled_figure,
    alt=shuffled_alt,
    applies=has_tested_maps,
    tiles=shuffled_tiles,
)
