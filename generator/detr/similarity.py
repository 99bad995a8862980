"""How much of a detection is still found, on a scale from 0 to 1 (D-RISE, arXiv 2006.03204).

In: a detection and what all queries predict. Out: the similarity of the one that comes nearest.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor
from torchvision.ops import box_convert


def detection_similarity(
    target: Tensor, target_cxcywh: Tensor, found: Tensor, found_cxcywh: Tensor
) -> Tensor:
    """The greatest similarity of any prediction to the detection (its equation 3).

    IoU x cosine of the class probabilities x probability of an object. DETR has no objectness of
    its own: it is 1 minus the probability of "no object".

    Args:
        target: (B, C + 1), the detection's probabilities, "no object" last.
        target_cxcywh: (B, 4).
        found: (B, Q, C + 1).
        found_cxcywh: (B, Q, 4).

    Returns:
        (B,) in [0, 1].
    """
    overlap = _iou(target_cxcywh[:, None], found_cxcywh)  # (B, Q)
    alike = F.cosine_similarity(target[:, None, :-1], found[..., :-1], dim=-1)
    return (overlap * alike * (1 - found[..., -1])).amax(dim=-1)


def _iou(boxes_cxcywh: Tensor, others_cxcywh: Tensor) -> Tensor:
    """IoU of boxes that stand beside each other, (..., 4) each, to (...)."""
    one, other = (box_convert(boxes, "cxcywh", "xyxy") for boxes in (boxes_cxcywh, others_cxcywh))
    low, high = (
        torch.maximum(one[..., :2], other[..., :2]),
        torch.minimum(one[..., 2:], other[..., 2:]),
    )
    shared = (high - low).clamp(min=0).prod(dim=-1)
    total = boxes_cxcywh[..., 2:].prod(dim=-1) + others_cxcywh[..., 2:].prod(dim=-1)
    return shared / (total - shared).clamp(min=1e-12)
