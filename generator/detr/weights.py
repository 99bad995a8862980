"""From a weights file to a network that is ready to run.

In: a model card and a file: the official `.pth`, our safetensors, or a Hugging Face
`model.safetensors` of the same model. Out: the network in evaluation mode, folded and
laid out for speed. `checkpoint` reads the file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from generator.detr.backbone import fold_batch_norm
from generator.detr.checkpoint import read_state
from generator.detr.formats.key_names import is_of_transformers
from generator.detr.hugging_face import from_hugging_face
from generator.detr.minimal import MinimalDETR
from generator.detr.model import DETR
from generator.detr.relatives.load import load_relative
from generator.detr.zoo import ModelCard
from generator.errors import WeightsError


def load_model(card: ModelCard, path: Path, sha256: str | None = None) -> nn.Module:
    """Builds the model of a card and loads its weights.

    Args:
        sha256: what the file has to have; None takes it as it is.

    Raises:
        WeightsError: the file cannot be read, or holds another model or no usable numbers.
        ChangedError: its SHA-256 is another one.
    """
    state = read_state(path, sha256)
    if card.relative is not None:
        return load_relative(card, state)
    if is_of_transformers(state):
        try:
            state = from_hugging_face(state)
        except (RuntimeError, IndexError) as error:
            raise WeightsError(
                f"{path}: not the weights of {card.name}: the projections q, k and v of an "
                "attention have shapes that do not go together"
            ) from error
    model = build_model(card)
    wanted = model.state_dict()
    # How often batch norms were updated is no weight, and some formats leave it out.
    state = {name: one for name, one in state.items() if name in wanted or not _is_count(name)}
    counts = {name: one for name, one in wanted.items() if _is_count(name)}
    _check(wanted, counts | state, card, path)
    _refuse_infinite(state, path)
    model.load_state_dict(counts | state)
    return prepare(model)


def _is_count(name: str) -> bool:
    return name.endswith(".num_batches_tracked")


def build_model(card: ModelCard) -> nn.Module:
    """The network of a card with random weights.

    Raises:
        TypeError: the card is of a relative, which transformers builds.
    """
    if card.relative is not None:
        raise TypeError(f"{card.name} is a relative, which runs through transformers")
    if card.detr is None:
        return MinimalDETR(num_classes=len(card.category_ids))
    return DETR(card.detr)


def prepare(model: nn.Module) -> nn.Module:
    """Makes a model ready for inference, in place: the same function, faster.

    Frozen batch norms are folded into the convolutions, and the kernels are laid out with
    channels last.
    """
    model.eval().requires_grad_(False)
    fold_batch_norm(model)
    return model.to(memory_format=torch.channels_last)


def _check(
    wanted: Mapping[str, Tensor], state: Mapping[str, Tensor], card: ModelCard, path: Path
) -> None:
    """Refuses a checkpoint that does not fit the model, and explains how it differs."""
    missing = [name for name in wanted if name not in state]
    extra = [name for name in state if name not in wanted]
    shapes = [
        f"{name} is {tuple(state[name].shape)} instead of {tuple(value.shape)}"
        for name, value in wanted.items()
        if name in state and state[name].shape != value.shape
    ]
    problems = [] if missing else _telling(wanted, state, card)
    if missing:
        problems.append(f"{len(missing)} weights are missing, such as {missing[0]}")
    if extra:
        problems.append(f"{len(extra)} weights are too many, such as {extra[0]}")
    if shapes:
        problems.append(f"{len(shapes)} have another shape: {shapes[0]}")
    if problems:
        raise WeightsError(f"{path}: not the weights of {card.name}: {'; '.join(problems)}")


def _telling(
    wanted: Mapping[str, Tensor], state: Mapping[str, Tensor], card: ModelCard
) -> list[str]:
    """What a shape says of the model that it is of, and what makes it right."""
    told = []
    for name, what in (("class_embed.weight", "classes"), ("query_embed.weight", "queries")):
        if name not in wanted or state[name].shape == wanted[name].shape:
            continue
        actual, expected = state[name].shape[0], wanted[name].shape[0]
        if what == "classes":
            said = f"class_embed has {actual} outputs: {actual - 1} classes, not {expected - 1}"
        else:
            said = f"query_embed has {actual} queries, not {expected}"
        advice = (
            f"mend its config.json, or what `models:` says of {card.name}"
            if card.is_own
            else "this is a fine-tune: name it under `models:` in site_config.yml"
        )
        told.append(f"{said}; {advice}")
    return told


def _refuse_infinite(state: Mapping[str, Tensor], path: Path) -> None:
    """Refuses weights with which a model would find nothing, without a word."""
    # A sum in double precision is finite where all weights are, and takes a tenth of the time.
    sums = {name: float(value.sum(dtype=torch.float64)) for name, value in state.items()}
    names = [name for name, total in sums.items() if not math.isfinite(total)]
    if names:
        raise WeightsError(
            f"{path}: holds NaN or infinity where weights should be, in {names[0]}"
            f"{f' and {len(names) - 1} more' if names[1:] else ''}; with them the model finds "
            "nothing. Take a checkpoint from before its training went wrong"
        )
