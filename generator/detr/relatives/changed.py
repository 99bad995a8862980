"""Attentions of a relative that do not look where they would.

In: a network of transformers and a `Change` for some of its attentions. Out: the same network,
which computes with them while `changing` is open. Most attentions come through the function that
transformers lets one register; hooks reach those that do not. Nothing of its code is copied.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from generator.detr.relatives.cells import Cells
from generator.detr.relatives.parts import Attention
from generator.detr.relatives.recorded import ATTENTION

CHANGED = "generator_changed"
"""The name under which transformers finds `attend_changed`."""
_ROWS_AT_ONCE = 256
_NOWHERE = float("-inf")


@dataclass(frozen=True, eq=False)
class Change:
    """What becomes of an attention.

    Attributes:
        attention: whose.
        blocked: (B, rows or 1, N), true where a row may not look. The softmax runs over what is
            left, so what is blocked has a weight of exactly 0; a row that may look nowhere reads
            nothing. Of sampled attention, the points that lie in these cells weigh 0, at whatever
            level, and the other weights of the head are scaled to a sum of 1. A point outside
            the image lies in no cell and stays; one next to a blocked cell still interpolates.
        even: heads whose weights are uniform. A block keeps what it weighs in all, spread evenly
            over its keys; of sampled attention, all points weigh the same and stay where they are.
        is_silent: whether the attention adds nothing. Of a block, other keys keep their weights.
    """

    attention: Attention
    blocked: Tensor | None = None
    even: tuple[int, ...] = ()
    is_silent: bool = False


@dataclass(frozen=True, eq=False)
class Seen:
    """What an attention worked with, for gradients.

    Attributes:
        module: which.
        query, key, value: (heads, length, d); the scale is already in the query.
        output: what the gradient is taken of: (1, length, heads, d), before the last projection,
            or (1, length, d_model) behind it, if `projection` is given.
    """

    module: nn.Module
    query: Tensor
    key: Tensor
    value: Tensor
    output: Tensor
    projection: Tensor | None = None


@dataclass(frozen=True, eq=False)
class _State:
    changes: Mapping[int, Change]
    seen: list[Seen] | None
    gives_weights: bool


_STATE: ContextVar[_State | None] = ContextVar("changed", default=None)


@contextmanager
def changing(
    model: nn.Module,
    changes: Sequence[Change],
    cells: Cells,
    seen: list[Seen] | None = None,
    *,
    gives_weights: bool = False,
) -> Iterator[None]:
    """While open, some attentions are changed.

    Args:
        cells: that `Change.blocked` counts.
        seen: where to note what the attentions that compare keys work with, in the order in which
            they run; their outputs then require gradients. Only where nothing is changed.
        gives_weights: whether changed attentions give their weights, for who asks the network for
            them; those of a single stack take a gigabyte with a picture of 4,000 patches.
    """
    from transformers import AttentionInterface

    AttentionInterface.register(CHANGED, attend_changed)
    state = _State({id(one.attention.module): one for one in changes}, seen, gives_weights)
    token = _STATE.set(state)
    with ExitStack() as hooks:
        hooks.callback(_STATE.reset, token)
        hooks.enter_context(_through(model))
        for one in changes:
            for handle in _hooks(one, cells):
                hooks.callback(handle.remove)
        if seen is not None:
            for module in model.modules():
                if type(module).__name__ == "DabDetrAttention":
                    note = module.register_forward_hook(_note_dab(seen), with_kwargs=True)
                    hooks.callback(note.remove)
        yield


def attend_changed(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None = None,
    scaling: float | None = None,
    **_: Any,
) -> tuple[Tensor, Tensor | None]:
    """Attention as transformers asks for it, with the change that was made of it.

    Args:
        query, key: (B, heads, length, d).
        value: (B, heads, length, d').
        attention_mask: of padding.

    Returns:
        The sums, (B, length, heads, d'), and the weights of the changed rows, if they are wanted.
    """
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    out = F.scaled_dot_product_attention(query, key, value, attn_mask=attention_mask, scale=scale)
    state, weights = _STATE.get(), None
    change = None if state is None else state.changes.get(id(module))
    if change is not None and (change.blocked is not None or change.even or change.is_silent):
        parts = []
        rows = torch.arange(query.shape[2], device=query.device)[change.attention.rows]
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            some = rows[start : start + _ROWS_AT_ONCE]
            mask = None if attention_mask is None else attention_mask[..., some, :]
            of_some = _weights(query[:, :, some] * scale, key, mask, change, start)
            out[:, :, some] = of_some @ value
            if state is not None and state.gives_weights:
                parts.append(of_some)
        weights = torch.cat(parts, dim=2) if parts else None
    given = out.transpose(1, 2).contiguous()
    if state is not None and state.seen is not None:
        if not given.requires_grad:  # before the first cross-attention nothing depends on cells
            given.requires_grad_()
        q, k, v = (each[0].detach() for each in (query * scale, key, value))
        state.seen.append(Seen(module, q, k, v, given))
    return given, weights


def _weights(query: Tensor, key: Tensor, mask: Tensor | None, change: Change, start: int) -> Tensor:
    """The weights of some rows, (B, heads, rows, N); the first is row `start` of the change."""
    logits = query @ key.transpose(-1, -2)
    if mask is not None:
        logits = logits.masked_fill(~mask, _NOWHERE) if mask.dtype == torch.bool else logits + mask
    keys = change.attention.keys
    if change.blocked is not None:
        blocked = change.blocked[:, None]  # (B, 1, rows or 1, N)
        if blocked.shape[2] > 1:
            blocked = blocked[:, :, start : start + query.shape[2]]
        logits[..., keys] = logits[..., keys].masked_fill(blocked, _NOWHERE)
    nothing = (logits == _NOWHERE).all(dim=-1, keepdim=True)
    weights = logits.masked_fill(nothing, 0).softmax(dim=-1).masked_fill(nothing, 0)
    for head in change.even:
        block = weights[:, head, :, keys]
        weights[:, head, :, keys] = block.mean(dim=-1, keepdim=True).expand_as(block)
    if change.is_silent and change.attention.is_block:
        weights[..., keys] = 0
    return weights


@contextmanager
def _through(model: nn.Module) -> Iterator[None]:
    """While open, the attentions that ask for a function get `attend_changed`."""
    found: list[Any] = [getattr(module, "config", None) for module in model.modules()]
    configs = {
        id(config): config
        for config in found
        if getattr(config, "_attn_implementation", None) == ATTENTION
    }
    for config in configs.values():
        config._attn_implementation = CHANGED
    try:
        yield
    finally:
        for config in configs.values():
            config._attn_implementation = ATTENTION


def _hooks(change: Change, cells: Cells) -> Iterator[Any]:
    """Hooks for what `attend_changed` does not see."""
    attention = change.attention
    module: Any = attention.module
    if change.is_silent and not attention.is_block:

        def nothing(_: nn.Module, __: Any, output: Any) -> Any:
            return (torch.zeros_like(output[0]), *output[1:])

        yield module.register_forward_hook(nothing)
    elif attention.is_sampled:

        def weigh(_: nn.Module, arguments: tuple[Any, ...]) -> Any:
            weights = _of_points(arguments[4], arguments[5], change, cells)
            return (*arguments[:5], weights, *arguments[6:])

        yield module.attn.register_forward_pre_hook(weigh)
    elif type(module).__name__ == "DetrAttention":  # DAB-DETR's encoder
        yield module.q_proj.register_forward_hook(
            lambda _, __, output: _without_heads(output, change)
        )
    elif type(module).__name__ == "DabDetrAttention":
        yield from _dab_hooks(module, change)


def _of_points(places: Tensor, weights: Tensor, change: Change, cells: Cells) -> Tensor:
    """The changed weights of sampling points, (B, queries, heads, levels, points)."""
    if change.even:
        weights = weights.clone()
        weights[:, :, list(change.even)] = 1 / (weights.shape[3] * weights.shape[4])
    if change.blocked is not None:
        numbers = cells.numbers_of(places).long()
        blocked = change.blocked.expand(-1, weights.shape[1], -1)  # (B, Q, N)
        gone = blocked.gather(2, numbers.clamp(min=0).flatten(2)).view_as(numbers) & (numbers >= 0)
        left = weights.masked_fill(gone, 0)
        total = left.sum(dim=(3, 4), keepdim=True)
        scaled = left / total.clamp(min=torch.finfo(left.dtype).tiny)
        is_touched = gone.flatten(3).any(dim=-1)[..., None, None]
        weights = torch.where(is_touched, scaled, weights)
    return weights


def _dab_hooks(module: Any, change: Change) -> Iterator[Any]:
    empty: list[Tensor] = []

    def before(_: nn.Module, arguments: Any, options: dict[str, Any]) -> Any:
        options = dict(options)
        options["hidden_states"] = _without_heads(options["hidden_states"], change)
        if change.blocked is not None:
            queries = options["hidden_states"].shape[1]
            blocked = change.blocked.expand(-1, queries, -1)
            nothing = blocked.all(dim=-1, keepdim=True)  # (B, Q, 1)
            empty.append(nothing)
            mask = torch.zeros(blocked.shape, device=blocked.device)
            mask = mask.masked_fill(blocked & ~nothing, _NOWHERE)[:, None]
            padding = options.get("attention_mask")
            options["attention_mask"] = mask if padding is None else mask + padding
        return arguments, options

    def after(_: nn.Module, __: Any, output: Any) -> Any:
        if not empty:
            return output
        # What a sum over no values leaves.
        nothing = empty.pop()
        weights = None if output[1] is None else output[1].masked_fill(nothing[:, None], 0)
        return torch.where(nothing, module.output_proj.bias, output[0]), weights

    yield module.register_forward_pre_hook(before, with_kwargs=True)
    yield module.register_forward_hook(after)


def _without_heads(projected: Tensor, change: Change) -> Tensor:
    """Queries that are 0 in the heads whose rows are to be even: (B, length, heads x d)."""
    if not change.even:
        return projected
    of_heads = projected.unflatten(-1, (change.attention.num_heads, -1)).clone()
    of_heads[:, :, list(change.even)] = 0
    flat: Tensor = of_heads.flatten(2)
    return flat


def _note_dab(seen: list[Seen]) -> Any:
    def note(module: Any, _: Any, options: dict[str, Any], output: Any) -> None:
        given = output[0]
        if not given.requires_grad:
            given.requires_grad_()
        names, heads = ("hidden_states", "key_states", "value_states"), module.attention_heads
        query, key, value = (
            options[name][0].detach().unflatten(-1, (heads, -1)).transpose(0, 1) for name in names
        )
        seen.append(
            Seen(module, query * module.scaling, key, value, given, module.output_proj.weight)
        )

    return note
