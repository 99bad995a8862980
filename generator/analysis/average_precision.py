"""COCO's average precision, computed by its own code, pycocotools.

In: for each image what is there and what is predicted, as arrays. Out: precision by overlap,
recall, class and range of sizes, and its mean, the AP.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Precision = npt.NDArray[np.float64]

EVERY_SIZE = {"all": (0.0, 1e10)}
"""The range of areas that leaves nothing out."""


@dataclass(frozen=True, eq=False)
class Objects:
    """What is in an image, or is predicted to be.

    Attributes:
        classes: (n,), from 0.
        boxes_xyxy: (n, 4), in any unit that truth and predictions share.
        scores: (n,), of predictions; None for what is really there.
    """

    classes: npt.NDArray[np.integer]
    boxes_xyxy: npt.NDArray[np.floating]
    scores: npt.NDArray[np.floating] | None = None


def coco_precision(
    truth: Sequence[Objects],
    predicted: Sequence[Objects],
    classes: int,
    areas: Mapping[str, tuple[float, float]] = EVERY_SIZE,
) -> Precision:
    """COCO's table of precision.

    Args:
        truth, predicted: of the same images.
        classes: how many there are.
        areas: ranges of a box's area.

    Returns:
        (IoUs from 0.5 to 0.95, recalls from 0 to 1, classes, areas); -1 where nothing is there.
    """
    from pycocotools.cocoeval import COCOeval  # only here: it imports matplotlib.pyplot

    rows = [
        [image, *box[:2], *(box[2:] - box[:2]), score, label + 1]
        for image, one in enumerate(predicted)
        for box, score, label in zip(one.boxes_xyxy, _scores(one), one.classes, strict=True)
    ]
    known = _coco(truth, classes)
    with contextlib.redirect_stdout(io.StringIO()):
        found = known.loadRes(np.array(rows, np.float64).reshape(-1, 7)) if rows else _coco((), 0)
        evaluation = COCOeval(known, found, "bbox")
        evaluation.params.areaRng = [list(one) for one in areas.values()]
        evaluation.params.areaRngLbl = list(areas)
        evaluation.evaluate()
        evaluation.accumulate()
    return np.asarray(evaluation.eval["precision"][..., -1], np.float64)


def mean_precision(precision: Precision) -> float | None:
    """The mean over what COCO could measure, which is the AP; None if nothing is there."""
    measured = precision[precision > -1]
    return float(measured.mean()) if measured.size else None


def _scores(objects: Objects) -> npt.NDArray[np.floating]:
    return np.ones(len(objects.classes)) if objects.scores is None else objects.scores


def _coco(truth: Sequence[Objects], classes: int) -> Any:
    """What is there, in the format of pycocotools."""
    from pycocotools.coco import COCO

    annotations: list[dict[str, Any]] = []
    for image, one in enumerate(truth):
        for label, (x0, y0, x1, y1) in zip(
            one.classes.tolist(), one.boxes_xyxy.tolist(), strict=True
        ):
            width, height = x1 - x0, y1 - y0
            annotations.append(
                {"id": len(annotations) + 1, "image_id": image, "category_id": label + 1,
                 "bbox": [x0, y0, width, height], "area": width * height, "iscrowd": 0}
            )  # fmt: skip
    with contextlib.redirect_stdout(io.StringIO()):
        made = COCO()
        made.dataset = {
            "images": [{"id": i} for i in range(len(truth))],
            "annotations": annotations,
            "categories": [{"id": i + 1, "name": str(i)} for i in range(classes)],
        }
        made.createIndex()
    return made
