"""Summaries of the measurements of all images: means, intervals, and comparisons with controls.

In: the measurements of each image. Out: a `Summary` for each model, measure, mechanism,
layer and head. Every image counts once, however many detections it has; intervals are
over images, and differences are taken image by image.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from generator.measures.intervals import Interval, interval_of_mean, interval_of_ratio, mean_of
from generator.measures.measurement import Measurement
from generator.measures.other_images import QueryMaps, with_other_images
from generator.measures.query_places import measure_places
from generator.measures.same_sinks import SinkCells, measure_same_sinks

ENOUGH_IMAGES = 8
"""With values from fewer images there is no interval, and texts give no number."""


@dataclass(frozen=True, eq=False)
class ImageMeasures:
    """The measurements of one gallery entry.

    Attributes:
        slug, model: the entry's.
        measurements: from `measure_image`.
        query_boxes_cxcywh: (Q, 4), every query's last box, fractions of the image.
        decoder_layers: how many decoder layers the model has.
        looks: where its queries look; None if no other image is to be compared with it.
        sinks: the most-read cells of its encoder; None likewise.
    """

    slug: str
    model: str
    measurements: tuple[Measurement, ...]
    query_boxes_cxcywh: npt.NDArray[np.float32]
    decoder_layers: int
    looks: QueryMaps | None = None
    sinks: SinkCells | None = None


@dataclass(frozen=True)
class SeriesKey:
    """The key of one number over the images; fields as in `Measurement`."""

    model: str
    measure: str
    mechanism: str
    layer: int
    head: int | None = None

    @property
    def order(self) -> tuple[str, str, str, int, int]:
        """The sort key of summaries; the mean of the heads comes before the heads."""
        head = -1 if self.head is None else self.head
        return self.model, self.mechanism, self.measure, self.layer, head


@dataclass(frozen=True)
class Comparison:
    """One series compared with another, image by image.

    Attributes:
        name: the control's name, or what the caller compared with.
        first, second: means over the images that have both.
        images: the number of these images.
        difference: first - second; None if there are too few images.
        ratio: mean first over mean second; None likewise, or if second may be 0.
    """

    name: str
    first: float
    second: float
    images: int
    difference: Interval | None
    ratio: Interval | None

    @property
    def enough(self) -> bool:
        """Whether there are enough images to draw a conclusion."""
        return self.images >= ENOUGH_IMAGES


@dataclass(frozen=True)
class Summary:
    """One number over all images of a model.

    Attributes:
        key: which number it is.
        value: the mean over images of each image's value.
        interval: 95 %, over images; None if there are too few.
        images: the number of images that have a value.
        count: the number of queries, points or rows in all of them.
        controls: sorted by name.
    """

    key: SeriesKey
    value: float
    interval: Interval | None
    images: int
    count: int
    controls: tuple[Comparison, ...]

    @property
    def enough(self) -> bool:
        """Whether `ENOUGH_IMAGES` images have a value."""
        return self.images >= ENOUGH_IMAGES

    def control(self, name: str) -> Comparison | None:
        """One of the controls; None if no image has it."""
        return next((one for one in self.controls if one.name == name), None)


def complete(images: Sequence[ImageMeasures]) -> tuple[ImageMeasures, ...]:
    """Adds what needs several images of one model: queries' usual places and maps, and sinks."""
    measured = [image.measurements for image in images]
    for model in dict.fromkeys(image.model for image in images):
        places = [index for index, image in enumerate(images) if image.model == model]
        last = images[places[0]].decoder_layers - 1
        with_maps = [index for index in places if images[index].looks is not None]
        looks = [look for index in with_maps if (look := images[index].looks) is not None]
        controlled = with_other_images([measured[index] for index in with_maps], looks, last)
        for index, ones in zip(with_maps, controlled, strict=True):
            measured[index] = ones
        with_sinks = [index for index in places if images[index].sinks is not None]
        sinks = [cells for index in with_sinks if (cells := images[index].sinks) is not None]
        for index, ones in zip(with_sinks, measure_same_sinks(sinks), strict=True):
            measured[index] += ones
        boxes = [images[index].query_boxes_cxcywh for index in places]
        for index, ones in zip(places, measure_places(boxes, last), strict=True):
            measured[index] += ones
    return tuple(
        replace(image, measurements=ones) for image, ones in zip(images, measured, strict=True)
    )


def summarise(images: Sequence[ImageMeasures]) -> tuple[Summary, ...]:
    """Summarises the measurements of all images, in a fixed order."""
    series = series_of(images)
    return tuple(_summary(key, series[key]) for key in sorted(series, key=lambda key: key.order))


Series = dict[SeriesKey, dict[str, Measurement]]
"""Each number's measurements by image."""


def series_of(images: Sequence[ImageMeasures]) -> Series:
    """Groups the measurements by key, in the order of the images."""
    series: Series = {}
    for image in images:
        for one in image.measurements:
            key = SeriesKey(image.model, one.measure, one.mechanism, one.layer, one.head)
            series.setdefault(key, {})[image.slug] = one
    return series


def _summary(key: SeriesKey, measured: dict[str, Measurement]) -> Summary:
    measurements = list(measured.values())
    values = [one.value for one in measurements]
    names = sorted({name for one in measurements for name, _ in one.controls})
    controls = []
    for name in names:
        pairs = [(one.value, c) for one in measurements if (c := one.control(name)) is not None]
        controls.append(compared(name, pairs))
    count = sum(one.count for one in measurements)
    return Summary(
        key, mean_of(values), mean_interval(values), len(measurements), count, tuple(controls)
    )


def mean_interval(values: Sequence[float]) -> Interval | None:
    """The mean of one value per image with its interval; None if there are too few images."""
    return interval_of_mean(values) if len(values) >= ENOUGH_IMAGES else None


def compared(name: str, pairs: Sequence[tuple[float, float]]) -> Comparison:
    """Compares (first, second) of each image; there is at least one image."""
    images = len(pairs)
    first, second = (list(side) for side in zip(*pairs, strict=True))
    means = mean_of(first), mean_of(second)
    if images < ENOUGH_IMAGES:
        return Comparison(name, *means, images, None, None)
    difference = interval_of_mean([one - other for one, other in pairs])
    return Comparison(name, *means, images, difference, interval_of_ratio(first, second))
