"""Gives the images of a gallery the objects that files of annotations say are in them.

In: what stands after `annotations:`, of the gallery or of an image. Out: what the file says of an
image, or a problem at the key that names the file. A file is read once.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Annotated
from urllib.parse import unquote, urlsplit

from pydantic import BeforeValidator, ValidationInfo
from pydantic_core import PydanticCustomError

from generator.errors import ObjectsError
from generator.project.annotation_files import AnnotationFile, Found
from generator.project.annotations import COCO_CATEGORIES
from generator.project.coco_file import read_coco
from generator.project.fields import Context, project_path, quotes_needed, unexpected
from generator.project.yaml_source import Location, YamlSource
from generator.project.yolo_files import read_yolo

PHRASE = "a COCO file `.json`, a YOLO file `.txt` or a folder of these"


def annotations_path(value: object, root: Path) -> Path:
    """The file or folder of the project that a text names.

    Raises:
        PydanticCustomError: it is not there, or of another kind.
    """
    if not isinstance(value, str):
        raise unexpected(PHRASE, quotes_needed(value))
    is_folder = "://" not in value and _is_folder(root / value)
    path = project_path(value, root, "folder" if is_folder else "file")
    if not is_folder and path.suffix.lower() not in (".json", ".txt"):
        raise unexpected(PHRASE)
    return path


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # no file has such a name
        return False


def _in_project(value: object, info: ValidationInfo) -> object:
    """A `Path` from code stays as it is."""
    if not isinstance(info.context, Context) or isinstance(value, Path):
        return value
    return annotations_path(value, info.context.root)


AnnotationsPath = Annotated[Path, BeforeValidator(_in_project)]


class AnnotationFiles:
    """The files that a gallery names; each is read once, and its problem told once."""

    def __init__(self, root: Path, source: YamlSource) -> None:
        self._root, self._source = root, source
        self._files: dict[Path, AnnotationFile | None] = {}

    def at(self, text: object, location: Location) -> AnnotationFile | None:
        """The file that a text at a location names; None if it names none that can be read.

        A text that names no file at all is reported by whoever reads the records.
        """
        try:
            path = annotations_path(text, self._root)
        except PydanticCustomError:
            return None
        if path not in self._files:
            self._files[path] = None
            try:
                self._files[path] = self._read(path)
            except ObjectsError as error:
                self._source.report(location, str(error))
        return self._files[path]

    def shared(self) -> AnnotationFile | None:
        """The file for all images; problems of the key `annotations:` of the gallery are told."""
        value, at = self._source.value, ("annotations",)
        text = value.get("annotations") if isinstance(value, dict) else None
        if text is None:
            return None
        try:
            path = annotations_path(text, self._root)
        except PydanticCustomError as error:
            context = error.context or {}
            self._source.report_unexpected(at, context["phrase"], context["note"])
            return None
        if path.is_file() and path.suffix.lower() != ".json":
            message = f"`{path.name}` is of one image; write it there, or name its folder here"
            self._source.report(at, message)
            return None
        return self.at(text, at)

    def found(self, file: AnnotationFile, image: PurePosixPath, location: Location) -> Found | None:
        """What a file says of an image; a problem is told at a location."""
        try:
            return file.find(image)
        except ObjectsError as error:
            self._source.report(location, str(error))
            return None

    def _read(self, path: Path) -> AnnotationFile:
        is_json = path.suffix.lower() == ".json" and path.is_file()
        return read_coco(path) if is_json else read_yolo(path, self._root)


def path_of_image(file: Path | None, url: str | None, root: Path) -> PurePosixPath:
    """The name that an image is looked for by: its path in the project, or that of its address."""
    if file is not None:
        inside = file.relative_to(root) if file.is_relative_to(root) else file
        return PurePosixPath(inside.as_posix())
    return PurePosixPath(unquote(urlsplit(url or "").path))


def categories_of(file: AnnotationFile | None) -> Mapping[int, str]:
    """The names that `category_id` stands for: those of the file, or COCO's own."""
    return COCO_CATEGORIES if file is None else file.categories
