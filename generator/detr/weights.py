"""From a weights file to a network that is ready to run.

In: a model card and a file: the official `.pth`, our safetensors, or a Hugging Face
`model.safetensors` of the same model. Out: the network in evaluation mode, folded and
laid out for speed. Reading a file runs none of the code that it might hold.
"""

from __future__ import annotations

import argparse
import pickle
import warnings
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from generator.detr.backbone import fold_batch_norm
from generator.detr.hugging_face import from_hugging_face, is_hugging_face
from generator.detr.minimal import MinimalDETR
from generator.detr.model import DETR
from generator.detr.zoo import ModelCard
from generator.errors import WeightsError


def load_model(card: ModelCard, path: Path) -> nn.Module:
    """Builds the model of a card and loads its weights.

    Raises:
        WeightsError: the file cannot be read, or holds another model.
    """
    state = read_state(path)
    if is_hugging_face(state):
        state = from_hugging_face(state)
    model = build_model(card)
    _check(model, state, card, path)
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


def read_state(path: Path) -> Mapping[str, Tensor]:
    """Reads the tensors of a checkpoint, by name.

    Official training checkpoints also hold their command line, an `argparse.Namespace`;
    that one class is allowed, and nothing else that could run code.

    Raises:
        WeightsError: the file is not a checkpoint, or holds something else.
    """
    try:
        if path.suffix == ".safetensors":
            return dict(load_file(path))
        with torch.serialization.safe_globals([argparse.Namespace]), warnings.catch_warnings():
            warnings.simplefilter("error")  # torch only warns of an odd pickle protocol
            saved = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, ValueError, KeyError, SafetensorError) as error:
        raise WeightsError(
            f"{path}: the file is damaged or not a checkpoint; copy or download it again ({error})"
        ) from error
    except (pickle.UnpicklingError, UserWarning) as error:
        raise WeightsError(
            f"{path}: the file holds Python objects that are not weights; it was not run"
        ) from error
    state = saved.get("model", saved) if isinstance(saved, Mapping) else saved
    if not isinstance(state, Mapping) or not all(isinstance(v, Tensor) for v in state.values()):
        raise WeightsError(f"{path}: expected weights by name, found something else")
    return dict(state)


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
