"""Families of drawings: emoji sets from the npm registry, drawn as sprites.

In: a folder with the packages `@iconify-json/...`. Out: a `SpriteWorld`. What was drawn once is
kept in a file, since drawing takes a minute. Nothing of it enters the repository: the sets are
under licences of their own, named here and on the model's card.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import pickle
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
import resvg_py
from PIL import Image

from generator.errors import GeneratorError
from generator.training.sprites import Sprite, SpriteWorld
from generator.training.vocabulary import CLASSES, DISTRACTORS, UNSEEN_DISTRACTORS

logger = logging.getLogger("generator.training")

SPRITE_SIDE = 176
"""Longer side of the largest drawing of an emoji, in pixels."""


@dataclass(frozen=True)
class Family:
    """A set of drawings by one designer.

    Attributes:
        packages: npm packages below `@iconify-json`; renderings and editions of one design.
        licence: its SPDX name.
    """

    title: str
    packages: tuple[str, ...]
    licence: str


FAMILIES: tuple[Family, ...] = (
    Family("Noto Emoji", ("noto", "noto-v1"), "Apache-2.0"),
    Family("OpenMoji", ("openmoji",), "CC-BY-SA-4.0"),
    Family("Fluent Emoji", ("fluent-emoji", "fluent-emoji-flat"), "MIT"),
    Family("Emoji One", ("emojione", "emojione-v1"), "CC-BY-4.0 and CC-BY-SA-4.0"),
    Family("Firefox OS Emoji", ("fxemoji",), "Apache-2.0"),
    Family("Streamline Emojis", ("streamline-emojis",), "CC-BY-4.0"),
)
"""What training shows."""
UNSEEN_FAMILY = Family("Twemoji", ("twemoji",), "CC-BY-4.0")
"""What training never shows: the test of new designs."""

INSTALL = "npm install " + " ".join(
    f"@iconify-json/{package}"
    for family in (*FAMILIES, UNSEEN_FAMILY)
    for package in family.packages
)

_OTHER_NAMES = {
    "streamline-emojis": {"bear": "bear-face", "ship": ""},
    "fxemoji": {
        "person-walking": "walking",
        "person-running": "running",
        "woman-dancing": "dancer",
        "cat": "catside",
        "cat-face": "cat",
        "dog": "dogside",
        "dog-face": "dog",
        "ewe": "sheep",
        "locomotive": "steamlocomotive",
        "high-speed-train": "highspeedtrain",
        "bullet-train": "highspeedtrainbulletnose",
        "umbrella-on-ground": "beachumbrella",
        "passenger-ship": "",
        "keyboard": "",
        "pizza": "sliceofpizza",
        "laptop": "",
        "mobile-phone": "cellphone",
        "scissors": "blackscissors",
        "chair": "seat",
        "backpack": "schoolsatchel",
        "mantelpiece-clock": "manltepiececlock",
        "evergreen-tree": "evergreen",
        "light-bulb": "lightbulb",
        "gem-stone": "gem",
        "sun": "whitesun",
        "rabbit": "bunnyside",
        "dove": "doveofpeace",
    },
}
"""Where a package names a design in its own way; nothing where it has another thing of the name."""


families_option = click.option(
    "--families", type=click.Path(path_type=Path), help="The folder node_modules of the emoji sets."
)
"""Of all commands that draw emoji; what it names goes to `find_packages`."""


def find_packages(folder: Path | None) -> Path:
    """The folder that holds `@iconify-json`.

    Raises:
        GeneratorError: it does not, or a package is missing in it.
    """
    root = (folder or Path("node_modules")) / "@iconify-json"
    missing = [
        package
        for family in (*FAMILIES, UNSEEN_FAMILY)
        for package in family.packages
        if not (root / package / "icons.json").is_file()
    ]
    if missing:
        raise GeneratorError(
            f"{root}: these emoji sets are not there: {', '.join(missing)}; install them with "
            f"{INSTALL}, and name the folder node_modules with --families"
        )
    return root


def training_world(root: Path, cache: Path) -> SpriteWorld:
    """The families that training shows."""
    return world_of(root, FAMILIES, DISTRACTORS, cache / "seen.pickle")


def unseen_world(root: Path, cache: Path) -> SpriteWorld:
    """The family that training never shows, and the things that it never shows."""
    return world_of(root, (UNSEEN_FAMILY,), UNSEEN_DISTRACTORS, cache / "unseen.pickle")


def world_of(
    root: Path, families: Sequence[Family], distractors: Sequence[str], cache: Path
) -> SpriteWorld:
    """Draws the designs of some families, or reads what was drawn before.

    Raises:
        GeneratorError: a class has no drawing in any of them.
    """
    wanted = hashlib.sha256(
        repr((SPRITE_SIDE, families, CLASSES, distractors, _OTHER_NAMES)).encode()
    ).hexdigest()
    if cache.is_file():
        with cache.open("rb") as stream:
            kept: tuple[str, SpriteWorld] = pickle.load(stream)
        if kept[0] == wanted:
            return kept[1]
    logger.info("drawing emoji of %s", ", ".join(family.title for family in families))
    icons = {package: Package(root, package) for family in families for package in family.packages}
    objects = []
    for one in CLASSES:
        by_family = [tuple(_drawn(family, one.designs, icons)) for family in families]
        objects.append(tuple(sprites for sprites in by_family if sprites))
        if not objects[-1]:
            raise GeneratorError(f"none of the emoji sets draws the class {one.name}")
    others = [
        sprites for name in distractors
        if (sprites := tuple(s for family in families for s in _drawn(family, (name,), icons)))
    ]  # fmt: skip
    world = SpriteWorld(tuple(one.name for one in CLASSES), tuple(objects), tuple(others))
    cache.parent.mkdir(parents=True, exist_ok=True)
    partial = cache.with_suffix(".part")
    with partial.open("wb") as stream:
        pickle.dump((wanted, world), stream, protocol=pickle.HIGHEST_PROTOCOL)
    partial.replace(cache)
    return world


class Package:
    """The drawings of one npm package.

    Args:
        root: the folder `@iconify-json`.
        package: its name there.
    """

    def __init__(self, root: Path, package: str) -> None:
        data: dict[str, Any] = json.loads((root / package / "icons.json").read_bytes())
        self.icons: dict[str, Any] = data["icons"]
        self.aliases: dict[str, Any] = data.get("aliases", {})
        self.size = data.get("width", 16), data.get("height", 16)
        self.other_names = _OTHER_NAMES.get(package, {})

    def svg(self, name: str) -> str | None:
        """The drawing of a design; None if the package has none."""
        # Of several drawings of a thing Streamline numbers each: cat, bird-1, bird-2.
        for own in (self.other_names.get(name, name), name.replace("-", ""), f"{name}-1"):
            own = self.aliases.get(own, {}).get("parent", own)
            icon = self.icons.get(own)
            if own and icon:
                w, h = icon.get("width", self.size[0]), icon.get("height", self.size[1])
                return (
                    '<svg xmlns="http://www.w3.org/2000/svg" '
                    'xmlns:xlink="http://www.w3.org/1999/xlink" '
                    f'viewBox="{icon.get("left", 0)} {icon.get("top", 0)} {w} {h}" '
                    f'width="{w}" height="{h}">{icon["body"]}</svg>'
                )
            if name in self.other_names:
                return None
        return None


def _drawn(family: Family, designs: Sequence[str], icons: dict[str, Package]) -> Iterator[Sprite]:
    for package in family.packages:
        for name in designs:
            svg = icons[package].svg(name)
            if svg is not None:
                yield Sprite.of(rasterised(svg))


def rasterised(svg: str, width: int = SPRITE_SIDE) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Draws an SVG, so many pixels wide: (h, w, 4) uint8 RGBA, cropped to what is visible."""
    png = resvg_py.svg_to_bytes(svg_string=svg, width=width)
    image = Image.open(io.BytesIO(bytes(png))).convert("RGBA")
    box = image.getchannel("A").point(lambda a: 255 * (a > 25)).getbbox()
    return np.asarray(image.crop(box) if box else image)
