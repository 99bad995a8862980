import weakref
from collections.abc import Iterator

import numpy as np
import pytest

from generator.measures.intervals import interval_of_mean
from generator.measures.measurement import Measurement
from generator.measures.measurement_table import MeasurementTable
from generator.measures.summary import (
    ENOUGH_IMAGES,
    ImageMeasures,
    SeriesKey,
    complete,
    summarise,
)

KEY = SeriesKey("detr", "lift", "decoder_cross", 0)


def image(
    slug: str, value: float, *, model: str = "detr", layer: int = 0, **controls: float
) -> ImageMeasures:
    one = Measurement(
        "lift", "decoder_cross", layer, None, value, 3, tuple(sorted(controls.items()))
    )
    return ImageMeasures(slug, model, (one,), np.full((4, 4), 0.5, np.float32), 2)


def images(n: int, seed: int = 0) -> list[ImageMeasures]:
    values = np.random.default_rng(seed).normal(5, 1, n)
    return [
        image(f"i{index}", value, shuffled=value - 2 - index % 2, uniform=1.0)
        for index, value in enumerate(values.tolist())
    ]


def test_every_image_counts_once() -> None:
    gallery = images(12)
    (summary,) = summarise(gallery)
    values = [one.measurements[0].value for one in gallery]
    assert summary.interval == interval_of_mean(values)
    assert summary.value == summary.interval.value == pytest.approx(np.mean(values))
    assert (summary.images, summary.count, summary.enough) == (12, 36, True)


def test_differences_are_taken_image_by_image() -> None:
    """The images vary by 1, but their differences from the control, which count, by 1/2."""
    (summary,) = summarise(images(12))
    shuffled = summary.control("shuffled")
    assert shuffled is not None
    assert shuffled.difference is not None
    assert shuffled.difference.value == pytest.approx(2.5)
    width = shuffled.difference.high - shuffled.difference.low
    assert 0.4 < width < 0.7
    assert shuffled.ratio is not None
    assert shuffled.ratio.value == pytest.approx(shuffled.first / shuffled.second)
    assert shuffled.ratio.low < shuffled.ratio.value < shuffled.ratio.high
    assert [one.name for one in summary.controls] == ["shuffled", "uniform"]
    assert summary.control("unmatched") is None


def test_a_control_that_some_images_lack_is_compared_on_the_others() -> None:
    gallery = [*images(8), image("alone", 100.0)]
    (summary,) = summarise(gallery)
    shuffled = summary.control("shuffled")
    assert shuffled is not None
    assert (summary.images, shuffled.images) == (9, 8)
    assert shuffled.first == pytest.approx(np.mean([i.measurements[0].value for i in gallery[:8]]))


def test_too_few_images_have_no_interval() -> None:
    (summary,) = summarise(images(ENOUGH_IMAGES - 1))
    assert not summary.enough
    assert summary.interval is None
    control = summary.controls[0]
    assert (control.enough, control.difference, control.ratio) == (False, None, None)
    (enough,) = summarise(images(ENOUGH_IMAGES))
    assert enough.enough
    assert enough.interval is not None
    assert summarise([]) == ()


def test_nothing_is_divided_by_what_may_be_zero() -> None:
    gallery = [image(f"i{n}", 1.0, shuffled=float(n == 0)) for n in range(8)]
    (summary,) = summarise(gallery)
    assert summary.controls[0].difference is not None
    assert summary.controls[0].ratio is None


def test_models_and_layers_are_kept_apart_and_in_order() -> None:
    gallery = [image("a", 1, model="z"), image("b", 2, layer=1), image("c", 3), image("d", 5)]
    found = [(one.key.model, one.key.layer, one.value) for one in summarise(gallery)]
    assert found == [("detr", 0, 4), ("detr", 1, 2), ("z", 0, 1)]


def test_of_many_images_one_at_a_time_is_in_memory() -> None:
    """With its maps and records, that is; what is kept of it are its numbers."""
    alive: list[weakref.ref[ImageMeasures]] = []

    def each() -> Iterator[ImageMeasures]:
        for number in range(3):
            one = image(f"i{number}", number)
            alive.append(weakref.ref(one))
            assert sum(ref() is not None for ref in alive) <= 2  # the caller holds the last one
            yield one

    completed = complete(each())
    assert [one.slug for one in completed] == ["i0", "i1", "i2"]
    assert all(isinstance(one.measurements, MeasurementTable) for one in completed)
    assert not any(ref() for ref in alive[:-1])


def test_places_are_added_model_by_model() -> None:
    gallery = [image("a", 1), image("b", 2, model="other"), image("c", 3)]
    first, alone, last = complete(gallery)
    assert [one.measure for one in first.measurements] == [
        "lift", "place_distance", "size_difference",
    ]  # fmt: skip
    assert first.measurements[1].layer == 1
    assert alone.measurements == gallery[1].measurements
    assert last.slug == "c"
    assert last.measurements[1].value == 0
