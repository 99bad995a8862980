"""A small image with its boxes, for the index of the gallery.

In: pixels and `Detections`. Out: fewer pixels. It has no text, which would be too small to
read.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from generator.analysis.detections import Detections
from generator.figures.colours import query_colours

LONG_SIDE = 480
"""Long side of a thumbnail in pixels."""


def thumbnail(pixels: npt.NDArray[np.uint8], detections: Detections) -> npt.NDArray[np.uint8]:
    """Shrinks (H, W, 3) to at most 480 pixels a side and draws the boxes on it."""
    height, width = detections.size_hw
    scale = min(LONG_SIDE / max(height, width), 1.0)
    size_wh = max(round(width * scale), 1), max(round(height * scale), 1)
    image = Image.fromarray(pixels).resize(size_wh, Image.Resampling.LANCZOS)
    draw = ImageDraw.Draw(image)
    colours = query_colours(detections.queries)
    # Worst first, so that the best boxes lie on top.
    for query, box in zip(detections.queries[::-1], detections.boxes_xyxy[::-1], strict=True):
        corners = [float(value) * scale for value in box]
        draw.rectangle(corners, outline="white", width=4)
        draw.rectangle(corners, outline=colours[int(query)], width=2)
    return np.asarray(image)
