"""The layout of a chart: a heading, a key, and panels with axes, a row for each model.

In: texts and the number of panels. Out: a `Figure` and its empty axes. It knows no measure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from generator.figures.panels import MARGIN, add_heading, add_text, heading_height, new_figure
from generator.figures.style import GREY, SMALL_SIZE, TEXT_SIZE, is_narrow
from generator.figures.style import width as figure_width
from generator.figures.words import printable

Titles = Mapping[str, str]
"""The titles of models on pages, by their names in the zoo."""

# Inches: the key, a model's name, a panel's title above it and its axis below it, the
# numbers left of the first panel, and the gap between two panels.
_KEY, _MODEL, _TITLE, _AXIS, _LEFT, _GAP = 0.24, 0.24, 0.22, 0.42, 0.42, 0.2
_KEY_LINE = 0.16
_LONGEST_TITLE = 60


def new_charts(
    heading: tuple[str, str],
    models: Sequence[str],
    titles: Titles,
    columns: Sequence[str],
    height: float,
    *,
    key: Sequence[Line2D] = (),
    gap: float = _GAP,
) -> tuple[Figure, list[list[Axes]]]:
    """Lays out one row of panels for each model; one model alone is not named.

    On a narrow screen the panels of a row stand one below the other.

    Args:
        heading: title and remark of the whole figure.
        models: one row each.
        columns: the panels' titles.
        height: of a panel in inches.
        key: lines as they are drawn, each with its label; it goes below the heading.
        gap: between two panels, in inches, including the room for their axes.

    Returns:
        The figure, and its axes by row and column.
    """
    many = len(models) > 1
    across = 1 if is_narrow() else len(columns)
    panel = _TITLE + height + _AXIS
    row = panel * (len(columns) if is_narrow() else 1) + (_MODEL if many else 0)
    below = heading_height(*heading)
    top = below + _key_height(key)
    figure = new_figure(top + row * len(models))
    add_heading(figure, *heading)
    if key:
        _add_key(figure, key, below)
    width = (figure_width() - _LEFT - MARGIN - gap * (across - 1)) / across
    rows = []
    for index, model in enumerate(models):
        start = top + row * index
        if many:
            name = printable(titles.get(model, model), _LONGEST_TITLE)
            add_text(figure, MARGIN, start + 0.04, name, fontweight="bold")
            start += _MODEL
        axes_of_row = []
        for number, title in enumerate(columns):
            line, column = divmod(number, across)
            left, upper = _LEFT + (width + gap) * column, start + panel * line + _TITLE
            axes_of_row.append(_add_chart(figure, left, upper, width, height, title))
        rows.append(axes_of_row)
    return figure, rows


def explain_empty(axes: Axes, text: str) -> None:
    """Writes into an empty panel why it is empty."""
    axes.set_axis_off()
    axes.set_title(axes.get_title(), fontsize=TEXT_SIZE)
    place: dict[str, Any] = {"ha": "center", "va": "center", "transform": axes.transAxes}
    axes.text(0.5, 0.5, text, fontsize=SMALL_SIZE, color=GREY, **place)


def share_height(rows: Sequence[Sequence[Axes]], low: float, high: float) -> None:
    """Gives all panels the same scale, with numbers only at the first panel of each row."""
    for row in rows:
        for axes in row:
            axes.set_ylim(low, high)
        hide_repeated_numbers(row)


def hide_repeated_numbers(row: Sequence[Axes]) -> None:
    """Leaves the numbers at the left to the first of the panels that stand side by side."""
    for axes in () if is_narrow() else row[1:]:
        axes.tick_params(labelleft=False, which="both")


def mark_layers(axes: Axes, layers: int, words: str) -> None:
    """Numbers the layers from 1 below a panel."""
    step = max(1, math.ceil(layers / 12))
    axes.set_xlim(0.6, layers + 0.4)
    axes.set_xticks(range(1, layers + 1, step))
    axes.set_xlabel(words, fontsize=SMALL_SIZE, labelpad=2)


def _add_chart(
    figure: Figure, left: float, top: float, width: float, height: float, title: str
) -> Axes:
    figure_width, figure_height = figure.get_size_inches()
    axes = figure.add_axes((
        left / figure_width, 1 - (top + height) / figure_height,
        width / figure_width, height / figure_height,
    ))  # fmt: skip
    # Matplotlib measures all ticks twice to place a title whose height is not given.
    axes.set_title(title, fontsize=TEXT_SIZE, pad=5, y=1.0)
    axes.tick_params(labelsize=SMALL_SIZE, color=GREY)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(GREY)
    return axes


def _key_height(key: Sequence[Line2D]) -> float:
    if not key:
        return 0.0
    return _KEY_LINE * len(key) + 0.08 if is_narrow() else _KEY


def _add_key(figure: Figure, key: Sequence[Line2D], top: float) -> None:
    height = float(figure.get_size_inches()[1])
    figure.legend(
        handles=list(key),
        loc="upper left",
        bbox_to_anchor=(0, 1 - (top - 0.06) / height),
        ncols=1 if is_narrow() else len(key),
        frameon=False,
        fontsize=SMALL_SIZE,
        handlelength=2.6,
        columnspacing=1.6,
        borderaxespad=0,
        borderpad=0.3,
        labelspacing=0.3,
    )
