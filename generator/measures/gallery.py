"""The measurements of a whole gallery, and the values of any one number.

In: the measurements of each image. Out: `GalleryMeasures`, which gives for a `Choice` of
measure, mechanism, layer and head the value and the controls of each image of a model.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from generator.measures.measurement import Measurement
from generator.measures.summary import (
    ImageMeasures,
    NumberByImage,
    Series,
    Summary,
    complete,
    series_of,
    summaries_of,
)

Layer = Literal["first", "last", "all"] | int
Head = Literal["mean", "all"] | int


@dataclass(frozen=True)
class Choice:
    """A choice of one number of a model.

    Attributes:
        measure, mechanism: names of the catalogue; a measure's may end in `_true`.
        layer: counted from 1; "all" is the mean over the layers.
        head: counted from 1; "mean" is the mean of the heads' maps, "all" the mean over the
            single heads.
    """

    measure: str
    mechanism: str
    layer: Layer = "last"
    head: Head = "mean"


@dataclass(frozen=True)
class ImageNumber:
    """The value of one image, and its controls by name."""

    value: float
    controls: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class GalleryMeasures:
    """All measurements of a gallery.

    Attributes:
        images: in the gallery's order, from `complete`.
    """

    images: tuple[ImageMeasures, ...] = ()

    @property
    def models(self) -> tuple[str, ...]:
        """The models, in the order in which the gallery names them."""
        return tuple(dict.fromkeys(image.model for image in self.images))

    @property
    def main_model(self) -> str | None:
        """The model of most images, the first one of equals; None if there is no image."""
        return max(self.models, key=self.images_of, default=None)

    def images_of(self, model: str) -> int:
        """How many images a model was run over."""
        return sum(image.model == model for image in self.images)

    @cached_property
    def series(self) -> Series:
        """Each number's measurements by image."""
        return series_of(self.images)

    @cached_property
    def summaries(self) -> tuple[Summary, ...]:
        """Every number over all images of its model, in a fixed order."""
        return summaries_of(self.series)

    def layers_of(self, model: str, mechanism: str) -> int:
        """The number of layers of a mechanism of a model; 0 if nothing was measured."""
        found = (
            key.layer for key in self.series if (key.model, key.mechanism) == (model, mechanism)
        )
        return 1 + max(found, default=-1)

    def values(self, model: str, choice: Choice) -> dict[str, ImageNumber]:
        """The chosen number of each image of a model that has it, by slug."""
        measured: dict[str, list[Measurement]] = {}
        layers = self._layers.get((model, choice.measure, choice.mechanism), {})
        for heads in _chosen_layers(layers, choice.layer):
            for by_slug in _chosen_heads(heads, choice.head):
                for slug, one in by_slug.items():
                    measured.setdefault(slug, []).append(one)
        return {slug: _mean_number(ones) for slug, ones in measured.items()}

    @cached_property
    def _layers(self) -> dict[tuple[str, str, str], _Layers]:
        """The series by model, measure and mechanism, then by layer, then by head."""
        found: dict[tuple[str, str, str], _Layers] = {}
        for key, by_slug in self.series.items():
            layers = found.setdefault((key.model, key.measure, key.mechanism), {})
            layers.setdefault(key.layer, {})[key.head] = by_slug
        return found


_Heads = dict[int | None, NumberByImage]
_Layers = dict[int, _Heads]


def measure_gallery(images: Iterable[ImageMeasures]) -> GalleryMeasures:
    """Collects the measurements of the images, and adds those that need several images.

    Args:
        images: read once, one after the other.
    """
    return GalleryMeasures(complete(images))


def _chosen_layers(layers: _Layers, layer: Layer) -> list[_Heads]:
    if layer == "all":
        return [layers[number] for number in sorted(layers)]
    if isinstance(layer, int):
        number = layer - 1
    else:
        number = (min if layer == "first" else max)(layers, default=-1)
    return [layers[number]] if number in layers else []


def _chosen_heads(heads: _Heads, head: Head) -> list[NumberByImage]:
    if head == "all":
        return [heads[number] for number in sorted(h for h in heads if h is not None)]
    number = None if head == "mean" else head - 1
    return [heads[number]] if number in heads else []


def _mean_number(measurements: Sequence[Measurement]) -> ImageNumber:
    """The mean over layers and heads; a control is kept if all of them have it."""
    controls: dict[str, list[float]] = {}
    for one in measurements:
        for name, value in one.controls:
            controls.setdefault(name, []).append(value)
    return ImageNumber(
        math.fsum(one.value for one in measurements) / len(measurements),
        {
            name: math.fsum(values) / len(measurements)
            for name, values in controls.items()
            if len(values) == len(measurements)
        },
    )
