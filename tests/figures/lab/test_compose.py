"""Sprites as they are read; what is composed of them is compared with the page's in tests/live."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from generator.errors import ImageError
from generator.figures.lab.compose import load_sprite


def test_a_sprite_is_cut_to_what_can_be_seen(tmp_path: Path) -> None:
    pixels = np.zeros((6, 8, 4), np.uint8)
    pixels[2:4, 1:6] = (255, 0, 0, 51)
    Image.fromarray(pixels).save(tmp_path / "red.png")
    sprite = load_sprite(tmp_path / "red.png")
    assert sprite.shape == (2, 5, 4)
    np.testing.assert_allclose(sprite[0, 0], (0.2, 0, 0, 0.2))


@pytest.mark.parametrize(
    ("content", "says"), [(None, "is wholly transparent"), (b"RIFF", "cannot be read")]
)
def test_a_sprite_that_shows_nothing_is_an_error(
    tmp_path: Path, content: bytes | None, says: str
) -> None:
    file = tmp_path / "thing.png"
    if content is None:
        Image.new("RGBA", (8, 8)).save(file)
    else:
        file.write_bytes(content)
    with pytest.raises(ImageError, match=rf"thing\.png: {says}"):
        load_sprite(file)
