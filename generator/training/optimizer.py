"""The optimiser: Muon for the matrices within the network, AdamW for all other weights.

In: a network with gradients. Out: its weights a step further.

Muon (https://kellerjordan.github.io/posts/muon/) moves a matrix in all directions by the same
amount. After 64,000 crops, a backbone trained with it tells twice as many apart as with AdamW. The
transformer bears a tenth of the backbone's rate: with all of it, its loss rose again after 15,000
scenes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

OUTER = ("query_embed", "more_queries", "class_embed", "bbox_embed.layers.2", "crop_head",
         "dense_head.classes", "dense_head.box.layers.2")  # fmt: skip
"""Queries and the last layers of the heads: for AdamW, as Muon's author advises."""
AFTER_BACKBONE = ("transformer", "bbox_embed")
PIXELS = 3
"""Channels of an image: the first convolution is for AdamW, too."""


@dataclass(frozen=True)
class Rates:
    """What the optimiser is set to, at the full learning rates.

    Attributes:
        backbone: Muon's, of the matrices of the backbone and of what reads its features.
        transformer: Muon's, of those of encoder, decoder and the head of boxes.
        others: AdamW's.
    """

    backbone: float
    transformer: float
    others: float
    weight_decay: float


class Optimizer:
    """Both optimisers as one.

    Args:
        network: already on its device and in its memory format, since matrices are views of its
            weights.
    """

    def __init__(self, network: nn.Module, rates: Rates) -> None:
        self.rates = rates
        inner, outer, plain = _sorted(network)
        self._views = [(weight, name, _views(name, weight)) for name, weight in inner]
        by_part: dict[float, list[nn.Parameter]] = {rates.backbone: [], rates.transformer: []}
        for _, name, views in self._views:
            is_late = any(part in name for part in AFTER_BACKBONE)
            by_part[rates.transformer if is_late else rates.backbone] += views
        groups = [{"params": views, "full": rate} for rate, views in by_part.items()]
        self._muon = torch.optim.Muon(groups, weight_decay=rates.weight_decay, momentum=0.95)
        self._adamw = torch.optim.AdamW(
            [
                {"params": outer, "weight_decay": rates.weight_decay},
                {"params": plain, "weight_decay": 0.0},
            ],
            lr=rates.others,
            fused=True,
        )

    def step(self, share: float) -> None:
        """One step with this share of the full learning rates."""
        for weight, name, views in self._views:
            gradients = [None] * len(views) if weight.grad is None else _split(name, weight.grad)
            for view, gradient in zip(views, gradients, strict=True):
                view.grad = gradient
        for group in self._muon.param_groups:
            group["lr"] = share * group["full"]
        for group in self._adamw.param_groups:
            group["lr"] = share * self.rates.others
        self._muon.step()
        self._adamw.step()

    def state_dict(self) -> dict[str, Any]:
        """What both remember."""
        return {"muon": self._muon.state_dict(), "adamw": self._adamw.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Takes up what `state_dict` gave."""
        self._muon.load_state_dict(state["muon"])
        self._adamw.load_state_dict(state["adamw"])


Named = list[tuple[str, nn.Parameter]]


def _sorted(network: nn.Module) -> tuple[Named, list[nn.Parameter], list[nn.Parameter]]:
    """Sorts weights: the matrices within, by name; the outer ones; and vectors with queries."""
    inner: Named = []
    outer: list[nn.Parameter] = []
    plain: list[nn.Parameter] = []
    for name, weight in network.named_parameters():
        if weight.dim() < 2 or "quer" in name:
            plain.append(weight)
        elif any(part in name for part in OUTER) or weight.shape[1] == PIXELS:
            outer.append(weight)
        else:
            inner.append((name, weight))
    return inner, outer, plain


def _views(name: str, weight: nn.Parameter) -> list[nn.Parameter]:
    """A weight's matrices, as parameters that share its memory."""
    views = [nn.Parameter(view) for view in _split(name, weight.detach())]
    first = weight.untyped_storage().data_ptr()
    if any(view.untyped_storage().data_ptr() != first for view in views):
        raise ValueError(f"{name}: its matrices cannot be seen without copying them")
    return views


def _split(name: str, weight: Tensor) -> list[Tensor]:
    """A weight's or gradient's matrices.

    A convolution's filters are rows; the projections of queries, keys and values are three.
    """
    if weight.dim() == 4:  # channels last, which is their order in memory
        return [weight.permute(0, 2, 3, 1).flatten(1)]
    return list(weight.chunk(3)) if name.endswith("in_proj_weight") else [weight]
