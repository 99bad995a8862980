"""What a model's classes are called, and what says so.

In: the labels of a config.json, `classes:` of a project, or a training's command line. Out:
`ClassNames`. 91 outputs are not COCO's 91 classes: what nothing tells stays unknown, and what is
taken on trust says on whose word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from generator.detr.coco import COCO_NAMES, HOLE
from generator.errors import WeightsError

Word = Literal["coco", "unknown"]
Classes = Sequence[str] | Mapping[int, str] | Word
"""What `classes:` may be: names in order, names by number, or a word that tells of all."""

BY_ARGUMENT = "COCO's, by the training's own argument dataset_file: coco"
"""Many keep that argument for data of their own, so the pages say that it is all there is."""

_COUNTS = ("num_classes", "n_classes", "nb_classes")
_LISTS = ("classes", "class_names", "names", "labels")
_PLACES = (
    "coco_path",
    "data_path",
    "data_dir",
    "data_root",
    "dataset",
    "dataset_dir",
    "dataset_name",
    "dataset_path",
    "dataset_root",
    "train_path",
)
"""Options of trainings that tell how many classes there are, their names, and where the data are.
The official one has `coco_path` alone; the others are those of fine-tunes that began with it."""

_COCO = frozenset(["coco", "mscoco"])
_OF_ANY_DATA = frozenset(
    [
        "annotations", "data", "dataset", "datasets", "detection", "full", "images", "img", "ms",
        "object", "objects", "raw", "root", "test", "train", "val", "valid",
    ]
)  # fmt: skip
"""Words in a folder's name that tell of no data in particular."""


@dataclass(frozen=True)
class ClassNames:
    """The classes of a model.

    Attributes:
        ids, names: one per output, without "no object".
        is_known: whether all have names; else they have numbers.
        origin: what says so, or what speaks against COCO's; "" where nothing is said.
    """

    ids: tuple[int, ...]
    names: tuple[str, ...]
    is_known: bool
    origin: str = ""


def numbered(count: int, origin: str = "") -> ClassNames:
    """Classes whose names nothing says: they are called by their place among the outputs."""
    names = tuple(f"class {number}" for number in range(count))
    return ClassNames(tuple(range(count)), names, False, origin)


def of_labels(labels: Sequence[str | None], file: str) -> ClassNames:
    """Classes as a configuration names them; stand-ins for those that it does not name."""
    names = tuple(f"class {n}" if name is None else name for n, name in enumerate(labels))
    is_known = None not in labels
    return ClassNames(
        tuple(range(len(names))), names, is_known, f"id2label of its {file}" if is_known else ""
    )


def of_project(classes: Classes, count: int) -> ClassNames:
    """Classes as `classes:` in site_config.yml has them.

    Args:
        count: how many the network tells apart, "no object" aside.

    Raises:
        WeightsError: they are not as many; the sentence is without the name of the file.
    """
    origin, found = "`classes:` in site_config.yml", f"class_embed has {count + 1} outputs"
    if classes == "unknown":
        return numbered(count, "`classes: unknown` in site_config.yml")
    if classes == "coco":
        if count != len(COCO_NAMES):
            raise WeightsError(
                f'{found}: {count} classes and "no object"; COCO\'s are {len(COCO_NAMES)}, so '
                "leave out `classes: coco`"
            )
        return _of_coco("COCO's, by `classes: coco` in site_config.yml")
    if isinstance(classes, Mapping):
        if not all(0 <= number < count for number in classes):
            raise WeightsError(
                f'{found}, for the classes 0 to {count - 1} and "no object"; `classes:` numbers '
                f"{', '.join(map(str, classes))}"
            )
        names = tuple(classes.get(n, HOLE) for n in range(count))
        return ClassNames(tuple(range(count)), names, True, origin)
    if len(classes) != count:
        hint = "; where the numbers begin with 1, write them: `classes: {1: cell, 2: nucleus}`"
        raise WeightsError(
            f'{found}: {count} classes and "no object", and `classes:` names {len(classes)}'
            f"{hint if len(classes) < count else ''}"
        )
    return ClassNames(tuple(range(count)), tuple(classes), True, origin)


def of_official(count: int) -> ClassNames:
    """Classes of the file that DETR's authors published."""
    return (
        _of_coco("COCO's, by the file's SHA-256") if count == len(COCO_NAMES) else numbered(count)
    )


def of_training(arguments: Mapping[str, Any], count: int) -> ClassNames:
    """Classes as a training's command line tells of them.

    `dataset_file: coco` means COCO, unless there are other than COCO's 91 outputs, or another
    argument tells of other data.
    """
    if arguments.get("dataset_file") != "coco":
        return numbered(count)
    against = _against_coco(arguments)
    if against:
        return numbered(count, f"dataset_file is coco, but {against}")
    return _of_coco(BY_ARGUMENT) if count == len(COCO_NAMES) else numbered(count)


def _of_coco(origin: str) -> ClassNames:
    return ClassNames(tuple(range(len(COCO_NAMES))), COCO_NAMES, True, origin)


def _against_coco(arguments: Mapping[str, Any]) -> str:
    """Which argument tells of other data than COCO, in words; "" if none does."""
    for key in _COUNTS:
        value = arguments.get(key)
        if type(value) is int and value != len(COCO_NAMES):
            return f"{key} is {value}"
    for key in _LISTS:
        if isinstance(arguments.get(key), Sequence | Mapping) and arguments[key]:
            return f"{key} names classes of its own"
    for key in _PLACES:
        value = arguments.get(key)
        if isinstance(value, str) and (folder := _other_data(value)):
            return f"{key} ends in {folder}"
    return ""


def _other_data(path: str) -> str:
    """The folder of a path that names data other than COCO; "" if none does.

    It is the last one whose name tells of any data: `/data/coco/images` is COCO's.
    """
    for folder in reversed(re.split(r"[/\\]+", path)):
        words = set(re.findall(r"[^\W\d_]+", folder.lower()))
        if words - _OF_ANY_DATA:
            return "" if words & _COCO and words <= _COCO | _OF_ANY_DATA else folder
    return ""
