"""The transformer of DETR: positions added to queries and keys in every layer.

In: features as a sequence of cells, their positions, the object queries. Out: one vector
per object query and decoder layer. Parameter names are the official checkpoints'. Every
attention is an `nn.MultiheadAttention` that returns no weights, so that it takes PyTorch's
fast path; `capture` records its queries and keys. A layer normalises what comes out of its parts
(post-norm, as the paper's models do) or what goes into them (pre-norm, as Table Transformer does;
arXiv 2002.04745).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class EncoderLayer(nn.Module):
    """Self-attention among the cells, then a feed-forward network."""

    def __init__(
        self, d_model: int, nhead: int, dim_feedforward: int, dropout: float, pre_norm: bool = False
    ) -> None:
        super().__init__()
        self.pre_norm = pre_norm
        self.self_attn = nn.MultiheadAttention(d_model, nhead, dropout=dropout)
        self.linear1 = nn.Linear(d_model, dim_feedforward)
        self.linear2 = nn.Linear(dim_feedforward, d_model)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)

    def forward(self, src: Tensor, pos: Tensor, padding: Tensor | None) -> Tensor:
        """Maps cells (N, B, d) to cells (N, B, d); `padding` is (B, N), true where padded."""
        x = self.norm1(src) if self.pre_norm else src
        q = k = x + pos
        attended, _ = self.self_attn(q, k, x, key_padding_mask=padding, need_weights=False)
        src = self._after(src + self.dropout(attended), self.norm1)
        x = self.norm2(src) if self.pre_norm else src
        hidden = self.linear2(self.dropout(F.relu(self.linear1(x))))
        return self._after(src + self.dropout(hidden), self.norm2)

    def _after(self, x: Tensor, norm: nn.LayerNorm) -> Tensor:
        return x if self.pre_norm else norm(x)


class DecoderLayer(nn.Module):
    """Self-attention among the queries, cross-attention to the cells, feed-forward network."""

    def __init__(
        self, d_model: int, nhead: int, dim_feedforward: int, dropout: float, pre_norm: bool = False
    ) -> None:
        super().__init__()
        self.pre_norm = pre_norm
        self.self_attn = nn.MultiheadAttention(d_model, nhead, dropout=dropout)
        self.multihead_attn = nn.MultiheadAttention(d_model, nhead, dropout=dropout)
        self.linear1 = nn.Linear(d_model, dim_feedforward)
        self.linear2 = nn.Linear(dim_feedforward, d_model)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.norm3 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        pos: Tensor,
        query_pos: Tensor,
        padding: Tensor | None,
        query_mask: Tensor | None,
    ) -> Tensor:
        """Maps query states (Q, B, d) to query states (Q, B, d), given cells (N, B, d)."""
        x = self.norm1(tgt) if self.pre_norm else tgt
        q = k = x + query_pos
        attended, _ = self.self_attn(q, k, x, attn_mask=query_mask, need_weights=False)
        tgt = self._after(tgt + self.dropout(attended), self.norm1)
        x = self.norm2(tgt) if self.pre_norm else tgt
        attended, _ = self.multihead_attn(
            x + query_pos, memory + pos, memory, key_padding_mask=padding, need_weights=False
        )
        tgt = self._after(tgt + self.dropout(attended), self.norm2)
        x = self.norm3(tgt) if self.pre_norm else tgt
        hidden = self.linear2(self.dropout(F.relu(self.linear1(x))))
        return self._after(tgt + self.dropout(hidden), self.norm3)

    def _after(self, x: Tensor, norm: nn.LayerNorm) -> Tensor:
        return x if self.pre_norm else norm(x)


class Encoder(nn.Module):
    """A stack of encoder layers; one of pre-norm layers has a norm of its own after the last."""

    def __init__(self, layers: list[EncoderLayer], norm: nn.LayerNorm | None = None) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.norm = norm

    def forward(self, src: Tensor, pos: Tensor, padding: Tensor | None) -> Tensor:
        """Maps cells (N, B, d) to the memory (N, B, d)."""
        for layer in self.layers:
            src = layer(src, pos, padding)
        return src if self.norm is None else self.norm(src)


class Decoder(nn.Module):
    """A stack of decoder layers with one norm that every layer's output goes through."""

    def __init__(self, layers: list[DecoderLayer], d_model: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.norm = nn.LayerNorm(d_model)

    def forward(
        self,
        memory: Tensor,
        pos: Tensor,
        query_pos: Tensor,
        padding: Tensor | None,
        query_mask: Tensor | None,
    ) -> Tensor:
        """Returns the normalised output of every layer, (layers, Q, B, d)."""
        tgt = torch.zeros_like(query_pos)  # the decoder starts from zeros, not from noise
        intermediate = []
        for layer in self.layers:
            tgt = layer(tgt, memory, pos, query_pos, padding, query_mask)
            intermediate.append(self.norm(tgt))
        return torch.stack(intermediate)


class Transformer(nn.Module):
    """Encoder and decoder (arXiv 2005.12872, Fig. 10)."""

    def __init__(
        self,
        d_model: int = 256,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        pre_norm: bool = False,
    ) -> None:
        super().__init__()
        self.d_model = d_model
        self.encoder = Encoder(
            [
                EncoderLayer(d_model, nhead, dim_feedforward, dropout, pre_norm)
                for _ in range(num_encoder_layers)
            ],
            nn.LayerNorm(d_model) if pre_norm else None,
        )
        self.decoder = Decoder(
            [
                DecoderLayer(d_model, nhead, dim_feedforward, dropout, pre_norm)
                for _ in range(num_decoder_layers)
            ],
            d_model,
        )
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.xavier_uniform_(parameter)

    def forward(
        self,
        src: Tensor,
        padding: Tensor | None,
        query_embed: Tensor,
        pos: Tensor,
        query_mask: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Runs encoder and decoder.

        Args:
            src: features, (B, d, h, w).
            padding: (B, h, w), true where padded; None if nothing is padded.
            query_embed: (Q, d).
            pos: positions, (B, d, h, w).
            query_mask: (Q, Q), true where a query may not look at another; in training only.

        Returns:
            `hs`, (layers, B, Q, d), and the encoder's memory, (B, N, d).
        """
        src = src.flatten(2).permute(2, 0, 1)  # (N, B, d)
        pos = pos.flatten(2).permute(2, 0, 1)
        padding = None if padding is None else padding.flatten(1)  # (B, N)
        query_pos = query_embed.unsqueeze(1).expand(-1, src.shape[1], -1)  # (Q, B, d)
        memory = self.encoder(src, pos, padding)
        hs = self.decoder(memory, pos, query_pos, padding, query_mask)
        return hs.transpose(1, 2), memory.transpose(0, 1)
