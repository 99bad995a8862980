"""site_config.yml -> `SiteConfig`, or every problem in it at once.

In: the path of site_config.yml. Out: a frozen record of settings whose paths exist and
lie in the project. It opens no image, no weights and no gallery.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
)
from pydantic.dataclasses import dataclass

from generator.errors import ConfigurationError
from generator.project.fields import (
    DEFAULT_GALLERY,
    Line,
    ModelName,
    Threshold,
    Title,
    a_kind_of,
    expects,
    in_project,
    one_of,
    quotes_needed,
    unexpected,
)
from generator.project.suggest import nearest
from generator.project.yaml_source import Location, YamlSource, read_yaml

_COLOUR_MAPS = ("viridis", "cividis", "inferno", "magma", "plasma")
DEVICES = ("auto", "cpu", "cuda", "mps")
DEFAULT_THRESHOLD = 0.9
MAX_PIXELS = 50_000_000
Record = TypeVar("Record")
CLOSED = ConfigDict(extra="forbid")


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


EDITIONS = ("student", "instructor", "both")
Edition = Annotated[Literal["student", "instructor", "both"], one_of(*EDITIONS)]
Output = Annotated[Literal["site", "pdf"], one_of("site", "pdf")]
OUTPUT_NAMES: tuple[Output, ...] = ("site", "pdf")
"""In `outputs:`, and after `--no-`."""
Paper = Annotated[Literal["a4", "us-letter"], one_of("a4", "us-letter")]
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
        tuple[Output, ...], a_kind_of((list, tuple), "a list such as `[site, pdf]`")
    ] = ("site", "pdf")
    paper: Paper = "a4"
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
