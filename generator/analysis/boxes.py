"""Boxes: conversions between formats, areas, overlaps and suppression.

In: boxes, (n, 4), in any unit that the two sides of an operation share. Out: arrays of float64.
An argument's name gives the format of its boxes: `xyxy` is left, top, right, bottom; `xywh` is
left, top, width, height; `cxcywh` is centre, width, height. It knows no forward pass, no image
and no label.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Boxes = npt.NDArray[np.floating]
Floats = npt.NDArray[np.float64]

NMS_IOU = 0.5
"""NMS takes two boxes of a class for one object if their IoU is larger than this."""


def cxcywh_to_xyxy(boxes_cxcywh: Boxes) -> Floats:
    """(..., 4) centre, width and height -> left, top, right, bottom."""
    boxes = np.asarray(boxes_cxcywh, np.float64)
    centre, half = boxes[..., :2], boxes[..., 2:] / 2
    return np.concatenate([centre - half, centre + half], axis=-1)


def xyxy_to_cxcywh(boxes_xyxy: Boxes) -> Floats:
    """(..., 4) left, top, right, bottom -> centre, width and height."""
    boxes = np.asarray(boxes_xyxy, np.float64)
    low, high = boxes[..., :2], boxes[..., 2:]
    return np.concatenate([(low + high) / 2, high - low], axis=-1)


def xywh_to_xyxy(boxes_xywh: Boxes) -> Floats:
    """(..., 4) left, top, width and height, COCO's format -> left, top, right, bottom."""
    boxes = np.asarray(boxes_xywh, np.float64)
    low, size = boxes[..., :2], boxes[..., 2:]
    return np.concatenate([low, low + size], axis=-1)


def to_pixels(boxes: Boxes, size_hw: tuple[int, int]) -> Floats:
    """(..., 4) fractions of an image, in any format -> pixels; nothing is cut off."""
    return np.asarray(np.asarray(boxes, np.float64) * _size_whwh(size_hw))


def to_fractions(boxes: Boxes, size_hw: tuple[int, int]) -> Floats:
    """(..., 4) pixels of an image, in any format -> fractions of its width and height."""
    return np.asarray(np.asarray(boxes, np.float64) / _size_whwh(size_hw))


def cut_off(boxes_xyxy: Boxes, size_hw: tuple[int, int] = (1, 1)) -> Floats:
    """(..., 4) boxes without the parts that lie outside an image.

    Args:
        size_hw: the image's height and width in the unit of the boxes; 1 for fractions.
    """
    return np.asarray(np.clip(np.asarray(boxes_xyxy, np.float64), 0, _size_whwh(size_hw)))


def pixel_boxes(boxes_cxcywh: Boxes, size_hw: tuple[int, int]) -> Floats:
    """(n, 4) fractions of an image -> left, top, right, bottom in pixels, within the image."""
    return cut_off(to_pixels(cxcywh_to_xyxy(boxes_cxcywh), size_hw), size_hw)


def areas(boxes_xyxy: Boxes) -> Floats:
    """(..., 4) -> (...), width times height; 0 for a box that ends before it begins."""
    boxes = np.asarray(boxes_xyxy, np.float64)
    return np.asarray(np.clip(boxes[..., 2:] - boxes[..., :2], 0, None).prod(axis=-1))


def intersections(boxes_xyxy: Boxes, others_xyxy: Boxes) -> Floats:
    """The area that each pair shares: (n, 4) and (m, 4) -> (n, m)."""
    boxes, others = np.asarray(boxes_xyxy, np.float64), np.asarray(others_xyxy, np.float64)
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    return np.asarray(np.clip(high - low, 0, None).prod(axis=-1))


def box_iou(boxes_xyxy: Boxes, others_xyxy: Boxes) -> Floats:
    """Area of the intersection over area of the union of each pair.

    Args:
        boxes_xyxy, others_xyxy: (n, 4) and (m, 4), in the same unit.

    Returns:
        (n, m) in [0, 1]; 0 where both boxes have no area.
    """
    shared = intersections(boxes_xyxy, others_xyxy)
    union = areas(boxes_xyxy)[:, None] + areas(others_xyxy)[None] - shared
    return np.asarray(np.divide(shared, union, out=np.zeros_like(shared), where=union > 0))


def generalised_iou(boxes_xyxy: Boxes, others_xyxy: Boxes) -> Floats:
    """Generalised intersection over union of each pair (arXiv 1902.09630).

    GIoU = IoU - (E - U) / E, where U is the area of the union and E that of the smallest box
    around both.

    Args:
        boxes_xyxy: (n, 4), in any unit; a side may be 0.
        others_xyxy: (m, 4) in the same unit, each of positive size.

    Returns:
        (n, m) from -1 (small and far apart) to 1 (the same box).
    """
    boxes, others = np.asarray(boxes_xyxy, np.float64), np.asarray(others_xyxy, np.float64)
    shared = intersections(boxes, others)
    union = areas(boxes)[:, None] + areas(others)[None] - shared
    low = np.minimum(boxes[:, None, :2], others[None, :, :2])
    high = np.maximum(boxes[:, None, 2:], others[None, :, 2:])
    around = areas(np.concatenate([low, high], axis=-1))  # (n, m)
    return np.asarray(shared / union - (around - union) / around)


def removed_by_nms(
    boxes_xyxy: Boxes, classes: npt.NDArray[np.int64], iou: float = NMS_IOU
) -> npt.NDArray[np.bool_]:
    """Which boxes greedy non-maximum suppression, class by class, would remove.

    From the best box to the worst, a box is removed if its IoU with a better box of its class
    that stayed is larger than `iou`.

    Args:
        boxes_xyxy: (n, 4), best score first.
        classes: (n,).

    Returns:
        (n,), True for boxes that are removed.
    """
    overlapping = (box_iou(boxes_xyxy, boxes_xyxy) > iou) & (classes[:, None] == classes[None])
    removed = np.zeros(len(classes), dtype=bool)
    for index in range(len(classes)):
        removed[index] = bool((overlapping[index, :index] & ~removed[:index]).any())
    return removed


def _size_whwh(size_hw: tuple[int, int]) -> Floats:
    height, width = size_hw
    return np.array([width, height, width, height], np.float64)
