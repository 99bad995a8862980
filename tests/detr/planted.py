"""A toy DETR whose every detection depends on known cells, read by PyTorch's own attention."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

SHARP = 40.0
"""How much a query prefers the cells that it was made for: the rest gets exp(-40)."""


class PlantedDETR(nn.Module):
    """Query i looks at its cells alike and at nothing else, and finds class i if they are full.

    A cell's vector is its place, one of N, and then whether there is something in it. One encoder
    layer and `layers` decoder layers, each of which reads the memory anew.

    Args:
        cells_of: by query, the cells that it looks at.
        cells: N.
    """

    def __init__(self, cells_of: Sequence[Sequence[int]], cells: int, layers: int = 2) -> None:
        super().__init__()
        self.places = torch.zeros(len(cells_of), cells + 1)
        for query, ones in enumerate(cells_of):
            self.places[query, list(ones)] = 1
        self.transformer: Any = nn.Module()
        self.transformer.encoder = _Stack([_EncoderLayer(cells + 1)])
        self.transformer.decoder = _Stack([_DecoderLayer(cells + 1) for _ in range(layers)])
        self.eval().requires_grad_(False)

    def forward(self, image: Tensor) -> Any:
        """`image` is (1, 1, 1, N): how full each cell is, from 0 to 1."""
        full = image.flatten()[:, None]  # (N, 1)
        pos = torch.cat([torch.eye(len(full)), torch.zeros_like(full)], dim=1)[:, None]
        src = torch.cat([torch.zeros(len(full), len(full)), full], dim=1)[:, None]
        memory = self.transformer.encoder(src, pos)
        return self.transformer.decoder(memory, pos, self.places[:, None])

    def class_embed(self, hs: Tensor) -> Tensor:
        """Class i of query i, as sure as its cells are full: (..., Q, d) to (..., Q, Q + 1)."""
        full = hs[..., -1]  # (..., Q)
        logits = torch.diag_embed(20 * (full - 0.5))
        return torch.cat([logits, torch.zeros_like(full)[..., None]], dim=-1)

    def bbox_embed(self, hs: Tensor) -> Tensor:
        """Boxes side by side that shrink to nothing if the cells are empty."""
        queries = torch.arange(hs.shape[-2]) / hs.shape[-2]
        full = hs[..., -1].clamp(0, 1)
        boxes = torch.stack([queries + 0.05 + 0 * full, 0 * full + 0.5, 0.1 * full, 0.9 * full], -1)
        return torch.logit(boxes, eps=1e-4)


class _Stack(nn.Module):
    def __init__(self, layers: list[nn.Module]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)

    def forward(self, first: Tensor, *others: Tensor) -> Tensor:
        if isinstance(self.layers[0], _EncoderLayer):
            for layer in self.layers:
                first = layer(first, *others)
            return first
        pos, query_pos = others
        outputs = []
        state = torch.zeros_like(query_pos)
        for layer in self.layers:
            state = layer(state, first, pos, query_pos)
            outputs.append(state)
        return torch.stack(outputs)


class _EncoderLayer(nn.Module):
    """Attention that adds nothing: the memory is what came in."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.self_attn = planted_attention(width, out=0)

    def forward(self, src: Tensor, pos: Tensor) -> Tensor:
        """(N, 1, d) to (N, 1, d)."""
        return src + self.self_attn(src + pos, src + pos, src, need_weights=False)[0]  # type: ignore[no-any-return]


class _DecoderLayer(nn.Module):
    """Reads the memory and forgets what it knew."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.self_attn = planted_attention(width, out=0)
        self.multihead_attn = planted_attention(width, out=1)

    def forward(self, tgt: Tensor, memory: Tensor, pos: Tensor, query_pos: Tensor) -> Tensor:
        """(Q, B, d) to (Q, B, d)."""
        asked = 0 * tgt + query_pos
        silent, _ = self.self_attn(asked, asked, tgt, need_weights=False)
        read, _ = self.multihead_attn(asked, memory + pos, memory, need_weights=False)
        return 0 * silent + read  # type: ignore[no-any-return]


def planted_attention(width: int, out: float) -> nn.MultiheadAttention:
    """One head: the query's vector is compared with the key's, the value comes out as it is."""
    attention = nn.MultiheadAttention(width, 1)
    eye = torch.eye(width)
    with torch.no_grad():
        sharp = SHARP * width**0.5
        attention.in_proj_weight.copy_(torch.cat([sharp * eye, eye, eye]))
        attention.out_proj.weight.copy_(out * eye)
    return attention
