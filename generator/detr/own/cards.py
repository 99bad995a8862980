"""A model of one's own -> its `ModelCard`, from what lies beside its weights or in them.

In: a folder that `save_pretrained` wrote, or a checkpoint of the official training. Out: a card.
Only headers are read, so that this takes no time and no torch; whatever cannot be run is refused
with one sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.detr.architecture import DetrArchitecture
from generator.detr.formats.file_header import FileHeader, Shape, read_header
from generator.detr.formats.key_names import official_shapes
from generator.detr.formats.shards import INDEX
from generator.detr.own.class_names import (
    BY_ARGUMENT,
    Classes,
    ClassNames,
    of_labels,
    of_official,
    of_project,
    of_training,
)
from generator.detr.own.config_card import architecture_of, labels_of
from generator.detr.own.identity import (
    CONFIG,
    PREPROCESSOR,
    differences,
    official_model,
    read_json,
    told_by,
)
from generator.detr.own.input_card import InputRule, input_rule
from generator.detr.own.told_by_shapes import (
    arguments_of,
    check_shapes,
    outputs_of,
    parameters_of,
)
from generator.detr.relatives.architecture import (
    RelativeArchitecture,
    is_relative,
    matching_weights_of,
)
from generator.detr.zoo import HubAddress, ModelCard, SizeRule, model_card
from generator.errors import WeightsError

SAFETENSORS = "model.safetensors"
WEIGHTS = (SAFETENSORS, f"model{INDEX}", "pytorch_model.bin")
"""The names of weights in a folder, the best first."""


def card_of_folder(
    name: str,
    folder: Path,
    source: str = "",
    hub: HubAddress | None = None,
    header: FileHeader | None = None,
) -> ModelCard:
    """The card of a folder that `save_pretrained` wrote.

    Args:
        source: where it is from, in words; without it the folder's name.
        hub: where it was downloaded from.
        header: of weights that are not in the folder yet.

    Raises:
        WeightsError: what is missing, or cannot be run, in one sentence.
    """
    config_file = folder / CONFIG
    if not config_file.is_file():
        raise WeightsError(f"{folder}: has no {CONFIG}, which says what model it is; " + (
            "save_pretrained writes it beside the weights" if hub is None else "it is no model of "
            "transformers"))  # fmt: skip
    config, notes = read_json(config_file), ""
    kind = config.get("model_type")
    try:
        architecture = (
            _relative(str(kind), config) if is_relative(kind) else architecture_of(config)
        )
        classes = of_labels(labels_of(config), CONFIG)
        matching = (
            architecture.matching_weights
            if isinstance(architecture, RelativeArchitecture)
            else matching_weights_of(config, "{}_cost")
        )
    except WeightsError as error:
        raise WeightsError(f"{config_file}: {error}") from error
    if (file := folder / PREPROCESSOR).is_file():
        try:
            rule = input_rule(read_json(file), str(kind))
        except WeightsError as error:
            raise WeightsError(f"{file}: {error}") from error
    else:
        rule = input_rule({}, str(kind))
        notes = f" It has no {PREPROCESSOR}, so images are resized as is usual for {kind}."
    weights = _weights_in(folder) if header is None else folder / SAFETENSORS
    header = header or read_header(weights)
    shapes = header.shapes
    if isinstance(architecture, DetrArchitecture):  # of others, transformers itself compares
        shapes = official_shapes(shapes)
        check_shapes(architecture, shapes, weights)
    notes = _said_of(header) + notes
    known = _Known(classes, f"its {CONFIG}", notes, matching, "transformers")
    return _card(name, source or folder.name, architecture, rule, known, shapes, weights, hub)


def card_of_checkpoint(
    name: str, path: Path, classes: Classes | None = None, base: str | None = None
) -> ModelCard:
    """The card of a checkpoint in the official format, of a whole training or its weights alone.

    Args:
        classes: their names, in the order of the outputs or by their numbers; or what they are.
        base: the model of the zoo that tells what the file does not.

    Raises:
        WeightsError: what is missing, or cannot be run, in one sentence.
    """
    header = read_header(path)
    shapes, is_told = official_shapes(header.shapes), bool(header.arguments.get("backbone"))
    outputs = outputs_of(shapes, header, path)
    official = None if is_told else official_model(path)
    known = official if base is None else model_card(base)
    basis = None if known is None else known.detr
    if official is not None and known is not official:
        raise WeightsError(f"{path}: the official {official.name}, by its SHA-256, not {base}")
    if not is_told and basis is None:
        raise WeightsError(
            f"{path}: says neither how many heads its attention has nor whether it is DC5; name "
            "the model that it was made from, such as `base: detr_resnet50`, or a folder with its "
            f"{CONFIG}"
        )
    told = told_by({**arguments_of(shapes), **header.arguments}, basis, outputs - 1, path)
    if base is not None and basis is not None and is_told:
        _refuse_other_base(told, basis, base, path)
    check_shapes(told, shapes, path)
    identity = (
        "the command line of its training"
        if is_told
        else f"`base: {base}` in site_config.yml" if official is None
        else f"its SHA-256, that of the official {official.name}"
    )  # fmt: skip
    try:
        if classes is not None:
            named = of_project(classes, outputs - 1)
        elif official is not None:
            named = of_official(outputs - 1)
        else:
            named = of_training(header.arguments, outputs - 1)
        matching = matching_weights_of(header.arguments, "set_cost_{}")
    except WeightsError as error:
        raise WeightsError(f"{path}: {error}") from error
    about = _Known(named, identity, _said_of(header), matching)
    return _card(name, path.name, told, InputRule(), about, shapes, path, None)


def _relative(kind: str, config: Mapping[str, Any]) -> RelativeArchitecture:
    architecture = RelativeArchitecture(kind, config)
    architecture.check()
    return architecture


@dataclass(frozen=True)
class _Known:
    """What is known of a model besides its numbers, as in `ModelCard`."""

    classes: ClassNames
    identity: str
    notes: str
    matching_weights: tuple[float, float, float]
    size_rule: SizeRule = "official"


def _card(
    name: str, source: str, architecture: DetrArchitecture | RelativeArchitecture, rule: InputRule,
    known: _Known, shapes: Mapping[str, Shape], weights: Path, hub: HubAddress | None,
) -> ModelCard:  # fmt: skip
    multiple = architecture.size_multiple if isinstance(architecture, RelativeArchitecture) else 1
    classes = known.classes
    return ModelCard(
        name=name,
        title=name,
        source=source,
        dataset="not known",
        architecture=architecture,
        checkpoint_url=None,
        ap=None,
        short_side=rule.short_side,
        long_side_cap=rule.long_side_cap,
        size_multiple=multiple,
        category_ids=classes.ids,
        category_names=classes.names,
        parameters=parameters_of(shapes),
        notes=(
            f"What this model is was read from {known.identity}.{_said_of_names(classes)}"
            f"{known.notes}"
        ),
        mean=rule.mean,
        std=rule.std,
        fixed_hw=rule.fixed_hw,
        size_rule=known.size_rule,
        matching_weights=known.matching_weights,
        identity=known.identity,
        is_named=classes.is_known,
        names_from=classes.origin,
        weights=weights,
        hub=hub,
    )


def _weights_in(folder: Path) -> Path:
    found = next((folder / one for one in WEIGHTS if (folder / one).is_file()), None)
    if found is None:
        raise WeightsError(f"{folder}: has no weights; {SAFETENSORS} belongs beside {CONFIG}")
    return found


def _said_of_names(classes: ClassNames) -> str:
    """What the notes say of the names, where these are unknown or taken on trust."""
    if classes.origin == BY_ARGUMENT:
        return f" The names of its classes are {classes.origin}."
    if classes.is_known:
        return ""
    why = f" ({classes.origin})" if classes.origin else ""
    return f" Nothing says what its classes are called{why}; they have numbers."


def _said_of(header: FileHeader) -> str:
    return f" The file is {', '.join(header.kinds)}." if header.kinds else ""


def _refuse_other_base(
    told: DetrArchitecture, basis: DetrArchitecture, base: str, path: Path
) -> None:
    """What the file itself says of backbone and dilation counts more than a base."""
    for part in ("backbone", "dilation"):
        if getattr(told, part) != getattr(basis, part):
            raise WeightsError(
                f"{path}: not made from {base}: its training's command line says "
                f"{differences(basis, told)}; leave out `base:`, or name the right one"
            )
