"""Figures for the site as tiles: pictures without words, each a file, and the words beside them.

In: pixels, maps and boxes. Out: `Tiles`, which a page sets in a grid of as many columns as the
screen has room for. Words never become pixels, so that they are read on any screen, searched,
copied and spoken. Tiles are composed in NumPy: axes would cost ten times as much.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from matplotlib import colormaps
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from PIL import Image, ImageDraw

from generator.analysis.grid import Grid
from generator.figures.figure_file import Mark, Table
from generator.figures.panels import Pixels, SizeHW, fitted
from generator.figures.style import figure_style, ink_on
from generator.files.write import write_if_different
from generator.measures.layer_rows import remembered

Box = npt.NDArray[np.float64]
Number = TypeVar("Number", bound=np.generic)

_AREA, _WIDEST = 3.0 * 2.6, 7.0
"""The size of a tile in square inches, so that tall and wide ones have as many pixels; its
largest side in inches."""
_LOSSY: Mapping[str, Any] = {"quality": 86, "method": 0}
_LOSSLESS: Mapping[str, Any] = {"lossless": True, "quality": 20, "method": 1}
"""How hard WebP tries. More effort for photographs takes twice the time, for a tenth of the bytes;
here with less for them and a little more for flat pictures a page weighs the same."""
_SCALE_STEPS = 9


@dataclass(frozen=True, eq=False)
class Tile:
    """One picture of a figure.

    Attributes:
        pixels: (h, w, 3) RGB.
        alt: what it shows, for those who cannot see it.
        title: what it is of, "query 17".
        text: what else is to be said of it.
        colour: of the title, "#rrggbb"; empty for none.
        marks: what the page writes on it.
        is_large: whether it is to be as wide as two others.
        is_flat: whether it has few colours and no photograph, and is kept without loss.
    """

    pixels: Pixels
    alt: str
    title: str = ""
    text: str = ""
    colour: str = ""
    marks: tuple[Mark, ...] = ()
    is_large: bool = False
    is_flat: bool = False


@dataclass(frozen=True, eq=False)
class Tiles:
    """A figure for the site.

    Attributes:
        remark: what is said of all tiles.
        colour_map: that of their maps, each of which reaches from 0 to its own maximum; empty
            where nothing is to be explained.
        columns: how many there are on a wide screen, where a row has a meaning; else 0.
        table: what is said in a table below them.
    """

    tiles: tuple[Tile, ...]
    remark: str = ""
    colour_map: str = ""
    columns: int = 0
    table: Table | None = None

    @property
    def scale(self) -> tuple[str, ...]:
        """A few colours of the map, from 0 to its maximum."""
        if not self.colour_map:
            return ()
        return tuple(to_hex(one) for one in colormaps[self.colour_map](_steps()))


def tile_size(size_hw: SizeHW, dpi: int) -> SizeHW:
    """Height and width in pixels of a tile that shows an image of `size_hw`."""
    aspect = size_hw[1] / size_hw[0]
    width = min(math.sqrt(_AREA * aspect), _WIDEST, _WIDEST * aspect)
    return max(1, round(width / aspect * dpi)), max(1, round(width * dpi))


def whole_size(size_hw: SizeHW, dpi: int) -> SizeHW:
    """The same for a tile that is as wide as the page, or as high as a screen."""
    width = min(_WIDEST, _WIDEST * size_hw[1] / size_hw[0])
    return max(1, round(width * size_hw[0] / size_hw[1] * dpi)), max(1, round(width * dpi))


def picture(pixels: Pixels, size_hw: SizeHW) -> Pixels:
    """An image in the size of a tile, made once for all figures; nobody may write to it."""
    made = _pictures(pixels)
    if size_hw not in made:
        made[size_hw] = _picture(pixels, size_hw)
    return made[size_hw]


@remembered
def _pictures(_of: Pixels) -> dict[SizeHW, Pixels]:
    """What was made already of the image that is being drawn, by size."""
    return {}


def _picture(pixels: Pixels, size_hw: SizeHW) -> Pixels:
    if max(pixels.shape[:2]) > 4 * max(size_hw):
        pixels = fitted(pixels, 2 * max(size_hw) / 230)  # cheap first, then sharp
    image = Image.fromarray(pixels)
    return np.asarray(image.resize(size_hw[::-1], Image.Resampling.LANCZOS, reducing_gap=3.0))


def map_picture(
    weights: npt.NDArray[np.floating], grid: Grid, size_hw: SizeHW, colour_map: str
) -> Pixels:
    """A map from 0 to its maximum, (h, w) to pixels of `size_hw`, each cell on its footprint."""
    return np.asarray(spread(coloured(weights, colour_map), grid, size_hw))


def square_picture(weights: npt.NDArray[np.floating], colour_map: str, side: int = 16) -> Pixels:
    """A matrix from 0 to its maximum, (h, w) to (h * side, w * side, 3)."""
    return coloured(weights, colour_map).repeat(side, axis=0).repeat(side, axis=1)


def coloured(weights: npt.NDArray[np.floating], colour_map: str) -> Pixels:
    """The colour of each weight, (..., 3), on a scale from 0 to their maximum."""
    most = float(weights.max()) or 1.0
    levels = np.minimum(weights / most * 256, 255).astype(np.uint8)
    return np.asarray(_colours(colour_map)[levels])


def spread(cells: npt.NDArray[Number], grid: Grid, size_hw: SizeHW) -> npt.NDArray[Number]:
    """Gives every pixel of an image what the cell has on whose footprint it lies.

    Args:
        cells: (h, w, ...), of the grid.
        size_hw: of the result, (height, width, ...), in pixels.
    """
    height, width = size_hw
    rows = grid.edges_y[1:-1].searchsorted((np.arange(height) + 0.5) / height, side="right")
    columns = grid.edges_x[1:-1].searchsorted((np.arange(width) + 0.5) / width, side="right")
    # Columns first, where there are few rows; then whole rows are copied.
    return cells.take(columns, axis=1).take(rows, axis=0)


def boxed(pixels: Pixels, boxes: list[tuple[Box, str]], of_hw: SizeHW, line: float) -> Pixels:
    """Draws boxes with a white halo, the first one at the bottom.

    Args:
        boxes: (left, top, right, bottom) in pixels of an image of `of_hw`, and a colour.
        line: width in pixels.
    """
    image = Image.fromarray(pixels)
    draw = ImageDraw.Draw(image)
    height, width = pixels.shape[:2]
    scale = np.array([width / of_hw[1], height / of_hw[0]] * 2)
    for box_xyxy, colour in boxes:
        corners = np.asarray(box_xyxy, np.float64) * scale
        for colour_of, half in (("white", line), (colour, line / 2)):
            x0, y0, x1, y1 = np.round(corners + half * np.array([-1, -1, 1, 1])).tolist()
            draw.rectangle(
                (x0, y0, max(x0, x1 - 1), max(y0, y1 - 1)),
                outline=colour_of,
                width=max(1, round(2 * half)),
            )
    return np.asarray(image)


def stacked(upper: Pixels, lower: Pixels, gap: int) -> Pixels:
    """Two pictures of one width, one above the other, with white between them."""
    white = np.full((gap, upper.shape[1], 3), 255, np.uint8)
    return np.concatenate([upper, white, lower])


def mark(text: str, place_xy: tuple[float, float], colour: str) -> Mark:
    """A mark whose text can be read on its colour."""
    return Mark(text, place_xy, colour, ink_on(colour))


def drawn_pixels(figure: Figure, dpi: int) -> Pixels:
    """Draws a figure of matplotlib's to (h, w, 3) pixels; it can still be used afterwards."""
    with figure_style():
        figure.set_dpi(dpi)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def save_tile(tile: Tile, path: Path) -> None:
    """Writes a tile's pixels as WebP, the same bytes for the same pixels."""
    stream = io.BytesIO()
    image = Image.fromarray(tile.pixels)
    image.save(stream, "WEBP", **(_LOSSLESS if tile.is_flat else _LOSSY))
    write_if_different(path, stream.getvalue())


@cache
def _colours(colour_map: str) -> Pixels:
    """The 256 colours of a map, (256, 3)."""
    rgba = colormaps[colour_map](np.arange(256))
    return np.asarray(np.round(rgba[:, :3] * 255), np.uint8)


def _steps() -> npt.NDArray[np.float64]:
    return np.linspace(0.0, 1.0, _SCALE_STEPS)
