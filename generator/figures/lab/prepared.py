"""The prepared scenes of the lab: `Experiment`s in, a `Figure` of each or its words out.

On paper the scene takes the left half. Where the site has an address, a QR code at the right leads
to the scene in the lab.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import segno
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from generator.figures.lab.compose import compose, size_of_scenes
from generator.figures.panels import MARGIN, add_panel, add_text
from generator.figures.redraw import FigureKind
from generator.figures.style import GREY, SMALL_SIZE, WIDTH, figure_style
from generator.project.experiments import Experiment

_WIDTH = 3.4
_CODE, _QUIET = 1.25, 4
"""The side of a QR code in inches, and how many modules around it stay white (ISO/IEC 18004)."""


@dataclass(frozen=True, eq=False)
class LabData:
    """The experiments, and what their scenes are made of.

    Attributes:
        experiments, sprites: by name; of sprites, their files.
        short_side: of the network's input.
        site: the address of the site, which ends in a slash; "" if it has none.
    """

    experiments: Mapping[str, Experiment]
    sprites: Mapping[str, Path]
    short_side: int
    site: str = ""


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


def printed_figure(data: LabData, name: str) -> Figure:
    """Draws the scene and, if the site has an address, the QR code of this experiment."""
    figure = prepared_figure(data, name, WIDTH)
    if data.site:
        left, top = _WIDTH + (WIDTH - _WIDTH - _CODE) / 2, MARGIN + 0.25
        with figure_style():
            axes = add_panel(figure, left, top, _CODE, _CODE)
            _draw_code(axes, code_of(data.site, name))
            middle = left + _CODE / 2
            words = "This scene in the lab"
            add_text(
                figure, middle, top + _CODE, words, ha="center", fontsize=SMALL_SIZE, color=GREY
            )
    return figure


def code_of(site: str, name: str) -> npt.NDArray[np.bool_]:
    """The modules of a QR code, (n, n), white ones True; it stays legible with 15 % of it lost."""
    address = f"{site}lab.html#experiment={name}"
    code = segno.make_qr(address, error="m", boost_error=False)
    return np.asarray(np.array([list(row) for row in code.matrix_iter(border=_QUIET)]) == 0)


def _draw_code(axes: Axes, white: npt.NDArray[np.bool_]) -> None:
    """Draws bars of black modules: unlike pixels they are sharp on paper, without seams."""
    axes.set_xlim(0, len(white))
    axes.set_ylim(len(white), 0)
    for row, modules in enumerate(white):
        ends = np.flatnonzero(np.diff(modules)).reshape(-1, 2) + 1  # it is white at both sides
        bars = [(begin, end - begin) for begin, end in ends.tolist()]
        axes.broken_barh(bars, (row, 1.04), color="black", linewidth=0)


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
        draw_for_print=lambda data, _: printed_figure(data, name),
    )
