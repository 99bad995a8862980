"""Records what the attentions of a relative compare and read during a forward pass.

In: a network of transformers. Out: `Recorded`: queries and keys by the name of their attention,
and of deformable attention the sampling points and their weights. Both are what the network
itself computes with, taken at the last moment before it does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

ATTENTION = "generator_recorded"
"""The name under which transformers finds `attend`."""


@dataclass
class Recorded:
    """What attentions worked with, by the names of their modules.

    Attributes:
        pairs: queries and keys, (heads, length, d) each, so that the weights are
            softmax(q k^T / sqrt(d)).
        points: (queries, heads, levels, points, 2), x and y as fractions of the image; a point
            outside reads zeros.
        weights: (queries, heads, levels, points), of the points; they sum to 1 for each head.
        references: (queries, 2), the places that the points are set off from.
        widths: numbers that a head reads at a point.
        levels_hw: rows and columns of each level's feature map.
    """

    pairs: dict[str, tuple[Tensor, Tensor]] = field(default_factory=dict)
    points: dict[str, Tensor] = field(default_factory=dict)
    weights: dict[str, Tensor] = field(default_factory=dict)
    references: dict[str, Tensor] = field(default_factory=dict)
    widths: dict[str, int] = field(default_factory=dict)
    levels_hw: tuple[tuple[int, int], ...] = ()


_RECORDING: ContextVar[tuple[Recorded, dict[int, str]] | None] = ContextVar("recording")


def attend(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None = None,
    scaling: float | None = None,
    **_: Any,
) -> tuple[Tensor, None]:
    """Attention as transformers asks for it, which notes its queries and keys.

    Args:
        query, key: (1, heads, length, d).
        value: (1, heads, length, d'), d' of Conditional DETR being half of d.
        attention_mask: of padding; a single image has none.
    """
    recording = _RECORDING.get(None)
    if recording is not None:
        seen, names = recording
        seen.pairs[names[id(module)]] = (_rescaled(query, scaling)[0], key[0])
    out = F.scaled_dot_product_attention(query, key, value, attn_mask=attention_mask, scale=scaling)
    return out.transpose(1, 2).contiguous(), None


def _rescaled(query: Tensor, scaling: float | None) -> Tensor:
    """Queries for which the scale is 1 / sqrt(d), whatever it was."""
    usual = query.shape[-1] ** -0.5
    if scaling is None or abs(scaling / usual - 1) < 1e-9:
        return query
    rescaled: Tensor = query * (scaling / usual)
    return rescaled


@contextmanager
def recording(model: nn.Module) -> Iterator[Recorded]:
    """While open, records every attention of `model`."""
    seen = Recorded()
    names = {id(module): name for name, module in model.named_modules()}
    token = _RECORDING.set((seen, names))
    with ExitStack() as hooks:
        hooks.callback(_RECORDING.reset, token)
        for name, module in model.named_modules():
            for handle in _hooks(name, module, seen):
                hooks.callback(handle.remove)
        yield seen


def _hooks(name: str, module: nn.Module, seen: Recorded) -> Iterator[Any]:
    """Hooks for attentions that do not go through `attend`."""
    kind = type(module).__name__
    if kind == "MultiScaleDeformableAttention":

        def note_points(__: nn.Module, arguments: Any) -> None:
            value, _, levels, _, points, weights = arguments[:6]
            of = name.rpartition(".")[0]
            seen.points[of], seen.weights[of] = points[0], weights[0]
            seen.widths[of] = value.shape[-1]
            seen.levels_hw = tuple((int(h), int(w)) for h, w in levels)

        yield module.register_forward_pre_hook(note_points)
    elif kind.endswith("MultiscaleDeformableAttention"):  # what the former is a part of

        def note_references(_: nn.Module, __: Any, options: dict[str, Any]) -> None:
            # (1, queries, levels or 1, 2 or 4): a point or a box, the same for every level of an
            # image without padding.
            seen.references[name] = options["reference_points"][0, :, 0, :2]

        yield module.register_forward_pre_hook(note_references, with_kwargs=True)
    elif kind == "DabDetrAttention":

        def note_pair(module: Any, _: Any, options: dict[str, Any]) -> None:
            q, k = options["hidden_states"], options["key_states"]
            heads = module.attention_heads
            seen.pairs[name] = (_by_head(q, heads), _by_head(k, heads))

        yield module.register_forward_pre_hook(note_pair, with_kwargs=True)
    elif kind == "DetrAttention":  # DAB-DETR's encoder
        for place, part in enumerate(("q_proj", "k_proj")):
            yield module.get_submodule(part).register_forward_hook(
                _projection(name, place, module, seen)
            )


def _projection(name: str, place: int, attention: Any, seen: Recorded) -> Any:
    def note(_: nn.Module, __: Any, output: Tensor) -> None:
        pair = list(seen.pairs.get(name, (output, output)))
        pair[place] = _by_head(output, attention.num_heads)
        seen.pairs[name] = (pair[0], pair[1])

    return note


def _by_head(projected: Tensor, heads: int) -> Tensor:
    """(1, length, d_model) to (heads, length, d)."""
    of_heads: Tensor = projected[0].unflatten(-1, (heads, -1)).transpose(0, 1)
    return of_heads


def stacked(ones: list[tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
    """Pairs of all layers, (layers, heads, length, d) each."""
    queries, keys = zip(*ones, strict=True)
    return torch.stack(queries), torch.stack(keys)
