"""What a gallery entry says is really in its picture: `objects:`, checked and kept.

In: the value of the key `objects:` in gallery.yml. Out: the types that `records` reads it by:
`Annotation`s as they were written, or every problem with its line. Nothing here opens an image
or knows a model, so it cannot say whether a box lies in the picture, nor whether a model has
such a class; `analysis/ground_truth` can.
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
    """What is wrong with four numbers that are no box."""
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
    """One thing that is really in a picture, as COCO's annotations say it.

    Attributes:
        category: the name of its class.
        bbox: left, top, width and height in pixels of the upright picture; the last two are
            more than 0. It may stick out of the picture.
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
"""All that is in a picture, in the author's order; an empty list is an answer too."""
