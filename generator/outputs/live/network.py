"""A shipped network as its browser's twin reads it: a model card in, numbers by name out.

Batch norms are multiplied into the convolutions before them, as by `detr.backbone.fold_batch_norm`,
so that the twin has none. Names stay those of the official checkpoints.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load_file

from generator.detr.architecture import SMALL_BODIES, SMALL_BODY_PADDING
from generator.detr.imagenet import DEVIATION, MEAN
from generator.detr.zoo import ModelCard
from generator.errors import WeightsError

Tensors = Mapping[str, npt.NDArray[np.float32]]
_EPSILON = 1e-5
"""That of a frozen batch norm."""


@dataclass(frozen=True, eq=False)
class LiveNetwork:
    """What `detr.js` needs to be this network.

    Attributes:
        description: the numbers that it is built from, as JSON holds them; `ModelCard` in
            `templates/assets/live/weights.js`, but for `type` and `tensors`.
        tensors: weights by name, without batch norms.
    """

    description: Mapping[str, Any]
    tensors: Tensors


def can_run_live(card: ModelCard) -> bool:
    """Whether a model is small enough for the reader's browser, and shipped with this package."""
    architecture = card.architecture
    return card.is_shipped and architecture is not None and architecture.backbone in SMALL_BODIES


def live_network(card: ModelCard, state: Tensors) -> LiveNetwork:
    """Describes a network with a small backbone.

    Args:
        card: the model's.
        state: its weights, as `read_tensors` reads them.

    Raises:
        ValueError: the model's backbone is no small one.
    """
    architecture = card.architecture
    if architecture is None or architecture.backbone not in SMALL_BODIES:
        raise ValueError(f"{card.name} has no small backbone")
    body = SMALL_BODIES[architecture.backbone]
    return LiveNetwork(
        description={
            "name": card.name,
            "title": card.title,
            "architecture": dataclasses.asdict(architecture),
            "stem": {
                "kernel": body.kernel, "stride": body.stride, "padding": SMALL_BODY_PADDING,
            },
            "input": {
                "short_side": card.short_side,
                "long_side_cap": card.long_side_cap,
                "size_multiple": card.size_multiple,
            },
            "mean": MEAN,
            "deviation": DEVIATION,
            "categories": [
                {"id": number, "name": name}
                for number, name in zip(card.category_ids, card.category_names, strict=True)
            ],
        },
        tensors=fold_batch_norms(state),
    )  # fmt: skip


def read_tensors(path: Path) -> Tensors:
    """Reads weights, without torch.

    Raises:
        WeightsError: the file cannot be read.
    """
    try:
        return dict(load_file(path))
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"{path}: the weights cannot be read ({error})") from error


def fold_batch_norms(state: Tensors) -> Tensors:
    """Multiplies each batch norm into the convolution before it.

    A frozen one is `w (x - mean) / sqrt(var + eps) + b` per channel (arXiv 1502.03167): a factor
    for the kernel, and a bias that the convolution did not have.
    """
    folded = dict(state)
    norms = [name.removesuffix("running_var") for name in state if name.endswith("running_var")]
    for norm in norms:
        weight, bias, mean, variance = (
            folded.pop(norm + part).astype(np.float64)
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        factor = weight / np.sqrt(variance + _EPSILON)
        conv = _convolution_before(norm)
        kernel = state[f"{conv}weight"] * factor[:, None, None, None]
        folded[f"{conv}weight"] = kernel.astype(np.float32)
        folded[f"{conv}bias"] = (bias - mean * factor).astype(np.float32)
    return folded


def _convolution_before(norm: str) -> str:
    """`layer1.0.bn2.` follows `layer1.0.conv2.`, and `downsample.1.` follows `downsample.0.`."""
    if norm.endswith("downsample.1."):
        return norm.removesuffix("1.") + "0."
    return norm.replace(".bn", ".conv")
