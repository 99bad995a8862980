"""A scene as pixels, composed as `templates/assets/live/lab_compose.js` composes it.

In: a `PreparedScene`, the files of the sprites. Out: a `ComposedScene`. Sizes, turns and places
follow the scenes that the embedded model was trained on.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from generator.errors import ImageError
from generator.figures.lab.backgrounds import draw_background
from generator.project.experiments import PreparedScene, SceneObject

Sprite = npt.NDArray[np.float64]
"""(h, w, 4) in [0, 1]: red, green and blue times opacity, opacity."""
ASPECT = 4 / 3


@dataclass(frozen=True)
class ComposedScene:
    """A picture and where its things are.

    Attributes:
        pixels: (H, W, 3) uint8 RGB.
        boxes_xyxy: (n, 4) pixels, tight around each whole thing, cut at the border.
        visible: (n,) the share of each thing that is in the picture and not covered.
    """

    pixels: npt.NDArray[np.uint8]
    boxes_xyxy: npt.NDArray[np.float64]
    visible: npt.NDArray[np.float64]


def size_of_scenes(short_side: int) -> tuple[int, int]:
    """Height and width of a scene: twice what a model with this short side is given."""
    height = 2 * short_side
    return height, _rounded(height * ASPECT)


def load_sprite(file: Path) -> Sprite:
    """Reads a sprite, and cuts off what is wholly transparent.

    Raises:
        ImageError: it cannot be read, or nothing in it can be seen.
    """
    try:
        with Image.open(file) as image:
            rgba = np.asarray(image.convert("RGBA"), np.float64) / 255
    except Exception as error:  # on damaged files Pillow's decoders raise nearly anything
        raise ImageError(f"{file}: cannot be read; export it again as PNG or WebP") from error
    rows, columns = np.flatnonzero(rgba[..., 3].any(1)), np.flatnonzero(rgba[..., 3].any(0))
    if not rows.size:
        raise ImageError(f"{file}: is wholly transparent; draw something, or remove it")
    rgba = rgba[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.concatenate([rgba[..., :3] * rgba[..., 3:], rgba[..., 3:]], -1)


def compose(
    scene: PreparedScene, sprites: Mapping[str, Path], size_hw: tuple[int, int]
) -> ComposedScene:
    """Composes a scene at a size in pixels.

    Raises:
        ImageError: one of its sprites cannot be read.
    """
    canvas = draw_background(scene.background, scene.seed, size_hw)
    owner = np.full(size_hw, -1, np.int32)
    boxes, areas = [], []
    for number, one in enumerate(scene.objects):
        placed = transform(load_sprite(sprites[one.sprite]), one, min(size_hw))
        top = _rounded(one.y * size_hw[0] - placed.shape[0] / 2)
        left = _rounded(one.x * size_hw[1] - placed.shape[1] / 2)
        box, area = _paint(canvas, owner, placed, top, left, number)
        boxes.append(box)
        areas.append(area)
    shown = np.bincount(owner[owner >= 0], minlength=len(areas))
    return ComposedScene(
        np.floor(canvas * 255 + 0.5).astype(np.uint8),
        np.array(boxes, np.float64).reshape(-1, 4),
        shown / np.maximum(areas, 1),
    )


def transform(sprite: Sprite, one: SceneObject, short_side: int) -> Sprite:
    """Flips, scales and turns a sprite; what lies between its pixels is interpolated."""
    h, w = sprite.shape[:2]
    scale, factor = one.size * short_side / max(h, w), 1
    while scale * factor < 0.5:  # averages before it skips pixels
        sprite, factor = _halved(sprite), 2 * factor
    angle = math.radians(one.turn)
    cos, sin = math.cos(angle), math.sin(angle)
    height = math.ceil(scale * (abs(w * sin) + abs(h * cos))) + 2
    width = math.ceil(scale * (abs(w * cos) + abs(h * sin))) + 2
    dx = (np.arange(width)[None] + 0.5 - width / 2) / scale
    dy = (np.arange(height)[:, None] + 0.5 - height / 2) / scale
    u, v = dx * cos + dy * sin + w / 2, dy * cos - dx * sin + h / 2
    if one.flip:
        u = w - u
    return _sampled(sprite, u / factor - 0.5, v / factor - 0.5)


def _halved(sprite: Sprite) -> Sprite:
    """The means of two by two pixels; beyond the edge everything is transparent."""
    h, w = sprite.shape[:2]
    padded = np.pad(sprite, ((0, h % 2), (0, w % 2), (0, 0)))
    return np.asarray(padded.reshape((h + 1) // 2, 2, (w + 1) // 2, 2, 4).mean((1, 3)))


def _sampled(sprite: Sprite, u: Sprite, v: Sprite) -> Sprite:
    """Bilinear samples at columns u and rows v, (H, W) each."""
    h, w = sprite.shape[:2]
    padded = np.pad(sprite, ((1, 1), (1, 1), (0, 0)))
    left, top = np.floor(u), np.floor(v)
    across, down = (u - left)[..., None], (v - top)[..., None]
    inside = (left >= -1) & (left < w) & (top >= -1) & (top < h)
    column, row = np.where(inside, left, -1).astype(int), np.where(inside, top, -1).astype(int)
    above = padded[row + 1, column + 1] * (1 - across) + padded[row + 1, column + 2] * across
    below = padded[row + 2, column + 1] * (1 - across) + padded[row + 2, column + 2] * across
    return np.where(inside[..., None], above * (1 - down) + below * down, 0)


def _paint(
    canvas: Sprite, owner: npt.NDArray[np.int32], placed: Sprite, top: int, left: int, number: int
) -> tuple[tuple[int, int, int, int], int]:
    """Paints a sprite in place; returns its box, x0, y0, x1, y1, and how many pixels are opaque."""
    height, width = owner.shape
    area = int((placed[..., 3] > 0.5).sum())
    part = placed[max(-top, 0) : max(height - top, 0), max(-left, 0) : max(width - left, 0)]
    top, left = max(top, 0), max(left, 0)
    window = slice(top, top + part.shape[0]), slice(left, left + part.shape[1])
    canvas[window] = canvas[window] * (1 - part[..., 3:]) + part[..., :3]
    opaque = part[..., 3] > 0.5
    owner[window][opaque] = number
    if not opaque.any():
        return (0, 0, 0, 0), area
    rows, columns = np.flatnonzero(opaque.any(1)), np.flatnonzero(opaque.any(0))
    box = (left + columns[0], top + rows[0], left + columns[-1] + 1, top + rows[-1] + 1)
    return (int(box[0]), int(box[1]), int(box[2]), int(box[3])), area


def _rounded(value: float) -> int:
    """As JavaScript's Math.round."""
    return math.floor(value + 0.5)
