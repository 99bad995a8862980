"""DETR with additions for training alone: extra query groups and a helper head.

In: batches. Out: losses; and, for shipping, the plain DETR's state dictionary without
the additions.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from generator.detr.architecture import DetrArchitecture
from generator.detr.model import DETR, MLP
from generator.training.loss import LossWeights, dense_loss, set_loss
from generator.training.matcher import Truth


class TrainingNetwork(nn.Module):
    """A DETR, `groups - 1` more sets of queries, a classifier of crops and a helper head."""

    def __init__(self, architecture: DetrArchitecture, groups: int, num_crop_classes: int) -> None:
        super().__init__()
        self.groups = groups
        self.detr = DETR(architecture, norm_layer=nn.BatchNorm2d)
        width, queries = architecture.hidden_dim, architecture.num_queries
        channels = self.detr.input_proj.in_channels
        self.crop_head = nn.Linear(channels, num_crop_classes)
        self.dense_head = DenseHead(channels, width, architecture.num_classes)
        self.more_queries = nn.Parameter(torch.empty((groups - 1) * queries, width))
        group = torch.arange(groups).repeat_interleave(queries)
        self.query_mask: Tensor
        self.register_buffer("query_mask", group[:, None] != group[None], persistent=False)
        self._start_from_places()

    @torch.no_grad()
    def _start_from_places(self) -> None:
        """Lets each query start by looking at a different place.

        A query begins as the sine code of a point, and cross-attention begins with equal
        projections of queries and keys, so that equal codes attract each other.
        """
        architecture = self.detr.architecture
        queries = architecture.num_queries
        points = torch.quasirandom.SobolEngine(2, scramble=True, seed=0).draw(self.groups * queries)
        codes = _sine_codes(points, architecture)
        self.detr.query_embed.weight.copy_(codes[:queries])
        self.more_queries.copy_(codes[queries:])
        width = architecture.hidden_dim
        for name, weight in self.detr.transformer.decoder.named_parameters():
            if name.endswith("multihead_attn.in_proj_weight"):
                weight[:width].copy_(weight[width : 2 * width])

    def forward(
        self,
        images: Tensor,
        truths: list[Truth],
        groups: int,
        dense_weight: float,
        no_object_weight: float,
        bf16: bool = False,
    ) -> Tensor:
        """The loss of one batch: images (B, 3, H, W), with the first `groups` sets of queries.

        Without any, it is the helper head's alone.
        """
        detr = self.detr
        with torch.autocast(images.device.type, torch.bfloat16, enabled=bf16):
            features = detr.backbone(images)  # (B, C, h, w)
        features = features.float()
        batch, _, h, w = features.shape
        loss = images.new_zeros(())
        if dense_weight > 0:
            cells, places = self.dense_head(features)
            loss = dense_weight * dense_loss(cells, places, (h, w), truths)
        if groups == 0:
            return loss
        unpadded = torch.zeros(batch, h, w, dtype=torch.bool, device=images.device)
        queries = torch.cat([detr.query_embed.weight, self.more_queries])
        queries = queries[: groups * detr.architecture.num_queries]
        mask = self.query_mask[: len(queries), : len(queries)] if groups > 1 else None
        hs, _ = detr.transformer(
            detr.input_proj(features), None, queries, detr.position(unpadded), mask
        )  # (layers, B, Q, d)
        logits, boxes = detr.class_embed(hs), detr.bbox_embed(hs).sigmoid()
        weights = LossWeights(no_object=no_object_weight)
        return loss + set_loss(logits, boxes, truths, groups, weights)

    def crop_loss(self, images: Tensor, labels: Tensor) -> Tensor:
        """Cross-entropy of classifying single things: images (B, 3, side, side), labels (B,)."""
        features = self.detr.backbone(images).mean((2, 3))  # (B, C)
        return F.cross_entropy(self.crop_head(features), labels)


class DenseHead(nn.Module):
    """Predicts an object at every cell of the backbone's features; in training only."""

    def __init__(self, channels: int, width: int, num_classes: int) -> None:
        super().__init__()
        self.shared = nn.Conv2d(channels, width, kernel_size=3, padding=1)
        self.classes = nn.Linear(width, num_classes + 1)
        self.box = MLP(width, width, 4, 3)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Maps (B, C, h, w) to logits (B, N, classes + 1) and boxes (B, N, 4), cxcywh."""
        hidden = self.shared(features).relu().flatten(2).transpose(1, 2)  # (B, N, width)
        return self.classes(hidden), self.box(hidden).sigmoid()


def _sine_codes(points_xy: Tensor, architecture: DetrArchitecture) -> Tensor:
    """The position encoding's value at points in [0, 1]: (n, 2) to (n, hidden_dim)."""
    features = architecture.hidden_dim // 2
    i = torch.arange(features)
    divisor = architecture.position_temperature ** (2 * (i // 2) / features)
    angle = points_xy.flip(1)[..., None] * architecture.position_scale / divisor  # (n, 2, d): y, x
    codes = torch.where(i % 2 == 0, angle.sin(), angle.cos())
    return codes.flatten(1)


def shipped_state(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Keeps the plain DETR's tensors of a `TrainingNetwork`'s state, under official names."""
    prefix = "detr."
    return {
        name.removeprefix(prefix): value.contiguous().clone()
        for name, value in state.items()
        if name.startswith(prefix) and not name.endswith("num_batches_tracked")
    }


def starting_average(network: nn.Module) -> dict[str, Tensor]:
    """The moving average of the state before the first step."""
    return {name: value.detach().clone() for name, value in network.state_dict().items()}


@torch.no_grad()
def update_average(
    average: dict[str, Tensor], network: nn.Module, step: int, decay: float = 0.999
) -> None:
    """Moves the average a little towards the network, in place; faster in the first steps."""
    decay = min(decay, (1 + step) / (10 + step))
    state = network.state_dict()
    moved = [name for name, value in state.items() if value.is_floating_point()]
    torch._foreach_lerp_([average[n] for n in moved], [state[n] for n in moved], 1 - decay)
    for name in state.keys() - set(moved):
        average[name].copy_(state[name])


@torch.no_grad()
def average_gradients(network: nn.Module, processes: int) -> None:
    """Replaces each gradient by its mean over the processes."""
    gradients = [p.grad for p in network.parameters() if p.grad is not None]
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    torch.distributed.all_reduce(flat)
    flat /= processes
    sizes = [gradient.numel() for gradient in gradients]
    for gradient, part in zip(gradients, flat.split(sizes), strict=True):
        gradient.copy_(part.view_as(gradient))
