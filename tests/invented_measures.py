"""Invented measurements of a gallery, for the tests of claims, verdicts and quotes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from generator.measures.gallery import GalleryMeasures
from generator.measures.measurement import Measurement
from generator.measures.summary import ImageMeasures


def measurement(
    value: float,
    measure: str = "lift",
    mechanism: str = "decoder_cross",
    layer: int = 0,
    head: int | None = None,
    **controls: float,
) -> Measurement:
    """A number of one query, with its controls by name."""
    return Measurement(measure, mechanism, layer, head, value, 1, tuple(sorted(controls.items())))


def gallery_of(images: Mapping[str, Sequence[Sequence[Measurement]]]) -> GalleryMeasures:
    """A gallery whose models have these images, each with its measurements."""
    boxes = np.full((2, 4), 0.5, np.float32)
    return GalleryMeasures(
        tuple(
            ImageMeasures(f"{model}-{number}", model, tuple(ones), boxes, 2)
            for model, of_model in images.items()
            for number, ones in enumerate(of_model)
        )
    )


def lifts(*values: float, model: str = "detr_emoji", uniform: float = 1.0) -> GalleryMeasures:
    """A gallery with one lift per image, and its control."""
    return gallery_of({model: [[measurement(value, uniform=uniform)] for value in values]})
