"""How object queries look at each other: decoder self-attention by groups.

In: self-attention weights between queries, and which queries belong together. Out: how
much more weight a group gets than the other queries. It knows no image.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from generator.analysis.boxes import NMS_IOU, box_iou
from generator.measures.catalogue import (
    LIFT_ON_KEPT,
    LIFT_ON_OVERLAPPING,
    LIFT_ON_OVERLAPPING_OTHER_CLASS,
    LIFT_ON_RIVALS,
    LIFT_ON_SAME_CLASS,
)
from generator.measures.measurement import Measure

Weights = npt.NDArray[np.float64]
Members = npt.NDArray[np.bool_]


def group_lift(weights: Weights, members: Members) -> Weights:
    """Mean weight on the members of a group over the mean weight on all other queries.

    (sum_{j in G_i} A_ij / |G_i|) / (sum_{j != i} A_ij / (Q - 1)). The weight of a query on itself
    is left out on both sides.

    Args:
        weights: (..., Q, Q), rows sum to 1.
        members: (Q, Q), whether query j is in the group of query i; the diagonal is ignored.

    Returns:
        (..., Q) from 0 up, no unit: 1 for a uniform row; NaN if the group is empty, or if
        the query looks at itself alone.
    """
    others = ~np.eye(weights.shape[-1], dtype=bool)
    group = members & others
    with np.errstate(invalid="ignore", divide="ignore"):
        in_group = (weights * group).sum(axis=-1) / group.sum(axis=-1)
        on_others = (weights * others).sum(axis=-1) / others.sum(axis=-1)
        return np.asarray(np.where(on_others > 0, in_group / on_others, np.nan))


def lift_on_itself(weights: Weights) -> Weights:
    """Q A_ii: the weight of a query on itself over its weight in a uniform row.

    Args:
        weights: (..., Q, Q), rows sum to 1.

    Returns:
        (..., Q) in [0, Q], no unit.
    """
    return np.asarray(np.diagonal(weights, axis1=-2, axis2=-1) * weights.shape[-1])


def groups_of_queries(
    classes: npt.NDArray[np.int64],
    boxes_xyxy: npt.NDArray[np.float64],
    kept: npt.NDArray[np.bool_],
    iou: float = NMS_IOU,
) -> Mapping[Measure, Members]:
    """The groups that decoder self-attention is measured for.

    Args:
        classes: (Q,), the best real class of every query, whatever its score.
        boxes_xyxy: (Q, 4), the box of every query.
        kept: (Q,), whether it is a detection.
        iou: two boxes overlap if their IoU is larger than this.

    Returns:
        (Q, Q) each, by measure: the same class; overlapping; both at once, which NMS would
        choose between; overlapping with another class; kept, the detections.
    """
    same = classes[:, None] == classes[None]
    overlapping = box_iou(boxes_xyxy, boxes_xyxy) > iou
    return {
        LIFT_ON_SAME_CLASS: same,
        LIFT_ON_OVERLAPPING: overlapping,
        LIFT_ON_RIVALS: same & overlapping,
        LIFT_ON_OVERLAPPING_OTHER_CLASS: ~same & overlapping,
        LIFT_ON_KEPT: np.broadcast_to(kept, same.shape),
    }
