"""What a gallery entry says is really in its picture: `objects:`, checked and kept.

In: the value of the key `objects:` in gallery.yml. Out: `Annotation`s as they were written,
or every problem with its line. It opens no image and knows no model, so it cannot say
whether a box lies in the picture, nor whether a model has such a class; `truth` can.
"""

from __future__ import annotations

import sys
from typing import Annotated

from pydantic import AfterValidator, Field, Strict
from pydantic.dataclasses import dataclass

from generator.project.config import CLOSED, keys_of, validated, without_blanks
from generator.project.fields import Title, expects
from generator.project.suggest import nearest
from generator.project.yaml_source import Location, YamlSource

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

    category: Title
    bbox: Box


def read_annotations(
    value: object, at: Location, source: YamlSource
) -> tuple[Annotation, ...] | None:
    """The objects that were written at a location; None where that has problems.

    An empty list is an answer too: nothing is there.
    """
    if not isinstance(value, list):
        source.report_unexpected(at, f"a list such as {EXAMPLE}, or `[]` where nothing is there")
        return None
    objects = [_read_annotation(item, (*at, index), source) for index, item in enumerate(value)]
    known = [one for one in objects if one is not None]
    return tuple(known) if len(known) == len(objects) else None


def _read_annotation(value: object, at: Location, source: YamlSource) -> Annotation | None:
    if not isinstance(value, dict):
        source.report_unexpected(at, f"an object such as {EXAMPLE}")
        return None
    values = without_blanks(value, Annotation)
    keys = keys_of(Annotation)
    # A key that is misspelt is told as such, and not as missing once more.
    meant = {nearest(key, keys) for key in values if key not in keys}
    missing = [key for key in keys if key not in values]
    for key in missing:
        if key not in meant:
            source.report(at, f"needs `{key}:`, as in {EXAMPLE}")
    stand_ins = {"category": "any", "bbox": [0, 0, 1, 1]}
    complete = {key: stand_ins[key] for key in missing} | values
    checked = validated(Annotation, complete, source, at, source.path)
    return None if missing else checked
