"""How a model was trained: loss and AP over the scenes that it had seen.

In: the rows that training logged and the sizes of its scenes. Out: a `Figure`, or its alt
text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from generator.figures.colours import query_colours
from generator.figures.limits import limits_kind
from generator.figures.panels import new_figure
from generator.figures.redraw import FigureKind
from generator.figures.style import GREY, SMALL_SIZE, TEXT_SIZE, figure_style, is_narrow

Row = Mapping[str, float]
HEIGHT = 2.7
_THOUSAND = 1000


def training_figure(curve: Sequence[Row], sizes: Sequence[tuple[int, int]]) -> Figure:
    """Draws the loss on the left and AP and AP50 of validation scenes on the right.

    Args:
        curve: rows with `scenes` and either `loss`, or `AP` and `AP50` in [0, 1].
        sizes: pairs of scenes seen and the short side in pixels from then on.
    """
    losses = [row for row in curve if "loss" in row]
    tested = [row for row in curve if "AP" in row]
    blue, yellow, red = (query_colours(range(3))[query] for query in range(3))
    with figure_style():
        figure = new_figure(HEIGHT * (1.8 if is_narrow() else 1))
        left, right = figure.subplots(*((2, 1) if is_narrow() else (1, 2)))
        left.plot(*_points(losses, "loss"), color=blue, linewidth=1.2)
        left.set_title("Loss, all decoder layers together", fontsize=TEXT_SIZE)
        left.set_ylim(bottom=0)
        for key, colour in (("AP50", yellow), ("AP", red)):
            right.plot(*_points(tested, key, 100), color=colour, marker=".", label=key)
            if tested:
                end = tested[-1]["scenes"] / _THOUSAND, 100 * tested[-1][key]
                right.annotate(f"  {key}", end, color=colour, fontsize=SMALL_SIZE, va="center")
        right.set_title("AP of validation scenes, in per cent", fontsize=TEXT_SIZE)
        right.set_ylim(0, 100)
        for axes in (left, right):
            _finish(axes, sizes)
        room = {"left": 0.06, "right": 0.95, "bottom": 0.16, "top": 0.9, "wspace": 0.16}
        if is_narrow():
            room = {"left": 0.11, "right": 0.9, "bottom": 0.09, "top": 0.95, "hspace": 0.36}
        figure.subplots_adjust(**room)
    return figure


def training_alt(curve: Sequence[Row]) -> str:
    """Where loss and AP began and ended, in words."""
    losses = [row["loss"] for row in curve if "loss" in row]
    tested = [row for row in curve if "AP" in row]
    parts = []
    if losses:
        parts.append(f"the loss falls from {losses[0]:.1f} to {losses[-1]:.1f}")
    if tested:
        first, last = tested[0], tested[-1]
        parts += [
            f"{key} rises from {100 * first[key]:.0f} to {100 * last[key]:.0f} per cent"
            for key in ("AP", "AP50")
        ]
    return f"Two curves over the scenes seen: {', '.join(parts)}." if parts else "Empty axes."


def _points(rows: Sequence[Row], key: str, scale: float = 1) -> tuple[list[float], list[float]]:
    return [row["scenes"] / _THOUSAND for row in rows], [row[key] * scale for row in rows]


def _finish(axes: Axes, sizes: Sequence[tuple[int, int]]) -> None:
    """Labels the axes and marks where the scenes became larger."""
    axes.set_xlabel("thousand scenes seen", fontsize=SMALL_SIZE)
    axes.set_xlim(left=0)
    axes.tick_params(labelsize=SMALL_SIZE, color=GREY)
    axes.spines[["top", "right"]].set_visible(False)
    for scenes, side in sizes:
        start = scenes / _THOUSAND
        axes.axvline(start, color=GREY, linewidth=0.6, linestyle=":")
        axes.text(
            start,
            0.3,  # of the height, where no curve passes
            f" {side} px",
            transform=axes.get_xaxis_transform(),
            color=GREY,
            fontsize=SMALL_SIZE,
            rotation=90,
            va="bottom",
        )


def _sizes(training: Mapping[str, Any]) -> list[tuple[int, int]]:
    recipe = training["recipe"]
    return [(round(share * recipe["scenes"]), side) for share, side in recipe["short_sides"]]


def training_kinds(
    logs: Mapping[str, Mapping[str, Any]],
) -> list[FigureKind[Mapping[str, Mapping[str, Any]]]]:
    """The figures of all models: how each was trained, and where it ends if that was measured."""
    limits = [limits_kind(name) for name, log in logs.items() if "limits" in log]
    return [*(training_kind(name) for name in logs), *limits]


def training_kind(model: str) -> FigureKind[Mapping[str, Mapping[str, Any]]]:
    """The figure of a model, from the logs of training by the models' names."""
    return FigureKind(
        f"{model}-training",
        draw=lambda logs, _: training_figure(logs[model]["curve"], _sizes(logs[model])),
        alt=lambda logs: training_alt(logs[model]["curve"]),
        is_narrowed=True,
    )
