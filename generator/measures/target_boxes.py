"""The boxes that measures use: those of the detections, and the true boxes.

In: a forward pass and its detections, in pixels. Out: boxes as fractions of the image,
with queries and labels.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from generator.analysis.boxes import (
    Boxes,
    cut_off,
    cxcywh_to_xyxy,
    to_fractions,
    xyxy_to_cxcywh,
)
from generator.analysis.detections import Detections
from generator.inference.forward_pass import ForwardPass


@dataclass(frozen=True, eq=False)
class TargetBoxes:
    """Boxes of an image and their queries.

    Attributes:
        boxes_xyxy: (n, 4), fractions of width and height in [0, 1], each with an area.
        queries: (n,), the object query of each box.
        labels: n names of categories.
    """

    boxes_xyxy: npt.NDArray[np.float64]
    queries: npt.NDArray[np.int64]
    labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)

    def in_parts(self, most: int) -> Iterator[TargetBoxes]:
        """The boxes in their order, so many at a time."""
        for start in range(0, len(self), most):
            some = slice(start, start + most)
            yield TargetBoxes(self.boxes_xyxy[some], self.queries[some], self.labels[some])

    @property
    def same_class(self) -> npt.NDArray[np.bool_]:
        """(n, n), which boxes have the same label; True on the diagonal."""
        labels = np.array(self.labels, dtype=object)
        return np.asarray(labels[:, None] == labels[None], dtype=bool).reshape(len(self), len(self))

    @property
    def centres_xy(self) -> npt.NDArray[np.float64]:
        """(n, 2), the boxes' centres, fractions of width and height."""
        return xyxy_to_cxcywh(self.boxes_xyxy)[:, :2]


def target_boxes(
    boxes_xyxy: Boxes, queries: npt.NDArray[np.integer], labels: tuple[str, ...]
) -> TargetBoxes:
    """Cuts the boxes, fractions of the image, at its edges.

    Boxes without area, and those with query -1, which have no query, are dropped.

    Raises:
        ValueError: boxes, queries and labels differ in number.
    """
    boxes = cut_off(boxes_xyxy)
    if not len(boxes) == len(queries) == len(labels):
        raise ValueError(
            f"expected as many queries and labels as boxes, got {len(boxes)} boxes, "
            f"{len(queries)} queries and {len(labels)} labels"
        )
    kept = np.asarray((boxes[:, 2:] > boxes[:, :2]).all(axis=1) & (np.asarray(queries) >= 0))
    return TargetBoxes(
        boxes[kept],
        np.asarray(queries, np.int64)[kept],
        tuple(label for label, keep in zip(labels, kept.tolist(), strict=True) if keep),
    )


def target_boxes_in_pixels(
    boxes_xyxy: Boxes,
    size_hw: tuple[int, int],
    queries: npt.NDArray[np.integer],
    labels: tuple[str, ...],
) -> TargetBoxes:
    """The same from boxes in pixels of an image of `size_hw`."""
    return target_boxes(to_fractions(boxes_xyxy, size_hw), queries, labels)


def detected_boxes(detections: Detections) -> TargetBoxes:
    """The detections, with the boxes that the model itself predicted."""
    return target_boxes_in_pixels(
        detections.boxes_xyxy, detections.size_hw, detections.queries, detections.labels
    )


def unmatched_boxes(forward: ForwardPass, detections: Detections) -> TargetBoxes:
    """The control: every query that was not kept, with the box that it predicted."""
    every = query_boxes(forward)
    queries = np.setdiff1d(np.arange(len(every)), detections.queries)
    return target_boxes(every[queries], queries, ("",) * len(queries))


def query_boxes(forward: ForwardPass) -> npt.NDArray[np.float64]:
    """Every query's last box, left, top, right, bottom as fractions of the image: (Q, 4)."""
    return cut_off(cxcywh_to_xyxy(forward.boxes_cxcywh[-1]))
