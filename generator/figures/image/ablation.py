"""What the network finds if one of its attentions is taken away from all layers.

In: pixels, `Detections` and `CausalTests`. Out: a `Figure`, or its alt text. Above, the attention
is removed; below, it is uniform.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from generator.analysis.boxes import removed_by_nms, to_pixels
from generator.analysis.entry_analysis import EntryAnalysis
from generator.figures.colours import query_colours
from generator.figures.image.picture_grid import (
    PictureGrid,
    dashed_box,
    grid_tiles,
    picture_grid,
)
from generator.figures.image.tested import has_tests, tests_of
from generator.figures.panels import draw_box, draw_image, fitted
from generator.figures.redraw import FigureKind
from generator.figures.style import INK, figure_style
from generator.figures.tiles import Tiles
from generator.inference.causal_tests import (
    DECODER_CROSS,
    DECODER_SELF,
    ENCODER_SELF,
    Predictions,
)
from generator.measures.causal.ablation import found
from generator.project.config import FigureOptions

_WORDS = ("removed", "uniform")
"""What becomes of the attention, above and below."""
_DASHED = "Dashed: NMS would remove it."
_TITLES = {
    ENCODER_SELF: "encoder\nself-attention",
    DECODER_SELF: "decoder\nself-attention",
    DECODER_CROSS: "decoder\ncross-attention",
}
_OF_STACK = {
    ENCODER_SELF: "patches\nto patches",
    DECODER_SELF: "tokens\nto tokens",
    DECODER_CROSS: "tokens\nto patches",
}
_OF_POINTS = {
    ENCODER_SELF: "encoder's\nsampled points",
    DECODER_CROSS: "decoder's\nsampled points",
}


def ablation_figure(one: EntryAnalysis) -> Figure:
    """Draws the boxes above the threshold; those that NMS would remove are dashed."""
    return _drawn(one).figure


def ablation_tiles(one: EntryAnalysis, options: FigureOptions) -> Tiles:
    """The same for the site."""
    grid = _drawn(one)
    tiles = grid_tiles(grid, options, _WORDS)
    return Tiles(tiles, f"Taken from all layers. {_DASHED}", columns=len(grid.columns))


def _drawn(one: EntryAnalysis) -> PictureGrid:
    size_hw, image = one.detections.size_hw, fitted(one.pixels, 2.0)
    heading = (
        "What is found without an attention",
        f"In all layers: above, it is removed; below, it is uniform. {_DASHED}",
    )
    with figure_style():
        grid = picture_grid(
            heading, ("as it is\n", *_titles(one).values()), [("", ""), ("", "")], size_hw
        )
        for row, axes in enumerate(grid.panels):
            draw_image(axes[0], image, size_hw)
            colours = query_colours(one.detections.queries)
            for query, box in zip(
                one.detections.queries.tolist(), one.detections.boxes_xyxy, strict=True
            ):
                draw_box(axes[0], box, colours[query], 1.2)
            grid.say(row, 0, _boxes(len(one.detections), 0), INK, bold=True)
            for column, (boxes_xyxy, queries, removed) in enumerate(_conditions(one, row), start=1):
                draw_image(axes[column], image, size_hw)
                here = colours | query_colours([*colours, *queries])
                for query, box, is_removed in zip(queries, boxes_xyxy, removed, strict=True):
                    if is_removed:
                        dashed_box(axes[column], box, "white")
                    else:
                        draw_box(axes[column], box, here[query], 1.2)
                grid.say(row, column, _boxes(len(queries), int(removed.sum())), INK)
    return grid


def ablation_alt(one: EntryAnalysis) -> str:
    """How many boxes there are under each condition, in words."""
    parts = [f"As it is: {_boxes(len(one.detections), 0)}."]
    for row, words in enumerate(_WORDS):
        for title, (boxes, _, removed) in zip(
            _titles(one).values(), _conditions(one, row), strict=True
        ):
            name = title.replace("\n", " ")
            parts.append(f"With {name} {words}: {_boxes(len(boxes), int(removed.sum()))}.")
    return " ".join(parts)


def _titles(one: EntryAnalysis) -> dict[str, str]:
    """What the model's attentions are called, in two lines."""
    if one.forward.joint is not None:
        return _OF_STACK
    return _TITLES | {name: _OF_POINTS[name] for name in one.forward.points}


def _conditions(
    one: EntryAnalysis, row: int
) -> list[tuple[npt.NDArray[np.float64], list[int], npt.NDArray[np.bool_]]]:
    """For each attention: boxes (k, 4) in pixels, their queries, and which NMS would remove."""
    tests = tests_of(one)
    groups = (tests.silent, tests.up_to)[row]
    return [_found(one, groups[name]) for name in _TITLES]


def _found(
    one: EntryAnalysis, predictions: Predictions
) -> tuple[npt.NDArray[np.float64], list[int], npt.NDArray[np.bool_]]:
    last = len(predictions.scores) - 1
    queries, boxes = found(predictions, last, one.detections.threshold)
    removed = removed_by_nms(boxes, predictions.classes[last][queries])
    return to_pixels(boxes, one.detections.size_hw), queries.tolist(), removed


def _boxes(count: int, removed: int) -> str:
    words = f"{count or 'no'} {'box' if count == 1 else 'boxes'}"
    return f"{words}, {removed} too many" if removed else words


ABLATION: FigureKind[EntryAnalysis] = FigureKind(
    "ablation",
    draw=lambda one, _: ablation_figure(one),
    alt=ablation_alt,
    applies=has_tests,
    tiles=ablation_tiles,
)
