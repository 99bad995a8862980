"""The annotations of a gallery entry: what its `objects:` say is in the image.

In: the value of the key `objects:` in gallery.yml. Out: the types that `records` reads it with:
`Annotation`s as they were written, or every problem with its line. Nothing here opens an image
or knows a model, so it does not check whether a box lies in the image or a model has such a
class; `analysis/ground_truth` does.
"""

from __future__ import annotations

import sys
from typing import Annotated

from pydantic import AfterValidator, Field, Strict
from pydantic.dataclasses import dataclass

from generator.project.fields import Title, a_kind_of, expects
from generator.project.records import CLOSED

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


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class Annotation:
    """One object that is really in an image, in the form of COCO's annotations.

    Attributes:
        category: the name of its class.
        bbox: left, top, width and height in pixels of the upright image; the last two are
            more than 0. It may extend beyond the image.
    """

    category: Annotated[Title, Field(examples=["cat"])]
    bbox: Annotated[Box, Field(examples=["[20, 30, 200, 150]"])]


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
