"""What it costs to take attention away, over all images: by layer, by kind of cells, by head.

In: summaries of the causal measures. Out: `Figure`s, or their alt texts.
"""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from generator.figures.gallery.charts import Titles, mark_layers, new_charts, share_height
from generator.figures.gallery.gallery_data import GalleryData
from generator.figures.gallery.heads import HeadNumbers, heads_alt, heads_figure
from generator.figures.gallery.lines import (
    BLUE,
    TOO_FEW,
    by_layer,
    capitalised,
    draw_control,
    draw_mean,
    images_in_words,
    is_enough,
    models_of,
    values_in_words,
)
from generator.figures.redraw import FigureKind
from generator.figures.style import GREY, SMALL_SIZE, figure_style, is_narrow
from generator.figures.style import width as figure_width
from generator.measures.catalogue_causal import (
    DELETION_AREA,
    EVEN_DROP,
    INSERTION_AREA,
    KNOCK_OUT_DROP,
    KNOCK_OUT_KEPT,
)
from generator.measures.digits import in_digits
from generator.measures.measurement import Measure
from generator.measures.mechanisms import (
    ATTENTIONS,
    DECODER_CROSS,
    DECODER_POINTS,
    DECODER_RELEVANCE,
    DECODER_ROLLOUT,
    NEARNESS_ORDER,
    OTHER_BOX_CELLS,
    RANDOM_CELLS_CONTROL,
    RANDOM_ORDER,
    SINK_CELLS,
    Mechanism,
)
from generator.measures.summary import Summary

_OWN = "own box"
_TAKEN = {
    OTHER_BOX_CELLS.name: "another box",
    SINK_CELLS.name: "most-read cells",
    RANDOM_CELLS_CONTROL.name: "as many at random",
}
_ORDERS = {
    DECODER_CROSS: "attention",
    DECODER_ROLLOUT: "rollout",
    DECODER_RELEVANCE: "relevance",
}
_OTHER_ORDERS = {NEARNESS_ORDER.name: "nearness", RANDOM_ORDER.name: "at random"}
_HEIGHT = 1.55
_NAMES, _NARROW_NAMES = 0.35, 0.6
"""Room for the names of bars, in inches, besides that for numbers."""

ABLATED_HEADS = HeadNumbers(
    "Every head: what uniform attention costs",
    "How much less probable the class of a detection becomes, in per cent.",
    dict.fromkeys(ATTENTIONS, EVEN_DROP),
)


def knock_outs_figure(summaries: Sequence[Summary], titles: Titles) -> Figure:
    """Draws a row for each model: what is lost by layer, and what survives by kind of cells."""
    shown = _of(summaries, KNOCK_OUT_DROP, KNOCK_OUT_KEPT)
    models = models_of(shown)
    band = "Bars and band: 95 % interval over images." if is_enough(shown) else TOO_FEW
    with figure_style():
        figure, rows = new_charts(
            (
                "Queries that may not look at some cells",
                f"Dashed line: as many random cells outside the box. {band}",
            ),
            models,
            titles,
            ("class probability lost without the own box", "detections that survive, all layers"),
            _HEIGHT,
            gap=0.8,
        )
        for model, (lost, survive) in zip(models, rows, strict=True):
            curve = _cross(shown, model, KNOCK_OUT_DROP)
            draw_control(lost, curve, RANDOM_CELLS_CONTROL.name)
            draw_mean(lost, curve)
            words = f"in decoder layers up to this one, {images_in_words(curve)}"
            mark_layers(lost, curve[-1].key.layer + 1, words)
            _draw_bars(survive, _survivors(shown, model))
        share_height([row[:1] for row in rows], -0.05, 1.08)
    return figure


def knock_outs_alt(summaries: Sequence[Summary], titles: Titles) -> str:
    """What is lost and what survives, model by model, in words."""
    sentences = ["What queries lose that may not look at some cells."]
    shown = _of(summaries, KNOCK_OUT_DROP, KNOCK_OUT_KEPT)
    models = models_of(shown)
    for model in models:
        name = f"{titles.get(model, model)}, " if len(models) > 1 else ""
        curve = _cross(shown, model, KNOCK_OUT_DROP)
        sentences.append(capitalised(f"{name}probability lost: {values_in_words(curve)}."))
        listed = ", ".join(f"without {words} {in_digits(value)}"
                           for words, value, _, _ in _survivors(shown, model))  # fmt: skip
        sentences.append(capitalised(f"{name}share of detections that survive: {listed}."))
    return " ".join(sentences)


def orders_figure(summaries: Sequence[Summary], titles: Titles) -> Figure:
    """Draws a row for each model: areas under the curves of deletion and of insertion."""
    shown = _of(summaries, DELETION_AREA, INSERTION_AREA)
    models = models_of(shown)
    band = "Bars: 95 % interval over images." if is_enough(shown) else TOO_FEW
    with figure_style():
        figure, rows = new_charts(
            (
                "Which map puts first the cells that a detection needs",
                f"Area under the curve of what is still found, from 0 to 1. {band}",
            ),
            models,
            titles,
            ("cells taken: small is good", "cells given: large is good"),
            _HEIGHT,
            gap=0.6,
        )
        for model, row in zip(models, rows, strict=True):
            for measure, axes in zip((DELETION_AREA, INSERTION_AREA), row, strict=True):
                _draw_bars(axes, _areas(shown, model, measure))
    return figure


def orders_alt(summaries: Sequence[Summary], titles: Titles) -> str:
    """All areas, model by model, in words."""
    sentences = ["Areas under the curves of deletion and insertion."]
    shown = _of(summaries, DELETION_AREA, INSERTION_AREA)
    models = models_of(shown)
    for model in models:
        name = f"{titles.get(model, model)}, " if len(models) > 1 else ""
        for measure, words in ((DELETION_AREA, "deletion"), (INSERTION_AREA, "insertion")):
            listed = ", ".join(f"{order} {in_digits(value)}"
                               for order, value, _, _ in _areas(shown, model, measure))  # fmt: skip
            sentences.append(capitalised(f"{name}{words}: {listed}."))
    return " ".join(sentences)


_Bar = tuple[str, float, float | None, float | None]
"""A name, a number, and the ends of its interval if there is one."""


def _cross(shown: Sequence[Summary], model: str, measure: Measure) -> list[Summary]:
    """Of cross-attention, layer by layer, be it sampled or not."""
    names = (DECODER_CROSS.name, DECODER_POINTS.name)
    found = (by_layer(shown, model, measure.name, name) for name in names)
    return next(ones for ones in found if ones)


def _survivors(shown: Sequence[Summary], model: str) -> list[_Bar]:
    last = _cross(shown, model, KNOCK_OUT_KEPT)[-1]
    return [_bar(_OWN, last), *_controls(last, _TAKEN)]


def _areas(shown: Sequence[Summary], model: str, measure: Measure) -> list[_Bar]:
    found: list[_Bar] = []
    for mechanism, words in _ORDERS.items():
        ones = by_layer(shown, model, measure.name, mechanism.name)
        found += [_bar(words, one) for one in ones[-1:]]
    first: Mechanism = next(iter(_ORDERS))
    return found + _controls(by_layer(shown, model, measure.name, first.name)[-1], _OTHER_ORDERS)


def _bar(words: str, one: Summary) -> _Bar:
    ends = (one.interval.low, one.interval.high) if one.interval else (None, None)
    return words, one.value, *ends


def _controls(one: Summary, names: dict[str, str]) -> list[_Bar]:
    found = ((words, one.control(name)) for name, words in names.items())
    return [(words, control.second, None, None) for words, control in found if control]


def _draw_bars(axes: Axes, bars: Sequence[_Bar]) -> None:
    """Draws bars from the top down, each with its number; those with no interval are grey."""
    x, y, width, height = axes.get_position().bounds
    names = (_NARROW_NAMES if is_narrow() else _NAMES) / figure_width()
    axes.set_position((x + names, y, width - names, height))
    for place, (_, value, low, high) in enumerate(bars):
        axes.barh(place, value, height=0.6, color=GREY if low is None else BLUE, alpha=0.75)
        if low is not None and high is not None:
            axes.hlines(place, low, high, color="black", linewidth=1.0, gid="interval")
        axes.text(max(value, high or 0) + 0.02, place, in_digits(value), va="center",
                  fontsize=SMALL_SIZE)  # fmt: skip
    axes.set_yticks(range(len(bars)), [words for words, _, _, _ in bars])
    axes.set_ylim(len(bars) - 0.4, -0.6)
    axes.set_xlim(0, 1.15)
    axes.set_xticks([0, 0.5, 1])
    axes.tick_params(axis="y", length=0)


def _of(summaries: Sequence[Summary], *measures: Measure) -> list[Summary]:
    names = {measure.name for measure in measures}
    return [one for one in summaries if one.key.measure in names and one.key.head is None]


CAUSAL_FIGURES: tuple[FigureKind[GalleryData], ...] = (
    FigureKind(
        "knock-outs",
        draw=lambda data, _: knock_outs_figure(data.summaries, data.titles),
        alt=lambda data: knock_outs_alt(data.summaries, data.titles),
        applies=lambda data: bool(_of(data.summaries, KNOCK_OUT_DROP)),
        is_narrowed=True,
    ),
    FigureKind(
        "heads-ablated",
        draw=lambda data, options: heads_figure(
            data.summaries, ABLATED_HEADS, data.titles, options.colour_map
        ),
        alt=lambda data: heads_alt(data.summaries, ABLATED_HEADS, data.titles),
        applies=lambda data: bool(_of(data.summaries, EVEN_DROP)),
        is_narrowed=True,
    ),
    FigureKind(
        "orders",
        draw=lambda data, _: orders_figure(data.summaries, data.titles),
        alt=lambda data: orders_alt(data.summaries, data.titles),
        applies=lambda data: bool(_of(data.summaries, DELETION_AREA)),
        is_narrowed=True,
    ),
)
