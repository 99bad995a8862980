"""The lab's tray as a world of sprites: for scenes where the emoji sets are not at hand.

In: the folder of the lab's sprites. Out: a `SpriteWorld` of one drawing or two of each class. Tests
and benchmarks compose their scenes of it; training does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from generator.errors import GeneratorError
from generator.training.lab_sprites import FOLDER, GLYPHS, UNKNOWN, sprite_name
from generator.training.sprites import Sprite, SpriteWorld


def tray_world(names: Sequence[str], folder: Path = FOLDER) -> SpriteWorld:
    """The world of what lies in the tray.

    Args:
        names: of the classes, as a model's card has them.

    Raises:
        GeneratorError: the tray has nothing of a class.
    """
    missing = [name for name in names if name not in GLYPHS]
    if missing:
        raise GeneratorError(f"{folder}: the lab's tray has no {', no '.join(missing)}")
    objects = tuple((_sprites(folder, name, GLYPHS[name]),) for name in names)
    return SpriteWorld(
        tuple(names),
        objects,
        tuple(_sprites(folder, name, glyphs) for name, glyphs in UNKNOWN.items()),
    )


def _sprites(folder: Path, name: str, glyphs: str) -> tuple[Sprite, ...]:
    files = (folder / f"{sprite_name(name, number)}.webp" for number in range(1, len(glyphs) + 1))
    return tuple(Sprite.of(np.asarray(Image.open(file).convert("RGBA"))) for file in files)
