"""Pictures to compare with: the shipped gallery's, and scenes that no training saw."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from tests.live.twin import Pixels

ROOT = Path(__file__).parents[2]
GALLERY = sorted((ROOT / "content" / "images").glob("*.jpg"))


def pixels_of(path: Path) -> Pixels:
    """(H, W, 3)."""
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def held_out_scenes(first: int, count: int) -> list[Pixels]:
    """Scenes of the lab's tray that no training saw."""
    from generator.detr.zoo import model_card
    from generator.training.scenes import HELD_OUT_SEED, compose_scene
    from generator.training.tray import tray_world

    card = model_card("detr_emoji")
    world = tray_world(card.category_names, ROOT / "templates" / "sprites")
    size_hw = (card.short_side, card.short_side)
    return [
        compose_scene(HELD_OUT_SEED, number, size_hw, world).pixels
        for number in range(first, first + count)
    ]
