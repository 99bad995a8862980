"""The ids and names of detections as marks, which a page writes on a picture.

In: `Detections`. Out: `Mark`s, placed as chips are: on or next to their boxes, hiding little. Names
need room, so that there may be a set for wide screens and one of ids for narrow ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from generator.analysis.detections import Detections
from generator.figures.colours import query_colours
from generator.figures.figure_file import Mark
from generator.figures.image.labels import Rectangles, chip_sizes, place_chips, worst_overlap
from generator.figures.style import ink_on
from generator.figures.words import labelled

PHONE, DESK = 358, 800
"""The widths in CSS pixels that a picture has on a phone and beside the page's text."""
TALLEST, FONT = 720, 12
"""The largest height of a picture, and the size of a mark's letters, in CSS pixels."""
_MOST_OVERLAP, _MOST_COVERED = 0.1, 0.2
"""As for the figure on paper: ids take the place of names that would hide more."""


def marks_of(detections: Detections) -> tuple[Mark, ...]:
    """The queries' ids, whose labels stand below the picture."""
    ids = [str(query) for query in detections.queries.tolist()]
    labels = list(map(labelled, detections.labels, detections.scores.tolist()))
    rectangles, _ = _placed(detections, ids, PHONE)
    marks = _marks(detections, ids, rectangles, "")
    return tuple(replace(one, label=label) for one, label in zip(marks, labels, strict=True))


def named_marks_of(detections: Detections) -> tuple[Mark, ...]:
    """Names for wide screens if they have room there, and ids for narrow ones."""
    names = list(map(labelled, detections.labels, detections.scores.tolist()))
    rectangles, covered = _placed(detections, names, DESK)
    if covered > _MOST_COVERED or worst_overlap(rectangles) > _MOST_OVERLAP:
        return marks_of(detections)
    on_narrow = tuple(replace(one, screens="narrow") for one in marks_of(detections))
    return (*_marks(detections, names, rectangles, "wide"), *on_narrow)


def _placed(detections: Detections, texts: Sequence[str], screen: int) -> tuple[Rectangles, float]:
    """A rectangle for each text in pixels of the image, and the share of it that they cover."""
    height, width = detections.size_hw
    shown = min(screen, TALLEST * width / height)
    sizes = chip_sizes(texts, FONT) * width / shown
    covered = float(sizes.prod(axis=1).sum()) / (height * width)
    return place_chips(detections.boxes_xyxy, sizes, detections.size_hw), covered


def _marks(
    detections: Detections,
    texts: Sequence[str],
    rectangles: Rectangles,
    screens: Literal["", "narrow", "wide"],
) -> list[Mark]:
    """Marks that stay at their boxes when the picture is wider than it was placed for."""
    height, width = detections.size_hw
    colours, marks = query_colours(detections.queries).values(), []
    for text, chip, box, colour in zip(
        texts, rectangles, detections.boxes_xyxy, colours, strict=True
    ):
        (x, anchor_x), (y, anchor_y) = (anchor_of(chip[i::2], box[i::2]) for i in (0, 1))
        place_xy, anchor_xy = (x / width, y / height), (anchor_x, anchor_y)
        ink = ink_on(colour)
        marks.append(Mark(text, place_xy, colour, ink, anchor_xy=anchor_xy, screens=screens))
    return marks


def anchor_of(chip: Rectangles, box: Rectangles) -> tuple[float, float]:
    """The end of a chip that is nearest to an end of its box, and which one it is, 0 or 1."""
    apart = np.abs(chip[:, None] - box[None]).min(axis=1)
    end = int(apart.argmin())
    return float(chip[end]), float(end)
