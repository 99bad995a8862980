"""Taking the cells of its own box from a query: what it then finds, beside other cells.

In: pixels and `CausalTests`. Out: a `Figure`, or its alt text. A row for each of the best
detections, a column for each kind of cells.
"""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.figure import Figure

from generator.analysis.entry_analysis import EntryAnalysis
from generator.analysis.grid import Grid
from generator.figures.colours import query_colours
from generator.figures.image.picture_grid import (
    PictureGrid,
    box_in_pixels,
    darken,
    dashed_box,
    grid_tiles,
    picture_grid,
)
from generator.figures.image.tested import has_tested, label_of, tests_of
from generator.figures.panels import draw_box, draw_image, fitted
from generator.figures.redraw import FigureKind
from generator.figures.style import GREY, INK, figure_style
from generator.figures.tiles import Tiles
from generator.figures.words import labelled, percent, spoken
from generator.inference.causal_tests import (
    OTHER_BOX,
    OWN_BOX,
    RANDOM_CELLS,
    SINKS,
    CausalTests,
)
from generator.project.config import FigureOptions

MOST = 3
"""How many detections are drawn."""
_REMARK = "Dark: taken from this query, in all decoder layers. Below: how sure it then is."
_COLUMNS = {
    OWN_BOX: "its own box\ntaken away",
    RANDOM_CELLS: "as many others,\nat random",
    OTHER_BOX: "another\ndetection's box",
    SINKS: "the cells that the\nencoder reads most",
}


@dataclass(frozen=True)
class _Found:
    """What a query finds of its class: a probability, and whether it is above the threshold."""

    probability: float
    is_kept: bool


def knock_out_figure(one: EntryAnalysis) -> Figure:
    """Draws the picture, what was taken away (dark), and what was then found."""
    return _drawn(one).figure


def knock_out_tiles(one: EntryAnalysis, options: FigureOptions) -> Tiles:
    """The same for the site."""
    grid = _drawn(one)
    return Tiles(grid_tiles(grid, options), _remark(one), columns=len(grid.columns))


def _drawn(one: EntryAnalysis) -> PictureGrid:
    tests, found = tests_of(one), one.detections
    shown, size_hw = min(MOST, len(tests.plan.queries)), found.size_hw
    colours, image = query_colours(found.queries), fitted(one.pixels, 2.0)
    heading = ("What a query finds if it may not look at some cells", _remark(one))
    queries = tests.plan.queries[:shown].tolist()
    with figure_style():
        grid = picture_grid(
            heading,
            ("nothing\ntaken away", *_columns(one).values()),
            [(f"query {query}", colours[query]) for query in queries],
            size_hw,
        )
        for row, query in enumerate(queries):
            label = label_of(one, row)
            before = float(tests.before.probability[row])
            for axes in grid.panels[row]:
                draw_image(axes, image, size_hw)
            box = box_in_pixels(tests.before.boxes_cxcywh[row], size_hw)
            draw_box(grid.panels[row][0], box, colours[query], 1.4)
            grid.say(row, 0, labelled(label, before, 14), INK, bold=True)
            for column, kind in enumerate(_columns(one), start=1):
                axes = grid.panels[row][column]
                after = _found(tests, kind, row, found.threshold)
                if after is None:
                    grid.say(row, column, "there is none")
                    continue
                line = tests.plan.kinds.index(kind)
                darken(axes, tests.plan.knock_outs[line, row], Grid.of(one.forward), size_hw)
                moved = box_in_pixels(tests.knocked_out.boxes_cxcywh[line, -1, row], size_hw)
                if after.is_kept:
                    draw_box(axes, moved, colours[query], 1.4)
                else:
                    dashed_box(axes, moved, "white")
                words = labelled(label, after.probability, 14)
                if not after.is_kept:
                    words = f"lost: {percent(after.probability)}"
                ink = INK if after.is_kept else GREY
                grid.say(row, column, words, ink, bold=after.is_kept)
    return grid


def knock_out_alt(one: EntryAnalysis) -> str:
    """How sure each query is of its class after each knock-out, in words."""
    tests, found = tests_of(one), one.detections
    sentences = ["Pictures in which cells are dark that a query may not look at."]
    for row, query in enumerate(tests.plan.queries[:MOST].tolist()):
        label = label_of(one, row)
        parts = []
        for kind, title in _columns(one).items():
            after = _found(tests, kind, row, found.threshold)
            if after is not None:
                words = title.replace("\n", " ").replace(" taken away", "")
                parts.append(f"without {words} {percent(after.probability)}")
        before = spoken(label, float(tests.before.probability[row]))
        sentences.append(f"Query {query}, {before}: {', '.join(parts)}.")
    return " ".join(sentences)


def _remark(one: EntryAnalysis) -> str:
    return _REMARK if one.forward.joint is None else _REMARK.replace("decoder layers", "layers")


def _columns(one: EntryAnalysis) -> dict[str, str]:
    """What is taken away: without maps of an encoder, nobody knows what it reads most."""
    columns = dict(_COLUMNS)
    if not len(one.forward.encoder_self):
        del columns[SINKS]
    elif one.forward.joint is not None:
        columns[SINKS] = "the cells that\npatches read most"
    return columns


def _found(tests: CausalTests, kind: str, row: int, threshold: float) -> _Found | None:
    line = tests.plan.kinds.index(kind)
    after = float(tests.knocked_out.probability[line, -1, row])
    return _Found(after, after > threshold) if after == after else None  # NaN was not tried


KNOCK_OUT: FigureKind[EntryAnalysis] = FigureKind(
    "knock_out",
    draw=lambda one, _: knock_out_figure(one),
    alt=knock_out_alt,
    applies=has_tested,
    tiles=knock_out_tiles,
)
