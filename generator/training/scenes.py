"""Composed scenes: emoji on varied backgrounds, with their ground truth.

In: a seed and an index. Out: a `Scene`; the same numbers always give the same scene.
Training, validation and held-out scenes come from different seeds, so none is shared.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from generator.training.backgrounds import draw_background
from generator.training.glyphs import CLASSES, DISTRACTORS, SpriteArray, render_glyph

TRAINING_SEED = 1
VALIDATION_SEED = 2
HELD_OUT_SEED = 3

MIN_VISIBLE = 0.7
"""The least share of an object's opaque pixels that later objects leave uncovered."""


@dataclass(frozen=True)
class SceneOptions:
    """What a scene may hold.

    Attributes:
        min_objects, max_objects: the number of objects with a class.
        max_distractors: the most glyphs without a class.
        min_side, max_side: longer side of an object, as a share of the scene's short side.
        same_class: probability that an object repeats the class of an earlier one.
        held_out_designs: draws the designs that training never shows, if a class has any.
    """

    min_objects: int = 1
    max_objects: int = 8
    max_distractors: int = 4
    min_side: float = 0.15
    max_side: float = 0.6
    same_class: float = 0.3
    held_out_designs: bool = False


@dataclass(frozen=True)
class Scene:
    """An image and its ground truth.

    Attributes:
        pixels: (H, W, 3) uint8 RGB.
        classes: (n,) int, index into `CLASSES`.
        boxes_xyxy: (n, 4) float32 pixels, tight around each object, cut at the border.
    """

    pixels: npt.NDArray[np.uint8]
    classes: npt.NDArray[np.int64]
    boxes_xyxy: npt.NDArray[np.float32]


def compose_scene(
    seed: int,
    index: int,
    size_hw: tuple[int, int],
    font: Path,
    options: SceneOptions = SceneOptions(),
) -> Scene:
    """Composes scene number `index` of a seed at the given size in pixels."""
    rng = np.random.default_rng([seed, index])
    canvas = draw_background(rng, size_hw)
    owner = np.full(size_hw, -1, np.int16)  # which object each pixel shows
    areas: list[int] = []
    boxes: list[tuple[int, int, int, int]] = []
    classes: list[int] = []
    wanted = rng.integers(options.min_objects, options.max_objects + 1)
    queue = [True] * int(wanted) + [False] * int(rng.integers(0, options.max_distractors + 1))
    rng.shuffle(queue)
    for is_object in queue:
        class_index = _choose_class(rng, classes, options) if is_object else -1
        for _ in range(12):  # attempts to find a place that hides no earlier object
            sprite = _vary(rng, render_glyph(_design(rng, class_index, options), font), size_hw,
                           options)  # fmt: skip
            placed = _place(rng, sprite, size_hw)
            if placed is None or not _leaves_visible(placed, owner, areas):
                continue
            number = len(areas) if is_object else -1
            box, opaque = paint(canvas, owner, placed, number)
            if is_object:
                areas.append(opaque)
                boxes.append(box)
                classes.append(class_index)
            break
    grain = rng.standard_normal((*size_hw, 1), dtype=np.float32) * np.float32(rng.uniform(0, 0.03))
    pixels = (np.clip(canvas + grain, 0, 1) * 255).astype(np.uint8)
    return Scene(
        pixels,
        np.array(classes, np.int64),
        np.array(boxes, np.float32).reshape(-1, 4),
    )


def paint_glyph(
    rng: np.random.Generator,
    canvas: npt.NDArray[np.float32],
    sprite: SpriteArray,
    options: SceneOptions,
) -> None:
    """Paints one varied sprite somewhere on a canvas (H, W, 3), in place."""
    height, width = canvas.shape[:2]
    placed = None
    while placed is None:
        placed = _place(rng, _vary(rng, sprite, (height, width), options), (height, width))
    paint(canvas, np.empty((height, width), np.int16), placed, 0)


def _choose_class(rng: np.random.Generator, earlier: list[int], options: SceneOptions) -> int:
    if earlier and rng.random() < options.same_class:
        return int(rng.choice(earlier))
    return int(rng.integers(len(CLASSES)))


def _design(rng: np.random.Generator, class_index: int, options: SceneOptions) -> str:
    if class_index < 0:
        return DISTRACTORS[int(rng.integers(len(DISTRACTORS)))]
    glyphs = CLASSES[class_index]
    designs = glyphs.held_out if options.held_out_designs and glyphs.held_out else glyphs.designs
    return designs[int(rng.integers(len(designs)))]


def _vary(
    rng: np.random.Generator,
    sprite: SpriteArray,
    size_hw: tuple[int, int],
    options: SceneOptions,
) -> SpriteArray:
    """Scales, turns, mirrors and tints a sprite at random."""
    mirrored = rng.random() < 0.5
    share = np.exp(rng.uniform(np.log(options.min_side), np.log(options.max_side)))
    turned = transform(sprite, min(size_hw) * share, rng.uniform(-15, 15), mirrored)
    gain = rng.uniform(0.75, 1.1) * rng.uniform(0.92, 1.08, size=3)
    turned[..., :3] = np.minimum(turned[..., :3] * gain.astype(np.float32), turned[..., 3:])
    return turned


def transform(
    sprite: SpriteArray, side: float, degrees: float = 0.0, mirrored: bool = False
) -> SpriteArray:
    """Mirrors a sprite, scales it to a longer side in pixels and turns it anticlockwise."""
    if mirrored:
        sprite = sprite[:, ::-1]
    h, w = sprite.shape[:2]
    scale = side / max(h, w)
    if scale < 0.5:  # averages before it skips pixels
        sprite = cv2.resize(sprite, None, fx=2 * scale, fy=2 * scale, interpolation=cv2.INTER_AREA)
        h, w = sprite.shape[:2]
        scale = 0.5
    angle = np.deg2rad(degrees)
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    new_w = int(np.ceil(abs(w * cos) + abs(h * sin))) + 2
    new_h = int(np.ceil(abs(w * sin) + abs(h * cos))) + 2
    matrix = np.array(
        [
            [cos, sin, new_w / 2 - (cos * w + sin * h) / 2],
            [-sin, cos, new_h / 2 - (cos * h - sin * w) / 2],
        ]
    )
    turned = cv2.warpAffine(sprite, matrix, (new_w, new_h), flags=cv2.INTER_LINEAR)
    return np.asarray(turned, np.float32)


@dataclass(frozen=True)
class Placed:
    """A sprite cut to the scene: the part that shows, and where its top left corner goes."""

    sprite: SpriteArray
    top: int
    left: int

    @property
    def window(self) -> tuple[slice, slice]:
        """The pixels of the scene that it covers."""
        h, w = self.sprite.shape[:2]
        return slice(self.top, self.top + h), slice(self.left, self.left + w)


def _place(
    rng: np.random.Generator, sprite: SpriteArray, size_hw: tuple[int, int]
) -> Placed | None:
    """Places a sprite at random, up to a tenth beyond the border; None if too much is lost."""
    (height, width), (h, w) = size_hw, sprite.shape[:2]
    top = int(rng.integers(-(h // 10), max(height - h + h // 10, 1 - h // 10)))
    left = int(rng.integers(-(w // 10), max(width - w + w // 10, 1 - w // 10)))
    part = sprite[max(-top, 0) : height - top, max(-left, 0) : width - left]
    if (part[..., 3] > 0.5).sum() < 0.85 * (sprite[..., 3] > 0.5).sum():
        return None
    return Placed(part, max(top, 0), max(left, 0))


def _leaves_visible(placed: Placed, owner: npt.NDArray[np.int16], areas: list[int]) -> bool:
    """Whether every earlier object keeps enough of its pixels under the new one."""
    covered = placed.sprite[..., 3] > 0.5
    under = owner[placed.window][covered]
    hidden = np.bincount(under[under >= 0], minlength=len(areas))
    for number, area in enumerate(areas):
        if hidden[number] and (owner == number).sum() - hidden[number] < MIN_VISIBLE * area:
            return False
    return True


def paint(
    canvas: npt.NDArray[np.float32],
    owner: npt.NDArray[np.int16],
    placed: Placed,
    number: int,
) -> tuple[tuple[int, int, int, int], int]:
    """Composites a sprite; returns its box (x0, y0, x1, y1) and number of opaque pixels."""
    alpha = placed.sprite[..., 3:]
    window = canvas[placed.window]
    window *= 1 - alpha
    window += placed.sprite[..., :3]
    opaque = alpha[..., 0] > 0.5
    owner[placed.window][opaque] = number
    rows, columns = np.flatnonzero(opaque.any(1)), np.flatnonzero(opaque.any(0))
    box = (
        placed.left + int(columns[0]),
        placed.top + int(rows[0]),
        placed.left + int(columns[-1]) + 1,
        placed.top + int(rows[-1]) + 1,
    )
    return box, int(opaque.sum())
