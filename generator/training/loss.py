"""The set loss of DETR (arXiv 2005.12872, section 3.1 and A.2), and the helper head's loss.

In: outputs of every decoder layer and the ground truth. Out: one number to minimise.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor
from torchvision.ops import box_convert, generalized_box_iou_loss

from generator.training.matcher import Truth, match, padded


@dataclass(frozen=True)
class LossWeights:
    """Weights of the three terms, and of one class in the first; the official values.

    Attributes:
        no_object: of the class "no object" in the cross-entropy, as most queries have it.
    """

    classes: float = 1.0
    no_object: float = 0.1
    l1: float = 5.0
    giou: float = 2.0


def set_loss(
    logits: Tensor,
    boxes_cxcywh: Tensor,
    truths: list[Truth],
    groups: int,
    weights: LossWeights = LossWeights(),
) -> Tensor:
    """Sums the loss over decoder layers, and averages it over query groups.

    Each group of queries is matched to the objects separately; the shipped model has one group.

    Args:
        logits: (layers, B, groups * Q, C + 1).
        boxes_cxcywh: (layers, B, groups * Q, 4).
    """
    layers, batch, queries, outputs = logits.shape
    sets = layers * groups
    logits = logits.view(layers, batch, groups, -1, outputs).transpose(1, 2)
    logits = logits.reshape(sets, batch, queries // groups, outputs)
    boxes = boxes_cxcywh.view(layers, batch, groups, -1, 4).transpose(1, 2)
    boxes = boxes.reshape(sets, batch, queries // groups, 4)
    numbers, images, answering, objects = match(logits, boxes, truths)
    counts = torch.tensor([0, *(len(truth.classes) for truth in truths)])
    # Rows of all objects of the batch, one image after the other.
    rows = counts.cumsum(0).to(images.device)[images] + objects
    target = torch.full(logits.shape[:3], outputs - 1, device=logits.device)  # all "no object"
    target[numbers, images, answering] = torch.cat([truth.classes for truth in truths])[rows]
    mean = _weighted(
        logits.flatten(0, 2),
        target.flatten(),
        boxes[numbers, images, answering],
        torch.cat([truth.boxes_cxcywh for truth in truths])[rows],
        weights,
    )
    return layers * mean


def _weighted(
    logits: Tensor, target: Tensor, boxes: Tensor, wanted: Tensor, weights: LossWeights
) -> Tensor:
    """Cross-entropy of (n, C + 1) against (n,), L1 and GIoU of (m, 4) against (m, 4)."""
    class_weight = logits.new_ones(logits.shape[-1])
    class_weight[-1] = weights.no_object
    loss = weights.classes * F.cross_entropy(logits, target, class_weight)
    count = max(len(boxes), 1)
    l1 = F.l1_loss(boxes, wanted, reduction="sum") / count
    giou = generalized_box_iou_loss(
        box_convert(boxes, "cxcywh", "xyxy"),
        box_convert(wanted, "cxcywh", "xyxy"),
        reduction="sum",
    )
    total: Tensor = loss + weights.l1 * l1 + weights.giou * giou / count
    return total


def dense_loss(
    logits: Tensor, boxes_cxcywh: Tensor, grid_hw: tuple[int, int], truths: list[Truth]
) -> Tensor:
    """The loss of the helper head, which predicts the object of every cell of the backbone.

    It speeds up training, sees nothing of the transformer, and is dropped from the shipped model.
    A cell's object is the smallest one whose box, shrunk to 60 %, holds the cell's centre.

    Args:
        logits: (B, N, C + 1).
        boxes_cxcywh: (B, N, 4).
    """
    h, w = grid_hw
    rows, columns = torch.meshgrid(
        (torch.arange(h, device=logits.device) + 0.5) / h,
        (torch.arange(w, device=logits.device) + 0.5) / w,
        indexing="ij",
    )
    centres = torch.stack([columns.flatten(), rows.flatten()], -1)[:, None]  # (N, 1, 2)
    nothing = logits.shape[-1] - 1
    classes, boxes, there = padded([*truths, _ONE.to(logits.device)])  # so that n is at least 1
    classes, boxes, there = classes[:-1], boxes[:-1], there[:-1]
    centre, size = boxes[:, None, :, :2], boxes[:, None, :, 2:]  # (B, 1, n, 2)
    inside = ((centres - centre).abs() <= 0.3 * size).all(-1) & there[:, None]  # (B, N, n)
    area = size.prod(-1).expand_as(inside).masked_fill(~inside, float("inf"))
    smallest = area.argmin(-1)  # (B, N)
    is_object = inside.any(-1)
    target = classes.gather(1, smallest).masked_fill(~is_object, nothing)
    wanted = boxes.gather(1, smallest[..., None].expand(-1, -1, 4))
    return _weighted(
        logits.flatten(0, 1),
        target.flatten(),
        boxes_cxcywh[is_object],
        wanted[is_object],
        LossWeights(),
    )


_ONE = Truth(torch.zeros(1, dtype=torch.int64), torch.zeros(1, 4))
