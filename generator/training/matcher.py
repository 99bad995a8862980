"""The bipartite matching between predictions and objects (arXiv 2005.12872, eq. 1).

In: one image's predictions and objects. Out: which query is matched with which object. Each
object gets exactly one query, so a second box on it is an error: no NMS is needed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor
from torchvision.ops import box_convert, generalized_box_iou


@dataclass(frozen=True)
class MatchingCost:
    """Weights of the three costs; the official values."""

    classes: float = 1.0
    l1: float = 5.0
    giou: float = 2.0


@dataclass(frozen=True)
class Truth:
    """The objects of one image.

    Attributes:
        classes: (n,) int64.
        boxes_cxcywh: (n, 4), fractions of the image.
    """

    classes: Tensor
    boxes_cxcywh: Tensor


@torch.no_grad()
def match(
    logits: Tensor, boxes_cxcywh: Tensor, truth: Truth, cost: MatchingCost
) -> tuple[Tensor, Tensor, Tensor]:
    """Finds the cheapest one-to-one assignment for several sets of queries of one image.

    Args:
        logits: (S, Q, C + 1), one set of queries after the other.
        boxes_cxcywh: (S, Q, 4).

    Returns:
        Sets, queries and objects, (S * min(Q, n),) int64 each; each triple is a query of a
        set and its object.
    """
    sets, queries = logits.shape[:2]
    costs = matching_cost(logits.flatten(0, 1), boxes_cxcywh.flatten(0, 1), truth, cost)
    pairs = [
        torch.as_tensor(np.stack(linear_sum_assignment(one)))
        for one in costs.view(sets, queries, -1).numpy(force=True)
    ]
    assigned = torch.stack(pairs)  # (S, 2, min(Q, n))
    numbers = torch.arange(sets).repeat_interleave(assigned.shape[2])
    return numbers, assigned[:, 0].flatten(), assigned[:, 1].flatten()


def matching_cost(logits: Tensor, boxes_cxcywh: Tensor, truth: Truth, cost: MatchingCost) -> Tensor:
    """The cost of giving each object to each query: (Q, n)."""
    probability = logits.softmax(-1)[:, truth.classes]  # (Q, n)
    l1 = torch.cdist(boxes_cxcywh, truth.boxes_cxcywh, p=1)
    giou: Tensor = generalized_box_iou(
        box_convert(boxes_cxcywh, "cxcywh", "xyxy"),
        box_convert(truth.boxes_cxcywh, "cxcywh", "xyxy"),
    )
    return cost.l1 * l1 - cost.classes * probability - cost.giou * giou
