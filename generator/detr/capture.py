"""Records the projected queries and keys of every attention during a forward pass.

In: a model whose attentions are `nn.MultiheadAttention`, the minimal DETR's
`nn.Transformer` included. Out: queries and keys by module name. The forward pass itself
stays on PyTorch's fast path, which returns no attention weights: a hook that waited for
weights would get `None`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass
class Recorded:
    """Queries and keys by the name of their attention, (B, heads, length, d) each."""

    pairs: dict[str, tuple[Tensor, Tensor]] = field(default_factory=dict)

    def stack(self, prefix: str, suffix: str, image: int = 0) -> tuple[Tensor, Tensor]:
        """Queries and keys of an image in all layers of a stack, (layers, heads, length, d).

        Args:
            prefix: such as "transformer.encoder.layers."; the layer's number follows.
            suffix: the attention's name within its layer, such as "self_attn".
            image: which one of the batch.
        """
        names = [
            name
            for name in self.pairs
            if name.startswith(prefix) and name.rpartition(".")[2] == suffix
        ]
        names.sort(key=lambda name: int(name.removeprefix(prefix).partition(".")[0]))
        queries = torch.stack([self.pairs[name][0][image] for name in names])
        keys = torch.stack([self.pairs[name][1][image] for name in names])
        return queries, keys


@contextmanager
def capture_queries_and_keys(model: nn.Module) -> Iterator[Recorded]:
    """While open, records the queries and keys of each attention of `model`."""
    recorded = Recorded()
    handles = []
    for name, module in model.named_modules():
        if isinstance(module, nn.MultiheadAttention):
            hook = _recorder(name, recorded)
            handles.append(module.register_forward_pre_hook(hook, with_kwargs=True))
    try:
        yield recorded
    finally:
        for handle in handles:
            handle.remove()


def _recorder(name: str, recorded: Recorded) -> Any:
    def record(module: nn.MultiheadAttention, args: Any, kwargs: dict[str, Any]) -> None:
        query = args[0] if args else kwargs["query"]
        key = args[1] if len(args) > 1 else kwargs["key"]
        recorded.pairs[name] = project_queries_and_keys(module, query, key)

    return record


def project_queries_and_keys(
    attention: nn.MultiheadAttention, query: Tensor, key: Tensor
) -> tuple[Tensor, Tensor]:
    """Projects queries and keys as the attention itself does.

    Args:
        query, key: (length, B, d_model), the module's own inputs.

    Returns:
        Queries and keys, (B, heads, length, d), d = d_model / heads.
    """
    weight_q, weight_k, _ = attention.in_proj_weight.chunk(3)
    bias_q, bias_k, _ = attention.in_proj_bias.chunk(3)
    heads = attention.num_heads
    q = F.linear(query, weight_q, bias_q).unflatten(-1, (heads, -1))  # (length, B, heads, d)
    k = F.linear(key, weight_k, bias_k).unflatten(-1, (heads, -1))
    return q.permute(1, 2, 0, 3), k.permute(1, 2, 0, 3)
