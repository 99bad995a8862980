"""Which model a weights file is of, from what says so: shapes prove nothing.

In: a file under the name of a model of the zoo, or what a training's command line tells. Out: the
card with what is known of the file, or one sentence that says whose weights they are instead.
DC5 changes no shape, and 91 outputs are not COCO's 91 classes: what nothing tells stays unknown.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from generator.detr.architecture import SMALL_BODIES, DetrArchitecture
from generator.detr.formats.file_header import FileHeader, read_header
from generator.detr.own.class_names import ClassNames, numbered, of_labels, of_training
from generator.detr.own.config_card import architecture_of, labels_of
from generator.detr.own.input_card import input_rule
from generator.detr.own.resnet_names import BASIC, RESNETS
from generator.detr.zoo import ModelCard, model_card, model_names
from generator.errors import WeightsError

CONFIG = "config.json"
PREPROCESSOR = "preprocessor_config.json"
_MOST_CONFIG = 10_000_000

_ARGUMENTS = {
    "backbone": "backbone",
    "dilation": "dilation",
    "hidden_dim": "hidden_dim",
    "nheads": "nheads",
    "enc_layers": "num_encoder_layers",
    "dec_layers": "num_decoder_layers",
    "dim_feedforward": "dim_feedforward",
    "num_queries": "num_queries",
    "pre_norm": "pre_norm",
}
"""The options of the official training, and what they are in an architecture."""


def of_zoo(name: str, path: Path) -> ModelCard:
    """The card of the zoo's model of a name, whose weights are taken from another file.

    Raises:
        WeightsError: something says that these are the weights of another model.
    """
    card = model_card(name)
    if card.detr is not None and card.detr.backbone in SMALL_BODIES:
        return card  # nobody else has such a network
    config = path.parent / CONFIG
    if config.is_file() and path.suffix != ".pth":
        return _of_config(card, config)
    try:
        header = read_header(path)
    except WeightsError:
        return card  # whoever loads it says what is wrong
    if header.arguments.get("backbone"):
        return _of_arguments(card, header, path)
    if (official := official_model(path)) is not None:
        if official.name != card.name:
            raise WeightsError(
                f"{path}: these are the weights of {official.name}, by their SHA-256; write "
                f"`{official.name}:` in place of `{card.name}:`"
            )
        return replace(card, identity=f"the SHA-256 of the official {card.name}")
    nothing = f"nothing in {path.name} says which model it is, so {card.name} is taken on trust"
    notes = (
        f"The file {path.name} was named as {card.name}, and says neither whether that is so nor "
        "what its classes are: they have numbers here."
    )
    names = numbered(len(card.category_ids))
    return _named(replace(_unproven(card, notes), identity=nothing), names)


def _named(card: ModelCard, classes: ClassNames) -> ModelCard:
    """The card with the names of its classes; their ids stay."""
    return replace(
        card,
        category_names=classes.names,
        is_named=classes.is_known,
        names_from=classes.origin,
    )


def _unproven(card: ModelCard, notes: str) -> ModelCard:
    """The card without what is known of the official weights alone: these are others."""
    return replace(card, notes=notes, ap=None, dataset="not known")


def official_model(path: Path) -> ModelCard | None:
    """The zoo's model that a file is of, by its SHA-256."""
    try:
        stat = path.stat()
    except OSError:
        return None
    digest = _sha256(path, stat.st_size, stat.st_mtime_ns)
    cards = map(model_card, model_names())
    return next((one for one in cards if digest.startswith(one.checkpoint_hash or "-")), None)


@lru_cache(maxsize=16)
def _sha256(path: Path, _size: int, _time: int) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_json(path: Path) -> Mapping[str, Any]:
    """The mapping of a config.json or the like.

    Raises:
        WeightsError: the file cannot be read, or holds something else.
    """
    try:
        with path.open("rb") as file:
            value = json.loads(file.read(_MOST_CONFIG))
    except OSError as error:
        raise WeightsError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise WeightsError(f"{path}: not JSON; copy or download it again") from error
    if not isinstance(value, Mapping):
        raise WeightsError(f"{path}: expected keys such as model_type, found something else")
    return value


def differences(known: DetrArchitecture, told: DetrArchitecture) -> str:
    """How an architecture differs from what was expected, in words; "" if it does not."""
    pairs = [
        f"{name} is {getattr(told, name)!r} instead of {getattr(known, name)!r}"
        for name in _ARGUMENTS.values()
        if getattr(told, name) != getattr(known, name)
    ]
    return ", ".join(pairs)


def told_by(
    arguments: Mapping[str, Any], base: DetrArchitecture | None, classes: int, path: Path
) -> DetrArchitecture:
    """The architecture that a training's command line tells; what it leaves out is the base's.

    Raises:
        WeightsError: an option is missing, is no number, or asks for what cannot be run.
    """
    if arguments.get("position_embedding", "sine") not in ("sine", "v2"):
        raise WeightsError(
            f"{path}: trained with --position_embedding {arguments['position_embedding']}; only "
            "sine can be run"
        )
    values: dict[str, Any] = {}
    for option, name in _ARGUMENTS.items():
        value = arguments.get(option, None if base is None else getattr(base, name))
        kind = {"backbone": str, "dilation": bool, "pre_norm": bool}.get(option, int)
        if type(value) is not kind:
            raise WeightsError(
                f"{path}: says nothing of {option} that can be read; name the model that it was "
                "made from with `base:`"
            )
        values[name] = value
    told = DetrArchitecture(num_classes=classes, **values)
    _refuse_impossible(told, path)
    return told


def _refuse_impossible(told: DetrArchitecture, path: Path) -> None:
    """Refuses numbers of which no network can be built here."""
    if told.backbone not in RESNETS:
        raise WeightsError(
            f"{path}: trained with --backbone {told.backbone}; only {', '.join(RESNETS)} can be run"
        )
    if told.dilation and told.backbone in BASIC:
        raise WeightsError(f"{path}: trained with --dilation, which {told.backbone} has not here")
    numbers = {name: getattr(told, name) for name in _ARGUMENTS.values()}
    wrong = [f"{name} {one}" for name, one in numbers.items() if type(one) is int and one < 1]
    if wrong:
        raise WeightsError(f"{path}: tells of {wrong[0]}, and each number has to be 1 at least")
    if told.hidden_dim % told.nheads or told.hidden_dim % 2:
        raise WeightsError(
            f"{path}: hidden_dim is {told.hidden_dim}, which {told.nheads} heads, and rows and "
            "columns of positions, cannot share evenly"
        )


def _of_config(card: ModelCard, config: Path) -> ModelCard:
    written = read_json(config)
    try:
        told, labels = architecture_of(written), labels_of(written)
    except WeightsError as error:
        raise WeightsError(f"{config}: {error}") from error
    if card.detr is None:
        raise WeightsError(
            f"{config}: of a model of transformers, and {card.name} is none of these"
        )
    different = differences(card.detr, told)
    if told.num_classes != card.detr.num_classes:
        fine_tune = f"a fine-tune of {told.num_classes} classes, not {card.detr.num_classes}"
        different = ", ".join(filter(None, (different, fine_tune)))
    if different := different or _other_input(card, config.with_name(PREPROCESSOR)):
        raise WeightsError(
            f"{config}: not {card.name}: {different}; name its folder under `models:`"
        )
    classes = of_labels(labels, CONFIG)
    identity = f"{CONFIG} beside it"
    if classes.names == card.category_names:
        return replace(card, identity=identity, names_from=classes.origin)
    notes = f"What this model is was read from the {identity}, whose classes are not COCO's."
    return _named(replace(_unproven(card, notes), identity=identity), classes)


def _other_input(card: ModelCard, file: Path) -> str:
    """How images are to be prepared in another way than the card says; "" if they are not."""
    if not file.is_file():
        return ""
    try:
        rule = input_rule(read_json(file))
    except WeightsError as error:
        return f"{file.name}: {error}"
    for name in ("short_side", "long_side_cap", "fixed_hw", "mean", "std"):
        if getattr(rule, name) != getattr(card, name):
            return f"{file.name} has another {name}, {getattr(rule, name)}"
    return ""


def _of_arguments(card: ModelCard, header: FileHeader, path: Path) -> ModelCard:
    if card.detr is None:
        raise WeightsError(f"{path}: of the official training, which never made a {card.name}")
    told = told_by(header.arguments, card.detr, card.detr.num_classes, path)
    if different := differences(card.detr, told):
        raise WeightsError(
            f"{path}: not {card.name}, as its training's command line says: {different}; name it "
            "under `models:` with `checkpoint:`"
        )
    identity = "the command line of its training"
    card = replace(
        _unproven(card, f"What this model is was read from {identity}."), identity=identity
    )
    return _named(card, of_training(header.arguments, len(card.category_ids)))
