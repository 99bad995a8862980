"""The cost matrix of a matching: queries down, objects across, a number in each cell.

In: a `Matching` and the colours of its queries. Out: the table's size in inches, and the table
on an axes whose unit is the inch. The matched queries come first, in the order of their
objects, so that their cells lie on the diagonal; then the runners-up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap, Normalize, to_hex
from matplotlib.patches import FancyBboxPatch, Rectangle

from generator.analysis.matching import Matching
from generator.figures.image.labels import chip_sizes
from generator.figures.style import GREY, SMALL_SIZE, TEXT_SIZE, ink_on
from generator.figures.words import labelled, printable
from generator.measures.digits import in_digits

MOST_OBJECTS, MOST_OTHERS = 12, 5
"""The most objects that are shown, and the most unmatched queries."""

UNMATCHED = "#8c8c8c"
"""The colour of a query without a colour in the other figures."""

# Inches: a row, the space before the rows of the others, the columns' headings upright and
# slanted, the room of a slanted heading at the right, the rows' labels, a chip.
_ROW, _BREAK, _FLAT, _SLANTED, _OVERHANG, _LABEL, _CHIP = 0.22, 0.24, 0.42, 0.72, 0.36, 1.5, 0.34

# Inches: bounds of a column's width; the height of the last remark.
_NARROWEST, _WIDEST, _FOOT = 0.4, 0.62, 0.24

# The most letters of a class's name.
LONGEST = 12


@dataclass(frozen=True)
class TableLayout:
    """Which pairs the table shows, and how large it is.

    Attributes:
        objects: indices of the objects that are shown.
        matched, others: ids of the queries, from top to bottom.
        column: width of a column in inches.
        slanted: whether the headings are slanted, since they are longer than a column's width.
    """

    objects: tuple[int, ...]
    matched: tuple[int, ...]
    others: tuple[int, ...]
    column: float
    slanted: bool

    @property
    def size_wh(self) -> tuple[float, float]:
        """Width and height in inches."""
        width = _LABEL + len(self.objects) * self.column + (_OVERHANG if self.slanted else 0)
        return width, self.top_of(len(self.matched) + len(self.others)) + _FOOT

    def top_of(self, row: int) -> float:
        """Inches from the table's top to a row's top."""
        heading = _SLANTED if self.slanted else _FLAT
        gap = _BREAK if row >= len(self.matched) and self.others else 0.0
        return heading + row * _ROW + gap


def lay_out(matching: Matching, widest: float) -> TableLayout:
    """Chooses the pairs to show and the width of the columns.

    Args:
        widest: width that the table may take, in inches; it takes more if its columns would
            become too narrow for their numbers.
    """
    objects = tuple(range(min(len(matching), MOST_OBJECTS)))
    matched = tuple(int(query) for query in matching.queries[list(objects)] if query >= 0)
    room = (widest - _LABEL) / max(len(objects), 1)
    longest = max(map(_heading_width, matching.truth.labels[: len(objects)]), default=0.0)
    slanted = longest > room
    if slanted:
        room -= _OVERHANG / len(objects)
    column = min(max(room, _NARROWEST), max(_WIDEST, 0.0 if slanted else longest))
    return TableLayout(objects, matched, _nearest(matching, objects), column, slanted)


def _heading_width(label: str) -> float:
    """The width of an upright heading in inches."""
    return float(chip_sizes([printable(label, LONGEST)], SMALL_SIZE)[0, 0]) / 72


def _nearest(matching: Matching, objects: tuple[int, ...]) -> tuple[int, ...]:
    """The unmatched queries with the smallest extra cost over some object's own query."""
    costs = matching.costs.total[:, list(objects)]  # (Q, shown)
    queries = matching.queries[list(objects)]
    own = np.where(queries >= 0, costs[queries, np.arange(len(objects))], 0.0)
    free = np.setdiff1d(np.arange(len(costs)), matching.queries)
    more = (costs[free] - own).min(axis=1)
    return tuple(int(query) for query in free[np.argsort(more, kind="stable")][:MOST_OTHERS])


def draw_table(
    axes: Axes, matching: Matching, layout: TableLayout, colours: Mapping[int, str]
) -> None:
    """Draws the table on empty axes of its size.

    Args:
        colours: the queries' colours; queries without one are grey.
    """
    width, height = layout.size_wh
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    rows = [*layout.matched, *layout.others]
    shown = matching.costs.total[np.ix_(rows, layout.objects)]
    shade = Shade.of(shown)
    for column, index in enumerate(layout.objects):
        _draw_heading(axes, layout, column, index + 1, matching.truth.labels[index])
    for row, query in enumerate(rows):
        colour = colours.get(query, UNMATCHED)
        middle = layout.top_of(row) + _ROW / 2
        draw_chip(axes, 0.0, middle, str(query), colour)
        text = labelled(matching.labels[query], float(matching.scores[query]), LONGEST)
        axes.text(_CHIP + 0.07, middle, text, fontsize=SMALL_SIZE, va="center_baseline")
        for column in range(len(layout.objects)):
            _draw_cell(axes, layout, (row, column), float(shown[row, column]), shade)
    for column, index in enumerate(layout.objects):
        query = int(matching.queries[index])
        if query >= 0:
            _outline(axes, layout, (rows.index(query), column), colours.get(query, UNMATCHED))
    _draw_remarks(axes, matching, layout)


@dataclass(frozen=True)
class Shade:
    """The colour of a cost: the cheaper, the darker, but never too dark for black digits."""

    colours: Colormap
    scale: Normalize

    @classmethod
    def of(cls, costs: npt.NDArray[np.float64]) -> Shade:
        """From the cheapest to the dearest of some costs."""
        greys = colormaps["Greys"](np.linspace(0.46, 0.0, 256))  # no query has a grey
        colours = LinearSegmentedColormap.from_list("costs", greys)
        return cls(colours, Normalize(float(costs.min()), float(costs.max()) + 1e-9))

    def __call__(self, cost: float) -> str:
        """The colour of a cost, "#rrggbb"."""
        return str(to_hex(self.colours(self.scale(cost))))


def draw_chip(axes: Axes, left: float, middle: float, text: str, colour: str) -> None:
    """Draws a query's id on its colour, all in inches."""
    height = 0.16
    axes.add_patch(
        FancyBboxPatch(
            (left, middle - height / 2),
            _CHIP,
            height,
            boxstyle="round,pad=0,rounding_size=0.03",
            facecolor=colour,
            edgecolor="none",
        )
    )
    style: dict[str, Any] = {"fontsize": SMALL_SIZE, "color": ink_on(colour), "ha": "center"}
    axes.text(left + _CHIP / 2, middle, text, va="center_baseline", **style)


def _draw_heading(axes: Axes, layout: TableLayout, column: int, number: int, label: str) -> None:
    """Writes an object's number above its column, and its class above the number."""
    middle = _LABEL + (column + 0.5) * layout.column
    bottom = layout.top_of(0)
    style: dict[str, Any] = {"fontsize": TEXT_SIZE, "fontweight": "bold", "ha": "center"}
    axes.text(middle, bottom - 0.1, str(number), va="center_baseline", **style)
    name = printable(label, LONGEST)
    if layout.slanted:
        slant: dict[str, Any] = {
            "rotation": 40,
            "rotation_mode": "anchor",
            "ha": "left",
            "va": "baseline",
        }
        axes.text(middle - 0.02, bottom - 0.22, name, fontsize=SMALL_SIZE, **slant)
    else:
        axes.text(middle, bottom - 0.28, name, fontsize=SMALL_SIZE, ha="center", va="baseline")


def _draw_cell(
    axes: Axes, layout: TableLayout, place: tuple[int, int], cost: float, shade: Shade
) -> None:
    row, column = place
    left, top = _LABEL + column * layout.column, layout.top_of(row)
    colour = shade(cost)
    cell = Rectangle((left, top), layout.column, _ROW, facecolor=colour, edgecolor="white", lw=0.8)
    axes.add_patch(cell)
    axes.text(
        left + layout.column / 2,
        top + _ROW / 2,
        in_digits(cost, decimals=2),
        fontsize=SMALL_SIZE,
        ha="center",
        va="center_baseline",
        gid=f"cost-{row}-{column}",
    )


def _outline(axes: Axes, layout: TableLayout, place: tuple[int, int], colour: str) -> None:
    """Marks the cell of a matched pair in its query's colour."""
    row, column = place
    left, top, inset = _LABEL + column * layout.column, layout.top_of(row), 0.012
    axes.add_patch(
        Rectangle(
            (left + inset, top + inset),
            layout.column - 2 * inset,
            _ROW - 2 * inset,
            fill=False,
            edgecolor=colour,
            linewidth=2.0,
            joinstyle="miter",
            zorder=3,
            gid="matched",
        )
    )


def _draw_remarks(axes: Axes, matching: Matching, layout: TableLayout) -> None:
    """Writes what the second block is and what is not shown."""
    style: dict[str, Any] = {"fontsize": SMALL_SIZE, "color": GREY, "va": "center_baseline"}
    if layout.others:
        middle = layout.top_of(len(layout.matched)) - 0.1
        axes.text(0.0, middle, "without an object", **style)
    _, height = layout.size_wh
    axes.text(0.0, height - 0.1, not_shown(matching, layout), **style)
    heading: dict[str, Any] = {**style, "y": layout.top_of(0) - 0.1}
    axes.text(_CHIP / 2, s="query", ha="center", **heading)
    axes.text(_LABEL - 0.08, s="object", ha="right", **heading)


def not_shown(matching: Matching, layout: TableLayout) -> str:
    """How many queries and objects the table leaves out; "" if none."""
    hidden_queries = matching.num_queries - len(layout.matched) - len(layout.others)
    hidden_objects = len(matching) - len(layout.objects)
    hidden = [(hidden_queries, "query", "queries"), (hidden_objects, "object", "objects")]
    parts = [f"{count} more {one if count == 1 else many}" for count, one, many in hidden if count]
    return f"{' and '.join(parts)} not shown" if parts else ""
