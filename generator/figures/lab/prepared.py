"""The prepared scenes of the lab: `Experiment`s in, a `Figure` of each or its words out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from generator.figures.lab.compose import compose, size_of_scenes
from generator.figures.panels import MARGIN, add_panel
from generator.figures.redraw import FigureKind
from generator.figures.style import WIDTH, figure_style
from generator.project.experiments import Experiment

_WIDTH = 3.4


@dataclass(frozen=True, eq=False)
class LabData:
    """Experiments and files of sprites, by name; the short side of the network's input."""

    experiments: Mapping[str, Experiment]
    sprites: Mapping[str, Path]
    short_side: int


def prepared_figure(data: LabData, name: str, width: float = _WIDTH) -> Figure:
    """Draws the prepared scene of an experiment, at the left of a figure `width` inches wide."""
    size_hw = size_of_scenes(data.short_side)
    pixels = compose(data.experiments[name].scene, data.sprites, size_hw).pixels
    with figure_style():
        across = _WIDTH - 2 * MARGIN
        down = across * size_hw[0] / size_hw[1]
        figure = Figure(figsize=(width, down + 2 * MARGIN))
        axes = add_panel(figure, MARGIN, MARGIN, across, down)
        axes.imshow(pixels, aspect="auto", interpolation="antialiased")
    return figure


def prepared_alt(one: Experiment) -> str:
    """Says what stands in the prepared scene."""
    things = [thing.sprite.replace("-", " ").rstrip(" 0123456789") for thing in one.scene.objects]
    what = ", ".join(things) or "nothing"
    return f"A prepared scene: {what} before a background of the kind {one.scene.background}."


def prepared_kind(name: str) -> FigureKind[LabData]:
    """The figure of an experiment."""
    return FigureKind(
        name,
        draw=lambda data, _: prepared_figure(data, name),
        alt=lambda data: prepared_alt(data.experiments[name]),
        draw_for_print=lambda data, _: prepared_figure(data, name, WIDTH),  # half of the text
    )
