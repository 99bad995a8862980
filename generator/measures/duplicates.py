"""How boxes overlap, and which of them are there twice.

In: boxes as left, top, right, bottom, scores and classes. Out: overlaps, and the number
of boxes that non-maximum suppression would remove.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from generator.analysis.detections import detect
from generator.inference.forward_pass import ForwardPass

Boxes = npt.NDArray[np.floating]
NMS_IOU = 0.5
"""Two boxes of a class that overlap more than this are one object's, to NMS."""


def box_iou(first_xyxy: Boxes, second_xyxy: Boxes) -> npt.NDArray[np.float64]:
    """Area of the intersection over area of the union of each pair of boxes.

    Args:
        first_xyxy, second_xyxy: (n, 4) and (m, 4), in the same unit.

    Returns:
        (n, m) in [0, 1]; 0 where both boxes have no area.
    """
    first, second = np.asarray(first_xyxy, np.float64), np.asarray(second_xyxy, np.float64)
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=-1)
    areas = [np.clip(b[:, 2:] - b[:, :2], 0, None).prod(axis=-1) for b in (first, second)]
    union = areas[0][:, None] + areas[1][None] - shared
    return np.asarray(np.divide(shared, union, out=np.zeros_like(shared), where=union > 0))


def removed_by_nms(
    boxes_xyxy: Boxes, classes: npt.NDArray[np.int64], iou: float = NMS_IOU
) -> npt.NDArray[np.bool_]:
    """Which boxes greedy non-maximum suppression, class by class, would remove.

    From the best box to the worst, a box goes if it overlaps a better one of its class, which
    itself stayed, by more than `iou`.

    Args:
        boxes_xyxy: (n, 4), best score first.
        classes: (n,).

    Returns:
        (n,), True for what goes.
    """
    rivals = (box_iou(boxes_xyxy, boxes_xyxy) > iou) & (classes[:, None] == classes[None])
    removed = np.zeros(len(classes), dtype=bool)
    for index in range(len(classes)):
        removed[index] = bool((rivals[index, :index] & ~removed[:index]).any())
    return removed


def duplicates_by_layer(
    forward: ForwardPass, threshold: float, iou: float = NMS_IOU
) -> npt.NDArray[np.int64]:
    """Boxes above the threshold after each decoder layer, and how many NMS would remove.

    Tests what figure 4 of the DETR paper (arXiv 2005.12872) shows by AP: that later layers
    need no NMS. The boxes after a layer are those that the shared heads read from it.

    Returns:
        (decoder layers, 2) counts: above the threshold, and removed of these.
    """
    counts = []
    for layer in range(len(forward.logits)):
        found = detect(forward, threshold, layer)
        removed = removed_by_nms(found.boxes_xyxy, found.category_ids, iou)
        counts.append((len(found), int(removed.sum())))
    return np.array(counts, dtype=np.int64)
