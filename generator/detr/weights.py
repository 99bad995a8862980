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
from generator.detr.hugging_face import from_hugging_face, is_hugging_face
from generator.detr.minimal import MinimalDETR
from generator.detr.model import DETR
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
    if is_hugging_face(state):
        try:
            state = from_hugging_face(state)
        except (RuntimeError, IndexError) as error:
            raise WeightsError(
                f"{path}: not the weights of {card.name}: the projections q, k and v of an "
                "attention have shapes that do not go together"
            ) from error
    model = build_model(card)
    _check(model, state, card, path)
    _refuse_infinite(state, path)
    model.load_state_dict(dict(state))
    return prepare(model)


def build_model(card: ModelCard) -> nn.Module:
    """The network of a card with random weights."""
    if card.architecture is None:
        return MinimalDETR(num_classes=len(card.category_ids))
    return DETR(card.architecture)


def prepare(model: nn.Module) -> nn.Module:
    """Makes a model ready for inference, in place: the same function, faster.

    Frozen batch norms are folded into the convolutions, and the kernels are laid out with
    channels last.
    """
    model.eval().requires_grad_(False)
    fold_batch_norm(model)
    return model.to(memory_format=torch.channels_last)


def _check(model: nn.Module, state: Mapping[str, Tensor], card: ModelCard, path: Path) -> None:
    """Refuses a checkpoint that does not fit the model, and explains how it differs."""
    wanted = model.state_dict()
    missing = [name for name in wanted if name not in state]
    extra = [name for name in state if name not in wanted]
    shapes = [
        f"{name} is {tuple(state[name].shape)} instead of {tuple(value.shape)}"
        for name, value in wanted.items()
        if name in state and state[name].shape != value.shape
    ]
    problems = []
    if missing:
        problems.append(f"{len(missing)} weights are missing, such as {missing[0]}")
    if extra:
        problems.append(f"{len(extra)} weights are too many, such as {extra[0]}")
    if shapes:
        problems.append(f"{len(shapes)} have another shape: {shapes[0]}")
    if problems:
        raise WeightsError(f"{path}: not the weights of {card.name}: {'; '.join(problems)}")


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
