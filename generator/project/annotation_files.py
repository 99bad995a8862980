"""What files of annotations have in common: an image's name in, the objects in it out.

In: the path of an image in the project. Out: `Found`: the objects that a file says are in it, and
the ids that the file has for it. No image is opened: boxes keep the size that they were drawn in.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Generic, Protocol, TypeVar

from pydantic.dataclasses import dataclass

from generator.errors import ObjectsError
from generator.project.annotations import Annotation, BoxXywh
from generator.project.records import CLOSED
from generator.project.slugs import romanised

UNIT = (1.0, 1.0)
_LARGEST_STRETCH = 0.02
"""By how much the shape of an image may differ from the annotated one's, for sides are rounded."""

Named = TypeVar("Named")


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class ReadAnnotation(Annotation):
    """An object of a file, whose image may since have been made smaller.

    Attributes:
        size_wh: of the image that the box is measured in; (1, 1) if it is in fractions.
    """

    size_wh: tuple[float, float]

    def in_pixels(self, size_hw: tuple[int, int]) -> BoxXywh:
        """The box in pixels of the image as it is."""
        x_scale, y_scale = size_hw[1] / self.size_wh[0], size_hw[0] / self.size_wh[1]
        x, y, width, height = self.bbox
        return x * x_scale, y * y_scale, width * x_scale, height * y_scale

    def misfit(self, size_hw: tuple[int, int]) -> str:
        """That the image was cut or turned since it was annotated, if it was."""
        (width, height), own = self.size_wh, size_hw[1] / size_hw[0]
        if self.size_wh == UNIT or abs(width / height / own - 1) <= _LARGEST_STRETCH:
            return ""
        return (
            f"were drawn in an image of {width:g} x {height:g}, and this one is {size_hw[1]} x "
            f"{size_hw[0]}; name the image that was annotated"
        )


@dataclass(frozen=True, config=CLOSED)
class CocoImage:
    """How a COCO file calls an image and the categories.

    Attributes:
        image_id: its `id`.
        size_wh: width and height in pixels when it was annotated.
        category_ids: name and `id` of each category.
    """

    image_id: int | str
    size_wh: tuple[float, float]
    category_ids: tuple[tuple[str, int], ...]


@dataclass(frozen=True, config=CLOSED)
class Found:
    """What a file says of an image.

    Attributes:
        coco: its ids; None if the file has none.
    """

    objects: tuple[ReadAnnotation, ...]
    coco: CocoImage | None = None


class AnnotationFile(Protocol):
    """A file or folder of annotations."""

    @property
    def path(self) -> Path:
        """Its own."""

    @property
    def categories(self) -> Mapping[int, str]:
        """Names by the number that the file has for them."""

    def find(self, image: PurePosixPath) -> Found | None:
        """What it says of an image, by its path in the project; None if it does not have it.

        Raises:
            ObjectsError: what it says makes no sense, or several images have this name.
        """


def text_of(path: Path) -> str:
    """The text of a file; raises an ObjectsError if it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ObjectsError(f"{path.name}: is not UTF-8 text") from None
    except OSError as error:
        raise ObjectsError(f"{path.name}: cannot be read ({error.strerror})") from None


class Names(Generic[Named]):
    """Things by the names of images.

    Args:
        named: the path of each as a file has it, and the thing itself.
    """

    def __init__(self, named: Iterable[tuple[PurePosixPath, Named]]) -> None:
        self._named = list(named)
        self._by_name: dict[str, list[tuple[PurePosixPath, Named]]] = {}
        self._by_slug: dict[str, list[tuple[PurePosixPath, Named]]] | None = None
        for name, one in self._named:
            self._by_name.setdefault(name.name.casefold(), []).append((name, one))

    def find(self, image: PurePosixPath, file: Path) -> Named | None:
        """What has an image's name, in the same folders if several do; else one like it.

        Two names are alike if they give the same address, so that a copy that `add` made is found.

        Raises:
            ObjectsError: several of the file have it.
        """
        same = self._by_name.get(image.name.casefold(), [])
        if len(same) > 1:
            ends = [image.parts[-len(name.parts) :] == name.parts for name, _ in same]
            same = list(itertools.compress(same, ends)) or same
        if not same:
            if self._by_slug is None:
                self._by_slug = {}
                for name, one in self._named:
                    self._by_slug.setdefault(romanised(name.stem), []).append((name, one))
            same = self._by_slug.get(romanised(image.stem) or "-", [])
        if len(same) > 1:
            listed = ", ".join(str(name) for name, _ in same[:3])
            raise ObjectsError(f"{file.name}: has several images of this name: {listed}")
        return same[0][1] if same else None
