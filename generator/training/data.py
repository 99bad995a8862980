"""Scenes as tensors: batches for training and evaluating.

In: a recipe and indices. Out: batches of pixels and their ground truth, made here or ahead by other
processes, and the images that a network takes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from generator.detr.imagenet import DEVIATION, MEAN
from generator.training.matcher import Truth
from generator.training.recipe import STRIDE, Recipe
from generator.training.scenes import TRAINING_SEED, Scene, SceneOptions, compose_scene, single
from generator.training.sprites import SpriteWorld

Batch = TypeVar("Batch")
_CPU = torch.device("cpu")


def truth_of(scene: Scene) -> Truth:
    """The ground truth of a scene, as tensors for the loss."""
    h, w = scene.pixels.shape[:2]
    x0, y0, x1, y1 = (torch.from_numpy(scene.boxes_xyxy) / torch.tensor([w, h, w, h])).unbind(1)
    boxes = torch.stack([(x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0], 1)
    return Truth(torch.from_numpy(scene.classes), boxes)


def batch_of(scenes: Sequence[Scene]) -> tuple[Tensor, list[Truth]]:
    """Stacks scenes of one size: images (B, 3, H, W), and their ground truths."""
    pixels, truths = _stacked(scenes)
    return prepared(pixels), truths


def _stacked(scenes: Sequence[Scene]) -> tuple[Tensor, list[Truth]]:
    """Pixels, (B, H, W, 3) uint8, and ground truths."""
    pixels = torch.from_numpy(np.stack([scene.pixels for scene in scenes]))
    return pixels, [truth_of(scene) for scene in scenes]


def prepared(pixels: Tensor, device: torch.device = _CPU) -> Tensor:
    """Maps (B, H, W, 3) uint8 to the network's (B, 3, H, W), channels last, on a device."""
    deviation = torch.tensor(DEVIATION, device=device)
    scale, offset = 1 / 255 / deviation, torch.tensor(MEAN, device=device) / deviation
    images = pixels.to(device, non_blocking=True) * scale - offset
    return images.permute(0, 3, 1, 2)  # channels stay last in memory


def batch_size_hw(recipe: Recipe, seen: int) -> tuple[int, int]:
    """Height and width of the batch that starts at scene `seen`; multiples of the stride."""
    rng = np.random.default_rng([TRAINING_SEED, seen, 2])
    ratios, shares = zip(*recipe.aspects, strict=True)
    aspect = ratios[int(rng.choice(len(ratios), p=shares))]
    stage = recipe.stage(seen)
    short = int(rng.choice((stage.short_side, *stage.others)))
    long = round(short * max(aspect, 1 / aspect) / STRIDE) * STRIDE
    return (short, long) if aspect >= 1 else (long, short)


@dataclass(frozen=True)
class Share:
    """The part of each batch that one process makes: every `processes`-th, beginning at `rank`."""

    rank: int = 0
    processes: int = 1

    def of(self, seen: int, batch: int) -> range:
        """The numbers of its scenes in the batch that starts at scene `seen`."""
        return range(seen + self.rank, seen + batch, self.processes)


@dataclass(frozen=True)
class SceneBatches(Dataset[tuple[Tensor, list[Truth]]]):
    """The batches of a recipe from scene `first` on: pixels (B, H, W, 3) uint8, ground truths."""

    recipe: Recipe
    first: int
    share: Share
    world: SpriteWorld

    def __len__(self) -> int:
        return max(math.ceil((self.recipe.scenes - self.first) / self.recipe.batch), 0)

    def __getitem__(self, number: int) -> tuple[Tensor, list[Truth]]:
        seen = self.first + number * self.recipe.batch
        size_hw, options = batch_size_hw(self.recipe, seen), self.recipe.stage(seen).options
        return _stacked(
            [
                compose_scene(TRAINING_SEED, index, size_hw, self.world, options)
                for index in self.share.of(seen, self.recipe.batch)
            ]
        )


@dataclass(frozen=True)
class CropBatches(Dataset[tuple[Tensor, Tensor]]):
    """Single sprites on backgrounds, (B, side, side, 3) uint8, and their classes, (B,).

    Here each distractor is a class too, after those of the world.
    """

    recipe: Recipe
    first: int
    share: Share
    world: SpriteWorld

    def __len__(self) -> int:
        return max(math.ceil((self.recipe.crops - self.first) / self.recipe.crop_batch), 0)

    def __getitem__(self, number: int) -> tuple[Tensor, Tensor]:
        seen = self.first + number * self.recipe.crop_batch
        crops = [
            _crop(index, self.recipe.crop_side, self.world)
            for index in self.share.of(seen, self.recipe.crop_batch)
        ]
        pixels = torch.from_numpy(np.stack([pixels for pixels, _ in crops]))
        return pixels, torch.tensor([label for _, label in crops])


def loader(batches: Dataset[Batch], workers: int) -> DataLoader[Batch]:
    """Gives the batches in their order; `workers` processes make them ahead, 0 makes them here."""
    return DataLoader(
        batches,
        batch_size=None,
        num_workers=workers,
        prefetch_factor=4 if workers else None,
        pin_memory=torch.cuda.is_available(),
        worker_init_fn=_one_thread,
    )


def _one_thread(_: int) -> None:
    cv2.setNumThreads(0)


def num_crop_classes(world: SpriteWorld) -> int:
    """The classes and the distractors."""
    return len(world.names) + len(world.distractors)


CROPS = SceneOptions(min_side=0.25, max_side=1.0, usual_sides=(0.4, 0.9), min_visible=0.6)


def _crop(index: int, side: int, world: SpriteWorld) -> tuple[npt.NDArray[np.uint8], int]:
    rng = np.random.default_rng([TRAINING_SEED, index, 1])
    label = int(rng.integers(num_crop_classes(world)))
    return single(rng, world, label, (side, side), CROPS), label
