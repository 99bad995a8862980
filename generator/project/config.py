"""site_config.yml -> `SiteConfig`, or every problem in it at once.

In: the path of site_config.yml. Out: a frozen record of settings whose paths exist and
are in the project. It opens no image, no weights and no gallery.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal, get_args
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SkipValidation,
    Strict,
    ValidationInfo,
)
from pydantic.dataclasses import dataclass

from generator.detr.model_cards import ModelCards
from generator.detr.zoo import model_names
from generator.errors import ConfigurationError
from generator.project.fields import (
    DEFAULT_GALLERY,
    Context,
    Line,
    ModelName,
    OnOrOff,
    Threshold,
    Title,
    ZooName,
    a_kind_of,
    expects,
    in_project,
    one_of,
    quotes_needed,
    unexpected,
)
from generator.project.models import ModelSource, cards_of, check_sources, names_in
from generator.project.page_number import ALL, PageNumber
from generator.project.records import CLOSED, read_record
from generator.project.yaml_source import YamlSource, read_yaml

_COLOUR_MAPS = ("viridis", "cividis", "inferno", "magma", "plasma")
DEVICES = ("auto", "cpu", "cuda", "mps")
DEFAULT_THRESHOLD = 0.9
MAX_PIXELS = 50_000_000
MAX_CACHE_GB = 20


def _weights_file(value: object, info: ValidationInfo) -> object:
    """Weights may be anywhere; a relative path starts at the project's folder."""
    if not isinstance(info.context, Context):
        return value
    try:
        path = Path(info.context.root, Path(str(value)).expanduser())
        if isinstance(value, str) and path.is_file():
            return path
    except (OSError, RuntimeError):  # RuntimeError: `~nobody`
        pass
    raise unexpected("the path of a file that exists", quotes_needed(value))


def _site_address(text: str) -> str:
    parts = urlsplit(text)
    if text and (parts.scheme not in ("http", "https") or not parts.hostname or " " in text):
        raise ValueError
    return text if not text or text.endswith("/") else text + "/"


EDITIONS = ("student", "instructor", "both")
Edition = Annotated[Literal["student", "instructor", "both"], one_of(*EDITIONS)]
_OutputName = Literal["site", "pdf"]
OUTPUT_NAMES: tuple[_OutputName, ...] = get_args(_OutputName)
"""In `outputs:`, and after `--no-`: a new one is a word in the line above."""
Output = Annotated[_OutputName, one_of(*OUTPUT_NAMES)]
PrintExtent = Annotated[Literal["core", "full"], one_of("core", "full")]
Engine = Annotated[Literal["mkdocs", "zensical"], one_of("mkdocs", "zensical")]
Paper = Annotated[Literal["a4", "us-letter"], one_of("a4", "us-letter")]
ExplorerLayers = Annotated[Literal["all", "last", "none"], one_of("all", "last", "none")]
Device = Annotated[Literal["auto", "cpu", "cuda", "mps"], one_of(*DEVICES)]
Precision = Annotated[Literal["float32", "bf16"], one_of("float32", "bf16")]
Dpi = Annotated[int, Strict(), Field(ge=72, le=300), expects("a whole number from 72 to 300")]
Pixels = Annotated[int, Strict(), Field(ge=1), expects("a whole number of pixels, at least 1")]
Gigabytes = Annotated[
    int, Strict(), Field(ge=1), expects("a whole number of gigabytes, at least 1")
]
PointsOfQuestion = Annotated[
    int, Strict(), Field(ge=0, le=1000), expects("a whole number of points, from 0 to 1000")
]
SiteAddress = Annotated[
    Line, AfterValidator(_site_address), expects("an address such as `https://example.org/detr/`")
]
Folder = Annotated[Path, in_project("folder"), Field(validate_default=True)]
_WAYS = "`folder:`, `hub:` or `checkpoint:` below it"


@dataclass(frozen=True, config=CLOSED)
class FigureOptions:
    """How figures are drawn; `dpi` is in pixels an inch."""

    colour_map: Annotated[str, one_of(*_COLOUR_MAPS)] = "viridis"
    dpi: Dpi = 150


@dataclass(frozen=True, config=CLOSED)
class Points:
    """What each question of the homework is worth."""

    q1: PointsOfQuestion = 12
    q2: PointsOfQuestion = 8
    q3: PointsOfQuestion = 10

    @property
    def total(self) -> int:
        """The points of all questions."""
        return self.q1 + self.q2 + self.q3


@dataclass(frozen=True, config=CLOSED)
class Homework:
    """What pages and the hand-in notebook say of the homework.

    Attributes:
        points: of each question.
        deadline: in the words in which students are to read it; "" if none is told.
    """

    points: Annotated[Points, a_kind_of((dict, Points), "keys such as `q1:` below it")] = Points()
    deadline: Line = ""


@dataclass(frozen=True, config=CLOSED)
class SiteConfig:
    """The settings of a site; all but `root` and `cards` are keys of site_config.yml.

    Attributes:
        root: the project's folder, the one that holds site_config.yml.
        models: where the models of one's own are, by their names.
        cards: of all models that the gallery can name, by their names.
        precision: of the numbers that a model computes with.
        threshold: the least score of a detection that is shown, 0 < threshold < 1.
        standard_texts: whether texts and templates that the project lacks are the program's own.
        print: how much of the site the PDF holds.
        engine: what makes the site from its pages.
        weights: model name -> a local file that is used in place of a download.
        site_url: where the site is published, "" if nowhere; the printed handout names it.
        max_cache_gb: what `.cache/` may take; the results that were not used for longest go first.
        private_addresses: whether images may be fetched from this machine or its own network.
        causal: whether attention is taken away from the models to see what happens.
        explorer: the layers whose attention can be explored on the page of an image.
        pages: how many images get a page; all, or a number, 0 for `none`.
    """

    root: Path
    title: Annotated[Title, Field(examples=["My handout"])]
    author: Line = ""
    course: Line = ""
    edition: Edition = "student"
    model: ModelName = "detr_emoji"
    threshold: Threshold = DEFAULT_THRESHOLD
    device: Device = "cpu"
    precision: Precision = "float32"
    gallery: Annotated[Path, in_project("file"), Field(validate_default=True)] = DEFAULT_GALLERY
    content: Folder = Path("content")
    templates: Folder = Path("templates")
    standard_texts: OnOrOff = False
    figures: Annotated[
        FigureOptions, a_kind_of((dict, FigureOptions), "keys such as `dpi:` below it")
    ] = FigureOptions()
    outputs: Annotated[
        tuple[Output, ...], a_kind_of((list, tuple), "a list such as `[site, pdf]`")
    ] = ("site", "pdf")
    engine: Engine = "mkdocs"
    paper: Paper = "a4"
    print: PrintExtent = "core"
    weights: Annotated[
        Mapping[ZooName, Annotated[Path, BeforeValidator(_weights_file)]],
        a_kind_of((dict,), "model names below it, each with a file"),
    ] = Field(default_factory=dict)
    models: Annotated[
        Mapping[str, Annotated[ModelSource, a_kind_of((dict, ModelSource), _WAYS)]],
        a_kind_of((dict,), f"names below it, each with {_WAYS}"),
    ] = Field(default_factory=dict)
    cards: SkipValidation[ModelCards] = Field(default_factory=ModelCards)
    max_pixels: Pixels = MAX_PIXELS
    max_cache_gb: Gigabytes = MAX_CACHE_GB
    private_addresses: OnOrOff = False
    causal: OnOrOff = True
    site_url: SiteAddress = ""
    explorer: ExplorerLayers = "all"
    pages: PageNumber = ALL
    homework: Annotated[
        Homework, a_kind_of((dict, Homework), "keys such as `deadline:` below it")
    ] = Homework()


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
    """Reads site_config.yml; the settings are None if the file has problems."""
    source, root = read_yaml(path), path.parent.resolve()
    config = None
    if isinstance(source.value, dict):
        names = tuple(dict.fromkeys((*model_names(), *names_in(source.value))))
        given = {"root": root, "cards": ModelCards()}
        check_sources(source.value, source)
        config = read_record(SiteConfig, source.value, source, root=root, models=names, given=given)
        if config is not None and (config.models or config.weights):
            config = replace(config, cards=cards_of(config, source))
    elif source.value is not None:
        source.report_unexpected((), "keys such as `title:`")
    return source, None if source.problems else config
