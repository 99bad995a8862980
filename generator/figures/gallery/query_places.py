"""Where each object query's boxes fall over a gallery, as in figure 7 of the DETR paper.

In: the last boxes of all queries in each image of one model. Out: a `Figure`, or its alt text.
As in the paper (arXiv 2005.12872), boxes are points in a unit square, and all predictions are
drawn, "no object" included.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from generator.figures.colours import query_colours
from generator.figures.gallery.gallery_data import GalleryData
from generator.figures.panels import MARGIN, add_heading, add_panel, heading_height, new_figure
from generator.figures.redraw import FigureKind
from generator.figures.style import GREY, SMALL_SIZE, figure_style, is_narrow, width
from generator.figures.words import enumerated

Boxes = npt.NDArray[np.floating]

SMALL_AREA = 0.1
"""A box with less than this share of the image's area is small."""
_COLUMNS, _MORE_COLUMNS, _FEW_QUERIES, _NARROW_COLUMNS = 10, 14, 40, 5
_GAP, _LABEL, _KEY = 0.08, 0.15, 0.24
_MOST_DRAWN = 4000
"""More points than these are drawn as pixels in the SVG, not as shapes."""

_BLUE, _YELLOW, _RED = (query_colours(range(3))[number] for number in range(3))
_KINDS: Mapping[str, Mapping[str, Any]] = {
    "small": {"marker": "o", "color": _BLUE, "markersize": 3.4, "markeredgewidth": 0},
    "wider than high": {"marker": "_", "color": _RED, "markersize": 7, "markeredgewidth": 1.6},
    "higher than wide": {"marker": "|", "color": _YELLOW, "markersize": 7, "markeredgewidth": 1.6},
}


def query_places_figure(boxes_cxcywh: Sequence[Boxes]) -> Figure:
    """Draws a square for each query, and in it a mark for its box in each image.

    Args:
        boxes_cxcywh: (Q, 4) for each image of one model, at least one; fractions of the image.
    """
    boxes = np.stack(boxes_cxcywh).astype(np.float64)  # (images, Q, 4)
    images, queries = boxes.shape[:2]
    columns = _COLUMNS if queries <= _FEW_QUERIES else _MORE_COLUMNS
    columns = _NARROW_COLUMNS if is_narrow() else columns
    room = width() - 2 * MARGIN
    side = (room - _GAP * (columns - 1)) / columns
    step_x, step_y = side + _GAP, side + _GAP + _LABEL
    rows = math.ceil(queries / columns)
    body = rows * step_y
    with figure_style():
        heading = ("Where each query's boxes fall", _remark(images))
        below = heading_height(*heading)
        top = below + (_KEY * 2.2 if is_narrow() else _KEY)
        figure = new_figure(top + body + MARGIN)
        add_heading(figure, *heading)
        _add_key(figure, below)
        axes = add_panel(figure, MARGIN, top, room, body)
        axes.set_xlim(0, room)
        axes.set_ylim(body, 0)
        at = np.arange(queries)
        corners = np.stack([at % columns * step_x, at // columns * step_y + _LABEL], axis=1)
        squares = [Rectangle((x, y), side, side) for x, y in corners.tolist()]
        drawn = PatchCollection(squares, facecolor="#f7f7f7", edgecolor=GREY, linewidth=0.4)
        # The last column ends at the panel's edge, which would cut its line.
        axes.add_collection(drawn).set_clip_on(False)
        small = SMALL_SIZE if is_narrow() else SMALL_SIZE - 1
        for query, (x, y) in enumerate(corners.tolist()):
            axes.text(x, y - 0.02, str(query), fontsize=small, color=GREY, va="bottom")
        centres = corners + boxes[..., :2] * side  # (images, Q, 2)
        opacity = float(np.interp(images, (20, 1000), (0.9, 0.25)))
        for kind, chosen in zip(_KINDS, kinds_of(boxes), strict=True):
            axes.plot(
                *centres[chosen].T, linestyle="", alpha=opacity, **_KINDS[kind], gid=kind,
                rasterized=images * queries > _MOST_DRAWN,
            )  # fmt: skip
    return figure


def kinds_of(boxes_cxcywh: Boxes) -> npt.NDArray[np.bool_]:
    """Which boxes are small, wide and tall: (..., 4) to (3, ...); each box is one of them.

    Sizes and shapes are measured in the unit square, whatever the image's proportions.
    """
    widths, heights = boxes_cxcywh[..., 2], boxes_cxcywh[..., 3]
    small = np.asarray(widths * heights < SMALL_AREA)
    return np.stack([small, ~small & (widths >= heights), ~small & (widths < heights)])


def query_places_alt(boxes_cxcywh: Sequence[Boxes]) -> str:
    """How many boxes are of each kind, and which queries vary least in place, in words."""
    boxes = np.stack(boxes_cxcywh).astype(np.float64)
    images, queries = boxes.shape[:2]
    shares = [
        f"{round(100 * float(chosen.mean()))} % {kind}"
        for kind, chosen in zip(_KINDS, kinds_of(boxes), strict=True)
    ]
    counted = f"{images:,} images" if images > 1 else "1 image"
    text = f"The boxes of {queries} queries in {counted}: {', '.join(shares)}."
    if images < 2:
        return f"{text} One image does not show where a query's boxes usually fall."
    centres = boxes[..., :2]
    spread = np.linalg.norm(centres - centres.mean(axis=0), axis=-1).mean(axis=0)  # (Q,)
    order = np.argsort(spread, kind="stable")
    ends = [(order[0], "Closest to its usual place stays"), (order[-1], "farthest from it strays")]
    says = [
        f"{words} query {int(query)}, on average {round(100 * float(spread[query]))} % of the "
        "image's side away"
        for query, words in ends
    ]
    return f"{text} {enumerated(says)}."


def _remark(images: int) -> str:
    if images < 2:
        return "One image only: this shows nothing yet. Each square is an image, each mark a box."
    return (
        "A square for each query: the whole image. A mark for each of "
        f"{images:,} images: the centre of its box."
    )


def _add_key(figure: Figure, top: float) -> None:
    labels = {"small": f"small: under {SMALL_AREA * 100:g} % of the image"}
    height = float(figure.get_size_inches()[1])
    figure.legend(
        handles=[
            Line2D([], [], linestyle="", **style, label=labels.get(kind, kind))
            for kind, style in _KINDS.items()
        ],
        loc="upper left",
        bbox_to_anchor=(0, 1 - (top - 0.06) / height),
        ncols=1 if is_narrow() else len(_KINDS),
        frameon=False,
        fontsize=SMALL_SIZE,
        handletextpad=0.2,
        borderaxespad=0,
        borderpad=0.3,
        labelspacing=0.25,
    )


def query_places_kind(model: str) -> FigureKind[GalleryData]:
    """The figure of one model; its name ends in the model's."""

    def boxes_of(data: GalleryData) -> list[Boxes]:
        return [image.query_boxes_cxcywh for image in data.images if image.model == model]

    return FigureKind(
        f"query-places-{model}",
        draw=lambda data, _: query_places_figure(boxes_of(data)),
        alt=lambda data: query_places_alt(boxes_of(data)),
        applies=lambda data: bool(boxes_of(data)),
        is_narrowed=True,
    )
