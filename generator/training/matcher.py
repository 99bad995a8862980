"""The bipartite matching between predictions and objects (arXiv 2005.12872, eq. 1).

In: predictions and objects of a batch. Out: which query is matched with which object. Each
object gets exactly one query, so a second box on it is an error: no NMS is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence


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

    def to(self, device: torch.device) -> Truth:
        """The same on a device."""
        return Truth(self.classes.to(device), self.boxes_cxcywh.to(device))


def padded(truths: Sequence[Truth]) -> tuple[Tensor, Tensor, Tensor]:
    """The objects of a batch side by side, n being the most that an image has.

    Returns:
        Classes (B, n) and boxes (B, n, 4), 0 behind an image's last object, and (B, n), true for
        what is one.
    """
    classes = pad_sequence([truth.classes for truth in truths], batch_first=True)
    boxes = pad_sequence([truth.boxes_cxcywh for truth in truths], batch_first=True)
    there = pad_sequence([torch.ones_like(truth.classes) for truth in truths], batch_first=True)
    return classes, boxes, there.bool()


@torch.no_grad()
def match(
    logits: Tensor,
    boxes_cxcywh: Tensor,
    truths: Sequence[Truth],
    cost: MatchingCost = MatchingCost(),
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Finds the cheapest one-to-one assignment for several sets of queries of each image.

    All costs are computed in one go and copied once; what remains for each image is SciPy's
    assignment.

    Args:
        logits: (S, B, Q, C + 1), sets of queries of B images.
        boxes_cxcywh: (S, B, Q, 4).

    Returns:
        Sets, images, queries and objects, (m,) int64 each, on the device of the logits: each row is
        a query of a set of an image and its object.
    """
    costs = matching_costs(logits, boxes_cxcywh, truths, cost).numpy(force=True)
    found: tuple[list[int], ...] = [], [], [], []
    for image, truth in enumerate(truths):
        count = len(truth.classes)
        if not count:
            continue
        for number, one in enumerate(costs[:, image, :, :count]):
            queries, objects = linear_sum_assignment(one)
            found[0].extend([number] * len(queries))
            found[1].extend([image] * len(queries))
            found[2].extend(queries.tolist())
            found[3].extend(objects.tolist())
    sets, images, queries, objects = torch.tensor(found, dtype=torch.int64).to(logits.device)
    return sets, images, queries, objects


def matching_costs(
    logits: Tensor, boxes_cxcywh: Tensor, truths: Sequence[Truth], cost: MatchingCost
) -> Tensor:
    """The cost of giving each object to each query: (S, B, Q, n), n the most objects of an image.

    What stands behind an image's last object means nothing.
    """
    classes, wanted, _ = padded(truths)
    sets, batch, queries = logits.shape[:3]
    index = classes[None, :, None].expand(sets, batch, queries, -1)
    probability = logits.softmax(-1).gather(-1, index)  # (S, B, Q, n)
    boxes, wanted = boxes_cxcywh[..., :, None, :], wanted[None, :, None]
    l1 = (boxes - wanted).abs().sum(-1)
    return cost.l1 * l1 - cost.classes * probability - cost.giou * _giou(boxes, wanted)


def _giou(first_cxcywh: Tensor, second_cxcywh: Tensor) -> Tensor:
    """Generalised IoU (arXiv 1902.09630) of boxes that broadcast: (..., 4) to (...)."""
    (a0, a1), (b0, b1) = _corners(first_cxcywh), _corners(second_cxcywh)
    overlap = (torch.minimum(a1, b1) - torch.maximum(a0, b0)).clamp(min=0).prod(-1)
    union = first_cxcywh[..., 2:].prod(-1) + second_cxcywh[..., 2:].prod(-1) - overlap
    hull = (torch.maximum(a1, b1) - torch.minimum(a0, b0)).prod(-1)
    return overlap / union.clamp(min=1e-9) - (hull - union) / hull.clamp(min=1e-9)


def _corners(boxes_cxcywh: Tensor) -> tuple[Tensor, Tensor]:
    centre, half = boxes_cxcywh[..., :2], boxes_cxcywh[..., 2:] / 2
    return centre - half, centre + half
