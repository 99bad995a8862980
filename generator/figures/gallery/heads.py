"""Every head of every layer as one number in a grid of layers and heads.

In: summaries of single heads. Out: a `Figure`, or its alt text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from generator.figures.gallery.charts import (
    Titles,
    explain_empty,
    hide_repeated_numbers,
    new_charts,
)
from generator.figures.gallery.gallery_data import GalleryData
from generator.figures.gallery.lift import lift_summaries
from generator.figures.gallery.lines import capitalised, models_of
from generator.figures.redraw import FigureKind
from generator.figures.style import SMALL_SIZE, figure_style, ink_on
from generator.figures.style import width as figure_width
from generator.measures.catalogue import DISTANCE, ENTROPY, LIFT, OWN_LIFT
from generator.measures.digits import in_digits
from generator.measures.measurement import Measure
from generator.measures.mechanisms import (
    ATTENTIONS,
    DECODER_CROSS,
    DECODER_POINTS,
    ENCODER_POINTS,
    ENCODER_SELF,
    Mechanism,
)
from generator.measures.summary import ENOUGH_IMAGES, Summary

Grid = npt.NDArray[np.float64]
_CELL, _LEAST = 0.22, 0.7
_SAMPLED = {DECODER_CROSS: DECODER_POINTS, ENCODER_SELF: ENCODER_POINTS}
_NOTHING = "No detections, so\nnothing to measure."
_NOT_SAMPLED = "Not for sampled\nattention."
_NOT_FOLLOWED = "Other queries would\nbe chosen: not measured."
_SAID = {
    _NOTHING: "nothing to measure",
    _NOT_SAMPLED: "not for sampled attention",
    _NOT_FOLLOWED: "not measured, as other queries would be chosen",
}
"""Why a grid is empty, and the same within a sentence."""


@dataclass(frozen=True)
class HeadNumbers:
    """A kind of number that every head has.

    Attributes:
        title, remark: of the figure.
        panels: the measure that is shown, by mechanism.
        percent: whether the numbers, in [0, 1], are written in per cent.
        highest: the number of the brightest colour; None is the largest number.
    """

    title: str
    remark: str
    panels: Mapping[Mechanism, Measure]
    percent: bool = True
    highest: float | None = None


HEADS: Mapping[str, HeadNumbers] = {
    "entropy": HeadNumbers(
        "Every head: normalised entropy, in per cent",
        "100: the same weight on every key. 0: all weight on one.",
        dict.fromkeys(ATTENTIONS, ENTROPY),
        highest=1.0,
    ),
    "distance": HeadNumbers(
        "Every head: mean attention distance, in per cent of the diagonal",
        "The larger the number, the farther away the head looks.",
        dict.fromkeys(ATTENTIONS, DISTANCE),
    ),
    "lift": HeadNumbers(
        "Every head: lift of the own box",
        "Encoder: maps of the points at the boxes' centres. Decoder: maps of the kept queries. "
        "1 is chance.",
        {ENCODER_SELF: OWN_LIFT, DECODER_CROSS: LIFT},
        percent=False,
    ),
}


def heads_figure(
    summaries: Sequence[Summary], numbers: HeadNumbers, titles: Titles, colour_map: str
) -> Figure:
    """Draws a row for each model and a grid for each mechanism: layers down, heads across.

    Args:
        summaries: of anything; those of single heads are drawn.
        numbers: which numbers to draw.
        titles: the models' titles.
        colour_map: a name that matplotlib knows; it runs from 0 to the highest number.
    """
    models = models_of(summaries)
    grids = {
        (model, mechanism): _grid_of(summaries, model, measure, mechanism)
        for model in models
        for mechanism, measure in numbers.panels.items()
    }
    largest = [float(np.nanmax(grid)) for grid in grids.values() if grid.size]
    highest = numbers.highest or max(largest, default=0) or 1.0
    deepest = max(len(grid) for grid in grids.values())
    images = max((one.images for one in summaries if one.key.head is not None), default=0)
    few = f" Fewer than {ENOUGH_IMAGES} images: not enough to tell."
    with figure_style():
        figure, rows = new_charts(
            (numbers.title, numbers.remark + (few if images < ENOUGH_IMAGES else "")),
            models,
            titles,
            [mechanism.title_in_text for mechanism in numbers.panels],
            max(_LEAST, _CELL * deepest),
        )
        for model, row in zip(models, rows, strict=True):
            for mechanism, axes in zip(numbers.panels, row, strict=True):
                grid = grids[model, mechanism]
                why = _why_empty(summaries, model, mechanism)
                _draw(axes, grid, highest, numbers.percent, colour_map, why)
            hide_repeated_numbers(row)
            row[0].set_ylabel("layer", fontsize=SMALL_SIZE)
    return figure


def _grid_of(
    summaries: Sequence[Summary], model: str, measure: Measure, mechanism: Mechanism
) -> Grid:
    """The same of the sampled attention that stands in this one's place, if there is none."""
    grid = head_grid(summaries, model, measure.name, mechanism.name)
    if grid.size or mechanism not in _SAMPLED:
        return grid
    return head_grid(summaries, model, measure.name, _SAMPLED[mechanism].name)


def _why_empty(summaries: Sequence[Summary], model: str, mechanism: Mechanism) -> str:
    """Why a grid has no numbers."""
    measured = {one.key.mechanism for one in summaries if one.key.model == model}
    if DECODER_POINTS.name not in measured:
        return _NOTHING
    return _NOT_FOLLOWED if mechanism.name in measured else _NOT_SAMPLED


def head_grid(summaries: Sequence[Summary], model: str, measure: str, mechanism: str) -> Grid:
    """The means over the images, (layers, heads); NaN where nothing was measured."""
    found = {
        (one.key.layer, one.key.head): one.value
        for one in summaries
        if (one.key.model, one.key.measure, one.key.mechanism) == (model, measure, mechanism)
        if one.key.head is not None
    }
    if not found:
        return np.zeros((0, 0))
    layers, heads = (max(place) + 1 for place in zip(*found, strict=True))
    grid = np.full((layers, heads), np.nan)
    for place, value in found.items():
        grid[place] = value
    return grid


def heads_alt(summaries: Sequence[Summary], numbers: HeadNumbers, titles: Titles) -> str:
    """Each grid's smallest and largest number, and where they are, in words."""
    models = models_of(summaries)
    sentences = [f"{numbers.title}, in grids of layers and heads."]
    for model in models:
        name = f"{titles.get(model, model)}, " if len(models) > 1 else ""
        for mechanism, measure in numbers.panels.items():
            grid = _grid_of(summaries, model, measure, mechanism)
            why = _why_empty(summaries, model, mechanism)
            says = _extremes(grid, numbers.percent) if grid.size else _SAID[why]
            sentences.append(capitalised(f"{name}{mechanism.title_in_text}: {says}."))
    return " ".join(sentences)


def _extremes(grid: Grid, percent: bool) -> str:
    if grid.size == 1:
        return _written(float(grid[0, 0]), percent)
    parts = []
    for word, flat in (("from", np.nanargmin(grid)), ("to", np.nanargmax(grid))):
        layer, head = (int(index) for index in np.unravel_index(flat, grid.shape))
        number = _written(float(grid[layer, head]), percent)
        parts.append(f"{word} {number} (layer {layer + 1}, head {head + 1})")
    return " ".join(parts)


def _written(value: float, percent: bool) -> str:
    return in_digits(100 * value, decimals=0) if percent else in_digits(value)


def _draw(
    axes: Axes, grid: Grid, highest: float, percent: bool, colour_map: str, why_empty: str
) -> None:
    """Colours the cells and writes their numbers into them."""
    if not grid.size:
        explain_empty(axes, why_empty)
        return
    colours = matplotlib.colormaps[colour_map]
    layers, heads = grid.shape
    width = 72 * figure_width() * axes.get_position().width / heads
    size = min(SMALL_SIZE, width / (1.6 if percent else 3.0))
    axes.imshow(grid, cmap=colours, vmin=0, vmax=highest, aspect="auto", interpolation="nearest")
    for layer, head in np.argwhere(np.isfinite(grid)).tolist():
        value = float(grid[layer, head])
        colour = ink_on(to_hex(colours(value / highest)))
        axes.text(head, layer, _written(value, percent), ha="center", va="center",
                  fontsize=size, color=colour)  # fmt: skip
    axes.set_xticks(range(heads), [str(head + 1) for head in range(heads)])
    axes.set_yticks(range(layers), [str(layer + 1) for layer in range(layers)])
    axes.set_xlabel("head", fontsize=SMALL_SIZE, labelpad=2)
    axes.tick_params(length=0)
    axes.spines[["left", "bottom"]].set_visible(False)


def _kind(name: str, numbers: HeadNumbers) -> FigureKind[GalleryData]:
    return FigureKind(
        f"heads-{name}",
        draw=lambda data, options: heads_figure(
            data.summaries, numbers, data.titles, options.colour_map
        ),
        alt=lambda data: heads_alt(data.summaries, numbers, data.titles),
        is_narrowed=True,
        applies=lambda data: name != "lift" or bool(lift_summaries(data.summaries)),
    )


HEADS_FIGURES = tuple(_kind(name, numbers) for name, numbers in HEADS.items())
