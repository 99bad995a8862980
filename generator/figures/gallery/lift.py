"""Whether the decoder looks where its boxes are: lift by layer, with its controls.

In: summaries of the lift of cross-attention. Out: a `Figure`, or its alt text.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

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
    draw_mean,
    images_in_words,
    is_enough,
    key_of,
    models_of,
    values_in_words,
)
from generator.figures.redraw import FigureKind
from generator.figures.style import figure_style
from generator.measures.catalogue import LIFT, TRUE
from generator.measures.mechanisms import CEILING, DECODER_CROSS, SHUFFLED, UNIFORM, UNMATCHED
from generator.measures.summary import Summary

MECHANISM = DECODER_CROSS.name
_BOXES = {
    LIFT.name: "boxes that the model predicted",
    f"{LIFT.name}{TRUE}": "boxes that are really there",
}
_CONTROLS = {
    UNIFORM.name: "uniform map",
    SHUFFLED.name: "with other detections' boxes",
    UNMATCHED.name: "queries not kept",
    CEILING.name: "ceiling",
}
_HEIGHT = 2.1
_LOWEST = 1e-3
"""Smaller numbers are drawn at the lower edge: a logarithmic axis has no 0."""


def lift_figure(summaries: Sequence[Summary], titles: Titles) -> Figure:
    """Draws a row for each model, with a second panel if images are annotated.

    Args:
        summaries: of anything, with at least one of the lift of cross-attention.
        titles: the models' titles.
    """
    shown = lift_summaries(summaries)
    models, boxes = models_of(summaries), _boxes_of(shown)
    band = "Band: 95 % interval over images." if is_enough(shown) else TOO_FEW
    with figure_style():
        figure, rows = new_charts(
            (
                "Where the decoder looks: lift of each query's own box by layer",
                "Share of the attention in the box, over the box's share of the image; 1 is "
                f"chance. {band}",
            ),
            models,
            titles,
            [_BOXES[measure] for measure in boxes],
            _HEIGHT,
            key=key_of("mean", *_CONTROLS, labels={"mean": "kept queries", **_CONTROLS}),
        )
        for model, row in zip(models, rows, strict=True):
            for measure, axes in zip(boxes, row, strict=True):
                _draw(axes, by_layer(shown, model, measure, MECHANISM))
        share_height(rows, *_ends(shown))
    return figure


def lift_alt(summaries: Sequence[Summary], titles: Titles) -> str:
    """The lifts of every layer and the controls, model by model, in words."""
    shown, models = lift_summaries(summaries), models_of(summaries)
    sentences = ["Lift of each kept query's own box by decoder layer."]
    for model in models:
        name = f"{titles.get(model, model)}, " if len(models) > 1 else ""
        for measure in _boxes_of(shown):
            curve = by_layer(shown, model, measure, MECHANISM)
            says = values_in_words(curve) if curve else "nothing to measure"
            controls = controls_in_words(curve, _CONTROLS)
            sentences.append(capitalised(f"{name}{_BOXES[measure]}: {says}{controls}."))
    return " ".join(sentences)


def lift_summaries(summaries: Sequence[Summary]) -> list[Summary]:
    """The summaries that the figure shows: means of the heads' maps in cross-attention."""
    return [
        one
        for one in summaries
        if one.key.measure in _BOXES and one.key.mechanism == MECHANISM and one.key.head is None
    ]


def _boxes_of(shown: Sequence[Summary]) -> list[str]:
    measured = {one.key.measure for one in shown}
    return [measure for measure in _BOXES if measure in measured]


def _draw(axes: Axes, curve: Sequence[Summary]) -> None:
    axes.set_yscale("log", nonpositive="clip")
    if not curve:
        explain_empty(axes, "Nothing to measure.")
        return
    for name in _CONTROLS:
        draw_control(axes, curve, name)
    draw_mean(axes, curve)
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 3)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    layers = f"decoder layer, mean over {images_in_words(curve)}"
    mark_layers(axes, curve[-1].key.layer + 1, layers)


def _ends(shown: Sequence[Summary]) -> tuple[float, float]:
    """Ends of the common scale, a little beyond the numbers; 1 is between them."""
    numbers = [0.5, 2.0]
    for one in shown:
        numbers += [one.value, *(control.second for control in one.controls)]
        numbers += [one.interval.low, one.interval.high] if one.interval else []
    low = max(_LOWEST, min(numbers))
    room = (max(numbers) / low) ** 0.06
    return low / room, math.ceil(max(numbers) * room)


LIFT_FIGURE: FigureKind[GalleryData] = FigureKind(
    "lift",
    draw=lambda data, _: lift_figure(data.summaries, data.titles),
    alt=lambda data: lift_alt(data.summaries, data.titles),
    applies=lambda data: bool(lift_summaries(data.summaries)),
    is_narrowed=True,
)
