"""Composed scenes: drawings on varied backgrounds, with their ground truth.

In: a seed, an index and a `SpriteWorld`. Out: a `Scene`; the same numbers always give the same
scene. Training, validation and held-out scenes come from different seeds, so none is shared.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from generator.training.backgrounds import draw_background
from generator.training.effects import Drawn, alpha_of, bent, developed, recoloured, varied
from generator.training.sprites import Sprite, SpriteWorld

TRAINING_SEED = 1
VALIDATION_SEED = 2
HELD_OUT_SEED = 3
_CLOSE = 0.45
"""Least longer side, as a share of the short side, of what a close-up is of."""


@dataclass(frozen=True)
class SceneOptions:
    """What a scene may hold.

    Attributes:
        min_objects, max_objects: the number of objects with a class.
        max_distractors: the most things without a class.
        min_side, max_side: longer side of an object, as a share of the scene's short side.
        usual_sides: the range that three of four objects come from; both on a logarithmic scale.
        max_degrees: the most that an object is turned, either way.
        min_visible: the least share of an object's opaque pixels that the border and later
            objects leave, in two of five scenes.
        usual_visible: the same in the others.
        close_ups: probability that a scene is one of one or two objects, the first of them at
            least 0.45 long. Among many, the large ones find no place.
        same_class: probability that an object repeats the class of an earlier one.
        restyled: probability that an object is bent and recoloured, as if another hand had drawn
            it; for training alone.
        effects: whether objects get outlines, shadows and tints, and scenes blur, noise and JPEG.
    """

    min_objects: int = 0
    max_objects: int = 12
    max_distractors: int = 5
    min_side: float = 0.08
    max_side: float = 0.85
    usual_sides: tuple[float, float] = (0.15, 0.6)
    max_degrees: float = 60.0
    min_visible: float = 0.4
    usual_visible: float = 0.75
    close_ups: float = 0.15
    same_class: float = 0.25
    restyled: float = 0.0
    effects: bool = True


def _floats() -> npt.NDArray[np.float32]:
    return np.zeros(0, np.float32)


@dataclass(frozen=True)
class Scene:
    """An image and its ground truth.

    Attributes:
        pixels: (H, W, 3) uint8 RGB.
        classes: (n,) int, index into the world's names.
        boxes_xyxy: (n, 4) float32 pixels, tight around each object, cut at the border.
        sides: (n,) longer side as drawn, before it was turned, as a share of the short side.
        degrees: (n,) how far it is turned, anticlockwise.
        visible: (n,) the share of its opaque pixels that can be seen.
    """

    pixels: npt.NDArray[np.uint8]
    classes: npt.NDArray[np.int64]
    boxes_xyxy: npt.NDArray[np.float32]
    sides: npt.NDArray[np.float32] = field(default_factory=_floats)
    degrees: npt.NDArray[np.float32] = field(default_factory=_floats)
    visible: npt.NDArray[np.float32] = field(default_factory=_floats)


class _Canvas:
    """A scene while it is painted."""

    def __init__(self, pixels: npt.NDArray[np.float32]) -> None:
        self.pixels = pixels
        self.owner = np.full(pixels.shape[:2], -1, np.int8)  # the object that each pixel shows
        self.areas: list[int] = []  # opaque pixels of each object, the cut ones included
        self.seen: list[int] = []  # those that can still be seen

    def paint(self, placed: Placed, is_object: bool, min_visible: float) -> bool:
        """Paints a sprite, unless it would hide too much of an earlier object."""
        opaque = placed.sprite[..., 3] > 0.5
        owner = self.owner[placed.window]
        if self.areas:
            hidden = np.bincount(owner[opaque] + 1, minlength=len(self.areas) + 1)[1:]
            left = np.asarray(self.seen) - hidden
            if (left[hidden > 0] < min_visible * np.asarray(self.areas)[hidden > 0]).any():
                return False
            self.seen = left.tolist()
        lay_over(self.pixels, placed)
        owner[opaque] = len(self.areas) if is_object else -1
        if is_object:
            self.areas.append(placed.whole_area)
            self.seen.append(int(opaque.sum()))
        return True


@dataclass(frozen=True)
class Placed:
    """A sprite cut to the scene: the part that shows, and where its top left corner goes.

    Attributes:
        whole_area: its opaque pixels before it was cut.
    """

    sprite: Drawn
    top: int
    left: int
    whole_area: int

    @property
    def window(self) -> tuple[slice, slice]:
        """The pixels of the scene that it covers."""
        h, w = self.sprite.shape[:2]
        return slice(self.top, self.top + h), slice(self.left, self.left + w)

    def box(self) -> tuple[int, int, int, int]:
        """Tight around its opaque pixels: x0, y0, x1, y1."""
        opaque = self.sprite[..., 3] > 0.5
        rows, columns = np.flatnonzero(opaque.any(1)), np.flatnonzero(opaque.any(0))
        return (
            self.left + int(columns[0]),
            self.top + int(rows[0]),
            self.left + int(columns[-1]) + 1,
            self.top + int(rows[-1]) + 1,
        )


def compose_scene(
    seed: int,
    index: int,
    size_hw: tuple[int, int],
    world: SpriteWorld,
    options: SceneOptions = SceneOptions(),
) -> Scene:
    """Composes scene number `index` of a seed at the given size in pixels."""
    rng = np.random.default_rng([seed, index])
    canvas = _Canvas(draw_background(rng, size_hw))
    least = options.usual_visible if rng.random() < 0.6 else options.min_visible
    classes: list[int] = []
    boxes: list[tuple[int, int, int, int]] = []
    told: list[tuple[float, float]] = []
    queue, is_close = _queue(rng, options)
    for is_object in queue:
        label = _choose_class(rng, classes, world, options) if is_object else -1
        for attempt in range(8):  # to find a place that hides no earlier object
            if attempt % 2 == 0:
                sprite = world.an_object(rng, label) if is_object else world.a_distractor(rng)
                is_main = is_close and is_object and not classes
                share, degrees = _size_and_turn(rng, options, is_main)
                drawn = _drawn(rng, sprite, min(size_hw) * share, degrees, options)
            placed = place(rng, drawn, size_hw, least)
            if placed is None or not canvas.paint(placed, is_object, least):
                continue
            if is_object:
                boxes.append(placed.box())
                classes.append(label)
                told.append((share, degrees))
            break
    sides, turns = np.array(told, np.float32).reshape(-1, 2).T
    return Scene(
        developed(rng, canvas.pixels, options.effects),
        np.array(classes, np.int64),
        np.array(boxes, np.float32).reshape(-1, 4),
        sides,
        turns,
        (np.array(canvas.seen) / np.maximum(canvas.areas, 1)).astype(np.float32),
    )


def single(
    rng: np.random.Generator,
    world: SpriteWorld,
    label: int,
    size_hw: tuple[int, int],
    options: SceneOptions,
) -> npt.NDArray[np.uint8]:
    """A picture of one thing, (H, W, 3): a class, or a distractor counted on from the classes."""
    pixels, classes = draw_background(rng, size_hw), len(world.names)
    placed = None
    while placed is None:
        sprite = (
            world.an_object(rng, label)
            if label < classes
            else world.a_distractor(rng, label - classes)
        )
        share, degrees = _size_and_turn(rng, options)
        drawn = _drawn(rng, sprite, min(size_hw) * share, degrees, options)
        placed = place(rng, drawn, size_hw, options.min_visible)
    lay_over(pixels, placed)
    return developed(rng, pixels, options.effects)


def _queue(rng: np.random.Generator, options: SceneOptions) -> tuple[list[bool], bool]:
    """Which of the things to place are objects, in their order; whether it is a close-up."""
    is_close = bool(rng.random() < options.close_ups)
    fewest, most = options.min_objects, options.max_objects
    if is_close:
        fewest, most = max(fewest, 1), max(fewest, min(2, most))
    wanted = int(rng.integers(fewest, most + 1))
    queue = np.zeros(wanted + int(rng.integers(0, options.max_distractors + 1)), bool)
    queue[:wanted] = True
    rng.shuffle(queue)
    return queue.tolist(), is_close


def _choose_class(
    rng: np.random.Generator, earlier: list[int], world: SpriteWorld, options: SceneOptions
) -> int:
    if earlier and rng.random() < options.same_class:
        return int(rng.choice(earlier))
    return int(rng.integers(len(world.names)))


def _size_and_turn(
    rng: np.random.Generator, options: SceneOptions, is_close: bool = False
) -> tuple[float, float]:
    """A side, as a share of the short side, and an angle: half of all objects stand upright."""
    usual = rng.random() < 0.75
    sides = options.usual_sides if usual else (options.min_side, options.max_side)
    if is_close:
        sides = min(_CLOSE, options.max_side), options.max_side
    low, high = np.log(sides)
    most = options.max_degrees if rng.random() < 0.5 else min(options.max_degrees, 10.0)
    return float(np.exp(rng.uniform(low, high))), float(rng.uniform(-most, most))


def _drawn(
    rng: np.random.Generator, sprite: Sprite, side: float, degrees: float, options: SceneOptions
) -> Drawn:
    """A sprite of that size and angle, as it comes into a scene."""
    mirrored = bool(rng.random() < 0.5)
    if options.restyled and rng.random() < options.restyled:
        drawn = recoloured(rng, sprite.drawn(side, degrees, mirrored, *bent(rng)))
    else:
        drawn = sprite.drawn(side, degrees, mirrored)
    return varied(rng, drawn) if options.effects else drawn


def place(
    rng: np.random.Generator, drawn: Drawn, size_hw: tuple[int, int], min_visible: float
) -> Placed | None:
    """Places a sprite at random, sometimes across the border; None if too much of it is lost."""
    (height, width), (h, w) = size_hw, drawn.shape[:2]
    beyond = 0.5 * (1 - min_visible) if rng.random() < 0.3 else 0.03
    over_y, over_x = int(beyond * h) + 1, int(beyond * w) + 1
    top = int(rng.integers(-over_y, max(height - h + over_y, 1 - over_y)))
    left = int(rng.integers(-over_x, max(width - w + over_x, 1 - over_x)))
    part = drawn[max(-top, 0) : height - top, max(-left, 0) : width - left]
    whole = int((drawn[..., 3] > 0.5).sum())
    shown = whole if part.shape == drawn.shape else int((part[..., 3] > 0.5).sum())
    if shown < max(min_visible * whole, 1):
        return None
    return Placed(part, max(top, 0), max(left, 0), whole)


def lay_over(pixels: npt.NDArray[np.float32], placed: Placed) -> None:
    """Composites a sprite over pixels (H, W, 3) in [0, 1], in place."""
    left = cv2.multiply(pixels[placed.window], 1 - alpha_of(placed.sprite, 3))
    pixels[placed.window] = cv2.add(left, cv2.cvtColor(placed.sprite, cv2.COLOR_RGBA2RGB))
