"""Classes and boxes after every layer of a relative's decoder.

In: a network of transformers, what its forward pass gave, and what its layers gave. Out: logits
and boxes by layer, the last of which are the network's own answer, bit for bit. transformers itself
computes those of earlier layers only for the loss of training; the formulas are its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

Answers = tuple[Tensor, Tensor]
"""Logits (layers, queries, classes) and boxes_cxcywh (layers, queries, 4)."""


@contextmanager
def watched(model: nn.Module, kind: str) -> Iterator[list[Any]]:
    """While open, notes what the modules gave that `answers` needs."""
    seen: list[Any] = []
    handles = [
        model.get_submodule(name).register_forward_hook(lambda _, __, output: seen.append(output))
        for name in _watched_names(model, kind)
    ]
    try:
        yield seen
    finally:
        for handle in handles:
            handle.remove()


def answers(model: nn.Module, kind: str, output: Any, seen: list[Any]) -> Answers:
    """Logits and boxes of the one image that ran."""
    logits, boxes = _ANSWERS[kind](model, output, seen)
    # The heads see all layers at once above, which may round otherwise.
    return (
        torch.cat([logits[:-1], output.logits[:1]]),
        torch.cat([boxes[:-1], output.pred_boxes[:1]]),
    )


def _watched_names(model: nn.Module, kind: str) -> list[str]:
    if kind == "conditional_detr":
        layers = len(model.get_submodule("model.decoder.layers"))  # type: ignore[arg-type]
        return [*(f"model.decoder.layers.{one}" for one in range(layers)), "model.decoder"]
    return ["model"] if kind == "dab-detr" else []


def _conditional(model: Any, _: Any, seen: list[Any]) -> Answers:
    """Offsets from the queries' reference points; every layer's output through the last norm."""
    *layers, decoder = seen
    hidden = torch.cat([one[0] if isinstance(one, tuple) else one for one in layers])  # (L, Q, d)
    hidden = model.model.decoder.layernorm(hidden)
    boxes = model.bbox_predictor(hidden)
    # (Q, 1, 2) for a single image: the library keeps the queries first.
    boxes[..., :2] += torch.logit(decoder.reference_points, eps=_EPS)[:, 0]
    return model.class_labels_classifier(hidden), boxes.sigmoid()


def _dab(model: Any, _: Any, seen: list[Any]) -> Answers:
    """Offsets from the boxes that each layer began with, its anchors."""
    hidden, anchors = seen[0].intermediate_hidden_states, seen[0].reference_points
    boxes = model.bbox_predictor(hidden)
    boxes[..., : model.query_dim] += torch.logit(anchors, eps=_EPS)
    return model.class_embed(hidden)[:, 0], boxes.sigmoid()[:, 0]


def _yolos(_: Any, output: Any, __: list[Any]) -> Answers:
    """The last layer alone: the heads were trained on no other."""
    return output.logits, output.pred_boxes


def _deformable(model: Any, output: Any, _: list[Any]) -> Answers:
    """Offsets from the points, or the boxes, that each layer began with."""
    hidden = output.intermediate_hidden_states[0]  # (L, Q, d)
    starts = torch.cat([output.init_reference_points, output.intermediate_reference_points[0, :-1]])
    logits, boxes = [], []
    for layer, (one, start) in enumerate(zip(hidden, starts, strict=True)):
        box = model.bbox_embed[layer](one)
        box[..., : start.shape[-1]] += torch.logit(start, eps=_EPS)
        logits.append(model.class_embed[layer](one))
        boxes.append(box.sigmoid())
    return torch.stack(logits), torch.stack(boxes)


def _rt_detr(_: Any, output: Any, __: list[Any]) -> Answers:
    return output.intermediate_logits[0], output.intermediate_reference_points[0]


_EPS = 1e-5
"""How near to 0 and 1 a place may come before its logit is taken, as in the library."""

_ANSWERS: Mapping[str, Callable[[Any, Any, list[Any]], Answers]] = {
    "conditional_detr": _conditional,
    "dab-detr": _dab,
    "yolos": _yolos,
    "deformable_detr": _deformable,
    "rt_detr": _rt_detr,
}
