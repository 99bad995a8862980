"""Scenes as tensors: batches for training and evaluating.

In: seeds and indices. Out: normalised image batches and their ground truth.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from generator.detr.preprocessing import normalise
from generator.training.matcher import Truth
from generator.training.recipe import STRIDE, Recipe
from generator.training.scenes import TRAINING_SEED, Scene, SceneOptions, compose_scene, single
from generator.training.sprites import SpriteWorld


def truth_of(scene: Scene) -> Truth:
    """The ground truth of a scene, as tensors for the loss."""
    h, w = scene.pixels.shape[:2]
    x0, y0, x1, y1 = (torch.from_numpy(scene.boxes_xyxy) / torch.tensor([w, h, w, h])).unbind(1)
    boxes = torch.stack([(x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0], 1)
    return Truth(torch.from_numpy(scene.classes), boxes)


def batch_of(scenes: Sequence[Scene]) -> tuple[Tensor, list[Truth]]:
    """Stacks scenes of one size: images (B, 3, H, W), and their ground truths."""
    images = torch.stack([normalise(scene.pixels) for scene in scenes])
    images = images.contiguous(memory_format=torch.channels_last)
    return images, [truth_of(scene) for scene in scenes]


def batch_size_hw(recipe: Recipe, seen: int) -> tuple[int, int]:
    """Height and width of the batch that starts at scene `seen`; multiples of the stride."""
    rng = np.random.default_rng([TRAINING_SEED, seen, 2])
    ratios, shares = zip(*recipe.aspects, strict=True)
    aspect = ratios[int(rng.choice(len(ratios), p=shares))]
    short = recipe.stage(seen).short_side
    long = round(short * max(aspect, 1 / aspect) / STRIDE) * STRIDE
    return (short, long) if aspect >= 1 else (long, short)


def training_batch(
    recipe: Recipe, seen: int, rank: int, processes: int, world: SpriteWorld
) -> tuple[Tensor, list[Truth]]:
    """One process's share of the batch that starts at scene `seen`."""
    size_hw, options = batch_size_hw(recipe, seen), recipe.stage(seen).options
    indices = range(seen + rank, seen + recipe.batch, processes)
    return batch_of([compose_scene(TRAINING_SEED, i, size_hw, world, options) for i in indices])


def crop_batch(
    recipe: Recipe, seen: int, rank: int, processes: int, world: SpriteWorld
) -> tuple[Tensor, Tensor]:
    """Single sprites on backgrounds, (B, 3, side, side), and their classes, (B,).

    Here each distractor is a class too, after those of the world.
    """
    images, labels = [], []
    for index in range(seen + rank, seen + recipe.crop_batch, processes):
        pixels, label = _crop(index, recipe.crop_side, world)
        images.append(normalise(pixels))
        labels.append(label)
    batch = torch.stack(images).contiguous(memory_format=torch.channels_last)
    return batch, torch.tensor(labels)


def num_crop_classes(world: SpriteWorld) -> int:
    """The classes and the distractors."""
    return len(world.names) + len(world.distractors)


CROPS = SceneOptions(min_side=0.25, max_side=1.0, usual_sides=(0.4, 0.9), min_visible=0.6)


def _crop(index: int, side: int, world: SpriteWorld) -> tuple[npt.NDArray[np.uint8], int]:
    rng = np.random.default_rng([TRAINING_SEED, index, 1])
    label = int(rng.integers(num_crop_classes(world)))
    return single(rng, world, label, (side, side), CROPS), label
