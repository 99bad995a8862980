"""`python -m generator.training.tray_drawings`: draws the things of the lab's tray.

In: the lists below, the emoji sets. Out: `templates/sprites/NAME.webp`, 128 pixels on the longer
side, cropped to what is visible. A sprite's name begins with that of its class, if it has one: what
a model knows is asked of its card when the lab is built, so that the set serves other models, too.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import click
import numpy as np
from PIL import Image

from generator.errors import GeneratorError
from generator.files.write import write_if_different
from generator.training.drawings import Drawings
from generator.training.families import families_option, find_packages
from generator.training.sprites import Pixels

LONGEST = 128
_QUALITY = 82

KNOWN: Mapping[str, tuple[str, ...]] = {
    "person": ("noto/person-standing", "fluent-emoji/person-walking", "twemoji/person-running"),
    "bicycle": ("noto/bicycle",),
    "car": ("noto/automobile", "fluent-emoji/sport-utility-vehicle"),
    "motorcycle": ("noto/motorcycle",),
    "airplane": ("noto/airplane",),
    "bus": ("noto/bus", "fluent-emoji-flat/bus"),
    "train": ("noto/locomotive",),
    "truck": ("noto/delivery-truck",),
    "boat": ("noto/sailboat", "emojione/speedboat"),
    "traffic light": ("noto/vertical-traffic-light",),
    "stop sign": ("noto/stop-sign",),
    "bird": ("noto/bird", "fluent-emoji/duck"),
    "cat": ("noto/cat", "fluent-emoji/cat", "twemoji/cat"),
    "dog": ("noto/dog", "emojione/dog"),
    "horse": ("noto/horse",),
    "sheep": ("noto/ewe",),
    "cow": ("noto/cow", "fxemoji/cow"),
    "elephant": ("noto/elephant", "fluent-emoji/elephant", "twemoji/elephant"),
    "bear": ("noto/bear",),
    "zebra": ("noto/zebra",),
    "giraffe": ("noto/giraffe",),
    "backpack": ("noto/backpack",),
    "umbrella": ("noto/umbrella",),
    "handbag": ("fluent-emoji/handbag",),
    "suitcase": ("noto/luggage",),
    "sports ball": ("noto/soccer-ball", "noto/basketball"),
    "kite": ("noto/kite",),
    "bottle": ("noto/bottle-with-popping-cork",),
    "wine glass": ("noto/wine-glass",),
    "cup": ("noto/hot-beverage",),
    "banana": ("noto/banana",),
    "apple": ("noto/red-apple", "noto/green-apple"),
    "orange": ("noto/tangerine",),
    "carrot": ("noto/carrot",),
    "hot dog": ("noto/hot-dog",),
    "pizza": ("noto/pizza", "fluent-emoji/pizza"),
    "donut": ("noto/doughnut",),
    "cake": ("noto/birthday-cake",),
    "chair": ("noto/chair",),
    "couch": ("noto-v1/couch-and-lamp",),
    "potted plant": ("noto/potted-plant",),
    "tv": ("noto/television",),
    "laptop": ("noto/laptop",),
    "cell phone": ("noto/mobile-phone",),
    "book": ("noto/closed-book",),
    "clock": ("noto/alarm-clock",),
    "scissors": ("noto/scissors",),
    "teddy bear": ("noto/teddy-bear",),
}
"""Drawings by the names of COCO's classes; those of Twemoji are in a style that training hid."""

UNKNOWN: Mapping[str, tuple[str, ...]] = {
    "house": ("noto/house",),
    "cactus": ("noto/cactus",),
    "mushroom": ("noto/mushroom",),
    "tree": ("noto/evergreen-tree",),
    "gift": ("noto/wrapped-gift",),
    "anchor": ("noto/anchor",),
    "moon": ("noto/crescent-moon",),
    "guitar": ("noto/guitar",),
    "snail": ("noto/snail",),
    "rocket": ("noto/rocket",),
    "castle": ("noto/castle",),
    "kangaroo": ("noto/kangaroo",),
    "penguin": ("noto/penguin",),
    "teapot": ("noto/teapot",),
    "dinosaur": ("noto/sauropod",),
    "shrimp": ("noto/shrimp",),
}
"""Things of no class; those from the castle on no training scene shows."""


def sprite_name(label: str, number: int) -> str:
    """The name of a sprite: "teddy-bear", and for the second of its kind "teddy-bear-2"."""
    stem = label.replace(" ", "-")
    return stem if number == 1 else f"{stem}-{number}"


def draw_tray(folder: Path, drawings: Drawings) -> dict[str, Path]:
    """Draws every sprite into a folder; returns the files by the sprites' names."""
    files = {}
    for label, names in {**KNOWN, **UNKNOWN}.items():
        for number, name in enumerate(names, start=1):
            sprite = sprite_name(label, number)
            files[sprite] = folder / f"{sprite}.webp"
            write_if_different(files[sprite], webp(drawings.pixels(name)))
    return files


def webp(rgba: Pixels) -> bytes:
    """A small WebP of a drawing, (h, w, 4) uint8."""
    alpha = rgba[..., 3:].astype(np.float32) / 255
    premultiplied = Image.fromarray((rgba[..., :3] * alpha).round().astype(np.uint8))
    size = Image.fromarray(rgba[..., 3])
    for one in (premultiplied, size):  # apart, so that no colour of the clear pixels bleeds in
        one.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    small = np.asarray(size, np.float32)[..., None] / 255
    colours = np.divide(np.asarray(premultiplied, np.float32), small, where=small > 0,
                        out=np.zeros((*small.shape[:2], 3), np.float32))  # fmt: skip
    straight = np.concatenate([colours.clip(0, 255), 255 * small], -1).round().astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(straight).save(stream, "WEBP", quality=_QUALITY, alpha_quality=100, method=6)
    return stream.getvalue()


@click.command(help=__doc__.split("\n\n")[0])
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("templates/sprites"),
    show_default=True,
)
@families_option
def main(output: Path, families: Path | None) -> None:
    """Draws the sprites of the lab's tray."""
    try:
        files = draw_tray(output, Drawings(find_packages(families)))
    except GeneratorError as error:
        raise click.ClickException(str(error)) from error
    total = sum(file.stat().st_size for file in files.values())
    click.echo(f"{len(files)} sprites in {output}, {total / 1000:.0f} kB")


if __name__ == "__main__":
    main()
