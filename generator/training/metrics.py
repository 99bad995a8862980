"""How good predictions are: COCO's AP, and precision and recall at a score.

In: scenes with their ground truth, and predictions for them. Out: numbers. It runs no model.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from torchvision.ops import box_iou

from generator.training.glyphs import CLASSES
from generator.training.scenes import Scene

SIZES = {"small": (0.0, 0.25), "medium": (0.25, 0.4), "large": (0.4, 10.0)}
"""Ranges of the square root of a box's area, as a share of the scene's short side."""

PREDICTION_MATCH_IOU = 0.5


@dataclass(frozen=True)
class Predictions:
    """One scene's best class per query.

    Attributes:
        scores: (Q,), probability of the best class that is not "no object".
        classes: (Q,), index into `CLASSES`.
        boxes_xyxy: (Q, 4) pixels.
    """

    scores: npt.NDArray[np.float32]
    classes: npt.NDArray[np.int64]
    boxes_xyxy: npt.NDArray[np.float32]


def average_precision(
    scenes: Sequence[Scene], predictions: Sequence[Predictions]
) -> dict[str, Any]:
    """COCO's AP over all, by size and by class."""
    truth = _coco_truth(scenes)
    rows = [
        [image, *box[:2], *(box[2:] - box[:2]), score, label + 1]
        for image, p in enumerate(predictions)
        for box, score, label in zip(p.boxes_xyxy, p.scores, p.classes, strict=True)
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        found = truth.loadRes(np.array(rows, dtype=np.float64))
        evaluation = COCOeval(truth, found, "bbox")
        side = min(scenes[0].pixels.shape[:2])
        ranges = [[(low * side) ** 2, (high * side) ** 2] for low, high in SIZES.values()]
        evaluation.params.areaRng = [[0, 1e10], *ranges]
        evaluation.params.areaRngLbl = ["all", *SIZES]
        evaluation.evaluate()
        evaluation.accumulate()
    precision = evaluation.eval["precision"]  # (IoU, recall, class, area, detections)
    labels = np.concatenate([scene.classes for scene in scenes])
    return {
        "AP": _mean(precision[:, :, :, 0, -1]),
        "AP50": _mean(precision[0, :, :, 0, -1]),
        "AP75": _mean(precision[5, :, :, 0, -1]),
        "by_size": {
            name: {"AP": _mean(precision[:, :, :, i + 1, -1])} for i, name in enumerate(SIZES)
        },
        "by_class": {
            c.name: {"AP": _mean(precision[:, :, i, 0, -1]), "objects": int((labels == i).sum())}
            for i, c in enumerate(CLASSES)
        },
    }


def _mean(precision: npt.NDArray[np.float64]) -> float | None:
    """The mean over what COCO could measure; it writes -1 if there was no object."""
    measured = precision[precision > -1]
    return float(measured.mean()) if measured.size else None


def _coco_truth(scenes: Sequence[Scene]) -> Any:
    """The ground truth in the format of pycocotools."""
    annotations: list[dict[str, Any]] = []
    for image, scene in enumerate(scenes):
        for label, (x0, y0, x1, y1) in zip(
            scene.classes.tolist(), scene.boxes_xyxy.tolist(), strict=True
        ):
            width, height = x1 - x0, y1 - y0
            annotations.append(
                {"id": len(annotations) + 1, "image_id": image, "category_id": label + 1,
                 "bbox": [x0, y0, width, height], "area": width * height, "iscrowd": 0}
            )  # fmt: skip
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = {
            "images": [{"id": i} for i in range(len(scenes))],
            "annotations": annotations,
            "categories": [{"id": i + 1, "name": c.name} for i, c in enumerate(CLASSES)],
        }
        truth.createIndex()
    return truth


def precision_recall(
    scenes: Sequence[Scene], predictions: Sequence[Predictions], threshold: float
) -> dict[str, float | None]:
    """The share of kept predictions that are right, and of objects that are found.

    In the order of their scores, each prediction takes the free object of its class that
    it overlaps most, if their IoU is at least 0.5.
    """
    right = kept = objects = 0
    for scene, p in zip(scenes, predictions, strict=True):
        order = [i for i in np.argsort(-p.scores, kind="stable") if p.scores[i] > threshold]
        kept += len(order)
        objects += len(scene.classes)
        if not order or not len(scene.classes):
            continue
        iou = box_iou(torch.from_numpy(p.boxes_xyxy), torch.from_numpy(scene.boxes_xyxy)).numpy()
        iou = np.where(p.classes[:, None] == scene.classes[None], iou, 0.0)
        for query in order:
            best = int(iou[query].argmax())
            if iou[query, best] >= PREDICTION_MATCH_IOU:
                right += 1
                iou[:, best] = 0.0
    return {
        "precision": right / kept if kept else None,
        "recall": right / objects if objects else None,
    }
