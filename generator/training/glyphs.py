"""The glyphs that a scene is composed of: colour emoji, one or more designs per class.

In: a colour emoji font (Noto Color Emoji unless another is named). Out: sprites, RGBA
with premultiplied alpha, cropped to what is visible.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib import font_manager
from PIL import Image, ImageDraw, ImageFont

from generator.errors import GeneratorError

SpriteArray = npt.NDArray[np.float32]

FONT_FILE = "NotoColorEmoji.ttf"
FONT_SIZE = 109
"""The only size of Noto's bitmaps, in pixels."""


@dataclass(frozen=True)
class GlyphClass:
    """A class of objects.

    Attributes:
        coco_id, name: COCO's.
        designs: the glyphs that training scenes show.
        held_out: glyphs of the same class that training never shows.
    """

    coco_id: int
    name: str
    designs: str
    held_out: str = ""


CLASSES: tuple[GlyphClass, ...] = (
    GlyphClass(1, "person", "🧍🚶", "🏃"),
    GlyphClass(2, "bicycle", "🚲"),
    GlyphClass(3, "car", "🚗🚙", "🚕"),
    GlyphClass(4, "motorcycle", "🏍", "🛵"),
    GlyphClass(5, "airplane", "✈", "🛩"),
    GlyphClass(6, "bus", "🚌", "🚍"),
    GlyphClass(7, "train", "🚂", "🚆"),
    GlyphClass(9, "boat", "⛵", "🚤"),
    GlyphClass(16, "bird", "🐦🦆", "🦜"),
    GlyphClass(17, "cat", "🐈", "🐱"),
    GlyphClass(18, "dog", "🐕", "🐩"),
    GlyphClass(19, "horse", "🐎", "🐴"),
    GlyphClass(21, "cow", "🐄", "🐂"),
    GlyphClass(22, "elephant", "🐘"),
    GlyphClass(24, "zebra", "🦓"),
    GlyphClass(25, "giraffe", "🦒"),
    GlyphClass(28, "umbrella", "☂", "⛱"),
    GlyphClass(37, "sports ball", "⚽🏀", "🏐"),
    GlyphClass(38, "kite", "🪁"),
    GlyphClass(52, "banana", "🍌"),
    GlyphClass(53, "apple", "🍎", "🍏"),
    GlyphClass(59, "pizza", "🍕"),
    GlyphClass(62, "chair", "🪑"),
    GlyphClass(88, "teddy bear", "🧸"),
)

DISTRACTORS = "🌵🎈🔑⭐🌙🍄🎸🏠🌷🎁🔔💎🧲🦀🐢🌲🔥💡📦🎩🧦⚓🚀🐌"
"""Glyphs without a class: they are drawn, and detecting them is a mistake."""


def find_font(path: Path | None = None) -> Path:
    """The font to draw with.

    Raises:
        GeneratorError: the font is not installed.
    """
    if path is not None:
        if not path.is_file():
            raise GeneratorError(f"{path}: there is no such font file")
        return path
    for name in font_manager.findSystemFonts():
        if Path(name).name == FONT_FILE:
            return Path(name)
    raise GeneratorError(
        f"{FONT_FILE} is not installed: install the font Noto Color Emoji (on Debian and Ubuntu "
        "the package fonts-noto-color-emoji), or name its file with --font"
    )


@functools.cache
def render_glyph(glyph: str, font: Path) -> SpriteArray:
    """Draws one emoji.

    Returns:
        (h, w, 4) float32 in [0, 1], premultiplied by alpha, cropped to its visible pixels.
    """
    side = 2 * FONT_SIZE
    canvas = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    draw = ImageDraw.Draw(canvas)
    face = ImageFont.truetype(str(font), FONT_SIZE)
    draw.text((20, 20), glyph, font=face, embedded_color=True)
    box = canvas.getchannel("A").getbbox()
    if box is None:
        raise GeneratorError(f"{font}: the font has no colour glyph for U+{ord(glyph[0]):04X}")
    sprite = np.asarray(canvas.crop(box), dtype=np.float32) / np.float32(255)
    sprite[..., :3] *= sprite[..., 3:]
    return sprite
