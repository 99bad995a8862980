"""Taking cells from the memory, or giving them, in the order of a map: what is then still found.

In: pixels and `CausalTests`. Out: a `Figure`, or its alt text. Above, the best detection, whose
cells go by attention; below, the curves of all orders, as means over the tested detections.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
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
from generator.figures.image.tested import has_tested_maps, label_of, tests_of
from generator.figures.panels import MARGIN, draw_box, draw_image, fitted
from generator.figures.redraw import FigureKind
from generator.figures.style import GREY, INK, SMALL_SIZE, TEXT_SIZE, WIDTH, figure_style
from generator.figures.tiles import Tile, Tiles, drawn_pixels
from generator.figures.words import printable
from generator.inference.causal_tests import (
    ATTENTION,
    NEARNESS,
    ORDERS,
    RANDOM,
    RELEVANCE,
    ROLLOUT,
    Outcomes,
)
from generator.measures.causal.deletion import area_under, shares_of_cells
from generator.measures.digits import in_digits
from generator.project.config import FigureOptions

_BLUE, _YELLOW, _RED, _, _PURPLE = query_colours(range(5)).values()
LINES: dict[str, tuple[str, dict[str, Any]]] = {
    ATTENTION: ("attention", {"color": _BLUE, "linewidth": 1.6}),
    ROLLOUT: ("rollout", {"color": _PURPLE, "linewidth": 1.2, "linestyle": (0, (4, 1.5))}),
    RELEVANCE: ("relevance", {"color": _RED, "linewidth": 1.2, "linestyle": (0, (6, 2, 1, 2))}),
    NEARNESS: ("nearness", {"color": GREY, "linewidth": 1.0, "linestyle": (0, (1, 1.5))}),
    RANDOM: ("at random", {"color": GREY, "linewidth": 1.0}),
}
"""The orders in the order of the key, each with its name and its line."""
_PICTURES, _CHART, _AXIS, _TITLE = 5, 1.75, 0.42, 0.3
_CHART_TILE = (3.1, 3.0)
"""Inches; on a telephone, 358 pixels wide, its words are then 13 pixels high."""


def deletion_figure(one: EntryAnalysis) -> Figure:
    """Draws the first steps of a deletion as pictures, and both kinds of curves."""
    with figure_style():
        figure = _drawn(one, foot=_TITLE + _CHART + _AXIS).figure
        for place, (title, outcomes) in enumerate(_curves(one)):
            axes = _chart(figure, place, title)
            _draw_curves(axes, one, outcomes, SMALL_SIZE)
            _place_key(axes, outcomes)
    return figure


def deletion_tiles(one: EntryAnalysis, options: FigureOptions) -> Tiles:
    """The same for the site; a chart is drawn for the width of a telephone."""
    tiles = list(grid_tiles(_drawn(one), options))
    for title, outcomes in _curves(one):
        width, height = _CHART_TILE
        with figure_style():
            figure = Figure(figsize=_CHART_TILE)
            axes = figure.add_axes((0.36 / width, 1.2 / height, 1 - 0.4 / width, 1 - 1.3 / height))
            _furnish(axes, TEXT_SIZE)
            _draw_curves(axes, one, outcomes, TEXT_SIZE)
            figure.legend(**_key(TEXT_SIZE), ncols=2, loc="lower center", bbox_to_anchor=(0.5, 0))
        shown = drawn_pixels(figure, round(options.dpi * 1.5))
        tiles.append(Tile(shown, _areas_in_words(one, outcomes), "", title, is_large=True))
    return Tiles(tuple(tiles), _remark(one), columns=_PICTURES)


def _drawn(one: EntryAnalysis, foot: float = 0.0) -> PictureGrid:
    """The pictures of the best detection, above room for charts."""
    tests, size_hw = tests_of(one), one.detections.size_hw
    shares, image = shares_of_cells(tests), fitted(one.pixels, 2.0)
    colour = query_colours(one.detections.queries)[int(tests.plan.queries[0])]
    steps = range(min(_PICTURES, len(shares)))
    heading = ("How soon a detection is lost if cells go, and found if they come", _remark(one))
    titles = [f"{_percent(shares[step])} of the\ncells taken" for step in steps]
    with figure_style():
        grid = picture_grid(heading, titles, [("", "")], size_hw, foot=foot)
        order = tests.orders()[ORDERS.index(ATTENTION), 0]
        for step in steps:
            axes, gone = grid.panels[0][step], np.zeros(len(order), bool)
            gone[order[: tests.plan.counts[step]]] = True
            draw_image(axes, image, size_hw)
            darken(axes, gone, Grid.of(one.forward), size_hw)
            left = float(tests.deleted.similarity[0, step, 0])
            boxes = tests.deleted.boxes_cxcywh[0, step, 0]
            box = box_in_pixels(boxes, size_hw)
            if tests.deleted.probability[0, step, 0] > one.detections.threshold:
                draw_box(axes, box, colour, 1.4)
            else:
                dashed_box(axes, box, "white")
            grid.say(0, step, f"similarity {in_digits(left, decimals=2)}", INK)
    return grid


def _remark(one: EntryAnalysis) -> str:
    tests = tests_of(one)
    return (
        f"Above: query {int(tests.plan.queries[0])}, {printable(label_of(one, 0), 16)}; dark cells "
        "are taken from all queries, by its attention. "
        f"Below: mean over {_detections(len(tests.plan.queries))}."
    )


def _lines(one: EntryAnalysis) -> dict[str, tuple[str, dict[str, Any]]]:
    """The orders that this model has: without an encoder and a decoder there is no rollout."""
    orders = tests_of(one).orders()
    return {name: of for name, of in LINES.items() if (orders[ORDERS.index(name)] >= 0).all()}


def _curves(one: EntryAnalysis) -> tuple[tuple[str, Outcomes], ...]:
    tests = tests_of(one)
    return (
        ("cells taken: the sooner it falls, the better", tests.deleted),
        ("cells given: the sooner it rises, the better", tests.inserted),
    )


def deletion_alt(one: EntryAnalysis) -> str:
    """The areas under all curves, in words."""
    tests = tests_of(one)
    parts = [_areas_in_words(one, outcomes) for outcomes in (tests.deleted, tests.inserted)]
    many = _detections(len(tests.plan.queries))
    return " ".join([f"Pictures from which cells are taken, and curves of {many}.", *parts])


def _areas_in_words(one: EntryAnalysis, outcomes: Outcomes) -> str:
    tests = tests_of(one)
    title = "deletion" if outcomes is tests.deleted else "insertion"
    areas = dict(zip(ORDERS, area_under(tests, outcomes).mean(axis=1), strict=True))
    listed = ", ".join(f"{LINES[name][0]} {in_digits(float(areas[name]))}" for name in _lines(one))
    return f"Areas under the curves of {title}: {listed}."


def _chart(figure: Figure, place: int, title: str) -> Axes:
    """Axes at the bottom of the figure, left or right."""
    height = float(figure.get_size_inches()[1])
    left, gap = 0.42, 0.4
    width = (WIDTH - left - MARGIN - gap) / 2
    axes = figure.add_axes((
        (left + place * (width + gap)) / WIDTH, _AXIS / height, width / WIDTH, _CHART / height
    ))  # fmt: skip
    axes.set_title(title, fontsize=TEXT_SIZE, pad=4)
    _furnish(axes, SMALL_SIZE)
    return axes


def _furnish(axes: Axes, size: float) -> None:
    axes.tick_params(labelsize=size, color=GREY)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(GREY)


def _draw_curves(axes: Axes, one: EntryAnalysis, outcomes: Outcomes, size: float) -> None:
    """Draws the means of all orders, each with its area in the key; steps are equally wide."""
    tests = tests_of(one)
    shares, areas = shares_of_cells(tests), area_under(tests, outcomes)
    steps = np.arange(len(shares))
    for name, (words, style) in _lines(one).items():
        row = ORDERS.index(name)
        heights = outcomes.similarity[row].astype(np.float64).mean(axis=1)
        area = in_digits(float(areas[row].mean()), decimals=3)
        axes.plot(
            steps, heights, label=f"{words} {area}", gid=name, marker=".", markersize=4, **style
        )
    axes.set_xticks(steps, [_percent(one).removesuffix(" %") for one in shares])
    axes.set_xlabel("per cent of the cells", fontsize=size, labelpad=2)
    axes.set_ylim(-0.03, 1.03)


def _place_key(axes: Axes, outcomes: Outcomes) -> None:
    """Writes the key where the curves leave room for it."""
    rising = outcomes.similarity[0, 0].mean() < 0.5
    axes.legend(
        **_key(SMALL_SIZE), loc="lower right" if rising else "center left",
        bbox_to_anchor=(1, 0.02) if rising else (0.34, 0.54),
    )  # fmt: skip


def _key(size: float) -> dict[str, Any]:
    return {
        "title": "order, and area under it", "title_fontsize": size, "fontsize": size,
        "frameon": False, "handlelength": 2.6, "labelspacing": 0.2, "borderaxespad": 0,
    }  # fmt: skip


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _detections(count: int) -> str:
    return "the one detection" if count == 1 else f"{count} detections"


DELETION: FigureKind[EntryAnalysis] = FigureKind(
    "deletion",
    draw=lambda one, _: deletion_figure(one),
    alt=deletion_alt,
    applies=has_tested_maps,
    tiles=deletion_tiles,
)
