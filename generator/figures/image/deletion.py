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
    box_in_pixels,
    darken,
    dashed_box,
    picture_grid,
)
from generator.figures.image.tested import has_tested, label_of, tests_of
from generator.figures.panels import MARGIN, draw_box, draw_image, fitted
from generator.figures.redraw import FigureKind
from generator.figures.style import GREY, INK, SMALL_SIZE, TEXT_SIZE, WIDTH, figure_style
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


def deletion_figure(one: EntryAnalysis) -> Figure:
    """Draws the first steps of a deletion as pictures, and both kinds of curves."""
    tests, size_hw = tests_of(one), one.detections.size_hw
    shares, image = shares_of_cells(tests), fitted(one.pixels, 2.0)
    query, name = int(tests.plan.queries[0]), printable(label_of(one, 0), 16)
    colour = query_colours(one.detections.queries)[query]
    steps = range(min(_PICTURES, len(shares)))
    heading = (
        "How soon a detection is lost if cells go, and found if they come",
        f"Above: query {query}, {name}; dark cells are taken from all queries, by its attention. "
        f"Below: mean over {_detections(len(tests.plan.queries))}.",
    )
    titles = [f"{_percent(shares[step])} of the\ncells taken" for step in steps]
    with figure_style():
        grid = picture_grid(heading, titles, [("", "")], size_hw, foot=_TITLE + _CHART + _AXIS)
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
        for place, (title, outcomes) in enumerate((
            ("cells taken: the sooner it falls, the better", tests.deleted),
            ("cells given: the sooner it rises, the better", tests.inserted),
        )):  # fmt: skip
            _draw_curves(
                _chart(grid.figure, place, title), shares, outcomes, area_under(tests, outcomes)
            )
    return grid.figure


def deletion_alt(one: EntryAnalysis) -> str:
    """The areas under all curves, in words."""
    tests = tests_of(one)
    parts = []
    for title, outcomes in (("deletion", tests.deleted), ("insertion", tests.inserted)):
        areas = dict(zip(ORDERS, area_under(tests, outcomes).mean(axis=1), strict=True))
        listed = ", ".join(f"{LINES[name][0]} {in_digits(float(areas[name]))}" for name in LINES)
        parts.append(f"Areas under the curves of {title}: {listed}.")
    many = _detections(len(tests.plan.queries))
    return " ".join([f"Pictures from which cells are taken, and curves of {many}.", *parts])


def _chart(figure: Figure, place: int, title: str) -> Axes:
    """Axes at the bottom of the figure, left or right."""
    height = float(figure.get_size_inches()[1])
    left, gap = 0.42, 0.4
    width = (WIDTH - left - MARGIN - gap) / 2
    axes = figure.add_axes((
        (left + place * (width + gap)) / WIDTH, _AXIS / height, width / WIDTH, _CHART / height
    ))  # fmt: skip
    axes.set_title(title, fontsize=TEXT_SIZE, pad=4)
    axes.tick_params(labelsize=SMALL_SIZE, color=GREY)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(GREY)
    return axes


def _draw_curves(axes: Axes, shares: Any, outcomes: Outcomes, areas: Any) -> None:
    """Draws the means of all orders, each with its area in the key; steps are equally wide."""
    steps = np.arange(len(shares))
    for name, (words, style) in LINES.items():
        row = ORDERS.index(name)
        heights = outcomes.similarity[row].astype(np.float64).mean(axis=1)
        area = in_digits(float(areas[row].mean()), decimals=3)
        axes.plot(
            steps, heights, label=f"{words} {area}", gid=name, marker=".", markersize=4, **style
        )
    axes.set_xticks(steps, [_percent(one).removesuffix(" %") for one in shares])
    axes.set_xlabel("per cent of the cells", fontsize=SMALL_SIZE, labelpad=2)
    axes.set_ylim(-0.03, 1.03)
    rising = outcomes.similarity[0, 0].mean() < 0.5
    axes.legend(
        title="order, and area under it", title_fontsize=SMALL_SIZE, fontsize=SMALL_SIZE,
        frameon=False, handlelength=2.6, labelspacing=0.2, borderaxespad=0,
        loc="lower right" if rising else "center left",
        bbox_to_anchor=(1, 0.02) if rising else (0.34, 0.54),
    )  # fmt: skip


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _detections(count: int) -> str:
    return "the one detection" if count == 1 else f"{count} detections"


DELETION: FigureKind[EntryAnalysis] = FigureKind(
    "deletion", draw=lambda one, _: deletion_figure(one), alt=deletion_alt, applies=has_tested
)
