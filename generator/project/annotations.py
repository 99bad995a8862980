"""The annotations of a gallery entry: what its `objects:` say is in the image.

In: the value of the key `objects:` in gallery.yml, which may be pasted from a file of COCO. Out:
the types that `records` reads it with: `Annotation`s as they were written, or every problem with
its line. Nothing here opens an image or knows a model, so it does not check whether a box lies in
the image or a model has such a class; `analysis/ground_truth` does.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, Strict
from pydantic.dataclasses import dataclass

from generator.detr.coco import COCO_NAMES, HOLE
from generator.project.fields import Title, a_kind_of, expects
from generator.project.records import CLOSED
from generator.project.yaml_source import Location, YamlSource

EXAMPLE = "`- {category: cat, bbox: [20, 30, 200, 150]}`"


def _with_a_size(bbox: tuple[float, ...]) -> tuple[float, ...]:
    if bbox[2] <= 0 or bbox[3] <= 0:
        raise ValueError
    return bbox


def _box_meant(value: object) -> str:
    """What is wrong with four numbers that are not a box."""
    numbers = value if isinstance(value, list) else []
    plain = [v for v in numbers if type(v) in (int, float) and abs(v) <= sys.float_info.max]
    is_box = len(plain) == len(numbers) == 4
    return "; width and height must be more than 0" if is_box else ""


Length = Annotated[float, Strict(), Field(allow_inf_nan=False)]
Box = Annotated[
    tuple[Length, Length, Length, Length],
    AfterValidator(_with_a_size),
    expects("[x, y, width, height] in pixels", _box_meant),
]
BoxXywh = tuple[float, float, float, float]
_COCOS_OTHER_KEYS = {
    "id", "image_id", "category_id", "area", "segmentation", "keypoints", "num_keypoints",
    "attributes",
}  # fmt: skip
"""What an annotation of COCO, or of CVAT's kind of it, has that says nothing of class and box."""
COCO_CATEGORIES = {number: name for number, name in enumerate(COCO_NAMES) if name != HOLE}


def _zero_or_one(value: object) -> object:
    return bool(value) if type(value) is int and value in (0, 1) else value


YesOrNo = Annotated[bool, Strict(), BeforeValidator(_zero_or_one), expects("0 or 1")]


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class Annotation:
    """One object that is really in an image, in the form of COCO's annotations.

    Attributes:
        category: the name of its class.
        bbox: left, top, width and height in pixels of the upright image; the last two are
            more than 0. It may extend beyond the image.
        iscrowd: whether the box is around many of them, which were not told apart.
    """

    category: Annotated[Title, Field(examples=["cat"])]
    bbox: Annotated[Box, Field(examples=["[20, 30, 200, 150]"])]
    iscrowd: YesOrNo = False

    def in_pixels(self, size_hw: tuple[int, int]) -> BoxXywh:
        """Left, top, width and height in pixels of the upright image, which has this size."""
        del size_hw
        return self.bbox

    def misfit(self, size_hw: tuple[int, int]) -> str:
        """Why the box cannot be of an image of this size, as the end of a sentence; or ""."""
        del size_hw
        return ""


Annotations = Annotated[
    tuple[
        Annotated[Annotation, a_kind_of((dict, Annotation), f"an object such as {EXAMPLE}")], ...
    ],
    a_kind_of(
        (list, tuple),
        f"a list such as {EXAMPLE}, or `[]` where nothing is there",
        may_be_empty=True,
    ),
]
"""All objects of an image, in the author's order; an empty list means that it has none."""


def without_cocos_keys(
    objects: object, categories: Mapping[int, str], source: YamlSource, at: Location
) -> object:
    """The value of `objects:`, in which pasted annotations of COCO name their category.

    Args:
        categories: by their id.
        at: the location of the value; an id that is none is reported there.
    """
    if not isinstance(objects, list):
        return objects
    plain = []
    for index, one in enumerate(objects):
        if isinstance(one, dict):
            number = one.get("category_id")
            rest = {key: value for key, value in one.items() if key not in _COCOS_OTHER_KEYS}
            if number is not None and one.get("category") is None:
                name = categories.get(number) if type(number) is int else None
                if name is None:
                    where = (*at, index, "category_id")
                    source.report_unexpected(where, "the id of a category of the annotations")
                rest["category"] = name or "unknown"
            plain.append(rest)
        else:
            plain.append(one)
    return plain
