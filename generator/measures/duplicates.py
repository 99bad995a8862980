"""Duplicate boxes, layer by layer.

In: a forward pass and a threshold. Out: how many boxes score above it after each decoder layer,
and how many of them non-maximum suppression would remove.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from generator.analysis.boxes import NMS_IOU, removed_by_nms
from generator.analysis.detections import detect
from generator.inference.forward_pass import ForwardPass


def duplicates_by_layer(
    forward: ForwardPass, threshold: float, iou: float = NMS_IOU
) -> npt.NDArray[np.int64]:
    """Boxes above the threshold after each decoder layer, and how many NMS would remove.

    Tests what figure 4 of the DETR paper (arXiv 2005.12872) shows by AP: that later layers
    need no NMS. The boxes after a layer are what the shared heads predict from its output.

    Returns:
        (decoder layers, 2) counts: boxes above the threshold, and those of them that NMS removes.
    """
    counts = []
    for layer in range(len(forward.logits)):
        found = detect(forward, threshold, layer)
        removed = removed_by_nms(found.boxes_xyxy, found.category_ids, iou)
        counts.append((len(found), int(removed.sum())))
    return np.array(counts, dtype=np.int64)
