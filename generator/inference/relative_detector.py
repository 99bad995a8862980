"""Runs a relative of DETR once over one image, through the package transformers.

In: a network, its card, the prepared image. Out: the same `ForwardPass` as of a DETR, in which what
such a model has not is empty, and what it has besides stands beside.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from generator.detr.relatives.load import architecture_of
from generator.detr.relatives.run import Pair, RelativeOutput, run_relative
from generator.detr.zoo import ModelCard
from generator.inference.forward_pass import (
    STACKS,
    FloatArray,
    ForwardPass,
    QueriesAndKeys,
    blocks_of,
    no_attention,
)
from generator.inference.sampled_points import SampledPoints


def relative_forward(
    model: nn.Module,
    card: ModelCard,
    weights_sha256: str,
    image: Tensor,
    size_hw: tuple[int, int],
) -> ForwardPass:
    """Runs a relative over one image.

    Args:
        image: (1, 3, H, W), the network's input.
        size_hw: of the image itself, in pixels.
    """
    architecture = architecture_of(card)
    with torch.inference_mode():
        output = run_relative(model, architecture.kind, image, size_hw)
    channels, h, w = output.feature_shape
    pairs = _pairs(output, h * w, keeps_places=architecture.keeps_places)
    return ForwardPass(
        model=card.name,
        weights_sha256=weights_sha256,
        size_hw=size_hw,
        input_hw=(image.shape[2], image.shape[3]),
        grid_hw=(h, w),
        stride=output.stride,
        first_centre=output.first_centre,
        feature_channels=channels,
        category_ids=card.category_ids,
        category_names=card.category_names,
        profile=output.profile,
        logits=_array(output.logits),
        boxes_cxcywh=_array(output.boxes_cxcywh),
        **pairs,
        score=architecture.score,
        matching_weights=architecture.matching_weights,
        most_pairs=architecture.most_pairs,
        points={
            stack: SampledPoints(
                _array(one.places), _array(one.weights), _array(one.references), one.levels_hw
            )
            for stack, one in output.points.items()
        },
    )


def _pairs(output: RelativeOutput, cells: int, *, keeps_places: bool) -> dict[str, QueriesAndKeys]:
    """Queries and keys of every stack; of one stack, the three parts of it as well."""
    if "joint" in output.pairs:
        joint = _pair(output.pairs["joint"])
        return {"joint": joint, **blocks_of(joint, cells, output.logits.shape[1])}
    pairs = {
        stack: _pair(output.pairs[stack]) if stack in output.pairs else no_attention()
        for stack in STACKS
    }
    if keeps_places:  # half of the numbers each
        cross = pairs["decoder_cross"]
        pairs["decoder_cross"] = QueriesAndKeys(cross.q, cross.k, place=cross.q.shape[3] // 2)
    return pairs


def _pair(pair: Pair) -> QueriesAndKeys:
    q, k = pair
    return QueriesAndKeys(_array(q), _array(k))


def _array(tensor: Tensor) -> FloatArray:
    return tensor.float().contiguous().cpu().numpy()
