import functools
import hashlib
from pathlib import Path

import numpy as np
import pytest

from generator.training import data, scenes
from generator.training.glyphs import SpriteArray


@functools.cache
def invented_glyph(glyph: str, font: Path) -> SpriteArray:
    """An ellipse or a rectangle in its own colour, in place of the emoji."""
    digest = hashlib.sha256(glyph.encode()).digest()
    h, w = 60 + digest[0] % 60, 60 + digest[1] % 60
    y, x = np.mgrid[-1 : 1 : h * 1j, -1 : 1 : w * 1j]
    inside = (x**2 + y**2 <= 1) if digest[2] % 2 else np.ones((h, w), bool)
    sprite = np.zeros((h, w, 4), np.float32)
    sprite[inside] = [*(np.frombuffer(digest[3:6], np.uint8) / 255), 1.0]
    return sprite


@pytest.fixture
def no_font(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Lets scenes be composed without an emoji font; returns a path to pass for it."""
    for module in (scenes, data):
        monkeypatch.setattr(module, "render_glyph", invented_glyph)
    return Path("no font")
