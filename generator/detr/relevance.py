"""Relevance of the memory's cells for a detection, by Chefer et al. (arXiv 2103.15679).

In: a `Replay`, queries and their classes. Out: a map for each. The rule weighs every attention
map of the decoder by its gradient with respect to the class's logit, keeps the positive part,
averages it over heads, and multiplies the layers. The encoder is left out: the maps are over
the cells of the memory, as those of the raw cross-attention are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from generator.detr.capture import project_queries_and_keys
from generator.detr.interventions import Replay


def relevance_of(
    replay: Replay, queries: Sequence[int], classes: Sequence[int], memory: Tensor | None = None
) -> Tensor:
    """The relevance of each cell for each query's class, (n, N), from 0.

    Args:
        memory: in place of the one that the replay kept.
    """
    total = torch.zeros(len(queries), len(replay.memory))
    with torch.enable_grad(), ExitStack() as hooks:
        seen = [
            [hooks.enter_context(_watched(one)) for one in replay.attentions(kind)]
            for kind in ("decoder_self", "decoder_cross")
        ]
        start = (replay.memory if memory is None else memory).detach().requires_grad_()
        logits = replay.decode(memory=start).logits[0]  # (Q, C + 1)
        outputs = [one.output for ones in seen for one in ones]
        for row, (query, label) in enumerate(zip(queries, classes, strict=True)):
            score = logits[query, label]
            gradients = iter(
                torch.autograd.grad(score, outputs, retain_graph=True, allow_unused=True)
            )
            among, across = ([one.weighted(next(gradients)) for one in ones] for ones in seen)
            total[row] = relevance_rule(among, across)[query]
    return total


def relevance_rule(among: Sequence[Tensor], across: Sequence[Tensor]) -> Tensor:
    """Multiplies the layers: equations 6 to 10 of arXiv 2103.15679, with nothing before them.

    R_qq = 1 and R_qi = 0 at first. Self-attention: R_qi += A R_qi, then R_qq += A R_qq.
    Cross-attention: R_qi += norm(R_qq)^T A, where norm scales the rows of R_qq - 1 to a sum of
    1 and adds 1 again.

    Args:
        among: by layer, (Q, Q), the weighted self-attention.
        across: by layer, (Q, N), the weighted cross-attention.

    Returns:
        R_qi, (Q, N).
    """
    own = torch.eye(len(among[0]))
    cells = torch.zeros_like(across[0])
    for one, other in zip(among, across, strict=True):
        cells = cells + one @ cells
        own = own + one @ own
        cells = cells + _normalised(own).T @ other
    return cells


def _normalised(own: Tensor) -> Tensor:
    identity = torch.eye(len(own))
    added = own - identity
    total = added.sum(dim=-1, keepdim=True)
    return torch.where(total > 0, added / total, torch.zeros_like(added)) + identity


@dataclass(eq=False)
class _Watched:
    """What went into an attention in the last forward pass, and what came out."""

    attention: nn.MultiheadAttention
    inputs: tuple[Tensor, ...] = ()
    output: Tensor = field(default_factory=lambda: torch.zeros(0))

    def weighted(self, gradient: Tensor | None) -> Tensor:
        """Mean over heads of the positive part of gradient x weight, (queries, keys).

        The output is the sum over heads of W_h A_h V_h, so a weight's gradient is the output's
        gradient times W_h V_h.
        """
        query, key, value = (one.detach() for one in self.inputs)
        q, k = (one[0] for one in project_queries_and_keys(self.attention, query, key))
        weights = (q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5).softmax(dim=-1)
        if gradient is None:  # nothing of it reaches the score
            return torch.zeros_like(weights[0]).cpu()
        v = _values(self.attention, value)  # (H, N, d)
        upstream = (gradient[:, 0] @ self.attention.out_proj.weight).unflatten(-1, v.shape[::2])
        slopes = upstream.transpose(0, 1) @ v.transpose(-1, -2)  # (H, Q, N)
        weighted: Tensor = (slopes * weights).clamp(min=0).mean(dim=0).cpu()
        return weighted  # (Q, N)


def _values(attention: nn.MultiheadAttention, value: Tensor) -> Tensor:
    """The projected values, (H, N, d)."""
    weight, bias = attention.in_proj_weight.chunk(3)[2], attention.in_proj_bias.chunk(3)[2]
    projected: Tensor = F.linear(value[:, 0], weight, bias)  # (N, d_model)
    heads: Tensor = projected.unflatten(-1, (attention.num_heads, -1)).transpose(0, 1)
    return heads


@contextmanager
def _watched(attention: nn.MultiheadAttention) -> Iterator[_Watched]:
    """While open, notes an attention's inputs and output."""
    seen = _Watched(attention)

    def note(_: nn.Module, inputs: Any, output: Any) -> None:
        seen.inputs, seen.output = inputs, output[0]
        if not output[0].requires_grad:  # before the first cross-attention nothing depends on cells
            output[0].requires_grad_()

    handle = attention.register_forward_hook(note)
    try:
        yield seen
    finally:
        handle.remove()
