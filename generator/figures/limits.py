"""Where a model ends: the share of objects that it finds, over their size, turn and visible part.

In: the rows that were measured on held-out scenes. Out: a `Figure`, or its alt text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from generator.figures.colours import query_colours
from generator.figures.panels import new_figure
from generator.figures.redraw import FigureKind
from generator.figures.style import GREY, SMALL_SIZE, TEXT_SIZE, figure_style, is_narrow

Row = Mapping[str, Any]
HEIGHT = 2.3
PANELS = {
    "side": ("By size", "longer side, in per cent of the short side", 100),
    "degrees": ("By turn", "degrees from upright", 1),
    "visible": ("By what can be seen", "visible part, in per cent", 100),
}
"""Of each curve: the title, the label of the axis, and what values are multiplied by."""


def limits_figure(limits: Mapping[str, Sequence[Row]]) -> Figure:
    """Draws a panel of bars for each curve; a bar is as wide as its range.

    Args:
        limits: by the keys of `PANELS`, rows with `low`, `high`, `objects` and `found` in [0, 1],
            which is None where there was no object.
    """
    with figure_style():
        figure = new_figure(HEIGHT * (3 if is_narrow() else 1))
        panels = figure.subplots(*((3, 1) if is_narrow() else (1, 3)))
        for axes, (key, (title, label, scale)) in zip(panels, PANELS.items(), strict=True):
            _bars(axes, limits[key], scale)
            axes.set_title(title, fontsize=TEXT_SIZE)
            axes.set_xlabel(label, fontsize=SMALL_SIZE)
        panels[0].set_ylabel("per cent found", fontsize=SMALL_SIZE)
        room = {"left": 0.07, "right": 0.98, "bottom": 0.2, "top": 0.88, "wspace": 0.14}
        if is_narrow():
            room = {"left": 0.14, "right": 0.97, "bottom": 0.07, "top": 0.96, "hspace": 0.55}
        figure.subplots_adjust(**room)
    return figure


def _bars(axes: Axes, rows: Sequence[Row], scale: float) -> None:
    known = [row for row in rows if row["found"] is not None]
    axes.bar(
        [scale * row["low"] for row in known],
        [100 * row["found"] for row in known],
        [scale * (row["high"] - row["low"]) for row in known],
        align="edge",
        color=query_colours([0])[0],
        edgecolor="white",
    )
    if rows:
        axes.set_xlim(scale * rows[0]["low"], scale * rows[-1]["high"])
    axes.set_ylim(0, 100)
    axes.tick_params(labelsize=SMALL_SIZE, color=GREY)
    axes.spines[["top", "right"]].set_visible(False)


def limits_alt(limits: Mapping[str, Sequence[Row]]) -> str:
    """Every share, in words."""
    sentences = ["Bars of the share of objects that are found."]
    for key, (title, label, scale) in PANELS.items():
        parts = [
            f"{scale * row['low']:.0f} to {scale * row['high']:.0f}: {100 * row['found']:.0f} %"
            for row in limits[key]
            if row["found"] is not None
        ]
        sentences.append(f"{title}, {label}: {', '.join(parts)}.")
    return " ".join(sentences)


def limits_kind(model: str) -> FigureKind[Mapping[str, Mapping[str, Any]]]:
    """The figure of a model, from the logs of training by the models' names."""
    return FigureKind(
        f"{model}-limits",
        draw=lambda logs, _: limits_figure(logs[model]["limits"]),
        alt=lambda logs: limits_alt(logs[model]["limits"]),
        is_narrowed=True,
    )
