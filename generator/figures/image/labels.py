"""Chips: small filled labels that stay inside an image and do not overlap each other.

In: boxes, texts and colours. Out: rectangles in image pixels, and the chips on an axes.
If there is no free room, a chip goes where it hides least.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.patches import FancyBboxPatch
from matplotlib.textpath import text_to_path

from generator.analysis.boxes import areas, intersections
from generator.figures.style import FONT, ink_on

Rectangles = npt.NDArray[np.float64]

# Of a chip, in units of its font size.
_HEIGHT, _BASELINE, _PADDING = 1.45, 0.40, 0.35


def chip_sizes(texts: Sequence[str], font_size: float) -> Rectangles:
    """Width and height of each chip in points, (n, 2)."""
    font = FontProperties(family=FONT, size=font_size)
    widths = [text_to_path.get_text_width_height_descent(text, font, False)[0] for text in texts]
    sizes = [(width + 2 * _PADDING * font_size, _HEIGHT * font_size) for width in widths]
    return np.array(sizes, dtype=np.float64).reshape(-1, 2)


def place_chips(
    boxes_xyxy: Rectangles, sizes_wh: Rectangles, size_hw: tuple[int, int]
) -> Rectangles:
    """Finds a rectangle on or next to each box for its chip.

    Small boxes choose first, since a large box has more room. A chip that is larger than
    the image starts at its left or top edge.

    Args:
        boxes_xyxy: (n, 4) in pixels.
        sizes_wh: (n, 2), each chip's width and height in pixels.
        size_hw: the image's height and width in pixels.

    Returns:
        (n, 4) left, top, right, bottom in pixels.
    """
    placed = np.zeros((len(boxes_xyxy), 4))
    done = np.zeros(len(boxes_xyxy), dtype=bool)
    sizes = areas(boxes_xyxy)
    for index in np.argsort(sizes, kind="stable"):
        rectangles, costs = _candidates(boxes_xyxy[index], sizes_wh[index], size_hw)
        chip_area = max(float(sizes_wh[index].prod()), 1e-9)
        hidden_chips = intersections(rectangles, placed[done]).sum(axis=1) / chip_area
        hidden_boxes = intersections(rectangles, boxes_xyxy) / np.maximum(sizes, 1e-9)
        costs = costs + 10 * hidden_chips + 2 * hidden_boxes.sum(axis=1)
        placed[index] = rectangles[int(np.argmin(costs))]
        done[index] = True
    return placed


def worst_overlap(rectangles: Rectangles) -> float:
    """The largest part of any one chip that the others cover, 0 to 1 or more."""
    if len(rectangles) < 2:
        return 0.0
    overlaps = intersections(rectangles, rectangles)
    np.fill_diagonal(overlaps, 0.0)
    return float((overlaps.sum(axis=1) / np.maximum(areas(rectangles), 1e-9)).max())


def draw_chips(
    axes: Axes,
    rectangles: Rectangles,
    texts: Sequence[str],
    colours: Sequence[str],
    font_size: float,
    pixels_per_point: float,
) -> None:
    """Draws each text on its colour, in its rectangle."""
    for (x0, y0, x1, y1), text, colour in zip(rectangles, texts, colours, strict=True):
        corner = 0.25 * font_size * pixels_per_point
        chip = FancyBboxPatch(
            (x0, y0),
            x1 - x0,
            y1 - y0,
            boxstyle=f"round,pad=0,rounding_size={corner}",
            facecolor=colour,
            edgecolor="white",
            linewidth=0.6,
            clip_on=False,
            zorder=5,
        )
        axes.add_patch(chip)
        axes.text(
            (x0 + x1) / 2,
            y1 - _BASELINE * font_size * pixels_per_point,
            text,
            fontsize=font_size,
            color=ink_on(colour),
            ha="center",
            va="baseline",
            zorder=6,
        )


def _candidates(
    box_xyxy: Rectangles, size_wh: Rectangles, size_hw: tuple[int, int]
) -> tuple[Rectangles, npt.NDArray[np.float64]]:
    """Places for one chip inside the image, (m, 4), and how unusual each place is, (m,)."""
    (x0, y0, x1, y1), (w, h) = box_xyxy, size_wh
    corners, costs = [], []
    for t in (0.0, 1.0, 0.5, 0.25, 0.75):
        along_x, along_y = x0 + t * (x1 - x0 - w), y0 + t * (y1 - y0 - h)
        corners += [(along_x, y0 - h), (along_x, y0), (along_x, y1), (along_x, y1 - h)]
        corners += [(x1, along_y), (x0 - w, along_y), (x0 + (x1 - x0 - w) / 2, along_y)]
        costs += [cost + 0.1 * t for cost in (0.0, 0.05, 0.2, 0.25, 0.4, 0.4, 0.6)]
    tops_left = np.array(corners)
    room = np.maximum(np.array([size_hw[1] - w, size_hw[0] - h]), 0.0)
    inside = np.clip(tops_left, 0.0, room)
    size = np.array([w, h])
    pushed = np.abs(inside - tops_left).sum(axis=1) / max(float(h), 1e-9)
    return np.concatenate([inside, inside + size], axis=1), np.array(costs) + 0.02 * pushed
