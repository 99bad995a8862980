"""site_config.yml -> `SiteConfig`, or every problem in it at once.

In: the path of site_config.yml. Out: a frozen record of settings whose paths exist and
lie in the project. It opens no image, no weights and no gallery. The kinds of value that
gallery.yml has too, and the sentences about wrong ones, are defined here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path, PureWindowsPath
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    WrapValidator,
)
from pydantic.dataclasses import dataclass
from pydantic_core import PydanticCustomError

from generator.errors import ConfigurationError
from generator.spelling import nearest
from generator.yaml_source import Location, YamlSource, read_yaml

MODEL_NAMES: tuple[str, ...] = (
    "detr_emoji",
    "detr_resnet50",
    "detr_resnet50_dc5",
    "detr_resnet101",
    "detr_resnet101_dc5",
    "detr_demo",
)
_COLOUR_MAPS = ("viridis", "cividis", "inferno", "magma", "plasma")
DEVICES = ("auto", "cpu", "cuda", "mps")
DEFAULT_GALLERY = Path("content/gallery.yml")
DEFAULT_THRESHOLD = 0.9
MAX_PIXELS = 50_000_000
Record = TypeVar("Record")
CLOSED = ConfigDict(extra="forbid")


def unexpected(phrase: str, note: str = "", names: tuple[str, ...] = ()) -> PydanticCustomError:
    """The error "expected PHRASE, found ...NOTE"; the nearest of `names` is offered."""
    told = {"phrase": phrase, "note": note, "names": names}
    return PydanticCustomError("unexpected", "{phrase}", told)


def expects(phrase: str, note: Callable[[object], str] | None = None) -> WrapValidator:
    """Says what was expected, in place of what pydantic says of a wrong value."""

    def check(value: Any, handler: Callable[[Any], Any]) -> Any:
        try:
            return handler(value)
        except ValidationError:
            raise unexpected(phrase, note(value) if note else "") from None

    return WrapValidator(check)


def a_kind_of(kinds: tuple[type, ...], phrase: str) -> BeforeValidator:
    """Lets a list with items or a group of keys through, to the checks of what is in it."""

    def check(value: object) -> object:
        if not isinstance(value, kinds) or value == []:
            raise unexpected(phrase)
        return value

    return BeforeValidator(check)


def one_of(*names: str) -> BeforeValidator:
    """Lets only these names through."""
    listed = ", ".join(f"`{name}`" for name in names)

    def check(value: object) -> object:
        if value not in names:
            raise unexpected(f"one of {listed}" if len(names) > 1 else listed, names=names)
        return value

    return BeforeValidator(check)


def quotes_needed(value: object) -> str:
    """Why a value is no text although it was meant to be."""
    if not isinstance(value, bool | int | float):
        return ""
    kind = "true or false" if isinstance(value, bool) else "a number"
    return f", which YAML reads as {kind}; put it in quotes"


def _number_meant(value: object) -> str:
    """What to write in place of the likes of "0.9", `0,9`, `90%` and 1."""
    if isinstance(value, bool):
        return ", which YAML reads as true or false; write a number such as 0.9"
    if not isinstance(value, str):
        return "; 0 and 1 themselves are not allowed" if value in (0, 1) else ""
    try:
        text = value.replace(",", ".")
        number = float(text.rstrip("% ")) / (100 if "%" in text else 1)
    except ValueError:
        return ""
    return f"; write {number:g}" if 0 < number < 1 else ""


OneLine = AfterValidator(lambda text: " ".join(text.split()))
Line = Annotated[str, Strict(), OneLine, expects("text", quotes_needed)]
Title = Annotated[Line, Field(min_length=1), expects("text", quotes_needed)]
Between = expects("a number between 0 and 1", _number_meant)
Threshold = Annotated[float, Strict(), Field(gt=0, lt=1), Between]
ModelName = Annotated[str, one_of(*MODEL_NAMES)]


def project_path(text: object, root: Path, kind: Literal["file", "folder"]) -> Path:
    """An existing file or folder of the project, from what was written; links are resolved.

    Raises:
        PydanticCustomError: it is something else, is missing, or leads out of the project.
    """
    if not isinstance(text, str) or not text.strip():
        note = quotes_needed(text)
    elif "://" in text:
        note = ", which is an address; an image from the web goes under `url:`"
    elif text.startswith("~") or Path(text).is_absolute() or PureWindowsPath(text).drive:
        note = ", which is not a path from the folder of site_config.yml; copy it into that folder"
    elif "\\" in text:
        note = "; separate folders with `/`, not with a backslash"
    else:
        path = Path(os.path.realpath(root / text))
        note = _path_note(text, path, root, kind)
        if not note:
            return path
    raise unexpected(f"a {kind} in the project", note)


def _path_note(text: str, path: Path, root: Path, kind: str) -> str:
    """What is wrong with the place that a text leads to, if anything is."""
    try:
        if not path.is_relative_to(root):
            is_link = Path(os.path.normpath(root / text)).is_relative_to(root)
            what = "is a link that leads out of it" if is_link else "leads out of it"
            return f", which {what}; copy it into the folder of site_config.yml"
        if not path.exists():
            return f", which does not exist{_similar_path(text, root)}"
        right = path.is_file() if kind == "file" else path.is_dir()
        return "" if right else f", which is not a {kind}"
    except OSError:
        return ", which cannot be opened"


def _similar_path(text: str, root: Path) -> str:
    wanted = Path(os.path.normpath(text))
    beside = DEFAULT_GALLERY.parent / wanted
    if (root / beside).exists():  # written as seen from gallery.yml
        return f"; did you mean `{beside.as_posix()}`?"
    names = sorted(path.name for path in (root / wanted.parent).glob("*"))
    guess = nearest(wanted.name, names)
    return f"; did you mean `{(wanted.parent / guess).as_posix()}`?" if guess else ""


def in_project(kind: Literal["file", "folder"]) -> BeforeValidator:
    """Turns a path as written into one that exists; a `Path` made by code stays as it is."""

    def check(value: object, info: ValidationInfo) -> object:
        if info.context is None:
            return value
        return project_path(str(value) if isinstance(value, Path) else value, info.context, kind)

    return BeforeValidator(check)


def _weights_file(value: object, info: ValidationInfo) -> object:
    """Weights may lie anywhere; a relative path begins in the project's folder."""
    if info.context is None:
        return value
    try:
        path = Path(info.context, Path(str(value)).expanduser())
        if isinstance(value, str) and path.is_file():
            return path
    except (OSError, RuntimeError):  # RuntimeError: `~nobody`
        pass
    raise unexpected("the path of a file that exists", quotes_needed(value))


Edition = Annotated[Literal["student", "instructor"], one_of("student", "instructor")]
Device = Annotated[Literal["auto", "cpu", "cuda", "mps"], one_of(*DEVICES)]
Dpi = Annotated[int, Strict(), Field(ge=72, le=300), expects("a whole number from 72 to 300")]
Pixels = Annotated[int, Strict(), Field(ge=1), expects("a whole number of pixels, at least 1")]
Folder = Annotated[Path, in_project("folder"), Field(validate_default=True)]


@dataclass(frozen=True, config=CLOSED)
class FigureOptions:
    """How figures are drawn; `dpi` is in pixels an inch."""

    colour_map: Annotated[str, one_of(*_COLOUR_MAPS)] = "viridis"
    dpi: Dpi = 150


@dataclass(frozen=True, config=CLOSED)
class SiteConfig:
    """The settings of a site; all but `root` are keys of site_config.yml.

    Attributes:
        root: the project's folder, the one that holds site_config.yml.
        threshold: the least score of a detection that is shown, 0 < threshold < 1.
        weights: model name -> a local file that is used in place of a download.
    """

    root: Path
    title: Title
    author: Line = ""
    course: Line = ""
    edition: Edition = "student"
    model: ModelName = "detr_emoji"
    threshold: Threshold = DEFAULT_THRESHOLD
    device: Device = "cpu"
    gallery: Annotated[Path, in_project("file"), Field(validate_default=True)] = DEFAULT_GALLERY
    content: Folder = Path("content")
    templates: Folder = Path("templates")
    figures: Annotated[
        FigureOptions, a_kind_of((dict, FigureOptions), "keys such as `dpi:` below it")
    ] = FigureOptions()
    outputs: Annotated[
        tuple[Annotated[Literal["site"], one_of("site")], ...],
        a_kind_of((list, tuple), "a list such as `[site]`"),
    ] = ("site",)
    weights: Annotated[
        Mapping[ModelName, Annotated[Path, BeforeValidator(_weights_file)]],
        a_kind_of((dict,), "model names below it, each with a file"),
    ] = Field(default_factory=dict)
    max_pixels: Pixels = MAX_PIXELS


def load_config(path: Path) -> SiteConfig:
    """Reads and checks site_config.yml.

    Raises:
        ConfigurationError: holds every problem found.
    """
    source, config = read_config(path)
    if config is None:
        raise ConfigurationError(source.sorted_problems())
    return config


def read_config(path: Path) -> tuple[YamlSource, SiteConfig | None]:
    """Reads site_config.yml; the settings are None where the file has problems."""
    source, root = read_yaml(path), path.parent.resolve()
    config = None
    if isinstance(source.value, dict):
        values = without_blanks(source.value, SiteConfig)
        config = validated(SiteConfig, {**values, "root": root}, source, (), root)
        if "root" in values:
            source.report_unknown_key(("root",), keys_of(SiteConfig))
    elif source.value is not None:
        source.report_unexpected((), "keys such as `title:`")
    return source, None if source.problems else config


def without_blanks(values: Mapping[str, object], kind: type[Any]) -> dict[str, object]:
    """The values without the keys of a record that nothing is written for."""
    return {k: v for k, v in values.items() if v is not None or k not in keys_of(kind)}


def validated(
    kind: type[Record], values: Mapping[str, object], source: YamlSource, at: Location, root: Path
) -> Record | None:
    """The record of the values at a location of a file, or None with all problems reported."""
    try:
        return TypeAdapter(kind).validate_python(values, context=root)
    except ValidationError as error:
        for details in error.errors(include_url=False):
            location, context = (*at, *details["loc"]), details.get("ctx", {})
            if details["type"] == "unexpected_keyword_argument":
                nested = details["loc"][:-1] == ("figures",)
                source.report_unknown_key(location, keys_of(FigureOptions if nested else kind))
            elif location[-1] == "[key]":  # so pydantic marks a wrong key of a mapping
                source.report_unknown_key(location[:-1], context["names"])
            elif details["type"] == "missing":
                unknown = set(values) - set(keys_of(kind))
                if not any(nearest(key, ["title"]) for key in unknown):  # else: misspelt
                    source.report(location, "missing; add a line such as `title: My handout`")
            else:
                if isinstance(details["input"], Path):  # a default that is not there
                    source.written[location] = f"`{details['input'].as_posix()}`"
                source.report_unexpected(location, **context)
    return None


def keys_of(kind: type[Any]) -> list[str]:
    """The keys that a record has in its file."""
    return [field.name for field in fields(kind) if field.name != "root"]
