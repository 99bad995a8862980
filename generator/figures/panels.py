"""The layout of a figure, and the content of its panels: images and maps.

In: lengths in inches from the figure's top left, pixels and attention maps. Out: axes and
texts on a `Figure`. Every panel's coordinates are pixels of the original image, whatever
the resolution that is drawn.
"""

from __future__ import annotations

import math
import textwrap
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.image import AxesImage, PcolorImage
from matplotlib.patches import Rectangle
from matplotlib.patheffects import Normal, Stroke
from PIL import Image

from generator.analysis.grid import Grid
from generator.figures.style import GREY, HEADING_SIZE, SMALL_SIZE, TEXT_SIZE, is_narrow, width

Pixels = npt.NDArray[np.uint8]
SizeHW = tuple[int, int]

MARGIN = 0.06
"""White space around everything in inches, so that a line on an image's edge is not cut."""

_TITLE_LETTERS, _REMARK_LETTERS = 32, 52
"""The most letters of a line of a heading on a narrow screen."""

HEADING_HEIGHT, SCALE_HEIGHT = 0.5, 0.32
"""The heights that `add_heading` and `add_scale` take, in inches."""

# More pixels than these cannot be seen, not even on paper.
_PIXELS_PER_INCH, _LONGEST_SIDE = 230, 1600


def new_figure(height: float) -> Figure:
    """An empty white figure, `height` inches high and as wide as all figures."""
    return Figure(figsize=(width(), height))


def add_panel(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Axes without ticks or frame; all lengths in inches."""
    figure_width, figure_height = figure.get_size_inches()
    axes = figure.add_axes(
        (
            left / figure_width,
            1 - (top + height) / figure_height,
            width / figure_width,
            height / figure_height,
        )
    )
    axes.set_axis_off()
    return axes


def add_text(figure: Figure, left: float, top: float, text: str, **style: Any) -> None:
    """Writes a text; `top`, in inches, is the text's top unless `va` is given."""
    figure_width, figure_height = figure.get_size_inches()
    figure.text(
        left / figure_width,
        1 - top / figure_height,
        text,
        **{"va": "top", "fontsize": TEXT_SIZE, **style},
    )


def add_heading(figure: Figure, title: str, remark: str) -> None:
    """Writes a title and a remark at the top of the figure; it takes `heading_height`."""
    lines = _lines(title, _TITLE_LETTERS)
    below = MARGIN + 0.19 * len(lines)
    add_text(figure, MARGIN, MARGIN, "\n".join(lines), fontsize=HEADING_SIZE, fontweight="bold")
    text = "\n".join(_lines(remark, _REMARK_LETTERS))
    add_text(figure, MARGIN, below, text, fontsize=SMALL_SIZE, color=GREY)


def heading_height(title: str, remark: str) -> float:
    """The height of a heading in inches, of more lines on a narrow screen."""
    more = len(_lines(title, _TITLE_LETTERS)) - 1, len(_lines(remark, _REMARK_LETTERS)) - 1
    return HEADING_HEIGHT + 0.19 * more[0] + 0.13 * more[1]


def _lines(text: str, letters: int) -> list[str]:
    return textwrap.wrap(text, letters) if is_narrow() else [text]


def add_scale(figure: Figure, top: float, colour_map: str) -> None:
    """Explains the colours of the maps, `top` inches from the top of the figure."""
    width, height = 1.3, 0.1
    left, middle = MARGIN + 0.16, top + 0.2
    strip = add_panel(figure, left, middle - height / 2, width, height)
    strip.imshow(np.linspace(0, 1, 256)[None], cmap=colour_map, aspect="auto")
    remark: dict[str, Any] = {"fontsize": SMALL_SIZE, "va": "center"}
    add_text(figure, left - 0.08, middle, "0", ha="right", **remark)
    text = "maximum of the map (each map has its own scale)"
    add_text(figure, left + width + 0.08, middle, text, **remark)


def fitted(pixels: Pixels, panel_inches: float) -> Pixels:
    """Shrinks the image to what a panel can show whose long side is `panel_inches`."""
    longest = min(_LONGEST_SIDE, math.ceil(panel_inches * _PIXELS_PER_INCH))
    height, width = pixels.shape[:2]
    scale = longest / max(height, width)
    if scale >= 1:
        return pixels
    size_wh = max(1, round(width * scale)), max(1, round(height * scale))
    small = Image.fromarray(pixels).resize(size_wh, Image.Resampling.LANCZOS, reducing_gap=3.0)
    return np.asarray(small)


def faded(pixels: Pixels, box_xyxy: npt.NDArray[np.float64], size_hw: SizeHW) -> Pixels:
    """Bleaches the image outside the box, which is in pixels of an image of `size_hw`."""
    height, width = pixels.shape[:2]
    scale = np.array([width / size_hw[1], height / size_hw[0]] * 2)
    x0, y0, x1, y1 = np.round(box_xyxy * scale).astype(int)
    pale = (pixels * 0.45 + 255 * 0.55).astype(np.uint8)
    pale[y0:y1, x0:x1] = pixels[y0:y1, x0:x1]
    return pale


def draw_image(axes: Axes, pixels: Pixels, size_hw: SizeHW) -> AxesImage:
    """Shows an image of any resolution in the coordinates of `size_hw`."""
    extent = (0, size_hw[1], size_hw[0], 0)
    return axes.imshow(pixels, extent=extent, interpolation="hanning", aspect="auto")


def draw_map(
    axes: Axes,
    weights: npt.NDArray[np.float32],
    grid: Grid,
    size_hw: SizeHW,
    colour_map: str,
    *,
    opacity: npt.NDArray[np.float32] | None = None,
) -> AxesImage:
    """Shows a map over the whole image, from 0 to its maximum, each cell on its footprint.

    Args:
        weights, opacity: (h, w); an opacity from 0 to 1 lets what is below shine through.
    """
    height, width = size_hw
    scale = Normalize(0.0, float(weights.max()) or 1.0)
    edges = grid.edges_x * width, grid.edges_y * height
    image = PcolorImage(axes, *edges, weights, cmap=colour_map, norm=scale)
    if opacity is not None:
        colours = image.to_rgba(weights)
        colours[..., 3] = opacity
        image.set_data(*edges, colours)
    axes.add_image(image)
    axes.set(xlim=(0, width), ylim=(height, 0))
    return image


def draw_box(axes: Axes, box_xyxy: npt.NDArray[np.float64], colour: str, line: float) -> None:
    """Draws a box whose line is `line` points wide, with a white halo."""
    x0, y0, x1, y1 = box_xyxy
    axes.add_patch(
        Rectangle(
            (x0, y0),
            x1 - x0,
            y1 - y0,
            fill=False,
            edgecolor=colour,
            linewidth=line,
            joinstyle="miter",
            path_effects=[Stroke(linewidth=2 * line, foreground="white"), Normal()],
            clip_on=False,
            zorder=4,
        )
    )
