from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from generator.errors import GeneratorError
from generator.training.glyphs import SpriteArray, find_font
from generator.training.sprites import Sprite, SpriteWorld
from generator.training.vocabulary import CLASSES


def invented(name: str) -> np.ndarray:
    """An ellipse or a rectangle in its own colour, RGBA, in place of a drawing."""
    digest = hashlib.sha256(name.encode()).digest()
    h, w = 60 + digest[0] % 60, 60 + digest[1] % 60
    y, x = np.mgrid[-1 : 1 : h * 1j, -1 : 1 : w * 1j]
    inside = (x**2 + y**2 <= 1) if digest[2] % 2 else np.ones((h, w), bool)
    sprite = np.zeros((h, w, 4), np.uint8)
    sprite[inside] = [*digest[3:6], 255]
    return sprite


def invented_glyph(glyph: str, _: object) -> SpriteArray:
    """The same in place of a font's emoji."""
    return invented(glyph).astype(np.float32) / np.float32(255)


def write_set(root: Path, package: str, names: Sequence[str], colour: str) -> None:
    """An emoji set as the npm registry has it; each drawing is the same rectangle."""
    body = f'<rect x="2" y="4" width="12" height="8" fill="{colour}"/>'
    data = {"icons": {name: {"body": body} for name in names}, "width": 16, "height": 16}
    (root / package).mkdir(parents=True)
    (root / package / "icons.json").write_text(json.dumps(data))


@pytest.fixture(scope="session")
def world() -> SpriteWorld:
    """A sprite for each class, and three things without one."""
    return SpriteWorld(
        tuple(one.name for one in CLASSES),
        tuple(((Sprite.of(invented(one.name)),),) for one in CLASSES),
        tuple((Sprite.of(invented(name)),) for name in ("a", "b", "c")),
    )


@pytest.fixture(scope="session")
def font() -> Path:
    """The emoji font; skips where there is none."""
    try:
        return find_font()
    except GeneratorError as error:
        pytest.skip(str(error))
