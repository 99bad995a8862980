"""How good predictions are: COCO's AP, and precision and recall at a score.

In: scenes with their ground truth, and predictions for them. Out: numbers. It runs no model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torchvision.ops import box_iou

from generator.analysis.average_precision import (
    EVERY_SIZE,
    Objects,
    coco_precision,
    mean_precision,
)
from generator.training.scenes import Scene

SIZES = {"small": (0.0, 0.25), "medium": (0.25, 0.4), "large": (0.4, 10.0)}
"""Ranges of the square root of a box's area, as a share of the scene's short side."""

PREDICTION_MATCH_IOU = 0.5


@dataclass(frozen=True)
class Predictions:
    """One scene's best class per query.

    Attributes:
        scores: (Q,), probability of the best class that is not "no object".
        classes: (Q,), index into the names of the classes.
        boxes_xyxy: (Q, 4) pixels.
    """

    scores: npt.NDArray[np.float32]
    classes: npt.NDArray[np.int64]
    boxes_xyxy: npt.NDArray[np.float32]


def average_precision(
    scenes: Sequence[Scene], predictions: Sequence[Predictions], names: Sequence[str]
) -> dict[str, Any]:
    """COCO's AP over all, by size and by class; `names` are those of the classes."""
    side = min(scenes[0].pixels.shape[:2])
    areas = EVERY_SIZE | {
        name: ((low * side) ** 2, (high * side) ** 2) for name, (low, high) in SIZES.items()
    }
    precision = coco_precision(
        [Objects(scene.classes, scene.boxes_xyxy) for scene in scenes],
        [Objects(one.classes, one.boxes_xyxy, one.scores) for one in predictions],
        len(names),
        areas,
    )  # (IoU, recall, class, area)
    labels = np.concatenate([scene.classes for scene in scenes])
    return {
        "AP": mean_precision(precision[:, :, :, 0]),
        "AP50": mean_precision(precision[0, :, :, 0]),
        "AP75": mean_precision(precision[5, :, :, 0]),
        "by_size": {
            name: {"AP": mean_precision(precision[:, :, :, i + 1])} for i, name in enumerate(SIZES)
        },
        "by_class": {
            name: {
                "AP": mean_precision(precision[:, :, i, 0]),
                "objects": int((labels == i).sum()),
            }
            for i, name in enumerate(names)
        },
    }


def found_and_right(
    scenes: Sequence[Scene], predictions: Sequence[Predictions], threshold: float
) -> tuple[list[npt.NDArray[np.bool_]], list[npt.NDArray[np.bool_]]]:
    """Which objects are found, and which predictions above the threshold are right.

    In the order of their scores, each prediction takes the free object of its class that
    it overlaps most, if their IoU is at least 0.5.

    Returns:
        For each scene (n,) of its objects, and (Q,) of its predictions, false below the threshold.
    """
    found, right = [], []
    for scene, p in zip(scenes, predictions, strict=True):
        taken, correct = np.zeros(len(scene.classes), bool), np.zeros(len(p.scores), bool)
        iou = box_iou(torch.from_numpy(p.boxes_xyxy), torch.from_numpy(scene.boxes_xyxy)).numpy()
        iou = np.where(p.classes[:, None] == scene.classes[None], iou, 0.0)
        for query in np.argsort(-p.scores, kind="stable").tolist():
            if not len(scene.classes) or p.scores[query] <= threshold:
                break
            best = int(np.where(taken, 0.0, iou[query]).argmax())
            if iou[query, best] >= PREDICTION_MATCH_IOU and not taken[best]:
                taken[best] = correct[query] = True
        found.append(taken)
        right.append(correct)
    return found, right


def precision_recall(
    scenes: Sequence[Scene], predictions: Sequence[Predictions], threshold: float
) -> dict[str, float | None]:
    """The share of kept predictions that are right, and of objects that are found."""
    found, right = found_and_right(scenes, predictions, threshold)
    kept = sum(int((p.scores > threshold).sum()) for p in predictions)
    objects = sum(len(one) for one in found)
    return {
        "precision": sum(int(one.sum()) for one in right) / kept if kept else None,
        "recall": sum(int(one.sum()) for one in found) / objects if objects else None,
    }
