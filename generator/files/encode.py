"""Pixels -> the small copies of an image that the site shows, as JPEG or WebP.

In: RGB pixels. Out: a file without metadata. The same pixels give the same bytes, and the file
is written only if its bytes differ.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from generator.files.write import write_if_different

_JPEG: dict[str, Any] = {"format": "JPEG", "quality": 88, "optimize": True, "progressive": True}
_WEBP: dict[str, Any] = {"format": "WEBP", "quality": 85, "method": 1}
# By suffix: the encoder's options, and the longest side in pixels that the format allows.
_ENCODERS = {".jpg": (_JPEG, 65500), ".jpeg": (_JPEG, 65500), ".webp": (_WEBP, 16383)}


def publish_image(
    pixels: npt.NDArray[np.uint8], path: Path, *, max_side: int | None = None
) -> None:
    """Writes (height, width, 3) uint8 RGB pixels for the site, without metadata.

    The same pixels give the same bytes, and a file that holds them already is left alone.
    The suffix (.jpg, .jpeg or .webp) picks the format. A longer side than `max_side` pixels is
    scaled down to that, or to what the format can hold.

    Raises:
        ValueError: `pixels` or the suffix is something else.
    """
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or not pixels.size:
        raise ValueError(f"expected (height, width, 3) uint8, got {pixels.shape} {pixels.dtype}")
    if path.suffix.lower() not in _ENCODERS:
        raise ValueError(f"expected a name that ends in {', '.join(_ENCODERS)}, got {path.name}")
    options, largest = _ENCODERS[path.suffix.lower()]
    image = Image.fromarray(pixels)
    scale = min(max_side or largest, largest) / max(image.size)
    if scale < 1:
        width, height = (max(1, round(side * scale)) for side in image.size)
        image = image.resize((width, height), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, **options)
    write_if_different(path, buffer.getvalue())
