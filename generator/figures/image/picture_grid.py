"""Rows of small pictures under common headings: what was taken away, and what was then found.

In: texts, an image, cells and boxes. Out: a `Figure` with panels, and drawings on them. It knows
no test.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import PcolorImage
from matplotlib.patches import Rectangle
from matplotlib.patheffects import Normal, Stroke

from generator.analysis.boxes import pixel_boxes
from generator.analysis.cells import cell_box_xyxy
from generator.analysis.grid import Grid
from generator.figures.panels import (
    HEADING_HEIGHT,
    MARGIN,
    SizeHW,
    add_heading,
    add_panel,
    add_text,
    new_figure,
)
from generator.figures.style import GREY, INK, SMALL_SIZE, TEXT_SIZE, WIDTH, ink_on
from generator.figures.tiles import Tile, drawn_pixels
from generator.figures.words import printable

if TYPE_CHECKING:
    from generator.project.config import FigureOptions

_GAP, _TITLES, _BELOW, _TALLEST = 0.1, 0.36, 0.3, 1.9
_SIDE = 0.62
"""Inches left of the pictures for the names of rows."""
_FINER = 1.25
"""A panel is so many times larger on a screen than on paper."""


@dataclass(frozen=True, eq=False)
class PictureGrid:
    """A figure and its panels, by row and column, all with the image's coordinates.

    Attributes:
        columns: their titles.
        rows: each row's name and colour.
        said: what was written below panels, by row and column.
    """

    figure: Figure
    panels: list[list[Axes]]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, str], ...]
    said: dict[tuple[int, int], str] = field(default_factory=dict)

    def say(
        self, row: int, column: int, text: str, colour: str = GREY, *, bold: bool = False
    ) -> None:
        """Writes a line below a panel."""
        self.said[row, column] = text
        axes = self.panels[row][column]
        axes.text(
            0.5, -0.03, printable(text, 40), transform=axes.transAxes, ha="center", va="top",
            fontsize=SMALL_SIZE, color=colour, fontweight="bold" if bold else "normal",
            clip_on=False,
        )  # fmt: skip


def picture_grid(
    heading: tuple[str, str],
    columns: Sequence[str],
    rows: Sequence[tuple[str, str]],
    size_hw: SizeHW,
    foot: float = 0.0,
) -> PictureGrid:
    """Lays out the panels; the style has to be in force already.

    Args:
        columns: titles, of at most two lines.
        rows: each with its name and its colour; "" leaves no room for names if all are empty.
        size_hw: the image's size in pixels.
        foot: inches to leave free at the bottom.
    """
    side = _SIDE if any(name for name, _ in rows) else 0.0
    room = WIDTH - 2 * MARGIN - side
    width = (room - _GAP * (len(columns) - 1)) / len(columns)
    height = width * size_hw[0] / size_hw[1]
    if height > _TALLEST:
        width, height = width * _TALLEST / height, _TALLEST
    pitch = (room + _GAP) / len(columns)
    line = height + _BELOW
    figure = new_figure(HEADING_HEIGHT + _TITLES + line * len(rows) + foot)
    add_heading(figure, *heading)
    panels = []
    for column, title in enumerate(columns):
        middle = MARGIN + side + column * pitch + (pitch - _GAP) / 2
        add_text(figure, middle, HEADING_HEIGHT + _TITLES - 0.05, title, ha="center", va="bottom",
                 fontsize=TEXT_SIZE, linespacing=1.05)  # fmt: skip
    for row, (name, colour) in enumerate(rows):
        top = HEADING_HEIGHT + _TITLES + row * line
        if name:
            chip = {"boxstyle": "round,pad=0.25", "facecolor": colour, "edgecolor": "none"}
            add_text(figure, MARGIN + side / 2 - 0.05, top + height / 2, name, color=ink_on(colour),
                     bbox=chip, ha="center", va="center", fontsize=SMALL_SIZE)  # fmt: skip
        panels.append([
            add_panel(figure, MARGIN + side + column * pitch + (pitch - _GAP - width) / 2,
                      top, width, height)
            for column in range(len(columns))
        ])  # fmt: skip
    titles = tuple(" ".join(title.split()) for title in columns)
    return PictureGrid(figure, panels, titles, tuple(rows))


def grid_tiles(
    grid: PictureGrid, options: FigureOptions, of_rows: Sequence[str] = ()
) -> tuple[Tile, ...]:
    """The panels without their words, each with its row's name, its column's title and its line.

    All are cut from one drawing: a drawing for each would take longer.

    Args:
        of_rows: what follows the titles in each row, but that of the first column.
    """
    pixels = drawn_pixels(grid.figure, round(options.dpi * _FINER))
    height, width = pixels.shape[:2]
    tiles = []
    for (row, (name, colour)), axes_of_row in zip(enumerate(grid.rows), grid.panels, strict=True):
        for (column, title), axes in zip(enumerate(grid.columns), axes_of_row, strict=True):
            place = axes.get_position()
            left, right = round(place.x0 * width), round(place.x1 * width)
            top, bottom = round((1 - place.y1) * height), round((1 - place.y0) * height)
            title = f"{title} {of_rows[row]}" if of_rows and column else title
            line = grid.said.get((row, column), "")
            text = f"{title}: {line}" if line else title
            alt = f"{name}, {text}" if name else text
            tiles.append(Tile(pixels[top:bottom, left:right], alt, name, text, colour))
    return tuple(tiles)


def darken(axes: Axes, cells: npt.NDArray[np.bool_], grid: Grid, size_hw: SizeHW) -> None:
    """Covers cells, (N,) true, with black, and hatches each, so that it is seen in print, too."""
    height, width = size_hw
    black = np.zeros((*grid.hw, 4))
    black[..., 3] = 0.72 * cells.reshape(grid.hw)
    cover = PcolorImage(axes, grid.edges_x * width, grid.edges_y * height, black)
    cover.set_zorder(2)
    axes.add_image(cover)
    for row, column in np.argwhere(cells.reshape(grid.hw)).tolist():
        x0, y0, x1, y1 = cell_box_xyxy((row, column), grid, size_hw)
        axes.plot([x0, x1], [y1, y0], color="white", alpha=0.35, linewidth=0.4, zorder=3)
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)


def dashed_box(axes: Axes, box_xyxy: npt.NDArray[np.float64], colour: str) -> None:
    """Draws a box that is not reported any more, on whatever is behind it."""
    x0, y0, x1, y1 = box_xyxy
    halo = [Stroke(linewidth=2.2, foreground=INK, alpha=0.7), Normal()]
    shape = Rectangle((x0, y0), x1 - x0, y1 - y0, fill=False, edgecolor=colour, linewidth=1.0,
                      linestyle=(0, (3, 2)), zorder=4, path_effects=halo)  # fmt: skip
    axes.add_patch(shape)


def box_in_pixels(box_cxcywh: npt.NDArray[np.floating], size_hw: SizeHW) -> npt.NDArray[np.float64]:
    """(4,) fractions of the image to left, top, right and bottom in pixels, within the image."""
    return np.asarray(pixel_boxes(np.asarray(box_cxcywh)[None], size_hw)[0])
