"""Relevance of cells for a detection of a relative, by Chefer et al. (arXiv 2103.15679).

In: a `RelativeReplay`, queries and their classes. Out: a map for each. With a decoder of its own
the rule is that of `detr.relevance`. With one stack it multiplies that stack's layers, from the
token that answers back to the patches at its input. Sampled attention has no maps, so no relevance.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from generator.detr.relatives.changed import Seen
from generator.detr.relatives.parts import Attention
from generator.detr.relatives.replay import RelativeReplay
from generator.detr.relevance import relevance_rule


def relevance_of_relative(
    replay: RelativeReplay, queries: Sequence[int], classes: Sequence[int]
) -> Tensor:
    """The relevance of each cell for each query's class, (n, N), from 0.

    NaN of a model whose cross-attention is sampled.
    """
    cells = replay.cells.hw[0] * replay.cells.hw[1]
    total = torch.full((len(queries), cells), torch.nan)
    cross = replay.attentions("decoder_cross")
    if not len(queries) or cross[0].is_sampled:
        return total
    seen: list[Seen] = []
    with torch.enable_grad():
        logits = replay.run(seen=seen).logits[0]  # (Q, C)
        outputs = [one.output for one in seen]
        for row, (query, label) in enumerate(zip(queries, classes, strict=True)):
            gradients = torch.autograd.grad(
                logits[query, label], outputs, retain_graph=True, allow_unused=True
            )
            slopes: _Slopes = list(zip(seen, gradients, strict=True))
            if cross[0].is_block:
                total[row] = _through_stack(slopes, cross[0], query)
            else:
                among, across = (
                    _maps(slopes, replay.attentions(kind))
                    for kind in ("decoder_self", "decoder_cross")
                )
                total[row] = relevance_rule(among, across)[query]
    return total


_Slopes = list[tuple[Seen, Tensor | None]]


def _maps(slopes: _Slopes, attentions: Sequence[Attention]) -> list[Tensor]:
    """Means over heads of the positive part of gradient x weight, layer by layer."""
    modules = {id(one.module): (one, gradient) for one, gradient in slopes}
    return [_weighted(*modules[id(one.module)]).cpu() for one in attentions]


def _through_stack(slopes: _Slopes, cross: Attention, query: int) -> Tensor:
    """A token's row of (1 + A_L) ... (1 + A_1), equation 6 of arXiv 2103.15679: (N,).

    The row alone is followed from the last layer to the first, so that one layer's matrix is in
    memory at a time.
    """
    tokens = slopes[0][0].query.shape[1]
    row = torch.zeros(tokens, device=slopes[0][0].query.device)
    row[cross.rows.start + query] = 1
    for one, gradient in reversed(slopes):
        if gradient is not None:  # else nothing of it reaches the score
            row = row + row @ _weighted(one, gradient)
    return row[cross.keys].cpu()


def _weighted(one: Seen, gradient: Tensor | None) -> Tensor:
    """Mean over heads of the positive part of gradient x weight, (queries, keys).

    The output is the sum over heads of W_h A_h V_h, so a weight's gradient is the output's
    gradient times W_h V_h.
    """
    heads, queries, keys = len(one.query), one.query.shape[1], one.key.shape[1]
    total = torch.zeros(queries, keys, device=one.query.device)
    if gradient is None:
        return total
    upstream = gradient[0]
    if one.projection is not None:
        upstream = (upstream @ one.projection).unflatten(-1, (heads, -1))
    with torch.no_grad():
        for head in range(heads):  # one at a time, as those of a single stack are large
            weights = (one.query[head] @ one.key[head].T).softmax(dim=-1)
            slopes = upstream[:, head] @ one.value[head].T
            total += (slopes * weights).clamp(min=0)
    return total / heads
