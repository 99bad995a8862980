"""The things of the lab's tray are what the command draws, and small."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from generator.project.experiments import sprite_files
from generator.training.lab_sprites import (
    FOLDER,
    GLYPHS,
    LONGEST,
    UNKNOWN,
    draw_sprites,
    sprite_name,
)

COMMITTED = Path(__file__).parents[2] / FOLDER


def test_every_glyph_has_its_picture_and_the_font_its_notice() -> None:
    names = {
        sprite_name(label, number)
        for label, glyphs in (GLYPHS | UNKNOWN).items()
        for number in range(1, len(glyphs) + 1)
    }
    assert names == set(sprite_files(COMMITTED.parent))
    assert "SIL Open Font License" in (COMMITTED / "NOTICE").read_text(encoding="utf-8")


def test_pictures_are_small_and_cropped() -> None:
    files = sprite_files(COMMITTED.parent).values()
    assert sum(file.stat().st_size for file in files) < 300_000
    for file in files:
        with Image.open(file) as image:
            assert 60 <= max(image.size) <= LONGEST, file
            alpha = np.asarray(image.convert("RGBA"))[..., 3] > 0
        edges = (alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1])
        assert all(edge.any() for edge in edges), file


@pytest.mark.slow
@pytest.mark.font
def test_the_command_draws_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, font: Path
) -> None:
    save = Image.Image.save

    def save_soon(image: Image.Image, *place: Any, **options: Any) -> None:
        save(image, *place, **{**options, "method": 0})  # larger files of the same pictures

    monkeypatch.setattr(Image.Image, "save", save_soon)
    for name, file in draw_sprites(tmp_path, font).items():
        with Image.open(file) as drawn, Image.open(COMMITTED / f"{name}.webp") as kept:
            assert drawn.size == kept.size, name
            apart = np.asarray(drawn.convert("RGBA"), int) - np.asarray(kept.convert("RGBA"), int)
        assert np.abs(apart).mean() < 4, name
