"""Single drawings of emoji, for the pictures that this repository keeps.

In: the folder `@iconify-json`, and names such as `noto/cat`. Out: pixels. Only families whose
licences ask for no more than a notice are drawn from; `generator/training/NOTICE` has it.
"""

from __future__ import annotations

import functools
from pathlib import Path

from generator.errors import GeneratorError
from generator.training.families import FAMILIES, UNSEEN_FAMILY, Package, rasterised
from generator.training.sprites import Pixels

SHARE_ALIKE = ("openmoji", "emojione-v1")
"""Under CC BY-SA, which would then hold for the pictures, too."""
WIDTH = 640
"""Of a drawing with its margins, in pixels; what is kept is smaller."""


class Drawings:
    """The drawings of all families that may be kept.

    Args:
        root: the folder `@iconify-json`.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._package = functools.cache(lambda name: Package(root, name))

    def pixels(self, name: str) -> Pixels:
        """A drawing, (h, w, 4) uint8 RGBA, cropped to what is visible.

        Args:
            name: `PACKAGE/DESIGN`.

        Raises:
            GeneratorError: there is none of that name, or it may not be kept.
        """
        package, _, design = name.partition("/")
        if package not in PACKAGES:
            raise GeneratorError(f"{name}: drawings are kept from {', '.join(PACKAGES)} alone")
        svg = self._package(package).svg(design)
        if svg is None:
            raise GeneratorError(f"{name}: {self._root / package} has no such drawing")
        return rasterised(svg, WIDTH)


PACKAGES = tuple(
    package
    for family in (*FAMILIES, UNSEEN_FAMILY)
    for package in family.packages
    if package not in SHARE_ALIKE
)


def design_of(name: str) -> str:
    """The design of a drawing: "cat" of "noto/cat"."""
    return name.partition("/")[2]
