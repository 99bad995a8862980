"""Position encodings: where each cell of the feature map lies.

In: a padding mask. Out: one vector per cell. The sine encoding has no parameters; the
learned encoding of the minimal DETR is in `minimal`.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class PositionEmbeddingSine(nn.Module):
    """Sines and cosines of the normalised row and column (arXiv 2005.12872, appendix A.4).

    Half of the channels encode y, half x: `sin(y / t^(2i/d))` and `cos(y / t^(2i/d))`
    alternate, with t the temperature, d the number of features per axis, and y running
    from 0 to `scale` over the unpadded height.

    Attributes:
        num_pos_feats: features per axis, half of the transformer's width.
        temperature: t; 10000 in the official models.
        scale: 2 pi in the official models.
    """

    def __init__(
        self, num_pos_feats: int, temperature: float = 10000.0, scale: float = 2 * math.pi
    ) -> None:
        super().__init__()
        self.num_pos_feats = num_pos_feats
        self.temperature = temperature
        self.scale = scale

    def forward(self, mask: Tensor) -> Tensor:
        """Maps a mask (B, h, w), true where padded, to positions (B, 2 num_pos_feats, h, w)."""
        inside = ~mask
        y = inside.cumsum(1, dtype=torch.float32)  # (B, h, w), counts from 1
        x = inside.cumsum(2, dtype=torch.float32)
        eps = 1e-6
        y = y / (y[:, -1:, :] + eps) * self.scale
        x = x / (x[:, :, -1:] + eps) * self.scale
        i = torch.arange(self.num_pos_feats, dtype=torch.float32, device=mask.device)
        divisor = self.temperature ** (2 * (i // 2) / self.num_pos_feats)  # (d,)
        return torch.cat([_waves(y, divisor), _waves(x, divisor)], dim=3).permute(0, 3, 1, 2)


def _waves(coordinate: Tensor, divisor: Tensor) -> Tensor:
    """Alternating sines and cosines: (B, h, w) and (d,) to (B, h, w, d)."""
    angle = coordinate[..., None] / divisor
    return torch.stack([angle[..., 0::2].sin(), angle[..., 1::2].cos()], dim=4).flatten(3)
