"""DETR itself: backbone, transformer, class head, box head.

In: a batch of normalised images and, where they were padded to one size, a mask. Out: a
`DetrOutput`. Parameter names and shapes are those of the official checkpoints.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torchvision.ops import FrozenBatchNorm2d

from generator.detr.architecture import DetrArchitecture
from generator.detr.backbone import Backbone, NormLayer
from generator.detr.position_encoding import PositionEmbeddingSine
from generator.detr.transformer import Transformer


@dataclass(frozen=True)
class DetrOutput:
    """The network's output for a batch.

    Attributes:
        logits: (layers, B, Q, C + 1); the last class is "no object".
        boxes_cxcywh: (layers, B, Q, 4), fractions of the unpadded image, in [0, 1].
        feature_shape: shape of the backbone's last feature map, (B, channels, h, w).
        memory: the encoder's output, (B, N, d); None if the model does not return it.
    """

    logits: Tensor
    boxes_cxcywh: Tensor
    feature_shape: tuple[int, int, int, int]
    memory: Tensor | None = None


class MLP(nn.Module):
    """A small multi-layer perceptron with ReLU between its layers."""

    def __init__(self, input_dim: int, hidden_dim: int, output_dim: int, num_layers: int) -> None:
        super().__init__()
        widths = [input_dim] + [hidden_dim] * (num_layers - 1) + [output_dim]
        self.layers = nn.ModuleList(nn.Linear(n, k) for n, k in itertools.pairwise(widths))

    def forward(self, x: Tensor) -> Tensor:
        """Maps (..., input_dim) to (..., output_dim)."""
        for layer in self.layers[:-1]:
            x = F.relu(layer(x))
        return self.layers[-1](x)  # type: ignore[no-any-return]


class DETR(nn.Module):
    """Detection transformer (arXiv 2005.12872)."""

    def __init__(
        self, architecture: DetrArchitecture, norm_layer: NormLayer = FrozenBatchNorm2d
    ) -> None:
        super().__init__()
        a = architecture
        self.architecture = a
        # The official Backbone is in a Sequential with its parameterless position encoding.
        backbone = Backbone(a.backbone, a.dilation, norm_layer)
        self.backbone = nn.Sequential(backbone)
        self.position = PositionEmbeddingSine(
            a.hidden_dim // 2, a.position_temperature, a.position_scale
        )
        self.input_proj = nn.Conv2d(backbone.num_channels, a.hidden_dim, kernel_size=1)
        self.transformer = Transformer(
            a.hidden_dim,
            a.nheads,
            a.num_encoder_layers,
            a.num_decoder_layers,
            a.dim_feedforward,
            a.dropout,
            a.pre_norm,
        )
        self.query_embed = nn.Embedding(a.num_queries, a.hidden_dim)
        self.class_embed = nn.Linear(a.hidden_dim, a.num_classes + 1)
        self.bbox_embed = MLP(a.hidden_dim, a.hidden_dim, 4, 3)

    def forward(
        self,
        images: Tensor,
        mask: Tensor | None = None,
        query_embed: Tensor | None = None,
        query_mask: Tensor | None = None,
    ) -> DetrOutput:
        """Detects in a batch.

        Args:
            images: (B, 3, H, W), normalised.
            mask: (B, H, W), true on the padding of images smaller than the batch.
            query_embed: queries in place of the model's own, (Q', d); in training only.
            query_mask: (Q', Q'), true where a query may not look at another; in training only.
        """
        features = self.backbone(images)  # (B, C, h, w)
        batch, _, h, w = features.shape
        if mask is None:
            padding = None
            unpadded = torch.zeros(batch, h, w, dtype=torch.bool, device=images.device)
        else:
            resized = F.interpolate(mask[None].float(), size=(h, w))[0]
            padding = unpadded = resized.to(torch.bool)  # (B, h, w)
        hs, memory = self.transformer(
            self.input_proj(features),
            padding,
            self.query_embed.weight if query_embed is None else query_embed,
            self.position(unpadded),
            query_mask,
        )  # (layers, B, Q, d), (B, N, d)
        return DetrOutput(
            logits=self.class_embed(hs),
            boxes_cxcywh=self.bbox_embed(hs).sigmoid(),
            feature_shape=tuple(features.shape),
            memory=memory,
        )
