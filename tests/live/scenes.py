"""Pictures to compare with: the shipped gallery's, and scenes that no training saw."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from generator.errors import GeneratorError
from tests.live.twin import Pixels

GALLERY = sorted((Path(__file__).parents[2] / "content" / "images").glob("*.jpg"))


def pixels_of(path: Path) -> Pixels:
    """(H, W, 3)."""
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def held_out_scenes(first: int, count: int) -> list[Pixels]:
    """Some of the scenes that the model is evaluated on; skips where there is no emoji font."""
    from generator.training.glyphs import find_font
    from generator.training.recipe import SHORT_SIDE
    from generator.training.scenes import HELD_OUT_SEED, compose_scene

    try:
        font = find_font()
    except GeneratorError as error:
        pytest.skip(str(error))
    size_hw = (SHORT_SIDE, SHORT_SIDE)
    return [
        compose_scene(HELD_OUT_SEED, number, size_hw, font).pixels
        for number in range(first, first + count)
    ]
