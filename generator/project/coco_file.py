"""A file of annotations in COCO's format -> the objects of an image, and its ids.

In: a JSON file such as instances_val2017.json. Out: a `CocoFile`. Only what it says of images that
are asked for is checked.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from generator.errors import ObjectsError
from generator.project.annotation_files import CocoImage, Found, Names, ReadAnnotation, text_of
from generator.project.suggest import did_you_mean


@dataclass(frozen=True, eq=False)
class CocoFile:
    """A JSON file in the format of COCO's detections, such as instances_val2017.json.

    Attributes:
        images: the record of each, by its path.
        annotations: the records of each image, by its id.
    """

    path: Path
    categories: Mapping[int, str]
    images: Names[Any]
    annotations: Mapping[Any, Any]

    def find(self, image: PurePosixPath) -> Found | None:
        """As `AnnotationFile` has it."""
        record = self.images.find(image, self.path)
        if record is None:
            return None
        size_wh = (_side(record, "width"), _side(record, "height"))
        read = (self._read(one, size_wh) for one in self.annotations.get(record["id"], ()))
        ids = tuple((name, number) for number, name in self.categories.items())
        return Found(
            tuple(one for one in read if one is not None), CocoImage(record["id"], size_wh, ids)
        )

    def _read(self, record: Any, size_wh: tuple[float, float]) -> ReadAnnotation | None:
        """An object; None if its box has no area, as training leaves such out."""
        subject = f"{self.path.name}: annotation {record.get('id')}"
        box, number = record.get("bbox"), record.get("category_id")
        if not (isinstance(box, list) and len(box) == 4 and all(map(_is_number, box))):
            raise ObjectsError(f"{subject}: expected `bbox` as [x, y, width, height], found {box}")
        if number not in self.categories:
            raise ObjectsError(f"{subject}: `categories` has no id {number}")
        x, y, width, height = map(float, box)
        if width <= 0 or height <= 0:
            return None
        return ReadAnnotation(
            category=self.categories[number],
            bbox=(x, y, width, height),
            iscrowd=bool(record.get("iscrowd")),
            size_wh=size_wh,
        )


def read_coco(path: Path) -> CocoFile:
    """Reads a COCO file.

    Raises:
        ObjectsError: it is none.
    """
    try:
        value = json.loads(text_of(path))
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        raise ObjectsError(f"{path.name}:{line}: is not valid JSON; export it again") from None
    except RecursionError:
        raise ObjectsError(f"{path.name}: is nested too deeply to be annotations") from None
    if isinstance(value, list):
        raise ObjectsError(
            f"{path.name}: is a bare list, as results are; name the file with `images`, "
            "`annotations` and `categories`"
        )
    images, annotations, categories = (
        _records(value, key, path) for key in ("images", "annotations", "categories")
    )
    by_image: dict[Any, list[Any]] = {}
    for one in annotations:
        by_image.setdefault(_key(one.get("image_id")), []).append(one)
    texts = (str(one.get("file_name", "")).replace("\\", "/") for one in images)
    named = zip(map(PurePosixPath, texts), images, strict=True)
    return CocoFile(
        path,
        {one["id"]: _line(one["name"]) for one in categories if _is_category(one, path)},
        Names((name, one) for name, one in named if _is_image(one, path)),
        by_image,
    )


def _records(value: Any, key: str, path: Path) -> list[dict[str, Any]]:
    records = value.get(key) if isinstance(value, dict) else None
    if not isinstance(records, list) or not all(isinstance(one, dict) for one in records):
        keys = value if isinstance(value, dict) else ()
        hint = did_you_mean(key, [str(one) for one in keys if one != key])
        raise ObjectsError(f"{path.name}: has no list `{key}`, as COCO's annotations do{hint}")
    return records


def _is_category(record: dict[str, Any], path: Path) -> bool:
    if type(record.get("id")) is not int or not isinstance(record.get("name"), str):
        raise ObjectsError(f"{path.name}: a category needs a whole number `id` and a `name`")
    return bool(record["name"].strip())


def _is_image(record: dict[str, Any], path: Path) -> bool:
    if not isinstance(record.get("id"), int | str):
        raise ObjectsError(f"{path.name}: an image needs an `id`")
    return bool(record.get("file_name"))


def _side(record: dict[str, Any], key: str) -> float:
    side: Any = record.get(key)
    if not _is_number(side) or side <= 0:
        raise ObjectsError(f"image {record['id']} of the annotations needs its `{key}` in pixels")
    return float(side)


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


def _key(value: Any) -> Any:
    return value if isinstance(value, int | str) else None


def _line(text: str) -> str:
    return " ".join(text.split())
