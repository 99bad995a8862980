"""How many boxes each decoder layer finds, and how many of them are duplicates.

In: summaries of what the heads predict from each layer. Out: a `Figure`, or its alt text.
"""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from generator.figures.gallery.charts import Titles, mark_layers, new_charts
from generator.figures.gallery.gallery_data import GalleryData
from generator.figures.gallery.lines import (
    TOO_FEW,
    by_layer,
    capitalised,
    draw_mean,
    images_in_words,
    is_enough,
    models_of,
    values_in_words,
)
from generator.figures.redraw import FigureKind
from generator.figures.style import figure_style
from generator.measures.catalogue import DETECTED, DUPLICATES
from generator.measures.mechanisms import PREDICTIONS
from generator.measures.summary import Summary

MECHANISM = PREDICTIONS.name
_PANELS = {
    DETECTED.name: "boxes above the threshold",
    DUPLICATES.name: "of these, boxes that NMS would remove",
}
_HEIGHT = 1.55


def duplicates_figure(summaries: Sequence[Summary], titles: Titles) -> Figure:
    """Draws a row for each model: boxes above the threshold, and duplicates among them.

    Args:
        summaries: of anything, with those of `detected` and `duplicates`.
        titles: the models' titles.
    """
    shown = [one for one in summaries if one.key.measure in _PANELS]
    models = models_of(shown)
    band = "Band: 95 % interval over images." if is_enough(shown) else TOO_FEW
    with figure_style():
        figure, rows = new_charts(
            (
                "Duplicates by decoder layer",
                f"Per image; each layer read with the same heads; NMS by class, IoU > 0.5. {band}",
            ),
            models,
            titles,
            tuple(_PANELS.values()),
            _HEIGHT,
            gap=0.5,
        )
        for model, row in zip(models, rows, strict=True):
            for measure, axes in zip(_PANELS, row, strict=True):
                curve = by_layer(shown, model, measure, MECHANISM)
                draw_mean(axes, curve)
                axes.set_ylim(0, 1.08 * max(1.0, *(_end(one) for one in curve)))
                axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
                words = f"decoder layer, mean over {images_in_words(curve)}"
                mark_layers(axes, curve[-1].key.layer + 1, words)
    return figure


def duplicates_alt(summaries: Sequence[Summary], titles: Titles) -> str:
    """How many boxes and duplicates an image has after each layer, in words."""
    models = models_of([one for one in summaries if one.key.measure in _PANELS])
    sentences = ["Boxes an image by decoder layer."]
    for model in models:
        name = f"{titles.get(model, model)}, " if len(models) > 1 else ""
        for measure, words in _PANELS.items():
            ones = by_layer(summaries, model, measure, MECHANISM)
            sentences.append(capitalised(f"{name}{words}: {values_in_words(ones)}."))
    return " ".join(sentences)


def _end(one: Summary) -> float:
    return max(one.value, one.interval.high if one.interval else 0.0)


DUPLICATES_FIGURE: FigureKind[GalleryData] = FigureKind(
    "duplicates",
    draw=lambda data, _: duplicates_figure(data.summaries, data.titles),
    alt=lambda data: duplicates_alt(data.summaries, data.titles),
    is_narrowed=True,
)
