"""`models:` of site_config.yml -> `ModelSource`s, and of these the cards of all models.

In: the keys below `models:` and `weights:`. Out: `ModelCards`, or every problem with its line. It
opens headers of weights, downloads nothing, and needs no torch.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

from pydantic import BeforeValidator, Field, ValidationInfo
from pydantic.dataclasses import dataclass

from generator.detr.model_cards import ModelCards
from generator.detr.own.cards import card_of_checkpoint, card_of_folder
from generator.detr.own.class_names import Word
from generator.detr.own.hub_cache import card_in_cache
from generator.detr.own.identity import of_zoo
from generator.detr.zoo import ModelCard, model_names
from generator.errors import UnavailableError, WeightsError
from generator.project.fields import Context, one_of, quotes_needed, unexpected
from generator.project.records import CLOSED
from generator.project.yaml_source import Location, YamlSource

if TYPE_CHECKING:
    from generator.project.config import SiteConfig

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
"""A name of a model is part of files and addresses, where some systems know no capitals."""
_REPOSITORY = re.compile(r"[\w.-]{1,96}(/[\w.-]{1,96})?", re.ASCII)
_REVISION = re.compile(r"\w[\w./-]{0,199}", re.ASCII)
BASES = tuple(name for name in model_names() if "resnet" in name)
WAYS = ("folder", "hub", "checkpoint")
_MOST_CLASSES = 10_000
_LONGEST_CLASS = 100


def _somewhere(kind: str) -> Callable[[object, ValidationInfo], object]:
    """A file or folder anywhere; a relative path starts at the project's folder."""

    def check(value: object, info: ValidationInfo) -> object:
        if not isinstance(info.context, Context) or value is None:
            return value
        try:
            path = Path(info.context.root, Path(str(value)).expanduser())
            if isinstance(value, str) and (path.is_file() if kind == "file" else path.is_dir()):
                return path
        except (OSError, RuntimeError, ValueError):  # RuntimeError: `~nobody`
            pass
        raise unexpected(f"the path of a {kind} that exists", quotes_needed(value))

    return check


def _fits(pattern: re.Pattern[str], phrase: str) -> BeforeValidator:
    def check(value: object) -> object:
        if value is None or (
            isinstance(value, str) and pattern.fullmatch(value) and ".." not in value
        ):
            return value
        raise unexpected(phrase, quotes_needed(value))

    return BeforeValidator(check)


def _class_names(value: object) -> object:
    """A list of names, numbers with names, or a word for all; YAML's keys are words."""
    phrase = (
        "names such as `[cell, nucleus]`, numbers with names such as `{1: cell}`, `coco`, or "
        "`unknown`"
    )
    if value in get_args(Word):
        return value
    if isinstance(value, dict):
        try:
            value = {int(str(number)): name for number, name in value.items()}
        except ValueError:
            raise unexpected(phrase) from None
    names = list(value.values()) if isinstance(value, dict) else value
    if not isinstance(names, list | tuple) or not 1 <= len(names) <= _MOST_CLASSES:
        raise unexpected(phrase)
    for name in names:
        if not isinstance(name, str) or not 1 <= len(name.strip()) <= _LONGEST_CLASS:
            raise unexpected(phrase, quotes_needed(name))
    return value


@dataclass(frozen=True, config=CLOSED)
class ModelSource:
    """Where a model of one's own is: in a folder, on the Hub, or in a checkpoint.

    Attributes:
        folder: what `save_pretrained` wrote.
        hub: the name of a repository on the Hugging Face Hub.
        revision: its branch, tag or commit.
        checkpoint: a file of the official training, or its weights alone.
        classes: the names of a checkpoint's classes, in order or by number; or whether they are
            COCO's, or unknown.
        base: the model of the zoo that tells of a checkpoint what it does not itself.
    """

    folder: Annotated[Path | None, BeforeValidator(_somewhere("folder"))] = None
    hub: Annotated[
        str | None,
        _fits(_REPOSITORY, "a repository such as `microsoft/table-transformer-detection`"),
    ] = None
    revision: Annotated[str, _fits(_REVISION, "a branch, a tag or a commit")] = "main"
    checkpoint: Annotated[Path | None, BeforeValidator(_somewhere("file"))] = None
    classes: Annotated[
        tuple[str, ...] | Mapping[int, str] | Word | None, BeforeValidator(_class_names)
    ] = Field(default=None)
    base: Annotated[str | None, one_of(*BASES)] = None

    def card(self, name: str) -> ModelCard:
        """The model's card.

        Raises:
            WeightsError: it cannot be run, in one sentence.
            UnavailableError: it has to be downloaded first.
        """
        if self.folder is not None:
            return card_of_folder(name, self.folder)
        if self.checkpoint is not None:
            return card_of_checkpoint(name, self.checkpoint, self.classes, self.base)
        return card_in_cache(name, self.hub or "", self.revision)


def names_in(value: object) -> tuple[str, ...]:
    """The names of the models that a configuration adds to the zoo's, right or wrong."""
    models = value.get("models") if isinstance(value, dict) else None
    return tuple(map(str, models)) if isinstance(models, dict) else ()


def check_sources(value: object, source: YamlSource) -> None:
    """Reports names that cannot be, and models that name no place, several, or too much."""
    models = value.get("models") if isinstance(value, dict) else None
    for name, written in models.items() if isinstance(models, dict) else ():
        at: Location = ("models", name)
        if not _NAME.fullmatch(name):
            message = f"expected a name of a-z, 0-9, `-` and `_`, found `{name}`"
            source.report(("models",), message, source.key_lines.get(at))
        elif name in model_names():
            message = f"`{name}` is a model of this program; give yours another name"
            source.report(("models",), message, source.key_lines.get(at))
        if not isinstance(written, dict):
            source.report_unexpected(at, "`folder:`, `hub:` or `checkpoint:` below it")
            continue
        keys = [key for key, one in written.items() if one is not None]
        ways = [key for key in WAYS if key in keys]
        if len(ways) != 1:
            message = f"has {' and '.join(f'`{one}:`' for one in ways)}; keep one of them"
            source.report(at, message if ways else "needs `folder:`, `hub:` or `checkpoint:`")
            continue
        for key, way in (("revision", "hub"), ("classes", "checkpoint"), ("base", "checkpoint")):
            if key in keys and way not in ways:
                why = f"`{key}:` belongs to `{way}:`; leave it out"
                source.report((*at, key), why, source.key_lines.get((*at, key)))


def cards_of(config: SiteConfig, source: YamlSource | None = None) -> ModelCards:
    """The cards of a project's models.

    Args:
        source: where problems are reported; without it a model with one is away, and says why.
    """
    own: dict[str, ModelCard] = {}
    away: dict[str, str] = {}
    jobs: list[tuple[Location, Callable[[], ModelCard]]] = [
        (("models", name), _job(one.card, name)) for name, one in config.models.items()
    ]
    jobs += [(("weights", name), _job(of_zoo, name, path)) for name, path in config.weights.items()]
    for at, make in jobs:
        name = str(at[-1])
        try:
            own[name] = make()
        except UnavailableError as error:
            away[name] = str(error)
        except WeightsError as error:
            if source is None:
                away[name] = str(error)
            else:
                source.report(at, str(error), source.key_lines.get(at))
    return ModelCards(own, away)


def _job(function: Callable[..., ModelCard], *given: Any) -> Callable[[], ModelCard]:
    return lambda: function(*given)
