"""The profile of a forward pass: the shape at each stage, and the cost of each part.

In: numbers that `detr.profiler` recorded while an image ran, or a JSON object. Out: a
`ModelProfile`, or a JSON object. It measures nothing and draws nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

STAGES = (
    "image",
    "input",
    "features",
    "projected",
    "tokens",
    "positions",
    "memory",
    "queries",
    "decoded",
    "classes",
    "boxes",
)
"""The stages of the workflow where a shape is recorded, in the order of the forward pass."""

PARTS = (
    "backbone",
    "projection",
    "positions",
    "encoder",
    "queries",
    "decoder",
    "class_head",
    "box_head",
)
"""The parts of a model; each parameter and each multiply-add belongs to one of them."""


@dataclass(frozen=True)
class Part:
    """The parameters of a part of the model, and its work for one image.

    Attributes:
        parameters: numbers that are learned, or were learned and are frozen. Batch norm counts
            as in the checkpoint, though a forward pass folds it into the convolutions.
        multiply_adds: products that are added to a sum, in convolutions, linear layers and both
            matrix products of attentions. Norms, activations, softmax and plain sums are left
            out. The heads are counted for the last decoder layer only.
    """

    parameters: int
    multiply_adds: int


@dataclass(frozen=True)
class ModelProfile:
    """One forward pass, stage by stage and part by part.

    Attributes:
        shapes: one for each of `STAGES`, without the batch axis. M queries, N = h w tokens:
            image (3, height, width), input (3, H, W), features (F, h, w), projected (d, h, w),
            tokens (N, d), positions (N, d), memory (N, d), queries (M, d), decoded (M, d),
            classes (M, C + 1), boxes (M, 4).
        parts: one for each of `PARTS`.
    """

    shapes: Mapping[str, tuple[int, ...]]
    parts: Mapping[str, Part]

    def __post_init__(self) -> None:
        for kind, names, wanted in (
            ("stages", tuple(self.shapes), STAGES),
            ("parts", tuple(self.parts), PARTS),
        ):
            if names != wanted:
                raise ValueError(f"{kind}: expected {wanted}, got {names}")

    @property
    def parameters(self) -> int:
        """Of the whole model."""
        return sum(part.parameters for part in self.parts.values())

    @property
    def multiply_adds(self) -> int:
        """Of the whole forward pass."""
        return sum(part.multiply_adds for part in self.parts.values())


def profile_to_json(profile: ModelProfile) -> dict[str, Any]:
    """An object of lists and numbers that `profile_from_json` reads back."""
    return {
        "shapes": {stage: list(shape) for stage, shape in profile.shapes.items()},
        "parts": {
            name: [part.parameters, part.multiply_adds] for name, part in profile.parts.items()
        },
    }


def profile_from_json(value: Mapping[str, Any]) -> ModelProfile:
    """Reads back what `profile_to_json` made.

    Raises:
        ValueError, KeyError, TypeError: the value is something else.
    """
    return ModelProfile(
        shapes={stage: tuple(shape) for stage, shape in value["shapes"].items()},
        parts={name: Part(*numbers) for name, numbers in value["parts"].items()},
    )
