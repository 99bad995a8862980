"""`python -m generator.training.gallery_scenes`: draws scenes in the styles of several families.

In: the list below, the emoji sets. Out: `content/images/*.jpg`, drawn at twice the size that the
embedded model sees, and on the terminal the `objects:` of each scene, for `content/gallery.yml`.
The scenes were arranged by hand, a few for each lesson: what hides what, twins, a crowd, far and
near, the border, things turned, a style and things never seen before, and nothing at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from generator.errors import GeneratorError
from generator.files.encode import publish_image
from generator.training.backgrounds import BACKGROUNDS
from generator.training.drawings import Drawings, design_of
from generator.training.families import families_option, find_packages
from generator.training.recipe import SHORT_SIDE
from generator.training.scenes import Placed, Scene, lay_over
from generator.training.sprites import Sprite
from generator.training.vocabulary import CLASSES

SHORT_SIDE_DRAWN = 2 * SHORT_SIDE
CLASS_OF = {design: number for number, one in enumerate(CLASSES) for design in one.designs}
"""Index into `CLASSES` of each design with a class; houses and mushrooms have none."""


@dataclass(frozen=True)
class Thing:
    """One drawing in a scene.

    Attributes:
        drawing: `PACKAGE/DESIGN`.
        x, y: its centre, as fractions of width and height.
        side: its longer side, as a share of the scene's short side.
        degrees: its rotation, anticlockwise.
    """

    drawing: str
    x: float
    y: float
    side: float
    degrees: float = 0.0
    mirrored: bool = False

    @property
    def label(self) -> int | None:
        """The index of its class; None if it has none."""
        return CLASS_OF.get(design_of(self.drawing))


@dataclass(frozen=True)
class GalleryScene:
    """A scene of the gallery; things lie in the order of the list, the last one on top."""

    slug: str
    background: str
    seed: int
    aspect: float
    things: tuple[Thing, ...]


SCENES: tuple[GalleryScene, ...] = (
    GalleryScene("two-elephants", "landscape", 2, 4 / 3, (
        Thing("noto/elephant", 0.68, 0.48, 0.54),
        Thing("fluent-emoji/elephant", 0.34, 0.62, 0.56, mirrored=True),
    )),
    GalleryScene("street", "flat", 5, 4 / 3, (
        Thing("noto/house", 0.86, 0.22, 0.3), Thing("fluent-emoji/bus", 0.3, 0.42, 0.46),
        Thing("noto/automobile", 0.72, 0.6, 0.34), Thing("emojione/bicycle", 0.17, 0.8, 0.3),
        Thing("noto/person-standing", 0.5, 0.76, 0.4),
        Thing("fluent-emoji-flat/person-walking", 0.93, 0.74, 0.38),
        Thing("noto/vertical-traffic-light", 0.6, 0.2, 0.28),
    )),
    GalleryScene("savanna", "landscape", 11, 4 / 3, (
        Thing("noto/cactus", 0.1, 0.42, 0.24), Thing("noto/giraffe", 0.32, 0.4, 0.6),
        Thing("fluent-emoji/zebra", 0.6, 0.66, 0.36),
        Thing("noto/zebra", 0.79, 0.62, 0.34, mirrored=True),
        Thing("fxemoji/horse", 0.86, 0.26, 0.2),
    )),
    GalleryScene("pets", "stripes", 8, 1.0, (
        Thing("noto/chair", 0.7, 0.4, 0.5), Thing("noto/cat", 0.72, 0.3, 0.3),
        Thing("noto/dog", 0.34, 0.6, 0.46), Thing("emojione/dog", 0.64, 0.8, 0.34, mirrored=True),
        Thing("noto/soccer-ball", 0.16, 0.84, 0.18),
    )),
    GalleryScene("living-room", "room", 6, 4 / 3, (
        Thing("noto/television", 0.74, 0.2, 0.34), Thing("noto-v1/couch-and-lamp", 0.36, 0.5, 0.62),
        Thing("noto/teddy-bear", 0.22, 0.56, 0.26), Thing("noto/black-cat", 0.44, 0.56, 0.26),
        Thing("fluent-emoji/potted-plant", 0.9, 0.55, 0.4), Thing("noto/laptop", 0.64, 0.76, 0.28),
        Thing("fluent-emoji-flat/hot-beverage", 0.8, 0.86, 0.18),
        Thing("emojione/green-book", 0.3, 0.88, 0.2, 30),
    )),
    GalleryScene("near-and-far", "gradient", 7, 4 / 3, (
        Thing("noto/teddy-bear", 0.28, 0.52, 0.62), Thing("noto/teddy-bear", 0.62, 0.62, 0.32),
        Thing("noto/teddy-bear", 0.8, 0.7, 0.17), Thing("noto/teddy-bear", 0.92, 0.74, 0.09),
        Thing("noto/wrapped-gift", 0.78, 0.26, 0.22),
    )),
    GalleryScene("far-away", "landscape", 23, 4 / 3, (
        Thing("noto/evergreen-tree", 0.12, 0.42, 0.3), Thing("noto/ewe", 0.34, 0.66, 0.14),
        Thing("fluent-emoji/ewe", 0.46, 0.72, 0.12), Thing("noto/ewe", 0.58, 0.66, 0.09),
        Thing("noto/locomotive", 0.76, 0.52, 0.15), Thing("noto/airplane", 0.6, 0.14, 0.13),
        Thing("emojione/cow", 0.84, 0.82, 0.16),
    )),
    GalleryScene("breakfast", "tiles", 8, 1.0, (
        Thing("noto/banana", 0.24, 0.27, 0.36), Thing("fluent-emoji/red-apple", 0.6, 0.26, 0.28),
        Thing("noto/green-apple", 0.8, 0.36, 0.24), Thing("emojione/pizza", 0.32, 0.72, 0.4, -10),
        Thing("noto/hot-beverage", 0.84, 0.66, 0.24), Thing("noto/mushroom", 0.64, 0.84, 0.22),
    )),
    GalleryScene("harbour", "gradient", 5, 4 / 3, (
        Thing("noto/airplane", 0.2, 0.18, 0.28), Thing("noto/bird", 0.55, 0.16, 0.2),
        Thing("noto/sailboat", 0.3, 0.6, 0.44), Thing("fluent-emoji/sailboat", 0.48, 0.66, 0.36),
        Thing("emojione/speedboat", 0.82, 0.5, 0.26), Thing("noto/anchor", 0.85, 0.82, 0.22),
    )),
    GalleryScene("playground", "gradient", 9, 3 / 4, (
        Thing("noto/kite", 0.26, 0.16, 0.36, 8),
        Thing("fluent-emoji/bird", 0.78, 0.13, 0.22, mirrored=True),
        Thing("emojione/umbrella", 0.55, 0.31, 0.26), Thing("noto/person-standing", 0.26, 0.5, 0.4),
        Thing("fluent-emoji/person-running", 0.66, 0.54, 0.4), Thing("noto/chair", 0.85, 0.74, 0.3),
        Thing("noto/soccer-ball", 0.18, 0.8, 0.22),
        Thing("fluent-emoji/basketball", 0.48, 0.85, 0.24),
    )),
    GalleryScene("picnic", "texture", 4, 1.0, (
        Thing("noto/banana", 0.16, 0.18, 0.24), Thing("noto/red-apple", 0.4, 0.15, 0.18),
        Thing("fluent-emoji/tangerine", 0.6, 0.17, 0.17), Thing("noto/wine-glass", 0.84, 0.2, 0.26),
        Thing("noto/carrot", 0.15, 0.46, 0.22), Thing("emojione/pizza", 0.38, 0.42, 0.24),
        Thing("noto/doughnut", 0.62, 0.43, 0.2), Thing("noto/cup-with-straw", 0.86, 0.5, 0.26),
        Thing("fluent-emoji/birthday-cake", 0.24, 0.76, 0.32),
        Thing("noto/hot-dog", 0.54, 0.7, 0.24), Thing("noto/strawberry", 0.72, 0.62, 0.13),
        Thing("fluent-emoji/backpack", 0.84, 0.84, 0.28),
        Thing("noto/bottle-with-popping-cork", 0.52, 0.88, 0.22),
    )),
    GalleryScene("at-the-border", "clouds", 3, 4 / 3, (
        Thing("noto/bus", 0.06, 0.42, 0.44), Thing("fluent-emoji/elephant", 0.94, 0.58, 0.52),
        Thing("noto/bird", 0.5, 0.03, 0.26), Thing("emojione/automobile", 0.44, 0.96, 0.34),
        Thing("noto/umbrella", 0.52, 0.48, 0.3),
    )),
    GalleryScene("turned", "shapes", 12, 1.0, (
        Thing("noto/scissors", 0.24, 0.24, 0.34, 50),
        Thing("fluent-emoji/umbrella", 0.7, 0.24, 0.36, -45),
        Thing("noto/wine-glass", 0.24, 0.72, 0.36, 55), Thing("noto/giraffe", 0.7, 0.7, 0.46, -50),
    )),
    GalleryScene("another-hand", "flat", 9, 4 / 3, (
        Thing("twemoji/cat", 0.2, 0.3, 0.36), Thing("twemoji/bicycle", 0.62, 0.26, 0.36),
        Thing("twemoji/elephant", 0.82, 0.66, 0.4), Thing("twemoji/banana", 0.24, 0.76, 0.3),
        Thing("twemoji/locomotive", 0.52, 0.7, 0.34),
    )),
    GalleryScene("one-cat", "tiles", 5, 1.0, (Thing("noto/cat", 0.46, 0.56, 0.5),)),
    GalleryScene("strangers", "room", 14, 4 / 3, (
        Thing("noto/castle", 0.2, 0.3, 0.36), Thing("noto/kangaroo", 0.46, 0.56, 0.42),
        Thing("fluent-emoji/teapot", 0.76, 0.28, 0.28), Thing("noto/dog", 0.82, 0.7, 0.36),
        Thing("noto/penguin", 0.22, 0.78, 0.26),
    )),
    GalleryScene("nobody-home", "landscape", 7, 4 / 3, (
        Thing("noto/evergreen-tree", 0.18, 0.52, 0.42), Thing("fluent-emoji/house", 0.6, 0.58, 0.4),
        Thing("noto/crescent-moon", 0.86, 0.16, 0.18),
    )),
)  # fmt: skip


def draw_scene(scene: GalleryScene, drawings: Drawings) -> Scene:
    """Draws a scene, with boxes as in training: round what the border leaves of a thing."""
    short = SHORT_SIDE_DRAWN
    long = round(short * max(scene.aspect, 1 / scene.aspect))
    size_hw = (short, long) if scene.aspect >= 1 else (long, short)
    canvas = BACKGROUNDS[scene.background](np.random.default_rng(scene.seed), size_hw)
    classes, boxes = [], []
    for thing in scene.things:
        sprite = Sprite.of(drawings.pixels(thing.drawing))
        drawn = sprite.drawn(short * thing.side, thing.degrees, thing.mirrored)
        h, w = drawn.shape[:2]
        top = round(thing.y * size_hw[0] - h / 2)
        left = round(thing.x * size_hw[1] - w / 2)
        part = drawn[max(-top, 0) : size_hw[0] - top, max(-left, 0) : size_hw[1] - left]
        placed = Placed(part, max(top, 0), max(left, 0), whole_area=0)
        lay_over(canvas, placed)
        if thing.label is not None:
            classes.append(thing.label)
            boxes.append(placed.box())
    return Scene(
        (np.clip(canvas, 0, 1) * 255).round().astype(np.uint8),
        np.array(classes, np.int64),
        np.array(boxes, np.float32).reshape(-1, 4),
    )


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
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("content/images"),
    show_default=True,
)
@families_option
def main(output: Path, families: Path | None) -> None:
    """Draws the scenes and prints what is in them."""
    try:
        drawings = Drawings(find_packages(families))
        for scene in SCENES:
            drawn, file = draw_scene(scene, drawings), output / f"{scene.slug}.jpg"
            publish_image(drawn.pixels, file)
            click.echo(f"  - file: {file.as_posix()}\n{objects_yaml(drawn)}", nl=False)
    except GeneratorError as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main()
