"""Summaries of invented galleries, in which every number is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from generator.measures.measurement import Measurement
from generator.measures.summary import ImageMeasures, Summary, complete, summarise

Value = Callable[[int, int | None], float]
"""From a layer and a head to a number."""


def by_head(
    measure: str,
    mechanism: str,
    value: Value,
    *,
    layers: int = 3,
    heads: int = 4,
    controls: Mapping[str, float] | None = None,
) -> list[Measurement]:
    """A measurement for each layer, of the mean map and of every head."""
    known = tuple(sorted((controls or {}).items()))
    return [
        Measurement(measure, mechanism, layer, head, value(layer, head), 2, known)
        for layer in range(layers)
        for head in (None, *range(heads))
    ]


def counts(detected: list[int], duplicates: list[int]) -> list[Measurement]:
    """Counts of detections and duplicates for each layer."""
    both = (("detected", detected), ("duplicates", duplicates))
    return [
        Measurement(measure, "predictions", layer, None, float(value), value)
        for measure, values in both
        for layer, value in enumerate(values)
    ]


def gallery(
    measurements: list[Measurement],
    images: int = 9,
    *,
    model: str = "detr_emoji",
    queries: int = 20,
) -> list[ImageMeasures]:
    """Images with the same measurements, except for the places of their queries."""
    boxes = np.random.default_rng(7).uniform(0.05, 0.9, (images, queries, 4)).astype(np.float32)
    return [
        ImageMeasures(f"{model}-{index}", model, tuple(measurements), boxes[index], 3)
        for index in range(images)
    ]


def summaries_of(*galleries: list[ImageMeasures]) -> tuple[Summary, ...]:
    """The summaries of all images of these galleries."""
    return summarise(complete([image for images in galleries for image in images]))


def full(
    *, layers: int = 3, heads: int = 4, found: bool = True, true: bool = True
) -> list[Measurement]:
    """One measurement of every kind that is drawn, with detections or without."""

    def rising(layer: int, head: int | None) -> float:
        return 0.3 + 0.05 * layer + (0 if head is None else 0.01 * (head + 1))

    shape: dict[str, Any] = {"layers": layers, "heads": heads}
    uniform = {"uniform": 1.0}
    everything = [
        *by_head("entropy", "encoder_self", rising, controls=uniform, **shape),
        *by_head("distance", "encoder_self", rising, controls={"uniform": 0.37}, **shape),
        *counts([0] * layers, [0] * layers),
    ]
    if not found:
        return everything
    everything = everything[: -2 * layers] + counts([3] * layers, [1] + [0] * (layers - 1))
    both = {"uniform": 1.0, "unmatched": 0.9}
    for mechanism in ("decoder_self", "decoder_cross"):
        everything += by_head("entropy", mechanism, rising, controls=both, **shape)
        everything += by_head("distance", mechanism, rising, controls=both, **shape)
    controls = {"uniform": 1.0, "shuffled": 0.25, "unmatched": 4.0}
    for measure in ("lift", "lift_true") if true else ("lift",):
        everything += by_head(
            measure, "decoder_cross", lambda layer, head: 20 * rising(layer, head),
            controls=controls, **shape,
        )  # fmt: skip
    everything += by_head("own_lift", "encoder_self", lambda layer, _: 5.0 - layer, **shape)
    return everything
