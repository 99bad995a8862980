"""One forward pass of a relative, in tensors.

In: a network of transformers and a normalised image. Out: a `RelativeOutput`: answers by layer, and
what every attention compared or read, by stack.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from generator.detr.model_profile import ModelProfile
from generator.detr.receptive_field import centres_of_cells
from generator.detr.relatives.answers import answers, watched
from generator.detr.relatives.recorded import Recorded, recording, stacked
from generator.detr.relatives.work import counting

Pair = tuple[Tensor, Tensor]
"""Queries and keys of all layers, (layers, heads, length, d) each."""


@dataclass(frozen=True, eq=False)
class Points:
    """What sampled attention read in all layers.

    Attributes:
        places: (layers, queries, heads, levels, points, 2), x and y, fractions of the image.
        weights: (layers, queries, heads, levels, points).
        references: (layers, queries, 2), the places that the points are set off from.
        levels_hw: rows and columns of each level's feature map.
    """

    places: Tensor
    weights: Tensor
    references: Tensor
    levels_hw: tuple[tuple[int, int], ...]


@dataclass(frozen=True, eq=False)
class RelativeOutput:
    """What a forward pass gave.

    Attributes:
        logits: (layers, queries, classes), with "no object" last if scores are a softmax.
        boxes_cxcywh: (layers, queries, 4), fractions of the image.
        pairs: by stack, "encoder_self", "decoder_self", "decoder_cross", or "joint" of a model
            with one stack; those that compare nothing are not there.
        points: of the stacks whose attention is sampled.
        feature_shape: channels, rows and columns of the last feature map.
        stride, first_centre: of its cells, in pixels of the input.
    """

    logits: Tensor
    boxes_cxcywh: Tensor
    pairs: Mapping[str, Pair]
    points: Mapping[str, Points]
    feature_shape: tuple[int, int, int]
    stride: int
    first_centre: float
    profile: ModelProfile


# How the attentions of a stack are named, with the layer's number; of all kinds together.
_STACKS = {
    "encoder_self": r"model\.encoder\.(?:aifi\.\d+\.)?layers\.(\d+)\.self_attn",
    "decoder_self": r"model\.decoder\.layers\.(\d+)\.self_attn(?:\.self_attn)?",
    "decoder_cross": r"model\.decoder\.layers\.(\d+)\.(?:encoder_attn|cross_attn\.cross_attn)",
    "joint": r"vit\.encoder\.layer\.(\d+)\.attention\.attention",
}  # fmt: skip


def run_relative(
    model: nn.Module, kind: str, image: Tensor, size_hw: tuple[int, int]
) -> RelativeOutput:
    """Runs a network over one image.

    Args:
        kind: transformers' `model_type`.
        image: (1, 3, H, W), normalised.
        size_hw: of the image before it was resized, in pixels.
    """
    maps: list[tuple[Tensor, Tensor]] = []
    last = _last_projection(model, kind)
    handle = last.register_forward_hook(lambda _, inputs, output: maps.append((inputs[0], output)))
    try:
        with recording(model) as seen, counting(model) as count, watched(model, kind) as given:
            output = model(pixel_values=image)
    finally:
        handle.remove()
    logits, boxes = answers(model, kind, output, given)
    features, projected = (tuple(one.shape[1:]) for one in maps[0])
    if kind == "yolos":
        features = projected  # the patches themselves
    channels, h, w = features
    pairs = {stack: stacked(ones) for stack in _STACKS if (ones := _layers(seen.pairs, stack))}
    points = {stack: _points(seen, stack) for stack in _STACKS if _layers(seen.weights, stack)}
    shapes = {"image": (3, *size_hw), "input": tuple(image.shape[1:]), "features": features}
    shapes |= _shapes(projected, pairs, points, logits)
    count.add_attentions(seen)
    stride, first = centres_of_cells(
        last if kind == "yolos" else model.get_submodule("model.backbone")
    )
    return RelativeOutput(
        logits=logits,
        boxes_cxcywh=boxes,
        pairs=pairs,
        points=points,
        feature_shape=(channels, h, w),
        stride=stride,
        first_centre=first,
        profile=count.profile(model, shapes),
    )


def _last_projection(model: nn.Module, kind: str) -> nn.Module:
    """What makes tokens of the last feature map."""
    names = {
        "conditional_detr": "model.input_projection",
        "dab-detr": "model.input_projection",
        "yolos": "vit.embeddings.patch_embeddings.projection",
        "deformable_detr": "model.input_proj",
        "rt_detr": "model.encoder_input_proj",
    }
    found: Any = model.get_submodule(names[kind])
    if isinstance(found, nn.ModuleList):  # one a level; further levels have no feature map
        return found[_backbone_levels(model) - 1]
    return found  # type: ignore[no-any-return]


def _backbone_levels(model: Any) -> int:
    return len(model.model.backbone.intermediate_channel_sizes)


def _layers(of: Mapping[str, Any], stack: str) -> list[Any]:
    """What was recorded of a stack, layer by layer."""
    found = [(re.fullmatch(_STACKS[stack], name), one) for name, one in of.items()]
    numbered = [(int(name[1]), one) for name, one in found if name]
    return [one for _, one in sorted(numbered, key=lambda pair: pair[0])]


def _points(seen: Recorded, stack: str) -> Points:
    return Points(
        torch.stack(_layers(seen.points, stack)),
        torch.stack(_layers(seen.weights, stack)),
        torch.stack(_layers(seen.references, stack)),
        seen.levels_hw,
    )


def _shapes(
    projected: tuple[int, ...],
    pairs: Mapping[str, Pair],
    points: Mapping[str, Points],
    logits: Tensor,
) -> dict[str, tuple[int, ...]]:
    """The shape at each stage from the projection on, without the batch axis."""
    width, queries = projected[0], logits.shape[1]
    cells = math.prod(projected[1:])
    every = sum(math.prod(one) for one in points["decoder_cross"].levels_hw) if points else cells
    tokens = pairs["joint"][0].shape[2] if "joint" in pairs else cells
    if "encoder_self" in points:
        tokens = every
    memory = tokens if not points else every
    return {
        "projected": projected,
        "tokens": (tokens, width),
        "positions": (tokens, width),
        "memory": (memory, width),
        "queries": (queries, width),
        "decoded": (queries, width),
        "classes": tuple(logits.shape[1:]),
        "boxes": (queries, 4),
    }
