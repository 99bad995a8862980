"""What is really in an image, in the classes of the model that ran over it.

In: `Annotation`s, a model's class names, an image's size. Out: `GroundTruth`: indices of the
model's classes, and boxes cut to the image. It reports the objects that cannot be in the
image, and leaves out those that the model has no class for, and boxes around crowds, as DETR's
training does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from generator.analysis.boxes import cut_off, to_fractions, xywh_to_xyxy, xyxy_to_cxcywh
from generator.detr.coco import COCO_NAMES, HOLE
from generator.errors import ObjectsError
from generator.project.annotation_files import ReadAnnotation
from generator.project.annotations import Annotation
from generator.project.suggest import did_you_mean


@dataclass(frozen=True, eq=False)
class GroundTruth:
    """The objects of an image that its model could find, in the author's order.

    Attributes:
        classes: (n,) int, index into the model's classes.
        labels: n names of the classes.
        boxes_xyxy: (n, 4) float, left, top, right, bottom in pixels, within the image.
        size_hw: height and width of the image in pixels.
        unknown: the categories that the model lacks; their objects are left out.
        crowds: the categories of boxes around many objects that were not told apart; left out.
    """

    classes: npt.NDArray[np.int64]
    labels: tuple[str, ...]
    boxes_xyxy: npt.NDArray[np.float64]
    size_hw: tuple[int, int]
    unknown: tuple[str, ...] = ()
    crowds: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def boxes_cxcywh(self) -> npt.NDArray[np.float64]:
        """(n, 4) centre, width and height as fractions of the image."""
        return to_fractions(xyxy_to_cxcywh(self.boxes_xyxy), self.size_hw)


def ground_truth(
    objects: Sequence[Annotation], names: Sequence[str], size_hw: tuple[int, int]
) -> GroundTruth:
    """The ground truth for an image and a model, from an entry's objects.

    Args:
        names: the model's classes, without "no object"; COCO's holes are not classes.
        size_hw: height and width of the upright image in pixels.

    Raises:
        ObjectsError: a category that neither the model nor COCO has, or a box that lies
            outside the image; lists all of them.
    """
    problems = [*category_problems(objects, names), *box_problems(objects, size_hw)]
    if problems:
        raise ObjectsError("; ".join(problems))
    single = [one for one in objects if not one.iscrowd]
    found = [one for one in single if one.category in names]
    boxes = [one.in_pixels(size_hw) for one in found]
    boxes_xywh = np.array(boxes, np.float64).reshape(-1, 4)
    return GroundTruth(
        classes=np.array([names.index(one.category) for one in found], np.int64),
        labels=tuple(one.category for one in found),
        boxes_xyxy=cut_off(xywh_to_xyxy(boxes_xywh), size_hw),
        size_hw=size_hw,
        unknown=tuple(one.category for one in single if one.category not in names),
        crowds=tuple(one.category for one in objects if one.iscrowd),
    )


def category_problems(objects: Sequence[Annotation], names: Sequence[str]) -> list[str]:
    """A sentence for each category that is misspelt, or that no model has.

    A category of COCO that this model lacks is no mistake: the object is there all the same. Nor
    is one of a file of annotations, which may be of another data set.
    """
    valid = [name for name in dict.fromkeys((*names, *COCO_NAMES)) if name != HOLE]
    return [
        f"object {number}: there is no category `{one.category}`{did_you_mean(one.category, valid)}"
        for number, one in enumerate(objects, start=1)
        if one.category not in valid and not isinstance(one, ReadAnnotation)
    ]


def box_problems(objects: Sequence[Annotation], size_hw: tuple[int, int]) -> list[str]:
    """A sentence for each box that lies outside the image, or one if it was another image."""
    height, width = size_hw
    if misfit := next((text for one in objects if (text := one.misfit(size_hw))), ""):
        return [f"its boxes {misfit}"]
    problems = []
    for number, annotation in enumerate(objects, start=1):
        x, y, w, h = annotation.in_pixels(size_hw)
        if min(x + w, width) <= max(x, 0) or min(y + h, height) <= max(y, 0):
            box = ", ".join(f"{side:g}" for side in annotation.bbox)
            problems.append(
                f"object {number} ({annotation.category}): its box [{box}] lies outside the image, "
                f"which is {width} x {height}; give left, top, width and height in its pixels"
            )
    return problems
