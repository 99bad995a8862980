"""`python -m generator.training.shipped_scenes`: draws the scenes of the default gallery.

In: the list below, an emoji font. Out: `content/images/*.jpg`, drawn at twice the size
that the embedded model sees, and on the terminal the `objects:` of each scene, for
`content/gallery.yml`. The scenes were arranged by hand, to have something to explain: pairs,
overlaps, near and far objects, a single object and none.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click
import cv2
import numpy as np

from generator.errors import GeneratorError
from generator.files.encode import publish_image
from generator.training.backgrounds import BACKGROUNDS
from generator.training.glyphs import CLASSES, SpriteArray, find_font, render_glyph
from generator.training.scenes import Placed, Scene, lay_over

SHORT_SIDE_DRAWN = 448
CLASS_OF = {glyph: number for number, one in enumerate(CLASSES) for glyph in one.designs}
"""Index into `CLASSES` of each glyph with a class; houses and mushrooms have none."""
FOLDER = Path("content/images")


@dataclass(frozen=True)
class Glyph:
    """One emoji of a scene.

    Attributes:
        x, y: its centre, as fractions of width and height.
        side: its longer side, as a share of the scene's short side.
        degrees: its rotation, anticlockwise.
    """

    glyph: str
    x: float
    y: float
    side: float
    degrees: float = 0.0
    mirrored: bool = False


@dataclass(frozen=True)
class GalleryScene:
    """A scene of the gallery; glyphs lie in the order of the list, the last one on top."""

    slug: str
    background: str
    seed: int
    aspect: float
    glyphs: tuple[Glyph, ...]


SCENES: tuple[GalleryScene, ...] = (
    GalleryScene("street", "flat", 5, 4 / 3, (
        Glyph("🏠", 0.86, 0.22, 0.3), Glyph("🚌", 0.3, 0.42, 0.5), Glyph("🚗", 0.72, 0.6, 0.34),
        Glyph("🚲", 0.2, 0.8, 0.3), Glyph("🧍", 0.5, 0.76, 0.4), Glyph("🚶", 0.93, 0.74, 0.38),
    )),
    GalleryScene("two-elephants", "landscape", 2, 4 / 3, (
        Glyph("🐘", 0.68, 0.48, 0.54), Glyph("🐘", 0.34, 0.62, 0.56, mirrored=True),
    )),
    GalleryScene("savanna", "landscape", 11, 4 / 3, (
        Glyph("🌵", 0.1, 0.42, 0.24), Glyph("🦒", 0.32, 0.4, 0.6), Glyph("🦓", 0.62, 0.66, 0.34),
        Glyph("🦓", 0.78, 0.62, 0.3, mirrored=True), Glyph("🐎", 0.86, 0.28, 0.22),
    )),
    GalleryScene("breakfast", "tiles", 8, 1.0, (
        Glyph("🍌", 0.26, 0.3, 0.42), Glyph("🍎", 0.62, 0.26, 0.28), Glyph("🍎", 0.82, 0.38, 0.24),
        Glyph("🍕", 0.36, 0.72, 0.44, -10), Glyph("🍄", 0.76, 0.76, 0.26),
    )),
    GalleryScene("one-cat", "tiles", 5, 1.0, (Glyph("🐈", 0.46, 0.56, 0.5),)),
    GalleryScene("nobody-home", "landscape", 7, 4 / 3, (
        Glyph("🌲", 0.18, 0.52, 0.42), Glyph("🏠", 0.6, 0.58, 0.4), Glyph("🌙", 0.86, 0.16, 0.18),
    )),
    GalleryScene("playground", "gradient", 9, 3 / 4, (
        Glyph("🪁", 0.26, 0.16, 0.36, 8), Glyph("🐦", 0.78, 0.13, 0.26, mirrored=True),
        Glyph("☂", 0.52, 0.3, 0.24), Glyph("🧍", 0.3, 0.5, 0.4), Glyph("🚶", 0.66, 0.52, 0.42),
        Glyph("🪑", 0.85, 0.72, 0.32), Glyph("⚽", 0.18, 0.8, 0.22), Glyph("🏀", 0.48, 0.84, 0.26),
    )),
    GalleryScene("near-and-far", "gradient", 7, 4 / 3, (
        Glyph("🧸", 0.3, 0.52, 0.62), Glyph("🧸", 0.68, 0.62, 0.34), Glyph("🧸", 0.88, 0.68, 0.2),
        Glyph("🎁", 0.78, 0.26, 0.22),
    )),
    GalleryScene("pets", "stripes", 8, 1.0, (
        Glyph("🪑", 0.7, 0.4, 0.5), Glyph("🐈", 0.72, 0.3, 0.3), Glyph("🐕", 0.34, 0.6, 0.46),
        Glyph("🐕", 0.62, 0.78, 0.34, mirrored=True), Glyph("⚽", 0.16, 0.82, 0.18),
    )),
    GalleryScene("harbour", "gradient", 5, 4 / 3, (
        Glyph("✈", 0.2, 0.18, 0.3), Glyph("🐦", 0.55, 0.16, 0.2), Glyph("⛵", 0.3, 0.6, 0.44),
        Glyph("⛵", 0.48, 0.66, 0.36), Glyph("⛵", 0.82, 0.5, 0.2), Glyph("⚓", 0.85, 0.82, 0.22),
    )),
)  # fmt: skip


def draw_scene(scene: GalleryScene, font: Path) -> Scene:
    """Draws a scene, with boxes as in training.

    A box goes round the whole glyph, even if a later one covers a part of it.
    """
    short = SHORT_SIDE_DRAWN
    long = round(short * max(scene.aspect, 1 / scene.aspect))
    size_hw = (short, long) if scene.aspect >= 1 else (long, short)
    canvas = BACKGROUNDS[scene.background](np.random.default_rng(scene.seed), size_hw)
    classes, boxes = [], []
    for glyph in scene.glyphs:
        sprite = transform(
            render_glyph(glyph.glyph, font), short * glyph.side, glyph.degrees, glyph.mirrored
        )
        h, w = sprite.shape[:2]
        top = round(glyph.y * size_hw[0] - h / 2)
        left = round(glyph.x * size_hw[1] - w / 2)
        part = sprite[max(-top, 0) : size_hw[0] - top, max(-left, 0) : size_hw[1] - left]
        placed = Placed(part, max(top, 0), max(left, 0), whole_area=0)
        lay_over(canvas, placed)
        if glyph.glyph in CLASS_OF:
            classes.append(CLASS_OF[glyph.glyph])
            boxes.append(placed.box())
    return Scene(
        (np.clip(canvas, 0, 1) * 255).round().astype(np.uint8),
        np.array(classes, np.int64),
        np.array(boxes, np.float32).reshape(-1, 4),
    )


def transform(
    sprite: SpriteArray, side: float, degrees: float = 0.0, mirrored: bool = False
) -> SpriteArray:
    """Mirrors a sprite, scales it to a longer side in pixels and turns it anticlockwise."""
    if mirrored:
        sprite = sprite[:, ::-1]
    h, w = sprite.shape[:2]
    scale = side / max(h, w)
    if scale < 0.5:  # averages before it skips pixels
        sprite = cv2.resize(sprite, None, fx=2 * scale, fy=2 * scale, interpolation=cv2.INTER_AREA)
        h, w = sprite.shape[:2]
        scale = 0.5
    angle = np.deg2rad(degrees)
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    new_w = int(np.ceil(abs(w * cos) + abs(h * sin))) + 2
    new_h = int(np.ceil(abs(w * sin) + abs(h * cos))) + 2
    matrix = np.array(
        [
            [cos, sin, new_w / 2 - (cos * w + sin * h) / 2],
            [-sin, cos, new_h / 2 - (cos * h - sin * w) / 2],
        ]
    )
    turned = cv2.warpAffine(sprite, matrix, (new_w, new_h), flags=cv2.INTER_LINEAR)
    return np.asarray(turned, np.float32)


def objects_yaml(scene: Scene) -> str:
    """The lines of `gallery.yml` with the objects of a scene."""
    if not len(scene.classes):
        return "    objects: []\n"
    lines = ["    objects:\n"]
    for index, (x0, y0, x1, y1) in zip(scene.classes, scene.boxes_xyxy.astype(int), strict=True):
        box = f"[{x0}, {y0}, {x1 - x0}, {y1 - y0}]"
        lines.append(f"      - {{category: {CLASSES[index].name}, bbox: {box}}}\n")
    return "".join(lines)


@click.command(help=__doc__.split("\n\n")[0])
@click.option("--output", type=click.Path(path_type=Path), default=FOLDER, show_default=True)
@click.option("--font", type=click.Path(path_type=Path), help="Colour emoji font file.")
def main(output: Path, font: Path | None) -> None:
    """Draws the default gallery's scenes and prints what is in them."""
    try:
        face = find_font(font)
    except GeneratorError as error:
        raise click.ClickException(str(error)) from error
    for scene in SCENES:
        drawn, file = draw_scene(scene, face), output / f"{scene.slug}.jpg"
        publish_image(drawn.pixels, file)
        click.echo(f"  - file: {file.as_posix()}\n{objects_yaml(drawn)}", nl=False)


if __name__ == "__main__":
    main()
