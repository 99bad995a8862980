"""The published copies of images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from generator.files.encode import publish_image


@pytest.mark.parametrize(
    ("name", "kind"), [("a.jpg", "JPEG"), ("b.JPEG", "JPEG"), ("c.webp", "WEBP")]
)
def test_published_copy(tmp_path: Path, name: str, kind: str) -> None:
    path, smooth = tmp_path / "new" / name, np.zeros((120, 80, 3), np.uint8)
    smooth[:, :, 1] = np.linspace(0, 255, 80)
    publish_image(smooth, path)
    content, written = path.read_bytes(), path.stat().st_mtime_ns
    publish_image(smooth, path)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (content, written)
    assert [entry.name for entry in path.parent.iterdir()] == [name]
    with Image.open(path) as image:
        assert (image.format, image.size) == (kind, (80, 120))
        assert not {"exif", "icc_profile", "xmp", "comment"} & set(image.info)
        assert np.abs(np.asarray(image).astype(int) - smooth).mean() < 3
    publish_image(255 - smooth, path)
    assert path.read_bytes() != content


@pytest.mark.parametrize(
    ("size_hw", "max_side", "expected_hw"),
    [
        ((100, 200), 50, (25, 50)),
        ((200, 100), 50, (50, 25)),
        ((20, 30), 50, (20, 30)),
        ((1, 400), 10, (1, 10)),
        ((2, 17000), None, (2, 16383)),
        ((2, 17000), 16500, (2, 16383)),
    ],
)
def test_published_size(
    tmp_path: Path, size_hw: tuple[int, int], max_side: int | None, expected_hw: tuple[int, int]
) -> None:
    publish_image(np.zeros((*size_hw, 3), np.uint8), tmp_path / "a.webp", max_side=max_side)
    with Image.open(tmp_path / "a.webp") as image:
        assert image.size[::-1] == expected_hw


@pytest.mark.parametrize(
    ("pixels", "name"),
    [
        (np.zeros((2, 2), np.uint8), "a.jpg"),
        (np.zeros((2, 2, 4), np.uint8), "a.jpg"),
        (np.zeros((2, 2, 3)), "a.jpg"),
        (np.zeros((0, 2, 3), np.uint8), "a.jpg"),
        (np.zeros((2, 2, 3), np.uint8), "a.gif"),
    ],
)
def test_what_cannot_be_published(tmp_path: Path, pixels: Any, name: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        publish_image(pixels, tmp_path / name)
