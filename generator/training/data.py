"""Scenes as tensors: batches for training and evaluating.

In: seeds and indices. Out: normalised image batches and their ground truth.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from generator.detr.preprocessing import normalise
from generator.training.backgrounds import draw_background
from generator.training.glyphs import CLASSES, DISTRACTORS, render_glyph
from generator.training.matcher import Truth
from generator.training.recipe import STRIDE, Recipe
from generator.training.scenes import TRAINING_SEED, Scene, SceneOptions, compose_scene, paint_glyph

TRAINING_SCENES = SceneOptions(min_objects=0)


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
    short = recipe.short_side(seen)
    long = round(short * max(aspect, 1 / aspect) / STRIDE) * STRIDE
    return (short, long) if aspect >= 1 else (long, short)


def training_batch(
    recipe: Recipe, seen: int, rank: int, processes: int, font: Path
) -> tuple[Tensor, list[Truth]]:
    """One process's share of the batch that starts at scene `seen`."""
    size_hw = batch_size_hw(recipe, seen)
    indices = range(seen + rank, seen + recipe.batch, processes)
    return batch_of(
        [compose_scene(TRAINING_SEED, i, size_hw, font, TRAINING_SCENES) for i in indices]
    )


def crop_batch(
    recipe: Recipe, seen: int, rank: int, processes: int, font: Path
) -> tuple[Tensor, Tensor]:
    """Single glyphs on backgrounds, (B, 3, side, side), and their classes, (B,).

    Here each distractor is a class too, after those of `CLASSES`.
    """
    side = recipe.crop_side
    options = SceneOptions(min_side=0.45, max_side=0.95)
    images, labels = [], []
    for index in range(seen + rank, seen + recipe.crop_batch, processes):
        pixels, label = _crop(index, side, font, options)
        images.append(normalise(pixels))
        labels.append(label)
    batch = torch.stack(images).contiguous(memory_format=torch.channels_last)
    return batch, torch.tensor(labels)


NUM_CROP_CLASSES = len(CLASSES) + len(DISTRACTORS)


def _crop(
    index: int, side: int, font: Path, options: SceneOptions
) -> tuple[npt.NDArray[np.uint8], int]:
    rng = np.random.default_rng([TRAINING_SEED, index, 1])
    canvas = draw_background(rng, (side, side))
    label = int(rng.integers(NUM_CROP_CLASSES))
    glyphs = [c.designs for c in CLASSES] + list(DISTRACTORS)
    glyph = glyphs[label][int(rng.integers(len(glyphs[label])))]
    paint_glyph(rng, canvas, render_glyph(glyph, font), options)
    return (np.clip(canvas, 0, 1) * 255).astype(np.uint8), label
