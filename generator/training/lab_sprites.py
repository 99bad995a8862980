"""`python -m generator.training.lab_sprites`: draws the things that the lab's tray holds.

In: the lists below, an emoji font. Out: `templates/sprites/NAME.webp`, about 128 pixels on the
longer side, cropped to what is visible. A sprite's name begins with that of its class, if it has
one: what a model knows is asked of its card when the lab is built, so that the set serves models
of more classes as well. The font's licence lies beside them, in `templates/sprites/NOTICE`.
"""

from __future__ import annotations

import io
from pathlib import Path

import click
import numpy as np
from PIL import Image

from generator.errors import GeneratorError
from generator.files.write import write_if_different
from generator.training.glyphs import find_font, render_glyph

FOLDER = Path("templates/sprites")
LONGEST = 128
_QUALITY = 82

GLYPHS: dict[str, str] = {
    "person": "🧍🚶",
    "bicycle": "🚲",
    "car": "🚗🚙",
    "motorcycle": "🏍",
    "airplane": "✈",
    "bus": "🚌",
    "train": "🚂",
    "truck": "🚚",
    "boat": "⛵",
    "bird": "🐦🦆",
    "cat": "🐈",
    "dog": "🐕",
    "horse": "🐎",
    "sheep": "🐑",
    "cow": "🐄",
    "elephant": "🐘",
    "zebra": "🦓",
    "giraffe": "🦒",
    "backpack": "🎒",
    "umbrella": "☂",
    "sports ball": "⚽🏀",
    "kite": "🪁",
    "skateboard": "🛹",
    "banana": "🍌",
    "apple": "🍎🍏",
    "orange": "🍊",
    "broccoli": "🥦",
    "carrot": "🥕",
    "pizza": "🍕",
    "donut": "🍩",
    "cake": "🎂",
    "chair": "🪑",
    "laptop": "💻",
    "clock": "⏰",
    "scissors": "✂",
    "teddy bear": "🧸",
}
"""Emoji by the names of COCO's classes, some of which no embedded model may know."""

UNKNOWN: dict[str, str] = {
    "house": "🏠",
    "cactus": "🌵",
    "mushroom": "🍄",
    "tree": "🌲",
    "gift": "🎁",
    "anchor": "⚓",
    "moon": "🌙",
    "guitar": "🎸",
    "snail": "🐌",
    "rocket": "🚀",
    "tiger": "🐅",
    "rabbit": "🐇",
    "penguin": "🐧",
    "helicopter": "🚁",
    "tractor": "🚜",
    "strawberry": "🍓",
}
"""Things of no class; those from the tiger on no training scene shows."""


def sprite_name(label: str, number: int) -> str:
    """The name of a sprite: "teddy-bear", and for the second of its kind "teddy-bear-2"."""
    stem = label.replace(" ", "-")
    return stem if number == 1 else f"{stem}-{number}"


def draw_sprites(folder: Path, font: Path) -> dict[str, Path]:
    """Draws every sprite into a folder; returns the files by the sprites' names."""
    files = {}
    for label, glyphs in (GLYPHS | UNKNOWN).items():
        for number, glyph in enumerate(glyphs, start=1):
            name = sprite_name(label, number)
            files[name] = folder / f"{name}.webp"
            write_if_different(files[name], _webp(glyph, font))
    return files


def _webp(glyph: str, font: Path) -> bytes:
    sprite = render_glyph(glyph, font)  # (h, w, 4), premultiplied
    alpha = sprite[..., 3:]
    colours = np.divide(sprite[..., :3], alpha, out=np.zeros_like(sprite[..., :3]), where=alpha > 0)
    image = Image.fromarray((np.concatenate([colours, alpha], -1) * 255).round().astype(np.uint8))
    image.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    stream = io.BytesIO()
    image.save(stream, "WEBP", quality=_QUALITY, alpha_quality=100, method=6)
    return stream.getvalue()


@click.command(help=__doc__.split("\n\n")[0])
@click.option("--output", type=click.Path(path_type=Path), default=FOLDER, show_default=True)
@click.option("--font", type=click.Path(path_type=Path), help="Colour emoji font file.")
def main(output: Path, font: Path | None) -> None:
    """Draws the sprites of the lab's tray."""
    try:
        files = draw_sprites(output, find_font(font))
    except GeneratorError as error:
        raise click.ClickException(str(error)) from error
    total = sum(file.stat().st_size for file in files.values())
    click.echo(f"{len(files)} sprites in {output}, {total / 1000:.0f} kB")


if __name__ == "__main__":
    main()
