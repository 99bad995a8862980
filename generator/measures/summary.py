"""Summaries of the measurements of all images: means, intervals, and comparisons with controls.

In: the measurements of each image. Out: a `Summary` for each model, measure, mechanism,
layer and head. Every image counts once, however many detections it has; intervals are
over images, and differences are taken image by image.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from generator.measures.intervals import Interval, interval_of_mean, interval_of_ratio, mean_of
from generator.measures.measurement import Measurement
from generator.measures.measurement_table import MeasurementTable
from generator.measures.other_images import BoxMaps, QueryMaps, UsualMaps
from generator.measures.query_places import measure_places
from generator.measures.same_sinks import SinkCells, measure_same_sinks

ENOUGH_IMAGES = 8
"""With values from fewer images there is no interval, and texts give no number."""


@dataclass(frozen=True, eq=False)
class ImageMeasures:
    """The measurements of one gallery entry.

    Attributes:
        slug, model: the entry's.
        measurements: from `measure_image`; a `MeasurementTable` where there may be many images.
        query_boxes_cxcywh: (Q, 4), every query's last box, fractions of the image.
        decoder_layers: how many decoder layers the model has.
        looks: where its queries look; None if it samples points, or no other image is to be
            compared with it.
        sinks: the most-read cells of its encoder; None likewise.
    """

    slug: str
    model: str
    measurements: Sequence[Measurement]
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


def complete(images: Iterable[ImageMeasures]) -> tuple[ImageMeasures, ...]:
    """Adds what needs several images of one model: queries' usual places and maps, and sinks.

    Args:
        images: read once, and each of them only until the next: a gallery's maps would not fit
            into memory.

    Returns:
        The same with all measurements, and without what these were made from.
    """
    usual: dict[str, UsualMaps] = defaultdict(UsualMaps)
    looks: list[BoxMaps | None] = []
    kept: list[ImageMeasures] = []
    for image in images:
        looks.append(None if image.looks is None else usual[image.model].add(image.looks))
        table = MeasurementTable(image.measurements)
        kept.append(replace(image, measurements=table, looks=None))
    for model in dict.fromkeys(image.model for image in kept):
        places = [index for index, image in enumerate(kept) if image.model == model]
        last = kept[places[0]].decoder_layers - 1
        same = measure_same_sinks([cells for i in places if (cells := kept[i].sinks) is not None])
        boxes = [kept[index].query_boxes_cxcywh for index in places]
        for index, at_places in zip(places, measure_places(boxes, last), strict=True):
            image, look = kept[index], looks[index]
            ones: Iterable[Measurement] = image.measurements
            if look is not None:
                ones = usual[model].as_control(ones, look, last)
            sinks = () if image.sinks is None else next(same)
            table = MeasurementTable((*ones, *sinks, *at_places))
            kept[index], looks[index] = replace(image, measurements=table, sinks=None), None
    return tuple(kept)


def summarise(images: Sequence[ImageMeasures]) -> tuple[Summary, ...]:
    """Summarises the measurements of all images, in a fixed order."""
    return summaries_of(series_of(images))


def summaries_of(series: Series) -> tuple[Summary, ...]:
    """The summary of each number, in a fixed order."""
    return tuple(_summary(key, series[key]) for key in sorted(series, key=lambda key: key.order))


@dataclass(frozen=True, eq=False)
class NumberByImage:
    """One number's measurements in those images that have it.

    Attributes:
        images: all images.
        places: of each measurement the number of its image, and its own in that image's.
    """

    images: Sequence[ImageMeasures]
    places: array[int] = field(default_factory=lambda: array("i"))

    def items(self) -> Iterator[tuple[str, Measurement]]:
        """The images' slugs and measurements, in the order of the images."""
        pairs = iter(self.places)
        for number, place in zip(pairs, pairs, strict=True):
            image = self.images[number]
            yield image.slug, image.measurements[place]


Series = dict[SeriesKey, NumberByImage]
"""Each number's measurements by image."""


def series_of(images: Sequence[ImageMeasures]) -> Series:
    """Groups the measurements by key, in the order of the images."""
    series: Series = {}
    for number, image in enumerate(images):
        for place, one in enumerate(image.measurements):
            key = SeriesKey(image.model, one.measure, one.mechanism, one.layer, one.head)
            if key not in series:
                series[key] = NumberByImage(images)
            series[key].places.extend((number, place))
    return series


def _summary(key: SeriesKey, measured: NumberByImage) -> Summary:
    measurements = [one for _, one in measured.items()]
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
