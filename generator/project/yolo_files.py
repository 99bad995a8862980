"""YOLO's text files -> the objects of an image.

In: a `.txt` of one image, or a folder of them, with a file of the classes' names. Out: `YoloFiles`.
Only what is asked for is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from generator.errors import ObjectsError
from generator.project.annotation_files import UNIT, Found, Names, ReadAnnotation, text_of
from generator.project.annotations import BoxXywh
from generator.project.yaml_source import read_yaml

_NAMES = ("classes.txt", "obj.names", "data.yaml", "data.yml", "dataset.yaml")
"""Where programs write the names of the classes, beside the files or in a folder around them."""


@dataclass(frozen=True, eq=False)
class YoloFiles:
    """YOLO's text files, one an image: a number of a class and a box or an outline on each line.

    Attributes:
        files: by their paths in the folder.
        only: the one that was named by itself, and so belongs to whatever image names it.
    """

    path: Path
    categories: Mapping[int, str]
    files: Names[Path]
    only: Path | None = None

    def find(self, image: PurePosixPath) -> Found | None:
        """As `AnnotationFile` has it."""
        if self.only is not None:
            return Found(self._read(self.only))
        file = self.files.find(image.with_suffix(".txt"), self.path) if image.name else None
        return None if file is None else Found(self._read(file))

    def _read(self, file: Path) -> tuple[ReadAnnotation, ...]:
        lines = enumerate(text_of(file).splitlines(), start=1)
        return tuple(
            self._object(line.split(), f"{file.name}:{number}")
            for number, line in lines
            if line.strip()
        )

    def _object(self, words: Sequence[str], place: str) -> ReadAnnotation:
        try:
            category, numbers = int(words[0]), [float(word) for word in words[1:]]
        except ValueError:
            category, numbers = -1, []
        if not all(-0.5 <= number <= 1.5 for number in numbers):  # NaN is none of these
            raise ObjectsError(
                f"{place}: expected fractions of the image's width and height, found "
                f"{' '.join(words[1:5])}; divide pixels by them"
            )
        box = _box_of(numbers)
        if box is None or category < 0:
            raise ObjectsError(
                f"{place}: expected the number of a class and then x, y, width and height, or an "
                f"outline; found {' '.join(words[:6])}"
            )
        if not self.categories.get(category):
            raise ObjectsError(
                f"{place}: there is no name for class {category}; the names go from 0 to "
                f"{len(self.categories) - 1}"
            )
        name = self.categories[category]
        return ReadAnnotation(category=name, bbox=box, size_wh=UNIT)


def _box_of(numbers: Sequence[float]) -> BoxXywh | None:
    """Left, top, width and height from YOLO's numbers; None if they make no box."""
    if len(numbers) == 4:
        x, y, width, height = numbers
        box = (x - width / 2, y - height / 2, width, height)
    elif len(numbers) >= 6 and len(numbers) % 2 == 0:
        xs, ys = numbers[::2], numbers[1::2]
        box = (min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))
    else:
        return None
    return box if box[2] > 0 and box[3] > 0 else None


def read_yolo(path: Path, root: Path) -> YoloFiles:
    """Finds the files of a folder, or the one that is named, and the names of the classes.

    Args:
        root: the folder of the project; names are not looked for outside of it.

    Raises:
        ObjectsError: the names are missing.
    """
    only = path if path.is_file() else None
    folder = path if only is None else path.parent
    found = sorted(folder.rglob("*.txt")) if only is None else [only]
    files = [one for one in found if one.name not in _NAMES]
    if not files:
        raise ObjectsError(f"{path.name}: no file such as `cats.txt` is in it")
    around = [one for one in (folder, *folder.parents) if one.is_relative_to(root)]
    places = (place / name for place in around for name in _NAMES)
    for file in places:
        if file.is_file() and (names := _names_in(file)):
            named = ((PurePosixPath(one.relative_to(folder).as_posix()), one) for one in files)
            return YoloFiles(path, names, Names(named), only)
    raise ObjectsError(
        f"{path.name}: the names of its classes are missing; write them into `{folder.name}/"
        "classes.txt`, one on a line, in the order of their numbers"
    )


def _names_in(file: Path) -> dict[int, str]:
    """The names by number; empty if a YAML file has none."""
    if file.suffix not in (".yaml", ".yml"):
        lines = text_of(file).rstrip().splitlines()
        return {number: " ".join(line.split()) for number, line in enumerate(lines)}
    value = read_yaml(file).value
    names = value.get("names") if isinstance(value, dict) else None
    if isinstance(names, list):
        names = dict(enumerate(names))
    pairs = names.items() if isinstance(names, dict) else ()
    return {int(number): str(name) for number, name in pairs if str(number).isdecimal()}
