"""Sprites: small pictures with transparency, in several sizes, and the world they make up.

In: RGBA pixels. Out: `Sprite`s that can be scaled and turned fast, and a `SpriteWorld` that says
which of them show which class. It reads no file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
SMALLEST_LEVEL = 16
"""Longer side, in pixels, below which a sprite is not halved any more."""


@dataclass(frozen=True)
class Sprite:
    """One drawing.

    Attributes:
        levels: (h, w, 4) uint8 RGBA each, premultiplied by alpha; each half as large as the one
            before, averaged, so that a small picture skips no pixels.
    """

    levels: tuple[Pixels, ...]

    @classmethod
    def of(cls, rgba: Pixels) -> Sprite:
        """Makes a sprite of straight RGBA, (h, w, 4) uint8."""
        alpha = rgba[..., 3:].astype(np.uint16)
        level = rgba.copy()
        level[..., :3] = (rgba[..., :3] * alpha + 127) // 255
        levels = [level]
        while max(levels[-1].shape) > SMALLEST_LEVEL:
            h, w = levels[-1].shape[:2]
            half = max((w + 1) // 2, 1), max((h + 1) // 2, 1)
            levels.append(np.asarray(cv2.resize(levels[-1], half, interpolation=cv2.INTER_AREA)))
        return cls(tuple(levels))

    def drawn(
        self,
        side: float,
        degrees: float = 0.0,
        mirrored: bool = False,
        stretch: float = 1.0,
        shear: float = 0.0,
    ) -> npt.NDArray[np.float32]:
        """Mirrors and bends it, scales its longer side to `side` pixels, turns it anticlockwise.

        Args:
            stretch: of its width compared with its height.
            shear: how far the top goes to the left of the bottom, in heights; it comes on top of
                the longer side.

        Returns:
            (h, w, 4) float32 in [0, 1], premultiplied, with a clear border of a pixel.
        """
        h, w = self.levels[0].shape[:2]
        longer = max(w * stretch, h)
        source, scale = self.levels[0], side / longer
        for level in self.levels:
            source, scale = level, side / longer * h / level.shape[0]
            if scale > 0.5:
                break
        h, w = source.shape[:2]
        angle = np.deg2rad(degrees)
        cos, sin = float(np.cos(angle)), float(np.sin(angle))
        bend = np.array([[-stretch if mirrored else stretch, shear], [0, 1]])
        linear = scale * np.array([[cos, sin], [-sin, cos]]) @ bend
        new_w, new_h = (np.ceil(np.abs(linear) @ (w, h)) + 2).astype(int).tolist()
        middle = np.array([(new_w - 1) / 2, (new_h - 1) / 2]) - linear @ ((w - 1) / 2, (h - 1) / 2)
        matrix = np.column_stack([linear, middle])
        turned = cv2.warpAffine(source, matrix, (new_w, new_h), flags=cv2.INTER_LINEAR)
        return np.asarray(turned, np.float32) * np.float32(1 / 255)


@dataclass(frozen=True)
class SpriteWorld:
    """Everything that a scene may show.

    Attributes:
        names: of the classes; a label is an index into it.
        objects: the sprites of each class, by family.
        distractors: the sprites of each thing without a class.
    """

    names: tuple[str, ...]
    objects: tuple[tuple[tuple[Sprite, ...], ...], ...]
    distractors: tuple[tuple[Sprite, ...], ...]

    def of(self, names: Sequence[str]) -> SpriteWorld:
        """The same world with these classes alone, in this order."""
        numbers = [self.names.index(name) for name in names]
        objects = tuple(self.objects[number] for number in numbers)
        return SpriteWorld(tuple(names), objects, self.distractors)

    def an_object(self, rng: np.random.Generator, label: int) -> Sprite:
        """A sprite of a class: each family that has one is as likely as another."""
        sprites: Any = _any(rng, self.objects[label])
        return _any(rng, sprites)  # type: ignore[no-any-return]

    def a_distractor(self, rng: np.random.Generator, number: int | None = None) -> Sprite:
        """A sprite of a thing without a class: of one of them, or of any."""
        sprites = _any(rng, self.distractors) if number is None else self.distractors[number]
        return _any(rng, sprites)  # type: ignore[no-any-return]


def _any(rng: np.random.Generator, choices: Any) -> Any:
    return choices[int(rng.integers(len(choices)))]
