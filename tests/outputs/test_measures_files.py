import csv
import io
import json
from pathlib import Path

import pytest

from generator.analysis.attention import AttentionMaps
from generator.analysis.detections import detect
from generator.files.folders import BuildFolder
from generator.measures.gallery import GalleryMeasures
from generator.measures.image import measure_image
from generator.measures.summary import ImageMeasures, complete, summarise
from generator.outputs.measures_files import (
    COLUMNS,
    DECIMALS,
    measures_csv,
    measures_json,
    rounded,
    write_measures,
)
from generator.outputs.measures_parquet import has_parquet
from generator.pages.contents import MeasuredGallery
from generator.pages.deferred import Deferred
from tests.conftest import MakeForward


@pytest.fixture(scope="module")
def images(make_forward: MakeForward) -> tuple[ImageMeasures, ...]:
    return measured_images(make_forward)


def measured_images(make_forward: MakeForward) -> tuple[ImageMeasures, ...]:
    """Nine images of one model, the last with nothing detected."""
    measured = []
    for index in range(9):
        forward = make_forward((4, 5), detections=2 * (index < 8), seed=index, layers=2)
        measurements = measure_image(AttentionMaps(forward), detect(forward, 0.9))
        boxes = forward.boxes_cxcywh[-1]
        measured.append(ImageMeasures(f"image-{index}", forward.model, measurements, boxes, 2))
    return complete(measured)


@pytest.mark.slow
def test_json_is_complete_and_says_what_it_holds(images: tuple[ImageMeasures, ...]) -> None:
    summaries = summarise(images)
    document = json.loads("".join(measures_json(images, summaries)))
    assert list(document) == sorted(document)
    assert document["columns"] == list(COLUMNS)
    assert [image["slug"] for image in document["images"]] == [image.slug for image in images]
    for written, image in zip(document["images"], images, strict=True):
        assert len(written["values"]) == len(image.measurements)
        for row, one in zip(written["values"], image.measurements, strict=True):
            cells = dict(zip(COLUMNS, row, strict=True))
            assert (cells["measure"], cells["head"]) == (one.measure, one.head)
            assert cells["value"] == pytest.approx(one.value, abs=10**-DECIMALS)
            assert cells["measure"] in document["measures"]
            assert cells["controls"].keys() <= document["controls"].keys()
    assert len(document["summaries"]) == len(summaries)


@pytest.mark.slow
def test_summaries_have_intervals_counts_and_controls(images: tuple[ImageMeasures, ...]) -> None:
    document = json.loads("".join(measures_json(images, summarise(images))))
    (lift,) = (
        one for one in document["summaries"]
        if (one["measure"], one["mechanism"], one["layer"], one["head"])
        == ("lift", "decoder_cross", 1, None)
    )  # fmt: skip
    assert (lift["images"], lift["count"], lift["enough"]) == (8, 16, True)
    assert lift["low"] <= lift["value"] <= lift["high"]
    value, low, high = lift["controls"]["uniform"]["difference"]
    assert low <= value <= high
    assert value == pytest.approx(lift["value"] - 1, abs=1e-5)


@pytest.mark.slow
def test_csv_has_a_row_for_each_number(images: tuple[ImageMeasures, ...]) -> None:
    rows = list(csv.DictReader(io.StringIO("".join(measures_csv(images)))))
    assert len(rows) == sum(len(image.measurements) for image in images)
    every = [(image, one) for image in images for one in image.measurements]
    for row, (image, one) in zip(rows, every, strict=True):
        assert (row["slug"], row["measure"]) == (image.slug, one.measure)
        assert row["head"] == ("" if one.head is None else str(one.head))
        assert float(row["value"]) == pytest.approx(one.value, abs=10**-DECIMALS)
        shuffled = one.control("shuffled")
        assert (row["control_shuffled"] == "") == (shuffled is None)


@pytest.mark.slow
def test_a_second_time_the_bytes_are_the_same(
    images: tuple[ImageMeasures, ...], make_forward: MakeForward, tmp_path: Path
) -> None:
    folder = BuildFolder(tmp_path)
    write_measures(folder, MeasuredGallery.of(GalleryMeasures(images), "key"))
    written = {path.name: path.read_bytes() for path in tmp_path.glob("measures.*")}
    times = {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("measures.*")}
    parquet = ["measures.parquet"] if has_parquet() else []
    assert sorted(written) == ["measures.csv", "measures.json", *parquet]
    again = measured_images(make_forward)
    for key in ("key", "another key"):
        write_measures(folder, MeasuredGallery.of(GalleryMeasures(again), key))
        now = {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("measures.*")}
        assert times == now


@pytest.mark.slow
def test_numbers_that_did_not_change_are_not_loaded(
    images: tuple[ImageMeasures, ...], tmp_path: Path
) -> None:
    folder = BuildFolder(tmp_path)
    write_measures(folder, MeasuredGallery.of(GalleryMeasures(images), "key"))

    def load() -> GalleryMeasures:
        raise AssertionError("loaded")

    write_measures(folder, MeasuredGallery({}, Deferred("key", load)))
    folder.measures_csv.unlink()
    with pytest.raises(AssertionError, match="loaded"):
        write_measures(folder, MeasuredGallery({}, Deferred("key", load)))


def test_nothing_measured_is_still_a_file() -> None:
    document = json.loads("".join(measures_json([], [])))
    assert document["images"] == document["summaries"] == []
    assert "".join(measures_csv([])).count("\n") == 1


def test_rounding_leaves_no_signed_zero() -> None:
    assert str(rounded(-1e-9)) == "0.0"
    assert rounded(1 / 3) == 0.333333
