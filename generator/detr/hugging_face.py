"""Renames the weights of the transformers package's DETR to the official names.

In: tensors of a `model.safetensors` of `DetrForObjectDetection`,
`DetrForSegmentation` or `TableTransformerForObjectDetection`. Out: the same as the official
checkpoint names them; the separate projections of queries, keys and values become one matrix again.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from generator.detr.formats.key_names import (
    PROJECTIONS,
    official_name,
    projection_of,
)


def from_hugging_face(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Gives every tensor its official name."""
    renamed: dict[str, Tensor] = {}
    projections: dict[str, dict[str, Tensor]] = {}
    for name, value in state.items():
        official = official_name(name)
        if (of := projection_of(official)) is not None:
            projections.setdefault(of[0], {})[of[1]] = value
        elif not official.endswith("num_batches_tracked"):
            renamed[official] = value
    for name, parts in projections.items():
        if all(projection in parts for projection in PROJECTIONS):
            renamed[name] = torch.cat([parts[projection] for projection in PROJECTIONS])
    return renamed
