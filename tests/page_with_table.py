"""A page of a report with a table in it, as a scanner would give it; drawn by us."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

ROWS = (
    ("Species", "Plots", "Seen", "Mean"),
    ("Cornflower", "12", "148", "12.3"),
    ("Poppy", "12", "96", "8.0"),
    ("Chamomile", "11", "203", "18.5"),
    ("Corncockle", "9", "17", "1.9"),
)
"""The table, with its heads."""


def page_with_table(width: int = 620, height: int = 800) -> npt.NDArray[np.uint8]:
    """The page, (height, width, 3) RGB: a heading, lines of text, a ruled table, more lines."""
    image = Image.new("RGB", (width, height), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(15)
    left, right = width // 10, width - width // 10
    draw.text((left, 50), "Flowers of the field, 2026", "black", ImageFont.load_default(26))
    for y in (*range(110, 260, 24), *range(500, 740, 24)):
        draw.text((left, y), "What was counted in each plot, week after week,", "black", font)
    step, row = (right - left) / len(ROWS[0]), 34
    for number, cells in enumerate(ROWS):
        y = 290 + row * number
        draw.line((left, y, right, y), "black", 2 if number < 2 else 1)
        for column, text in enumerate(cells):
            draw.text((left + step * column + 6, y + 8), text, "black", font)
    draw.line((left, 290 + row * len(ROWS), right, 290 + row * len(ROWS)), "black", 2)
    return np.asarray(image)
