"""Which queries the object queries look at: decoder self-attention as a matrix, by class.

In: the maps and detections of one image. Out: a `Figure`, or its alt text. Queries that were
kept come first, by class, the best class before the others; then all others, by class too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from generator.analysis.attention import AttentionMaps
from generator.analysis.detections import Detections
from generator.figures.gallery.gallery_data import GalleryData
from generator.figures.panels import (
    MARGIN,
    add_heading,
    add_panel,
    add_text,
    heading_height,
    new_figure,
)
from generator.figures.redraw import FigureKind
from generator.figures.style import (
    GREY,
    INK,
    SMALL_SIZE,
    TEXT_SIZE,
    figure_style,
    is_narrow,
    width,
)
from generator.figures.words import attention_name, enumerated, layer_and_head, printable
from generator.measures.among_queries import group_lift, lift_on_itself
from generator.measures.digits import in_digits
from generator.project.config import FigureOptions

_SIDE, _LABELS, _NUMBERS, _NARROW_LABELS = 4.7, 1.55, 0.3, 1.2
_ENDS = 8.0
"""Colours run from an eighth of a uniform row's weight to eight times it."""
_COLOURS = "RdBu_r"
_MOST_NUMBERED = 30


@dataclass(frozen=True)
class Group:
    """Queries of one class that are neighbours in the map.

    Attributes:
        label: the class.
        start, size: index of its first query in the order, number of queries.
        kept: whether they are detections.
    """

    label: str
    start: int
    size: int
    kept: bool


@dataclass(frozen=True, eq=False)
class QueryOrder:
    """The order of the queries in the map.

    Attributes:
        queries: (Q,), ids.
        groups: in the same order; together they hold every query.
    """

    queries: npt.NDArray[np.int64]
    groups: tuple[Group, ...]

    @property
    def kept(self) -> int:
        """How many of the first queries are detections."""
        return sum(group.size for group in self.groups if group.kept)


def order_queries(maps: AttentionMaps, detections: Detections) -> QueryOrder:
    """Sorts queries by whether they were kept, then by class, then best score first.

    The classes of the detections are in the order of their best scores. The classes of the
    other queries (the best real class, whatever its score) follow, the largest group first.
    """
    forward = maps.forward
    classes = forward.scores().argmax(axis=1)  # (Q,)
    kept = detections.queries.tolist()
    rest = [query for query in range(len(classes)) if query not in set(kept)]
    first = list(dict.fromkeys(int(classes[query]) for query in kept))
    counts = np.bincount(classes[rest], minlength=len(forward.category_names))
    others = sorted(set(classes[rest].tolist()) - set(first), key=lambda c: (-counts[c], c))
    ordered: list[int] = []
    groups = []
    for members, is_kept in ((kept, True), (rest, False)):
        for number in (*first, *others):
            group = [query for query in members if classes[query] == number]
            if group:
                label = forward.category_names[number]
                groups.append(Group(label, len(ordered), len(group), is_kept))
                ordered += group
    return QueryOrder(np.array(ordered, np.int64), tuple(groups))


def query_map_figure(maps: AttentionMaps, detections: Detections, title: str) -> Figure:
    """Draws the last layer's weights, the mean of the heads, over those of a uniform row.

    Args:
        maps: of the image.
        detections: of the same forward pass.
        title: of the image.
    """
    order = order_queries(maps, detections)
    weights = maps.decoder_self(-1)[np.ix_(order.queries, order.queries)]  # (Q, Q)
    number = len(weights)
    layers, heads = maps.forward.decoder_self.q.shape[:2]
    with figure_style():
        heading = (
            f"Which queries look at which: {printable(title, 44)}",
            f"{attention_name('decoder_self', maps.forward)}, "
            f"{layer_and_head(-1, layers, None, heads)}. Rows look at "
            "columns; kept queries first, classes framed.",
        )
        top, side = heading_height(*heading) + _NUMBERS, _side()
        figure = new_figure(top + side + 0.42)
        add_heading(figure, *heading)
        left = MARGIN + (_NARROW_LABELS if is_narrow() else _LABELS)
        axes = add_panel(figure, left, top, side, side)
        image = axes.imshow(
            np.maximum(weights * number, 1e-6),
            cmap=_COLOURS,
            norm=LogNorm(1 / _ENDS, _ENDS),
            interpolation="nearest",
            extent=(0, number, number, 0),
        )
        _mark_groups(axes, order)
        _number_queries(axes, order)
        scale = add_panel(figure, left, top + side + 0.1, side, 0.1)
        scale.set_axis_on()
        bar = figure.colorbar(image, cax=scale, orientation="horizontal", extend="both")
        bar.ax.xaxis.set_major_locator(FixedLocator([1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8]))
        bar.ax.xaxis.set_minor_locator(NullLocator())
        bar.ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        bar.ax.tick_params(labelsize=SMALL_SIZE, length=2)
        add_text(figure, MARGIN, top + side + 0.15, "times a uniform row", va="center",
                 fontsize=SMALL_SIZE)  # fmt: skip
    return figure


def query_map_alt(maps: AttentionMaps, detections: Detections) -> str:
    """The groups, and the weight of kept queries on themselves and their class, in words."""
    order = order_queries(maps, detections)
    number = len(order.queries)
    text = (
        f"{attention_name('decoder_self', maps.forward)} among {number} queries, sorted by class."
    )
    if not len(detections):
        return f"{text} None was kept."
    groups = [f"{group.size} × {group.label}" for group in order.groups if group.kept]
    weights = maps.decoder_self(-1).astype(np.float64)
    classes = maps.forward.scores().argmax(axis=1)
    kept = detections.queries
    itself = float(lift_on_itself(weights)[kept].mean())
    lifts = group_lift(weights, classes[:, None] == classes[None])[kept]
    finite = lifts[np.isfinite(lifts)]
    says = f"A kept query gives itself {in_digits(itself)} times a uniform row's weight"
    if len(finite):
        says += (
            f", and other queries of its class {in_digits(float(finite.mean()))} times what it "
            "gives other queries on average"
        )
    return f"{text} Kept: {enumerated(groups)}. {says}."


def _mark_groups(axes: Axes, order: QueryOrder) -> None:
    """Frames the pairs of one class, separates the kept from the rest, and names the classes."""
    number = len(order.queries)
    line = 0.14 * number / _side()  # height of a line of text, in queries
    free = -math.inf
    for group in order.groups:
        middle = group.start + group.size / 2
        frame = Rectangle(
            (group.start, group.start), group.size, group.size, fill=False,
            edgecolor=INK if group.kept else GREY, linewidth=1.1 if group.kept else 0.5,
            clip_on=False, gid="kept" if group.kept else "rest",
        )  # fmt: skip
        axes.add_patch(frame)
        if not group.kept and middle - line / 2 < free - 1e-9:
            continue  # no room for its name
        at = max(middle, free + line / 2)
        free = at + line / 2
        if at > middle:
            axes.plot([-0.01 * number, 0], [at, middle], color=INK, linewidth=0.5, clip_on=False)
        many = f" ({group.size})" if group.size > 1 else ""
        axes.text(
            -0.014 * number, at, printable(group.label, 20) + many, ha="right", va="center",
            fontsize=TEXT_SIZE if group.kept else SMALL_SIZE,
            fontweight="bold" if group.kept else "normal",
            color=INK if group.kept else GREY,
        )  # fmt: skip
    if 0 < order.kept < number:
        for draw in (axes.axhline, axes.axvline):
            draw(order.kept, color=INK, linewidth=1.4, linestyle=(0, (4, 2)), gid="edge")


def _side() -> float:
    """The side of the matrix in inches."""
    return width() - 2 * MARGIN - _NARROW_LABELS if is_narrow() else _SIDE


def _number_queries(axes: Axes, order: QueryOrder) -> None:
    """Writes the queries' ids above the columns, all of them or the kept ones."""
    number = len(order.queries)
    shown = number if number <= _MOST_NUMBERED and not is_narrow() else 0
    for place, query in enumerate(order.queries.tolist()[:shown]):
        axes.text(
            place + 0.5, -0.008 * number, str(query), ha="center", va="bottom",
            fontsize=SMALL_SIZE, color=INK if place < order.kept else GREY,
        )  # fmt: skip
    if not shown:
        what = f"columns in the same order; the first {order.kept} were kept"
        what = what.replace("columns in the ", "") if is_narrow() else what
        axes.text(0, -0.008 * number, what, va="bottom", fontsize=SMALL_SIZE, color=GREY)
    axes.text(-0.012 * number, -0.008 * number, "query" if shown else "", ha="right", va="bottom",
              fontsize=SMALL_SIZE, color=GREY)  # fmt: skip


def query_map_kind(model: str) -> FigureKind[GalleryData]:
    """The figure of one model's example; its name ends in the model's."""

    def draw(data: GalleryData, _: FigureOptions) -> Figure:
        one = data.examples[model]
        return query_map_figure(one.maps, one.detections, one.title)

    return FigureKind(
        f"query-map-{model}",
        draw=draw,
        alt=lambda data: query_map_alt(data.examples[model].maps, data.examples[model].detections),
        applies=lambda data: model in data.examples,
        is_narrowed=True,
    )
