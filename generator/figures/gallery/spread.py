"""How even attention is, and how far it reaches, layer by layer, in all three mechanisms.

In: summaries of `entropy` or `distance`. Out: a `Figure`, or its alt text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from generator.figures.gallery.charts import (
    Titles,
    explain_empty,
    mark_layers,
    new_charts,
    share_height,
)
from generator.figures.gallery.gallery_data import GalleryData
from generator.figures.gallery.lines import (
    TOO_FEW,
    by_layer,
    capitalised,
    controls_in_words,
    draw_control,
    draw_heads,
    draw_mean,
    heads_of,
    images_in_words,
    is_enough,
    key_of,
    models_of,
    values_in_words,
)
from generator.figures.redraw import FigureKind
from generator.figures.style import figure_style
from generator.measures import catalogue
from generator.measures.mechanisms import ATTENTIONS, UNIFORM, UNMATCHED
from generator.measures.summary import Summary

_HEIGHT = 1.55
_CONTROLS = {UNIFORM.name: "uniform map", UNMATCHED.name: "queries not kept"}
_LABELS = {"mean": "mean of the heads' maps", "head": "single heads", **_CONTROLS}


@dataclass(frozen=True)
class Spread:
    """A measure that all three attentions have.

    Attributes:
        measure: its name in the catalogue.
        title: of the figure.
        remark: what 0 and 1 mean.
        highest: end of the scale; None is a little more than the largest number.
    """

    measure: str
    title: str
    remark: str
    highest: float | None = None


ENTROPY = Spread(
    catalogue.ENTROPY.name,
    "How evenly attention is spread: normalised entropy by layer",
    "1: the same weight on every key. 0: all weight on one.",
    1.05,
)
DISTANCE = Spread(
    catalogue.DISTANCE.name,
    "How far attention reaches: mean distance by layer",
    "As a fraction of the image's diagonal.",
)


def spread_figure(summaries: Sequence[Summary], spread: Spread, titles: Titles) -> Figure:
    """Draws a row for each model and a panel for each attention.

    Args:
        summaries: of anything; those of the measure are drawn.
        spread: which measure.
        titles: the models' titles.
    """
    shown = [one for one in summaries if one.key.measure == spread.measure]
    models = models_of(summaries)
    band = "Band: 95 % interval over images." if is_enough(shown) else TOO_FEW
    with figure_style():
        figure, rows = new_charts(
            (spread.title, f"{spread.remark} {band}"),
            models,
            titles,
            [mechanism.title_in_text for mechanism in ATTENTIONS],
            _HEIGHT,
            key=key_of(*_LABELS, labels=_LABELS),
        )
        for model, row in zip(models, rows, strict=True):
            for mechanism, axes in zip(ATTENTIONS, row, strict=True):
                _draw(axes, shown, model, spread.measure, mechanism.name)
        share_height(rows, 0, spread.highest or 1.08 * _largest(shown))
    return figure


def spread_alt(summaries: Sequence[Summary], spread: Spread, titles: Titles) -> str:
    """The means and the controls of every layer, model by model, in words."""
    models = models_of(summaries)
    sentences = [f"{spread.title}."]
    for model in models:
        name = f"{titles.get(model, model)}, " if len(models) > 1 else ""
        for mechanism in ATTENTIONS:
            words = mechanism.title_in_text
            curve = by_layer(summaries, model, spread.measure, mechanism.name)
            if not curve:
                sentences.append(capitalised(f"{name}{words}: nothing to measure."))
                continue
            controls = controls_in_words(curve, _CONTROLS)
            sentences.append(capitalised(f"{name}{words}: {values_in_words(curve)}{controls}."))
    return " ".join(sentences)


def _draw(
    axes: Axes, summaries: Sequence[Summary], model: str, measure: str, mechanism: str
) -> None:
    curve = by_layer(summaries, model, measure, mechanism)
    if not curve:
        explain_empty(axes, "No detections, so no queries\nto measure.")
        return
    heads = heads_of(summaries, model, measure, mechanism)
    draw_heads(axes, [by_layer(summaries, model, measure, mechanism, head) for head in heads])
    for name in _CONTROLS:
        draw_control(axes, curve, name)
    draw_mean(axes, curve)
    mark_layers(axes, curve[-1].key.layer + 1, f"layer, mean over {images_in_words(curve)}")


def _largest(summaries: Sequence[Summary]) -> float:
    """The highest point of all lines and intervals; 1 if there are none or all are 0."""
    ends = [0.0]
    for one in summaries:
        ends += [one.value, *(control.second for control in one.controls)]
        ends += [one.interval.high] if one.interval and one.key.head is None else []
    return max(ends) or 1.0


def _kind(spread: Spread) -> FigureKind[GalleryData]:
    return FigureKind(
        spread.measure,
        draw=lambda data, _: spread_figure(data.summaries, spread, data.titles),
        alt=lambda data: spread_alt(data.summaries, spread, data.titles),
        is_narrowed=True,
    )


SPREAD_FIGURES = (_kind(ENTROPY), _kind(DISTANCE))
