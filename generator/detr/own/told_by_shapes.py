"""What the shapes of a DETR's weights tell, and what of them contradicts its card.

In: shapes by official name. Out: numbers of the network, or one sentence on what is wrong. Shapes
tell neither heads nor dilation, nor what the classes are called.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from generator.detr.architecture import DetrArchitecture
from generator.detr.formats.file_header import FileHeader, Shape
from generator.detr.own.identity import CONFIG
from generator.errors import WeightsError

_CLASS_HEAD, _QUERIES = "class_embed.weight", "query_embed.weight"
_ENCODER_NORM = "transformer.encoder.norm.weight"
_NORM = re.compile(r"^backbone\..*(\.bn\d|\.downsample\.1)\.")


def arguments_of(shapes: Mapping[str, Shape]) -> dict[str, Any]:
    """What weights with a class head tell of the command line of their training."""
    return {
        "hidden_dim": shapes[_CLASS_HEAD][1],
        "num_queries": shapes.get(_QUERIES, (0,))[0],
        "enc_layers": _layers(shapes, "encoder"),
        "dec_layers": _layers(shapes, "decoder"),
        "pre_norm": _ENCODER_NORM in shapes,
        "dim_feedforward": shapes.get("transformer.encoder.layers.0.linear1.bias", (0,))[0],
    }


def outputs_of(shapes: Mapping[str, Shape], header: FileHeader, path: Path) -> int:
    """How many outputs the class head has: classes and "no object".

    Raises:
        WeightsError: there is none.
    """
    if len(shapes.get(_CLASS_HEAD, ())) != 2:
        what = f"{', '.join(header.kinds)}; it " if header.kinds else ""
        raise WeightsError(
            f"{path}: {what}has no class head ({_CLASS_HEAD}) of a DETR; name a checkpoint of the "
            "official training, or its weights"
        )
    return shapes[_CLASS_HEAD][0]


def check_shapes(architecture: DetrArchitecture, shapes: Mapping[str, Shape], path: Path) -> None:
    """Refuses weights whose heads or norms are those of another model than the card tells.

    Raises:
        WeightsError: names the tensor, what it is, and what would make it right.
    """
    head = shapes.get(_CLASS_HEAD)
    if head is None:
        raise WeightsError(
            f"{path}: has no class head ({_CLASS_HEAD}), so it detects nothing; save the model for "
            "object detection, not the part without its heads"
        )
    if head[0] != architecture.num_classes + 1:
        raise WeightsError(
            f'{path}: class_embed has {head[0]} outputs: {head[0] - 1} classes and "no object", '
            f"where {architecture.num_classes} are told; mend id2label in {CONFIG}, or `classes:`"
        )
    if architecture.pre_norm != (_ENCODER_NORM in shapes):
        what = (
            "a pre-norm model, and the last norm of its encoder is missing"
            if architecture.pre_norm
            else "has a norm after its encoder, which only pre-norm models have"
        )
        raise WeightsError(f"{path}: {what} ({_ENCODER_NORM}); take the weights that belong to it")


def parameters_of(shapes: Mapping[str, Shape]) -> int:
    """How many numbers the network holds, but for batch norms, which are frozen."""
    return sum(math.prod(shape) for name, shape in shapes.items() if not _NORM.search(name))


def _layers(shapes: Mapping[str, Shape], stack: str) -> int:
    prefix = f"transformer.{stack}.layers."
    numbers = {name.removeprefix(prefix).partition(".")[0] for name in shapes if
               name.startswith(prefix)}  # fmt: skip
    return len(numbers)
