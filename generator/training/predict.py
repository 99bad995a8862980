"""What a network says of composed scenes.

In: a network in evaluation mode and scenes of one size. Out: `Predictions`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn
from torchvision.ops import box_convert

from generator.training.data import batch_of
from generator.training.metrics import Predictions
from generator.training.scenes import Scene, SceneOptions, compose_scene
from generator.training.sprites import SpriteWorld

BATCH = 20


def held_out_scenes(
    seed: int, count: int, short_side: int, world: SpriteWorld, options: SceneOptions
) -> Iterator[list[Scene]]:
    """Square scenes of a seed, in batches."""
    size_hw = short_side, short_side
    for start in range(0, count, BATCH):
        indices = range(start, min(start + BATCH, count))
        yield [compose_scene(seed, i, size_hw, world, options) for i in indices]


def predict(network: nn.Module, scenes: Sequence[Scene]) -> list[Predictions]:
    """The predictions for scenes of one size, in batches."""
    found: list[Predictions] = []
    for start in range(0, len(scenes), BATCH):
        images, _ = batch_of(scenes[start : start + BATCH])
        with torch.inference_mode():
            output = network(images)
        size_wh = images.shape[3], images.shape[2]
        found += _of_layer(output.logits[-1], output.boxes_cxcywh[-1], size_wh)
    return found


def _of_layer(logits: Tensor, boxes_cxcywh: Tensor, size_wh: tuple[int, int]) -> list[Predictions]:
    """One image after the other, from logits (B, Q, C + 1) and boxes (B, Q, 4)."""
    scores, classes = logits.softmax(-1)[..., :-1].max(-1)
    boxes = box_convert(boxes_cxcywh, "cxcywh", "xyxy") * torch.tensor([*size_wh, *size_wh])
    return [
        Predictions(s.numpy(), c.numpy(), b.numpy())
        for s, c, b in zip(scores, classes, boxes, strict=True)
    ]
